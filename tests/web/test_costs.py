"""What the demos cost: measured once, shown with the bytes of the build at hand, and said when it was not measured."""

from __future__ import annotations

import gzip
import json
import urllib.error
import urllib.request
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from rnnsite.results import Store
from rnnsite.web import costs, gzip_server, measuring

TEXT = '<h1>A page</h1><div class="rs-check"></div>' + "word " * 400


@pytest.fixture
def out(tmp_path: Path) -> Path:
    """A finished site of a home page, a page with a demo, and the page that has the table."""
    for name, text in {"": "home", "one/": TEXT, "how/": f"<p>before</p>{costs.PLACE}<p>after</p>"}.items():
        (tmp_path / "site" / name).mkdir(parents=True, exist_ok=True)
        (tmp_path / "site" / name / "index.html").write_text(text)
    (tmp_path / "site" / "figure.svg").write_text("<svg/>")
    return tmp_path / "site"


class Build:
    """Fills the page as the plugin does, and counts how often a browser would have been started."""

    def __init__(self, out: Path, patch: pytest.MonkeyPatch) -> None:
        self.out, self.started, self.force = out, 0, False
        self.error: Exception | None = None
        self.files = ["/one/"]
        patch.setattr(measuring, "measure", self.measure)

    def measure(self, site: Path, pages: dict[str, str]) -> dict[str, Any]:
        self.started += 1
        assert pages["a checked answer"] == "one/"
        assert pages["a page, to read"] == "how/"
        assert "a notebook" not in pages, "there is none"
        if self.error:
            raise self.error
        ms = {"a checked answer": [3.0, 2.0, 1500.0], "a live cell, after that": [4.0] * 3}
        return {"ms": ms, "files": dict.fromkeys(ms, self.files), "browser": "Chrome/1"}

    def page(self, whole: bool = True, names: tuple[str, ...] = ("script-1.js",)) -> str:
        place = self.out / "how" / "index.html"
        before = place.read_text()
        settings = SimpleNamespace(force=self.force)
        site = SimpleNamespace(order=["", "one/", "how/"], settings=settings)
        costs.fill(self.out, site, SimpleNamespace(names=names), whole)  # type: ignore[arg-type]
        filled = place.read_text()
        place.write_text(before)
        assert costs.PLACE not in filled
        assert filled.startswith("<p>before</p>")
        assert filled.endswith("<p>after</p>")
        return filled


@pytest.fixture
def build(out: Path, store: Store, monkeypatch: pytest.MonkeyPatch) -> Build:
    return Build(out, monkeypatch)


def test_a_page_that_this_build_did_not_render_is_filled_too(build: Build) -> None:
    """In a warm build it comes from an earlier one, with its place still empty."""
    assert "<table class=" in build.page()


def test_a_row_has_the_median_the_range_and_the_bytes_of_this_build(build: Build, out: Path) -> None:
    row = (
        '<tr><th scope="row"><a href="../one/">a checked answer</a></th>'
        '<td data-head="time">3.0 ms (2.0 ms to 1.5 s)</td><td data-head="from → to">Check → the verdict</td>'
        '<td data-head="fetched by then">2 kB</td><td data-head="compressed on the way">0 kB</td></tr>'
    )
    page = build.page()
    assert row in page
    assert ">4.0 ms (4.0 ms to 4.0 ms)</td>" in page
    assert '<th scope="row">a live cell, after that</th>' in page, "no link to the page itself"
    assert page.count("nothing more") == 2
    more = TEXT + json.dumps(list(range(4000)))
    (out / "one" / "index.html").write_text(more)
    sizes = (len(more.encode()) / 1e3, len(gzip.compress(more.encode())) / 1e3)
    told = zip(costs.HEADS[3:], sizes, strict=True)
    assert "".join(f'<td data-head="{head}">{size:.0f} kB</td>' for head, size in told) in build.page()


def test_a_browser_is_started_once_and_again_when_a_script_changes_or_a_page_goes(build: Build, out: Path) -> None:
    build.page()
    assert build.page(whole=False) == build.page()
    assert build.started == 1
    build.page(names=("script-2.js",))
    assert build.started == 2
    build.force = True
    build.page()
    assert build.started == 3


def test_what_was_kept_is_left_when_it_is_damaged_or_names_a_file_that_is_gone(build: Build, out: Path) -> None:
    build.page()
    (kept,) = (Store().folder / "demos").glob("costs-*")
    kept.write_bytes(kept.read_bytes()[:-9])
    build.page()
    assert build.started == 2
    build.files = ["/one/", "/figure.svg"]
    build.page(names=("script-2.js",))
    (out / "figure.svg").unlink()
    build.files = ["/one/"]
    build.page(names=("script-2.js",))
    assert build.started == 4


def test_without_a_browser_the_page_says_so_and_a_later_build_measures(build: Build) -> None:
    build.error = measuring.NoBrowser("no Chrome")
    assert costs.NO_CHROME in build.page()
    build.error = measuring.NotMeasured("an explorer showed nothing within 9 seconds")
    assert "Not measured: an explorer showed nothing within 9 seconds." in build.page()
    build.error = RuntimeError("the browser crashed")
    assert "Not measured: RuntimeError." in build.page()
    build.error = None
    assert "<table class=" in build.page()


def test_an_author_who_is_typing_waits_for_no_measurement(build: Build) -> None:
    assert costs.NOT_WHOLE in build.page(whole=False)
    assert build.started == 0


def test_the_server_compresses_what_gets_smaller_and_knows_what_was_asked_for(out: Path) -> None:
    (out / "tiny.bin").write_bytes(bytes(range(9)))
    with gzip_server.serve(out) as server:
        for _ in range(2):
            with urllib.request.urlopen(f"{server.address}one/?a=1") as answer:
                assert answer.headers["Content-Encoding"] == "gzip"
                assert gzip.decompress(answer.read()).decode() == TEXT
        with urllib.request.urlopen(f"{server.address}tiny.bin") as answer:
            assert answer.headers["Content-Encoding"] is None
            assert len(answer.read()) == 9
        with pytest.raises(urllib.error.HTTPError, match="404"):
            urllib.request.urlopen(f"{server.address}none.js")
        assert list(server.asked) == ["/one/", "/tiny.bin"]
