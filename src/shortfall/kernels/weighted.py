"""Liquidate an account under health weights: an outsider takes base at mark with a fee and settles profit, then takes losses.

Each step goes only as far as initial health needs it. Every amount is found by bisection over one function, the health that the
account would have, so no closed form has to agree with it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from shortfall.kernels._jit import inner
from shortfall.kernels.adl_trigger import has_layer
from shortfall.kernels.events import emit
from shortfall.kernels.layout import (
    A_BALANCE,
    A_POSITION,
    A_QUEUE,
    BAD_ACCOUNT,
    BAD_VALUE,
    E_BASE_TAKEN,
    E_CLAIM_UNCOVERED,
    E_RESULT_MOVED,
    H_ACCOUNTS,
    HALT_ALL,
    HALTED,
    HOLDER,
    IN_LIQUIDATION,
    LAYER_SOCIALISE,
    M_ASSET,
    M_FUND,
    M_HALTED,
    M_MARK,
    M_MAX_LOTS,
    M_RULES,
    M_SETTLEMENT,
    MARKET,
    MARKET_MASK,
    NO_ROOM,
    NOTHING_TO_REDUCE,
    P_COST,
    P_KEY,
    P_NEXT,
    P_SIZE,
    P_TRIGGER,
    R_BASE_FEE,
    R_PLATFORM_FEE,
    R_PROFIT_FEE,
    R_PROFIT_WEIGHT,
    R_SETTLE_LIMIT,
    ROW,
    S_FEES,
    STATS,
    T_CARRIED,
    T_CASH_FUND,
    T_EQUITY,
    T_LIQUIDATED_LOTS,
)
from shortfall.kernels.ledger import asset_of, find_position, kind_of, open_position, touch, transfer, value_at
from shortfall.kernels.margin import health, position_need
from shortfall.kernels.pool import mirror
from shortfall.kernels.prices import may_liquidate
from shortfall.kernels.socialise import socialise
from shortfall.kernels.triggers import index_account
from shortfall.kernels.unit import seldom
from shortfall.kernels.weights import INITIAL, is_weighted, others_of, weighted_base, weighted_position, weighted_sum
from shortfall.kernels.wide import mul_div_ceil, mul_div_floor, ppm_ceil, ppm_floor

if TYPE_CHECKING:
    from shortfall.kernels.native import State

MILLION = 1_000_000
OF_PROFIT, OF_LOSS, INSURED, SHARED = range(4)  # what a moved result was


@inner
def initial_health(s: State, a: int, p: int, size: int, cost: int, cash: int) -> int:
    """Return the initial health that an account would have with another size and cost in one position, and another balance."""
    total = cash
    q = s.accounts[(a << ROW) + A_POSITION]
    while q >= 0:
        r = q << ROW
        m = (s.positions[r + P_KEY] & MARKET_MASK) << MARKET
        rules = s.markets[m + M_RULES]
        lots = size if q == p else s.positions[r + P_SIZE]
        paid = cost if q == p else s.positions[r + P_COST]
        value = value_at(s, m, lots, s.markets[m + M_MARK]) if lots != 0 else 0
        if is_weighted(s, rules):
            total += weighted_position(s, rules, value, paid, INITIAL)
        else:
            total += value - paid
            total -= position_need(s, rules, r, value if value > 0 else -value) if lots != 0 else 0
        q = s.positions[r + P_NEXT]
    own = s.markets[((s.positions[(p << ROW) + P_KEY] & MARKET_MASK) << MARKET) + M_RULES]
    return weighted_sum(s, own, total) + others_of(s, a)


@inner
def proceeds(s: State, m: int, size: int, lots: int, fee_ppm: int) -> int:
    """Return the signed quote that taking unsigned lots off a position at mark brings (a short pays: negative), rounded down."""
    value = value_at(s, m, lots if size > 0 else -lots, s.markets[m + M_MARK])
    return ppm_floor(value, MILLION - fee_ppm) if value >= 0 else -ppm_ceil(-value, MILLION + fee_ppm)


@inner
def health_after(s: State, a: int, p: int, lots: int, settled: int) -> int:
    """Return the initial health after unsigned lots were taken and a profit was settled against cash, both with their fees."""
    m = (s.positions[(p << ROW) + P_KEY] & MARKET_MASK) << MARKET
    rules = s.markets[m + M_RULES]
    size = s.positions[(p << ROW) + P_SIZE]
    fee = s.rules[rules + R_BASE_FEE] + s.rules[rules + R_PLATFORM_FEE]
    cost = s.positions[(p << ROW) + P_COST] + settled
    if lots != 0:
        cost -= proceeds(s, m, size, lots, fee)
    cash = s.accounts[(a << ROW) + A_BALANCE] + ppm_floor(settled, MILLION - s.rules[rules + R_PROFIT_FEE])
    return initial_health(s, a, p, size - lots if size > 0 else size + lots, cost, cash)


@inner
def profit_after(s: State, p: int, lots: int) -> int:
    """Return what a position contributes before the weight of a profit once unsigned lots were taken; 0 where it is a loss."""
    m = (s.positions[(p << ROW) + P_KEY] & MARKET_MASK) << MARKET
    rules = s.markets[m + M_RULES]
    size = s.positions[(p << ROW) + P_SIZE]
    rest = size - lots if size > 0 else size + lots
    cost = s.positions[(p << ROW) + P_COST]
    if lots != 0:
        cost -= proceeds(s, m, size, lots, s.rules[rules + R_BASE_FEE] + s.rules[rules + R_PLATFORM_FEE])
    value = value_at(s, m, rest, s.markets[m + M_MARK]) if rest != 0 else 0
    base = weighted_base(s, rules, value, cost, INITIAL)
    return base if base > 0 else 0


@inner
def settled_with(s: State, p: int, lots: int, first: int, most: int) -> int:
    """Return the profit that is settled when lots are taken: `first` before them, then what they free, at most `most`."""
    more = profit_after(s, p, lots) - first
    more = more if more < most - first else most - first
    return first + more if more > 0 else first


@inner
def least_profit(s: State, a: int, p: int, lots: int, low: int, high: int) -> int:
    """Return the least profit, from `low` to `high`, whose settlement makes the account sound, or as sound as `high` does."""
    goal = health_after(s, a, p, lots, high)
    goal = goal if goal < 0 else 0
    while low < high:
        middle = (low + high) >> 1
        if health_after(s, a, p, lots, middle) >= goal:
            high = middle
        else:
            low = middle + 1
    return low


@inner
def least_lots(s: State, a: int, p: int, first: int, most_profit: int, most: int) -> int:
    """Return the fewest lots that make the account sound with the profit that they free, or as sound as `most` do."""
    goal = health_after(s, a, p, most, settled_with(s, p, most, first, most_profit))
    goal = goal if goal < 0 else 0
    low = 0
    high = most
    while low < high:
        middle = (low + high) >> 1
        if health_after(s, a, p, middle, settled_with(s, p, middle, first, most_profit)) >= goal:
            high = middle
        else:
            low = middle + 1
    return low


@inner
def move_base(s: State, market: int, a: int, p: int, taker: int, lots: int) -> None:
    """Move unsigned lots from an account to its liquidator at mark; the platform keeps the difference of the two prices."""
    m = market << MARKET
    rules = s.markets[m + M_RULES]
    size = s.positions[(p << ROW) + P_SIZE]
    gone = lots if size > 0 else -lots
    q = find_position(s, taker, market)
    out = proceeds(s, m, size, lots, s.rules[rules + R_BASE_FEE] + s.rules[rules + R_PLATFORM_FEE])
    paid = proceeds(s, m, size, lots, s.rules[rules + R_BASE_FEE])
    mirror(s, market, p, -gone, -out, 0)
    mirror(s, market, q, gone, paid, 0)
    fees = s.assets[(s.markets[m + M_ASSET] << ROW) + S_FEES]
    touch(s, fees)
    s.accounts[(fees << ROW) + A_BALANCE] += paid - out
    s.markets[m + M_SETTLEMENT] -= paid - out
    s.positions[(p << ROW) + P_TRIGGER] = 0
    s.positions[(q << ROW) + P_TRIGGER] = 0
    s.stats[(market << STATS) + T_LIQUIDATED_LOTS] += lots
    emit(s, E_BASE_TAKEN, market, a, taker, -gone, s.markets[m + M_MARK], -out, paid)


@inner
def move_result(s: State, market: int, a: int, p: int, taker: int, amount: int, cash: int, what: int) -> None:
    """Move a result that is not settled (a loss: negative) to a liquidator, for cash in the same direction."""
    q = find_position(s, taker, market)
    touch(s, a)
    touch(s, taker)
    s.positions[(p << ROW) + P_COST] += amount
    s.positions[(q << ROW) + P_COST] -= amount
    transfer(s, taker, a, cash)
    emit(s, E_RESULT_MOVED, market, a, taker, amount, cash, what, 0)


@inner
def refused(s: State, a: int, market: int, taker: int) -> int:
    """Check that an account may be liquidated by a taker in a market under weights. Returns 0 or the reason."""
    m = market << MARKET
    if not 0 <= taker < s.header[H_ACCOUNTS] or taker == a or kind_of(s, taker) >= HOLDER or kind_of(s, a) >= HOLDER:
        return BAD_ACCOUNT
    if asset_of(s, taker) != s.markets[m + M_ASSET]:
        return BAD_ACCOUNT
    if not is_weighted(s, s.markets[m + M_RULES]):
        return BAD_VALUE
    if s.markets[m + M_HALTED] == HALT_ALL or not may_liquidate(s, market):
        return HALTED
    if s.accounts[(taker << ROW) + A_QUEUE] != 0:
        return IN_LIQUIDATION
    p = find_position(s, a, market)
    if p < 0:
        return NOTHING_TO_REDUCE
    _, counted, need = health(s, a)
    if (counted >= need and s.accounts[(a << ROW) + A_QUEUE] == 0) or health_after(s, a, p, 0, 0) >= 0:
        return NOTHING_TO_REDUCE
    return 0 if open_position(s, taker, market) >= 0 else NO_ROOM


@seldom
def take_base(s: State, a: int, market: int, taker: int, most_lots: int, most_profit: int) -> int:
    """Take base of an account at mark and settle its profit, as far as initial health needs it. Returns the lots, or minus the reason.

    First profit is settled, which costs nothing but its fee; then base goes together with the profit that it frees; where no more
    may be settled, base alone. A profit is settled only where cash counts for more than it does.
    """
    if most_lots < 0 or most_profit < 0:
        return -BAD_VALUE
    reason = refused(s, a, market, taker)
    if reason != 0:
        return -reason
    m = market << MARKET
    rules = s.markets[m + M_RULES]
    p = find_position(s, a, market)
    size = s.positions[(p << ROW) + P_SIZE]
    held = size if size > 0 else -size
    theirs = s.positions[(find_position(s, taker, market) << ROW) + P_SIZE]
    room = s.markets[m + M_MAX_LOTS] - (theirs if size > 0 else -theirs)
    most = most_lots if most_lots < held else held
    most = most if most < room else (room if room > 0 else 0)
    limit = s.rules[rules + R_SETTLE_LIMIT]
    limit = most_profit if limit == 0 or most_profit < limit else limit
    if MILLION - s.rules[rules + R_PROFIT_FEE] <= s.rules[rules + R_PROFIT_WEIGHT]:
        limit = 0
    first = profit_after(s, p, 0)
    first = least_profit(s, a, p, 0, 0, first if first < limit else limit)
    lots = least_lots(s, a, p, first, limit, most)
    settled = least_profit(s, a, p, lots, first, settled_with(s, p, lots, first, limit))
    if lots > 0:
        move_base(s, market, a, p, taker, lots)
    if settled > 0:
        cash = ppm_floor(settled, MILLION - s.rules[rules + R_PROFIT_FEE])
        move_result(s, market, a, p, taker, settled, cash, OF_PROFIT)
    index_account(s, a)
    index_account(s, taker)
    return lots


@inner
def cash_to_spare(s: State, a: int, p: int, most: int) -> int:
    """Return the most cash, up to `most`, that an account may pay for its loss while it stays sound without this market's loss."""
    cost = s.positions[(p << ROW) + P_COST]
    loss = cost if cost > 0 else 0
    cash = s.accounts[(a << ROW) + A_BALANCE]
    low = 0
    high = most if most < loss else loss
    while low < high:
        middle = (low + high + 1) >> 1
        if initial_health(s, a, p, 0, cost - loss, cash - middle) >= 0:
            low = middle
        else:
            high = middle - 1
    return low


