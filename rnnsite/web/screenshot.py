"""The picture in the README: the home page of the built site, taken by the browser that draws the figures.

python -m rnnsite.web.screenshot site docs/images/home.png
"""

from __future__ import annotations

import asyncio
import base64
import sys
from pathlib import Path

from choreographer import Browser

from rnnsite.web.gzip_server import serve

WIDTH, HEIGHT, SETTLE = 1280, 920, 3.0  # px, px, seconds for the explorer to draw


async def capture(url: str, place: Path) -> None:
    """Save what a reader with a window of WIDTH × HEIGHT sees at `url`, as a PNG."""
    async with Browser(headless=True) as browser:
        tab = await browser.create_tab()
        size = {"width": WIDTH, "height": HEIGHT, "deviceScaleFactor": 1, "mobile": False}
        await tab.send_command("Emulation.setDeviceMetricsOverride", size)
        await tab.send_command("Emulation.setScrollbarsHidden", {"hidden": True})
        await tab.send_command("Page.navigate", {"url": url})
        await asyncio.sleep(SETTLE)
        answer = await tab.send_command("Page.captureScreenshot", {"format": "png"})
    place.parent.mkdir(parents=True, exist_ok=True)
    place.write_bytes(base64.b64decode(answer["result"]["data"]))


def main() -> None:
    site, place = Path(sys.argv[1]), Path(sys.argv[2])
    with serve(site) as server:
        asyncio.run(capture(server.address, place))


if __name__ == "__main__":
    main()
