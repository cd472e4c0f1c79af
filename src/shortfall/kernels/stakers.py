"""A fund whose money is stakers': shares of its cash, a wait before it leaves, and shares that are counted anew when cash is small.

A row belongs to one staker of one fund; the row of account -1 holds the fund's total. Shares are worth cash / total shares, always
rounded down, so what rounding leaves stays with those who stay.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from shortfall.kernels._jit import inner
from shortfall.kernels.events import emit
from shortfall.kernels.layout import (
    A_BALANCE,
    A_QUEUE,
    BAD_ACCOUNT,
    BAD_VALUE,
    COOLDOWN,
    E_FUND_REBASED,
    E_FUND_STAKED,
    E_UNSTAKE_ASKED,
    H_ACCOUNTS,
    H_MARKETS,
    H_NOW,
    H_STAKES,
    HOLDER,
    IN_LIQUIDATION,
    K_ACCOUNT,
    K_ASKED,
    K_ASKED_TIME,
    K_ASKED_VALUE,
    K_BASE,
    K_COST,
    K_FUND,
    K_SHARES,
    M_FUND,
    M_POOL,
    M_RULES,
    MARKET,
    MONEY_BOUND,
    NO_BALANCE,
    NO_ROOM,
    NO_STAKE,
    OP_CANCEL_UNSTAKE,
    OP_REQUEST_UNSTAKE,
    OP_STAKE,
    R_UNSTAKE_US,
    ROW,
)
from shortfall.kernels.ledger import asset_of, kind_of, transfer
from shortfall.kernels.margin import FOR_WITHDRAWAL, free_margin
from shortfall.kernels.triggers import index_account
from shortfall.kernels.unit import seldom
from shortfall.kernels.wide import mul_div_floor

if TYPE_CHECKING:
    from shortfall.kernels.native import State

TEN = 10
KEPT = 1  # the unit of cash that never leaves, so that shares keep a worth


@inner
def stake_row(s: State, fund: int, a: int) -> int:
    """Return the offset of a staker's row (account -1: of the fund's total), or -1."""
    for k in range(s.header[H_STAKES]):
        if s.stakes[(k << ROW) + K_FUND] == fund and s.stakes[(k << ROW) + K_ACCOUNT] == a:
            return k << ROW
    return -1


@inner
def open_stake(s: State, fund: int, a: int) -> int:
    """Return the offset of a staker's row, new and empty if there was none; -1 when there is no room."""
    r = stake_row(s, fund, a)
    if r >= 0:
        return r
    k = s.header[H_STAKES]
    if (k + 1) << ROW > len(s.stakes):
        return -1
    s.header[H_STAKES] = k + 1
    r = k << ROW
    for column in range(1 << ROW):
        s.stakes[r + column] = 0
    s.stakes[r + K_FUND] = fund
    s.stakes[r + K_ACCOUNT] = a
    total = stake_row(s, fund, -1)
    s.stakes[r + K_BASE] = s.stakes[total + K_BASE] if total >= 0 else 0
    return r


@inner
def rules_of_fund(s: State, fund: int) -> int:
    """Return the rules of the first market that a fund or pool stands behind, or -1."""
    for market in range(s.header[H_MARKETS]):
        m = market << MARKET
        if fund in (s.markets[m + M_FUND], s.markets[m + M_POOL]):
            return s.markets[m + M_RULES]
    return -1


