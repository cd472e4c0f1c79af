"""The fund that the worst move of a year needs, at stated probabilities: recorded tails, read on shocks that the engine ran.

The move comes from recorded episodes (`shortfall.sim.bootstrap`); what it needs comes from the engine, at a few sizes of the class's
worst hour, and straight lines between them. No tail is fitted to the needs.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from shortfall.data.move_episodes import BTC_DAILY, THRESHOLDS_PPM, contract_years, episodes_of
from shortfall.sim.bootstrap import interpolated, log_size, rate_of, worst_of_horizon
from shortfall.sim.scenarios import historical

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from shortfall.sim.bootstrap import Rate, Worst
    from shortfall.sim.scenarios import PriceScenario

SHARES: Final = (0.5, 0.9, 0.99)
HORIZON_YEARS: Final = 1.0
FACTORS: Final = (0.1, 0.25, 0.5, 1.0, 1.5, 2.25)
DIRECTIONS: Final = ("fall", "rise")
RATES_PPM: Final = (-100_000, -150_000, -200_000, -300_000, -400_000, 100_000, 150_000, 200_000, 300_000)
WINDOW: Final = "1h"
WIPED_OUT_PPM: Final = -1_000_000


@dataclass(frozen=True, slots=True)
class Placed:
    """What a move needs.

    Parameters
    ----------
    move_ppm : int or None
        None where it is smaller than the threshold from which moves are counted.
    beyond : bool
        Whether it is larger than the largest shock that was run.
    needs : dict
        Member to fund, in settlement units; None where no fund that was tried suffices. Empty without a move or beyond.
    """

    move_ppm: int | None
    beyond: bool
    needs: dict[str, int | None]

    @property
    def range(self) -> tuple[int | None, int | None] | None:
        """Return the lowest and the highest need over members; None where there are none."""
        if not self.needs:
            return None
        ordered = sorted(self.needs.values(), key=lambda cash: (cash is None, cash or 0))
        return ordered[0], ordered[-1]


@dataclass(frozen=True, slots=True)
class QuantileNeed:
    """The worst move of the horizon at one probability: the estimate and the two ends of its interval over resamples."""

    share: float
    point: Placed
    low: Placed
    high: Placed


@dataclass(frozen=True, slots=True)
class TailNeed:
    """One direction: what was fitted, and what its quantiles need."""

    worst: Worst
    largest_run_ppm: int
    quantiles: tuple[QuantileNeed, ...]


@dataclass(frozen=True, slots=True)
class CountedRate:
    """A counted rate with where it was counted: the class or spot BTC, and the window."""

    counted_on: str
    window: str
    rate: Rate


def run_shocks(group: str) -> dict[str, tuple[PriceScenario, ...]]:
    """Return, by direction, the shocks that needs are read between: parts of the class's worst hour, the largest accounts standing."""
    hour = {one.name.rsplit("-", 1)[1]: one for one in historical(group) if f"-{WINDOW}-" in one.name}
    return {
        direction: tuple(
            (hour[direction] if factor == 1.0 else hour[direction].times(factor)).with_largest() for factor in FACTORS
        )
        for direction in DIRECTIONS
    }


def tails(
    group: str, members: Sequence[str], need: Callable[[str, str], int | None], seed: int
) -> tuple[TailNeed, ...]:
    """Return what the worst move of a year needs, by direction.

    Parameters
    ----------
    group : str
        Class of contract.
    members : sequence of str
        Whose needs.
    need : callable
        (scenario, member) to the fund that a shock of `run_shocks` needs.
    seed : int
        Of the resamples.
    """
    found = []
    for direction, shocks in run_shocks(group).items():
        worst = worst_of_horizon(
            episodes_of(group, WINDOW, direction), THRESHOLDS_PPM[group, WINDOW], contract_years(group), direction, SHARES,
            horizon=HORIZON_YEARS, seed=seed,
        )  # fmt: skip
        points = {name: [(log_size(one.shock.gap_ppm), need(one.name, name)) for one in shocks] for name in members}
        quantiles = tuple(
            QuantileNeed(one.share, *(placed(move, points) for move in (one.move_ppm, *one.interval_ppm)))
            for one in worst.quantiles
        )
        found.append(TailNeed(worst, shocks[-1].shock.gap_ppm, quantiles))
    return tuple(found)


def placed(move_ppm: int | None, points: dict[str, list[tuple[float, int | None]]]) -> Placed:
    """Return what a move needs with every member, between the shocks that were run."""
    if move_ppm is None:
        return Placed(None, beyond=False, needs={})
    largest = max(size for one in points.values() for size, _ in one)
    if move_ppm <= WIPED_OUT_PPM or log_size(move_ppm) > largest:
        return Placed(move_ppm, beyond=True, needs={})
    return Placed(
        move_ppm, beyond=False, needs={name: interpolated(one, log_size(move_ppm)) for name, one in points.items()}
    )


def rates(group: str) -> tuple[CountedRate, ...]:
    """Return how often round moves and the worst hours were recorded: of the class in an hour and in a day, of spot BTC by the day.

    Sizes below the threshold of a window are left out of it, because they were not counted.
    """
    worst = tuple(one.shock.gap_ppm for one in historical(group) if f"-{WINDOW}-" in one.name)
    found = []
    for counted_on, window in ((group, "1h"), (group, "24h"), (BTC_DAILY, "daily close")):
        threshold, years = THRESHOLDS_PPM[counted_on, window], contract_years(counted_on)
        for move in (*RATES_PPM, *(worst if window == WINDOW else ())):
            direction = "fall" if move < 0 else "rise"
            if abs(move) >= threshold:
                counted = rate_of(episodes_of(counted_on, window, direction), move, years)
                found.append(CountedRate(counted_on, window, counted))
    return tuple(found)


__all__ = [
    "FACTORS",
    "HORIZON_YEARS",
    "RATES_PPM",
    "SHARES",
    "CountedRate",
    "Placed",
    "QuantileNeed",
    "TailNeed",
    "placed",
    "rates",
    "run_shocks",
    "tails",
]
