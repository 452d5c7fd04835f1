"""`diagnose` judged on models it never saw: it names every fault, and accuses no healthy model."""

from __future__ import annotations

import pytest
import torch
from torch import Tensor, nn
from torch.nn.utils.rnn import pack_sequence

from rnnsite.cells.elman import Elman
from rnnsite.cells.lstm import LSTM
from rnnsite.errors import RnnsiteError
from rnnsite.probes.diagnosis import diagnose

from .zoo import FAULTY, HEALTHY, gain, gate_bias, healthy, irnn, problem, with_W

SEEDS = range(100, 120)  # thresholds were set on seeds from 1000 up, and other tasks


@pytest.mark.parametrize("name", FAULTY)
def test_names_the_fault(name: str) -> None:
    missed = []
    for seed in SEEDS:
        model, given = FAULTY[name](seed)
        report = diagnose(model, **given)
        if name not in report:
            missed.append(f"seed {seed}: {report}")
    assert not missed, "\n".join(missed)


@pytest.mark.parametrize("steps", [0, 60], ids=["untrained", "briefly trained"])
@pytest.mark.parametrize("kind", HEALTHY)
def test_accuses_no_healthy_model(kind: str, steps: int) -> None:
    for seed in SEEDS if steps == 0 else SEEDS[:2]:  # training each first takes its time
        model, given = healthy(kind, seed, steps)
        report = diagnose(model, **given)
        assert report.healthy, f"seed {seed}: {report}"


def test_default_modules_without_a_loss() -> None:
    torch.manual_seed(1)
    x = torch.randn(50, 16, 8)
    assert diagnose(nn.LSTM(8, 32), x).healthy
    assert diagnose(nn.GRU(8, 32), x).healthy
    assert diagnose(nn.RNN(8, 32), x[:20]).healthy
    assert diagnose(nn.RNN(8, 32), x).names == {"vanishing"}


def test_this_packages_cells() -> None:
    torch.manual_seed(1)
    x = torch.randn(60, 16, 8)
    assert diagnose(LSTM(8, 32, forget_bias=1.0), x).healthy
    assert diagnose(Elman(8, 32, spectral_radius=0.5, activation="sigmoid"), x).names == {"vanishing"}
    assert diagnose(Elman(8, 32, spectral_radius=1.5, activation="linear"), x).names == {"exploding"}


def test_overflow_is_exploding() -> None:
    torch.manual_seed(1)
    report = diagnose(Elman(8, 32, spectral_radius=3.0, activation="linear"), torch.randn(200, 4, 8))
    assert report.names == {"exploding"}
    assert "overflow" in report["exploding"].words


def test_a_loss_that_is_no_number_is_not_blamed_on_the_rate() -> None:
    report = diagnose(nn.GRU(3, 8), torch.randn(9, 4, 3), loss=lambda out: (out[0] - 2).log().sum(), learning_rate=0.1)
    assert report.healthy
    assert "no finite number" in report.notes[0]


def test_in_a_stack_one_layer_that_carries_is_enough() -> None:
    torch.manual_seed(1)
    rnn = nn.LSTM(8, 32, 2)
    with torch.no_grad():
        rnn.bias_ih_l0[32:64] = 4.0
        rnn.bias_ih_l1[32:64] = -4.0
    x = torch.randn(60, 4, 8)
    assert diagnose(rnn, x).healthy
    with torch.no_grad():
        rnn.bias_ih_l0[32:64] = -4.0
    assert diagnose(rnn, x)["vanishing"].where == "l0" or diagnose(rnn, x)["vanishing"].where == "l1"


def test_each_sequence_of_a_packed_batch_counts_from_its_own_end() -> None:
    torch.manual_seed(1)
    rnn = nn.RNN(8, 32)
    short = [torch.randn(int(n), 8) for n in torch.randint(8, 16, (20,))]
    assert diagnose(rnn, pack_sequence(short, enforce_sorted=False)).healthy
    # one long sequence among many short ones does not condemn a model
    assert diagnose(rnn, pack_sequence([*short, torch.randn(80, 8)], enforce_sorted=False)).healthy
    long = [torch.randn(int(n), 8) for n in torch.randint(60, 80, (20,))]
    assert diagnose(rnn, pack_sequence(long, enforce_sorted=False)).names == {"vanishing"}


