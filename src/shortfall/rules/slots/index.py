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
        mean=entry(at.INDEX_MEAN, "weighted mean, sources clamped around their median"),
        median=entry(at.INDEX_MEDIAN, "median of live sources"),
    )  # fmt: skip
    clamp: int = rule(at.R_INDEX_CLAMP, "ppm", 0, "how far from the median a source counts", high=MILLION)
    stale_after: int = rule(at.R_INDEX_STALE_US, "duration", 0, "age at which a source drops out")
    min_sources: int = rule(
        at.R_INDEX_MIN_SOURCES, "count", 1, "live sources needed for a new index", low=1, high=at.SOURCES
    )
    no_liquidation_after: int = rule(
        at.R_LIMIT_STALE_US, "duration", 0, "age of the index at which nobody is liquidated"
    )
