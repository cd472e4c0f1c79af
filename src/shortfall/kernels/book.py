"""Price-time-priority book on a sparse ladder of any width.

Pages of 1,024 price levels are allocated where orders rest and freed when empty, so the width of prices costs a directory
entry and not memory. Bids and asks share one ladder and one bitmap, because a book is never crossed. Each level knows its
lots, so depth, fill-or-kill and impact prices need no walk along the orders.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from shortfall.kernels._jit import inlined, inner
from shortfall.kernels.layout import (
    FULL_NODES,
    FULL_PAGES,
    H_FREE_NODE,
    H_FREE_PAGE,
    H_FULL,
    H_NODES,
    H_PAGES,
    LEVEL,
    M_ASK,
    M_BID,
    M_PAGES,
    M_TABLE,
    N_KEY,
    N_LOTS,
    N_NEXT,
    N_PREVIOUS,
    N_PRICE,
    NO_PRICE,
    PAGE,
    PAGE_LEVELS,
    PAGE_WORDS,
    ROW,
)
from shortfall.kernels.wide import highest_bit, lowest_bit

if TYPE_CHECKING:
    from shortfall.kernels.native import State

BUY_SIDE, SELL_SIDE = range(2)
L_HEAD, L_TAIL, L_TOTAL = range(3)


@inner
def page_above(s: State, table: int, pages_log2: int, page: int) -> int:
    """Return the lowest allocated page >= page, or -1."""
    items = 1 << pages_log2
    if page >= items:
        return -1
    start = table + items
    words = items >> 5 if items > 32 else 1
    index = page
    level = 1
    while True:
        word = index >> 5
        if word < words:
            x = s.table[start + word] >> (index & 31)
            if x != 0:
                index += lowest_bit(x)
                break
        if words == 1:
            return -1
        index = word + 1
        start += words
        words = words >> 5 if words > 32 else 1
        level += 1
    while level > 1:
        level -= 1
        words = items >> (5 * level)
        words = words if words > 1 else 1
        start -= words
        index = index << 5 | lowest_bit(s.table[start + index])
    return index


@inner
def page_below(s: State, table: int, pages_log2: int, page: int) -> int:
    """Return the highest allocated page <= page, or -1."""
    if page < 0:
        return -1
    items = 1 << pages_log2
    start = table + items
    words = items >> 5 if items > 32 else 1
    index = page
    level = 1
    while True:
        word = index >> 5
        x = s.table[start + word] & ((2 << (index & 31)) - 1)
        if x != 0:
            index = word << 5 | highest_bit(x)
            break
        if words == 1 or word == 0:
            return -1
        index = word - 1
        start += words
        words = words >> 5 if words > 32 else 1
        level += 1
    while level > 1:
        level -= 1
        words = items >> (5 * level)
        words = words if words > 1 else 1
        start -= words
        index = index << 5 | highest_bit(s.table[start + index])
    return index


@inner
def next_up(s: State, m: int, price: int) -> int:
    """Return the lowest price >= price with a resting order, or NO_PRICE. `m` is the market's row offset."""
    table = s.markets[m + M_TABLE]
    pages = s.markets[m + M_PAGES]
    page = price >> PAGE
    if page >= 1 << pages:
        return NO_PRICE
    slot = s.table[table + page]
    if slot >= 0:
        b = slot * PAGE_WORDS
        w = (price >> 5) & 31
        x = s.bits[b + w] >> (price & 31)
        if x != 0:
            return price + lowest_bit(x)
        x = s.bits[b + 32] >> (w + 1)
        if x != 0:
            w += 1 + lowest_bit(x)
            return page << PAGE | w << 5 | lowest_bit(s.bits[b + w])
    page = page_above(s, table, pages, page + 1)
    if page < 0:
        return NO_PRICE
    b = s.table[table + page] * PAGE_WORDS
    w = lowest_bit(s.bits[b + 32])
    return page << PAGE | w << 5 | lowest_bit(s.bits[b + w])


