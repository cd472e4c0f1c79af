"""The `index` slot. The index from outside sources."""

from __future__ import annotations

from dataclasses import dataclass

from shortfall.kernels import layout as at
from shortfall.rules.record import choice, entry, rule

MILLION = 1_000_000


@dataclass(frozen=True, slots=True)
class IndexPrice:
    """The index from outside sources."""

    method: str = choice(
        at.R_INDEX, "mean", "how sources become one price",
        mean=entry(
            at.INDEX_MEAN, "weighted mean, sources clamped around their median",
            "index = sum(weight * min(max(price, median - c), median + c)) / sum(weight), c = median * clamp",
            rounding="down, to the tick; the median of an even number of sources is the lower middle rounded down",
            sources=("Binance: FAQ 360033525071, Price index", "OKX: index rules", "Deribit: index (clamp 0.5 %)"),
            venues=("Binance", "OKX", "Deribit", "Bybit"),
        ),
        median=entry(
            at.INDEX_MEDIAN, "median of live sources", "index = median of the prices of live sources",
            rounding="the mean of the middle two rounds down",
            sources=("Binance: FAQ 547ba48141474ab3bddc5d7898f97928 (when more than one source is off)",), venues=("Binance",),
        ),
    )  # fmt: skip
    clamp: int = rule(
        at.R_INDEX_CLAMP, "ppm", 0, "how far from the median a source counts", "c = floor(median * clamp / 10**6)",
        high=MILLION, rounding="the width rounds down",
        sources=("Binance: price-index rules (3 %; 1 % for BTC and ETH)", "OKX: index rules (2 %)", "Deribit: index (0.5 %)"),
        venues=("Binance", "OKX", "Deribit"),
    )  # fmt: skip
    stale_after: int = rule(
        at.R_INDEX_STALE_US, "duration", 0, "age at which a source drops out", "live = now - time of the source <= stale_after",
        sources=("Binance: price-index rules (5 min; 10 s in 2020)", "Bybit: Index price calculation (1 min)"),
        venues=("Binance", "Bybit"),
    )  # fmt: skip
    min_sources: int = rule(
        at.R_INDEX_MIN_SOURCES, "count", 1, "live sources needed for a new index", "no new index below it; the old one ages",
        low=1, high=at.SOURCES,
    )  # fmt: skip
    no_liquidation_after: int = rule(
        at.R_LIMIT_STALE_US, "duration", 0, "age of the index at which nobody is liquidated",
        "liquidation waits while now - time of the index > no_liquidation_after",
    )  # fmt: skip
