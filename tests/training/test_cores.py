"""Work on several threads: everything is done, errors come back, nobody else's threads are changed."""

from __future__ import annotations

import threading

import pytest
import torch

from rnnsite.cells.lstm import LSTM
from rnnsite.training.chunks import models_at_once
from rnnsite.training.cores import even, on_cores


@pytest.mark.parametrize("M", [1, 5, 11, 12, 33, 200])
@pytest.mark.parametrize("most", [1, 7, 40])
@pytest.mark.parametrize("cores", [1, 2, 3])
def test_parts_hold_each_model_once(M, most, cores):
    parts = even(M, most, cores)
    assert [m for part in parts for m in range(M)[part]] == list(range(M))
    sizes = [part.stop - part.start for part in parts]
    assert max(sizes) <= most
    assert max(sizes) - min(sizes) <= 1
    if cores * 6 <= M and len(parts) >= cores:
        assert len(parts) % cores == 0 or len(parts) == M


def test_each_part_is_done_in_a_thread_of_one_core():
    seen, before = {}, torch.get_num_threads()

    def work(part):
        seen[part.start] = (threading.current_thread().name, torch.get_num_threads())

    on_cores([slice(k, k + 1) for k in range(6)], work, cores=2)
    assert sorted(seen) == list(range(6))
    assert {threads for _, threads in seen.values()} == {1}
    assert all(name.startswith("fleet") for name, _ in seen.values())
    assert torch.get_num_threads() == before


def test_an_error_comes_back_when_all_are_done():
    done = []

    def work(part):
        if part.start == 0:
            raise KeyError("mine")
        done.append(part.start)

    with pytest.raises(KeyError, match="mine"):
        on_cores([slice(k, k + 1) for k in range(4)], work, cores=2)
    assert sorted(done) == [1, 2, 3]


def test_larger_models_fewer_at_once():
    cpu = torch.device("cpu")
    counts = [models_at_once(LSTM(4, H, 2), (torch.zeros(100, 20, 4),), cpu) for H in (5, 50, 200)]
    assert counts == sorted(counts, reverse=True)
    assert counts[0] > counts[1] > 12
