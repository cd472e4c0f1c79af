"""Figures of Drift's own tests, through the venue file: bankruptcy of a perpetual position."""

from __future__ import annotations

from dataclasses import replace

from shortfall.sim.venues import find_venue
from shortfall.testing.desk import Desk, flat_tier

PLAIN = ("liquidator.fee=0", "close.liquidation_fee=0", "fees.taker=0", "fees.maker=0")


def bankrupt(fund: int) -> Desk:
    """Let a long of 5 from 100 with 100 in cash fall to 60: a liquidator takes it over there, and 100 are owed. 25 lots stay open."""
    rules = replace(find_venue("drift").rules_on(), tiers=flat_tier())
    for word in PLAIN:
        rules = rules.changed(word)
    desk = Desk(rules)
    if fund:
        desk.give("fund", fund)
    loser, short, other_long, other_short = desk.accounts(loser=100, short=1_000, other_long=1_000, other_short=1_000)
    desk.tick(100)
    desk.trade(loser, short, 5, 100)
    desk.trade(other_long, other_short, 10, 100)
    desk.tick(60)
    return desk


def test_what_the_fund_lacks_is_paid_per_lot_by_both_sides() -> None:
    """calculate_funding_rate_deltas_to_resolve_bankruptcy: 100 over 10 lots long and 15 short is 4 a lot, in profit or not."""
    desk = bankrupt(fund=0)
    assert desk.position("loser") == (0, 0)
    assert desk.equity("short") == 1_000 + 200 - 20
    assert desk.equity("other_long") == 1_000 - 400 - 40
    assert desk.equity("other_short") == 1_000 + 400 - 40


def test_the_fund_pays_first() -> None:
    """With 100 in the fund nobody else pays."""
    desk = bankrupt(fund=100)
    assert desk.cash("fund") == 0
    assert desk.equity("other_long") == 1_000 - 400
