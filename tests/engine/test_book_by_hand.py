"""The book by hand: price before time, no crossed prices, every kind of order, any width of prices."""

from __future__ import annotations

import pytest

from shortfall.kernels import layout as at
from shortfall.model.capacity import Capacity
from shortfall.model.commands import Cancel, CancelAll, Halt, Order
from shortfall.testing.desk import Desk, linear, rules_with

RICH = 10_000_000


def new_desk(*changes: str, max_price: int = 1 << 20, capacity: Capacity | None = None) -> Desk:
    desk = Desk(rules_with(*changes), linear(max_price=max_price), capacity=capacity)
    desk.accounts(ann=RICH, bob=RICH, cat=RICH)
    desk.tick(100)
    return desk


@pytest.fixture
def desk() -> Desk:
    return new_desk()


def fills(desk: Desk) -> list[tuple[int, int, int]]:
    """Return (maker, lots, price) of every fill so far."""
    return [(e.account, e["lots"], e["price_ticks"]) for e in desk.named("OrderFilled")]


def touch_of(desk: Desk) -> tuple[int, int]:
    return desk.exchange.price(0, at.M_BID), desk.exchange.price(0, at.M_ASK)


def test_the_better_price_fills_first_and_then_the_earlier_order(desk: Desk) -> None:
    ann, bob, cat = map(desk.id, ("ann", "bob", "cat"))
    desk.ask(ann, 5, 102)
    desk.ask(bob, 5, 101)
    desk.ask(ann, 5, 101)
    assert desk.bid(cat, 12, 102) == 12
    assert fills(desk) == [(bob, -5, 101), (ann, -5, 101), (ann, -2, 102)]
    assert desk.position("cat") == (12, 10 * 101 + 2 * 102)
    assert touch_of(desk) == (0, 102)


def test_a_sell_sweeps_bids_from_the_highest_down(desk: Desk) -> None:
    ann, bob, cat = map(desk.id, ("ann", "bob", "cat"))
    for price in (97, 99, 98):
        desk.bid(ann if price != 98 else bob, 2, price)
    assert desk.ask(cat, 10, 98) == 4
    assert fills(desk) == [(ann, 2, 99), (bob, 2, 98)]
    assert touch_of(desk) == (97, 98)  # the rest of 6 rests at 98


def test_a_partly_filled_order_keeps_its_place_in_time(desk: Desk) -> None:
    ann, bob, cat = map(desk.id, ("ann", "bob", "cat"))
    desk.ask(ann, 10, 101)
    desk.ask(bob, 10, 101)
    desk.bid(cat, 4, 101)
    desk.bid(cat, 8, 101)
    assert fills(desk) == [(ann, -4, 101), (ann, -6, 101), (bob, -2, 101)]


def test_a_cancelled_order_gives_up_its_place(desk: Desk) -> None:
    ann, bob, cat = map(desk.id, ("ann", "bob", "cat"))
    desk.ask(ann, 1, 101, order=7)
    desk.ask(bob, 1, 101, order=8)
    assert desk.do(Cancel(bob, 7)) == -at.NOT_OWNED
    assert desk.do(Cancel(ann, 7)) == 0
    assert desk.do(Cancel(ann, 7)) == -at.UNKNOWN_ORDER
    desk.ask(ann, 1, 101, order=7)
    desk.bid(cat, 1, 101)
    assert fills(desk) == [(bob, -1, 101)]


def test_an_id_in_use_is_refused(desk: Desk) -> None:
    ann = desk.id("ann")
    assert desk.ask(ann, 1, 101, order=7) == 0
    assert desk.ask(ann, 1, 102, order=7) == -at.DUPLICATE_ID


def test_the_book_is_never_crossed_and_a_resting_limit_is_respected(desk: Desk) -> None:
    ann, bob = desk.id("ann"), desk.id("bob")
    desk.bid(ann, 5, 100)
    assert desk.ask(bob, 5, 101) == 0
    assert touch_of(desk) == (100, 101)
    assert desk.ask(bob, 5, 100) == 5
    assert touch_of(desk) == (0, 101)


def test_immediate_or_cancel_leaves_nothing_behind(desk: Desk) -> None:
    ann, bob = desk.id("ann"), desk.id("bob")
    desk.ask(ann, 5, 101)
    assert desk.do(Order(bob, 0, 9, 101, kind="ioc")) == 5
    assert touch_of(desk) == (0, at.NO_PRICE)


def test_fill_or_kill_fills_all_or_nothing(desk: Desk) -> None:
    ann, bob = desk.id("ann"), desk.id("bob")
    desk.ask(ann, 5, 101)
    desk.ask(ann, 5, 102)
    assert desk.do(Order(bob, 0, 11, 102, kind="fok")) == -at.NOT_FILLABLE
    assert desk.position("bob") == (0, 0)
    assert desk.do(Order(bob, 0, 6, 101, kind="fok")) == -at.NOT_FILLABLE
    assert desk.do(Order(bob, 0, 10, 102, kind="fok")) == 10


