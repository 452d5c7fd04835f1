"""The bibliography reads as a reader expects, whoever wrote what."""

from __future__ import annotations

from pathlib import Path

import pytest

from rnnsite.errors import RnnsiteError
from rnnsite.web.bibliography import Bibliography

DOCS = Path(__file__).parents[2] / "docs"


def bibliography(tmp_path: Path, text: str) -> Bibliography:
    (tmp_path / "references.bib").write_text(text, encoding="utf-8")
    return Bibliography(tmp_path / "references.bib")


@pytest.mark.parametrize(
    ("authors", "label"),
    [
        ("Elman, Jeffrey L.", "Elman, 1990"),
        (r"Hochreiter, Sepp and Schmidhuber, J{\"u}rgen", "Hochreiter and Schmidhuber, 1990"),
        (r"van Merri{\"e}nboer, Bart and Cho, K. and Bengio, Y.", "van Merriënboer et al., 1990"),
    ],
)
def test_labels(tmp_path: Path, authors: str, label: str) -> None:
    entry = f"@article{{a1990, author = {{{authors}}}, title = {{T}}, journal = {{J}}, year = {{1990}}}}"
    assert bibliography(tmp_path, entry)["a1990"].label == label


def test_an_entry_shows_all_it_has_and_escapes_it(tmp_path: Path) -> None:
    entry = (
        "@article{a, author={A, B.}, title={1 < 2}, journal={J}, volume={5}, number={2}, pages={157--166}, "
        "year={1994}, doi={10.1/x}}"
    )
    shown = bibliography(tmp_path, entry)["a"].html
    for part in ("1 &lt; 2", "<cite>J</cite>", "5(2)", "157–166", "(1994)", "doi:10.1/x"):
        assert part in shown


def test_an_unknown_key_suggests_the_nearest() -> None:
    with pytest.raises(RnnsiteError, match="Did you mean 'linzen2016'"):
        Bibliography(DOCS / "references.bib")["linzen2061"]


def test_a_file_that_is_not_bibtex_is_one_sentence(tmp_path: Path) -> None:
    with pytest.raises(RnnsiteError, match=r"references\.bib cannot be read"):
        bibliography(tmp_path, "@article{broken, title = {")


def test_every_entry_of_ours_is_whole() -> None:
    for reference in Bibliography(DOCS / "references.bib").sorted():
        assert "n.d." not in reference.label or reference.key == "mathforum", reference.key  # a page without a date
        assert ". ." not in reference.html, reference.key
