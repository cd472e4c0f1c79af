"""ADL, socialised loss and netting by hand, and the two tests that another engine fails."""

from __future__ import annotations

import pytest

from shortfall.engine.exchange import MarketSpec
from shortfall.kernels import layout as at
from shortfall.model.capacity import Capacity
from shortfall.model.commands import CancelAll, IndexTick, Order, Withdraw
from shortfall.testing.desk import Desk, linear, rules_with

RICH = 1_000_000


def cuts(desk: Desk) -> list[tuple[int, int, int]]:
    """Return (account, lots, price) of every close against a winner."""
    return [(e.account, e["lots"], e["adl_price_ticks"]) for e in desk.named("PositionDeleveraged")]


def three_winners(*changes: str) -> Desk:
    """Ann is long 100 at 100 with 1,000; bob, cat and dan are short 40 each, dan from 96, bob with ten times less than cat."""
    desk = Desk(rules_with("takeover.fund=no", *changes))
    desk.accounts(ann=1_000, eve=RICH, bob=400, cat=4_000, dan=10_000)
    desk.tick(100)
    desk.trade(desk.id("ann"), desk.id("bob"), 40, 100)
    desk.trade(desk.id("ann"), desk.id("cat"), 40, 100)
    desk.trade(desk.id("ann"), desk.id("eve"), 20, 100)
    desk.tick(96)
    desk.trade(desk.id("eve"), desk.id("dan"), 40, 96)
    return desk


def test_winners_are_cut_by_profit_share_times_leverage() -> None:
    # at 85: bob 600/4,000 x 3,400/1,000; cat 600/4,000 x 3,400/4,600; dan 440/3,840 x 3,400/10,440; eve is long
    desk = three_winners()
    desk.tick(85)
    bob, cat, dan = map(desk.id, ("bob", "cat", "dan"))
    assert cuts(desk) == [(bob, 40, 90), (cat, 40, 90), (dan, 20, 90)]
    # 600 x 2**20 / 4,000 = 157,286.4; 157,286 x 3,400 / 1,000 = 534,772.4; one more
    assert desk.named("PositionDeleveraged")[0]["adl_rank"] == 534_773
    assert (desk.cash("bob"), desk.cash("cat"), desk.cash("dan")) == (800, 4_400, 10_000 + 20 * 6)
    assert desk.interest() == (20, 20)
    value = desk.result().value
    assert (value.adl_transfer, value.equity_left) == (100 * 5, -500)


def test_winners_are_cut_by_profit_share_alone_where_the_rule_says_so() -> None:
    desk = three_winners("adl.rank=profit")
    desk.tick(85)
    assert [who for who, _, _ in cuts(desk)] == [desk.id("bob"), desk.id("cat"), desk.id("dan")]  # a tie goes by number


def test_the_largest_winners_are_cut_first_where_the_rule_says_so() -> None:
    desk = three_winners("adl.rank=largest")
    desk.trade(desk.id("eve"), desk.id("dan"), 1, 96)
    desk.tick(85)
    assert [(who, lots) for who, lots, _ in cuts(desk)] == [
        (desk.id("dan"), 41),
        (desk.id("bob"), 40),
        (desk.id("cat"), 19),
    ]


def test_adl_at_mark_leaves_the_difference_to_the_fund() -> None:
    # the clip came in at 90 and goes out at 85: clearing is short 500, which the fund has
    desk = three_winners("adl.price=mark")
    desk.give("fund", 800)
    desk.tick(85)
    assert {price for _, _, price in cuts(desk)} == {85}
    assert desk.cash("fund") == 300
    assert desk.cash("clearing LIN") == 0
    assert desk.result().value.fund_cash == 500


def test_a_short_squeeze_cuts_longs() -> None:
    desk = Desk(rules_with("takeover.fund=no"))
    desk.accounts(sam=1_000, lea=RICH)
    desk.tick(100)
    desk.trade(desk.id("lea"), desk.id("sam"), 100, 100)
    desk.tick(115)  # sam is bankrupt at 110
    assert cuts(desk) == [(desk.id("lea"), -100, 110)]
    assert desk.cash("lea") == RICH + 1_000
    assert desk.interest() == (0, 0)


