"""What every Markdown block of the site can do."""

from __future__ import annotations

import xml.etree.ElementTree as etree

from pymdownx.blocks.block import Block

from rnnsite.web.site import Site


class SiteBlock(Block):
    """A block that can see the build's state and put finished HTML in the page."""

    @property
    def site(self) -> Site:
        site: Site = self.config["site"]
        return site

    def html(self, text: str) -> str:
        """A stand-in for finished HTML, replaced when the page is serialised."""
        stored: str = self.md.htmlStash.store(text)
        return stored

    def child(self, parent: etree.Element, tag: str, css: str = "", text: str | None = None) -> etree.Element:
        element = etree.SubElement(parent, tag, {"class": css} if css else {})
        element.text = text
        return element
