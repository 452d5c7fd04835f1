"""Gradients at every step, against torch's own fused modules cut in two, and against finite differences."""

from __future__ import annotations

from typing import Any

import pytest
import torch
from torch import Tensor, nn

from rnnsite.errors import RnnsiteError
from rnnsite.probes.gradient_norms import gradient_flow, row_norms, transport
from rnnsite.probes.unrolled import unroll

from .configurations import CELLS, LENGTHS, B, H, I, T, data, module, packed


def last_square(output: Any) -> Tensor:
    return output[0][-1].square().sum()


def cut(rnn: nn.Module, x: Tensor, t: int) -> tuple[Any, Any]:
    """The state after step t as leaves, and the loss as a function of it: two calls of the fused module."""
    state = rnn(x[: t + 1])[1]
    leaves = tuple(part.detach().requires_grad_() for part in (state if isinstance(state, tuple) else (state,)))

    def loss(*leaves: Tensor) -> Tensor:
        if t == len(x) - 1:
            return leaves[0][-1].square().sum()
        return last_square(rnn(x[t + 1 :], leaves if len(leaves) > 1 else leaves[0]))

    return leaves, loss


@pytest.mark.parametrize("name", ["RNN", "ReLU no bias", "LSTM", "GRU"])
def test_equal_to_the_fused_module_cut_in_two(name: str) -> None:
    rnn, x = module(name), data()
    flow = gradient_flow(rnn, x, loss=last_square)
    for t in range(T - 1):
        leaves, loss = cut(rnn, x, t)
        grads = torch.autograd.grad(loss(*leaves), leaves)
        if len(grads) == 1:
            torch.testing.assert_close(flow["l0.h"][t], grads[0][0].norm(dim=-1), rtol=1e-10, atol=1e-14)
        else:  # c_t also acts through h_t = o ∘ tanh(c_t), which the cut holds fixed
            torch.testing.assert_close(flow["l0.h"][t], grads[0][0].norm(dim=-1), rtol=1e-10, atol=1e-14)
            run = unroll(rnn, x).runs[0]
            o, c = run.steps["o"][t], run.steps["c"][t]
            total = grads[1][0] + grads[0][0] * o * (1 - torch.tanh(c) ** 2)
            torch.testing.assert_close(flow["l0.c"][t], total.norm(dim=-1), rtol=1e-10, atol=1e-14)


@pytest.mark.parametrize("name", ["RNN", "LSTM", "GRU", "projected LSTM"])
def test_equal_to_finite_differences(name: str) -> None:
    rnn, x, t, step = module(name), data(), 3, 1e-5
    leaves, loss = cut(rnn, x, t)
    h = leaves[0].detach()
    slopes = torch.zeros_like(h)
    for index in range(h.numel()):
        nudge = torch.zeros(h.numel(), dtype=h.dtype)
        nudge[index] = step
        up, down = (loss(h + sign * nudge.view_as(h), *leaves[1:]).detach() for sign in (1, -1))
        slopes.view(-1)[index] = (up - down) / (2 * step)
    flow = gradient_flow(rnn, x, loss=last_square)
    torch.testing.assert_close(flow["l0.h"][t], slopes[0].norm(dim=-1), rtol=1e-6, atol=1e-10)


def test_a_lower_layer_counts_every_way_up() -> None:
    """A stack of two, and the same two layers as modules of their own with h_t of the lower one as a leaf."""
    rnn, x = module("GRU two layers"), data()
    low, high = nn.GRU(I, H).double(), nn.GRU(H, H).double()
    for single, k in ((low, 0), (high, 1)):
        single.load_state_dict({name[:-1] + "0": w for name, w in rnn.state_dict().items() if name.endswith(f"l{k}")})
    flow = gradient_flow(rnn, x, loss=last_square)
    for t in (0, 2, 5):
        h = low(x[: t + 1])[1].detach().requires_grad_()
        before = low(x[:t])[0].detach() if t else x.new_zeros(0, B, H)
        states = torch.cat([before, h, low(x[t + 1 :], h)[0]])
        (grad,) = torch.autograd.grad(last_square(high(states)), h)
        torch.testing.assert_close(flow["l0.h"][t], grad[0].norm(dim=-1), rtol=1e-10, atol=1e-14)


@pytest.mark.parametrize("in_order", [True, False])
@pytest.mark.parametrize("name", ["LSTM two layers bidirectional", "GRU batch first", "RNN bidirectional"])
def test_packed_sequences_equal_one_by_one(name: str, in_order: bool) -> None:
    rnn = module(name)
    x = data(rnn.batch_first)
    lengths = sorted(LENGTHS, reverse=True) if in_order else list(LENGTHS)
    flow = gradient_flow(rnn, packed(x, rnn.batch_first, in_order), loss=lambda output: flat_sum(output[1]))
    for b, length in enumerate(lengths):
        alone = x.select(int(not rnn.batch_first), b)[:length]
        alone = alone[None] if rnn.batch_first else alone[:, None]
        single = gradient_flow(rnn, alone, loss=lambda output: flat_sum(output[1]))
        for key, norms in single.items():
            torch.testing.assert_close(flow[key][:length, b], norms[:, 0], rtol=1e-10, atol=1e-14)
            assert flow[key][length:, b].isnan().all()


