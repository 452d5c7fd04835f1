"""The link checker finds what leads nowhere, and only that."""

from __future__ import annotations

from pathlib import Path

import pytest

from rnnsite.web.links import broken

GOOD = """
<a href="../b/">b</a> <a href="../b/#there">b</a> <a href="#top">up</a> <h1 id="top">A</h1> <img src="../x.svg">
<a href="https://example.org/">elsewhere</a> <a href="mailto:a@example.org">write</a> <a href="../b/?q=1">b</a>
<picture><source srcset="../x.svg 1x, ../x.svg 2x"></picture>
"""


@pytest.fixture
def site(tmp_path: Path) -> Path:
    for name, text in {"a": GOOD, "b": '<p id="there">B</p>'}.items():
        (tmp_path / name).mkdir()
        (tmp_path / name / "index.html").write_text(text)
    (tmp_path / "x.svg").write_text("<svg/>")
    (tmp_path / "index.html").write_text('<a href=".">home</a><a href="a/">a</a>')
    return tmp_path


def test_a_sound_site_has_no_faults(site: Path) -> None:
    assert broken(site) == []


@pytest.mark.parametrize(
    ("link", "said"),
    [
        ('<a href="../c/">', "no 'c/index.html'"),
        ('<a href="../b/#gone">', "no anchor 'gone'"),
        ('<a href="#gone">', "no anchor 'gone'"),
        ('<img src="gone.png">', "no 'a/gone.png/index.html'"),
        ('<source srcset="../gone.svg 2x">', "gone.svg"),
        ('<script src="../gone.js"></script>', "gone.js"),
    ],
)
def test_each_kind_of_fault_names_page_and_target(site: Path, link: str, said: str) -> None:
    (site / "a" / "index.html").write_text(GOOD + link)
    (fault,) = broken(site)
    assert fault.startswith("docs/a.md links to")
    assert said in fault


def test_many_pages_with_one_fault_are_one_sentence(site: Path) -> None:
    for name in "ab":
        (site / name / "index.html").write_text('<a href="../gone/">gone</a>')
    (fault,) = broken(site)
    assert "so do 1 more" in fault


def test_the_404_page_links_from_the_sites_path(site: Path) -> None:
    (site / "404.html").write_text('<a href="/project/a/">a</a>')
    assert broken(site, "/project/") == []


@pytest.mark.parametrize(
    "harmless",
    [
        '<!-- <a href="../gone/">was here</a> -->',
        "<script>const written = \"<a href='../gone/'>\";</script>",
        '<pre>&lt;a href="../gone/"&gt;</pre>',
        '<img src="../x.svg" alt="if a > b, href=../gone/">',
        "<a href='../b/' title='say \"href=../gone/\"'>b</a>",
        '<a href=../b/>b</a><a href="../b/?q=1&amp;r=2#there">b</a>',
        '<base href="../gone/">',
    ],
)
def test_what_only_looks_like_a_link_is_none(site: Path, harmless: str) -> None:
    (site / "a" / "index.html").write_text(GOOD + harmless)
    assert broken(site) == []


def test_a_link_after_a_script_and_after_a_quoted_bracket_is_seen(site: Path) -> None:
    (site / "a" / "index.html").write_text(
        GOOD + '<script>if (1 < 2) { "</b>" }</script><p title="a > b"><a class="x>y" href="../gone/">gone</a>'
    )
    (fault,) = broken(site)
    assert "gone" in fault
