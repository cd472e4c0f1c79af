"""Close an account below maintenance: how much, at what limit, what is left for whom, and the two books of account."""

from __future__ import annotations

from typing import TYPE_CHECKING

from shortfall.kernels._jit import inner
from shortfall.kernels.adl_trigger import has_layer
from shortfall.kernels.amount import lots_to_close, waits_after_clip
from shortfall.kernels.bands import banded, held_by_band, rest_in_band
from shortfall.kernels.book import best_price, level_at, next_worse, within
from shortfall.kernels.caps import is_counted, lots_in_block, may_try, note_try, note_use, note_waiting
from shortfall.kernels.events import emit
from shortfall.kernels.fills import walk_fills
from shortfall.kernels.fund_caps import note_event
from shortfall.kernels.layout import (
    A_BALANCE,
    A_COLLATERAL,
    A_COUNT,
    A_POSITION,
    A_QUEUE,
    AMOUNT_EQUAL_SHARE,
    BAND_RESTS,
    CANCEL_ALL,
    CANCEL_NONE,
    CAUSE_LIQUIDATION_FEE,
    CAUSE_SURPLUS,
    CLOSE_FILLABLE,
    CLOSE_HANDOVER,
    CLOSE_MARKET,
    CLOSE_TAPE,
    CROSS_LOSS,
    CROSS_MARKET,
    CROSS_NOTIONAL,
    E_CLIP_CLOSED,
    E_CLOSE_LIMITED,
    E_FILL_IMPOSED,
    E_FUND_RECEIVED,
    E_LIQUIDATION_ENDED,
    E_LIQUIDATION_WITHDRAWN,
    H_FREED,
    H_LIMIT,
    H_MATCH_AMOUNT,
    H_SETTLED,
    HALT_ALL,
    INF,
    LAYER_ADL,
    M_ASSET,
    M_FUND,
    M_HALTED,
    M_LAST,
    M_MARK,
    M_MAX_PRICE,
    M_POOL,
    M_RULES,
    M_TAPE,
    MARKET,
    MARKET_MASK,
    P_COST,
    P_KEY,
    P_NEXT,
    P_SIZE,
    R_AMOUNT,
    R_BAND_BINDS,
    R_BAND_LIQUIDATION,
    R_CANCEL,
    R_CLOSE,
    R_CROSS_ORDER,
    R_FILL_SETTLEMENT,
    R_LIQUIDATION_TAKER_FEE,
    R_ONCE,
    R_REST,
    R_SURPLUS,
    R_TAKEOVER_BELOW,
    REST_PLACED,
    ROW,
    S_OUTSIDE,
    SETTLE_EACH_FILL,
    STATS,
    SURPLUS_FUND,
    T_ABOVE_LOTS,
    T_BELOW_LOTS,
    T_BOOK_LOTS,
    T_BOOK_NOTIONAL,
    T_CASH_FUND,
    T_FEES,
    T_LIQUIDATIONS,
    T_PARTIAL,
    T_WITHDRAWN,
)
from shortfall.kernels.ledger import book_trade, note_flow, notional_at, open_position, realise_flat, transfer, value_at
from shortfall.kernels.liquidator import buffer_of, fund_rate, is_called, is_taken_at_mark, reward_caller, take_at_mark
from shortfall.kernels.margin import bankruptcy_price, equity_of, fillable_price, health, position_need, share_of_equity
from shortfall.kernels.matching import FORCED, charge_fee, match
from shortfall.kernels.offering import before_book, book_place, offer_rest
from shortfall.kernels.orders import cancel_all
from shortfall.kernels.pool import close_with_pool, collect_in_kind, trades_with_pool
from shortfall.kernels.prices import may_liquidate
from shortfall.kernels.triggers import index_account
from shortfall.kernels.unit import unit
from shortfall.kernels.value_book import kept_of, note_value
from shortfall.kernels.waterfall import (
    AFTER_BOOK,
    cash_of_layers,
    give_surplus,
    rebate_of,
    sell_collateral,
    settle_cash,
)
from shortfall.kernels.wide import mul_div_floor, ppm_ceil, ppm_floor

if TYPE_CHECKING:
    from shortfall.kernels.native import State

MAX_ROUNDS = 64
DONE, RETRY = range(2)
ONE_LEVEL, IN_BOOK, BACKSTOPPED = range(3)