def flat_sum(state: Any) -> Tensor:
    parts = state if isinstance(state, tuple) else (state,)
    return torch.stack([part.square().sum() for part in parts]).sum()


class Tagger(nn.Module):
    """A model around an RNN, with an embedding before and a head behind."""

    def __init__(self) -> None:
        super().__init__()
        self.embed, self.rnn, self.head = nn.Embedding(9, I), nn.LSTM(I, H, batch_first=True), nn.Linear(H, 4)

    def forward(self, tokens: Tensor) -> Tensor:
        return self.head(self.rnn(self.embed(tokens))[0])


def test_inside_a_users_model_with_targets_and_a_loss() -> None:
    torch.manual_seed(0)
    model, tokens, tags = Tagger().double(), torch.randint(9, (B, T)), torch.randint(4, (B, T))
    loss = lambda scores, tags: nn.functional.cross_entropy(scores.flatten(0, 1), tags.flatten())  # noqa: E731
    flow = gradient_flow(model, tokens, tags, loss)
    assert set(flow) == {"rnn.l0.h", "rnn.l0.c"}
    assert flow["rnn.l0.h"].shape == (T, B)
    # at the last step nothing comes from later ones: the head's gradient alone
    scores = model(tokens)
    (direct,) = torch.autograd.grad(loss(scores, tags), scores)
    expected = (direct[:, -1] @ model.head.weight).norm(dim=-1)
    torch.testing.assert_close(flow["rnn.l0.h"][-1], expected, rtol=1e-10, atol=1e-14)


class Loop(nn.Module):
    """A cell called once a step, its state passed by keyword."""

    def __init__(self, cell: nn.RNNCellBase) -> None:
        super().__init__()
        self.cell = cell

    def forward(self, x: Tensor) -> Any:
        state = None
        for x_t in x:
            state = self.cell(x_t, hx=state)
        return state[0] if isinstance(state, tuple) else state


def test_a_cell_in_a_loop_equals_the_fused_module() -> None:
    rnn, x = module("LSTM"), data()
    cell = nn.LSTMCell(I, H).double()
    cell.load_state_dict({name[: -len("_l0")]: weight for name, weight in rnn.state_dict().items()})
    loop = gradient_flow(Loop(cell), x, loss=lambda h: h.square().sum())
    fused = gradient_flow(rnn, x, loss=last_square)
    for part in "hc":
        torch.testing.assert_close(loop[f"cell.{part}"], fused[f"l0.{part}"])


@pytest.mark.parametrize("name", CELLS)
def test_this_packages_cells(name: str) -> None:
    cell = CELLS[name]
    x = data(cell.batch_first)
    trace = cell.trace(x)
    grads = torch.autograd.grad(trace["h"][-1].square().sum(), trace.steps["h"])
    flow = gradient_flow(cell, x, loss=lambda output: output[0].select(int(cell.batch_first), -1).square().sum())
    torch.testing.assert_close(flow["h"], torch.stack([grad.norm(dim=-1) for grad in grads]))


def test_without_a_loss_the_last_step_has_norm_one() -> None:
    flow = gradient_flow(module("RNN two layers bidirectional"), data())
    torch.testing.assert_close(flow["l1.h"][-1], torch.ones(B, dtype=torch.float64))
    torch.testing.assert_close(flow["l1_reverse.h"][0], torch.ones(B, dtype=torch.float64))


def test_a_gradient_whose_square_underflows_is_still_measured() -> None:
    rnn = nn.RNN(1, 1)
    with torch.no_grad():
        for parameter in rnn.parameters():
            parameter.zero_()
        rnn.weight_hh_l0.fill_(0.5)
    flow = gradient_flow(rnn, torch.zeros(101, 1, 1))["l0.h"][:, 0]
    torch.testing.assert_close(flow[0], torch.tensor(0.5**100))


def test_norms_of_any_size() -> None:
    rows = torch.tensor([[3e-40, 4e-40], [3e30, 4e30], [0.0, 0.0], [torch.inf, 1.0], [torch.nan, 1.0]])
    found = row_norms(rows)
    torch.testing.assert_close(found[:3], torch.tensor([5e-40, 5e30, 0.0]), rtol=1e-5, atol=0)
    assert found[3] == torch.inf
    assert found[4].isnan()


def test_transport_of_packed_sequences_starts_at_each_ones_own_end() -> None:
    rnn, x = module("RNN bidirectional"), data()
    for run in unroll(rnn, packed(x, False, False)).runs:
        together = transport([run])
        for b, length in enumerate(LENGTHS):
            assert together[length:, b].isnan().all()
            assert together[:length, b].isfinite().all()
            torch.testing.assert_close(together[0, b], torch.tensor(1.0, dtype=torch.float64))


def test_a_loss_that_does_not_fit() -> None:
    rnn, x = module("RNN"), data()
    with pytest.raises(RnnsiteError, match="does not depend on the recurrent states"):
        gradient_flow(rnn, x, loss=lambda output: torch.ones((), requires_grad=True) * 1)
    with pytest.raises(RnnsiteError, match="has no gradient"):
        gradient_flow(rnn, x, loss=lambda output: output[0].detach().sum())
