"""A word per position that bounds its rank at any mark: a ranking with a floor reads eight bytes of most positions, not two rows.

Where profit share times account leverage ranks, a position of a plain account of a linear market ranks at mark m at
|m - e| / e x m / |m - z|: e is its entry price, z the price at which the account's equity is zero, and neither moves with the mark. Both
are kept in ticks, rounded so that the rank is never less than the true one. A word is written when a ranking meets an account that
was not touched in this epoch, and the first touch of an epoch clears it: so it stays true when a run is undone.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from shortfall.kernels._jit import inlined, inner
from shortfall.kernels.layout import (
    A_BALANCE,
    A_COLLATERAL,
    A_COUNT,
    A_EPOCH,
    BOUND_PRICE,
    BOUND_UNFIT,
    BOUND_ZERO,
    H_EPOCH,
    HOLDER,
    M_INVERSE,
    M_MULTIPLIER,
    M_RULES,
    MARKET,
    MARKET_BITS,
    MARKET_MASK,
    NO_PRICE,
    P_COST,
    P_KEY,
    P_SIZE,
    R_ADL_RANK,
    RANK_PROFIT_LEVERAGE,
    ROW,
)
from shortfall.kernels.ledger import kind_of
from shortfall.kernels.triggers import has_unsettled
from shortfall.kernels.wide import ratio_below

if TYPE_CHECKING:
    from shortfall.kernels.native import State

PACKED = 1 << BOUND_PRICE  # from here on a word holds two prices
LOW = PACKED - 1


@inner
def has_bounds(s: State, m: int) -> bool:
    """Say whether the words bound ranks in a market."""
    code = s.rules[s.markets[m + M_RULES] + R_ADL_RANK]
    return code == RANK_PROFIT_LEVERAGE and s.markets[m + M_INVERSE] == 0


@inner
def prices_of(s: State, a: int, p: int) -> tuple[int, int]:
    """Return (entry price, price of zero equity) of a plain position, rounded for its rank; an entry of 0 where they do not fit."""
    r = p << ROW
    size = s.positions[r + P_SIZE]
    cost = s.positions[r + P_COST]
    balance = s.accounts[(a << ROW) + A_BALANCE]
    unit = s.markets[((s.positions[r + P_KEY] & MARKET_MASK) << MARKET) + M_MULTIPLIER]
    if size > 0:
        entry = cost // (size * unit)
        zero = -((balance - cost) // (size * unit))
        zero = zero if zero > 1 - BOUND_ZERO else 1 - BOUND_ZERO
        fits = zero < BOUND_ZERO
    else:
        entry = -(cost // (-size * unit))
        zero = (balance - cost) // (-size * unit)
        fits = zero > -BOUND_ZERO
        zero = zero if zero < BOUND_ZERO else BOUND_ZERO - 1
    return (entry, zero) if fits and 0 < entry < NO_PRICE else (0, 0)


@inner
def keep_bound(s: State, p: int) -> None:
    """Write the word of an open position whose account was not touched in this epoch."""
    r = p << ROW
    a = s.positions[r + P_KEY] >> MARKET_BITS
    if s.accounts[(a << ROW) + A_EPOCH] == s.header[H_EPOCH]:
        s.bounds[p] = s.header[H_EPOCH]
        return
    s.bounds[p] = BOUND_UNFIT
    plain = s.accounts[(a << ROW) + A_COUNT] == 1 and s.accounts[(a << ROW) + A_COLLATERAL] < 0
    if plain and kind_of(s, a) < HOLDER and not has_unsettled(s, a):
        entry, zero = prices_of(s, a, p)
        if entry > 0:
            word = entry << BOUND_PRICE | (zero + BOUND_ZERO)
            s.bounds[p] = word if s.positions[r + P_SIZE] > 0 else -word


@inlined
def bounded_behind(word: int, sign: int, mark: int, floor: int) -> bool:
    """Say, from a position's word alone, that it is of the other side or ranks below `floor`, surely."""
    held = word if sign > 0 else -word
    if held < PACKED:
        return held <= -PACKED
    entry = held >> BOUND_PRICE
    gain = mark - entry if sign > 0 else entry - mark
    equity = mark - (held & LOW) + BOUND_ZERO if sign > 0 else (held & LOW) - BOUND_ZERO - mark
    return ratio_below(gain, mark, entry, equity, floor)
