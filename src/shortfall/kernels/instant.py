"""What happens within one instant: find who fell below maintenance, queue them in a stated order, work, deleverage, look again."""

from __future__ import annotations

from typing import TYPE_CHECKING

from shortfall.kernels._jit import inner
from shortfall.kernels.adl import deleverage
from shortfall.kernels.adl_trigger import adl_is_on, excess_of, has_layer
from shortfall.kernels.enqueue import enqueue
from shortfall.kernels.holders import exhausted, note_inventory, unwind, zero_cash_price
from shortfall.kernels.layout import (
    A_BALANCE,
    A_COUNT,
    A_POSITION,
    A_QUEUE,
    BOUND_CASH,
    FULL_ROUNDS,
    H_CLIPS,
    H_FREED,
    H_FULL,
    H_LATENT,
    H_LATENT_PEAK,
    H_MARKETS,
    H_NOW,
    H_QUEUE_DIRTY,
    H_QUEUE_HEAD,
    H_QUEUE_TAIL,
    H_SINCE,
    HALT_ALL,
    HOLDER,
    INF,
    LAYER_ADL,
    M_BACKSTOP,
    M_BUDGET_TIME,
    M_BUDGET_TOKENS,
    M_CLAIMED,
    M_CLEARING,
    M_DISPOSAL_TIME,
    M_FUND,
    M_HALTED,
    M_HEAP_LONG,
    M_HEAP_LONG_COUNT,
    M_LIQUIDITY,
    M_LONG_FIRST,
    M_MARK,
    M_POOL,
    M_RULES,
    M_RUN_LONG,
    M_RUN_LONG_COUNT,
    M_RUN_LONG_CURSOR,
    M_UNWIND_TIME,
    MARKET,
    MARKET_BITS,
    MARKET_MASK,
    NO_PRICE,
    P_COST,
    P_KEY,
    P_NEXT,
    P_SIZE,
    P_TRIGGER,
    Q_ACCOUNT,
    Q_DUE,
    Q_FREED,
    Q_RANK,
    Q_SINCE,
    QUEUE,
    QUEUE_LIMIT_DISTANCE,
    R_ADL_TRIGGER,
    R_DISPOSAL_STEP_US,
    R_PAUSE_US,
    R_PER_SECOND,
    R_QUEUE_ORDER,
    R_SCANS,
    R_SETTLES,
    ROW,
    SETTLES_SURPLUS_FIRST,
    STATS,
    T_HANDED_ON,
    T_PENDING,
    T_TRIGGER_CHECKS,
)
from shortfall.kernels.ledger import find_position, kind_of, notional_at, touch, value_at, watched_of
from shortfall.kernels.liquidation import RETRY, liquidate
from shortfall.kernels.margin import equity_of, health
from shortfall.kernels.pool_adl import watch_pools
from shortfall.kernels.prices import may_liquidate
from shortfall.kernels.triggers import HEAP_OF_SIDE, ID_MASK, RUN_OF_SIDE, heap_pop, index_account, index_position
from shortfall.kernels.unit import unit
from shortfall.kernels.waterfall import add_clip

if TYPE_CHECKING:
    from shortfall.kernels.native import State

MAX_INSTANT_ROUNDS = 256
SECOND_US = 1_000_000
MILLION = 1_000_000


@inner
def pop_nearest(s: State, m: int, side: int, limit: int) -> int:
    """Take the nearest trigger below a limit out of run or heap. Returns its key, or -1."""
    cursor = s.markets[m + M_RUN_LONG_CURSOR + RUN_OF_SIDE * side]
    in_heap = s.markets[m + M_HEAP_LONG_COUNT + HEAP_OF_SIDE * side]
    run = INF
    if cursor < s.markets[m + M_RUN_LONG_COUNT + RUN_OF_SIDE * side]:
        run = s.run[s.markets[m + M_RUN_LONG + RUN_OF_SIDE * side] + cursor]
    heap = s.heap[s.markets[m + M_HEAP_LONG + HEAP_OF_SIDE * side]] if in_heap > 0 else INF
    if run <= heap:
        if run >= limit:
            return -1
        s.markets[m + M_RUN_LONG_CURSOR + RUN_OF_SIDE * side] = cursor + 1
        return run
    if heap >= limit:
        return -1
    heap_pop(s, s.markets[m + M_HEAP_LONG + HEAP_OF_SIDE * side], in_heap)
    s.markets[m + M_HEAP_LONG_COUNT + HEAP_OF_SIDE * side] = in_heap - 1
    return heap