def test_when_only_winners_are_eligible_the_rest_stays_with_clearing_and_is_tried_again() -> None:
    # dan is short from 80, so at 85 he has no profit; bob's 60 lots are all there is
    desk = Desk(rules_with("takeover.fund=no", "adl.eligible=profitable-only"))
    desk.accounts(ann=1_000, bob=RICH, dan=RICH, eve=RICH)
    desk.tick(100)
    desk.trade(desk.id("ann"), desk.id("bob"), 60, 100)
    desk.trade(desk.id("ann"), desk.id("eve"), 40, 100)
    desk.tick(96)
    desk.exchange.submit(IndexTick(0, 96, desk.now_us))
    desk.trade(desk.id("eve"), desk.id("dan"), 40, 80)
    desk.tick(85)
    assert cuts(desk) == [(desk.id("bob"), 60, 90)]
    assert desk.position("clearing LIN")[0] == 40
    assert desk.interest() == (40, 40)
    desk.tick(79)  # now dan is in profit
    assert cuts(desk)[1:] == [(desk.id("dan"), 40, 90)]
    assert desk.interest() == (0, 0)


def opposite(fund: int) -> Desk:
    """At 85 ann's 100 longs (bankrupt at 90) and sam's 60 shorts (bankrupt at 77) fail in one instant."""
    desk = Desk(rules_with("takeover.fund=no"))
    desk.accounts(ann=1_000, bob=RICH, sam=420, lea=RICH)
    if fund:
        desk.give("fund", fund)
    desk.tick(100)
    desk.trade(desk.id("ann"), desk.id("bob"), 100, 100)
    desk.exchange.change_rules(0, rules_with("takeover.fund=no", "engine.delay=10s"), 5)
    desk.auditor.read(desk.exchange.read_event_rows().tolist())
    desk.tick(70)
    desk.trade(desk.id("lea"), desk.id("sam"), 60, 70)
    desk.tick(85)
    desk.wait(10_000_000)
    return desk


def test_opposite_clips_of_one_instant_net_before_winners_are_asked() -> None:
    # clearing buys 100 at 90 and sells 60 at 77: 60 x 13 are missing, 40 are left for bob at 90
    desk = opposite(fund=1_000)
    assert cuts(desk) == [(desk.id("bob"), 40, 90)]
    assert desk.position("lea")[0] == 60
    assert desk.position("clearing LIN") == (0, 0)
    assert desk.cash("fund") == 1_000 - 780
    assert desk.interest() == (60, 60)


def test_what_netting_is_short_of_is_a_stated_claim_when_no_layer_has_it() -> None:
    desk = opposite(fund=0)
    assert desk.last("ClaimUncovered")["amount_quote"] == 780
    assert desk.cash("clearing LIN") == -780


def test_a_winner_cut_at_his_own_cost_is_tested_for_margin_in_the_same_instant() -> None:
    # sam is short 60 at 70 with 1,400: a loser at 85, cut at 90 all the same: 1,400 - 60 x 20 is left, and he is flat
    desk = Desk(rules_with("takeover.fund=no"))
    desk.accounts(ann=1_000, sam=1_140, eve=RICH)
    desk.tick(100)
    desk.trade(desk.id("ann"), desk.id("eve"), 100, 100)
    desk.tick(96)
    desk.trade(desk.id("eve"), desk.id("sam"), 100, 100)
    desk.tick(85)
    assert cuts(desk) == [(desk.id("sam"), 100, 90)]
    assert desk.cash("sam") == 1_140 + 1_000


# -- socialised loss --------------------------------------------------------------------------------------------------------------


def socialised(fund: int = 0, missing: int = 500, *, bob: int = RICH) -> Desk:
    """Ann loses 1,500 at 85 with less margin than that; bob is short 60 and cat 40, 900 and 600 in profit."""
    desk = Desk(rules_with("waterfall=fund,socialise", "close.style=market", "takeover.fund=no"))
    desk.accounts(ann=1_500 - missing, bob=bob, cat=RICH)
    desk.account("maker", RICH, at.MAKER)
    if fund:
        desk.give("fund", fund)
    desk.tick(100)
    desk.trade(desk.id("ann"), desk.id("bob"), 60, 100)
    desk.trade(desk.id("ann"), desk.id("cat"), 40, 100)
    desk.bid(desk.id("maker"), 100, 85)
    return desk


