"""The `healing` slot. How far above maintenance a liquidation has to lead, and how fast it may."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from shortfall.kernels import layout as at
from shortfall.rules.record import rule

MILLION: Final = 1_000_000
DRIFT: Final = "Drift v2: programs/drift/src/math/liquidation.rs (calculate_max_pct_to_liquidate)"


@dataclass(frozen=True, slots=True)
class Healing:
    """How far above maintenance a liquidation has to lead, and how fast it may."""

    buffer: int = rule(
        at.R_HEAL_BUFFER, "ppm", 0, "what equity must be above maintenance, as share of notional, for a liquidation to end",
        "ends at equity >= maintenance + sum of ceil(notional x buffer); `amount.method=heal` aims there", high=MILLION,
        rounding="up, against the account", sources=("Drift v2: liquidation_margin_buffer_ratio, 2 %",), venues=("Drift v2",),
    )  # fmt: skip
    initial_share: int = rule(
        at.R_RAMP_INITIAL, "ppm", 0, "share of the shortage that may be freed at once, with `healing.duration`",
        "share = min(1, initial_share + waited / duration); freeable = floor(share x (shortage + freed)) - freed", high=MILLION,
        rounding="floor: a lot less goes now and more later", sources=(DRIFT,), venues=("Drift v2",),
    )  # fmt: skip
    duration: int = rule(
        at.R_RAMP_DURATION_US, "duration", 0, "time in which the share grows to the whole, 0 for no ramp", sources=(DRIFT,),
        venues=("Drift v2",),
    )  # fmt: skip
    small_shortage: object = rule(
        at.R_RAMP_SMALL, "money", 0, "a shortage below this is freed at once", high=1 << 57, sources=(DRIFT,), venues=("Drift v2",),
    )  # fmt: skip
    small_position: object = rule(
        at.R_SMALL_POSITION, "money", 0, "a position up to this notional is closed whole with `amount.method=heal`", high=1 << 57,
        sources=("Drift v2: controller/liquidation.rs (liquidate_perp)",), venues=("Drift v2",),
    )  # fmt: skip
