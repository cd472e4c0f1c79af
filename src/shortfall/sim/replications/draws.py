"""What is not known given a named shock, drawn by number: replication k of a seed is the same draw on any machine and any worker.

Every law here is assumed and printed. A law of its own is drawn from a stream of its own, so that adding one does not move another,
and members of a family see the same draws (common random numbers): what differs between them is the population.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import exp, log
from typing import TYPE_CHECKING, Final

import numpy as np

from shortfall.sim.paths import CALM_STEPS, MILLION, MINUTE_US, After, Paths, Shock, usual_afters
from shortfall.sim.stress import paths_for

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from shortfall.sim.market import Laboratory
    from shortfall.sim.scenarios import PriceScenario

LEFT_WITHIN: Final = 3.0  # the stated depth left is divided or multiplied by up to this
REFILL_WITHIN: Final = 3.0
SCALE_WITHIN: Final = 2.0
NOISE_OF_SHOCK: Final = 0.05  # standard deviation of the noise in the middle of the shock, of its size
DRIFT_OF_SHOCK: Final = 0.10  # and an hour after it
BRIDGE_KNOTS: Final = 33
HOUR_KNOTS: Final = 61
MOST_NOISE: Final = 0.5
(LEFT, REFILL, SCALE, AFTER, NOISE) = range(5)  # streams of a replication
REPLICATIONS, POPULATIONS = range(2)  # streams of a seed

LAWS: Final = (
    ("depth left", f"the stated share times a factor between 1/{LEFT_WITHIN:g} and {LEFT_WITHIN:g}, log-uniform"),
    ("refill", f"the stated time constant times a factor between 1/{REFILL_WITHIN:g} and {REFILL_WITHIN:g}, log-uniform"),
    ("normal depth", f"the recorded depth times a factor between 1/{SCALE_WITHIN:g} and {SCALE_WITHIN:g}, log-uniform"),
    (
        "price noise",
        (
            f"a Brownian bridge during the shock ({NOISE_OF_SHOCK:.0%} of its size in the middle), a random walk after it "
            f"({DRIFT_OF_SHOCK:.0%} of its size in an hour), the same for all markets, each by its beta"
        ),
    ),
    ("after the shock", "one of the stated paths, each as likely; a rebound or drift by 0 to 2 times its stated share, uniform"),
    ("population", "accounts drawn again for every block of replications; ties of a rank go by the order in which they were drawn"),
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Draw:
    """One replication's draw.

    Parameters
    ----------
    left_ppm, refill_ppm, scale_ppm : int
        Factors on the stated depth left, on the time constant of its refill, on the recorded depth.
    after : After
        What comes after the shock.
    bridge, walk : array of int64
        Noise in ppm of the price at evenly spaced times during the shock (0 at both ends), and at every minute of the hour after.
    """

    left_ppm: int
    refill_ppm: int
    scale_ppm: int
    after: After
    bridge: NDArray[np.int64]
    walk: NDArray[np.int64]

    def noise_worst_ppm(self, direction: int) -> int:
        """Return how far the noise takes the price beyond its stated path, in the direction of the shock, at most."""
        return int(max((direction * self.bridge).max(), (direction * self.walk).max()))

    def after_move_ppm(self, gap_ppm: int) -> int:
        """Return by how much the price moves after the shock, in the direction of the shock; a rebound is negative."""
        size = abs(gap_ppm) if self.after.kind == "rebound" else MILLION
        back = {"hold": 0, "rebound": -1, "drift": 1 if (self.after.share_ppm > 0) == (gap_ppm > 0) else -1}
        return back[self.after.kind] * abs(self.after.share_ppm) * size // MILLION


def stream(seed: int, *place: int) -> np.random.Generator:
    """Return the random numbers of a place below a seed."""
    return np.random.Generator(np.random.PCG64(np.random.SeedSequence(seed, spawn_key=place)))


def population_seed(seed: int, number: int) -> int:
    """Return the seed of the n-th population of a run."""
    return int(np.random.SeedSequence(seed, spawn_key=(POPULATIONS, number)).generate_state(1, np.uint32)[0])


def draw(seed: int, replication: int, asked: Shock | PriceScenario, afters: Sequence[After] = ()) -> Draw:
    """Draw replication k of a seed.

    Parameters
    ----------
    asked : Shock or PriceScenario
        The stated shock; its size scales the noise.
    afters : sequence of After
        What may come after; empty for what is usual.
    """
    shock = asked if isinstance(asked, Shock) else asked.shock
    usual = usual_afters(shock.gap_ppm) if isinstance(asked, Shock) else asked.afters
    may = tuple(afters) or usual

    def own(kind: int) -> np.random.Generator:
        return stream(seed, REPLICATIONS, replication, kind)

    rng = own(AFTER)
    kind = may[int(rng.integers(len(may)))]
    after = After(kind.kind, round(2 * float(rng.random()) * kind.share_ppm))
    bridge, walk = _noise(own(NOISE), abs(shock.gap_ppm))
    return Draw(
        _factor(own(LEFT), LEFT_WITHIN), _factor(own(REFILL), REFILL_WITHIN), _factor(own(SCALE), SCALE_WITHIN), after, bridge, walk
    )  # fmt: skip


def _factor(rng: np.random.Generator, within: float) -> int:
    return round(MILLION * exp(log(within) * (2 * float(rng.random()) - 1)))


def _noise(rng: np.random.Generator, size_ppm: int) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Return (bridge, walk) in ppm. A bridge over [0, 1] has variance t (1 - t): one half is its deviation in the middle."""
    steps = rng.standard_normal(BRIDGE_KNOTS - 1) / (BRIDGE_KNOTS - 1) ** 0.5
    path = np.concatenate([[0.0], np.cumsum(steps)])
    bridge = (path - np.linspace(0.0, 1.0, BRIDGE_KNOTS) * path[-1]) * 2 * NOISE_OF_SHOCK * size_ppm
    after = np.cumsum(rng.standard_normal(HOUR_KNOTS - 1)) / (HOUR_KNOTS - 1) ** 0.5
    walk = np.concatenate([[0.0], after]) * DRIFT_OF_SHOCK * size_ppm
    return np.rint(bridge).astype(np.int64), np.rint(walk).astype(np.int64)


