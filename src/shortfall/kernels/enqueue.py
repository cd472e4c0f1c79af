"""The liquidation queue's entrance: a place in line for accounts below maintenance, and for those a trade left in debt."""

from __future__ import annotations

from typing import TYPE_CHECKING

from shortfall.kernels._jit import inner
from shortfall.kernels.events import emit
from shortfall.kernels.layout import (
    A_BALANCE,
    A_COUNT,
    A_POSITION,
    A_QUEUE,
    E_LIQUIDATION_TRIGGERED,
    FULL_QUEUE,
    H_FULL,
    H_LIQUIDATIONS,
    H_NOW,
    H_QUEUE_DIRTY,
    H_QUEUE_TAIL,
    HOLDER,
    INF,
    M_LIQUIDITY,
    M_MARK,
    M_RULES,
    MARKET,
    MARKET_BITS,
    MARKET_MASK,
    P_COST,
    P_KEY,
    P_NEXT,
    P_SIZE,
    Q_ACCOUNT,
    Q_DUE,
    Q_FREED,
    Q_RANK,
    Q_SINCE,
    QUEUE,
    QUEUE_ACCOUNT,
    QUEUE_LARGEST_FIRST,
    QUEUE_LIMIT_DISTANCE,
    R_DELAY_US,
    R_QUEUE_ORDER,
    R_REALISATION,
    REALISED_ON_COMMAND,
    ROW,
    STATS,
    T_ACCOUNTS,
    U_POOL_GAIN,
    USE,
)
from shortfall.kernels.ledger import kind_of, notional_at, touch
from shortfall.kernels.margin import MILLION, fillable_price, health
from shortfall.kernels.triggers import index_account, index_position
from shortfall.kernels.unit import unit
from shortfall.kernels.weights import is_weighted
from shortfall.kernels.wide import mul_div_floor

if TYPE_CHECKING:
    from shortfall.kernels.native import State


BILLION = 1_000_000_000


@inner
def queue_rank(s: State, market: int, a: int, p: int, equity: int, counted: int, need: int) -> int:
    """Return the place of an account among those triggered in one instant, lower first; a function of the state alone."""
    m = market << MARKET
    notional = notional_at(s, m, s.positions[(p << ROW) + P_SIZE], s.markets[m + M_MARK])
    code = s.rules[s.markets[m + M_RULES] + R_QUEUE_ORDER]
    if code == QUEUE_ACCOUNT:
        return a
    if code == QUEUE_LARGEST_FIRST:
        return -notional
    if code == QUEUE_LIMIT_DISTANCE:
        if s.positions[(p << ROW) + P_SIZE] == 0:  # flat and in debt: no order has a limit, only the layers are asked
            return -INF
        mark = s.markets[m + M_MARK]
        away = fillable_price(s, market, p, equity, need) - mark
        return -mul_div_floor(away if away > 0 else -away, BILLION, mark)
    short = counted - need
    if notional <= 0 and (short < -INF // MILLION or short > INF // MILLION):
        return -INF if short < 0 else INF
    return mul_div_floor(short, MILLION, notional if notional > 0 else 1)


@inner
def forget_pool_gains(s: State, a: int) -> None:
    """Begin a liquidation with nothing gained from it by a liquidity pool."""
    p = s.accounts[(a << ROW) + A_POSITION]
    while p >= 0:
        if s.markets[((s.positions[(p << ROW) + P_KEY] & MARKET_MASK) << MARKET) + M_LIQUIDITY] >= 0:
            s.uses[(p << USE) + U_POOL_GAIN] = 0
        p = s.positions[(p << ROW) + P_NEXT]


@inner
def enqueue(s: State, market: int, a: int, p: int, equity: int, counted: int, need: int) -> None:
    """Give an account below maintenance a place in the liquidation queue, and state the trigger."""
    tail = s.header[H_QUEUE_TAIL]
    if (tail + 1) << QUEUE > len(s.queue):
        s.header[H_FULL] |= FULL_QUEUE
        return
    s.header[H_LIQUIDATIONS] += 1
    touch(s, a)
    s.accounts[(a << ROW) + A_QUEUE] = s.header[H_LIQUIDATIONS]
    forget_pool_gains(s, a)
    m = market << MARKET
    q = tail << QUEUE
    s.queue[q + Q_DUE] = s.header[H_NOW] + s.rules[s.markets[m + M_RULES] + R_DELAY_US]
    s.queue[q + Q_ACCOUNT] = a << MARKET_BITS | market
    s.queue[q + Q_SINCE] = s.header[H_NOW]
    s.queue[q + Q_RANK] = queue_rank(s, market, a, p, equity, counted, need)
    s.queue[q + Q_FREED] = 0
    s.header[H_QUEUE_TAIL] = tail + 1
    s.header[H_QUEUE_DIRTY] = 1
    s.stats[(market << STATS) + T_ACCOUNTS] += 1
    size = s.positions[(p << ROW) + P_SIZE]
    emit(s, E_LIQUIDATION_TRIGGERED, market, a, s.header[H_LIQUIDATIONS], s.markets[m + M_MARK], equity, need, size)


@inner
def owes_flat(s: State, a: int) -> bool:
    """Say whether an account without positions may owe something: its cash is negative, or a loss waits in one of its markets.

    Where requirements are weights such a loss is no debt yet: it waits for a liquidator who takes it over.
    """
    if s.accounts[(a << ROW) + A_BALANCE] < 0:
        return True
    p = s.accounts[(a << ROW) + A_POSITION]
    while p >= 0:
        r = p << ROW
        rules = s.markets[((s.positions[r + P_KEY] & MARKET_MASK) << MARKET) + M_RULES]
        waits = s.rules[rules + R_REALISATION] == REALISED_ON_COMMAND and not is_weighted(s, rules)
        if waits and s.positions[r + P_COST] > 0:
            return True
        p = s.positions[r + P_NEXT]
    return False


@unit
def after_trade(s: State, market: int, a: int, p: int) -> int:
    """Keep the books of risk after a trade: triggers of every position the balance stands behind, and a place for a debtor.

    A trade can leave an account flat and in debt (its own price, far from mark): the layers are asked for that as for any deficit.
    """
    if s.accounts[(a << ROW) + A_COUNT] == 0:
        if owes_flat(s, a) and s.accounts[(a << ROW) + A_QUEUE] == 0 and kind_of(s, a) < HOLDER:
            equity, counted, need = health(s, a)
            if counted < need:
                enqueue(s, market, a, p, equity, counted, need)
    elif s.accounts[(a << ROW) + A_POSITION] == p and s.positions[(p << ROW) + P_NEXT] < 0:
        index_position(s, a, p, 0)
    else:
        index_account(s, a)
    return 0
