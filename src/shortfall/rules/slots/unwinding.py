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
        hold=entry(at.UNWIND_HOLD, "kept", "lots = 0", sources=("assumed: for comparison",)),
        at_once=entry(
            at.UNWIND_AT_ONCE, "everything, as far as band and cash allow",
            "lots = inventory, limited at the unwinding band and at the price at which the holder's cash is zero",
            rounding="the zero-cash price rounds for the holder", sources=("assumed: for comparison",),
        ),
        share=entry(
            at.UNWIND_SHARE, "a share of visible depth per second",
            "lots = floor(depth within depth_band * share * seconds since the last sale), parts carried over, at most a minute's worth",
            rounding="down; the part of a lot is carried to the next sale",
            sources=("assumed: a preset algorithm sells (Binance, FAQ 360033525371); its speed is not published",), venues=("Binance",),
        ),
    )  # fmt: skip
    share: int = rule(
        at.R_UNWIND_SHARE, "ppm", 100_000, "share of visible depth per second", "see unwinding.method=share", high=MILLION,
        rounding="lots round down, the rest is carried",
    )  # fmt: skip
    depth_band: int = rule(
        at.R_UNWIND_DEPTH_BAND, "ppm", 10_000, "distance from mark that counts as visible depth",
        "depth = lots resting within floor(mark * depth_band / 10**6) of the mark", high=MILLION, rounding="the width rounds down",
    )  # fmt: skip
