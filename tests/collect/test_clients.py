"""Each venue's client against its fake: what the fields mean, worked by hand from the fake's figures."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

import pytest

from shortfall.data.collect.chain_address import module_address
from shortfall.data.collect.client import Refusal
from shortfall.data.collect.venues import VENUES
from shortfall.data.figure_records import NAMES, State

if TYPE_CHECKING:
    from collections.abc import Callable

    from shortfall.data.figure_records import ContractFigures

    Figures = Callable[..., ContractFigures]

# open interest in base and quote, fund in the settlement asset; the arithmetic on the fake's figures beside it
EXPECTED = {
    "binance": ("80000", "4800000000", "7500000.25"),  # 80,000 BTC x 60,000
    "bybit": ("50000", "3000000000", "4100000.5"),  # single side 50,000 of both 100,000; x 60,000
    "okx": ("30000", "1799700000", "90000000.5"),  # oiCcy; oiUsd as published; newest of two entries
    "bitmex": ("4000", "240000000", "31000"),  # 240 M contracts of 1 USD / 60,000; 3.1e12 satoshi / 1e8
    "deribit": ("10000", "600000000", None),  # 600 M USD / 60,000; no fund is published
    "kraken": ("200", "12000000", None),  # 12 M contracts of 1 USD / 60,000; no fund is published
    "gate": ("5000", "300000000", "22000000.5"),  # 50 M contracts x 0.0001; the newest day of the history
    "hyperliquid": ("30000", "1800000000", None),  # no fund; see the vaults below
    "dydx": ("400", "24000000", "12000000.5"),  # 12,000,000,500,000 / 1e6
    "paradex": ("3000", "180000000", "1250000.75"),
    "lighter": ("2500.5", "150055005", "41000000.25"),  # 2,500.5 x last 60,010; account value, not collateral
    "orderly": ("900.25", "54015000", "2000000.25"),  # account value, not the balance
}


def test_every_venue_has_an_expectation() -> None:
    assert sorted(EXPECTED) == sorted(VENUES)


@pytest.mark.parametrize("venue", VENUES)
def test_fund_and_open_interest_are_as_worked_by_hand(venue: str, figures: Figures) -> None:
    held = figures(venue)
    base, notional, fund = EXPECTED[venue]
    assert held.get("open_interest_base").number() == Decimal(str(base))
    assert held.get("open_interest_notional").number() == Decimal(str(notional))
    if fund is None:
        assert not held.get("fund_balance").known
    else:
        assert held.get("fund_balance").number() == Decimal(fund)
    assert held.findings == ()


@pytest.mark.parametrize("venue", VENUES)
def test_every_name_is_known_with_a_source_or_unknown_with_a_reason(venue: str, figures: Figures) -> None:
    held = figures(venue)
    assert [figure.name for figure in held.figures] == list(NAMES)
    for figure in held.figures:
        if figure.known:
            assert figure.source.startswith(("http://127.0.0.1", "POST http://127.0.0.1"))
            assert figure.value is not None
        else:
            assert figure.note
            assert figure.value is None


@pytest.mark.parametrize("venue", [venue for venue in VENUES if venue != "orderly"])
def test_the_book_is_in_base_units_with_the_best_levels_first(venue: str, figures: Figures) -> None:
    held = figures(venue)
    bids = [row for row in held.book if row.side == "bid"]
    asks = [row for row in held.book if row.side == "ask"]
    # every fake bids 59,995 for 2 BTC: 119,990 USD of an inverse contract, 200 contracts of 0.01, 20,000 of 0.0001;
    # BitMEX's 120,000 / 59,995 = 2.00016668; asks 60,005 for 1.5, inverse 60,005 USD = 1 BTC
    sizes = {"bitmex": "2.00016668"}
    assert (bids[0].price, bids[0].size_base) == (Decimal(59_995), Decimal(sizes.get(venue, "2")))
    inverse = venue in ("bitmex", "deribit", "kraken")
    assert (asks[0].price, asks[0].size_base) == (Decimal(60_005), Decimal("1" if inverse else "1.5"))
    assert held.get("best_bid").number() == Decimal(59_995)


# position side, size and price of the liquidation that each fake publishes
LIQUIDATED = {
    "bitmex": [("long", "1", "59000", "order")],  # a Sell order closes a long; 59,000 USD / 59,000
    "deribit": [("long", "0.5", "60000", "fill"), ("short", "1", "60000", "fill")],  # taker sold; maker bought
    "kraken": [("long", "0.1", "60000", "fill")],
    "gate": [("long", "0.06", "59000", "fill")],  # 600 x 0.0001
    "dydx": [("long", "1.5", "59000", "fill")],
    "paradex": [("long", "2", "59500", "fill")],
    "lighter": [("long", "0.7", "59900", "fill")],  # the taker sold into a bid
    "orderly": [("short", "2.5", "60500", "fill")],  # position -2.5
}


@pytest.mark.parametrize("venue", sorted(LIQUIDATED))
def test_liquidations_have_the_side_of_the_position(venue: str, figures: Figures) -> None:
    rows = figures(venue).liquidations
    found = [(row.position_side, row.size_base, row.price, row.price_kind) for row in rows]
    assert found == [(side, Decimal(size), Decimal(price), kind) for side, size, price, kind in LIQUIDATED[venue]]


def test_the_keys_of_liquidations_do_not_change_from_one_collection_to_the_next(figures: Figures) -> None:
    for venue in LIQUIDATED:
        assert [row.key for row in figures(venue).liquidations] == [row.key for row in figures(venue).liquidations]


def test_bybit_halves_the_sum_of_both_sides_where_one_side_is_not_published(figures: Figures) -> None:
    interest = figures("bybit", "ETHUSDT").get("open_interest_base")
    assert (interest.number(), interest.state) == (Decimal(50_000), State.DERIVED)
    assert "sums both sides" in interest.note


def test_bybit_finds_the_contracts_own_pool_among_the_others(figures: Figures) -> None:
    held = figures("bybit")
    assert [pool.members for pool in held.pools] == [("ETHUSDT", "SOLUSDT"), ("BTCUSDT",), ()]
    own = held.pool_of_contract()
    assert own is not None
    assert (own.form, own.balance("USDT")) == ("contract", Decimal("4100000.5"))
    assert held.get("adl_start_ratio").number() == Decimal("-0.3")


def test_a_ladder_is_contiguous_and_marginal_amounts_are_kept(figures: Figures) -> None:
    tiers = figures("bybit").tiers
    assert [f"{row.floor} to {row.cap}" for row in tiers] == [
        "0 to 2000000",
        "2000000 to 3000000",
        "3000000 to 50000000",
    ]
    assert tiers[1].maintenance_amount == Decimal(2000)  # 2,000,000 x (0.006 - 0.005)
    assert [str(row.initial_rate) for row in tiers] == ["0.01", "0.012", "0.2"]  # fractions, the steepest included
    (inverse,) = figures("bybit", "BTCUSD").tiers  # the same venue states percent there: 1 % x 100 = 100
    assert (inverse.initial_rate, inverse.maintenance_rate, inverse.unit) == (Decimal("0.01"), Decimal("0.005"), "BTC")
    steep = figures("hyperliquid").tiers
    # half of 1/40 and of 1/20; deduction 100 M x (0.025 - 0.0125)
    assert [row.maintenance_rate for row in steep] == [Decimal("0.0125"), Decimal("0.025")]
    assert steep[1].maintenance_amount == Decimal(1_250_000)


def test_bitmex_rates_rise_by_a_step_of_the_whole_position(figures: Figures) -> None:
    tiers = figures("bitmex").tiers
    # 200 XBT, then 150 more each; initial 1 % + 0.5 % a step
    assert [(row.cap, row.initial_rate, row.maintenance_rate) for row in tiers[:3]] == [
        (Decimal(200), Decimal("0.01"), Decimal("0.005")),
        (Decimal(350), Decimal("0.015"), Decimal("0.010")),
        (Decimal(500), Decimal("0.020"), Decimal("0.015")),
    ]
    assert {row.shape for row in tiers} == {"step"}


def test_okx_takes_the_newest_balance_and_never_the_venues_total(figures: Figures) -> None:
    held = figures("okx")
    assert held.get("fund_balance").number() == Decimal("90000000.5")
    assert held.get("fund_venue_total").number() == Decimal(2_500_000_000)
    assert "not what this contract can use" in held.get("fund_venue_total").note


def test_hyperliquid_has_vaults_and_no_fund(figures: Figures) -> None:
    held = figures("hyperliquid")
    assert held.get("backstop_balance").number() == Decimal("35000000.5")  # 5,000,000 + 30,000,000.5
    assert "no insurance fund" in held.get("fund_balance").note


def test_deribit_counts_bankruptcies_of_the_currency(figures: Figures) -> None:
    lost = figures("deribit").get("bankruptcy_losses")
    assert lost.number() == Decimal("0.25")
    assert "whole currency" in lost.note


def test_an_isolated_market_of_dydx_has_a_fund_of_its_own(figures: Figures) -> None:
    held = figures("dydx", "ISO-USD")
    assert held.get("fund_balance").number() == Decimal(250_000)
    assert held.pools[0].form == "contract"
    assert module_address("dydx", "insurance_fund") == "dydx1c7ptc87hkd54e3r7zjy92q29xkq7t79w64slrq"


def test_weights_of_an_index_are_kept_as_published(figures: Figures) -> None:
    held = figures("okx")
    assert [row.weight for row in held.constituents] == [Decimal("0.501"), Decimal("0.5")]
    assert "normalise" in held.get("constituents").note


def test_an_adl_word_is_kept_and_known(figures: Figures) -> None:
    signal = figures("binance").adl_signals[0]
    assert (signal.state, signal.recognised) == ("low", True)
    assert figures("gate").get("adl_state").value == "NORMAL"


REFUSED = (
    ("binance", "BTCUSD", "spot symbol"),
    ("binance", "BTCUSDT_261225", "not a perpetual"),
    ("binance", "SAFU", "held in custody"),
    ("bybit", "SPOTUSDT", "spot symbol"),
    ("okx", "BTC-USDT", "spot symbol"),
    ("bitmex", "XBT_USDT", "spot symbol"),
    ("deribit", "BTC_USDC", "spot symbol"),
    ("kraken", "XBT/USD", "spot symbol"),
    ("gate", "proof-of-reserves", "held in custody"),
    ("hyperliquid", "PURR/USDC", "spot market"),
    ("hyperliquid", "@107", "spot market"),
    ("dydx", "NOPE-USD", "not among"),
    ("paradex", "BTC-USD", "spot symbol"),
    ("lighter", "LIT/USDC", "of type spot"),
    ("orderly", "SPOT_BTC_USDC", "spot symbol"),
)


@pytest.mark.parametrize(("venue", "symbol", "words"), REFUSED)
def test_a_spot_symbol_or_reserve_is_refused_with_a_sentence(
    venue: str, symbol: str, words: str, ask: Callable[..., ContractFigures | Refusal]
) -> None:
    found = ask(venue, symbol)
    assert isinstance(found, Refusal)
    assert words in found.sentence