@inner
def index_others(s: State, a: int, p: int) -> None:
    """Split what slack is left anew: the other positions of a cross account get nearer triggers when one used up its share."""
    q = s.accounts[(a << ROW) + A_POSITION]
    while q >= 0:
        if q != p:
            index_position(s, a, q, 0)
        q = s.positions[(q << ROW) + P_NEXT]


@inner
def scan_side(s: State, market: int, side: int) -> int:
    """Look at every position of a side. Where profit does not count, or another price is judged, mark alone says nothing."""
    first = (market << MARKET) + M_LONG_FIRST + 2 * side
    found = 0
    for p in range(s.markets[first], s.markets[first + 1]):
        size = s.positions[(p << ROW) + P_SIZE]
        key = s.positions[(p << ROW) + P_KEY]
        a = key >> MARKET_BITS
        if size == 0 or (size < 0) != (side == 1) or (key & MARKET_MASK) != market or kind_of(s, a) >= HOLDER:
            continue
        if s.accounts[(a << ROW) + A_QUEUE] == 0:
            equity, counted, need = health(s, a)
            if counted < need:
                enqueue(s, market, a, p, equity, counted, need)
                found += 1
    return found


@unit
def check_triggers(s: State, market: int, side: int) -> int:
    """Look at every position whose trigger the mark has reached; queue the accounts that are below maintenance. Returns how many."""
    m = market << MARKET
    if s.rules[s.markets[m + M_RULES] + R_SCANS] != 0:
        return scan_side(s, market, side)
    mark = s.markets[m + M_MARK]
    least = (NO_PRICE - mark if side == 0 else mark) + 1
    found = 0
    while True:
        key = pop_nearest(s, m, side, least << 32)
        if key < 0:
            break
        p = key & ID_MASK
        r = p << ROW
        size = s.positions[r + P_SIZE]
        if s.positions[r + P_TRIGGER] != key >> 32 or size == 0 or (size < 0) != (side == 1):
            continue
        a = s.positions[r + P_KEY] >> MARKET_BITS
        touch(s, a)
        s.positions[r + P_TRIGGER] = 0
        if s.accounts[(a << ROW) + A_QUEUE] != 0:
            continue
        s.stats[(market << STATS) + T_TRIGGER_CHECKS] += 1
        equity, counted, need = health(s, a)
        if counted < need:
            enqueue(s, market, a, p, equity, counted, need)
            found += 1
        else:
            index_position(s, a, p, least)
            if s.accounts[(a << ROW) + A_COUNT] > 1:
                index_others(s, a, p)
    return found


@inner
def size_in_line(s: State, account: int) -> int:
    """Return the notional that breaks ties of rank where the line is ordered by distance of the limit; 0 elsewhere."""
    m = (account & MARKET_MASK) << MARKET
    if s.rules[s.markets[m + M_RULES] + R_QUEUE_ORDER] != QUEUE_LIMIT_DISTANCE:
        return 0
    p = find_position(s, account >> MARKET_BITS, account & MARKET_MASK)
    return notional_at(s, m, s.positions[(p << ROW) + P_SIZE], s.markets[m + M_MARK]) if p >= 0 else 0


