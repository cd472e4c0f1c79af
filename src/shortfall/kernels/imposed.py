"""Commands of a ledger that settles what somebody else decided: imposed trades and fees, a whole account taken over, a claim.

Nothing is matched and nobody's margin is judged but a claimer's; sums are conserved, a holder's cash never turns negative.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from shortfall.kernels._jit import inner
from shortfall.kernels.enqueue import after_trade
from shortfall.kernels.events import emit
from shortfall.kernels.layout import (
    A_BALANCE,
    A_COLLATERAL,
    A_POSITION,
    BAD_ACCOUNT,
    BAD_VALUE,
    C_AMOUNT,
    C_KEY,
    C_NEXT,
    CAUSE_ACCOUNT_TAKEN_OVER,
    COLLATERAL,
    E_FILL_IMPOSED,
    E_MONEY_MOVED,
    E_POSITION_INHERITED,
    E_QUOTE_MOVED,
    H_ACCOUNTS,
    HOLDER,
    M_MARK,
    M_MAX_LOTS,
    M_RULES,
    M_SETTLEMENT,
    MARKET,
    MARKET_MASK,
    MONEY_BOUND,
    NO_BALANCE,
    NO_MARGIN,
    NO_ROOM,
    NOT_A_HOLDER,
    NOTHING_TO_REDUCE,
    OVER_POSITION_LIMIT,
    P_COST,
    P_KEY,
    P_NEXT,
    P_SIZE,
    R_CLAIM_DISCOUNT,
    R_REALISATION,
    REALISED_BY_TRADES,
    ROW,
)
from shortfall.kernels.ledger import (
    asset_of,
    book_trade,
    defers,
    find_position,
    kind_of,
    notional_at,
    open_collateral,
    open_position,
    touch,
    transfer,
    value_at,
)
from shortfall.kernels.margin import FOR_OPENING, free_margin
from shortfall.kernels.orders import cancel_all
from shortfall.kernels.triggers import index_account
from shortfall.kernels.unit import seldom
from shortfall.kernels.wide import mul_div_floor, ppm_ceil

if TYPE_CHECKING:
    from shortfall.kernels.native import State


@inner
def books_in_cost(s: State, market: int, a: int) -> bool:
    """Say whether what an account pays and receives in a market stays in its position's cost until it is settled."""
    method = s.rules[s.markets[(market << MARKET) + M_RULES] + R_REALISATION]
    return method != REALISED_BY_TRADES and defers(s, a, method)


@inner
def move_quote(s: State, market: int, payer: int, payee: int, amount: int, is_funding: int) -> int:
    """Move an amount between two accounts in a market: out of cash, or into the cost of positions that wait for a settlement.

    Returns 1, or 0 when there is no room for a row.
    """
    m = market << MARKET
    from_cost = 1 if books_in_cost(s, market, payer) else 0
    to_cost = 1 if books_in_cost(s, market, payee) else 0
    p = open_position(s, payer, market) if from_cost != 0 else 0
    q = open_position(s, payee, market) if to_cost != 0 else 0
    if p < 0 or q < 0:
        return 0
    touch(s, payer)
    touch(s, payee)
    if from_cost != 0:
        s.positions[(p << ROW) + P_COST] += amount
        s.markets[m + M_SETTLEMENT] -= amount
    else:
        s.accounts[(payer << ROW) + A_BALANCE] -= amount
    if to_cost != 0:
        s.positions[(q << ROW) + P_COST] -= amount
        s.markets[m + M_SETTLEMENT] += amount
    else:
        s.accounts[(payee << ROW) + A_BALANCE] += amount
    emit(s, E_QUOTE_MOVED, market, payee, payer, amount, from_cost, to_cost, is_funding)
    return 1


@inner
def looked_at_again(s: State, market: int, a: int) -> None:
    """Look again at an account that an imposed payment touched: its triggers, and a place in line if it is flat and in debt."""
    p = find_position(s, a, market)
    if p >= 0:
        after_trade(s, market, a, p)
    else:
        index_account(s, a)


