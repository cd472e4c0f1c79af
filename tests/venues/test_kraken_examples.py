"""Worked examples of Kraken's pages, through its venue file. Figures are those printed on the pages; arithmetic in comments."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

from worked import (  # type: ignore[import-not-found]  # lies beside this file
    coins,
    dollars,
    holds,
    is_triggered,
    venue_rules,
)

from shortfall.model.commands import Withdraw
from shortfall.testing.desk import Desk

WHOLE = date(2026, 3, 25)  # coin-margined contracts are liquidated whole, as all were before 26 March 2026
MINE = ((None, "2", "1"),)
COIN = 10**8


def test_a_long_of_1000_from_8000_is_liquidated_at_7481_and_bankrupt_at_7407() -> None:
    # 0.125 BTC with 0.01 BTC behind it: (1,000 x 1.01) / 0.135 = 7,481.48 and 1,000 / 0.135 = 7,407.41, in cents; nobody buys
    desk = Desk(venue_rules("kraken", tiers=MINE, on=WHOLE), coins(Decimal(100)), backstop="provider")
    desk.give("provider", COIN)
    desk.tick(800_000)
    trader = holds(desk, "trader", 1_000, 800_000, COIN // 100)
    assert abs(desk.position("trader")[1]) == COIN // 8
    assert desk.exchange.health(trader)[2] == 125_000  # 0.00125 BTC
    desk.tick(748_149)
    assert not is_triggered(desk, "trader")
    desk.tick(748_148)
    assert is_triggered(desk, "trader")
    assert desk.last("PositionTakenOver")["takeover_price_ticks"] // 100 == 7_407


def test_initial_margin_of_that_long_is_0_0025_coins() -> None:
    desk = Desk(venue_rules("kraken", tiers=MINE, on=WHOLE), coins(Decimal(100)))
    desk.tick(800_000)
    trader = holds(desk, "trader", 1_000, 800_000, COIN)
    for bit in range(30, -1, -1):
        desk.do(Withdraw(trader, 1 << bit))
    assert desk.cash("trader") == 250_000


def test_what_a_better_fill_leaves_stays_with_the_client() -> None:
    # filled at 7,450 instead of 7,407.41: 0.135 - 1,000 / 7,450 = 0.00077181 BTC stay
    desk = Desk(venue_rules("kraken", tiers=MINE, on=WHOLE), coins(Decimal(100)), backstop="provider")
    desk.tick(800_000)
    maker = desk.account("maker", COIN)
    holds(desk, "trader", 1_000, 800_000, COIN // 100)
    desk.bid(maker, 1_000, 745_000)
    desk.tick(748_148)
    assert desk.position("trader")[0] == 0
    assert desk.cash("trader") == 77_182  # the value at the fill rounds down
    assert desk.named("FundReceived") == []


def test_what_the_book_does_not_fill_is_assigned() -> None:
    # 1,760,000 contracts: 1,007,379 are filled, 752,621 are assigned
    desk = Desk(venue_rules("kraken", tiers=MINE, on=WHOLE), dollars(), backstop="providers")
    desk.give("providers", 1 << 40)
    desk.tick(100)
    maker = desk.account("maker", 1 << 40)
    holds(desk, "trader", 1_760_000, 100, 1_760_000)
    desk.bid(maker, 1_007_379, 99)
    desk.tick(99)
    assert desk.position("trader")[0] == 0
    assert desk.position("providers")[0] == 752_621
    assert desk.position("maker")[0] == 1_007_379
