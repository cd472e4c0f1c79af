"""The `takeover` slot. Who inherits what the book does not take, and how much each may hold."""

from __future__ import annotations

from dataclasses import dataclass

from shortfall.kernels import layout as at
from shortfall.rules.record import rule

MILLION = 1_000_000


@dataclass(frozen=True, slots=True)
class Takeover:
    """Who inherits what the book does not take, and how much each may hold."""

    backstop: bool = rule(at.R_BACKSTOP_TAKES, "switch", default=True, meaning="the backstop takes positions over")
    backstop_capacity: int = rule(
        at.R_BACKSTOP_CAPACITY, "ppm", 0, "net notional as share of the backstop's cash, 0 for no such rule"
    )
    fund: bool = rule(at.R_FUND_TAKES, "switch", default=True, meaning="the fund takes positions over")
    fund_capacity: int = rule(
        at.R_FUND_CAPACITY, "ppm", MILLION, "net notional as share of the fund's cash, 0 for no such rule"
    )
    pool: bool = rule(at.R_POOL_TAKES, "switch", default=True, meaning="the shared pool takes positions over")
    pool_capacity: int = rule(
        at.R_POOL_CAPACITY, "ppm", 0, "net notional as share of the pool's cash, 0 for no such rule"
    )
    per_event: object = rule(
        at.R_EVENT_CAPACITY, "money", 0, "largest notional of one takeover, 0 for none", high=1 << 57
    )