def test_the_span_a_loss_needs() -> None:
    torch.manual_seed(1)
    rnn, x = nn.RNN(8, 32), torch.randn(100, 4, 8)
    last, every = (lambda out: out[0][-1].square().mean()), (lambda out: out[0].square().mean())
    assert "vanishing" in diagnose(rnn, x, loss=last)
    assert diagnose(rnn, x, loss=every).healthy  # something can be learned nearby
    assert "vanishing" in diagnose(rnn, x, loss=every, span=99)
    assert diagnose(rnn, x, loss=last, span=10).healthy


def test_a_single_step_and_a_single_sequence() -> None:
    assert "a single step says nothing" in str(diagnose(nn.GRU(3, 8), torch.randn(1, 4, 3)))
    assert diagnose(nn.GRU(3, 8), torch.randn(12, 3)).healthy


def test_a_compiled_model_is_looked_into() -> None:
    assert diagnose(torch.compile(nn.GRU(3, 8)), torch.randn(12, 4, 3)).healthy


class Translator(nn.Module):
    """Encoder and decoder: the loss reaches the encoder through its last state alone."""

    def __init__(self, encoder: nn.Module) -> None:
        super().__init__()
        self.encoder, self.decoder = encoder, nn.LSTM(4, 32)

    def forward(self, source: Tensor, target: Tensor) -> Tensor:
        return self.decoder(target, self.encoder(source)[1])[0]


def test_an_encoder_is_judged_over_its_whole_length() -> None:
    torch.manual_seed(1)
    given = {"source": torch.randn(60, 8, 4), "target": torch.randn(10, 8, 4)}
    loss = lambda out: out.square().mean()  # noqa: E731
    report = diagnose(Translator(gate_bias(nn.LSTM, 1, -4.0)(4, 32)), given, loss=loss)
    assert report.names == {"vanishing"}
    assert report["vanishing"].where == "encoder.l0"
    assert report.numbers["encoder.l0"]["span"] == 59
    assert diagnose(Translator(gate_bias(nn.LSTM, 1, 1.0)(4, 32)), given, loss=loss).healthy


def test_the_report_can_be_read() -> None:
    torch.manual_seed(0)
    report = diagnose(nn.RNN(3, 32), torch.randn(100, 8, 3))
    text = str(report)
    assert text.startswith("VANISHING (l0)\n")
    assert "orthogonal" in text
    assert all(len(line) <= 100 for line in text.splitlines())
    numbers = report["vanishing"].numbers
    assert numbers["left"] < 1e-15
    assert numbers["span"] == 99
    assert numbers["rate"] == pytest.approx(numbers["left"] ** (1 / 99))
    assert report.numbers["l0"]["reach"] == numbers["reach"]
    assert "exploding" not in report
    with pytest.raises(RnnsiteError, match="The report has no verdict 'exploding'; it has 'vanishing'"):
        report["exploding"]


@pytest.mark.parametrize(
    ("model", "code"),
    [
        (nn.RNN(3, 64), "torch.nn.init.orthogonal_(model.weight_hh_l0)"),
        (nn.Sequential(gate_bias(nn.LSTM, 1, -4.0)(3, 64)), "model[0].bias_ih_l0.data[64:128] = 2"),
        (LSTM(3, 64, forget_bias=-4.0), "model.b.data[..., 64:128] = 2"),
    ],
)
def test_doing_what_the_report_says_helps(model: nn.Module, code: str) -> None:
    torch.manual_seed(0)
    x = torch.randn(100, 8, 3)
    report = diagnose(model, x)
    assert report.names == {"vanishing"}
    assert any(code.split(" = ")[0] in advice for advice in report["vanishing"].advice)
    exec(code, {"torch": torch, "model": model})
    assert diagnose(model, x).healthy


def test_the_advised_rate_is_not_too_high() -> None:
    model, given = FAULTY["too-high learning rate"](107)
    report = diagnose(model, **given)
    rate = float(report["too-high learning rate"].advice[0].split()[1].rstrip(":"))
    assert diagnose(model, **{**given, "learning_rate": rate}).healthy


def test_causes_come_before_effects() -> None:
    model, given = problem(7, with_W(gain(4.0), nonlinearity="relu"), (40, 40), (32, 32), ("class",))
    with torch.no_grad():
        model.rnn.bias_ih_l0.fill_(-50.0)
    assert [verdict.name for verdict in diagnose(model, **given).verdicts] == ["dead ReLU", "vanishing"]
    assert diagnose(irnn(3, 16), torch.randn(30, 8, 3)).healthy
