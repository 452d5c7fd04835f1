"""Readings of curves that are written out."""

from __future__ import annotations

import numpy as np

from rnnsite.probes.translation_curves import LEVEL, updates_to


def test_updates_are_counted_to_where_the_loss_first_falls_to_the_level():
    halfway = [2 * LEVEL, LEVEL / 2, 3 * LEVEL]  # on a log scale the level lies in the middle of the first two
    never, soon, flat = [2.0, 1.0, 0.9], [0.1, 0.1, 0.1], [1.0, 1.0, LEVEL]
    loss = np.array([halfway, never, soon, flat]).T[None]  # (arm, check, seed)
    found = updates_to({"loss": loss, "updates": np.array([40, 80, 120])}, 0)
    np.testing.assert_allclose(2**found, [60, 120, 40, 120])
