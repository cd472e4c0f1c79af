"""Sources that are left out and come back, oracles with an interval, marks held back or without an index, by hand."""

from __future__ import annotations

from shortfall.kernels import layout as at
from shortfall.model.commands import OutsidePrice, UseRules
from shortfall.testing.desk import Desk, flat_tier, rules_with

RICH = 10_000_000
SECOND = 1_000_000
THIRD = (333_333, 333_333, 333_334)


def sources(*changes: str, weights: tuple[int, ...] = THIRD) -> Desk:
    desk = Desk(rules_with(*changes), sources=weights)
    desk.accounts(ann=RICH, bob=RICH)
    for k in range(len(weights)):
        desk.tick(1_000, source=k)
    return desk


def index_of(desk: Desk) -> int:
    return desk.exchange.price(0, at.M_INDEX)


# -- exclusion ------------------------------------------------------------------------------------------------------------------


def test_a_source_beyond_the_tolerance_is_left_out_and_one_at_it_counts() -> None:
    desk = sources("index.exclude=25%")
    desk.tick(750, source=2)
    assert index_of(desk) == 916  # (1,000 + 1,000 + 750) / 3 = 916.7
    assert not desk.named("SourceExcluded")
    desk.tick(749, source=2)
    assert index_of(desk) == 1_000
    out = desk.last("SourceExcluded")
    assert (out.reference, out["price_ticks"], out["median_ticks"], out["live_sources"]) == (2, 749, 1_000, 3)


def test_a_source_comes_back_after_it_stayed_near_for_the_stated_time() -> None:
    desk = sources("index.exclude=25%", "index.readmit=2%", "index.readmit_after=900s")
    desk.tick(500, source=2)
    desk.tick(900, source=2)  # within 25 %, not within 2 %
    assert index_of(desk) == 1_000
    desk.tick(985, source=2)  # near: the clock starts
    desk.tick(985, source=2, after_us=899 * SECOND)
    assert index_of(desk) == 1_000
    desk.tick(979, source=2)  # farther again: it starts anew
    desk.tick(985, source=2)
    desk.tick(985, source=2, after_us=899 * SECOND)
    assert index_of(desk) == 1_000
    desk.tick(985, source=2, after_us=1 * SECOND)
    assert index_of(desk) == 994  # (1,000 x 666,666 + 985 x 333,334) / 10**6
    assert [event.reference for event in desk.named("SourceReadmitted")] == [2]


def test_two_sources_cannot_tell_which_of_them_is_wrong() -> None:
    desk = sources("index.exclude=25%", weights=(500_000, 500_000))
    desk.tick(400, source=1)
    assert index_of(desk) == 700


def test_too_few_sources_left_in_make_no_new_index() -> None:
    desk = sources("index.exclude=10%", "index.min_sources=3")
    desk.tick(800, source=2)
    desk.tick(1_010, source=0)
    assert index_of(desk) == 1_000
    desk.tick(1_000, source=2)
    assert index_of(desk) == 1_003


def test_other_rules_begin_with_every_source() -> None:
    desk = sources("index.exclude=25%", "index.readmit_after=1h")
    desk.tick(500, source=2)
    desk.tick(1_000, source=2)
    assert index_of(desk) == 1_000
    desk.exchange.change_rules(0, rules_with("index.exclude=60%"), 1)
    desk.now_us += SECOND
    desk.tick(500, source=2)
    assert index_of(desk) == 833


def test_a_median_of_an_even_number_is_taken_among_those_left_in() -> None:
    desk = sources("index.method=median", "index.exclude=20%", weights=(250_000,) * 4)
    for k, price in enumerate((1_000, 1_010, 1_040, 3_000)):
        desk.tick(price, source=k)
    assert index_of(desk) == 1_010


def test_half_of_the_weight_decides_a_weighted_median() -> None:
    desk = sources("index.method=weighted-median", weights=(300_000, 200_000, 200_000, 100_000))
    for k, price in enumerate((1_000, 1_004, 1_010, 1_020)):
        desk.tick(price, source=k)
    assert index_of(desk) == 1_004  # 3 of 8, then 5 of 8
    desk.tick(990, source=3)
    assert index_of(desk) == 1_002  # 1, 4 of 8 at 1,000: the mean with 1,004


# -- jumps, intervals ---------------------------------------------------------------------------------------------------------------


def test_a_lone_source_may_not_jump_and_two_may_jump_half_as_far() -> None:
    desk = sources("index.jump=10%", weights=(1_000_000,))
    desk.tick(1_101)
    assert index_of(desk) == 1_000
    desk.tick(1_100)
    assert index_of(desk) == 1_100
    desk = sources("index.jump=10%", weights=(500_000, 500_000))
    desk.tick(1_103)
    assert index_of(desk) == 1_000  # 1,051 is beyond 5 %
    desk.tick(1_100)
    assert index_of(desk) == 1_050
    desk = sources("index.jump=10%")
    desk.tick(2_000)
    assert index_of(desk) == 1_333  # three sources have a median


