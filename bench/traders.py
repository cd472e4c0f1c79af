"""Trader-steps per second against a small stand-in for simulators without a book: mark, margin check, flag, for every trader and step.

The stand-in is ours, in float64, and does nothing else: no orders, no events, no waterfall, so it is faster than what it stands for.
One such simulator, dex-sim, was recorded at 314 to 328 million trader-steps/s in one thread of a machine of this kind (2026-11-22).
"""

from __future__ import annotations

import os
import time
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

import numba
import numpy as np

from rows import Row
from shortfall.sim.market import build, gather
from shortfall.sim.members import member
from shortfall.sim.run import Scenario
from stress import FUND, MEMBER, SEVERE, STEPS, paths, plain, rate_of

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from stress import Accounts

TIMES_FASTER = 10.0


@numba.njit(nogil=True, cache=False)
def stand_in(
    size: NDArray[np.float64],
    cost: NDArray[np.float64],
    balance: NDArray[np.float64],
    prices: NDArray[np.float64],
    rate: float,
) -> int:
    """Return how many traders were flagged on a path: once below margin, a trader is out."""
    out = np.zeros(len(size), np.bool_)
    flagged = 0
    for price in prices:
        for k in range(len(size)):
            value = size[k] * price
            if not out[k] and balance[k] + value - cost[k] < abs(value) * rate:
                out[k] = True
                flagged += 1
    return flagged


def stand_in_rate(world: Accounts, prices: list[NDArray[np.float64]], threads: int) -> float:
    """Return the trader-steps per second of the stand-in on so many threads."""
    size = world.size * world.multiplier

    def one(path: NDArray[np.float64]) -> int:
        return int(stand_in(size, world.cost, world.balance, path, float(world.rates[0])))

    one(prices[0])
    start = time.perf_counter()
    with ThreadPoolExecutor(threads) as pool:
        list(pool.map(one, prices))
    return len(prices) * len(prices[0]) * len(size) / (time.perf_counter() - start)


def run(quick: bool) -> list[Row]:  # noqa: FBT001 - every benchmark has this one shape
    """Measure."""
    threads = min(2, os.cpu_count() or 1)
    accounts = 20_000 if quick else 100_000
    lab = build(gather("binance", "BTCUSDT", alone=True), member(MEMBER), accounts, 1)
    mark = lab.inputs[0].mark_ticks
    world = plain(lab)
    count = 16 if quick else 64
    rows = []
    for name, gap in (("severe", SEVERE), ("calm", 0.0)):
        scenarios = [Scenario(paths(mark, gap, k), "common", FUND) for k in range(count if gap else 8 * count)]
        rival = stand_in_rate(world, [s.paths.shocked_ticks[:, 0].astype(float) for s in scenarios[:8]], threads)
        rate, _ = rate_of(lab, scenarios, threads)
        ours = rate * len(world.size) * STEPS
        rows.append(
            Row(
                f"trader-steps, {name}", ours / 1e6, "M/s", TIMES_FASTER * rival / 1e6,
                rival=f"our stand-in without a book {rival / 1e6:,.0f} M/s on as many threads", ratio=ours / rival,
                note=f"{len(world.size):,} traders, {STEPS} steps, {rate:,.0f} scenarios/s",
            )
        )  # fmt: skip
    return rows
