"""The order in which the layers behind a trader are asked: who takes a position over, and who pays what is missing in cash."""

from __future__ import annotations

from typing import TYPE_CHECKING

from shortfall.kernels._jit import inner
from shortfall.kernels.adl_trigger import loss_spare
from shortfall.kernels.events import emit
from shortfall.kernels.fund_caps import note_paid, payable
from shortfall.kernels.holders import holder_of, note_inventory, room_for, take_over
from shortfall.kernels.layout import (
    A_BALANCE,
    A_COLLATERAL,
    BATCH_DIRECT,
    BOUND_CASH,
    BOUND_EVENT,
    BOUND_NONE,
    BOUND_TIME,
    C_AMOUNT,
    C_KEY,
    C_NEXT,
    CAUSE_CLEARING,
    CAUSE_DEFICIT,
    CAUSE_SURPLUS,
    CLIP,
    COLLATERAL,
    E_CAPACITY_REFUSED,
    E_CLAIM_UNCOVERED,
    E_COLLATERAL_SOLD,
    E_DEFICIT_REALISED,
    E_FUND_PAID,
    E_FUND_RECEIVED,
    E_LAYER_SKIPPED,
    E_LIQUIDITY_ABSORBED,
    E_POSITION_TAKEN_OVER,
    FULL_CLIPS,
    H_CLIPS,
    H_FULL,
    H_NOW,
    H_SINCE,
    L_ACCOUNT,
    L_CAUSE,
    L_LOTS,
    L_MARKET,
    L_PRICE,
    L_REFERENCE,
    LAYER_ADL,
    LAYER_BACKSTOP,
    LAYER_BOOK,
    LAYER_END,
    LAYER_EQUITY,
    LAYER_FUND,
    LAYER_HAIRCUT,
    LAYER_LIQUIDITY,
    LAYER_POOL,
    LAYER_SOCIALISE,
    LAYERS,
    M_CLAIMED,
    M_CLEARING,
    M_FUND,
    M_LIQUIDITY,
    M_MARK,
    M_POOL,
    M_RULES,
    MARKET,
    MARKET_MASK,
    R_ADL_BATCH,
    R_ADL_TRIGGER,
    R_ADL_UNFILLED_US,
    R_LAYER,
    R_MAKER_FEE,
    R_TAKEOVER_PRICE,
    ROW,
    S_CONVERTER,
    S_HAIRCUT,
    STATS,
    T_CARRIED,
    T_CASH_BACKSTOP,
    T_CASH_EQUITY,
    T_CASH_FUND,
    T_CASH_POOL,
    T_FIRST_EXHAUSTED_TIME,
    T_FIRST_PAID_TIME,
    T_LIQUIDITY_PAID,
    T_REFUSED_CAPACITY,
    T_REFUSED_CASH,
    T_REFUSED_LOTS,
    T_SURPLUS,
    TAKEOVER_AT_MARK,
    TRIGGER_UNFILLED,
    U_POOL_GAIN,
    USE,
)
from shortfall.kernels.ledger import (
    book_trade,
    collateral_worth,
    find_position,
    note_flow,
    open_collateral,
    open_position,
    touch,
    transfer,
    value_at,
)
from shortfall.kernels.socialise import socialise
from shortfall.kernels.unit import seldom, unit
from shortfall.kernels.wide import mul_div_ceil, ppm_ceil

if TYPE_CHECKING:
    from shortfall.kernels.native import State

MILLION = 1_000_000
ALL_LAYERS, BEFORE_BOOK, AFTER_BOOK = range(3)


@inner
def named_before(s: State, m: int, k: int, holder: int) -> bool:
    """Say whether a holder stands behind an earlier layer that pays cash: one account is one capital."""
    rules = s.markets[m + M_RULES]
    for j in range(k):
        layer = s.rules[rules + R_LAYER + j]
        if layer in (LAYER_FUND, LAYER_POOL, LAYER_EQUITY) and holder_of(s, m, layer) == holder:
            return True
    return False