@inner
def close_limit(s: State, market: int, a: int, p: int, bankrupt: int) -> int:
    """Return the limit of the closing order: bankruptcy price, fillable price, or none for a market order; within the band."""
    m = market << MARKET
    rules = s.markets[m + M_RULES]
    size = s.positions[(p << ROW) + P_SIZE]
    limit = bankrupt
    if s.rules[rules + R_CLOSE] == CLOSE_MARKET:
        limit = 1 if size > 0 else s.markets[m + M_MAX_PRICE] - 1
    elif s.rules[rules + R_CLOSE] == CLOSE_FILLABLE:
        equity, _, need = health(s, a)
        limit = fillable_price(s, market, p, equity, need)
    return banded(s, m, size, limit, s.rules[rules + R_BAND_LIQUIDATION])


@inner
def lots_borne(s: State, market: int, size: int, lots: int, bankrupt: int, limit: int) -> tuple[int, int]:
    """Return (lots, limit) that a market order may fill so that its loss below bankruptcy stays within the layers' cash.

    Only where deleveraging stands behind the cash: without it the order walks as far as it can.
    """
    m = market << MARKET
    if s.rules[s.markets[m + M_RULES] + R_CLOSE] != CLOSE_MARKET or not has_layer(s, s.markets[m + M_RULES], LAYER_ADL):
        return lots, limit
    side = 0 if size > 0 else 1  # the side of the book that is taken
    sign = 1 if size > 0 else -1
    cash = cash_of_layers(s, market, 0)
    price = best_price(s, m, side)
    count = 0
    last = limit
    while count < lots and within(side, price, limit):
        here = s.levels[level_at(s, m, price) + 2]
        take = here if here < lots - count else lots - count
        loss = value_at(s, m, sign * take, bankrupt) - value_at(s, m, sign * take, price)
        spent = (loss if loss > 0 else 0) + rebate_of(s, market, notional_at(s, m, take, price))
        if spent > cash:
            return count + mul_div_floor(take, cash, spent), price
        cash -= spent
        count += take
        last = price
        price = next_worse(s, m, side, price)
    return count, last


@inner
def tape_fill(s: State, market: int, a: int, p: int, lots: int) -> int:
    """Fill a forced order at the recorded price against the outside world: the engine only accounts. Returns what is left: 0."""
    m = market << MARKET
    size = s.positions[(p << ROW) + P_SIZE]
    price = s.markets[m + M_TAPE] if s.markets[m + M_TAPE] > 0 else s.markets[m + M_MARK]
    outside = s.assets[(s.markets[m + M_ASSET] << ROW) + S_OUTSIDE]
    other = open_position(s, outside, market)
    if other < 0:
        return lots
    signed = -lots if size > 0 else lots
    amount = value_at(s, m, signed, price)
    book_trade(s, a, market, p, signed, amount)
    book_trade(s, outside, market, other, -signed, -amount)
    emit(s, E_FILL_IMPOSED, market, a, outside, signed, price, amount, 0)
    s.header[H_MATCH_AMOUNT] = amount if amount > 0 else -amount
    s.markets[m + M_LAST] = price
    return 0


@inner
def note_fills(s: State, market: int, size: int, done: int, amount: int, bankrupt: int) -> None:
    """Count what a clip sold in the book, and whether on average above or below bankruptcy (as seen by the account)."""
    m = market << MARKET
    t = market << STATS
    s.stats[t + T_BOOK_LOTS] += done
    s.stats[t + T_BOOK_NOTIONAL] += amount
    signed = done if size > 0 else -done
    at_bankruptcy = value_at(s, m, signed, bankrupt)
    received = amount if at_bankruptcy >= 0 else -amount
    column = T_ABOVE_LOTS if received >= at_bankruptcy else T_BELOW_LOTS
    s.stats[t + column] += done


@inner
def loss_of_fills(s: State, m: int, rest: int, equity: int, bankrupt: int) -> int:
    """Return what the account will be short once its rest has left at the bankruptcy price: cash that is spoken for already."""
    short = value_at(s, m, rest, s.markets[m + M_MARK]) - value_at(s, m, rest, bankrupt) - equity
    return short if short > 0 else 0


