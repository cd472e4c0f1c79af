"""What was recorded about daily liquidations and about liquidation levels, retyped as summary figures: the bands of admission.

Problem: open interest does not say how much leverage stands behind it, so that a synthetic population could be anything. Observation: a
population of too much leverage would have been liquidated more than was ever seen on a day of that range, one of too little less. The
recordings are lower bounds: the venue's stream tells at most one liquidation per second and contract.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

SOURCE: Final = (
    "daily liquidations, open interest and volume of Binance USD-M perpetuals, 2 January 2022 to 2 December 2023 (hmb2662/538project "
    "@68b4b864, from the Coinalyze API); the day's range from hourly bars (Roshan7869/algotrading @db07ceb7, freqtrade download of Binance "
    "public data): mark, for BCH trades"
)
CAVEATS: Final = (
    "a lower bound: the venue streams at most one liquidation per second and contract",
    "only contracts that lived until December 2023, so neither LUNA nor FTT; liquidations are missing for 45 % of the 83,657 symbol-days",
    "only the six contracts whose high and low are recorded over those years: BTC, ETH (majors), BCH, XRP, LTC, ADA (others)",
)
MAJORS: Final = ("BTC", "ETH")
CONTRACTS: Final = {"majors": ("BTC", "ETH"), "others": ("BCH", "XRP", "LTC", "ADA")}
RANGE_EDGES_PPM: Final = (20_000, 30_000, 50_000, 80_000, 120_000)
TURNOVER_PER_DAY: Final = "3.55"
TURNOVER_SOURCE: Final = "median of volume / open interest over 4,200 symbol-days of the same recording"


@dataclass(frozen=True, slots=True)
class Bucket:
    """Recorded liquidations of a day over its open interest, for days of one range.

    Parameters
    ----------
    group : str
        majors or others.
    from_ppm, to_ppm : int, int or None
        Range of the day, (high - low) / open, from and below; None for no bound.
    days : int
        Symbol-days.
    low_ppm, median_ppm, high_ppm : int
        Quantiles 10, 50 and 90 % of liquidations / open interest (one side), to the nearest.
    """

    group: str
    from_ppm: int
    to_ppm: int | None
    days: int
    low_ppm: int
    median_ppm: int
    high_ppm: int


BUCKETS: Final = (
    Bucket("majors", 0, 20_000, 235, 237, 719, 1_434),
    Bucket("majors", 20_000, 30_000, 275, 914, 1_549, 2_577),
    Bucket("majors", 30_000, 50_000, 446, 1_502, 2_556, 4_210),
    Bucket("majors", 50_000, 80_000, 294, 2_304, 3_899, 6_771),
    Bucket("majors", 80_000, 120_000, 100, 3_313, 5_309, 9_333),
    Bucket("majors", 120_000, None, 50, 5_039, 10_640, 19_180),
    Bucket("others", 0, 20_000, 132, 177, 624, 1_580),
    Bucket("others", 20_000, 30_000, 341, 575, 1_322, 2_991),
    Bucket("others", 30_000, 50_000, 956, 1_386, 3_153, 6_366),
    Bucket("others", 50_000, 80_000, 805, 2_758, 6_184, 11_788),
    Bucket("others", 80_000, 120_000, 385, 5_165, 10_316, 17_660),
    Bucket("others", 120_000, None, 181, 8_731, 21_568, 42_854),
)


@dataclass(frozen=True, slots=True)
class Undercount:
    """How many times more was liquidated than was told: a decimal string, and who says so."""

    times: str
    source: str


UNDERCOUNTS: Final = (
    Undercount("1", "taken as if everything had been told"),
    Undercount(
        "6.3",
        "another venue under the same limit of one message per second: 2,100 M USD by its chief executive's post against 333 M on "
        "Coinglass, 3 February 2025 (Cointelegraph, 4 February 2025); carried over to Binance: assumed",
    ),
    Undercount("100", "claimed by the founder of a competitor about exchanges of this kind; not checked by anybody"),
)
ADMITTING: Final = "6.3"  # the factor that decides; what the others would decide is told


@dataclass(frozen=True, slots=True)
class LevelBand:
    """Recorded distance of liquidation levels from the mark for one coin.

    Parameters
    ----------
    snapshots, levels : int
        How many snapshots, and the median number of levels in one.
    low_ppm, median_ppm, high_ppm : int
        Quantiles 5, 50 and 95 % over the snapshots of each one's notional-weighted median distance, to the nearest.
    """

    coin: str
    snapshots: int
    levels: int
    low_ppm: int
    median_ppm: int
    high_ppm: int


LEVELS_SOURCE: Final = (
    "138 liquidation maps of 100 to 200 leaderboard wallets of Hyperliquid, 26 January to 22 February 2026 (kittycapital/"
    "liquidation-heatmap @da0f028b); notional at entry; nothing beyond 30 % from the mark; another venue and another crowd"
)
LEVELS_WITHIN_PPM: Final = 300_000
LEAST_LEVELS: Final = 10  # in the median snapshot: below that a weighted median is one wallet's
LEVEL_BANDS: Final = (
    LevelBand("BTC", 138, 15, 30_000, 117_019, 211_800),
    LevelBand("ETH", 138, 11, 42_000, 137_999, 247_801),
    LevelBand("HYPE", 138, 4, 42_002, 179_993, 293_864),
    LevelBand("SOL", 120, 3, 65_354, 126_049, 270_651),
    LevelBand("XRP", 73, 1, 43_727, 195_864, 291_753),
)


def class_of(base_asset: str) -> str:
    """Return majors or others."""
    return "majors" if base_asset in MAJORS else "others"


def buckets_of(group: str) -> tuple[Bucket, ...]:
    """Return the recorded buckets of a class, from calm days to wild ones."""
    return tuple(bucket for bucket in BUCKETS if bucket.group == group)
