"""The `liquidator` slot. Who comes for a clip that is not sold in the book, and what he is paid."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from shortfall.kernels import layout as at
from shortfall.rules.record import choice, entry, rule

MILLION: Final = 1_000_000
SLOT_US: Final = 400_000
DRIFT: Final = "Drift v2: programs/drift/src/math/liquidation.rs and math/constants.rs"
MANGO: Final = "Mango v4: perp_liq_base_or_positive_pnl"


@dataclass(frozen=True, slots=True)
class Liquidator:
    """Who comes for a clip that is not sold in the book, and what he is paid."""

    who: str = choice(
        at.R_LIQUIDATOR, "outside", "who starts a liquidation and, with `close.style=liquidator`, takes the clip over",
        outside=entry(
            at.LIQUIDATOR_OUTSIDE, "the venue starts it; somebody outside takes the whole clip, at once and whatever its size",
            "the taker is the outside world's account", sources=("assumed: competing liquidators never leave a paid clip alone",),
        ),
        caller=entry(
            at.LIQUIDATOR_CALLER, "whoever sends a liquidate command, no more than he asks for and can carry; nobody else does",
            "an account below maintenance waits in the queue until it is called", sources=(DRIFT, MANGO),
            venues=("Drift v2", "Mango v4", "Vertex", "Orderly"),
        ),
    )  # fmt: skip
    fee: int = rule(
        at.R_LIQUIDATOR_FEE, "ppm", 0, "fee of the liquidator, paid by the account whatever it has left", "floor(notional x fee)",
        high=MILLION, sign="positive is paid by the account", rounding="floor, for the account", sources=(DRIFT,),
        venues=("Drift v2", "Mango v4"),
    )  # fmt: skip
    fee_most: int = rule(
        at.R_LIQUIDATOR_FEE_MOST, "ppm", 0, "what the fee grows to while an account waits, 0 for no growth",
        "min(fee_most, fee + 1 ppm x floor(waited / fee_step)) once waited >= fee_wait", high=MILLION, rounding="whole steps",
        sources=(DRIFT,), venues=("Drift v2",),
    )  # fmt: skip
    fee_wait: int = rule(
        at.R_LIQUIDATOR_FEE_WAIT_US, "duration", 1_500 * SLOT_US, "time in the queue before the fee grows", sources=(DRIFT,),
        venues=("Drift v2",),
    )  # fmt: skip
    fee_step: int = rule(
        at.R_LIQUIDATOR_FEE_STEP_US, "duration", SLOT_US, "time in which the fee grows by one ppm", sources=(DRIFT,),
        venues=("Drift v2",),
    )  # fmt: skip
    caller_share: int = rule(
        at.R_CALLER_SHARE, "ppm", 0, "share of the taker fee of a called liquidation order that the caller gets",
        "floor(taker fee x caller_share)", high=MILLION, sign="positive is received by the caller", rounding="floor, for the venue",
        sources=("Drift v2: controller/orders.rs (filler reward, 10 % of the taker fee)",), venues=("Drift v2",),
    )  # fmt: skip
    fund_fee: str = choice(
        at.R_FEE_LIMIT, "equity", "what limits the liquidation fee that the fund gets",
        equity=entry(
            at.FEE_OF_EQUITY, "the equity that is left beside the rest of the position",
            "fee <= equity after the fills - what the rest needs at its bankruptcy price", rounding="floor, for the account",
            sources=("assumed: a fee that makes an account bankrupt is paid by the fund itself",),
        ),
        spare=entry(
            at.FEE_OF_SPARE, "the same, and 19/20 of what margin, liquidator and shortage leave: the fee never prevents the healing",
            "rate <= 19/20 x (maintenance + buffer - liquidator fee - floor(shortage / notional))",
            rounding="each step floors in ppm, for the account", sources=(DRIFT,), venues=("Drift v2",),
        ),
    )  # fmt: skip