@inner
def cash_of_layers(s: State, market: int, reference: int) -> int:
    """Return the cash that fund and pool could pay now for a liquidation, each counted once, the fund within its caps."""
    m = market << MARKET
    rules = s.markets[m + M_RULES]
    cash = 0
    for k in range(LAYERS):
        layer = s.rules[rules + R_LAYER + k]
        if layer == LAYER_END:
            break
        if layer in (LAYER_BACKSTOP, LAYER_ADL, LAYER_SOCIALISE, LAYER_HAIRCUT, LAYER_LIQUIDITY, LAYER_BOOK):
            continue
        holder = holder_of(s, m, layer)
        own = s.accounts[(holder << ROW) + A_BALANCE] if holder >= 0 and not named_before(s, m, k, holder) else 0
        if own > 0:
            spare = loss_spare(s, market, holder)
            own = spare if spare < own else own
            own = payable(s, market, own, reference) if layer == LAYER_FUND else own
            cash += own if own > 0 else 0
    return cash


@inner
def rebate_of(s: State, market: int, amount: int) -> int:
    """Return what makers are paid for fills of an unsigned amount, out of cash that is a layer of the waterfall too; never negative.

    It leaves before the layers are asked, so a gate that counts their cash leaves it out. Several fills get no more than their sum.
    """
    rules = s.markets[(market << MARKET) + M_RULES]
    rate = s.rules[rules + R_MAKER_FEE]
    if rate < 0:
        for k in range(LAYERS):
            if s.rules[rules + R_LAYER + k] == LAYER_EQUITY:
                return -ppm_ceil(amount, rate)
    return 0


@inner
def refuse(s: State, market: int, a: int, reference: int, layer: int, bound: int, lots: int) -> None:
    """State that a layer did not take lots, and which rule bound it."""
    t = market << STATS
    emit(s, E_CAPACITY_REFUSED, market, a, reference, lots, bound, layer, holder_of(s, market << MARKET, layer))
    s.stats[t + T_REFUSED_LOTS] += lots
    if bound == BOUND_CASH:
        s.stats[t + T_REFUSED_CASH] += lots
    else:
        s.stats[t + T_REFUSED_CAPACITY] += lots
    if s.stats[t + T_FIRST_EXHAUSTED_TIME] == 0:
        s.stats[t + T_FIRST_EXHAUSTED_TIME] = s.header[H_NOW]


@inner
def add_clip(s: State, market: int, a: int, p: int, lots: int, price: int, reference: int, cause: int) -> int:
    """Move signed lots to the market's clearing account at a price, to be deleveraged in this instant. Returns 1, or 0 without room."""
    m = market << MARKET
    n = s.header[H_CLIPS]
    if (n + 1) << CLIP > len(s.clips):
        s.header[H_FULL] |= FULL_CLIPS
        return 0
    clearing = s.markets[m + M_CLEARING]
    heir = open_position(s, clearing, market)
    if heir < 0:
        return 0
    amount = value_at(s, m, lots, price)
    book_trade(s, a, market, p, -lots, -amount)
    book_trade(s, clearing, market, heir, lots, amount)
    emit(s, E_POSITION_TAKEN_OVER, market, a, reference, lots, price, clearing, amount)
    c = n << CLIP
    s.clips[c + L_LOTS] = lots
    s.clips[c + L_PRICE] = price
    s.clips[c + L_ACCOUNT] = a
    s.clips[c + L_REFERENCE] = reference
    s.clips[c + L_MARKET] = market
    s.clips[c + L_CAUSE] = cause
    s.header[H_CLIPS] = n + 1
    return 1


