"""Auto-deleveraging: one batch per contract and instant closes taken-over clips against ranked opposite positions, exactly.

The clips of an instant stand in the market's clearing account; opposite clips have netted there already. The opposite side is
ranked once (a snapshot), winners are chosen with a histogram of lots over rank, and only the bucket at the cut and those before
it are sorted. Winners and clips are then paired in order; each pair closes at the clip's own price, or at mark by rule.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from shortfall.kernels._jit import inner
from shortfall.kernels.adl_price import average_clips, charge_winner, close_price
from shortfall.kernels.adl_trigger import has_layer
from shortfall.kernels.enqueue import after_trade
from shortfall.kernels.events import emit
from shortfall.kernels.layout import (
    A_BALANCE,
    A_COLLATERAL,
    A_COUNT,
    BOUND_CASH,
    BOUND_DISABLED,
    BOUND_NONE,
    BOUND_ROOM,
    BOUND_UNFIT,
    CAUSE_CLEARING,
    CLIP,
    E_ADL_ENDED,
    E_ADL_STARTED,
    E_CAPACITY_REFUSED,
    E_POSITION_DELEVERAGED,
    ELIGIBLE_OVERLAP,
    ELIGIBLE_PROFITABLE_ONLY,
    H_ACCOUNTS,
    H_CLIPS,
    H_EPOCH,
    H_NOW,
    HOLDER,
    L_CAUSE,
    L_LOTS,
    L_MARKET,
    L_PRICE,
    L_REFERENCE,
    LAYER_ADL,
    LAYER_HAIRCUT,
    LAYER_SOCIALISE,
    M_ADL_FLOOR_LONG,
    M_CLAIMED,
    M_CLEARING,
    M_INDEX,
    M_LONG_FIRST,
    M_MARK,
    M_RULES,
    M_SHORT_FIRST,
    MARKET,
    MARKET_BITS,
    MARKET_MASK,
    NO_PRICE,
    P_COST,
    P_KEY,
    P_SIZE,
    P_TRIGGER,
    PAIR_AVERAGE,
    R_ADL_ELIGIBLE,
    R_ADL_NETTING,
    R_ADL_PAIRING,
    R_ADL_RANK,
    R_ADL_START,
    RANK_LARGEST,
    RANK_PRO_RATA,
    RANK_PROFIT,
    RANK_PROFIT_MAINTENANCE,
    RANK_RANDOM_START,
    RANK_WALLET,
    ROW,
    STATS,
    T_ADL_AMOUNT,
    T_ADL_BATCHES,
    T_ADL_BY_CAPACITY,
    T_ADL_BY_LOSS,
    T_ADL_CLOSES,
    T_ADL_LOTS,
    T_ADL_NOTIONAL,
    T_ADL_PRICE_NOTIONAL,
    T_ADL_SIGNED_LOTS,
    T_ADL_TRANSFER,
    T_ADL_TRANSFER_INDEX,
    T_CARRIED,
    T_FIRST_ADL_TIME,
)
from shortfall.kernels.ledger import book_trade, find_position, kind_of, value_at
from shortfall.kernels.leftover import net_with_holders, offer_later, reprice_at_mark
from shortfall.kernels.margin import equity_of, health
from shortfall.kernels.orders import cancel_all
from shortfall.kernels.rank_bound import PACKED, bounded_behind, has_bounds, keep_bound
from shortfall.kernels.ranks import share_out, venue_rank
from shortfall.kernels.triggers import has_unsettled
from shortfall.kernels.unit import unit
from shortfall.kernels.waterfall import give_surplus, settle_cash
from shortfall.kernels.wide import mul_div_floor, product_above, product_below
from shortfall.kernels.winners import BUCKETS, TRIPLE, bucket_of, select

if TYPE_CHECKING:
    from shortfall.kernels.native import State

SCALE = 1 << 20
TOP_KEY = 1 << 60
SAMPLE = 61  # every so manieth position is looked at before the first ranking,
ENOUGH = 4096  # or fewer, so that the sample stays about as small as this
HITS = 8  # positions of the sample that have to stand in front, or chance decides


@inner
def rank_scale(s: State, code: int, a: int, worth: int, gain: int) -> tuple[int, int]:
    """Return (numerator, denominator) of what profit share is multiplied by, both positive."""
    if code == RANK_PROFIT:
        return 1, 1
    if code == RANK_PROFIT_MAINTENANCE:
        equity, _, need = health(s, a)
        return need if need > 0 else 1, equity if equity > 0 else 1
    plain = s.accounts[(a << ROW) + A_COUNT] == 1 and s.accounts[(a << ROW) + A_COLLATERAL] < 0
    if plain and not has_unsettled(s, a):
        equity = s.accounts[(a << ROW) + A_BALANCE] + gain
    else:
        equity = equity_of(s, a)
    return worth, equity if equity > 0 else 1


@inner
def place_from_start(s: State, m: int, a: int, gain: int) -> int:
    """Return the place of an account in a round that begins at a stated account: highest at the start, 1 just before it.

    Where profit decides who may be cut, those without it have place 0.
    """
    rules = s.markets[m + M_RULES]
    if gain <= 0 and s.rules[rules + R_ADL_ELIGIBLE] != ELIGIBLE_OVERLAP:
        return 0
    accounts = s.header[H_ACCOUNTS]
    return accounts - (a + accounts - s.rules[rules + R_ADL_START] % accounts) % accounts


@inner
def rank_key(s: State, code: int, m: int, p: int, floor: int) -> int:
    """Return the rank key of a position in 2**-20 steps, 0 without profit, -1 when surely below `floor`.

    Profit share is profit / |entry cost|; leverage is |value| / equity of the account at mark. Rounded down twice.
    """
    if code >= RANK_WALLET:
        return venue_rank(s, code, m, p)
    r = p << ROW
    size = s.positions[r + P_SIZE]
    cost = s.positions[r + P_COST]
    value = value_at(s, m, size, s.markets[m + M_MARK])
    gain = value - cost
    worth = value if value > 0 else -value
    if code == RANK_RANDOM_START:
        return place_from_start(s, m, s.positions[r + P_KEY] >> MARKET_BITS, gain)
    if gain <= 0:
        return 0 if floor <= 0 else -1
    if code == RANK_LARGEST:
        return worth
    paid = cost if cost > 0 else -cost
    paid = paid if paid > 0 else 1
    above, below = rank_scale(s, code, s.positions[r + P_KEY] >> MARKET_BITS, worth, gain)
    if floor > 0 and product_below(gain, above, paid, below, floor - 1, SCALE):
        return -1
    if product_above(gain, above, paid, below, TOP_KEY // SCALE):
        return TOP_KEY
    return mul_div_floor(mul_div_floor(gain, SCALE, paid), above, below) + 1


@inner
def surely_behind(s: State, code: int, m: int, p: int, floor: int) -> bool:
    """Say, from the position's row alone, that it ranks below `floor`: a filter that spares the account's cache line.

    An indexed trigger is never beyond the true one, so the notional between it and mark is at most the account's equity, and
    profit share x notional over it is at least the rank.
    """
    if code >= RANK_WALLET:
        return False
    r = p << ROW
    size = s.positions[r + P_SIZE]
    cost = s.positions[r + P_COST]
    value = value_at(s, m, size, s.markets[m + M_MARK])
    gain = value - cost
    if code == RANK_RANDOM_START:
        return False
    if gain <= 0:
        return True
    key = s.positions[r + P_TRIGGER]
    if key == 0 or code == RANK_LARGEST:
        return False
    paid = cost if cost > 0 else -cost
    worth = value if value > 0 else -value
    if code == RANK_PROFIT:
        return product_below(gain, 1, paid if paid > 0 else 1, 1, floor - 1, SCALE)
    near = value_at(s, m, size, NO_PRICE - key if size > 0 else key)
    room = value - near
    return room > 0 and product_below(gain, worth, paid if paid > 0 else 1, room, floor - 1, SCALE)


@inner
def rank_side(s: State, market: int, sign: int, floor: int, everybody: int) -> tuple[int, int]:
    """Write (key, position, lots) of one side's eligible positions into scratch, with a histogram. Returns (count, lots)."""
    m = market << MARKET
    rules = s.markets[m + M_RULES]
    code = s.rules[rules + R_ADL_RANK]
    only_profit = everybody == 0 and s.rules[rules + R_ADL_ELIGIBLE] == ELIGIBLE_PROFITABLE_ONLY
    for b in range(BUCKETS):
        s.scratch[b] = 0
    room = (len(s.scratch) - BUCKETS) // TRIPLE
    count = 0
    lots = 0
    rows = m + (M_LONG_FIRST if sign > 0 else M_SHORT_FIRST)
    mark = s.markets[m + M_MARK]
    bounded = floor > 0 and has_bounds(s, m)
    for p in range(s.markets[rows], s.markets[rows + 1]):
        if bounded and bounded_behind(s.bounds[p], sign, mark, floor):
            continue
        r = p << ROW
        size = s.positions[r + P_SIZE]
        if size * sign <= 0:
            continue
        if bounded and -PACKED < s.bounds[p] < PACKED and s.bounds[p] not in (BOUND_UNFIT, s.header[H_EPOCH]):
            keep_bound(s, p)
        if floor > 0 and surely_behind(s, code, m, p, floor):
            continue
        key = s.positions[r + P_KEY]
        if (key & MARKET_MASK) != market or kind_of(s, key >> MARKET_BITS) >= HOLDER:
            continue
        rank = rank_key(s, code, m, p, floor)
        if rank < floor or (only_profit and rank <= 0):
            continue
        held = size if size > 0 else -size
        at = BUCKETS + TRIPLE * count
        s.scratch[at] = rank
        s.scratch[at + 1] = p
        s.scratch[at + 2] = held
        s.scratch[bucket_of(rank)] += held
        count += 1
        lots += held
        if count >= room:
            break
    return count, lots