@inner
def junior_fee(
    s: State, market: int, a: int, rest: int, amount: int, equity: int, bankrupt: int, rate: int, reference: int
) -> int:
    """Charge the liquidation fee at a rate on what was sold, never more than the equity left beside the rest. Returns the fee.

    `rest` is the signed size still open; at its bankruptcy price it needs its own share of the equity.
    """
    m = market << MARKET
    fund = s.markets[m + M_FUND] if s.markets[m + M_FUND] >= 0 else s.markets[m + M_POOL]
    if rate <= 0 or amount <= 0 or fund < 0:
        return 0
    spare = equity + value_at(s, m, rest, bankrupt) - value_at(s, m, rest, s.markets[m + M_MARK])
    fee = ppm_floor(amount, rate)
    fee = fee if fee < spare else spare
    if fee <= 0:
        return 0
    transfer(s, a, fund, fee)
    note_flow(s, m, fund, fee)
    emit(
        s,
        E_FUND_RECEIVED,
        market,
        fund,
        reference,
        fee,
        CAUSE_LIQUIDATION_FEE,
        a,
        s.accounts[(fund << ROW) + A_BALANCE],
    )
    s.stats[(market << STATS) + T_FEES] += fee
    s.stats[(market << STATS) + T_CASH_FUND] -= fee
    return fee


@inner
def finish_flat(s: State, market: int, a: int, reference: int) -> None:
    """Settle an account without positions: collateral first, then the layers; what is over goes where the rule says."""
    if s.accounts[(a << ROW) + A_COLLATERAL] >= 0 and trades_with_pool(s, market):
        collect_in_kind(s, market, a)
    if s.accounts[(a << ROW) + A_BALANCE] < 0 and s.accounts[(a << ROW) + A_COLLATERAL] >= 0:
        sell_collateral(s, market, a, reference)
    balance = s.accounts[(a << ROW) + A_BALANCE]
    rules = s.markets[(market << MARKET) + M_RULES]
    if balance < 0:
        settle_cash(s, market, a, reference)
    elif balance > 0 and s.rules[rules + R_SURPLUS] == SURPLUS_FUND:
        give_surplus(s, market, a, balance, reference, CAUSE_SURPLUS)


@inner
def settles_fills(s: State, market: int, second: int) -> bool:
    """Say whether a clip is an order in the book whose fills are settled one by one."""
    rules = s.markets[(market << MARKET) + M_RULES]
    if s.rules[rules + R_FILL_SETTLEMENT] != SETTLE_EACH_FILL or second == BACKSTOPPED:
        return False
    elsewhere = s.rules[rules + R_CLOSE] in (CLOSE_TAPE, CLOSE_HANDOVER) or is_taken_at_mark(s, rules)
    return not elsewhere and not trades_with_pool(s, market)


@inner
def work_book(
    s: State, market: int, a: int, p: int, lots: int, bankrupt: int, second: int, taker: int, reference: int
) -> int:
    """Send the closing order for a clip, or what stands for one by rule. Returns the lots left; the amount is left in the header."""
    rules = s.markets[(market << MARKET) + M_RULES]
    size = s.positions[(p << ROW) + P_SIZE]
    s.header[H_SETTLED] = 0
    s.header[H_LIMIT] = 0
    if trades_with_pool(s, market):
        return close_with_pool(s, market, a, p, lots)
    if (
        lots == 0 or second == BACKSTOPPED or s.rules[rules + R_CLOSE] == CLOSE_HANDOVER
    ):  # too late for the book, or never meant for it
        return lots
    if is_taken_at_mark(s, rules):
        return take_at_mark(s, market, a, p, lots, taker, reference)
    if s.rules[rules + R_CLOSE] == CLOSE_TAPE:
        return tape_fill(s, market, a, p, lots)
    limit = close_limit(s, market, a, p, bankrupt)
    s.header[H_LIMIT] = limit
    if s.rules[rules + R_CLOSE] == CLOSE_FILLABLE:
        emit(s, E_CLOSE_LIMITED, market, a, reference, lots if size > 0 else -lots, limit, bankrupt, 0)
    if settles_fills(s, market, second):
        return walk_fills(s, market, a, p, lots, limit, reference)
    counted = is_counted(s, rules)
    if counted:
        note_try(s, p)
    bearable, limit = lots_borne(s, market, size, lots, bankrupt, limit)
    if bearable <= 0:
        return lots
    done = bearable - match(s, a, market, 1 if size > 0 else 0, bearable, limit, FORCED, 0)
    if counted:
        note_use(s, p, done, 0)
    return lots - done


@inner
def second_level(s: State, rules: int, counted: int, need: int) -> int:
    """Say where a close goes by its level: book, then layers (one level); book alone above the second level; layers alone below it."""
    share = s.rules[rules + R_TAKEOVER_BELOW]
    if share <= 0:
        return ONE_LEVEL
    return BACKSTOPPED if counted < ppm_ceil(need, share) else IN_BOOK


