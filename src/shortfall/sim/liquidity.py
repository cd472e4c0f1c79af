"""Makers' depth: a ladder of quotes from a recorded depth profile, extrapolated beyond it and marked so."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from shortfall.data.records import DepthProfile
    from shortfall.model.contract import Contract

REACH_PPM: Final = 150_000  # quotes reach 15 % from the anchor
LEVELS: Final = 16
MAKERS: Final = 4


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


def ladder_from(profile: DepthProfile, contract: Contract, scale: float = 1.0) -> Ladder:
    """Return the ladder that the makers quote together.

    Each recorded band rests at its far edge (never nearer than it was seen). Beyond the last band the density of the farthest
    recorded one is assumed to go on: more of it is a guess, so volume executed there is counted apart.
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
            else:
                width = bps[-1] - bps[density_from]
                base = (cumulated[-1] - cumulated[density_from]) / width * (edge - before)
            rows[k, 1 + side] = int(max(0.0, base) * scale / lot)
    return Ladder(rows, int(seen_bps * 100))
