"""Margin by hand: marginal tiers, initial margin on orders, use of unrealised profit, partial liquidation."""

from __future__ import annotations

from decimal import Decimal

import pytest

from shortfall.engine.exchange import CollateralSpec, Exchange, MarketSpec
from shortfall.kernels import layout as at
from shortfall.model.commands import (
    AssetPrice,
    Deposit,
    Halt,
    ImposedFill,
    IndexTick,
    MoveCollateral,
    Order,
    SetLeverage,
)
from shortfall.model.contract import bounded_contract
from shortfall.rules.ruleset import MarginTier, RuleSet
from shortfall.testing.desk import Desk, flat_tier, linear, rules_with
from shortfall.units import Asset, Scale

RICH = 1_000_000
TWO_TIERS = (MarginTier(Decimal(5_000), 100_000, 50_000), MarginTier(None, 200_000, 100_000))


def test_maintenance_is_marginal_over_tiers() -> None:
    # up to 5,000: 5 %; beyond: 10 % of all less 5,000 x 5 % = 250
    desk = Desk(rules_with(tiers=TWO_TIERS))
    desk.accounts(ann=RICH, bob=RICH)
    desk.tick(100)
    expected = {49: 245, 50: 250, 51: 260, 100: 750}
    held = 0
    for lots, need in expected.items():
        desk.trade(desk.id("ann"), desk.id("bob"), lots - held, 100)
        held = lots
        assert desk.exchange.health(desk.id("ann")) == (RICH, RICH, need)


def test_maintenance_rounds_up() -> None:
    desk = Desk()
    desk.accounts(ann=RICH, bob=RICH)
    desk.tick(101)
    desk.trade(desk.id("ann"), desk.id("bob"), 1, 101)
    assert desk.exchange.health(desk.id("ann"))[2] == 6  # 5.05


def test_initial_margin_covers_the_worst_case_of_all_open_orders() -> None:
    desk = Desk()
    desk.accounts(ann=100, bob=RICH)
    ann = desk.id("ann")
    desk.tick(100)
    assert desk.bid(ann, 7, 99) == 0
    assert desk.bid(ann, 4, 98) == -at.NO_MARGIN  # 11 lots x 100 x 10 % = 110
    assert desk.bid(ann, 3, 98) == 0
    assert desk.ask(ann, 10, 101) == 0  # the other side is no worse
    assert desk.ask(ann, 1, 101) == -at.NO_MARGIN


def test_initial_margin_of_a_large_position_is_that_of_its_tier() -> None:
    desk = Desk(rules_with(tiers=TWO_TIERS))
    desk.accounts(ann=1_019, bob=RICH)
    ann = desk.id("ann")
    desk.tick(100)
    assert desk.bid(ann, 51, 100) == -at.NO_MARGIN  # 5,100 x 20 % = 1,020
    desk.give("ann", 1)
    assert desk.bid(ann, 51, 100) == 0


def test_an_order_that_takes_above_mark_must_bear_that_loss_at_once() -> None:
    desk = Desk()
    desk.accounts(ann=149, bob=RICH)
    desk.tick(100)
    desk.ask(desk.id("bob"), 10, 105)
    assert desk.bid(desk.id("ann"), 10, 105) == -at.NO_MARGIN  # 100 of margin and 50 of loss
    desk.give("ann", 1)
    assert desk.bid(desk.id("ann"), 10, 105) == 10


def test_a_chosen_leverage_binds_more_margin_than_the_tier() -> None:
    desk = Desk()
    desk.accounts(ann=499, bob=RICH)
    ann = desk.id("ann")
    desk.tick(100)
    assert desk.do(SetLeverage(ann, 0, 500_000)) == 0
    assert desk.bid(ann, 10, 100) == -at.NO_MARGIN
    assert desk.do(SetLeverage(ann, 0, 20_000)) == 0  # fifty times is more than the tier allows: 10 % binds
    assert desk.bid(ann, 50, 100) == -at.NO_MARGIN
    assert desk.bid(ann, 49, 100) == 0
    assert desk.do(SetLeverage(ann, 0, -1)) == -at.BAD_VALUE


