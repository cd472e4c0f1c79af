"""Hyperliquid's own formulas and levels, worked by hand through the venue files."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest

from shortfall.rules.ruleset import amounts_of
from shortfall.sim.venues import find_venue
from shortfall.testing.desk import Desk, flat_tier

INDEX_ONLY = (
    "mark.method=index",
    "index.interval=0s",
    "close.taker_fee=0%",
    "unwinding.method=hold",
    "mark.max_move=0%",
)
OLD = date(2024, 1, 1)


def desk_of(code: str, *, day: date | None = None, backstop: int = 0) -> Desk:
    """Return a market of 10 % and 6 % under a venue's rules; the mark is the index."""
    rules = replace(find_venue(code).rules_on(day), tiers=flat_tier("10%", "6%"))
    for word in INDEX_ONLY:
        rules = rules.changed(word)
    desk = Desk(rules, fund=None, backstop="vault" if backstop else None)
    if backstop:
        desk.give("vault", backstop)
    return desk


def sold_short(desk: Desk, *bids: tuple[int, int]) -> Desk:
    """Let a long of 100 from 1,000 with 10,000 in cash stand against a short; bids wait in the book."""
    loser, winner, bidder = desk.accounts(loser=10_000, winner=100_000, bidder=1_000_000)
    desk.tick(1_000)
    desk.trade(loser, winner, 100, 1_000)
    for lots, price in bids:
        desk.bid(bidder, lots, price)
    return desk


def test_the_deduction_of_a_tier_makes_the_requirement_continuous() -> None:
    """Margin tiers: BTC above 150 M at 2.5 % less 150 M x (2.5 % - 1.25 %) = 1.875 M; ETH above 100 M less 1.3333 M."""
    venue = find_venue("hyperliquid")
    assert amounts_of(venue.rules_on(None, venue.contract("BTC"))) == [Decimal(0), Decimal(1_875_000)]
    assert amounts_of(venue.rules_on(None, venue.contract("ETH"))) == [Decimal(0), Decimal(1_333_300)]


def test_the_book_closes_while_more_than_two_thirds_of_maintenance_are_left() -> None:
    """At 955: equity 5,500 of a requirement of 5,730, two thirds 3,820: the market order fills, what is left stays with the trader."""
    desk = sold_short(desk_of("hyperliquid", backstop=1_000_000), (100, 950))
    desk.tick(955)
    assert desk.position("loser") == (0, 0)
    assert desk.cash("loser") == 10_000 - 100 * 50
    assert desk.position("vault") == (0, 0)


def test_the_vault_takes_position_and_margin_below_two_thirds() -> None:
    """At 935: equity 3,500 is below two thirds of 5,610 (3,740): the vault takes all with the 3,500; the bid is not asked."""
    desk = sold_short(desk_of("hyperliquid", backstop=1_000_000), (100, 934))
    desk.tick(935)
    assert desk.position("loser") == (0, 0)
    assert desk.cash("loser") == 0
    assert desk.position("vault") == (100, 90_000)
    assert desk.equity("vault") == 1_000_000 + 3_500


def test_a_builders_market_deleverages_only_accounts_worth_less_than_nothing() -> None:
    """No vault: at 935 with an empty book the account stays; at 895 it owes 500 and the winner is closed at the previous mark, 935.

    The account loses all its 10,000; the winner sold at 1,000 and buys at 935, so of 6,500 that 935 is worth to him he keeps all.
    """
    desk = sold_short(desk_of("hyperliquid-builder"))
    desk.tick(935)
    assert desk.position("loser")[0] == 100
    desk.tick(895, after_us=60_000_000)
    assert (desk.position("loser"), desk.cash("loser")) == ((0, 0), 0)
    assert desk.position("winner") == (0, 0)
    assert desk.cash("winner") == 100_000 + 6_500


def test_a_builders_mark_moves_by_one_per_cent_an_update() -> None:
    """From 1,000 an update to 900 brings the mark to 990, the next one to 981 (990 less the floor of 9.9)."""
    rules = find_venue("hyperliquid-builder").rules_on().changed("mark.method=index").changed("index.interval=0s")
    desk = Desk(rules, fund=None)
    desk.tick(1_000)
    desk.tick(900)
    assert desk.exchange.price(0) == 990
    desk.tick(900)
    assert desk.exchange.price(0) == 981


@pytest.mark.parametrize(("day", "price", "trigger"), [(OLD, "index", "exhausted"), (None, "previous-mark", "floor")])
def test_price_and_trigger_of_adl_by_era(day: date | None, price: str, trigger: str) -> None:
    """Before JELLY the vault leaned on its sisters, ADL closed at the index; now its own loss triggers ADL at the previous mark."""
    rules = find_venue("hyperliquid").rules_on(day)
    assert (rules.adl.price, rules.adl.trigger) == (price, trigger)
