"""ADL of a market whose counterparty is a liquidity pool: on above one factor of profit to pool, off below another.

The factor of a side is what its traders have won at mark over the part of the pool's capital behind them. A close at mark pays
the profit out, so both fall by the same amount.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from shortfall.kernels._jit import inner
from shortfall.kernels.adl import note_close, rank_side
from shortfall.kernels.enqueue import after_trade
from shortfall.kernels.events import emit
from shortfall.kernels.layout import (
    A_QUEUE,
    ADL_NOT_ENABLED,
    ADL_OVERCORRECTS,
    BAD_VALUE,
    BOUND_NONE,
    E_POOL_ADL_SWITCHED,
    H_MARKETS,
    HALT_ALL,
    HALTED,
    HOLDER,
    IN_LIQUIDATION,
    M_HALTED,
    M_LIQUIDITY,
    M_MARK,
    M_POOL_ADL_LONG,
    M_RULES,
    MARKET,
    MARKET_BITS,
    NOTHING_TO_REDUCE,
    P_COST,
    P_KEY,
    P_SIZE,
    POOL_ADL_RANKED,
    R_POOL_ADL,
    R_POOL_ADL_START,
    R_POOL_ADL_STOP,
    ROW,
    STATS,
    T_POOL_ADL_LOTS,
)
from shortfall.kernels.ledger import find_position, kind_of, open_position, value_at
from shortfall.kernels.pool import CUT, backing_of, fill_with_pool, side_profit, trades_with_pool
from shortfall.kernels.prices import may_liquidate
from shortfall.kernels.unit import seldom, unit
from shortfall.kernels.wide import mul_div_floor, ppm_floor
from shortfall.kernels.winners import BUCKETS, TRIPLE, select

if TYPE_CHECKING:
    from shortfall.kernels.native import State

MILLION = 1_000_000
ALL_LOTS = 1 << 62


@inner
def profit_of(s: State, m: int, p: int, lots: int) -> int:
    """Return what closing unsigned lots of a position at mark realises, the closed share of cost floored."""
    r = p << ROW
    size = s.positions[r + P_SIZE]
    held = size if size > 0 else -size
    part = lots if size > 0 else -lots
    return value_at(s, m, part, s.markets[m + M_MARK]) - mul_div_floor(s.positions[r + P_COST], lots, held)


@inner
def switch(s: State, market: int, side: int) -> int:
    """Turn ADL of a side on or off by its factor, and state a change. Returns 1 when it is on."""
    m = market << MARKET
    start = s.rules[s.markets[m + M_RULES] + R_POOL_ADL_START]
    was = s.markets[m + M_POOL_ADL_LONG + side]
    if start == 0 and was == 0:
        return 0
    won = side_profit(s, market, side)
    backing = backing_of(s, market, side)
    on = 1 if start > 0 and won > ppm_floor(backing, start) else 0
    if on != was:
        s.markets[m + M_POOL_ADL_LONG + side] = on
        emit(s, E_POOL_ADL_SWITCHED, market, s.markets[m + M_LIQUIDITY], start, side, on, won, backing)
    return on


@inner
def cut(s: State, market: int, p: int, lots: int) -> int:
    """Close unsigned lots of a trader's position with the pool at mark. Returns the lots."""
    m = market << MARKET
    a = s.positions[(p << ROW) + P_KEY] >> MARKET_BITS
    signed = -lots if s.positions[(p << ROW) + P_SIZE] > 0 else lots
    mark = s.markets[m + M_MARK]
    fill_with_pool(s, market, a, p, signed, mark, CUT)
    note_close(s, market, signed, value_at(s, m, signed, mark), BOUND_NONE)
    s.stats[(market << STATS) + T_POOL_ADL_LOTS] += lots
    after_trade(s, market, a, p)
    return lots


