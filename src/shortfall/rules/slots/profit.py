"""The `profit` slot. Whether unrealised profit counts."""

from __future__ import annotations

from dataclasses import dataclass

from shortfall.kernels import layout as at
from shortfall.rules.record import choice, entry, rule

MILLION = 1_000_000
LIQUIDATION = (
    "equity that counts = balance + collateral + sum over positions of (value at mark - entry cost), profits as ruled"
)


@dataclass(frozen=True, slots=True)
class ProfitUse:
    """Whether unrealised profit counts."""

    liquidation: str = choice(
        at.R_UPNL_LIQUIDATION, "counts", "unrealised profit in the liquidation test",
        counts=entry(
            at.PROFIT_COUNTS, "profit at mark counts as equity", LIQUIDATION,
            sign="profit is positive; a loss always counts", rounding="none: value at mark is exact (an inverse value is rounded once)",
            sources=("Binance: FAQ 360033525271, Liquidation protocols (initial + realised + unrealised)",
                "Hyperliquid: docs, Liquidations"),
            venues=("Binance", "Bybit", "OKX", "Hyperliquid", "dYdX v4"),
        ),
        ignored=entry(
            at.PROFIT_IGNORED, "only losses count", "equity that counts = equity - sum of positive unrealised profits",
            sign="profit is positive and left out; a loss always counts",
            sources=("assumed: for comparison; no venue listed here publishes it for the liquidation test",),
        ),
        haircut=entry(
            at.PROFIT_HAIRCUT, "a share of it counts: `profit.share`",
            "equity that counts = balance + collateral + min(0, unrealised) + floor(share * max(0, unrealised))",
            sign="profit is positive; a loss always counts whole",
            rounding="the share rounds down, against the account",
            sources=("assumed: no venue listed here publishes a share for the liquidation test",),
        ),
    )  # fmt: skip
    opening: str = choice(
        at.R_UPNL_OPENING, "counts", "unrealised profit as margin for new risk",
        counts=entry(
            at.PROFIT_COUNTS, "profit at mark opens new positions",
            "free margin = balance + collateral + unrealised profit and loss - initial margin of the worst case of all orders",
            sign="free margin is signed; an order that adds risk needs it at zero or above after the order",
            rounding="initial margin rounds up, against the account",
            sources=("Hyperliquid: docs, Margining", "dYdX v4: x/subaccounts, risk of an account"), venues=("Hyperliquid", "dYdX v4"),
        ),
        ignored=entry(
            at.PROFIT_IGNORED, "only losses count",
            "free margin = balance + collateral + min(0, unrealised) of each position - initial margin",
            sign="a loss lowers free margin, a profit does nothing", rounding="initial margin rounds up, against the account",
            sources=("Binance: isolated margin, by its FAQ on margin modes (assumed for cross margin)",), venues=(),
        ),
        haircut=entry(
            at.PROFIT_HAIRCUT, "a share of it counts: `profit.share`",
            "free margin with floor(share * max(0, unrealised)) of each position",
            sign="profit is positive; a loss always counts whole",
            rounding="the share rounds down, against the account",
            sources=("assumed: a share between all and nothing, for what-ifs",),
        ),
    )  # fmt: skip
    withdrawal: str = choice(
        at.R_UPNL_WITHDRAWAL, "ignored", "unrealised profit that may be withdrawn",
        counts=entry(
            at.PROFIT_COUNTS, "profit at mark may leave the venue",
            "free margin as for opening; a withdrawal may not exceed it",
            sign="a withdrawal is positive", sources=("Hyperliquid: docs, Margining (with a floor of 10 % of notional)",),
            venues=("Hyperliquid",),
        ),
        ignored=entry(
            at.PROFIT_IGNORED, "profit leaves only when it is realised",
            "free margin with min(0, unrealised) of each position; a withdrawal may not exceed it",
            sign="a withdrawal is positive", sources=("Binance: FAQ b3c689c1f50a44cabb3a84e663b81d93 (wallet balance)",),
            venues=("Binance",),
        ),
        haircut=entry(
            at.PROFIT_HAIRCUT, "a share of it counts: `profit.share`",
            "free margin with floor(share * max(0, unrealised)) of each position; a withdrawal may not exceed it",
            sign="profit is positive; a loss always counts whole",
            rounding="the share rounds down, against the account",
            sources=("assumed: a share between all and nothing, for what-ifs",),
        ),
    )  # fmt: skip
    share: int = rule(
        at.R_PROFIT_HAIRCUT, "ppm", 500_000, "share of unrealised profit that counts where an entry says haircut",
        "counted = floor(profit * share / 10**6)", high=MILLION, sign="of a profit, which is positive", rounding="down",
        sources=("assumed: half, for what-ifs",),
    )  # fmt: skip
    floor: int = rule(
        at.R_PROFIT_FLOOR, "ppm", 0, "share of total notional that has to stay in the account after a withdrawal; 0 for none",
        "a withdrawal leaves max(sum of initial margin, sum of ceil(notional * floor / 10**6))", high=MILLION, rounding="up",
        sources=("Hyperliquid: docs, Margining (10 % of total notional)",), venues=("Hyperliquid",),
    )  # fmt: skip
