"""Code in the answer of an exercise is run: ```python as it stands, ```pycon as a doctest."""

from __future__ import annotations

import doctest
import re
from pathlib import Path

import pytest

DOCS = Path(__file__).parents[2] / "docs"
EXERCISE = re.compile(r"^/// exercise \| (?P<title>.+?)\n(?P<body>.*?)^///$", re.DOTALL | re.MULTILINE)
CODE = re.compile(r"^```(?P<kind>python|pycon)\n(?P<code>.*?)^```$", re.DOTALL | re.MULTILINE)
CONCEPTS = sorted(
    path
    for chapter in ("gradients", "remedies", "gates")
    for path in (DOCS / chapter).glob("*.md")
    if path.stem != "index"
)


def exercises(path: Path) -> list[tuple[str, str]]:
    """Title, and everything up to the end of the answer."""
    return [(found["title"], found["body"]) for found in EXERCISE.finditer(path.read_text(encoding="utf-8"))]


ANSWERS = [
    pytest.param(found["kind"], found["code"], id=f"{path.parent.name}/{path.stem}: {title}")
    for path in sorted(DOCS.rglob("*.md"))
    for title, body in exercises(path)
    for found in CODE.finditer(body)
]


@pytest.mark.parametrize(("kind", "code"), ANSWERS)
def test_the_code_of_an_answer(kind: str, code: str) -> None:
    if kind == "python":
        exec(compile(code, "answer", "exec"), {"__name__": "__main__"})
        return
    said: list[str] = []
    test = doctest.DocTestParser().get_doctest(code, {}, "answer", None, 0)
    assert test.examples
    doctest.DocTestRunner().run(test, out=said.append)
    assert not said, "".join(said)


@pytest.mark.parametrize("path", CONCEPTS, ids=lambda path: f"{path.parent.name}/{path.stem}")
def test_a_page_has_three_to_five_exercises_each_with_an_answer(path: Path) -> None:
    found = exercises(path)
    assert 3 <= len(found) <= 5
    for title, body in found:
        assert body.count("//// answer\n") == 1, title
        assert body.rstrip().endswith("////"), title
