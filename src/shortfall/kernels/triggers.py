"""An index of the prices at which positions may fall below maintenance: a tick visits only what it touches.

Per market and side one sorted run and one heap of keys that moved since. A key is a distance from the far end of the price
scale, so that the nearest trigger is always the smallest: NO_PRICE - price for what falls with the price, price for what rises.
The invariant: an indexed key is never beyond the true trigger. Farther is left alone (it is looked at again when reached),
nearer is pushed; a stale entry is recognised because its position says another key.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from shortfall.kernels._jit import inlined, inner
from shortfall.kernels.layout import (
    A_BALANCE,
    A_COLLATERAL,
    A_COUNT,
    A_POSITION,
    BASIS_ENTRY,
    H_FOLDS,
    H_POSITIONS,
    H_STALE,
    HOLDER,
    M_HEAP_CAPACITY,
    M_HEAP_LONG,
    M_HEAP_LONG_COUNT,
    M_INVERSE,
    M_MARK,
    M_MAX_PRICE,
    M_MULTIPLIER,
    M_RULES,
    M_RUN_LONG,
    M_RUN_LONG_COUNT,
    M_RUN_LONG_CURSOR,
    MARKET,
    MARKET_BITS,
    MARKET_MASK,
    NO_PRICE,
    P_COST,
    P_KEY,
    P_NEXT,
    P_SIZE,
    P_TRIGGER,
    R_MARGIN_BASIS,
    R_MARGIN_TIERS,
    R_MIN_COLLATERAL,
    R_SCANS,
    R_TIER,
    R_TIERS,
    ROW,
    TIER,
    TIER_AMOUNT,
    TIERS_WHOLE,
)
from shortfall.kernels.ledger import kind_of, notional_at
from shortfall.kernels.margin import BILLION, health, maintenance_rate, position_need, tier_of
from shortfall.kernels.unit import unit
from shortfall.kernels.wide import mul_div_ceil, mul_div_floor

if TYPE_CHECKING:
    from shortfall.kernels.native import State

RUN_OF_SIDE = 3  # words between the long and the short run in a market row
HEAP_OF_SIDE = 2
ID_MASK = 0xFFFFFFFF
ENDLESS = 1 << 61  # a notional beyond every position


@inner
def falls_with_price(s: State, m: int, size: int) -> bool:
    """Say whether the notional at which a position fails is approached from above (linear long, inverse short)."""
    return (size > 0) == (s.markets[m + M_INVERSE] == 0)


@inner
def price_of_notional(s: State, m: int, held: int, notional: int, round_up: int) -> int:
    """Return the price at which `held` lots have a notional, rounded up or down, kept within the market's prices."""
    top = s.markets[m + M_MAX_PRICE] - 1
    unit = s.markets[m + M_MULTIPLIER]
    if s.markets[m + M_INVERSE] == 0:
        each = held * unit
        price = -((-notional) // each) if round_up != 0 else notional // each
    elif notional <= 0:
        return top
    else:
        price = mul_div_ceil(held, unit, notional) if round_up != 0 else mul_div_floor(held, unit, notional)
    if price < 1:
        return 1
    return price if price < top else top


@inner
def falling_notional(missing: int, kept: int) -> int:
    """Return the notional below which `missing` is not made up by the part kept (per billion), rounded up, within bounds."""
    if missing <= 0:
        return 0
    if missing > ENDLESS // BILLION * kept:
        return ENDLESS
    return mul_div_ceil(missing, BILLION, kept)


@inner
def falling_end(s: State, rules: int, size: int, notional: int, w: int) -> int:
    """Return the highest notional, from the present one down, at which equity w + N is below the requirement.

    Bracket by bracket, because a requirement may jump between two: within one, w + N < rate N - amount is
    N < -(w + amount) / (1 - rate); a root above a bracket's top means that it fails from the top on.
    """
    t = tier_of(s, rules, notional)
    while True:
        rate = maintenance_rate(s, rules, t, size)
        end = falling_notional(-w - s.rules[t + TIER_AMOUNT], BILLION - rate)
        if t == rules + R_TIER or end > s.rules[t - TIER]:
            return end if end < s.rules[t] else s.rules[t]
        t -= TIER


@inner
def rising_end(s: State, rules: int, size: int, notional: int, w: int) -> int:
    """Return the highest notional, from the present one up, at which equity w - N is not yet below the requirement.

    Within a bracket it holds up to N = (w + amount) / (1 + rate); a root below a bracket's floor means that it fails there at once.
    """
    t = tier_of(s, rules, notional)
    while True:
        rate = maintenance_rate(s, rules, t, size)
        end = mul_div_floor(w + s.rules[t + TIER_AMOUNT], BILLION, BILLION + rate)
        if end <= s.rules[t]:
            floor = s.rules[t - TIER] if t != rules + R_TIER else 0
            return end if end > floor else floor
        t += TIER


@inlined
def single_trigger(s: State, a: int, p: int) -> int:
    """Return the first price at which an account with one position and no collateral is below maintenance.

    With w = balance - cost, equity is w + N (falling) or w - N (rising) in the notional N at mark. A requirement at entry value
    does not move: the account fails at N = need - w or N = w - need.
    """
    r = p << ROW
    size = s.positions[r + P_SIZE]
    m = (s.positions[r + P_KEY] & MARKET_MASK) << MARKET
    rules = s.markets[m + M_RULES]
    w = s.accounts[(a << ROW) + A_BALANCE] - s.positions[r + P_COST]
    held = size if size > 0 else -size
    falling = falls_with_price(s, m, size)
    if s.rules[rules + R_MARGIN_BASIS] == BASIS_ENTRY:
        need = position_need(s, rules, r, 0)
        notional = need - w if falling else w - need
    else:
        notional = notional_at(s, m, size, s.markets[m + M_MARK])
        notional = falling_end(s, rules, size, notional, w) if falling else rising_end(s, rules, size, notional, w)
    if notional < 0:
        notional = 0
    return price_of_notional(s, m, held, notional, 1 if size > 0 else 0)


@inner
def shared_trigger(s: State, a: int, p: int) -> int:
    """Return a price no farther than the first one at which an account of several positions can fail.

    The slack is split evenly; the requirement grows with at most the top rate, so no position can use up more than its share
    before its own price is reached. Where the requirement jumps up between two brackets, the bracket's top is as far as it goes.
    """
    r = p << ROW
    size = s.positions[r + P_SIZE]
    m = (s.positions[r + P_KEY] & MARKET_MASK) << MARKET
    rules = s.markets[m + M_RULES]
    _, counted, need = health(s, a)
    slack = counted - need
    if slack < 0:  # below maintenance already: at any price
        return s.markets[m + M_MAX_PRICE] - 1 if size > 0 else 1
    tiers = s.rules[rules + R_TIERS]
    top_rate = maintenance_rate(s, rules, rules + R_TIER + TIER * (tiers - 1), size)
    worth = notional_at(s, m, size, s.markets[m + M_MARK])
    share = slack // s.accounts[(a << ROW) + A_COUNT] - (
        tiers - 1
    )  # stated amounts may be a unit apart at each bracket
    room = mul_div_floor(share, BILLION, BILLION + top_rate) if share > 0 else 0
    held = size if size > 0 else -size
    if falls_with_price(s, m, size):
        worth = worth - room if worth > room else 0
    else:
        top = s.rules[tier_of(s, rules, worth)]
        worth += room
        if s.rules[rules + R_MARGIN_TIERS] == TIERS_WHOLE and worth > top:
            worth = top
    return price_of_notional(s, m, held, worth, 1 if size > 0 else 0)


