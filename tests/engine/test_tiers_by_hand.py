"""Shapes of margin tiers by hand: jumps at a bracket's top, value at entry, closing fee, growth, open interest; nobody is overlooked."""

from __future__ import annotations

from decimal import Decimal

import pytest

from shortfall.engine.bulk import trigger_prices
from shortfall.engine.exchange import MarketSpec
from shortfall.errors import RuleError
from shortfall.kernels import layout as at
from shortfall.rules.ruleset import MarginTier
from shortfall.rules.soundness import check_rules, refuse_if_wrong
from shortfall.testing.desk import Desk, flat_tier, inverse, linear, rules_with

RICH = 10_000_000
STEPS = (
    MarginTier(Decimal(10_000), 100_000, 50_000),
    MarginTier(Decimal(12_000), 200_000, 100_000),
    MarginTier(None, 400_000, 200_000),
)
WAITING = ("engine.delay=1h", "unwinding.method=hold")


def entered(*changes: str, cash: int, lots: int, tiers: tuple[MarginTier, ...] | None = None) -> Desk:
    """Return a desk where ann holds lots at 1,000 against bob."""
    desk = Desk(rules_with(*WAITING, *changes, tiers=tiers))
    desk.accounts(ann=cash, bob=RICH)
    desk.tick(1_000)
    ann, bob = desk.id("ann"), desk.id("bob")
    if lots > 0:
        desk.trade(ann, bob, lots, 1_000)
    else:
        desk.trade(bob, ann, -lots, 1_000)
    return desk


def need(desk: Desk) -> int:
    return desk.exchange.health(desk.id("ann"))[2]


def fails_first_at(desk: Desk, prices: range) -> int:
    """Tick through prices; return the first at which ann is triggered, nobody overlooked on the way."""
    for price in prices:
        desk.tick(price)
        desk.exchange.check_nobody_overlooked()
        if desk.named("LiquidationTriggered"):
            return price
    message = "ann is never triggered"
    raise AssertionError(message)


# -- whole position -----------------------------------------------------------------------------------------------------------


def test_a_rate_on_the_whole_position_jumps_at_the_top_of_a_bracket() -> None:
    desk = entered("margin.tiers=whole-position", cash=RICH, lots=-10, tiers=STEPS)
    assert need(desk) == 500
    desk.tick(1_001)
    assert need(desk) == 1_001  # 10,010 x 10 %
    desk.tick(1_200)
    assert need(desk) == 1_200
    desk.tick(1_201)
    assert need(desk) == 2_402  # 12,010 x 20 %


def test_a_short_fails_where_its_requirement_jumps_though_it_would_hold_within_either_bracket_s_rate() -> None:
    # cash 1,800 + 10,000 - 10 p against: 5 % of 10 p up to 1,000; 10 % up to 1,200 (fails over 1,072.7)
    desk = entered("margin.tiers=whole-position", cash=1_800, lots=-10, tiers=STEPS)
    assert fails_first_at(desk, range(1_001, 1_100)) == 1_073
    # cash 1,000: at 1,000 equity 1,000 against 500; at 1,001 it is 990 against 1,001: the jump alone
    steps = (MarginTier(Decimal(10_000), 100_000, 50_000), MarginTier(None, 100_000, 100_000))
    desk = entered("margin.tiers=whole-position", cash=1_000, lots=-10, tiers=steps)
    assert list(trigger_prices(desk.exchange, desk.id("ann"), 1)) == [1_000]
    assert fails_first_at(desk, range(1_000, 1_010)) == 1_001


def test_a_long_that_falls_into_a_lower_bracket_is_safe_again_and_fails_at_the_lower_rate() -> None:
    # 11 lots at 1,000 with 2,200: at 910 2,200 - 990 = 1,210 against 1,001; at 909 notional 9,999 needs 500
    # it fails where 11 p - 8,800 < 0.55 p: p < 842.1
    desk = entered("margin.tiers=whole-position", cash=2_200, lots=11, tiers=STEPS)
    assert fails_first_at(desk, range(999, 800, -1)) == 842


