"""Index, mark and funding by hand."""

from __future__ import annotations

from shortfall.kernels import layout as at
from shortfall.model.commands import CancelAll, SettleFunding, SourceWeight
from shortfall.testing.desk import Desk, inverse, rules_with

RICH = 10_000_000
THIRD = (333_333, 333_333, 333_334)


def three_sources(*changes: str, weights: tuple[int, ...] = THIRD) -> Desk:
    desk = Desk(rules_with(*changes), sources=weights)
    desk.accounts(ann=RICH)
    return desk


def index_of(desk: Desk) -> int:
    return desk.exchange.price(0, at.M_INDEX)


def test_the_index_is_the_weighted_mean_rounded_down() -> None:
    # (1,000 x 2 + 1,010 x 1 + 1,030 x 1) / 4 = 1,010
    desk = three_sources(weights=(500_000, 250_000, 250_000))
    for k, price in enumerate((1_000, 1_010, 1_030)):
        desk.tick(price, source=k)
    assert index_of(desk) == 1_010
    desk.tick(1_033, source=2)
    assert index_of(desk) == 1_010  # 1,010.75


def test_a_missing_source_gives_its_weight_to_the_others() -> None:
    desk = three_sources(weights=(500_000, 250_000, 250_000))
    desk.tick(1_000)
    assert index_of(desk) == 1_000
    desk.tick(1_030, source=1)
    assert index_of(desk) == 1_010
    desk.do(SourceWeight(0, 0, 0))
    desk.tick(1_030, source=1)
    assert index_of(desk) == 1_030


def test_the_median_of_two_live_sources_is_their_middle_rounded_down() -> None:
    desk = three_sources("index.method=median")
    desk.tick(1_000)
    desk.tick(1_005, source=1)
    assert index_of(desk) == 1_002
    desk.tick(5_000, source=2)
    assert index_of(desk) == 1_005


def test_a_source_far_from_the_median_counts_only_to_the_clamp() -> None:
    # median 1,000; 5,000 counts as 1,050: (1,000 + 1,000 + 1,050) / 3
    desk = three_sources("index.clamp=5%")
    for k, price in enumerate((1_000, 1_000, 5_000)):
        desk.tick(price, source=k)
    assert index_of(desk) == 1_016


def test_a_stale_source_drops_out() -> None:
    desk = three_sources("index.stale_after=3s")
    desk.tick(1_000)
    desk.tick(2_000, source=1, after_us=3_000_000)
    assert index_of(desk) == 1_500
    desk.tick(2_000, source=1, after_us=1)
    assert index_of(desk) == 2_000


def test_too_few_sources_make_no_new_index() -> None:
    desk = three_sources("index.min_sources=2", "index.stale_after=3s")
    desk.tick(1_000)
    assert index_of(desk) == 0
    desk.tick(1_010, source=1)
    assert index_of(desk) == 1_005
    desk.tick(3_000, source=1, after_us=10_000_000)
    assert index_of(desk) == 1_005


def quoted(*changes: str) -> Desk:
    """Index 1,000, bid 1,010, ask 1,014, nothing traded yet, clock at one second."""
    desk = Desk(rules_with("mark.method=median", *changes))
    desk.accounts(ann=RICH, bob=RICH)
    desk.tick(1_000)
    desk.bid(desk.id("ann"), 10, 1_010)
    desk.ask(desk.id("ann"), 10, 1_014)
    return desk


def test_the_mark_is_the_median_of_last_smoothed_and_fair() -> None:
    desk = quoted()
    assert desk.exchange.price(0) == 1_000
    desk.wait(5_000_000)
    assert desk.exchange.price(0) == 1_012  # nothing traded: index + basis of 12
    desk.bid(desk.id("bob"), 1, 1_014)
    desk.wait(1)
    assert desk.exchange.price(0) == 1_012  # of 1,000, 1,012 and 1,014
    desk.ask(desk.id("bob"), 1, 1_010)
    desk.wait(1)
    assert desk.exchange.price(0) == 1_010  # of 1,000, 1,012 and 1,010


def test_the_basis_is_a_mean_over_samples_taken_at_their_interval() -> None:
    desk = quoted("mark.method=basis-mean", "mark.basis_samples=2")
    desk.wait(5_000_000)
    desk.do(CancelAll(desk.id("ann")))
    desk.bid(desk.id("ann"), 10, 1_018)
    desk.ask(desk.id("ann"), 10, 1_022)
    desk.wait(4_999_999)
    assert desk.exchange.price(0) == 1_012  # not yet
    desk.wait(1)
    assert desk.exchange.price(0) == 1_016  # (12 + 20) / 2
    desk.wait(5_000_000)
    assert desk.exchange.price(0) == 1_020  # the first sample has left the window


def test_the_exponential_basis_moves_by_two_over_samples_plus_one() -> None:
    # start at 12, then 12 + (20 - 12) x 2 / (3 + 1) = 16
    desk = quoted("mark.method=basis-ema", "mark.basis_samples=3")
    desk.wait(5_000_000)
    assert desk.exchange.price(0) == 1_012
    desk.do(CancelAll(desk.id("ann")))
    desk.bid(desk.id("ann"), 10, 1_018)
    desk.ask(desk.id("ann"), 10, 1_022)
    desk.wait(5_000_000)
    assert desk.exchange.price(0) == 1_016


