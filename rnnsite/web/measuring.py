"""The finished site in a real browser: how long until each kind of demo shows something, and what is fetched for it.

The browser is the one that draws the figures. Every run is served from a port of its own, which to a browser is another
site, so that nothing is cached.
"""

from __future__ import annotations

import asyncio
import concurrent.futures
import dataclasses
import json
import logging
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from rnnsite.web.gzip_server import Server, serve

RUNS = 5  # of each kind
LONGEST = 180  # seconds for one step in the browser
UNLIKE_A_READERS = ("--disable-lazy-loading", "--disable-web-security")  # what choreographer asks of Chrome
WINDOW = {"width": 1280, "height": 900, "deviceScaleFactor": 1, "mobile": False}


class NotMeasured(Exception):
    """What was waited for did not come. Its text is the end of a sentence."""


class NoBrowser(NotMeasured):
    """There is no Chrome."""


@dataclass(frozen=True)
class Kind:
    """One kind of demo.

    name     as the table has it
    span     from where to where the time goes
    marker   what the HTML of a page with one contains; empty for the page that the table stands in
    place    selector of the demo, which is scrolled to
    shown    JavaScript, true once the output is there; `find(selector)` looks in the demo
    ready    JavaScript, true once the demo can be asked, and
    press    JavaScript that asks for the output; without it the time counts from opening the page
    again    the press is made again in the same visit, and the first one does not count
    reads    JavaScript for a number of ms that the output states, instead of the time to it
    """

    name: str
    span: str
    marker: str
    place: str
    shown: str
    ready: str = "true"
    press: str = ""
    again: bool = False
    reads: str = "performance.now() - began"


def _explorer(name: str) -> tuple[str, str, str]:
    there = f'data-explorer="{name}"'
    return there, f"[{there}]", "demo().dataset.live === '' && find('.rs-x-finding').textContent"


_PRINTED = "find('.rs-cell-text').textContent && !demo().ariaBusy"
_CAN_RUN, _RUN = "!find('.rs-cell-run').disabled", "find('.rs-cell-run').click()"
_FIRST_PAINT = "performance.getEntriesByName('first-contentful-paint')[0]"
KINDS = (
    Kind("a page, to read", "opened → first text", "", "h1", _FIRST_PAINT, reads=f"{_FIRST_PAINT}.startTime"),
    Kind("an explorer", "page opened → its curves", *_explorer("gradient-flow")),
    Kind("the explorer of trained weights", "page opened → its gates", *_explorer("text")),
    Kind("a notebook", "page opened → its first figure", "figures/notebook-", ".rs-plot", "find('img').naturalWidth"),
    Kind(
        "a figure, brought to life",
        "Interact → drawn by Plotly",
        "rs-interact",
        ".rs-plot",
        "find('.main-svg')",
        ready="demo().dataset.mounted === ''",
        press="find('.rs-interact').click()",
    ),
    Kind(
        "a checked answer",
        "Check → the verdict",
        "rs-check",
        ".rs-check",
        "find('.rs-check-says').textContent",
        ready="performance.getEntriesByType('resource').some(({ name }) => name.includes('/checks-'))",
        press="find('input').value = '1'; find('button').click()",
    ),
    Kind("a live cell, the first time", "Run → what it prints", "", ".rs-cell", _PRINTED, _CAN_RUN, _RUN),
    Kind("a live cell, after that", "Run → what it prints", "", ".rs-cell", _PRINTED, _CAN_RUN, _RUN, again=True),
    Kind(
        "a step of an LSTM in a live cell",
        "16 units, 30 inputs, forward and back",
        "",
        ".rs-cell ~ .rs-cell",
        _PRINTED,
        _CAN_RUN,
        _RUN,
        again=True,
        reads="parseFloat(find('.rs-cell-text').textContent)",
    ),
)
# A condition is looked at after every change of the document, and every 5 ms for what changes nothing in it.
_VISIT = """(async () => {
  const demo = () => document.querySelector(`article ${PLACE}`);
  const find = (selector) => demo().querySelector(selector);
  const until = (true_) => new Promise((done) => {
    const look = () => true_() && (watch.disconnect(), clearInterval(clock), done());
    const watch = new MutationObserver(look);
    const clock = setInterval(look, 5);
    watch.observe(document, { subtree: true, childList: true, attributes: true, characterData: true });
    look();
  });
  const tried = (what) => () => { try { return what(); } catch { return false; } };
  await until(demo);
  demo().scrollIntoView({ block: "center" });
  await until(tried(() => READY));
  const began = PRESSED ? performance.now() : 0;
  PRESS;
  await until(tried(() => SHOWN));
  return READS;
})()"""


