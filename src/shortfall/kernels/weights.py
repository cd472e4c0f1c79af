"""Health weights: an asset counts for less than it is worth, a liability for more, and an account is sound while the sum is not negative.

A position is its base at mark, weighted by its sign, less its cost (the quote that was paid). What the markets of one settlement asset
come to stands with the cash of that asset, and the sum is weighted as an asset or a liability of its own.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from shortfall.kernels._jit import inlined, inner
from shortfall.kernels.layout import (
    A_COLLATERAL,
    HEALTH_WEIGHTS,
    R_CASH_ASSET,
    R_CASH_LIABILITY,
    R_HEALTH,
    R_INITIAL_ASSET,
    R_INITIAL_LIABILITY,
    R_MAINTENANCE_ASSET,
    R_MAINTENANCE_LIABILITY,
    R_PROFIT_WEIGHT,
    ROW,
)
from shortfall.kernels.ledger import collateral_of
from shortfall.kernels.wide import ppm_ceil, ppm_floor

if TYPE_CHECKING:
    from shortfall.kernels.native import State

MAINTENANCE, INITIAL = range(2)


@inlined
def is_weighted(s: State, rules: int) -> bool:
    """Say whether a market's requirement is stated as weights."""
    return s.rules[rules + R_HEALTH] == HEALTH_WEIGHTS


@inner
def weighted_part(s: State, rules: int, profit: int) -> int:
    """Return what of a market's contribution counts: a loss whole, a profit by its weight, rounded down."""
    return ppm_floor(profit, s.rules[rules + R_PROFIT_WEIGHT]) if profit > 0 else profit


@inner
def weighted_base(s: State, rules: int, value: int, cost: int, which: int) -> int:
    """Return the contribution of a position before the weight of a profit: its base at mark, weighted, less its cost, rounded down."""
    if value >= 0:
        rate = s.rules[rules + (R_INITIAL_ASSET if which == INITIAL else R_MAINTENANCE_ASSET)]
        return ppm_floor(value, rate) - cost
    rate = s.rules[rules + (R_INITIAL_LIABILITY if which == INITIAL else R_MAINTENANCE_LIABILITY)]
    return -ppm_ceil(-value, rate) - cost


@inner
def weighted_position(s: State, rules: int, value: int, cost: int, which: int) -> int:
    """Return the contribution of a position to health."""
    return weighted_part(s, rules, weighted_base(s, rules, value, cost, which))


@inner
def weighted_sum(s: State, rules: int, total: int) -> int:
    """Return cash and markets together, as an asset or a liability, rounded down."""
    if total >= 0:
        return ppm_floor(total, s.rules[rules + R_CASH_ASSET])
    return -ppm_ceil(-total, s.rules[rules + R_CASH_LIABILITY])


@inner
def others_of(s: State, a: int) -> int:
    """Return what an account's other assets count for, after their haircut."""
    return collateral_of(s, a) if s.accounts[(a << ROW) + A_COLLATERAL] >= 0 else 0


@inner
def weighted_cash(s: State, rules: int, a: int, counted: int) -> int:
    """Return the health of an account whose cash, markets and other assets come to an amount: other assets have had their haircut."""
    others = others_of(s, a)
    return weighted_sum(s, rules, counted - others) + others
