from __future__ import annotations

from rnnsite.figures.palette import PALETTE
from rnnsite.web.svg import darkened, tidy

PLOTLY = """<svg class="main-svg" xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink"
 width="680" height="400" style="" viewBox="0 0 680 400">
<rect x="0" y="0" width="680" height="400" style="fill: rgb(0, 0, 0); fill-opacity: 0;"/>
<defs id="defs-8711e9"><clipPath id="clip8711e9xyplot"><rect width="570.06" height="308"/></clipPath></defs>
<g class="empty"><g class="x"/></g><path class="xlines-below"/>
<g class="trace018b86" clip-path="url(#clip8711e9xyplot)">
<path d="M0,15.4049L519,-276.0001Z" style="fill: rgb(196, 75, 7); fill-opacity: 0.18; stroke-width: 0px; stroke: rgb(0, 0, 0);"/>
<path d="M0,0L1,1" style="opacity: 1; fill: rgb(0, 0, 0); fill-opacity: 0; stroke: rgb(36, 69, 186); stroke-width: 2px;"/>
</g>
<text x="7" style="font-family: Mono; font-size: 14px; fill: rgb(33, 31, 27); white-space: pre;">a</text>
<text x="8" style="font-family: Mono; font-size: 14px; fill: rgb(33, 31, 27); white-space: pre;">b</text>
</svg>"""  # noqa: E501


def test_what_only_plotly_needs_is_gone() -> None:
    svg = tidy(PLOTLY, "A line & its band")
    assert "<title>A line &amp; its band</title>" in svg
    assert 'd="M0,15.4L519,-276Z" style="fill:#c44b07;fill-opacity:0.18"' in svg
    assert 'style="fill:none;stroke:#2445ba;stroke-width:2px"' in svg
    assert svg.count("font-family") == 1
    assert svg.count("<rect") == 1, "the transparent background is gone, the clip stays"
    for gone in ("class", "8711e9", "rgb(", "570.06", "empty"):
        assert gone not in svg
    assert '<clipPath id="i1">' in svg
    assert 'clip-path="url(#i1)"' in svg


def test_random_ids_do_not_show() -> None:
    other = PLOTLY.replace("8711e9", "0000ff").replace("018b86", "abcdef")
    assert tidy(other, "x") == tidy(PLOTLY, "x")


def test_known_colours_are_darkened_in_place() -> None:
    svg = darkened(tidy(PLOTLY, "x"))
    assert svg is not None
    assert PALETTE["rnn"][1] in svg
    assert PALETTE["rnn"][0] not in svg


def test_pixels_and_mixed_colours_need_a_new_drawing() -> None:
    assert darkened('<svg><image href="data:image/png;base64,"/></svg>') is None
    assert darkened('<svg><path style="fill:#123456"/></svg>') is None
