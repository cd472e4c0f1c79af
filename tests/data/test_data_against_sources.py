"""The retyped figures against the recordings they come from; skipped where the recordings are not at hand.

The recordings are not part of the repository (some carry no licence). They lie in a folder ``shared`` beside it where
the project is developed.
"""

from __future__ import annotations

import csv
import gzip
import json
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from statistics import median
from typing import TYPE_CHECKING

import pytest

from shortfall.data import Bars, load_series, load_snapshot

if TYPE_CHECKING:
    from shortfall.data import DepthProfile

SHARED = Path(__file__).resolve().parents[2].parent / "shared"
SYMBOLS = ("BNBUSDT", "BTCUSDT", "ETHUSDT", "SOLUSDT", "SUIUSDT")
HOURLY = "binance_usdm_perp_1h_trade_mark_funding/{}_1h.csv.gz"
INTRADAY = "binance_usdm_perp_intraday/{}.csv.gz"
COLUMNS = ("open", "high", "low", "close")

pytestmark = pytest.mark.skipif(
    not (SHARED / "data").is_dir(), reason="the recordings (folder shared beside the repository) are not at hand"
)


def rows(name: str) -> list[dict[str, str]]:
    csv.field_size_limit(10**7)
    with gzip.open(SHARED / "data" / name, "rt", encoding="utf-8") as file:
        return list(csv.DictReader(file))


def books(symbol: str) -> list[dict[str, str]]:
    return rows(f"binance_l2_100lv_mpanac_20240921/{symbol}_2024-09-21.csv.gz")


@pytest.mark.parametrize("symbol", SYMBOLS)
def test_every_tier_is_the_recorded_one(symbol: str) -> None:
    name = f"{symbol.removesuffix('USDT')}/USDT:USDT"
    recorded = [
        row for row in rows("binance_leverage_tiers/snapshot_2025-10-09_pre_crash.csv.gz") if row["symbol"] == name
    ]
    columns = ("min_notional", "max_notional", "maint_margin_rate", "max_leverage", "cum_maint_amount")
    expected = [tuple(Decimal(row[column]) for column in columns) for row in recorded]
    tiers = load_snapshot("binance", symbol).tiers.known()
    assert expected == [
        (tier.floor_quote, tier.cap_quote, tier.maintenance_rate, tier.max_leverage, tier.maintenance_amount_quote)
        for tier in tiers
    ]


def test_the_pool_is_the_recorded_one() -> None:
    recorded = json.loads((SHARED / "payloads/cex/binance_fapi_insuranceBalance.json").read_text(encoding="utf-8"))
    for symbol in ("BNBUSDT", "BTCUSDT", "ETHUSDT"):
        pool = load_snapshot("binance", symbol).pool.known()
        assert list(pool.members) == recorded["symbols"]
        assert [(held.asset, held.balance, int(held.updated_at.timestamp() * 1000)) for held in pool.assets] == [
            (asset["asset"], Decimal(asset["marginBalance"]), asset["updateTime"]) for asset in recorded["assets"]
        ]


@pytest.mark.parametrize("symbol", SYMBOLS)
def test_open_interest_and_prices_are_the_last_complete_row(symbol: str) -> None:
    held = load_snapshot("binance", symbol)
    row = [row for row in books(symbol) if row["oi"] != "NaN"][-1]
    assert held.open_interest_base.value == Decimal(row["oi"])
    assert held.mark_price.value == Decimal(row["mk_p"])
    assert held.index_price.value == Decimal(row["idx_p"])
    assert held.funding_rate.value == Decimal(row["fr"])


@pytest.mark.parametrize("symbol", SYMBOLS)
def test_every_recorded_price_is_a_whole_number_of_ticks(symbol: str) -> None:
    tick = load_snapshot("binance", symbol).tick_size.known()
    for row in books(symbol)[::20]:
        prices = [Decimal(price) for side in "ba" for price, _ in json.loads(row[side])]
        assert not [price for price in prices if price % tick]


@pytest.mark.parametrize("symbol", ["BTCUSDT", "ETHUSDT"])
def test_depth_is_the_median_of_the_last_minute(symbol: str) -> None:
    seconds = rows(f"binance_l2_hftbacktest/usdm_{symbol.lower()}_20240808_depth_1s.csv.gz")[-60:]
    mids = [(Decimal(row["best_bid"]) + Decimal(row["best_ask"])) / 2 for row in seconds]
    profile = load_snapshot("binance", symbol).depth.known()
    assert profile.mid_price == median(mids)
    for point in profile.points:
        for side, held in (("bid", point.bid_notional_quote), ("ask", point.ask_notional_quote)):
            column = f"{side}_qty_{point.distance_bps}bps"
            assert held == int(median(Decimal(row[column]) * mid for row, mid in zip(seconds, mids, strict=True)))


