"""Two levels of liquidation, judged prices, and shares and floors of unrealised profit, by hand."""

from __future__ import annotations

from shortfall.engine.exchange import MarketSpec
from shortfall.kernels import layout as at
from shortfall.model.commands import Withdraw
from shortfall.testing.cards.situations import RICH, ann_long
from shortfall.testing.desk import Desk, linear, rules_with

TWO_LEVELS = (
    "trigger.takeover_below=66.6667%",
    "waterfall=backstop,adl",
    "close.style=market",
    "unwinding.method=hold",
)


# -- two levels -----------------------------------------------------------------------------------------------------------------


def test_above_the_second_level_what_the_book_does_not_take_waits() -> None:
    # at 94: 400 of equity against 470; two thirds are 314
    desk = ann_long(rules_with(*TWO_LEVELS), bids=((10, 94),), backstop=10_000, fund=None)
    desk.tick(94)
    assert desk.position("ann") == (90, 9_000)  # 400 against 423 after ten lots at mark
    assert not desk.named("PositionTakenOver")
    assert not desk.named("AdlStarted")
    desk.bid(desk.id("maker"), 10, 94)
    desk.wait()
    assert desk.position("ann")[0] == 80  # 400 against 376
    assert len(desk.named("LiquidationEnded")) == 1


def test_below_the_second_level_everything_goes_to_the_backstop_without_the_book() -> None:
    # at 93: 300 against 465; ceil(465 x 66.6667 %) = 311
    desk = ann_long(rules_with(*TWO_LEVELS), bids=((100, 93),), backstop=10_000, fund=None)
    desk.tick(93)
    taken = desk.last("PositionTakenOver")
    assert (taken["lots"], taken["takeover_price_ticks"]) == (100, 90)
    assert desk.position("backstop") == (100, 9_000)
    assert desk.position("ann") == (0, 0)
    assert desk.cash("ann") == 0  # 300 of equity went with the position
    assert desk.position("maker") == (0, 0)
    assert desk.equity("backstop") == 10_300


def test_at_the_second_level_the_book_is_still_asked() -> None:
    # 10 x 1,000 with 1,000: at 940 400 against 470. 400 / 470 = 85.1064 %: ceil(470 x 85.1063 %) = 400 is not above 400
    for level, book in (("85.1063%", True), ("85.1065%", False)):
        desk = Desk(rules_with(*TWO_LEVELS[1:], f"trigger.takeover_below={level}"), backstop="backstop", fund=None)
        desk.accounts(ann=1_000, bob=RICH)
        desk.give("backstop", 10_000)
        desk.tick(1_000)
        desk.trade(desk.id("ann"), desk.id("bob"), 10, 1_000)
        desk.bid(desk.id("bob"), 10, 940)
        desk.tick(940)
        assert bool(desk.named("PositionTakenOver")) is not book


def test_a_backstop_without_room_leaves_it_to_deleveraging() -> None:
    desk = ann_long(rules_with(*TWO_LEVELS, "takeover.backstop_capacity=1ppm"), backstop=10_000, fund=None)
    desk.tick(93)
    assert desk.last("PositionDeleveraged")["adl_price_ticks"] == 90
    assert desk.position("bob") == (0, 0)


# -- judged at another price --------------------------------------------------------------------------------------------------


def test_a_trade_judges_nobody_before_the_mark_is_made_again() -> None:
    desk = ann_long(rules_with("trigger.price=last", "waterfall=", "engine.delay=1h"))
    desk.trade(desk.id("maker"), desk.id("bob"), 1, 94)
    assert not desk.named("LiquidationTriggered")
    desk.wait()
    assert desk.named("LiquidationTriggered")
    desk.exchange.check_nobody_overlooked()


def test_a_deficit_is_stated_at_mark_whatever_price_triggered() -> None:
    # last 94 triggers; at mark 96 equity is 600, so the bankruptcy price is 90
    desk = ann_long(rules_with("trigger.price=last", "waterfall=", "close.style=bankruptcy"), bids=((101, 94),))
    desk.ask(desk.id("bob"), 1, 94)
    desk.tick(96)
    clip = desk.last("ClipClosed")
    assert (clip["bankruptcy_price_ticks"], clip["lots"]) == (90, 100)


def test_a_cross_account_is_seen_through_a_market_that_judges_by_both() -> None:
    # long 10 at 1,000 in each of two markets with 2,000; 500 + 500. The second judges at the better of mark and last.
    first, second = rules_with("engine.delay=1h"), rules_with("engine.delay=1h", "trigger.price=both")
    desk = Desk(first, more=(MarketSpec(linear("TWO"), second),))
    desk.accounts(ann=2_000, bob=RICH)
    for market in (0, 1):
        desk.tick(1_000, market)
        desk.trade(desk.id("ann"), desk.id("bob"), 10, 1_000, market)
    desk.tick(900, 1)  # last is 1,000: 1,000 of loss at mark does not count, 2,000 against 1,000
    desk.tick(960)  # 2,000 - 400 against 480 + 500
    assert not desk.named("LiquidationTriggered")
    desk.tick(890)  # 2,000 - 1,100 = 900 against 445 + 500
    assert len(desk.named("LiquidationTriggered")) == 1
    desk.exchange.check_nobody_overlooked()


# -- unrealised profit -----------------------------------------------------------------------------------------------------------


def test_a_share_of_profit_rounds_down_and_a_loss_counts_whole() -> None:
    desk = Desk(rules_with("profit.liquidation=haircut", "profit.share=33.3333%", "engine.delay=1h"))
    desk.accounts(ann=1_000, bob=RICH)
    desk.tick(100)
    desk.trade(desk.id("ann"), desk.id("bob"), 10, 100)
    desk.tick(110)
    assert desk.exchange.health(desk.id("ann"))[:2] == (1_100, 1_033)
    desk.tick(90)
    assert desk.exchange.health(desk.id("ann"))[:2] == (900, 900)


def test_a_floor_keeps_a_share_of_total_notional_in_the_account() -> None:
    # 10 % initial margin is less than the floor of 25 %: 100 x 120 x 25 % = 3,000 of 5,000 stay
    desk = Desk(rules_with("profit.withdrawal=counts", "profit.floor=25%"))
    desk.accounts(ann=3_000, bob=RICH)
    ann = desk.id("ann")
    desk.tick(100)
    desk.trade(ann, desk.id("bob"), 100, 100)
    desk.tick(120)
    assert desk.do(Withdraw(ann, 2_001)) == -at.NO_BALANCE
    assert desk.do(Withdraw(ann, 2_000)) == 0


def test_initial_margin_stays_where_it_is_more_than_the_floor() -> None:
    desk = Desk(rules_with("profit.withdrawal=counts", "profit.floor=5%"))
    desk.accounts(ann=3_000, bob=RICH)
    ann = desk.id("ann")
    desk.tick(100)
    desk.trade(ann, desk.id("bob"), 100, 100)
    assert desk.do(Withdraw(ann, 2_001)) == -at.NO_BALANCE
    assert desk.do(Withdraw(ann, 2_000)) == 0