@unit
def place_rest(s: State, market: int, a: int, p: int, lots: int, price: int, reference: int, part: int) -> int:
    """Offer signed lots to the layers in their order. Returns the lots nobody took, unsigned.

    Where the book is itself a layer, `part` says which side of it is asked: BEFORE_BOOK or AFTER_BOOK; ALL_LAYERS elsewhere.
    """
    m = market << MARKET
    rules = s.markets[m + M_RULES]
    left = lots if lots > 0 else -lots
    sign = 1 if lots > 0 else -1
    cause = BOUND_NONE
    late = s.rules[rules + R_ADL_TRIGGER] == TRIGGER_UNFILLED
    asked = part != AFTER_BOOK
    held_at = s.markets[m + M_MARK] if s.rules[rules + R_TAKEOVER_PRICE] == TAKEOVER_AT_MARK else price
    for k in range(LAYERS):
        layer = s.rules[rules + R_LAYER + k]
        if layer == LAYER_END or left == 0:
            break
        if layer == LAYER_BOOK:
            if part == BEFORE_BOOK:
                break
            asked = True
            continue
        if not asked or layer == LAYER_EQUITY:
            continue
        if layer == LAYER_ADL and late and s.header[H_NOW] - s.header[H_SINCE] < s.rules[rules + R_ADL_UNFILLED_US]:
            refuse(s, market, a, reference, layer, BOUND_TIME, left)
            continue
        if layer == LAYER_ADL and s.rules[rules + R_ADL_BATCH] == BATCH_DIRECT:
            return left
        if layer == LAYER_ADL:
            return left - left * add_clip(s, market, a, p, sign * left, price, reference, cause)
        if layer in (LAYER_SOCIALISE, LAYER_HAIRCUT):
            return left - left * add_clip(s, market, a, p, sign * left, s.markets[m + M_MARK], reference, cause)
        if layer == LAYER_LIQUIDITY:
            continue
        room, bound = room_for(s, market, layer, sign * left, held_at)
        if room > 0:
            left -= room * take_over(s, market, a, p, sign * room, held_at, holder_of(s, m, layer), layer, reference)
        if left > 0:
            refuse(s, market, a, reference, layer, bound, left)
            cause = bound
    return left


@inner
def pay_from(s: State, market: int, layer: int, debtor: int, owed: int, reference: int) -> int:
    """Let a layer's cash pay what it can. Returns the payment."""
    m = market << MARKET
    t = market << STATS
    holder = holder_of(s, m, layer)
    cash = s.accounts[(holder << ROW) + A_BALANCE] if holder >= 0 else 0
    most = payable(s, market, cash, reference) if layer == LAYER_FUND else cash
    pay = owed if owed < most else most
    if pay < owed and most < cash:
        emit(s, E_LAYER_SKIPPED, market, debtor, reference, layer, BOUND_EVENT, owed - pay, holder)
        if pay <= 0:
            return 0
    if pay <= 0:
        emit(s, E_LAYER_SKIPPED, market, debtor, reference, layer, BOUND_CASH, owed, holder)
        return 0
    transfer(s, holder, debtor, pay)
    if layer == LAYER_FUND:
        note_paid(s, market, pay)
    emit(s, E_FUND_PAID, market, holder, reference, pay, CAUSE_DEFICIT, debtor, cash - pay)
    column = T_CASH_FUND if layer == LAYER_FUND else T_CASH_POOL
    column = T_CASH_EQUITY if layer == LAYER_EQUITY else column
    note_flow(s, m, holder, -pay)
    s.stats[t + (T_CASH_BACKSTOP if layer == LAYER_BACKSTOP else column)] += pay
    if s.stats[t + T_FIRST_PAID_TIME] == 0:
        s.stats[t + T_FIRST_PAID_TIME] = s.header[H_NOW]
    if pay < owed and s.stats[t + T_FIRST_EXHAUSTED_TIME] == 0:
        s.stats[t + T_FIRST_EXHAUSTED_TIME] = s.header[H_NOW]
    note_inventory(s, market, holder)
    return pay


@inner
def absorb(s: State, market: int, debtor: int, owed: int, reference: int) -> int:
    """Let the liquidity pool go without what an account cannot pay: at most what it gained from this liquidation.

    The close has booked the whole loss of the account as the pool's gain; giving back the part that is not there is what the
    providers lose. What the account owes for other reasons (funding, fees) is not the pool's. Returns what it gave back.
    """
    m = market << MARKET
    pool = s.markets[m + M_LIQUIDITY]
    p = find_position(s, debtor, market)
    gain = s.uses[(p << USE) + U_POOL_GAIN] if pool >= 0 and p >= 0 else 0
    cash = s.accounts[(pool << ROW) + A_BALANCE] if pool >= 0 else 0
    pay = gain if gain < cash else cash
    pay = pay if pay < owed else owed
    if pay <= 0:
        emit(s, E_LAYER_SKIPPED, market, debtor, reference, LAYER_LIQUIDITY, BOUND_NONE, owed, pool)
        return 0
    transfer(s, pool, debtor, pay)
    s.uses[(p << USE) + U_POOL_GAIN] = gain - pay
    emit(s, E_LIQUIDITY_ABSORBED, market, pool, reference, pay, gain, debtor, cash - pay)
    s.stats[(market << STATS) + T_LIQUIDITY_PAID] += pay
    if s.stats[(market << STATS) + T_FIRST_PAID_TIME] == 0:
        s.stats[(market << STATS) + T_FIRST_PAID_TIME] = s.header[H_NOW]
    return pay