def test_fill_or_kill_does_not_count_the_takers_own_orders(desk: Desk) -> None:
    ann, bob = desk.id("ann"), desk.id("bob")
    desk.ask(ann, 5, 101)
    desk.ask(bob, 5, 101)
    assert desk.do(Order(bob, 0, 6, 101, kind="fok")) == -at.NOT_FILLABLE
    assert desk.do(Order(bob, 0, 5, 101, kind="fok")) == 5


def test_fill_or_kill_stays_whole_where_the_takers_own_order_stops_him() -> None:
    desk = new_desk("bands.self_trade=cancel-taker")
    ann, bob = desk.id("ann"), desk.id("bob")
    desk.ask(ann, 2, 101)
    desk.ask(bob, 5, 101)
    desk.ask(ann, 5, 102)
    assert desk.do(Order(bob, 0, 5, 102, kind="fok")) == -at.NOT_FILLABLE
    assert desk.position("bob") == (0, 0)
    assert desk.do(Order(bob, 0, 2, 102, kind="fok")) == 2


def test_a_post_only_order_is_refused_when_it_would_take(desk: Desk) -> None:
    ann, bob = desk.id("ann"), desk.id("bob")
    desk.ask(ann, 5, 101)
    assert desk.do(Order(bob, 0, 5, 101, post_only=True)) == -at.WOULD_TAKE
    assert desk.do(Order(bob, 0, 5, 100, post_only=True)) == 0
    assert touch_of(desk) == (100, 101)


def test_a_reduce_only_order_reduces_and_never_flips(desk: Desk) -> None:
    ann, bob, cat = map(desk.id, ("ann", "bob", "cat"))
    assert desk.do(Order(ann, 0, -5, 100, reduce_only=True)) == -at.NOTHING_TO_REDUCE
    desk.trade(ann, bob, 10, 100)
    desk.bid(cat, 50, 99)
    assert desk.do(Order(ann, 0, 5, 99, reduce_only=True)) == -at.NOTHING_TO_REDUCE
    assert desk.do(Order(ann, 0, -50, 99, reduce_only=True)) == 10
    assert desk.position("ann")[0] == 0


def test_a_resting_reduce_only_order_shrinks_with_its_position(desk: Desk) -> None:
    ann, bob, cat = map(desk.id, ("ann", "bob", "cat"))
    desk.trade(ann, bob, 10, 100)
    desk.do(Order(ann, 0, -10, 105, reduce_only=True, order=1))
    desk.trade(bob, ann, 7, 100)  # three are left to reduce
    assert desk.bid(cat, 10, 105) == 3
    assert desk.position("ann")[0] == 0
    assert desk.last("OrderCancelled")["lots"] == 7


def test_own_resting_orders_are_cancelled_instead_of_traded(desk: Desk) -> None:
    ann, bob = desk.id("ann"), desk.id("bob")
    desk.ask(ann, 5, 101)
    desk.ask(bob, 5, 102)
    assert desk.bid(ann, 5, 102) == 5
    assert fills(desk) == [(bob, -5, 102)]
    assert desk.last("OrderCancelled")["by_match"] == 1


def test_the_taker_stops_at_his_own_order_where_the_rule_says_so() -> None:
    desk = new_desk("bands.self_trade=cancel-taker")
    ann, bob = desk.id("ann"), desk.id("bob")
    desk.ask(bob, 2, 101)
    desk.ask(ann, 5, 102)
    desk.ask(bob, 5, 103)
    assert desk.bid(ann, 9, 103) == 2
    assert touch_of(desk) == (0, 102)  # what was left of the taker does not rest across his own order


def test_the_last_price_is_that_of_the_last_fill_even_if_an_own_order_stops_the_taker() -> None:
    desk = new_desk("bands.self_trade=cancel-taker")
    ann, bob = desk.id("ann"), desk.id("bob")
    desk.trade(ann, bob, 1, 100)
    desk.ask(bob, 2, 101)
    desk.ask(ann, 5, 101)
    assert desk.bid(ann, 9, 101) == 2
    assert desk.exchange.price(0, at.M_LAST) == 101


def test_a_market_order_takes_what_there_is_and_leaves_nothing(desk: Desk) -> None:
    ann, bob = desk.id("ann"), desk.id("bob")
    desk.ask(ann, 5, 101)
    desk.ask(ann, 5, 5_000)
    assert desk.do(Order(bob, 0, 20)) == 10
    assert desk.position("bob") == (10, 5 * 101 + 5 * 5_000)


def test_a_band_bounds_the_aggressive_side_of_each_order_class() -> None:
    desk = new_desk("bands.user=5%", "bands.maker=10%")
    maker = desk.account("maker", RICH, at.MAKER)
    ann = desk.id("ann")
    assert desk.bid(ann, 1, 106) == -at.OUTSIDE_BAND
    assert desk.bid(ann, 1, 105) == 0
    assert desk.bid(ann, 1, 3) == 0
    assert desk.ask(maker, 1, 89) == -at.OUTSIDE_BAND
    assert desk.ask(maker, 1, 110) == 0
    assert desk.do(Order(desk.id("bob"), 0, 5)) == 0  # a market buy ends at the band's edge, 105