def test_a_socialised_loss_is_shared_pro_rata_of_profit_after_the_fund() -> None:
    desk = socialised(fund=300)
    desk.tick(85)
    assert desk.cash("fund") == 0
    assert (desk.cash("bob"), desk.cash("cat")) == (RICH - 120, RICH - 80)
    assert desk.cash("ann") == 0
    assert desk.result().socialised == 200


def test_a_socialised_loss_is_exact_in_sum_when_shares_do_not_divide() -> None:
    # 101 of it: floor(101 x 900 / 1,500) = 60 and the rest
    desk = socialised(missing=101)
    desk.exchange.change_rules(0, rules_with("waterfall=socialise", "close.style=market"), 5)
    desk.tick(85)
    assert (desk.cash("bob"), desk.cash("cat")) == (RICH - 60, RICH - 41)


def test_nobody_pays_more_than_the_smaller_of_profit_and_equity() -> None:
    # bob's profit of 3,000 has left with him; 300 of equity is his base. ann brings 2,500 of loss that she does not have
    desk = Desk(rules_with("waterfall=socialise", "close.style=market", "profit.withdrawal=counts"))
    desk.accounts(ann=5_000, bob=600, cat=RICH, eve=1_000)
    desk.account("maker", RICH, at.MAKER)
    desk.tick(100)
    desk.trade(desk.id("ann"), desk.id("bob"), 60, 100)
    desk.trade(desk.id("eve"), desk.id("cat"), 100, 100)
    desk.exchange.change_rules(
        0, rules_with("waterfall=socialise", "close.style=market", "engine.delay=5s", "profit.withdrawal=counts"), 5
    )
    desk.auditor.read(desk.exchange.read_event_rows().tolist())
    desk.tick(50)
    assert desk.do(Withdraw(desk.id("bob"), 3_301)) == -at.NO_BALANCE
    assert desk.do(Withdraw(desk.id("bob"), 3_300)) == 0  # 600 + 3,000 - 300 of initial margin
    desk.bid(desk.id("maker"), 100, 50)
    desk.wait(5_000_000)  # eve is 4,000 short; bases: bob 300, cat 5,000
    shared = {e.account: (e["socialised_loss_quote"], e["base_quote"]) for e in desk.named("LossSocialised")}
    assert shared[desk.id("bob")] == (226, 300)  # floor(4,000 x 300 / 5,300)
    assert shared[desk.id("cat")] == (3_774, 5_000)
    assert desk.cash("eve") == 0


def test_what_is_beyond_all_profits_is_an_uncovered_claim() -> None:
    desk = socialised(missing=500)
    desk.give("ann", 1)
    desk.tick(85)
    assert desk.result().socialised == 499
    # bob's profit has left with him: 500 of equity is all there is to share, and eve is 4,000 short
    rules = ("waterfall=socialise", "close.style=market", "profit.withdrawal=counts", "engine.delay=5s")
    alone = Desk(rules_with(*rules))
    alone.accounts(eve=1_000, bob=1_000)
    alone.account("maker", RICH, at.MAKER)
    alone.tick(100)
    alone.trade(alone.id("eve"), alone.id("bob"), 100, 100)
    alone.tick(50)
    assert alone.do(Withdraw(alone.id("bob"), 5_500)) == 0
    alone.bid(alone.id("maker"), 100, 50)
    alone.wait(5_000_000)
    assert alone.result().socialised == 500
    assert alone.last("ClaimUncovered")["amount_quote"] == 3_500


def test_a_layer_with_nobody_in_profit_is_skipped_with_an_event() -> None:
    desk = Desk(rules_with("waterfall=socialise", "close.style=market"))
    desk.accounts(ann=1_000, bob=RICH)
    desk.account("maker", RICH, at.MAKER)
    desk.tick(100)
    desk.trade(desk.id("ann"), desk.id("bob"), 100, 100)
    desk.bid(desk.id("maker"), 100, 50)
    desk.do(Order(desk.id("ann"), 0, -100))
    desk.trade(desk.id("bob"), desk.id("maker"), 100, 100)
    desk.wait()
    assert desk.last("LayerSkipped")["layer"] == at.LAYER_SOCIALISE
    assert desk.last("ClaimUncovered")["amount_quote"] == 4_000


