"""Intervals for what was estimated from draws: about sampling only, given one model; none of them covers a wrong model.

The answer of a run of draws has two widths. This file makes the narrow one, that more draws would shrink. The wide one, over models,
is the range over members and is never made from these functions.
"""

from __future__ import annotations

import importlib
from dataclasses import dataclass
from math import atan, comb, cos, inf, lgamma, log, pi, sin, sqrt
from statistics import NormalDist
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from shortfall.errors import Finding, InputError, ensure

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

LEVEL: Final = 0.95
LEAST_EVENTS: Final = 5  # below so many events a rate is "not estimable"
NORMAL_FROM: Final = (
    2_000  # degrees of freedom from which Student's quantile differs from the normal one by less than 0.1 %
)


@dataclass(frozen=True, slots=True)
class Interval:
    """An interval about sampling.

    Parameters
    ----------
    low, high : float
        Its ends; minus or plus infinity where so few draws do not bound it.
    level : float
        How often intervals made in this way cover what they estimate.
    method : str
        Who made the method, for the reader.
    """

    low: float
    high: float
    level: float
    method: str

    @property
    def is_bounded(self) -> bool:
        """Say whether both ends are finite."""
        return -inf < self.low and self.high < inf

    def covers(self, value: float) -> bool:
        """Say whether a value lies in it, ends included."""
        return self.low <= value <= self.high


def wilson_interval(hits: float, count: float, level: float = LEVEL, critical: float | None = None) -> Interval:
    """Return the interval of a share of draws.

    Parameters
    ----------
    hits, count : float
        Draws that did, and all. Neither needs to be whole: draws that go together count as fewer (`effective_count`).
    level : float
        Between 0 and 1.
    critical : float or None
        How many standard errors to each side; None for the normal quantile of the level.

    Notes
    -----
    Wilson, "Probable inference, the law of succession, and statistical inference", JASA 22 (1927). It stays within 0 and 1 and has
    a width where nothing or everything was hit.
    """
    ensure(0 <= hits <= count and count > 0, "hits are between none and all draws", hits=hits, count=count)
    z = NormalDist().inv_cdf((1 + level) / 2) if critical is None else critical
    share = hits / count
    middle = (share + z * z / (2 * count)) / (1 + z * z / count)
    half = z * sqrt(share * (1 - share) / count + z * z / (4 * count * count)) / (1 + z * z / count)
    low = 0.0 if hits == 0 else max(0.0, middle - half)
    high = 1.0 if hits == count else min(1.0, middle + half)
    return Interval(low, high, level, "Wilson")


def mean_interval(values: Sequence[float] | NDArray[np.float64], level: float = LEVEL) -> Interval:
    """Return the interval of a mean of independent draws (Student's t); unbounded for a single draw.

    Notes
    -----
    Exact for normal draws; for others it is as good as the central limit theorem is at that count, and a share of rare draws
    belongs to `wilson_interval`.
    """
    found = np.asarray(values, float)
    ensure(len(found) > 0, "a mean has draws", count=len(found))
    if len(found) == 1:
        return Interval(-inf, inf, level, "Student")
    middle = float(found.mean())
    half = student_quantile(len(found) - 1, level) * float(found.std(ddof=1)) / sqrt(len(found))
    return Interval(middle - half, middle + half, level, "Student")


def student_quantile(freedom: int, level: float = LEVEL) -> float:
    """Return t such that Student's variable lies within -t and t with the level's probability, by halving.

    Notes
    -----
    The probability within is a finite sum of cosines for whole degrees of freedom: Abramowitz and Stegun, 26.7.3 and 26.7.4.
    """
    ensure(freedom >= 1, "degrees of freedom are at least one", freedom=freedom)
    if freedom >= NORMAL_FROM:
        return NormalDist().inv_cdf((1 + level) / 2)
    low, high = 0.0, 1.0
    while _within(freedom, high) < level:
        high *= 2
    for _ in range(80):
        middle = (low + high) / 2
        low, high = (middle, high) if _within(freedom, middle) < level else (low, middle)
    return (low + high) / 2


def _within(freedom: int, t: float) -> float:
    """Return the probability of Student's variable to lie within -t and t."""
    angle = atan(t / sqrt(freedom))
    odd = freedom % 2 == 1
    term, total = (cos(angle), cos(angle)) if odd else (1.0, 1.0)
    for k in range(3 if odd else 2, freedom, 2):
        term *= (k - 1) / k * cos(angle) ** 2
        total += term
    if not odd:
        return sin(angle) * total
    return 2 / pi * (angle + (sin(angle) * total if freedom > 1 else 0.0))