@inner
def guess_floor(s: State, market: int, sign: int, need: int) -> int:
    """Return a rank that a sample says leaves a quarter more lots in front than needed; 0 for a small market.

    Only a first look for the exact ranking, which falls back to all positions when the guess was too high.
    """
    m = market << MARKET
    rows = m + (M_LONG_FIRST if sign > 0 else M_SHORT_FIRST)
    if s.markets[rows + 1] - s.markets[rows] < 64 * SAMPLE:
        return 0
    code = s.rules[s.markets[m + M_RULES] + R_ADL_RANK]
    for b in range(BUCKETS):
        s.scratch[b] = 0
    seen = 0
    lots = 0
    step = SAMPLE * (1 + (s.markets[rows + 1] - s.markets[rows]) // (SAMPLE * ENOUGH))
    for p in range(s.markets[rows], s.markets[rows + 1], step):
        r = p << ROW
        size = s.positions[r + P_SIZE]
        key = s.positions[r + P_KEY]
        if size * sign > 0 and (key & MARKET_MASK) == market and kind_of(s, key >> MARKET_BITS) < HOLDER:
            held = size if size > 0 else -size
            s.scratch[bucket_of(rank_key(s, code, m, p, 0))] += held
            seen += 1
            lots += held
    enough = need + need // 4 + (HITS * step * (lots // seen) if seen > 0 else 0)
    total = 0
    for b in range(BUCKETS - 1, 0, -1):
        total += s.scratch[b] * step
        if total >= enough:
            return (64 + (b & 63)) << (b >> 6) >> 6
    return 0


@inner
def drop_netted(s: State, market: int) -> None:
    """Take from the clips of a market what netted against each other: all of the smaller side, the earliest of the larger."""
    longs = 0
    shorts = 0
    for c in range(s.header[H_CLIPS]):
        if s.clips[(c << CLIP) + L_MARKET] == market:
            lots = s.clips[(c << CLIP) + L_LOTS]
            longs += lots if lots > 0 else 0
            shorts -= lots if lots < 0 else 0
    netted = longs if longs < shorts else shorts
    if netted == 0:
        return
    for side in range(2):
        left = netted
        for c in range(s.header[H_CLIPS]):
            at = c << CLIP
            lots = s.clips[at + L_LOTS]
            if s.clips[at + L_MARKET] != market or lots == 0 or (lots > 0) != (side == 0):
                continue
            held = lots if lots > 0 else -lots
            gone = held if held < left else left
            s.clips[at + L_LOTS] = lots - gone if lots > 0 else lots + gone
            left -= gone


@unit
def note_close(s: State, market: int, lots: int, amount: int, cause: int) -> int:
    """Count one close of a winner: `lots` and `amount` are the winner's trade, signed."""
    m = market << MARKET
    t = market << STATS
    held = lots if lots > 0 else -lots
    at_mark = value_at(s, m, lots, s.markets[m + M_MARK])
    s.stats[t + T_ADL_LOTS] += held
    s.stats[t + T_ADL_NOTIONAL] += at_mark if at_mark > 0 else -at_mark
    s.stats[t + T_ADL_PRICE_NOTIONAL] += amount if amount > 0 else -amount
    s.stats[t + T_ADL_CLOSES] += 1
    s.stats[t + T_ADL_SIGNED_LOTS] += lots
    s.stats[t + T_ADL_AMOUNT] += amount
    s.stats[t + T_ADL_TRANSFER] += amount - at_mark
    if s.markets[m + M_INDEX] > 0:
        s.stats[t + T_ADL_TRANSFER_INDEX] += amount - value_at(s, m, lots, s.markets[m + M_INDEX])
    if cause == BOUND_CASH:
        s.stats[t + T_ADL_BY_LOSS] += held
    elif cause not in (BOUND_NONE, BOUND_DISABLED):
        s.stats[t + T_ADL_BY_CAPACITY] += held
    if s.stats[t + T_FIRST_ADL_TIME] == 0:
        s.stats[t + T_FIRST_ADL_TIME] = s.header[H_NOW]
    return 0


@inner
def close_pair(s: State, market: int, clip: int, p: int, lots: int, rank: int) -> None:
    """Close unsigned lots of a winner's position against a clip."""
    m = market << MARKET
    at = clip << CLIP
    size = s.positions[(p << ROW) + P_SIZE]
    signed = -lots if size > 0 else lots
    price = close_price(s, market, s.clips[at + L_PRICE], signed)
    amount = value_at(s, m, signed, price)
    winner = s.positions[(p << ROW) + P_KEY] >> MARKET_BITS
    clearing = s.markets[m + M_CLEARING]
    book_trade(s, winner, market, p, signed, amount)
    book_trade(s, clearing, market, find_position(s, clearing, market), -signed, -amount)
    emit(s, E_POSITION_DELEVERAGED, market, winner, s.clips[at + L_REFERENCE], signed, price, rank, amount)
    note_close(s, market, signed, amount, s.clips[at + L_CAUSE])
    charge_winner(s, market, winner, amount, s.clips[at + L_REFERENCE])
    s.clips[at + L_LOTS] -= signed


@inner
def next_clip(s: State, market: int, clip: int) -> int:
    """Return the first clip of a market from `clip` on that has lots left, or the number of clips."""
    while clip < s.header[H_CLIPS]:
        at = clip << CLIP
        if s.clips[at + L_MARKET] == market and s.clips[at + L_LOTS] != 0:
            return clip
        clip += 1
    return clip


@inner
def pair(s: State, market: int, chosen: int) -> int:
    """Close clips against the chosen winners, both in order. Returns the winners touched."""
    clip = next_clip(s, market, 0)
    touched = 0
    for j in range(chosen):
        if clip >= s.header[H_CLIPS]:
            break
        at = BUCKETS + TRIPLE * j
        rank = s.scratch[at]
        p = s.scratch[at + 1]
        left = s.scratch[at + 2]
        if left == 0:
            continue
        winner = s.positions[(p << ROW) + P_KEY] >> MARKET_BITS
        cancel_all(s, winner, market)
        while left > 0 and clip < s.header[H_CLIPS]:
            have = s.clips[(clip << CLIP) + L_LOTS]
            have = have if have > 0 else -have
            lots = have if have < left else left
            close_pair(s, market, clip, p, lots, rank)
            left -= lots
            clip = next_clip(s, market, clip)
        after_trade(s, market, winner, p)
        touched += 1
    return touched


@inner
def compact_clips(s: State) -> None:
    """Drop clips without lots."""
    kept = 0
    for c in range(s.header[H_CLIPS]):
        if s.clips[(c << CLIP) + L_LOTS] != 0:
            if c != kept:
                for k in range(1 << CLIP):
                    s.clips[(kept << CLIP) + k] = s.clips[(c << CLIP) + k]
            kept += 1
    s.header[H_CLIPS] = kept


@inner
def settle_clearing(s: State, market: int) -> None:
    """Give what the clearing account earned to the fund, or ask the layers for what it is short.

    A claim that nobody covered earlier stays in its balance: it is not asked for again, and gains make it good first.
    """
    m = market << MARKET
    clearing = s.markets[m + M_CLEARING]
    balance = s.accounts[(clearing << ROW) + A_BALANCE]
    claimed = s.markets[m + M_CLAIMED]
    if balance + claimed > 0:
        left = -balance if balance < 0 else 0
        s.stats[(market << STATS) + T_CARRIED] -= claimed - left
        s.markets[m + M_CLAIMED] = left
        give_surplus(s, market, clearing, balance, 0, CAUSE_CLEARING)
    elif balance + claimed < 0:
        s.markets[m + M_CLAIMED] = claimed + settle_cash(s, market, clearing, 0)


@inner
def shares_losses(s: State, rules: int) -> bool:
    """Say whether a loss may be shared: then a clip without winners closes at mark against anybody."""
    return has_layer(s, rules, LAYER_SOCIALISE) or has_layer(s, rules, LAYER_HAIRCUT)


@inner
def run_batch(s: State, market: int, own: int, everybody: int) -> int:
    """Close what clearing holds against winners, or against everybody on the other side. Returns the lots closed."""
    m = market << MARKET
    clearing = s.markets[m + M_CLEARING]
    size = s.positions[(own << ROW) + P_SIZE]
    if size == 0:
        return 0
    sign = -1 if size > 0 else 1
    need = size if size > 0 else -size
    rules = s.markets[m + M_RULES]
    column = m + M_ADL_FLOOR_LONG + (1 if sign < 0 else 0)
    guess = guess_floor(s, market, sign, need)
    floor = guess if guess > 0 else s.markets[column]
    count, lots = rank_side(s, market, sign, floor, everybody)
    if lots < need and floor > 0:
        count, lots = rank_side(s, market, sign, floor * 3 // 4, everybody)
    if lots < need and floor > 0:
        count, lots = rank_side(s, market, sign, 0, everybody)
    emit(s, E_ADL_STARTED, market, clearing, 0, size, lots, count, s.header[H_CLIPS])
    chosen = select(s, count, need)
    s.markets[column] = s.scratch[BUCKETS + TRIPLE * (chosen - 1)] * 31 // 32 if chosen > 0 else 0
    if s.rules[rules + R_ADL_RANK] == RANK_PRO_RATA:
        share_out(s, chosen, need)
    if s.rules[rules + R_ADL_PAIRING] == PAIR_AVERAGE:
        average_clips(s, market)
    touched = pair(s, market, chosen)
    after = s.positions[(own << ROW) + P_SIZE]
    left = after if after > 0 else -after
    s.stats[(market << STATS) + T_ADL_BATCHES] += 1
    emit(s, E_ADL_ENDED, market, clearing, 0, need - left, after, touched, 0)
    if after != 0:
        emit(s, E_CAPACITY_REFUSED, market, clearing, 0, left, BOUND_ROOM, LAYER_ADL, -1)
    return need - left


@unit
def deleverage(s: State, market: int) -> int:
    """Run the ADL batch of a market; what finds no winner is offered to the later layers. Returns the lots closed."""
    m = market << MARKET
    own = find_position(s, s.markets[m + M_CLEARING], market)
    if own < 0 or s.header[H_CLIPS] == 0:
        return 0
    rules = s.markets[m + M_RULES]
    drop_netted(s, market)
    if s.rules[rules + R_ADL_NETTING] != 0:
        net_with_holders(s, market)
    closed = run_batch(s, market, own, 0)
    if s.positions[(own << ROW) + P_SIZE] != 0:
        closed += offer_later(s, market)
        if s.positions[(own << ROW) + P_SIZE] != 0 and shares_losses(s, rules):
            reprice_at_mark(s, market)
            closed += run_batch(s, market, own, 1)
    compact_clips(s)
    if s.positions[(own << ROW) + P_SIZE] == 0:
        settle_clearing(s, market)
    return closed