# -- inventory ---------------------------------------------------------------------------------------------------------------------


def test_inventory_is_sold_at_a_share_of_visible_depth_a_second() -> None:
    # 100 lots taken at 90 with the mark at 85; 50 lots of bids within 1 %: 10 % a second are 5
    desk = Desk(rules_with("unwinding.share=10%", "unwinding.depth_band=1%", "takeover.fund_capacity=0"))
    desk.accounts(ann=1_000, bob=RICH)
    desk.account("maker", RICH, at.MAKER)
    desk.give("fund", 100_000)
    desk.tick(100)
    desk.trade(desk.id("ann"), desk.id("bob"), 100, 100)
    desk.tick(85)
    desk.wait()
    desk.bid(desk.id("maker"), 50, 85)
    desk.wait()
    assert desk.position("fund")[0] == 95
    assert desk.cash("fund") == 100_000 - 5 * 5
    assert desk.last("InventorySold")["inventory_pnl_quote"] == -25


def test_inventory_is_never_sold_so_low_that_cash_turns_negative() -> None:
    # 1,000 lots at 90 with 6,000 of cash: 84 is the lowest price; a bid at 83 is left alone
    desk = Desk(rules_with("unwinding.method=at-once", "takeover.fund_capacity=0"))
    desk.accounts(ann=10_000, bob=RICH)
    desk.account("maker", RICH, at.MAKER)
    desk.give("fund", 6_000)
    desk.tick(100)
    desk.trade(desk.id("ann"), desk.id("bob"), 1_000, 100)
    desk.tick(85)
    assert desk.position("fund")[0] == 1_000
    desk.bid(desk.id("maker"), 500, 84)
    desk.bid(desk.id("maker"), 500, 83)
    desk.wait()
    assert desk.position("fund")[0] == 500
    assert desk.cash("fund") == 3_000


def test_netting_a_takeover_never_leaves_the_fund_below_zero() -> None:
    # the fund is short 100 from 110 with 500 of cash; buying at 120 would cost 1,000: half of it fits
    desk = Desk(rules_with("takeover.fund_capacity=0", "unwinding.method=hold"))
    desk.accounts(sam=1_000, ann=1_000, bob=RICH, lea=RICH)
    desk.give("fund", 500)
    desk.tick(100)
    desk.trade(desk.id("lea"), desk.id("sam"), 100, 100)
    desk.tick(110)
    assert desk.position("fund") == (-100, -11_000)
    desk.tick(130)
    desk.give("ann", 1_000)
    desk.trade(desk.id("ann"), desk.id("bob"), 100, 130)  # bankrupt at 110 with 2,000
    desk.do(Withdraw(desk.id("ann"), 700))  # 1,300 of margin: bankrupt at 117
    desk.tick(116)
    assert desk.cash("fund") >= 0


def test_used_up_inventory_is_handed_on_to_winners_at_the_price_that_leaves_cash_at_zero() -> None:
    # 1,000 lots at 90 with 6,000: worth nothing more at 84
    desk = Desk(rules_with("unwinding.method=hold", "takeover.fund_capacity=0"))
    desk.accounts(ann=10_000, bob=RICH)
    desk.give("fund", 6_000)
    desk.tick(100)
    desk.trade(desk.id("ann"), desk.id("bob"), 1_000, 100)
    desk.tick(85)
    desk.tick(80)
    desk.wait()
    assert desk.position("fund") == (0, 0)
    assert desk.cash("fund") == 0
    assert cuts(desk) == [(desk.id("bob"), 1_000, 84)]


