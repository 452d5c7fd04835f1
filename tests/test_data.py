"""Data sets are fetched once, checked, and never left half; every fault is one sentence."""

from __future__ import annotations

import functools
import gzip
import hashlib
from collections.abc import Iterator
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

import numpy as np
import pytest
import torch
from click.testing import CliRunner

from rnnsite import data
from rnnsite.cli import cli
from rnnsite.errors import RnnsiteError
from rnnsite.tasks.mnist import mnist, read, sequences
from rnnsite.tasks.sst2 import sst2


def idx(array: np.ndarray) -> bytes:
    sizes = b"".join(int(size).to_bytes(4, "big") for size in array.shape)
    return gzip.compress(bytes([0, 0, 8, array.ndim]) + sizes + array.tobytes())


class Quiet(SimpleHTTPRequestHandler):
    def log_message(self, format: str, *args: object) -> None: ...


@pytest.fixture
def published(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A server with a small MNIST, and a folder for what is fetched from it."""
    monkeypatch.setenv("RNNSITE_DATA", str(tmp_path / "mine"))
    there = tmp_path / "there"
    there.mkdir()
    rng = np.random.default_rng(0)
    files = []
    server = ThreadingHTTPServer(("127.0.0.1", 0), functools.partial(Quiet, directory=str(there)))
    for file in data.DATASETS["mnist"].files:
        count = 6 if file.name.startswith("train") else 4
        shape, high = ((count, 28, 28), 256) if "images" in file.name else ((count,), 10)
        content = idx(rng.integers(0, high, shape, dtype=np.uint8))
        (there / file.name).write_bytes(content)
        url = f"http://127.0.0.1:{server.server_address[1]}/{file.name}"
        files.append(data.File(file.name, url, hashlib.md5(content).hexdigest()))
    monkeypatch.setitem(data.DATASETS, "mnist", data.Dataset("digits", 1, tuple(files)))
    Thread(target=server.serve_forever, daemon=True).start()
    yield there
    server.shutdown()
    server.server_close()


def test_it_is_fetched_once_and_a_damaged_file_again(published: Path) -> None:
    place, fetched = data.get("mnist")
    assert fetched == 4
    assert sorted(path.name for path in place.iterdir()) == sorted(path.name for path in published.iterdir())
    assert data.get("mnist") == (place, 0)
    broken = place / data.DATASETS["mnist"].files[1].name
    broken.write_bytes(b"half")
    with pytest.raises(RnnsiteError, match="is not the file that mnist needs"):
        data.find("mnist")
    assert data.get("mnist") == (place, 1)
    assert len(data.find("mnist")) == 4


def test_another_file_under_its_name_is_refused_and_nothing_is_left(published: Path) -> None:
    (published / data.DATASETS["mnist"].files[0].name).write_bytes(b"something else")
    with pytest.raises(RnnsiteError, match=r"gave another file than expected \(MD5"):
        data.get("mnist")
    assert not list(data.folder("mnist").iterdir())


def test_a_file_that_is_not_there_is_one_sentence(published: Path) -> None:
    (published / data.DATASETS["mnist"].files[2].name).unlink()
    with pytest.raises(RnnsiteError, match=r"could not be fetched \("):
        data.get("mnist")
    assert len(list(data.folder("mnist").iterdir())) == 2, "what was fetched before is kept"


def test_the_images_are_read_pixel_by_pixel(published: Path) -> None:
    with pytest.raises(RnnsiteError, match="`rnnsite data get mnist` fetches it"):
        mnist()
    data.get("mnist")
    (x, y), (test_x, test_y) = mnist()
    assert (x.shape, y.shape, test_x.shape, test_y.shape) == ((784, 6, 1), (6,), (784, 4, 1), (4,))
    raw = gzip.decompress((published / "train-images-idx3-ubyte.gz").read_bytes())[16:]
    assert x[:, 2, 0].mul(255).round().int().tolist() == list(raw[2 * 784 : 3 * 784])
    (shuffled, _), (shuffled_test, _) = mnist(permuted=3)
    order = torch.randperm(784, generator=torch.Generator().manual_seed(3))
    torch.testing.assert_close(shuffled, x[order])
    torch.testing.assert_close(shuffled_test, test_x[order])


def test_files_that_are_no_idx_are_one_sentence(tmp_path: Path) -> None:
    path = tmp_path / "x.gz"
    path.write_bytes(gzip.compress(b"\x89PNG"))
    with pytest.raises(RnnsiteError, match="not an IDX file"):
        read(path)
    path.write_bytes(gzip.compress(bytes([0, 0, 8, 1, 0, 0, 0, 9, 1, 2])))
    with pytest.raises(RnnsiteError, match="holds 2 bytes where its sizes say 9"):
        read(path)
    images, labels = tmp_path / "i.gz", tmp_path / "l.gz"
    images.write_bytes(idx(np.zeros((3, 2, 2), np.uint8)))
    labels.write_bytes(idx(np.zeros(2, np.uint8)))
    with pytest.raises(RnnsiteError, match="a label for each"):
        sequences(images, labels)


def test_the_commands(published: Path) -> None:
    assert "fetch with `rnnsite data get mnist`" in CliRunner().invoke(cli, ["data", "list"]).output
    done = CliRunner().invoke(cli, ["data", "get", "mnist"])
    assert done.exit_code == 0, done.output
    assert "4 fetched, 0 already there" in done.output
    assert str(data.folder("mnist")) in CliRunner().invoke(cli, ["data", "list"]).output
    assert isinstance(CliRunner().invoke(cli, ["data", "get", "minst"]).exception, RnnsiteError)


SENTENCES = {
    "train.tsv": "a waste of time\t0\na joy to watch\t1\na joy\t1\n",
    "dev.tsv": "what a joy\t1\n",
    "test.tsv": "a waste\t0\n",
}


@pytest.fixture
def published_sentences(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A server with a small SST-2, known by SHA-256, and a folder for what is fetched from it."""
    monkeypatch.setenv("RNNSITE_DATA", str(tmp_path / "mine"))
    there = tmp_path / "there"
    there.mkdir()
    server = ThreadingHTTPServer(("127.0.0.1", 0), functools.partial(Quiet, directory=str(there)))
    files = []
    for name, text in SENTENCES.items():
        (there / name).write_text(text, encoding="utf-8")
        url = f"http://127.0.0.1:{server.server_address[1]}/{name}"
        files.append(data.File(name, url, sha256=hashlib.sha256(text.encode()).hexdigest()))
    monkeypatch.setitem(data.DATASETS, "sst2", data.Dataset("sentences", 1, tuple(files)))
    Thread(target=server.serve_forever, daemon=True).start()
    yield there
    server.shutdown()
    server.server_close()


def test_sentences_are_fetched_checked_by_sha256_and_read(published_sentences: Path) -> None:
    with pytest.raises(RnnsiteError, match="`rnnsite data get sst2` fetches it"):
        sst2()
    done = CliRunner().invoke(cli, ["data", "get", "sst2"])
    assert "3 fetched, 0 already there" in done.output
    corpus = sst2(at_least=2)
    assert corpus.vocabulary == ("", "<unknown>", "a", "joy")
    assert corpus.train.words.T.tolist() == [[2, 1, 1, 1], [2, 3, 1, 1], [0, 0, 2, 3]]
    assert corpus.train.y.tolist() == [0, 1, 1]
    (data.folder("sst2") / "dev.tsv").write_text("what a bore\t0\n")
    with pytest.raises(RnnsiteError, match="is not the file that sst2 needs"):
        sst2()


def test_another_sentence_file_is_refused(published_sentences: Path) -> None:
    (published_sentences / "test.tsv").write_text("something else\t1\n")
    with pytest.raises(RnnsiteError, match=r"gave another file than expected \(SHA256"):
        data.get("sst2")
    assert sorted(path.name for path in data.folder("sst2").iterdir()) == ["dev.tsv", "train.tsv"]
