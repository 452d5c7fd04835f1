from __future__ import annotations

import base64
import struct
import zlib

import numpy as np

from rnnsite.figures.palette import DIVERGING
from rnnsite.web.png import decode, encode, quantise, smaller_images


def rgba_png(pixels: np.ndarray, filters: list[int]) -> bytes:
    """A 32-bit PNG whose rows are filtered as asked: 0 none, 1 left, 2 up, 4 Paeth (not undone by us)."""
    height, width = pixels.shape[:2]
    rows = []
    above = np.zeros(4 * width, np.uint8)
    for row, kind in zip(pixels.reshape(height, -1), filters, strict=True):
        left = np.concatenate([np.zeros(4, np.uint8), row[:-4]])
        rows.append(bytes([kind]) + (row - {0: 0 * row, 1: left, 2: above, 4: above}[kind]).tobytes())
        above = row
    header = struct.pack(">IIBBBBB", width, height, 8, 6, 0, 0, 0)
    chunks = [(b"IHDR", header), (b"IDAT", zlib.compress(b"".join(rows))), (b"IEND", b"")]
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data)) for kind, data in chunks
    )


def heatmap(height: int, width: int) -> np.ndarray:
    """Pixels along the diverging scale, noisy enough that no compressor helps."""
    stops = np.array([[int(stop[i : i + 2], 16) for i in (1, 3, 5)] for _, stop in DIVERGING], float)
    where = np.random.default_rng(0).uniform(0, len(stops) - 1, (height, width))
    mixed = np.stack([np.interp(where, range(len(stops)), stops[:, c]) for c in range(3)], -1)
    return np.concatenate([mixed.round().astype(np.uint8), np.full((height, width, 1), 255, np.uint8)], -1)


def test_filters_of_chrome_are_undone_and_others_left_alone() -> None:
    pixels = heatmap(6, 5)
    decoded = decode(rgba_png(pixels, [0, 1, 2, 2, 1, 0]))
    assert decoded is not None
    assert np.array_equal(decoded, pixels)
    assert decode(rgba_png(pixels, [0, 1, 2, 4, 1, 0])) is None


def test_few_colours_are_kept_exactly() -> None:
    pixels = heatmap(3, 3)[..., :3]
    index, palette = quantise(pixels, 96)
    assert np.array_equal(palette[index], pixels)


def test_many_colours_stay_close() -> None:
    pixels = heatmap(60, 60)[..., :3]
    index, palette = quantise(pixels, 96)
    assert len(palette) <= 96
    assert np.abs(palette[index].astype(int) - pixels).mean() < 3


def test_an_image_in_a_drawing_shrinks_and_stays_a_png() -> None:
    png = rgba_png(heatmap(60, 60), [0] * 60)
    svg = f'<svg><image href="data:image/png;base64,{base64.b64encode(png).decode()}"/></svg>'
    small = smaller_images(svg)
    assert len(small) < 0.6 * len(svg)
    packed = base64.b64decode(small.split("base64,")[1].split('"')[0])
    assert packed == encode(*quantise(heatmap(60, 60)[..., :3], 96))
    assert smaller_images(small) == small


def test_transparent_images_are_left_as_they_are() -> None:
    pixels = heatmap(9, 9)
    pixels[0, 0, 3] = 0
    svg = f'<image href="data:image/png;base64,{base64.b64encode(rgba_png(pixels, [0] * 9)).decode()}"/>'
    assert smaller_images(svg) == svg
