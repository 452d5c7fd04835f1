"""The kernel's reservoir and its readout equal the package's."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from playwright.sync_api import Page

from rnnsite.training.ridge import ridge, with_bias

from .asking import assert_close, draw, kernel

pytestmark = pytest.mark.site


def test_a_reservoirs_states_and_readout_equal_the_packages(page: Page) -> None:
    """Three arms of a leak, a radius and an input strength; the readout by our ridge regression in torch."""
    g = torch.Generator().manual_seed(5)
    units, steps, answers, penalty = 6, 40, 3, 1e-4
    W, U, x, h0 = (
        draw(units, units, generator=g),
        draw(units, generator=g),
        draw(steps, generator=g),
        draw(units, generator=g),
    )
    y = draw(steps, answers, generator=g)
    for rho, leak, scale in ((0.9, 0.0, 0.3), (0.5, 0.7, 2.0), (3.0, 0.2, 1.0)):
        found = kernel(
            page,
            """(() => {
              const f = (v) => Float64Array.from(v);
              const states = k.listen({ units: a.units, W: f(a.W), U: f(a.U) }, a.setting, f(a.x), f(a.h0));
              const V = k.ridge(states, a.units, f(a.y), a.answers, a.penalty);
              return { states: [...states], V: [...V], said: [...k.readOut(states, a.units, V)] };
            })()""",
            {
                "units": units,
                "answers": answers,
                "penalty": penalty,
                "setting": {"rho": rho, "leak": leak, "scale": scale},
                **{name: part.flatten().tolist() for name, part in {"W": W, "U": U, "x": x, "h0": h0, "y": y}.items()},
            },
        )
        h, hs = h0, []
        for x_t in x:
            h = leak * h + (1 - leak) * torch.tanh(scale * U * x_t + rho * W @ h)
            hs.append(h)
        states = torch.stack(hs)
        V = ridge(states[None], y[None], penalty)[0]
        assert_close("states", found["states"], states)
        np.testing.assert_allclose(found["V"], V.flatten(), rtol=1e-7, atol=1e-9)
        np.testing.assert_allclose(found["said"], (with_bias(states[None])[0] @ V).flatten(), rtol=1e-7, atol=1e-9)


def test_a_reservoir_is_drawn_with_a_radius_of_one(page: Page) -> None:
    drawn = kernel(page, "(({ W, U }) => ({ W: [...W], U: [...U] }))(k.reservoir(new k.Random(3), 12))")
    W = torch.tensor(drawn["W"], dtype=torch.float64).reshape(12, 12)
    assert float(torch.linalg.eigvals(W).abs().max()) == pytest.approx(1, abs=1e-9)
    assert -1 <= min(drawn["U"]) < 0 < max(drawn["U"]) < 1
