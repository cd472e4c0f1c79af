"""The `evidence` slot. What is known about the inputs, not a rule of any venue."""

from __future__ import annotations

from dataclasses import dataclass

from shortfall.kernels import layout as at
from shortfall.rules.record import rule

MILLION = 1_000_000


@dataclass(frozen=True, slots=True)
class Evidence:
    """What is known about the inputs, not a rule of any venue."""

    depth_observed: int = rule(
        at.R_OBSERVED, "ppm", 0, "distance from index beyond which depth is extrapolated",
        "a fill farther from the index than this counts as executed in extrapolated depth; 0: nothing is extrapolated", high=MILLION,
    )  # fmt: skip
