"""The book kernel alone: ladder functions of the engine, driven by one small loop, against the same rules in C."""

from __future__ import annotations

import ctypes
import shutil
import subprocess
import tempfile
import time
from pathlib import Path
from statistics import median
from typing import TYPE_CHECKING

import numpy as np

from flow import Flow, mixed_flow
from rows import Row
from shortfall.engine.state import Handle, new_state
from shortfall.kernels._jit import entry, inlined
from shortfall.kernels.book import best_price, book_add, book_remove, level_at, level_done, node_free, within
from shortfall.kernels.events import emit
from shortfall.kernels.layout import (
    E_ORDER_FILLED,
    H_LINEAR_EVENTS,
    N_ID,
    N_LOTS,
    N_NEXT,
    N_PREVIOUS,
    N_PRICE,
    NO_PRICE,
    ROW,
)
from shortfall.kernels.native import as_state
from shortfall.model.capacity import Capacity

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from shortfall.kernels.native import Rows, State

SOURCE = Path(__file__).parent / "limits" / "ladder.c"
TARGET = 30.0


@inlined
def take(s: State, side: int, lots: int, limit: int, rows: Rows) -> int:
    """Fill against the other side up to a limit, one event a fill. Returns the lots left."""
    other = 1 - side
    price = best_price(s, 0, other)
    while lots > 0 and within(other, price, limit):
        level = level_at(s, 0, price)
        i = s.levels[level]
        while lots > 0 and i >= 0:
            n = i << ROW
            here = s.nodes[n + N_LOTS]
            done = here if here < lots else lots  # noqa: FURB136 - one comparison of integers compiles to one select
            emit(s, E_ORDER_FILLED, 0, i, side, done, price, lots, here)
            lots -= done
            s.levels[level + 2] -= done
            if done < here:
                s.nodes[n + N_LOTS] = here - done
                break
            rows[s.nodes[n + N_ID]] = -1
            i = head_gone(s, level, i)
        if i < 0:
            level_done(s, 0, other, price)
        price = best_price(s, 0, other)
    return lots


@inlined
def head_gone(s: State, level: int, i: int) -> int:
    """Unlink and free the head of a level. Returns the next order there, or -1."""
    after = s.nodes[(i << ROW) + N_NEXT]
    node_free(s, i)
    s.levels[level] = after
    if after >= 0:
        s.nodes[(after << ROW) + N_PREVIOUS] = -1
    else:
        s.levels[level + 1] = -1
    return after


@entry
def drive(handle: object, events: Rows, count: int, rows: Rows) -> int:
    """Run book events. `rows` maps an id to its order row, -1 when it does not rest. Returns the lots filled, -1 when full."""
    s = as_state(handle)
    filled = 0
    for k in range(count):
        kind = events[5 * k]
        side = events[5 * k + 1]
        lots = events[5 * k + 3]
        order = events[5 * k + 4]
        if kind == 1:
            i = rows[order]
            if i >= 0:
                # a bid is below every ask, so the price says the side
                book_remove(s, 0, 0 if s.nodes[(i << ROW) + N_PRICE] <= best_price(s, 0, 0) else 1, i)
                node_free(s, i)
                rows[order] = -1
        else:
            limit = (NO_PRICE if side == 0 else 0) if kind == 2 else events[5 * k + 2]
            left = take(s, side, lots, limit, rows)
            filled += lots - left
            if kind == 0 and left > 0:
                i = book_add(s, 0, side, events[5 * k + 2], left, order << 12 | side)
                if i < 0:
                    return -1
                s.nodes[(i << ROW) + N_ID] = order
                rows[order] = i
    return filled


def time_engine(flow: Flow) -> float:
    """Return seconds for the flow on a fresh book; the lots traded have to be right."""
    state = new_state(Capacity(accounts=8, positions=8, orders=1 << 16, events=1 << 12, pages=128), (5,))
    state.header[H_LINEAR_EVENTS] = 0
    handle = Handle(state)
    rows = np.full(flow.ids, -1, np.int64)
    drive(handle.argument, flow.opening.reshape(-1), len(flow.opening), rows)
    events = flow.events.reshape(-1)
    start = time.thread_time()
    filled = drive(handle.argument, events, len(flow.events), rows)
    seconds = time.thread_time() - start
    if filled != flow.filled:
        message = f"the engine's book traded {filled} lots, the plain one {flow.filled}"
        raise RuntimeError(message)
    return seconds


def compiled_limit(folder: Path) -> ctypes.CDLL | None:
    """Return the C ladder, or None without a compiler."""
    compiler = shutil.which("gcc") or shutil.which("cc")
    if compiler is None:
        return None
    library = folder / "ladder.so"
    command = [compiler, "-O3", "-march=native", "-shared", "-fPIC", "-o", str(library), str(SOURCE)]
    subprocess.run(command, check=True)  # noqa: S603  our own source
    c = ctypes.CDLL(str(library))
    c.ladder_new.restype = ctypes.c_void_p
    c.ladder_new.argtypes = [ctypes.c_int64]
    c.ladder_filled.restype = ctypes.c_int64
    for name in ("ladder_free", "ladder_filled"):
        getattr(c, name).argtypes = [ctypes.c_void_p]
    c.ladder_run.argtypes = [ctypes.c_void_p, ctypes.c_void_p, ctypes.c_int64]
    return c


def time_limit(c: ctypes.CDLL, flow: Flow) -> float:
    """Return seconds for the flow on the C ladder."""
    book = c.ladder_new(flow.ids)
    c.ladder_run(book, address(flow.opening), len(flow.opening))
    before = c.ladder_filled(book)
    start = time.thread_time()
    c.ladder_run(book, address(flow.events), len(flow.events))
    seconds = time.thread_time() - start
    filled = c.ladder_filled(book) - before
    c.ladder_free(book)
    if filled != flow.filled:
        message = f"the C ladder traded {filled} lots, the plain one {flow.filled}"
        raise RuntimeError(message)
    return seconds


def address(table: NDArray[np.int64]) -> int:
    """Return where an array lies."""
    return int(table.ctypes.data)


def run(quick: bool) -> list[Row]:  # noqa: FBT001 - every benchmark has this one shape
    """Measure."""
    flow = mixed_flow(100_000 if quick else 500_000)
    repeats = 5 if quick else 15
    time_engine(flow)
    with tempfile.TemporaryDirectory() as folder:
        c = compiled_limit(Path(folder))
        pairs = [(time_engine(flow), 0.0 if c is None else time_limit(c, flow)) for _ in range(repeats)]
    seconds = median(pair[0] for pair in pairs)
    limit = median(pair[1] for pair in pairs)
    rate = len(flow.events) / seconds / 1e6
    note = "57 % adds, 33 % cancels, 8 % sweeps, 20 k resting, each fill an event"
    if c is None:
        return [Row("book kernel", rate, "M events/s", TARGET, note=f"{note}; no C compiler here, so no limit")]
    beside = f"C ladder {len(flow.events) / limit / 1e6:.1f} M"
    return [Row("book kernel", rate, "M events/s", TARGET, rival=beside, ratio=limit / seconds, note=note)]
