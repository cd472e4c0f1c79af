"""A liquidity pool as the counterparty of every trade of a market, at the oracle price.

The pool is an account of the ledger that mirrors its traders: its size is minus the sum of theirs, its cost minus the sum of
their costs, and what a trader realises it realises with the opposite sign. So its balance is its capital, its equity is that
capital less what open traders have won, and every law of the ledger holds as it stands.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from shortfall.kernels._jit import inlined, inner
from shortfall.kernels.enqueue import after_trade
from shortfall.kernels.events import emit
from shortfall.kernels.layout import (
    A_BALANCE,
    A_COLLATERAL,
    A_COUNT,
    BAD_ACCOUNT,
    C_AMOUNT,
    C_KEY,
    C_NEXT,
    COLLATERAL,
    COUNTERPARTY_POOL,
    E_COLLATERAL_SWAPPED,
    E_ORDER_ACCEPTED,
    E_POOL_FILLED,
    E_PROFIT_CAPPED,
    H_MATCH_AMOUNT,
    H_POSITIONS,
    HOLDER,
    INSOLVENT_CLOSE,
    M_LAST,
    M_LIQUIDITY,
    M_LONG_FIRST,
    M_MARK,
    M_MAX_LOTS,
    M_MAX_PRICE,
    M_OPEN_INTEREST,
    M_RULES,
    M_SETTLEMENT,
    M_SHORT_FIRST,
    MARKET,
    MARKET_BITS,
    MARKET_MASK,
    MARKET_ORDER,
    NO_MARGIN,
    NO_ROOM,
    NOT_FILLABLE,
    NOTHING_TO_REDUCE,
    OVER_POOL_RESERVE,
    OVER_POSITION_LIMIT,
    P_BUY,
    P_COST,
    P_KEY,
    P_SELL,
    P_SIZE,
    POST_ONLY,
    R_COUNTERPARTY,
    R_LONG_BACKING,
    R_POOL_RESERVE,
    R_POOL_SPREAD,
    R_PROFIT_CAP,
    R_SETTLES_IN,
    R_SHORT_BACKING,
    R_TAKER_FEE,
    REDUCE_ONLY,
    ROW,
    S_PRICE,
    S_SCALE,
    SELL,
    SETTLES_IN_KIND,
    STATS,
    T_POOL_LOTS,
    T_PROFIT_CAPPED,
    U_POOL_GAIN,
    USE,
    WOULD_TAKE,
)
from shortfall.kernels.ledger import (
    book_trade,
    collateral_of,
    collateral_worth,
    find_collateral,
    kind_of,
    notional_at,
    open_collateral,
    open_position,
    touch,
    transfer,
    value_at,
    widen_rows,
)
from shortfall.kernels.margin import FOR_OPENING, free_margin
from shortfall.kernels.matching import charge_fee, market_limit, order_allowed
from shortfall.kernels.unit import seldom
from shortfall.kernels.waterfall import sell_collateral
from shortfall.kernels.wide import mul_div_ceil, mul_div_floor, ppm_ceil, ppm_floor

if TYPE_CHECKING:
    from shortfall.kernels.native import State

ORDERED, LIQUIDATED, CUT = range(3)  # why a trade with the pool was made


@inlined
def trades_with_pool(s: State, market: int) -> bool:
    """Say whether the trades of a market have its liquidity pool on the other side."""
    m = market << MARKET
    return s.rules[s.markets[m + M_RULES] + R_COUNTERPARTY] == COUNTERPARTY_POOL and s.markets[m + M_LIQUIDITY] >= 0


@inner
def pool_price(s: State, m: int, side: int) -> int:
    """Return the price at which the pool sells (side 0) or buys (side 1): mark with the spread against the trader, rounded up."""
    mark = s.markets[m + M_MARK]
    spread = ppm_ceil(mark, s.rules[s.markets[m + M_RULES] + R_POOL_SPREAD])
    if side == 0:
        top = s.markets[m + M_MAX_PRICE] - 1
        return mark + spread if mark + spread < top else top
    return mark - spread if mark - spread > 1 else 1


@inner
def side_profit(s: State, market: int, side: int) -> int:
    """Return what the traders of a side have won at mark and not realised, losers netted (signed)."""
    m = market << MARKET
    first = m + (M_LONG_FIRST if side == 0 else M_SHORT_FIRST)
    end = s.markets[first + 1] if s.markets[first + 1] < s.header[H_POSITIONS] else s.header[H_POSITIONS]
    total = 0
    for p in range(s.markets[first], end):
        r = p << ROW
        size = s.positions[r + P_SIZE]
        key = s.positions[r + P_KEY]
        if size == 0 or (size < 0) != (side == 1) or (key & MARKET_MASK) != market:
            continue
        if kind_of(s, key >> MARKET_BITS) < HOLDER:
            total += value_at(s, m, size, s.markets[m + M_MARK]) - s.positions[r + P_COST]
    return total


@inner
def backing_of(s: State, market: int, side: int) -> int:
    """Return the part of the pool's capital that stands behind the profit of a side, rounded down, never negative."""
    m = market << MARKET
    pool = s.markets[m + M_LIQUIDITY]
    capital = s.accounts[(pool << ROW) + A_BALANCE]
    if s.accounts[(pool << ROW) + A_COLLATERAL] >= 0:
        capital += collateral_of(s, pool)
    if capital <= 0:
        return 0
    rules = s.markets[m + M_RULES]
    return ppm_floor(capital, s.rules[rules + (R_LONG_BACKING if side == 0 else R_SHORT_BACKING)])