@inner
def next_down(s: State, m: int, price: int) -> int:
    """Return the highest price <= price with a resting order, or 0. `m` is the market's row offset."""
    if price <= 0:
        return 0
    table = s.markets[m + M_TABLE]
    pages = s.markets[m + M_PAGES]
    page = price >> PAGE
    slot = s.table[table + page]
    if slot >= 0:
        b = slot * PAGE_WORDS
        w = (price >> 5) & 31
        x = s.bits[b + w] & ((2 << (price & 31)) - 1)
        if x != 0:
            return (price & -32) | highest_bit(x)
        x = s.bits[b + 32] & ((1 << w) - 1)
        if x != 0:
            w = highest_bit(x)
            return page << PAGE | w << 5 | highest_bit(s.bits[b + w])
    page = page_below(s, table, pages, page - 1)
    if page < 0:
        return 0
    b = s.table[table + page] * PAGE_WORDS
    w = highest_bit(s.bits[b + 32])
    return page << PAGE | w << 5 | highest_bit(s.bits[b + w])


@inner
def page_open(s: State, m: int, page: int) -> int:
    """Allocate a page and set its bits in the directory. Returns its slot, or -1 when there is no room."""
    slot = s.header[H_FREE_PAGE]
    if slot >= 0:
        s.header[H_FREE_PAGE] = s.bits[slot * PAGE_WORDS]
        s.bits[slot * PAGE_WORDS] = 0
    else:
        slot = s.header[H_PAGES]
        if (slot + 1) * PAGE_WORDS > len(s.bits):
            s.header[H_FULL] |= FULL_PAGES
            return -1
        s.header[H_PAGES] = slot + 1
        for level in range(slot << PAGE, (slot + 1) << PAGE):
            s.levels[level << LEVEL] = -1
            s.levels[(level << LEVEL) + L_TAIL] = -1
    table = s.markets[m + M_TABLE]
    items = 1 << s.markets[m + M_PAGES]
    s.table[table + page] = slot
    start = table + items
    words = items
    index = page
    while words > 1:
        words = words >> 5 if words > 32 else 1
        s.table[start + (index >> 5)] |= 1 << (index & 31)
        index >>= 5
        start += words
    return slot


@inner
def page_close(s: State, m: int, page: int) -> None:
    """Free an empty page and clear its bits in the directory."""
    table = s.markets[m + M_TABLE]
    items = 1 << s.markets[m + M_PAGES]
    slot = s.table[table + page]
    s.table[table + page] = -1
    s.bits[slot * PAGE_WORDS] = s.header[H_FREE_PAGE]
    s.header[H_FREE_PAGE] = slot
    start = table + items
    words = items
    index = page
    while words > 1:
        words = words >> 5 if words > 32 else 1
        x = s.table[start + (index >> 5)] & ~(1 << (index & 31))
        s.table[start + (index >> 5)] = x
        if x != 0:
            return
        index >>= 5
        start += words


@inlined
def level_clear(s: State, m: int, price: int) -> None:
    """Clear the bits of a level that became empty; free its page when that is empty too."""
    page = price >> PAGE
    b = s.table[s.markets[m + M_TABLE] + page] * PAGE_WORDS
    w = (price >> 5) & 31
    x = s.bits[b + w] & ~(1 << (price & 31))
    s.bits[b + w] = x
    if x != 0:
        return
    x = s.bits[b + 32] & ~(1 << w)
    s.bits[b + 32] = x
    if x == 0:
        page_close(s, m, page)


@inlined
def level_at(s: State, m: int, price: int) -> int:
    """Return the row offset of a level whose page is allocated."""
    slot = s.table[s.markets[m + M_TABLE] + (price >> PAGE)]
    return (slot << PAGE | (price & (PAGE_LEVELS - 1))) << LEVEL


@inlined
def node_new(s: State) -> int:
    """Take an order row from the free list or the end. Returns -1 when there is no room."""
    i = s.header[H_FREE_NODE]
    if i >= 0:
        s.header[H_FREE_NODE] = s.nodes[(i << ROW) + N_NEXT]
        return i
    i = s.header[H_NODES]
    if (i + 1) << ROW > len(s.nodes):
        s.header[H_FULL] |= FULL_NODES
        return -1
    s.header[H_NODES] = i + 1
    return i


