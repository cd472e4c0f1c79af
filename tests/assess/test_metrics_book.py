"""Metrics of book, volume, ladder, prices and open interest worked by hand."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from math import log, sqrt
from typing import TYPE_CHECKING

import pytest

from shortfall.assess.metrics import depth, history, interest, ladder, volatility
from shortfall.data.figure_records import NAMES, BookLevel, ContractFigures, Figure, State, TierRow
from shortfall.data.figures import load_bundled
from shortfall.data.records import Bars, DepthPoint, DepthProfile


def ends(found: Metric) -> tuple[object, object]:
    """Return the lowest and the highest value."""
    return found.low, found.high


def figure(name: str, value: str | int) -> Figure:
    """Return a retyped figure."""
    return Figure(name, Decimal(value), NAMES[name], State.RETYPED, "a page")


def level(side: str, price: str, size: str) -> BookLevel:
    """Return a level."""
    return BookLevel(side, Decimal(price), Decimal(size))


# mid 1,000; bids at 10, 20 and 100 bps, asks at 10 and 40
BOOK = ContractFigures(
    "v", "ABC", (figure("book", 5), figure("best_bid", 999), figure("best_ask", 1_001), figure("open_interest_notional", 60_000)),
    "ABC", "USDT", "USDT", "linear",
    book=(
        level("bid", "999", "1"), level("bid", "998", "2"), level("bid", "990", "3"), level("ask", "1001", "4"), level("ask", "1004", "6"),
    ),
)  # fmt: skip

if TYPE_CHECKING:
    from shortfall.assess.metrics.record import Metric


def profile(bid: str, ask: str) -> ContractFigures:
    """Return a contract with 100 of fund and 1,000 of open interest whose depth within 100 bps is given."""
    points = (DepthPoint(Decimal(100), Decimal(bid), Decimal(ask)),)
    held = DepthProfile(points, Decimal(100), Decimal(1_000), "nothing")
    figures = (figure("depth", 1), figure("open_interest_notional", 1_000), figure("fund_balance", 100))
    return ContractFigures("v", "ABC", figures, "ABC", "USDT", "USDT", "linear", depth=held)


def test_spread_and_the_largest_gap() -> None:
    # (1,001 - 999) / 1,000 = 20 bps; 998 to 990 is 8 of 1,000 = 80 bps
    assert depth.spread(BOOK).number() == 20
    assert depth.largest_gap(BOOK).number() == 80
    assert "one recording" in depth.spread(BOOK).note
    assert not depth.largest_gap(profile("1", "1")).known


def test_depth_within_a_distance_is_the_thinner_to_the_thicker_side_and_unknown_beyond_what_was_recorded() -> None:
    # within 10 bps: 1 and 4 units of 1,000; within 25: bids 1 + 2, asks 4; asks end at 40 bps
    assert ends(depth.depth_within(BOOK, 10)) == (1_000, 4_000)
    assert ends(depth.depth_within(BOOK, 25)) == (3_000, 4_000)
    beyond = depth.depth_within(BOOK, 50)
    assert not beyond.known
    assert "recorded only to 40 bps" in beyond.reason


def test_slippage_walks_the_levels() -> None:
    # 5 % of 60,000 = 3,000: bids 1,000 at 10 and 2,000 at 20 bps: 50 / 3 = 16.67; asks all at 10
    found = depth.slippage(BOOK, 5)
    assert (float(found.low or 0), float(found.high or 0)) == pytest.approx((10, 50 / 3))
    # 10 % = 6,000: bids 1 at 10, 2 at 20, 3 at 100: 350 / 6 = 58.3; asks 4 at 10, 2 at 40: 120 / 6 = 20
    found = depth.slippage(BOOK, 10)
    assert (float(found.low or 0), float(found.high or 0)) == pytest.approx((20, 350 / 6))
    # 20 % = 12,000: bids hold 6,000
    assert not depth.slippage(BOOK, 20).known
    assert "50 %" in depth.slippage(BOOK, 20).reason


def test_two_contracts_with_the_same_fund_and_different_depth_differ() -> None:
    deep, thin = profile("500", "500"), profile("50", "40")
    assert deep.get("fund_balance").value == thin.get("fund_balance").value
    # open interest 1,000 over the thinner side: 2 times against 25 times
    found = [interest.interest_over_depth(one, depth.depth_within(one, 100)).number() for one in (deep, thin)]
    assert found == [2, 25]
    assert [depth.slippage(one, 5).known for one in (deep, thin)] == [True, False]


def test_volume_beside_depth_and_the_time_to_unwind() -> None:
    held = profile("500", "400")
    traded = depth.volume(replace(held, figures=(*held.figures, figure("volume_24h_quote", 24_000))), None, None)
    assert depth.volume_over_depth(traded, depth.depth_within(held, 100)).number() == 60  # 24,000 / 400
    # a tenth of 1,000 an hour: 500 takes 5 hours
    assert depth.time_to_unwind(Decimal(500), traded).number() == 5
    assert not depth.time_to_unwind(None, traded).known
    assert not depth.volume(held, None, None).known


def test_depth_over_time() -> None:
    # 100 recordings, 10 s apart: 40 but for 5, 4, 3, 2, 1 in the middle; then 10 and 20 before it is 40 again
    sizes = [40] * 50 + [5, 4, 3, 2, 1, 10, 20] + [40] * 43
    begin = datetime(2026, 1, 1, tzinfo=UTC)
    rows = [history.DepthAt(begin + timedelta(seconds=10 * k), Decimal(size)) for k, size in enumerate(sizes)]
    middle, fifth, back = history.depth_history(rows, "USDT", "a store")
    assert [middle.number(), fifth.number()] == [40, 5]  # rank ceil(5) of 1, 2, 3, 4, 5
    assert back.number() == 20  # lowest at row 54, 20 = half of 40 two rows later
    assert not any(one.known for one in history.depth_history(rows[:99], "USDT", "a store"))


def tiers(*rows: tuple[str, str | None, str]) -> ContractFigures:
    """Return a contract with tiers (floor, cap, rate)."""
    held = tuple(TierRow(Decimal(f), None if c is None else Decimal(c), "quote", Decimal(r)) for f, c, r in rows)
    return replace(BOOK, tiers=held, figures=(figure("tiers", len(held)), figure("max_leverage", 50)))


def test_the_ladder() -> None:
    # ten times 100 lies in the third tier: 0.04 / 0.01 = 4
    held = tiers(("0", "100", "0.01"), ("100", "999", "0.02"), ("999", "5000", "0.04"))
    assert ladder.steepness(held).number() == 4
    assert ladder.notional_at_maximum(held).number() == 100
    assert ladder.maximum_leverage(held).number() == 50
    assert not ladder.steepness(tiers(("0", None, "0.01"))).known
    assert not ladder.steepness(tiers(("0", "100", "0.01"), ("100", "900", "0.02"))).known
    # BTCUSDT: 0.65 % at 3,000,000 over 0.4 % up to 300,000
    assert ladder.steepness(load_bundled("binance", "BTCUSDT")).number() == Decimal("1.625")


def bars(closes: list[str], low: list[str], high: list[str]) -> Bars:
    """Return hourly bars."""
    columns = [tuple(Decimal(x) for x in column) for column in (closes, high, low, closes)]
    times = tuple(3_600 * k for k in range(len(closes)))
    return Bars("s", "v", "ABC", "mark", "USDT", 3_600, "a file", "", times, *columns)


def test_volatility_and_the_largest_moves() -> None:
    # returns log 1.1 and -log 1.1: mean 0, sample standard deviation log(1.1) sqrt(2), times sqrt(8,760 h)
    held = bars(["100", "110", "100"], ["99", "95", "80"], ["101", "120", "111"])
    assert float(volatility.realised(held).number()) == pytest.approx(log(1.1) * sqrt(2) * sqrt(8_760))
    # within 1 h: 110 to 80 is -27.3 %, 100 to 120 is +20 %; within 2 h: 100 to 80 is -20 %, so the fall stays
    found = volatility.tail(held, 1)
    assert (float(found.low or 0), float(found.high or 0)) == pytest.approx((80 / 110 - 1, 0.2))
    assert not volatility.realised(None).known


def test_the_class_of_a_contract_gives_its_worst_recorded_moves() -> None:
    found = volatility.tail_of_class("SUI")
    assert ends(found) == (Decimal("-0.811618"), Decimal("0.385507"))
    assert found.inputs[0].as_of == "2025-10-10"


def test_funding_as_if_it_stayed_and_crowding() -> None:
    # 0.01 % every 8 hours: 1,095 times a year
    held = replace(BOOK, figures=(figure("funding_rate", "0.0001"), figure("funding_interval_hours", 8)))
    assert interest.funding_a_year(held).number() == Decimal("0.1095")
    # open interest doubles while depth halves: 2 / 0.5
    found = interest.growth_against_depth((Decimal(100), Decimal(200)), (Decimal(50), Decimal(25)))
    assert found.number() == 4
    assert not interest.growth_against_depth(None, None).known