@pytest.mark.parametrize(("rule", "allowed"), [("counts", True), ("ignored", False)])
def test_unrealised_profit_opens_new_positions_by_rule(rule: str, allowed: bool) -> None:  # noqa: FBT001  two cases
    desk = Desk(rules_with(f"profit.opening={rule}"))
    desk.accounts(ann=1_000, bob=RICH)
    desk.tick(100)
    desk.trade(desk.id("ann"), desk.id("bob"), 100, 100)
    desk.tick(120)  # 2,000 of profit; 1,200 of initial margin for what is there
    done = desk.bid(desk.id("ann"), 10, 100)
    assert (done == 0) is allowed


@pytest.mark.parametrize(("rule", "liquidated"), [("counts", False), ("ignored", True)])
def test_unrealised_profit_counts_in_the_liquidation_test_by_rule(rule: str, liquidated: bool) -> None:  # noqa: FBT001
    # profit 2,000 on 100 lots at 120; maintenance 600 against 590 of cash
    desk = Desk(rules_with(f"profit.liquidation={rule}", tiers=flat_tier("5%", "5%")))
    desk.accounts(ann=590, bob=RICH)
    desk.tick(100)
    desk.trade(desk.id("ann"), desk.id("bob"), 100, 100)
    desk.tick(120)
    assert bool(desk.named("LiquidationTriggered")) is liquidated


# -- partial liquidation -----------------------------------------------------------------------------------------------------


def tiered(*changes: str) -> Desk:
    """Ann is long 100 at 100 with 2,000: maintenance 750 at entry, in the second tier."""
    desk = Desk(rules_with("amount.method=tier", *changes, tiers=TWO_TIERS))
    desk.accounts(ann=2_000, bob=RICH)
    desk.account("maker", RICH, at.MAKER)
    desk.tick(100)
    desk.trade(desk.id("ann"), desk.id("bob"), 100, 100)
    return desk


def test_a_partial_close_drops_to_the_lower_tier_and_saves_the_account() -> None:
    # at 86: equity 600, maintenance 8,600 x 10 % - 250 = 610; 58 lots are worth 4,988, in the first tier: 250
    desk = tiered()
    desk.bid(desk.id("maker"), 100, 86)
    desk.tick(87)
    assert desk.position("ann")[0] == 100  # 700 against 620
    desk.tick(86)
    assert desk.position("ann")[0] == 58
    assert desk.exchange.health(desk.id("ann")) == (600, 600, 250)
    assert desk.cash("fund") == 0
    assert desk.result().partial == 1


def test_the_fee_of_a_partial_close_is_charged_on_what_was_sold() -> None:
    desk = tiered("close.liquidation_fee=1%")
    desk.bid(desk.id("maker"), 100, 86)
    desk.tick(86)
    assert desk.cash("fund") == 36  # 42 x 86 = 3,612
    assert desk.equity("ann") == 564


def test_when_the_price_falls_too_fast_the_whole_position_goes() -> None:
    # at 82: equity 200; after the first clip 60 lots need 246, still too much
    desk = tiered()
    desk.bid(desk.id("maker"), 100, 82)
    desk.tick(82)
    assert [e["lots"] for e in desk.named("ClipClosed")] == [40, 60]
    assert desk.position("ann")[0] == 0
    assert desk.cash("fund") == 200


def test_a_share_is_closed_and_then_there_is_a_pause() -> None:
    desk = Desk(rules_with("amount.method=share", "amount.share=20%", "engine.pause=30s"))
    desk.accounts(ann=1_000, bob=RICH)
    desk.account("maker", RICH, at.MAKER)
    desk.tick(100)
    desk.trade(desk.id("ann"), desk.id("bob"), 100, 100)
    desk.bid(desk.id("maker"), 100, 91)
    desk.tick(91)  # equity 100; each lot needs 4.55
    assert desk.position("ann")[0] == 80
    desk.wait(29_000_000)
    assert desk.position("ann")[0] == 80
    desk.wait(1_000_000)
    assert desk.position("ann")[0] == 64


def test_the_fewest_lots_that_heal_are_closed() -> None:
    # at 94: equity 400 against 470: 100 x (470 - 400) / (9,400 x 5 %) = 14.9, so 15; the rest needs 85 x 4.7 = 399.5
    desk = Desk(rules_with("amount.method=heal"))
    desk.accounts(ann=1_000, bob=RICH)
    desk.account("maker", RICH, at.MAKER)
    desk.tick(100)
    desk.trade(desk.id("ann"), desk.id("bob"), 100, 100)
    desk.bid(desk.id("maker"), 100, 94)
    desk.tick(94)
    assert desk.position("ann")[0] == 85


