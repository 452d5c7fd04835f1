"""The text models in a real browser against torch in float64, from the very file that the build exports."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
import torch
from playwright.sync_api import Page
from torch import Tensor

from rnnsite.experiments import gates_on_text
from rnnsite.tasks.documentation import ALPHABET, encode

pytestmark = pytest.mark.site

CELLS = ("LSTM", "GRU", "RNN")
TEXT = 'The "for" loop (see below)\ntakes a naïve list.'
LOAD = """const k = await import('/browser/kernel/index.js');
const model = k.textModel(await (await fetch(`/models/${a.cell}.json`)).json());"""


def kernel(page: Page, cell: str, expression: str, **argument: Any) -> Any:
    """A JavaScript expression in which `k` is the kernel, `model` the loaded model and `a` the argument."""
    return page.evaluate(f"async (a) => {{ {LOAD} return {expression}; }}", {"cell": cell.lower(), **argument})


def reference(cell: str, *, silent: int = -1, held: dict[str, float] | None = None) -> tuple[Tensor, Tensor]:
    """Probabilities (T, symbols) and hidden states (T, H) of the same network, its equations written once more."""
    config = replace(gates_on_text.Config(), seeds=1, seed_set=1000)
    model, _ = gates_on_text.fresh(cell, config)
    model = model.double()
    one, held = model.cell, held or {}
    H = config.H
    U, W, b = one.U[0], one.W[0], one.b[0]
    h = c = torch.zeros(H, dtype=torch.float64)
    states = []
    for x in model.E[0][encode(TEXT)]:
        a, back = U @ x + b, W @ h

        def gate(place: int, name: str, a: Tensor = a, back: Tensor = back) -> Tensor:
            block = slice(place * H, (place + 1) * H)
            return torch.full((H,), held[name]).double() if name in held else (a + back)[block].sigmoid()

        if cell == "RNN":
            h = (a + back).tanh()
        elif cell == "GRU":
            r, u = gate(0, "r"), gate(1, "u")
            h = u * h + (1 - u) * (a[2 * H :] + r * (back[2 * H :] + one.b_h[0])).tanh()
        else:
            i, f, o = gate(0, "i"), gate(1, "f"), gate(2, "o")
            c = f * c + i * (a + back)[3 * H :].tanh()
            h = o * c.tanh()
        if silent >= 0:
            h, c = h.clone(), c.clone()
            h[silent] = c[silent] = 0
        states.append(h)
    hs = torch.stack(states)
    return (hs @ (4 * model.V[0].float()).double().mT + model.a[0]).softmax(-1).detach(), hs.detach()


def assert_close(ours: Any, theirs: Tensor) -> None:
    np.testing.assert_allclose(np.array(ours), theirs.numpy(), rtol=0, atol=1e-9)


@pytest.mark.parametrize("cell", CELLS)
def test_states_probabilities_and_bits_are_those_of_torch(page: Page, cell: str) -> None:
    p, hs = reference(cell)
    run = """(({states, p, bits}) => ({h: states.map((s) => [...s.h]), p: p.map((row) => [...row]), bits: [...bits]}))(
      k.readText(model, k.encodeText(a.text)))"""
    ours = kernel(page, cell, run, text=TEXT)
    assert_close(ours["h"], hs)
    assert_close(ours["p"], p)
    codes = encode(TEXT)
    assert_close(ours["bits"], -p[:-1].gather(1, codes[1:, None])[:, 0].log2())


@pytest.mark.parametrize("cell", CELLS)
def test_the_reference_is_the_module_of_torch(cell: str) -> None:
    config = replace(gates_on_text.Config(), seeds=1, seed_set=1000)
    model, _ = gates_on_text.fresh(cell, config)
    module = model.double().cell.select(0).to_torch()
    states, _ = module(model.E[0][encode(TEXT)][:, None])
    torch.testing.assert_close(reference(cell)[1], states[:, 0], rtol=0, atol=1e-12)


@pytest.mark.parametrize(
    ("cell", "change"),
    [
        ("LSTM", {"held": {"f": 0}}),
        ("LSTM", {"held": {"f": 1}}),
        ("LSTM", {"held": {"i": 0}}),
        ("LSTM", {"held": {"o": 0}}),
        ("LSTM", {"silent": 5}),
        ("GRU", {"held": {"u": 1}}),
        ("GRU", {"held": {"r": 0}}),
        ("GRU", {"silent": 63}),
        ("RNN", {"silent": 0}),
    ],
)
def test_what_is_taken_out_is_taken_out(page: Page, cell: str, change: dict[str, Any]) -> None:
    p, _ = reference(cell, **change)
    run = "k.readText(model, k.encodeText(a.text), a.change).p.map((row) => [...row])"
    assert_close(kernel(page, cell, run, text=TEXT, change=change), p)
    assert not torch.allclose(p, reference(cell)[0], atol=1e-6)


def test_characters_are_the_tasks(page: Page) -> None:
    assert kernel(page, "RNN", "k.ALPHABET") == ALPHABET
    assert kernel(page, "RNN", "k.encodeText(a.text)", text=TEXT) == encode(TEXT).tolist()


def test_at_a_low_temperature_it_writes_what_is_likeliest(page: Page) -> None:
    write = "k.writeOn(model, k.encodeText(a.text), 8, a.temperature, () => a.u)"
    cold = kernel(page, "GRU", write, text=TEXT, temperature=0.01, u=0.5)
    p, _ = reference("GRU")
    assert cold[0] == ALPHABET[int(p[-1].argmax())]
    assert kernel(page, "GRU", write, text=TEXT, temperature=1, u=0.0) == "\n" * 8, "the first character of all"
    shares = kernel(page, "GRU", "[...k.nextProbabilities(model, k.blankState(model).h, 0.5)]")
    plain = np.array(kernel(page, "GRU", "[...k.nextProbabilities(model, k.blankState(model).h)]"))
    np.testing.assert_allclose(shares, plain**2 / (plain**2).sum(), rtol=1e-9)
