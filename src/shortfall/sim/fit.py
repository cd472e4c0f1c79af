"""Fit makers' depth to a sample of books: how it grows with distance, thins with speed and drawdown, and comes back.

What a sample does not identify is said to be so and is left to the stated anchor; nothing is read out of a calm market about a crash.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np

from shortfall.data.liquidity_file import LiquidityFile
from shortfall.sim.depth_law import AT_100BPS, DepthLaw, motion
from shortfall.sim.sampling import Interval, is_estimable, quantile_interval

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from shortfall.data.l2 import BookSample

MILLION: Final = 1_000_000
LAST_S: Final = 60.0  # of a feed that starts from a snapshot, only the last minute has its deeper bands
LEAST_BANDS: Final = 3
WHOLE: Final = 0.95  # a band is used over time where it was seen in so many of the rows
NEAR_BPS: Final = 10.0  # thinning and refill look at depth within this distance
BLOCK_S: Final = 20.0
LEAST_BLOCKS: Final = 15  # five minutes: fewer blocks than that say nothing about their own spread
DRAWS: Final = 400
DEPLETED: Final = 0.6  # of the median of the minute before
HEALED: Final = 0.9
LONGEST_S: Final = 120.0
NOT_IDENTIFIED: Final = "not identified by this sample"
SPEED_UNIT: Final = "log over 10 s"


@dataclass(frozen=True, slots=True)
class DepthFit:
    """Cumulative depth against distance: ``D(x) = c (x / 100 bps) ** exponent``, one exponent for both sides.

    Parameters
    ----------
    exponent : float
        More than 1: denser far away than near.
    spread : tuple of float
        Exponents of single rows of the sample that 5 % and 95 % of them lie below.
    at_100bps : tuple of float
        The constants: bids, asks, in the unit of the file.
    bands_bps : array of float
        Bands used, out to the farthest one seen on both sides.
    observed, fitted : array of float, shape (2, bands)
        Medians over the rows used, and the fit.
    rms_log : float
        Root of the mean square of the residuals' logarithms: 0.1 is about 10 %.
    held_out_power, held_out_density : float
        By how much the farthest band, left out, is missed: by the power law, and by the density of the ring before going on. 0.2: 20 % too
        much; worst side.
    rows : int
        Rows used.
    """

    exponent: float
    spread: tuple[float, float]
    at_100bps: tuple[float, float]
    bands_bps: NDArray[np.float64]
    observed: NDArray[np.float64]
    fitted: NDArray[np.float64]
    rms_log: float
    held_out_power: float
    held_out_density: float
    rows: int


@dataclass(frozen=True, slots=True)
class Effect:
    """How much a unit of speed or drawdown thins depth: the fall of its logarithm.

    Parameters
    ----------
    fall : float
        Estimate; more than 0 thins.
    interval : Interval
        About sampling, blocks of twenty seconds drawn again.
    largest : float
        The largest speed or drawdown of the sample: beyond it the effect is extrapolated.
    """

    fall: float
    interval: Interval
    largest: float

    @property
    def is_identified(self) -> bool:
        """Say whether the sample shows thinning, and how much, beyond what sampling makes."""
        return self.interval.low > 0


@dataclass(frozen=True, slots=True)
class ThinningFit:
    """Thinning of depth within a band.

    Parameters
    ----------
    reason : str
        Why there is none; empty where there is.
    """

    band_bps: float
    speed: Effect | None
    drawdown: Effect | None
    rows: int
    explained: float
    reason: str = ""


@dataclass(frozen=True, slots=True)
class RefillFit:
    """Recovery after depletions.

    Parameters
    ----------
    taus_s : tuple of float
        Time to make up all but 1/e of what was missing, one for each episode that was seen to its end.
    unfinished : int
        Episodes that were not: left out, so the time constant is rather too short.
    """

    band_bps: float
    taus_s: tuple[float, ...]
    unfinished: int

    @property
    def is_estimable(self) -> bool:
        """Say whether there were enough episodes."""
        return is_estimable(len(self.taus_s))

    @property
    def tau_s(self) -> float | None:
        """Return the median time constant; None below five episodes."""
        return float(np.median(self.taus_s)) if self.is_estimable else None

    @property
    def interval(self) -> Interval | None:
        """Return the interval of the median; None below five episodes."""
        return quantile_interval(self.taus_s, 0.5) if self.is_estimable else None


@dataclass(frozen=True, slots=True)
class LiquidityFit:
    """Everything that was fitted to one sample."""

    sample: BookSample
    depth: DepthFit | None
    thinning: ThinningFit
    refill: RefillFit

    @property
    def seconds(self) -> float:
        """Return how long the sample is."""
        return float(self.sample.times_s[-1] - self.sample.times_s[0])


def fit_liquidity(sample: BookSample, seed: int = 1) -> LiquidityFit:
    """Fit a sample.

    Parameters
    ----------
    sample : BookSample
    seed : int
        Of the draws behind the intervals.
    """
    return LiquidityFit(sample, fit_depth(sample), fit_thinning(sample, seed), fit_refill(sample))


def fit_depth(sample: BookSample) -> DepthFit | None:
    """Fit the power law by least squares in logarithms; None with fewer than three bands seen on both sides."""
    late = sample.format == "seconds"
    used = sample.depth[sample.times_s > sample.times_s[-1] - LAST_S] if late else sample.depth
    seen = np.isfinite(used).mean(axis=0).min(axis=0) >= 0.5  # noqa: PLR2004 - half of the rows
    count = int(np.argmin(np.append(seen, False)))
    observed = np.array([[_median(used[:, side, k]) for k in range(count)] for side in range(2)]).reshape(2, count)
    first = int(np.argmax(np.append((observed > 0).all(axis=0), True)))
    bands, observed = sample.bands_bps[first:count], observed[:, first:]
    if len(bands) < LEAST_BANDS:
        return None
    x = np.log(bands / 100)
    exponent, constants = _power(x, np.log(observed))
    fitted = np.exp(constants[:, None] + exponent * x)
    rows = used[:, :, first:count]
    rows = rows[(np.isfinite(rows) & (rows > 0)).all(axis=(1, 2))]
    each = np.array([_power(x, np.log(row))[0] for row in rows]) if len(rows) else np.array([exponent])
    residuals = np.log(observed / fitted)
    return DepthFit(
        exponent,
        (float(np.quantile(each, 0.05)), float(np.quantile(each, 0.95))),
        (float(np.exp(constants[0])), float(np.exp(constants[1]))),
        bands,
        observed,
        fitted,
        float(np.sqrt((residuals**2).mean())),
        *_held_out(bands, observed),
        len(used),
    )


def _median(values: NDArray[np.float64]) -> float:
    return float(np.median(values[np.isfinite(values)]))


def _power(x: NDArray[np.float64], y: NDArray[np.float64]) -> tuple[float, NDArray[np.float64]]:
    """Return (common slope, constant of each side) of least squares."""
    away = x - x.mean()
    slope = float((away * (y - y.mean(axis=1, keepdims=True))).sum() / (len(y) * (away**2).sum()))
    return slope, y.mean(axis=1) - slope * x.mean()


def _held_out(bands: NDArray[np.float64], observed: NDArray[np.float64]) -> tuple[float, float]:
    """Return by how much two ways to extrapolate miss the farthest band, worst side: the power law, and constant density."""
    x = np.log(bands / 100)
    slope, constants = _power(x[:-1], np.log(observed[:, :-1]))
    power = np.exp(constants + slope * x[-1]) / observed[:, -1] - 1
    density = (observed[:, -2] - observed[:, -3]) / (bands[-2] - bands[-3])
    straight = (observed[:, -2] + density * (bands[-1] - bands[-2])) / observed[:, -1] - 1
    return float(max(power, key=abs)), float(max(straight, key=abs))


def near_band(sample: BookSample) -> int | None:
    """Return the farthest band within ten basis points that was seen all along; None where there is none."""
    whole = (np.isfinite(sample.depth) & (sample.depth > 0)).mean(axis=0).min(axis=0) >= WHOLE
    found = np.flatnonzero(whole & (sample.bands_bps <= NEAR_BPS))
    return int(found[-1]) if len(found) else None


def fit_thinning(sample: BookSample, seed: int) -> ThinningFit:
    """Fit the logarithm of depth near the mid to speed and drawdown by least squares; intervals from blocks drawn again."""
    k = near_band(sample)
    if k is None:
        return ThinningFit(0.0, None, None, 0, 0.0, "no band within 10 bps was seen all along")
    band = float(sample.bands_bps[k])
    near = sample.depth[:, :, k]
    good: NDArray[np.bool_] = np.logical_and.reduce(np.isfinite(near) & (near > 0), axis=1)
    times, y = sample.times_s[good], np.log(np.where(good[:, None], near, 1.0)).mean(axis=1)[good]
    blocks = np.floor((times - times[0]) / BLOCK_S).astype(int)
    names = np.unique(blocks)
    if len(names) < LEAST_BLOCKS:
        reason = f"{len(names)} blocks of {BLOCK_S:g} s, at least {LEAST_BLOCKS} are needed"
        return ThinningFit(band, None, None, len(y), 0.0, reason)
    speed, drawdown = (move[good] for move in motion(np.rint(sample.times_s * MILLION).astype(np.int64), sample.mid))
    causes = np.stack([np.ones(len(y)), speed, drawdown], axis=1)
    if np.linalg.matrix_rank(causes / np.maximum(np.abs(causes).max(axis=0), 1e-300)) < causes.shape[1]:
        return ThinningFit(band, None, None, len(y), 0.0, "the mid price hardly moved")
    found = np.linalg.lstsq(causes, y, rcond=None)[0]
    explained = 1.0 - float(((y - causes @ found) ** 2).sum() / max(1e-300, ((y - y.mean()) ** 2).sum()))
    rng = np.random.Generator(np.random.PCG64(seed))
    members = [np.flatnonzero(blocks == name) for name in names]
    drawn = np.empty((DRAWS, 2))
    for n in range(DRAWS):
        rows = np.concatenate([members[j] for j in rng.integers(0, len(members), len(members))])
        drawn[n] = -np.linalg.lstsq(causes[rows], y[rows], rcond=None)[0][1:]
    low, high = np.quantile(drawn, 0.025, axis=0), np.quantile(drawn, 0.975, axis=0)
    effects = [
        Effect(
            float(-found[1 + j]), Interval(float(low[j]), float(high[j]), 0.95, "block bootstrap"), float(move.max())
        )
        for j, move in enumerate((speed, drawdown))
    ]
    return ThinningFit(band, effects[0], effects[1], len(y), explained)


def fit_refill(sample: BookSample) -> RefillFit:
    """Find depletions on either side near the mid and measure how long each took to come back."""
    k = near_band(sample)
    if k is None:
        return RefillFit(0.0, (), 0)
    taus: list[float] = []
    unfinished = 0
    for side in range(2):
        found, open_ones = recoveries(sample.times_s, sample.depth[:, side, k])
        taus += found
        unfinished += open_ones
    return RefillFit(float(sample.bands_bps[k]), tuple(taus), unfinished)


def recoveries(times_s: NDArray[np.float64], depth: NDArray[np.float64]) -> tuple[list[float], int]:
    """Return (time constants of the depletions that healed, how many were not seen to the end).

    A depletion begins where depth falls below 60 % of the median of the minute before and ends at 90 % of it; its time constant runs from
    its lowest depth to where all but 1/e of what was missing is back. One episode at a time, so that one depletion is not counted twice.
    """
    found: list[float] = []
    unfinished, at = 0, 0
    while at < len(times_s):
        before = depth[(times_s >= times_s[at] - LAST_S) & (times_s < times_s[at])]
        before = before[np.isfinite(before)]
        if times_s[at] - times_s[0] < LAST_S / 2 or len(before) == 0 or not depth[at] < DEPLETED * np.median(before):
            at += 1
            continue
        usual = float(np.median(before))
        healed = np.flatnonzero((depth[at:] >= HEALED * usual) & (times_s[at:] <= times_s[at] + LONGEST_S))
        if not len(healed):
            unfinished += 1
            at = int(np.searchsorted(times_s, times_s[at] + LONGEST_S, side="right"))
            continue
        end = at + int(healed[0])
        lowest = at + int(np.nanargmin(depth[at:end]))
        goal = usual - (usual - depth[lowest]) / np.e
        back = lowest + int(np.argmax(depth[lowest : end + 1] >= goal))
        found.append(float(times_s[back] - times_s[lowest]))
        at = end + 1
    return found, unfinished


def file_of(fit: LiquidityFit) -> LiquidityFile:
    """Return what a file keeps of a fit: only what the sample identifies."""
    speed, drawdown = fit.thinning.speed, fit.thinning.drawdown
    return LiquidityFile(
        sample=fit.sample.name,
        sha256=fit.sample.digest,
        depth_exponent=None if fit.depth is None else fit.depth.exponent,
        observed_to_bps=None if fit.depth is None else float(fit.depth.bands_bps[-1]),
        speed_fall=speed.fall if speed is not None and speed.is_identified else None,
        drawdown_fall=drawdown.fall if drawdown is not None and drawdown.is_identified else None,
        measured_speed=0.0 if speed is None else speed.largest,
        measured_drawdown=0.0 if drawdown is None else drawdown.largest,
        refill_seconds=fit.refill.tau_s,
    )


def law_of(found: LiquidityFile) -> DepthLaw:
    """Return the law of a file. What it does not identify is the anchor's, and so is the floor."""
    base = AT_100BPS
    own_speed, own_drawdown = found.speed_fall is not None, found.drawdown_fall is not None
    told = [name for name, own in (("speed", own_speed), ("drawdown", own_drawdown)) if own]
    return DepthLaw(
        name="fitted",
        meaning=f"fitted to {found.sample}: {' and '.join(told) or 'neither speed nor drawdown identified'}; the rest is {base.name}",
        source=f"{found.sample}, SHA-256 {found.sha256[:16]}; the anchors: {base.source}",
        speed_fall=base.speed_fall if found.speed_fall is None else found.speed_fall,
        drawdown_fall=base.drawdown_fall if found.drawdown_fall is None else found.drawdown_fall,
        floor_ppm=base.floor_ppm,
        measured_speed=found.measured_speed if own_speed else base.measured_speed,
        measured_drawdown=found.measured_drawdown if own_drawdown else base.measured_drawdown,
        refill_us=None if found.refill_seconds is None else max(1, round(found.refill_seconds * MILLION)),
        exponent=found.depth_exponent,
    )