@inner
def before(s: State, due: int, rank: int, account: int, j: int) -> bool:
    """Say whether an entry stands before queue row j: due time, then rank, then by rule the larger, then account."""
    q = j << QUEUE
    if due != s.queue[q + Q_DUE]:
        return due < s.queue[q + Q_DUE]
    if rank != s.queue[q + Q_RANK]:
        return rank < s.queue[q + Q_RANK]
    larger = size_in_line(s, account) - size_in_line(s, s.queue[q + Q_ACCOUNT])
    return larger > 0 if larger != 0 else account < s.queue[q + Q_ACCOUNT]


@inner
def sort_queue(s: State) -> None:
    """Bring the queue into its total order (Shell sort: in place, bounded)."""
    if s.header[H_QUEUE_DIRTY] == 0:
        return
    s.header[H_QUEUE_DIRTY] = 0
    head = s.header[H_QUEUE_HEAD]
    count = s.header[H_QUEUE_TAIL] - head
    gap = 1
    while gap < count // 9:
        gap = 3 * gap + 1
    while gap > 0:
        for j in range(head + gap, head + count):
            q = j << QUEUE
            due = s.queue[q + Q_DUE]
            account = s.queue[q + Q_ACCOUNT]
            since = s.queue[q + Q_SINCE]
            rank = s.queue[q + Q_RANK]
            freed = s.queue[q + Q_FREED]
            i = j - gap
            while i >= head and before(s, due, rank, account, i):
                for k in range(1 << QUEUE):
                    s.queue[((i + gap) << QUEUE) + k] = s.queue[(i << QUEUE) + k]
                i -= gap
            to = (i + gap) << QUEUE
            s.queue[to + Q_DUE] = due
            s.queue[to + Q_ACCOUNT] = account
            s.queue[to + Q_SINCE] = since
            s.queue[to + Q_RANK] = rank
            s.queue[to + Q_FREED] = freed
        gap //= 3


@inner
def has_budget(s: State, market: int) -> bool:
    """Say whether the engine's throughput allows one more liquidation in a market now, and use it up if so."""
    m = market << MARKET
    rate = s.rules[s.markets[m + M_RULES] + R_PER_SECOND]
    if rate <= 0:
        return True
    now = s.header[H_NOW]
    elapsed = now - s.markets[m + M_BUDGET_TIME]
    if elapsed > 0:
        elapsed = SECOND_US if elapsed > SECOND_US else elapsed
        tokens = s.markets[m + M_BUDGET_TOKENS] + rate * elapsed
        top = rate * SECOND_US
        s.markets[m + M_BUDGET_TOKENS] = tokens if tokens < top else top
        s.markets[m + M_BUDGET_TIME] = now
    if s.markets[m + M_BUDGET_TOKENS] < SECOND_US:
        return False
    s.markets[m + M_BUDGET_TOKENS] -= SECOND_US
    return True


@inner
def pause_of(s: State, market: int) -> int:
    """Return how long an account that could not be finished waits, at least one microsecond."""
    pause = s.rules[s.markets[(market << MARKET) + M_RULES] + R_PAUSE_US]
    return pause if pause > 0 else 1


@inner
def settles_later(s: State, market: int, a: int) -> bool:
    """Say whether an account without equity waits until those with equity have paid their surplus in."""
    rules = s.markets[(market << MARKET) + M_RULES]
    return s.rules[rules + R_SETTLES] == SETTLES_SURPLUS_FIRST and equity_of(s, a) < 0