@inner
def mirror(s: State, market: int, q: int, lots: int, cost: int, realised: int) -> None:
    """Book the pool's side of a trade: the trader's lots, change of cost and realised profit with the opposite sign.

    So nothing stays in the settlement account, and the pool's balance is its capital.
    """
    m = market << MARKET
    r = q << ROW
    pool = s.positions[r + P_KEY] >> MARKET_BITS
    touch(s, pool)
    size = s.positions[r + P_SIZE]
    s.positions[r + P_SIZE] = size + lots
    s.positions[r + P_COST] += cost
    s.accounts[(pool << ROW) + A_BALANCE] += realised
    s.markets[m + M_SETTLEMENT] -= realised
    s.markets[m + M_OPEN_INTEREST] += (size + lots if size + lots > 0 else 0) - (size if size > 0 else 0)
    if size + lots != 0 and (size == 0 or (size > 0) != (size + lots > 0)):
        widen_rows(s, m, q, size + lots)
    if size == 0:
        s.accounts[(pool << ROW) + A_COUNT] += 1
    elif size + lots == 0:
        s.accounts[(pool << ROW) + A_COUNT] -= 1


@inner
def keep_back(s: State, market: int, a: int, amount: int, profit: int, most: int, total: int) -> None:
    """Let the pool keep a part of a trader's profit, and state what bound it."""
    pool = s.markets[(market << MARKET) + M_LIQUIDITY]
    transfer(s, a, pool, amount)
    emit(s, E_PROFIT_CAPPED, market, a, pool, amount, profit, most, total)
    s.stats[(market << STATS) + T_PROFIT_CAPPED] += amount


@inner
def cap_profit(s: State, market: int, a: int, realised: int, most: int, total: int) -> int:
    """Cut a realised profit by the rule. Returns the profit that is left.

    Rounding: the trader's part is floored. `total` is the profit of his side before the trade, `most` what is paid of it.
    """
    if realised <= 0 or total <= most:
        return realised
    left = mul_div_floor(realised, most, total)
    if left < realised:
        keep_back(s, market, a, realised - left, realised, most, total)
    return left


@inner
def within_cash(s: State, market: int, a: int, profit: int) -> int:
    """Let the pool sell its collateral for what it cannot pay, and keep back what it cannot pay even then. Returns the profit left."""
    pool = s.markets[(market << MARKET) + M_LIQUIDITY]
    if s.accounts[(pool << ROW) + A_BALANCE] < 0 and s.accounts[(pool << ROW) + A_COLLATERAL] >= 0:
        sell_collateral(s, market, pool, 0)
    short = -s.accounts[(pool << ROW) + A_BALANCE]
    if short <= 0:
        return profit
    keep_back(s, market, a, short, profit, profit - short, 0)
    return profit - short


@inner
def swap(s: State, market: int, a: int, own: int, theirs: int, lots: int, money: int) -> None:
    """Move lots of an asset from an account's row to its pool's row for money (both negative: back)."""
    pool = s.markets[(market << MARKET) + M_LIQUIDITY]
    touch(s, a)
    touch(s, pool)
    s.collaterals[(own << COLLATERAL) + C_AMOUNT] -= lots
    s.collaterals[(theirs << COLLATERAL) + C_AMOUNT] += lots
    transfer(s, pool, a, money)
    asset = s.collaterals[(own << COLLATERAL) + C_KEY] & MARKET_MASK
    emit(s, E_COLLATERAL_SWAPPED, market, a, pool, lots, asset, money, 0)


