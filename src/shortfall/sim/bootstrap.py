"""Tails of recorded moves by episode bootstrap: how large the worst move of a year is, and how surely that can be said.

Peaks over a threshold, in logarithms of the price, are fitted with a generalised Pareto distribution. Episodes are resampled, not hours
and not contracts, because the moves of one episode belong together, and the tail is fitted again inside every resample: the interval
is of the whole procedure. It is about sampling only. No tail is ever fitted to what a simulation put out; what a fitted move does is
read between shocks that the engine really ran.

Coles, "An Introduction to Statistical Modeling of Extreme Values" (2001), chapter 4.
"""

from __future__ import annotations

import importlib
from dataclasses import dataclass
from itertools import pairwise
from math import exp, log, log1p
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from shortfall.errors import Finding, InputError, ensure
from shortfall.sim.sampling import LEVEL, is_estimable, rate_interval

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

MILLION: Final = 1_000_000
RESAMPLES: Final = 400
NOT_ESTIMABLE: Final = "not estimable"
EXPONENTIAL: Final = 1e-6  # a shape nearer to 0 than this is the exponential distribution
THINNEST: Final = -0.5  # below this shape maximum likelihood has no usual properties (Smith 1985)
THICKEST: Final = 2.0

Episodes = tuple[tuple[int, ...], ...]


@dataclass(frozen=True, slots=True)
class Tail:
    """A fitted tail of moves of one contract.

    Parameters
    ----------
    threshold : float
        Logarithm from which on it was fitted, positive.
    scale, shape : float
        Of the generalised Pareto distribution of what is above the threshold.
    per_year : float
        Peaks at or above the threshold in a contract-year.
    """

    threshold: float
    scale: float
    shape: float
    per_year: float

    def rate(self, size: float) -> float:
        """Return how often a year a peak of at least this size (logarithm, at or above the threshold) comes."""
        above = max(0.0, size - self.threshold)
        if abs(self.shape) < EXPONENTIAL:
            return self.per_year * exp(-above / self.scale)
        inside = 1 + self.shape * above / self.scale
        return float(self.per_year * inside ** (-1 / self.shape)) if inside > 0 else 0.0

    def worst_of(self, years: float, share: float) -> float | None:
        """Return the size that the worst peak of so many years stays below with a probability; None below the threshold.

        The worst stays below x with the probability that no peak reaches x: `exp(-years * rate(x))`.
        """
        wanted = -log(share) / years
        if wanted > self.per_year:
            return None
        if abs(self.shape) < EXPONENTIAL:
            return self.threshold + self.scale * log(self.per_year / wanted)
        return float(self.threshold + self.scale / self.shape * ((self.per_year / wanted) ** self.shape - 1))


@dataclass(frozen=True, slots=True)
class MoveQuantile:
    """The worst move of a horizon at one probability.

    Parameters
    ----------
    share : float
        Probability that the worst move stays below.
    move_ppm : int or None
        Signed; None where it lies below the threshold.
    interval_ppm : tuple of int or None
        The interval over resamples, smaller size first; an end is None below the threshold.
    """

    share: float
    move_ppm: int | None
    interval_ppm: tuple[int | None, int | None]


@dataclass(frozen=True, slots=True)
class Worst:
    """The worst fall or rise of a horizon, estimated from episodes.

    Parameters
    ----------
    episodes, peaks : int
        What it was fitted to: the number of tail events, and of peaks in them.
    shape : float or None
        Of the fitted tail.
    quantiles : tuple of MoveQuantile
        Empty where fewer than five episodes make it not estimable.
    """

    direction: str
    episodes: int
    peaks: int
    threshold_ppm: int
    shape: float | None
    quantiles: tuple[MoveQuantile, ...]


