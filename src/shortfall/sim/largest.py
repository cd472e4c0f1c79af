"""The largest account that each margin tier allows, on both sides, standing just above its maintenance margin.

Problem: a drawn population rarely holds a position at the top of every tier, and a fund is emptied by the few that are. Therefore they
are put there: one long and one short a tier, inside the recorded open interest, from the smallest tier up while they fit into half of it.
"""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Final

import numpy as np

from shortfall.engine.bulk import Holdings
from shortfall.kernels import layout as at

if TYPE_CHECKING:
    from collections.abc import Sequence

    from shortfall.engine.exchange import Exchange, MarketSpec

SHARE_OF_INTEREST: Final = 2  # the largest accounts together hold at most one part in so many of open interest
ABOVE_MAINTENANCE_PPM: Final = 5_000  # assumed: equity above maintenance margin, of notional
MILLION: Final = 1_000_000
AMPLE: Final = 1 << 55


def largest_lots(spec: MarketSpec, mark_ticks: int, interest_lots: int) -> tuple[int, ...]:
    """Return the sizes at the top of the tiers, smallest first, as many as fit into half of open interest."""
    unit = mark_ticks * spec.contract.multiplier
    exponent = spec.contract.scale.settlement.exponent
    found: list[int] = []
    for tier in spec.rules.tiers:
        lots = int(Decimal(tier.top_notional or 0).scaleb(exponent)) // unit
        if lots > 0 and (sum(found) + lots) * SHARE_OF_INTEREST <= interest_lots:
            found.append(lots)
    return tuple(found)


def with_largest(spec: MarketSpec, mark_ticks: int, drawn: Holdings, lots: Sequence[int]) -> Holdings:
    """Return holdings with a long and a short of each size: longs first, shorts last, as a population is ordered."""
    if not lots:
        return drawn
    extra = np.array(lots, np.int64)
    size = np.concatenate([extra, drawn.size_lots, -extra])
    worth = extra * mark_ticks * spec.contract.multiplier  # entered at mark, so that nothing of it is unrealised
    ample = np.full(len(extra), AMPLE // (4 * len(extra)), np.int64)
    return Holdings(
        size,
        np.concatenate([worth, drawn.entry_cost, -worth]),
        np.concatenate([ample, drawn.balance, ample]),
    )


def stand_at_trigger(exchange: Exchange, first: int, lots: Sequence[int]) -> None:
    """Give the accounts of `with_largest` the balance with which they stand just above maintenance. The mark must be set."""
    accounts = int(exchange.state.header[at.H_ACCOUNTS])
    longs = range(first, first + len(lots))
    shorts = range(accounts - len(lots), accounts)
    for mine, size in zip((*longs, *shorts), (*lots, *lots), strict=True):
        market = int(
            exchange.state.positions[
                (int(exchange.state.accounts[(mine << at.ROW) + at.A_POSITION]) << at.ROW) + at.P_KEY
            ]
        )
        market &= (1 << at.MARKET_BITS) - 1
        notional = size * exchange.price(market) * exchange.specs[market].contract.multiplier
        _, counted, need = exchange.health(mine)
        spare = counted - need - notional * ABOVE_MAINTENANCE_PPM // MILLION
        exchange.state.accounts[(mine << at.ROW) + at.A_BALANCE] -= spare