def measure(site: Path, pages: Mapping[str, str]) -> dict[str, Any]:
    """Open the page of each kind (name → address from the site's root) `RUNS` times.

    Returns ms (name → a list), files (name → addresses fetched by the time of the output) and browser (its version).
    Raises NotMeasured.
    """
    from choreographer.errors import BrowserDepsError, BrowserFailedError, ChromeNotFoundError

    for name in ("choreographer", "browser_proc"):
        logging.getLogger(name).setLevel(logging.CRITICAL)  # it logs Chrome's "{bye}" as an error
    try:
        with concurrent.futures.ThreadPoolExecutor(1) as alone:  # the caller's thread may have an event loop already
            return alone.submit(asyncio.run, _measure(site, pages)).result()
    except ChromeNotFoundError:
        raise NoBrowser("no Chrome or Chromium was found") from None
    except (BrowserFailedError, BrowserDepsError) as error:
        raise NotMeasured(f"Chrome did not start: {type(error).__name__}") from None


async def _measure(site: Path, pages: Mapping[str, str]) -> dict[str, Any]:
    from choreographer import Browser
    from choreographer.browsers import Chromium

    class AsReadersHaveIt(Chromium):
        def get_cli(self) -> list[str]:
            return [flag for flag in super().get_cli() if flag not in UNLIKE_A_READERS]

    ms: dict[str, list[float]] = {}
    files: dict[str, list[str]] = {}
    async with Browser(browser_cls=AsReadersHaveIt, headless=True) as browser:
        told = await browser.send_command("Browser.getVersion")
        for kind in [kind for kind in KINDS if kind.name in pages]:
            for _ in range(1 if kind.again else RUNS):
                tab = await browser.create_tab()
                await tab.send_command("Emulation.setDeviceMetricsOverride", WINDOW)
                with serve(site) as server:
                    visit = _visit(tab, server, kind, pages[kind.name])
                    try:
                        took = await asyncio.wait_for(visit, LONGEST)
                    except TimeoutError:
                        raise NotMeasured(f"{kind.name} showed nothing within {LONGEST} seconds") from None
                    if kind.name not in files:
                        await asyncio.to_thread(server.wait_for_rest)
                        files[kind.name] = list(server.asked)
                    await tab.close()
                ms.setdefault(kind.name, []).extend(round(one, 2) for one in took)
    return {"ms": ms, "files": files, "browser": told["result"]["product"]}


async def _visit(tab: Any, server: Server, kind: Kind, page: str) -> list[float]:
    """Open the page, ask for the output and wait for it; the ms that it took, each time."""
    await tab.send_command("Page.navigate", {"url": server.address + page})
    if kind.press:
        await _evaluate(tab, dataclasses.replace(kind, press="", shown=kind.ready, reads="0"))
        await asyncio.to_thread(server.wait_for_rest)
    took = [await _evaluate(tab, kind) for _ in range(1 + RUNS if kind.again else 1)]
    return took[1:] if kind.again else took


async def _evaluate(tab: Any, kind: Kind) -> float:
    script = _VISIT.replace("PLACE", json.dumps(kind.place)).replace("PRESSED", json.dumps(bool(kind.press)))
    for name in ("ready", "press", "shown", "reads"):
        script = script.replace(name.upper(), getattr(kind, name))
    wanted = {"expression": script, "awaitPromise": True, "returnByValue": True}
    answer = await tab.send_command("Runtime.evaluate", wanted)
    result = answer.get("result", {})
    if "exceptionDetails" in result or "value" not in result.get("result", {}):
        raise NotMeasured(f"{kind.name}: {json.dumps(result or answer)[:200]}")
    return float(result["result"]["value"])
