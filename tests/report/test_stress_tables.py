"""The tables fit the terminal that a reader has, say the unit once and lose nothing."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING, Any

import pytest
from rich.console import Console

from shortfall.report import words
from shortfall.report.stress_tables import gap_table, print_document

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.report import documents
else:
    import documents  # beside this file


def printed(document: dict[str, Any], width: int) -> str:
    out = io.StringIO()
    print_document(Console(file=out, width=width), document)
    return out.getvalue()


def wide_document() -> dict[str, Any]:
    """Return a document whose amounts take the most room."""
    document = documents.swept()
    for run in document["runs"]:
        run["figures"]["accounts_liquidated"] = 123_456
        for name in ("liquidated_notional", "sold_in_book_notional", "taken_over_notional", "still_held_notional"):
            run["figures"][name] = documents.money("4757055746.050400")
        run["figures"]["deficit_at_mark"] = documents.money("1757055746.050400")
        run["figures"]["fund_equity_lowest"] = documents.money("-1757055746.050400")
        if run["adl"]:
            run["adl"]["notional_at_mark"] = documents.money("2212943710.956800")
    return document


@pytest.mark.parametrize("width", [80, 120])
@pytest.mark.parametrize("make", [documents.stress, documents.swept, wide_document])
def test_tables_fit_without_an_ellipsis(make: Callable[[], dict[str, Any]], width: int) -> None:
    text = printed(make(), width)
    assert "…" not in text
    assert max(len(line.rstrip()) for line in text.splitlines()) <= width


def test_headers_break_only_between_words() -> None:
    head = printed(wide_document(), 80).partition("─")[0].splitlines()[-2:]
    assert [line.split() for line in head] == [
        ["sold", "in", "taken", "still", "deficit", "fund", "low"],
        ["accounts", "liquidated", "book", "over", "held", "ADL", "at", "mark", "(equity)"],
    ]


def test_cells_of_money_leave_the_unit_to_the_title() -> None:
    tables = printed(documents.stress(), 80).partition("What happens")[2].partition("fund: ")[0]
    assert tables.count("USDT") == 2  # one in each title
    assert "98.8 M" in tables


def test_every_layer_that_paid_and_every_sum_is_printed() -> None:
    text = printed(documents.stress(), 80)
    for name in (
        "fund inventory at takeover",
        "winners (ADL)",
        "together",
        "returned to traders",
        "equity left behind",
        "difference",
    ):
        assert name in text
    assert "carried" not in text  # nobody carried anything
    for later in ("1 min later", "5 min later", "60 min later", "beyond recorded depth", "collected in this event"):
        assert later in text


def test_the_notes_name_seed_snapshot_dates_and_pool() -> None:
    text = printed(documents.stress(), 200)
    assert "inputs 561 days apart" in text
    assert f"seed 31337; snapshot {'ab' * 8}" in text
    assert "ETHUSDT (beta 1.13)" in text
    assert "assumed fields: 1" in text


def test_the_fund_needed_stands_beside_open_interest_and_its_dates() -> None:
    text = printed(documents.swept(), 80)
    assert "beyond the sweep" in text
    assert "0.01 %" in text  # 1,000 of the 8,000,000 of which 2,000,000 is a quarter
    assert "of open interest (inputs 561 days apart)" in text
    assert "or more than the largest of the sweep" in " ".join(text.split())


def test_the_gap_table_fits_and_tells_every_interval() -> None:
    out = io.StringIO()
    Console(file=out, width=80).print(gap_table(documents.gap()["answers"]))
    text = out.getvalue()
    assert "…" not in text
    assert "4%-8%, 20%-60%" in text
    assert "none up to 60%" in text
    assert "2.125% to 2.25%" in text


def test_the_sentence_leads_each_figure_to_its_run() -> None:
    pieces = words.sentence(documents.stress())
    runs = [piece.run for piece in pieces if piece.run is not None]
    assert ("hot", "hold") in runs
    assert words.plain(pieces).endswith("ADL starts because the fund's capacity is full, not because its cash is gone.")


@pytest.mark.parametrize(
    ("amount", "text"),
    [("-1234567.000001", "-1,234,567.000001"), ("0.000000", "0.000000"), ("-0.500000", "-0.500000"), ("12", "12")],
)
def test_exact_amounts_keep_every_digit(amount: str, text: str) -> None:
    assert words.exact(documents.money(amount)) == text


def test_an_amount_made_from_units_has_as_many_decimals_as_its_neighbour() -> None:
    assert words.like(documents.money("1.000000"), -1)["amount"] == "-0.000001"
    assert words.like(documents.money("1.000000"), 0)["amount"] == "0.000000"