# -- cross margin ------------------------------------------------------------------------------------------------------------


def two_markets(*changes: str) -> Desk:
    """Ann is long 100 of each of two markets at 100, on one balance of 2,000."""
    desk = Desk(rules_with(*changes), more=[MarketSpec(linear("TWO"), rules_with(*changes))])
    desk.accounts(ann=2_000, bob=RICH)
    desk.account("maker", RICH, at.MAKER)
    desk.tick(100)
    desk.tick(100, market=1)
    for market in (0, 1):
        desk.trade(desk.id("ann"), desk.id("bob"), 100, 100, market)
    return desk


def test_profit_in_one_market_carries_a_loss_in_the_other() -> None:
    desk = two_markets()
    desk.tick(110, market=1)
    desk.tick(80)  # equity 1,000; maintenance 400 + 550
    assert desk.named("LiquidationTriggered") == []
    desk.tick(109, market=1)  # 900 against 945
    assert len(desk.named("LiquidationTriggered")) == 1


def test_the_balance_of_a_cross_account_is_seen_by_both_markets_after_a_trade() -> None:
    # ann sells market 0 at a loss that only her trade shows; market 1 must find her at its next price
    desk = two_markets()
    desk.bid(desk.id("maker"), 100, 86)
    assert desk.do(Order(desk.id("ann"), 0, -100)) == 100  # 1,400 gone, 600 left against 500
    desk.tick(99, market=1)
    desk.exchange.check_nobody_overlooked()
    desk.tick(98, market=1)
    desk.exchange.check_nobody_overlooked()
    assert len(desk.named("LiquidationTriggered")) == 1  # 400 against 490


def test_a_second_position_brings_the_first_ones_trigger_nearer() -> None:
    desk = Desk(more=[MarketSpec(linear("TWO"), rules_with())])
    desk.accounts(ann=2_000, bob=RICH)
    desk.tick(100)
    desk.tick(100, market=1)
    desk.trade(desk.id("ann"), desk.id("bob"), 100, 100)
    desk.trade(desk.id("ann"), desk.id("bob"), 100, 100, 1)
    for low in range(99, 80, -1):
        desk.tick(low)
        desk.exchange.check_nobody_overlooked()
        desk.tick(low, market=1)
        desk.exchange.check_nobody_overlooked()


def test_a_resting_fill_in_one_market_is_seen_by_the_other() -> None:
    desk = two_markets()
    desk.ask(desk.id("ann"), 100, 86)
    desk.bid(desk.id("maker"), 100, 86)
    for low in (99, 98, 97):
        desk.tick(low, market=1)
        desk.exchange.check_nobody_overlooked()


def test_new_rules_of_one_market_are_seen_by_the_other_positions_of_an_account() -> None:
    desk = two_markets()
    desk.exchange.change_rules(0, rules_with(tiers=flat_tier("19%", "14%")), 5)  # needs 1,400 + 500 of 2,000
    for low in (99, 98):
        desk.exchange.submit(IndexTick(1, low, 3_000_000))
        desk.exchange.check_nobody_overlooked()
    assert desk.stat(at.T_ACCOUNTS, 0) + desk.stat(at.T_ACCOUNTS, 1) == 1  # 1,800 against 1,890


def test_a_halted_market_is_not_sold_into_for_another_markets_sake() -> None:
    desk = two_markets()
    desk.bid(desk.id("maker"), 200, 70)
    desk.bid(desk.id("maker"), 200, 70, 1)
    desk.do(Halt(0, at.HALT_ALL))
    desk.tick(80, market=1)  # equity 0: 1,000 of loss beyond maintenance
    assert desk.position("ann", 0)[0] == 100
    assert desk.exchange.price(0, at.M_BID) == 70


def test_equity_is_allocated_to_positions_by_requirement() -> None:
    # at 88 and 92: equity 2,000 - 1,200 - 800 = 0; bankruptcy prices are then the marks themselves
    desk = two_markets("waterfall=fund", "takeover.fund_capacity=0")
    desk.give("fund", RICH)
    desk.tick(92, market=1)
    desk.tick(89)  # equity 100 against 445 + 460: 49 and 51 of it stand beside each
    assert next((e.market, e["takeover_price_ticks"]) for e in desk.named("PositionTakenOver")) == (1, 92)
    assert desk.position("ann", 0) == (0, 0)
    assert desk.position("ann", 1) == (0, 0)


