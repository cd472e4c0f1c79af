"""Share a loss among those in profit, pro rata, exact in sum, nobody beyond min(profit, equity)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from shortfall.kernels._jit import inner
from shortfall.kernels.events import emit
from shortfall.kernels.layout import (
    BOUND_ROOM,
    E_LAYER_SKIPPED,
    E_LOSS_SOCIALISED,
    H_POSITIONS,
    HOLDER,
    LAYER_SOCIALISE,
    M_MARK,
    MARKET,
    MARKET_BITS,
    MARKET_MASK,
    P_COST,
    P_KEY,
    P_SIZE,
    ROW,
    STATS,
    T_SOCIALISED,
)
from shortfall.kernels.ledger import kind_of, transfer, value_at
from shortfall.kernels.margin import equity_of
from shortfall.kernels.triggers import index_account
from shortfall.kernels.unit import unit
from shortfall.kernels.wide import mul_div_floor

if TYPE_CHECKING:
    from shortfall.kernels.native import State


@inner
def collect_profits(s: State, market: int, debtor: int) -> tuple[int, int]:
    """Write (account, base) pairs of everybody in profit into scratch. Returns (pairs, sum of bases)."""
    m = market << MARKET
    count = 0
    total = 0
    room = len(s.scratch) // 2
    for p in range(s.header[H_POSITIONS]):
        r = p << ROW
        key = s.positions[r + P_KEY]
        size = s.positions[r + P_SIZE]
        a = key >> MARKET_BITS
        if size == 0 or (key & MARKET_MASK) != market or a == debtor or kind_of(s, a) >= HOLDER:
            continue
        gain = value_at(s, m, size, s.markets[m + M_MARK]) - s.positions[r + P_COST]
        if gain <= 0:
            continue
        equity = equity_of(s, a)
        base = gain if gain < equity else equity
        if base > 0 and count < room:
            s.scratch[2 * count] = a
            s.scratch[2 * count + 1] = base
            total += base
            count += 1
    return count, total


@inner
def sort_pairs(s: State, count: int) -> None:
    """Sort scratch pairs by their first word (Shell sort: in place, bounded)."""
    gap = 1
    while gap < count // 9:
        gap = 3 * gap + 1
    while gap > 0:
        for j in range(gap, count):
            first = s.scratch[2 * j]
            second = s.scratch[2 * j + 1]
            i = j - gap
            while i >= 0 and s.scratch[2 * i] > first:
                s.scratch[2 * (i + gap)] = s.scratch[2 * i]
                s.scratch[2 * (i + gap) + 1] = s.scratch[2 * i + 1]
                i -= gap
            s.scratch[2 * (i + gap)] = first
            s.scratch[2 * (i + gap) + 1] = second
        gap //= 3


@unit
def socialise(s: State, market: int, debtor: int, amount: int, reference: int) -> int:
    """Charge a loss to those in profit and hand it to the debtor. Returns what could not be shared.

    Share of account i, in order of account ids: floor(pay x sum of bases up to i / total) less the same up to i - 1, so the sum
    is exact and every share within one unit of pro rata and never above its base.
    """
    count, total = collect_profits(s, market, debtor)
    pay = amount if amount < total else total
    if pay <= 0:
        emit(s, E_LAYER_SKIPPED, market, debtor, reference, LAYER_SOCIALISE, BOUND_ROOM, amount, -1)
        return amount
    sort_pairs(s, count)
    cumulated = 0
    charged = 0
    for j in range(count):
        a = s.scratch[2 * j]
        base = s.scratch[2 * j + 1]
        cumulated += base
        share = mul_div_floor(pay, cumulated, total) - charged
        charged += share
        if share > 0:
            transfer(s, a, debtor, share)
            emit(s, E_LOSS_SOCIALISED, market, a, reference, share, base, total, debtor)
            index_account(s, a)
    s.stats[(market << STATS) + T_SOCIALISED] += pay
    return amount - pay
