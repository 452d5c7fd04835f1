from __future__ import annotations

import pytest
import torch
from torch import Tensor

from rnnsite.cells.elman import Elman
from rnnsite.errors import RnnsiteError
from rnnsite.training.fit import fit, per_model_norm

ADAM, SGD = torch.optim.Adam, torch.optim.SGD
X, Y = torch.randn(20, 9, 4, generator=torch.Generator().manual_seed(0), dtype=torch.float64).split((15, 5))


def loss_of(cell: Elman, update: int) -> Tensor:
    states, _ = cell(X[update : update + 5] * 3)
    return ((states[..., -5:, :, :] - Y[..., :1]) ** 2).mean((-1, -2, -3))


@pytest.mark.parametrize("optimiser", [ADAM, SGD])
@pytest.mark.parametrize("clip", [None, 0.05])
def test_models_side_by_side_train_as_each_would_alone(optimiser: type[torch.optim.Optimizer], clip: float) -> None:
    torch.manual_seed(0)
    fleet = Elman(4, 6, models=3, dtype=torch.float64)
    alone = [fleet.select(model) for model in range(3)]
    fit(list(fleet.parameters()), lambda u: loss_of(fleet, u), updates=8, rate=0.1, optimiser=optimiser, clip=clip)
    for model, cell in enumerate(alone):
        step = optimiser(cell.parameters(), lr=0.1)  # type: ignore[call-arg]
        for update in range(8):
            step.zero_grad()
            loss_of(cell, update).backward()
            if clip:
                torch.nn.utils.clip_grad_norm_(cell.parameters(), clip)
            step.step()
        # clip_grad_norm_ divides by norm + 1e-6, we by norm
        torch.testing.assert_close(fleet.W[model], cell.W, rtol=1e-4 if clip else 1e-10, atol=1e-4 if clip else 1e-12)


@pytest.mark.parametrize("optimiser", [ADAM, SGD])
def test_a_model_that_diverges_stops_and_harms_no_other(optimiser: type[torch.optim.Optimizer]) -> None:
    def train(bad: bool) -> tuple[Tensor, Tensor]:
        w = torch.ones(2, 1, requires_grad=True)
        breaks = torch.tensor([1.0, 0.0])

        def loss(update: int) -> Tensor:
            return (w**2).sum(1) * (
                1 + (float("inf") * breaks if bad and update == 3 else torch.zeros(2)).nan_to_num(0, 1e38) * 10
            )

        history = fit([w], loss, updates=6, rate=0.1, optimiser=optimiser)
        return w.detach(), history.diverged_at

    good, _ = train(bad=False)
    broken, diverged_at = train(bad=True)
    assert diverged_at.tolist() == [3, -1]
    assert broken.isfinite().all()
    torch.testing.assert_close(broken[1], good[1])
    assert broken[0] != good[0]


def test_a_model_that_has_solved_its_task_stands_still() -> None:
    w = torch.tensor([[1.0], [4.0]], requires_grad=True)
    small = []

    def solved() -> Tensor:
        small.append(w.detach().clone())
        return (w.abs() < 0.5)[:, 0]

    history = fit([w], lambda _: (w**2).sum(1), updates=200, rate=0.1, solved=solved, check_every=1)
    first, second = history.solved_at.tolist()
    assert 0 < first < second == len(history.losses) < 200
    torch.testing.assert_close(w[0], small[first - 1][0])


def test_progress_is_told() -> None:
    told: list[float] = []
    w = torch.ones(1, 1, requires_grad=True)
    fit([w], lambda _: (w**2).sum(1), updates=4, rate=0.1, watch=told.append)
    assert told == [0.25, 0.5, 0.75, 1.0]


def test_the_norm_is_over_all_parameters_of_one_model() -> None:
    gradients = [torch.tensor([[3.0], [0.0]]), torch.tensor([[[4.0]], [[1.0]]])]
    assert per_model_norm(gradients).tolist() == [5.0, 1.0]


def test_parameters_of_different_fleets_are_refused() -> None:
    with pytest.raises(RnnsiteError, match="number of models"):
        fit(
            [torch.ones(2, requires_grad=True), torch.ones(3, requires_grad=True)],
            lambda _: torch.ones(2),
            updates=1,
            rate=1,
        )
