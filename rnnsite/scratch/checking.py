"""Is a hand-written gradient right? Nudge every weight and see what the loss does."""

from __future__ import annotations

from typing import Any

from .network import Network
from .optimisers import rows


def check(network: Network, xs: list[Any], ys: list[Any], ε: float = 1e-5) -> list[dict[str, Any]]:
    """Each gradient beside (L(θ + ε) − L(θ − ε)) / 2ε, as a table: one row a parameter.

    "difference" is the largest one among the parameter's entries, relative to its largest gradient. About 1e-9 is what
    rounding leaves; a mistake shows as 0.01 or more.

    >>> from rnnsite.scratch import RNN
    >>> table = check(Network(RNN(1, 2)), [[1.0], [0.5]], [None, [1.0]])
    >>> [row["parameter"] for row in table], max(row["difference"] for row in table) < 1e-8
    (['U', 'W', 'b', 'V', 'a'], True)
    """
    _, gradients = network.gradients(xs, ys)
    table = []
    for name, value in network.parameters().items():
        largest, difference, entries = 0.0, 0.0, 0
        for θ, g in zip(rows(value), rows(gradients[name])):
            for k in range(len(θ)):
                kept = θ[k]
                θ[k] = kept + ε
                above = network.error(xs, ys)
                θ[k] = kept - ε
                below = network.error(xs, ys)
                θ[k] = kept
                largest = max(largest, abs(g[k]))
                difference = max(difference, abs(g[k] - (above - below) / (2 * ε)))
                entries += 1
        relative = difference / largest if largest else difference
        table.append({"parameter": name, "entries": entries, "largest gradient": largest, "difference": relative})
    return table
