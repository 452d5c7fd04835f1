"""Noiseless memorisation: a few bits come, then a constant input, then a sign to say the bits.

The 5-bit problem of Martens & Sutskever 2011, which Pascanu, Mikolov & Bengio 2013 train too; coded as in Jaeger's
report of 2012 (Jacobs University, No. 27) with four inputs: two for the bit, one that is on while nothing comes, and
one for the cue. N bits come in the first N steps; the third input is on afterwards, except at step N + T, where the
cue is on in its place, and N more steps follow in which the bits must be said. Before, the answer is class 2,
"nothing yet". With N = 5 there are just 32 sequences.
"""

from __future__ import annotations

import torch
from torch import Tensor

from rnnsite.errors import RnnsiteError
from rnnsite.tasks.one_hot import one_hot

WAITING, CUE = 2, 3
NOTHING = 2


def memorisation(T: int, batch: int, generator: torch.Generator, *, bits: int = 5) -> tuple[Tensor, Tensor]:
    """Inputs (T + 2 bits, B, 4), one-hot, and the classes (T + 2 bits, B) to say: 0, 1 or 2 for nothing.

    Raises RnnsiteError for T < 1 or no bits.

    >>> x, y = memorisation(4, 1, torch.Generator().manual_seed(0))
    >>> "".join("01_!"[s] for s in x[:, 0].argmax(-1)), "".join("01_"[s] for s in y[:, 0])
    ('01101___!_____', '_________01101')
    """
    if T < 1 or bits < 1:
        raise RnnsiteError(f"Memorisation needs a delay and at least 1 bit, got a delay of {T} and {bits} bits.")
    symbols = torch.full((T + 2 * bits, batch), WAITING)
    symbols[:bits] = torch.randint(2, (bits, batch), generator=generator)
    symbols[bits + T - 1] = CUE
    classes = torch.full_like(symbols, NOTHING)
    classes[-bits:] = symbols[:bits]
    return one_hot(symbols, 4), classes
