"""ADL in direct pairs: an account's lots close against one opposite position after another, and what nobody can take stays with it.

The batch of an instant (`adl`) moves clips to the clearing account first; here a clip passes through clearing only together with
its counterparty, so nothing is ever left there. A command can name the counterparty itself, and a market can be settled for good.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from shortfall.kernels._jit import inner
from shortfall.kernels.adl import note_close, rank_side
from shortfall.kernels.enqueue import after_trade
from shortfall.kernels.events import emit
from shortfall.kernels.layout import (
    A_POSITION,
    A_QUEUE,
    AT_MARK,
    BAD_ACCOUNT,
    BAD_VALUE,
    BOUND_CASH,
    COUNTERPARTY_BOOK,
    E_MARKET_HALTED,
    E_PAIRS_ENDED,
    E_PAIRS_STARTED,
    E_POSITION_DELEVERAGED,
    E_POSITION_TAKEN_OVER,
    ELIGIBLE_OVERLAP,
    H_ACCOUNTS,
    HALT_ALL,
    HOLDER,
    INF,
    LARGER_THAN_HELD,
    M_CLEARING,
    M_HALTED,
    M_LONG_FIRST,
    M_MARK,
    M_RULES,
    M_SHORT_FIRST,
    MARKET,
    MARKET_BITS,
    MARKET_MASK,
    NO_MARK,
    NO_ROOM,
    NOTHING_TO_REDUCE,
    P_KEY,
    P_NEXT,
    P_RATE,
    P_SIZE,
    R_ADL_ELIGIBLE,
    R_COUNTERPARTY,
    R_MARGIN_SPECIAL,
    R_TRIGGER,
    ROW,
    SELL,
    STATS,
    T_ADL_BATCHES,
    TRIGGER_MARK,
    WORSE_OFF,
)
from shortfall.kernels.ledger import book_trade, find_position, kind_of, notional_at, open_position, value_at
from shortfall.kernels.margin import (
    bankruptcy_price,
    equity_of,
    health,
    initial,
    judged,
    maintenance,
    share_of_equity,
)
from shortfall.kernels.orders import cancel_all
from shortfall.kernels.prices import may_liquidate
from shortfall.kernels.unit import seldom
from shortfall.kernels.value_book import note_value
from shortfall.kernels.wide import mul_div_ceil
from shortfall.kernels.winners import BUCKETS, TRIPLE, select

if TYPE_CHECKING:
    from shortfall.kernels.native import State


@inner
def initial_need(s: State, a: int, p_less: int, lots: int) -> int:
    """Return the initial margin of an account's positions at mark, one of them smaller by signed lots."""
    need = 0
    p = s.accounts[(a << ROW) + A_POSITION]
    while p >= 0:
        r = p << ROW
        size = s.positions[r + P_SIZE] - (lots if p == p_less else 0)
        if size != 0:
            m = (s.positions[r + P_KEY] & MARKET_MASK) << MARKET
            need += initial(s, m, s.markets[m + M_RULES], size, s.positions[r + P_RATE])
        p = s.positions[r + P_NEXT]
    return need


@inner
def bears(s: State, market: int, a: int, p: int, lots: int, price: int) -> bool:
    """Say whether an account may close signed lots at a price: it meets initial margin afterwards, or is not riskier than before.

    Not riskier: maintenance does not rise and equity / maintenance does not fall; with no maintenance left, equity must rise.
    """
    m = market << MARKET
    rules = s.markets[m + M_RULES]
    size = s.positions[(p << ROW) + P_SIZE]
    mark = s.markets[m + M_MARK]
    equity, _, need = health(s, a)
    after = equity + value_at(s, m, lots, price) - value_at(s, m, lots, mark)
    if after >= initial_need(s, a, p, lots):
        return True
    _, own = judged(s, m, rules, p << ROW)
    need_after = need - own
    plain = s.rules[rules + R_MARGIN_SPECIAL] == 0 and s.rules[rules + R_TRIGGER] == TRIGGER_MARK
    if size != lots and plain:
        need_after += maintenance(s, rules, notional_at(s, m, size - lots, mark))
    elif size != lots:  # a requirement that counts more than size at mark shrinks with the position
        need_after += mul_div_ceil(own, size - lots if size > 0 else lots - size, size if size > 0 else -size)
    if need_after > need:
        return False
    if need <= 0 or need_after <= 0:
        return after > equity
    return after >= mul_div_ceil(equity, need_after, need)


