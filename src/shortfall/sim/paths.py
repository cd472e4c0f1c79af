"""Price paths of a stress run: a shock over so many seconds, what comes after, and how much depth makers show meanwhile."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np

from shortfall.errors import Finding, InputError
from shortfall.units import duration_text, percent_text, ppm_from_text

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

MILLION: Final = 1_000_000
SECOND_US: Final = 1_000_000
MINUTE_US: Final = 60 * SECOND_US
CALM_STEPS: Final = 5
MODES: Final = {"common": 0, "venue": 1, "source": 2, "observed": 3}


@dataclass(frozen=True, slots=True)
class After:
    """What the outside price does after the shock.

    Parameters
    ----------
    kind : str
        hold; rebound (a share of the shock comes back within five minutes); drift (a further move over an hour).
    share_ppm : int
        Share of the shock (rebound) or of the price (drift, signed).
    """

    kind: str
    share_ppm: int = 0

    @property
    def name(self) -> str:
        """Return how a person writes it."""
        return self.kind if self.kind == "hold" else f"{self.kind}:{percent_text(self.share_ppm)}"


def usual_afters(gap_ppm: int) -> tuple[After, ...]:
    """Return what is run by default: hold, half of the shock comes back, a further 5 % in the shock's direction."""
    return After("hold"), After("rebound", 500_000), After("drift", 50_000 if gap_ppm > 0 else -50_000)


def after_from_text(text: str) -> After:
    """Read `hold`, `rebound:50%` or `drift:-5%`."""
    kind, _, share = text.partition(":")
    if kind == "hold" and not share:
        return After("hold")
    if kind not in ("rebound", "drift") or not share:
        raise InputError([Finding("--after", f"Expected hold, rebound:SHARE or drift:SHARE, was {text!r}")])
    sign = -1 if share.startswith("-") else 1
    return After(kind, sign * ppm_from_text(share.lstrip("+-"), path="--after"))


@dataclass(frozen=True, slots=True)
class Shock:
    """A stated shock.

    Parameters
    ----------
    gap_ppm : int
        Move of the outside price, negative for a fall.
    over_us : int
        How long it takes.
    mode : str
        common (everybody), venue (the book moves, the index does not) or source (one index source wicks).
    depth_left_ppm : int
        Share of normal depth that makers show during the shock.
    refill_us : int
        Time constant with which depth comes back afterwards.
    step_us : int
        Length of a step during the shock.
    """

    gap_ppm: int
    over_us: int = MINUTE_US
    mode: str = "common"
    depth_left_ppm: int = 100_000
    refill_us: int = 5 * MINUTE_US
    step_us: int = 100_000

    @property
    def name(self) -> str:
        """Return the shock in words."""
        sign = "-" if self.gap_ppm < 0 else "+"
        return f"{sign}{percent_text(abs(self.gap_ppm))} over {duration_text(self.over_us)}, {self.mode}"


@dataclass(frozen=True, slots=True)
class Paths:
    """What the kernel reads: times, outside prices of the shocked and of the calm world, depth shown.

    Parameters
    ----------
    times_us : array of int64, shape (steps,)
    shocked_ticks, calm_ticks : array of int64, shape (steps, markets)
    depth_ppm : array of int64, shape (steps,)
    shock_end : int
        Step at which the shock has happened in full.
    """

    times_us: NDArray[np.int64]
    shocked_ticks: NDArray[np.int64]
    calm_ticks: NDArray[np.int64]
    depth_ppm: NDArray[np.int64]
    shock_end: int


def time_grid(shock: Shock) -> tuple[NDArray[np.int64], int, int]:
    """Return (times, first step of the shock, last step of it): fine while it happens, coarser in the hour after."""
    calm = np.arange(1, CALM_STEPS + 1) * SECOND_US
    steps = max(1, -(-shock.over_us // shock.step_us))
    during = calm[-1] + np.minimum(np.arange(1, steps + 1) * shock.step_us, shock.over_us)
    end = int(during[-1])
    times = np.concatenate([calm, during, end + hour_after(shock.step_us)]).astype(np.int64)
    return times, CALM_STEPS, CALM_STEPS + steps - 1


def hour_after(step_us: int) -> NDArray[np.int64]:
    """Return the steps of the hour after a shock, counted from its end: fine for a minute, then coarser."""
    fine = max(step_us, SECOND_US // 2)
    return np.concatenate([
        np.arange(fine, MINUTE_US + 1, fine),
        np.arange(MINUTE_US + 5 * SECOND_US, 5 * MINUTE_US + 1, 5 * SECOND_US),
        np.arange(5 * MINUTE_US + 30 * SECOND_US, 61 * MINUTE_US + 1, 30 * SECOND_US),
    ])  # fmt: skip


def shock_paths(
    shock: Shock, after: After, starts: Sequence[int], betas: Sequence[float], tops: Sequence[int]
) -> Paths:
    """Return the paths of a shock for several markets; each moves by its beta times the gap, never beyond its price scale."""
    times, first, last = time_grid(shock)
    begin, end = int(times[first - 1]), int(times[last])
    progress = np.clip((times - begin) / (end - begin), 0.0, 1.0)
    since = np.maximum(times - end, 0).astype(float)
    shocked = np.empty((len(times), len(starts)), np.int64)
    calm = np.empty_like(shocked)
    for k, start in enumerate(starts):
        gap = max(-0.97, shock.gap_ppm / MILLION * betas[k])
        move = 1.0 + gap * progress
        if after.kind == "rebound":
            move -= gap * after.share_ppm / MILLION * np.clip(since / (5 * MINUTE_US), 0.0, 1.0)
        if after.kind == "drift":
            move *= 1.0 + after.share_ppm / MILLION * betas[k] * np.clip(since / (60 * MINUTE_US), 0.0, 1.0)
        shocked[:, k] = np.clip(np.rint(start * move), 1, tops[k] - 1).astype(np.int64)
        calm[:, k] = start
    left = shock.depth_left_ppm
    depth = np.where(
        times <= begin, MILLION, left + (MILLION - left) * (1.0 - np.exp(-since / max(1, shock.refill_us)))
    )
    return Paths(times, shocked, calm, np.rint(depth).astype(np.int64), last)


def halved(shock: Shock) -> Shock:
    """Return the same shock in steps of half the length."""
    return Shock(
        shock.gap_ppm, shock.over_us, shock.mode, shock.depth_left_ppm, shock.refill_us, max(1, shock.step_us // 2)
    )
