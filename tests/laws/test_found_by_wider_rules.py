"""Faults that the long run found once rules were drawn from the wider space, each made small."""

from __future__ import annotations

from shortfall.engine.exchange import MarketSpec
from shortfall.engine.results import market_result
from shortfall.kernels import layout as at
from shortfall.model.commands import Halt, ImposedFee, ImposedFill, Liquidate, Order, SettleFunding
from shortfall.testing.desk import Desk, flat_tier, linear, rules_with, with_name

RICH = 1 << 40


def test_what_a_cut_of_gains_takes_from_clips_that_wait_is_in_the_value_book() -> None:
    """Seed 504: the cut was entered once as shared and once more as what clearing still has to find."""
    desk = Desk(rules_with("realisation.method=mark-to-market", "adl.eligible=profitable-only", "waterfall=adl"))
    desk.accounts(ann=60, bob=200)
    desk.tick(100)
    desk.do(ImposedFill(desk.id("ann"), 0, 10, 100, desk.id("bob")))
    desk.tick(95)  # settled every mark, nobody is in profit: the clip finds no winner and waits
    clearing = desk.exchange.holder(0, at.M_CLEARING)
    assert desk.exchange.position(clearing, 0)[0] == 10
    desk.tick(200)  # clearing is due 1,050, bob has 250 left
    desk.wait()
    assert sum(event["carried_quote"] for event in desk.named("SettlementEnded")) == 0
    assert market_result(desk.exchange, 0).socialised > 0
    assert market_result(desk.exchange, 0).value.difference == 0


def test_a_flat_account_in_debt_stands_in_a_line_that_is_ordered_by_distance_of_limits() -> None:
    """Seed 33: the limit of a closing order was computed for a size of zero."""
    desk = Desk(rules_with("engine.order=limit-distance", "close.style=fillable"))
    desk.accounts(ann=100, bob=RICH)
    desk.tick(100)
    desk.do(ImposedFill(desk.id("ann"), 0, 10, 100, desk.id("bob")))
    desk.do(ImposedFill(desk.id("ann"), 0, -10, 50, desk.id("bob")))
    desk.wait()
    assert [event["lots"] for event in desk.named("LiquidationTriggered")] == [0]
    assert [event["deficit_quote"] for event in desk.named("DeficitRealised")] == [400]


LP = (
    "counterparty.kind=pool", "waterfall=liquidity", "close.surplus=trader", "amount.method=share", "amount.share=50%",
    "amount.min_lots=30", "engine.pause=1s",
)  # fmt: skip


def test_a_pool_gives_up_no_more_than_it_gained_from_one_liquidation_while_another_runs_beside_it() -> None:
    """World 40083: the gain was kept for the last liquidation only, so each clip of two that take turns began at nothing.

    ann is long 100 at 100 with 500. At 110 funding of 13.4 % takes 1,474: equity 26 is below 1 % of 11,000. Her first 50 close at 110:
    the pool pays 500, her cash is -474. bob, long 40 at 110 with 80, fails at 60 in between. Her last 50 close at 60: the pool
    gains 2,000, so from her 1,500 in all; she owes 500 - 1,474 + 500 - 2,000 = -2,474.
    """
    desk = Desk(rules_with(*LP, tiers=flat_tier("1%", "1%")), liquidity="lp")
    desk.give("lp", 100_000)
    desk.tick(100)
    desk.accounts(ann=500, bob=80)
    desk.must(Order(desk.id("ann"), 0, 100))
    desk.tick(110)
    desk.must(SettleFunding(0, 134_000_000))
    assert desk.position("ann")[0] == 50
    desk.must(Order(desk.id("bob"), 0, 40))
    desk.tick(60)
    desk.wait()
    given = {event["debtor"]: (event["amount_quote"], event["gain_quote"]) for event in desk.named("LiquidityAbsorbed")}
    assert given[desk.id("ann")] == (1_500, 1_500)
    assert desk.cash("ann") == -974
    # bob: 40 x 50 = 2,000 lost in two clips of 20, beside 80
    assert given[desk.id("bob")] == (1_920, 2_000)


EACH_FILL = (
    "close.style=market", "close.settlement=each-fill", "close.rest=waits", "close.surplus=trader", "takeover.fund=no",
    "fees.maker=-1%", "waterfall=equity",
)  # fmt: skip


def rebated(*changes: str, fees: int) -> Desk:
    """Return a desk where ann is long 100 at 100 with 1,000, the fee account holds `fees`, and a maker bids for 100 at 85.

    At 85 she is 500 short, and the maker gets 1 % of 8,500 = 85 out of the fee account before that pays as a layer.
    """
    desk = Desk(rules_with(*changes))
    desk.accounts(ann=1_000, bob=RICH)
    desk.account("maker", RICH, at.MAKER)
    desk.give("fees USD", fees + 100)  # 100 are the rebate of bob, whose offer rests
    desk.tick(100)
    desk.trade(desk.id("ann"), desk.id("bob"), 100, 100)
    assert desk.cash("fees USD") == fees
    desk.bid(desk.id("maker"), 100, 85)
    desk.tick(85)
    return desk


