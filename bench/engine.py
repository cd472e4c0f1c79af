"""Orders through the whole engine: checks, margin, matching, ledger, trigger index, events; in batch and one call each."""

from __future__ import annotations

import time
from statistics import median
from typing import TYPE_CHECKING

import numpy as np

from flow import ADD, CANCEL, MIDDLE, Flow, mixed_flow
from rows import Row
from shortfall.kernels import layout as at
from shortfall.model.capacity import Capacity
from shortfall.model.commands import Deposit, IndexTick
from shortfall.model.commands import Row as CommandRow
from worlds import PRICE, one_market

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from shortfall.engine.exchange import Exchange

ACCOUNTS = 1_000
CAPACITY = Capacity(accounts=1 << 11, positions=1 << 11, orders=1 << 16, pages=128, events=1 << 14)


def fresh() -> tuple[Exchange, int]:
    """Return an exchange with rich accounts, and the first one's id."""
    exchange = one_market(CAPACITY)
    ids = [exchange.open_account(f"account {k}") for k in range(ACCOUNTS)]
    for account in ids:
        exchange.must(Deposit(account, 10**15))
    exchange.must(IndexTick(0, PRICE, 0))
    exchange.read_event_rows()
    return exchange, ids[0]


def commands_of(events: NDArray[np.int64], first: int) -> NDArray[np.int64]:
    """Return the commands of a flow: each order belongs to an account by its id."""
    kind, side, price, lots, order = events.T
    rows = np.zeros((len(events), 8), np.int64)
    rows[:, at.O_OP] = np.where(kind == CANCEL, at.OP_CANCEL, at.OP_ORDER)
    rows[:, at.O_ACCOUNT] = first + order * 7919 % ACCOUNTS
    rows[:, at.O_FLAGS] = np.where(kind == CANCEL, 0, side | np.where(kind == ADD, 0, at.MARKET_ORDER))
    rows[:, at.O_PRICE] = np.where(kind == ADD, price - MIDDLE + PRICE, 1)
    rows[:, at.O_LOTS] = lots
    rows[:, at.O_REFERENCE] = np.where(kind == ADD, order + 1, np.where(kind == CANCEL, order + 1, 0))
    return rows


def time_batch(flow: Flow) -> tuple[float, int]:
    """Return seconds and events for the flow in one batch, events read included."""
    exchange, first = fresh()
    for _ in exchange.run(commands_of(flow.opening, first)):
        pass
    rows = commands_of(flow.events, first)
    start = time.thread_time()
    events = sum(len(part) for part in exchange.run(rows))
    seconds = time.thread_time() - start
    exchange.check_laws()
    refused = exchange.stat(0, at.T_REJECTED)
    if refused > len(rows) // 50:
        message = f"{refused} commands were refused: this is not the flow that was meant"
        raise RuntimeError(message)
    return seconds, events


def time_calls(flow: Flow, count: int) -> float:
    """Return seconds for the first `count` commands, one Python call each, events read every 1,000."""
    exchange, first = fresh()
    for _ in exchange.run(commands_of(flow.opening, first)):
        pass
    rows = [CommandRow(*map(int, row)) for row in commands_of(flow.events[:count], first)]
    submit = exchange.submit_row
    start = time.thread_time()
    for k in range(0, count, 1_000):
        for row in rows[k : k + 1_000]:
            submit(row)
        exchange.read_event_rows()
    return time.thread_time() - start


def run(quick: bool) -> list[Row]:  # noqa: FBT001 - every benchmark has this one shape
    """Measure."""
    flow = mixed_flow(100_000 if quick else 500_000)
    repeats = 3 if quick else 7
    time_batch(flow)
    timings = [time_batch(flow) for _ in range(repeats)]
    seconds = median(pair[0] for pair in timings)
    rate = len(flow.events) / seconds / 1e6
    calls = 50_000 if quick else 200_000
    each = calls / median(time_calls(flow, calls) for _ in range(repeats)) / 1e6
    per_order = f"{timings[0][1] / len(flow.events):.1f} events per order, read as rows"
    return [
        Row("full engine, batch", rate, "M orders/s", 2.0, note=per_order),
        Row("full engine, one call per order", each, "M orders/s", 0.5, note="Exchange.submit_row"),
    ]