@inner
def work_pass(s: State, with_equity: int) -> int:
    """Work on the accounts whose time has come, in order. Returns how many; the others keep their places.

    With `with_equity` set, accounts without equity at mark wait for the next pass where their market settles surplus first.
    """
    sort_queue(s)
    now = s.header[H_NOW]
    worked = 0
    kept = s.header[H_QUEUE_HEAD]
    j = kept - 1
    while (
        j + 1 < s.header[H_QUEUE_TAIL]
    ):  # a forced trade may leave its counterparty in debt: the line grows while it is worked on
        j += 1
        q = j << QUEUE
        a = s.queue[q + Q_ACCOUNT] >> MARKET_BITS
        market = s.queue[q + Q_ACCOUNT] & MARKET_MASK
        due = s.queue[q + Q_DUE]
        if (
            due <= now
            and (with_equity == 0 or not settles_later(s, market, a))
            and s.markets[(market << MARKET) + M_HALTED] != HALT_ALL
            and may_liquidate(s, market)
            and has_budget(s, market)
        ):
            worked += 1
            s.header[H_SINCE] = s.queue[q + Q_SINCE]
            s.header[H_FREED] = s.queue[q + Q_FREED]
            if liquidate(s, a, market) != RETRY:
                s.accounts[(a << ROW) + A_QUEUE] = 0
                index_account(s, a)
                continue
            due = now + pause_of(s, market)
            s.header[H_QUEUE_DIRTY] = 1
            s.queue[q + Q_FREED] = s.header[H_FREED]
        s.queue[(kept << QUEUE) + Q_DUE] = due
        s.queue[(kept << QUEUE) + Q_ACCOUNT] = s.queue[q + Q_ACCOUNT]
        s.queue[(kept << QUEUE) + Q_SINCE] = s.queue[q + Q_SINCE]
        s.queue[(kept << QUEUE) + Q_RANK] = s.queue[q + Q_RANK]
        s.queue[(kept << QUEUE) + Q_FREED] = s.queue[q + Q_FREED]
        kept += 1
    s.header[H_QUEUE_TAIL] = kept
    return worked


@unit
def work_queue(s: State) -> int:
    """Work on the accounts whose time has come: where a rule settles surplus first, those with equity in a pass of their own."""
    worked = 0
    for market in range(s.header[H_MARKETS]):
        if s.rules[s.markets[(market << MARKET) + M_RULES] + R_SETTLES] == SETTLES_SURPLUS_FIRST:
            worked = work_pass(s, 1)
            break
    return worked + work_pass(s, 0)


@inner
def note_latent(s: State) -> None:
    """Compute what the waterfall will have to find: negative equity at mark of all accounts in the queue."""
    total = 0
    for j in range(s.header[H_QUEUE_HEAD], s.header[H_QUEUE_TAIL]):
        equity = equity_of(s, s.queue[(j << QUEUE) + Q_ACCOUNT] >> MARKET_BITS)
        if equity < 0:
            total -= equity
    s.header[H_LATENT] = total
    if total > s.header[H_LATENT_PEAK]:
        s.header[H_LATENT_PEAK] = total


@inner
def note_pending(s: State) -> None:
    """Enter what clearing still has to find or to give away into the value book: clips that wait, and cash before it is settled."""
    for market in range(s.header[H_MARKETS]):
        t = (market << STATS) + T_PENDING
        m = market << MARKET
        clearing = s.markets[m + M_CLEARING]
        open_cash = s.accounts[(clearing << ROW) + A_BALANCE] + s.markets[m + M_CLAIMED]
        if s.header[H_CLIPS] > 0 or s.stats[t] != 0 or open_cash != 0:
            p = find_position(s, clearing, market)
            size = s.positions[(p << ROW) + P_SIZE] if p >= 0 else 0
            cost = s.positions[(p << ROW) + P_COST] if p >= 0 else 0
            worth = value_at(s, m, size, s.markets[m + M_MARK]) if size != 0 else 0
            s.stats[t] = cost - worth - open_cash


@inner
def watch_holders(s: State) -> None:
    """Look at every holder whose state can put winners before it: what it has now is its past later."""
    for market in range(s.header[H_MARKETS]):
        if s.rules[s.markets[(market << MARKET) + M_RULES] + R_ADL_TRIGGER] != 0:
            adl_is_on(s, market)


