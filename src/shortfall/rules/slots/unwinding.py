"""The `unwinding` slot. How a holder gets out of inventory."""

from __future__ import annotations

from dataclasses import dataclass

from shortfall.kernels import layout as at
from shortfall.rules.record import choice, entry, rule

MILLION = 1_000_000


@dataclass(frozen=True, slots=True)
class Unwinding:
    """How a holder gets out of inventory."""

    method: str = choice(
        at.R_UNWIND, "share", "how inventory is sold",
        hold=entry(at.UNWIND_HOLD, "kept"),
        at_once=entry(at.UNWIND_AT_ONCE, "everything, as far as band and cash allow"),
        share=entry(at.UNWIND_SHARE, "a share of visible depth per second"),
    )  # fmt: skip
    share: int = rule(at.R_UNWIND_SHARE, "ppm", 100_000, "share of visible depth per second", high=MILLION)
    depth_band: int = rule(
        at.R_UNWIND_DEPTH_BAND, "ppm", 10_000, "distance from mark that counts as visible depth", high=MILLION
    )
