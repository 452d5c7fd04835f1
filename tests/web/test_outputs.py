"""What stands beside the pages is written once for all builds of a live server, and is never an old one."""

from __future__ import annotations

from pathlib import Path

import pytest
from mkdocs.utils import clean_directory

from rnnsite.web.links import broken
from rnnsite.web.outputs import Outputs

ADDRESS = "figures/a/data.csv"


@pytest.fixture
def outputs() -> Outputs:
    return Outputs(lasting=True)


def build(outputs: Outputs, out: Path, texts: dict[str, str]) -> None:
    """A build as mkdocs makes it: it empties the folder, writes a page, and then it is our turn."""
    clean_directory(str(out))
    (out / "index.html").write_text('<a href="figures/a/data.csv">')
    outputs.begin(out)
    for address, text in texts.items():
        outputs.write(address, text)
    outputs.finish()


def test_the_same_text_is_not_written_again(outputs: Outputs, tmp_path: Path) -> None:
    build(outputs, tmp_path, {ADDRESS: "1"})
    written = (tmp_path / ADDRESS).stat()
    build(outputs, tmp_path, {ADDRESS: "1", "figures/b/data.csv": "2"})
    now = (tmp_path / ADDRESS).stat()
    assert (now.st_ino, now.st_mtime_ns) == (written.st_ino, written.st_mtime_ns), "mkdocs leaves what is hidden alone"
    assert (tmp_path / "figures" / "b" / "data.csv").read_text() == "2"
    assert broken(tmp_path) == []


def test_another_text_is(outputs: Outputs, tmp_path: Path) -> None:
    build(outputs, tmp_path, {ADDRESS: "1"})
    build(outputs, tmp_path, {ADDRESS: "2"})
    assert (tmp_path / ADDRESS).read_text() == "2"


def test_what_a_build_no_longer_has_is_gone(outputs: Outputs, tmp_path: Path) -> None:
    build(outputs, tmp_path, {ADDRESS: "1"})
    build(outputs, tmp_path, {"figures/b/data.csv": "1"})
    assert not (tmp_path / ADDRESS).exists()
    (fault,) = broken(tmp_path)
    assert "'figures/a/data.csv'" in fault
    build(outputs, tmp_path, {ADDRESS: "1"})
    assert (tmp_path / ADDRESS).read_text() == "1"


def test_what_someone_deleted_is_written_again(outputs: Outputs, tmp_path: Path) -> None:
    build(outputs, tmp_path, {ADDRESS: "1"})
    (tmp_path / ADDRESS).unlink()
    build(outputs, tmp_path, {ADDRESS: "1"})
    assert (tmp_path / ADDRESS).read_text() == "1"


def test_a_file_beside_a_page_is_written_each_time(outputs: Outputs, tmp_path: Path) -> None:
    for _ in range(2):
        build(outputs, tmp_path, {"notebooks/a.ipynb": "{}"})
        assert (tmp_path / "notebooks" / "a.ipynb").read_text() == "{}"


def test_without_links_every_build_writes_them(
    outputs: Outputs, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise OSError("no privilege")

    monkeypatch.setattr(Path, "symlink_to", refuse)
    for _ in range(2):
        build(outputs, tmp_path, {ADDRESS: "1"})
        assert (tmp_path / ADDRESS).read_text() == "1"
        assert not (tmp_path / "figures").is_symlink()
    build(outputs, tmp_path, {})
    assert not (tmp_path / ADDRESS).exists()


def test_a_site_for_readers_has_no_links(tmp_path: Path) -> None:
    build(Outputs(lasting=False), tmp_path, {ADDRESS: "1"})
    assert (tmp_path / ADDRESS).read_text() == "1"
    assert not [path for path in tmp_path.rglob("*") if path.is_symlink() or path.name.startswith(".")]


def test_a_build_that_breaks_off_leaves_nothing_old(
    outputs: Outputs, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    build(outputs, tmp_path, {ADDRESS: "1", "figures/b/data.csv": "1"})
    with monkeypatch.context() as full:

        def refuse(*_: object, **__: object) -> None:
            raise OSError("disk full")

        full.setattr(Path, "write_text", refuse)
        outputs.begin(tmp_path)
        with pytest.raises(OSError, match="disk full"):
            outputs.write(ADDRESS, "2")
    build(outputs, tmp_path, {ADDRESS: "2"})
    assert (tmp_path / ADDRESS).read_text() == "2"
    assert not (tmp_path / "figures" / "b" / "data.csv").exists()