# -- collateral -----------------------------------------------------------------------------------------------------------------

COIN = Asset("GEM", 0)


def collateral_desk() -> Desk:
    """Ann has no cash but 1,000 gems at 2 with a haircut of 10 %: they count for 1,800."""
    desk = Desk(rules_with("close.style=market"), collaterals=[CollateralSpec(COIN, 2, 1, 100_000)])
    desk.accounts(ann=0, bob=RICH)
    desk.account("maker", RICH, at.MAKER)
    desk.tick(100)
    desk.must(MoveCollateral(desk.id("ann"), 1, 1_000))
    desk.trade(desk.id("ann"), desk.id("bob"), 100, 100)
    return desk


def test_collateral_counts_after_its_haircut() -> None:
    desk = collateral_desk()
    assert desk.equity("ann") == 1_800
    assert desk.do(MoveCollateral(desk.id("ann"), 1, -445)) == -at.NO_BALANCE  # 555 x 1.8 = 999
    assert desk.do(MoveCollateral(desk.id("ann"), 1, -444)) == 0
    assert desk.do(MoveCollateral(desk.id("ann"), 1, -557)) == -at.NO_BALANCE


def test_collateral_is_sold_to_the_haircut_price_only_as_far_as_needed() -> None:
    # 1,500 is lost at 85: 1,000 x 1,500 / 1,800 = 833.3, so 834 gems for floor(floor(1,668) x 0.9) = 1,501
    desk = collateral_desk()
    desk.bid(desk.id("maker"), 100, 85)
    desk.tick(85)
    sold = desk.last("CollateralSold")
    assert (sold["amount"], sold["amount_quote"]) == (834, 1_501)
    assert desk.auditor.collateral[desk.id("ann"), 1] == 166
    assert (desk.cash("ann"), desk.cash("fund")) == (0, 1)
    assert desk.cash("converter GEM") == -1_501
    assert desk.named("DeficitRealised") == []


def test_a_fall_of_the_collateral_liquidates_too() -> None:
    # maintenance is 500 at 100: gems must count for that, so they fail at 0 but not at 1 (900)
    desk = collateral_desk()
    desk.bid(desk.id("maker"), 100, 99)
    desk.tick(96)
    assert desk.do(AssetPrice(1, 0)) == -at.BAD_VALUE
    assert desk.named("LiquidationTriggered") == []
    desk.do(AssetPrice(1, 1))  # 900 - 400 = 500 against 480
    assert desk.named("LiquidationTriggered") == []
    desk.tick(95)  # 400 against 475
    assert desk.position("ann")[0] == 0


@pytest.mark.parametrize("maintenance", ["99%", "99.9999%", "100%"])
def test_a_long_below_an_almost_whole_maintenance_margin_is_triggered_whatever_the_unit(maintenance: str) -> None:
    # the notional that would heal it is beyond 64 bits; 1,000 of equity against 49,500 to 50,000 of maintenance fails at any price
    asset = Asset("USD", 12)
    contract = bounded_contract("X", Scale(Decimal("0.0001"), Decimal("0.0001"), asset), 1 << 30)
    ppm = int(Decimal(maintenance.rstrip("%")) * 10_000)
    rules = RuleSet(tiers=(MarginTier(None, 1_000_000, ppm),)).changed("mark.method=index").changed("waterfall=")
    exchange = Exchange([MarketSpec(contract, rules)])
    owner, other = exchange.open_account("owner"), exchange.open_account("other")
    exchange.must(Deposit(owner, 1_000 * 10**12))
    exchange.must(Deposit(other, 900_000 * 10**12))
    exchange.must(IndexTick(0, 500_000_000, 1))
    exchange.must(ImposedFill(owner, 0, 10_000, 500_000_000, other))
    exchange.must(IndexTick(0, 500_000_000, 2))
    exchange.check_nobody_overlooked()
    assert [event.account for event in exchange.read_events() if event.name == "LiquidationTriggered"] == [owner]
