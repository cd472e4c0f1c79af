"""Depth over time: its median, its 5th percentile, and how long it takes to come back after the worst moment."""

from __future__ import annotations

from dataclasses import dataclass
from statistics import median
from typing import TYPE_CHECKING, Final

from shortfall.assess.metrics.record import Input, single, unknown

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime
    from decimal import Decimal

    from shortfall.assess.metrics.record import Metric

LEAST: Final = 100  # recordings, so that five lie at or below the 5th percentile
BACK: Final = 2  # depth is back at half of its median


@dataclass(frozen=True, slots=True)
class DepthAt:
    """Depth within a stated distance at one moment."""

    at: datetime
    notional: Decimal


def depth_history(rows: Sequence[DepthAt], unit: str, source: str, within: str = "") -> tuple[Metric, Metric, Metric]:
    """Return (median, 5th percentile, recovery in seconds) of recorded depth; unknown where there are too few recordings."""
    keys = ("depth_median", "depth_5th_percentile", "depth_recovery")
    titles = (
        f"depth{within}, median over time",
        f"depth{within}, 5th percentile over time",
        f"time until depth{within} is back at half of its median",
    )
    units = (unit, unit, "seconds")
    formulas = (
        "median",
        "the value at rank ceil(0.05 n)",
        "from the lowest recording to the first later one at half of the median",
    )
    if len(rows) < LEAST:
        reason = f"{len(rows)} recordings of this contract; {LEAST} are needed: collect it on a schedule"
        a, b, c = (unknown(*four, reason) for four in zip(keys, titles, units, formulas, strict=True))
        return a, b, c
    order = sorted(rows, key=lambda row: row.at)
    sizes = sorted(row.notional for row in order)
    middle, fifth = median(sizes), sizes[-(-len(sizes) * 5 // 100) - 1]
    inputs = [Input("recordings", f"{len(rows)}, {order[0].at:%Y-%m-%d} to {order[-1].at:%Y-%m-%d}", source)]
    lowest = min(range(len(order)), key=lambda k: order[k].notional)
    back = next((row.at for row in order[lowest:] if row.notional * BACK >= middle), None)
    first = single(keys[0], titles[0], middle, units[0], formulas[0], inputs=inputs)
    second = single(keys[1], titles[1], fifth, units[1], formulas[1], inputs=inputs)
    if back is None:
        return (
            first,
            second,
            unknown(
                keys[2], titles[2], units[2], formulas[2], "it was not back when the recording ended", inputs=inputs
            ),
        )
    waited = (back - order[lowest].at).total_seconds()
    return first, second, single(keys[2], titles[2], waited, units[2], formulas[2], inputs=inputs)