@inner
def has_unsettled(s: State, a: int) -> bool:
    """Say whether an account made something in a market where it is flat by now that no settlement has paid yet."""
    q = s.accounts[(a << ROW) + A_POSITION]
    while q >= 0:
        if s.positions[(q << ROW) + P_SIZE] == 0 and s.positions[(q << ROW) + P_COST] != 0:
            return True
        q = s.positions[(q << ROW) + P_NEXT]
    return False


@inlined
def trigger_key(s: State, a: int, p: int) -> int:
    """Return the distance key of a position's trigger price."""
    r = p << ROW
    rules = s.markets[((s.positions[r + P_KEY] & MARKET_MASK) << MARKET) + M_RULES]
    plain = (
        s.accounts[(a << ROW) + A_COUNT] == 1
        and s.accounts[(a << ROW) + A_COLLATERAL] < 0
        and s.rules[rules + R_MIN_COLLATERAL] == 0
        and not has_unsettled(s, a)
    )
    if plain and s.rules[rules + R_SCANS] == 0:
        price = single_trigger(s, a, p)
    else:
        price = shared_trigger(s, a, p)
    return NO_PRICE - price if s.positions[r + P_SIZE] > 0 else price


@inlined
def heap_push(s: State, heap: int, count: int, key: int) -> None:
    """Add a key to a heap of `count` keys."""
    i = count
    while i > 0:
        j = (i - 1) >> 1
        x = s.heap[heap + j]
        if x <= key:
            break
        s.heap[heap + i] = x
        i = j
    s.heap[heap + i] = key


@inner
def heap_pop(s: State, heap: int, count: int) -> None:
    """Remove the root of a heap of `count` keys."""
    key = s.heap[heap + count - 1]
    last = count - 1
    i = 0
    while True:
        j = 2 * i + 1
        if j >= last:
            break
        x = s.heap[heap + j]
        if j + 1 < last and s.heap[heap + j + 1] < x:
            j += 1
            x = s.heap[heap + j]
        if x >= key:
            break
        s.heap[heap + i] = x
        i = j
    s.heap[heap + i] = key


@inner
def is_live(s: State, key: int, side: int) -> bool:
    """Say whether an index entry still is what its position says."""
    r = (key & ID_MASK) << ROW
    size = s.positions[r + P_SIZE]
    return size != 0 and (size < 0) == (side == 1) and s.positions[r + P_TRIGGER] == key >> 32


