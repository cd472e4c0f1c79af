"""Stress scenarios per second, severe and calm, against a NumPy version of the same rules (which does less: no orders, no events)."""

from __future__ import annotations

import os
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from rows import Row
from shortfall.kernels import layout as at
from shortfall.kernels import stress as kernel
from shortfall.sim.market import build, gather
from shortfall.sim.members import member
from shortfall.sim.paths import Paths
from shortfall.sim.run import Outcome, Scenario, run_all

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from shortfall.sim.market import Laboratory

STEPS = 200
SEVERE_TARGET = 300.0
CALM_TARGET = 3_000.0
# As many liquidations and events as the population of before gave at -11.5 % with the recorded fund; 4,500 ADL closes, not 4,200.
SEVERE = -0.36
FUND = 900_000_000 * 10**6
TAU_STEPS = 10
MEMBER = "middle"


def paths(mark: int, gap: float, seed: int) -> Paths:
    """Return noise, then a slide over sixty steps of 100 ms, with a tenth of depth left from its start."""
    rng = np.random.default_rng(seed)
    times = (np.arange(STEPS) + 1) * 100_000
    slide = np.clip((np.arange(STEPS) - 20) / 60, 0, 1)
    ticks = (
        np.rint(mark * np.exp(np.cumsum(rng.normal(0, 0.0003, STEPS)) + gap * slide)).astype(np.int64).reshape(-1, 1)
    )
    depth = np.where(slide > 0, 100_000, 1_000_000).astype(np.int64)
    return Paths(times.astype(np.int64), ticks, ticks, depth, 80)


@dataclass
class Accounts:
    """The same population as plain arrays."""

    size: NDArray[np.float64]
    cost: NDArray[np.float64]
    balance: NDArray[np.float64]
    multiplier: int
    tops: NDArray[np.float64]
    rates: NDArray[np.float64]
    amounts: NDArray[np.float64]


def plain(lab: Laboratory) -> Accounts:
    """Return a laboratory's traders as arrays, with their tiers."""
    state = lab.exchange.state
    positions = np.asarray(state.positions).reshape(-1, 8)[: int(state.header[at.H_POSITIONS])]
    accounts = np.asarray(state.accounts).reshape(-1, 8)
    owner = positions[:, at.P_KEY] >> at.MARKET_BITS
    trader = (accounts[owner, at.A_KIND] & 7) == at.TRADER
    rules = np.asarray(state.rules)[: 1 << at.RULES]
    tiers = rules[at.R_TIER : at.R_TIER + at.TIER * int(rules[at.R_TIERS])].reshape(-1, at.TIER).astype(float)
    held = positions[trader]
    return Accounts(
        held[:, at.P_SIZE].astype(float),
        held[:, at.P_COST].astype(float),
        accounts[owner[trader], at.A_BALANCE].astype(float),
        lab.inputs[0].contract.multiplier,
        tiers[:, at.TIER_TOP],
        tiers[:, at.TIER_MAINTENANCE] / 1e6,
        tiers[:, at.TIER_AMOUNT],
    )


def numpy_scenario(world: Accounts, path: Paths, ladder: NDArray[np.int64]) -> tuple[int, float]:
    """Return (accounts liquidated, notional deleveraged): whole closes at bankruptcy, takeover up to the fund, then ADL by rank."""
    size, balance, cost = world.size.copy(), world.balance.copy(), world.cost.copy()
    inventory, liquidated, cut = 0.0, 0, 0.0
    shown = np.ones(len(ladder))
    for t in range(STEPS):
        price = float(path.shocked_ticks[t, 0])
        target = path.depth_ppm[t] / 1e6
        shown = np.minimum(shown + (target - shown) / TAU_STEPS, target)
        value = size * price * world.multiplier
        notional = np.abs(value)
        tier = np.searchsorted(world.tops, notional)
        equity = balance + value - cost
        failed = np.flatnonzero((equity < notional * world.rates[tier] - world.amounts[tier]) & (size != 0))
        if not len(failed):
            continue
        liquidated += len(failed)
        lots = -size[failed].sum()
        book = float((ladder[:, 1] * shown).sum())
        sold = min(abs(lots), book)
        shown *= 1.0 - sold / max(book, 1.0)
        room = max(0.0, FUND / (price * world.multiplier) - inventory)
        taken = min(abs(lots) - sold, room)
        inventory += taken
        rest = abs(lots) - sold - taken
        size[failed] = 0.0
        if rest > 0:
            gain = np.where(size * lots > 0, value - cost, -np.inf)
            rank = gain / np.abs(cost) * notional / np.maximum(equity, 1.0)
            order = np.argsort(-rank)
            filled = np.cumsum(np.abs(size[order]))
            winners = order[: int(np.searchsorted(filled, rest)) + 1]
            cut += float(notional[winners].sum())
            size[winners] = 0.0
    return liquidated, cut


def rate_of(lab: Laboratory, scenarios: list[Scenario], threads: int) -> tuple[float, list[Outcome]]:
    """Return (scenarios per second, outcomes): the rate at which further scenarios run, without the copy of the state at the start."""
    few = scenarios[: 2 * threads]
    run_all(lab, few, threads=threads)
    start = time.perf_counter()
    run_all(lab, few, threads=threads)
    begin = time.perf_counter() - start
    start = time.perf_counter()
    outcomes = run_all(lab, scenarios, threads=threads)
    whole = time.perf_counter() - start
    if whole < 4 * begin:  # too few scenarios to tell the copy from the runs: count it
        return len(scenarios) / whole, outcomes
    return (len(scenarios) - len(few)) / (whole - begin), outcomes


def run(quick: bool) -> list[Row]:  # noqa: FBT001 - every benchmark has this one shape
    """Measure."""
    threads = min(2, os.cpu_count() or 1)
    lab = build(gather("binance", "BTCUSDT", alone=True), member(MEMBER), 100_000, 1)
    mark = lab.inputs[0].mark_ticks
    count = 40 if quick else 160
    severe = [Scenario(paths(mark, SEVERE, k), "common", FUND) for k in range(count)]
    calm = [Scenario(paths(mark, 0.0, k), "common", FUND) for k in range(4 * count)]
    rate, outcomes = rate_of(lab, severe, threads)
    quiet, _ = rate_of(lab, calm, threads)
    world = plain(lab)
    start = time.perf_counter()
    for scenario in severe[:3]:
        numpy_scenario(world, scenario.paths, lab.ladder)
    plain_rate = threads * 3 / (time.perf_counter() - start)
    one, _ = rate_of(lab, severe[: count // 2], 1)
    results = [o.results[0] for o in outcomes]
    note = (
        f"100 k accounts, {STEPS} steps, mean {np.mean([r.liquidations for r in results]):,.0f} liquidations, "
        f"{np.mean([r.adl_closes for r in results]):,.0f} ADL closes, "
        f"{np.mean([int(o.extra[0, kernel.O_EVENTS]) for o in outcomes]):,.0f} events each"
    )
    return [
        Row(
            "stress, severe", rate, "scenarios/s", SEVERE_TARGET,
            rival=f"NumPy {plain_rate:.1f}/s on as many threads", ratio=rate / plain_rate, note=note,
        ),
        Row("stress, calm", quiet, "scenarios/s", CALM_TARGET, note="nobody liquidated; makers quote at every step"),
        Row("stress, two threads over one", rate / one, "x", 1.7, note=f"{threads} threads"),
    ]  # fmt: skip