def quantile_interval(
    values: Sequence[float] | NDArray[np.float64], share: float, level: float = LEVEL, count: float | None = None
) -> Interval:
    """Return the interval of a quantile between two order statistics, whatever the distribution is.

    Parameters
    ----------
    values : array of float
        Draws.
    share : float
        Which quantile, between 0 and 1.
    level : float
        Between 0 and 1; what is covered is never less, because ranks are whole.
    count : float or None
        Of how many independent draws the values are worth; None for all of them. The ranks of so many are stretched to the values.

    Notes
    -----
    How many of n draws lie below the quantile is binomial. The ends are the draws of rank l and u, the largest l with
    P(fewer than l) <= (1 - level) / 2 and the smallest u with P(u or more) <= (1 - level) / 2; without such a draw that side is unbounded.
    """
    found = np.sort(np.asarray(values, float))
    ensure(len(found) > 0 and 0 < share < 1, "a quantile has draws and a share", count=len(found), share=share)
    worth = len(found) if count is None else max(1, min(len(found), int(count)))
    low, high = quantile_ranks(worth, share, level)
    stretch = len(found) / worth
    first = found[max(0, int((low - 1) * stretch))] if low >= 1 else -inf
    last = found[min(len(found) - 1, int(np.ceil(high * stretch)) - 1)] if high <= worth else inf
    return Interval(float(first), float(last), level, "order statistics")


def quantile_ranks(count: int, share: float, level: float = LEVEL) -> tuple[int, int]:
    """Return the ranks (counted from 1) between which a quantile lies; 0 and `count` + 1 stand for no bound."""
    below = np.cumsum(_binomial(count, share))  # P(at most k below the quantile)
    tail = (1 - level) / 2
    low = int(np.searchsorted(below, tail, side="right"))
    high = int(np.searchsorted(below, 1 - tail, side="left")) + 1
    return low, high


def _binomial(count: int, share: float) -> NDArray[np.float64]:
    """Return the probabilities of 0 to `count` hits."""
    if count <= 50:  # noqa: PLR2004 - small enough to be exact in whole numbers
        return np.array([comb(count, k) * share**k * (1 - share) ** (count - k) for k in range(count + 1)])
    k = np.arange(count + 1)
    ways = np.array([lgamma(count + 1) - lgamma(j + 1) - lgamma(count - j + 1) for j in k.tolist()])
    found: NDArray[np.float64] = np.exp(ways + k * log(share) + (count - k) * log(1 - share))
    return found


def rate_interval(events: int, exposure: float, level: float = LEVEL) -> Interval:
    """Return the exact interval of a rate: events counted over an exposure, as a Poisson number.

    Parameters
    ----------
    events : int
        How many were counted; below `LEAST_EVENTS` say "not estimable" beside it.
    exposure : float
        Over how long (or how many contract-years); the rate is per unit of it.

    Raises
    ------
    InputError
        If scipy is not installed.

    Notes
    -----
    Garwood, "Fiducial limits for the Poisson distribution", Biometrika 28 (1936): quantiles of Gamma(events) and Gamma(events + 1).
    """
    ensure(events >= 0 and exposure > 0, "a rate has an exposure", events=events, exposure=exposure)
    gamma, tail = _gamma(), (1 - level) / 2
    low = float(gamma.ppf(tail, events)) / exposure if events else 0.0
    return Interval(low, float(gamma.ppf(1 - tail, events + 1)) / exposure, level, "Garwood (exact Poisson)")


def is_estimable(events: int) -> bool:
    """Say whether a rate may be stated at all: from five events on."""
    return events >= LEAST_EVENTS


def _gamma() -> Any:  # noqa: ANN401 - scipy ships no types
    try:
        return importlib.import_module("scipy.stats").gamma
    except ImportError:
        message = "Expected scipy for an exact interval of a rate: python -m pip install 'shortfall[stats]'"
        raise InputError([Finding("rate", message)]) from None


def effective_count(groups: Sequence[Sequence[float]] | NDArray[np.float64]) -> float:
    """Return of how many independent draws the mean of grouped draws is worth, never more than there are.

    Parameters
    ----------
    groups : array of float, shape (groups, draws)
        Draws that share something (a population) stand in one row; rows are independent.

    Notes
    -----
    The variance of the mean is estimated from the means of the groups, and compared with what it would be if all draws were
    independent (Kish's design effect). With one group nothing can be said and one draw is what it is worth.
    """
    found = np.asarray(groups, float)
    ensure(found.ndim == 2 and found.size > 0, "grouped draws are a table", shape=found.shape)  # noqa: PLR2004 - rows and columns
    if len(found) == 1:
        return 1.0
    alone = float(found.var(ddof=1)) / found.size
    together = float(found.mean(axis=1).var(ddof=1)) / len(found)
    return float(found.size) if together <= alone else found.size * alone / together


__all__ = [
    "LEAST_EVENTS",
    "LEVEL",
    "Interval",
    "effective_count",
    "is_estimable",
    "mean_interval",
    "quantile_interval",
    "quantile_ranks",
    "rate_interval",
    "student_quantile",
    "wilson_interval",
]