@inner
def pay_in_kind(s: State, market: int, a: int, profit: int) -> None:
    """Pay a profit out of the pool's holdings of the asset that the account holds, at its price, rounded down."""
    pool = s.markets[(market << MARKET) + M_LIQUIDITY]
    balance = s.accounts[(a << ROW) + A_BALANCE]
    due = profit if profit < balance else balance
    c = s.accounts[(a << ROW) + A_COLLATERAL]
    while c >= 0 and due > 0:
        asset = s.collaterals[(c << COLLATERAL) + C_KEY] & MARKET_MASK
        theirs = find_collateral(s, pool, asset)
        if s.collaterals[(c << COLLATERAL) + C_AMOUNT] > 0 and theirs >= 0:
            lots = mul_div_floor(due, s.assets[(asset << ROW) + S_SCALE], s.assets[(asset << ROW) + S_PRICE])
            held = s.collaterals[(theirs << COLLATERAL) + C_AMOUNT]
            lots = lots if lots < held else held
            money = collateral_worth(s, asset, lots, 0) if lots > 0 else 0
            if money > 0:
                swap(s, market, a, c, theirs, -lots, -money)
                due -= money
        c = s.collaterals[(c << COLLATERAL) + C_NEXT]


@seldom
def collect_in_kind(s: State, market: int, a: int) -> int:
    """Let the pool take what a flat account owes, where the rule settles in kind, out of its other assets, at prices after haircut.

    The lots round up, the money that the pool credits for them rounds down. Returns the money credited.
    """
    pool = s.markets[(market << MARKET) + M_LIQUIDITY]
    got = 0
    c = s.accounts[(a << ROW) + A_COLLATERAL]
    if s.rules[s.markets[(market << MARKET) + M_RULES] + R_SETTLES_IN] != SETTLES_IN_KIND:
        return 0
    while c >= 0 and s.accounts[(a << ROW) + A_BALANCE] < 0:
        asset = s.collaterals[(c << COLLATERAL) + C_KEY] & MARKET_MASK
        held = s.collaterals[(c << COLLATERAL) + C_AMOUNT]
        worth = collateral_worth(s, asset, held, 1) if held > 0 else 0
        owed = -s.accounts[(a << ROW) + A_BALANCE]
        cash = s.accounts[(pool << ROW) + A_BALANCE]
        if worth > 0 and cash > 0:
            lots = mul_div_ceil(held, owed, worth) if owed < worth else held
            lots = lots if lots < held else held
            money = collateral_worth(s, asset, lots, 1)
            if money > cash:
                lots = mul_div_floor(held, cash, worth)
                money = collateral_worth(s, asset, lots, 1)
            theirs = open_collateral(s, pool, asset)
            if theirs >= 0 and 0 < money <= cash:
                swap(s, market, a, c, theirs, lots, money)
                got += money
        c = s.collaterals[(c << COLLATERAL) + C_NEXT]
    return got


@seldom
def fill_with_pool(s: State, market: int, a: int, p: int, lots: int, price: int, purpose: int) -> int:
    """Trade signed lots of an account with the pool. Returns the trader's realised profit after caps; the amount is in the header."""
    m = market << MARKET
    pool = s.markets[m + M_LIQUIDITY]
    rules = s.markets[m + M_RULES]
    q = open_position(s, pool, market)
    size = s.positions[(p << ROW) + P_SIZE]
    total = 0
    most = 0
    if s.rules[rules + R_PROFIT_CAP] > 0 and size * (1 if lots > 0 else -1) < 0:
        side = 0 if size > 0 else 1
        total = side_profit(s, market, side)
        most = ppm_floor(backing_of(s, market, side), s.rules[rules + R_PROFIT_CAP])
    cost = s.positions[(p << ROW) + P_COST]
    amount = value_at(s, m, lots, price)
    realised = book_trade(s, a, market, p, lots, amount)
    mirror(s, market, q, -lots, cost - s.positions[(p << ROW) + P_COST], -realised)
    emit(s, E_POOL_FILLED, market, a, pool, lots, price, amount, purpose)
    s.markets[m + M_LAST] = price
    s.stats[(market << STATS) + T_POOL_LOTS] += lots if lots > 0 else -lots
    s.header[H_MATCH_AMOUNT] = amount if amount > 0 else -amount
    profit = cap_profit(s, market, a, realised, most, total)
    if profit > 0 and s.rules[rules + R_SETTLES_IN] == SETTLES_IN_KIND and s.accounts[(a << ROW) + A_COLLATERAL] >= 0:
        pay_in_kind(s, market, a, profit)
    return within_cash(s, market, a, profit)


