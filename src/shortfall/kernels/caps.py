"""What one account may be liquidated for in one block, and between which notionals one clip may lie.

A block is the instant, or a window of stated length: the engine has no blocks of its own. What a block has used up stands
beside each position under the block's number; a row of another block counts for nothing, so nothing is ever reset.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from shortfall.kernels._jit import inner
from shortfall.kernels.events import emit
from shortfall.kernels.layout import (
    A_POSITION,
    BOUND_BLOCK_NOTIONAL,
    BOUND_ONCE,
    E_FILL_REFUSED,
    H_NOW,
    INF,
    M_INVERSE,
    M_MARK,
    M_MULTIPLIER,
    M_RULES,
    MARKET,
    MARKET_MASK,
    P_KEY,
    P_NEXT,
    P_SIZE,
    R_BLOCK_LOSS,
    R_BLOCK_NOTIONAL,
    R_BLOCK_US,
    R_FILL_SETTLEMENT,
    R_MIN_NOTIONAL,
    R_ONCE,
    R_SHARE,
    ROW,
    U_BLOCK,
    U_LOST,
    U_NOTIONAL,
    USE,
)
from shortfall.kernels.ledger import notional_at
from shortfall.kernels.wide import mul_div_floor, ppm_floor

if TYPE_CHECKING:
    from shortfall.kernels.native import State


@inner
def lots_for_notional(s: State, m: int, notional: int) -> int:
    """Return the lots whose notional at mark does not exceed a notional."""
    if s.markets[m + M_INVERSE] == 0:
        return notional // (s.markets[m + M_MARK] * s.markets[m + M_MULTIPLIER])
    return mul_div_floor(notional, s.markets[m + M_MARK], s.markets[m + M_MULTIPLIER])


@inner
def rules_of(s: State, p: int) -> int:
    """Return the row of rules of a position's market."""
    return s.markets[((s.positions[(p << ROW) + P_KEY] & MARKET_MASK) << MARKET) + M_RULES]


