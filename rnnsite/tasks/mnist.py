"""MNIST read pixel by pixel: 28 × 28 images as sequences of 784 brightnesses, ten classes.

Source: Le, Jaitly & Hinton 2015 (section 4.2): row by row from the top left; their permuted version reads the pixels in
one random order. The images are fetched by `rnnsite data get mnist`, never by a build.
"""

from __future__ import annotations

import gzip
from pathlib import Path

import numpy as np
import torch
from torch import Tensor

from rnnsite import data
from rnnsite.errors import RnnsiteError

T = 28 * 28


def mnist(*, permuted: int | None = None) -> tuple[tuple[Tensor, Tensor], tuple[Tensor, Tensor]]:
    """((x, y) to learn from, (x, y) to test): x (784, N, 1) in [0, 1], y (N,) int64, N = 60,000 and 10,000.

    permuted   the seed of one order of pixels for all images; None reads them row by row
    Raises RnnsiteError where the files are missing or are not MNIST's.

    An image that is white (255) in its first row alone is the sequence of 28 ones and 756 zeros.
    """
    images, labels, test_images, test_labels = data.find("mnist")
    return sequences(images, labels, permuted), sequences(test_images, test_labels, permuted)


def sequences(images: Path, labels: Path, permuted: int | None = None) -> tuple[Tensor, Tensor]:
    """Sequences (pixels, N, 1) and classes (N,) from a pair of IDX files."""
    pixels, classes = (torch.from_numpy(read(path)) for path in (images, labels))
    if pixels.ndim != 3 or len(pixels) != len(classes):
        raise RnnsiteError(f"{images.name} and {labels.name} do not hold images and a label for each.")
    x = pixels.flatten(1).T.float().div(255).unsqueeze(-1)
    if permuted is not None:
        x = x[torch.randperm(len(x), generator=torch.Generator().manual_seed(permuted))]
    return x.contiguous(), classes.long()


def read(path: Path) -> np.ndarray:
    """The unsigned bytes of a gzipped IDX file: two zeros, the type (8), the number of sizes, the sizes, the bytes."""
    raw = gzip.decompress(path.read_bytes())
    if len(raw) < 4 or raw[:3] != b"\0\0\x08":
        raise RnnsiteError(f"{path} is not an IDX file of unsigned bytes.")
    shape = np.frombuffer(raw, ">u4", count=raw[3], offset=4).astype(int)
    start = 4 + 4 * raw[3]
    if len(raw) - start != shape.prod():
        raise RnnsiteError(f"{path} holds {len(raw) - start} bytes where its sizes say {shape.prod()}.")
    return np.frombuffer(raw, np.uint8, offset=start).reshape(shape).copy()
