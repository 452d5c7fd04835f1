"""Spiking units against a loop over single units, written from the equations."""

from __future__ import annotations

import torch

from rnnsite.cells.spiking import spikes
from rnnsite.seeding import generator


def test_spikes_and_traces_by_hand() -> None:
    g = generator("test spiking")
    T, B, H, I, leak, trace = 12, 3, 5, 4, 0.8, 0.5
    x = (torch.rand(T, B, I, generator=g) < 0.5).double()
    U, W = torch.rand(2, H, I, generator=g).double(), torch.randn(2, H, H, generator=g).double()
    fired, traces = spikes(x, U, W, leak, trace)
    assert fired.shape == traces.shape == (2, T, B, H)
    for m in range(2):
        for b in range(B):
            v, s, r = [0.0] * H, [0.0] * H, [0.0] * H
            for t in range(T):
                before = list(s)
                for i in range(H):
                    kept = 0.0 if before[i] else leak * v[i]
                    heard = sum(float(U[m, i, j] * x[t, b, j]) for j in range(I))
                    v[i] = kept + heard + sum(float(W[m, i, j]) * before[j] for j in range(H))
                    s[i] = float(v[i] >= 1)
                    r[i] = trace * r[i] + s[i]
                assert fired[m, t, b].tolist() == s
                torch.testing.assert_close(traces[m, t, b], torch.tensor(r).double())
    assert 0 < float(fired.mean()) < 1
