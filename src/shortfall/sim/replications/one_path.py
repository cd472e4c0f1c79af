"""One path of a run again, exactly, with its steps and its events kept."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from shortfall.engine.exchange import decode_rows
from shortfall.errors import ensure
from shortfall.kernels import layout as at
from shortfall.kernels import stress as kernel
from shortfall.sim.measures import Measures, measure
from shortfall.sim.replications.blocks import asked_of, laboratory, row_of
from shortfall.sim.replications.draws import Draw, draw, drawn_paths
from shortfall.sim.run import Scenario, replay, run_all

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import NDArray

    from shortfall.kernels.native import State
    from shortfall.model.events import Event
    from shortfall.sim.market import MarketInput
    from shortfall.sim.replications.plan import Place, Plan

# what is left out of the story is told as a count: orders, fills, marks
STORY: Final = (
    at.E_LIQUIDATION_TRIGGERED, at.E_POSITION_TAKEN_OVER, at.E_CAPACITY_REFUSED, at.E_DEFICIT_REALISED, at.E_FUND_PAID,
    at.E_POSITION_DELEVERAGED, at.E_LOSS_SOCIALISED, at.E_CLAIM_UNCOVERED, at.E_INVENTORY_SOLD, at.E_ADL_STARTED, at.E_ADL_ENDED,
    at.E_LAYER_SKIPPED, at.E_FUND_EQUITY_NEGATIVE, at.E_ADL_TRIGGERED, at.E_ADL_RELEASED, at.E_LIQUIDATOR_TOOK,
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Happened:
    """Events of one kind: how many, when the first and the last, in microseconds since the start of the path."""

    kind: str
    count: int
    first_us: int
    last_us: int


@dataclass(frozen=True, slots=True)
class OnePath:
    """A path that was run again.

    Parameters
    ----------
    row : dict
        Its row, as it stands in the run.
    measures : tuple of Measures
        One per market.
    series : array of int64, shape (steps, markets, 16)
        See the `Z_` columns of the stress kernel.
    happened : tuple of Happened
        Every kind of event, in the order of its first.
    story : tuple of (int, Event)
        Time and record of every event that is more than an order, a fill or a price.
    """

    plan: Plan
    inputs: tuple[MarketInput, ...]
    place: Place
    drawn: Draw
    row: dict[str, int]
    measures: tuple[Measures, ...]
    series: NDArray[np.int64]
    happened: tuple[Happened, ...]
    story: tuple[tuple[int, Event], ...]

    @property
    def member(self) -> str:
        """Return whose population it is."""
        return self.plan.members[self.place.block.member].name


def one_path(plan: Plan, inputs: Sequence[MarketInput], path: int, kept: Mapping[str, Any] | None = None) -> OnePath:
    """Run a path again and keep everything.

    Parameters
    ----------
    kept : mapping or None
        Its row as it was kept, which must come out again.

    Raises
    ------
    InputError
        If there is no such path.
    InvariantViolationError
        If it does not come to what was kept.
    """
    place = plan.place(path)
    asked = asked_of(plan)
    drawn = draw(plan.request.seed, place.replication, asked, plan.request.afters)
    lab = laboratory(plan, inputs, place.block)
    case = plan.cases[place.case]
    scenario = Scenario(drawn_paths(lab, asked, drawn), plan.request.shock.mode, case.fund_cash, case.feedback)
    first = run_all(lab, [scenario])[0]
    events = int(first.extra[0, kernel.O_EVENTS])
    roomy = laboratory(plan, inputs, place.block, events=1 << max(12, events.bit_length()))
    outcome, state = replay(roomy, scenario)
    ensure(outcome.results == first.results, "a replay comes to what the run came to", path=path)
    row = row_of(plan, place.block, (place.replication, place.case, False), drawn, lab=roomy, outcome=outcome)
    for name, cell in (kept or {}).items():
        ensure(name not in row or row[name] == cell, "a path comes to what was kept of it", path=path, column=name)
    series = outcome.series
    ensure(series is not None, "a replay records its steps", path=path)
    measures = tuple(measure(roomy, outcome, k) for k in range(len(inputs)))
    happened, story = _events(state)
    return OnePath(plan, tuple(inputs), place, drawn, row, measures, np.asarray(series), happened, story)


def _events(state: State) -> tuple[tuple[Happened, ...], tuple[tuple[int, Event], ...]]:
    """Return (every kind with its count and times, the events of the story with their times)."""
    table = np.asarray(state.events).reshape(-1, 8)[: int(state.header[at.H_EVENTS])]
    kinds = table[:, at.V_KIND] >> at.MARKET_BITS
    marks = np.flatnonzero(kinds == at.E_MARK_UPDATED)
    clock = np.concatenate([[0], table[marks, at.V_D]])  # an event happens at the time of the last mark before it
    times = clock[np.searchsorted(marks, np.arange(len(table)), side="right")]
    found = []
    for kind in dict.fromkeys(kinds.tolist()):
        mine = np.flatnonzero(kinds == kind)
        name = decode_rows([table[mine[0]].tolist()])[0].name
        found.append(Happened(name, len(mine), int(times[mine[0]]), int(times[mine[-1]])))
    told = np.flatnonzero(np.isin(kinds, STORY))
    records = decode_rows(table[told].tolist())
    return tuple(found), tuple(zip(times[told].tolist(), records, strict=True))
