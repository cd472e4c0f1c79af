"""Where the minimum to heal has no solution, and where closing costs more than maintenance: boundaries worked by hand."""

from __future__ import annotations

import pytest

from shortfall.kernels import layout as at
from shortfall.testing.desk import Desk, flat_tier, rules_with

RICH = 1_000_000


def ann_at_94(*changes: str) -> Desk:
    """Ann is long 100 at 100 with 1,000; at 94 she has 400 against 470; bids at 94 for all."""
    desk = Desk(rules_with("amount.method=heal", "close.style=market", *changes))
    desk.accounts(ann=1_000, bob=RICH)
    desk.account("maker", RICH, at.MAKER)
    desk.give("fund", RICH)
    desk.tick(100)
    desk.trade(desk.id("ann"), desk.id("bob"), 100, 100)
    desk.bid(desk.id("maker"), 100, 94)
    desk.tick(94)
    return desk


@pytest.mark.parametrize(
    ("fee", "lots"),
    [
        ("0%", 15),  # 70 / (9,400 x 5 %) = 14.9 %
        ("4%", 75),  # 70 / (9,400 x 1 %) = 74.5 %
        ("4.2%", 94),  # 70 / (9,400 x 0.8 %) = 93.1 %
        ("4.3%", 100),  # 70 / (9,400 x 0.7 %) = 106 %: no amount heals
        ("5%", 100),  # every lot costs what it frees: no solution
        ("6%", 100),  # every lot costs more than it frees
    ],
)
def test_the_fewest_lots_that_heal_or_the_whole_where_no_amount_does(fee: str, lots: int) -> None:
    desk = ann_at_94(f"close.liquidation_fee={fee}")
    assert [event["lots"] for event in desk.named("ClipClosed")] == [lots]


def test_what_heals_by_the_formula_heals_in_the_books() -> None:
    # 75 lots sold at 94 cost 4 % of 7,050 = 282: 118 is left against 25 x 94 x 5 % = 117.5, rounded up to 118;
    # 74 would have cost 278 and left 122 against 26 x 94 x 5 % = 122.2, rounded up to 123
    desk = ann_at_94("close.liquidation_fee=4%")
    assert desk.position("ann")[0] == 25
    equity, _, need = desk.exchange.health(desk.id("ann"))
    assert (equity, need) == (118, 118)
    assert len(desk.named("LiquidationEnded")) == 1


def cheap_maintenance(style: str, *changes: str) -> Desk:
    """Maintenance is 0.5 %, closing costs 1 %: ann, long 100 at 100 with 1,040, is triggered at 90 with 40 against 45."""
    rules = rules_with(
        f"close.style={style}",
        "close.taker_fee=1%",
        "close.bankruptcy_fee=1%",
        *changes,
        tiers=flat_tier("10%", "0.5%"),
    )
    desk = Desk(rules)
    desk.accounts(ann=1_040, bob=RICH)
    desk.account("maker", RICH, at.MAKER)
    desk.give("fund", RICH)
    desk.tick(100)
    desk.trade(desk.id("ann"), desk.id("bob"), 100, 100)
    desk.bid(desk.id("maker"), 100, 90)
    desk.tick(90)
    return desk


def test_a_market_close_that_costs_more_than_maintenance_is_a_deficit_at_once() -> None:
    # sold at the mark itself: 40 less a fee of 90
    desk = cheap_maintenance("market")
    assert desk.last("DeficitRealised")["deficit_quote"] == 50
    assert desk.cash("fund") == RICH - 50
    assert desk.result().value.fund_cash == 50


def test_the_bankruptcy_price_then_lies_on_the_wrong_side_of_the_mark() -> None:
    # (9,000 - 40) / 0.99 / 100 = 90.5: no bid at the mark is good enough, and the fund takes it a tick above the mark
    desk = cheap_maintenance("bankruptcy")
    assert desk.position("maker") == (0, 0)
    assert desk.position("fund") == (100, 9_100)
    assert desk.equity("fund") == RICH - 100 + 140  # 100 below cost at the mark; 40 + 100 of ann's balance came with it
    assert desk.result().value.fund_result == 100
