"""The `fees` slot. Fees of ordinary trades; they go to the venue's fee account, never to the fund."""

from __future__ import annotations

from dataclasses import dataclass

from shortfall.kernels import layout as at
from shortfall.rules.record import rule


@dataclass(frozen=True, slots=True)
class TradingFees:
    """Fees of ordinary trades; they go to the venue's fee account, never to the fund."""

    taker: int = rule(at.R_TAKER_FEE, "ppm", 0, "fee of the taking side", low=0, high=50_000)
    maker: int = rule(
        at.R_MAKER_FEE, "ppm", 0, "fee of the resting side, negative for a rebate", low=-10_000, high=50_000
    )