def test_two_markets_draw_on_one_fund() -> None:
    rules = rules_with("close.style=market", "waterfall=fund")
    desk = Desk(rules, more=[MarketSpec(linear("TWO"), rules)])
    desk.accounts(ann=1_000, amy=1_000, bob=RICH)
    desk.account("maker", RICH, at.MAKER)
    desk.give("fund", 700)
    for market, long in enumerate(("ann", "amy")):
        desk.tick(100, market=market)
        desk.trade(desk.id(long), desk.id("bob"), 100, 100, market)
        desk.bid(desk.id("maker"), 100, 85, market)
    desk.tick(85)
    desk.tick(85, market=1)
    assert desk.cash("fund") == 0
    assert desk.cash("amy") == -300  # 500 for ann, 200 were left


# -- the tests that another engine fails ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("style", ["market", "bankruptcy"])
def test_a_smooth_slide_feeds_the_fund_by_exactly_surplus_and_fees(style: str) -> None:
    """18 % down in small steps with bids right below: every expected unit is worked out here from price, size and margin."""
    count, entry, lots = 4_800, 10_000, 3
    room = Capacity(accounts=1 << 13, positions=1 << 13, events=1 << 17)
    rules = rules_with(f"close.style={style}", "close.liquidation_fee=0.5%", "takeover.fund=no")
    desk = Desk(rules, linear(max_price=1 << 15), capacity=room)
    exchange = desk.exchange
    maker, bob = desk.account("maker", 1 << 40, at.MAKER), desk.account("bob", 1 << 40)
    desk.give("fund", 5_000)
    desk.tick(entry)
    margins = [3_000 + k * 7 // 10 for k in range(count)]  # 10 % to 21 % of 30,000
    for k, cash in enumerate(margins):
        a = exchange.open_account(f"long {k}")
        exchange.submit_row((at.OP_DEPOSIT, a, 0, 0, 0, cash, 0, 0))  # type: ignore[arg-type]  # a row is eight integers
        exchange.submit(Order(bob, 0, -lots, entry))
        exchange.submit(Order(a, 0, lots, entry))
        exchange.read_event_rows() if k % 1_000 == 0 else None
    alive, expected = dict(enumerate(margins)), 5_000
    for mark in range(entry, 8_200, -10):
        bid = mark - 4
        exchange.submit(CancelAll(maker))  # quotes follow the price down
        exchange.submit(Order(maker, 0, 500, bid))
        exchange.submit(IndexTick(0, mark, desk.now_us + (entry - mark) * 1_000))
        exchange.read_event_rows()
        for k, cash in list(alive.items()):
            equity = cash + lots * (mark - entry)
            if equity < -(-lots * mark * 50_000 // 1_000_000):
                left = cash + lots * (bid - entry)
                assert left >= 0
                expected += left  # fee and surplus together are all that is left
                del alive[k]
    result = desk.result()
    assert result.liquidations == count - len(alive) > 4_500
    assert desk.cash("fund") == expected
    assert result.surplus + result.fees == expected - 5_000
    assert result.fees > 0
    assert desk.named("DeficitRealised") == []
    exchange.check_laws()
    exchange.check_nobody_overlooked()


def test_a_gap_with_adl_leaves_long_and_short_open_interest_equal() -> None:
    desk = Desk(rules_with("takeover.fund_capacity=50%"), capacity=Capacity(events=1 << 17))
    desk.give("fund", 5_000)
    desk.tick(1_000)
    for k in range(200):
        long = desk.account(f"long {k}", 1_000 + 13 * k)
        short = desk.account(f"short {k}", 3_000 + 29 * k)
        desk.trade(long, short, 5 + k % 3, 1_000)
    desk.tick(700)
    assert desk.result().adl_lots > 0
    longs, shorts = desk.interest()
    assert longs == shorts == desk.exchange.price(0, at.M_OPEN_INTEREST)


def test_what_a_fund_holds_already_counts_against_its_capacity() -> None:
    # 1,000 of cash holds 11 lots at 85; the second account of the instant finds no room left
    desk = Desk()
    desk.accounts(ann=1_000, amy=1_000, bob=RICH)
    desk.give("fund", 1_000)
    desk.tick(100)
    desk.trade(desk.id("ann"), desk.id("bob"), 100, 100)
    desk.trade(desk.id("amy"), desk.id("bob"), 100, 100)
    desk.tick(85)
    assert desk.position("fund") == (11, 990)
    assert sum(lots for _, lots, _ in cuts(desk)) == 189
