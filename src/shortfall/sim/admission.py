"""Whether a population is possible: what it implies about daily liquidations against the band that was recorded.

A member is admitted when, on days of every range for which there are enough days, the median of what it would have lost to liquidations
lies neither below what was told in nine days of ten (what is told is a lower bound) nor above what was told on the highest day of ten times
a stated undercount. Recorded levels of another venue are a second check with an outcome of its own, which decides nothing.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np

from shortfall.data.liquidation_bands import (
    ADMITTING,
    LEAST_LEVELS,
    LEVEL_BANDS,
    LEVELS_WITHIN_PPM,
    RANGE_EDGES_PPM,
    buckets_of,
    class_of,
)
from shortfall.errors import Finding, InputError
from shortfall.sim.forward import calendar_of, live
from shortfall.sim.members import FAMILY
from shortfall.sim.population import Wanted, levels_of, standing, triggers

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from shortfall.data.liquidation_bands import Bucket, LevelBand
    from shortfall.sim.forward import Calendar, Lived
    from shortfall.sim.market import MarketInput
    from shortfall.sim.members import Member

MILLION: Final = 1_000_000
LEAST_DAYS: Final = 8  # of a range, recorded and lived: below that it is not judged
ACCOUNTS: Final = 20_000  # the default of `shortfall stress`
SEED: Final = 1
# Contracts for which `shortfall population` admits the whole family as it is, with the numbers above; tests compute it again.
RECORDED: Final = ("BNBUSDT", "BTCUSDT", "ETHUSDT", "SOLUSDT", "SUIUSDT")


@dataclass(frozen=True, slots=True)
class BucketVerdict:
    """Days of one range: what was told and what the member implies.

    Parameters
    ----------
    bucket : Bucket
        What was recorded.
    days : int
        Days of this range that the member lived through.
    implied_ppm : int or None
        Median of liquidated notional over open interest, to the nearest; None without days.
    """

    bucket: Bucket
    days: int
    implied_ppm: int | None

    def ceiling_ppm(self, times: str = ADMITTING) -> int:
        """Return the highest that is allowed if so many times more was liquidated than told, to the nearest."""
        return round(self.bucket.high_ppm * float(times))

    def outcome(self, times: str = ADMITTING) -> str:
        """Return inside, below, above or too few days."""
        if self.implied_ppm is None or min(self.days, self.bucket.days) < LEAST_DAYS:
            return "too few days"
        if self.implied_ppm < self.bucket.low_ppm:
            return "below"
        return "above" if self.implied_ppm > self.ceiling_ppm(times) else "inside"


@dataclass(frozen=True, slots=True)
class LevelVerdict:
    """The second check: the notional-weighted median distance of levels, among those near enough to be recorded.

    Parameters
    ----------
    band : LevelBand or None
        What was recorded for this coin.
    implied_ppm : int
        Of the member.
    outcome : str
        fits, does not fit, or not applicable.
    """

    band: LevelBand | None
    implied_ppm: int
    outcome: str


@dataclass(frozen=True, slots=True)
class Portrait:
    """What a member looks like now, at the snapshot's mark.

    Parameters
    ----------
    leverage_median, leverage_mean : float
        At entry: of accounts, and weighted with notional.
    age_days : float
        Weighted with notional.
    distance_ppm : tuple of int
        Quantiles 10, 50 and 90 % of the distance of the trigger price, weighted with notional, in ppm of the mark.
    longs_ppm, shorts_ppm : tuple of int
        Share of all notional, longs and shorts together, by distance (`shortfall.sim.population.DISTANCE_EDGES`), to the nearest.
    """

    leverage_median: float
    leverage_mean: float
    age_days: float
    distance_ppm: tuple[int, int, int]
    longs_ppm: tuple[int, ...]
    shorts_ppm: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Verdict:
    """One member against the recordings.

    Parameters
    ----------
    symbol, group, calendar : str
        Of which contract, its class, and the recorded days that were lived.
    """

    member: Member
    symbol: str
    group: str
    calendar: str
    buckets: tuple[BucketVerdict, ...]
    levels: LevelVerdict
    portrait: Portrait

    def admitted(self, times: str = ADMITTING) -> bool:
        """Say whether no judged range is below or above the band, and at least one is judged."""
        outcomes = {bucket.outcome(times) for bucket in self.buckets}
        return "inside" in outcomes and not outcomes & {"below", "above"}

    def reason(self) -> str:
        """Return the first range that contradicts the band, in words; else how many were judged."""
        for one in self.buckets:
            told = one.outcome()
            if told == "below":
                return f"{_share(one.implied_ppm)} of open interest a day on {_days(one)}, told were at least {_share(one.bucket.low_ppm)}"
            if told == "above":
                return f"{_share(one.implied_ppm)} of open interest a day on {_days(one)}, at most {_share(one.ceiling_ppm())} can be"
        judged = sum(1 for one in self.buckets if one.outcome() == "inside")
        rest = "" if judged == len(self.buckets) else "; the others have too few days"
        return f"inside the band on days of {judged} of {len(self.buckets)} ranges{rest}"


def _share(ppm: int | None) -> str:
    return f"{(ppm or 0) / 10_000:.2g} %"


def _days(one: BucketVerdict) -> str:
    low, high = one.bucket.from_ppm // 10_000, one.bucket.to_ppm
    return f"days of {low} % and more" if high is None else f"days of {low} to {high // 10_000} %"


def judge(
    item: MarketInput,
    member: Member,
    calendar: Calendar | None = None,
    *,
    accounts: int = ACCOUNTS,
    seed: int = SEED,
) -> Verdict:
    """Run a member forward through recorded days and compare it with the recordings.

    Parameters
    ----------
    calendar : Calendar, optional
        By default the recorded one of the contract's class.
    """
    base = item.snapshot.base_asset
    group = class_of(base)
    calendar = calendar_of(group, item.mark_ticks) if calendar is None else calendar
    wanted = Wanted(member, accounts, item.interest_lots, item.mark_ticks, seed)
    buckets = judged(buckets_of(group), live(item.spec, calendar, wanted))
    portrait, near_ppm = _portrait(item, wanted)
    band = next((one for one in LEVEL_BANDS if one.coin == base), None)
    levels = LevelVerdict(band, near_ppm, fit_of(band, near_ppm))
    return Verdict(member, item.contract.symbol, group, calendar.name, buckets, levels, portrait)


def judged(buckets: Sequence[Bucket], lived: Lived) -> tuple[BucketVerdict, ...]:
    """Sort the days that were lived into the recorded ranges."""
    place = np.searchsorted(np.array(RANGE_EDGES_PPM) / MILLION, lived.range_share, side="right")
    found = []
    for k, bucket in enumerate(buckets):
        mine = lived.liquidated_share[place == k]
        found.append(BucketVerdict(bucket, len(mine), round(float(np.median(mine)) * MILLION) if len(mine) else None))
    return tuple(found)


def fit_of(band: LevelBand | None, near_ppm: int) -> str:
    """Return the outcome of the second check."""
    if band is None or band.levels < LEAST_LEVELS:
        return "not applicable"
    return "fits" if band.low_ppm <= near_ppm <= band.high_ppm else "does not fit"


def weighted_quantile(figures: NDArray[np.float64], weights: NDArray[np.float64], share: float) -> float:
    """Return the smallest figure up to which at least this share of the weight lies; zero where there is none."""
    order = np.argsort(figures, kind="stable")
    total = np.cumsum(weights[order])
    return float(figures[order][int(np.searchsorted(total, share * total[-1]))]) if len(order) else 0.0


def _portrait(item: MarketInput, wanted: Wanted) -> tuple[Portrait, int]:
    """Return what the member looks like now, and the median distance of the levels near enough for the second check, in ppm."""
    there = standing(item.spec, item.history, wanted)
    trigger = triggers(item.spec, wanted.mark_ticks, there)
    away = np.where(there.lots > 0, 1 - trigger / wanted.mark_ticks, trigger / wanted.mark_ticks - 1)
    weight = np.abs(there.lots).astype(float)
    near = away <= LEVELS_WITHIN_PPM / MILLION
    low, middle, high = (round(weighted_quantile(away, weight, share) * MILLION) for share in (0.1, 0.5, 0.9))
    age = (len(item.history.low) - there.bar - 0.5) * item.history.bar_days  # somewhere within the bar of entry
    levels = levels_of(there.lots, trigger, wanted.mark_ticks, 1)
    total = int(levels.longs.sum() + levels.shorts.sum())
    portrait = Portrait(
        float(np.median(there.leverage)),
        float((there.leverage * weight).sum() / weight.sum()),
        float((age * weight).sum() / weight.sum()),
        (low, middle, high),
        *(tuple(round(int(part) * MILLION / total) for part in side) for side in (levels.longs, levels.shorts)),
    )
    return portrait, round(weighted_quantile(away[near], weight[near], 0.5) * MILLION)


def require_admitted(item: MarketInput, member: Member) -> None:
    """Refuse a member that contradicts the recordings. Verdicts on the family are recorded; others are computed (a second).

    Raises
    ------
    InputError
        With the range of days on which it contradicts the band.
    """
    if member in FAMILY and item.snapshot.symbol in RECORDED:
        return
    verdict = judge(item, member)
    if not verdict.admitted():
        message = (
            f"Expected a population that the record of liquidations allows, {member.name} is not: {verdict.reason()}"
        )
        raise InputError([Finding("--member", message)])


__all__ = ["BucketVerdict", "LevelVerdict", "Portrait", "Verdict", "judge", "judged", "require_admitted"]
