"""Which models of liquidity and feedback an answer runs beside each other: the model range is over all of them."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

import numpy as np

from shortfall.sim.depth_law import AT_100BPS, DepthLaw
from shortfall.sim.liquidity import OFF, ON, Feedback, ladder_from
from shortfall.sim.paths import MINUTE_US

if TYPE_CHECKING:
    from collections.abc import Sequence

    from shortfall.sim.market import Laboratory
    from shortfall.sim.paths import Paths

# how far open interest fell in the crash of 10 October 2025, bn: as stated in this project's specification (no public source recorded)
INTEREST_BEFORE_BN: Final = "9.8"
INTEREST_AFTER_BN: Final = "6.1"


@dataclass(frozen=True, slots=True)
class Variant:
    """One model of what stands around the accounts.

    Parameters
    ----------
    name : str
        Added to the name of the path after the shock; empty for the plain one.
    law : DepthLaw or None
        How depth thins; None for the constant that the shock states.
    feedback : Feedback
        What forced flow does to the world outside.
    is_firm : bool
        Whether makers never hold more than their stated capital.
    every_path : bool
        Whether it is run on every path after the shock, or on the first only.
    """

    name: str
    law: DepthLaw | None = None
    feedback: Feedback = OFF
    is_firm: bool = False
    every_path: bool = True

    def path_name(self, after: str) -> str:
        """Return how a run of it is called."""
        return f"{after} +{self.name}" if self.name else after


PLAIN: Final = Variant("")
USUAL: Final = (
    PLAIN,
    Variant("feedback", feedback=ON),
    Variant("depth law", law=AT_100BPS, every_path=False),
    Variant("firm", is_firm=True, every_path=False),
)


def variants_from(
    feedbacks: Sequence[Feedback], law: DepthLaw | None = None, *, adds_law: bool = False, adds_firm: bool = False
) -> tuple[Variant, ...]:
    """Return the variants of chosen feedbacks under one law of depth; the first feedback is the plain variant.

    Parameters
    ----------
    adds_law, adds_firm : bool
        Whether the law of the crash, and makers whose capital is firm, are run beside them on the first path.
    """
    found = [Variant("", law, feedbacks[0])]
    found += [Variant("feedback" if item is ON else item.name, law, item) for item in feedbacks[1:]]
    if adds_law:
        found.append(replace(USUAL[2], feedback=feedbacks[0]))
    if adds_firm:
        found.append(replace(USUAL[3], law=law, feedback=feedbacks[0]))
    return tuple(found)


def under_law(paths: Paths, law: DepthLaw | None, start: int, refill_us: int = 5 * MINUTE_US) -> Paths:
    """Return paths whose depth follows a law of the first market's outside price; as they are without one.

    Parameters
    ----------
    start : int
        The price before, in ticks.
    refill_us : int
        The shock's time constant, where the law has none.
    """
    if law is None:
        return paths
    prices = paths.shocked_ticks[:, 0].astype(float) / start
    return replace(paths, depth_ppm=law.shown_ppm(paths.times_us, prices, refill_us))


def extended(lab: Laboratory, exponent: float | None) -> Laboratory:
    """Return a laboratory whose depth beyond the recorded grows with a power of the distance; as it is without one."""
    if exponent is None:
        return lab
    ladders = [ladder_from(item.snapshot.depth.known(), item.contract, exponent=exponent).rows for item in lab.inputs]
    return replace(lab, ladder=np.concatenate(ladders).astype(np.int64))
