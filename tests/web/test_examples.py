"""The examples of the pages for readers' own scripts are run, from top to bottom, as a reader would paste them."""

from __future__ import annotations

import doctest
import re
from pathlib import Path
from typing import Any

import pytest

from rnnsite.results import Store

PROJECT = Path(__file__).parents[2]
EXAMPLE = re.compile(
    r"^/// demo \| (?P<demo>\S+)\n|^```(?P<kind>python|pycon)\n(?P<code>.*?)^```$", re.DOTALL | re.MULTILINE
)


def run(page: str) -> dict[str, Any]:
    """The names that a page's demo and code blocks leave behind."""
    names: dict[str, Any] = {"__name__": "__main__"}
    for found in EXAMPLE.finditer((PROJECT / "docs" / f"{page}.md").read_text(encoding="utf-8")):
        if found["demo"]:
            code = (PROJECT / "demos" / f"{found['demo']}.py").read_text(encoding="utf-8")
        else:
            code = found["code"]
        if found["kind"] == "pycon":
            said: list[str] = []
            test = doctest.DocTestParser().get_doctest(code, names, page, None, 0)
            assert test.examples
            doctest.DocTestRunner().run(test, out=said.append, clear_globs=False)
            assert not said, "".join(said)
            names |= test.globs
        else:
            exec(compile(code, page, "exec"), names)
    return names


@pytest.mark.parametrize("page", ["diagnose", "fleet", "how-built"])
def test_every_example_runs(page: str, store: Store) -> None:
    names = run(page)
    if page == "fleet":
        slow, right, fast = (float(row.double().mean()) for row in names["solved"])
        assert right > 0.9
        assert max(slow, fast) < right
        assert names["own"].losses[-1].isfinite().all()