def test_a_cross_account_is_seen_when_one_position_s_requirement_jumps() -> None:
    # 10 lots short in each of two markets; 2,100 of equity against 500 + 500. At 1,001 in the second: 2,090 against 500 + 1,001.
    # At 1,050: 1,600 against 500 + 1,050 holds, at 1,055: 1,550 against 1,555 fails
    steps = (MarginTier(Decimal(10_000), 100_000, 50_000), MarginTier(None, 100_000, 100_000))
    rules = rules_with(*WAITING, "margin.tiers=whole-position", tiers=steps)
    desk = Desk(rules, more=(MarketSpec(linear("TWO"), rules),))
    desk.accounts(ann=2_100, bob=RICH)
    for market in (0, 1):
        desk.tick(1_000, market)
        desk.trade(desk.id("bob"), desk.id("ann"), 10, 1_000, market)
    for price in range(1_001, 1_054):
        desk.tick(price, 1)
        desk.exchange.check_nobody_overlooked()
    assert not desk.named("LiquidationTriggered")
    desk.tick(1_055, 1)
    assert len(desk.named("LiquidationTriggered")) == 1


# -- value at entry -------------------------------------------------------------------------------------------------------------


def test_a_requirement_at_entry_value_does_not_move() -> None:
    desk = entered("margin.basis=entry", cash=1_000, lots=10)
    assert need(desk) == 500
    desk.tick(960)
    assert need(desk) == 500
    assert fails_first_at(desk, range(959, 900, -1)) == 949  # 1,000 - (1,000 - 500) / 10 = 950 is the last that holds


def test_a_short_at_entry_value_fails_above_its_own_line() -> None:
    desk = entered("margin.basis=entry", cash=1_000, lots=-10)
    assert fails_first_at(desk, range(1_001, 1_100)) == 1_051


def test_an_inverse_position_s_value_at_entry() -> None:
    # 2 lots of 1,000,000 / 1,000 = 2,000 at entry: 100 of maintenance; worth 2,000,000 / p. 300 + 2,000 - 2,000,000 / p < 100
    # where 2,000,000 / p, rounded down, is above 2,200: from 908 down (at 909 it is 2,200)
    desk = Desk(rules_with(*WAITING, "margin.basis=entry"), inverse())
    desk.accounts(ann=300, bob=RICH)
    desk.tick(1_000)
    desk.trade(desk.id("ann"), desk.id("bob"), 2, 1_000)
    assert need(desk) == 100
    assert fails_first_at(desk, range(999, 800, -1)) == 908


def test_what_stays_after_a_healing_close_at_entry_value() -> None:
    # at 949: 490 against 500. x = ceil(10 x 10 / 500) = 1 lot sold at 949: 490 against 450
    desk = Desk(rules_with("margin.basis=entry", "amount.method=heal", "close.style=market"))
    desk.accounts(ann=1_000, bob=RICH)
    desk.tick(1_000)
    desk.trade(desk.id("ann"), desk.id("bob"), 10, 1_000)
    desk.bid(desk.id("bob"), 10, 949)
    desk.tick(949)
    assert desk.position("ann") == (9, 9_000)
    assert desk.exchange.health(desk.id("ann")) == (490, 490, 450)


# -- what is added to a rate ----------------------------------------------------------------------------------------------------


def test_a_closing_fee_is_held_in_reserve_by_both_margins() -> None:
    # 10,000 x (5 % + 0.06 %) = 506
    desk = entered("margin.closing_fee=0.06%", cash=1_006, lots=10)
    assert need(desk) == 506
    # 10 p - 8,994 < 0.506 p at p < 947.3
    assert fails_first_at(desk, range(999, 900, -1)) == 947


def test_an_order_needs_the_closing_fee_too() -> None:
    desk = Desk(rules_with("margin.closing_fee=0.06%"))
    desk.accounts(ann=1_005)
    desk.tick(1_000)
    assert desk.bid(desk.id("ann"), 10, 1_000) == -at.NO_MARGIN  # 10,000 x 10.06 % = 1,006
    desk.give("ann", 1)
    assert desk.bid(desk.id("ann"), 10, 1_000) == 0


def test_rates_grow_with_size() -> None:
    # 0.5 % for every 5 lots: 20 lots add 2 %, 15 lots 1.5 %
    desk = entered("margin.growth=0.5%", "margin.growth_lots=5", cash=RICH, lots=20)
    assert need(desk) == 1_400  # 20,000 x 7 %
    desk.trade(desk.id("bob"), desk.id("ann"), 5, 1_000)
    assert need(desk) == 975  # 15,000 x 6.5 %


def test_growth_ends_at_the_whole_value_and_nobody_is_overlooked() -> None:
    desk = entered("margin.growth=10%", cash=20_000, lots=20)
    assert need(desk) == 20_000  # 5 % + 20 x 10 % is more than all
    desk.tick(999)
    desk.exchange.check_nobody_overlooked()
    assert not desk.named("LiquidationTriggered")  # 19,980 of equity against 19,980
    desk.tick(1_001)
    assert not desk.named("LiquidationTriggered")


