"""Which close set off which: every liquidation of a run, set off by the outside price or by the closes before it.

Problem: a cascade and a mere fall look alike in totals. Observation: the engine knows at which mark each account falls below maintenance
before the shock starts. If the outside price was already there when the account was triggered, it did it; if only the mark was there,
closes of the rounds before had moved it beyond the outside price. Whether that was only sooner, because the outside price got there
later on the same path, or the closes alone, because it never did, are two answers.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np

from shortfall.engine.bulk import trigger_prices
from shortfall.kernels import layout as at
from shortfall.sim.liquidity import OFF, ON
from shortfall.sim.market import build, gather
from shortfall.sim.paths import After
from shortfall.sim.run import Scenario, replay
from shortfall.sim.stress import capital_of, paths_for

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    from shortfall.kernels.native import State
    from shortfall.sim.market import Laboratory, MarketInput
    from shortfall.sim.stress import Request

EVENTS: Final = 1 << 19
BY_PRICE, SOONER, BY_CLOSES, AGAIN = "outside price", "sooner", "closes alone", "again"
CAUSES: Final = (BY_PRICE, SOONER, BY_CLOSES, AGAIN)


@dataclass(frozen=True, slots=True)
class Outside:
    """The outside price without this venue's forced flow: when the shock begins, times, ticks."""

    begin_us: int
    times_us: NDArray[np.int64]
    ticks: NDArray[np.int64]

    def at(self, time_us: int) -> int:
        """Return the price in force at a time."""
        return int(self.ticks[max(0, int(np.searchsorted(self.times_us, time_us, side="right")) - 1)])

    def cause(self, size: int, time_us: int, trigger: int) -> str:
        """Say what set off a liquidation: the outside price was there, gets there later on the path, or never does."""
        now = self.at(time_us)
        farthest = int(self.ticks.min()) if size > 0 else int(self.ticks.max())
        if now <= trigger if size > 0 else now >= trigger:
            return BY_PRICE
        return SOONER if (farthest <= trigger if size > 0 else farthest >= trigger) else BY_CLOSES


@dataclass(frozen=True, slots=True)
class Round:
    """The liquidations triggered at one instant.

    Parameters
    ----------
    time_us : int
        Since the shock began.
    outside_ticks, mark_ticks : int
        When they were triggered.
    accounts, notional : dict
        Cause to how many and to how much at mark, settlement units. `again` is an account that was liquidated in part before.
    after_us : int or None
        Time of the round before it, whose closes moved the mark; None for the first.
    """

    time_us: int
    outside_ticks: int
    mark_ticks: int
    accounts: dict[str, int]
    notional: dict[str, int]
    after_us: int | None


@dataclass(frozen=True, slots=True)
class Cascade:
    """All rounds of one member, with feedback of forced flow into the outside price or without."""

    member: str
    feedback: str
    rounds: tuple[Round, ...]

    def notional(self, cause: str) -> int:
        """Return what was triggered by a cause, at mark, settlement units."""
        return sum(one.notional[cause] for one in self.rounds)

    def accounts(self, cause: str) -> int:
        """Return how many were triggered by a cause."""
        return sum(one.accounts[cause] for one in self.rounds)

    @property
    def longest_chain(self) -> int:
        """Return the largest number of rounds in a row in each of which closes alone set off somebody."""
        longest = current = 0
        for one in self.rounds:
            current = current + 1 if one.accounts[BY_CLOSES] else 0
            longest = max(longest, current)
        return longest


@dataclass(frozen=True, slots=True)
class CascadeAnswer:
    """All members on one shock, feedback off and on."""

    request: Request
    item: MarketInput
    fund_cash: int
    fund_note: str
    cascades: tuple[Cascade, ...]


def cascade(request: Request, progress: Callable[[int, int], None] = lambda _done, _all: None) -> CascadeAnswer:
    """Run a shock on every member and take its liquidations apart.

    Raises
    ------
    InputError
        If there is no such venue or contract.
    CapacityError
        If the events do not fit: use fewer accounts.
    """
    item = gather(
        request.venue, request.symbol, alone=True, changes=request.changes, interest=request.interest, day=request.day
    )[0]
    cash, note = capital_of(item, request.fund)
    found: list[Cascade] = []
    for done, member in enumerate(request.members, start=1):
        lab = build((item,), member, request.accounts, request.seed, events=EVENTS)
        paths = paths_for(lab, request.shock, After("hold"))
        outside = Outside(
            int(paths.times_us[max(0, paths.shock_end - request.shock.over_us // request.shock.step_us)]),
            paths.times_us,
            paths.shocked_ticks[:, 0],
        )
        triggers = triggers_of(lab)
        for feedback in (OFF, ON):
            _, state = replay(lab, Scenario(paths, request.shock.mode, cash, feedback))
            rounds = rounds_of(state, triggers, outside, item.contract.multiplier)
            found.append(Cascade(member.name, feedback.name, rounds))
        progress(done, len(request.members))
    return CascadeAnswer(request, item, cash, note, tuple(found))


def triggers_of(lab: Laboratory) -> NDArray[np.int64]:
    """Return, by account, the mark in ticks below which (longs) or above which (shorts) it is liquidated; 0 for who is no trader."""
    accounts = int(lab.exchange.state.header[at.H_ACCOUNTS])
    table = np.asarray(lab.exchange.state.accounts).reshape(-1, 8)[:accounts]
    traders = np.flatnonzero(
        ((table[:, at.A_KIND] & ((1 << at.KIND_ASSET) - 1)) == at.TRADER) & (table[:, at.A_COUNT] > 0)
    )
    found = np.zeros(accounts, np.int64)
    if len(traders):
        first = int(traders[0])
        found[first : int(traders[-1]) + 1] = trigger_prices(lab.exchange, first, int(traders[-1]) + 1 - first)
    return found


def rounds_of(state: State, triggers: NDArray[np.int64], outside: Outside, multiplier: int) -> tuple[Round, ...]:
    """Return the rounds out of the events of a run.

    Parameters
    ----------
    state : State
        As `replay` left it.
    triggers : array of int64
        See `triggers_of`.
    outside : Outside
        What the price would have done without the venue's closes.
    multiplier : int
        Settlement units for a lot and a tick.
    """
    rounds: list[Round] = []
    seen: set[int] = set()
    now = 0
    for row in _rows(state):
        if row[at.V_KIND] >> at.MARKET_BITS == at.E_MARK_UPDATED:
            now = row[at.V_D]
            continue
        account, mark, size = row[at.V_ACCOUNT], row[at.V_A], row[at.V_D]
        cause = AGAIN if account in seen else outside.cause(size, now, int(triggers[account]))
        seen.add(account)
        if not rounds or rounds[-1].time_us != now - outside.begin_us:
            before = rounds[-1].time_us if rounds else None
            rounds.append(
                Round(
                    now - outside.begin_us,
                    outside.at(now),
                    mark,
                    dict.fromkeys(CAUSES, 0),
                    dict.fromkeys(CAUSES, 0),
                    before,
                )
            )
        rounds[-1].accounts[cause] += 1
        rounds[-1].notional[cause] += abs(size) * mark * multiplier
    return tuple(rounds)


def _rows(state: State) -> list[list[int]]:
    count = int(state.header[at.H_EVENTS])
    table = np.asarray(state.events).reshape(-1, 8)[:count]
    kinds = table[:, at.V_KIND] >> at.MARKET_BITS
    rows: list[list[int]] = table[np.isin(kinds, (at.E_MARK_UPDATED, at.E_LIQUIDATION_TRIGGERED))].tolist()
    return rows
