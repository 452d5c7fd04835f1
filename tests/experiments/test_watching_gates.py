"""Counting cells, cells on three tasks, units on text: measured a second, slower way."""

from __future__ import annotations

import base64
import json
from dataclasses import replace

import numpy as np
import pytest
import torch
from torch.nn.functional import one_hot

from rnnsite.context import Context
from rnnsite.experiments import counting_cells, gates_on_tasks, gates_on_text
from rnnsite.figures import gates_on_text as drawing
from rnnsite.probes.counter import all_right, wrong_after_a_break
from rnnsite.seeding import generator
from rnnsite.tasks import brackets as nested
from rnnsite.tasks.counting import BAR, SYMBOLS
from rnnsite.tasks.documentation import ALPHABET, documentation, encode
from rnnsite.tasks.places import places

CONFIG = replace(counting_cells.Config(), H=5, seeds=3)


def counting_network(kind: str = "LSTM") -> counting_cells.Recurrent:
    return counting_cells.network(kind, CONFIG, [generator("test watching", m) for m in range(3)])


def coded(text: str) -> torch.Tensor:
    return one_hot(torch.tensor([SYMBOLS.index(s) for s in text]), 3).float()[:, None]


def right_on(model: counting_cells.Recurrent, m: int, text: str) -> list[bool]:
    """Step by step whether model m allows exactly what the language does, from torch's own LSTM."""
    module = model.cell.select(m).to_torch()
    states, _ = module(coded(text))
    said = states[:, 0] @ model.V[m].T + model.a[m] > 0
    right = []
    for t in range(len(text)):
        now = text[: t + 1].rpartition("|")[2]
        may = "a" * ("b" not in now) + "b" * (now.count("a") > now.count("b")) + "|" * ("b" in now)
        if "b" in now:
            may = "b" if now.count("a") > now.count("b") else "|"
        right.append({s for s, ok in zip(SYMBOLS, said[t].tolist(), strict=True) if ok} == set(may))
    return right


@torch.no_grad()
def test_a_string_is_right_if_every_answer_is():
    model = counting_network()
    model.a.copy_(torch.tensor([[-9.0, 9, -9], [-9, 9, 9], [0, 0, 0]]))
    for n in (1, 3):
        expected = [all(right_on(model, m, "|" + "a" * n + "b" * n)) for m in range(3)]
        assert all_right(model, n).tolist() == expected


@torch.no_grad()
def test_wrong_answers_after_a_break_are_those_of_torch():
    model = counting_network()
    ours = wrong_after_a_break(model, torch.zeros(3, dtype=torch.long), kept=False)
    for m in range(3):
        shares = []
        for first in range(2, 9):
            for n in (2, 4, 6, 8):
                text = "|" + "a" * first + "b" + "|" + "a" * n + "b" * n
                shares.append(1 - np.mean(right_on(model, m, text)[first + 2 :]))
        assert ours[m].item() == pytest.approx(np.mean(shares), abs=1e-6)


@torch.no_grad()
def test_keeping_the_counter_at_the_bar_is_a_forget_bias_that_only_the_bar_sees():
    """f = 1 in one unit at every bar: the same as a huge input weight from the bar to that unit's forget gate."""
    model, counter = counting_network(), torch.tensor([0, 2, 4])
    kept = wrong_after_a_break(model, counter, kept=True)
    for m, unit in enumerate(counter.tolist()):
        model.cell.block("U", "f")[m, unit, BAR] = 1000.0
    assert torch.equal(wrong_after_a_break(model, counter, kept=False), kept)


def test_the_reach_ends_at_the_first_n_that_is_wrong():
    right = np.array([[[True, True, False, True]]])
    assert counting_cells.reach({"right": right}, 0).tolist() == [2]


def test_the_innermost_bracket_is_the_one_that_may_close():
    x, legal = nested.brackets(40, 3, torch.Generator().manual_seed(0))
    for b, text in enumerate(nested.read(x)):
        stack: list[int] = []
        for t, symbol in enumerate(text):
            if symbol in "([":
                stack.append(1 if symbol == "(" else -1)
            elif symbol in ")]":
                stack.pop()
            assert gates_on_tasks.innermost(legal)[t, b] == (stack[-1] if stack else 0)


