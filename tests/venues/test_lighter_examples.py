"""Lighter's zero price and levels, worked by hand through the venue file."""

from __future__ import annotations

from dataclasses import replace

import pytest

from shortfall.sim.venues import find_venue
from shortfall.testing.desk import Desk, flat_tier

PLAIN = ("mark.method=index", "unwinding.method=hold")


def desk_of(*more: str) -> Desk:
    """Return ETH's margin (2 % initial, 1.2 % maintenance, 0.8 % close-out) under the venue's rules; the mark is the index."""
    venue = find_venue("lighter")
    rules = venue.rules_on(None, venue.contract("ETH"))
    assert rules.tiers == flat_tier("2%", "1.2%")
    for word in (*PLAIN, *more):
        rules = rules.changed(word)
    desk = Desk(replace(rules), sources=(1_000_000,))
    desk.give("fund", 10_000_000)
    long, short, bidder = desk.accounts(long=20_000, short=10_000_000, bidder=10_000_000)
    desk.tick(10_000)
    desk.trade(long, short, 100, 10_000)
    assert bidder
    return desk


def test_a_better_fill_than_the_zero_price_pays_one_per_cent_at_most() -> None:
    """At 9,910 the value is 11,000 of a requirement of 11,892; zero price 9,910 x (1 - 0.012 x 11,000 / 11,892) = 9,800.

    A bid of 9,905 fills all: value 10,500; 1 % of 990,500 is 9,905 and goes to the fund, 595 stay.
    """
    desk = desk_of()
    desk.bid(desk.id("bidder"), 100, 9_905)
    desk.tick(9_910)
    assert desk.position("long") == (0, 0)
    assert desk.cash("long") == 10_500 - 9_905
    assert desk.cash("fund") == 10_000_000 + 9_905


@pytest.mark.parametrize(("bid", "left"), [(9_800, 0), (9_799, 100)])
def test_a_partial_liquidation_never_fills_below_the_zero_price(bid: int, left: int) -> None:
    """A bid at the zero price of 9,800 is taken and leaves nothing; one tick lower it is not."""
    desk = desk_of()
    desk.bid(desk.id("bidder"), 100, bid)
    desk.tick(9_910)
    assert desk.position("long")[0] == left
    assert desk.cash("long") == (0 if left == 0 else 20_000)


def test_the_pool_takes_everything_below_close_out() -> None:
    """At 9,870 the value 7,000 is below 0.8 % of 987,000 (7,896): position and collateral go to the pool, whatever the book bids."""
    desk = desk_of()
    desk.bid(desk.id("bidder"), 100, 9_869)
    desk.tick(9_870)
    assert (desk.position("long"), desk.cash("long")) == ((0, 0), 0)
    assert desk.position("fund") == (100, 980_000)
    assert desk.equity("fund") == 10_000_000 + 7_000
