"""Two markets, a fifth of the accounts in both and cross-margined, against one market of the same accounts."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import numpy as np

from rows import Row
from shortfall.engine.bulk import build_index
from shortfall.kernels import layout as at
from shortfall.sim.market import build, gather
from shortfall.sim.members import member
from shortfall.sim.paths import Paths
from shortfall.sim.run import Scenario
from stress import FUND, MEMBER, SEVERE, STEPS, paths, rate_of

if TYPE_CHECKING:
    from shortfall.sim.market import Laboratory

MOST = 3.0


def in_both(lab: Laboratory, share: int) -> int:
    """Give every so manieth holder of the first market the position and the cash of one of the second. Returns how many."""
    state = lab.exchange.state
    accounts = np.asarray(state.accounts).reshape(-1, 8)
    positions = np.asarray(state.positions).reshape(-1, 8)[: int(state.header[at.H_POSITIONS])]
    owner = positions[:, at.P_KEY] >> at.MARKET_BITS
    market = positions[:, at.P_KEY] & at.MARKET_MASK
    plain = ((accounts[owner, at.A_KIND] & 7) == at.TRADER) & (accounts[owner, at.A_COUNT] == 1)
    rng = np.random.default_rng(1)
    near = np.flatnonzero(plain & (market == 0))
    far = np.flatnonzero(plain & (market == 1))
    count = min(len(near) // share, len(far))
    near, far = rng.choice(near, count, replace=False), rng.choice(far, count, replace=False)
    mine, theirs = owner[near], owner[far]
    accounts[mine, at.A_BALANCE] += accounts[theirs, at.A_BALANCE]
    accounts[mine, at.A_COUNT] = 2
    positions[near, at.P_NEXT] = far
    positions[far, at.P_KEY] = mine << at.MARKET_BITS | 1
    accounts[theirs, at.A_BALANCE] = 0
    accounts[theirs, at.A_COUNT] = 0
    accounts[theirs, at.A_POSITION] = -1
    build_index(lab.exchange)
    lab.exchange.check_laws()
    return count


def both(lab: Laboratory, seed: int) -> Paths:
    """Return one path for both markets: the same move, noise of their own."""
    one, two = (paths(item.mark_ticks, SEVERE, 1_000 * k + seed) for k, item in enumerate(lab.inputs))
    ticks = np.hstack([one.shocked_ticks, two.shocked_ticks])
    return Paths(one.times_us, ticks, ticks, one.depth_ppm, 80)


def run(quick: bool) -> list[Row]:  # noqa: FBT001 - every benchmark has this one shape
    """Measure."""
    threads = min(2, os.cpu_count() or 1)
    accounts = 20_000 if quick else 100_000
    count = 16 if quick else 64
    alone = build(gather("binance", "BTCUSDT", alone=True), member(MEMBER), accounts, 1)
    mark = alone.inputs[0].mark_ticks
    one, _ = rate_of(alone, [Scenario(paths(mark, SEVERE, k), "common", FUND) for k in range(count)], threads)
    inputs = [*gather("binance", "BTCUSDT", alone=True), *gather("binance", "ETHUSDT", alone=True)]
    pair = build(inputs, member(MEMBER), accounts, 1)
    crossed = in_both(pair, 5)
    two, outcomes = rate_of(pair, [Scenario(both(pair, k), "common", FUND) for k in range(count)], threads)
    closed = np.mean([sum(r.liquidations for r in o.results) for o in outcomes])
    return [
        Row(
            "two cross-margined markets over one", one / two, "x the time", MOST, less_is_better=True,
            rival=f"one market {one:.0f} scenarios/s", ratio=two / one,
            note=f"{two:.0f}/s with {pair.accounts:,} accounts, {crossed:,} of them in both, {STEPS} steps, mean {closed:,.0f} closes",
        )
    ]  # fmt: skip
