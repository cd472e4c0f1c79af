"""Episodes of large recorded moves of marks, retyped: what a rate is counted on and a tail is fitted to.

Large moves come in clusters, over hours and over contracts at once, so that hours are no independent events. Therefore the hours of a
class of contracts in which any of them moved by the threshold or more are joined into one *episode* while they are at most 72 hours
apart, and of every contract only its largest move within the episode is kept. Episodes are what is counted and resampled; a contract's
move within one is a *peak*.

A move goes from the open of an hour to the lowest (highest) mark of the hour, or of the 24 hours from there. The third window is
different: spot BTC from one daily close to the next, which is longer but has no extremes within the day.
"""

from __future__ import annotations

import csv
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Final

from shortfall.data.worst_moves import CLASSES, OTHERS

DECLUSTER_HOURS: Final = 72
BTC_DAILY: Final = "btc-spot"
WINDOWS: Final = ("1h", "24h", "daily close")
THRESHOLDS_PPM: Final = {
    ("majors", "1h"): 50_000,
    ("large-alts", "1h"): 80_000,
    ("small-alts", "1h"): 80_000,
    ("majors", "24h"): 150_000,
    ("large-alts", "24h"): 250_000,
    ("small-alts", "24h"): 250_000,
    (BTC_DAILY, "daily close"): 80_000,
}
HOURS_OF_A_YEAR: Final = 8_766
DAILY_SOURCE: Final = (
    "daily BTC prices 2015-01-01 to 2026-02-13 (lukmol/gamlss-btc-VaR @5f40812a, data_merged_clean.csv)"
)
# contract-hours with a mark (daily close: days with a previous day, times 24)
OBSERVED_HOURS: Final = {
    "small-alts": 120_574,
    "large-alts": 259_758,
    "majors": 112_168,
    BTC_DAILY: 97_464,
}
_FILE: Final = Path(__file__).with_name("episodes") / "mark_moves.csv"


@dataclass(frozen=True, slots=True)
class Peak:
    """The largest move of one contract within one episode.

    Parameters
    ----------
    group, window, direction : str
        Class of contract, one of `WINDOWS`, fall or rise.
    episode : int
        Number of the episode among those of its class, window and direction, from 1 in time order.
    symbol, since : str
        Whose move, and the hour (UTC) at whose open it begins; for a daily close the day on which it ends.
    move_ppm : int
        Signed, to the nearest.
    """

    group: str
    window: str
    direction: str
    episode: int
    symbol: str
    since: str
    move_ppm: int


@cache
def peaks() -> tuple[Peak, ...]:
    """Return every peak of every episode, in the order of the file."""
    with _FILE.open(encoding="utf-8", newline="") as file:
        rows = csv.reader(line for line in file if not line.startswith("#"))
        next(rows)
        return tuple(Peak(g, w, d, int(n), s, since, int(move)) for g, w, d, n, s, since, move in rows)


def episodes_of(group: str, window: str, direction: str) -> tuple[tuple[int, ...], ...]:
    """Return the episodes of a class: of each the sizes of its peaks, in ppm and signed."""
    found: dict[int, list[int]] = {}
    for peak in peaks():
        if (peak.group, peak.window, peak.direction) == (group, window, direction):
            found.setdefault(peak.episode, []).append(peak.move_ppm)
    return tuple(tuple(found[number]) for number in sorted(found))


def contract_years(group: str) -> float:
    """Return over how many contract-years moves of a class were recorded."""
    return OBSERVED_HOURS[group] / HOURS_OF_A_YEAR


GROUPS: Final = (*CLASSES, OTHERS, BTC_DAILY)

__all__ = [
    "BTC_DAILY",
    "DAILY_SOURCE",
    "DECLUSTER_HOURS",
    "GROUPS",
    "OBSERVED_HOURS",
    "THRESHOLDS_PPM",
    "WINDOWS",
    "Peak",
    "contract_years",
    "episodes_of",
    "peaks",
]
