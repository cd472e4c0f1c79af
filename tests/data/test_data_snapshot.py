"""The bundled snapshots: figures worked out by hand from the published sources."""

from __future__ import annotations

import subprocess
import sys
from datetime import UTC, date, datetime
from decimal import Decimal
from itertools import pairwise
from typing import TYPE_CHECKING

import pytest

from shortfall.data import ContractSnapshot, Kind, available, available_series, load_snapshot, load_snapshot_file
from shortfall.data import snapshot as snapshot_module
from shortfall.errors import DataError, InputError

if TYPE_CHECKING:
    from pathlib import Path

SYMBOLS = ("BNBUSDT", "BTCUSDT", "ETHUSDT", "SOLUSDT", "SUIUSDT")
IN_POOL = ("BNBUSDT", "BTCUSDT", "ETHUSDT")
every_symbol = pytest.mark.parametrize("symbol", SYMBOLS)


def load(symbol: str) -> ContractSnapshot:
    return load_snapshot("binance", symbol)


def test_five_contracts_are_bundled() -> None:
    assert available() == tuple(("binance", symbol) for symbol in SYMBOLS)


def test_a_contract_that_is_not_bundled_is_refused_with_the_list() -> None:
    with pytest.raises(InputError, match="binance/BTCUSDT, binance/ETHUSDT") as caught:
        load_snapshot("binance", "../binance/BTCUSDT")
    assert not isinstance(caught.value, DataError)


def test_importing_the_package_loads_no_parser() -> None:
    code = "import sys, shortfall.data; print([n for n in ('tomllib', 'numpy', 'numba', 'csv') if n in sys.modules])"
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert ran.stdout.strip() == "[]"


def test_bitcoin_ladder_has_twelve_tiers_from_150x_to_1x() -> None:
    ladder = load("BTCUSDT").tiers.known()
    assert len(ladder) == 12
    first, last = ladder[0], ladder[-1]
    assert [first.floor_quote, first.cap_quote] == [Decimal(0), Decimal(300_000)]
    assert [first.maintenance_rate, first.max_leverage] == [Decimal("0.004"), Decimal(150)]
    assert [last.floor_quote, last.cap_quote] == [Decimal(1_200_000_000), Decimal(1_800_000_000)]
    assert [last.maintenance_rate, last.max_leverage] == [Decimal("0.5"), Decimal(1)]


def test_maintenance_of_ten_million_bitcoin_is_88_000() -> None:
    """Tier 4, 3 M to 12 M: 10 M x 1 % - 12,000; tier by tier 1,200 + 2,500 + 14,300 + 70,000 is the same."""
    tier = next(tier for tier in load("BTCUSDT").tiers.known() if tier.floor_quote < 10_000_000 <= tier.cap_quote)
    assert 10_000_000 * tier.maintenance_rate - tier.maintenance_amount_quote == 1_200 + 2_500 + 14_300 + 70_000


@pytest.mark.parametrize(("symbol", "tiers"), [("BNBUSDT", 10), ("ETHUSDT", 12), ("SOLUSDT", 10), ("SUIUSDT", 9)])
def test_number_of_tiers(symbol: str, tiers: int) -> None:
    assert len(load(symbol).tiers.known()) == tiers


@every_symbol
def test_maintenance_is_continuous_at_every_tier_bound(symbol: str) -> None:
    for lower, upper in pairwise(load(symbol).tiers.known()):
        bound = upper.floor_quote
        below = bound * lower.maintenance_rate - lower.maintenance_amount_quote
        assert bound * upper.maintenance_rate - upper.maintenance_amount_quote == below


@every_symbol
def test_the_ladder_is_the_one_before_the_crash(symbol: str) -> None:
    assert load(symbol).tiers.as_of == date(2025, 10, 9)


@pytest.mark.parametrize("symbol", IN_POOL)
def test_bnb_btc_and_eth_share_one_pool(symbol: str) -> None:
    sourced = load(symbol).pool
    pool = sourced.known()
    assert sourced.as_of == date(2025, 4, 23)
    assert set(IN_POOL) < set(pool.members)
    assert len(pool.members) == 8
    assert {held.asset: str(held.balance) for held in pool.assets} == {
        "USDC": "299999998.6497832",
        "USDT": "793930579.315848",
        "BTC": "61.73143554",
        "BNFCR": "633223.99396922",
    }
    moment = datetime.fromtimestamp(1_745_366_402, UTC)
    assert {held.updated_at for held in pool.assets} == {moment}


def test_an_asset_that_the_pool_does_not_list_has_no_balance() -> None:
    pool = load("BTCUSDT").pool.known()
    assert pool.balance("USDT") == Decimal("793930579.315848")
    assert pool.balance("ETH") is None


@pytest.mark.parametrize("symbol", ["SOLUSDT", "SUIUSDT"])
def test_an_unknown_pool_stays_unknown_and_is_never_zero(symbol: str) -> None:
    pool = load(symbol).pool
    assert pool.kind is Kind.UNKNOWN
    assert pool.value is None
    assert pool.reason
    with pytest.raises(DataError, match="Expected a known figure, it is unknown: no recorded answer"):
        pool.known()
    assert "pool" in [field.name for field in load(symbol).unknown()]


