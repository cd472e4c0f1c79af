"""Run scenarios on a laboratory: many paths from one base state, on as many threads as asked, with equal results on any number."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np

from shortfall.engine.results import MarketResult, check_value_book, result_from_stats
from shortfall.engine.state import Handle, copy_state
from shortfall.errors import CapacityError, ensure
from shortfall.kernels import desk as words
from shortfall.kernels import layout as at
from shortfall.kernels import stress
from shortfall.sim.liquidity import LEVELS, MAKERS, OFF, Feedback
from shortfall.sim.paths import MODES, SECOND_US

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from shortfall.kernels.native import State
    from shortfall.sim.market import Laboratory
    from shortfall.sim.paths import Paths

WIDTH: Final = (1 << at.STATS) + stress.EXTRA
REPLENISH_US: Final = SECOND_US  # assumed: time constant with which makers quote again what was bought from them
REQUOTE_STEPS: Final = 20


@dataclass(frozen=True, slots=True)
class Scenario:
    """One run.

    Parameters
    ----------
    paths : Paths
    mode : str
        See `paths.MODES`.
    fund_cash : int or None
        Cash of the fund at the start; None leaves what the state holds.
    feedback : Feedback
        What forced flow does to the world outside.
    is_firm : bool
        Whether makers never hold more than their stated capital; else they hold up to twice it, and what their quotes still bring.
    """

    paths: Paths
    mode: str
    fund_cash: int | None = None
    feedback: Feedback = OFF
    is_firm: bool = False


@dataclass(frozen=True, slots=True)
class Outcome:
    """What one run left.

    Parameters
    ----------
    results : tuple of MarketResult
        One per market.
    extra : array of int64, shape (markets, 24)
        See the `O_` columns of the stress kernel.
    series : array of int64, shape (steps, markets, 20), or None
        Recorded steps, see the `Z_` columns.
    """

    results: tuple[MarketResult, ...]
    extra: NDArray[np.int64]
    series: NDArray[np.int64] | None


def run_all(lab: Laboratory, scenarios: Sequence[Scenario], *, threads: int = 1, record: bool = False) -> list[Outcome]:
    """Run scenarios of equal length and return their outcomes in order.

    Raises
    ------
    CapacityError
        If a fixed size was reached.
    InvariantViolationError
        If money or positions were not conserved, or the value book does not add up, in any of them.
    """
    parts = len(scenarios) if record else max(1, min(threads, len(scenarios)))
    slices = [list(scenarios[k::parts]) for k in range(parts)]
    with ThreadPoolExecutor(max(1, min(threads, parts))) as pool:
        done = list(pool.map(lambda part: _run_slice(lab, part, record=record), slices))
    ordered: list[Outcome] = [done[k % parts][k // parts] for k in range(len(scenarios))]
    return ordered


def replay(lab: Laboratory, scenario: Scenario) -> tuple[Outcome, State]:
    """Run one scenario and keep what it left: the recorded outcome, and the state with its events.

    Raises
    ------
    CapacityError
        If the events did not fit: build the laboratory with more room for them.
    """
    work = copy_state(lab.exchange.state)
    work.header[at.H_EVENTS] = 0
    work.header[at.H_EVENTS_READ] = 0
    outcome = _run_in(work, lab, [scenario], record=True, keep=True)[0]
    if int(work.header[at.H_EVENTS]) > int(work.header[at.H_EVENT_MASK]) + 1:
        message = f"{int(work.header[at.H_EVENTS])} events do not fit into {int(work.header[at.H_EVENT_MASK]) + 1}"
        raise CapacityError(message)
    return outcome, work


def _run_slice(lab: Laboratory, scenarios: list[Scenario], *, record: bool) -> list[Outcome]:
    return _run_in(copy_state(lab.exchange.state), lab, scenarios, record=record)


def _run_in(
    work: State, lab: Laboratory, scenarios: list[Scenario], *, record: bool, keep: bool = False
) -> list[Outcome]:
    markets = len(lab.inputs)
    steps = len(scenarios[0].paths.times_us)
    work.header[at.H_LINEAR_EVENTS] = 0
    work.header[at.H_TOUCHED] = 0  # what a run touches is counted from here
    work.header[at.H_EPOCH] += 1
    base = copy_state(work)
    handle, origin = Handle(work), Handle(base)
    shocked = np.concatenate([s.paths.shocked_ticks.reshape(-1) for s in scenarios])
    calm = np.concatenate([s.paths.calm_ticks.reshape(-1) for s in scenarios])
    depth = np.concatenate([s.paths.depth_ppm for s in scenarios])
    parameters = np.concatenate([_parameters(lab, s, steps, record=record) for s in scenarios])
    parameters[words.Q_KEEP] = int(keep)
    out = np.zeros(len(scenarios) * markets * WIDTH, np.int64)
    series = np.zeros((steps if record else 1) * markets * stress.SERIES, np.int64)
    feeds_back = any(s.feedback.is_on for s in scenarios)
    cuts = np.zeros(steps * markets if feeds_back else 1, np.int64)
    desk = np.zeros(markets * words.DESK, np.int64)
    ran = stress.run_scenarios(
        handle.argument, origin.argument, scenarios[0].paths.times_us, shocked, calm, depth, lab.ladder.reshape(-1), desk,
        parameters, out, series, cuts, 0, len(scenarios),
    )  # fmt: skip
    if ran != len(scenarios):
        message = (
            f"the state ran out of room (flags {int(work.header[at.H_FULL])}) in scenario {ran}: use fewer accounts"
        )
        raise CapacityError(message)
    rows = out.reshape(len(scenarios), markets, WIDTH)
    recorded = series.reshape(steps, markets, stress.SERIES) if record else None
    return [_outcome(lab, rows[k], recorded) for k in range(len(scenarios))]


def _parameters(lab: Laboratory, scenario: Scenario, steps: int, *, record: bool) -> NDArray[np.int64]:
    row = np.zeros(words.PARAMETERS, np.int64)
    row[words.Q_STEPS] = steps
    row[words.Q_FIRST_MAKER] = lab.first_maker
    row[words.Q_MAKERS] = MAKERS
    row[words.Q_MODE] = MODES[scenario.mode]
    row[words.Q_LEVELS] = LEVELS
    row[words.Q_REPLENISH_US] = REPLENISH_US
    row[words.Q_INVENTORY_LIMIT] = lab.inventory_limit
    row[words.Q_LOSS_FLOOR] = lab.loss_floor
    row[words.Q_FUND] = -1 if scenario.fund_cash is None else scenario.fund_cash
    row[words.Q_RECORD] = int(record)
    row[words.Q_REQUOTE_STEPS] = REQUOTE_STEPS
    row[words.Q_IMPACT] = scenario.feedback.impact_ppm
    row[words.Q_DECAY_US] = scenario.feedback.decay_us
    row[words.Q_REHEDGE] = scenario.feedback.rehedge_ppm
    row[words.Q_DELAY_US] = scenario.feedback.delay_us
    row[words.Q_HEDGER] = lab.hedger
    row[words.Q_FIRM] = lab.maker_capital // MAKERS if scenario.is_firm else 0
    return row


def _outcome(lab: Laboratory, rows: NDArray[np.int64], series: NDArray[np.int64] | None) -> Outcome:
    flat = np.ascontiguousarray(rows[:, : 1 << at.STATS]).reshape(-1)
    extra = rows[:, 1 << at.STATS :].copy()
    results = tuple(result_from_stats(flat, k) for k in range(len(lab.inputs)))
    for k, item in enumerate(lab.inputs):
        ensure(
            int(extra[k, stress.O_DRIFT]) == 0,
            "money is conserved in every run",
            market=item.contract.symbol,
            drift=int(extra[k, 0]),
        )
        ensure(
            int(extra[k, stress.O_SIZE_DRIFT]) == 0, "positions stay matched in every run", market=item.contract.symbol
        )
        check_value_book(results[k], inverse=item.contract.inverse)
    return Outcome(results, extra, series)