@inner
def rebase(s: State, fund: int, total: int) -> None:
    """Count a fund's shares anew where they are worth less than a tenth: divide by the power of ten in shares / 10 / cash."""
    cash = s.accounts[(fund << ROW) + A_BALANCE]
    shares = s.stakes[total + K_SHARES]
    if cash <= 0 or cash >= shares:
        return
    left = shares // TEN // cash
    divisor = 1
    steps = 0
    while left >= TEN:
        left //= TEN
        divisor *= TEN
        steps += 1
    if steps == 0:
        return
    s.stakes[total + K_SHARES] = shares // divisor
    s.stakes[total + K_BASE] += steps
    emit(s, E_FUND_REBASED, 0, fund, 0, divisor, steps, shares // divisor, cash)


@inner
def catch_up(s: State, r: int, total: int) -> None:
    """Bring a staker's shares to the fund's base."""
    for _ in range(s.stakes[total + K_BASE] - s.stakes[r + K_BASE]):
        s.stakes[r + K_SHARES] //= TEN
        s.stakes[r + K_ASKED] //= TEN
    s.stakes[r + K_BASE] = s.stakes[total + K_BASE]


@inner
def worth(s: State, fund: int, total: int, shares: int) -> int:
    """Return what shares of a fund are worth, rounded down."""
    all_shares = s.stakes[total + K_SHARES]
    cash = s.accounts[(fund << ROW) + A_BALANCE]
    return mul_div_floor(cash, shares, all_shares) if all_shares > 0 and cash > 0 else 0


@inner
def do_stake(s: State, fund: int, a: int, r: int, total: int, amount: int) -> int:
    """Take money for shares at their worth; the first ones, and those of an empty fund, are worth one unit each."""
    if amount <= 0 or amount > MONEY_BOUND or s.accounts[(fund << ROW) + A_BALANCE] > MONEY_BOUND - amount:
        return BAD_VALUE
    if s.accounts[(a << ROW) + A_QUEUE] != 0:
        return IN_LIQUIDATION
    free, _ = free_margin(s, a, FOR_WITHDRAWAL, -1, 0, 0)
    if amount > free:
        return NO_BALANCE
    cash = s.accounts[(fund << ROW) + A_BALANCE]
    held = s.stakes[total + K_SHARES]
    if cash > 0 and held > 0 and amount // cash > MONEY_BOUND // held:
        return BAD_VALUE
    shares = mul_div_floor(amount, held, cash) if cash > 0 and held > 0 else amount
    transfer(s, a, fund, amount)
    s.stakes[r + K_SHARES] += shares
    s.stakes[r + K_COST] += amount
    s.stakes[total + K_SHARES] += shares
    emit(
        s, E_FUND_STAKED, 0, a, fund, amount, shares, s.stakes[total + K_SHARES], s.accounts[(fund << ROW) + A_BALANCE]
    )
    index_account(s, a)
    return 0


@inner
def ask_back(s: State, fund: int, a: int, r: int, total: int, shares: int) -> int:
    """Note shares that are to leave, and what they are worth now: they never bring more."""
    if shares <= 0 or shares > s.stakes[r + K_SHARES]:
        return BAD_VALUE
    value = worth(s, fund, total, shares)
    most = s.accounts[(fund << ROW) + A_BALANCE] - KEPT
    value = value if value < most else (most if most > 0 else 0)
    s.stakes[r + K_ASKED] = shares
    s.stakes[r + K_ASKED_VALUE] = value
    s.stakes[r + K_ASKED_TIME] = s.header[H_NOW]
    emit(s, E_UNSTAKE_ASKED, 0, a, fund, shares, value, 0, s.stakes[total + K_SHARES])
    return 0


@inner
def cancel_request(s: State, fund: int, a: int, r: int, total: int) -> int:
    """Stay after all, without what the shares gained meanwhile: as if they had left and come back at today's worth."""
    asked = s.stakes[r + K_ASKED]
    if asked <= 0:
        return NO_STAKE
    value = s.stakes[r + K_ASKED_VALUE]
    lost = 0
    if worth(s, fund, total, asked) > value:
        others = s.stakes[total + K_SHARES] - asked
        cash = s.accounts[(fund << ROW) + A_BALANCE] - value
        back = mul_div_floor(value, others, cash) if others > 0 and cash > 0 else value
        lost = asked - back if back < asked else 0
    s.stakes[r + K_SHARES] -= lost
    s.stakes[total + K_SHARES] -= lost
    s.stakes[r + K_ASKED] = 0
    s.stakes[r + K_ASKED_VALUE] = 0
    emit(s, E_UNSTAKE_ASKED, 0, a, fund, 0, 0, lost, s.stakes[total + K_SHARES])
    return 0


@inner
def do_unstake(s: State, fund: int, a: int, r: int, total: int) -> int:
    """Pay out the shares asked back: what they are worth now, at most what they were worth then."""
    asked = s.stakes[r + K_ASKED]
    if asked <= 0:
        return NO_STAKE
    rules = rules_of_fund(s, fund)
    if rules >= 0 and s.header[H_NOW] - s.stakes[r + K_ASKED_TIME] < s.rules[rules + R_UNSTAKE_US]:
        return COOLDOWN
    amount = worth(s, fund, total, asked)
    amount = amount if amount < s.stakes[r + K_ASKED_VALUE] else s.stakes[r + K_ASKED_VALUE]
    transfer(s, fund, a, amount)
    s.stakes[r + K_SHARES] -= asked
    s.stakes[total + K_SHARES] -= asked
    s.stakes[r + K_COST] -= amount
    s.stakes[r + K_ASKED] = 0
    s.stakes[r + K_ASKED_VALUE] = 0
    emit(
        s, E_FUND_STAKED, 0, a, fund, -amount, -asked, s.stakes[total + K_SHARES], s.accounts[(fund << ROW) + A_BALANCE]
    )
    index_account(s, a)
    return 0


@seldom
def do_staker(s: State, op: int, a: int, fund: int, number: int) -> int:
    """Stake money, ask shares back, stay after all, or take out what was asked back. Returns 0 or the reason."""
    if not 0 <= fund < s.header[H_ACCOUNTS] or fund == a or asset_of(s, fund) != asset_of(s, a):
        return BAD_ACCOUNT
    if kind_of(s, fund) != HOLDER or kind_of(s, a) >= HOLDER or rules_of_fund(s, fund) < 0:
        return BAD_ACCOUNT
    if op != OP_STAKE and stake_row(s, fund, a) < 0:
        return NO_STAKE
    total = open_stake(s, fund, -1)
    r = open_stake(s, fund, a)
    if total < 0 or r < 0:
        return NO_ROOM
    rebase(s, fund, total)
    catch_up(s, r, total)
    if op == OP_STAKE:
        return do_stake(s, fund, a, r, total, number)
    if op == OP_REQUEST_UNSTAKE:
        return ask_back(s, fund, a, r, total, number)
    if op == OP_CANCEL_UNSTAKE:
        return cancel_request(s, fund, a, r, total)
    return do_unstake(s, fund, a, r, total)
