"""How large a fund a named set of scenarios needs, as central counterparties size theirs: the worst scenario of a stated set.

For every scenario and every member of the family the smallest fund is searched with which nobody is deleveraged, nothing is
socialised or left uncovered, and the fund's own equity at mark is never negative, in any market that draws on it. More fund need not
be safer under every rule, so the search is a grid, refined in one cell, and a size counts only if every larger size of the grid
suffices too.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from shortfall.data.worst_moves import group_of
from shortfall.errors import Finding, InputError
from shortfall.kernels import layout as at
from shortfall.sim.largest import largest_lots
from shortfall.sim.market import build, gather
from shortfall.sim.paths import After
from shortfall.sim.run import Scenario, run_all
from shortfall.sim.scenarios import CATALOGUE, historical
from shortfall.sim.stress import paths_for

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from shortfall.sim.market import Laboratory, MarketInput
    from shortfall.sim.run import Outcome
    from shortfall.sim.scenarios import PriceScenario
    from shortfall.sim.stress import Request

HARDER: Final = 1.5
GRID: Final = (0.0, 0.01, 0.03, 0.1, 0.3, 1.0, 4.0)  # of open interest; after a rise a position is worth more than that
REFINEMENTS: Final = 4
SPLIT: Final = 3


@dataclass(frozen=True, slots=True)
class Tried:
    """One fund size: whether it suffices, and what of it was lost at the lowest (equity at mark)."""

    fund_cash: int
    enough: bool
    lost: int


@dataclass(frozen=True, slots=True)
class Need:
    """The fund that one scenario needs with one member.

    Parameters
    ----------
    fund_cash : int or None
        Smallest size from which on every larger one of the grid suffices; None if not even the largest does.
    lost : int
        What of it (or of the largest tried) is lost at the lowest, at mark; the rest is there because a capacity rule ties what
        may be held to the fund.
    monotone : bool
        Whether no smaller size suffices as well.
    tried : tuple of Tried
        Every size, smallest first.
    """

    scenario: str
    member: str
    fund_cash: int | None
    lost: int
    monotone: bool
    tried: tuple[Tried, ...]


@dataclass(frozen=True, slots=True)
class SizeAnswer:
    """All needs.

    Parameters
    ----------
    largest_lots : tuple of int
        Sizes of the accounts that stand above maintenance in the first market.
    largest_tried : int
        The largest fund of the grid, four times the open interest of all markets.
    """

    request: Request
    inputs: tuple[MarketInput, ...]
    group: str
    scenarios: tuple[PriceScenario, ...]
    needs: tuple[Need, ...]
    largest_lots: tuple[int, ...]
    largest_tried: int

    def of(self, scenario: str) -> tuple[Need, ...]:
        """Return the needs of a scenario, by member."""
        return tuple(need for need in self.needs if need.scenario == scenario)

    def range_of(self, scenario: str) -> tuple[int | None, int | None]:
        """Return the lowest and the highest need of a scenario over members; None stands for more than was tried."""
        found = sorted((need.fund_cash for need in self.of(scenario)), key=_order)
        return found[0], found[-1]

    @property
    def worst(self) -> str:
        """Return the scenario with the highest need."""
        return max(self.scenarios, key=lambda one: _order(self.range_of(one.name)[1])).name


def _order(cash: int | None) -> tuple[bool, int]:
    return cash is None, cash or 0


def scenario_set(base_asset: str) -> tuple[PriceScenario, ...]:
    """Return the named set of a contract: the worst recorded moves of its class, 1.5 times them, the largest accounts dumped.

    The moves are joint over the pool, and the largest account of each tier stands in all of them.
    """
    worst = historical(group_of(base_asset))
    dumped = tuple(one for one in CATALOGUE if one.name.startswith("largest-dumped"))
    return tuple(one.with_largest() for one in (*worst, *(one.times(HARDER) for one in worst))) + dumped


def size_fund(request: Request, progress: Callable[[int, int], None] = lambda _done, _all: None) -> SizeAnswer:
    """Find the fund that every scenario of the set needs with every member.

    Raises
    ------
    InputError
        If a recorded path is asked for, or the rules have no fund.
    """
    if request.path is not None:
        message = "Expected a stated shock: on a recorded path forced orders move nothing, so it sizes no fund"
        raise InputError([Finding("--scenario", message)])
    inputs = gather(
        request.venue, request.symbol, alone=request.alone, changes=request.changes, interest=request.interest,
        day=request.day, ladders=request.ladders,
    )  # fmt: skip
    base = inputs[0].snapshot.base_asset
    wanted = scenario_set(base) if request.scenario is None else (request.scenario,)
    interest = sum(item.interest_lots * item.mark_ticks * item.contract.multiplier for item in inputs)
    needs: list[Need] = []
    for member in request.members:
        labs: dict[bool, Laboratory] = {}
        for one in wanted:
            if one.largest not in labs:
                labs[one.largest] = build(inputs, member, request.accounts, request.seed, largest=one.largest)
                if labs[one.largest].exchange.holder(0, at.M_FUND) < 0:
                    raise InputError(
                        [Finding("VENUE", f"Expected rules with a fund, {request.venue} has none to size")]
                    )
            needs.append(need_of(labs[one.largest], one, member.name, interest, request.threads))
            progress(len(needs), len(wanted) * len(request.members))
    own = inputs[0]
    standing = largest_lots(own.spec, own.mark_ticks, own.interest_lots)
    return SizeAnswer(request, inputs, group_of(base), wanted, tuple(needs), standing, int(GRID[-1] * interest))


def need_of(lab: Laboratory, scenario: PriceScenario, member: str, interest: int, threads: int) -> Need:
    """Search the fund that a scenario needs: a grid over sizes, and the cell above the last size that fails split again and again."""
    paths = paths_for(lab, scenario, After("hold"))

    def run(sizes: Sequence[int]) -> list[Tried]:
        runs = [Scenario(paths, scenario.mode, size) for size in sizes]
        found = run_all(lab, runs, threads=threads)
        return [_tried(size, outcome) for size, outcome in zip(sizes, found, strict=True)]

    return search(scenario.name, member, [int(share * interest) for share in GRID], run)


def search(scenario: str, member: str, sizes: Sequence[int], run: Callable[[Sequence[int]], list[Tried]]) -> Need:
    """Run a grid of sizes and refine the cell between the largest size that fails and the next."""
    tried = run(sorted(set(sizes)))
    for _ in range(REFINEMENTS):
        short = max((one.fund_cash for one in tried if not one.enough), default=None)
        above = [one.fund_cash for one in tried if short is not None and one.fund_cash > short]
        if short is None or not above:
            break
        high = min(above)
        between = sorted({short + (high - short) * k // SPLIT for k in range(1, SPLIT)} - {short, high})
        tried = sorted(tried + run(between), key=lambda one: one.fund_cash)
    short = max((one.fund_cash for one in tried if not one.enough), default=-1)
    enough = next((one for one in tried if one.fund_cash > short), None)
    monotone = not any(one.enough for one in tried if one.fund_cash < short)
    cash, lost = (None, tried[-1].lost) if enough is None else (enough.fund_cash, enough.lost)
    return Need(scenario, member, cash, lost, monotone, tuple(tried))


def _tried(size: int, outcome: Outcome) -> Tried:
    """Say whether a fund suffices: nobody is deleveraged, nothing socialised or uncovered, its equity at mark never below zero."""
    enough = all(
        found.adl_lots == 0 and found.value.socialised == 0 and found.value.carried == 0 and found.equity_low >= 0
        for found in outcome.results
    )
    return Tried(size, enough, max(0, size - min(found.equity_low for found in outcome.results)))


__all__ = ["Need", "SizeAnswer", "Tried", "need_of", "scenario_set", "search", "size_fund"]
