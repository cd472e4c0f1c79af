"""The `profit` slot. Whether unrealised profit counts."""

from __future__ import annotations

from dataclasses import dataclass

from shortfall.kernels import layout as at
from shortfall.rules.record import choice, entry


@dataclass(frozen=True, slots=True)
class ProfitUse:
    """Whether unrealised profit counts."""

    liquidation: str = choice(
        at.R_UPNL_LIQUIDATION, "counts", "unrealised profit in the liquidation test",
        counts=entry(at.PROFIT_COUNTS, "profit at mark counts as equity"),
        ignored=entry(at.PROFIT_IGNORED, "only losses count"),
    )  # fmt: skip
    opening: str = choice(
        at.R_UPNL_OPENING, "counts", "unrealised profit as margin for new risk",
        counts=entry(at.PROFIT_COUNTS, "profit at mark opens new positions"),
        ignored=entry(at.PROFIT_IGNORED, "only losses count"),
    )  # fmt: skip
    withdrawal: str = choice(
        at.R_UPNL_WITHDRAWAL, "ignored", "unrealised profit that may be withdrawn",
        counts=entry(at.PROFIT_COUNTS, "profit at mark may leave the venue"),
        ignored=entry(at.PROFIT_IGNORED, "profit leaves only when it is realised"),
    )  # fmt: skip
