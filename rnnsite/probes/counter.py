"""The cell of an LSTM that counts aⁿbⁿ: how far the network is right, what the cell does, whether its reset is used."""

from __future__ import annotations

import torch
from torch import Tensor

from rnnsite.tasks.counting import BAR, SYMBOLS, A, B, string
from rnnsite.training.recurrent import Recurrent


@torch.no_grad()
def all_right(model: Recurrent, n: int) -> Tensor:
    """(M,) whether each model says after every symbol of |aⁿbⁿ exactly what may follow."""
    x, legal = string(n)
    said = model(x.expand(len(model.V), *x.shape)) > 0
    return (said == legal.bool()).flatten(1).all(1)


@torch.no_grad()
def watch_counter(model: Recurrent, x: Tensor, r: Tensor, shown: str) -> dict[str, Tensor]:
    """What the counter of each model does: the cell that goes most closely with the count.

    x      (T, B, 3), sequences to watch it on
    r      (M, H), each cell's correlation with the count
    shown  a text to show it on
    Returns step (M, 2), the mean change of c at an a and at a b, its sign such that an a adds; forget, write (M, 2),
    mean f and i at a bar and at a letter; wrong (M, 2), see `wrong_after_a_break`, as it is and kept; and shown
    (M, len(shown)), c on that text from where it is after the first symbol, same sign.
    """
    counter = r.abs().argmax(1)
    models = torch.arange(len(counter))
    trace = model.cell.trace(x)
    c, f, i = (trace[name][models, ..., counter] for name in "cfi")  # (M, T, B)
    symbols = x.argmax(-1)
    sign = r[models, counter].sign()
    change = (c[:, 1:] - c[:, :-1]) * sign[:, None, None]
    steps = torch.stack([change[:, symbols[1:] == letter].mean(1) for letter in (A, B)], 1)
    at = [symbols == BAR, symbols != BAR]
    text = torch.eye(3)[[SYMBOLS.index(s) for s in shown]][:, None]
    c_shown = model.cell.trace(text)["c"][models, :, 0, counter]
    return {
        "step": steps,
        "forget": torch.stack([f[:, here].mean(1) for here in at], 1),
        "write": torch.stack([i[:, here].mean(1) for here in at], 1),
        "wrong": torch.stack([wrong_after_a_break(model, counter, kept) for kept in (False, True)], 1),
        "shown": (c_shown - c_shown[:, :1]) * sign[:, None],
    }


def wrong_after_a_break(model: Recurrent, counter: Tensor, kept: bool) -> Tensor:
    """(M,) share of steps answered wrongly in the second string of |a…ab|aⁿbⁿ, for broken strings of 2 to 8 a's.

    counter  (M,), a cell of each model; `kept` holds its forget gate at 1 at every bar, and leaves all else as it is
    """
    models = torch.arange(len(counter))
    wrong = []
    for first in range(2, 9):
        for n in (2, 4, 6, 8):
            whole, legal = string(n)
            broken = string(first)[0][: first + 2]
            x = torch.cat([broken, whole]).expand(len(counter), -1, -1, -1)
            now = model.cell._initial(None, x)
            inputs, weights = model.cell.prepare(x)
            hs = []
            for t, Ux in enumerate(inputs):
                before = now["c"]
                now = model.cell.step(Ux, now, **weights)
                if kept and bool(x[0, t, 0, BAR]):
                    c = now["c"].clone()
                    c[models, :, counter] = (before + now["i"] * now["g"])[models, :, counter]
                    now = {**now, "c": c, "h": now["o"] * torch.tanh(c)}
                hs.append(now["h"])
            said = model.read(torch.stack(hs[-len(whole) :], 1)) > 0
            wrong.append((said != legal.bool()).any(-1).float().mean((1, 2)))
    return torch.stack(wrong).mean(0)
