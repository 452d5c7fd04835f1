"""LaTeX becomes HTML at build time: KaTeX in a Node process that starts only for formulas never seen before.

Pages then need no script for math, and read in a browser without JavaScript. What KaTeX cannot read stops the build.
"""

from __future__ import annotations

import hashlib
import html
import json
import re
import subprocess
import threading
from pathlib import Path

from filelock import FileLock

from rnnsite.errors import RnnsiteError
from rnnsite.web.node import find_node

# Our notation, on every page: see docs/notation. \rnn{...} and its kin print in the fixed colour of that cell;
# \sym{rho}{\rho} lights up together with the slider and the other symbols of that name (browser/symbols.js).
MACROS = {
    r"\R": r"\mathbb{R}",
    r"\N": r"\mathbb{N}",
    r"\C": r"\mathbb{C}",
    r"\E": r"\mathbb{E}",
    r"\Var": r"\operatorname{Var}",
    r"\vect": r"\boldsymbol{#1}",
    r"\mat": r"\boldsymbol{#1}",
    r"\norm": r"\left\lVert #1 \right\rVert",
    r"\abs": r"\left\lvert #1 \right\rvert",
    r"\diag": r"\operatorname{diag}",
    r"\tr": r"\operatorname{tr}",
    r"\rank": r"\operatorname{rank}",
    r"\sign": r"\operatorname{sign}",
    r"\relu": r"\operatorname{relu}",
    r"\softmax": r"\operatorname{softmax}",
    r"\argmin": r"\operatorname*{arg\,min}",
    r"\argmax": r"\operatorname*{arg\,max}",
    r"\d": r"\mathrm{d}",
    r"\pd": r"\frac{\partial #1}{\partial #2}",
    r"\T": r"^{\top}",
    r"\loss": r"\mathcal{L}",
    r"\sym": r"\htmlData{sym=#1}{#2}",
    **{rf"\{cell}": rf"\htmlClass{{rs-{cell}}}{{#1}}" for cell in ("rnn", "gru", "lstm", "esn", "warn", "accent")},
}

_INLINE = re.compile(r'<span class="arithmatex">\\\((.*?)\\\)</span>', re.DOTALL)
_DISPLAY = re.compile(r'<div class="arithmatex">\s*\\\[(.*?)\\\]\s*</div>', re.DOTALL)
_BARE = re.compile(r"\\\((.+?)\\\)", re.DOTALL)
_LARGEST = 32_000_000  # bytes of kept formulas, after which the file starts afresh


class MathError(RnnsiteError):
    """LaTeX that KaTeX cannot read."""


