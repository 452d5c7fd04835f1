"""The Markdown blocks of a page: `/// experiment | stem`, published, explorer, source, exercise and the rest.

A block (pymdownx.blocks) works inside other blocks, is left alone in code samples and takes Markdown as its content.
"""

from __future__ import annotations

import json
import xml.etree.ElementTree as etree
from typing import Any, ClassVar

from markdown import Markdown
from pymdownx.blocks import BlocksExtension
from pymdownx.blocks.block import type_any, type_number, type_string

from rnnsite.claims import Verdict
from rnnsite.errors import RnnsiteError, nearest
from rnnsite.fresh_sets import Tried
from rnnsite.web import answers, demos, embeds, listing, markup
from rnnsite.web.inline import BEFORE_CODE, Citation, Number
from rnnsite.web.notebook_blocks import NotebookBlock, OutputBlock
from rnnsite.web.site import Site
from rnnsite.web.site_block import SiteBlock
from rnnsite.wording import say

EXPLORERS = (
    "gradient-flow",
    "iterated-maps",
    "cliff",
    "echo-state",
    "leaky-memory",
    "clip-threshold",
    "gate-lab",
    "text",
)
WEIGHTS_OF = {"text": "gates_on_text"}  # the experiment whose files an explorer loads


class ExperimentBlock(SiteBlock):
    """`/// experiment | stem`: the figure, its caption (the content), claims, data, stamp."""

    NAME = "experiment"
    ARGUMENT = True

    def on_create(self, parent: etree.Element) -> etree.Element:
        self.shown = self.site.find(self.argument)
        block = self.child(parent, "div", "rs-figure")
        block.attrib |= {"id": f"fig-{self.argument}", "data-figure": self.argument}
        figure = self.child(block, "figure", "rs-drawn")  # a caption may only be the last thing in its figure
        if self.shown is None:
            self.child(figure, "p", "rs-missing", f"“{self.argument}” was left out of this build (--only).")
        else:
            figure.text = self.html(self.shown.drawn.plot_html(self.site.url("")))
        return block

    def on_add(self, block: etree.Element) -> etree.Element:
        caption = block.find("figure/figcaption")
        return self.child(block[0], "figcaption") if caption is None else caption

    def on_end(self, block: etree.Element) -> None:
        if self.shown is None:
            return
        if self.shown.verdicts:
            claims = self.child(block, "ul", "rs-claims")
            claims.attrib["aria-label"] = "Claims checked by this run"
            for verdict in self.shown.verdicts:
                self._claim(claims, verdict, self.shown.tried)
        rest = self.child(block, "div", "rs-figure-foot")
        rest.text = self.html(self.shown.drawn.data_html(self.site.url("")) + markup.stamp(self.shown, self.site))

    def _claim(self, claims: etree.Element, verdict: Verdict, tried: Tried | None) -> None:
        item = self.child(claims, "li", f"rs-claim rs-{verdict.status.replace(' ', '-')}")
        says = self.child(item, "span", "rs-says", verdict.sentence)
        if verdict.claim.source:
            assert says.text is not None
            says.text += f" [@{verdict.claim.source}]"
        says.tail = " "
        self.child(item, "span", "rs-measured", markup.measured(verdict, tried))


class PublishedBlock(SiteBlock):
    """`/// published | stem`: the table *published | ours | what differs*."""

    NAME = "published"
    ARGUMENT = True

    def on_create(self, parent: etree.Element) -> etree.Element:
        shown = self.site.find(self.argument)
        wrapper = self.child(parent, "div", "rs-table-scroll")
        wrapper.attrib |= {"tabindex": "0", "role": "group", "aria-label": "Published and our results"}
        if shown is None:
            return wrapper
        if not shown.experiment.published:
            raise RnnsiteError(f"the experiment {self.argument!r} has no PUBLISHED rows to show")
        table = self.child(wrapper, "table", "rs-published")
        head = self.child(self.child(table, "thead"), "tr")
        for title in ("quantity", "published", "ours", "what differs"):
            self.child(head, "th", text=title).attrib["scope"] = "col"
        body = self.child(table, "tbody")
        for row in shown.experiment.published:
            line = self.child(body, "tr")
            self.child(line, "th", text=row.quantity).attrib["scope"] = "row"
            self.child(line, "td", text=f"{row.published} [@{row.source}]")
            self.child(line, "td", text=say(row.ours(shown.result.arrays), row.spec))
            self.child(line, "td", text=row.differs)
        return wrapper


class ExplorerBlock(SiteBlock):
    """`/// explorer | name` with an optional `start: {cell: lstm}`: live in the page; the content says what to try."""

    NAME = "explorer"
    ARGUMENT = True
    OPTIONS: ClassVar[dict[str, Any]] = {"start": ({}, type_any)}

    def on_create(self, parent: etree.Element) -> etree.Element:
        if self.argument not in EXPLORERS:
            raise RnnsiteError(f"there is no explorer {self.argument!r}.{nearest(self.argument, EXPLORERS)}")
        section = self.child(parent, "section", "rs-try")
        explorer = self.child(section, "div", "rs-explorer")
        explorer.attrib |= {"data-explorer": self.argument, "data-options": json.dumps(self.options["start"])}
        explorer.attrib["data-embed"] = self.site.url(embeds.address(self.argument))
        weights = WEIGHTS_OF.get(self.argument)
        files = f"figures/{weights}/" if weights and self.site.find(weights) else None
        if files:
            explorer.attrib["data-files"] = self.site.url(files)
        self.site.place(self.argument, self.options["start"], files)
        without = "This explorer computes in your browser and needs JavaScript; the figures on this page do not."
        explorer.text = self.html(f'<noscript><p class="rs-noscript">{without}</p></noscript>')
        return section


