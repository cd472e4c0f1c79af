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
        weighted_median=entry(
            at.INDEX_WEIGHTED_MEDIAN, "price at which half of the weight of the sources is reached",
            "sources by price; the first with sum of weights > half; where the sum is exactly half, its mean with the next",
            rounding="a mean of two rounds down",
            sources=("Hyperliquid: docs, Oracle (weights Binance 3, OKX 2, Bybit 2, others 1)",), venues=("Hyperliquid",),
        ),
    )  # fmt: skip
    clamp: int = rule(
        at.R_INDEX_CLAMP, "ppm", 0, "how far from the median a source counts", "c = floor(median * clamp / 10**6)",
        high=MILLION, rounding="the width rounds down",
        sources=("Binance: price-index rules (3 %; 1 % for BTC and ETH)", "OKX: index rules (2 %)", "Deribit: index (0.5 %)"),
        venues=("Binance", "OKX", "Deribit"),
    )  # fmt: skip
    exclude: int = rule(
        at.R_INDEX_EXCLUDE, "ppm", 0, "how far from the median of three or more live sources one is left out; 0 for never",
        "out while abs(price - median) > floor(median * exclude / 10**6)", high=MILLION, rounding="the width rounds down",
        sources=("BitMEX: New protections for indices (25 %, 50 % for smaller assets)", "BingX: index (3 %)",
            "Binance: FAQ 547ba48141474ab3bddc5d7898f97928 (5 %, 2020)"),
        venues=("BitMEX", "BingX"),
    )  # fmt: skip
    readmit: int = rule(
        at.R_INDEX_READMIT, "ppm", 0, "how near to the median a source that was left out has to come back; 0 for `exclude`",
        "near while abs(price - median) <= floor(median * readmit / 10**6)", high=MILLION, rounding="the width rounds down",
        sources=("BitMEX: Index constituent reintroduction (2 %)",), venues=("BitMEX",),
    )  # fmt: skip
    readmit_after: int = rule(
        at.R_INDEX_READMIT_US, "duration", 0, "how long it has to stay near before it counts again",
        "counts again when now - first near price >= readmit_after; one price farther away starts anew",
        sources=("BitMEX: Index constituent reintroduction (15 minutes)", "BingX: index (5 minutes)"), venues=("BitMEX", "BingX"),
    )  # fmt: skip
    jump: int = rule(
        at.R_INDEX_JUMP, "ppm", 0, "how far the index may move in one update while only one source or two are live; 0 for any way",
        "kept as it is where abs(new - index) > floor(index * (jump // sources) / 10**6): half of it with two sources", high=MILLION,
        rounding="the width rounds down", sources=("BitMEX: New protections for indices (X / 2 with two, X with one)",), venues=("BitMEX",),
    )  # fmt: skip
    interval: int = rule(
        at.R_INDEX_INTERVAL_US, "duration", 0, "least time between two indices: an oracle that publishes so often; 0 for every price",
        "a price before its time waits for the next clock or price", sources=("Hyperliquid: docs, Oracle (3 s)", "BitMEX: Indices (5 s)"),
        venues=("Hyperliquid", "BitMEX"),
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
