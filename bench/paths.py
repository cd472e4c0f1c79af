"""Many paths of one contract at ten thousand accounts: a million of them within a quarter of an hour, and severe ones."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import numpy as np

from rows import Row, resident_mib
from shortfall.engine.state import copy_state
from shortfall.sim.market import build, gather
from shortfall.sim.members import member
from shortfall.sim.run import Scenario
from stress import FUND, MEMBER, SEVERE, STEPS, paths, rate_of

if TYPE_CHECKING:
    from shortfall.sim.market import Laboratory

ACCOUNTS = 10_000
MILLION_IN_A_QUARTER = 1_000_000 / 900
SEVERE_TARGET = 3_000.0
WORKERS_COUNTED = 4


def memory_row(lab: Laboratory) -> Row:
    """Measure what one more worker holds: a state to work on and one to undo runs from."""
    state = lab.exchange.state
    limit = 2 * sum(array.nbytes for array in state.arrays()) / 2**20
    before = resident_mib()
    held = [copy_state(state) for _ in range(2 * WORKERS_COUNTED)]
    each = (resident_mib() - before) / WORKERS_COUNTED
    return Row(
        f"memory per worker, {lab.accounts:,} accounts", each, "MiB", limit * 1.05, less_is_better=True,
        rival=f"two states of fixed size are {limit:.0f} MiB", ratio=limit / each,
        note=f"{len(held) // WORKERS_COUNTED} states, to work on and to undo from; on Linux threads of one process share all else",
    )  # fmt: skip


def run(quick: bool) -> list[Row]:  # noqa: FBT001 - every benchmark has this one shape
    """Measure."""
    threads = min(2, os.cpu_count() or 1)
    lab = build(gather("binance", "BTCUSDT", alone=True), member(MEMBER), ACCOUNTS, 1)
    mark = lab.inputs[0].mark_ticks
    sample = 400 if quick else 4_000
    gaps = np.random.default_rng(7).normal(0.0, 0.04, sample)
    mixed = [Scenario(paths(mark, gap, k), "common", FUND) for k, gap in enumerate(gaps.tolist())]
    rate, _ = rate_of(lab, mixed, threads)
    severe = [Scenario(paths(mark, SEVERE, k), "common", FUND) for k in range(sample // 4)]
    hard, outcomes = rate_of(lab, severe, threads)
    closed = np.mean([o.results[0].liquidations for o in outcomes])
    large = build(gather("binance", "BTCUSDT", alone=True), member(MEMBER), 100_000, 1)
    return [
        Row(
            "paths of one contract, 10 k accounts", rate, "paths/s", MILLION_IN_A_QUARTER,
            rival="a million in 15 minutes is 1,111/s", ratio=rate / MILLION_IN_A_QUARTER,
            note=f"measured over {sample:,} paths of {STEPS} steps, slides drawn from a normal of 4 %; a million would take "
            f"{1e6 / rate / 60:.1f} minutes",
        ),
        Row(
            "stress, severe, 10 k accounts", hard, "scenarios/s", SEVERE_TARGET, rival="the stated 3,000/s",
            ratio=hard / SEVERE_TARGET, note=f"mean {closed:,.0f} liquidations, {threads} threads",
        ),
        memory_row(large),
    ]  # fmt: skip
