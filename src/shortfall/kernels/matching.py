"""Match an order against the book, and place, cancel and check orders of accounts."""

from __future__ import annotations

from typing import TYPE_CHECKING

from shortfall.kernels._jit import inner
from shortfall.kernels.book import (
    best_price,
    book_add,
    level_at,
    level_done,
    next_worse,
    within,
)
from shortfall.kernels.enqueue import after_trade
from shortfall.kernels.events import emit
from shortfall.kernels.layout import (
    A_ORDER,
    A_QUEUE,
    AROUND_INDEX,
    BAD_VALUE,
    DUPLICATE_ID,
    E_FEE_CHARGED,
    E_ORDER_ACCEPTED,
    E_ORDER_CANCELLED,
    E_ORDER_FILLED,
    E_TAKER_FILLED,
    FOK,
    FULL_ORDERS,
    H_FULL,
    H_MATCH_AMOUNT,
    H_ORDER_MASK,
    H_ORDERS,
    HALT_ALL,
    HALT_REDUCE_ONLY,
    HALTED,
    IN_LIQUIDATION,
    IOC,
    M_ASK,
    M_ASSET,
    M_BID,
    M_HALTED,
    M_INDEX,
    M_INVERSE,
    M_LAST,
    M_MARK,
    M_MAX_LOTS,
    M_MAX_OPEN_INTEREST,
    M_MAX_PRICE,
    M_OPEN_INTEREST,
    M_RULES,
    MAKER,
    MARKET,
    MARKET_ORDER,
    N_ACCOUNT,
    N_ACCOUNT_NEXT,
    N_ACCOUNT_PREVIOUS,
    N_ID,
    N_KEY,
    N_LOTS,
    N_NEXT,
    N_PREVIOUS,
    N_PRICE,
    N_REDUCE,
    NO_MARGIN,
    NO_PRICE,
    NO_ROOM,
    NOT_FILLABLE,
    NOTHING_TO_REDUCE,
    OUTSIDE_BAND,
    OVER_OPEN_INTEREST,
    OVER_POSITION_LIMIT,
    P_BUY,
    P_SELL,
    P_SIZE,
    POST_ONLY,
    R_BAND_AROUND,
    R_BAND_MAKER,
    R_BAND_USER,
    R_MAKER_FEE,
    R_OBSERVED,
    R_SELF_TRADE,
    R_TAKER_FEE,
    REDUCE_ONLY,
    ROW,
    S_FEES,
    SELF_TRADE_CANCEL_TAKER,
    SELL,
    STATS,
    T_EXTRAPOLATED_LOTS,
    T_EXTRAPOLATED_NOTIONAL,
    T_FILLS,
    WOULD_TAKE,
)
from shortfall.kernels.ledger import book_trade, find_position, kind_of, open_position, touch, transfer, value_at
from shortfall.kernels.margin import FOR_OPENING, crossing_loss, free_margin
from shortfall.kernels.unit import unit
from shortfall.kernels.wide import ppm_ceil, ppm_floor

if TYPE_CHECKING:
    from shortfall.kernels.native import State
from shortfall.kernels.orders import id_put, open_lots_change, order_release, slot_of

BY_USER, FORCED, UNWINDING = range(3)


@inner
def head_gone(s: State, level: int, i: int) -> int:
    """Unlink the head of a level. Returns the next order there, or -1."""
    after = s.nodes[(i << ROW) + N_NEXT]
    s.levels[level] = after
    if after >= 0:
        s.nodes[(after << ROW) + N_PREVIOUS] = -1
    else:
        s.levels[level + 1] = -1
    return after


@inner
def refuse_head(s: State, market: int, level: int, i: int, p: int) -> int:
    """Cancel the head of a level instead of filling it (own order, or nothing left to reduce). Returns the next order."""
    n = i << ROW
    key = s.nodes[n + N_KEY]
    lots = s.nodes[n + N_LOTS]
    s.levels[level + 2] -= lots
    open_lots_change(s, p, key, -lots)
    emit(s, E_ORDER_CANCELLED, market, key >> N_ACCOUNT, s.nodes[n + N_ID], lots, s.nodes[n + N_PRICE], key & 1, 1)
    after = head_gone(s, level, i)
    order_release(s, i)
    return after


