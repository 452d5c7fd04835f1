"""The computed parts of the stylesheet: colours from the figures' palette, KaTeX's rules, the theme's rules."""

from __future__ import annotations

import importlib.util
import re
from collections.abc import Iterator
from pathlib import Path

from rnnsite.errors import RnnsiteError
from rnnsite.figures import palette

# Parts of the theme that no page of ours uses, right-to-left text among them, or that browser/styles draws its own way.
UNUSED = re.compile(
    r"\[dir=rtl\]|\.md-(annotation|author|banner|button|consent|draft|feedback|input|meta|pagination|post|profile|"
    r"progress|rating|select|social|source|status|tag|tooltip2|version|path)|\.mermaid|\.giscus|\.\w*moji|\.task-list"
    r"|\.grid|\.(critic|doc)-|\.tabbed|\.keys|\.highlighttable|\.linenos|admonition|details|summary|columnheader"
    r"|data-md-color-(primary|accent)|^:root>\*$"
)
_UNUSED_ICON = re.compile(
    r"--md-(version|source|admonition|annotation|social|tag|status|tabbed|details|typeset-table|tasklist|mermaid|path)"
    r"[\w-]*:url\(\"[^\"]*\"\);?"
)


def generated_stylesheets(modules: Path) -> dict[str, str]:
    """File name → CSS, for `@import "generated/<name>"` in browser/styles."""
    katex = (modules / "katex" / "dist" / "katex.css").read_text(encoding="utf-8")
    theme = _theme_stylesheet().read_text(encoding="utf-8")
    return {"palette.css": palette_css(), "katex.css": katex_css(katex), "theme.css": without_unused(theme)}


def sources() -> list[Path]:
    """The files that the generated stylesheets depend on, beside the npm packages."""
    return [Path(__file__), Path(palette.__file__), _theme_stylesheet()]


def palette_css() -> str:
    """Every colour of `rnnsite.figures.palette` as a custom property: --rs-lstm and so on, light and dark.

    Before the theme's script has run (or without JavaScript) the reader's system decides; on paper it is light.
    """
    light, dark = ("".join(_properties(mode)) for mode in (0, 1))
    return (
        f":root,[data-md-color-scheme=default]{{{light}color-scheme:light}}\n"
        f"[data-md-color-scheme=slate]{{{dark}color-scheme:dark}}\n"
        "@media (prefers-color-scheme:dark){"
        f".no-js,.no-js body:not([data-md-color-media]){{{dark}color-scheme:dark}}}}\n"
        f"@media print{{:root,body[data-md-color-scheme]{{{light}color-scheme:light}}}}\n"
    )


def _properties(mode: int) -> Iterator[str]:
    colours = {name: pair[mode] for name, pair in palette.PALETTE.items()}
    for name, value in colours.items():
        yield f"--rs-{name}:{value};"
    yield f"--rs-wash:{_mix(colours['paper'], colours['ink'], 0.035)};"  # behind code
    yield f"--rs-shade:{_mix(colours['paper'], colours['ink'], 0.08)};"  # behind what is selected or pressed


def _mix(a: str, b: str, share: float) -> str:
    pairs = [(int(a[i : i + 2], 16), int(b[i : i + 2], 16)) for i in (1, 3, 5)]
    return "#" + "".join(f"{round(x + share * (y - x)):02x}" for x, y in pairs)


def katex_css(css: str) -> str:
    """KaTeX's stylesheet with woff2 fonts alone, found in its package wherever this copy lies."""
    css = re.sub(r",\s*url\([^)]*\.(woff|ttf)\)\s*format\([^)]*\)", "", css)
    return css.replace("url(fonts/", "url(katex/dist/fonts/")


def without_unused(css: str) -> str:
    """The theme's (minified) stylesheet without the rules whose every selector names a part that is never used.

    >>> without_unused("@media print{.md-tag{a:b}.x{c:d}}.y,[dir=rtl] .z{e:f}")
    '@media print{.x{c:d}}.y{e:f}'
    """
    css = _UNUSED_ICON.sub("", re.sub(r"/\*.*?\*/", "", css, flags=re.DOTALL))
    return "".join(_kept_rules(css))


def _kept_rules(css: str) -> Iterator[str]:
    for prelude, body in _blocks(css):
        if body is None:
            yield prelude
        elif prelude.startswith(("@media", "@supports")):
            inner = "".join(_kept_rules(body))
            if inner:
                yield f"{prelude}{{{inner}}}"
        elif prelude.startswith("@"):
            yield f"{prelude}{{{body}}}"
        else:
            selectors = [s for s in re.split(r",(?![^(]*\))", prelude) if not UNUSED.search(s)]
            if selectors:
                yield f"{','.join(selectors)}{{{body}}}"


def _blocks(css: str) -> Iterator[tuple[str, str | None]]:
    """(prelude, body) of each rule at the top level; the body is None for statements such as @charset."""
    start = depth = opened = 0
    quote = ""
    for at, char in enumerate(css):
        if quote:
            if char == quote and css[at - 1] != "\\":
                quote = ""
        elif char in "\"'":
            quote = char
        elif char == "{":
            depth += 1
            if depth == 1:
                opened = at
        elif char == "}":
            depth -= 1
            if depth == 0:
                yield css[start:opened].strip(), css[opened + 1 : at]
                start = at + 1
        elif char == ";" and depth == 0:
            yield css[start : at + 1].strip(), None
            start = at + 1


def _theme_stylesheet() -> Path:
    spec = importlib.util.find_spec("material")
    folders = [Path(place) for place in (spec.submodule_search_locations or [])] if spec else []
    for folder in folders:
        for path in sorted(folder.glob("templates/assets/stylesheets/main.*.min.css")):
            return path
    raise RnnsiteError("The theme's stylesheet was not found: install the site's packages, `pip install -e '.[site]'`.")
