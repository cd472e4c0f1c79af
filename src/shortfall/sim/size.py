"""How large a fund a named set of scenarios needs, as central counterparties size theirs: the worst scenario of a stated set.

For every scenario and every member of the family the smallest fund is searched with which nobody is deleveraged, nothing is
socialised or left uncovered, and the fund's own equity at mark is never negative, in any market that draws on it. More fund need not
be safer under every rule, so the search is a grid, refined in one cell, and a size counts only if every larger size of the grid
suffices too.

Where feedback of forced flow is asked for off and on, every scenario is run off, and those that need most are run on as well.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Final

from shortfall.data.worst_moves import group_of
from shortfall.errors import Finding, InputError
from shortfall.kernels import layout as at
from shortfall.sim.feedbacks import case_name, feedbacks_of
from shortfall.sim.largest import largest_lots
from shortfall.sim.liquidity import OFF
from shortfall.sim.market import build, gather
from shortfall.sim.own import OWN, build_own, cover_of, own_input, room_for_events
from shortfall.sim.paths import After
from shortfall.sim.run import Scenario, run_all
from shortfall.sim.scenarios import CATALOGUE, historical
from shortfall.sim.sensitivity import variations_of, widths
from shortfall.sim.sizetail import rates, run_shocks, tails
from shortfall.sim.stress import paths_for
from shortfall.sim.variants import variants_from

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from shortfall.sim.liquidity import Feedback
    from shortfall.sim.market import Laboratory, MarketInput
    from shortfall.sim.members import Member
    from shortfall.sim.own import Cover
    from shortfall.sim.run import Outcome
    from shortfall.sim.scenarios import PriceScenario
    from shortfall.sim.sensitivity import Widths
    from shortfall.sim.sizetail import CountedRate, TailNeed
    from shortfall.sim.stress import Request

HARDER: Final = 1.5
GRID: Final = (0.0, 0.01, 0.03, 0.1, 0.3, 1.0, 4.0)  # of open interest; after a rise a position is worth more than that
REFINEMENTS: Final = 4
SPLIT: Final = 3
FED_BACK: Final = 3  # scenarios that are run with the other feedbacks too: those with the highest need without


@dataclass(frozen=True, slots=True)
class Tried:
    """One fund size: whether it suffices, and what of it was lost at the lowest (equity at mark)."""

    fund_cash: int
    enough: bool
    lost: int


@dataclass(frozen=True, slots=True)
class Need:
    """The fund that one scenario needs with one member under one feedback of forced flow.

    Parameters
    ----------
    member : str
        The case (see `shortfall.sim.feedbacks`): the member's name, and what feeds back.
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
    tails : tuple of TailNeed
        What the worst move of a year needs, by direction; empty for a single scenario and for the user's own accounts.
    rates : tuple of CountedRate
        How often moves like those of the set were recorded.
    covers : dict
        Scenario to the largest deficits of single accounts; only of the user's own.
    tail_note : str
        Why there is no tail, where there is none.
    cover : int
        How many accounts with the largest deficits were added up.
    widths : Widths or None
        Of the need in the worst scenario; None for the user's own accounts.
    """

    request: Request
    inputs: tuple[MarketInput, ...]
    group: str
    scenarios: tuple[PriceScenario, ...]
    needs: tuple[Need, ...]
    largest_lots: tuple[int, ...]
    largest_tried: int
    tails: tuple[TailNeed, ...] = ()
    rates: tuple[CountedRate, ...] = ()
    covers: dict[str, Cover] = field(default_factory=dict)
    tail_note: str = ""
    cover: int = 2
    widths: Widths | None = None

    def of(self, scenario: str) -> tuple[Need, ...]:
        """Return the needs of a scenario, by case."""
        return tuple(need for need in self.needs if need.scenario == scenario)

    def range_of(self, scenario: str) -> tuple[int | None, int | None]:
        """Return the lowest and the highest need of a scenario over members and feedbacks; None stands for more than was tried."""
        found = sorted((need.fund_cash for need in self.of(scenario)), key=_order)
        return found[0], found[-1]

    @property
    def worst(self) -> str:
        """Return the scenario with the highest need."""
        return max(self.scenarios, key=lambda one: _order(self.range_of(one.name)[1])).name


def _order(cash: int | None) -> tuple[bool, int]:
    return cash is None, cash or 0


def scenario_set(base_asset: str, *, largest: bool = True) -> tuple[PriceScenario, ...]:
    """Return the named set of a contract: the worst recorded moves of its class, 1.5 times them, the largest accounts dumped.

    The moves are joint over the pool, and the largest account of each tier stands in all of them; without `largest` only the moves.
    """
    worst = historical(group_of(base_asset))
    moves = (*worst, *(one.times(HARDER) for one in worst))
    if not largest:
        return moves
    dumped = tuple(one for one in CATALOGUE if one.name.startswith("largest-dumped"))
    return tuple(one.with_largest() for one in moves) + dumped


def size_fund(
    request: Request, progress: Callable[[int, int], None] = lambda _done, _all: None, *, cover: int = 2
) -> SizeAnswer:
    """Find the fund that every scenario of the set needs with every member, and that the worst move of a year needs.

    Parameters
    ----------
    request : Request
    progress : callable
        Told how many needs of how many are found.
    cover : int
        How many of the user's own accounts with the largest deficits are added up.

    Raises
    ------
    InputError
        If a recorded path is asked for, or the rules have no fund.
    """
    if request.path is not None:
        message = "Expected a stated shock: on a recorded path forced orders move nothing, so it sizes no fund"
        raise InputError([Finding("--scenario", message)])
    request = request if request.state is None else replace(request, members=(OWN,), alone=True)
    inputs = gather(
        request.venue, request.symbol, alone=request.alone, changes=request.changes, interest=request.interest,
        day=request.day, ladders=request.ladders,
    )  # fmt: skip
    if request.state is not None:
        inputs = (own_input(inputs[0], request.state),)
    base = inputs[0].snapshot.base_asset
    group = group_of(base)
    whole = request.scenario is None
    wanted = scenario_set(base, largest=request.state is None) if whole else (request.scenario,)
    wanted = tuple(one for one in wanted if one is not None)
    between = (
        tuple(s for shocks in run_shocks(group).values() for s in shocks) if whole and request.state is None else ()
    )
    names = {one.name for one in wanted}
    runs = (*wanted, *(one for one in between if one.name not in names))
    needs, covers = _needs(request, inputs, runs, progress, cover)
    needs += _fed_back(request, inputs, wanted, needs, progress)
    found = {(need.scenario, need.member): need.fund_cash for need in needs}
    tail: tuple[TailNeed, ...] = ()
    counted: tuple[CountedRate, ...] = ()
    note = "no tail: only for the whole set and synthetic populations"
    try:
        if between:
            tail = tails(
                group,
                [one.name for one in request.members],
                lambda s, m: found[s, case_name(m, feedbacks_of(request)[0])],
                request.seed,
            )
            note = ""
        counted = rates(group) if whole else ()
    except InputError as error:  # scipy is an extra: the set does not need it
        note = error.findings[0].message
    answer = SizeAnswer(
        request, inputs, group, wanted, tuple(need for need in needs if need.scenario in names), _standing(inputs[0]),
        int(GRID[-1] * _interest(inputs)), tail, counted, covers, note, cover,
    )  # fmt: skip
    return answer if request.state is not None else replace(answer, widths=_widths(answer, progress))


def _fed_back(
    request: Request, inputs: tuple[MarketInput, ...], wanted: Sequence[PriceScenario], needs: Sequence[Need],
    progress: Callable[[int, int], None],
) -> list[Need]:  # fmt: skip
    """Return the needs under every further feedback of the scenarios that need most under the first one."""
    highest = {one.name: max(_order(need.fund_cash) for need in needs if need.scenario == one.name) for one in wanted}
    chosen = sorted(wanted, key=lambda one: highest[one.name], reverse=True)[:FED_BACK]
    found: list[Need] = []
    for feedback in feedbacks_of(request)[1:]:
        asked = replace(request, variants=variants_from((feedback,)))
        found += _needs(asked, inputs, chosen, progress, 0)[0]
    return found


def _widths(answer: SizeAnswer, progress: Callable[[int, int], None]) -> Widths:
    """Return how wide the need in the worst scenario is; a need beyond the grid counts as the largest fund of it.

    Population and feedback are compared over all cases; seeds and other inputs are run under the first feedback only.
    """
    worst = next(one for one in answer.scenarios if one.name == answer.worst)
    asked = replace(answer.request, scenario=worst)

    def figure(request: Request) -> dict[str, int]:
        inputs = gather(
            request.venue, request.symbol, alone=request.alone, changes=request.changes, interest=request.interest,
            day=request.day, ladders=request.ladders,
        )  # fmt: skip
        needs, _ = _needs(request, inputs, (request.scenario,) if request.scenario else (), lambda _done, _all: None, 0)
        return {need.member: _clamped(need.fund_cash, answer) for need in needs}

    base = {need.member: _clamped(need.fund_cash, answer) for need in answer.of(worst.name)}
    return widths(base, figure, asked, variations_of(asked, answer.inputs[0], fund=False), progress=progress)


def _clamped(cash: int | None, answer: SizeAnswer) -> int:
    return answer.largest_tried if cash is None else cash


def _interest(inputs: Sequence[MarketInput]) -> int:
    return sum(item.interest_lots * item.mark_ticks * item.contract.multiplier for item in inputs)


def _standing(own: MarketInput) -> tuple[int, ...]:
    return largest_lots(own.spec, own.mark_ticks, own.interest_lots)


def _needs(
    request: Request, inputs: tuple[MarketInput, ...], wanted: Sequence[PriceScenario],
    progress: Callable[[int, int], None], cover: int,
) -> tuple[list[Need], dict[str, Cover]]:  # fmt: skip
    """Return the needs of scenarios with every member under the first feedback, and of the user's own accounts the largest deficits."""
    needs: list[Need] = []
    covers: dict[str, Cover] = {}
    interest = _interest(inputs)
    for member in request.members:
        labs: dict[bool, Laboratory] = {}
        for one in wanted:
            if one.largest not in labs:
                labs[one.largest] = _laboratory(request, inputs, member, largest=one.largest)
            lab = labs[one.largest]
            needs.append(need_of(lab, one, member.name, interest, request.threads, feedbacks_of(request)[0]))
            if request.state is not None and cover:
                cash = needs[-1].fund_cash
                enough = int(GRID[-1] * interest) if cash is None else cash
                covers[one.name] = cover_of(lab, Scenario(paths_for(lab, one, After("hold")), one.mode, enough), cover)
            progress(len(needs), len(wanted) * len(request.members))
    return needs, covers