class Math:
    """Formulas as HTML, by the KaTeX in the folder `katex`. Keeps what it has rendered in `cache_dir`."""

    def __init__(self, katex: Path, cache_dir: Path) -> None:
        self._katex = katex
        self._process: subprocess.Popen[str] | None = None
        self._lock = threading.Lock()
        self._file = cache_dir / f"{_version(katex)}.jsonl"
        self._kept: dict[str, str] | None = None
        self._fresh: list[str] = []

    def render(self, tex: str, display: bool = False) -> str:
        """The HTML of one formula; MathError with KaTeX's own words when it is not valid LaTeX."""
        tex = tex.strip()
        key = ("D" if display else "I") + tex
        with self._lock:
            kept = self._load()
            if key not in kept:
                kept[key] = self._ask(tex, display)
                self._fresh.append(key)
            return kept[key]

    def render_html(self, page_html: str, page: str) -> str:
        """A page's HTML with every formula that `pymdownx.arithmatex` (generic) marked rendered in place."""

        def inline(match: re.Match[str]) -> str:
            rendered = self._named(html.unescape(match[1]), False, page)
            return f'<span class="rs-math" data-search-exclude>{rendered}</span>'

        def display(match: re.Match[str]) -> str:
            rendered = self._named(html.unescape(match[1]), True, page)
            return f'<div class="rs-equation" data-search-exclude>{rendered}</div>'

        if "arithmatex" not in page_html:
            return page_html
        result = _DISPLAY.sub(display, _INLINE.sub(inline, page_html))
        self.keep()
        return result

    def render_text(self, text: str, page: str) -> str:
        r"""A heading or title in which formulas stand bare as \(...\), as in a table of contents."""
        return _BARE.sub(lambda match: self._named(html.unescape(match[1]), False, page), text)

    def keep(self) -> None:
        """Write the formulas rendered since the last call. A disk that cannot be written only costs time later."""
        if not self._fresh:
            return
        with self._lock:
            kept = self._load()
            lines = [_line(key, kept[key]) for key in self._fresh]
            self._fresh.clear()
        try:
            self._file.parent.mkdir(parents=True, exist_ok=True)
            with FileLock(self._file.with_suffix(".lock"), timeout=10):
                large = self._file.is_file() and self._file.stat().st_size > _LARGEST
                with self._file.open("w" if large else "a", encoding="utf-8") as file:
                    file.writelines(lines)
        except OSError:
            pass

    def close(self) -> None:
        """End the Node process, if one was started."""
        self.keep()
        process, self._process = self._process, None
        if process:
            process.communicate()

    def _load(self) -> dict[str, str]:
        if self._kept is None:
            self._kept = {}
            try:
                lines = self._file.read_text(encoding="utf-8", errors="replace").splitlines()
            except OSError:
                lines = []
            for line in lines:
                pair = _read(line)
                if pair:
                    self._kept[pair[0]] = pair[1]
        return self._kept

    def _named(self, tex: str, display: bool, page: str) -> str:
        try:
            return self.render(tex, display)
        except MathError as error:
            raise MathError(f"{page}: {error}") from None

    def _ask(self, tex: str, display: bool) -> str:
        question = json.dumps({"tex": tex, "display": display, "macros": MACROS}) + "\n"
        answer = ""
        for _ in range(2):  # the second time with a new process, should the old one have been killed
            process = self._running()
            assert process.stdin is not None
            assert process.stdout is not None
            try:
                process.stdin.write(question)
                process.stdin.flush()
                answer = process.stdout.readline()
            except OSError:
                answer = ""
            if answer:
                break
            self._process = None
        if not answer:
            raise RnnsiteError("KaTeX's process ended without an answer: `node` starts but cannot run it.")
        reply = json.loads(answer)
        if "error" in reply:
            reason = str(reply["error"]).removeprefix("KaTeX parse error: ").replace("\u0332", "")  # its underlining
            raise MathError(f"the formula {_shown(tex)} is not LaTeX that KaTeX reads: {reason}")
        return str(reply["html"])

    def _running(self) -> subprocess.Popen[str]:
        if self._process is None or self._process.poll() is not None:
            self._process = subprocess.Popen(
                [find_node().executable, str(_server()), str(self._katex)],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                text=True,
                encoding="utf-8",
            )
        return self._process


def _version(katex: Path) -> str:
    """Changes with KaTeX, our macros and our options: what was kept under another version is not used."""
    try:
        katex_version = json.loads((katex / "package.json").read_text(encoding="utf-8"))["version"]
    except (OSError, ValueError, KeyError):
        raise RnnsiteError(f"Expected the npm package KaTeX in {katex}: `rnnsite clean` and build again.") from None
    parts = [katex_version, MACROS, _server().read_text(encoding="utf-8")]
    return hashlib.sha256(json.dumps(parts).encode()).hexdigest()[:12]


def _server() -> Path:
    return Path(__file__).parent / "browser" / "katex-server.mjs"


def _shown(tex: str) -> str:
    one_line = " ".join(tex.split())
    return repr(one_line if len(one_line) <= 60 else one_line[:57] + "...").replace("\\\\", "\\")


def _line(key: str, rendered: str) -> str:
    pair = json.dumps([key, rendered], ensure_ascii=False)
    return f"{hashlib.sha256(pair.encode()).hexdigest()[:16]} {pair}\n"


def _read(line: str) -> tuple[str, str] | None:
    """One kept formula; None for a line that was cut short or changed on disk."""
    digest, _, pair = line.partition(" ")
    if hashlib.sha256(pair.encode()).hexdigest()[:16] != digest:
        return None
    key, rendered = json.loads(pair)
    return key, rendered
