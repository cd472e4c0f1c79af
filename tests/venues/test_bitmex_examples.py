"""Worked examples of BitMEX's pages, through its venue file. Figures are those printed on the pages; arithmetic in comments."""

from __future__ import annotations

from fractions import Fraction

import pytest
from worked import (  # type: ignore[import-not-found]  # lies beside this file
    coins,
    contract_rules,
    cuts,
    dollars,
    holds,
    venue_rules,
)

from shortfall.kernels import layout as at
from shortfall.model.commands import Withdraw
from shortfall.testing.desk import Desk

STRICT = ((None, "100", "90"),)
XBT = 10**8
FIVE_SECONDS_US = 5_000_000


@pytest.mark.parametrize(
    ("size", "maintenance"), [(180, "0.005"), (230, "0.01"), (349, "0.01"), (351, "0.015"), (501, "0.02")]
)
def test_a_step_above_the_base_risk_limit_raises_the_rate_of_the_whole_position(size: int, maintenance: str) -> None:
    # XBTUSD: 180 XBT need 0.50 % = 0.90 XBT; 230 XBT are one step above 200 XBT and need 1.00 % of all; steps at 350, 500, 650 XBT
    desk = Desk(contract_rules("bitmex", "XBTUSD"), coins())
    desk.tick(10_000)
    trader = holds(desk, "trader", size * 10_000, 10_000, 10 * size * XBT)
    assert desk.exchange.health(trader)[2] == Fraction(maintenance) * size * XBT


def test_the_older_steps_of_the_page_are_a_tier_table_too() -> None:
    # base 100 XBT, step 50 XBT, 0.5 % and 2 %: a position of 130 XBT needs 1.0 % maintenance and 2.5 % initial
    tiers = (("100", "2", "0.5"), ("150", "2.5", "1"), (None, "3", "1.5"))
    desk = Desk(venue_rules("bitmex", tiers=tiers), coins())
    desk.tick(10_000)
    trader = holds(desk, "trader", 1_300_000, 10_000, 200 * XBT)
    assert desk.exchange.health(trader)[2] == 130 * XBT // 100
    for bit in range(40, -1, -1):
        desk.do(Withdraw(trader, 1 << bit))
    assert desk.cash("trader") == 130 * XBT * 25 // 1_000


def test_a_liquidated_short_of_20_is_closed_against_the_two_highest_in_the_queue_at_650() -> None:
    # longs of 10, 10, 20, 30, 20, 10; the page's scores 3, 6, 1, 4, 5, 2 are made by entries 10 apart with cash as large as the cost,
    # so that leverage is one and the score is the profit share. The short is bankrupt at 650, the fund is empty
    desk = Desk(venue_rules("bitmex", tiers=STRICT), dollars())
    desk.tick(650, after_us=FIVE_SECONDS_US)
    for name, lots, score in (("1", 10, 3), ("2", 10, 6), ("3", 20, 1), ("4", 30, 4), ("5", 20, 5), ("6", 10, 2)):
        entry = 650 - 10 * score
        holds(desk, name, lots, entry, lots * entry)
    holds(desk, "short", -20, 650, 0)
    desk.tick(660, after_us=FIVE_SECONDS_US)
    assert cuts(desk) == [("2", 10, 650), ("5", 10, 650)]
    assert desk.position("5")[0] == 10


def test_the_whole_queue_is_ranked_as_on_the_page() -> None:
    desk = Desk(venue_rules("bitmex", tiers=STRICT), dollars())
    desk.tick(650, after_us=FIVE_SECONDS_US)
    for name, lots, score in (("1", 10, 3), ("2", 10, 6), ("3", 20, 1), ("4", 30, 4), ("5", 20, 5), ("6", 10, 2)):
        entry = 650 - 10 * score
        holds(desk, name, lots, entry, lots * entry)
    holds(desk, "short", -100, 650, 0)
    desk.tick(660, after_us=FIVE_SECONDS_US)
    assert [name for name, _, _ in cuts(desk)] == ["2", "5", "4", "1", "6", "3"]


def test_a_constituent_at_half_the_price_is_left_out_of_the_index_and_comes_back_after_a_quarter_of_an_hour() -> None:
    # three equal constituents at 100; one falls to 50, more than 25 % off: the index stays 100. It counts again after 15 minutes
    # within 2 % of the median
    desk = Desk(venue_rules("bitmex", "index.stale_after=1h", tiers=STRICT), dollars(), sources=(1_000_000,) * 3)
    for source in range(3):
        desk.tick(10_000, source=source, after_us=FIVE_SECONDS_US)
    desk.tick(5_000, source=2, after_us=FIVE_SECONDS_US)
    assert desk.exchange.price(0, at.M_INDEX) == 10_000
    desk.tick(9_850, source=2, after_us=FIVE_SECONDS_US)
    for _ in range(179):
        desk.tick(9_850, source=2, after_us=FIVE_SECONDS_US)
        assert desk.exchange.price(0, at.M_INDEX) == 10_000
    desk.tick(9_850, source=2, after_us=FIVE_SECONDS_US)
    assert desk.exchange.price(0, at.M_INDEX) == 9_950
