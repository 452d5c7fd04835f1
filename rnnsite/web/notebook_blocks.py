"""The blocks of a notebook's page, which the build writes: the line under its title, and what each cell gave."""

from __future__ import annotations

import xml.etree.ElementTree as etree

from rnnsite.web import demos, notebook_pages
from rnnsite.web.site_block import SiteBlock


class NotebookBlock(SiteBlock):
    """`/// notebook | name`: the line under a notebook's title. The build writes these pages."""

    NAME = "notebook"
    ARGUMENT = True

    def on_create(self, parent: etree.Element) -> etree.Element:
        line = self.child(parent, "div", "rs-frontline")
        line.text = self.html(notebook_pages.head_html(self.site.notebook(self.argument), self.site.repo_url))
        return line


class OutputBlock(SiteBlock):
    """`/// output | name cell`: what a notebook's code cell, counted from 0, printed and showed."""

    NAME = "output"
    ARGUMENT = True

    def on_create(self, parent: etree.Element) -> etree.Element:
        name, _, number = self.argument.partition(" ")
        outputs, cell = self.site.notebook(name).outputs, int(number)
        if outputs is None:
            return self.child(parent, "p", "rs-missing", "Left out of this build (--only).")
        output, drawn = outputs[cell], self.site.notebook_figures[name].get(cell)
        wrapper = self.child(parent, "div", "rs-cell-output")
        said = "".join(demos.output_html(output[part]) for part in ("printed", "value") if output.get(part))
        wrapper.text = self.html(said)
        if drawn is not None:
            block = self.child(parent, "div", "rs-figure")
            block.attrib["id"] = drawn.stem
            self.child(block, "figure", "rs-drawn").text = self.html(drawn.plot_html(self.site.url("")))
            self.child(block, "div", "rs-figure-foot").text = self.html(drawn.data_html(self.site.url("")))
        return wrapper
