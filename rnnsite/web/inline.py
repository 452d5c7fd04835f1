"""Inline Markdown: numbers from runs, `` `=stem.name` ``, and citations, ``[@key]``."""

from __future__ import annotations

import re
import xml.etree.ElementTree as etree
from typing import TYPE_CHECKING, Any

from markdown.inlinepatterns import InlineProcessor

if TYPE_CHECKING:
    from rnnsite.web.site import Site

NUMBER = r"`=([a-z_0-9]+)\.([A-Za-z_0-9]+)(?::([^`]+))?`"
CITATION = r"\[@([a-z0-9_]+(?:; *@[a-z0-9_]+)*)\]"
BEFORE_CODE = 195  # the priority of Markdown's own backticks is 190


class Number(InlineProcessor):
    """A number that an experiment's NUMBERS names; printed in the form that `rnnsite.wording` knows by its spec."""

    def __init__(self, site: Site, md: Any) -> None:
        super().__init__(NUMBER, md)
        self.site = site

    def handleMatch(self, m: re.Match[str], data: str) -> tuple[etree.Element, int, int]:
        stem, name, spec = m.groups()
        element = etree.Element("span", {"class": "rs-number"})
        element.text, element.attrib["title"] = self.site.number(stem, name, spec)
        return element, m.start(0), m.end(0)


class Citation(InlineProcessor):
    """A link to the bibliography, reading (Author, year)."""

    def __init__(self, site: Site, md: Any) -> None:
        super().__init__(CITATION, md)
        self.site = site

    def handleMatch(self, m: re.Match[str], data: str) -> tuple[etree.Element, int, int]:
        element = etree.Element("span", {"class": "rs-citation"})
        element.text = "("
        for number, key in enumerate(re.findall(r"[a-z0-9_]+", m.group(1))):
            if number:
                element[-1].tail = "; "
            link = etree.SubElement(element, "a", {"href": self.site.reference_url(key)})
            link.text = self.site.bibliography[key].label
        element[-1].tail = ")"
        return element, m.start(0), m.end(0)
