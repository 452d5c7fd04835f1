"""The catalogue is lazy, complete, and says so for a name it lacks."""

from __future__ import annotations

import subprocess
import sys

import pytest

import rnnsite.cells as cells


@pytest.mark.parametrize("name", cells.__all__)
def test_every_name_resolves_and_is_documented(name):
    assert getattr(cells, name).__doc__
    assert name in dir(cells)


def test_unknown_name():
    with pytest.raises(AttributeError, match="no attribute 'Jordan'"):
        cells.Jordan  # noqa: B018


def test_importing_the_catalogue_does_not_import_torch():
    code = "import sys, rnnsite.cells; sys.exit('torch' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