@pytest.mark.parametrize(
    ("symbol", "tick", "lot"),
    [
        ("BTCUSDT", "0.1", "0.001"),
        ("ETHUSDT", "0.01", "0.001"),
        ("BNBUSDT", "0.01", "0.01"),
        ("SOLUSDT", "0.001", "1"),
        ("SUIUSDT", "0.0001", "0.1"),
    ],
)
def test_tick_and_lot(symbol: str, tick: str, lot: str) -> None:
    held = load(symbol)
    assert (str(held.tick_size.known()), str(held.lot_size.known())) == (tick, lot)


def test_bitcoin_open_interest_is_worth_5_5_billion() -> None:
    held = load("BTCUSDT")
    worth = held.open_interest_base.known() * held.mark_price.known()
    assert int(worth) == 5_508_245_795  # 87,278.562 BTC at 63,111.09703595, one side


def test_bitcoin_depth_is_observed_to_200_bps_and_no_farther() -> None:
    depth = load("BTCUSDT").depth.known()
    assert [int(point.distance_bps) for point in depth.points] == [1, 2, 5, 10, 25, 50, 100, 200]
    assert depth.observed_to_bps == 200
    assert "extrapolated" in depth.beyond
    millions = [round(point.bid_notional_quote / 10**6, 1) for point in depth.points]
    assert millions == [Decimal(text) for text in ("0.4", "0.8", "2.1", "6.0", "24.0", "49.1", "89.1", "207.9")]


@pytest.mark.parametrize(
    ("symbol", "reach"), [("BTCUSDT", 15), ("ETHUSDT", 33), ("BNBUSDT", 169), ("SOLUSDT", 80), ("SUIUSDT", 661)]
)
def test_hundred_level_books_say_how_far_they_reach(symbol: str, reach: int) -> None:
    held = load(symbol)
    depth = (held.depth_second or held.depth).known()
    assert depth.observed_to_bps == reach == depth.points[-1].distance_bps


@pytest.mark.parametrize("symbol", ["BTCUSDT", "ETHUSDT"])
def test_two_recordings_of_near_depth_agree_within_a_factor_of_six(symbol: str) -> None:
    """A busy market holds less near mid than a calm one; the far bids of 8 August are lower bounds besides."""
    held = load(symbol)
    assert held.depth_second is not None
    calm = {point.distance_bps: point.bid_notional_quote for point in held.depth_second.known().points}
    for point in held.depth.known().points:
        if point.distance_bps in calm:
            assert point.bid_notional_quote < calm[point.distance_bps] < 6 * point.bid_notional_quote


def test_days_between_fields_are_counted_by_hand() -> None:
    held = load("BTCUSDT")
    assert held.depth.as_of == date(2024, 8, 8)
    assert held.days_apart("depth", "tiers") == 365 + 62  # 8 Aug 2024 to 8 Aug 2025, then to 9 October
    assert held.days_apart("tiers", "depth") == 427
    assert held.days_apart("pool", "open_interest_base") == 214  # 21 Sep 2024 to 23 Apr 2025: 9+31+30+31+31+28+31+23
    assert held.days_apart("mark_price", "index_price") == 0
    assert held.spread_days() == 561  # 28 March 2024 (contract list) to 10 October 2025 (event bars)


def test_a_field_without_a_date_has_no_distance() -> None:
    assert load("SOLUSDT").days_apart("pool", "tiers") is None
    with pytest.raises(InputError, match="fund: Expected a field of the snapshot: tick_size, lot_size"):
        load("SOLUSDT").days_apart("fund", "tiers")


@every_symbol
def test_every_figure_says_where_it_comes_from(symbol: str) -> None:
    for field in load(symbol).sourced():
        if field.kind is Kind.OBSERVED:
            assert field.source, field.name
            assert field.as_of is not None, field.name
        else:
            assert field.reason, field.name


@every_symbol
def test_no_source_is_a_path_of_a_machine(symbol: str) -> None:
    assert not [field.name for field in load(symbol).sourced() if field.source.startswith(("/", "..", "~"))]


def test_fees_and_unit_of_account_are_counted_as_assumed() -> None:
    names = [field.name for field in load("BTCUSDT").assumed()]
    assert names == ["settlement_exponent", "taker_fee_rate", "maker_fee_rate"]


def test_a_stand_in_series_is_assumed_and_a_missing_event_is_unknown() -> None:
    held = load("BNBUSDT")
    assert held.price_series.kind is Kind.ASSUMED
    assert all("ETHUSDT" in name for name in held.price_series.known())
    assert held.event_series.kind is Kind.UNKNOWN


@every_symbol
def test_named_series_are_bundled(symbol: str) -> None:
    held = load(symbol)
    assert {*held.price_series.known(), *(held.event_series.value or ())} <= set(available_series())


def test_digest_names_the_content_and_not_the_layout(tmp_path: Path) -> None:
    bundled = snapshot_module._BUNDLED / "binance" / "BTCUSDT.toml"
    toml = bundled.read_text(encoding="utf-8")
    same, other = tmp_path / "same.toml", tmp_path / "other.toml"
    same.write_text("# a comment\n" + toml.replace('"0.0125"', '"0.01250"'), encoding="utf-8")
    other.write_text(toml.replace('"0.0125"', '"0.0126"'), encoding="utf-8")
    assert len(load("BTCUSDT").digest) == 64
    assert load_snapshot_file(same).digest == load("BTCUSDT").digest
    assert load_snapshot_file(str(other)).digest != load("BTCUSDT").digest
    assert len({load(symbol).digest for symbol in SYMBOLS}) == len(SYMBOLS)