@inner
def loss_to_take(s: State, a: int, p: int) -> int:
    """Return the least part of a loss that has to be taken off an account for it to be sound, or all of it."""
    cost = s.positions[(p << ROW) + P_COST]
    cash = s.accounts[(a << ROW) + A_BALANCE]
    low = 0
    high = cost if cost > 0 else 0
    while low < high:
        middle = (low + high) >> 1
        if initial_health(s, a, p, 0, cost - middle, cash) >= 0:
            high = middle
        else:
            low = middle + 1
    return low


@inner
def insure(s: State, market: int, a: int, p: int, taker: int, loss: int) -> int:
    """Let the fund pay a liquidator, with his premium, for taking a loss over. Returns the part of the loss that was taken."""
    m = market << MARKET
    fund = s.markets[m + M_FUND]
    cash = s.accounts[(fund << ROW) + A_BALANCE] if fund >= 0 else 0
    if cash <= 0 or loss <= 0:
        return 0
    rate = MILLION + s.rules[s.markets[m + M_RULES] + R_BASE_FEE]
    taken = mul_div_floor(cash, MILLION, rate)
    taken = taken if taken < loss else loss
    pay = mul_div_ceil(taken, rate, MILLION) if taken == loss else cash
    pay = pay if pay < cash else cash
    move_result(s, market, a, p, taker, -taken, 0, INSURED)
    transfer(s, fund, taker, pay)
    emit(s, E_RESULT_MOVED, market, fund, taker, 0, -pay, INSURED, 0)
    s.stats[(market << STATS) + T_CASH_FUND] += pay
    s.stats[(market << STATS) + T_EQUITY] -= pay
    return taken


