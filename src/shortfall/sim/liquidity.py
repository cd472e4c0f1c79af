"""Makers' depth: a ladder of quotes from a recorded depth profile, extrapolated beyond it and marked so; feedback of forced flow."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np

from shortfall.sim.depth_law import DEPTH_LAWS, DepthLaw

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    from shortfall.data.records import DepthProfile
    from shortfall.model.contract import Contract

REACH_PPM: Final = 150_000  # quotes reach 15 % from the anchor
LEVELS: Final = 16
MAKERS: Final = 4
SECOND_US: Final = 1_000_000
MINUTE_US: Final = 60 * SECOND_US
IMPACT_PPM: Final = 10_000
REHEDGED_PPM: Final = 500_000


@dataclass(frozen=True, slots=True)
class Feedback:
    """What forced flow does to the world outside.

    Parameters
    ----------
    name, meaning : str
        For answers.
    impact_ppm : int
        Move of the outside price, against the makers, for flow of as much as normally rests within 1 % on one side. Half at most.
    decay_us : int
        Time constant with which that move is forgotten; 0: it stays.
    rehedge_ppm : int
        Share of what ADL cut that comes back as market orders of an outside account, in the direction of what was cut.
    delay_us : int
        How much later.
    """

    name: str
    meaning: str
    impact_ppm: int = 0
    decay_us: int = 0
    rehedge_ppm: int = 0
    delay_us: int = 0

    @property
    def is_on(self) -> bool:
        """Say whether it does anything."""
        return self.impact_ppm != 0 or self.rehedge_ppm != 0


OFF: Final = Feedback("off", "forced flow moves this venue's book only; nobody who was cut trades again")
ON: Final = Feedback(
    "on",
    "the index moves 1 % for forced flow of the depth within 1 % and forgets it with a time constant of 5 min; half of what ADL cut is "
    "hedged again after 10 s",
    IMPACT_PPM,
    5 * MINUTE_US,
    REHEDGED_PPM,
    10 * SECOND_US,
)
FEEDBACKS: Final[Mapping[str, Feedback]] = {
    item.name: item
    for item in (
        OFF,
        ON,
        Feedback("permanent", "as on, but the move of the index stays", IMPACT_PPM, 0, REHEDGED_PPM, 10 * SECOND_US),
        Feedback("index-only", "as on, but nobody hedges again", IMPACT_PPM, 5 * MINUTE_US),
        Feedback(
            "rehedge-at-once", "as on, but hedged again at the next step", IMPACT_PPM, 5 * MINUTE_US, REHEDGED_PPM, 0
        ),
        Feedback(
            "rehedge-1min", "as on, but hedged again after 1 min", IMPACT_PPM, 5 * MINUTE_US, REHEDGED_PPM, MINUTE_US
        ),
    )
}
FEEDBACK_ASSUMED: Final = (
    (
        "feedback on: the index moves 1 % for forced flow of as much as rests within 1 %. Six slopes of the mid on signed trades over "
        "10 and 30 s in recordings of Binance BTCUSDT and ETHUSDT perpetuals (18 July and 8 August 2024, 346 to 481 s each) are 0.76 % "
        "to 1.29 %, explaining 20 to 42 %; trades also follow the price, so they are rather too large, and they are of a calm market"
    ),
    "feedback on: that move decays with 5 min (within the 60 s that the recordings allow, no decay was seen; `permanent` keeps it)",
    "feedback on: half of what ADL cut is hedged again after 10 s (no source; `index-only`, `rehedge-at-once`, `rehedge-1min` differ)",
)


@dataclass(frozen=True, slots=True)
class Ladder:
    """Quotes of the makers together; levels take turns among them.

    Parameters
    ----------
    rows : array of int64, shape (levels, 3)
        Distance from the anchor in ppm, bid lots, ask lots.
    observed_ppm : int
        Distance up to which depth was recorded.
    """

    rows: NDArray[np.int64]
    observed_ppm: int


def ladder_from(profile: DepthProfile, contract: Contract, scale: float = 1.0, exponent: float | None = None) -> Ladder:
    """Return the ladder that the makers quote together.

    Each recorded band rests at its far edge (never nearer than it was seen). Beyond the last band the density of the farthest
    recorded one is assumed to go on, or with an exponent cumulative depth to grow with that power of the distance: both are a guess, so
    volume executed there is counted apart.
    """
    seen_bps = float(profile.observed_to_bps)
    points = [p for p in profile.points if float(p.distance_bps) <= seen_bps]
    bps = np.array([0.0, *(float(p.distance_bps) for p in points)])
    sides = [
        np.array([0.0, *(float(getattr(p, name)) for p in points)]) / float(profile.mid_price)
        for name in ("bid_notional_quote", "ask_notional_quote")
    ]
    edges = list(bps[1:])
    density_from = max(0, len(bps) - 2)
    far = np.geomspace(max(seen_bps * 1.3, 20.0), REACH_PPM / 100, LEVELS - len(edges))
    rows = np.zeros((LEVELS, 3), np.int64)
    lot = float(contract.scale.lot_size) * float(contract.scale.contract_value)
    for k in range(LEVELS):
        recorded = k < len(edges)
        edge = edges[k] if recorded else float(far[k - len(edges)])
        before = bps[k] if recorded else (seen_bps if k == len(edges) else float(far[k - len(edges) - 1]))
        rows[k, 0] = int(edge * 100)
        for side, cumulated in enumerate(sides):
            if recorded:
                base = cumulated[k + 1] - cumulated[k]
            elif exponent is not None:
                base = cumulated[-1] * ((edge / seen_bps) ** exponent - (before / seen_bps) ** exponent)
            else:
                width = bps[-1] - bps[density_from]
                base = (cumulated[-1] - cumulated[density_from]) / width * (edge - before)
            rows[k, 1 + side] = int(max(0.0, base) * scale / lot)
    return Ladder(rows, int(seen_bps * 100))


__all__ = ["DEPTH_LAWS", "FEEDBACKS", "LEVELS", "MAKERS", "OFF", "DepthLaw", "Feedback", "Ladder", "ladder_from"]
