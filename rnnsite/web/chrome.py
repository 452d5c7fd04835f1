"""One Chrome for the whole build, driven by kaleido, started at the first drawing that the cache does not hold."""

from __future__ import annotations

import asyncio
import logging
import threading
from typing import Any

logger = logging.getLogger("mkdocs.plugins.rnnsite")

FIRST, EACH = 120, 60  # seconds to wait for the browser and for one drawing
NO_CHROME = (
    "No Chrome or Chromium was found, so figures are shown as tables until a reader presses “Interact”. "
    "Install one (BROWSER_PATH may name it) and build again to have them drawn."
)


class Chrome:
    """Turns figures into SVG. `svg` gives None where there is no browser, and says so once."""

    def __init__(self) -> None:
        self.started = False
        self._kaleido: Any = None
        self._loop = asyncio.new_event_loop()  # its own thread: the caller's may have a loop running already
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)

    def svg(self, figure: dict[str, Any]) -> str | None:
        """The drawing of a figure in Plotly's JSON form, at its layout's width and height."""
        if not self.started:
            self._start()
        if self._kaleido is None:
            return None
        drawn = self._kaleido.calc_fig(figure, opts={"format": "svg"})
        svg: bytes = self._wait(drawn, EACH)
        return svg.decode()

    def close(self) -> None:
        if self._kaleido is not None:
            self._wait(self._kaleido.close(), EACH)
            self._kaleido = None
        if self._thread.is_alive():
            self._loop.call_soon_threadsafe(self._loop.stop)
            self._thread.join(EACH)

    def _start(self) -> None:
        self.started = True
        try:
            import kaleido
            from choreographer.errors import BrowserDepsError, BrowserFailedError, ChromeNotFoundError
        except ImportError:
            logger.warning(
                "Kaleido is not installed, so figures are shown as tables until a reader presses “Interact”."
            )
            return
        logging.getLogger("kaleido").setLevel(logging.ERROR)
        logging.getLogger("choreographer").setLevel(logging.CRITICAL)  # it logs Chrome's "{bye}" as an error
        self._thread.start()

        async def opened() -> Any:
            # mathjax=False: kaleido would fetch it from another host
            browser = kaleido.Kaleido(n=1, mathjax=False, timeout=EACH)
            await browser.open()
            return browser

        try:
            self._kaleido = self._wait(opened(), FIRST)
        except ChromeNotFoundError:
            logger.info(NO_CHROME)
        except (BrowserFailedError, BrowserDepsError, TimeoutError) as error:
            said = str(error.args[0] if error.args else "").strip()
            reason = said.split("\n")[0].rstrip(".") or type(error).__name__
            logger.warning("Chrome did not start, so figures are shown as tables (%s).", reason)

    def _wait(self, task: Any, seconds: float) -> Any:
        return asyncio.run_coroutine_threadsafe(task, self._loop).result(seconds)
