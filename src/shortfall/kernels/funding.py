"""Settle funding: zero-sum between positions, remainders to the dust account, never a source of the fund."""

from __future__ import annotations

from typing import TYPE_CHECKING

from shortfall.kernels._jit import inner
from shortfall.kernels.events import emit
from shortfall.kernels.layout import (
    CAUSE_FUNDING_REMAINDER,
    E_FUNDING_PAID,
    E_FUNDING_SETTLED,
    E_MONEY_MOVED,
    FUNDING_TO_FUND,
    H_NOW,
    H_POSITIONS,
    HOLDER,
    M_ASSET,
    M_FUND,
    M_FUNDING_RATE,
    M_FUNDING_TIME,
    M_MARK,
    M_POOL,
    M_PREMIUM_COUNT,
    M_PREMIUM_SUM,
    M_RULES,
    MARKET,
    MARKET_BITS,
    MARKET_MASK,
    P_KEY,
    P_SIZE,
    R_FUNDING_INTERVAL_US,
    R_FUNDING_REMAINDER,
    ROW,
    S_DUST,
    S_FEES,
)
from shortfall.kernels.ledger import kind_of, notional_at, transfer
from shortfall.kernels.prices import BILLION, funding_rate_now
from shortfall.kernels.triggers import index_account
from shortfall.kernels.unit import unit
from shortfall.kernels.wide import mul_div_ceil, mul_div_floor

if TYPE_CHECKING:
    from shortfall.kernels.native import State


@inner
def settle_position(s: State, market: int, p: int, rate_ppb: int, dust: int, fees: int) -> int:
    """Let one position pay (rounded up) or receive (rounded down). A holder's part is borne by the venue's fee account.

    Returns what it pays (negative: receives).
    """
    m = market << MARKET
    size = s.positions[(p << ROW) + P_SIZE]
    owner = s.positions[(p << ROW) + P_KEY] >> MARKET_BITS
    notional = notional_at(s, m, size, s.markets[m + M_MARK])
    signed = rate_ppb if size > 0 else -rate_ppb
    if signed > 0:
        pays = mul_div_ceil(notional, signed, BILLION)
    else:
        pays = -mul_div_floor(notional, -signed, BILLION)
    if pays == 0:
        return 0
    payer = fees if kind_of(s, owner) >= HOLDER else owner
    transfer(s, payer, dust, pays)
    emit(s, E_FUNDING_PAID, market, payer, owner, pays, notional, signed, dust)
    if payer == owner:
        index_account(s, owner)
    return pays


@inner
def keep_remainder(s: State, market: int, left: int) -> None:
    """Move what rounding left of a funding settlement from the dust account to the fund, where a rule says so."""
    m = market << MARKET
    fund = s.markets[m + M_FUND] if s.markets[m + M_FUND] >= 0 else s.markets[m + M_POOL]
    if left <= 0 or fund < 0 or s.rules[s.markets[m + M_RULES] + R_FUNDING_REMAINDER] != FUNDING_TO_FUND:
        return
    dust = s.assets[(s.markets[m + M_ASSET] << ROW) + S_DUST]
    transfer(s, dust, fund, left)
    emit(s, E_MONEY_MOVED, market, fund, 0, left, CAUSE_FUNDING_REMAINDER, dust, 0)


@unit
def settle_funding(s: State, market: int, given: int, rate_ppb: int) -> int:
    """Settle funding at a given rate, or at the one the premium samples imply. Positive: longs pay shorts. Returns the rate."""
    m = market << MARKET
    rate = rate_ppb if given != 0 else funding_rate_now(s, market)
    asset = s.markets[m + M_ASSET] << ROW
    left = 0
    for p in range(s.header[H_POSITIONS]):
        r = p << ROW
        if s.positions[r + P_SIZE] != 0 and (s.positions[r + P_KEY] & MARKET_MASK) == market:
            left += settle_position(s, market, p, rate, s.assets[asset + S_DUST], s.assets[asset + S_FEES])
    s.markets[m + M_FUNDING_RATE] = rate
    s.markets[m + M_PREMIUM_SUM] = 0
    s.markets[m + M_PREMIUM_COUNT] = 0
    s.markets[m + M_FUNDING_TIME] = s.header[H_NOW] + s.rules[s.markets[m + M_RULES] + R_FUNDING_INTERVAL_US]
    emit(s, E_FUNDING_SETTLED, market, -1, 0, rate, s.markets[m + M_MARK], 0, 0)
    keep_remainder(s, market, left)
    return rate