def test_an_oracle_publishes_once_an_interval_and_a_clock_brings_what_waited() -> None:
    desk = Desk(rules_with("index.interval=3s"))
    desk.accounts(ann=RICH)
    desk.tick(1_000)
    desk.tick(1_010)
    desk.tick(1_020)
    assert index_of(desk) == 1_000
    desk.wait(SECOND)  # three seconds after the first
    assert index_of(desk) == 1_020
    desk.tick(1_030)
    desk.wait(SECOND)
    assert (index_of(desk), desk.exchange.price(0)) == (1_020, 1_020)
    desk.tick(1_040)
    assert index_of(desk) == 1_040


def test_an_index_that_waits_liquidates_nobody() -> None:
    desk = Desk(rules_with("index.interval=3s", "waterfall=", "engine.delay=1h"))
    desk.accounts(ann=1_000, bob=RICH)
    desk.tick(100)
    desk.trade(desk.id("ann"), desk.id("bob"), 100, 100)
    desk.tick(90)
    assert not desk.named("LiquidationTriggered")
    desk.wait(2 * SECOND)
    assert desk.named("LiquidationTriggered")


# -- the mark -----------------------------------------------------------------------------------------------------------------------


def test_a_mark_is_held_back_to_the_largest_move_per_update() -> None:
    desk = sources("mark.max_move=2%", weights=(1_000_000,))
    desk.tick(1_100)
    assert desk.exchange.price(0) == 1_020
    desk.wait()
    assert desk.exchange.price(0) == 1_040
    desk.tick(900)
    assert desk.exchange.price(0) == 1_020
    desk.tick(1_019)
    assert desk.exchange.price(0) == 1_019


def test_a_held_back_mark_moves_by_a_tick_at_least() -> None:
    desk = Desk(rules_with("mark.max_move=1%"))
    desk.tick(40)
    desk.tick(60)
    assert desk.exchange.price(0) == 41


def test_until_other_venues_speak_the_touch_s_own_average_stands_in() -> None:
    desk = Desk(rules_with("mark.method=median-venues", "mark.basis_interval=1s", "mark.basis_samples=3"))
    desk.accounts(ann=RICH, bob=RICH)
    desk.tick(1_000)
    desk.bid(desk.id("ann"), 10, 1_010)
    desk.ask(desk.id("ann"), 10, 1_014)
    desk.wait()  # basis 12, touch 1,012 (nothing traded)
    assert desk.exchange.price(0) == 1_012
    desk.bid(desk.id("bob"), 1, 1_014)
    desk.wait()  # basis ema 12; touch median(1,010, 1,014, 1,014) = 1,014; its average 1,012 + 2 x 2 / 4 = 1,013
    assert desk.exchange.price(0) == 1_013
    desk.do(OutsidePrice(0, 990, desk.now_us))
    assert desk.exchange.price(0) == 1_012
    desk.do(OutsidePrice(0, 0, desk.now_us))
    assert desk.exchange.price(0) == 1_013


def test_a_source_that_speaks_again_ends_the_fallback() -> None:
    desk = sources(
        "mark.without_index=last", "index.min_sources=2", "index.stale_after=10s", weights=(500_000, 500_000)
    )
    desk.ask(desk.id("ann"), 5, 1_060)
    desk.bid(desk.id("bob"), 1, 1_060)
    desk.wait()
    assert desk.exchange.price(0) == 1_000
    desk.tick(1_010, source=0, after_us=20 * SECOND)
    assert desk.exchange.price(0) == 1_060
    desk.tick(1_010, source=1)
    assert desk.exchange.price(0) == 1_010


# -- rules with notice ---------------------------------------------------------------------------------------------------------------


def test_announced_rules_begin_at_their_time_and_judge_open_positions() -> None:
    # long 100 at 100 with 1,000: 5 % hold, 12 % do not
    desk = Desk(rules_with("waterfall=", "engine.delay=1h"))
    desk.accounts(ann=1_000, bob=RICH)
    desk.tick(100)
    desk.trade(desk.id("ann"), desk.id("bob"), 100, 100)
    stricter = rules_with("waterfall=", "engine.delay=1h", tiers=flat_tier("20%", "12%"))
    desk.exchange.change_rules(0, stricter, 1, desk.now_us + 10 * SECOND)
    desk.wait(9 * SECOND)
    assert desk.last("RulesAnnounced")["time_us"] == desk.now_us + SECOND
    assert not desk.named("RulesChanged")
    assert desk.exchange.health(desk.id("ann"))[2] == 500
    desk.wait(SECOND)
    assert desk.last("RulesChanged")["rules_row"] == 1
    assert desk.named("LiquidationTriggered")
    desk.exchange.check_nobody_overlooked()


def test_a_price_brings_announced_rules_too_and_a_later_command_replaces_them() -> None:
    desk = Desk(rules_with())
    desk.accounts(ann=RICH)
    desk.tick(100)
    desk.exchange.change_rules(0, rules_with("fees.taker=1%"), 1, desk.now_us + 2 * SECOND)
    assert desk.do(UseRules(0, 0, desk.now_us + 3 * SECOND)) == 0
    desk.tick(101, after_us=2 * SECOND)
    assert not desk.named("RulesChanged")
    desk.tick(102)
    assert [event["rules_row"] for event in desk.named("RulesChanged")] == [0]
