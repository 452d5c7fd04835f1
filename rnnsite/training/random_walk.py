"""A gradient's length on its way back through layers of random weights: a random walk of its logarithm.

Source: Sussillo & Abbott 2014, Random walk initialization for training very deep feedforward networks.
"""

from __future__ import annotations

import math

import numpy as np
import torch


def masks(W: np.ndarray, x: np.ndarray) -> np.ndarray:
    """Which ReLUs are on, (D, nets, N, 1), for W (D, nets, N, N) and inputs x (nets, N, 1)."""
    on = np.empty((*W.shape[:-1], 1), dtype=bool)
    for d, weights in enumerate(W):
        a = weights @ x
        on[d] = a > 0
        x = np.maximum(a, 0)
        x /= np.maximum(np.linalg.norm(x, axis=1, keepdims=True), 1e-30)  # only signs matter
    return on


def backward(W: np.ndarray, δ: np.ndarray, on: np.ndarray | None = None) -> np.ndarray:
    """log ‖δ‖ (nets, D + 1) over that at the last layer, layer by layer back; δ (nets, N, 1) is lengthened to 1."""
    walk = np.zeros((W.shape[1], len(W) + 1))
    δ = δ / np.linalg.norm(δ, axis=1, keepdims=True)
    for step, d in enumerate(reversed(range(len(W)))):
        δ = W[d].mT @ (δ if on is None else np.where(on[d], δ, 0))
        norm = np.linalg.norm(δ, axis=1, keepdims=True)
        with np.errstate(divide="ignore"):
            walk[:, step + 1] = walk[:, step] + np.log(norm[:, 0, 0])
        δ = δ / np.maximum(norm, 1e-30)
    return walk


def theory_of(units: str, N: int) -> tuple[float, float]:
    """Mean and variance of log ‖δ‖ for one layer at g = 1. For ReLUs: given that a unit is on, all independent."""
    on = np.array([N]) if units == "linear" else np.arange(1, N + 1)
    weights = np.array([math.comb(N, int(n)) for n in on], dtype=float)
    half, share = torch.tensor(on / 2), weights / weights.sum()
    means = (torch.digamma(half) + math.log(2 / N)).numpy() / 2
    mean = float(share @ means)
    return mean, float(share @ (torch.polygamma(1, half).numpy() / 4 + (means - mean) ** 2))


def right_gain(units: str, N: int) -> float:
    """The paper's g for N units a layer.

    >>> round(right_gain("linear", 10), 3), round(right_gain("relu", 10), 3), round(right_gain("relu", 100), 3)
    (1.051, 1.656, 1.432)
    """
    return math.exp(1 / (2 * N)) if units == "linear" else math.sqrt(2) * math.exp(1.2 / (max(N, 6) - 2.4))
