"""Balances and positions. Money only moves; a trade's cost is the same number on both sides.

A position is (size, cost): an increase adds cost, a reduction releases cost pro rata and moves the difference to the balance as
realised profit, the other side of which is the market's settlement account. So sizes of a market sum to zero, costs plus
settlement sum to zero, and balances plus settlement sum to zero, for linear and inverse contracts alike.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from shortfall.kernels._jit import inlined, inner
from shortfall.kernels.events import emit
from shortfall.kernels.layout import (
    A_BALANCE,
    A_COLLATERAL,
    A_COUNT,
    A_EPOCH,
    A_KIND,
    A_POSITION,
    A_QUEUE,
    C_AMOUNT,
    C_KEY,
    C_NEXT,
    COLLATERAL,
    E_RESULT_REALISED,
    FULL_POSITIONS,
    H_COLLATERALS,
    H_EPOCH,
    H_FULL,
    H_POSITIONS,
    H_TOUCHED,
    HOLDER,
    KIND_ASSET,
    M_BACKSTOP,
    M_FLOW,
    M_FUND,
    M_INVERSE,
    M_LONG_FIRST,
    M_MULTIPLIER,
    M_OPEN_INTEREST,
    M_POOL,
    M_RULES,
    M_SETTLEMENT,
    M_SHORT_FIRST,
    MARKET,
    MARKET_BITS,
    MARKET_MASK,
    P_BUY,
    P_COST,
    P_KEY,
    P_NEXT,
    P_RATE,
    P_SELL,
    P_SIZE,
    P_TRIGGER,
    R_ADL_WATCHES,
    R_REALISATION,
    REALISED_BY_TRADES,
    REALISED_ON_COMMAND,
    ROW,
    S_HAIRCUT,
    S_PRICE,
    S_SCALE,
    STATEMENT,
    STATS,
    T_INVENTORY_REALISED,
    U_BLOCK,
    U_POOL_GAIN,
    USE,
    WATCH_BACKSTOP,
    WATCH_POOL,
    Z_ENTRY_COST,
    Z_REALISED,
)
from shortfall.kernels.unit import seldom, unit
from shortfall.kernels.wide import mul_div_floor, ppm_floor

if TYPE_CHECKING:
    from shortfall.kernels.native import State


@unit
def note_touched(s: State, a: int) -> int:
    """List an account as changed in this epoch; what bounded the ranks of its positions holds no longer."""
    epoch = s.header[H_EPOCH]
    s.accounts[(a << ROW) + A_EPOCH] = epoch
    s.touched[s.header[H_TOUCHED]] = a
    s.header[H_TOUCHED] += 1
    p = s.accounts[(a << ROW) + A_POSITION]
    while p >= 0:
        s.bounds[p] = epoch
        p = s.positions[(p << ROW) + P_NEXT]
    return 0


@inlined
def touch(s: State, a: int) -> None:
    """Note once per epoch that an account changed: what a run must restore and the laws must look at."""
    if s.accounts[(a << ROW) + A_EPOCH] != s.header[H_EPOCH]:
        note_touched(s, a)


@inlined
def kind_of(s: State, a: int) -> int:
    """Return TRADER, MAKER, HOLDER or HOUSE."""
    return s.accounts[(a << ROW) + A_KIND] & ((1 << KIND_ASSET) - 1)


@inner
def asset_of(s: State, a: int) -> int:
    """Return the settlement asset of an account."""
    return s.accounts[(a << ROW) + A_KIND] >> KIND_ASSET


@inner
def find_position(s: State, a: int, market: int) -> int:
    """Return the position row of an account in a market, or -1."""
    p = s.accounts[(a << ROW) + A_POSITION]
    while p >= 0 and (s.positions[(p << ROW) + P_KEY] & MARKET_MASK) != market:
        p = s.positions[(p << ROW) + P_NEXT]
    return p


@unit
def open_position(s: State, a: int, market: int) -> int:
    """Return the position row of an account in a market, new and empty if there was none; -1 when there is no room."""
    p = find_position(s, a, market)
    if p >= 0:
        return p
    p = s.header[H_POSITIONS]
    if (p + 1) << ROW > len(s.positions):
        s.header[H_FULL] |= FULL_POSITIONS
        return -1
    touch(s, a)
    s.header[H_POSITIONS] = p + 1
    s.bounds[p] = 0
    r = p << ROW
    s.uses[(p << USE) + U_BLOCK] = 0
    s.uses[(p << USE) + U_POOL_GAIN] = 0
    s.positions[r + P_SIZE] = 0
    s.positions[r + P_COST] = 0
    s.positions[r + P_KEY] = a << MARKET_BITS | market
    s.positions[r + P_NEXT] = s.accounts[(a << ROW) + A_POSITION]
    s.positions[r + P_TRIGGER] = 0
    s.positions[r + P_BUY] = 0
    s.positions[r + P_SELL] = 0
    s.positions[r + P_RATE] = 0
    s.accounts[(a << ROW) + A_POSITION] = p
    return p


@inlined
def value_at(s: State, m: int, lots: int, price: int) -> int:
    """Return the signed value of signed lots at a price, rising in the price for a long: linear lots x price, inverse -lots / price.

    Inverse magnitudes round down, so both sides of a trade carry the same number. `m` is the market's row offset.
    """
    if s.markets[m + M_INVERSE] == 0:
        return lots * price * s.markets[m + M_MULTIPLIER]
    if lots >= 0:
        return -mul_div_floor(lots, s.markets[m + M_MULTIPLIER], price)
    return mul_div_floor(-lots, s.markets[m + M_MULTIPLIER], price)


@inlined
def notional_at(s: State, m: int, lots: int, price: int) -> int:
    """Return the value without its sign."""
    v = value_at(s, m, lots, price)
    return v if v >= 0 else -v


@inner
def watched_of(s: State, m: int) -> int:
    """Return the holder whose state starts deleveraging in a market by rule, or -1."""
    code = s.rules[s.markets[m + M_RULES] + R_ADL_WATCHES]
    if code == WATCH_POOL:
        return s.markets[m + M_POOL]
    return s.markets[m + (M_BACKSTOP if code == WATCH_BACKSTOP else M_FUND)]


@inner
def note_flow(s: State, m: int, a: int, amount: int) -> None:
    """Count what the watched holder of a market gained there in cash (negative: paid)."""
    if a == watched_of(s, m):
        s.markets[m + M_FLOW] += amount


@inner
def widen_rows(s: State, m: int, p: int, size: int) -> None:
    """Keep the range of rows in which positions of one side of a market may stand (wide enough, never too narrow)."""
    first = m + (M_LONG_FIRST if size > 0 else M_SHORT_FIRST)
    if s.markets[first + 1] == 0 or p < s.markets[first]:
        s.markets[first] = p
    if p + 1 > s.markets[first + 1]:
        s.markets[first + 1] = p + 1


@inner
def defers(s: State, a: int, method: int) -> bool:
    """Say whether an account's trades leave cash alone: profit and loss stay in the position's cost until marks are settled.

    House accounts realise at once, so that what clearing earns or lacks is known within the instant; so do accounts that are
    being liquidated, and holders of inventory where marks are settled by themselves: their cash is what they may use.
    """
    if s.accounts[(a << ROW) + A_QUEUE] != 0:
        return False
    kind = kind_of(s, a)
    return kind < HOLDER or (kind == HOLDER and method == REALISED_ON_COMMAND)


@inner
def state_entry(s: State, p: int, size: int, lots: int, amount: int) -> None:
    """Keep what a position cost and made at average entry, for its statement: no money moves by it.

    Rounding: the cost that is left is rounded to the nearest unit.
    """
    z = p << STATEMENT
    cost = s.statements[z + Z_ENTRY_COST]
    if size == 0 or (size > 0) == (lots > 0):
        s.statements[z + Z_ENTRY_COST] = cost + amount
        return
    closing = lots if lots > 0 else -lots
    held = size if size > 0 else -size
    kept = 0
    part = amount
    if closing < held:
        kept = (mul_div_floor(2 * cost, held - closing, held) + 1) >> 1
    elif closing > held:
        part = mul_div_floor(amount, held, closing)
        kept = amount - part
    s.statements[z + Z_ENTRY_COST] = kept
    s.statements[z + Z_REALISED] += -part - cost + (kept if closing < held else 0)


@inner
def realise_flat(s: State, a: int) -> int:
    """Let what an account made in markets where it holds nothing any more become cash, before it is liquidated. Returns it."""
    total = 0
    p = s.accounts[(a << ROW) + A_POSITION]
    while p >= 0:
        r = p << ROW
        cost = s.positions[r + P_COST]
        if s.positions[r + P_SIZE] == 0 and cost != 0:
            market = s.positions[r + P_KEY] & MARKET_MASK
            touch(s, a)
            s.positions[r + P_COST] = 0
            s.accounts[(a << ROW) + A_BALANCE] -= cost
            s.markets[(market << MARKET) + M_SETTLEMENT] += cost
            emit(s, E_RESULT_REALISED, market, a, 0, -cost, 0, 0, 0)
            total -= cost
        p = s.positions[r + P_NEXT]
    return total


@unit
def book_trade(s: State, a: int, market: int, p: int, lots: int, amount: int) -> int:
    """Add signed lots at a signed cost to a position; what a reduction realises moves from cost to balance, and is returned.

    Rounding: the closed share of cost is floored, so realised amount and remaining cost add up exactly.
    """
    touch(s, a)
    r = p << ROW
    m = market << MARKET
    size = s.positions[r + P_SIZE]
    cost = s.positions[r + P_COST]
    realised = 0
    method = s.rules[s.markets[m + M_RULES] + R_REALISATION]
    if method != REALISED_BY_TRADES:
        state_entry(s, p, size, lots, amount)
    if size == 0 or (size > 0) == (lots > 0) or (method != REALISED_BY_TRADES and defers(s, a, method)):
        cost += amount
    else:
        closing = lots if lots > 0 else -lots
        held = size if size > 0 else -size
        if closing < held:
            closed = mul_div_floor(cost, closing, held)
            realised = -amount - closed
            cost -= closed
        elif closing == held:
            realised = -amount - cost
            cost = 0
        else:
            part = mul_div_floor(amount, held, closing)
            realised = -part - cost
            cost = amount - part
    s.positions[r + P_SIZE] = size + lots
    s.positions[r + P_COST] = cost
    if realised != 0:
        s.accounts[(a << ROW) + A_BALANCE] += realised
        s.markets[m + M_SETTLEMENT] -= realised
        if kind_of(s, a) == HOLDER:
            s.stats[(market << STATS) + T_INVENTORY_REALISED] += realised
            note_flow(s, m, a, realised)
    long_before = size if size > 0 else 0
    long_after = size + lots if size + lots > 0 else 0
    s.markets[m + M_OPEN_INTEREST] += long_after - long_before
    if (size + lots > 0 and size <= 0) or (size + lots < 0 and size >= 0):
        widen_rows(s, m, p, size + lots)
    if size == 0:
        s.accounts[(a << ROW) + A_COUNT] += 1
    elif size + lots == 0:
        s.accounts[(a << ROW) + A_COUNT] -= 1
        s.positions[r + P_TRIGGER] = 0
    elif (size > 0) != (size + lots > 0):
        s.positions[r + P_TRIGGER] = 0
    return realised


@inner
def transfer(s: State, payer: int, payee: int, amount: int) -> None:
    """Move money between accounts of one asset (a negative amount moves it back)."""
    if amount == 0:
        return
    touch(s, payer)
    touch(s, payee)
    s.accounts[(payer << ROW) + A_BALANCE] -= amount
    s.accounts[(payee << ROW) + A_BALANCE] += amount


@inner
def find_collateral(s: State, a: int, asset: int) -> int:
    """Return the collateral row of an account in an asset, or -1."""
    c = s.accounts[(a << ROW) + A_COLLATERAL]
    while c >= 0 and (s.collaterals[(c << COLLATERAL) + C_KEY] & MARKET_MASK) != asset:
        c = s.collaterals[(c << COLLATERAL) + C_NEXT]
    return c


@inner
def open_collateral(s: State, a: int, asset: int) -> int:
    """Return the collateral row of an account in an asset, new and empty if there was none; -1 when there is no room."""
    c = find_collateral(s, a, asset)
    if c >= 0:
        return c
    c = s.header[H_COLLATERALS]
    if (c + 1) << COLLATERAL > len(s.collaterals):
        s.header[H_FULL] |= FULL_POSITIONS
        return -1
    touch(s, a)
    s.header[H_COLLATERALS] = c + 1
    s.collaterals[(c << COLLATERAL) + C_AMOUNT] = 0
    s.collaterals[(c << COLLATERAL) + C_KEY] = a << MARKET_BITS | asset
    s.collaterals[(c << COLLATERAL) + C_NEXT] = s.accounts[(a << ROW) + A_COLLATERAL]
    s.accounts[(a << ROW) + A_COLLATERAL] = c
    return c


@inner
def collateral_worth(s: State, asset: int, amount: int, with_haircut: int) -> int:
    """Return what an amount of an asset is worth in settlement units, rounded down; with its haircut if asked."""
    x = asset << ROW
    worth = mul_div_floor(amount, s.assets[x + S_PRICE], s.assets[x + S_SCALE])
    if with_haircut != 0:
        worth = ppm_floor(worth, 1_000_000 - s.assets[x + S_HAIRCUT])
    return worth


@seldom
def collateral_of(s: State, a: int) -> int:
    """Return what an account's collateral in other assets counts for, after haircuts, in settlement units."""
    total = 0
    c = s.accounts[(a << ROW) + A_COLLATERAL]
    while c >= 0:
        r = c << COLLATERAL
        if s.collaterals[r + C_AMOUNT] > 0:
            total += collateral_worth(s, s.collaterals[r + C_KEY] & MARKET_MASK, s.collaterals[r + C_AMOUNT], 1)
        c = s.collaterals[r + C_NEXT]
    return total
