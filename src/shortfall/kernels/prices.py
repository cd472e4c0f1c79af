"""Mark from index and book, impact prices, funding premium. Invalid input never liquidates."""

from __future__ import annotations

from typing import TYPE_CHECKING

from shortfall.kernels._jit import inner
from shortfall.kernels.book import best_price, level_at, next_worse
from shortfall.kernels.events import emit
from shortfall.kernels.index import enough_sources
from shortfall.kernels.layout import (
    BAD_VALUE,
    E_MARK_UPDATED,
    E_PRICE_REFUSED,
    H_CLIPS,
    H_NOW,
    M_ASK,
    M_BASIS_COUNT,
    M_BASIS_NEXT,
    M_BASIS_SUM,
    M_BASIS_TIME,
    M_BID,
    M_CLEARING,
    M_EMA_SCALED,
    M_FRESH,
    M_FUNDING_RATE,
    M_FUNDING_TIME,
    M_INDEX,
    M_INDEX_TIME,
    M_INVERSE,
    M_LAST,
    M_LAST_SEEN,
    M_MARK,
    M_MARK_TIME,
    M_MAX_PRICE,
    M_MULTIPLIER,
    M_OUTSIDE,
    M_PREMIUM_COUNT,
    M_PREMIUM_SUM,
    M_PREVIOUS_MARK,
    M_RULES,
    M_TOUCH_SCALED,
    MARK_BASIS_EMA,
    MARK_BASIS_MEAN,
    MARK_FUNDING_BASIS,
    MARK_IMPACT,
    MARK_IMPOSED,
    MARK_INDEX,
    MARK_LAST,
    MARK_VENUES,
    MARKET,
    NO_PRICE,
    P_SIZE,
    R_BASIS_CLAMP,
    R_BASIS_INTERVAL_US,
    R_BASIS_SAMPLES,
    R_FUNDING_CAP,
    R_FUNDING_CLAMP,
    R_FUNDING_INTEREST,
    R_FUNDING_INTERVAL_US,
    R_IMPACT_NOTIONAL,
    R_LIMIT_STALE_US,
    R_MARK,
    R_MARK_MAX_MOVE,
    R_WITHOUT_INDEX,
    RING,
    ROW,
    STATS,
    T_WAITED,
    WITHOUT_KEEPS,
    WITHOUT_MIDDLE,
)
from shortfall.kernels.ledger import find_position, value_at
from shortfall.kernels.wide import mul_div_floor, ppm_floor

if TYPE_CHECKING:
    from shortfall.kernels.native import State

BILLION = 1_000_000_000
EMA_SCALE = 1 << 16


@inner
def median3(a: int, b: int, c: int) -> int:
    """Return the middle of three numbers."""
    low, high = (a, b) if a < b else (b, a)
    if c < low:
        return low
    return c if c < high else high


@inner
def may_liquidate(s: State, market: int) -> bool:
    """Say whether prices of a market are valid and fresh enough to liquidate on."""
    m = market << MARKET
    if s.markets[m + M_MARK] <= 0 or s.markets[m + M_FRESH] > 0:
        return False
    limit = s.rules[s.markets[m + M_RULES] + R_LIMIT_STALE_US]
    return limit == 0 or s.header[H_NOW] - s.markets[m + M_INDEX_TIME] <= limit


@inner
def impact_price(s: State, market: int, side: int, notional: int) -> int:
    """Return the average price of taking a notional from a side of the book, rounded down; 0 when the side is too thin.

    Linear contracts weigh levels by lots; an inverse contract's notional is counted in lots times contract value, so the same
    walk in lots serves with the notional given in lots.
    """
    m = market << MARKET
    price = best_price(s, m, side)
    lots = 0
    paid = 0
    unit = s.markets[m + M_MULTIPLIER] if s.markets[m + M_INVERSE] == 0 else 1
    left = notional
    while left > 0 and 0 < price < NO_PRICE:
        each = price * unit if s.markets[m + M_INVERSE] == 0 else 1
        here = s.levels[level_at(s, m, price) + 2]
        want = (left + each - 1) // each
        take = here if here < want else want
        lots += take
        paid += take * price
        left -= take * each
        price = next_worse(s, m, side, price)
    return paid // lots if left <= 0 and lots > 0 else 0


@inner
def middle(s: State, market: int) -> int:
    """Return the middle of the book (of impact prices where a rule names a notional), rounded down; 0 when a side is empty."""
    m = market << MARKET
    impact = s.rules[s.markets[m + M_RULES] + R_IMPACT_NOTIONAL]
    bid = s.markets[m + M_BID]
    ask = s.markets[m + M_ASK]
    if impact > 0:
        bid = impact_price(s, market, 0, impact)
        ask = impact_price(s, market, 1, impact)
        return (bid + ask) >> 1 if bid > 0 and ask > 0 else 0
    return (bid + ask) >> 1 if bid > 0 and ask < NO_PRICE else 0