class SourceBlock(SiteBlock):
    """`/// source | rnnsite.module.object`: the source of that object as it stands in the package."""

    NAME = "source"
    ARGUMENT = True

    def on_create(self, parent: etree.Element) -> etree.Element:
        wrapper = self.child(parent, "div", "rs-source")
        wrapper.text = self.html(markup.source(self.argument, self.site, self.md))
        return wrapper


class DemoBlock(SiteBlock):
    """`/// demo | name`: the code of demos/name.py and what it prints, run by the build."""

    NAME = "demo"
    ARGUMENT = True

    def on_create(self, parent: etree.Element) -> etree.Element:
        code, output = demos.code_and_output(self.site.project, self.argument)
        wrapper = self.child(parent, "div", "rs-demo")
        wrapper.text = self.html(markup.highlight(code, self.md) + demos.output_html(output))
        return wrapper


class PlainBlock(SiteBlock):
    """A block that is an element with a class, its argument as title."""

    TAG = "div"
    CSS = ""

    def on_create(self, parent: etree.Element) -> etree.Element:
        element = self.child(parent, self.TAG, self.CSS)
        if self.argument:
            self.child(element, "p", f"{self.CSS}-title", self.argument)
        return element


class AsideBlock(PlainBlock):
    """`/// aside`: history and caveats, in the margin where there is one."""

    NAME, TAG, CSS = "aside", "aside", "rs-aside"


class FrontlineBlock(PlainBlock):
    """`/// frontline`: minutes, prerequisites and lectures, written by the plugin from the page's front matter."""

    NAME, CSS = "frontline", "rs-frontline"


class ExerciseBlock(PlainBlock):
    """`/// exercise | Title`: a question; its `//// answer` is hidden until asked for."""

    NAME, TAG, CSS = "exercise", "section", "rs-exercise"
    ARGUMENT = True


class AnswerBlock(SiteBlock):
    """`//// answer` inside an exercise."""

    NAME = "answer"

    def on_create(self, parent: etree.Element) -> etree.Element:
        details = self.child(parent, "details", "rs-answer")
        self.child(details, "summary", text="Answer")
        return details


class CheckBlock(SiteBlock):
    """`//// check` inside an exercise: the reader types a number and is told, with a hint after a wrong try.

    answer   `=stem.name`, or arithmetic such as 1.1**49
    within   the relative error that counts as right; by default 0.02
    hint     what a wrong try brings

    The content is the question in short. Without JavaScript there is nothing: the answer below can be opened.
    """

    NAME = "check"
    OPTIONS: ClassVar[dict[str, Any]] = {
        "answer": ("", str),  # YAML takes a bare number for one
        "within": (0.02, type_number),
        "hint": ("", type_string),
    }

    def on_create(self, parent: etree.Element) -> etree.Element:
        right, hint = answers.value(self.options["answer"], self.site), self.options["hint"]
        if not hint:
            raise RnnsiteError(f"the check with the answer {self.options['answer']!r} has no hint for a wrong try")
        form = self.child(parent, "form", "rs-check")
        form.attrib |= {"data-answer": repr(right), "data-within": str(self.options["within"]), "data-hint": hint}
        self.child(form, "label")
        return form

    def on_markdown(self) -> str:
        return "inline"

    def on_add(self, block: etree.Element) -> etree.Element:
        return block[0]

    def on_end(self, block: etree.Element) -> None:
        self.child(block[0], "input").attrib |= {"inputmode": "decimal", "autocomplete": "off", "size": "9"}
        self.child(block, "button", text="Check").attrib["type"] = "submit"
        self.child(block, "p", "rs-check-says").attrib["role"] = "status"


class ListingBlock(SiteBlock):
    """`/// listing | experiments` and `/// listing | bibliography`: tables that the build writes."""

    NAME = "listing"
    ARGUMENT = True

    def on_create(self, parent: etree.Element) -> etree.Element:
        wrapper = self.child(parent, "div", f"rs-listing rs-{self.argument}")
        wrapper.text = self.html(listing.render(self.argument, self.site))
        return wrapper


BLOCKS = (
    ExperimentBlock,
    PublishedBlock,
    ExplorerBlock,
    SourceBlock,
    DemoBlock,
    NotebookBlock,
    OutputBlock,
    AsideBlock,
    FrontlineBlock,
    ExerciseBlock,
    AnswerBlock,
    CheckBlock,
    ListingBlock,
)


class SiteMarkdown(BlocksExtension):
    """The Markdown extension that knows the build's state."""

    def __init__(self, site: Site) -> None:
        self.site = site
        super().__init__()
        self.config["site"] = [site, "the build's state"]

    def extendMarkdown(self, md: Markdown) -> None:
        super().extendMarkdown(md)
        md.inlinePatterns.register(Number(self.site, md), "rnnsite-number", BEFORE_CODE)
        md.inlinePatterns.register(Citation(self.site, md), "rnnsite-citation", BEFORE_CODE)

    def extendMarkdownBlocks(self, md: Markdown, block_mgr: Any) -> None:
        for block in BLOCKS:
            block_mgr.register(block, self.getConfigs())
