"""Worked examples of OKX's pages, through its venue file. Figures are those printed on the pages; arithmetic in comments."""

from __future__ import annotations

from datetime import date

import pytest
from worked import dollars, holds, is_triggered, venue_rules  # type: ignore[import-not-found]  # lies beside this file

from shortfall.model.history import HolderHistory
from shortfall.testing.desk import Desk

CLAWBACK = date(2018, 7, 31)
THRESHOLD = date(2025, 3, 6)
STRICT = ((None, "100", "90"),)
NO_FEE = "margin.closing_fee=0%"


@pytest.mark.parametrize(("side", "kept", "fails"), [(-1, 1_319_348, 1_319_349), (1, 673_810, 673_809)])
def test_liquidation_at_3x_sets_the_fee_aside(side: int, kept: int, fails: int) -> None:
    # 10 at 3x, 1 % maintenance, 0.06 % fee: short (10 + 10 / 3) / 1.0106 = 13.193482, long (10 - 10 / 3) / 0.9894 = 6.738090; the
    # price in steps of 0.00001, three lots so that the margin is a whole number
    rules = venue_rules("okx", "margin.closing_fee=0.06%", tiers=((None, "33.3334", "1"),))
    desk = Desk(rules, dollars())
    desk.tick(1_000_000)
    holds(desk, "trader", 3 * side, 1_000_000, 1_000_000)
    desk.tick(kept)
    assert not is_triggered(desk, "trader")
    desk.tick(fails)
    assert is_triggered(desk, "trader")


def test_a_position_of_tier_3_is_brought_down_to_tier_1_first() -> None:
    # 15,000 swaps; tier 1 up to 2,000, tier 2 up to 12,000, 2 % in tier 3: 15,000 - 2,000 = 13,000 are closed. The page counts tiers
    # in swaps, so their notional is stated at the mark of 99
    tiers = ((str(2_000 * 99), "2", "1"), (str(12_000 * 99), "3", "1.5"), (None, "5", "2"))
    desk = Desk(venue_rules("okx", NO_FEE, tiers=tiers), dollars())
    desk.tick(100)
    maker = desk.account("maker", 10_000_000)
    holds(desk, "trader", 15_000, 100, 44_699)  # at 99 29,699 are left, 2 % of 1,485,000 = 29,700 are needed
    desk.bid(maker, 20_000, 99)
    desk.tick(99)
    assert desk.position("trader")[0] == 2_000


@pytest.mark.parametrize(("reserve", "on"), [(200_000, True), (279_999, True), (280_000, False)])
def test_winners_stand_first_below_an_eight_hour_mean_less_30_percent(reserve: int, *, on: bool) -> None:
    # mean 400,000: 400,000 - max(30 % = 120,000, 50,000) = 280,000
    desk = Desk(venue_rules("okx", tiers=STRICT, on=THRESHOLD), dollars())
    desk.give("fund", reserve)
    desk.tick(100)
    desk.must(HolderHistory(0, 400_000))
    desk.wait()
    assert bool(desk.named("AdlTriggered")) is on


def test_a_clawback_takes_from_the_winner_what_the_loser_did_not_have() -> None:
    # ten contracts at 10x from 1.0 to 0.1: the winner gains 9, the loser had 1, so 8 are clawed back; in tenths
    desk = Desk(venue_rules("okx", NO_FEE, "close.bankruptcy_fee=0%", tiers=STRICT, on=CLAWBACK), dollars())
    desk.tick(10)
    holds(desk, "winner", -10, 10, 1_000)
    holds(desk, "loser", 10, 10, 10)
    maker = desk.account("maker", 1_000)
    desk.bid(maker, 10, 1)
    desk.tick(1)
    desk.tick(1)
    assert desk.equity("winner") == 1_000 + 90 - 80
    assert desk.result().value.socialised == 80


def test_after_2020_nothing_is_socialised_and_winners_close_at_mark() -> None:
    assert venue_rules("okx", on=date(2020, 12, 15)).waterfall == ("fund", "socialise")
    rules = venue_rules("okx", on=date(2020, 12, 16))
    assert (rules.waterfall, rules.adl.price, rules.adl.trigger) == (("fund", "adl"), "mark", "peak-drop")
