"""The public names: each resolves, is documented, and costs nothing until it is used."""

from __future__ import annotations

import subprocess
import sys

import pytest

import rnnsite
from rnnsite import probes


@pytest.mark.parametrize("name", rnnsite.__all__)
def test_every_public_name_resolves_and_is_documented(name: str) -> None:
    assert getattr(rnnsite, name).__doc__
    assert name in dir(rnnsite)


@pytest.mark.parametrize("name", probes.__all__)
def test_a_probe_is_never_hidden_by_its_module(name: str) -> None:
    code = (
        "import importlib, rnnsite.probes as p\n"
        "for module in set(p.CATALOGUE.values()): importlib.import_module(f'rnnsite.probes.{module}')\n"
        f"assert callable(p.{name})"
    )
    assert name not in probes.CATALOGUE.values()
    if name == probes.__all__[0]:  # once is enough: a process each would be slow
        assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def test_unknown_names() -> None:
    for package in (rnnsite, probes):
        with pytest.raises(AttributeError, match="no attribute 'diagnosis_of'"):
            package.diagnosis_of  # noqa: B018


def test_importing_the_package_does_not_import_torch() -> None:
    code = "import sys, rnnsite, rnnsite.probes; sys.exit('torch' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def test_the_helpers_need_neither_plotly_nor_mkdocs() -> None:
    code = (
        "import sys\n"
        "for name in ('plotly', 'mkdocs', 'kaleido', 'pymdownx', 'click', 'rich'): sys.modules[name] = None\n"
        "import rnnsite\n"
        "for name in rnnsite.__all__: getattr(rnnsite, name)\n"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
