"""The `fees` slot. Fees of ordinary trades; they go to the venue's fee account, never to the fund."""

from __future__ import annotations

from dataclasses import dataclass

from shortfall.kernels import layout as at
from shortfall.rules.record import rule


@dataclass(frozen=True, slots=True)
class TradingFees:
    """Fees of ordinary trades; they go to the venue's fee account, never to the fund."""

    taker: int = rule(
        at.R_TAKER_FEE, "ppm", 0, "fee of the taking side", "fee = ceil(amount traded * taker / 10**6)",
        low=0, high=50_000, sign="positive: the trader pays", rounding="up, against the trader",
    )  # fmt: skip
    maker: int = rule(
        at.R_MAKER_FEE, "ppm", 0, "fee of the resting side, negative for a rebate",
        "fee = ceil(amount traded * maker / 10**6)", low=-10_000, high=50_000,
        sign="positive: the trader pays; negative: the trader receives", rounding="up, against the trader (a rebate rounds down)",
    )  # fmt: skip
