"""Index from outside sources, mark from index and book, impact prices, funding premium. Invalid input never liquidates."""

from __future__ import annotations

from typing import TYPE_CHECKING

from shortfall.kernels._jit import inner
from shortfall.kernels.book import best_price, level_at, next_worse
from shortfall.kernels.events import emit
from shortfall.kernels.layout import (
    BAD_VALUE,
    E_MARK_UPDATED,
    E_PRICE_REFUSED,
    H_NOW,
    INDEX_MEDIAN,
    M_ASK,
    M_BASIS_COUNT,
    M_BASIS_NEXT,
    M_BASIS_SUM,
    M_BASIS_TIME,
    M_BID,
    M_EMA_SCALED,
    M_FRESH,
    M_FUNDING_RATE,
    M_FUNDING_TIME,
    M_INDEX,
    M_INDEX_TIME,
    M_INVERSE,
    M_LAST,
    M_MARK,
    M_MARK_TIME,
    M_MAX_PRICE,
    M_MULTIPLIER,
    M_PREMIUM_COUNT,
    M_PREMIUM_SUM,
    M_PREVIOUS_MARK,
    M_RULES,
    MARK_BASIS_EMA,
    MARK_BASIS_MEAN,
    MARK_IMPOSED,
    MARK_INDEX,
    MARK_LAST,
    MARKET,
    NO_PRICE,
    OUT_OF_SEQUENCE,
    R_BASIS_CLAMP,
    R_BASIS_INTERVAL_US,
    R_BASIS_SAMPLES,
    R_FUNDING_CAP,
    R_FUNDING_CLAMP,
    R_FUNDING_INTEREST,
    R_FUNDING_INTERVAL_US,
    R_IMPACT_NOTIONAL,
    R_INDEX,
    R_INDEX_CLAMP,
    R_INDEX_MIN_SOURCES,
    R_INDEX_STALE_US,
    R_LIMIT_STALE_US,
    R_MARK,
    RING,
    SOURCE,
    SOURCES,
    X_PRICE,
    X_TIME,
    X_WEIGHT,
)
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
def source_live(s: State, market: int, k: int, stale_us: int) -> bool:
    """Say whether a source has a weight, a price, and one that is not stale."""
    x = (market * SOURCES + k) << SOURCE
    if s.sources[x + X_WEIGHT] <= 0 or s.sources[x + X_PRICE] <= 0:
        return False
    return stale_us == 0 or s.header[H_NOW] - s.sources[x + X_TIME] <= stale_us


@inner
def median_of_sources(s: State, market: int, stale_us: int) -> tuple[int, int]:
    """Return (median price of the live sources, how many live). The mean of the middle two is rounded down."""
    count = 0
    for k in range(SOURCES):
        if source_live(s, market, k, stale_us):
            price = s.sources[((market * SOURCES + k) << SOURCE) + X_PRICE]
            i = count
            while i > 0 and s.scratch[i - 1] > price:
                s.scratch[i] = s.scratch[i - 1]
                i -= 1
            s.scratch[i] = price
            count += 1
    if count == 0:
        return 0, 0
    return (s.scratch[(count - 1) >> 1] + s.scratch[count >> 1]) >> 1, count


@inner
def index_from_sources(s: State, market: int) -> int:
    """Return the index by rule, rounded down: weighted mean of clamped sources, or median; 0 when too few are live."""
    rules = s.markets[(market << MARKET) + M_RULES]
    stale_us = s.rules[rules + R_INDEX_STALE_US]
    median, count = median_of_sources(s, market, stale_us)
    if count == 0 or count < s.rules[rules + R_INDEX_MIN_SOURCES]:
        return 0
    if s.rules[rules + R_INDEX] == INDEX_MEDIAN:
        return median
    clamp = s.rules[rules + R_INDEX_CLAMP]
    low = median - ppm_floor(median, clamp) if clamp > 0 and count > 2 else 1
    high = median + ppm_floor(median, clamp) if clamp > 0 and count > 2 else NO_PRICE
    total = 0
    weights = 0
    for k in range(SOURCES):
        if source_live(s, market, k, stale_us):
            x = (market * SOURCES + k) << SOURCE
            price = s.sources[x + X_PRICE]
            price = low if price < low else price
            price = high if price > high else price
            total += price * s.sources[x + X_WEIGHT]
            weights += s.sources[x + X_WEIGHT]
    return total // weights


