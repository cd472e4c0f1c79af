"""The textbook venue and the clearing house by hand: who pays a deficit of 100, in which order."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from shortfall.sim.venues import find_venue
from shortfall.testing.desk import Desk, flat_tier

if TYPE_CHECKING:
    from shortfall.rules.ruleset import RuleSet


def rules_of(code: str) -> RuleSet:
    """Return a venue's rules on plain tiers, with the index as mark at once."""
    return replace(find_venue(code).rules_on(), tiers=flat_tier()).changed("mark.method=index")


def fall(code: str, *, fund: int, pool: int = 0, anna: int, bob: int, dealer: int = 0) -> Desk:
    """Let a long of 10 from 100 with 100 in cash fall to 80: it lacks 100. Anna gains 120, Bob 80; a dealer bids 80 if he has cash."""
    desk = Desk(rules_of(code), pool="pool" if pool else None)
    desk.give("fund", fund)
    if pool:
        desk.give("pool", pool)
    loser, a, b, d = desk.accounts(loser=100, anna=anna, bob=bob, dealer=dealer)
    desk.tick(100)
    desk.trade(loser, a, 6, 100)
    desk.trade(loser, b, 4, 100)
    if dealer:
        desk.bid(d, 10, 80)
    desk.tick(80)
    assert desk.position("loser") == (0, 0)
    return desk


def test_the_textbook_pays_from_the_fund_and_then_by_profit() -> None:
    """The fund pays 40; 60 are shared by profits of 120 and 80: 36 and 24. Nobody's capital is touched, the fund holds nothing."""
    desk = fall("ideal", fund=40, anna=1_000, bob=1_000)
    assert desk.cash("fund") == 0
    assert desk.position("fund") == (0, 0)
    assert (desk.equity("anna"), desk.equity("bob")) == (1_000 + 120 - 36, 1_000 + 80 - 24)


def test_a_clearing_house_pays_from_its_own_money_then_the_members_then_assessments() -> None:
    """Own contribution 30, guaranty fund 20; 50 are assessed on equities of 1,000, 500 and 500, below 7.8 % of them: 25, 12 and 13."""
    desk = fall("ccp", fund=30, pool=20, anna=880, bob=420, dealer=500)
    assert (desk.cash("fund"), desk.cash("pool")) == (0, 0)
    assert (desk.equity("anna"), desk.equity("bob"), desk.equity("dealer")) == (1_000 - 25, 500 - 12, 500 - 13)


def test_assessments_end_at_their_cap() -> None:
    """Equities of 200, 130 and 100: the cap is floor(7.8 % of 430) = 33 of the 50 still missing; 17 stay open."""
    desk = fall("ccp", fund=30, pool=20, anna=80, bob=50, dealer=100)
    assert desk.equity("anna") + desk.equity("bob") + desk.equity("dealer") == 430 - 33
    assert desk.result().carried == 17