@inner
def pair_price(s: State, market: int, a: int, p: int, at_mark: int) -> int:
    """Return the price of a pair: mark, or the bankruptcy price of the position as of now."""
    if at_mark != 0:
        return s.markets[(market << MARKET) + M_MARK]
    equity, _, need = health(s, a)
    return bankruptcy_price(s, market, s.positions[(p << ROW) + P_SIZE], share_of_equity(s, p, equity, need))


@inner
def close_direct(
    s: State, market: int, a: int, p: int, q: int, lots: int, price: int, rank: int, reference: int
) -> None:
    """Close unsigned lots of position p of an account against position q, both through clearing in one step."""
    m = market << MARKET
    signed = lots if s.positions[(p << ROW) + P_SIZE] > 0 else -lots
    amount = value_at(s, m, signed, price)
    clearing = s.markets[m + M_CLEARING]
    own = find_position(s, clearing, market)
    winner = s.positions[(q << ROW) + P_KEY] >> MARKET_BITS
    book_trade(s, a, market, p, -signed, -amount)
    book_trade(s, clearing, market, own, signed, amount)
    emit(s, E_POSITION_TAKEN_OVER, market, a, reference, signed, price, clearing, amount)
    book_trade(s, winner, market, q, signed, amount)
    book_trade(s, clearing, market, own, -signed, -amount)
    emit(s, E_POSITION_DELEVERAGED, market, winner, reference, signed, price, rank, amount)
    note_close(s, market, signed, amount, BOUND_CASH)


@inner
def pair_chosen(
    s: State, market: int, a: int, p: int, left: int, chosen: int, after: tuple[int, int], at_mark: int, reference: int
) -> int:
    """Close lots against the first `chosen` positions of scratch, in order; one that may not is passed over. Returns the lots left.

    Those up to `after`, a (rank, key of the position), were looked at before and are not asked again.
    """
    tested = s.rules[s.markets[(market << MARKET) + M_RULES] + R_ADL_ELIGIBLE] == ELIGIBLE_OVERLAP
    for j in range(chosen):
        if left == 0:
            break
        c = BUCKETS + TRIPLE * j
        rank = s.scratch[c]
        q = s.scratch[c + 1]
        winner = s.positions[(q << ROW) + P_KEY] >> MARKET_BITS
        size = s.positions[(q << ROW) + P_SIZE]
        held = size if size > 0 else -size
        lots = held if held < left else left
        asked = rank > after[0] or (rank == after[0] and s.positions[(q << ROW) + P_KEY] <= after[1])
        if lots == 0 or winner == a or asked:
            continue
        price = pair_price(s, market, a, p, at_mark)
        if tested and not bears(s, market, winner, q, lots if size > 0 else -lots, price):
            continue
        cancel_all(s, winner, market)
        close_direct(s, market, a, p, q, lots, price, rank, reference)
        after_trade(s, market, winner, q)
        left -= lots
    return left