@inlined
def node_free(s: State, i: int) -> None:
    """Give an order row back."""
    s.nodes[(i << ROW) + N_NEXT] = s.header[H_FREE_NODE]
    s.nodes[(i << ROW) + N_KEY] = -1
    s.header[H_FREE_NODE] = i


@inlined
def book_add(s: State, m: int, side: int, price: int, lots: int, key: int) -> int:
    """Append an order at the tail of its level. Returns its row, or -1 when there is no room (nothing is changed then)."""
    page = price >> PAGE
    slot = s.table[s.markets[m + M_TABLE] + page]
    if slot < 0:
        slot = page_open(s, m, page)
        if slot < 0:
            return -1
    i = node_new(s)
    if i < 0:
        if s.bits[slot * PAGE_WORDS + 32] == 0:
            page_close(s, m, page)
        return -1
    level = (slot << PAGE | (price & (PAGE_LEVELS - 1))) << LEVEL
    n = i << ROW
    tail = s.levels[level + L_TAIL]
    s.nodes[n + N_LOTS] = lots
    s.nodes[n + N_PRICE] = price
    s.nodes[n + N_NEXT] = -1
    s.nodes[n + N_PREVIOUS] = tail
    s.nodes[n + N_KEY] = key
    s.levels[level + L_TAIL] = i
    s.levels[level + L_TOTAL] += lots
    if tail >= 0:
        s.nodes[(tail << ROW) + N_NEXT] = i
        return i
    s.levels[level] = i
    b = slot * PAGE_WORDS
    w = (price >> 5) & 31
    s.bits[b + w] |= 1 << (price & 31)
    s.bits[b + 32] |= 1 << w
    if side == BUY_SIDE:
        if price > s.markets[m + M_BID]:
            s.markets[m + M_BID] = price
    elif price < s.markets[m + M_ASK]:
        s.markets[m + M_ASK] = price
    return i


@inlined
def book_remove(s: State, m: int, side: int, i: int) -> None:
    """Unlink a resting order from its level; the row stays with the caller."""
    n = i << ROW
    price = s.nodes[n + N_PRICE]
    after = s.nodes[n + N_NEXT]
    before = s.nodes[n + N_PREVIOUS]
    level = level_at(s, m, price)
    s.levels[level + L_TOTAL] -= s.nodes[n + N_LOTS]
    if before >= 0:
        s.nodes[(before << ROW) + N_NEXT] = after
    else:
        s.levels[level] = after
    if after >= 0:
        s.nodes[(after << ROW) + N_PREVIOUS] = before
    else:
        s.levels[level + L_TAIL] = before
    if before < 0 and after < 0:
        level_clear(s, m, price)
        if side == BUY_SIDE:
            if price == s.markets[m + M_BID]:
                s.markets[m + M_BID] = next_down(s, m, price - 1)
        elif price == s.markets[m + M_ASK]:
            s.markets[m + M_ASK] = next_up(s, m, price + 1)


@inlined
def level_done(s: State, m: int, side: int, price: int) -> None:
    """Note that the best level of a side was emptied from its head, and find the next best."""
    level_clear(s, m, price)
    if side == BUY_SIDE:
        s.markets[m + M_BID] = next_down(s, m, price - 1)
    else:
        s.markets[m + M_ASK] = next_up(s, m, price + 1)


@inlined
def best_price(s: State, m: int, side: int) -> int:
    """Return the best price of a side: NO_PRICE for an empty ask side, 0 for an empty bid side."""
    return s.markets[m + M_BID] if side == BUY_SIDE else s.markets[m + M_ASK]


@inner
def next_worse(s: State, m: int, side: int, price: int) -> int:
    """Return the next non-empty price behind `price` on a side; NO_PRICE or 0 when there is none."""
    return next_down(s, m, price - 1) if side == BUY_SIDE else next_up(s, m, price + 1)


@inlined
def within(side: int, price: int, limit: int) -> bool:
    """Say whether a resting price of `side` exists and is at least as good for the taker as his limit."""
    if side == BUY_SIDE:
        return price > 0 and price >= limit
    return price < NO_PRICE and price <= limit