@inner
def lots_until_stop(s: State, market: int, side: int, p: int, held: int) -> int:
    """Return how many lots of a winner bring the factor down to where ADL stops, never below: all when he does not suffice.

    Paying y out leaves (won - y) / (backing - y), which is the stop f at y = (won - f backing) / (1 - f); rounded down.
    """
    m = market << MARKET
    stop = s.rules[s.markets[m + M_RULES] + R_POOL_ADL_STOP]
    gain = profit_of(s, m, p, held)
    over = side_profit(s, market, side) - ppm_floor(backing_of(s, market, side), stop)
    if gain <= 0 or over <= 0:
        return 0
    if stop >= MILLION:
        return held
    due = mul_div_floor(over, MILLION, MILLION - stop)
    return held if due >= gain else mul_div_floor(held, due, gain)


@inner
def cut_ranked(s: State, market: int, side: int) -> int:
    """Close winners of a side in rank order until the factor is where ADL stops. Returns the lots closed."""
    count, _ = rank_side(s, market, 1 if side == 0 else -1, 0, 0)
    chosen = select(s, count, ALL_LOTS)
    closed = 0
    for j in range(chosen):
        p = s.scratch[BUCKETS + TRIPLE * j + 1]
        if (
            s.scratch[BUCKETS + TRIPLE * j] <= 0
            or s.accounts[((s.positions[(p << ROW) + P_KEY] >> MARKET_BITS) << ROW) + A_QUEUE] != 0
        ):
            continue
        lots = lots_until_stop(s, market, side, p, s.scratch[BUCKETS + TRIPLE * j + 2])
        if lots == 0:
            break
        closed += cut(s, market, p, lots)
    return closed


@unit
def watch_pools(s: State) -> int:
    """Look at the factors of all markets with a pool; cut winners where the rule lets the engine do it. Returns the lots closed."""
    closed = 0
    for market in range(s.header[H_MARKETS]):
        m = market << MARKET
        if not trades_with_pool(s, market) or s.markets[m + M_MARK] <= 0:
            continue
        for side in range(2):
            on = switch(s, market, side)
            ranked = s.rules[s.markets[m + M_RULES] + R_POOL_ADL] == POOL_ADL_RANKED
            if on != 0 and ranked and may_liquidate(s, market) and s.markets[m + M_HALTED] != HALT_ALL:
                if open_position(s, s.markets[m + M_LIQUIDITY], market) < 0:
                    continue
                done = cut_ranked(s, market, side)
                if done > 0:
                    switch(s, market, side)
                closed += done
    return closed


@seldom
def deleverage_with_pool(s: State, a: int, market: int, lots: int) -> int:
    """Close lots of an account that somebody chose, while ADL of its side is on. Returns the lots, or minus the reason.

    The factor has to fall, and not below where ADL stops.
    """
    m = market << MARKET
    p = find_position(s, a, market)
    size = s.positions[(p << ROW) + P_SIZE] if p >= 0 else 0
    if lots <= 0 or kind_of(s, a) >= HOLDER:
        return -BAD_VALUE
    if not trades_with_pool(s, market) or s.markets[m + M_POOL_ADL_LONG + (1 if size < 0 else 0)] == 0:
        return -ADL_NOT_ENABLED
    if s.markets[m + M_HALTED] == HALT_ALL:
        return -HALTED
    if size == 0:
        return -NOTHING_TO_REDUCE
    if s.accounts[(a << ROW) + A_QUEUE] != 0:
        return -IN_LIQUIDATION
    held = size if size > 0 else -size
    lots = lots if lots < held else held
    side = 0 if size > 0 else 1
    gain = profit_of(s, m, p, lots)
    stop = s.rules[s.markets[m + M_RULES] + R_POOL_ADL_STOP]
    backing = backing_of(s, market, side) - gain
    left = side_profit(s, market, side) - gain
    if gain <= 0 or left < (ppm_floor(backing, stop) if backing > 0 else 0):
        return -ADL_OVERCORRECTS
    cut(s, market, p, lots)
    switch(s, market, side)
    return lots
