"""Worked examples of venues that are known in outline, through their files. Figures are those of the pages; arithmetic in comments."""

from __future__ import annotations

from datetime import date
from fractions import Fraction

import pytest
from worked import (  # type: ignore[import-not-found]  # lies beside this file
    cuts,
    dollars,
    holds,
    is_triggered,
    venue_rules,
)

from shortfall.testing.desk import Desk

RANK_STEPS = 1 << 20
STRICT = ((None, "100", "90"),)


@pytest.mark.parametrize(("fill", "change"), [(39_100, 100), (38_850, -150)])
def test_kucoin_liquidates_at_39160_and_its_fund_gains_or_pays_the_difference_to_39000(fill: int, change: int) -> None:
    # 1 BTC from 40,000 at 40x: 40,000 x (1 - (2.5 % - 0.4 %)) = 39,160, bankrupt at 40,000 x (1 - 2.5 %) = 39,000
    words = ("unwinding.method=at-once", "mark.method=index")
    desk = Desk(venue_rules("kucoin", *words, tiers=((None, "2.5", "0.4"),)), dollars())
    desk.give("fund", 100_000)
    desk.tick(40_000)
    maker = desk.account("maker", 1_000_000)
    holds(desk, "trader", 1, 40_000, 1_000)
    desk.bid(maker, 1, fill)
    desk.tick(39_160)
    assert not is_triggered(desk, "trader")
    desk.tick(39_159)
    assert is_triggered(desk, "trader")
    desk.wait()
    desk.wait()
    assert (desk.position("trader"), desk.position("fund")) == ((0, 0), (0, 0))
    assert desk.cash("fund") == 100_000 + change


def test_a_kucoin_short_at_100x_from_28000_is_closed_against_winners_at_28280() -> None:
    desk = Desk(venue_rules("kucoin", tiers=STRICT), dollars())
    desk.tick(28_000)
    holds(desk, "winner", 1, 28_000, 100_000)
    holds(desk, "trader", -1, 28_000, 280)
    desk.tick(28_300)
    assert cuts(desk) == [("winner", 1, 28_280)]


@pytest.mark.parametrize(("side", "entry", "mark", "rate"), [(1, 200, 220, "0.1"), (-1, 220, 200, "0.0909")])
def test_kucoin_ranks_winners_by_their_return_alone(side: int, entry: int, mark: int, rate: str) -> None:
    # 220 / 200 - 1 = 10 %, (220 - 200) / 220 = 9.09 %, whatever the leverage; the rank is kept in steps of 2**-20
    desk = Desk(venue_rules("kucoin", "takeover.fund=no", tiers=STRICT), dollars())
    desk.tick(mark)
    holds(desk, "winner", 5 * side, entry, 100_000)
    holds(desk, "trader", -5 * side, mark, 0)
    desk.tick(mark)
    found = Fraction(desk.last("PositionDeleveraged")["adl_rank"] - 1, RANK_STEPS)
    assert round(found, 4) == Fraction(rate)


def test_htx_claws_back_until_29_may_2023_and_deleverages_since() -> None:
    assert venue_rules("htx", on=date(2023, 5, 28)).waterfall == ("fund", "socialise")
    assert venue_rules("htx", on=date(2023, 5, 29)).waterfall == ("fund", "adl")


def test_gate_ranked_by_profit_alone_before_november_2025() -> None:
    assert venue_rules("gate", on=date(2025, 11, 19)).adl.rank == "profit"
    assert venue_rules("gate").adl.rank == "profit-maintenance"