@dataclass(frozen=True, slots=True)
class Rate:
    """How often a year a contract of a class moved by at least so much, counted.

    Parameters
    ----------
    events, peaks : int
        Episodes with such a move, and contracts that moved so in them.
    per_year : float or None
        Peaks in a contract-year; None below five events.
    interval : tuple of float, or None
        Gamma interval: of the number of events, times the peaks of an event, over the contract-years.
    """

    move_ppm: int
    events: int
    peaks: int
    years: float
    per_year: float | None
    interval: tuple[float, float] | None


def log_size(move_ppm: float) -> float:
    """Return the size of a move as a positive logarithm: of a fall of 50 % and of a rise of 100 % it is the same."""
    return abs(log1p(move_ppm / MILLION))


def move_of(size: float, direction: str) -> int:
    """Return the signed move in ppm of a size, to the nearest."""
    return round((exp(-size if direction == "fall" else size) - 1) * MILLION)


def fit_tail(episodes: Sequence[Sequence[float]], threshold: float, years: float) -> Tail:
    """Fit a tail to all peaks of episodes, given as positive logarithms at or above the threshold."""
    sizes = np.array([size for episode in episodes for size in episode], float)
    ensure(len(sizes) > 0, "a tail has peaks", count=len(sizes))
    shape, scale = fit_excess(sizes - threshold)
    return Tail(threshold, scale, shape, len(sizes) / years)


def fit_excess(excess: NDArray[np.float64]) -> tuple[float, float]:
    """Return (shape, scale) of the generalised Pareto distribution with the largest likelihood, shape within -0.5 and 2.

    Notes
    -----
    For a given ratio t of shape over scale the best shape is the mean of log(1 + t x), so one number is searched (Grimshaw,
    "Computing maximum likelihood estimates for the generalized Pareto distribution", Technometrics 35, 1993).
    """
    optimise = _optimise()
    mean, most = float(excess.mean()), float(excess.max())
    if most <= 0:
        return 0.0, max(mean, EXPONENTIAL)

    def shape_at(ratio: float) -> float:
        return float(np.log1p(ratio * excess).mean())

    def cost(ratio: float) -> float:
        shape = shape_at(ratio)
        if not THINNEST <= shape <= THICKEST:
            return 1e9
        scale = mean if abs(ratio * mean) < EXPONENTIAL else shape / ratio
        return log(scale) + (1.0 if abs(ratio * mean) < EXPONENTIAL else shape + 1)

    grid = np.concatenate([-np.linspace(0.999, 0.01, 40) / most, [0.0], np.geomspace(0.001, 200, 60) / mean])
    costs = [cost(float(ratio)) for ratio in grid]
    best = int(np.argmin(costs))
    low, high = grid[max(0, best - 1)], grid[min(len(grid) - 1, best + 1)]
    found = optimise.minimize_scalar(
        cost, bounds=(float(low), float(high)), method="bounded", options={"xatol": 1e-7 / mean}
    )
    ratio = float(found.x) if found.fun < costs[best] else float(grid[best])
    if abs(ratio * mean) < EXPONENTIAL:
        return 0.0, mean
    shape = shape_at(ratio)
    return shape, shape / ratio


def worst_of_horizon(
    episodes: Episodes, threshold_ppm: int, years: float, direction: str, shares: Sequence[float], *, horizon: float = 1.0,
    seed: int = 1, resamples: int = RESAMPLES,
) -> Worst:  # fmt: skip
    """Estimate the worst move of one contract within a horizon of years, with the interval of an episode bootstrap.

    A resample has a Poisson number of episodes with the recorded number as its mean, each drawn from the recorded ones with
    replacement; the tail is fitted again to each. Resamples without a peak have no worst move and count as below the threshold.
    """
    threshold = log_size(-threshold_ppm if direction == "fall" else threshold_ppm)
    sizes = [tuple(max(threshold, log_size(move)) for move in episode) for episode in episodes]
    peaks = sum(len(episode) for episode in sizes)
    if not is_estimable(len(sizes)):
        return Worst(direction, len(sizes), peaks, threshold_ppm, None, ())
    tail = fit_tail(sizes, threshold, years)
    drawn = [_worst_of(one, threshold, years, shares, horizon) for one in resampled(sizes, seed, resamples)]
    found = []
    for k, share in enumerate(shares):
        point = tail.worst_of(horizon, share)
        ends = _ends([one[k] for one in drawn])
        found.append(
            MoveQuantile(share, _signed(point, direction), (_signed(ends[0], direction), _signed(ends[1], direction)))
        )
    return Worst(direction, len(sizes), peaks, threshold_ppm, tail.shape, tuple(found))


