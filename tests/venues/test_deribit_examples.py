"""Worked examples of Deribit's pages, through its two venue files. Figures are those printed on the pages; arithmetic in comments."""

from __future__ import annotations

from datetime import date

import pytest
from worked import (  # type: ignore[import-not-found]  # lies beside this file
    contract_rules,
    dollars,
    holds,
    venue_rules,
)

from shortfall.model.commands import Withdraw
from shortfall.testing.desk import Desk

STRICT = ((None, "100", "90"),)


@pytest.mark.parametrize(
    ("symbol", "lots", "price", "initial", "maintenance"),
    [
        (
            "BTC_USDC-PERPETUAL",
            25_000,
            100,
            53_125,
            28_125,
        ),  # 25 BTC at 100,000: 2 % + 25 x 0.005 % = 2.125 %, 1.125 %; lots of 0.001
        ("BTC_USDC-PERPETUAL", 350_000, 100, 1_312_500, 962_500),  # 350 BTC: 3.75 %; 2.75 % of 35,000,000
        ("SOL_USDC-PERPETUAL", 25, 200_000, 200_625, 100_625),  # 25 SOL at 200: 4.0125 %, 2.0125 %, in thousandths
        ("SOL_USDC-PERPETUAL", 6_000, 200_000, 84_000_000, 60_000_000),  # 6,000 SOL: 7 %; 5 % of 1,200,000
    ],
)
def test_margins_grow_with_the_size_of_the_position(
    symbol: str, lots: int, price: int, initial: int, maintenance: int
) -> None:
    desk = Desk(contract_rules("deribit-linear", symbol), dollars())
    desk.tick(price)
    trader = holds(desk, "trader", lots, price, 2 * lots * price)
    assert desk.exchange.health(trader)[2] == maintenance
    for bit in range(42, -1, -1):
        desk.do(Withdraw(trader, 1 << bit))
    assert desk.cash("trader") == initial


def test_a_provider_with_a_million_takes_15_percent_of_it() -> None:
    # min(2 x 1,000,000, 15 % x 1,000,000) = 150,000; offered are 20 % of a position of 4,000,000
    desk = Desk(venue_rules("deribit-linear", tiers=STRICT), dollars(), backstop="provider")
    desk.give("provider", 1_000_000)
    desk.tick(1)
    holds(desk, "trader", 4_000_000, 1, 3_000_000)
    desk.wait()
    assert desk.position("provider")[0] == 150_000


def test_the_book_comes_last_since_2026_and_first_before() -> None:
    before, today = (venue_rules("deribit-linear", on=day) for day in (date(2025, 12, 31), None))
    assert before.waterfall == ("fund", "socialise")
    assert today.waterfall[:3] == ("backstop", "adl", "book")


@pytest.mark.parametrize(("day", "fee"), [(date(2022, 1, 10), 5_000), (date(2022, 1, 11), 7_500)])
def test_the_liquidation_fee_of_bitcoin_rose_on_11_january_2022(day: date, fee: int) -> None:
    assert contract_rules("deribit", "BTC-PERPETUAL", on=day).close.liquidation_fee == fee


def test_an_incremental_liquidation_stops_when_margin_suffices_and_the_fund_pays_what_is_missing() -> None:
    # a long of 100 from 100 with 95 fails at 99.9: at 99 it is worth -5, all of it is sold in rounds, and the fund pays 5 back
    desk = Desk(venue_rules("deribit", "close.liquidation_fee=0%", tiers=((None, "2", "1"),)), dollars())
    desk.give("fund", 1_000)
    desk.tick(100)
    maker = desk.account("maker", 100_000)
    holds(desk, "trader", 100, 100, 95)
    desk.bid(maker, 100, 99)
    desk.tick(99)
    for _ in range(60):
        desk.wait()
    assert desk.position("trader") == (0, 0)
    assert (desk.cash("trader"), desk.cash("fund")) == (0, 995)