@unit
def close_clip(s: State, a: int, p: int, reference: int, taker: int, most: int) -> int:
    """Close one clip of a position, for a liquidator (-1: whoever comes) no more than `most`. Returns the lots that nobody took."""
    r = p << ROW
    market = s.positions[r + P_KEY] & MARKET_MASK
    m = market << MARKET
    rules = s.markets[m + M_RULES]
    size = s.positions[r + P_SIZE]
    before, counted, need = health(s, a)
    second = second_level(s, rules, counted, need)
    shortage = need + buffer_of(s, a) - counted
    lots = size if size > 0 else -size
    if second != BACKSTOPPED:
        lots = lots_in_block(s, a, p, lots_to_close(s, p, shortage), reference)
    lots = lots if lots < most else most
    if lots == 0:
        return 1
    fee_rate = fund_rate(s, p, notional_at(s, m, size, s.markets[m + M_MARK]), shortage)
    if lots < (size if size > 0 else -size):
        s.stats[(market << STATS) + T_PARTIAL] += 1
    beside = share_of_equity(s, p, before, need)
    bankrupt = bankruptcy_price(s, market, size, beside)
    with_pool = trades_with_pool(s, market)
    part = book_place(s, market)
    lots = before_book(s, market, a, p, lots, bankrupt, reference) if part == AFTER_BOOK else lots
    moved = equity_of(s, a) - before if part == AFTER_BOOK else 0  # by layers: the value book counts fills only
    if s.rules[rules + R_CLOSE] == CLOSE_HANDOVER and second != BACKSTOPPED and not with_pool:
        bankrupt = s.markets[m + M_MARK]
    left = work_book(s, market, a, p, lots, bankrupt, second, taker, reference)
    settled = s.header[H_SETTLED]
    edge = s.header[H_LIMIT]
    done = lots - left
    amount = s.header[H_MATCH_AMOUNT] if done > 0 else 0
    if done > 0 and not is_taken_at_mark(s, rules):
        if not with_pool:
            note_fills(s, market, size, done, amount, bankrupt)
        if s.rules[rules + R_LIQUIDATION_TAKER_FEE] != 0:
            cost = ppm_ceil(amount, s.rules[rules + R_LIQUIDATION_TAKER_FEE])
            charge_fee(s, market, a, cost, reference)
            reward_caller(s, market, taker, cost, reference)
    equity, counted, need = health(s, a)
    rest = s.positions[r + P_SIZE]
    fee = 0
    if not settles_fills(s, market, second):
        fee = junior_fee(s, market, a, rest, amount, equity, bankrupt, fee_rate, reference)
    unplaced = left if counted - fee < need else 0
    if unplaced > 0 and (second == IN_BOOK or held_by_band(s, m, size, edge)):
        rest_in_band(s, market, a, p, left, edge)
    elif unplaced > 0 and (s.rules[rules + R_REST] == REST_PLACED or (done == 0 and equity < 0)):
        reserved = loss_of_fills(s, m, rest, equity - fee, bankrupt)
        unplaced = offer_rest(s, market, a, p, left, bankrupt, reserved, part, reference)
    _, counted, need = health(s, a)
    freed = shortage - (need + buffer_of(s, a) - counted)
    s.header[H_FREED] += freed if freed > 0 else 0
    note_event(s, m, size - s.positions[r + P_SIZE], reference)
    if s.accounts[(a << ROW) + A_COUNT] == 0:
        finish_flat(s, market, a, reference)
    after = s.positions[r + P_SIZE]
    gone = (size - after) if size > 0 else (after - size)
    retained = kept_of(s, a)
    equity -= settled + moved  # the value book's equity is that of the account's own fills, before anybody settled them
    note_value(s, market, equity, retained, gone)
    emit(s, E_CLIP_CLOSED, market, a, reference, done if size > 0 else -done, bankrupt, equity, retained)
    return unplaced


@inner
def worth_closing_first(s: State, p: int) -> int:
    """Return the key of a position in the order in which a cross account's positions are closed: higher first."""
    r = p << ROW
    m = (s.positions[r + P_KEY] & MARKET_MASK) << MARKET
    rules = s.markets[m + M_RULES]
    value = value_at(s, m, s.positions[r + P_SIZE], s.markets[m + M_MARK])
    notional = value if value > 0 else -value
    code = s.rules[rules + R_CROSS_ORDER]
    if code == CROSS_MARKET:
        return -(s.positions[r + P_KEY] & MARKET_MASK)
    if code == CROSS_NOTIONAL:
        return notional
    if code == CROSS_LOSS:
        return s.positions[r + P_COST] - value
    return position_need(s, rules, p << ROW, notional)


