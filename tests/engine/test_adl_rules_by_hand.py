"""When winners stand before a holder, what they are paid, and what happens when eligible size runs out: worked by hand."""

from __future__ import annotations

import pytest

from shortfall.engine.exchange import MarketSpec
from shortfall.kernels import layout as at
from shortfall.model.history import HolderHistory
from shortfall.testing.desk import Desk, flat_tier, linear, rules_with

RICH = 1_000_000
HOUR_US = 3_600_000_000


def cuts(desk: Desk) -> list[tuple[int, int, int]]:
    """Return (account, lots, price) of every close against a winner."""
    return [(e.account, e["lots"], e["adl_price_ticks"]) for e in desk.named("PositionDeleveraged")]


# -- one batch ------------------------------------------------------------------------------------------------------------


def two_bankrupt_longs(*changes: str) -> Desk:
    """Amy is long 100 from 106 with 1,100 (bankrupt at 95), ann 100 from 100 with 1,000 (90); bob is short at 2x, cat richly."""
    desk = Desk(rules_with("takeover.fund=no", *changes))
    desk.accounts(ann=1_000, amy=1_100, bob=5_000, cat=RICH)
    desk.tick(106)
    desk.trade(desk.id("amy"), desk.id("cat"), 100, 106)
    desk.tick(100)
    desk.trade(desk.id("ann"), desk.id("bob"), 100, 100)
    desk.tick(85)
    return desk


def test_two_clips_of_one_batch_keep_their_own_bankruptcy_prices() -> None:
    # amy lacks 1,000 and is worked on first, ann 500; bob ranks 1,500 / 10,000 x 8,500 / 6,500 = 0.196, cat 0.198 x 8,500 / RICH
    desk = two_bankrupt_longs()
    bob, cat = desk.id("bob"), desk.id("cat")
    assert cuts(desk) == [(bob, 100, 95), (cat, 100, 90)]
    assert desk.cash("bob") == 5_000 + 100 * 5
    assert desk.cash("cat") == RICH + 100 * 16
    assert (desk.cash("ann"), desk.cash("amy"), desk.cash("clearing LIN")) == (0, 0, 0)
    value = desk.result().value
    assert (value.adl_transfer, value.equity_left) == (100 * 10 + 100 * 5, -1_500)


def test_an_average_price_leaves_its_rounding_to_the_fund() -> None:
    # (9,500 + 9,000) / 200 = 92.5, rounded up for sold longs to 93: 200 x 93 - 18,500 = 100
    desk = two_bankrupt_longs("adl.pairing=average")
    assert [price for _, _, price in cuts(desk)] == [93, 93]
    assert desk.cash("fund") == 100
    assert desk.result().value.adl_transfer == 200 * 8


def test_a_fee_is_charged_to_the_winner_and_goes_to_the_venue() -> None:
    # 0.1 % of 9,500 and of 9,000, rounded up
    desk = two_bankrupt_longs("adl.fee=0.1%")
    assert desk.cash("bob") == 5_500 - 10
    assert desk.cash("cat") == RICH + 1_600 - 9
    assert desk.cash("fees USD") == 19
    assert desk.stat(at.T_ADL_FEES) == 19


def test_opposite_inventory_is_closed_before_winners_where_the_rule_says_so() -> None:
    # sam's 30 shorts from 100 with 300 go to the fund at 110; then it takes no longs by rule, but nets ann's 90 against them
    def played(*changes: str) -> Desk:
        desk = Desk(rules_with("takeover.fund_capacity=0", "unwinding.method=hold"))
        desk.accounts(sam=300, ann=1_500, lea=RICH, bob=RICH)
        desk.give("fund", 1_000)
        desk.tick(100)
        desk.trade(desk.id("lea"), desk.id("sam"), 30, 100)
        desk.tick(110)
        assert desk.position("fund") == (-30, -3_300)
        desk.trade(desk.id("ann"), desk.id("bob"), 100, 110)
        desk.exchange.change_rules(0, rules_with("takeover.fund=no", "unwinding.method=hold", *changes), 5)
        desk.auditor.read(desk.exchange.read_event_rows().tolist())
        desk.wait()
        desk.tick(90)  # ann is bankrupt at 95
        return desk

    assert sum(lots for _, lots, _ in cuts(played())) == 100
    netted = played("adl.netting=yes")
    assert sum(lots for _, lots, _ in cuts(netted)) == 70
    assert netted.position("fund") == (0, 0)
    assert netted.cash("fund") == 1_000 + 30 * 15
    netted.result()