def test_a_fill_is_not_made_with_cash_that_goes_to_its_maker() -> None:
    """The gate counted 500 of the venue's own cash, the rebate left 415 of it, and 85 stayed open after a fill that was allowed."""
    desk = rebated(*EACH_FILL, fees=584)
    assert [(event["lots"], event["bound"]) for event in desk.named("FillRefused")] == [(100, at.BOUND_CASH)]
    assert desk.position("ann")[0] == 100
    assert desk.cash("fees USD") == 584
    desk = rebated(*EACH_FILL, fees=585)
    assert desk.position("ann")[0] == 0
    assert (desk.cash("fees USD"), desk.cash("ann")) == (0, 0)


def test_a_market_order_walks_no_farther_than_the_layers_can_pay_beside_rebates() -> None:
    """With 500 of cash it sold all 100 lots; rebates took 85 and as much stayed uncovered, although winners stood behind it.

    Each lot costs 5 below bankruptcy at 90 and 0.85 of rebate: floor(100 x 500 / 585) = 85 lots cost 425 and floor(72.25) = 72.
    """
    desk = rebated("close.style=market", "takeover.fund=no", "fees.maker=-1%", "waterfall=equity,adl", fees=500)
    assert [event["lots"] for event in desk.named("ClipClosed")] == [85]
    assert sum(event["lots"] for event in desk.named("PositionDeleveraged")) == 15
    assert not desk.named("ClaimUncovered")
    assert desk.cash("ann") == 0


def test_direct_pairs_do_not_go_back_to_whom_they_passed_over() -> None:
    """World 700220: after a first look at as many as should suffice, the second look began at the front again.

    At 82 ann has -800 beside 100 lots: (8,200 + 800) / 0.9 / 100 = 100 with the closing fee inside. amy, first by leverage, would have
    48 - 10 x 5 < 0 after it and is passed over. ben's 40 leave ann 60 lots and -80: 5,000 / 0.9 / 60 = 92.6, which amy could bear. cat's
    50 leave 10 lots, and they go to dan, who is last.
    """
    rules = ("close.bankruptcy_fee=10%", "waterfall=adl", "adl.batch=direct", "adl.eligible=overlap")
    desk = Desk(rules_with(*rules))
    desk.tick(95)
    desk.accounts(ann=1_000, eve=RICH, amy=48, ben=1_000, cat=3_000, dan=5_000)
    desk.must(ImposedFill(desk.id("ann"), 0, 100, 100, desk.id("eve")))
    for name, lots in (("amy", 10), ("ben", 40), ("cat", 50), ("dan", 10)):
        desk.must(ImposedFill(desk.id(name), 0, -lots, 95, desk.id("eve")))
    desk.tick(82)
    cuts = [(event.account, event["lots"], event["adl_price_ticks"]) for event in desk.named("PositionDeleveraged")]
    assert cuts[:2] == [(desk.id("ben"), 40, 100), (desk.id("cat"), 50, 93)]
    assert [cut[:2] for cut in cuts[2:]] == [(desk.id("dan"), 10)]


def test_a_called_liquidation_settles_what_waits_in_a_market_that_is_halted() -> None:
    """World 700086: a fee waited as cost of a flat position in a halted market, and the call closed the last lots without it.

    ann has 100 and owes a fee of 700 in a market where she is flat: -600. Then she is long 10 at 100, and carl's call states all of it.
    """
    caller = rules_with("liquidator.who=caller", "close.style=market", "waterfall=fund")
    waiting = rules_with("realisation.method=quote-balance", "waterfall=fund")
    other = MarketSpec(with_name(linear(), "TWO"), waiting, "fund", None, None, (1_000_000,))
    desk = Desk(caller, more=(other,))
    desk.tick(100)
    desk.tick(100, 1)
    desk.accounts(ann=100, bob=RICH, carl=RICH)
    desk.must(ImposedFill(desk.id("ann"), 1, 1, 100, desk.id("bob")))
    desk.must(ImposedFill(desk.id("ann"), 1, -1, 100, desk.id("bob")))
    desk.must(Halt(1))
    desk.must(ImposedFee(desk.id("ann"), 1, 700, desk.id("bob")))  # she stands in the line of the halted market
    desk.must(ImposedFill(desk.id("ann"), 0, 10, 100, desk.id("bob")))
    desk.bid(desk.id("bob"), 10, 100)
    assert desk.must(Liquidate(desk.id("carl"), desk.id("ann"), 0, 10)) == 10
    assert [event["deficit_quote"] for event in desk.named("DeficitRealised")] == [600]
    assert desk.named("ClaimUncovered")[0]["amount_quote"] == 600