@inner
def may_close(s: State, p: int) -> bool:
    """Say whether there is something to close in a market with a valid price and no halt."""
    market = s.positions[(p << ROW) + P_KEY] & MARKET_MASK
    if s.positions[(p << ROW) + P_SIZE] == 0 or s.markets[(market << MARKET) + M_HALTED] == HALT_ALL:
        return False
    return may_liquidate(s, market)


@inner
def next_position(s: State, a: int) -> int:
    """Return the position to close first: highest key, then lowest market; -1 when no market with a valid price and no halt has one."""
    best = -1
    best_key = 0
    p = s.accounts[(a << ROW) + A_POSITION]
    while p >= 0:
        market = s.positions[(p << ROW) + P_KEY] & MARKET_MASK
        if may_close(s, p) and may_try(s, p):
            key = worth_closing_first(s, p)
            if (
                best < 0
                or key > best_key
                or (key == best_key and market < s.positions[(best << ROW) + P_KEY] & MARKET_MASK)
            ):
                best = p
                best_key = key
        p = s.positions[(p << ROW) + P_NEXT]
    return best


@inner
def end_or_wait(s: State, a: int, market: int, reference: int, again: int) -> int:
    """End a liquidation whose account is above maintenance and buffer, or has nothing left to close. Returns DONE or RETRY."""
    equity, counted, need = health(s, a)
    buffer = buffer_of(s, a)
    if again == DONE and counted < need + buffer and s.accounts[(a << ROW) + A_COUNT] > 0:
        again = RETRY
    if again == DONE or counted >= need + buffer:
        again = DONE
        emit(s, E_LIQUIDATION_ENDED, market, a, reference, equity, need, s.accounts[(a << ROW) + A_COUNT], 0)
    index_account(s, a)
    return again


@inner
def close_each(s: State, a: int, reference: int) -> int:
    """Close one clip of every position that may be closed now, in the order of the account's list. Returns RETRY while it holds any."""
    p = s.accounts[(a << ROW) + A_POSITION]
    while p >= 0:
        if may_close(s, p) and may_try(s, p):
            close_clip(s, a, p, reference, -1, INF)
        p = s.positions[(p << ROW) + P_NEXT]
    return RETRY if s.accounts[(a << ROW) + A_COUNT] > 0 else DONE


@unit
def liquidate(s: State, a: int, market: int) -> int:
    """Work on an account that was triggered in a market. Returns DONE, or RETRY when it must be looked at again later."""
    rules = s.markets[(market << MARKET) + M_RULES]
    reference = s.accounts[(a << ROW) + A_QUEUE]
    realise_flat(s, a)
    if s.rules[rules + R_BAND_BINDS] == BAND_RESTS:  # what rests from the last look
        cancel_all(s, a, -1)
    equity, counted, need = health(s, a)
    if counted >= need + (buffer_of(s, a) if s.header[H_FREED] > 0 else 0):
        s.stats[(market << STATS) + T_WITHDRAWN] += 1
        emit(s, E_LIQUIDATION_WITHDRAWN, market, a, reference, equity, need, 0, 0)
        return DONE
    if is_called(s, rules) and s.accounts[(a << ROW) + A_COUNT] > 0:
        return RETRY
    s.stats[(market << STATS) + T_LIQUIDATIONS] += 1
    if s.rules[rules + R_CANCEL] != CANCEL_NONE:
        cancel_all(s, a, -1 if s.rules[rules + R_CANCEL] == CANCEL_ALL else market)
    again = DONE
    if (
        s.accounts[(a << ROW) + A_COUNT] == 0
    ):  # a trade left it flat and in debt: there is nothing to close, only to settle
        finish_flat(s, market, a, reference)
        note_value(s, market, equity, kept_of(s, a), 0)
    shared = s.rules[rules + R_AMOUNT] == AMOUNT_EQUAL_SHARE
    if shared:
        again = close_each(s, a, reference)
    for n in range(0 if shared else MAX_ROUNDS):
        p = next_position(s, a)
        if p < 0:
            if n == 0:
                note_waiting(s, a, reference)
            break
        own = s.markets[((s.positions[(p << ROW) + P_KEY] & MARKET_MASK) << MARKET) + M_RULES]
        unplaced = close_clip(s, a, p, reference, -1, INF)
        _, counted, need = health(s, a)
        if unplaced == 0 and counted >= need + buffer_of(s, a):
            break
        if unplaced > 0 or waits_after_clip(s, own):
            again = RETRY
            if s.rules[own + R_ONCE] == 0:
                break
    return end_or_wait(s, a, market, reference, again)
