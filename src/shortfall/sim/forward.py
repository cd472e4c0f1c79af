"""A population run forward through a calendar of recorded days: opened, closed, liquidated by the engine's own trigger prices.

Problem: whether a synthetic population is possible at all cannot be seen from one moment. Observation: every population implies how much
of open interest is liquidated on a day of a given range, and that was recorded. Therefore the same accounts that `populate` draws are
opened bar by bar, held for a drawn time, and counted on the day on which their trigger price was touched.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np

from shortfall.data.series import load_series
from shortfall.sim.population import DAY_S, drawn_at, triggers

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from shortfall.data.records import Bars
    from shortfall.engine.exchange import MarketSpec
    from shortfall.sim.population import Wanted

CALENDARS: Final = {
    "majors": ("binance/BTCUSDT_mark_4h_2022H1", "binance/BTCUSDT_mark_4h_2022H2"),
    "others": ("binance/ADAUSDT_mark_4h_2022H1", "binance/ADAUSDT_mark_4h_2022H2"),
}
BURN_IN_DAYS: Final = 60  # twice the longest mean age of the family
OPEN_AT_ONCE: Final = 10_000  # accounts that stand open on an ordinary day
MOST_PER_BAR: Final = 2_000


@dataclass(frozen=True, slots=True)
class Calendar:
    """Recorded bars of whole days, scaled so that their median close is a mark, in ticks.

    Parameters
    ----------
    name : str
        The series.
    opened : array of float64
        Open of each day.
    low, high : array of float64
        Of each bar.
    day : array of int64
        Which day each bar belongs to, from zero.
    bar_days : float
        Length of a bar.
    """

    name: str
    opened: NDArray[np.float64]
    low: NDArray[np.float64]
    high: NDArray[np.float64]
    day: NDArray[np.int64]
    bar_days: float


@dataclass(frozen=True, slots=True)
class Lived:
    """What a population went through, day by day.

    Parameters
    ----------
    range_share : array of float64
        (high - low) / open of each day.
    liquidated_share : array of float64
        Lots liquidated on each day, both sides, over open interest (one side) at its start.
    """

    range_share: NDArray[np.float64]
    liquidated_share: NDArray[np.float64]


def calendar_of(group: str, mark_ticks: int) -> Calendar:
    """Return the calendar for a class of contract."""
    return calendar_from([load_series(name) for name in CALENDARS[group]], mark_ticks)


def calendar_from(parts: Sequence[Bars], mark_ticks: int) -> Calendar:
    """Return bars that follow one another as a calendar. They begin and end at midnight UTC."""
    close = np.median([float(x) for bars in parts for x in bars.close_price])
    opened, low, high = (
        np.array([float(x) for bars in parts for x in getattr(bars, name)]) / close * mark_ticks
        for name in ("open_price", "low_price", "high_price")
    )
    start = np.array([moment for bars in parts for moment in bars.open_time_unix_s])
    day = (start - start[0]) // DAY_S
    first = np.flatnonzero(np.diff(day, prepend=-1))
    return Calendar(", ".join(bars.name for bars in parts), opened[first], low, high, day, parts[0].step_s / DAY_S)


def live(spec: MarketSpec, calendar: Calendar, wanted: Wanted) -> Lived:
    """Run a population forward through a calendar.

    Every bar opens equally many accounts, at a price within the bar. Each stands from the next bar on until it has been held for its drawn
    time or a bar touches its trigger price, whichever is first. A liquidation takes all of it; nobody adds margin.
    """
    bars = len(calendar.low)
    held_bars = wanted.member.holding_days / calendar.bar_days
    each = int(np.clip(round(OPEN_AT_ONCE / held_bars), 1, MOST_PER_BAR))
    rng = np.random.Generator(np.random.PCG64(wanted.seed))
    bar = np.repeat(np.arange(bars), each)
    drawn = drawn_at(spec, (calendar.low[bar], calendar.high[bar]), bar, wanted, rng)
    closed = bar + rng.random(len(bar)) + rng.exponential(held_bars, len(bar))
    whole = walked(calendar, drawn.lots, triggers(spec, wanted.mark_ticks, drawn), closed)
    return Lived(whole.range_share[BURN_IN_DAYS:], whole.liquidated_share[BURN_IN_DAYS:])


def walked(
    calendar: Calendar, lots: NDArray[np.int64], trigger: NDArray[np.int64], closed: NDArray[np.float64]
) -> Lived:
    """Go through the bars of a calendar and count who is liquidated.

    Parameters
    ----------
    lots : array of int64
        Signed sizes, in the order in which accounts open: equally many in each bar.
    trigger : array of int64
        At which price each is liquidated, in ticks.
    closed : array of float64
        When each closes by itself, in bars from the first; it stands at the start of every bar before that.
    """
    bars, days = len(calendar.low), len(calendar.opened)
    each = len(lots) // bars
    liquidated, interest, lowest, highest = np.zeros(days), np.zeros(days), np.full(days, np.inf), np.zeros(days)
    alive = np.empty(0, np.int64)
    for b in range(bars):
        day = calendar.day[b]
        alive = alive[closed[alive] > b]
        if b == 0 or day != calendar.day[b - 1]:
            interest[day] = np.abs(lots[alive]).sum() / 2
        touched = np.where(lots[alive] > 0, calendar.low[b] <= trigger[alive], calendar.high[b] >= trigger[alive])
        liquidated[day] += np.abs(lots[alive[touched]]).sum()
        alive = np.concatenate([alive[~touched], np.arange(b * each, (b + 1) * each)])
        lowest[day], highest[day] = min(lowest[day], calendar.low[b]), max(highest[day], calendar.high[b])
    ranges = (highest - lowest) / calendar.opened
    return Lived(ranges, liquidated / np.maximum(interest, 1.0))


__all__ = ["BURN_IN_DAYS", "CALENDARS", "Calendar", "Lived", "calendar_from", "calendar_of", "live", "walked"]
