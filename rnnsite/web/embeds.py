"""A bare page for each explorer, explorers/<name>/, for an iframe elsewhere: the explorer, and where it is from."""

from __future__ import annotations

import html
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Placed:
    """Where an explorer stands.

    page    the page's address from the site's root, and its title
    start   how the explorer starts there
    files   the folder of the files that it loads, from the site's root
    """

    page: str
    title: str
    start: Mapping[str, Any]
    files: str | None = None


def address(name: str) -> str:
    """The explorer's own page, from the site's root."""
    return f"explorers/{name}/"


def page_html(name: str, placed: Placed, *, stylesheet: str, script: str) -> str:
    """explorers/<name>/index.html. Addresses are from the site's root."""
    said = name.replace("-", " ").capitalize()
    options, title = (html.escape(text) for text in (json.dumps(dict(placed.start)), placed.title))
    files = f' data-files="../../{placed.files}"' if placed.files else ""
    return (
        '<!doctype html><html lang="en" class="no-js"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width,initial-scale=1">'
        f'<title>{said}</title><meta name="description" content="An explorer to set and watch, from the page {title}.">'
        '<link rel="icon" href="../../assets/images/favicon.svg">'
        f'<link rel="stylesheet" href="../../{stylesheet}">'
        f'<script type="module" src="../../{script}"></script></head>'
        '<body class="rs-embed"><main>'
        f'<div class="rs-explorer" data-explorer="{name}" data-options="{options}" data-embed="./"{files}>'
        "<noscript><p>This explorer computes in your browser and needs JavaScript.</p></noscript></div>"
        f'<h1><a href="../../{placed.page}">{said}, from “{title}”</a></h1></main></body></html>\n'
    )
