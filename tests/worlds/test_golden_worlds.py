"""The bundled worlds against figures worked by hand; each literal stands in its world's comments with its sum."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Any, Final

from shortfall.kernels import layout as at

if TYPE_CHECKING:
    from collections.abc import Callable

D: Final = Decimal


def test_a_calm_liquidation_feeds_the_fund(bundled: Callable[[str], Any]) -> None:
    ran = bundled("calm-liquidation")
    (case,) = ran.cases()
    assert ran.units(case.equity_quote) == D(4700)
    assert ran.units(case.maintenance_quote) == D(4735)
    assert ran.price(case.clips[0].bankruptcy_price_ticks) == D(90_000)
    assert ran.price(case.clips[0].last_price_ticks) == D(94_500)
    assert ran.units(case.fees_quote) == D("472.5")
    assert ran.units(case.surplus_quote) == D("4027.5")
    assert case.deficit_quote == 0
    assert (ran.cash("fund"), ran.cash("ten-times-long")) == (D(5500), D(0))
    assert ran.value() == {"fund_cash": D(-4500)}


def test_a_market_order_walks_below_bankruptcy_and_the_fund_pays_cash(bundled: Callable[[str], Any]) -> None:
    ran = bundled("bids-vanish-market")
    (case,) = ran.cases()
    assert ran.units(case.equity_quote) == D(-5000)
    assert ran.units(case.deficit_quote) == D(6000)
    assert (ran.cash("fund"), ran.equity("fund")) == (D(94_000), D(94_000))
    assert ran.value() == {"fund_cash": D(6000)}
    assert ran.equity("maker") - ran.cash("maker", 0) == D(8000)


def test_a_pool_goes_without_what_a_trader_cannot_pay(bundled: Callable[[str], Any]) -> None:
    ran = bundled("pool-absorbs")
    (case,) = ran.cases()
    assert ran.units(case.equity_quote) == D(-5000)
    assert [ran.units(amount) for _, amount in case.paid] == [D(5000)]
    assert (ran.cash("providers"), ran.cash("long"), ran.size("providers")) == (D(60_000), D(0), D(0))
    assert ran.value() == {"liquidity": D(5000)}


def test_an_order_limited_at_bankruptcy_leaves_inventory_instead(bundled: Callable[[str], Any]) -> None:
    ran = bundled("bids-vanish-bankruptcy")
    (case,) = ran.cases()
    (taken,) = case.takeovers
    assert (ran.price(taken.price_ticks), taken.to) == (D(90_000), ran.number("fund"))
    assert ran.value() == {"fund_takeover": D(5000)}
    assert ran.cash("fund") == D(100_000)
    assert ran.equity("fund", 2) == D(95_000)
    assert ran.equity("fund", 3) == D(102_000)
    assert ran.size("fund") == D(1)


def test_fund_cash_runs_out_and_adl_takes_the_next(bundled: Callable[[str], Any]) -> None:
    ran = bundled("fund-cash-runs-out")
    first, second = ran.cases()
    assert (ran.units(first.deficit_quote), ran.units(second.deficit_quote)) == (D(6000), D(5333))
    assert ran.cash("fund") == D(2)
    (cut,) = second.deleveraged
    assert (ran.price(cut.price_ticks), ran.given_up(cut)) == (D(90_000), D(3335))
    assert ran.value() == {"fund_cash": D(7998), "adl_transfer": D(3335)}
    assert ran.size("others") == D("-1.333")


def test_fund_capacity_runs_out_with_its_cash_untouched(bundled: Callable[[str], Any]) -> None:
    ran = bundled("fund-capacity-runs-out")
    assert ran.cash("fund", 0) == ran.cash("fund") == D(100_000)
    assert ran.size("fund") == D("1.176")
    assert ran.value() == {"fund_takeover": D(5880), "adl_transfer": D(9120)}
    result = ran.run.results[0]
    assert (result.adl_by_capacity_lots, result.adl_by_loss_lots, result.adl_lots) == (1824, 0, 1824)
    assert ran.book().paid == {}
    assert ran.size("others") == D("-1.176")


def test_the_short_that_was_right_is_cut_first(bundled: Callable[[str], Any]) -> None:
    ran = bundled("right-and-cut")
    (case,) = ran.cases()
    (cut,) = case.deleveraged
    assert (cut.to, ran.price(cut.price_ticks), ran.given_up(cut)) == (ran.number("right"), D(90_000), D(5000))
    assert abs(D(cut.rank) / (1 << 20) - D("0.5366")) < D("0.0001")
    assert (ran.size("right"), ran.cash("right"), ran.equity("right")) == (D(-1), D(42_000), D(82_000))
    assert ran.size("hedger") == D(-1)
    assert ran.value() == {"adl_transfer": D(5000)}


def test_a_loss_is_socialised_pro_rata_of_profit(bundled: Callable[[str], Any]) -> None:
    ran = bundled("socialised-loss")
    charged = {ran.run.names[account]: ran.units(amount) for account, amount in ran.book().socialised.items()}
    assert charged == {"big": D("3515.625"), "small": D("1171.875"), "maker": D("312.5")}
    assert ran.cash("fund") == D(0)
    assert ran.value() == {"fund_cash": D(1000), "socialised_loss": D(5000)}


def test_an_uncovered_claim_is_stated(bundled: Callable[[str], Any]) -> None:
    ran = bundled("no-layer-left")
    assert ran.units(ran.book().uncovered) == D(5000)
    assert ran.cash("long") == D(-5000)
    assert ran.value() == {"fund_cash": D(1000), "uncovered_claim": D(5000)}


def test_a_stable_mark_says_nothing_about_the_exit(bundled: Callable[[str], Any]) -> None:
    ran = bundled("stable-mark-empty-book")
    (case,) = ran.cases()
    assert (ran.units(case.equity_quote), ran.units(case.deficit_quote)) == (D(4700), D(20_000))
    assert ran.mark() == D(94_700)
    assert ran.cash("fund") == D(30_000)
    assert ran.equity("maker") - ran.cash("maker", 0) == D(24_700)
    assert ran.size("careful") == D(1)


def test_one_print_liquidates_under_the_last_price(bundled: Callable[[str], Any]) -> None:
    ran = bundled("one-print-last")
    (case,) = ran.cases()
    assert (ran.price(case.trigger_mark_ticks), case.equity_quote) == (D(90_000), 0)
    assert (ran.cash("long"), ran.size("long"), ran.cash("fund")) == (D(0), D(0), D(10_000))


def test_one_print_liquidates_nobody_under_the_median(bundled: Callable[[str], Any]) -> None:
    ran = bundled("one-print-median")
    assert ran.cases() == []
    assert (ran.mark(), ran.equity("long"), ran.size("long")) == (D(100_000), D(10_000), D(1))


def test_separate_funds_do_not_know_each_other(bundled: Callable[[str], Any]) -> None:
    ran = bundled("separate-funds")
    assert (ran.cash("btc-fund"), ran.cash("eth-fund")) == (D(0), D(18_000))
    charged = {ran.run.names[account]: ran.units(amount) for account, amount in ran.book(0).socialised.items()}
    assert charged == {"others": D(1875), "maker": D(125)}
    assert ran.value(0) == {"fund_cash": D(4000), "socialised_loss": D(2000)}
    assert ran.value(1) == {"fund_cash": D(2000)}


def test_a_shared_fund_pays_for_both(bundled: Callable[[str], Any]) -> None:
    ran = bundled("shared-fund")
    assert ran.cash("shared-fund") == D(16_000)
    assert ran.value(0) == {"fund_cash": D(6000)}
    assert ran.value(1) == {"fund_cash": D(2000)}


def test_equal_volume_and_unequal_depth_end_on_opposite_sides_of_the_fund(bundled: Callable[[str], Any]) -> None:
    ran = bundled("equal-volume-unequal-depth")
    assert (ran.value(0), ran.value(1)) == ({"fund_cash": D(-4600)}, {"fund_cash": D(680)})
    assert ran.cash("fund") == D(13_920)


def test_an_inverse_contract_is_short_of_its_own_collateral(bundled: Callable[[str], Any]) -> None:
    ran = bundled("inverse")
    (case,) = ran.cases()
    assert ran.cash("long", 0) == D("0.5")
    assert ran.price(case.clips[0].bankruptcy_price_ticks) == D(40_000)
    assert ran.units(case.equity_quote) == D("-0.625")
    assert ran.units(case.maintenance_quote) == D("0.15625")
    assert ran.units(case.deficit_quote) == D("0.7")
    assert ran.cash("fund") == D("0.3")
    assert ran.value() == {"fund_cash": D("0.7")}


def test_cross_equity_is_allocated_by_requirement(bundled: Callable[[str], Any]) -> None:
    ran = bundled("cross-margin")
    (case,) = ran.cases()
    assert (ran.units(case.equity_quote), ran.units(case.maintenance_quote)) == (D(11_250), D(13_500))
    ether, bitcoin = case.clips
    assert (ether.market, ran.allocated(ether), ran.price(ether.bankruptcy_price_ticks, 1)) == (1, D(7500), D(2750))
    assert (bitcoin.market, ran.allocated(bitcoin)) == (0, D(3750))
    assert ran.price(bitcoin.bankruptcy_price_ticks) == D(86_250)
    assert ran.value(0) == {"fund_cash": D(-1750)}
    assert ran.value(1) == {"backstop_takeover": D(-7500)}
    assert (ran.cash("fund"), ran.equity("backstop")) == (D(1750), D(207_500))


def test_dropping_one_tier_saves_the_account(bundled: Callable[[str], Any]) -> None:
    ran = bundled("partial-saves")
    (case,) = ran.cases()
    assert (ran.units(case.equity_quote), ran.units(case.maintenance_quote)) == (D(8000), D(8300))
    assert ran.size("long") == D("0.555")
    assert (ran.cash("long"), ran.equity("long", 2), ran.equity("long", 3)) == (D("13485.5"), D("7935.5"), D("10710.5"))
    assert ran.cash("fund") == D(50_000)
    assert ran.value() == {}


def test_dropping_one_tier_is_too_late_in_a_gap(bundled: Callable[[str], Any]) -> None:
    ran = bundled("partial-too-fast")
    (case,) = ran.cases()
    first, second = case.clips
    assert (first.book_lots, second.book_lots) == (575, 625)
    assert (ran.units(first.equity_quote), ran.units(second.equity_quote)) == (D(-4575), D(-5200))
    assert ran.units(case.deficit_quote) == D(5200)
    assert ran.cash("fund") == D(44_800)
    assert ran.value() == {"fund_cash": D(5200)}


def test_collateral_is_sold_before_any_layer_is_asked(bundled: Callable[[str], Any]) -> None:
    ran = bundled("collateral-falls")
    (case,) = ran.cases()
    assert ran.units(case.equity_quote) == D(4300)
    assert ran.price(case.clips[0].bankruptcy_price_ticks) == D(93_700)
    ((_, sold, got),) = case.sold_collateral
    assert (D(sold).scaleb(-8), ran.units(got)) == (D(2), D(2520))
    assert (ran.cash("long"), ran.equity("long"), ran.cash("fund")) == (D(0), D(3780), D(10_000))
    assert ran.value() == {}


def test_a_whale_withdraws_and_the_backstop_inherits(bundled: Callable[[str], Any]) -> None:
    ran = bundled("whale-withdraws")
    (case,) = ran.cases()
    (taken,) = case.takeovers
    assert ran.cash("whale", 2) == D(-90_000)
    assert ran.price(taken.price_ticks) == D(2090)
    assert (taken.lots, ran.given_up(taken)) == (90_000, D(-9000))
    assert ran.cash("whale") == D(500)
    assert ran.cash("backstop") == D(955_000)
    assert ran.value() == {"backstop_takeover": D(-9000)}
    assert ran.run.exchange.stat(0, at.T_INVENTORY_REALISED) == -45_000_000_000
