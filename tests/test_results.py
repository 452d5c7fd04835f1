"""The store gives back what it was given, or says that it cannot; never anything else."""

from __future__ import annotations

import dataclasses
import errno
import os
import time
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from rnnsite import results
from rnnsite.errors import RnnsiteError
from rnnsite.results import Damaged, Provenance, Result, Store

STAMP = Provenance("e", "quick", {"seed_set": 0}, "cpu", "a processor", 1.5, "2.13.0", "3.11.7", "2026-01-01 00:00 UTC")


def sample() -> Result:
    return Result({"x": np.arange(6.0).reshape(2, 3), "name": np.array(["a", "bc"]), "nan": np.array(np.nan)}, STAMP)


def test_arrays_and_provenance_come_back(store: Store) -> None:
    store.save("e-1", sample())
    back = store.load("e-1")
    assert back is not None
    assert back.provenance == STAMP
    assert set(back.arrays) == {"x", "name", "nan"}
    for name, array in sample().arrays.items():
        np.testing.assert_array_equal(back.arrays[name], array)
        assert back.arrays[name].dtype == array.dtype


def test_what_is_not_there_is_none(store: Store) -> None:
    assert store.load("e-1") is None
    assert store.load_step("e-1", 3) is None


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(place=st.floats(0, 1, exclude_max=True), bit=st.integers(0, 7))
def test_any_flipped_bit_is_noticed(store: Store, place: float, bit: int) -> None:
    store.save("e-1", sample())
    path = store.folder / "results" / "e-1.npz"
    content = bytearray(path.read_bytes())
    content[int(place * len(content))] ^= 1 << bit
    path.write_bytes(content)
    with pytest.raises(Damaged):
        store.load("e-1")


@pytest.mark.parametrize("keep", [0, 10, 100, 700])
def test_a_truncated_entry_is_noticed(store: Store, keep: int) -> None:
    store.save("e-1", sample())
    path = store.folder / "results" / "e-1.npz"
    path.write_bytes(path.read_bytes()[:keep])
    with pytest.raises(Damaged):
        store.load("e-1")


def test_pickles_are_never_stored(store: Store) -> None:
    with pytest.raises(ValueError, match="pickle"):
        store.save("e-1", dataclasses.replace(sample(), arrays={"x": np.array([object()])}))
    assert store.load("e-1") is None


def test_steps_are_kept_by_item_and_go_when_the_run_is_done(store: Store) -> None:
    store.save_step("e-1", ("lstm", 3), {"x": np.ones(2)})
    assert store.load_step("e-1", ("lstm", 4)) is None
    step = store.load_step("e-1", ("lstm", 3))
    assert step is not None
    np.testing.assert_array_equal(step["x"], np.ones(2))
    store.save("e-1", sample())
    assert store.load_step("e-1", ("lstm", 3)) is None


def test_a_cache_that_cannot_be_made_is_one_sentence(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(RnnsiteError, match="cannot be written"):
        Store(tmp_path / "file" / "cache").check_writable()


def test_a_full_disk_is_one_sentence_and_leaves_no_debris(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    store.save("e-1", sample())

    def full(_: int) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(results.os, "fsync", full)
    with pytest.raises(RnnsiteError, match="No space left"):
        store.save("e-2", sample())
    assert [path.name for path in (store.folder / "results").iterdir()] == ["e-1.npz"]
    assert store.load("e-1") is not None


def test_prune_drops_the_oldest_and_keeps_what_is_asked(store: Store) -> None:
    for number in range(4):
        store.save(f"e-{number}", sample())
        os.utime(store.folder / "results" / f"e-{number}.npz", (number, number))
    assert store.prune(keep={"e-0"}, limit=0) == 3
    assert store.load("e-0") is not None
    assert store.load("e-3") is None


def test_clean_keeps_what_is_current_and_drops_the_rest(store: Store) -> None:
    for name in ("e-1", "e-2"):
        store.save(name, sample())
        store.save_step(name, 0, {"x": np.ones(2)})
        (store.folder / "locks" / f"{name}.lock").touch()
    (store.folder / "drawings").mkdir()
    for age, name in enumerate(("e-new.json", "e-old.json", "tmpabc")):
        path = store.folder / "drawings" / name
        path.touch()
        os.utime(path, (time.time() - 7200 * age,) * 2)
    store.clean(keep={"e-1"})
    left = {path.relative_to(store.folder).as_posix() for path in store.folder.rglob("*") if path.is_file()}
    assert {path for path in left if not path.startswith("steps")} == {
        "results/e-1.npz",
        "locks/e-1.lock",
        "drawings/e-new.json",
    }
    assert {path.split("/")[1] for path in left if path.startswith("steps")} == {"e-1"}


def test_clear_deletes_nothing_that_it_did_not_make(store: Store) -> None:
    store.save("e-1", sample())
    (store.folder / "thesis.txt").write_text("a user may set RNNSITE_CACHE to a folder of their own")
    store.clear()
    assert [path.name for path in store.folder.iterdir()] == ["thesis.txt"]
