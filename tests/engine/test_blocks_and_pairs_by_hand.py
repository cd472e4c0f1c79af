"""Caps of one block, pairs with a named counterparty and final settlement, worked by hand: one unit is one lot at one tick."""

from __future__ import annotations

import pytest

from shortfall.errors import RuleError
from shortfall.kernels import layout as at
from shortfall.model.commands import FinalSettlement, ImposedFill, Pair
from shortfall.rules.compile import compile_rules
from shortfall.testing.cards.situations import RICH, ann_long
from shortfall.testing.desk import Desk, inverse, rules_with

CHAIN = (
    "close.style=market", "close.settlement=each-fill", "close.rest=waits", "close.surplus=trader", "takeover.fund=no",
    "adl.batch=direct", "adl.eligible=overlap", "adl.rank=random-start",
)  # fmt: skip
PAIRS = rules_with("waterfall=", "adl.batch=direct", "adl.eligible=overlap")


def clips(desk: Desk) -> list[int]:
    return [event["lots"] for event in desk.named("ClipClosed")]


def refused(desk: Desk) -> list[tuple[int, int]]:
    return [(event["lots"], event["bound"]) for event in desk.named("FillRefused")]


# -- caps of a block ------------------------------------------------------------------------------------------------------


def test_a_position_is_worked_on_once_in_a_block() -> None:
    # 10 % of 100 lots, then of 90, in blocks of ten seconds; ticks at 1, 2, 3 and 12 seconds. 400 of equity at 94 against 470, 423.
    portion = ("amount.method=portion", "amount.share=10%", "amount.once_per_block=yes", "amount.block=10s")
    desk = ann_long(rules_with(*portion, "close.style=market", "waterfall=fund"), bids=((100, 94),))
    desk.tick(94)
    assert clips(desk) == [10]
    desk.wait()
    assert clips(desk) == [10]
    assert refused(desk) == [(90, at.BOUND_ONCE)]
    desk.wait(9_000_000)
    assert clips(desk) == [10, 9]


def test_the_cap_on_notional_counts_over_the_block() -> None:
    # a cap of 1,000 a block at 94: floor(1,000 / 94) = 10 lots, and 60 of the cap are less than one more lot
    capped = rules_with("amount.notional_per_block=1000", "amount.block=10s", "close.style=market", "waterfall=fund")
    desk = ann_long(capped, bids=((100, 94),))
    desk.tick(94)
    assert clips(desk)[0] == 10
    assert desk.exchange.block_use(desk.id("ann"), 0) == (940, 0, True)
    assert desk.exchange.block_room(desk.id("ann"), 0)[0] == 60
    desk.wait()
    assert desk.position("ann")[0] == 90
    desk.wait(10_000_000)
    assert desk.position("ann")[0] == 80


def test_the_cap_on_losses_refuses_the_fill_that_would_pass_it() -> None:
    # as on the card of each-fill: 27 for the second fill, which a cap of 26 does not allow; of 400 - 40 x 2 = 320 nothing is lost
    desk = ann_long(
        rules_with(*CHAIN, "amount.loss_per_block=26", "waterfall=fund"), fund=100, bids=((40, 92), (60, 88))
    )
    desk.tick(94)
    assert refused(desk) == [(60, at.BOUND_BLOCK_LOSS)]
    assert desk.cash("fund") == 100
    assert desk.position("ann")[0] == 60
    assert desk.equity("ann") == 320


def test_a_fee_takes_no_more_than_a_fill_brings_above_bankruptcy() -> None:
    # 100 lots at 91: 100 above the bankruptcy amount of 9,000; 2 % of 9,100 would be 182, so the fee is 100 and ann has nothing left
    desk = ann_long(rules_with(*CHAIN, "close.liquidation_fee=2%", "waterfall=fund"), bids=((100, 91),))
    desk.tick(94)
    assert desk.cash("fund") == 100
    assert desk.cash("ann") == 0
    assert desk.result().value.fund_cash == -100


def test_fills_that_are_settled_one_by_one_keep_the_value_book() -> None:
    # fills at 92 and 88 cost 80 and 240 of 400; the fund pays 27 of it: 107 stay beside 20 lots
    desk = ann_long(rules_with(*CHAIN, "waterfall=fund"), fund=100, bids=((40, 92), (40, 88), (20, 80)))
    desk.tick(94)
    result = desk.result()
    assert (result.value.equity_left, result.value.returned, result.value.fund_cash) == (80, 107, 27)
    assert result.deficit == 0


def test_an_inverse_contract_is_settled_fill_by_fill_as_well() -> None:
    desk = Desk(rules_with(*CHAIN, "waterfall=fund"), inverse())
    desk.accounts(ann=200_000, bob=1_000_000_000)
    desk.account("maker", 1_000_000_000, at.MAKER)
    desk.give("fund", 10_000)
    desk.tick(1_000)
    desk.trade(desk.id("ann"), desk.id("bob"), 1_000, 1_000)
    desk.bid(desk.id("maker"), 500, 840)
    desk.bid(desk.id("maker"), 500, 820)
    desk.tick(860)
    # 1,000 lots are worth 1,000,000 at 1,000 and 1,162,790 at 860: equity 37,210. Half of it beside 500 lots: they may cost
    # 18,605 more than 581,395 at mark; 500 at 840 are 595,238 (13,843 more), 500 at 820 are 609,756: 28,361 against 23,367 left
    assert desk.named("FillRefused") == []
    assert desk.last("FillSettled")["amount_quote"] == 28_361 - 23_367
    assert desk.position("ann")[0] == 0


# -- order within an instant ------------------------------------------------------------------------------------------------