@inner
def sample_basis(s: State, market: int, mid: int) -> None:
    """Push a sample of (middle of the book - index) if its time has come: into the ring, the moving average, the premium."""
    m = market << MARKET
    rules = s.markets[m + M_RULES]
    now = s.header[H_NOW]
    index = s.markets[m + M_INDEX]
    if mid <= 0 or index <= 0 or now < s.markets[m + M_BASIS_TIME]:
        return
    s.markets[m + M_BASIS_TIME] = now + s.rules[rules + R_BASIS_INTERVAL_US]
    samples = s.rules[rules + R_BASIS_SAMPLES]
    basis = mid - index
    at = market * RING + s.markets[m + M_BASIS_NEXT]
    if s.markets[m + M_BASIS_COUNT] == samples:
        s.markets[m + M_BASIS_SUM] -= s.ring[at]
    else:
        s.markets[m + M_BASIS_COUNT] += 1
        if s.markets[m + M_BASIS_COUNT] == 1:
            s.markets[m + M_EMA_SCALED] = basis * EMA_SCALE
    s.ring[at] = basis
    s.markets[m + M_BASIS_SUM] += basis
    s.markets[m + M_BASIS_NEXT] = (s.markets[m + M_BASIS_NEXT] + 1) % samples
    s.markets[m + M_EMA_SCALED] += (basis * EMA_SCALE - s.markets[m + M_EMA_SCALED]) * 2 // (samples + 1)
    if s.rules[rules + R_MARK] == MARK_VENUES:
        touched = touch_price(s, market) * EMA_SCALE
        before = s.markets[m + M_TOUCH_SCALED] if s.markets[m + M_TOUCH_SCALED] > 0 else touched
        s.markets[m + M_TOUCH_SCALED] = before + (touched - before) * 2 // (samples + 1)
    s.markets[m + M_PREMIUM_SUM] += mul_div_floor(basis, BILLION, index)
    s.markets[m + M_PREMIUM_COUNT] += 1


@inner
def basis_by_rule(s: State, market: int, code: int) -> int:
    """Return the smoothed basis in ticks, rounded down and clamped by rule; 0 before the first sample."""
    m = market << MARKET
    if s.markets[m + M_BASIS_COUNT] == 0:
        return 0
    if code in (MARK_BASIS_EMA, MARK_VENUES):
        basis = s.markets[m + M_EMA_SCALED] // EMA_SCALE
    else:
        basis = s.markets[m + M_BASIS_SUM] // s.markets[m + M_BASIS_COUNT]
    clamp = s.rules[s.markets[m + M_RULES] + R_BASIS_CLAMP]
    if clamp > 0:
        room = ppm_floor(s.markets[m + M_INDEX], clamp)
        basis = room if basis > room else basis
        basis = -room if basis < -room else basis
    return basis


@inner
def index_with_funding(s: State, market: int) -> int:
    """Return the index with what funding is still to come added: index x (1 + rate x time left / interval), rounded down."""
    m = market << MARKET
    index = s.markets[m + M_INDEX]
    left_us = s.markets[m + M_FUNDING_TIME] - s.header[H_NOW]
    interval = s.rules[s.markets[m + M_RULES] + R_FUNDING_INTERVAL_US]
    if left_us <= 0 or interval <= 0:
        return index
    rate = mul_div_floor(s.markets[m + M_FUNDING_RATE], left_us, interval)
    return index + mul_div_floor(index, rate, BILLION)


@inner
def touch_price(s: State, market: int) -> int:
    """Return the median of best bid, best ask and last price; what there is of them, and the index where there is nothing."""
    m = market << MARKET
    bid = s.markets[m + M_BID]
    ask = s.markets[m + M_ASK]
    last = s.markets[m + M_LAST]
    if bid > 0 and ask < NO_PRICE:
        return median3(bid, ask, last) if last > 0 else (bid + ask) >> 1
    return last if last > 0 else s.markets[m + M_INDEX]


@inner
def outside_price(s: State, market: int) -> int:
    """Return what other venues' perpetuals say; until they say something, the moving average of this market's own touch price."""
    m = market << MARKET
    if s.markets[m + M_OUTSIDE] > 0:
        return s.markets[m + M_OUTSIDE]
    return s.markets[m + M_TOUCH_SCALED] // EMA_SCALE if s.markets[m + M_TOUCH_SCALED] > 0 else touch_price(s, market)


