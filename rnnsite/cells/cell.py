"""What every recurrent cell shares: shapes, checks, the loop over time, models side by side.

A cell has input weights U (kH, I), recurrent weights W (kH, H) and bias b (kH): k blocks of H rows, one for each
letter of `cell.blocks` ("h" for Elman, "ifog" for an LSTM, "rug" for a GRU), so `cell.block("W", "f")` is W_f. With
`models=M` each gets a leading dimension M, and M independent models run at once.
"""

from __future__ import annotations

import copy
from collections.abc import Sequence
from typing import Any, Self, TypeAlias

import torch
from torch import Tensor, nn

from rnnsite.cells.initial import Initial, scale_to_spectral_radius, uniform
from rnnsite.cells.trace import Trace
from rnnsite.errors import RnnsiteError

Generators: TypeAlias = torch.Generator | Sequence[torch.Generator] | None
PerModel: TypeAlias = float | Sequence[float]


def plus_product(a: Tensor, W: Tensor, h: Tensor) -> Tensor:
    """a + W h for every row h of a batch, and for every model when W is (M, ·, ·)."""
    return torch.addmm(a, h, W.mT) if W.ndim == 2 else torch.baddbmm(a, h, W.mT)


class Cell(nn.Module):
    """One recurrent layer. Subclasses give `blocks`, `state_names` and `step`.

    I, H             inputs and hidden units
    models           None, or M independent models in one: every parameter gets a leading M
    generator        one CPU generator, or one a model. Models draw one after the other, each all its weights at
                     once, so a model's weights do not depend on how many ride along after it
    recurrent        initialiser of each H×H block of W: uniform (default), gaussian, orthogonal, identity
    inputs           initialiser of each H×I block of U
    spectral_radius  None, or the ρ to which each block of W is scaled; a sequence gives each model its own
    input_scale      a factor on U
    bias             False keeps b at 0 and out of training
    batch_first      x and states are (B, T, ·) instead of (T, B, ·)
    """

    blocks: str
    state_names: tuple[str, ...] = ("h",)

    def __init__(
        self,
        I: int,
        H: int,
        models: int | None = None,
        *,
        generator: Generators = None,
        recurrent: Initial = uniform,
        inputs: Initial = uniform,
        spectral_radius: PerModel | None = None,
        input_scale: float = 1.0,
        bias: bool = True,
        batch_first: bool = False,
        dtype: torch.dtype | None = None,
        device: torch.device | str | None = None,
    ) -> None:
        super().__init__()
        for name, size in (("I", I), ("H", H), ("models", 1 if models is None else models)):
            if size < 1:
                raise RnnsiteError(f"{name} is {size}; expected at least 1.")
        self.I, self.H, self.models, self.bias, self.batch_first = I, H, models, bias, batch_first
        U, W = self._draw(generator, recurrent, inputs)
        if spectral_radius is not None:
            rho = self.per_model(spectral_radius)[..., None]
            square = W.unflatten(-2, (len(self.blocks), H))
            W = scale_to_spectral_radius(square, rho.expand(square.shape[:-2])).flatten(-3, -2)
        to: dict[str, Any] = {"dtype": dtype or torch.get_default_dtype(), "device": device}
        self.U = nn.Parameter((U * input_scale).to(**to))
        self.W = nn.Parameter(W.to(**to))
        self.b = nn.Parameter(torch.zeros(W.shape[:-1], **to), requires_grad=bias)

    def _draw(self, generator: Generators, recurrent: Initial, inputs: Initial) -> tuple[Tensor, Tensor]:
        count = self.models or 1
        generators = list(generator) if isinstance(generator, Sequence) else [generator] * count
        if len(generators) != count:
            raise RnnsiteError(f"{len(generators)} generators were given; expected one, or {count}: one a model.")
        Us, Ws = [], []
        for g in generators:
            Us.append(torch.cat([inputs(self.H, self.I, g) for _ in self.blocks]))
            Ws.append(torch.cat([recurrent(self.H, self.H, g) for _ in self.blocks]))
        return (Us[0], Ws[0]) if self.models is None else (torch.stack(Us), torch.stack(Ws))

    def per_model(self, value: PerModel) -> Tensor:
        """A number, or one for each model, as a float64 tensor of shape () or (M,)."""
        values = torch.as_tensor(value, dtype=torch.float64)
        if values.ndim and tuple(values.shape) != self.lead:
            wanted = "one number" if self.models is None else f"one number, or {self.models}: one a model"
            raise RnnsiteError(f"Got {values.numel()} numbers for a setting of the cell; expected {wanted}.")
        return values.expand(self.lead)

    @property
    def lead(self) -> tuple[int, ...]:
        return () if self.models is None else (self.models,)

    def block(self, parameter: str, letter: str) -> Tensor:
        """The view of U, W or b that belongs to one block: `cell.block("W", "f")` is W_f, (H, H) or (M, H, H)."""
        if letter not in self.blocks:
            raise RnnsiteError(f"{type(self).__name__} has no block {letter!r}; expected one of {self.blocks!r}.")
        whole: Tensor = getattr(self, parameter)
        return whole.narrow(len(self.lead), self.blocks.index(letter) * self.H, self.H)

    def project(self, x: Tensor) -> Tensor:
        """U x + b for all steps at once: (T, B, I) or (M, T, B, I) → (T, B, kH) or (M, T, B, kH)."""
        T, B = x.shape[-3:-1]
        flat = x.reshape(*x.shape[:-3], T * B, self.I)
        return (flat @ self.U.mT + self.b[..., None, :]).unflatten(-2, (T, B))

    def prepare(self, x: Tensor) -> tuple[Sequence[Any], dict[str, Any]]:
        """One Ux for each step, and the weights every step uses: the arguments of `step` besides the state."""
        return self.project(x).unbind(-3), {"W": self.W}

    def step(self, Ux: Any, state: dict[str, Tensor], **weights: Any) -> dict[str, Tensor]:
        """One step: everything it computed, by name; pre-activations are named a_·."""
        raise NotImplementedError

    def forward(self, x: Tensor, state: Any = None) -> tuple[Tensor, Any]:
        """All states and the last one, as torch.nn returns them but without a dimension for layers.

        x (T, B, I), or with models (M, T, B, I) or one (T, B, I) shared by all; state (B, H) or (M, B, H), a tuple
        of them for a state of several parts, such as (h, c) of an LSTM, zero when absent → states (T, B, H) or
        (M, T, B, H), last state.
        Raises RnnsiteError for other shapes.
        """
        x = self._time_first(x)
        now = self._initial(state, x)
        inputs, weights = self.prepare(x)
        hs = []
        for Ux in inputs:
            now = self.step(Ux, now, **weights)
            hs.append(now["h"])
        if self.batch_first:
            return torch.stack(hs, -2), self._public(now)
        return torch.stack(hs, -3), self._public(now)

    def trace(self, x: Tensor, state: Any = None) -> Trace:
        """The same run as forward, with everything it computed kept (see Trace). NaN and infinity are refused."""
        x = self._time_first(x)
        initial = now = self._initial(state, x)
        if not all(bool(torch.isfinite(given).all()) for given in (x, *initial.values())):
            raise RnnsiteError("The input or the initial state holds NaN or infinity; expected finite numbers.")
        inputs, weights = self.prepare(x)
        steps = []
        for Ux in inputs:
            now = self.step(Ux, now, **weights)
            steps.append(now)
        return Trace(steps, initial, self.batch_first)

    def select(self, model: int) -> Self:
        """A copy of one of the models as a plain cell (models=None)."""
        if self.models is None:
            raise RnnsiteError("This cell is one model already; expected a cell made with `models=`.")
        if not 0 <= model < self.models:
            raise RnnsiteError(f"There is no model {model}; expected 0 to {self.models - 1}.")
        single = copy.deepcopy(self)
        single.models = None
        for name, parameter in self.named_parameters():
            setattr(single, name, nn.Parameter(parameter.detach()[model].clone(), parameter.requires_grad))
        for name, buffer in self.named_buffers():
            setattr(single, name, buffer[model].clone())
        return single

    def extra_repr(self) -> str:
        return f"I={self.I}, H={self.H}" + ("" if self.models is None else f", models={self.models}")

    def _time_first(self, x: Tensor) -> Tensor:
        layout = "(B, T, I)" if self.batch_first else "(T, B, I)"
        wanted = f"{layout} with I = {self.I}"
        if self.models is not None:
            wanted += f", or the same behind a first dimension of {self.models} models"
        if not isinstance(x, Tensor):
            raise RnnsiteError(f"The input is a {type(x).__name__}; expected a tensor of shape {wanted}.")
        lead = tuple(x.shape[:-3])
        if x.ndim < 3 or x.shape[-1] != self.I or lead not in {(), self.lead}:
            raise RnnsiteError(f"The input has shape {tuple(x.shape)}; expected {wanted}.")
        if (x.dtype, x.device) != (self.U.dtype, self.U.device):
            raise RnnsiteError(
                f"The input is {x.dtype} on {x.device}; expected {self.U.dtype} on {self.U.device}, like the weights."
            )
        x = x.transpose(-3, -2) if self.batch_first else x
        if 0 in x.shape:
            raise RnnsiteError(f"The input has shape {tuple(x.shape)}; expected at least one step and one sequence.")
        return x

    def _initial(self, state: Any, x: Tensor) -> dict[str, Tensor]:
        shape = (*self.lead, x.shape[-2], self.H)
        if state is None:
            return {name: x.new_zeros(shape) for name in self.state_names}
        parts = tuple(state) if isinstance(state, (tuple, list)) else (state,)
        shapes = [tuple(part.shape) if isinstance(part, Tensor) else type(part).__name__ for part in parts]
        if shapes != [shape] * len(self.state_names):
            got = " and ".join(str(part) for part in shapes)
            names, count = ", ".join(self.state_names), len(self.state_names)
            several = f"{'a pair of' if count == 2 else count} tensors ({names})"
            wanted = f"a tensor {names}" if count == 1 else several
            raise RnnsiteError(f"The initial state has shape {got}; expected {wanted} of shape {shape}.")
        if any((part.dtype, part.device) != (x.dtype, x.device) for part in parts):
            raise RnnsiteError(f"The initial state has another type or device than the input; expected {x.dtype}.")
        return dict(zip(self.state_names, parts, strict=True))

    def _public(self, now: dict[str, Tensor]) -> Any:
        return now["h"] if len(self.state_names) == 1 else tuple(now[name] for name in self.state_names)
