"""Resting orders of accounts: the map from order ids to rows, the list of each account, cancelling."""

from __future__ import annotations

from typing import TYPE_CHECKING

from shortfall.kernels._jit import inner
from shortfall.kernels.book import (
    book_remove,
    node_free,
)
from shortfall.kernels.events import emit
from shortfall.kernels.layout import (
    A_ORDER,
    E_ORDER_CANCELLED,
    H_ORDER_MASK,
    H_ORDERS,
    MARKET,
    MARKET_MASK,
    N_ACCOUNT,
    N_ACCOUNT_NEXT,
    N_ACCOUNT_PREVIOUS,
    N_ID,
    N_KEY,
    N_LOTS,
    N_PRICE,
    N_REDUCE,
    P_BUY,
    ROW,
)
from shortfall.kernels.ledger import find_position
from shortfall.kernels.unit import unit

if TYPE_CHECKING:
    from shortfall.kernels.native import State

HASH = 0x9E3779B1


@inner
def slot_of(s: State, order: int) -> int:
    """Return where an order id stands in the id map, or -1."""
    mask = s.header[H_ORDER_MASK]
    j = (order * HASH >> 7) & mask
    for _ in range(mask + 1):
        x = s.orders[2 * j]
        if x == order:
            return j
        if x < 0:
            return -1
        j = (j + 1) & mask
    return -1


@inner
def id_put(s: State, order: int, node: int) -> None:
    """Remember which row an order id has. The caller has checked that there is room."""
    mask = s.header[H_ORDER_MASK]
    j = (order * HASH >> 7) & mask
    while s.orders[2 * j] >= 0:
        j = (j + 1) & mask
    s.orders[2 * j] = order
    s.orders[2 * j + 1] = node
    s.header[H_ORDERS] += 1


@inner
def id_remove(s: State, order: int) -> None:
    """Forget an order id, closing the gap behind it (no tombstones)."""
    j = slot_of(s, order)
    if j < 0:
        return
    mask = s.header[H_ORDER_MASK]
    i = j
    while True:
        i = (i + 1) & mask
        x = s.orders[2 * i]
        if x < 0:
            break
        home = (x * HASH >> 7) & mask
        if ((i - home) & mask) >= ((i - j) & mask):
            s.orders[2 * j] = x
            s.orders[2 * j + 1] = s.orders[2 * i + 1]
            j = i
    s.orders[2 * j] = -1
    s.header[H_ORDERS] -= 1


@inner
def order_release(s: State, i: int) -> None:
    """Take an order off its account's list and the id map, and give its row back."""
    n = i << ROW
    after = s.nodes[n + N_ACCOUNT_NEXT]
    before = s.nodes[n + N_ACCOUNT_PREVIOUS]
    if before >= 0:
        s.nodes[(before << ROW) + N_ACCOUNT_NEXT] = after
    else:
        s.accounts[((s.nodes[n + N_KEY] >> N_ACCOUNT) << ROW) + A_ORDER] = after
    if after >= 0:
        s.nodes[(after << ROW) + N_ACCOUNT_PREVIOUS] = before
    if s.nodes[n + N_ID] > 0:
        id_remove(s, s.nodes[n + N_ID])
    node_free(s, i)


@inner
def open_lots_change(s: State, p: int, key: int, lots: int) -> None:
    """Change the lots that a position has in open orders of one side; reduce-only orders do not count."""
    if key & N_REDUCE == 0:
        s.positions[(p << ROW) + P_BUY + (key & 1)] += lots


@inner
def cancel_node(s: State, i: int) -> None:
    """Cancel a resting order."""
    n = i << ROW
    key = s.nodes[n + N_KEY]
    market = key >> 1 & MARKET_MASK
    a = key >> N_ACCOUNT
    lots = s.nodes[n + N_LOTS]
    book_remove(s, market << MARKET, key & 1, i)
    open_lots_change(s, find_position(s, a, market), key, -lots)
    emit(s, E_ORDER_CANCELLED, market, a, s.nodes[n + N_ID], lots, s.nodes[n + N_PRICE], key & 1, 0)
    order_release(s, i)


@unit
def cancel_all(s: State, a: int, market: int) -> int:
    """Cancel an account's orders in one market, or in all when market < 0. Returns how many."""
    count = 0
    i = s.accounts[(a << ROW) + A_ORDER]
    while i >= 0:
        after = s.nodes[(i << ROW) + N_ACCOUNT_NEXT]
        if market < 0 or (s.nodes[(i << ROW) + N_KEY] >> 1 & MARKET_MASK) == market:
            cancel_node(s, i)
            count += 1
        i = after
    return count
