"""Metrics of the fund worked by hand, and Binance's three real pools, which differ about 150 times behind one headline."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from typing import TYPE_CHECKING

import pytest

from shortfall.assess.metrics.fund import (
    consumed_together,
    fund_currencies,
    fund_form,
    fund_of_contract,
    fund_over_interest,
    fund_over_near,
    fund_over_pool_interest,
)
from shortfall.assess.metrics.record import single
from shortfall.data.figure_records import NAMES, ContractFigures, Figure, FundAsset, FundPool, State
from shortfall.data.figures import load_bundled
from shortfall.errors import InputError

if TYPE_CHECKING:
    from shortfall.assess.metrics.record import Metric


def ends(found: Metric) -> tuple[object, object]:
    """Return the lowest and the highest value."""
    return found.low, found.high


def figure(name: str, value: str | int) -> Figure:
    """Return a retyped figure."""
    return Figure(name, Decimal(value), NAMES[name], State.RETYPED, "a page")


def contract(symbol: str, pool: FundPool | None, **values: str) -> ContractFigures:
    """Return a linear contract on ABC in USDT with figures."""
    figures = tuple(figure(name, value) for name, value in values.items())
    return ContractFigures("v", symbol, figures, "ABC", "USDT", "USDT", "linear", pools=() if pool is None else (pool,))


def test_binances_three_real_pools_differ_about_150_times_and_each_is_read_against_its_own_contract() -> None:
    # documented answer of April 2025: 793,930,579.32, 314,151,411.06 and 5,166,686.84 USDT; 793.93 / 5.1667 = 153.66
    funds = [fund_of_contract(load_bundled("binance", name)).number() for name in ("BTCUSDT", "XRPUSDT", "ACTUSDT")]
    assert [int(one) for one in funds] == [793_930_579, 314_151_411, 5_166_686]
    assert Decimal("153.6") < funds[0] / funds[2] < Decimal("153.7")
    # against the same 100 M of open interest: 7.939, 3.142 and 0.0517 times
    interest = figure("open_interest_notional", 100_000_000)
    ratios = []
    for name in ("BTCUSDT", "XRPUSDT", "ACTUSDT"):
        held = load_bundled("binance", name)
        kept = tuple(one for one in held.figures if one.name != interest.name)
        ratios.append(float(fund_over_interest(replace(held, figures=(*kept, interest))).number()))
    assert ratios == pytest.approx([7.93930579, 3.14151411, 0.05166687], rel=1e-6)


def test_a_contract_without_recorded_open_interest_has_no_ratio_and_no_zero() -> None:
    found = fund_over_interest(load_bundled("binance", "ACTUSDT"))
    assert not found.known
    assert found.low is None
    assert "open_interest_notional" in found.reason


def test_an_unknown_fund_is_unknown_everywhere() -> None:
    held = load_bundled("binance", "SUIUSDT")
    for metric in (fund_of_contract(held), fund_form(held), fund_over_interest(held), fund_currencies(held)):
        assert (metric.known, metric.low) == (False, None), metric.key
        assert "no recorded answer names the pool" in metric.reason


def test_a_shared_fund_is_read_against_everybody_who_draws_on_it() -> None:
    # 300 of fund; open interest 500 and 1,000: alone 0.6, together 300 / 1,500 = 0.2
    pool = FundPool("both", "shared", ("A", "B"), (FundAsset("USDT", Decimal(300)),))
    a = contract("A", pool, fund_balance="300", open_interest_notional="500")
    b = contract("B", pool, fund_balance="300", open_interest_notional="1000")
    assert fund_over_interest(a).number() == Decimal("0.6")
    assert fund_over_pool_interest(a, (a, b)).number() == Decimal("0.2")
    partly = fund_over_pool_interest(a, (a,))
    assert partly.number() == Decimal("0.6")
    assert partly.note == "at most: open interest of B is not recorded"


def test_an_inverse_contract_is_read_in_its_coin() -> None:
    # 20 coins of fund, 400 coins of open interest: 0.05, whatever the notional in dollars is
    held = contract("A", None, fund_balance="20", open_interest_base="400", open_interest_notional="9999")
    inverse = replace(held, base_asset="BTC", settlement_asset="BTC", contract_form="inverse")
    assert fund_over_interest(inverse).number() == Decimal("0.05")


def test_other_currencies_count_not_at_all_or_at_par() -> None:
    pool = FundPool(
        "p",
        "shared",
        ("A",),
        (FundAsset("USDT", Decimal(10)), FundAsset("USDC", Decimal(5)), FundAsset("BTC", Decimal(1))),
    )
    found = fund_currencies(contract("A", pool, fund_balance="10"))
    assert ends(found) == (10, 15)  # USDC at par; BTC for nothing
    assert "1 BTC" in found.note


def test_fund_over_what_is_near_liquidation_is_a_range_over_populations() -> None:
    # 50 against 100 and 400: 0.125 to 0.5
    found = fund_over_near(Decimal(50), (Decimal(100), Decimal(400)), "USDT", ())
    assert ends(found) == (Decimal("0.125"), Decimal("0.5"))
    assert not fund_over_near(None, (Decimal(100),), "USDT", ()).known
    assert not fund_over_near(Decimal(50), (Decimal(0),), "USDT", ()).known


def test_shares_of_a_pool_are_not_added() -> None:
    share = single("fund_share_consumed", "share", Decimal("0.4"), "fraction", "f")
    assert consumed_together((share,)) is share
    with pytest.raises(InputError, match="do not add"):
        consumed_together((share, share))