@seldom
def do_imposed_fee(s: State, payer: int, market: int, amount: int, payee: int) -> int:
    """Move a fee that somebody else decided. Returns 0 or the reason."""
    if payee < 0 or payee >= s.header[H_ACCOUNTS] or payee == payer or asset_of(s, payee) != asset_of(s, payer):
        return BAD_ACCOUNT
    if amount <= 0 or amount > MONEY_BOUND or s.accounts[(payee << ROW) + A_BALANCE] > MONEY_BOUND - amount:
        return BAD_VALUE
    if s.accounts[(payer << ROW) + A_BALANCE] < amount - MONEY_BOUND:
        return BAD_VALUE
    in_cash = not books_in_cost(s, market, payer)
    if kind_of(s, payer) == HOLDER and in_cash and s.accounts[(payer << ROW) + A_BALANCE] < amount:
        return NO_BALANCE
    if move_quote(s, market, payer, payee, amount, 0) == 0:
        return NO_ROOM
    looked_at_again(s, market, payer)
    looked_at_again(s, market, payee)
    return 0


@inner
def result_of(s: State, market: int, a: int, p: int, lots: int, amount: int) -> int:
    """Return what an account would realise by a trade of signed lots at a signed amount (see `book_trade`)."""
    r = p << ROW
    size = s.positions[r + P_SIZE]
    cost = s.positions[r + P_COST]
    if size == 0 or (size > 0) == (lots > 0) or books_in_cost(s, market, a):
        return 0
    closing = lots if lots > 0 else -lots
    held = size if size > 0 else -size
    if closing <= held:
        return -amount - (cost if closing == held else mul_div_floor(cost, closing, held))
    return -mul_div_floor(amount, held, closing) - cost


@inner
def inherit_reason(s: State, a: int, holder: int) -> int:
    """Return why a holder cannot take an account over as it stands, or 0: limits of positions, its own cash."""
    left = s.accounts[(holder << ROW) + A_BALANCE] + s.accounts[(a << ROW) + A_BALANCE]
    if left > MONEY_BOUND:
        return BAD_VALUE
    p = s.accounts[(a << ROW) + A_POSITION]
    while p >= 0:
        r = p << ROW
        market = s.positions[r + P_KEY] & MARKET_MASK
        if s.positions[r + P_SIZE] != 0 or s.positions[r + P_COST] != 0:
            q = open_position(s, holder, market)
            if q < 0:
                return NO_ROOM
            size = s.positions[(q << ROW) + P_SIZE] + s.positions[r + P_SIZE]
            if size > s.markets[(market << MARKET) + M_MAX_LOTS] or size < -s.markets[(market << MARKET) + M_MAX_LOTS]:
                return OVER_POSITION_LIMIT
            left += result_of(s, market, holder, q, s.positions[r + P_SIZE], s.positions[r + P_COST])
        p = s.positions[r + P_NEXT]
    return NO_BALANCE if left < 0 else 0


@inner
def inherit_collateral(s: State, a: int, holder: int) -> int:
    """Move an account's collateral in other assets to a holder. Returns 1, or 0 when there is no room for a row."""
    c = s.accounts[(a << ROW) + A_COLLATERAL]
    while c >= 0:
        asset = s.collaterals[(c << COLLATERAL) + C_KEY] & MARKET_MASK
        amount = s.collaterals[(c << COLLATERAL) + C_AMOUNT]
        if amount > 0:
            into = open_collateral(s, holder, asset)
            if into < 0:
                return 0
            s.collaterals[(c << COLLATERAL) + C_AMOUNT] = 0
            s.collaterals[(into << COLLATERAL) + C_AMOUNT] += amount
            emit(s, E_MONEY_MOVED, asset, a, 1, -amount, CAUSE_ACCOUNT_TAKEN_OVER, -1, 0)
            emit(s, E_MONEY_MOVED, asset, holder, 1, amount, CAUSE_ACCOUNT_TAKEN_OVER, -1, 0)
        c = s.collaterals[(c << COLLATERAL) + C_NEXT]
    return 1


