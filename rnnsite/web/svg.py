"""Plotly's SVG made small, the same on every run, and recolourable."""

from __future__ import annotations

import re
import xml.etree.ElementTree as etree

from rnnsite.figures.palette import LIGHT_TO_DARK, to_dark
from rnnsite.web.png import smaller_images

_SVG = "{http://www.w3.org/2000/svg}"
_XLINK = "{http://www.w3.org/1999/xlink}"
_RGB = re.compile(r"rgb\((\d+), (\d+), (\d+)\)")
_NUMBER = re.compile(r"-?\d*\.?\d+(?:e-?\d+)?")
_HEX = re.compile(r"#[0-9a-f]{6}\b")
_USELESS = {
    ("opacity", "1"),
    ("fill-opacity", "1"),
    ("stroke-opacity", "1"),
    ("font-style", "normal"),
    ("font-weight", "normal"),
    ("font-variant", "normal"),
    ("text-transform", "none"),
    ("text-decoration-line", "none"),
    ("text-shadow", "none"),
}
etree.register_namespace("", _SVG[1:-1])
etree.register_namespace("xlink", _XLINK[1:-1])


def tidy(svg: str, title: str) -> str:
    """A drawing without what only plotly's scripts need: classes, data, random ids, empty groups, tenth decimals."""
    root = etree.fromstring(svg)
    _drop_empty(root)
    for element in root.iter():
        for name in [name for name in element.attrib if name in ("class", "data-notex") or name.startswith("data-")]:
            del element.attrib[name]
        _restyle(element)
        for name in ("d", "transform", "points", "x", "y", "width", "height", "x1", "x2", "y1", "y2"):
            if name in element.attrib and not element.attrib[name].startswith("data:"):
                element.attrib[name] = _NUMBER.sub(_rounded, element.attrib[name])
    root.attrib["style"] = "white-space:pre"
    _hoist_font(root)
    label = etree.Element(f"{_SVG}title")
    label.text = title
    root.insert(0, label)
    text = etree.tostring(root, encoding="unicode")
    # plotly's ids hold random parts; ours count
    for count, name in enumerate(dict.fromkeys(re.findall(r' id="([^"]+)"', text))):
        text = re.sub(rf'(\bid="|#){re.escape(name)}(?=["\')])', rf"\g<1>i{count}", text)
    return smaller_images(text)


def darkened(svg: str) -> str | None:
    """A tidied drawing in the dark colours; None when it holds colours or pixels that only a new drawing can give."""
    if "data:image" in svg or not set(_HEX.findall(svg)) <= LIGHT_TO_DARK.keys():
        return None
    dark: str = to_dark(svg)
    return dark


def _drop_empty(element: etree.Element) -> None:
    """Remove groups and paths that draw nothing, and plotly's transparent backgrounds."""
    for child in list(element):
        _drop_empty(child)
        hollow = len(child) == 0 and child.tag in (f"{_SVG}g", f"{_SVG}defs")
        shapeless = child.tag == f"{_SVG}path" and "d" not in child.attrib
        if hollow or shapeless or (child.tag == f"{_SVG}rect" and _transparent(child.attrib.get("style", ""))):
            element.remove(child)


def _transparent(style: str) -> bool:
    unstroked = "stroke" not in style or "stroke-width: 0" in style
    return "fill-opacity: 0;" in style and unstroked


def _restyle(element: etree.Element) -> None:
    style = element.attrib.pop("style", "")
    for name in ("fill", "stroke", "stop-color"):
        if name in element.attrib:
            element.attrib[name] = _RGB.sub(_hex, element.attrib[name])
    kept: dict[str, str] = {}
    for declaration in style.split(";"):
        name, _, value = (part.strip() for part in declaration.partition(":"))
        if name and (name, value) not in _USELESS:
            kept[name] = _RGB.sub(_hex, value)
    for paint in ("fill", "stroke"):
        if kept.get(f"{paint}-opacity") == "0":
            del kept[f"{paint}-opacity"]
            kept[paint] = "none"
    unstroked = kept.get("stroke") == "none" or kept.get("stroke-width", "1") in ("0", "0px")
    if unstroked or ("stroke-width" in kept and "stroke" not in kept and element.tag != f"{_SVG}g"):
        kept = {name: value for name, value in kept.items() if not name.startswith("stroke")}
    kept.pop("white-space", None)
    if kept:
        element.attrib["style"] = ";".join(f"{name}:{value}" for name, value in kept.items())


def _hoist_font(root: etree.Element) -> None:
    """Say the font once, on the root, rather than on each of fifty texts."""
    families = re.compile(r"font-family:([^;]*);?")
    found = [match[1] for text in root.iter() if (match := families.search(text.attrib.get("style", "")))]
    if not found:
        return
    common = max(sorted(set(found)), key=found.count)
    for element in root.iter():
        style = element.attrib.get("style", "").replace(f"font-family:{common}", "").replace(";;", ";").strip(";")
        if style:
            element.attrib["style"] = style
        else:
            element.attrib.pop("style", None)
    root.attrib["style"] = f"{root.attrib.get('style', '')};font-family:{common}".strip(";")


def _hex(match: re.Match[str]) -> str:
    return "#" + "".join(f"{int(part):02x}" for part in match.groups())


def _rounded(match: re.Match[str]) -> str:
    value = round(float(match[0]), 1)
    return f"{int(value)}" if value == int(value) else f"{value}"