@inner
def block_of(s: State, rules: int) -> int:
    """Return the number of the block that is running under a row of rules, from 1."""
    length = s.rules[rules + R_BLOCK_US]
    now = s.header[H_NOW]
    return (now // length if length > 0 else now) + 1


@inner
def was_tried(s: State, p: int) -> bool:
    """Say whether a position was worked on in the block that is running."""
    return s.uses[(p << USE) + U_BLOCK] == block_of(s, rules_of(s, p))


@inner
def may_try(s: State, p: int) -> bool:
    """Say whether a position may be worked on: once a block, where the rule says so."""
    return s.rules[rules_of(s, p) + R_ONCE] == 0 or not was_tried(s, p)


@inner
def used_of(s: State, a: int, column: int) -> int:
    """Return what the running block has used up over all positions of an account: notional liquidated, or what layers paid."""
    total = 0
    p = s.accounts[(a << ROW) + A_POSITION]
    while p >= 0:
        if was_tried(s, p):
            total += s.uses[(p << USE) + column]
        p = s.positions[(p << ROW) + P_NEXT]
    return total


@inner
def notional_room(s: State, a: int, p: int) -> int:
    """Return the notional that may still be liquidated for an account in this block; negative where more was than the cap says."""
    cap = s.rules[rules_of(s, p) + R_BLOCK_NOTIONAL]
    return cap - used_of(s, a, U_NOTIONAL) if cap > 0 else INF


@inner
def loss_room(s: State, a: int, p: int) -> int:
    """Return what the layers may still pay for fills of an account in this block; negative where they paid more than the cap says."""
    cap = s.rules[rules_of(s, p) + R_BLOCK_LOSS]
    return cap - used_of(s, a, U_LOST) if cap > 0 else INF


@inner
def clip_bounds(s: State, p: int) -> tuple[int, int]:
    """Return (least, most) notional at mark of one clip under `amount.method=portion`.

    least = min(notional, floor); most = max(least, notional * share). A position smaller than the floor is one clip.
    """
    m = (s.positions[(p << ROW) + P_KEY] & MARKET_MASK) << MARKET
    rules = s.markets[m + M_RULES]
    notional = notional_at(s, m, s.positions[(p << ROW) + P_SIZE], s.markets[m + M_MARK])
    least = s.rules[rules + R_MIN_NOTIONAL]
    least = least if least < notional else notional
    most = ppm_floor(notional, s.rules[rules + R_SHARE])
    return least, most if most > least else least


@inner
def lots_of_portion(s: State, p: int) -> int:
    """Return the lots of one clip under `amount.method=portion`: what the upper bound buys at mark, rounded down, at least 1."""
    m = (s.positions[(p << ROW) + P_KEY] & MARKET_MASK) << MARKET
    size = s.positions[(p << ROW) + P_SIZE]
    _, most = clip_bounds(s, p)
    if most >= notional_at(s, m, size, s.markets[m + M_MARK]):
        return size if size > 0 else -size
    lots = lots_for_notional(s, m, most)
    return lots if lots > 0 else 1


@inner
def lots_in_block(s: State, a: int, p: int, lots: int, reference: int) -> int:
    """Return how many of `lots` the caps of the block leave: 0, stated as an event, where less than the floor of a clip is left."""
    m = (s.positions[(p << ROW) + P_KEY] & MARKET_MASK) << MARKET
    rules = s.markets[m + M_RULES]
    if s.rules[rules + R_BLOCK_NOTIONAL] <= 0:
        return lots
    room = notional_room(s, a, p)
    if notional_at(s, m, lots, s.markets[m + M_MARK]) <= room:
        return lots
    least, _ = clip_bounds(s, p)
    fits = lots_for_notional(s, m, room) if room > 0 and room >= least else 0
    if fits == 0:
        size = s.positions[(p << ROW) + P_SIZE]
        market = s.positions[(p << ROW) + P_KEY] & MARKET_MASK
        emit(s, E_FILL_REFUSED, market, a, reference, size, 0, BOUND_BLOCK_NOTIONAL, 0)
    return fits if fits < lots else lots


@inner
def is_counted(s: State, rules: int) -> bool:
    """Say whether a rule asks what a block has used up: without one nobody counts, because it costs a cache line per position."""
    return (
        s.rules[rules + R_ONCE] != 0
        or s.rules[rules + R_BLOCK_NOTIONAL] > 0
        or s.rules[rules + R_BLOCK_LOSS] > 0
        or s.rules[rules + R_FILL_SETTLEMENT] != 0
    )


@inner
def note_try(s: State, p: int) -> None:
    """Note that a position is worked on in this block."""
    u = p << USE
    block = block_of(s, rules_of(s, p))
    if s.uses[u + U_BLOCK] != block:
        s.uses[u + U_BLOCK] = block
        s.uses[u + U_NOTIONAL] = 0
        s.uses[u + U_LOST] = 0


@inner
def note_use(s: State, p: int, lots: int, lost: int) -> None:
    """Add to what this block has used up: lots liquidated in the book at mark, and what layers paid for their fills."""
    m = (s.positions[(p << ROW) + P_KEY] & MARKET_MASK) << MARKET
    s.uses[(p << USE) + U_NOTIONAL] += notional_at(s, m, lots, s.markets[m + M_MARK])
    s.uses[(p << USE) + U_LOST] += lost


@inner
def note_waiting(s: State, a: int, reference: int) -> None:
    """State which positions of an account wait because they were worked on in this block already."""
    p = s.accounts[(a << ROW) + A_POSITION]
    while p >= 0:
        size = s.positions[(p << ROW) + P_SIZE]
        if size != 0 and not may_try(s, p):
            emit(s, E_FILL_REFUSED, s.positions[(p << ROW) + P_KEY] & MARKET_MASK, a, reference, size, 0, BOUND_ONCE, 0)
        p = s.positions[(p << ROW) + P_NEXT]
