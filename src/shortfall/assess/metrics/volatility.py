"""How a contract's price moved in a recorded series: realised volatility, and the largest moves within a stated horizon."""

from __future__ import annotations

from datetime import UTC, datetime
from itertools import pairwise
from math import log, sqrt
from statistics import stdev
from typing import TYPE_CHECKING, Final

from shortfall.assess.metrics.record import Input, ranged, single, unknown
from shortfall.data.worst_moves import SOURCE, group_of, worst_move

if TYPE_CHECKING:
    from shortfall.assess.metrics.record import Metric
    from shortfall.data.records import Bars

YEAR_S: Final = 365 * 86_400
HORIZON_H: Final = 24
LEAST_BARS: Final = 3


def realised(bars: Bars | None, reason: str = "") -> Metric:
    """Return the realised volatility: standard deviation of logarithmic returns, times the root of bars a year (of 365 days)."""
    key, title = "realised_volatility", "realised volatility, a year"
    formula = "standard deviation (n - 1) of log(close / close before) x sqrt(bars of a year)"
    if bars is None or len(bars) < LEAST_BARS:
        return unknown(key, title, "fraction", formula, reason or "no recorded prices of this contract")
    closes = [float(price) for price in bars.close_price]
    moves = [log(after / before) for before, after in pairwise(closes)]
    return single(
        key, title, stdev(moves) * sqrt(YEAR_S / bars.step_s), "fraction", formula, inputs=[series_input(bars)]
    )


def tail(bars: Bars | None, horizon_h: int = HORIZON_H, reason: str = "") -> Metric:
    """Return the largest fall and the largest rise within a horizon, from a close to the low or high of the bars after it."""
    key, title = "largest_moves", f"largest recorded fall and rise within {horizon_h} h"
    formula = "lowest low (highest high) of the bars of the horizon / close before them - 1"
    if bars is None or len(bars) < LEAST_BARS:
        return unknown(key, title, "fraction", formula, reason or "no recorded prices of this contract")
    reach = max(1, horizon_h * 3_600 // bars.step_s)
    low = [float(price) for price in bars.low_price]
    high = [float(price) for price in bars.high_price]
    closes = [float(price) for price in bars.close_price]
    starts = range(len(closes) - 1)
    fall = min(min(low[k + 1 : k + 1 + reach]) / closes[k] - 1 for k in starts)
    rise = max(max(high[k + 1 : k + 1 + reach]) / closes[k] - 1 for k in starts)
    note = "the largest of one recorded period; how often is not estimable from it"
    return ranged(
        key, title, (min(fall, 0.0), max(rise, 0.0)), "fraction", formula, inputs=[series_input(bars)], note=note
    )


def tail_of_class(base_asset: str, hours: int = 1) -> Metric:
    """Return the worst recorded moves of contracts of the same class within so many hours."""
    group = group_of(base_asset)
    found = [worst_move(group, hours, way) for way in ("fall", "rise")]
    inputs = [
        Input(f"{one.symbol} {one.direction}", f"{one.from_price} to {one.to_price}", SOURCE, one.since[:10])
        for one in found
    ]
    title = f"worst recorded fall and rise of the class {group} within {hours} h"
    ends = [one.move_ppm / 1_000_000 for one in found]
    return ranged(
        "worst_moves_of_class",
        title,
        ends,
        "fraction",
        "from the open of an hour to the lowest (highest) mark",
        inputs=inputs,
    )


def series_input(bars: Bars) -> Input:
    """Return a recorded series as an input."""
    days = len(bars) * bars.step_s / 86_400
    until = datetime.fromtimestamp(bars.end_unix_s, UTC).date().isoformat()
    what = f"{len(bars)} bars of {bars.step_s // 60} min ({days:g} days), {bars.price} price"
    return Input(bars.name, what, bars.source, until)
