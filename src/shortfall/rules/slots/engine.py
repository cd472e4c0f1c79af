"""The `engine` slot. The liquidation engine's speed and order."""

from __future__ import annotations

from dataclasses import dataclass

from shortfall.kernels import layout as at
from shortfall.rules.record import choice, entry, rule


@dataclass(frozen=True, slots=True)
class Engine:
    """The liquidation engine's speed and order."""

    delay: int = rule(at.R_DELAY_US, "duration", 0, "time from trigger to order")
    per_second: int = rule(at.R_PER_SECOND, "count", 0, "accounts worked on per second, 0 for no limit", high=1_000_000)
    order: str = choice(
        at.R_QUEUE_ORDER, "worst-first", "order within an instant (ties: lowest account id)",
        worst_first=entry(
            at.QUEUE_WORST_FIRST, "lowest (equity - maintenance) / notional first",
            "rank = floor((equity - maintenance) * 10**6 / notional), ascending",
            sign="negative below maintenance", rounding="rank floors; equal ranks go to the lower account id",
            sources=("assumed: no venue publishes the order within one instant",),
        ),
        largest_first=entry(
            at.QUEUE_LARGEST_FIRST, "largest notional first", "rank = -notional at mark, ascending",
            sources=("assumed: no venue publishes the order within one instant",),
        ),
        account=entry(
            at.QUEUE_ACCOUNT, "lowest account id first", "rank = 0",
            sources=("assumed: no venue publishes the order within one instant",),
        ),
    )  # fmt: skip
    cancels: str = choice(
        at.R_CANCEL, "all", "open orders at trigger",
        all=entry(at.CANCEL_ALL, "all orders of the account are cancelled"),
        market=entry(at.CANCEL_MARKET, "orders of the triggering market are cancelled"),
        none=entry(at.CANCEL_NONE, "orders stay"),
    )  # fmt: skip
    pause: int = rule(at.R_PAUSE_US, "duration", 0, "time before an unfinished account is worked on again")
    fresh_prices: int = rule(
        at.R_FRESH_TICKS, "count", 0, "index updates after a halt before anybody is liquidated", high=1_000_000
    )