def resampled(episodes: Sequence[tuple[float, ...]], seed: int, resamples: int) -> list[list[tuple[float, ...]]]:
    """Return resamples of episodes, whole ones, with a Poisson number in each."""
    rng = np.random.Generator(np.random.PCG64(seed))
    counts = rng.poisson(len(episodes), resamples)
    return [[episodes[k] for k in rng.integers(0, len(episodes), int(count)).tolist()] for count in counts]


def _worst_of(
    episodes: Sequence[tuple[float, ...]], threshold: float, years: float, shares: Sequence[float], horizon: float
) -> list[float | None]:
    if not episodes:
        return [None for _ in shares]
    tail = fit_tail(episodes, threshold, years)
    return [tail.worst_of(horizon, share) for share in shares]


def _ends(values: Sequence[float | None]) -> tuple[float | None, float | None]:
    """Return the ends of the interval over resamples; those below the threshold are the smallest."""
    ordered = sorted(values, key=lambda size: -1.0 if size is None else size)
    tail = (1 - LEVEL) / 2
    return ordered[int(tail * (len(ordered) - 1))], ordered[-1 - int(tail * (len(ordered) - 1))]


def _signed(size: float | None, direction: str) -> int | None:
    return None if size is None else move_of(size, direction)


def rate_of(episodes: Episodes, move_ppm: int, years: float) -> Rate:
    """Count how often a contract moved by at least so much, with a Gamma interval on the number of episodes.

    The interval is that of a Poisson number of episodes (Garwood 1936), times the mean number of contracts that moved so in one.
    """
    hit = [sum(abs(move) >= abs(move_ppm) for move in episode) for episode in episodes]
    events, peaks = sum(count > 0 for count in hit), sum(hit)
    if not is_estimable(events):
        return Rate(move_ppm, events, peaks, years, None, None)
    found = rate_interval(events, years)
    ends = (found.low * peaks / events, found.high * peaks / events)
    return Rate(move_ppm, events, peaks, years, peaks / years, ends)


def interpolated(points: Sequence[tuple[float, int | None]], size: float) -> int | None:
    """Return a need between shocks that were run, straight between the neighbours in the logarithm of the move.

    Parameters
    ----------
    points : sequence of (float, int or None)
        Sizes of the shocks, rising, and what each needed; None where no fund that was tried sufficed.
    size : float
        At most the largest of them; below the smallest it is straight from a move of 0, which needs nothing.

    Returns
    -------
    int or None
        Rounded to the nearest; None beyond the largest shock, or where a neighbour has no answer.
    """
    known = [(0.0, 0), *points]
    for (low, before), (high, after) in pairwise(known):
        if low <= size <= high:
            if size == high:
                return after
            if before is None or after is None:
                return None
            return round(before + (after - before) * (size - low) / (high - low))
    return None


def _optimise() -> Any:  # noqa: ANN401 - scipy ships no types
    try:
        return importlib.import_module("scipy.optimize")
    except ImportError:
        message = "Expected scipy for a tail: python -m pip install 'shortfall[stats]'"
        raise InputError([Finding("tail", message)]) from None


__all__ = [
    "NOT_ESTIMABLE",
    "RESAMPLES",
    "MoveQuantile",
    "Rate",
    "Tail",
    "Worst",
    "fit_excess",
    "fit_tail",
    "interpolated",
    "log_size",
    "move_of",
    "rate_of",
    "resampled",
    "worst_of_horizon",
]
