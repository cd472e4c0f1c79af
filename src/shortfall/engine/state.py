"""Allocate, copy, compare and hand over the flat state of one engine."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from shortfall.kernels import layout as at
from shortfall.kernels._jit import JIT
from shortfall.kernels.native import State, address_table
from shortfall.kernels.unit import bind
from shortfall.model.capacity import Capacity, power_of_two

if TYPE_CHECKING:
    from numpy.typing import NDArray

DIRECTORY_LOG2 = 20  # pages of 1,024 levels up to the highest price


def _rows(count: int, fill: int = 0) -> NDArray[np.int64]:
    """Return `count` words; zeros are not touched until they are used."""
    return np.zeros(count, np.int64) if fill == 0 else np.full(count, fill, np.int64)


def new_state(capacity: Capacity, pages_log2: tuple[int, ...] = (15, 15, 15, 15)) -> State:
    """Return an empty state.

    Parameters
    ----------
    capacity : Capacity
        Rows of every array.
    pages_log2 : tuple of int
        For each market, log2 of the pages its price scale may need (prices below 2 ** (10 + this)).
    """
    events = power_of_two(capacity.events)
    orders = power_of_two(2 * capacity.orders + 2)
    heap = capacity.heap_rows()
    table = sum(at.table_words(k) for k in pages_log2)
    state = State(
        header=_rows(64),
        accounts=_rows(capacity.accounts << at.ROW),
        positions=_rows(capacity.positions << at.ROW),
        markets=_rows(capacity.markets << at.MARKET),
        rules=_rows(capacity.rule_sets << at.RULES),
        table=_rows(table, -1),
        bits=_rows(capacity.pages * at.PAGE_WORDS),
        levels=_rows((capacity.pages << at.PAGE) << at.LEVEL),
        nodes=_rows(capacity.orders << at.ROW),
        orders=_rows(2 * orders, -1),
        heap=_rows(2 * capacity.markets * heap),
        run=_rows(2 * capacity.markets * capacity.positions),
        events=_rows(events << at.ROW),
        touched=_rows(capacity.accounts),
        scratch=_rows(4096 + 3 * capacity.positions),
        units=_rows(128),
        assets=_rows(capacity.assets << at.ROW),
        collaterals=_rows(capacity.collaterals << at.COLLATERAL),
        sources=_rows((capacity.markets * at.SOURCES) << at.SOURCE),
        ring=_rows(capacity.markets * at.RING),
        stats=_rows(capacity.markets << at.STATS),
        queue=_rows(2 * capacity.accounts << at.QUEUE),
        clips=_rows(capacity.clips << at.CLIP),
        statements=_rows(capacity.positions << at.STATEMENT),
        uses=_rows(capacity.positions << at.USE),
        stakes=_rows(capacity.collaterals << at.ROW),
        past=_rows(capacity.markets * at.PAST),
        bounds=_rows(capacity.positions),
    )
    h = state.header
    h[at.H_EVENT_MASK] = events - 1
    h[at.H_FREE_NODE] = -1
    h[at.H_FREE_PAGE] = -1
    h[at.H_ORDER_MASK] = orders - 1
    h[at.H_EPOCH] = 1
    h[at.H_LINEAR_EVENTS] = 1
    _lay_out_markets(state, pages_log2, heap, capacity.positions)
    return state


def _lay_out_markets(state: State, pages_log2: tuple[int, ...], heap: int, positions: int) -> None:
    start = 0
    table = state.table
    for market, log2 in enumerate(pages_log2):
        m = market << at.MARKET
        words = at.table_words(log2)
        table[start + (1 << log2) : start + words] = 0  # type: ignore[index]  # arrays take slices
        state.markets[m + at.M_TABLE] = start
        state.markets[m + at.M_PAGES] = log2
        state.markets[m + at.M_ASK] = at.NO_PRICE
        state.markets[m + at.M_HEAP_LONG] = 2 * market * heap
        state.markets[m + at.M_HEAP_SHORT] = (2 * market + 1) * heap
        state.markets[m + at.M_HEAP_CAPACITY] = heap
        state.markets[m + at.M_RUN_LONG] = 2 * market * positions
        state.markets[m + at.M_RUN_SHORT] = (2 * market + 1) * positions
        start += words


def copy_state(state: State) -> State:
    """Return a copy that shares nothing."""
    return State(*(array.copy() for array in state.arrays()))


class Handle:
    """What a kernel takes: the address of a state's table, or the state itself with the JIT off. Keeps both alive."""

    __slots__ = ("argument", "state", "table")

    def __init__(self, state: State) -> None:
        self.state = state
        self.table: NDArray[np.int64] | None = None
        self.argument: object = state
        if JIT:
            bind(state)
            self.table = address_table(state)
            self.argument = int(self.table.ctypes.data)