def test_equal_limits_go_by_size_then_by_account() -> None:
    # at ten times the adjustment all three are in full distress: equal limits, so the larger notional is first
    desk = Desk(
        rules_with(
            "engine.order=limit-distance", "close.style=fillable", "close.bankruptcy_adjustment=10000%", "waterfall="
        )
    )
    desk.accounts(a=50, b=100, c=50, bob=RICH)
    desk.tick(100)
    for name, lots in (("a", 5), ("b", 10), ("c", 5)):
        desk.trade(desk.id(name), desk.id("bob"), lots, 100)
    desk.tick(92)
    sent = [event.account for event in desk.named("CloseLimited")]
    assert sent == [desk.id("b"), desk.id("a"), desk.id("c")]


# -- pairs --------------------------------------------------------------------------------------------------------------------


def test_a_named_pair_closes_at_the_bankruptcy_price() -> None:
    # ann: 1,000 beside 100 lots from 100, bankrupt at 90; 40 lots cost her 400, and bob buys 40 x 5 below mark: he is given 200
    desk = ann_long(PAIRS)
    desk.tick(95)
    desk.must(Pair(desk.id("ann"), 0, -40, desk.id("bob")))
    assert desk.position("ann")[0] == 60
    assert desk.position("bob")[0] == -60
    assert desk.cash("ann") == 600
    assert desk.last("PositionDeleveraged")["adl_price_ticks"] == 90
    assert desk.result().value.adl_transfer == -200


def test_a_named_pair_at_mark_moves_nothing_but_positions() -> None:
    desk = ann_long(PAIRS)
    desk.tick(95)
    before = desk.equity("ann"), desk.equity("bob")
    desk.must(Pair(desk.id("ann"), 0, -40, desk.id("bob"), at_mark=True))
    assert (desk.equity("ann"), desk.equity("bob")) == before
    assert desk.position("ann")[0] == 60


@pytest.mark.parametrize(
    ("account", "lots", "counterparty", "reason"),
    [
        ("ann", 40, "bob", at.NOTHING_TO_REDUCE),  # would grow
        ("ann", 0, "bob", at.BAD_VALUE),
        ("ann", -101, "bob", at.LARGER_THAN_HELD),
        ("ann", -40, "ann", at.BAD_ACCOUNT),
        ("ann", -40, "fund", at.BAD_ACCOUNT),
        ("ann", -40, "eve", at.NOTHING_TO_REDUCE),  # holds nothing
        ("ann", -40, "dan", at.NOTHING_TO_REDUCE),  # the same side
        ("ann", -40, "tim", at.LARGER_THAN_HELD),  # holds 10
    ],
)
def test_a_pair_that_may_not_be_is_refused(account: str, lots: int, counterparty: str, reason: int) -> None:
    desk = Desk(PAIRS)
    desk.accounts(ann=1_000, bob=RICH, eve=RICH, dan=RICH, tim=101)
    desk.tick(100)
    desk.trade(desk.id("ann"), desk.id("bob"), 90, 100)
    desk.trade(desk.id("ann"), desk.id("tim"), 10, 100)
    desk.trade(desk.id("dan"), desk.id("bob"), 10, 100)
    rows = len(desk.events)
    assert desk.do(Pair(desk.id(account), 0, lots, desk.id(counterparty))) == -reason
    assert [event.name for event in desk.events[rows:]] == ["CommandRejected"]


@pytest.mark.parametrize("at_mark", [False, True])
def test_a_pair_that_leaves_a_side_worse_off_is_refused(at_mark: bool) -> None:  # noqa: FBT001 - both prices
    # ann has -500 at 85. At her 90 poor (90 of equity, short 20) would end with -10; at mark she would keep -500 beside 80 lots,
    # which is riskier than -500 beside 100
    desk = Desk(PAIRS)
    desk.accounts(ann=1_000, poor=190, bob=RICH)
    desk.tick(100)
    desk.trade(desk.id("ann"), desk.id("bob"), 100, 100)
    desk.must(ImposedFill(desk.id("poor"), 0, -20, 80, desk.id("bob")))
    desk.tick(85)
    assert desk.do(Pair(desk.id("ann"), 0, -20, desk.id("poor"), at_mark=at_mark)) == -at.WORSE_OFF
    assert desk.position("ann")[0] == 100


def test_an_overlap_needs_direct_pairs() -> None:
    with pytest.raises(RuleError, match="only direct pairs know"):
        compile_rules(rules_with("adl.eligible=overlap"), 0)


# -- final settlement -----------------------------------------------------------------------------------------------------------


def test_a_market_is_settled_at_mark_and_the_bankrupt_at_their_price() -> None:
    # at 85 ann (100 lots from 100 with 1,000) has -500: 90 for her lots; dan's 50 lots close at 85 and leave 1,000 - 750
    desk = Desk(PAIRS)
    desk.accounts(ann=1_000, dan=1_000, bob=RICH)
    desk.tick(100)
    desk.trade(desk.id("ann"), desk.id("bob"), 100, 100)
    desk.trade(desk.id("dan"), desk.id("bob"), 50, 100)
    desk.tick(85)
    desk.must(FinalSettlement(0))
    closes = [(e["lots"], e["adl_price_ticks"]) for e in desk.named("PositionDeleveraged")]
    assert closes == [(100, 90), (50, 85)]
    assert [desk.cash(name) for name in ("ann", "dan", "bob")] == [0, 250, RICH + 1_000 + 750]
    assert desk.interest() == (0, 0)
    assert desk.exchange.price(0, at.M_HALTED) == at.HALT_ALL
    assert desk.result().value.adl_transfer == 500
