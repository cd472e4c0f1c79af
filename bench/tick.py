"""A price tick over ten million positions: what it touches costs, what it does not touch costs nothing."""

from __future__ import annotations

import gc
import time
from statistics import median
from typing import TYPE_CHECKING

import numpy as np

from rows import Row, median_seconds, resident_mib
from shortfall.kernels import layout as at
from shortfall.kernels._jit import entry
from shortfall.kernels.layout import A_BALANCE, A_COUNT, M_MARK, MARKET_BITS, P_COST, P_KEY, P_SIZE, ROW
from shortfall.kernels.ledger import value_at
from shortfall.kernels.margin import maintenance
from shortfall.kernels.native import as_state
from shortfall.model.commands import IndexTick
from worlds import PRICE, populated

if TYPE_CHECKING:
    from shortfall.engine.exchange import Exchange

TOUCHED = 1_000


@entry
def scan_rows(handle: object, first: int, last: int) -> int:
    """Return how many single-position accounts are below maintenance, reading every position and account row."""
    s = as_state(handle)
    mark = s.markets[M_MARK]
    count = 0
    for p in range(first, last):
        r = p << ROW
        size = s.positions[r + P_SIZE]
        account = (s.positions[r + P_KEY] >> MARKET_BITS) << ROW
        if size != 0 and s.accounts[account + A_COUNT] == 1:
            value = value_at(s, 0, size, mark)
            equity = s.accounts[account + A_BALANCE] + value - s.positions[r + P_COST]
            if equity < maintenance(s, 0, value if value > 0 else -value):
                count += 1
    return count


@entry
def scan_triggers(handle: object, start: int, count: int, key: int) -> int:
    """Return how many triggers of an index are reached at a key, reading all of them."""
    s = as_state(handle)
    bound = (key + 1) << 32
    reached = 0
    for k in range(start, start + count):
        reached += 1 if s.run[k] < bound else 0
    return reached


def tick_microseconds(exchange: Exchange, *, healthy: bool, rounds: int, wanted: int = TOUCHED) -> tuple[float, float]:
    """Return the median cost in microseconds of a falling tick that touches so many positions, and how many it touched.

    `healthy` gives the next longs money first: their indexed triggers are then reached, looked at and moved away.
    Otherwise nobody's trigger is reached, and the tick shows what a tick costs at least.
    """
    positions = np.asarray(exchange.state.positions).reshape(-1, 8)
    accounts = np.asarray(exchange.state.accounts).reshape(-1, 8)
    run = np.asarray(exchange.state.run)
    market = exchange.state.markets
    times, touched = [], []
    for k in range(rounds):
        cursor = int(market[at.M_RUN_LONG_CURSOR])
        start = int(market[at.M_RUN_LONG])
        price = int(market[at.M_MARK])
        if healthy:
            price = at.NO_PRICE - int(run[start + cursor + wanted - 1] >> 32)
            end = start + int(market[at.M_RUN_LONG_COUNT])
            reached = np.searchsorted(run[start + cursor : end], (at.NO_PRICE - price + 1) << 32)
            keys = run[start + cursor : start + cursor + int(reached)]  # those at the same price too
            accounts[positions[keys & 0xFFFFFFFF, at.P_KEY] >> at.MARKET_BITS, at.A_BALANCE] += 10**12
        row = IndexTick(0, price, 1_000 * (k + 1) + int(exchange.state.header[at.H_NOW])).row()
        checks = exchange.stat(0, at.T_TRIGGER_CHECKS)
        begin = time.thread_time()
        exchange.submit_row(row)
        times.append(time.thread_time() - begin)
        touched.append(exchange.stat(0, at.T_TRIGGER_CHECKS) - checks)
        exchange.read_event_rows()
    return median(times) * 1e6, median(touched)


def run(quick: bool) -> list[Row]:  # noqa: FBT001 - every benchmark has this one shape
    """Measure."""
    count = 1_000_000 if quick else 10_000_000
    before = resident_mib()
    exchange = populated(count)
    gc.collect()
    memory = resident_mib() - before
    handle = exchange.handle.argument
    idle, _ = tick_microseconds(exchange, healthy=False, rounds=50)
    start, longs = int(exchange.state.markets[at.M_RUN_LONG]), int(exchange.state.markets[at.M_RUN_LONG_COUNT])
    repeats = 3 if quick else 7
    rows = median_seconds(lambda: scan_rows(handle, 0, int(exchange.state.header[at.H_POSITIONS])), repeats)
    key = at.NO_PRICE - PRICE * 9 // 10
    triggers = median_seconds(lambda: scan_triggers(handle, start, longs, key), repeats)
    table = np.asarray(exchange.state.run)[start : start + longs]
    rival = median_seconds(lambda: int(np.count_nonzero(table < (key + 1) << 32)), repeats)
    cost, touched = tick_microseconds(exchange, healthy=True, rounds=40)
    size = f"{count / 1e6:.0f} M positions"
    each = f"{touched:.0f} touched, each looked at again and moved; {1e3 * (cost - idle) / max(1, touched):.0f} ns each"
    floor = f"numpy over the same keys {longs / rival / 1e9:.2f} G/s"
    return [
        Row(f"tick, 1,000 of {size}", cost, "us", 20.0, less_is_better=True, note=each),
        Row(f"tick, none of {size}", idle, "us", note="an index price that reaches no trigger, one call"),
        Row("full scan, trigger keys", longs / triggers / 1e9, "G positions/s", 0.9, rival=floor, ratio=rival / triggers,
            note="one word per position: what the engine keeps up to date"),
        Row("full scan, account rows", count / rows / 1e9, "G positions/s",
            note="128 bytes per position and account, the whole requirement anew: bound by memory, the engine never does it"),
        Row(f"memory, {size}", memory, "MiB", 2048.0, less_is_better=True, note=f"{memory * 2**20 / count:.0f} bytes per account"),
    ]  # fmt: skip