@unit
def settle_instant(s: State) -> int:
    """Trigger, work, deleverage, and look again until nothing new happens. Returns the rounds used."""
    watch_holders(s)
    for n in range(MAX_INSTANT_ROUNDS):
        for market in range(s.header[H_MARKETS]):
            if may_liquidate(s, market) and s.markets[(market << MARKET) + M_HALTED] != HALT_ALL:
                check_triggers(s, market, 0)
                check_triggers(s, market, 1)
        worked = work_queue(s) if s.header[H_QUEUE_TAIL] > s.header[H_QUEUE_HEAD] else 0
        if s.header[H_CLIPS] > 0:
            for market in range(s.header[H_MARKETS]):
                if may_liquidate(s, market) and s.markets[(market << MARKET) + M_HALTED] != HALT_ALL:
                    worked += deleverage(s, market)
        if worked == 0:
            worked = watch_pools(s)
        if worked == 0:
            watch_holders(s)
            note_pending(s)
            note_latent(s)
            return n
    s.header[H_FULL] |= FULL_ROUNDS
    return MAX_INSTANT_ROUNDS


@inner
def give_to_winners(s: State, market: int, holder: int, p: int, size: int, price: int) -> None:
    """Move inventory of a holder to clearing at a price, for ADL; what the price is worth against mark goes to the value book."""
    m = market << MARKET
    if add_clip(s, market, holder, p, size, price, 0, BOUND_CASH) == 1:
        received = value_at(s, m, size, price) - value_at(s, m, size, s.markets[m + M_MARK])
        s.stats[(market << STATS) + T_HANDED_ON] -= received


@inner
def hand_on(s: State, market: int, holder: int) -> None:
    """Move the inventory of a used-up holder to the clearing account at the price that leaves its cash at zero, for ADL."""
    m = market << MARKET
    rules = s.markets[m + M_RULES]
    if not has_layer(s, rules, LAYER_ADL) or not may_liquidate(s, market):
        return
    p = find_position(s, holder, market)
    if p < 0 or s.positions[(p << ROW) + P_SIZE] == 0:
        return
    if not exhausted(s, market, holder):
        if s.rules[rules + R_ADL_TRIGGER] != 0 and holder == watched_of(s, m) and adl_is_on(s, market) != 0:
            size, price = excess_of(s, market, holder, p)
            if size != 0:
                give_to_winners(s, market, holder, p, size, price)
        return
    size = s.positions[(p << ROW) + P_SIZE]
    price = zero_cash_price(s, market, holder, p)
    gain = value_at(s, market << MARKET, size, price) - s.positions[(p << ROW) + P_COST]
    if (
        s.accounts[(holder << ROW) + A_BALANCE] + gain < 0
    ):  # no price of this market leaves its cash at zero: it keeps the rest
        return
    give_to_winners(s, market, holder, p, size, price)


@inner
def each_holder(s: State, market: int, k: int) -> int:
    """Return the k-th holder of a market (backstop, fund, pool), or -1 when there is none or it was named before."""
    m = market << MARKET
    backstop = s.markets[m + M_BACKSTOP]
    fund = s.markets[m + M_FUND]
    pool = s.markets[m + M_POOL]
    if k == 0:
        return backstop
    if k == 1:
        return fund if fund != backstop else -1
    return pool if pool not in (fund, backstop) else -1


@unit
def unwind_all(s: State) -> int:
    """Let every holder of every market work its inventory down by rule; hand on what a used-up holder cannot keep."""
    sold = 0
    for market in range(s.header[H_MARKETS]):
        m = market << MARKET
        if s.markets[m + M_MARK] <= 0 or s.markets[m + M_HALTED] == HALT_ALL:
            continue
        for k in range(3):
            holder = each_holder(s, market, k)
            if holder >= 0 and kind_of(s, holder) == HOLDER and holder != s.markets[m + M_LIQUIDITY]:
                sold += unwind(s, market, holder)
                hand_on(s, market, holder)
                note_inventory(s, market, holder)
        s.markets[m + M_UNWIND_TIME] = s.header[H_NOW]
        if s.header[H_NOW] >= s.markets[m + M_DISPOSAL_TIME]:
            s.markets[m + M_DISPOSAL_TIME] = s.header[H_NOW] + s.rules[s.markets[m + M_RULES] + R_DISPOSAL_STEP_US]
    return sold