@seldom
def pair_directly(s: State, market: int, a: int, p: int, lots: int, at_mark: int, reference: int) -> int:
    """Deleverage unsigned lots of an account's position against opposite positions in rank order. Returns the lots closed."""
    m = market << MARKET
    clearing = s.markets[m + M_CLEARING]
    if open_position(s, clearing, market) < 0:
        return 0
    size = s.positions[(p << ROW) + P_SIZE]
    sign = -1 if size > 0 else 1
    count, held = rank_side(s, market, sign, 0, 0)
    emit(s, E_PAIRS_STARTED, market, a, reference, lots if size > 0 else -lots, held, count, 0)
    chosen = select(s, count, lots)
    last = BUCKETS + TRIPLE * (chosen - 1)
    rank = s.scratch[last] if chosen > 0 else 0
    key = s.positions[(s.scratch[last + 1] << ROW) + P_KEY] if chosen > 0 else 0
    left = pair_chosen(s, market, a, p, lots, chosen, (INF, 0), at_mark, reference)
    if left > 0 and chosen < count:  # some were passed over: go on behind the last one
        count, _ = rank_side(s, market, sign, 0, 0)
        left = pair_chosen(s, market, a, p, left, select(s, count, INF), (rank, key), at_mark, reference)
    s.stats[(market << STATS) + T_ADL_BATCHES] += 1
    emit(s, E_PAIRS_ENDED, market, a, reference, lots - left, left, 0, 0)
    return lots - left


@inner
def may_pair(s: State, market: int, a: int, other: int, delta: int) -> int:
    """Check that two accounts hold opposite positions of at least a size. Returns 0 or the reason."""
    if (
        other < 0
        or other >= s.header[H_ACCOUNTS]
        or other == a
        or kind_of(s, a) >= HOLDER
        or kind_of(s, other) >= HOLDER
    ):
        return BAD_ACCOUNT
    if delta == 0 or s.rules[s.markets[(market << MARKET) + M_RULES] + R_COUNTERPARTY] != COUNTERPARTY_BOOK:
        return BAD_VALUE
    if not may_liquidate(s, market):
        return NO_MARK
    p = find_position(s, a, market)
    q = find_position(s, other, market)
    if p < 0 or q < 0:
        return NOTHING_TO_REDUCE
    size = s.positions[(p << ROW) + P_SIZE]
    far = s.positions[(q << ROW) + P_SIZE]
    if size == 0 or far == 0 or (size > 0) == (delta > 0) or (far > 0) == (size > 0):
        return NOTHING_TO_REDUCE
    lots = delta if delta > 0 else -delta
    least = size if size > 0 else -size
    other_least = far if far > 0 else -far
    return LARGER_THAN_HELD if lots > least or lots > other_least else 0


@seldom
def do_pair(s: State, a: int, market: int, flags: int, lots: int, other: int) -> int:
    """Close lots of an account against a named counterparty, at its bankruptcy price or at mark. Returns 0 or the reason.

    Where the rule is the overlap test, neither side may end worse than it allows.
    """
    m = market << MARKET
    delta = -lots if flags & SELL else lots
    reason = may_pair(s, market, a, other, delta)
    if reason != 0:
        return reason
    p = find_position(s, a, market)
    q = find_position(s, other, market)
    at_mark = 1 if flags & AT_MARK else 0
    price = pair_price(s, market, a, p, at_mark)
    if s.rules[s.markets[m + M_RULES] + R_ADL_ELIGIBLE] == ELIGIBLE_OVERLAP:
        if not bears(s, market, other, q, delta, price):
            return WORSE_OFF
        if at_mark != 0 and not bears(s, market, a, p, -delta, price):
            return WORSE_OFF
    if open_position(s, s.markets[m + M_CLEARING], market) < 0:
        return NO_ROOM
    cancel_all(s, a, market)
    cancel_all(s, other, market)
    pair_given(s, market, a, p, q, lots, price)
    return 0