# -- eligible size runs out ---------------------------------------------------------------------------------------------------


def sixty_winners(*changes: str, bids: int = 0) -> Desk:
    """Ann's 100 lots are bankrupt at 90; bob's 60 shorts are in profit at 85, dan's 40 from 80 are not."""
    desk = Desk(rules_with("adl.eligible=profitable-only", "unwinding.method=hold", *changes))
    desk.accounts(ann=1_000, bob=RICH, dan=RICH, eve=RICH)
    desk.account("maker", RICH, at.MAKER)
    desk.tick(100)
    desk.trade(desk.id("ann"), desk.id("bob"), 60, 100)
    desk.trade(desk.id("ann"), desk.id("eve"), 40, 100)
    desk.tick(96)
    desk.trade(desk.id("eve"), desk.id("dan"), 40, 80)
    if bids:
        desk.bid(desk.id("maker"), bids, 82)
    return desk


def test_what_finds_no_winner_goes_to_the_fund_that_stands_behind_them() -> None:
    # the fund takes 40 at 90 with the mark at 85: 200 of 1,000
    desk = sixty_winners("waterfall=adl,fund", "takeover.fund_capacity=0")
    desk.give("fund", 1_000)
    desk.tick(85)
    assert cuts(desk) == [(desk.id("bob"), 60, 90)]
    assert desk.position("fund") == (40, 3_600)
    value = desk.result().value
    assert (value.adl_transfer, value.fund_result, value.pending) == (300, 200, 0)


def test_what_finds_no_winner_is_sold_in_the_book_that_stands_behind_them() -> None:
    # 30 of 40 lots find bids at 82: 240 below the clip's price, of which 90 are the book's gain against mark; 10 wait, worth 50 less
    desk = sixty_winners("waterfall=adl,book", "close.style=market", bids=30)
    desk.tick(85)
    assert cuts(desk) == [(desk.id("bob"), 60, 90)]
    assert desk.position("clearing LIN")[0] == 10
    assert desk.position("maker")[0] == 30
    value = desk.result().value
    assert (value.adl_transfer, value.clearing_result, value.pending) == (300, -90, 240 + 50)


def test_what_finds_no_winner_closes_at_mark_and_its_loss_is_shared_where_losses_are() -> None:
    # 40 lots close at 85 against dan, who is short from 80; the 200 that are missing fall on eve's long from 80, 200 in profit.
    # Before, she sold 40 at 100 and bought them back at 80
    desk = sixty_winners("waterfall=adl,socialise")
    desk.trade(desk.id("eve"), desk.id("maker"), 40, 80)
    desk.tick(85)
    assert cuts(desk)[0] == (desk.id("bob"), 60, 90)
    assert [price for _, _, price in cuts(desk)[1:]] == [85] * len(cuts(desk)[1:])
    assert desk.cash("clearing LIN") == 0
    assert desk.cash("eve") == RICH + 40 * (100 - 80) - 200
    assert desk.result().socialised == 200


def test_the_value_book_holds_while_clips_wait_for_winners() -> None:
    # 40 lots wait from 85 to 79, 240 down: then dan is in profit and gives up 440, of which 200 were missing
    desk = sixty_winners("takeover.fund=no")
    desk.tick(85)
    assert desk.result().value.pending == 40 * 5
    desk.tick(79)
    value = desk.result().value
    assert (value.adl_transfer, value.clearing_result, value.pending) == (300 + 40 * 11, -240, 0)


def test_inventory_that_is_handed_on_is_a_line_of_the_value_book() -> None:
    # 1,000 lots at 90 with 6,000: worth nothing more at 84; at 80 winners give up 4,000 that the fund did not have to lose
    desk = Desk(rules_with("unwinding.method=hold", "takeover.fund_capacity=0"))
    desk.accounts(ann=10_000, bob=RICH)
    desk.give("fund", 6_000)
    desk.tick(100)
    desk.trade(desk.id("ann"), desk.id("bob"), 1_000, 100)
    desk.tick(85)
    desk.tick(80)
    desk.wait()
    value = desk.result().value
    assert (value.fund_result, value.adl_transfer, value.handed_on) == (5_000, 4_000, -4_000)


# -- triggers -------------------------------------------------------------------------------------------------------------------

