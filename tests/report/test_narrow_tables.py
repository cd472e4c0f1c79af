"""Tables of answers in a terminal of 80 columns: every cell below its own heading, nothing cut off, and what is unknown said first."""

from __future__ import annotations

from typing import Any

import pytest
from click.testing import CliRunner
from rich.console import Console

from shortfall.cli.main import cli
from shortfall.errors import InputError
from shortfall.report.comparison import print_comparison
from shortfall.report.fits import quantity
from shortfall.report.funds import sentence as fund_sentence
from shortfall.report.markup import as_sentence
from shortfall.report.replications import percent
from shortfall.report.sheets.page import inside
from shortfall.report.sheets.sheet import Sheet, SheetTable
from shortfall.report.snapshots import counted
from shortfall.report.unknowns import grouped
from shortfall.report.words import stand_in_words

NARROW = 80
CUT_OFF = "…"


def usd(amount: str) -> dict[str, str]:
    return {"amount": amount, "unit": "USDT"}


def both(low: str, high: str) -> dict[str, Any]:
    return {"as_stated": [usd(low), usd(high)], "admissible": [usd(low), usd(high)]}


def comparison() -> dict[str, Any]:
    """Return a comparison of one venue in which every payer has an amount of its own."""
    return {
        "contract": {"symbol": "BTCUSDT", "figures_of": "binance"},
        "request": {"gap": "-20%", "over": "1m", "depth_left": "10%", "members": ["hot"], "own_tiers": False},
        "fund": {"cash": usd("900.00"), "note": "given by the user"},
        "venues": [
            {
                "code": "hyperliquid",
                "thin": False,
                "liquidated_of_interest_ppm": {"admissible": [93_400, 159_800]},
                "deleveraged_of_interest_ppm": {"admissible": [0, 69_400]},
                "paid_by": {
                    "fund": both("11.00", "11.00"),
                    "pool": both("22.00", "22.00"),
                    "winners": both("33.00", "33.00"),
                    "socialised": both("44.00", "44.00"),
                    "uncovered": both("55.00", "55.00"),
                },
                "moves_most": {"entry": "takeover.fund_capacity=20%", "by": usd("1.00")},
            }
        ],
    }  # fmt: skip


def printed(columns: int, capsys: pytest.CaptureFixture[str]) -> str:
    print_comparison(Console(width=columns), comparison())
    return capsys.readouterr().out


def test_every_payer_of_a_comparison_stands_below_its_own_heading(capsys: pytest.CaptureFixture[str]) -> None:
    lines = printed(120, capsys).splitlines()
    row = next(line for line in lines if line.startswith("hyperliquid  "))
    headings = lines[next(k for k, line in enumerate(lines) if line.startswith("venue"))]
    # The headings are to the right, as the figures are: each ends where its figure ends.
    pairs = (("backstop", "11.0"), ("pool", "22.0"), ("winners", "33.0"), ("ised", "44.0"), ("nobody", "55.0"))
    for heading, figure in pairs:
        assert headings.index(heading) + len(heading) == row.index(figure) + len(figure), heading


def test_a_comparison_fits_a_narrow_terminal_and_says_below_what_moves_it(capsys: pytest.CaptureFixture[str]) -> None:
    told = printed(NARROW, capsys)
    assert CUT_OFF not in told
    assert max(len(line) for line in told.splitlines()) <= NARROW
    assert "moves it most: hyperliquid takeover.fund_capacity=20%" in told


def test_a_stand_in_for_an_unknown_fund_is_said_and_a_known_fund_is_not() -> None:
    unknown = {"fund": {"cash": usd("1420000.00"), "note": "unknown: no answer names the pool"}}
    known = {"fund": {"cash": usd("1420000.00"), "note": "given by the user"}}
    assert stand_in_words(unknown) == (
        " The fund is unknown: this holds for 1.42 M USDT, a stand-in of ours (--fund for another)."
    )
    assert stand_in_words(known) == ""


def test_what_a_fund_comes_to_is_a_range_and_its_stand_in_is_said() -> None:
    model = {"calm_days_of_impulse": 24.1, "impulse": {"day": "2025-10-10", "net": usd("-5.00")}}
    document = {
        "bars": {"days": 51, "from": "2025-08-21", "to": "2025-10-10"},
        "models": [model],
        "fund": {"cash": usd("1420000.00"), "note": "unknown: nobody says"},
        "end": [usd("0.00"), usd("3260000.00")],
    }
    told = fund_sentence(document)
    assert "goes from 1.42 M USDT to between 0 USDT and 3.26 M USDT" in told
    assert told.endswith("a stand-in of ours (--fund for another).")


def test_figures_for_readers() -> None:
    assert grouped("142131549") == "142,131,549"
    assert grouped("20%") == "20%"
    assert quantity(1_293.4) == "1,290"
    assert quantity(97.6) == "97.6"
    assert percent(0.000_01) == "<0.01 %"
    assert percent(0.000_3) == "0.03 %"
    assert percent(0.0) == "0 %"


def test_a_page_shows_both_ends_of_a_range_in_one_column() -> None:
    columns = ("change", "borne_low", "borne_high", "income_low_USDT", "income_high_USDT", "adl", "adl_low", "adl_high")
    table = SheetTable("one", "Caption", columns, (("as it is", 1, 2, 3, 3, 5, 4, 6),))
    sheet = Sheet("Title", "Kicker", "Sentence.", (table,), (), ())
    page = str(inside(sheet))
    for heading in ("change", "borne", "income USDT", "ADL", "ADL low to high"):
        assert f">{heading}</th>" in page, heading
    cells = [cell.partition("<")[0] for cell in page.split("<td")[1:]]
    assert [cell.partition(">")[2] for cell in cells] == ["1 to 2", "3", "5", "4 to 6"]


def test_a_note_that_is_a_sentence_already_ends_with_one_full_stop() -> None:
    assert as_sentence("ranges are over models.") == "Ranges are over models."
    assert as_sentence("ranges are over models") == "Ranges are over models."


def test_one_of_a_kind_is_counted_in_the_singular() -> None:
    assert [counted(count, "gap") for count in (0, 1, 2)] == ["0 gaps", "1 gap", "2 gaps"]


def test_what_is_wrong_with_a_position_and_with_its_shock_is_told_at_once() -> None:
    words = "position binance BTCUSDT --side long --size -1 --leverage 0 --gap x --over q"
    with pytest.raises(InputError) as refused:
        CliRunner().invoke(cli, words.split(), catch_exceptions=False)
    assert [found.path for found in refused.value.findings] == ["--size", "--leverage", "--gap", "--over"]
