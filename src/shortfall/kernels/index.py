"""The index from outside sources: which of them count, what they make together, when it is published."""

from __future__ import annotations

from typing import TYPE_CHECKING

from shortfall.kernels._jit import inner
from shortfall.kernels.events import emit
from shortfall.kernels.layout import (
    BAD_VALUE,
    E_PRICE_REFUSED,
    E_SOURCE_EXCLUDED,
    E_SOURCE_READMITTED,
    H_NOW,
    INDEX_MEDIAN,
    INDEX_WEIGHTED_MEDIAN,
    M_FRESH,
    M_INDEX,
    M_INDEX_NEXT,
    M_INDEX_TIME,
    M_INDEX_WAITS,
    M_MAX_PRICE,
    M_RULES,
    MARKET,
    NO_PRICE,
    OUT_OF_SEQUENCE,
    R_INDEX,
    R_INDEX_CLAMP,
    R_INDEX_EXCLUDE,
    R_INDEX_INTERVAL_US,
    R_INDEX_JUMP,
    R_INDEX_MIN_SOURCES,
    R_INDEX_READMIT,
    R_INDEX_READMIT_US,
    R_INDEX_STALE_US,
    SOURCE,
    SOURCES,
    X_OUT,
    X_PRICE,
    X_TIME,
    X_WEIGHT,
)
from shortfall.kernels.wide import ppm_floor

if TYPE_CHECKING:
    from shortfall.kernels.native import State

FEW = 2  # live sources among which no median tells a wrong one
# X_OUT of a source: in, out and far from the median, or out and near it since (time + NEAR)
IN, FAR, NEAR = range(3)


@inner
def source_live(s: State, market: int, k: int, stale_us: int) -> bool:
    """Say whether a source has a weight, a price, and one that is not stale."""
    x = (market * SOURCES + k) << SOURCE
    if s.sources[x + X_WEIGHT] <= 0 or s.sources[x + X_PRICE] <= 0:
        return False
    return stale_us == 0 or s.header[H_NOW] - s.sources[x + X_TIME] <= stale_us


@inner
def counts(s: State, market: int, k: int, stale_us: int, excludes: int) -> bool:
    """Say whether a source is live and not left out."""
    if not source_live(s, market, k, stale_us):
        return False
    return excludes == 0 or s.sources[((market * SOURCES + k) << SOURCE) + X_OUT] == IN


@inner
def sort_sources(s: State, market: int, stale_us: int, excludes: int) -> int:
    """Write the sources that count into the scratch as pairs (price, number), by price. Returns how many."""
    count = 0
    for k in range(SOURCES):
        if counts(s, market, k, stale_us, excludes):
            price = s.sources[((market * SOURCES + k) << SOURCE) + X_PRICE]
            i = count
            while i > 0 and s.scratch[2 * i - 2] > price:
                s.scratch[2 * i] = s.scratch[2 * i - 2]
                s.scratch[2 * i + 1] = s.scratch[2 * i - 1]
                i -= 1
            s.scratch[2 * i] = price
            s.scratch[2 * i + 1] = k
            count += 1
    return count


@inner
def median_of_sorted(s: State, count: int) -> int:
    """Return the median price of sorted sources. The mean of the middle two is rounded down."""
    return (s.scratch[((count - 1) >> 1) << 1] + s.scratch[(count >> 1) << 1]) >> 1


@inner
def distance_above(price: int, median: int, share_ppm: int) -> bool:
    """Say whether a price is farther from the median than a share of it."""
    away = price - median if price > median else median - price
    return away > ppm_floor(median, share_ppm)


@inner
def judge_sources(s: State, market: int, median: int, count: int, stale_us: int) -> None:
    """Leave out sources too far from the median of three or more, readmit those that stayed near it."""
    rules = s.markets[(market << MARKET) + M_RULES]
    far = s.rules[rules + R_INDEX_EXCLUDE]
    near = s.rules[rules + R_INDEX_READMIT]
    near = near if 0 < near < far else far
    now = s.header[H_NOW]
    for k in range(SOURCES):
        if not source_live(s, market, k, stale_us):
            continue
        x = (market * SOURCES + k) << SOURCE
        price = s.sources[x + X_PRICE]
        out = s.sources[x + X_OUT]
        if out == IN and count > FEW and distance_above(price, median, far):
            s.sources[x + X_OUT] = FAR
            emit(s, E_SOURCE_EXCLUDED, market, -1, k, price, median, count, now)
        elif out != IN and distance_above(price, median, near):
            s.sources[x + X_OUT] = FAR
        elif out != IN:
            since = now if out == FAR else out - NEAR
            s.sources[x + X_OUT] = since + NEAR
            if now - since >= s.rules[rules + R_INDEX_READMIT_US]:
                s.sources[x + X_OUT] = IN
                emit(s, E_SOURCE_READMITTED, market, -1, k, price, median, count, now)


@inner
def weight_of(s: State, market: int, k: int) -> int:
    """Return the weight of a source."""
    return s.sources[((market * SOURCES + k) << SOURCE) + X_WEIGHT]


