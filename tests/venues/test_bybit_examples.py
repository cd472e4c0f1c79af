"""Worked examples of Bybit's pages, through its venue file. Figures are those printed on the pages; arithmetic in comments."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest
from worked import (  # type: ignore[import-not-found]  # lies beside this file
    coins,
    contract_rules,
    cuts,
    dollars,
    holds,
    is_triggered,
    venue_rules,
)

from shortfall.rules.ruleset import amounts_of
from shortfall.testing.desk import Desk

CLASSIC = date(2025, 11, 1)  # margin at entry, ADL when the fund is used up
EXAMPLE_LADDER = (
    ("1000", "4", "2"), ("2000", "5", "2.5"), ("3000", "6", "3"), ("4000", "7", "3.5"), ("5000", "8", "4")
)  # fmt: skip
NO_FEES = ("close.taker_fee=0%", "close.bankruptcy_fee=0%")  # the examples leave the closing fee out
STRICT = ((None, "100", "90"),)


def test_the_deductions_of_btcusdt_are_those_that_the_page_prints() -> None:
    printed = (
        0, 1_200, 3_020, 4_300, 5_820, 8_460, 15_460, 20_500, 46_000, 66_000, 80_000, 160_000, 300_000, 452_000, 502_000, 777_000,
        837_000, 967_000, 1_107_000, 1_482_000,
    )  # fmt: skip
    assert amounts_of(contract_rules("bybit", "BTCUSDT")) == [Decimal(amount) for amount in printed]


def test_maintenance_of_a_value_of_3500_is_92_50_and_today_the_fee_to_close_stands_beside_it() -> None:
    # 3,500 x 3.5 % - 30 = 92.50, in cents; since 2026 also 3,500 x 0.055 % = 1.925, rounded up
    for day, cents in ((CLASSIC, 9_250), (None, 9_250 + 193)):
        ladder = [(str(int(top) * 100), first, kept) for top, first, kept in EXAMPLE_LADDER]
        desk = Desk(venue_rules("bybit", tiers=ladder, on=day), dollars())
        desk.tick(100)
        trader = holds(desk, "trader", 3_500, 100, 350_000)
        assert desk.exchange.health(trader)[2] == cents


@pytest.mark.parametrize(("side", "leverage", "kept"), [(-1, 1, 1_990), (-1, 5, 1_190), (-1, 10, 1_090), (1, 1, 10)])
def test_the_classic_liquidation_price_counts_both_margins_at_entry(side: int, leverage: int, kept: int) -> None:
    # entry 10.00, 1 % maintenance: 10 x (1 + 1 / L - 1 %) = 19.90, 11.90, 10.90 for shorts, 10 x (1 - 1 + 1 %) = 0.10 for a long
    desk = Desk(venue_rules("bybit", tiers=((None, "100", "1"),), on=CLASSIC), dollars())
    desk.tick(1_000)
    holds(desk, "trader", side, 1_000, 1_000 // leverage)
    desk.tick(kept)
    assert not is_triggered(desk, "trader")
    desk.tick(kept - side)
    assert is_triggered(desk, "trader")


def test_margin_added_to_an_isolated_long_moves_its_liquidation_price_to_36380_25() -> None:
    # 1 BTC from 40,000 at 50x with 3,000 more: (40,000 - 800 - 3,000 / (1 - 0.055 %)) / (1 - 0.5 %) = 36,380.25; in cents. The fee to
    # close stands in the margin and in the requirement there, so it is left out of both
    desk = Desk(venue_rules("bybit", "margin.closing_fee=0%", tiers=((None, "2", "0.5"),)), dollars())
    desk.tick(4_000_000)
    holds(desk, "trader", 1, 4_000_000, 80_000 + 300_165)  # 3,000 / 0.99945 = 3,001.65
    desk.tick(3_638_026)
    assert not is_triggered(desk, "trader")
    desk.tick(3_638_025)
    assert is_triggered(desk, "trader")


def test_a_cross_long_is_deleveraged_at_489() -> None:
    # 100 from 500, position margin 1,000, wallet 100: (50,000 - 1,000 - 100) / 100 = 489; mark 400, an empty pool
    desk = Desk(venue_rules("bybit", *NO_FEES, "adl.fee=0%", tiers=STRICT), dollars(), fund=None, pool="pool")
    desk.tick(500)
    holds(desk, "winner", -100, 500, 100_000)
    holds(desk, "trader", 100, 500, 1_100)
    desk.tick(400)
    assert cuts(desk) == [("winner", 100, 489)]


def test_an_inverse_long_at_50x_is_bankrupt_at_7735_37() -> None:
    # 5,000 contracts from 7,890.08: 7,890.08 x 50 / 51 = 7,735.372549, rounded up to a cent (the page rounds up to 7,735.50); below it
    # by one cent nothing would be left. The trader's margin is 5,000 / 7,890.08 / 50 coins
    value = 10**12
    rules = venue_rules("bybit", *NO_FEES, "adl.fee=0%", tiers=STRICT)
    desk = Desk(rules, coins(Decimal(value), 0, 1 << 21), fund=None, pool="pool")
    desk.tick(789_008)
    holds(desk, "winner", -5_000, 789_008, 10**10)
    holds(desk, "trader", 5_000, 789_008, 5_000 * value // 789_008 // 50)
    desk.tick(700_000)
    assert cuts(desk) == [("winner", 5_000, 773_538)]


@pytest.mark.parametrize(("bankruptcy", "change"), [(8_730, -30), (8_680, 20)])
def test_the_pool_pays_for_an_exit_below_bankruptcy_and_receives_above_it(bankruptcy: int, change: int) -> None:
    # liquidated at 8,750, the exit fills at 8,700: 8,700 - 8,730 = -30, 8,700 - 8,680 = 20
    words = (*NO_FEES, "unwinding.method=at-once", "bands.unwinding=0%")
    desk = Desk(venue_rules("bybit", *words, tiers=STRICT), dollars(), fund=None, pool="pool")
    desk.give("pool", 100_000)
    desk.tick(8_750)
    maker = desk.account("maker", 1_000_000)
    holds(desk, "trader", 1, 8_750, 8_750 - bankruptcy)
    desk.bid(maker, 1, 8_700)
    desk.tick(8_750)
    desk.wait()
    desk.wait()
    assert desk.position("pool") == (0, 0)
    assert desk.cash("pool") == 100_000 + change


def test_a_contract_that_has_lost_35_percent_of_its_pool_gives_5_percent_to_winners() -> None:
    # a pool of 1,000,000, a loss of 350,000: the pool keeps 300,000 of it, 50,000 go to winners
    desk = Desk(
        venue_rules("bybit", *NO_FEES, "adl.fee=0%", "unwinding.method=hold", tiers=STRICT),
        dollars(),
        fund=None,
        pool="pool",
    )
    desk.give("pool", 1_000_000)
    desk.tick(200)
    desk.wait()
    holds(desk, "winner", -3_500, 200, 10_000_000)
    holds(desk, "trader", 3_500, 200, 0)
    desk.tick(100)
    assert sum(lots for _, lots, _ in cuts(desk)) == 500
    assert desk.position("pool") == (3_000, 600_000)
    assert desk.result().value.adl_transfer == 50_000


def test_an_empty_pool_sends_every_loss_to_winners() -> None:
    desk = Desk(venue_rules("bybit", *NO_FEES, "adl.fee=0%", tiers=STRICT), dollars(), fund=None, pool="pool")
    desk.tick(200)
    holds(desk, "winner", -10, 200, 10_000)
    holds(desk, "trader", 10, 200, 0)
    desk.tick(199)
    assert cuts(desk) == [("winner", 10, 200)]
