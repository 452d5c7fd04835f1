"""A `py-live` fence of a page: code that stands highlighted, and that the reader can edit and run in the browser.

    ```py-live
    x = 0.9
    [{"step": t, "left": x**t} for t in (1, 10, 50)]
    ```

The cells of a page share their variables. Nothing of the editor or of Python is loaded before the reader asks for it.
"""

from __future__ import annotations

import ast
import html
import json
import re
from typing import TYPE_CHECKING, Any

from markdown import Markdown
from pymdownx.superfences import SuperFencesException

from rnnsite.errors import RnnsiteError
from rnnsite.web import markup
from rnnsite.web.assets import OFFLINE

if TYPE_CHECKING:
    from rnnsite.web.assets import Assets
    from rnnsite.web.site import Site

FENCE = "py-live"
_CELL = re.compile(rf"^([ >]*)(?P<fence>`{{3,}}|~{{3,}}){FENCE}[^\n]*\n(.*?)^[ >]*(?P=fence)\s*$", re.M | re.S)


class CellError(RnnsiteError, SuperFencesException):
    """A live cell that cannot be run; of this type superfences lets it through instead of showing the code plainly."""


def cells(markdown: str) -> list[str]:
    """The code of every live cell of a page, in order.

    >>> cells("Try:\\n\\n```py-live\\nx = 1\\nx + 1\\n```\\n")
    ['x = 1\\nx + 1\\n']
    """
    found = [(match[1], match[3].splitlines(keepends=True)) for match in _CELL.finditer(markdown)]
    return ["".join(line.removeprefix(margin) if line.strip() else "\n" for line in lines) for margin, lines in found]


def custom_fence(site: Site, assets: Assets, serving: bool = False) -> dict[str, Any]:
    """The entry of superfences' `custom_fences`. While an author is serving, no page is kept for offline reading."""

    def fence(source: str, language: str, css_class: str, options: Any, md: Markdown, **rest: Any) -> str:
        data = {"worker": site.url(assets.urls["worker"]), "bytes": assets.live_sizes}
        return cell_html(source, data if serving else {**data, "offline": site.url(OFFLINE)}, md)

    return {"name": FENCE, "class": "rs-cell", "format": fence}


def cell_html(source: str, data: dict[str, Any], md: Markdown) -> str:
    """The highlighted code with its buttons, which only a page with JavaScript shows; `data` is for browser/live."""
    try:
        ast.parse(source)
    except SyntaxError as error:
        raise CellError(f"a live cell is not valid Python ({error.msg}, line {error.lineno})") from None
    size = f"{sum(data['bytes']) / 1e6:.1f}\N{NO-BREAK SPACE}MB"
    return (
        f'<div class="rs-cell" role="group" aria-label="Live Python" data-live="{html.escape(json.dumps(data))}">'
        f"{markup.highlight(source, md)}"
        '<div class="rs-cell-bar" data-search-exclude>'
        '<button type="button" class="rs-cell-run" disabled>Run</button>'
        '<button type="button" class="rs-cell-stop" disabled>Stop</button>'
        '<button type="button" class="rs-cell-edit" disabled>Edit</button>'
        '<button type="button" class="rs-cell-reset" disabled>Reset</button>'
        f'<span class="rs-cell-note">The first run loads Python, {size}.</span></div></div>'
    )