@inner
def heap_compact(s: State, m: int, side: int) -> None:
    """Drop stale and repeated keys; what is left is a heap again (a popped order is a sorted, hence valid, heap)."""
    heap = s.markets[m + M_HEAP_LONG + HEAP_OF_SIDE * side]
    count = s.markets[m + M_HEAP_LONG_COUNT + HEAP_OF_SIDE * side]
    kept = 0
    for i in range(count):
        key = s.heap[heap + i]
        if is_live(s, key, side):
            heap_push(s, heap, kept, key)
            kept += 1
    s.header[H_STALE] += count - kept
    s.markets[m + M_HEAP_LONG_COUNT + HEAP_OF_SIDE * side] = kept


@inner
def sift_down(s: State, start: int, root: int, count: int) -> None:
    """Restore the max-heap order of `run[start : start + count]` below `root`."""
    i = root
    key = s.run[start + i]
    while True:
        j = 2 * i + 1
        if j >= count:
            break
        x = s.run[start + j]
        if j + 1 < count and s.run[start + j + 1] > x:
            j += 1
            x = s.run[start + j]
        if x <= key:
            break
        s.run[start + i] = x
        i = j
    s.run[start + i] = key


@inner
def run_sort(s: State, start: int, count: int) -> None:
    """Sort a run in place (heap sort: no scratch, bounded)."""
    for root in range(count // 2 - 1, -1, -1):
        sift_down(s, start, root, count)
    for last in range(count - 1, 0, -1):
        key = s.run[start]
        s.run[start] = s.run[start + last]
        s.run[start + last] = key
        sift_down(s, start, 0, last)


@inner
def run_collect(s: State, market: int, side: int, fresh: int) -> int:
    """Write every trigger of a market's side into its run, unsorted, and empty the heap. `fresh` computes the keys anew."""
    m = market << MARKET
    start = s.markets[m + M_RUN_LONG + RUN_OF_SIDE * side]
    count = 0
    for p in range(s.header[H_POSITIONS]):
        r = p << ROW
        size = s.positions[r + P_SIZE]
        key = s.positions[r + P_KEY]
        if (
            size == 0
            or (size < 0) != (side == 1)
            or (key & MARKET_MASK) != market
            or kind_of(s, key >> MARKET_BITS) >= HOLDER
        ):
            continue
        if fresh != 0:
            s.positions[r + P_TRIGGER] = trigger_key(s, key >> MARKET_BITS, p)
        if s.positions[r + P_TRIGGER] != 0:
            s.run[start + count] = s.positions[r + P_TRIGGER] << 32 | p
            count += 1
    s.markets[m + M_RUN_LONG_COUNT + RUN_OF_SIDE * side] = count
    s.markets[m + M_RUN_LONG_CURSOR + RUN_OF_SIDE * side] = 0
    s.markets[m + M_HEAP_LONG_COUNT + HEAP_OF_SIDE * side] = 0
    return count


@inlined
def index_key(s: State, market: int, side: int, p: int, key: int) -> None:
    """Push a key. A full heap is first cleared of stale keys, then folded into the run."""
    m = market << MARKET
    s.positions[(p << ROW) + P_TRIGGER] = key
    count = s.markets[m + M_HEAP_LONG_COUNT + HEAP_OF_SIDE * side]
    if count >= s.markets[m + M_HEAP_CAPACITY]:
        heap_compact(s, m, side)
        count = s.markets[m + M_HEAP_LONG_COUNT + HEAP_OF_SIDE * side]
        if 4 * count >= 3 * s.markets[m + M_HEAP_CAPACITY]:
            s.header[H_FOLDS] += 1
            run_sort(s, s.markets[m + M_RUN_LONG + RUN_OF_SIDE * side], run_collect(s, market, side, 0))
            return
    heap_push(s, s.markets[m + M_HEAP_LONG + HEAP_OF_SIDE * side], count, key << 32 | p)
    s.markets[m + M_HEAP_LONG_COUNT + HEAP_OF_SIDE * side] = count + 1


@unit
def index_position(s: State, a: int, p: int, least: int) -> int:
    """Keep the invariant for one position; keys below `least` were visited in this instant and wait for the next."""
    r = p << ROW
    size = s.positions[r + P_SIZE]
    if size == 0 or kind_of(s, a) >= HOLDER:
        return 0
    key = trigger_key(s, a, p)
    if key < least:
        key = least
    old = s.positions[r + P_TRIGGER]
    side = 1 if size < 0 else 0
    if old != 0 and old <= key and least == 0:
        return 0
    index_key(s, s.positions[r + P_KEY] & MARKET_MASK, side, p, key)
    return 0


@inner
def index_account(s: State, a: int) -> None:
    """Keep the invariant for all positions of an account whose balance or collateral changed."""
    p = s.accounts[(a << ROW) + A_POSITION]
    while p >= 0:
        index_position(s, a, p, 0)
        p = s.positions[(p << ROW) + P_NEXT]
