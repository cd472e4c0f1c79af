"""Faults that the long run found once rules were drawn from the wider space, each made small."""

from __future__ import annotations

from shortfall.engine.results import market_result
from shortfall.kernels import layout as at
from shortfall.model.commands import ImposedFill
from shortfall.testing.desk import Desk, rules_with

RICH = 1 << 40


def test_what_a_cut_of_gains_takes_from_clips_that_wait_is_in_the_value_book() -> None:
    """Seed 504: the cut was entered once as shared and once more as what clearing still has to find."""
    desk = Desk(rules_with("realisation.method=mark-to-market", "adl.eligible=profitable-only", "waterfall=adl"))
    desk.accounts(ann=60, bob=200)
    desk.tick(100)
    desk.do(ImposedFill(desk.id("ann"), 0, 10, 100, desk.id("bob")))
    desk.tick(95)  # settled every mark, nobody is in profit: the clip finds no winner and waits
    clearing = desk.exchange.holder(0, at.M_CLEARING)
    assert desk.exchange.position(clearing, 0)[0] == 10
    desk.tick(200)  # clearing is due 1,050, bob has 250 left
    desk.wait()
    assert sum(event["carried_quote"] for event in desk.named("SettlementEnded")) == 0
    assert market_result(desk.exchange, 0).socialised > 0
    assert market_result(desk.exchange, 0).value.difference == 0


def test_a_flat_account_in_debt_stands_in_a_line_that_is_ordered_by_distance_of_limits() -> None:
    """Seed 33: the limit of a closing order was computed for a size of zero."""
    desk = Desk(rules_with("engine.order=limit-distance", "close.style=fillable"))
    desk.accounts(ann=100, bob=RICH)
    desk.tick(100)
    desk.do(ImposedFill(desk.id("ann"), 0, 10, 100, desk.id("bob")))
    desk.do(ImposedFill(desk.id("ann"), 0, -10, 50, desk.id("bob")))
    desk.wait()
    assert [event["lots"] for event in desk.named("LiquidationTriggered")] == [0]
    assert [event["deficit_quote"] for event in desk.named("DeficitRealised")] == [400]