@seldom
def do_take_account(s: State, a: int, holder: int) -> int:
    """Let a holder take an account over as it stands: every position at its own cost, all its cash and collateral.

    Nobody realises anything by it but a holder whose inventory it nets. A debt is taken over too, as far as the holder has cash.
    Returns 0 or the reason.
    """
    if holder < 0 or holder >= s.header[H_ACCOUNTS] or holder == a or asset_of(s, holder) != asset_of(s, a):
        return BAD_ACCOUNT
    if kind_of(s, holder) != HOLDER or kind_of(s, a) >= HOLDER:
        return NOT_A_HOLDER
    reason = inherit_reason(s, a, holder)
    if reason != 0:
        return reason
    cancel_all(s, a, -1)
    if inherit_collateral(s, a, holder) == 0:
        return NO_ROOM
    balance = s.accounts[(a << ROW) + A_BALANCE]
    if balance > 0:
        transfer(s, a, holder, balance)
        emit(s, E_MONEY_MOVED, 0, holder, 0, balance, CAUSE_ACCOUNT_TAKEN_OVER, a, 0)
    p = s.accounts[(a << ROW) + A_POSITION]
    while p >= 0:
        r = p << ROW
        inherit_position(s, a, p, holder)
        p = s.positions[r + P_NEXT]
    if balance < 0:
        transfer(s, holder, a, -balance)
        emit(s, E_MONEY_MOVED, 0, a, 0, -balance, CAUSE_ACCOUNT_TAKEN_OVER, holder, 0)
    return 0


@inner
def inherit_position(s: State, a: int, p: int, holder: int) -> None:
    """Move one position, or what waits for settlement of a flat one, to a holder at its own cost."""
    r = p << ROW
    market = s.positions[r + P_KEY] & MARKET_MASK
    size = s.positions[r + P_SIZE]
    cost = s.positions[r + P_COST]
    if size == 0 and cost == 0:
        return
    q = open_position(s, holder, market)
    touch(s, a)
    touch(s, holder)
    if size != 0:
        book_trade(s, a, market, p, -size, -cost)
        book_trade(s, holder, market, q, size, cost)
    else:
        s.positions[r + P_COST] = 0
        s.positions[(q << ROW) + P_COST] += cost
    emit(s, E_POSITION_INHERITED, market, a, holder, size, cost, 0, 0)


@seldom
def do_claim(s: State, a: int, market: int, lots: int, holder: int) -> int:
    """Let an account buy a part of a holder's inventory at mark, at a discount that the holder pays. Returns 0 or the reason.

    `lots` is signed like the inventory. Rounding of the discount: up, for the claimer, as the rule's source does.
    """
    m = market << MARKET
    if holder < 0 or holder >= s.header[H_ACCOUNTS] or holder == a or asset_of(s, holder) != asset_of(s, a):
        return BAD_ACCOUNT
    if kind_of(s, holder) != HOLDER:
        return NOT_A_HOLDER
    q = find_position(s, holder, market)
    held = s.positions[(q << ROW) + P_SIZE] if q >= 0 else 0
    if lots == 0 or held == 0 or (lots > 0) != (held > 0) or (lots > held if held > 0 else lots < held):
        return NOTHING_TO_REDUCE
    p = open_position(s, a, market)
    if p < 0:
        return NO_ROOM
    size = s.positions[(p << ROW) + P_SIZE] + lots
    if size > s.markets[m + M_MAX_LOTS] or size < -s.markets[m + M_MAX_LOTS]:
        return OVER_POSITION_LIMIT
    free, no_risk = free_margin(s, a, FOR_OPENING, p, 0 if lots > 0 else 1, lots if lots > 0 else -lots)
    if free < 0 and no_risk == 0:
        return NO_MARGIN
    price = s.markets[m + M_MARK]
    amount = value_at(s, m, lots, price)
    discount = ppm_ceil(notional_at(s, m, lots, price), s.rules[s.markets[m + M_RULES] + R_CLAIM_DISCOUNT])
    in_cash = not books_in_cost(s, market, holder)
    left = s.accounts[(holder << ROW) + A_BALANCE] + result_of(s, market, holder, q, -lots, -amount) - discount
    if in_cash and left < 0:
        return NO_BALANCE
    book_trade(s, a, market, p, lots, amount)
    book_trade(s, holder, market, q, -lots, -amount)
    emit(s, E_FILL_IMPOSED, market, a, holder, lots, price, amount, 1)
    if discount > 0:
        move_quote(s, market, holder, a, discount, 0)
    looked_at_again(s, market, a)
    return 0