@inner
def share_loss(s: State, market: int, a: int, p: int, loss: int) -> int:
    """Realise a loss that nobody took and share it by the rule of the market. Returns what was shared."""
    m = market << MARKET
    touch(s, a)
    s.positions[(p << ROW) + P_COST] -= loss
    s.accounts[(a << ROW) + A_BALANCE] -= loss
    s.markets[m + M_SETTLEMENT] += loss
    emit(s, E_RESULT_MOVED, market, a, -1, -loss, -loss, SHARED, 0)
    left = socialise(s, market, a, LAYER_SOCIALISE, loss, 0)
    s.stats[(market << STATS) + T_EQUITY] -= loss
    if left > 0:
        s.stats[(market << STATS) + T_CARRIED] += left
        emit(s, E_CLAIM_UNCOVERED, market, a, 0, left, 0, 0, 0)
    return loss - left


@seldom
def take_loss(s: State, a: int, market: int, taker: int, most: int) -> int:
    """Take the loss of an account without base: against its cash, then paid by the fund, then shared. Returns it, or minus the reason.

    The liquidator's `most` bounds what he takes himself; a loss is shared only once the fund is used up.
    """
    if most < 0:
        return -BAD_VALUE
    reason = refused(s, a, market, taker)
    if reason != 0:
        return -reason
    m = market << MARKET
    rules = s.markets[m + M_RULES]
    p = find_position(s, a, market)
    if s.positions[(p << ROW) + P_SIZE] != 0 or s.positions[(p << ROW) + P_COST] <= 0:
        return -NOTHING_TO_REDUCE
    limit = s.rules[rules + R_SETTLE_LIMIT]
    settled = cash_to_spare(s, a, p, most if limit == 0 or most < limit else limit)
    if settled > 0:
        move_result(s, market, a, p, taker, -settled, -settled, OF_LOSS)
    due = loss_to_take(s, a, p)
    own = most - settled
    taken = insure(s, market, a, p, taker, due if due < own else own)
    due -= taken
    fund = s.markets[m + M_FUND]
    shared = 0
    if due > 0 and has_layer(s, rules, LAYER_SOCIALISE) and (fund < 0 or s.accounts[(fund << ROW) + A_BALANCE] <= 0):
        shared = share_loss(s, market, a, p, due)
    index_account(s, a)
    index_account(s, taker)
    return settled + taken + shared