def test_far_pages_are_found_in_both_directions() -> None:
    # prices lie in pages of 1,024 under a directory of 2**19: neighbours on the ladder are far apart
    desk = new_desk(max_price=1 << 29)
    ann, cat = desk.id("ann"), desk.id("cat")
    desk.give("ann", 1 << 40)
    prices = [(1 << 28) + 5, 1_023, 1_024, 70_000, 40_000_000]
    for price in prices:
        desk.ask(ann, 1, price)
    bids = [900, 31, 32, 1]
    for price in bids:
        desk.bid(ann, 1, price)
    seen = []
    for _ in bids:
        desk.do(Order(cat, 0, -1))
        seen.append(desk.exchange.price(0, at.M_LAST))
    assert seen == [900, 32, 31, 1]
    assert touch_of(desk) == (0, 1_023)
    assert desk.do(CancelAll(ann)) == len(prices)
    assert touch_of(desk) == (0, at.NO_PRICE)


def test_asks_in_far_pages_come_in_order_of_price() -> None:
    desk = new_desk(max_price=1 << 29)
    ann = desk.id("ann")
    desk.give("ann", 1 << 50)
    prices = [(1 << 28) + 5, 1_023, 1_024, 70_000, 40_000_000]
    for k, price in enumerate(prices):
        desk.ask(ann, 1, price, order=k + 1)
    seen = []
    for _ in prices:
        best = touch_of(desk)[1]
        seen.append(best)
        assert desk.do(Cancel(ann, prices.index(best) + 1)) == 0
    assert seen == sorted(prices)


def test_pages_are_given_back_when_their_last_order_goes() -> None:
    desk = new_desk(max_price=1 << 29, capacity=Capacity(pages=2))
    ann = desk.id("ann")
    for k in range(40):  # forty far pages one after the other, in a state with room for two
        assert desk.ask(ann, 1, 1_000 + 5_000 * k) == 0
        assert desk.do(CancelAll(ann)) == 1


def test_a_position_at_the_limit_can_still_be_closed() -> None:
    desk = new_desk()
    ann, bob = desk.id("ann"), desk.id("bob")
    limit = desk.exchange.specs[0].contract.max_position_lots
    desk.give("ann", 1 << 50)
    desk.give("bob", 1 << 50)
    desk.trade(ann, bob, limit, 100)
    assert desk.bid(ann, 1, 100) == -at.OVER_POSITION_LIMIT
    desk.bid(bob, limit, 100)
    assert desk.ask(ann, limit, 100) == limit
    assert desk.position("ann")[0] == 0


def test_orders_of_one_side_together_stay_within_the_position_limit() -> None:
    desk = new_desk()
    desk.give("ann", 1 << 50)
    limit = desk.exchange.specs[0].contract.max_position_lots
    ann = desk.id("ann")
    assert desk.bid(ann, limit - 5, 99) == 0
    assert desk.bid(ann, 6, 99) == -at.OVER_POSITION_LIMIT
    assert desk.bid(ann, 5, 99) == 0


def test_values_outside_their_bounds_are_refused(desk: Desk) -> None:
    ann = desk.id("ann")
    for lots, price in ((0, 100), (1, 0), (1, -5), (1, 1 << 20), ((1 << 36) + 1, 100)):
        assert desk.do(Order(ann, 0, lots, price)) == -at.BAD_VALUE
    assert desk.do(Order(99, 0, 1, 100)) == -at.BAD_ACCOUNT
    assert desk.do(Order(ann, 3, 1, 100)) == -at.BAD_MARKET


def test_no_order_is_taken_before_there_is_a_mark() -> None:
    desk = Desk()
    (ann,) = desk.accounts(ann=1_000)
    assert desk.bid(ann, 1, 100) == -at.NO_MARK


def test_a_halted_market_takes_no_orders_and_reduce_only_takes_only_those(desk: Desk) -> None:
    ann, bob, cat = map(desk.id, ("ann", "bob", "cat"))
    desk.trade(ann, bob, 10, 100)
    desk.bid(cat, 10, 99)
    desk.do(Halt(0, at.HALT_ALL))
    assert desk.bid(ann, 1, 100) == -at.HALTED
    assert desk.do(Order(ann, 0, -1, 99, reduce_only=True)) == -at.HALTED
    desk.do(Halt(0, at.HALT_REDUCE_ONLY))
    assert desk.ask(ann, 1, 99) == -at.HALTED
    assert desk.do(Order(ann, 0, -1, 99, reduce_only=True)) == 1
    desk.do(Halt(0, at.HALT_NONE))
    assert desk.ask(ann, 1, 99) == 1