def test_the_initial_rate_rises_with_open_interest_and_maintenance_does_not() -> None:
    # 10,000 of interest, halfway from 5,000 to 15,000: 10 % + 90 % / 2 = 55 %
    desk = entered("margin.interest_low=5000", "margin.interest_high=15000", cash=1_100, lots=10)
    assert need(desk) == 500
    desk.accounts(eve=549)
    assert desk.bid(desk.id("eve"), 1, 1_000) == -at.NO_MARGIN
    desk.give("eve", 1)
    assert desk.bid(desk.id("eve"), 1, 1_000) == 0
    desk.tick(1_500)  # 15,000: nothing without its whole value
    desk.accounts(sue=1_499)
    assert desk.bid(desk.id("sue"), 1, 1_500) == -at.NO_MARGIN


# -- how many tiers a clip drops ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("tiers", "left"), [(2, 10), (3, 5), (4, 0)])
def test_a_clip_drops_as_many_tiers_as_the_rule_says(tiers: int, left: int) -> None:
    # 100 lots from 100 with 650: at 96 250 of equity against 4.5 % of 9,600 = 432. Tops 485, 970, 9,000: it is in the fourth tier;
    # two below 970 / 96 = 10 lots stay, three below 485 / 96 = 5 lots
    ladder = (
        MarginTier(Decimal(485), 10_000, 5_000),
        MarginTier(Decimal(970), 20_000, 10_000),
        MarginTier(Decimal(9_000), 30_000, 20_000),
        MarginTier(None, 50_000, 45_000),
    )
    desk = Desk(
        rules_with(
            "amount.method=tier", f"amount.tiers={tiers}", "close.style=market", "waterfall=", "margin.tiers=whole-position", tiers=ladder
        )
    )  # fmt: skip
    desk.accounts(ann=650, bob=RICH)
    desk.tick(100)
    desk.trade(desk.id("ann"), desk.id("bob"), 100, 100)
    desk.bid(desk.id("bob"), 100, 96)
    desk.tick(96)
    assert desk.position("ann")[0] == left


# -- the rule set as a whole ----------------------------------------------------------------------------------------------------


def messages(*changes: str, tiers: tuple[MarginTier, ...] | None = None) -> list[str]:
    return [
        f"{finding.path}: {finding.message}" for finding in check_rules(rules_with(*changes, tiers=tiers)).as_tuple()
    ]


def test_amounts_that_make_a_marginal_requirement_jump_are_refused() -> None:
    def ladder(amount: str) -> tuple[MarginTier, ...]:
        return (
            MarginTier(Decimal(5_000), 100_000, 50_000),
            MarginTier(None, 200_000, 100_000, Decimal(amount)),
        )

    assert messages(tiers=ladder("250")) == []
    assert messages(tiers=ladder("250.9")) == []  # venues print whole units
    assert "within 1" in messages(tiers=ladder("248.9"))[0]
    assert "whole position, was 250" in messages("margin.tiers=whole-position", tiers=ladder("250"))[0]


def test_layers_and_levels_that_nobody_reaches_are_told() -> None:
    found = messages(
        "waterfall=backstop,fund", "takeover.backstop=no", "takeover.fund=no", "trigger.takeover_below=50%"
    )
    assert any("a backstop pays no cash" in line for line in found), found
    assert any("below the second level" in line for line in found), found
    assert messages("waterfall=backstop,fund", "takeover.fund=no", "trigger.takeover_below=50%") == []
    assert messages("waterfall=fund,adl", "takeover.fund=no", "trigger.takeover_below=50%") == []


def test_thresholds_of_the_index_stand_in_order() -> None:
    found = messages("index.exclude=2%", "index.readmit=3%", "index.clamp=2%")
    assert [line.partition(":")[0] for line in found] == ["rules.index.readmit", "rules.index.clamp"]
    assert messages("index.exclude=2%", "index.readmit=2%", "index.clamp=1%") == []
    assert messages("index.readmit=3%", "index.clamp=2%") == []


def test_everything_wrong_with_tiers_is_told_at_once() -> None:
    tiers = (MarginTier(Decimal(5_000), 300_000, 50_000), MarginTier(Decimal(4_000), 200_000, 300_000))
    found = messages("margin.interest_low=10", "margin.interest_high=10", tiers=tiers)
    for word in ("not above initial", "initial rates that do not fall", "tops that rise", "less than interest_high"):
        assert any(word in line for line in found), (word, found)
    with pytest.raises(RuleError):
        refuse_if_wrong(rules_with("margin.interest_low=10", "margin.interest_high=10", tiers=flat_tier()))
