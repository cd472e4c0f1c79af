"""The `trigger` slot. When an account is liquidated: at which price it is judged, and from which level on the book is too late."""

from __future__ import annotations

from dataclasses import dataclass

from shortfall.kernels import layout as at
from shortfall.rules.record import choice, entry, rule

MILLION = 1_000_000
TEST = (
    "liquidated while balance + collateral + sum of (value - entry cost) < sum of maintenance, each position valued at "
)


@dataclass(frozen=True, slots=True)
class Trigger:
    """When an account is liquidated: at which price it is judged, and from which level on the book is too late."""

    price: str = choice(
        at.R_TRIGGER, "mark", "the price at which the liquidation test values a position",
        mark=entry(
            at.TRIGGER_MARK, "mark", f"{TEST}mark", sign="equity is signed", rounding="maintenance rounds up, against the account",
            sources=("Binance: FAQ 360033525271 (mark price)", "Hyperliquid: docs, Liquidations (mark price)"),
            venues=("Binance", "Bybit", "OKX", "BitMEX", "Deribit", "Kraken Futures", "Hyperliquid"),
        ),
        last=entry(
            at.TRIGGER_LAST, "the last trade alone (for comparison); mark before the first",
            f"{TEST}the last trade as it was when the mark was last made", sign="equity is signed; a deficit is still stated at mark",
            rounding="maintenance rounds up, against the account",
            sources=("assumed: for comparison with venues that liquidated on the last price",),
        ),
        both=entry(
            at.TRIGGER_BOTH, "both mark and last: the better of the two for each position",
            f"{TEST}max(mark, last) for a long and min(mark, last) for a short, last as it was when the mark was last made",
            sign="equity is signed; a deficit is still stated at mark", rounding="maintenance rounds up, against the account",
            sources=("BingX: 21830610306585, dual price (both have to breach)",), venues=("BingX",),
        ),
    )  # fmt: skip
    takeover_below: int = rule(
        at.R_TAKEOVER_BELOW, "ppm", 0, "share of maintenance below which positions go to the layers without the book; 0 for one level",
        "equity < ceil(maintenance * takeover_below / 10**6): the whole position goes to the layers at its bankruptcy price; above it: "
        "to the book alone, and what the book does not take waits for engine.pause", high=MILLION,
        sign="equity is signed; what is left of it goes with the position", rounding="the level rounds up",
        sources=("Hyperliquid: docs, Liquidations (backstop below 2/3 of maintenance)", "Lighter: docs, full liquidation below close-out"),
        venues=("Hyperliquid", "Lighter"),
    )  # fmt: skip