def test_histograms_of_gates_add_up_and_flat_is_their_ends():
    config = replace(gates_on_tasks.Config(), updates=3, seeds=2)
    arrays = gates_on_tasks.run(config, Context())
    np.testing.assert_allclose(arrays["shares"].sum(-1), 1, atol=1e-6)
    even = {**arrays, "shares": np.full_like(arrays["shares"], 1 / 20)}
    assert gates_on_tasks.flat(even, 0, 0) == pytest.approx(0.2)


@torch.no_grad()
@pytest.mark.parametrize("name", ["LSTM", "GRU", "RNN"])
def test_a_silenced_unit_costs_what_it_costs_alone(name):
    config = replace(gates_on_text.Config(), seeds=2, H=6, quotations=5, before=12)
    model, _ = gates_on_text.fresh(name, config)
    lost = gates_on_text._silenced(model, config)
    text = documentation().validation
    quoted = places(text)[2]
    marks = [p for p in range(12, len(text)) if text[p] == '"' and quoted[p - 1]]
    m, unit = 1, 4
    cell = model.cell.select(m)
    costs = []
    for p in torch.tensor(marks)[torch.linspace(0, len(marks) - 1, 5).long()].tolist():
        bits = []
        for silent in (True, False):
            state = {n: torch.zeros(1, 6) for n in cell.state_names}
            for code in encode(text[p - 12 : p]):
                Ux = (model.E[m][code] @ cell.U.T + cell.b)[None]
                _, weights = cell.prepare(model.E[m][code][None, None])
                state = cell.step(Ux.split((12, 6), -1) if name == "GRU" else Ux, state, **weights)
                state = {n: state[n].clone() for n in cell.state_names}
                for n in cell.state_names if silent else ():
                    state[n][0, unit] = 0
            scores = state["h"][0] @ model.V[m].T + model.a[m]
            bits.append(-scores.log_softmax(-1)[ALPHABET.index('"')].item() / np.log(2))
        costs.append(bits[0] - bits[1])
    assert lost[1, m, unit].item() == pytest.approx(np.mean(costs), abs=1e-4)


def test_what_is_exported_are_the_weights_in_the_kernels_order():
    config = replace(gates_on_text.Config(), seeds=1, H=3, I=2)
    model, _ = gates_on_text.fresh("LSTM", config)
    weights = {"E": model.E, "V": model.V, "a": model.a, **dict(model.cell.named_parameters())}
    arrays = {f"weights_LSTM_{name}": w[0].detach().numpy() for name, w in weights.items()}
    arrays |= {"H": np.array(3), "bits": np.ones((3, 1)), "guides": np.zeros((3, 4), int), "guides_r": np.ones((3, 4))}
    file = json.loads(drawing._weights(arrays, 0, "LSTM"))
    unpacked = {k: np.frombuffer(base64.b64decode(file[k]), "<f4") for k in "EUWbVa"}
    module = model.cell.select(0).to_torch()  # torch's rows are i f g o
    np.testing.assert_array_equal(unpacked["W"], module.weight_hh_l0.detach().numpy().ravel())
    np.testing.assert_array_equal(unpacked["U"], module.weight_ih_l0.detach().numpy().ravel())
    np.testing.assert_array_equal(unpacked["V"], model.V[0].detach().numpy().ravel())
    assert file["cell"] == "lstm"


def test_an_exported_file_is_small():
    config = gates_on_text.CONFIGS["quick"]
    rows, symbols = 4 * config.H, len(ALPHABET)
    numbers = rows * (config.I + config.H + 1) + symbols * (config.I + config.H + 1)
    assert 4 * numbers * 4 / 3 < 156_000


def test_the_answers_of_the_exercises():
    f, n = 0.97, 10
    up = down = 0.0
    for _ in range(n):
        up = f * up + 1
    down = up
    for _ in range(n):
        down = f * down - 1
    assert up == pytest.approx((1 - f**n) / (1 - f))
    assert (round(up, 2), round(down, 1)) == (8.75, -2.3)
    assert round((1 - f**40) / (1 - f), 1) == 23.5
    assert (round(f**40, 2), round(1 / (1 - f), 1)) == (0.3, 33.3)
    assert round(np.log2(len(ALPHABET)), 2) == 6.58
    symbols = "|" + "|".join("a" * k + "b" * k for k in range(1, 7))
    leaky, count = [0.0], [0]
    for s in symbols[1:]:
        leaky.append(0.9 * leaky[-1] + (s == "a") - (s == "b"))
        count.append(0 if s == "|" else count[-1] + (s == "a") - (s == "b"))
    assert np.corrcoef(leaky, count)[0, 1] > 0.8
