from __future__ import annotations

import numpy as np
import pytest

from rnnsite.errors import RnnsiteError
from rnnsite.figures.table import Table


def test_csv_keeps_full_precision_and_quotes_commas() -> None:
    table = Table(["cell", "loss"], [["LSTM, peepholes", np.float64(1 / 3)], ["RNN", 2]])
    assert table.to_csv() == 'cell,loss\n"LSTM, peepholes",0.3333333333333333\nRNN,2\n'


def test_html_has_headers_and_short_numbers() -> None:
    html = Table(["cell <x>", "loss"], [["RNN", 1.23456e-7], ["LSTM", float("nan")], ["GRU", -2.0]]).to_html(
        "Loss & co"
    )
    assert "<caption>Loss &amp; co</caption>" in html
    assert '<th scope="col">cell &lt;x&gt;</th><th scope="col" class="rs-number">loss</th>' in html
    assert '<th scope="row">RNN</th><td class="rs-number">1.235×10<sup>−7</sup></td>' in html
    assert '<td class="rs-number">–</td>' in html
    assert '<td class="rs-number">−2</td>' in html


def test_shares_are_seen_in_percent_and_written_as_they_are() -> None:
    table = Table(["cell", "right", "loss"], [["RNN", 0.9625, 0.5], ["GRU", 1, 0.25], ["LSTM", None, 0.1]], ["right"])
    assert "<td>96.2\N{NO-BREAK SPACE}%</td>" in table.to_html()
    assert "<td>100\N{NO-BREAK SPACE}%</td>" in table.to_html()
    assert "<td>–</td>" in table.to_html()
    assert ">0.5</td>" in table.to_html()
    assert "RNN,0.9625,0.5" in table.to_csv()
    assert "LSTM,,0.1" in table.to_csv()


def test_a_column_of_shares_must_exist() -> None:
    with pytest.raises(RnnsiteError, match="Did you mean 'right'"):
        Table(["cell", "right"], [["RNN", 1]], ["rihgt"])


@pytest.mark.parametrize(
    ("columns", "rows", "sentence"),
    [
        ([], [[1]], "at least one column"),
        (["a"], [], "at least one column and one row"),
        (["a", "a"], [[1, 2]], "must differ"),
        (["a", "b"], [[1, 2], [1]], "Row 1 of the table has 1 values for 2 columns"),
    ],
)
def test_a_crooked_table_is_refused(columns: list[str], rows: list[list[int]], sentence: str) -> None:
    with pytest.raises(RnnsiteError, match=sentence):
        Table(columns, rows)
