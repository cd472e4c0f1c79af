"""Worlds worked by hand: a liquidity pool as the counterparty of every trade."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import pytest

from shortfall.engine.exchange import CollateralSpec
from shortfall.kernels import layout as at
from shortfall.model.commands import AssetPrice, DeleverageWithPool, MoveCollateral, Order, SettleFunding, Withdraw
from shortfall.testing.desk import Desk, flat_tier, rules_with
from shortfall.units import Asset

if TYPE_CHECKING:
    from shortfall.rules.ruleset import RuleSet

POOL: Final = ("counterparty.kind=pool", "waterfall=liquidity", "close.surplus=trader", "profit.withdrawal=counts")
GEM: Final = Asset("GEM", 0)


def pool_rules(*changes: str) -> RuleSet:
    return rules_with(*POOL, *changes, tiers=flat_tier("2%", "1%"))


def pool_desk(*changes: str, cash: int = 100_000, gem: int | None = None) -> Desk:
    collaterals = [CollateralSpec(GEM, gem, 1)] if gem is not None else []
    desk = Desk(pool_rules(*changes), collaterals=collaterals, liquidity="lp")
    if cash:
        desk.give("lp", cash)
    desk.tick(100)
    return desk


def market(desk: Desk, name: str, lots: int) -> int:
    return desk.do(Order(desk.id(name), 0, lots))


def test_the_pool_mirrors_its_traders_and_its_cash_is_its_capital() -> None:
    desk = pool_desk()
    desk.accounts(ann=5_000, bob=5_000)
    assert market(desk, "ann", 30) == 30  # long 30 at 100
    desk.tick(110)
    assert market(desk, "bob", -10) == 10  # short 10 at 110
    # pool: -30 + 10 lots, cost -3,000 + 1,100; its cash has not moved
    assert desk.position("lp") == (-20, -1_900)
    assert desk.cash("lp") == 100_000
    desk.tick(120)
    assert market(desk, "ann", -30) == 30  # 30 x 20 = 600 won
    assert desk.cash("ann") == 5_600
    assert desk.cash("lp") == 99_400
    assert desk.position("lp") == (10, 1_100)
    assert market(desk, "bob", 10) == 10  # 10 x 10 lost
    assert desk.cash("lp") == 99_500
    assert desk.position("lp") == (0, 0)


def test_the_spread_is_against_the_trader_on_both_sides() -> None:
    desk = pool_desk("counterparty.spread=1.5%")
    desk.accounts(ann=5_000)
    market(desk, "ann", 10)  # buys at 100 + ceil(1.5) = 102
    assert desk.position("ann") == (10, 1_020)
    market(desk, "ann", -10)  # sells at 98: 10 x 4 lost
    assert desk.cash("ann") == 4_960
    assert desk.cash("lp") == 100_040


def test_a_limit_that_the_pool_does_not_meet_is_refused_and_nothing_rests() -> None:
    desk = pool_desk()
    desk.accounts(ann=5_000)
    assert desk.bid(desk.id("ann"), 10, 99) == -at.NOT_FILLABLE
    assert desk.bid(desk.id("ann"), 10, 100) == 10
    assert desk.do(Order(desk.id("ann"), 0, 1, 100, post_only=True)) == -at.WOULD_TAKE


def test_a_loss_beyond_collateral_is_borne_by_the_pool() -> None:
    # long 100 at 100 with 500: at 96 equity is 100 and maintenance 96; at 60 the loss is 4,000, the account is 3,500 short
    desk = pool_desk(cash=1_000)
    desk.accounts(ann=500)
    market(desk, "ann", 100)
    desk.tick(96)
    assert not desk.named("LiquidationTriggered")
    desk.tick(60)
    assert desk.cash("ann") == 0
    assert desk.cash("lp") == 1_500
    assert desk.last("LiquidityAbsorbed")["amount_quote"] == 3_500
    value = desk.result().value
    assert (value.equity_left, value.returned, value.liquidity) == (-3_500, 0, 3_500)


def test_a_pool_that_is_no_layer_leaves_the_claim_uncovered() -> None:
    desk = pool_desk("waterfall=adl", cash=1_000)
    desk.accounts(ann=500)
    market(desk, "ann", 100)
    desk.tick(60)
    assert desk.last("ClaimUncovered")["amount_quote"] == 3_500
    assert desk.cash("lp") == 5_000


def test_the_least_collateral_liquidates_a_small_position() -> None:
    # long 1 at 100 with 60: 1 % of notional is 1, but 55 are needed; at 95 equity is 55, at 94 it is 54
    desk = pool_desk("counterparty.min_collateral=55")
    desk.accounts(ann=60)
    market(desk, "ann", 1)
    desk.tick(95)
    assert not desk.named("LiquidationTriggered")
    desk.tick(94)
    assert desk.cash("ann") == 54
    assert desk.position("ann") == (0, 0)


def test_only_a_liquidation_may_close_at_a_debt() -> None:
    # funding of 100 % of notional takes 1,000 of 500: flat he would owe 500
    desk = pool_desk("engine.delay=10s")
    desk.accounts(ann=500)
    market(desk, "ann", 10)
    desk.must(SettleFunding(0, 1_000_000_000))
    assert market(desk, "ann", -10) == -at.IN_LIQUIDATION
    desk.wait(20_000_000)
    # what he owes is funding: the pool gained nothing from him and gives up nothing
    assert desk.last("ClaimUncovered")["amount_quote"] == 500
    assert desk.cash("lp") == 100_000


def test_an_insolvent_close_is_refused_before_anybody_is_liquidated() -> None:
    # the spread of 4 % takes 4 per lot: 100 lots cost 400 to close, beside 300 that are left of 700
    desk = pool_desk("counterparty.spread=4%")
    desk.accounts(ann=700)
    market(desk, "ann", 100)
    assert desk.equity("ann") == 300
    assert market(desk, "ann", -100) == -at.INSOLVENT_CLOSE
    assert market(desk, "ann", -50) == 50


def test_profit_is_cut_to_its_share_of_the_capital_behind_the_side() -> None:
    # longs have 2 x 1,000 won; 50 % of the 10,000 stand behind them, 20 % of that may be paid: half of each profit
    desk = pool_desk("counterparty.long_backing=50%", "counterparty.profit_cap=20%", cash=10_000)
    desk.accounts(ann=5_000, bob=5_000)
    market(desk, "ann", 100)
    market(desk, "bob", 100)
    desk.tick(110)
    market(desk, "ann", -100)
    assert desk.cash("ann") == 5_500
    assert desk.last("ProfitCapped")["amount_quote"] == 500
    # then bob's 1,000 are alone before 9,500 x 50 % x 20 % = 950
    market(desk, "bob", -100)
    assert desk.cash("bob") == 5_950
    assert desk.cash("lp") == 8_550


def test_a_pool_never_pays_more_than_it_has() -> None:
    desk = pool_desk(cash=300)
    desk.accounts(ann=5_000)
    market(desk, "ann", 100)
    desk.tick(110)  # 1,000 won
    market(desk, "ann", -100)
    assert desk.cash("ann") == 5_300
    assert desk.cash("lp") == 0


def test_the_reserve_bounds_the_side_and_not_the_other() -> None:
    desk = pool_desk("counterparty.reserve=50%", cash=20_000)
    desk.accounts(ann=50_000, bob=50_000)
    assert market(desk, "ann", 101) == -at.OVER_POOL_RESERVE
    assert market(desk, "ann", 100) == 100  # 10,000 of 10,000
    assert market(desk, "bob", 1) == -at.OVER_POOL_RESERVE
    assert market(desk, "bob", -60) == 60
    assert market(desk, "bob", -41) == -at.OVER_POOL_RESERVE


@pytest.mark.parametrize(("price", "is_on"), [(110, False), (111, True)])
def test_adl_is_on_strictly_above_its_factor(price: int, is_on: bool) -> None:  # noqa: FBT001 - a column
    # 100 lots: 1,000 won at 110, a tenth of 10,000 exactly; 1,100 at 111
    desk = pool_desk("counterparty.adl_start=10%", cash=10_000)
    desk.accounts(ann=5_000)
    market(desk, "ann", 100)
    desk.tick(price)
    assert bool(desk.named("PoolAdlSwitched")) == is_on
    refused = desk.do(DeleverageWithPool(desk.id("ann"), 0, 10))
    assert refused == (10 if is_on else -at.ADL_NOT_ENABLED)


def test_a_chosen_cut_pays_at_mark_and_goes_no_lower_than_the_stop() -> None:
    # 2,000 won before 10,000; closing 80 of 100 pays 1,600: 400 / 8,400 is below 5 %, closing 79 leaves 420 / 8,420
    desk = pool_desk("counterparty.adl_start=10%", "counterparty.adl_stop=5%", cash=10_000)
    desk.accounts(ann=5_000)
    market(desk, "ann", 100)
    desk.tick(120)
    assert desk.do(DeleverageWithPool(desk.id("ann"), 0, 80)) == -at.ADL_OVERCORRECTS
    assert desk.do(DeleverageWithPool(desk.id("ann"), 0, 78)) == 78
    assert desk.cash("ann") == 5_000 + 78 * 20
    assert desk.cash("lp") == 10_000 - 78 * 20
    assert desk.last("PoolAdlSwitched")["is_on"] == 0


def test_ranked_cuts_stop_where_the_rule_says() -> None:
    # 2,000 + 1,000 won before 10,000: y = (3,000 - 1,000) / 0.9 = 2,222 are due.
    # ann, who won more by her leverage, is closed whole (2,000), then 222 of bob's 1,000: 22 lots of 100
    desk = pool_desk(
        "counterparty.adl=ranked",
        "counterparty.adl_start=20%",
        "counterparty.adl_stop=10%",
        "adl.rank=profit-leverage",
        cash=10_000,
    )
    desk.accounts(ann=2_000, bob=50_000)
    market(desk, "ann", 100)
    desk.tick(110)
    market(desk, "bob", 100)
    desk.tick(120)
    assert desk.position("ann") == (0, 0)
    assert desk.position("bob")[0] == 78
    assert desk.cash("ann") == 4_000
    assert desk.stat(at.T_POOL_ADL_LOTS) == 122


def test_results_are_settled_in_the_asset_of_the_collateral() -> None:
    # 10 gems at 500; 100 lots from 100: 300 lost at 97 are 0.6 gems, one whole gem is taken and 200 stay as cash
    desk = pool_desk("counterparty.settles_in=kind", gem=500)
    desk.accounts(ann=0)
    ann, lp = desk.id("ann"), desk.id("lp")
    desk.must(MoveCollateral(ann, 1, 10))
    desk.must(MoveCollateral(lp, 1, 100))
    market(desk, "ann", 100)
    desk.tick(97)
    desk.must(AssetPrice(1, 39))  # 390 - 300 is below 97: liquidated, 300 / 39 = 7.7 gems are due
    assert desk.position("ann") == (0, 0)
    assert desk.cash("ann") == 8 * 39 - 300
    swapped = desk.last("CollateralSwapped")
    assert (swapped["amount"], swapped["amount_quote"]) == (8, 312)
    assert desk.cash("lp") == 100_000 + 300 - 312


def test_profit_is_paid_in_kind_and_the_pool_sells_what_it_needs() -> None:
    # the pool has no cash: 1,000 won are paid as 2 of its gems at 500
    desk = pool_desk("counterparty.settles_in=kind", gem=500, cash=0)
    desk.accounts(ann=0)
    desk.must(MoveCollateral(desk.id("ann"), 1, 10))
    desk.must(MoveCollateral(desk.id("lp"), 1, 100))
    market(desk, "ann", 100)
    desk.tick(110)
    assert market(desk, "ann", -100) == 100
    assert desk.cash("ann") == 0
    assert desk.cash("lp") == 0
    assert desk.last("CollateralSwapped")["amount"] == -2


def test_profit_leaves_a_pool_only_as_cash_that_a_trader_can_take() -> None:
    desk = pool_desk()
    desk.accounts(ann=5_000)
    market(desk, "ann", 10)
    desk.tick(150)
    market(desk, "ann", -10)
    desk.must(Withdraw(desk.id("ann"), 5_500))
    assert desk.cash("ann") == 0
