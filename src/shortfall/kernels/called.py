"""A liquidation that somebody calls: who may be liquidated, at what limit, and what the caller takes or sends to the book."""

from __future__ import annotations

from typing import TYPE_CHECKING

from shortfall.kernels._jit import inner
from shortfall.kernels.instant import settle_instant
from shortfall.kernels.layout import (
    A_QUEUE,
    BAD_ACCOUNT,
    BAD_VALUE,
    BEYOND_LIMIT,
    CANCEL_ALL,
    CANCEL_NONE,
    ENOUGH_MARGIN,
    H_ACCOUNTS,
    H_FREED,
    H_QUEUE_HEAD,
    H_QUEUE_TAIL,
    H_SINCE,
    HALT_ALL,
    HALTED,
    HOLDER,
    M_HALTED,
    M_MARK,
    M_MAX_LOTS,
    M_RULES,
    MARKET,
    MARKET_BITS,
    NO_MARGIN,
    P_SIZE,
    Q_ACCOUNT,
    Q_FREED,
    Q_SINCE,
    QUEUE,
    R_CANCEL,
    ROW,
    STATS,
    T_LIQUIDATIONS,
)
from shortfall.kernels.ledger import asset_of, find_position, kind_of, open_position, realise_flat
from shortfall.kernels.liquidation import DONE, RETRY, close_clip, end_or_wait
from shortfall.kernels.liquidator import buffer_of, is_called, is_taken_at_mark, liquidator_rate
from shortfall.kernels.margin import FOR_OPENING, free_margin, health
from shortfall.kernels.orders import cancel_all
from shortfall.kernels.prices import may_liquidate
from shortfall.kernels.unit import seldom
from shortfall.kernels.wide import mul_div_ceil, mul_div_floor

if TYPE_CHECKING:
    from shortfall.kernels.native import State

MILLION = 1_000_000


@inner
def place_in_line(s: State, a: int) -> int:
    """Return the queue row of an account, or -1."""
    for j in range(s.header[H_QUEUE_HEAD], s.header[H_QUEUE_TAIL]):
        if s.queue[(j << QUEUE) + Q_ACCOUNT] >> MARKET_BITS == a:
            return j
    return -1


@inner
def leave_line(s: State, j: int) -> None:
    """Take a row out of the queue; those behind move up."""
    for k in range(j << QUEUE, (s.header[H_QUEUE_TAIL] - 1) << QUEUE):
        s.queue[k] = s.queue[k + (1 << QUEUE)]
    s.header[H_QUEUE_TAIL] -= 1


@inner
def is_beyond(s: State, m: int, size: int, limit: int) -> bool:
    """Say whether a liquidator would take at a worse price than his limit: mark less (long) or plus (short) his fee; 0 for none."""
    if limit <= 0:
        return False
    rate = liquidator_rate(s, s.markets[m + M_RULES])
    if size > 0:
        return mul_div_ceil(s.markets[m + M_MARK], MILLION - rate, MILLION) > limit
    return mul_div_floor(s.markets[m + M_MARK], MILLION + rate, MILLION) < limit


@inner
def refused_call(s: State, caller: int, a: int, market: int, lots: int) -> int:
    """Return why a call is refused before anything is looked at, or 0."""
    m = market << MARKET
    if (
        not 0 <= a < s.header[H_ACCOUNTS]
        or a == caller
        or kind_of(s, a) >= HOLDER
        or asset_of(s, a) != asset_of(s, caller)
    ):
        return BAD_ACCOUNT
    if lots <= 0 or not is_called(s, s.markets[m + M_RULES]):
        return BAD_VALUE
    if s.markets[m + M_HALTED] == HALT_ALL or not may_liquidate(s, market):
        return HALTED
    return ENOUGH_MARGIN if s.accounts[(a << ROW) + A_QUEUE] == 0 else 0


@inner
def carries(s: State, caller: int, market: int, lots: int) -> bool:
    """Say whether a liquidator stays within margin and position limit when he takes signed lots over."""
    p = open_position(s, caller, market)
    if p < 0:
        return False
    m = market << MARKET
    size = s.positions[(p << ROW) + P_SIZE] + lots
    if size > s.markets[m + M_MAX_LOTS] or size < -s.markets[m + M_MAX_LOTS]:
        return False
    if kind_of(s, caller) >= HOLDER:
        return True
    free, no_risk = free_margin(s, caller, FOR_OPENING, p, 0 if lots > 0 else 1, lots if lots > 0 else -lots)
    return free >= 0 or no_risk != 0


@seldom
def do_liquidate(s: State, caller: int, a: int, market: int, lots: int, limit: int) -> int:
    """Liquidate an account in a market for a caller: he takes up to `lots` over at mark, or sends them to the book.

    Returns the lots that left the account, or minus the reason.
    """
    reason = refused_call(s, caller, a, market, lots)
    if reason != 0:
        return -reason
    m = market << MARKET
    rules = s.markets[m + M_RULES]
    j = place_in_line(s, a)
    p = find_position(s, a, market)
    if j < 0 or p < 0:
        return -ENOUGH_MARGIN
    s.header[H_SINCE] = s.queue[(j << QUEUE) + Q_SINCE]
    s.header[H_FREED] = s.queue[(j << QUEUE) + Q_FREED]
    _, counted, need = health(s, a)
    if counted >= need + (buffer_of(s, a) if s.header[H_FREED] > 0 else 0):
        return -ENOUGH_MARGIN
    size = s.positions[(p << ROW) + P_SIZE]
    if is_taken_at_mark(s, rules) and size != 0:
        if is_beyond(s, m, size, limit):
            return -BEYOND_LIMIT
        most = size if size > 0 else -size
        most = lots if lots < most else most
        if not carries(s, caller, market, most if size > 0 else -most):
            return -NO_MARGIN
    if s.rules[rules + R_CANCEL] != CANCEL_NONE:
        cancel_all(s, a, -1 if s.rules[rules + R_CANCEL] == CANCEL_ALL else market)
    reference = s.accounts[(a << ROW) + A_QUEUE]
    realise_flat(s, a)
    s.stats[(market << STATS) + T_LIQUIDATIONS] += 1
    again = DONE
    _, counted, need = health(s, a)
    if size != 0 and counted < need and close_clip(s, a, p, reference, caller, lots) > 0:
        again = RETRY
    s.queue[(j << QUEUE) + Q_FREED] = s.header[H_FREED]
    if end_or_wait(s, a, market, reference, again) == DONE and s.accounts[(a << ROW) + A_QUEUE] != 0:
        s.accounts[(a << ROW) + A_QUEUE] = 0
        leave_line(s, place_in_line(s, a))
    after = s.positions[(p << ROW) + P_SIZE]
    settle_instant(s)
    return size - after if size > 0 else after - size