@unit
def settle_cash(s: State, market: int, debtor: int, reference: int) -> int:
    """Ask the layers, in order, for the cash that a flat account is short. Returns what stays uncovered."""
    m = market << MARKET
    rules = s.markets[m + M_RULES]
    owed = -s.accounts[(debtor << ROW) + A_BALANCE]
    if debtor == s.markets[m + M_CLEARING]:
        owed -= s.markets[m + M_CLAIMED]
    if owed <= 0:
        return 0
    emit(s, E_DEFICIT_REALISED, market, debtor, reference, owed, s.markets[m + M_MARK], 0, 0)
    for k in range(LAYERS):
        layer = s.rules[rules + R_LAYER + k]
        if layer == LAYER_END or owed == 0:
            break
        if layer in (LAYER_SOCIALISE, LAYER_HAIRCUT):
            owed = socialise(s, market, debtor, layer, owed, reference)
        elif layer == LAYER_LIQUIDITY:
            owed -= absorb(s, market, debtor, owed, reference)
        elif layer in (LAYER_ADL, LAYER_BACKSTOP, LAYER_BOOK):
            emit(s, E_LAYER_SKIPPED, market, debtor, reference, layer, BOUND_NONE, owed, 0)
        else:
            owed -= pay_from(s, market, layer, debtor, owed, reference)
    if owed > 0:
        s.stats[(market << STATS) + T_CARRIED] += owed
        emit(s, E_CLAIM_UNCOVERED, market, debtor, reference, owed, 0, 0, 0)
    return owed


@inner
def give_surplus(s: State, market: int, a: int, amount: int, reference: int, cause: int) -> None:
    """Move a surplus to the market's fund, or its pool where it has no fund; without either it stays where it is."""
    m = market << MARKET
    fund = s.markets[m + M_FUND] if s.markets[m + M_FUND] >= 0 else s.markets[m + M_POOL]
    if fund < 0 or amount <= 0:
        return
    transfer(s, a, fund, amount)
    note_flow(s, m, fund, amount)
    emit(s, E_FUND_RECEIVED, market, fund, reference, amount, cause, a, s.accounts[(fund << ROW) + A_BALANCE])
    if cause in (CAUSE_SURPLUS, CAUSE_CLEARING):
        s.stats[(market << STATS) + T_SURPLUS] += amount
        s.stats[(market << STATS) + T_CASH_FUND] -= amount


@seldom
def sell_collateral(s: State, market: int, a: int, reference: int) -> int:
    """Sell collateral in other assets to the converter, in the order it is listed, until the balance is not negative.

    The buyer pays the haircut price, rounded down; the amount sold rounds up. Returns the settlement units received.
    """
    got = 0
    c = s.accounts[(a << ROW) + A_COLLATERAL]
    while c >= 0 and s.accounts[(a << ROW) + A_BALANCE] < 0:
        r = c << COLLATERAL
        held = s.collaterals[r + C_AMOUNT]
        asset = s.collaterals[r + C_KEY] & MARKET_MASK
        worth = collateral_worth(s, asset, held, 1) if held > 0 else 0
        if worth > 0:
            owed = -s.accounts[(a << ROW) + A_BALANCE]
            lots = held
            money = worth
            if owed < worth:
                lots = mul_div_ceil(held, owed, worth)
                lots = held if lots > held else lots
                money = collateral_worth(s, asset, lots, 1)
            buyer = s.assets[(asset << ROW) + S_CONVERTER]
            into = open_collateral(s, buyer, asset)
            if into < 0:
                return got
            touch(s, a)
            s.collaterals[r + C_AMOUNT] -= lots
            s.collaterals[(into << COLLATERAL) + C_AMOUNT] += lots
            transfer(s, buyer, a, money)
            emit(s, E_COLLATERAL_SOLD, market, a, reference, lots, asset, money, s.assets[(asset << ROW) + S_HAIRCUT])
            got += money
        c = s.collaterals[r + C_NEXT]
    return got
