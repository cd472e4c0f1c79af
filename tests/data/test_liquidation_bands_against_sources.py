"""The retyped bands and calendars against the recordings; skipped where the recordings are not at hand."""

from __future__ import annotations

import csv
import gzip
from collections import defaultdict
from decimal import Decimal
from functools import cache
from pathlib import Path

import numpy as np
import pytest

from shortfall.data import load_series
from shortfall.data.liquidation_bands import (
    BUCKETS,
    CAVEATS,
    CONTRACTS,
    LEVEL_BANDS,
    MAJORS,
    RANGE_EDGES_PPM,
    TURNOVER_PER_DAY,
    UNDERCOUNTS,
)

SHARED = Path(__file__).resolve().parents[2].parent / "shared" / "data"
HOURLY = "binance_usdm_perp_1h_trade_mark_funding/{}USDT_1h.csv.gz"

pytestmark = pytest.mark.skipif(
    not SHARED.is_dir(), reason="the recordings (folder shared beside the repository) are not at hand"
)


@cache
def rows(name: str) -> list[dict[str, str]]:
    with gzip.open(SHARED / name, "rt", encoding="utf-8") as file:
        return list(csv.DictReader(file))


@cache
def told() -> tuple[dict[tuple[str, int], list[float]], list[float]]:
    """Return (liquidations over open interest by class and range, volume over open interest of every symbol-day)."""
    shares: dict[tuple[str, int], list[float]] = defaultdict(list)
    turnover = []
    panel = {
        (row["symbol"], row["date"]): row
        for row in rows("binance_perp_daily_oi_liq_funding_2022_2023/panel_long.csv.gz")
    }
    for group, coins in CONTRACTS.items():
        for coin in coins:
            days = defaultdict(list)
            for bar in rows(HOURLY.format(coin)):
                days[bar["ts"][:10]].append(bar)
            for date, bars in days.items():
                row = panel.get((f"{coin}USDT", date))
                if row is None or not row["long_liq_base"] or len(bars) != 24:
                    continue
                price = "mark_" if all(bar["mark_high"] for bar in bars) else ""
                high, low = (
                    pick(float(bar[price + name]) for bar in bars) for pick, name in ((max, "high"), (min, "low"))
                )
                moved = (high - low) / float(bars[0][price + "open"])
                interest = float(row["oi_base"])
                place = sum(moved >= edge / 1_000_000 for edge in RANGE_EDGES_PPM)
                shares[group, place].append((float(row["long_liq_base"]) + float(row["short_liq_base"])) / interest)
                turnover.append(float(row["volume_base"]) / interest)
    return shares, turnover


def test_buckets_are_quantiles_of_the_recorded_days() -> None:
    shares, _ = told()
    places = {0: 0, **{edge: k + 1 for k, edge in enumerate(RANGE_EDGES_PPM)}}
    found = {(bucket.group, places[bucket.from_ppm]): bucket for bucket in BUCKETS}
    assert sorted(found) == sorted(shares)
    for key, bucket in found.items():
        low, middle, high = np.quantile(shares[key], [0.1, 0.5, 0.9]) * 1_000_000
        assert (bucket.low_ppm, bucket.median_ppm, bucket.high_ppm) == pytest.approx((low, middle, high), abs=6)
        assert bucket.days == len(shares[key])


def test_turnover_is_the_median_of_the_same_days() -> None:
    _, turnover = told()
    assert len(turnover) == 4_200
    assert round(float(np.median(turnover)), 2) == float(TURNOVER_PER_DAY)


def test_the_share_that_is_missing_is_the_recorded_one() -> None:
    """37,457 of 83,657 symbol-days have no liquidations: 44.8 %."""
    panel = rows("binance_perp_daily_oi_liq_funding_2022_2023/panel_long.csv.gz")
    missing = sum(1 for row in panel if not row["long_liq_base"])
    assert (missing, len(panel)) == (37_457, 83_657)
    assert any("45 % of the 83,657 symbol-days" in caveat for caveat in CAVEATS)


def test_bands_of_levels_are_quantiles_over_the_snapshots() -> None:
    for band in LEVEL_BANDS:
        snapshots = defaultdict(list)
        for row in rows("hyperliquid_top100_liq_levels_2026/liq_levels.csv.gz"):
            if row["coin"] == band.coin:
                away = abs(float(row["liq_price_bucket"]) / float(row["mark_px"]) - 1)
                snapshots[row["snapshot_time"]].append((away, float(row["notional_usd"])))
        medians = []
        for levels in snapshots.values():
            levels.sort()
            total = np.cumsum([notional for _, notional in levels])
            medians.append(levels[int(np.searchsorted(total, total[-1] / 2))][0])
        assert band.snapshots == len(snapshots)
        assert band.levels == int(np.median([len(levels) for levels in snapshots.values()]))
        expected = [round(float(one) * 1_000_000) for one in np.quantile(medians, [0.05, 0.5, 0.95])]
        assert [band.low_ppm, band.median_ppm, band.high_ppm] == expected


@pytest.mark.parametrize("half", ["2022H1", "2022H2"])
@pytest.mark.parametrize(("coin", "step"), [("BTC", "0.1"), ("ADA", "0.0001")])
def test_calendars_are_the_recorded_hours_folded_and_rounded(coin: str, step: str, half: str) -> None:
    """Four hours to a bar: first open, highest high, lowest low, last close of the mark."""
    bars = load_series(f"binance/{coin}USDT_mark_4h_{half}")
    hours = [row for row in rows(HOURLY.format(coin)) if row["ts"].startswith("2022")]
    assert len(hours) == 8_760
    first = 0 if half == "2022H1" else 181 * 24
    for place in range(len(bars)):
        part = hours[first + 4 * place : first + 4 * place + 4]
        found = (
            part[0]["mark_open"],
            max((row["mark_high"] for row in part), key=Decimal),
            min((row["mark_low"] for row in part), key=Decimal),
            part[-1]["mark_close"],
        )
        kept = (bars.open_price[place], bars.high_price[place], bars.low_price[place], bars.close_price[place])
        assert kept == tuple(Decimal(price).quantize(Decimal(step)) for price in found)
    assert len(bars) == {"2022H1": 181, "2022H2": 184}[half] * 6


def test_the_undercount_that_admits_is_the_quotient_of_the_two_figures() -> None:
    """2,100 M over 333 M is 6.306; majors are the class whose range was taken from these contracts."""
    assert UNDERCOUNTS[1].times == f"{2_100 / 333:.1f}"
    assert CONTRACTS["majors"] == MAJORS
