"""The benchmark compares like with like: equal gradients, or no number at all. (Its times are not tested.)"""

from __future__ import annotations

import pytest
import torch

from rnnsite import bench
from rnnsite.bench_profile import shares
from rnnsite.errors import RnnsiteError


@pytest.fixture(autouse=True)
def small(monkeypatch):
    for name, value in {"B": 3, "H": 8, "T": 5, "I": 2}.items():
        monkeypatch.setattr(bench, name, value)


@pytest.mark.parametrize("kind", bench.KINDS)
@pytest.mark.parametrize("M", [1, 13])
def test_a_line(kind, M):
    line = bench.measure(kind, M, seconds=0)
    assert line.difference < 1e-5
    assert min(line.loop, line.ours, line.floor) > 0
    assert len(line.ratios) >= bench.ROUNDS
    assert min(line.ratios) <= line.ratio <= max(line.ratios)
    assert line.share > 0


def test_unequal_results_are_refused(monkeypatch):
    right = bench.states

    def wrong(cell, x):
        hs, last = right(cell, x)
        return 1.001 * hs, last

    monkeypatch.setattr(bench, "states", wrong)
    with pytest.raises(RnnsiteError, match=r"The fleet's gradients of RNN differ from torch.nn's by 1\.\de-03"):
        bench.measure("RNN", 2, seconds=0)


def test_the_bars():
    line = bench.Measured("GRU", 32, 12.0, 1.0, 0.5, 0.0, (12.0,))
    assert bench.bar(line, "cpu", 2) == 6
    assert bench.bar(line, "cpu", 1) is None
    assert bench.bar(line, "cuda", 1) is None
    assert bench.bar(bench.Measured("GRU", 512, 12.0, 1.0, 0.5, 0.0, (12.0,)), "cuda", 1) == 100


def test_the_report_says_which_bars_are_met(monkeypatch, capsys):
    monkeypatch.setattr(torch, "get_num_threads", lambda: 2)
    monkeypatch.setenv("COLUMNS", "200")

    def lines(device, models):
        yield bench.Measured("RNN", 32, 8.1, 1.0, 0.5, 1e-6, (9.0, 8.1, 7.9))
        yield bench.Measured("GRU", 32, 5.9, 1.0, 0.5, 1e-6, (5.9,), 0.55)

    monkeypatch.setattr(bench, "bench", lines)
    assert not bench.report()
    printed = capsys.readouterr().out
    assert "≥8 ✓" in printed
    assert "≥6 ✗" in printed
    assert "50%" in printed
    assert "Where 32 GRUs spend a core's time: " in printed
    assert "32 RNNs" not in printed
    assert "8.10×" in printed
    assert "7.90–9.00" in printed
    assert "(55% for 32 GRUs)" in printed


def test_the_profile_names_the_products():
    found = shares("RNN", 2)
    assert {"bmm", "baddbmm"} <= set(found)
    assert sum(found.values()) == pytest.approx(1)
