"""Handwritten digits read pixel by pixel: 8 × 8 images as sequences of 64 brightnesses, ten classes.

After Le, Jaitly & Hinton 2015 (section 4.2), who read the 28 × 28 images of MNIST so, 784 steps each, row by row from
the top left. The small images here are the 1,797 that scikit-learn carries (the test part of the UCI set "Optical
recognition of handwritten digits", Alpaydin & Kaynak 1998): no download, and sequences short enough to train on in a
build. Each pixel is a count from 0 to 16; it is divided by 16. All digits are from 13 writers, and every writer is on
every side of the split, so an accuracy here says nothing about a new hand.
"""

from __future__ import annotations

import functools
import hashlib
from typing import NamedTuple

import numpy as np
import torch
from torch import Tensor

from rnnsite.errors import RnnsiteError
from rnnsite.seeding import generator

SIDE = 8
T = SIDE * SIDE
CLASSES = 10
HELD_BACK = 300  # images for development, and as many for the test
# sha256 of the images and labels as bytes: what the experiments were tuned on and their claims checked with
FINGERPRINT = "87ff0c9e40dc7e2c0e34e7257799c2e3f3aec1a016363bb11cad869ec428a826"


class Part(NamedTuple):
    """Sequences x (64, N, 1), between 0 and 1, and their classes y (N,), int64."""

    x: Tensor
    y: Tensor


class Digits(NamedTuple):
    """Three parts that have no image in common: 1,197 to learn from, 300 to choose settings by, 300 to report."""

    train: Part
    dev: Part
    test: Part


def digits(split: int = 0) -> Digits:
    """The images, in an order and with a split that depend on `split` alone.

    Raises RnnsiteError without scikit-learn, or if its images are not the ones we know.

    >>> train, dev, test = digits()
    >>> tuple(train.x.shape), tuple(train.y.shape), len(dev.y), len(test.y)
    ((64, 1197, 1), (1197,), 300, 300)
    >>> (16 * train.x[:, 0, 0]).int().view(8, 8)[1].tolist(), int(train.y[0])  # an image's second row; what it shows
    ([0, 0, 10, 16, 10, 14, 6, 0], 0)
    """
    images, classes = _known(*_load())
    order = torch.randperm(len(classes), generator=generator("digits", split))
    x = torch.from_numpy(images).float().div(16).reshape(-1, T)[order].T.unsqueeze(-1).contiguous()
    y = torch.from_numpy(classes)[order]
    sizes = [len(y) - 2 * HELD_BACK, HELD_BACK, HELD_BACK]
    return Digits(*(Part(*part) for part in zip(x.split(sizes, 1), y.split(sizes), strict=True)))


@functools.cache
def _load() -> tuple[np.ndarray, np.ndarray]:
    """Images (1797, 8, 8) and classes (1797,), as scikit-learn has them."""
    try:
        from sklearn.datasets import load_digits
    except ImportError as missing:
        raise RnnsiteError(
            "The digits come with scikit-learn, which is not installed; pip install 'rnnsite[digits]' brings it."
        ) from missing
    found = load_digits()
    return found.images, found.target.astype(np.int64)


def _known(images: np.ndarray, classes: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Both as they are, if they are the ones we know."""
    found = hashlib.sha256(images.astype(np.uint8).tobytes() + classes.astype(np.uint8).tobytes()).hexdigest()
    if found != FINGERPRINT:
        raise RnnsiteError(
            f"This scikit-learn carries other digits (sha256 {found[:12]}…); expected {FINGERPRINT[:12]}…, "
            "those that the page's numbers were checked with."
        )
    return images, classes