def drawn_paths(lab: Laboratory, asked: Shock | PriceScenario, drawn: Draw) -> Paths:
    """Return the paths of a stated shock with one replication's draw on them.

    The stated size is kept: noise is nothing where the shock begins and where it ends. The noise is a function of time, so paths of
    half the step are the same path seen more often.
    """
    stated = paths_for(lab, asked, drawn.after)
    begin, end = int(stated.times_us[CALM_STEPS - 1]), int(stated.times_us[stated.shock_end])
    noise = _noise_at(stated.times_us, begin, end, drawn)
    shocked = np.empty_like(stated.shocked_ticks)
    for k, item in enumerate(lab.inputs):
        moved = stated.shocked_ticks[:, k] * (1.0 + np.clip(noise * item.beta, -MOST_NOISE, MOST_NOISE))
        shocked[:, k] = np.clip(np.rint(moved), 1, item.contract.max_price_ticks - 1).astype(np.int64)
    refill = (asked if isinstance(asked, Shock) else asked.shock).refill_us
    return Paths(stated.times_us, shocked, stated.calm_ticks, _depth(stated, refill, drawn), stated.shock_end)


def _noise_at(times_us: NDArray[np.int64], begin: int, end: int, drawn: Draw) -> NDArray[np.float64]:
    during = np.interp(times_us, np.linspace(begin, end, len(drawn.bridge)), drawn.bridge)
    after = np.interp(times_us, end + MINUTE_US * np.arange(len(drawn.walk)), drawn.walk)
    noise: NDArray[np.float64] = np.where(times_us <= begin, 0.0, np.where(times_us <= end, during, after)) / MILLION
    return noise


def _depth(stated: Paths, refill_us: int, drawn: Draw) -> NDArray[np.int64]:
    """Return the depth shown in ppm of what was recorded: thinned and refilled as drawn; what is stated as full stays full."""
    shown = stated.depth_ppm / MILLION
    thinned = np.where(shown < 1.0, np.minimum(1.0, shown * drawn.left_ppm / MILLION), 1.0)
    left = float(thinned[stated.shock_end])
    since = np.maximum(stated.times_us - stated.times_us[stated.shock_end], 0)
    back = left + (1.0 - left) * (1.0 - np.exp(-since / max(1.0, refill_us * drawn.refill_ppm / MILLION)))
    depth = np.where(np.arange(len(shown)) > stated.shock_end, back, thinned)
    shown_ppm: NDArray[np.int64] = np.rint(depth * drawn.scale_ppm).astype(np.int64)
    return shown_ppm


__all__ = ["LAWS", "Draw", "draw", "drawn_paths", "population_seed"]
