"""The `adl` slot. Auto-deleveraging: who is cut, at what price."""

from __future__ import annotations

from dataclasses import dataclass

from shortfall.kernels import layout as at
from shortfall.rules.record import choice, entry


@dataclass(frozen=True, slots=True)
class Deleveraging:
    """Auto-deleveraging: who is cut, at what price."""

    rank: str = choice(
        at.R_ADL_RANK, "profit-leverage", "order of winners (ties: lowest account id)",
        profit_leverage=entry(at.RANK_PROFIT_LEVERAGE, "profit share x notional / equity"),
        profit=entry(at.RANK_PROFIT, "profit share"),
        profit_maintenance=entry(at.RANK_PROFIT_MAINTENANCE, "profit share x maintenance / equity"),
        largest=entry(at.RANK_LARGEST, "largest notional"),
    )  # fmt: skip
    price: str = choice(
        at.R_ADL_PRICE, "bankruptcy", "price of the close",
        bankruptcy=entry(at.ADL_AT_BANKRUPTCY, "bankruptcy price of the liquidated position"),
        mark=entry(at.ADL_AT_MARK, "mark; the difference is asked of the layers behind"),
    )  # fmt: skip
    eligible: str = choice(
        at.R_ADL_ELIGIBLE, "profitable-first", "who may be cut",
        profitable_first=entry(at.ELIGIBLE_PROFITABLE_FIRST, "those in profit by rank, then the other holders of that side"),
        profitable_only=entry(at.ELIGIBLE_PROFITABLE_ONLY, "only those in profit"),
    )  # fmt: skip
