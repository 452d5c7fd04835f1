"""Values kept by what they depend on: another key, a damaged file and a full disk are as if nothing had been kept."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

from rnnsite import sources
from rnnsite.kept import Kept, digest
from rnnsite.results import Store


def test_a_value_is_found_by_its_key_alone_in_this_process_and_the_next(tmp_path: Path) -> None:
    file = tmp_path / "kept" / "values.json"
    kept = Kept(file)
    kept.put("page", "first", {"html": "é", "toc": [1, [2]]})
    assert kept.get("page", "first") == {"html": "é", "toc": [1, [2]]}
    kept.save()
    assert Kept(file).get("page", "first") == {"html": "é", "toc": [1, [2]]}
    assert Kept(file).get("page", "second") is None
    assert Kept(file).get("other", "first") is None
    assert [path.name for path in file.parent.iterdir()] == ["values.json"]


@pytest.mark.parametrize("damage", [lambda b: b[:-1], lambda b: b.replace(b"html", b"htmi"), lambda b: b""])
def test_a_damaged_file_is_no_file(tmp_path: Path, damage: object) -> None:
    file = tmp_path / "values.json"
    kept = Kept(file)
    kept.put("page", "first", "html")
    kept.save()
    file.write_bytes(damage(file.read_bytes()))  # type: ignore[operator]
    assert Kept(file).get("page", "first") is None


def test_a_disk_that_cannot_be_written_costs_only_time(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    kept = Kept(tmp_path / "file" / "values.json")
    kept.put("page", "first", "html")
    kept.save()
    assert kept.get("page", "first") == "html"


def test_parts_do_not_run_together() -> None:
    assert digest("ab", "c") != digest("a", "bc")
    assert digest(b"1") != digest(1)


def test_fingerprints_kept_by_one_process_are_those_that_the_next_would_compute(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    def forget() -> None:
        for function in (sources._fingerprint, sources._imports, sources._kept_in, sources._tree, sources._meaning):
            function.cache_clear()

    forget()
    stem = "rnnsite.experiments.random_products"
    before = sources.fingerprint(stem), list(sources.dependencies(stem))
    sources.keep()
    assert (store.folder / "kept" / "sources.json").is_file()
    forget()
    with monkeypatch.context() as patched:
        patched.setattr(ast, "parse", lambda *_: pytest.fail("a source was read again"))
        assert (sources.fingerprint(stem), list(sources.dependencies(stem))) == before
    sources._fingerprint.cache_clear()
    monkeypatch.setattr(sources, "_rules", lambda: "another Python")
    assert sources.fingerprint(stem) == before[0]