@inner
def fill_maker(s: State, market: int, p: int, i: int, lots: int, price: int, taker: int) -> int:
    """Book a fill on the maker's side. Returns the magnitude of its amount."""
    m = market << MARKET
    key = s.nodes[(i << ROW) + N_KEY]
    maker = key >> N_ACCOUNT
    signed = lots if key & 1 == 0 else -lots
    amount = value_at(s, m, signed, price)
    book_trade(s, maker, market, p, signed, amount)
    open_lots_change(s, p, key, -lots)
    emit(s, E_ORDER_FILLED, market, maker, s.nodes[(i << ROW) + N_ID], signed, price, taker, amount)
    rate = s.rules[s.markets[m + M_RULES] + R_MAKER_FEE]
    size = amount if amount > 0 else -amount
    if rate != 0:
        charge_fee(s, market, maker, ppm_ceil(size, rate), s.nodes[(i << ROW) + N_ID])
    after_trade(s, market, maker, p)
    s.stats[(market << STATS) + T_FILLS] += 1
    return size


@inner
def charge_fee(s: State, market: int, a: int, fee: int, reference: int) -> None:
    """Move a trading fee (negative: a rebate) to the venue's fee account."""
    if fee != 0:
        asset = s.markets[(market << MARKET) + M_ASSET]
        transfer(s, a, s.assets[(asset << ROW) + S_FEES], fee)
        emit(s, E_FEE_CHARGED, market, a, reference, fee, 0, 0, 0)


@inner
def reducible(s: State, p: int, key: int, lots: int) -> int:
    """Return how many lots of a resting order may fill: all, or what a reduce-only order can still reduce."""
    if key & N_REDUCE == 0:
        return lots
    size = s.positions[(p << ROW) + P_SIZE]
    room = -size if key & 1 == 0 else size
    if room <= 0:
        return 0
    return room if room < lots else lots


@inner
def note_extrapolated(s: State, market: int, price: int, lots: int, amount: int) -> None:
    """Count forced volume executed farther from the index than depth was ever observed."""
    m = market << MARKET
    index = s.markets[m + M_INDEX]
    seen = s.rules[s.markets[m + M_RULES] + R_OBSERVED]
    if seen <= 0 or index <= 0:
        return
    away = price - index if price > index else index - price
    if away > ppm_floor(index, seen):
        s.stats[(market << STATS) + T_EXTRAPOLATED_LOTS] += lots
        s.stats[(market << STATS) + T_EXTRAPOLATED_NOTIONAL] += amount


@inner
def sweep_level(s: State, market: int, taker: int, side: int, left: int, price: int, purpose: int) -> tuple[int, int]:
    """Fill against one price level. Returns (lots left, magnitude of the amount filled); left < 0 when the taker must stop."""
    m = market << MARKET
    level = level_at(s, m, price)
    i = s.levels[level]
    total = 0
    while left > 0 and i >= 0:
        n = i << ROW
        key = s.nodes[n + N_KEY]
        maker = key >> N_ACCOUNT
        p = find_position(s, maker, market)
        if maker == taker:
            if s.rules[s.markets[m + M_RULES] + R_SELF_TRADE] == SELF_TRADE_CANCEL_TAKER and purpose == BY_USER:
                s.markets[m + M_LAST] = price if total > 0 else s.markets[m + M_LAST]
                return -left, total
            i = refuse_head(s, market, level, i, p)
            continue
        here = s.nodes[n + N_LOTS]
        lots = reducible(s, p, key, here if here < left else left)
        if lots == 0:
            i = refuse_head(s, market, level, i, p)
            continue
        amount = fill_maker(s, market, p, i, lots, price, taker)
        if purpose != BY_USER:
            note_extrapolated(s, market, price, lots, amount)
        total += amount
        left -= lots
        s.levels[level + 2] -= lots
        if lots == here:
            after = head_gone(s, level, i)
            order_release(s, i)
            i = after
        else:
            s.nodes[n + N_LOTS] = here - lots
    if i < 0:
        level_done(s, m, 1 - side, price)
    s.markets[m + M_LAST] = price if total > 0 else s.markets[m + M_LAST]
    return left, total


