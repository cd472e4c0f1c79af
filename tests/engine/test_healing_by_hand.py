"""How much heals with a buffer and with fees, how fast it may go, and how the liquidator's fee grows: worked by hand."""

from __future__ import annotations

import pytest

from shortfall.model.commands import ImposedFill, Liquidate
from shortfall.testing.desk import Desk, rules_with

RICH = 1_000_000
SECOND = 1_000_000
HEAL = (
    "amount.method=heal",
    "close.style=liquidator",
    "close.surplus=trader",
    "liquidator.fee=1%",
    "close.liquidation_fee=1%",
)


def alice_at_100(*words: str, cash: int) -> Desk:
    """Return a desk where alice is long 200 at 100 with margin that falls short at 100 as soon as the price ticks there."""
    desk = Desk(rules_with(*HEAL, *words))
    desk.accounts(alice=cash + 400, bob=RICH, carl=RICH)
    desk.give("fund", 10_000)
    desk.tick(102)
    desk.must(ImposedFill(desk.id("alice"), 0, 200, 102, desk.id("bob")))
    desk.tick(100)
    return desk


def test_the_fewest_lots_heal_up_to_the_buffer_fees_counted() -> None:
    # equity 500 of 20,000; requirement 5 % + 2 % = 1,400, shortage 900; a lot frees 100 x (7 % - 1 % - 1 %) = 5: 180 lots
    # fees 180 + 180 of 18,000; equity 140 is exactly 7 % of the 2,000 that are left
    desk = alice_at_100("healing.buffer=2%", cash=500)
    assert desk.position("alice")[0] == 20
    assert desk.equity("alice") == 140
    assert desk.last("LiquidationEnded")["equity_quote"] == 140
    assert desk.last("LiquidatorPaid")["fee_quote"] == 180
    assert desk.last("FundReceived")["amount_quote"] == 180


def test_without_a_buffer_fewer_lots_heal() -> None:
    # requirement 1,000, shortage 500; a lot frees 100 x (5 % - 2 %) = 3: ceil(500 / 3) = 167 lots
    desk = alice_at_100(cash=500)
    assert desk.position("alice")[0] == 33


def test_no_amount_heals_when_fees_reach_the_margin() -> None:
    # 1 % + 4 % of fees against 5 % of margin: the whole position goes
    desk = alice_at_100("close.liquidation_fee=4%", cash=500)
    assert desk.position("alice")[0] == 0


def test_a_ramp_lets_a_growing_share_of_the_shortage_go() -> None:
    # 180 lots would heal a shortage of 900; 10 % at once: freeable 90, floor(180 x 90 / 900) = 18 lots, which free 18 x 5 = 90
    # 10 s of 100 s later: 20 % of (810 + 90) - 90 = 90: the lots that heal 810 are 162, floor(162 x 90 / 810) = 18 more
    words = ("healing.buffer=2%", "healing.initial_share=10%", "healing.duration=100s")
    desk = alice_at_100(*words, cash=500)
    assert desk.position("alice")[0] == 182
    desk.wait(1)
    assert desk.position("alice")[0] == 182
    desk.wait(10 * SECOND - 1)
    assert desk.position("alice")[0] == 164
    desk.wait(90 * SECOND)
    assert desk.position("alice")[0] == 20
    assert desk.named("LiquidationEnded")


@pytest.mark.parametrize(("small", "left"), [(810, 182), (811, 20)])
def test_a_small_shortage_is_freed_at_once(small: int, left: int) -> None:
    # the ramp's first 18 lots leave a shortage of 810
    words = (
        "healing.buffer=2%",
        "healing.initial_share=10%",
        "healing.duration=100s",
        f"healing.small_shortage={small}",
    )
    desk = alice_at_100(*words, cash=500)
    assert desk.position("alice")[0] == left


@pytest.mark.parametrize(("small", "left"), [(19_999, 33), (20_000, 0)])
def test_a_small_position_goes_whole(small: int, left: int) -> None:
    desk = alice_at_100(f"healing.small_position={small}", cash=500)
    assert desk.position("alice")[0] == left


@pytest.mark.parametrize(("waited_s", "rate"), [(0, 10_000), (9, 10_000), (10, 11_000), (15, 11_500), (60, 12_000)])
def test_the_liquidators_fee_grows_once_an_account_has_waited(waited_s: int, rate: int) -> None:
    # one ppm every 10 ms after 10 s, counted from the trigger: 10 s are 1,000 ppm, at most 12,000
    words = (
        "liquidator.who=caller",
        "liquidator.fee_most=1.2%",
        "liquidator.fee_wait=10s",
        "liquidator.fee_step=10ms",
    )
    desk = alice_at_100(*words, cash=500)
    if waited_s:
        desk.wait(waited_s * SECOND)
    assert desk.do(Liquidate(desk.id("carl"), desk.id("alice"), 0, 1)) == 1
    assert desk.last("LiquidatorPaid")["rate_ppm"] == rate


def test_a_liquidation_that_has_begun_ends_only_above_the_buffer() -> None:
    # carl takes 10 lots: equity 500 - 20 = 480 of 19,000, requirement 950. At 103 equity is 480 + 570 = 1,050 of 19,570:
    # above maintenance (979), below maintenance and 2 % (1,370): carl may go on; at 106 it is 1,620 of 20,140 (1,410): over
    desk = alice_at_100("healing.buffer=2%", "liquidator.who=caller", cash=500)
    call = Liquidate(desk.id("carl"), desk.id("alice"), 0, 10)
    assert desk.do(call) == 10
    desk.tick(103)
    assert not desk.named("LiquidationWithdrawn")
    desk.tick(106)
    assert desk.named("LiquidationWithdrawn")
    assert desk.do(call) < 0