def test_the_basis_is_clamped_by_rule() -> None:
    desk = quoted("mark.method=basis-mean", "mark.basis_clamp=0.5%")
    desk.wait(5_000_000)
    assert desk.exchange.price(0) == 1_005


def test_impact_prices_look_through_a_thin_touch() -> None:
    # 10,000 of notional: 1 lot at 1,010 and 9 at 1,000 (1,001 each); asks 1 at 1,014 and 9 at 1,024 (1,023)
    desk = Desk(rules_with("mark.method=basis-mean", "mark.impact_notional=10000"))
    desk.accounts(ann=RICH)
    desk.tick(1_000)
    for lots, price in ((1, 1_010), (20, 1_000)):
        desk.bid(desk.id("ann"), lots, price)
    for lots, price in ((1, 1_014), (20, 1_024)):
        desk.ask(desk.id("ann"), lots, price)
    desk.wait(5_000_000)
    assert desk.exchange.price(0) == 1_012  # (1,001 + 1,023) / 2


def test_one_print_far_away_does_not_move_the_median_mark() -> None:
    desk = quoted()
    desk.wait(5_000_000)
    desk.do(CancelAll(desk.id("ann")))
    desk.trade(desk.id("bob"), desk.id("ann"), 1, 1_999)
    desk.wait(1)
    assert desk.exchange.price(0) == 1_012


# -- funding ----------------------------------------------------------------------------------------------------------------------


def funded(*changes: str) -> Desk:
    desk = Desk(rules_with(*changes))
    desk.accounts(ann=RICH, bob=RICH, cat=RICH)
    desk.tick(100)
    desk.trade(desk.id("ann"), desk.id("bob"), 50, 100)
    desk.trade(desk.id("ann"), desk.id("cat"), 50, 100)
    return desk


def test_longs_pay_shorts_and_the_odd_units_are_dust() -> None:
    # 150,000 ppb of 10,000 is 1.5: ann pays 2; bob and cat are due 0.75 each and get 0
    desk = funded()
    desk.do(SettleFunding(0, 150_000))
    assert desk.cash("ann") == RICH - 2
    assert (desk.cash("bob"), desk.cash("cat")) == (RICH, RICH)
    assert desk.cash("dust USD") == 2


def test_a_negative_rate_makes_shorts_pay() -> None:
    desk = funded()
    desk.do(SettleFunding(0, -1_000_000))  # 0.1 %: 5 each
    assert (desk.cash("ann"), desk.cash("bob"), desk.cash("cat")) == (RICH + 10, RICH - 5, RICH - 5)
    assert desk.cash("dust USD") == 0


def test_an_absurd_rate_is_refused() -> None:
    desk = funded()
    assert desk.do(SettleFunding(0, 1_000_000_001)) == -at.BAD_VALUE
    assert desk.do(SettleFunding(0, -(1 << 62))) == -at.BAD_VALUE


def test_funding_of_inventory_is_borne_by_the_fee_account_and_never_by_the_fund() -> None:
    desk = Desk()
    desk.accounts(ann=1_000, bob=RICH)
    desk.give("fund", 100_000)
    desk.tick(100)
    desk.trade(desk.id("ann"), desk.id("bob"), 100, 100)
    desk.tick(85)
    assert desk.position("fund")[0] == 100
    desk.do(SettleFunding(0, 10_000_000))  # 1 % of 8,500
    assert desk.cash("fund") == 100_000
    assert desk.cash("fees USD") == -85
    assert desk.cash("bob") == RICH + 85


def test_the_rate_is_the_mean_premium_pulled_to_interest_within_clamp_and_cap() -> None:
    # premium 12 / 1,000 = 12,000,000 ppb; interest is below it by more than the clamp of 500,000
    for cap, rate in ((0, 11_500_000), (7_500_000, 7_500_000)):
        desk = quoted(f"funding.cap={cap / 1e9:.9f}")
        desk.wait(5_000_000)
        desk.do(SettleFunding(0))
        assert desk.last("FundingSettled")["funding_rate_ppb"] == rate


def test_a_small_premium_is_pulled_to_the_interest_itself() -> None:
    desk = Desk()
    desk.accounts(ann=RICH)
    desk.tick(1_000)
    desk.do(SettleFunding(0))
    assert desk.last("FundingSettled")["funding_rate_ppb"] == 100_000


def test_funding_that_uses_up_the_margin_liquidates() -> None:
    desk = Desk()
    desk.accounts(ann=1_000, bob=RICH)
    desk.tick(100)
    desk.trade(desk.id("ann"), desk.id("bob"), 100, 100)
    desk.do(SettleFunding(0, 51_000_000))  # 5.1 %: 510, 490 left against 500
    assert [e.account for e in desk.named("LiquidationTriggered")] == [desk.id("ann")]


def test_inverse_funding_is_paid_in_coins_of_the_notional_at_mark() -> None:
    # 300 lots of 1,000,000 at 250: 1,200,000 coins; 0.01 % is 120
    desk = Desk(contract=inverse())
    desk.accounts(ann=RICH, bob=RICH)
    desk.tick(250)
    desk.trade(desk.id("ann"), desk.id("bob"), 300, 250)
    desk.do(SettleFunding(0, 100_000))
    assert (desk.cash("ann"), desk.cash("bob")) == (RICH - 120, RICH + 120)
