"""Observed paths: recorded bars imposed as they were, each expanded in three stated orders because a bar does not say which came first.

Forced orders fill at the recorded price and move nothing: the recorded prices already contain the cascade.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np

from shortfall.data.series import load_series, load_series_file
from shortfall.errors import DataError, Finding
from shortfall.sim.paths import SECOND_US, Paths

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from shortfall.data.records import Bars
    from shortfall.sim.market import MarketInput

ORDERS: Final = {
    "low first": ("open_price", "low_price", "high_price", "close_price"),
    "high first": ("open_price", "high_price", "low_price", "close_price"),
    "open to close": ("open_price", "close_price"),
}
STEPS_PER_BAR: Final = 60


def recorded(item: MarketInput, path: str) -> tuple[Bars, Bars | None] | None:
    """Return (trade bars, mark bars or None) of a market for a path: `oct10`, or a file of our series format for the first market."""
    if path != "oct10":
        return load_series_file(path), None
    names = item.snapshot.event_series.value
    if not names:
        return None
    bars = [load_series(name) for name in names]
    trade = next((b for b in bars if b.price == "trade"), bars[0])
    return trade, next((b for b in bars if b.price == "mark"), None)


def expand(bars: Bars, order: str, scale: float, steps: int) -> NDArray[np.float64]:
    """Return prices inside the bars, straight lines between the points of the order, rescaled."""
    columns = [np.array([float(x) for x in getattr(bars, name)]) for name in ORDERS[order]]
    points = np.stack(columns, axis=1).reshape(-1) * scale
    knots = np.arange(len(points)) / len(columns)
    inside = np.minimum((np.arange(len(bars) * steps) + 1) / steps, knots[-1])
    prices: NDArray[np.float64] = np.interp(inside, knots, points)
    return prices


def observed_paths(inputs: Sequence[MarketInput], path: str, order: str) -> Paths:
    """Return a recorded path for every market that has one, rescaled to start at the snapshot's mark.

    The mark follows the recorded trades, kept within the recorded range of the mark where that is known.

    Raises
    ------
    DataError
        If the first market has no recorded path.
    """
    found = [recorded(item, path) for item in inputs]
    if found[0] is None:
        raise DataError(
            [Finding("--path", f"Expected a recorded path of {inputs[0].contract.symbol}, none is bundled")]
        )
    first = found[0][0]
    count = len(first) * STEPS_PER_BAR
    times = (np.arange(count) + 1) * (first.step_s * SECOND_US // STEPS_PER_BAR)
    marks = np.empty((count, len(inputs)), np.int64)
    trades = np.empty_like(marks)
    for k, (item, bars) in enumerate(zip(inputs, found, strict=True)):
        marks[:, k] = trades[:, k] = item.mark_ticks
        if bars is None:
            continue
        trade, mark = bars
        scale = item.mark_ticks / float(trade.open_price[0])
        steps = max(1, count // len(trade))
        prices = np.resize(expand(trade, order, scale, steps), count)
        trades[:, k] = np.clip(np.rint(prices), 1, item.contract.max_price_ticks - 1)
        reach = (
            prices
            if mark is None
            else _within_mark(prices, trade.open_time_unix_s[0] + times // SECOND_US - 1, mark, scale)
        )
        marks[:, k] = np.clip(np.rint(reach), 1, item.contract.max_price_ticks - 1)
    return Paths(times.astype(np.int64), marks, trades, np.full(count, 1_000_000, np.int64), count - 1)


def _within_mark(
    prices: NDArray[np.float64], at_unix_s: NDArray[np.int64], mark: Bars, scale: float
) -> NDArray[np.float64]:
    """Return prices kept within what the mark's own bars reached at those times."""
    bar = np.clip(np.searchsorted(np.array(mark.open_time_unix_s), at_unix_s, side="right") - 1, 0, len(mark) - 1)
    low = np.array([float(x) for x in mark.low_price])[bar] * scale
    high = np.array([float(x) for x in mark.high_price])[bar] * scale
    return np.clip(prices, low, high)
