"""Every experiment has a figure that keeps the contract: numbers in words, a table, little JSON, no torch."""

from __future__ import annotations

import importlib
import json
import pkgutil
import re
import subprocess
import sys

import pytest

import rnnsite.figures
from rnnsite import catalogue
from rnnsite.results import Result
from rnnsite.web.chrome import Chrome
from rnnsite.web.drawing import Drawings

MODULES = [module.name for module in pkgutil.iter_modules(rnnsite.figures.__path__)]

WITHOUT_TORCH = """
import importlib, sys
sys.modules["torch"] = None
for name in {names!r}:
    importlib.import_module("rnnsite.figures." + name)
assert not [name for name in sys.modules if name.startswith("rnnsite.experiments")]
"""


class NoChrome(Chrome):
    def svg(self, figure: object) -> None:
        return None


def test_figures_need_no_torch_and_no_experiment() -> None:
    subprocess.run([sys.executable, "-c", WITHOUT_TORCH.format(names=MODULES)], check=True)


@pytest.mark.parametrize("stem", catalogue.stems())
def test_the_module_has_its_three_functions(stem: str) -> None:
    module = importlib.import_module(f"rnnsite.figures.{stem}")
    assert all(callable(getattr(module, name, None)) for name in ("figure", "alt", "table"))


@pytest.mark.parametrize("stem", catalogue.stems())
def test_it_draws_what_the_run_gave(stem: str, quick_results: dict[str, Result], tmp_path) -> None:  # type: ignore[no-untyped-def]
    drawn = Drawings(tmp_path, NoChrome()).draw(stem, quick_results[stem].arrays)
    assert re.search(r"\d", drawn.alt), "the finding with its numbers"
    assert 60 <= len(drawn.alt) <= 700
    assert drawn.alt.endswith(".")
    assert not re.search(r"\bnan\b|\binf\b|np\.|array\(", drawn.alt)
    assert 2 <= drawn.table_html.count("<tr>") <= 200
    assert drawn.size[1] <= 1000
    panels = sum(name.startswith("xaxis") for name in json.loads(drawn.texts["figure.json"])["layout"])
    assert drawn.phone_size[1] <= max(1400, 300 * panels), "a phone shows two panels at once, or nearly"
    assert all(len(drawn.texts[name]) < 250_000 for name in ("figure.json", "figure-phone.json"))
