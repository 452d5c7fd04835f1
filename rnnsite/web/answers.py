"""What a reader's answer is compared with: a number of a run, or arithmetic that the build works out."""

from __future__ import annotations

import ast
import math
import operator
import re
from collections.abc import Callable
from typing import TYPE_CHECKING

from rnnsite.errors import RnnsiteError
from rnnsite.statistics import Estimate

if TYPE_CHECKING:
    from rnnsite.web.site import Site

_RUN = re.compile(r"=([a-z_0-9]+)\.([A-Za-z_0-9]+)")
_OPERATORS: dict[type, Callable[..., float]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: operator.truediv,
    ast.Pow: operator.pow,
    ast.USub: operator.neg,
    ast.UAdd: operator.pos,
}
_FUNCTIONS = {name: getattr(math, name) for name in ("sqrt", "log", "log10", "exp", "tanh", "ceil", "floor")}


def value(text: str, site: Site) -> float | None:
    """`=stem.name` or such as `3 * log(2) / 1.1**49`, as a number; None for a run that this build left out.

    Raises RnnsiteError for anything else.
    """
    run = _RUN.fullmatch(text)
    if run is None:
        return arithmetic(text)
    found = site.measured(*run.groups())
    return float(found.value if isinstance(found, Estimate) else found) if found is not None else None


def arithmetic(text: str) -> float:
    """+ − * / ** on numbers, and the functions sqrt, log, log10, exp, tanh, ceil and floor.

    >>> arithmetic("1.1 ** 2 - exp(0)")
    0.2100000000000002
    """
    try:
        found = float(_work_out(ast.parse(text, mode="eval").body))
    except (SyntaxError, TypeError, ValueError, ArithmeticError, KeyError):
        raise RnnsiteError(f"the answer {text!r} is neither =stem.name nor arithmetic on numbers") from None
    if not math.isfinite(found):
        raise RnnsiteError(f"the answer {text!r} is not a finite number")
    return found


def _work_out(node: ast.expr) -> float:
    match node:
        case ast.Constant(value=int() | float() as number) if not isinstance(number, bool):
            return float(number)  # powers of integers have no end
        case ast.BinOp(left=left, op=op, right=right):
            return _OPERATORS[type(op)](_work_out(left), _work_out(right))
        case ast.UnaryOp(op=op, operand=operand):
            return _OPERATORS[type(op)](_work_out(operand))
        case ast.Call(func=ast.Name(id=name), args=[argument], keywords=[]):
            return float(_FUNCTIONS[name](_work_out(argument)))
    raise TypeError
