"""Dependencies point one way: training needs neither plotly nor mkdocs, figures need no torch."""

from __future__ import annotations

import importlib.util
import subprocess
import sys

import pytest

from rnnsite import catalogue

BLOCK = """
import sys
class Blocked:
    def find_spec(self, name, path=None, target=None):
        if name.split(".")[0] in {names!r}:
            raise ModuleNotFoundError(f"blocked: {{name}}", name=name)
sys.meta_path.insert(0, Blocked())
"""
SITE_ONLY = (
    "plotly",
    "kaleido",
    "mkdocs",
    "material",
    "mkdocstrings",
    "markdown",
    "pymdownx",
    "pybtex",
    "jupytext",
    "nbformat",
    "sklearn",
)


def run(blocked: tuple[str, ...], code: str) -> None:
    source = BLOCK.format(names=set(blocked)) + code
    done = subprocess.run([sys.executable, "-c", source], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


def test_training_works_without_the_sites_packages() -> None:
    run(
        SITE_ONLY,
        "from rnnsite import catalogue, cli, commands, runner, probes\n"
        "import rnnsite\n"
        "assert [catalogue.experiment(stem) for stem in catalogue.stems()]\n",
    )


def test_the_package_imports_without_torch_until_it_is_used() -> None:
    run(("torch",), "import rnnsite, rnnsite.cli, rnnsite.statistics, rnnsite.claims\n")


def test_figures_need_no_torch() -> None:
    run(
        ("torch",),
        "import importlib, pkgutil, rnnsite.figures\n"
        "for module in pkgutil.iter_modules(rnnsite.figures.__path__):\n"
        "    importlib.import_module(f'rnnsite.figures.{module.name}')\n",
    )


@pytest.mark.parametrize("stem", catalogue.stems())
def test_every_experiment_has_a_figure_of_its_name(stem: str) -> None:
    assert importlib.util.find_spec(f"rnnsite.figures.{stem}"), f"write rnnsite/figures/{stem}.py"
