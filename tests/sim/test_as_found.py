"""Contracts as they were found: own inputs, bounds where they are unknown, and no order where ranges overlap."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from click.testing import CliRunner

from shortfall.cli.compare import compare as command
from shortfall.data.figure_records import BookLevel, ContractFigures, Figure, FundAsset, FundPool, State
from shortfall.errors import InputError
from shortfall.sim.as_found import (
    Bound,
    Found,
    FoundAnswer,
    as_found,
    bounded,
    days_apart,
    fund_bound,
    lower_for_every,
    own_profile,
    targets_from,
)
from shortfall.sim.market import MarketInput, gather
from shortfall.sim.members import member
from shortfall.sim.paths import Shock
from shortfall.sim.venues import find_venue

SHOCK = Shock(-200_000)


@pytest.fixture(scope="module")
def common() -> MarketInput:
    return gather("binance", "BTCUSDT", alone=True)[0]


def contract(**given: Any) -> ContractFigures:  # noqa: ANN401 - fields of the record
    return ContractFigures("okx", "X", (), base_asset="BTC", quote_asset="USDT", **given)


def stated(name: str, value: str, day: date) -> Figure:
    return Figure(name, Decimal(value), "quote asset", State.RETYPED, "page", day, day, "")


def interest(low: str, high: str) -> Bound:
    return Bound("open interest", Decimal(low), Decimal(high), known=low == high, source="", as_of=None)


def test_a_fund_in_coins_is_worth_less_after_the_fall(common: MarketInput) -> None:
    """10 BTC and 1,000 USDT at a mark of 50,000: 501,000 before, and after a fall of 20 % 10 x 40,000 + 1,000 = 401,000."""
    pool = FundPool("p", "contract", ("X",), (FundAsset("BTC", Decimal(10)), FundAsset("USDT", Decimal(1000))))
    figures = replace(contract(pools=(pool,)), figures=(stated("mark_price", "50000", date(2026, 1, 1)),))
    found = fund_bound(figures, interest("1", "1"), common, SHOCK)
    assert (found.low, found.high, found.known) == (Decimal(401_000), Decimal(501_000), True)


def test_an_unknown_fund_runs_from_nothing_to_a_stated_share(common: MarketInput) -> None:
    """Never a zero alone: 0 to the reference pool's share of its open interest (1,093.9 M of 5,508.2 M, 19.86 %)."""
    found = fund_bound(contract(), interest("100", "1000"), common, SHOCK)
    assert found.low == 0
    assert round(found.high, 1) == Decimal("198.6")
    assert not found.known


def test_a_book_of_one_moment_becomes_cumulative_depth(common: MarketInput) -> None:
    """Mid 100; bids 99.9 x 2 and 99 x 3, asks 100.1 x 1 and 101 x 4: within 10 bps 200 and 100, within 100 bps 500 and 500."""
    book = tuple(
        BookLevel(side, Decimal(price), Decimal(size))
        for side, price, size in (("bid", "99.9", 2), ("bid", "99", 3), ("ask", "100.1", 1), ("ask", "101", 4))
    )
    profile, _, _ = own_profile(contract(book=book), common)
    assert profile is not None
    rows = [[int(p.distance_bps), int(p.bid_notional_quote), int(p.ask_notional_quote)] for p in profile.points]
    assert rows == [[10, 200, 100], [100, 500, 500]]


def test_unknown_open_interest_is_bounded_by_the_known_ones(common: MarketInput) -> None:
    """Two known, 7 and 9: the third runs from 7 to 9."""
    venue = find_venue("okx")
    known = [replace(contract(), figures=(stated("open_interest_notional", x, date(2026, 1, 1)),)) for x in ("7", "9")]
    found = bounded([(venue, known[0]), (venue, known[1]), (venue, contract())], common, SHOCK)
    assert [[int(one.interest.low), int(one.interest.high)] for one in found] == [[7, 7], [9, 9], [7, 9]]
    assert not found[2].interest.known


def test_days_between_the_oldest_and_the_newest_input(common: MarketInput) -> None:
    """1 January to 2 March 2026: 60 days."""
    venue = find_venue("okx")
    days = (date(2026, 1, 1), date(2026, 3, 2))
    known = [replace(contract(), figures=(stated("open_interest_notional", "7", day),)) for day in days]
    assert days_apart(bounded([(venue, one) for one in known], common, SHOCK)) == 60


def test_no_order_follows_where_ranges_overlap_for_one_population() -> None:
    """Below for one member and overlapping for the other is not below."""

    class Case:
        def __init__(self, name: str, ppm: int) -> None:
            self.member, self.interest = name, 1_000_000
            self.measures = type("M", (), {"result": type("R", (), {"adl_notional": ppm})()})()

    def answer(code: str, calm: int, hot: int) -> FoundAnswer:
        one = interest("1", "1")
        found = Found(replace(contract(), symbol=code), find_venue("okx"), one, one, one, None, own_tiers=False)
        return FoundAnswer(found, (Case("calm", calm), Case("hot", hot)))  # type: ignore[arg-type]  # all that is read

    low, high, mixed = answer("A", 1, 10), answer("B", 2, 20), answer("C", 2, 10)
    assert lower_for_every([low, high], ["calm", "hot"]) == (("okx:A", "okx:B"),)
    assert lower_for_every([low, mixed], ["calm", "hot"]) == ()


def test_a_known_input_gives_a_range_within_the_one_of_the_unknown_input() -> None:
    """What is not published widens the range: the unknown fund's range holds the known one's, member by member."""
    answer = as_found(("okx:BTC-USDT-SWAP", "hyperliquid:BTC"), SHOCK, (member("hot"),), accounts=1_000)
    cases = {case.inputs: case for case in answer.answers[0].cases}
    assert set(cases) == {"worst", "best"}
    assert cases["worst"].fund_cash == 0 < cases["best"].fund_cash
    assert cases["worst"].measures.result.adl_notional >= cases["best"].measures.result.adl_notional


def test_all_wrong_targets_are_told_at_once() -> None:
    """An unknown venue, an unknown contract, and two base assets."""
    with pytest.raises(InputError) as raised:
        targets_from(("nowhere:BTC", "binance:NOSUCH", "binance:BTCUSDT", "binance:ETHUSDT"))
    assert len(raised.value.findings) == 3


def test_the_command_says_that_the_dates_are_apart() -> None:
    """Inputs of 2021 and 2026 are not put side by side without saying so."""
    words = ["binance:BTCUSDT", "deribit:BTC-PERPETUAL", "--accounts", "1000"]
    done = CliRunner().invoke(command, [*words, "--json"], catch_exceptions=False)
    found = json.loads(done.stdout)["as_found"]
    assert found["inputs_days_apart"] > 30
    assert [one["name"] for one in found["contracts"]] == words[:2]
    told = CliRunner().invoke(command, words, catch_exceptions=False).stdout
    assert f"up to {found['inputs_days_apart']} days apart" in told
