"""The `engine` slot. The liquidation engine's speed and order."""

from __future__ import annotations

from dataclasses import dataclass

from shortfall.kernels import layout as at
from shortfall.rules.record import choice, entry, rule

UNPUBLISHED = ("assumed: no venue publishes the order within one instant",)


@dataclass(frozen=True, slots=True)
class Engine:
    """The liquidation engine's speed and order."""

    delay: int = rule(
        at.R_DELAY_US, "duration", 0, "time from trigger to order", "due = time of the trigger + delay",
        sources=("assumed: no venue publishes it",),
    )  # fmt: skip
    per_second: int = rule(
        at.R_PER_SECOND, "count", 0, "accounts worked on per second, 0 for no limit",
        "one token per 1/per_second seconds, at most one second's worth saved up", high=1_000_000,
        rounding="a part of a token is carried over", sources=("Deribit: liquidation (one round per second)",), venues=("Deribit",),
    )  # fmt: skip
    order: str = choice(
        at.R_QUEUE_ORDER, "worst-first", "order within an instant (ties: lowest account id)",
        worst_first=entry(
            at.QUEUE_WORST_FIRST, "lowest (equity - maintenance) / notional first",
            "rank = floor((equity - maintenance) * 10**6 / notional), ascending", sign="negative below maintenance",
            rounding="the rank rounds down; equal ranks go to the lower account id", sources=UNPUBLISHED,
        ),
        largest_first=entry(at.QUEUE_LARGEST_FIRST, "largest notional first", "rank = -notional at mark, ascending", sources=UNPUBLISHED),
        limit_distance=entry(
            at.QUEUE_LIMIT_DISTANCE, "farthest fillable limit from mark first, then largest notional",
            "rank = -floor(abs(fillable limit - mark) * 10**9 / mark), ascending; equal ranks by notional at mark, descending",
            rounding="the distance rounds down", sources=("dYdX v4: x/clob/keeper/liquidations.go (order of liquidations)",),
            venues=("dYdX v4",),
        ),
        account=entry(at.QUEUE_ACCOUNT, "lowest account id first", "rank = 0", sources=UNPUBLISHED),
    )  # fmt: skip
    cancels: str = choice(
        at.R_CANCEL, "all", "open orders at trigger",
        all=entry(
            at.CANCEL_ALL, "all orders of the account are cancelled", "before the first clip, in every market",
            sources=("Binance: FAQ 360033525271, Liquidation protocols",), venues=("Binance", "dYdX v4", "Drift v2"),
        ),
        market=entry(
            at.CANCEL_MARKET, "orders of the triggering market are cancelled", "before the first clip, in the market of the trigger",
            sources=("Bybit: Liquidation process (isolated margin)",), venues=("Bybit",),
        ),
        none=entry(at.CANCEL_NONE, "orders stay", "nothing is cancelled", sources=("assumed: for comparison",)),
    )  # fmt: skip
    pause: int = rule(
        at.R_PAUSE_US, "duration", 0, "time before an unfinished account is worked on again", "due = now + pause",
        sources=("Hyperliquid: docs, Liquidations (30 s after a partial one)",), venues=("Hyperliquid",),
    )  # fmt: skip
    fresh_prices: int = rule(
        at.R_FRESH_TICKS, "count", 0, "index updates after a halt before anybody is liquidated",
        "counted from the end of the halt", high=1_000_000, sources=("assumed: a gate after a restart, no venue publishes a number",),
    )  # fmt: skip
    settles: str = choice(
        at.R_SETTLES, "in-order", "who is worked on first when surplus and deficit fall into one instant",
        in_order=entry(
            at.SETTLES_IN_ORDER, "accounts in the order of engine.order, whatever they leave",
            "a deficit asks the layers for what they have at that moment", sources=UNPUBLISHED,
        ),
        surplus_first=entry(
            at.SETTLES_SURPLUS_FIRST, "accounts that still have equity at mark before those that have none",
            "first all with equity at mark >= 0, then the others, each group in the order of engine.order",
            sign="equity at mark, when the account is worked on", sources=UNPUBLISHED,
        ),
    )  # fmt: skip