DRAWDOWN = (
    "waterfall=pool,adl", "adl.trigger=drawdown", "adl.watches=pool", "takeover.pool_capacity=0", "unwinding.method=hold",
)  # fmt: skip


def two_contracts() -> Desk:
    """ONE and TWO draw on a pool with 10,000; ann is long 100 in ONE, amy 1,000 in TWO, both from 100 with a tenth."""
    rules = rules_with(*DRAWDOWN)
    more = [MarketSpec(linear("TWO"), rules, fund=None, pool="pool")]
    desk = Desk(rules, linear("ONE"), fund=None, pool="pool", more=more)
    desk.accounts(ann=1_000, amy=10_000, bob=RICH)
    desk.give("pool", 10_000)
    for market, (long, lots) in enumerate((("ann", 100), ("amy", 1_000))):
        desk.tick(100, market)
        desk.trade(desk.id(long), desk.id("bob"), lots, 100, market)
    return desk


def test_only_the_contract_that_loses_is_deleveraged_though_the_pool_is_shared() -> None:
    # at 85 the pool would lose 5,000 in TWO: 3,000 are 30 % of its peak, 600 lots; 400 find winners. ONE's 500 fit its own 3,000
    desk = two_contracts()
    desk.tick(85, 1)
    assert cuts(desk) == [(desk.id("bob"), 400, 90)]
    assert desk.position("pool", 1) == (600, 54_000)
    desk.tick(85, 0)
    assert desk.position("pool", 0) == (100, 9_000)
    assert len(cuts(desk)) == 1
    desk.wait()
    on = desk.named("AdlTriggered")
    assert [(e.market, e["peak_quote"], e["lost_quote"], e.reference) for e in on] == [(1, 10_000, 3_000, 0)]
    desk.result(0)
    desk.result(1)


def test_inventory_beyond_the_start_is_handed_on_at_the_price_that_holds_the_loss() -> None:
    # 600 lots at 90 have lost 3,000 at 85; at 80 another 3,000, which winners give up: they close at 85
    desk = two_contracts()
    desk.tick(85, 1)
    desk.tick(80, 1)
    desk.wait()
    assert cuts(desk)[1:] == [(desk.id("bob"), 600, 85)]
    assert desk.cash("pool") == 10_000 - 3_000
    assert desk.result(1).value.handed_on == -3_000


