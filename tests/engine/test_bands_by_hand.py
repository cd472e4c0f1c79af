"""What a band holds back, slices of a clip, and the same share of every position, by hand."""

from __future__ import annotations

from shortfall.kernels import layout as at
from shortfall.model.commands import MarkTick
from shortfall.testing.cards.situations import RICH, ann_long
from shortfall.testing.desk import Desk, rules_with

HELD = (
    "bands.liquidation=2%",
    "close.style=market",
    "waterfall=fund,adl",
    "takeover.fund_capacity=0",
    "unwinding.method=hold",
)


def test_a_retry_sells_when_the_book_comes_back_into_the_band() -> None:
    # at 94 the band ends at 94 - floor(1.88) = 93
    desk = ann_long(rules_with(*HELD, "bands.binding=retry", "engine.pause=10s"), bids=((100, 92),), fund=RICH)
    desk.tick(94)
    assert desk.position("ann")[0] == 100
    desk.bid(desk.id("maker"), 100, 93)
    desk.wait(5_000_000)
    assert desk.position("ann")[0] == 100  # the pause is not over
    desk.wait(5_000_000)
    assert desk.position("ann") == (0, 0)
    assert desk.position("fund") == (0, 0)
    assert desk.named("ClipClosed")[-1]["lots"] == 100


def test_a_limit_at_bankruptcy_inside_the_band_is_not_held_by_it() -> None:
    # bankrupt at 90, band of 20 % to 76: what the book leaves above 90 is taken over
    rules = rules_with(*HELD, "bands.binding=retry", "bands.liquidation=20%", "close.style=bankruptcy")
    desk = ann_long(rules, bids=((100, 89),), fund=RICH)
    desk.tick(94)
    assert desk.last("PositionTakenOver")["takeover_price_ticks"] == 90


def test_what_rests_is_cancelled_when_the_account_recovers() -> None:
    desk = ann_long(rules_with(*HELD, "bands.binding=rest", "engine.pause=1s"), fund=RICH)
    desk.tick(94)
    assert desk.exchange.price(0, at.M_ASK) == 93
    desk.tick(100)
    assert desk.exchange.price(0, at.M_ASK) == at.NO_PRICE
    assert desk.position("ann")[0] == 100
    assert desk.named("LiquidationWithdrawn")


def test_what_rests_moves_with_the_band_and_fills_at_its_edge() -> None:
    desk = ann_long(rules_with(*HELD, "bands.binding=rest", "engine.pause=1s"), fund=RICH)
    desk.tick(94)
    desk.bid(desk.id("bob"), 30, 93)
    assert desk.position("ann") == (70, 7_000)
    assert desk.cash("ann") == 1_000 - 30 * 7
    desk.tick(93)  # 790 - 490 = 300 against 326: the rest goes to 93 - floor(1.86) = 92
    assert desk.exchange.price(0, at.M_ASK) == 92
    desk.bid(desk.id("bob"), 70, 92)
    assert desk.position("ann") == (0, 0)
    desk.tick(92)
    assert desk.cash("ann") == 790 - 70 * 8


def test_a_debt_from_resting_fills_is_asked_of_the_layers_at_the_next_look() -> None:
    desk = ann_long(rules_with(*HELD, "bands.binding=rest", "bands.liquidation=10%", "engine.pause=1s"), fund=RICH)
    desk.tick(92)  # the edge is 92 - 9 = 83, far below bankruptcy at 90
    desk.bid(desk.id("bob"), 100, 83)
    assert desk.cash("ann") == -700
    desk.wait()
    assert desk.cash("ann") == 0
    assert desk.last("FundPaid")["amount_quote"] == 700


def test_bands_around_the_index_bound_liquidations_too() -> None:
    rules = rules_with(*HELD, "bands.binding=retry", "bands.reference=index", "mark.method=imposed")
    desk = Desk(rules)
    desk.accounts(ann=1_000, bob=RICH)
    desk.tick(100)
    desk.now_us += 1
    desk.do(MarkTick(0, 100, desk.now_us))
    desk.trade(desk.id("ann"), desk.id("bob"), 100, 100)
    desk.bid(desk.id("bob"), 100, 94)
    desk.now_us += 1
    desk.do(MarkTick(0, 94, desk.now_us))  # 2 % around the index of 100: not below 98
    assert desk.position("ann")[0] == 100


def test_a_clip_is_sliced_by_notional_with_a_pause_after_each() -> None:
    # 94 x 20 = 1,880: slices of 20 lots of at most 1,900; each at mark, so 400 stays: healthy at 85 lots (399.5)
    rules = rules_with("amount.clip_notional=1900", "close.style=market", "waterfall=", "engine.pause=10s")
    desk = ann_long(rules, bids=((100, 94),), fund=None)
    desk.tick(94)
    assert desk.position("ann")[0] == 80
    rules = rules_with("amount.clip_notional=900", "close.style=market", "waterfall=", "engine.pause=10s")
    desk = ann_long(rules, bids=((100, 94),), fund=None)
    desk.tick(94)
    assert desk.position("ann")[0] == 91
    desk.wait(5_000_000)
    assert desk.position("ann")[0] == 91
    desk.wait(5_000_000)
    assert desk.position("ann")[0] == 82  # 400 against 385.4


def test_a_slice_is_never_less_than_a_lot() -> None:
    rules = rules_with("amount.clip_notional=50", "close.style=market", "waterfall=")
    desk = ann_long(rules, bids=((100, 94),), fund=None)
    desk.tick(94)
    assert desk.position("ann")[0] == 99