@unit
def match(s: State, taker: int, market: int, side: int, lots: int, limit: int, purpose: int, fee_ppm: int) -> int:
    """Fill against the book up to a limit price. The taker's position is booked once, for the sum. Returns what is left.

    The magnitude of the amount filled is left in the header.
    """
    m = market << MARKET
    left = lots
    total = 0
    stopped = 0
    price = best_price(s, m, 1 - side)
    while left > 0 and within(1 - side, price, limit):
        left, amount = sweep_level(s, market, taker, side, left, price, purpose)
        total += amount
        if left < 0:
            left = -left
            stopped = 1
            break
        price = best_price(s, m, 1 - side)
    done = lots - left
    s.header[H_MATCH_AMOUNT] = total
    if done > 0:
        signed = done if side == 0 else -done
        p = open_position(s, taker, market)
        rises = (side == 0) == (s.markets[m + M_INVERSE] == 0)
        book_trade(s, taker, market, p, signed, total if rises else -total)
        emit(s, E_TAKER_FILLED, market, taker, purpose, signed, s.markets[m + M_LAST], total, stopped)
        if fee_ppm != 0:
            charge_fee(s, market, taker, ppm_ceil(total, fee_ppm), 0)
    return left


@inner
def band_centre(s: State, m: int) -> int:
    """Return the price around which bands stand: mark, or the index by rule."""
    rules = s.markets[m + M_RULES]
    if s.rules[rules + R_BAND_AROUND] == AROUND_INDEX and s.markets[m + M_INDEX] > 0:
        return s.markets[m + M_INDEX]
    return s.markets[m + M_MARK]


@inner
def band_allows(s: State, m: int, a: int, side: int, price: int) -> bool:
    """Say whether a price is inside the band of its order class. Only the aggressive side is bounded."""
    rules = s.markets[m + M_RULES]
    rate = s.rules[rules + (R_BAND_MAKER if kind_of(s, a) == MAKER else R_BAND_USER)]
    centre = band_centre(s, m)
    if rate <= 0 or centre <= 0:
        return True
    room = ppm_floor(centre, rate)
    return price <= centre + room if side == 0 else price >= centre - room


@inner
def market_limit(s: State, m: int, side: int) -> int:
    """Return the limit of a market order: the edge of its band, or the end of the scale."""
    rate = s.rules[s.markets[m + M_RULES] + R_BAND_USER]
    centre = band_centre(s, m)
    top = s.markets[m + M_MAX_PRICE] - 1
    if rate <= 0 or centre <= 0:
        return top if side == 0 else 1
    room = ppm_floor(centre, rate)
    if side == 0:
        return centre + room if centre + room < top else top
    return centre - room if centre - room > 1 else 1


@inner
def order_allowed(s: State, a: int, market: int, side: int, flags: int, price: int, lots: int, order: int) -> int:
    """Check what does not depend on the position. Returns 0 or the reason."""
    m = market << MARKET
    if lots <= 0 or lots > s.markets[m + M_MAX_LOTS] or price <= 0 or price >= s.markets[m + M_MAX_PRICE]:
        return BAD_VALUE
    if s.markets[m + M_HALTED] == HALT_ALL:
        return HALTED
    if s.markets[m + M_HALTED] == HALT_REDUCE_ONLY and flags & REDUCE_ONLY == 0:
        return HALTED
    if s.accounts[(a << ROW) + A_QUEUE] != 0:
        return IN_LIQUIDATION
    if not band_allows(s, m, a, side, price):
        return OUTSIDE_BAND
    if order > 0 and slot_of(s, order) >= 0:
        return DUPLICATE_ID
    if s.markets[m + M_OPEN_INTEREST] + lots > s.markets[m + M_MAX_OPEN_INTEREST]:
        return OVER_OPEN_INTEREST
    return 0


@inner
def margin_reason(s: State, a: int, market: int, p: int, side: int, lots: int, price: int) -> int:
    """Check position limit and initial margin of the worst case. Returns 0 or the reason."""
    m = market << MARKET
    r = p << ROW
    size = s.positions[r + P_SIZE]
    reached = size + s.positions[r + P_BUY] if side == 0 else s.positions[r + P_SELL] - size
    if reached + lots > s.markets[m + M_MAX_LOTS]:
        return OVER_POSITION_LIMIT
    free, no_risk = free_margin(s, a, FOR_OPENING, p, side, lots)
    if no_risk != 0:
        return 0
    return 0 if free >= crossing_loss(s, m, side, lots, price) else NO_MARGIN