@inner
def pair_given(s: State, market: int, a: int, p: int, q: int, lots: int, price: int) -> None:
    """Close unsigned lots of one position against another that was named, and keep both books."""
    reference = s.accounts[(a << ROW) + A_QUEUE]
    size = s.positions[(p << ROW) + P_SIZE]
    winner = s.positions[(q << ROW) + P_KEY] >> MARKET_BITS
    emit(s, E_PAIRS_STARTED, market, a, reference, lots if size > 0 else -lots, lots, 1, 1)
    before = equity_of(s, a)
    close_direct(s, market, a, p, q, lots, price, 0, reference)
    emit(s, E_PAIRS_ENDED, market, a, reference, lots, 0, 1, 1)
    note_value(s, market, before, equity_of(s, a), lots)
    after_trade(s, market, winner, q)
    after_trade(s, market, a, p)


@inner
def settle_bankrupt(s: State, market: int) -> None:
    """Close everybody of a market whose equity is negative at the bankruptcy price, as far as counterparties reach."""
    m = market << MARKET
    for column in range(m + M_LONG_FIRST, m + M_SHORT_FIRST + 1, M_SHORT_FIRST - M_LONG_FIRST):
        for p in range(s.markets[column], s.markets[column + 1]):
            size = s.positions[(p << ROW) + P_SIZE]
            key = s.positions[(p << ROW) + P_KEY]
            a = key >> MARKET_BITS
            if size == 0 or (key & MARKET_MASK) != market or kind_of(s, a) >= HOLDER:
                continue
            before = equity_of(s, a)
            if before < 0:
                cancel_all(s, a, market)
                done = pair_directly(s, market, a, p, size if size > 0 else -size, 0, s.accounts[(a << ROW) + A_QUEUE])
                note_value(s, market, before, equity_of(s, a), done)
                after_trade(s, market, a, p)


@inner
def next_solvent(s: State, market: int, p: int, sign: int) -> int:
    """Return the first row from p on with a position of a side whose owner's equity is not negative, or the end of the rows."""
    m = market << MARKET
    end = s.markets[m + (M_LONG_FIRST if sign > 0 else M_SHORT_FIRST) + 1]
    while p < end:
        key = s.positions[(p << ROW) + P_KEY]
        a = key >> MARKET_BITS
        held = s.positions[(p << ROW) + P_SIZE] * sign > 0 and (key & MARKET_MASK) == market
        if held and kind_of(s, a) < HOLDER and equity_of(s, a) >= 0:
            return p
        p += 1
    return end


@seldom
def do_final(s: State, market: int) -> int:
    """Settle a market for good: the bankrupt at their bankruptcy price, then all others in pairs at mark; then it is halted.

    Inventory of holders stays and is unwound by its own rule. Returns 0 or the reason.
    """
    m = market << MARKET
    if s.rules[s.markets[m + M_RULES] + R_COUNTERPARTY] != COUNTERPARTY_BOOK:
        return BAD_VALUE
    if not may_liquidate(s, market):
        return NO_MARK
    if open_position(s, s.markets[m + M_CLEARING], market) < 0:
        return NO_ROOM
    settle_bankrupt(s, market)
    price = s.markets[m + M_MARK]
    p = next_solvent(s, market, s.markets[m + M_LONG_FIRST], 1)
    q = next_solvent(s, market, s.markets[m + M_SHORT_FIRST], -1)
    while p < s.markets[m + M_LONG_FIRST + 1] and q < s.markets[m + M_SHORT_FIRST + 1]:
        long = s.positions[(p << ROW) + P_SIZE]
        short = -s.positions[(q << ROW) + P_SIZE]
        cancel_all(s, s.positions[(p << ROW) + P_KEY] >> MARKET_BITS, market)
        cancel_all(s, s.positions[(q << ROW) + P_KEY] >> MARKET_BITS, market)
        pair_given(
            s, market, s.positions[(p << ROW) + P_KEY] >> MARKET_BITS, p, q, long if long < short else short, price
        )
        p = next_solvent(s, market, p, 1)
        q = next_solvent(s, market, q, -1)
    s.markets[m + M_HALTED] = HALT_ALL
    emit(s, E_MARKET_HALTED, market, -1, 0, HALT_ALL, 0, 0, 0)
    return 0
