"""A user's mistake costs one clear sentence and a non-zero exit, never a traceback."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
from pathlib import Path

import pytest
import torch

from rnnsite import cli
from rnnsite.results import Store


def run(*arguments: str, monkeypatch: pytest.MonkeyPatch) -> int:
    monkeypatch.setattr(sys, "argv", ["rnnsite", *arguments])
    with pytest.raises(SystemExit) as stopped:
        cli.main()
    return int(stopped.value.code or 0)


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["trian"], "Did you mean 'train'?"),
        (["train", "random_product"], "Did you mean 'random_products'?"),
        (["show", "random_product"], "Did you mean 'random_products'?"),
        (["build", "--only", "random_product"], "Did you mean 'random_products'?"),
        (["train", "--profile", "quik"], "Did you mean 'quick'?"),
        (["train", "--device", "cudaa"], "Did you mean 'cuda'?"),
        (["train", "--jobs", "0"], "--jobs"),
        (["serve", "--port", "70000"], "--port"),
        (["show", "random_products"], "not trained yet"),
    ],
)
def test_mistakes(
    arguments: list[str],
    said: str,
    store: Store,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert run(*arguments, monkeypatch=monkeypatch) != 0
    error = capsys.readouterr().err
    assert said in error
    assert "Traceback" not in error
    assert error.count("\n") == 1


@pytest.mark.skipif(torch.cuda.is_available(), reason="this machine has CUDA")
def test_an_absent_device(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    assert run("train", "--device", "cuda", monkeypatch=monkeypatch) == 1
    assert "torch finds only cpu" in capsys.readouterr().err


def test_a_missing_docs_folder(
    tmp_path: Path, store: Store, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    assert run("build", monkeypatch=monkeypatch) == 1
    assert "run this in a checkout of rnnsite" in capsys.readouterr().err


def test_a_busy_port(store: Store, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        assert run("serve", "--port", str(taken.getsockname()[1]), monkeypatch=monkeypatch) == 1
    assert "is in use: choose another with --port" in capsys.readouterr().err


def test_an_unwritable_cache(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "file").touch()
    monkeypatch.setenv("RNNSITE_CACHE", str(tmp_path / "file" / "cache"))
    assert run("train", "repeated_multiplication", monkeypatch=monkeypatch) == 1
    assert "set RNNSITE_CACHE" in capsys.readouterr().err


def test_train_show_claims_and_clean(
    store: Store, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    stem = "repeated_multiplication"
    assert run("train", stem, monkeypatch=monkeypatch) == 0
    assert "1 trained, 0 already stored" in capsys.readouterr().out
    assert run("train", "--only", stem, monkeypatch=monkeypatch) == 0
    assert "0 trained, 1 already stored" in capsys.readouterr().out
    assert run("show", stem, monkeypatch=monkeypatch) == 0
    assert "seed_set=0" in capsys.readouterr().out
    assert run("claims", stem, monkeypatch=monkeypatch) == 0
    assert "✓" in capsys.readouterr().out
    assert run("list", monkeypatch=monkeypatch) == 0
    assert stem in capsys.readouterr().out
    assert run("clean", "--all", monkeypatch=monkeypatch) == 0
    assert not store.folder.exists()


@pytest.mark.parametrize("encoding", ["cp1252", "ascii"])
def test_a_console_of_an_old_encoding_gets_plain_letters(encoding: str, store: Store) -> None:
    environment = {**os.environ, "PYTHONIOENCODING": encoding}
    command = [sys.executable, "-m", "rnnsite", "claims", "repeated_multiplication"]
    done = subprocess.run(command, capture_output=True, env=environment, check=False)
    assert done.returncode == 0, done.stderr
    assert b"+ repeated_multiplication: lecture-exploding" in done.stdout


def test_the_list_fits_in_80_columns_and_cuts_nothing_in_a_file(
    store: Store, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("COLUMNS", "80")
    assert run("list", monkeypatch=monkeypatch) == 0
    assert "gradients/repeated-multiplication\n" in capsys.readouterr().out
    monkeypatch.setattr(sys.stdout, "isatty", lambda: True)
    assert run("list", monkeypatch=monkeypatch) == 0
    assert max(map(len, capsys.readouterr().out.splitlines())) <= 80
