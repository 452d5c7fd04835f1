"""From a notebook that was run to its page in Markdown and to the .ipynb file behind the page's link.

The page goes through the same Markdown as every other: its links are checked, its formulas set by KaTeX, its figures
drawn. mkdocs-jupyter does none of the three, fixes light or dark at build time, and inlines its stylesheet and scripts
of other hosts into each page; what would be left of it is the HTML of its text.
"""

from __future__ import annotations

import html
import json
import posixpath
import re
from typing import Any

from rnnsite.web.notebooks import Ran

FOLDER = "notebooks"  # of the site: the pages, and the files beside them
BRANCH = "gh-pages"  # where `mkdocs gh-deploy` puts the built site, which Colab opens files from
_PAGE_LINK = re.compile(r"\]\(([\w./-]+)\.md(#[\w-]+)?\)")
_CODE = re.compile(r"`([^`]+)`")
_GITHUB = re.compile(r"https://github\.com/([\w.-]+)/([\w.-]+?)(?:\.git)?/?")


def page(ran: Ran) -> str:
    """The notebook's page: its text as it is, its code, and a block for what each cell gave."""
    notebook = ran.notebook
    parts = [
        f"---\ntitle: {json.dumps(notebook.plain_title, ensure_ascii=False)}\n"
        f"description: {json.dumps(notebook.lesson, ensure_ascii=False)}\n---"
    ]
    code = 0
    for number, (kind, source) in enumerate(notebook.cells):
        if kind == "code":
            parts.append(f"```python\n{source}\n```")
            if ran.outputs is None or ran.outputs[code] != {"printed": ""}:
                parts.append(f"/// output | {notebook.name} {code}\n///")
            code += 1
        elif number == 0:
            title, _, rest = source.partition("\n")
            parts.append(f"{title}\n\n/// notebook | {notebook.name}\n///\n{rest}")
        else:
            parts.append(source)
    return "\n\n".join(parts) + "\n"


def ipynb(ran: Ran, site_url: str, repo_url: str | None = None) -> str:
    """The notebook for Jupyter, with its outputs; links to our pages lead to the published site."""
    import nbformat
    from nbformat import v4

    def text(source: str) -> str:
        def absolute(link: re.Match[str]) -> str:
            place = posixpath.normpath(posixpath.join(FOLDER, link[1])).removesuffix("index")
            return f"]({site_url.rstrip('/')}/{place.rstrip('/')}/{link[2] or ''})"

        return _PAGE_LINK.sub(absolute, source)

    cells = []
    if repo_url:
        asked = f'%pip install -q "rnnsite[site] @ git+{repo_url}"'
        install = f'# On Colab, take the "# " away from the next line first:\n# {asked}'
        cells.append(v4.new_code_cell(install))
    outputs = iter(ran.outputs or [{} for _ in ran.notebook.code])
    for kind, source in ran.notebook.cells:
        if kind == "code":
            made = _outputs(next(outputs))
            cells.append(v4.new_code_cell(source, outputs=made, execution_count=None))
        else:
            cells.append(v4.new_markdown_cell(text(source)))
    for number, cell in enumerate(cells):
        cell["id"] = f"cell-{number}"  # else a random one, and every build would write another file
    kernel = {"name": "python3", "display_name": "Python 3", "language": "python"}
    notebook = v4.new_notebook(cells=cells, metadata={"kernelspec": kernel, "language_info": {"name": "python"}})
    nbformat.validate(notebook)
    return str(nbformat.writes(notebook)) + "\n"


def _outputs(output: dict[str, Any]) -> list[Any]:
    from nbformat import v4

    made = []
    if output.get("printed"):
        made.append(v4.new_output("stream", name="stdout", text=output["printed"]))
    if "figure" in output:
        shown = {"application/vnd.plotly.v1+json": output["figure"], "text/plain": output["alt"]}
        made.append(v4.new_output("display_data", shown))
    elif "value" in output:
        made.append(v4.new_output("execute_result", {"text/plain": output["value"]}, execution_count=None))
    return made


def head_html(ran: Ran, repo_url: str | None) -> str:
    """The line under a notebook's title: how long it ran, and how to have it."""
    name, hardware = ran.notebook.name, html.escape(ran.hardware)
    parts = [
        "left out of this build (--only)" if ran.outputs is None else f"{ran.seconds:.0f} s on {hardware}",
        f'<a href="../{name}.ipynb" download>download {name}.ipynb</a>',
    ]
    github = _GITHUB.fullmatch(repo_url or "")
    if github:
        place = f"{github[1]}/{github[2]}/blob/{BRANCH}/{FOLDER}/{name}.ipynb"
        parts.append(f'<a href="https://colab.research.google.com/github/{place}">open in Colab</a>')
    parts.append(f"written as <code>{ran.notebook.file}</code>")
    return f"<p>{' · '.join(parts)}</p>"


def _title(title: str) -> str:
    return _CODE.sub(r"<code>\1</code>", html.escape(title))


def gallery_html(notebooks: dict[str, Ran]) -> str:
    """These notebooks: what each teaches and how long it ran."""
    items = "".join(
        f'<li><a href="{name}/">{_title(ran.notebook.title)}</a> {html.escape(ran.notebook.lesson)} '
        f"<span>{'left out' if ran.outputs is None else f'{max(ran.seconds, 1):.0f} s'}</span></li>"
        for name, ran in notebooks.items()
    )
    return f'<ul class="rs-gallery">{items}</ul>'
