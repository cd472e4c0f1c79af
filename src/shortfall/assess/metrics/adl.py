"""What is public about auto-deleveraging and negative liquidations: the state now, counted episodes, and how much of it is visible.

No public signal is unknown. A history that was watched and stayed empty is zero episodes with the rate's upper bound.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING, Final

from shortfall.assess.metrics.record import Input, input_of, single, unknown, worded
from shortfall.errors import InputError
from shortfall.sim.sampling import is_estimable, rate_interval

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from shortfall.assess.metrics.record import Metric
    from shortfall.data.figure_records import AdlSignal, ContractFigures

# words of venues that say that ADL runs, and that it does not; a rating of how near it is (low, medium, high) says neither
RUNNING: Final = (
    "rate_adl_start", "bal_adl_start", "pos_adl_start", "beyond the start ratio", "pool empty", "deleveraged", "deleverage",
)  # fmt: skip
IDLE: Final = ("adl_end", "above the start ratio")
PAUSE_S: Final = 3_600  # signals that are farther apart begin an episode of their own
DAYS_OF_YEAR: Final = Decimal("365.25")


@dataclass(frozen=True, slots=True)
class Watched:
    """A history of public events of one kind.

    Parameters
    ----------
    times : tuple of datetime
        When each began.
    days : Decimal
        For how long it was watched without a gap.
    source : str
    """

    times: tuple[datetime, ...]
    days: Decimal
    source: str


def adl_state(figures: ContractFigures) -> Metric:
    """Return the venue's own public word about ADL."""
    key, title, formula = "adl_state", "ADL state as published", "the venue's own word"
    figure = figures.get("adl_state")
    if not figure.known:
        return unknown(key, title, "text", formula, figure.note)
    return worded(key, title, str(figure.value), formula, inputs=[input_of(figure)])


def tells(signals: Sequence[AdlSignal]) -> bool:
    """Say whether every signal says that ADL runs or that it does not, rather than how near it is."""
    return all(signal.state.lower() in (*RUNNING, *IDLE) for signal in signals)


def episodes(signals: Sequence[AdlSignal]) -> tuple[datetime, ...]:
    """Return when each episode of ADL began: the first of neighbouring signals that say that it runs."""
    dated = sorted({(s.at, s.state.lower() in RUNNING) for s in signals if s.at is not None and s.recognised})
    began: list[datetime] = []
    last: datetime | None = None
    for at, active in dated:
        if active and (last is None or (at - last).total_seconds() > PAUSE_S):
            began.append(at)
        last = at if active else None
    return tuple(began)


def adl_frequency(history: Watched | None) -> Metric:
    """Return how often ADL began, a year, from a watched history."""
    return _frequency(
        "adl_frequency", "ADL episodes a year", history, "no public history of ADL of this contract was recorded"
    )


def negative_liquidations(history: Watched | None) -> Metric:
    """Return how often a liquidation below bankruptcy was published, a year, from a watched history."""
    reason = "no public record tells liquidations below bankruptcy of this contract apart"
    return _frequency("negative_liquidations", "liquidations below bankruptcy a year, as published", history, reason)


def _frequency(key: str, title: str, history: Watched | None, reason: str) -> Metric:
    formula = "events / years watched, with the exact Poisson interval (Garwood)"
    if history is None or history.days <= 0:
        return unknown(key, title, "a year", formula, reason)
    count, years = len(history.times), history.days / DAYS_OF_YEAR
    inputs = [Input("events", f"{count} in {history.days:f} days", history.source)]
    try:
        interval = rate_interval(count, float(years))
        bounds = f"95 % interval {interval.low:.3g} to {interval.high:.3g} a year"
    except InputError as error:
        bounds = f"no interval: {error}"
    if not is_estimable(count):
        return worded(
            key, title, f"{count} events in {history.days:f} days: not estimable; {bounds}", formula, inputs=inputs
        )
    return single(key, title, float(Decimal(count) / years), "a year", formula, inputs=inputs, note=bounds)


def published_liquidations(figures: ContractFigures) -> Metric:
    """Return the notional of liquidations that the venue published: at least so much was liquidated."""
    key, title = "liquidations_published", "liquidations as published (at least)"
    formula = "sum of size x price over published prints: a lower bound, because prints are dropped or merged"
    figure = figures.get("liquidations")
    if not figure.known:
        return unknown(key, title, figures.quote_asset, formula, figure.note)
    total = sum((one.size_base * one.price for one in figures.liquidations), Decimal(0))
    return single(
        key,
        title,
        total,
        figures.quote_asset,
        formula,
        inputs=[input_of(figure)],
        note="a lower bound, never the whole",
    )
