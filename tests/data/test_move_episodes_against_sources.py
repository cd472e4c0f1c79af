"""The retyped episodes against the recordings, declustered again; skipped where the recordings are not at hand."""

from __future__ import annotations

import csv
import gzip
from datetime import datetime
from functools import cache
from pathlib import Path

import numpy as np
import pytest

from shortfall.data.move_episodes import BTC_DAILY, OBSERVED_HOURS, THRESHOLDS_PPM, episodes_of, peaks
from shortfall.data.worst_moves import group_of

SHARED = Path(__file__).resolve().parents[2].parent / "shared" / "data"
HOURLY = SHARED / "binance_usdm_perp_1h_trade_mark_funding"
DAILY = SHARED / "btc_daily_price_funding_2015_2026" / "btc_daily.csv.gz"
HOUR_S = 3_600

pytestmark = pytest.mark.skipif(
    not HOURLY.is_dir(), reason="the recordings (folder shared beside the repository) are not at hand"
)

Row = tuple[str, str, str, int, str, str, int]
Hours = dict[tuple[str, str, str], list[tuple[int, str, str, float]]]


@cache
def recorded() -> tuple[Hours, dict[str, int]]:
    """Return (hours at or above the threshold by class, window and direction; contract-hours with a mark by class)."""
    found: Hours = {}
    seen: dict[str, int] = {}
    for path in sorted(HOURLY.glob("*_1h.csv.gz")):
        symbol = path.name.removesuffix("_1h.csv.gz")
        group = group_of(symbol.removesuffix("USDT"))
        with gzip.open(path, "rt", encoding="utf-8") as file:
            rows = list(csv.DictReader(file))
        start, high, low = (
            np.array([float(row["mark_" + name] or "nan") for row in rows]) for name in ("open", "high", "low")
        )
        seen[group] = seen.get(group, 0) + int(np.isfinite(start).sum())
        for hours in (1, 24):
            last = len(rows) - hours + 1
            for direction, reached in (
                ("fall", np.min([low[k : last + k] for k in range(hours)], axis=0)),
                ("rise", np.max([high[k : last + k] for k in range(hours)], axis=0)),
            ):
                keep(
                    found,
                    (group, f"{hours}h", direction),
                    symbol,
                    [row["ts"] for row in rows],
                    reached / start[:last] - 1,
                )
    with gzip.open(DAILY, "rt", encoding="utf-8") as file:
        days = list(csv.DictReader(file))
    price = np.array([float(day["price"]) for day in days])
    moves = price[1:] / price[:-1] - 1
    for direction, signed in (("fall", np.minimum(moves, 0)), ("rise", np.maximum(moves, 0))):
        keep(found, (BTC_DAILY, "daily close", direction), "BTC", [f"{day['date']}T00:00Z" for day in days[1:]], signed)
    seen[BTC_DAILY] = 24 * len(moves)
    return found, seen


def keep(found: Hours, key: tuple[str, str, str], symbol: str, times: list[str], moves: np.ndarray) -> None:
    """Keep the hours whose move reaches the threshold."""
    hours = found.setdefault(key, [])
    for at in np.flatnonzero(np.abs(np.nan_to_num(moves)) >= THRESHOLDS_PPM[key[0], key[1]] / 1_000_000):
        hours.append((int(datetime.fromisoformat(times[at]).timestamp()), symbol, times[at], float(moves[at])))


def declustered() -> list[Row]:
    """Return the peaks of all episodes."""
    rows: list[Row] = []
    for (group, window, direction), hours in sorted(recorded()[0].items()):
        number, before = 0, -(10**12)
        best: dict[tuple[int, str], tuple[str, float]] = {}
        for when, symbol, since, move in sorted(hours):
            number += when - before > 72 * HOUR_S
            before = when
            if abs(move) > abs(best.get((number, symbol), ("", 0.0))[1]):
                best[number, symbol] = (since, move)
        rows += [
            (group, window, direction, n, symbol, since, round(move * 1_000_000))
            for (n, symbol), (since, move) in sorted(best.items())
        ]
    return rows


def test_every_peak_is_the_recorded_one() -> None:
    kept = [(p.group, p.window, p.direction, p.episode, p.symbol, p.since, p.move_ppm) for p in peaks()]
    assert kept == declustered()


def test_the_contract_hours_are_those_with_a_mark() -> None:
    assert recorded()[1] == OBSERVED_HOURS


def test_the_worst_hours_are_in_it() -> None:
    # the worst recorded moves of marks within an hour, as the table of worst moves has them
    falls = [min(min(episode) for episode in episodes_of(group, "1h", "fall")) for group in ("majors", "large-alts")]
    assert falls == [-268_526, -811_618]