def test_a_loss_is_forgotten_when_the_window_has_passed() -> None:
    # on at a loss of 3,000 of 10,000; eight hours later the peak is 7,000 and the highest result is what it is now
    desk = two_contracts()
    desk.tick(85, 1)
    desk.wait(8 * HOUR_US - HOUR_US // 2)
    assert desk.named("AdlReleased") == []
    desk.wait(HOUR_US)
    assert [e.market for e in desk.named("AdlReleased")] == [1]


def test_a_stated_past_counts_and_is_named_in_the_event() -> None:
    # the pool had 20,000 and lost 5,900 of it in TWO already: 100 more are room for 20 lots of a loss of 5 each
    desk = two_contracts()
    assert desk.do(HolderHistory(1, 20_000, 5_900)) == 0
    desk.tick(85, 1)
    assert desk.position("pool", 1)[0] == 20
    desk.wait()
    assert [(e["peak_quote"], e["lost_quote"], e.reference) for e in desk.named("AdlTriggered")] == [(20_000, 6_000, 1)]


@pytest.mark.parametrize("past", [HolderHistory(0, -1), HolderHistory(0, 5, -1), HolderHistory(0, 5, 0, 6)])
def test_an_impossible_past_is_refused(past: HolderHistory) -> None:
    assert two_contracts().do(past) == -at.BAD_VALUE


def test_an_inventory_cap_hands_on_what_is_above_its_stop() -> None:
    # 100 lots at 85 are 8,500, above 5,000: kept are floor(100 x 4,000 / 8,500) = 47, and 53 go to bob at mark
    desk = Desk(
        rules_with(
            "adl.trigger=inventory",
            "adl.start_amount=5000",
            "adl.stop_amount=4000",
            "takeover.fund_capacity=0",
            "unwinding.method=hold",
        )
    )
    desk.accounts(ann=1_000, bob=RICH)
    desk.give("fund", 10_000)
    desk.tick(100)
    desk.trade(desk.id("ann"), desk.id("bob"), 100, 100)
    desk.tick(85)
    assert cuts(desk) == []
    desk.wait()
    assert cuts(desk) == [(desk.id("bob"), 53, 85)]
    assert desk.position("fund")[0] == 47
    assert desk.result().value.handed_on == 0


# -- capacity, price and the venue's own money ---------------------------------------------------------------------------------------


def test_a_provider_holds_up_to_twice_its_equity() -> None:
    # 1,000 of equity bear 2,000 of notional at 85: floor(100 x 2,000 / 8,500) = 23 lots; the others find bob
    desk = Desk(rules_with("waterfall=backstop,adl", "takeover.leverage=200%"), backstop="backstop")
    desk.accounts(ann=1_000, bob=RICH)
    desk.give("backstop", 1_000)
    desk.tick(100)
    desk.trade(desk.id("ann"), desk.id("bob"), 100, 100)
    desk.tick(85)
    assert desk.position("backstop")[0] == 23
    assert desk.last("CapacityRefused")["bound"] == at.BOUND_LEVERAGE
    assert cuts(desk) == [(desk.id("bob"), 77, 90)]


def test_the_venues_own_money_pays_after_the_fund() -> None:
    # 500 are missing after fills at 85: the fund has 100, the fee account 300, 100 stay uncovered
    desk = Desk(rules_with("waterfall=fund,equity", "close.style=market", "takeover.fund=no"))
    desk.accounts(ann=1_000, bob=RICH)
    desk.account("maker", RICH, at.MAKER)
    desk.give("fund", 100)
    desk.give("fees USD", 300)
    desk.tick(100)
    desk.trade(desk.id("ann"), desk.id("bob"), 100, 100)
    desk.bid(desk.id("maker"), 100, 85)
    desk.tick(85)
    assert (desk.cash("fund"), desk.cash("fees USD"), desk.cash("ann")) == (0, 0, -100)
    value = desk.result().value
    assert (value.fund_cash, value.venue_cash, value.carried) == (100, 300, 100)


# -- the order of surplus and deficit inside one instant --------------------------------------------------------------------------------


def cohorts(settles: str, gap_bp: int) -> bool:
    """Say whether a gap deleverages anybody: 50 M of longs at 100x and 500 M at 40x from 100,000, a fund of 0.3 M.

    One lot is worth 100,000: 500 and 5,000 lots with margins of 0.5 M (1 %) and 12.5 M (2.5 %); every tier asks for 0.65 %. The
    mark is the gapped index, and bids without end rest 0.25 % of entry below it. For a gap g the 100x cohort is short of
    50 M x (g + 0.25 % - 1 %), more than 0.3 M from g = 1.35 % on. The 40x cohort is liquidated when 2.5 % - g < 0.65 % x (1 - g), from
    1.87 % on, and then leaves 500 M x (2.5 % - g - 0.25 %): more than the other lacks beyond 0.3 M as long as
    12 - 550 (g - 1 %) >= 5.7, up to g = 2.15 %.
    """
    tiers = flat_tier("1%", "0.65%")
    words = ("takeover.fund=no", "close.style=market", "waterfall=fund,adl", f"engine.settles={settles}")
    desk = Desk(rules_with(*words, tiers=tiers), linear(max_price=1 << 18))
    desk.accounts(high=500_000, low=12_500_000, bob=1 << 40)
    desk.account("maker", 1 << 40, at.MAKER)
    desk.give("fund", 300_000)
    desk.tick(100_000)
    desk.trade(desk.id("high"), desk.id("bob"), 500, 100_000)
    desk.trade(desk.id("low"), desk.id("bob"), 5_000, 100_000)
    mark = 100_000 - 10 * gap_bp
    desk.bid(desk.id("maker"), 10_000, mark - 250)
    desk.tick(mark)
    desk.result()
    return bool(desk.named("PositionDeleveraged"))


@pytest.mark.parametrize(
    ("gap_bp", "deleverages"),
    [(100, False), (135, False), (140, True), (160, True), (185, True), (190, False), (200, False), (210, False), (220, True), (250, True)],
)  # fmt: skip
def test_surplus_that_settles_first_makes_adl_come_and_go_with_the_gap(gap_bp: int, deleverages: bool) -> None:  # noqa: FBT001 - a column
    assert cohorts("surplus-first", gap_bp) == deleverages


@pytest.mark.parametrize("gap_bp", [140, 190, 210, 220])
def test_in_order_the_deficit_meets_the_fund_before_the_surplus_does(gap_bp: int) -> None:
    assert cohorts("in-order", gap_bp)