@pytest.mark.parametrize("symbol", SYMBOLS)
def test_depth_of_the_books_lies_between_whole_and_started_buckets(symbol: str) -> None:
    """A level is a bucket of ten: what ends within the distance is surely in, what begins beyond it is surely out."""
    held = load_snapshot("binance", symbol)
    profile = (held.depth_second or held.depth).known()
    recorded = books(symbol)
    first = next(place for place, row in enumerate(recorded) if row["snp"] == "True")
    bounds = [depth_bounds(row, profile) for row in recorded[first:]]
    for place, point in enumerate(profile.points):
        for side, was in enumerate((point.bid_notional_quote, point.ask_notional_quote)):
            low, high = (median(book[place][side][bound] for book in bounds) for bound in (0, 1))
            assert low - 1 <= was <= high


def depth_bounds(row: dict[str, str], profile: DepthProfile) -> list[list[tuple[Decimal, Decimal]]]:
    """Return the lowest and highest notional of each point and side that one book allows."""
    sides = [[(Decimal(price), Decimal(size)) for price, size in json.loads(row[side])] for side in "ba"]
    mid = (sides[0][0][0] + sides[1][0][0]) / 2
    found = []
    for point in profile.points:
        reach = mid * point.distance_bps / 10_000
        inside = [[abs(price - mid) <= reach for price, _ in levels] for levels in sides]
        started = [sum(flags) for flags in inside]
        whole = [max(count - 1, 0) for count in started]
        found.append(
            [
                (mid * sum_of(levels[:low]), mid * sum_of(levels[:high]))
                for levels, low, high in zip(sides, whole, started, strict=True)
            ]
        )
    return found


def sum_of(levels: list[tuple[Decimal, Decimal]]) -> Decimal:
    return sum((size for _, size in levels), Decimal(0))


@pytest.mark.parametrize(
    ("name", "recording", "prefix", "bars_in_one"),
    [
        ("BTCUSDT_mark_4h_to_2024-09-21", HOURLY.format("BTCUSDT"), "mark_", 4),
        ("ETHUSDT_mark_4h_to_2024-09-21", HOURLY.format("ETHUSDT"), "mark_", 4),
        ("BTCUSDT_mark_4h_to_2025-10-10", HOURLY.format("BTCUSDT"), "mark_", 4),
        ("ETHUSDT_mark_4h_to_2025-10-10", HOURLY.format("ETHUSDT"), "mark_", 4),
        ("SOLUSDT_trade_4h_to_2025-10-10", HOURLY.format("SOLUSDT"), "", 4),
        ("SUIUSDT_mark_4h_to_2025-10-10", HOURLY.format("SUIUSDT"), "mark_", 4),
        ("BTCUSDT_trade_15m_2025-10-10", INTRADAY.format("BTCUSDT_15m_2023-2025"), "", 1),
        ("ETHUSDT_trade_15m_2025-10-10", INTRADAY.format("ETHUSDT_15m_2023-2025"), "", 1),
        ("SOLUSDT_trade_5m_2025-10-10", INTRADAY.format("SOLUSDT_5m_2025-2026"), "", 1),
        ("SUIUSDT_trade_1h_2025-10-10", HOURLY.format("SUIUSDT"), "", 1),
        ("BTCUSDT_mark_1h_2025-10-10", HOURLY.format("BTCUSDT"), "mark_", 1),
        ("ETHUSDT_mark_1h_2025-10-10", HOURLY.format("ETHUSDT"), "mark_", 1),
        ("SUIUSDT_mark_1h_2025-10-10", HOURLY.format("SUIUSDT"), "mark_", 1),
    ],
)
def test_bars_are_the_recorded_ones(name: str, recording: str, prefix: str, bars_in_one: int) -> None:
    bars = load_series(f"binance/{name}")
    recorded = {row["ts"]: [Decimal(row[prefix + column] or "0") for column in COLUMNS] for row in rows(recording)}
    step_s = bars.step_s // bars_in_one
    for place, start in enumerate(bars.open_time_unix_s):
        parts = [recorded[stamp(start + part * step_s)] for part in range(bars_in_one)]
        expected = (parts[0][0], max(part[1] for part in parts), min(part[2] for part in parts), parts[-1][3])
        assert bar(bars, place) == expected


def bar(bars: Bars, place: int) -> tuple[Decimal, ...]:
    return tuple(column[place] for column in (bars.open_price, bars.high_price, bars.low_price, bars.close_price))


def stamp(unix_s: int) -> str:
    return f"{datetime.fromtimestamp(unix_s, UTC):%Y-%m-%dT%H:%MZ}"