@inner
def rest(s: State, a: int, market: int, side: int, price: int, lots: int, order: int, p: int, reduce_only: int) -> int:
    """Put an order into the book, the account's list and the id map. Returns 0, or the reason why there is no room."""
    if order > 0 and 2 * (s.header[H_ORDERS] + 1) > s.header[H_ORDER_MASK]:
        s.header[H_FULL] |= FULL_ORDERS
        return NO_ROOM
    key = a << N_ACCOUNT | reduce_only | market << 1 | side
    i = book_add(s, market << MARKET, side, price, lots, key)
    if i < 0:
        return NO_ROOM
    n = i << ROW
    head = s.accounts[(a << ROW) + A_ORDER]
    s.nodes[n + N_ID] = order
    s.nodes[n + N_ACCOUNT_NEXT] = head
    s.nodes[n + N_ACCOUNT_PREVIOUS] = -1
    if head >= 0:
        s.nodes[(head << ROW) + N_ACCOUNT_PREVIOUS] = i
    touch(s, a)
    s.accounts[(a << ROW) + A_ORDER] = i
    open_lots_change(s, p, key, lots)
    if order > 0:
        id_put(s, order, i)
    return 0


@inner
def fillable(s: State, taker: int, market: int, side: int, limit: int, enough: int) -> int:
    """Return the lots that a taker can surely fill up to a limit: his own and reduce-only orders do not count.

    Where the rule stops a taker at his own order, nothing behind it counts either.
    """
    m = market << MARKET
    stops = s.rules[s.markets[m + M_RULES] + R_SELF_TRADE] == SELF_TRADE_CANCEL_TAKER
    price = best_price(s, m, side)
    lots = 0
    while lots < enough and within(side, price, limit):
        i = s.levels[level_at(s, m, price)]
        while i >= 0 and lots < enough:
            key = s.nodes[(i << ROW) + N_KEY]
            if key >> N_ACCOUNT == taker and stops:
                return lots
            if key >> N_ACCOUNT != taker and key & N_REDUCE == 0:
                lots += s.nodes[(i << ROW) + N_LOTS]
            i = s.nodes[(i << ROW) + N_NEXT]
        price = next_worse(s, m, side, price)
    return lots


@unit
def place(s: State, a: int, market: int, flags: int, price: int, lots: int, order: int) -> int:
    """Place an order: check, match, rest. Returns lots filled, or minus the reason for which it was refused."""
    m = market << MARKET
    side = flags & SELL
    if flags & MARKET_ORDER:
        price = market_limit(s, m, side)
        flags |= IOC
    reason = order_allowed(s, a, market, side, flags, price, lots, order)
    if reason != 0:
        return -reason
    p = open_position(s, a, market)
    if p < 0:
        return -NO_ROOM
    if flags & REDUCE_ONLY:
        size = s.positions[(p << ROW) + P_SIZE]
        room = -size if side == 0 else size
        if room <= 0:
            return -NOTHING_TO_REDUCE
        lots = room if room < lots else lots
    reason = margin_reason(s, a, market, p, side, lots, price)
    if reason != 0:
        return -reason
    crosses = price >= s.markets[m + M_ASK] if side == 0 else price <= s.markets[m + M_BID]
    if crosses and flags & POST_ONLY:
        return -WOULD_TAKE
    if flags & FOK and fillable(s, a, market, 1 - side, price, lots) < lots:
        return -NOT_FILLABLE
    return execute_order(s, a, market, flags, price, lots, order, p)


@inner
def execute_order(s: State, a: int, market: int, flags: int, price: int, lots: int, order: int, p: int) -> int:
    """Match a checked order and rest what is left. Returns lots filled."""
    m = market << MARKET
    side = flags & SELL
    left = match(s, a, market, side, lots, price, BY_USER, s.rules[s.markets[m + M_RULES] + R_TAKER_FEE])
    if left < lots:
        after_trade(s, market, a, p)
    resting = left if flags & (IOC | FOK) == 0 else 0
    if resting > 0 and best_crosses(s, m, side, price):
        resting = 0
    if resting > 0:
        reduce_only = N_REDUCE if flags & REDUCE_ONLY else 0
        if rest(s, a, market, side, price, resting, order, p, reduce_only) != 0:
            resting = 0
    emit(s, E_ORDER_ACCEPTED, market, a, order, price, lots if side == 0 else -lots, lots - left, resting)
    return lots - left


@inner
def best_crosses(s: State, m: int, side: int, price: int) -> bool:
    """Say whether an order would still cross after matching (its own resting orders stopped it)."""
    if side == 0:
        return s.markets[m + M_ASK] < NO_PRICE and price >= s.markets[m + M_ASK]
    return s.markets[m + M_BID] > 0 and price <= s.markets[m + M_BID]