@inner
def source_tick(s: State, market: int, source: int, price: int, time_us: int) -> int:
    """Take a price of one source. Zero, negative, too large or out of sequence is refused and changes nothing."""
    m = market << MARKET
    x = (market * SOURCES + source) << SOURCE
    reason = 0
    if price <= 0 or price >= s.markets[m + M_MAX_PRICE]:
        reason = BAD_VALUE
    elif time_us < s.sources[x + X_TIME]:
        reason = OUT_OF_SEQUENCE
    if reason != 0:
        emit(s, E_PRICE_REFUSED, market, source, 0, price, reason, time_us, s.markets[m + M_INDEX])
        return reason
    s.sources[x + X_PRICE] = price
    s.sources[x + X_TIME] = time_us
    index = index_from_sources(s, market)
    if index > 0:
        s.markets[m + M_INDEX] = index
        s.markets[m + M_INDEX_TIME] = time_us
        if s.markets[m + M_FRESH] > 0:
            s.markets[m + M_FRESH] -= 1
    return 0


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
    s.markets[m + M_PREMIUM_SUM] += mul_div_floor(basis, BILLION, index)
    s.markets[m + M_PREMIUM_COUNT] += 1


@inner
def basis_by_rule(s: State, market: int, code: int) -> int:
    """Return the smoothed basis in ticks, rounded down and clamped by rule; 0 before the first sample."""
    m = market << MARKET
    if s.markets[m + M_BASIS_COUNT] == 0:
        return 0
    if code == MARK_BASIS_EMA:
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
def mark_by_rule(s: State, market: int) -> int:
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
    smooth = index + basis_by_rule(s, market, code)
    if code in (MARK_BASIS_MEAN, MARK_BASIS_EMA) or last <= 0:
        return smooth
    left_us = s.markets[m + M_FUNDING_TIME] - s.header[H_NOW]
    interval = s.rules[rules + R_FUNDING_INTERVAL_US]
    fair = index
    if left_us > 0 and interval > 0:
        rate = mul_div_floor(s.markets[m + M_FUNDING_RATE], left_us, interval)
        fair += mul_div_floor(index, rate, BILLION)
    return median3(fair, smooth, last)


@inner
def update_mark(s: State, market: int) -> None:
    """Recompute the mark. A mark that is not a valid price is refused and the old one stays."""
    m = market << MARKET
    if s.markets[m + M_INDEX] <= 0:
        return
    mid = middle(s, market)
    sample_basis(s, market, mid)
    mark = mark_by_rule(s, market)
    if mark <= 0 or mark >= s.markets[m + M_MAX_PRICE]:
        if s.rules[s.markets[m + M_RULES] + R_MARK] == MARK_IMPOSED:
            return
        if s.markets[m + M_FRESH] == 0:  # the old mark judges nobody until a valid one comes with an index price
            s.markets[m + M_FRESH] = 1
        emit(s, E_PRICE_REFUSED, market, -1, 0, mark, BAD_VALUE, s.header[H_NOW], s.markets[m + M_INDEX])
        return
    set_mark(s, market, mark, mid)


@inner
def set_mark(s: State, market: int, mark: int, mid: int) -> None:
    """Take a valid mark."""
    m = market << MARKET
    s.markets[m + M_PREVIOUS_MARK] = s.markets[m + M_MARK] if s.markets[m + M_MARK] > 0 else mark
    s.markets[m + M_MARK] = mark
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