def _laboratory(request: Request, inputs: tuple[MarketInput, ...], member: Member, *, largest: bool) -> Laboratory:
    """Return the user's own accounts or a synthetic member, under rules that have a fund."""
    if request.state is not None:
        lab = build_own(inputs[0], request.state, events=room_for_events(len(request.state.size_lots)))
    else:
        lab = build(inputs, member, request.accounts, request.seed, largest=largest)
    if lab.exchange.holder(0, at.M_FUND) < 0:
        raise InputError([Finding("VENUE", f"Expected rules with a fund, {request.venue} has none to size")])
    return lab


def need_of(  # noqa: PLR0917 - what a search is made of
    lab: Laboratory, scenario: PriceScenario, member: str, interest: int, threads: int, feedback: Feedback = OFF
) -> Need:
    """Search the fund that a scenario needs: a grid over sizes, and the cell above the last size that fails split again and again."""
    paths = paths_for(lab, scenario, After("hold"))

    def run(sizes: Sequence[int]) -> list[Tried]:
        runs = [Scenario(paths, scenario.mode, size, feedback) for size in sizes]
        found = run_all(lab, runs, threads=threads)
        return [_tried(size, outcome) for size, outcome in zip(sizes, found, strict=True)]

    return search(scenario.name, case_name(member, feedback), [int(share * interest) for share in GRID], run)


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
