"""The data table under each figure: the same numbers, for eyes, screen readers and spreadsheets."""

from __future__ import annotations

import csv
import html
import io
import math
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from rnnsite.errors import RnnsiteError, nearest


@dataclass(frozen=True)
class Table:
    """Columns and rows of plain values; the first column names its row.

    `shares` names the columns that a reader sees in percent. The CSV has them as the shares they are.

    >>> Table(["cell", "loss"], [["LSTM", 0.25]]).to_csv()
    'cell,loss\\nLSTM,0.25\\n'
    """

    columns: Sequence[str]
    rows: Sequence[Sequence[Any]]
    shares: Collection[str] = ()

    def __post_init__(self) -> None:
        if not self.columns or not self.rows:
            raise RnnsiteError("A table needs at least one column and one row.")
        if len(set(self.columns)) != len(self.columns):
            raise RnnsiteError(f"A table's columns must differ from one another, got {list(self.columns)}.")
        for name in self.shares:
            if name not in self.columns:
                raise RnnsiteError(f"The table has no column {name!r} of shares.{nearest(name, self.columns)}")
        for i, row in enumerate(self.rows):
            if len(row) != len(self.columns):
                raise RnnsiteError(f"Row {i} of the table has {len(row)} values for {len(self.columns)} columns.")

    def to_csv(self) -> str:
        """Comma-separated values, numbers in full precision, lines ended by a newline alone."""
        out = io.StringIO()
        writer = csv.writer(out, lineterminator="\n")
        writer.writerow(self.columns)
        writer.writerows([[_plain(value) for value in row] for row in self.rows])
        return out.getvalue()

    def to_html(self, caption: str | None = None) -> str:
        """An HTML table with row and column headers; numbers to four significant digits, aligned by digit."""
        shares = [column in self.shares for column in self.columns]
        numeric = [all(_is_number(row[i]) for row in self.rows) for i in range(len(self.columns))]
        head = "".join(
            f'<th scope="col"{_number_class(number)}>{html.escape(str(column))}</th>'
            for column, number in zip(self.columns, numeric, strict=True)
        )
        body = "".join(
            "<tr>"
            + "".join(
                f'<th scope="row"{_number_class(number)}>{_shown(value, share)}</th>'
                if i == 0
                else f"<td{_number_class(number)}>{_shown(value, share)}</td>"
                for i, (value, number, share) in enumerate(zip(row, numeric, shares, strict=True))
            )
            + "</tr>"
            for row in self.rows
        )
        title = f"<caption>{html.escape(caption)}</caption>" if caption else ""
        return f'<table class="rs-table">{title}<thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>'


def _is_number(value: Any) -> bool:
    return isinstance(value, (int, float, np.integer, np.floating)) and not isinstance(value, bool)


def _number_class(number: bool) -> str:
    return ' class="rs-number"' if number else ""


def _plain(value: Any) -> Any:
    """NumPy scalars as Python's, so that 0.25 is written and not np.float64(0.25)."""
    return value.item() if isinstance(value, np.generic) else value


def _shown(value: Any, share: bool) -> str:
    value = _plain(value)
    if value is None:
        return "–"
    if not _is_number(value):
        return html.escape(str(value))
    if share and math.isfinite(value):
        return f"{100 * value:.3g}\N{NO-BREAK SPACE}%".replace("-", "−")
    if isinstance(value, int):
        return f"{value}".replace("-", "−")
    if math.isnan(value):
        return "–"
    if math.isinf(value):
        return "∞" if value > 0 else "−∞"
    mantissa, _, exponent = f"{value:.4g}".partition("e")
    shown = mantissa.replace("-", "−")
    return f"{shown}×10<sup>{str(int(exponent)).replace('-', '−')}</sup>" if exponent else shown
