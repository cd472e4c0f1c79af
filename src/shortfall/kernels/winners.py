"""Choose the winners of an ADL batch among ranked positions, and bring them into order.

Scratch holds a histogram of lots over rank, then one triple (rank key, position, lots) per eligible position. The histogram
says at which bucket the lots suffice, so that only the winners are sorted: spread over buckets of equal width first, so that
almost every comparison is between neighbours.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from shortfall.kernels._jit import inlined, inner
from shortfall.kernels.layout import P_KEY, ROW
from shortfall.kernels.wide import highest_bit

if TYPE_CHECKING:
    from shortfall.kernels.native import State

BUCKETS = 4096
TRIPLE = 3
FEW = 128  # winners that are sorted without spreading them first


@inlined
def bucket_of(key: int) -> int:
    """Return a log-linear bucket of a rank key, monotone: 64 steps per power of two."""
    if key <= 0:
        return 0
    h = highest_bit(key)
    step = (key << 6 >> h) if h < 56 else (key >> (h - 6))
    return h << 6 | (step & 63)


@inlined
def copy_triple(s: State, source: int, target: int) -> None:
    """Copy one triple of scratch over another."""
    s.scratch[BUCKETS + TRIPLE * target] = s.scratch[BUCKETS + TRIPLE * source]
    s.scratch[BUCKETS + TRIPLE * target + 1] = s.scratch[BUCKETS + TRIPLE * source + 1]
    s.scratch[BUCKETS + TRIPLE * target + 2] = s.scratch[BUCKETS + TRIPLE * source + 2]


@inlined
def ahead(s: State, key: int, p: int, j: int) -> bool:
    """Say whether (key, position) ranks before triple j: higher key first, then lower account id."""
    other = s.scratch[BUCKETS + TRIPLE * j]
    if key != other:
        return key > other
    return s.positions[(p << ROW) + P_KEY] < s.positions[(s.scratch[BUCKETS + TRIPLE * j + 1] << ROW) + P_KEY]


@inner
def sort_triples(s: State, first: int, end: int) -> None:
    """Sort the triples from `first` to before `end` by rank (Shell sort: in place, bounded)."""
    gap = 1
    while gap < (end - first) // 9:
        gap = 3 * gap + 1
    while gap > 0:
        for j in range(first + gap, end):
            at = BUCKETS + TRIPLE * j
            key = s.scratch[at]
            p = s.scratch[at + 1]
            lots = s.scratch[at + 2]
            i = j - gap
            while i >= first and ahead(s, key, p, i):
                copy_triple(s, i, i + gap)
                i -= gap
            to = BUCKETS + TRIPLE * (i + gap)
            s.scratch[to] = key
            s.scratch[to + 1] = p
            s.scratch[to + 2] = lots
        gap //= 3


@inner
def spread(s: State, chosen: int, spare: int) -> None:
    """Bring the winners into order of buckets of equal width, by way of the triples from `spare` on.

    The histogram of lots is used up: its words end as the ends of the buckets.
    """
    low = s.scratch[BUCKETS]
    high = low
    for j in range(chosen):
        key = s.scratch[BUCKETS + TRIPLE * j]
        low = key if key < low else low
        high = key if key > high else high
    bits = highest_bit(high - low + 1) - 11
    shift = bits if bits > 0 else 0
    for b in range(BUCKETS):
        s.scratch[b] = 0
    for j in range(chosen):
        s.scratch[(high - s.scratch[BUCKETS + TRIPLE * j]) >> shift] += 1
    start = 0
    for b in range(BUCKETS):
        held = s.scratch[b]
        s.scratch[b] = start
        start += held
    for j in range(chosen):
        b = (high - s.scratch[BUCKETS + TRIPLE * j]) >> shift
        copy_triple(s, j, spare + s.scratch[b])
        s.scratch[b] += 1
    for j in range(chosen):
        copy_triple(s, spare + j, j)


@inner
def sort_winners(s: State, chosen: int, count: int) -> None:
    """Sort the first `chosen` of `count` triples by rank; few of them, or without room to spread them, all at once."""
    if chosen < FEW or BUCKETS + TRIPLE * (count + chosen) > len(s.scratch):
        sort_triples(s, 0, chosen)
        return
    spread(s, chosen, count)
    first = 0
    for b in range(BUCKETS):
        end = s.scratch[b]
        if end - first > 1:
            sort_triples(s, first, end)
        first = end


@inner
def select(s: State, count: int, need: int) -> int:
    """Put the winners first, in rank order; together they hold at least `need` lots, or all there are. Returns how many."""
    total = 0
    cut = 0
    for b in range(BUCKETS - 1, -1, -1):
        total += s.scratch[b]
        if total >= need:
            cut = b
            break
    chosen = 0
    for j in range(count):
        if bucket_of(s.scratch[BUCKETS + TRIPLE * j]) >= cut:
            if j != chosen:
                copy_triple(s, j, chosen)
            chosen += 1
    sort_winners(s, chosen, count)
    return chosen