@inner
def mark_by_rule(s: State, market: int, mid: int) -> int:
    """Return the mark price by rule, rounded down."""
    m = market << MARKET
    rules = s.markets[m + M_RULES]
    index = s.markets[m + M_INDEX]
    last = s.markets[m + M_LAST]
    code = s.rules[rules + R_MARK]
    if code == MARK_INDEX:
        return index
    if code == MARK_LAST:
        return last if last > 0 else index
    if code == MARK_IMPOSED:
        return s.markets[m + M_MARK]
    if code == MARK_FUNDING_BASIS:
        return index_with_funding(s, market)
    if code == MARK_IMPACT:
        return mid if mid > 0 else index
    smooth = index + basis_by_rule(s, market, code)
    if code == MARK_VENUES:
        return median3(smooth, touch_price(s, market), outside_price(s, market))
    if code in (MARK_BASIS_MEAN, MARK_BASIS_EMA) or last <= 0:
        return smooth
    return median3(index_with_funding(s, market), smooth, last)


@inner
def mark_without_index(s: State, market: int, mid: int) -> int:
    """Return the mark while too few sources are live: 0 where the rule keeps to the last index, else last price or middle of the book."""
    m = market << MARKET
    code = s.rules[s.markets[m + M_RULES] + R_WITHOUT_INDEX]
    if code == WITHOUT_KEEPS or enough_sources(s, market):
        return 0
    if code == WITHOUT_MIDDLE:
        return mid
    return s.markets[m + M_LAST]


@inner
def held_back(s: State, market: int, mark: int) -> int:
    """Return the mark no farther from the one before than the rule allows in one update, rounded towards it."""
    m = market << MARKET
    most = s.rules[s.markets[m + M_RULES] + R_MARK_MAX_MOVE]
    before = s.markets[m + M_MARK]
    if most <= 0 or before <= 0 or mark <= 0 or mark >= s.markets[m + M_MAX_PRICE]:
        return mark
    room = ppm_floor(before, most)
    room = room if room > 0 else 1
    mark = mark if mark < before + room else before + room
    return mark if mark > before - room else before - room


@inner
def update_mark(s: State, market: int) -> None:
    """Recompute the mark. A mark that is not a valid price is refused and the old one stays."""
    m = market << MARKET
    if s.markets[m + M_INDEX] <= 0:
        return
    mid = middle(s, market)
    sample_basis(s, market, mid)
    mark = mark_without_index(s, market, mid)
    mark = held_back(s, market, mark if mark > 0 else mark_by_rule(s, market, mid))
    if mark <= 0 or mark >= s.markets[m + M_MAX_PRICE]:
        if s.rules[s.markets[m + M_RULES] + R_MARK] == MARK_IMPOSED:
            return
        if s.markets[m + M_FRESH] == 0:  # the old mark judges nobody until a valid one comes with an index price
            s.markets[m + M_FRESH] = 1
        emit(s, E_PRICE_REFUSED, market, -1, 0, mark, BAD_VALUE, s.header[H_NOW], s.markets[m + M_INDEX])
        return
    set_mark(s, market, mark, mid)


@inner
def note_waiting(s: State, market: int, mark: int) -> None:
    """Enter into the value book what the clips that wait for winners gain by a new mark (signed)."""
    m = market << MARKET
    p = find_position(s, s.markets[m + M_CLEARING], market)
    if p >= 0:
        size = s.positions[(p << ROW) + P_SIZE]
        if size != 0:
            moved = value_at(s, m, size, mark) - value_at(s, m, size, s.markets[m + M_MARK])
            s.stats[(market << STATS) + T_WAITED] += moved


@inner
def set_mark(s: State, market: int, mark: int, mid: int) -> None:
    """Take a valid mark."""
    m = market << MARKET
    if s.header[H_CLIPS] > 0 and s.markets[m + M_MARK] > 0:
        note_waiting(s, market, mark)
    s.markets[m + M_PREVIOUS_MARK] = s.markets[m + M_MARK] if s.markets[m + M_MARK] > 0 else mark
    s.markets[m + M_MARK] = mark
    s.markets[m + M_LAST_SEEN] = s.markets[m + M_LAST]
    s.markets[m + M_MARK_TIME] = s.header[H_NOW]
    emit(s, E_MARK_UPDATED, market, -1, mid, s.markets[m + M_INDEX], mark, s.markets[m + M_LAST], s.header[H_NOW])


@inner
def funding_rate_now(s: State, market: int) -> int:
    """Return the funding rate in parts per billion: average premium plus clamped (interest - premium), within the cap."""
    m = market << MARKET
    rules = s.markets[m + M_RULES]
    count = s.markets[m + M_PREMIUM_COUNT]
    premium = s.markets[m + M_PREMIUM_SUM] // count if count > 0 else 0
    clamp = s.rules[rules + R_FUNDING_CLAMP]
    pull = s.rules[rules + R_FUNDING_INTEREST] - premium
    pull = clamp if pull > clamp else pull
    pull = -clamp if pull < -clamp else pull
    rate = premium + pull
    cap = s.rules[rules + R_FUNDING_CAP]
    if cap > 0:
        rate = cap if rate > cap else rate
        rate = -cap if rate < -cap else rate
    return rate
