"""Sheets: what a page and a notebook show is what the document says, rows by name, and nothing unknown becomes a zero."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pytest

from shortfall.errors import InputError
from shortfall.notebook import Shown, ask
from shortfall.report.sheets.page import cell_text
from shortfall.report.sheets.sheet import RangeBars

if TYPE_CHECKING:
    from tests.report import documents
else:
    import documents  # beside this file


def effect(change: str, low: str, high: str, ppm: int | None) -> dict[str, Any]:
    bounds = [{"amount": low, "unit": "USDT"}, {"amount": high, "unit": "USDT"}]
    same = dict.fromkeys(("deleveraged", "borne_by_others", "fund_equity_lowest", "uncovered"), bounds)
    return {"change": change, "total_ppm_of_as_it_is": ppm, **same}


def ranking() -> dict[str, Any]:
    return {
        "schema": "shortfall.rank/1",
        "version": "0",
        "kernels": "0",
        "contract": {"venue": "binance", "symbol": "X<Y", "figures_of": "binance", "snapshot_sha256": "00"},
        "request": {"gap": "-20%", "over": "1m", "depth_left": "10%", "members": ["calm", "hot"]},
        "fund": {"cash": {"amount": "5.000000", "unit": "USDT"}, "note": "given"},
        "as_it_is": effect("as it is", "1000.5", "3000000.25", 1_000_000),
        "single": [effect("twice the <fund>", "0.000000", "1500000", 500_000)],
        "pairs": [],
        "refused": [],
        "order": "lowest first",
        "assumed": [],
    }


def test_a_table_keeps_amounts_exact() -> None:
    """Both ends of every range, to the smallest unit, in the order of the document."""
    frame = Shown(ranking()).to_polars()
    assert frame["change"].to_list() == ["as it is", "twice the <fund>"]
    assert frame["deleveraged_high"].to_list() == [Decimal("3000000.25"), Decimal(1500000)]
    assert frame["percent_of_as_it_is"].to_list() == [100.0, 50.0]


def test_a_picture_has_one_bar_for_each_change() -> None:
    """The bar runs from the lowest to the highest member."""
    first = Shown(ranking()).sheet.pictures[0]
    assert isinstance(first, RangeBars)
    assert [(one.label, one.low, one.high) for one in first.spans] == [
        ("as it is", 1000.5, 3_000_000.25),
        ("twice the <fund>", 0.0, 1_500_000.0),
    ]
    drawn = Shown(ranking()).plot().to_dict()
    assert drawn["datasets"]["spans"][0]["high"] == 3_000_000.25 / 1e6  # the axis is in millions


def test_a_page_escapes_what_it_is_given_and_fetches_nothing() -> None:
    """A contract's name cannot write into the page."""
    page = Shown(ranking()).page()
    assert "X&lt;Y" in page
    assert "<fund>" not in page
    assert "http" not in page.replace("http-equiv", "")
    assert "<script" not in page


def test_the_notebook_shows_sentence_picture_and_table() -> None:
    """The three parts that a reader looks for."""
    shown = Shown(ranking())._repr_html_()
    assert shown.count("<svg") == 1
    assert shown.count("<table") == 1
    assert "as it is: ADL of 1,000 USDT to 3.00 M USDT" in shown.replace("1.00 k", "1,000")


def test_a_stress_run_has_a_row_for_each_run() -> None:
    """Layers are columns; what a run lacks is None."""
    document = {**documents.stress(), "schema": "shortfall.stress/1"}
    frame = Shown(document).to_polars("runs")
    assert frame.height == len(document["runs"])
    assert frame["winners_(ADL)"].to_list()[-1] == Decimal("-400.000001")


def test_what_is_unknown_is_said() -> None:
    """Never a zero, never an empty cell."""
    assert cell_text(None) == "unknown or none"
    assert cell_text(0) == "0"
    assert cell_text(Decimal("1234567.891")) == "1,234,568"
    assert cell_text(Decimal("0.250000")) == "0.25"


def test_unknown_names_are_refused_with_what_there_is() -> None:
    """Tables, pictures and schemas."""
    shown = Shown(ranking())
    with pytest.raises(InputError, match="Expected one of single, pairs"):
        shown.to_polars("none")
    with pytest.raises(InputError, match="rank-adl"):
        shown.plot("none")
    with pytest.raises(InputError, match="schema"):
        _ = Shown({"schema": "other/1"}).sheet


def test_a_question_is_asked_as_in_a_terminal() -> None:
    """The document is the command's own; findings are raised as they are."""
    answer = ask("buffer binance BTCUSDT")
    assert answer.document["schema"] == "shortfall.buffer/1"
    assert answer.to_polars().height == len(answer.document["tiers"])
    with pytest.raises(InputError, match="--speed"):
        ask("buffer binance BTCUSDT --speed fast")