@inner
def weighted_median(s: State, market: int, count: int) -> int:
    """Return the price at which half of the weight of sorted sources is reached; the mean with the next where it is reached exactly."""
    total = 0
    for i in range(count):
        total += weight_of(s, market, s.scratch[2 * i + 1])
    reached = 0
    for i in range(count):
        reached += weight_of(s, market, s.scratch[2 * i + 1])
        if 2 * reached > total:
            return s.scratch[2 * i]
        if 2 * reached == total:
            return (s.scratch[2 * i] + s.scratch[2 * i + 2]) >> 1
    return 0


@inner
def weighted_mean(s: State, market: int, stale_us: int, median: int, count: int, excludes: int) -> int:
    """Return the weighted mean of the sources, each clamped around the median by rule, rounded down."""
    clamp = s.rules[s.markets[(market << MARKET) + M_RULES] + R_INDEX_CLAMP]
    low = median - ppm_floor(median, clamp) if clamp > 0 and count > FEW else 1
    high = median + ppm_floor(median, clamp) if clamp > 0 and count > FEW else NO_PRICE
    total = 0
    weights = 0
    for k in range(SOURCES):
        if counts(s, market, k, stale_us, excludes):
            x = (market * SOURCES + k) << SOURCE
            price = s.sources[x + X_PRICE]
            price = low if price < low else price
            price = high if price > high else price
            total += price * s.sources[x + X_WEIGHT]
            weights += s.sources[x + X_WEIGHT]
    return total // weights if weights > 0 else 0


@inner
def index_from_sources(s: State, market: int) -> int:
    """Return the index by rule, rounded down; 0 when too few sources count, or when few of them jump too far."""
    m = market << MARKET
    rules = s.markets[m + M_RULES]
    stale_us = s.rules[rules + R_INDEX_STALE_US]
    excludes = s.rules[rules + R_INDEX_EXCLUDE]
    live = sort_sources(s, market, stale_us, 0)
    if live == 0:
        return 0
    median = median_of_sorted(s, live)
    inside = live
    if excludes > 0:
        judge_sources(s, market, median, live, stale_us)
        inside = sort_sources(s, market, stale_us, excludes)
    if inside == 0 or inside < s.rules[rules + R_INDEX_MIN_SOURCES]:
        return 0
    code = s.rules[rules + R_INDEX]
    if code == INDEX_MEDIAN:
        index = median_of_sorted(s, inside)
    elif code == INDEX_WEIGHTED_MEDIAN:
        index = weighted_median(s, market, inside)
    else:
        index = weighted_mean(s, market, stale_us, median, live, excludes)
    jump = s.rules[rules + R_INDEX_JUMP]
    before = s.markets[m + M_INDEX]
    if jump > 0 and inside <= FEW and before > 0 and distance_above(index, before, jump // inside):
        return 0
    return index


@inner
def enough_sources(s: State, market: int) -> bool:
    """Say whether as many sources are live and not left out as the rule asks for."""
    rules = s.markets[(market << MARKET) + M_RULES]
    count = 0
    for k in range(SOURCES):
        if counts(s, market, k, s.rules[rules + R_INDEX_STALE_US], s.rules[rules + R_INDEX_EXCLUDE]):
            count += 1
    return count > 0 and count >= s.rules[rules + R_INDEX_MIN_SOURCES]


@inner
def publish_index(s: State, market: int, time_us: int) -> None:
    """Make the sources' price of a time the index, where the next publication is due; it waits for a clock or a price otherwise."""
    m = market << MARKET
    now = s.header[H_NOW]
    interval = s.rules[s.markets[m + M_RULES] + R_INDEX_INTERVAL_US]
    if interval > 0 and now < s.markets[m + M_INDEX_NEXT]:
        s.markets[m + M_INDEX_WAITS] = time_us + 1
        return
    s.markets[m + M_INDEX_WAITS] = 0
    s.markets[m + M_INDEX_NEXT] = now + interval
    index = index_from_sources(s, market)
    if index > 0:
        s.markets[m + M_INDEX] = index
        s.markets[m + M_INDEX_TIME] = time_us
        if s.markets[m + M_FRESH] > 0:
            s.markets[m + M_FRESH] -= 1


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
    publish_index(s, market, time_us)
    return 0


@inner
def index_at_clock(s: State, market: int) -> None:
    """Publish what waited for its time."""
    waits = s.markets[(market << MARKET) + M_INDEX_WAITS]
    if waits > 0:
        publish_index(s, market, waits - 1)


@inner
def forget_sources(s: State, market: int) -> None:
    """Begin anew under other rules: nobody is left out, nothing waits."""
    m = market << MARKET
    s.markets[m + M_INDEX_NEXT] = 0
    s.markets[m + M_INDEX_WAITS] = 0
    for k in range(SOURCES):
        s.sources[((market * SOURCES + k) << SOURCE) + X_OUT] = IN
