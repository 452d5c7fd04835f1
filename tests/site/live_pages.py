"""A small site with live cells, and how a test writes into one, runs it and waits for it."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from playwright.sync_api import Locator, Page, expect

from rnnsite.web import building, live_assets

PROJECT = Path(__file__).parents[2]
expect.set_options(timeout=30_000)  # for a machine that is busy with other tests
LONG = 120_000  # ms: Python starts in two seconds on an idle machine
CONFIG = """
site_name: test
site_url: {address}
theme:
  name: material
  custom_dir: rnnsite/web/theme
  font: false
  favicon: assets/images/favicon.svg
  features: [navigation.instant]
  icon: {{search: rnnsite/search, close: rnnsite/close, previous: rnnsite/previous, next: rnnsite/next}}
extra: {{generator: false}}
plugins: [rnnsite]
markdown_extensions: [attr_list, tables, {{pymdownx.arithmatex: {{generic: true}}}}, pymdownx.superfences]
validation: {{links: {{anchors: info}}}}
"""
FIRST_PATH, SECOND_PATH = "gradients/repeated-multiplication/", "second/"
FIRST = """# First

```py-live
x = 2
print("x is", x)
```

```py-live
x + 1
```

[The second page](../second.md)

/// experiment | repeated_multiplication
///
"""
SECOND = """# Second

```py-live
x
```

[The first page](gradients/repeated-multiplication.md)
"""


def build_small_site(folder: Path, port: int, patch: pytest.MonkeyPatch) -> Path:
    """Build the pages above for this port, with a package `rnnsite.scratch` of one function."""
    (folder / "docs" / "gradients").mkdir(parents=True)
    (folder / "scratch").mkdir()
    (folder / "scratch" / "__init__.py").write_text("from .halves import half\n")
    (folder / "scratch" / "halves.py").write_text("def half(x):\n    return x / 2\n")
    (folder / "mkdocs.yml").write_text(CONFIG.format(address=f"http://127.0.0.1:{port}/"))
    (folder / "rnnsite").symlink_to(PROJECT / "rnnsite")
    for name in ("package.json", "package-lock.json", ".npmrc", "docs/references.bib"):
        shutil.copy(PROJECT / name, folder / name)
    texts = {"index": "# Home\n", FIRST_PATH.rstrip("/"): FIRST, "second": SECOND}
    for name, text in {**texts, "bibliography": "# References\n\n/// listing | bibliography\n///\n"}.items():
        (folder / "docs" / f"{name}.md").write_text(text)
    patch.chdir(folder)
    patch.setattr(live_assets, "SCRATCH", folder / "scratch")
    only = ("repeated_multiplication",)
    building.build_site(profile="quick", device="cpu", only=only, jobs=None, force=False, strict=False)
    return folder / "site"


def cell(page: Page, number: int) -> Locator:
    return page.locator(".rs-cell").nth(number - 1)


def put(page: Page, number: int, code: str) -> None:
    """Write this code into a cell, in its editor."""
    place = cell(page, number)
    if place.locator(".rs-cell-edit").is_visible():
        place.locator(".rs-cell-edit").click()
    place.locator(".cm-content").focus()
    page.keyboard.press("Control+a")
    page.keyboard.insert_text(code)


def run(page: Page, number: int, code: str | None = None) -> Locator:
    """Run a cell to its end and return what stands under it."""
    if code is not None:
        put(page, number, code)
    cell(page, number).locator(".rs-cell-run").click()
    return wait(page, number)


def wait(page: Page, number: int) -> Locator:
    expect(cell(page, number)).not_to_have_attribute("aria-busy", "true", timeout=LONG)
    return cell(page, number).locator(".rs-cell-output")


def watch(page: Page, address: str, faults: list[str]) -> None:
    page.on("console", lambda said: faults.append(said.text) if said.type == "error" else None)
    page.on("pageerror", lambda error: faults.append(str(error)))
    page.on("request", lambda asked: None if asked.url.startswith((address, "data:")) else faults.append(asked.url))


def follow(page: Page, address: str) -> None:
    """Follow a link to this page of the site, as instant navigation takes it: without leaving the document."""
    page.evaluate(
        """(address) => {
          const link = document.createElement("a");
          link.href = address;
          document.querySelector("article").append(link);
          link.click();
        }""",
        address,
    )
    expect(page).to_have_url(address)
    expect(page.locator("article a[href='" + address + "']")).to_have_count(0)  # the content was exchanged
    expect(page.locator(".rs-cell").first).to_have_attribute("aria-label", "Live Python, cell 1")


def until(page: Page, condition: str) -> None:
    """Wait for an asynchronous condition of the page."""
    for _ in range(600):
        if page.evaluate(f"async () => {condition}"):
            return
        page.wait_for_timeout(100)
    raise AssertionError(f"not within a minute: {condition}")
