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
        schedule=entry(
            at.UNWIND_SCHEDULE,
            "at every time step a fraction of what is held, all of it once it is small, never more than a share of the book",
            "lots = min(held if held <= full_lots else ceil(held * fraction), floor(visible depth * book_share)), every step",
            rounding="the fraction rounds up, the share of the book down",
            sources=("Vega: core/integration/features/liquidation/0012-POSR-013.feature (10 s, 0.5, 50 lots, 0.01)",),
            venues=("Vega",),
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
    step: int = rule(
        at.R_DISPOSAL_STEP_US, "duration", 10_000_000, "time between two sales by schedule",
        "the first clock at or after the step sells",
        sources=("Vega: liquidation strategy, disposal time step",), venues=("Vega",),
    )  # fmt: skip
    fraction: int = rule(
        at.R_DISPOSAL_SHARE, "ppm", 500_000, "part of the inventory sold at a step of the schedule", low=1, high=MILLION,
        sources=("Vega: liquidation strategy, disposal fraction",), venues=("Vega",),
    )  # fmt: skip
    full_lots: int = rule(
        at.R_DISPOSAL_FULL, "count", 0, "inventory up to this many lots is sold whole", high=1 << 40,
        sources=("Vega: liquidation strategy, full disposal size",), venues=("Vega",),
    )  # fmt: skip
    book_share: int = rule(
        at.R_DISPOSAL_DEPTH, "ppm", 0, "largest share of visible depth sold at a step, 0 for no bound", high=MILLION,
        sources=("Vega: liquidation strategy, maximum fraction of the book side consumed",), venues=("Vega",),
    )  # fmt: skip
    taker_fee: int = rule(
        at.R_UNWIND_FEE, "ppm", 0, "trading fee of inventory that is sold, as far as the holder's cash goes",
        "fee = min(ceil(amount * rate), cash)", high=200_000, rounding="against the holder, never below zero cash",
        sources=("Vega: core/integration/features/verified/0003-MTMK-mark_to_market_settlement_using_insurance_pool.feature",),
        venues=("Vega",),
    )  # fmt: skip
    claim_discount: int = rule(
        at.R_CLAIM_DISCOUNT, "ppm", 0, "discount at which inventory is sold on to those who claim it, paid by the holder",
        "discount = ceil(lots * mark * claim_discount / 10**6)", high=MILLION,
        sign="the claimer receives it", rounding="up, against the holder",
        sources=("Orderly: contract-evm test/functionTest/LiquidationV2.t.sol at 425cad49 (0.5 %)",), venues=("Orderly",),
    )  # fmt: skip
