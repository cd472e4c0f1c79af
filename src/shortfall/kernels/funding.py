"""Settle funding: zero-sum between positions, remainders to the dust account, never a source of the fund."""

from __future__ import annotations

from typing import TYPE_CHECKING

from shortfall.kernels._jit import inner
from shortfall.kernels.events import emit
from shortfall.kernels.imposed import move_quote
from shortfall.kernels.layout import (
    BAD_VALUE,
    CAUSE_FUNDING_REMAINDER,
    E_FUNDING_PAID,
    E_FUNDING_SETTLED,
    E_MONEY_MOVED,
    FUNDING_TO_FUND,
    H_NOW,
    H_POSITIONS,
    HOLDER,
    INF,
    M_ASSET,
    M_FUND,
    M_FUNDING_INDEX,
    M_FUNDING_RATE,
    M_FUNDING_TIME,
    M_MARK,
    M_MAX_LOTS,
    M_POOL,
    M_PREMIUM_COUNT,
    M_PREMIUM_SUM,
    M_RULES,
    MARKET,
    MARKET_BITS,
    MARKET_MASK,
    P_KEY,
    P_SIZE,
    POSITION_BOUND,
    R_FUNDING_INTERVAL_US,
    R_FUNDING_REMAINDER,
    R_REALISATION,
    REALISED_ON_COMMAND,
    ROW,
    S_DUST,
    S_FEES,
)
from shortfall.kernels.ledger import defers, kind_of, notional_at, transfer
from shortfall.kernels.prices import BILLION, funding_rate_now
from shortfall.kernels.triggers import index_account
from shortfall.kernels.unit import seldom
from shortfall.kernels.wide import mul_div_ceil, mul_div_floor

if TYPE_CHECKING:
    from shortfall.kernels.native import State


@inner
def pays_by_rate(s: State, market: int, p: int, rate_ppb: int) -> int:
    """Return what a position pays (negative: receives) at a rate of its notional: a payer rounded up, a receiver down."""
    m = market << MARKET
    size = s.positions[(p << ROW) + P_SIZE]
    notional = notional_at(s, m, size, s.markets[m + M_MARK])
    signed = rate_ppb if size > 0 else -rate_ppb
    if signed > 0:
        return mul_div_ceil(notional, signed, BILLION)
    return -mul_div_floor(notional, -signed, BILLION)


@inner
def settle_position(s: State, market: int, p: int, pays: int, rate_ppb: int) -> None:
    """Let one position pay or receive. A holder's part is borne by the venue's fee account.

    Where profit does not become cash by trading, funding does not either: it goes into the position's cost, a holder's too.
    """
    m = market << MARKET
    asset = s.markets[m + M_ASSET] << ROW
    dust = s.assets[asset + S_DUST]
    owner = s.positions[(p << ROW) + P_KEY] >> MARKET_BITS
    size = s.positions[(p << ROW) + P_SIZE]
    if s.rules[s.markets[m + M_RULES] + R_REALISATION] == REALISED_ON_COMMAND and defers(s, owner, REALISED_ON_COMMAND):
        if pays > 0:
            move_quote(s, market, owner, dust, pays, 1)
        else:
            move_quote(s, market, dust, owner, -pays, 1)
        index_account(s, owner)
        return
    payer = s.assets[asset + S_FEES] if kind_of(s, owner) >= HOLDER else owner
    transfer(s, payer, dust, pays)
    notional = notional_at(s, m, size, s.markets[m + M_MARK])
    emit(s, E_FUNDING_PAID, market, payer, owner, pays, notional, rate_ppb if size > 0 else -rate_ppb, dust)
    if payer == owner:
        index_account(s, owner)


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


@seldom
def settle_funding(s: State, market: int, given: int, rate_ppb: int) -> int:
    """Settle funding at a given rate, or at the one the premium samples imply. Positive: longs pay shorts. Returns the rate."""
    m = market << MARKET
    rate = rate_ppb if given != 0 else funding_rate_now(s, market)
    left = 0
    for p in range(s.header[H_POSITIONS]):
        r = p << ROW
        if s.positions[r + P_SIZE] != 0 and (s.positions[r + P_KEY] & MARKET_MASK) == market:
            pays = pays_by_rate(s, market, p, rate)
            if pays != 0:
                settle_position(s, market, p, pays, rate)
                left += pays
    s.markets[m + M_FUNDING_RATE] = rate
    s.markets[m + M_PREMIUM_SUM] = 0
    s.markets[m + M_PREMIUM_COUNT] = 0
    s.markets[m + M_FUNDING_TIME] = s.header[H_NOW] + s.rules[s.markets[m + M_RULES] + R_FUNDING_INTERVAL_US]
    emit(s, E_FUNDING_SETTLED, market, -1, 0, rate, s.markets[m + M_MARK], 0, 0)
    keep_remainder(s, market, left)
    return rate


@seldom
def settle_funding_index(s: State, market: int, index: int) -> int:
    """Move the cumulative funding index of a market, in billionths of a settlement unit per lot. Returns 0 or the reason.

    Every position pays its size times the move, rounded up (a receiver gets less); longs pay when the index rises.
    """
    m = market << MARKET
    if index > INF or index < -INF:
        return BAD_VALUE
    move = index - s.markets[m + M_FUNDING_INDEX]
    most = POSITION_BOUND // s.markets[m + M_MAX_LOTS]
    if move // BILLION >= most or -move // BILLION >= most:
        return BAD_VALUE
    s.markets[m + M_FUNDING_INDEX] = index
    left = 0
    for p in range(s.header[H_POSITIONS]):
        r = p << ROW
        if s.positions[r + P_SIZE] != 0 and (s.positions[r + P_KEY] & MARKET_MASK) == market:
            pays = mul_div_ceil(s.positions[r + P_SIZE], move, BILLION)
            if pays != 0:
                settle_position(s, market, p, pays, 1 if move > 0 else -1)
                left += pays
    emit(s, E_FUNDING_SETTLED, market, -1, 1, index, s.markets[m + M_MARK], 0, 0)
    keep_remainder(s, market, left)
    return 0