@seldom
def close_with_pool(s: State, market: int, a: int, p: int, lots: int) -> int:
    """Close unsigned lots of a liquidated position at the pool's price. Returns what is left: 0, or all without room for the pool's row.

    What the pool gains is kept with the position: from one liquidation it gives up no more when the account cannot pay.
    """
    m = market << MARKET
    if open_position(s, s.markets[m + M_LIQUIDITY], market) < 0:
        return lots
    side = 1 if s.positions[(p << ROW) + P_SIZE] > 0 else 0
    profit = fill_with_pool(s, market, a, p, -lots if side == 1 else lots, pool_price(s, m, side), LIQUIDATED)
    s.uses[(p << USE) + U_POOL_GAIN] -= profit
    return 0


@inner
def pool_margin_reason(s: State, a: int, market: int, p: int, side: int, lots: int, price: int) -> int:
    """Check position limit, initial margin with the spread's loss, and the pool's reserve. Returns 0 or the reason."""
    m = market << MARKET
    r = p << ROW
    size = s.positions[r + P_SIZE]
    reached = size + s.positions[r + P_BUY] if side == 0 else s.positions[r + P_SELL] - size
    if reached + lots > s.markets[m + M_MAX_LOTS]:
        return OVER_POSITION_LIMIT
    free, no_risk = free_margin(s, a, FOR_OPENING, p, side, lots)
    if no_risk != 0:
        return 0
    loss = notional_at(s, m, lots, price) - notional_at(s, m, lots, s.markets[m + M_MARK])
    if free < (loss if loss > 0 else -loss):
        return NO_MARGIN
    share = s.rules[s.markets[m + M_RULES] + R_POOL_RESERVE]
    if share == 0:
        return 0
    q = open_position(s, s.markets[m + M_LIQUIDITY], market)
    net = s.positions[(q << ROW) + P_SIZE] if q >= 0 else 0
    held = s.markets[m + M_OPEN_INTEREST]  # all long lots, the pool's included: it holds what one side lacks
    if side == 0:
        held -= net if net > 0 else 0
    else:
        held += net if net < 0 else 0
    worth = notional_at(s, m, held + lots, s.markets[m + M_MARK])
    return OVER_POOL_RESERVE if worth > ppm_floor(backing_of(s, market, side), share) else 0


@inner
def cannot_pay(s: State, a: int, m: int, p: int, lots: int, price: int) -> bool:
    """Say whether a whole close of an account's last position would leave a debt: only a liquidation may do that."""
    r = p << ROW
    if s.positions[r + P_SIZE] + lots != 0 or s.accounts[(a << ROW) + A_COUNT] != 1:
        return False
    own = s.accounts[(a << ROW) + A_BALANCE] - s.positions[r + P_COST] - value_at(s, m, lots, price)
    if s.accounts[(a << ROW) + A_COLLATERAL] >= 0:
        own += collateral_of(s, a)
    return own < ppm_ceil(notional_at(s, m, lots, price), s.rules[s.markets[m + M_RULES] + R_TAKER_FEE])


@seldom
def order_with_pool(s: State, a: int, market: int, flags: int, price: int, lots: int, order: int) -> int:
    """Trade with the pool, whole and at once. Returns lots filled, or minus the reason for which the order was refused."""
    m = market << MARKET
    side = flags & SELL
    if a == s.markets[m + M_LIQUIDITY]:
        return -BAD_ACCOUNT
    limit = market_limit(s, m, side) if flags & MARKET_ORDER else price
    reason = order_allowed(s, a, market, side, flags, limit, lots, order)
    if reason != 0:
        return -reason
    p = open_position(s, a, market)
    if p < 0 or open_position(s, s.markets[m + M_LIQUIDITY], market) < 0:
        return -NO_ROOM
    if flags & REDUCE_ONLY:
        size = s.positions[(p << ROW) + P_SIZE]
        room = -size if side == 0 else size
        if room <= 0:
            return -NOTHING_TO_REDUCE
        lots = room if room < lots else lots
    if flags & POST_ONLY:
        return -WOULD_TAKE
    here = pool_price(s, m, side)
    if (side == 0 and limit < here) or (side == 1 and limit > here):
        return -NOT_FILLABLE
    reason = pool_margin_reason(s, a, market, p, side, lots, here)
    if reason != 0:
        return -reason
    signed = lots if side == 0 else -lots
    if cannot_pay(s, a, m, p, signed, here):
        return -INSOLVENT_CLOSE
    fill_with_pool(s, market, a, p, signed, here, ORDERED)
    charge_fee(s, market, a, ppm_ceil(s.header[H_MATCH_AMOUNT], s.rules[s.markets[m + M_RULES] + R_TAKER_FEE]), order)
    after_trade(s, market, a, p)
    emit(s, E_ORDER_ACCEPTED, market, a, order, limit, signed, lots, 0)
    return lots
