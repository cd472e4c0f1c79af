"""Rank keys of venues whose order of winners is not profit share times account leverage, and their pro-rata shares."""

from __future__ import annotations

from typing import TYPE_CHECKING

from shortfall.kernels._jit import inner
from shortfall.kernels.layout import (
    A_BALANCE,
    ELIGIBLE_ALL,
    M_MARK,
    M_RULES,
    MARKET_BITS,
    P_COST,
    P_KEY,
    P_RATE,
    P_SIZE,
    R_ADL_ELIGIBLE,
    R_WALLET_FLOOR,
    RANK_POSITION_LEVERAGE,
    RANK_PRICE_LEVERAGE,
    RANK_PRO_RATA,
    RANK_RETURN,
    RANK_WALLET,
    ROW,
)
from shortfall.kernels.ledger import value_at
from shortfall.kernels.margin import health, initial, share_of_equity
from shortfall.kernels.wide import mul_div_floor, product_above
from shortfall.kernels.winners import BUCKETS, TRIPLE

if TYPE_CHECKING:
    from shortfall.kernels.native import State

STEP = 1 << 20
TOP = 1 << 60


@inner
def scaled(gain: int, paid: int, above: int, below: int) -> int:
    """Return gain / paid x above / below in steps of 2**-20, rounded down twice, one more; all positive, bounded at 2**60."""
    if gain // paid >= 1 << 40 or product_above(gain, above, paid, below, TOP // STEP):
        return TOP
    return mul_div_floor(mul_div_floor(gain, STEP, paid), above, below) + 1


@inner
def price_ratio(value: int, cost: int) -> tuple[int, int]:
    """Return mark over entry in the direction of profit as (numerator, denominator), both positive."""
    worth = value if value > 0 else -value
    paid = cost if cost > 0 else -cost
    worth = worth if worth > 0 else 1
    paid = paid if paid > 0 else 1
    return (worth, paid) if value > 0 else (paid, worth)


@inner
def venue_rank(s: State, code: int, m: int, p: int) -> int:
    """Return the rank key of a position under one of the venues' own rules, 0 without profit (unless everybody is ranked)."""
    r = p << ROW
    rules = s.markets[m + M_RULES]
    value = value_at(s, m, s.positions[r + P_SIZE], s.markets[m + M_MARK])
    cost = s.positions[r + P_COST]
    gain = value - cost
    worth = value if value > 0 else -value
    paid = cost if cost > 0 else -cost
    paid = paid if paid > 0 else 1
    if gain <= 0 and (code != RANK_PRICE_LEVERAGE or s.rules[rules + R_ADL_ELIGIBLE] != ELIGIBLE_ALL):
        return 0
    if code == RANK_PRO_RATA:
        return 1
    if code == RANK_RETURN:
        size = s.positions[r + P_SIZE]
        margin = initial(s, m, rules, size if size > 0 else -size, s.positions[r + P_RATE])
        return scaled(gain, margin if margin > 0 else 1, 1, 1)
    a = s.positions[r + P_KEY] >> MARKET_BITS
    equity, _, need = health(s, a)
    if code == RANK_PRICE_LEVERAGE:
        above, below = price_ratio(value, cost)
        return scaled(above, below, worth, equity if equity > 0 else 1)
    if code == RANK_POSITION_LEVERAGE:
        beside = share_of_equity(s, p, equity, need)
        return scaled(gain, paid, worth, beside if beside > 0 else 1)
    wallet = s.accounts[(a << ROW) + A_BALANCE]
    floor = s.rules[rules + R_WALLET_FLOOR]
    wallet = wallet if wallet > floor else floor
    wallet = wallet if wallet > 0 else 1
    if code == RANK_WALLET:
        return scaled(gain, wallet, 1, 1)
    return scaled(gain, wallet, need, equity) if equity > 0 else 1


@inner
def share_out(s: State, chosen: int, need: int) -> None:
    """Divide `need` lots pro rata among the chosen of one rank, those of a higher rank first and whole.

    Share of winner i, in order: floor(need x lots up to i / all lots of the rank) less the same up to i - 1: exact in sum, within
    one lot of pro rata, never above what is held.
    """
    first = 0
    left = need
    while first < chosen:
        rank = s.scratch[BUCKETS + TRIPLE * first]
        end = first
        total = 0
        while end < chosen and s.scratch[BUCKETS + TRIPLE * end] == rank:
            total += s.scratch[BUCKETS + TRIPLE * end + 2]
            end += 1
        lots = left if left < total else total
        cumulated = 0
        given = 0
        for j in range(first, end):
            at = BUCKETS + TRIPLE * j + 2
            cumulated += s.scratch[at]
            share = mul_div_floor(lots, cumulated, total) - given
            given += share
            s.scratch[at] = share
        left -= lots
        first = end
