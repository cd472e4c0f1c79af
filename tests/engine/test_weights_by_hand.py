"""Worlds worked by hand: health weights, and an outsider who takes base, profit and losses."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import pytest

from shortfall.engine.exchange import MarketSpec
from shortfall.errors import RuleError
from shortfall.kernels import layout as at
from shortfall.model.commands import ImposedFill, TakeBase, TakeLoss
from shortfall.rules.soundness import refuse_if_wrong
from shortfall.testing.desk import Desk, linear, rules_with

if TYPE_CHECKING:
    from shortfall.rules.ruleset import RuleSet

HALF: Final = (
    "health.method=weights", "health.initial_asset=50%", "health.maintenance_asset=60%", "health.initial_liability=150%",
    "health.maintenance_liability=140%", "realisation.method=quote-balance", "waterfall=socialise", "socialise.base=position",
)  # fmt: skip


def weighted(*changes: str) -> RuleSet:
    return rules_with(*HALF, *changes)


def fallen(*changes: str, price: int = 89, cash: int = 1_000) -> Desk:
    """Long 20 lots from 100 beside cash; bob is short, an outsider is rich."""
    desk = Desk(weighted(*changes))
    desk.accounts(ann=cash, bob=1_000_000, out=1_000_000)
    desk.tick(100)
    desk.must(ImposedFill(desk.id("ann"), 0, 20, 100, desk.id("bob")))
    desk.tick(price)
    return desk


def take(desk: Desk, lots: int = 20, profit: int = at.INF) -> int:
    return desk.do(TakeBase(desk.id("out"), desk.id("ann"), 0, lots, profit))


def test_maintenance_health_decides_when_and_initial_health_how_far() -> None:
    # at 84: 1,000 + 0.6 x 1,680 - 2,000 = 8; at 83: -4. Initial at 83: 1,000 + 830 - 2,000 = -170, a lot adds 41.5: five
    desk = fallen(price=84)
    assert take(desk) == -at.NOTHING_TO_REDUCE
    desk.tick(83)
    assert len(desk.named("LiquidationTriggered")) == 1
    assert take(desk) == 5
    assert desk.position("ann") == (15, 2_000 - 5 * 83)
    assert desk.position("out") == (5, 5 * 83)
    assert take(desk) == -at.NOTHING_TO_REDUCE  # 207.5: 1,000 + 622.5 - 1,585 = 37.5
    desk.wait()
    assert desk.named("LiquidationWithdrawn")


def test_the_outsider_has_his_fee_and_the_venue_the_difference() -> None:
    # at 80: -200; a lot brings 80 x 0.9 = 72 and frees 72 - 40 = 32: seven lots. He pays 80 x 0.95 = 76
    desk = fallen("health.base_fee=5%", "health.platform_fee=5%", price=80)
    assert take(desk) == 7
    assert desk.position("ann")[1] == 2_000 - 7 * 72
    assert desk.position("out")[1] == 7 * 76
    assert desk.cash("fees USD") == 7 * 4


def test_a_profit_that_counts_for_half_is_settled_before_base_is_taken() -> None:
    # 600 lost in another market. At 300: 0.5 x 6,000 - 2,000 = 1,000 counts 500, health -100; each unit settled adds a half: 200
    rules = weighted("health.profit_weight=50%", "health.maintenance_asset=50%", "health.profit_fee=0")
    desk = Desk(rules, more=[MarketSpec(linear("TWO"), rules_with())])
    desk.accounts(ann=0, bob=1_000_000, out=1_000_000)
    desk.tick(100)
    desk.tick(100, 1)
    ann, bob = desk.id("ann"), desk.id("bob")
    desk.must(ImposedFill(ann, 0, 20, 100, bob))
    desk.must(ImposedFill(ann, 1, 1, 700, bob))
    desk.must(ImposedFill(ann, 1, -1, 100, bob))
    desk.tick(300)
    assert take(desk) == 0
    assert desk.cash("ann") == -600 + 200
    assert desk.position("ann") == (20, 2_200)
    assert desk.position("out") == (0, -200)
    assert desk.cash("out") == 1_000_000 - 200
    assert take(desk) == -at.NOTHING_TO_REDUCE


def test_a_lot_more_than_is_held_is_never_taken() -> None:
    desk = fallen(price=20)
    assert take(desk, 50) == 20
    assert desk.position("ann") == (0, 2_000 - 400)
    assert desk.cash("ann") == 1_000


def test_a_loss_is_paid_by_cash_then_fund_then_everybody() -> None:
    # base gone at 20: a loss of 1,600 beside cash 1,000: cash settles 1,000; 600 are left, the fund's 210 pay for 200 at 5 %
    # premium (100 x 2.1), 400 are shared by bob's 20 and the outsider's 20 lots: 10 a lot
    desk = fallen("health.base_fee=5%", "close.surplus=trader", price=20)
    taken = take(desk)
    assert taken == 20
    loss = desk.position("ann")[1]
    assert loss == 2_000 - 20 * 19
    desk.give("fund", 210)
    assert desk.do(TakeLoss(desk.id("out"), desk.id("ann"), 0)) == loss
    assert desk.cash("ann") == 0
    assert desk.position("ann") == (0, 0)
    assert desk.cash("fund") == 0
    shares = {event.account: event["socialised_loss_quote"] for event in desk.named("LossSocialised")}
    left = loss - 1_000 - 200
    assert sum(shares.values()) == left
    assert shares == {desk.id("bob"): left // 2, desk.id("out"): left // 2}
    # what the outsider took: 1,000 for cash and 200 for 210 of the fund
    assert desk.position("out")[1] == 20 * 19 + 1_200
    assert desk.cash("out") == 1_000_000 + 1_000 + 210 - left // 2


def test_his_own_limit_bounds_what_he_takes() -> None:
    desk = fallen(price=20)
    take(desk)
    desk.give("fund", 10_000)
    assert desk.do(TakeLoss(desk.id("out"), desk.id("ann"), 0, 300)) == 300
    assert desk.cash("ann") == 700
    assert desk.cash("fund") == 10_000


def test_nobody_takes_from_himself_and_nothing_without_weights() -> None:
    desk = fallen(price=20)
    assert desk.do(TakeBase(desk.id("ann"), desk.id("ann"), 0, 1)) == -at.BAD_ACCOUNT
    assert desk.do(TakeBase(desk.id("fund"), desk.id("ann"), 0, 1)) == -at.BAD_ACCOUNT
    assert desk.do(TakeLoss(desk.id("out"), desk.id("ann"), 0)) == -at.NOTHING_TO_REDUCE
    plain = Desk()
    plain.accounts(ann=10, bob=10)
    plain.tick(100)
    assert plain.do(TakeBase(plain.id("bob"), plain.id("ann"), 0, 1)) == -at.BAD_VALUE


def test_initial_weights_may_not_be_looser_than_maintenance_ones() -> None:
    with pytest.raises(RuleError, match="maintenance_asset"):
        refuse_if_wrong(weighted("health.maintenance_asset=40%"))
