"""One shock, many ways to end it: the same paths resolved by each ADL rank, each base of a shared loss, the fund alone, a halt.

Paths, seed, populations, book and fund are the same; only who pays behind the layers with cash differs. What happened to whom is
read from the events of the one engine.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from random import Random
from typing import TYPE_CHECKING, Final

import numpy as np

from shortfall.engine.state import Handle
from shortfall.errors import CapacityError, Finding, InputError, ensure
from shortfall.kernels import audit
from shortfall.kernels import layout as at
from shortfall.model.commands import Halt
from shortfall.rules.reference import rule_lines
from shortfall.rules.soundness import check_rules
from shortfall.sim.feedbacks import case_name, feedbacks_of
from shortfall.sim.liquidity import FEEDBACKS, OFF, Feedback
from shortfall.sim.market import build, gather
from shortfall.sim.measures import measure
from shortfall.sim.paths import After
from shortfall.sim.run import Scenario, replay
from shortfall.sim.sensitivity import variations_of, widths
from shortfall.sim.stress import capital_of, paths_for

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from numpy.typing import NDArray

    from shortfall.kernels.native import State
    from shortfall.rules.ruleset import RuleSet
    from shortfall.sim.market import Laboratory, MarketInput
    from shortfall.sim.measures import Measures
    from shortfall.sim.members import Member
    from shortfall.sim.sensitivity import Widths
    from shortfall.sim.stress import Request

MILLION: Final = 1_000_000
SHARED: Final = ("adl", "socialise", "haircut")  # layers that others than the venue and its funds bear
AS_IT_IS: Final = "as it is"
EVENTS: Final = (
    1 << 18,
    1 << 22,
)  # room for the events of a run; a shared loss writes one for every account that shares it
HEDGED_LEVERAGE: Final = 2  # assumed: accounts up to it, at mark before the shock, may be hedged elsewhere


@dataclass(frozen=True, slots=True)
class Resolution:
    """One way to end it.

    Parameters
    ----------
    kind : str
        as it is, adl, socialise, fund or halt.
    name : str
        The entry, or what people call it.
    words : tuple of str
        Rules, as `--set` takes them.
    """

    kind: str
    name: str
    words: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Book:
    """Who held what before the shock, by account id.

    Parameters
    ----------
    lots : array of int64
        Signed lots of traders; 0 for everybody else.
    low_leverage : array of bool
        Traders whose notional is at most `HEDGED_LEVERAGE` times their equity at mark.
    """

    lots: NDArray[np.int64]
    low_leverage: NDArray[np.bool_]

    @property
    def holders(self) -> int:
        """Return the traders with a position."""
        return int(np.count_nonzero(self.lots))


@dataclass(frozen=True, slots=True)
class Closes:
    """The ADL closes of a run: accounts, signed change of lots, rank key, price and mark in ticks."""

    account: NDArray[np.int64]
    lots: NDArray[np.int64]
    rank: NDArray[np.int64]
    price: NDArray[np.int64]
    mark: NDArray[np.int64]

    def rows(self) -> Iterator[tuple[int, int, int, int]]:
        """Yield (account, signed change of lots, price, mark) of each close, as plain integers."""
        yield from zip(*(column.tolist() for column in (self.account, self.lots, self.price, self.mark)), strict=True)


@dataclass(frozen=True, slots=True)
class Borne:
    """What one resolution came to in one population under one feedback. Money in settlement units, against mark at the instant.

    Parameters
    ----------
    touched : int
        Traders who were cut, or charged a share of a loss.
    largest_share_ppm : int
        Largest part of one position that was closed by ADL, of the lots held before the shock; rounded down.
    gini_ppm : int or None
        Of what every trader with a position gave up (transfer against mark plus shared loss, nothing counted below 0): 0 when all
        gave the same, near a million when one gave all; None when nobody gave anything.
    gini_closed_ppm : int or None
        The same of what was closed by ADL, at mark.
    in_profit_ppm : int or None
        Share of the positions cut that were in profit when they were first cut; None when nobody was cut or the rank does not say.
    cut_notional : int
        Closed by ADL, at mark.
    transfer : int
        Given up by those who were cut: `side x (mark - ADL price) x size`; negative is received.
    socialised, uncovered : int
        Charged to others; claims that nobody paid.
    latent : int
        Sum of negative equities at the path's end: deficits of accounts that nobody closed.
    hedgers_delta : int
        Signed notional, at mark, that low-leverage accounts lost by ADL: what is naked elsewhere if all of it was hedged.
    feedback : str
        Its name.
    """

    member: str
    touched: int
    holders: int
    largest_share_ppm: int
    gini_ppm: int | None
    gini_closed_ppm: int | None
    in_profit_ppm: int | None
    cut_notional: int
    transfer: int
    socialised: int
    uncovered: int
    latent: int
    hedgers_delta: int
    feedback: str = OFF.name

    @property
    def case(self) -> str:
        """Return what the population under this feedback is called."""
        return case_name(self.member, FEEDBACKS[self.feedback])


@dataclass(frozen=True, slots=True)
class Resolved:
    """One resolution over all members and feedbacks."""

    resolution: Resolution
    found: tuple[Borne, ...]

    def range_of(self, figure: Callable[[Borne], int | None]) -> tuple[int, int] | None:
        """Return the lowest and highest of a figure over members and feedbacks, or None where none has it."""
        known = [value for value in map(figure, self.found) if value is not None]
        return (min(known), max(known)) if known else None


@dataclass(frozen=True, slots=True)
class ResolveAnswer:
    """Every resolution, and those that contradict the venue's rules."""

    request: Request
    item: MarketInput
    fund_cash: int
    fund_note: str
    hedged_ppm: int
    rows: tuple[Resolved, ...]
    refused: tuple[str, ...]
    widths: Widths | None = None


def resolutions(rules: RuleSet, seed: int, accounts: int) -> tuple[Resolution, ...]:
    """Return every way to end it that the rule space has, behind the layers with cash that a venue already has."""
    lines = {line.name: line for line in rule_lines()}
    first = ",".join(layer for layer in rules.waterfall if layer not in SHARED) or "fund"
    start = f"adl.start_account={Random(seed).randrange(accounts)}"  # noqa: S311 - a stated draw, not a secret
    ranks = [
        Resolution("adl", name, (f"waterfall={first},adl", f"adl.rank={name}", *((start,) if "start" in name else ())))
        for name in lines["adl.rank"].entries
    ]
    bases = [
        Resolution("socialise", name, (f"waterfall={first},socialise", f"socialise.base={name}"))
        for name in lines["socialise.base"].entries
    ]
    alone = f"waterfall={first}"
    return (
        Resolution(AS_IT_IS, AS_IT_IS),
        *ranks,
        *bases,
        Resolution("fund", "within capacity", (alone,)),
        Resolution("fund", "without a limit", (alone, "takeover.fund_capacity=0")),
        Resolution("halt", "nobody is closed"),
    )


def resolve(
    request: Request, hedged_ppm: int = MILLION // 2, progress: Callable[[int, int], None] = lambda _done, _all: None
) -> ResolveAnswer:
    """Resolve the same paths in every way.

    Raises
    ------
    InputError
        If there is no such contract, or a liquidity pool is the counterparty: it has no opposite positions to compare.
    """
    item = gather(
        request.venue, request.symbol, alone=True, changes=request.changes, interest=request.interest, day=request.day,
        ladders=request.ladders,
    )[0]  # fmt: skip
    if item.spec.rules.counterparty.kind == "pool":
        message = (
            f"Expected a venue whose counterparty is a book, was {request.venue}: a liquidity pool is on the other side"
        )
        raise InputError([Finding("VENUE", message)])
    cash, note = capital_of(item, request.fund)
    ways = resolutions(item.spec.rules, request.seed, request.accounts)
    rows: list[Resolved] = []
    refused: list[str] = []
    for done, way in enumerate(ways, start=1):
        rules = item.spec.rules
        for word in way.words:
            rules = rules.changed(word)
        if check_rules(rules).as_tuple():
            refused.append(f"{way.kind} {way.name}")
        else:
            own = replace(item, spec=replace(item.spec, rules=rules))
            rows.append(Resolved(way, _all_borne(request, own, way, cash)))
        progress(done, len(ways))
    wide = _widths(request, item, cash, rows[0])
    return ResolveAnswer(request, item, cash, note, hedged_ppm, tuple(rows), tuple(refused), wide)


def _widths(request: Request, item: MarketInput, cash: int, as_it_is: Resolved) -> Widths:
    """Return how wide what others bear is under the rules as they are: closed by ADL at mark, and shared losses."""
    way, scale = as_it_is.resolution, item.contract.scale

    def figure(asked: Request) -> dict[str, int]:
        interest = item.interest_lots if asked.interest is None else int(asked.interest / scale.lot_size)
        fund = cash if asked.fund is None else int(asked.fund.scaleb(scale.settlement.exponent))
        here = replace(item, interest_lots=interest)
        return {one.case: one.cut_notional + one.socialised for one in _all_borne(asked, here, way, fund)}

    known = {one.case: one.cut_notional + one.socialised for one in as_it_is.found}
    return widths(known, figure, request, variations_of(request, item))


def _all_borne(request: Request, item: MarketInput, way: Resolution, cash: int) -> tuple[Borne, ...]:
    """Run one way on every population under every feedback."""
    return tuple(
        _borne(request, item, way, one, cash, feedback) for one in request.members for feedback in feedbacks_of(request)
    )


def _borne(  # noqa: PLR0917 - what a run is made of
    request: Request, item: MarketInput, way: Resolution, member: Member, cash: int, feedback: Feedback
) -> Borne:
    """Run one way on one population under one feedback; a run whose events do not fit is run again with more room."""
    for room in EVENTS:
        lab = build((item,), member, request.accounts, request.seed, events=room)
        before = book_of(lab)
        if way.kind == "halt":
            lab.exchange.must(Halt(0))
            lab.exchange.read_event_rows()
        scenario = Scenario(paths_for(lab, request.shock, After("hold")), request.shock.mode, cash, feedback)
        try:
            outcome, state = replay(lab, scenario)
        except CapacityError:
            if room == EVENTS[-1]:
                raise
            continue
        return replace(borne(member.name, lab, before, measure(lab, outcome), state), feedback=feedback.name)
    raise CapacityError


def book_of(lab: Laboratory) -> Book:
    """Return who holds what in a laboratory, as its engine says."""
    exchange = lab.exchange
    count = int(exchange.state.header[at.H_ACCOUNTS])
    lots, low = np.zeros(count, np.int64), np.zeros(count, np.bool_)
    kinds = np.asarray(exchange.state.accounts).reshape(-1, 8)[:count, at.A_KIND]
    worth = lab.inputs[0].mark_ticks * lab.inputs[0].contract.multiplier
    for account in np.flatnonzero(kinds & ((1 << at.KIND_ASSET) - 1) == at.TRADER).tolist():
        lots[account] = exchange.position(account, 0)[0]
        low[account] = 0 < abs(int(lots[account])) * worth <= HEDGED_LEVERAGE * exchange.health(account)[0]
    return Book(lots, low)


def borne(member: str, lab: Laboratory, before: Book, found: Measures, state: State) -> Borne:
    """Return what a replayed run came to, account by account, out of its events.

    Raises
    ------
    InvariantViolationError
        If the events do not add up to what the engine counted.
    """
    table = np.asarray(state.events).reshape(-1, 8)[: int(state.header[at.H_EVENTS])]
    kinds = table[:, at.V_KIND] >> at.MARKET_BITS
    closes, unit = closes_of(table, kinds), lab.inputs[0].contract.multiplier
    shared = table[kinds == at.E_LOSS_SOCIALISED]
    given, closed, cut = ([0] * len(before.lots) for _ in range(3))
    delta = 0
    for account, lots, price, mark in closes.rows():
        given[account] += lots * (price - mark) * unit
        closed[account] += abs(lots) * mark * unit
        cut[account] += abs(lots)
        delta += lots * mark * unit if before.low_leverage[account] else 0
    transfer, notional = sum(given), sum(closed)
    for account, amount in zip(shared[:, at.V_ACCOUNT].tolist(), shared[:, at.V_A].tolist(), strict=True):
        given[account] += amount
    ensure(
        (transfer, notional) == (found.result.adl_transfer_mark, found.result.adl_notional),
        "the closes in the events are the closes that were counted", transfer=transfer, notional=notional,
    )  # fmt: skip
    held = np.flatnonzero(before.lots).tolist()
    touched = {*closes.account.tolist(), *shared[:, at.V_ACCOUNT].tolist()}
    return Borne(
        member=member,
        touched=len(touched.intersection(held)),
        holders=before.holders,
        largest_share_ppm=max((cut[a] * MILLION // abs(int(before.lots[a])) for a in held), default=0),
        gini_ppm=gini_ppm([max(0, given[a]) for a in held]),
        gini_closed_ppm=gini_ppm([closed[a] for a in held]),
        in_profit_ppm=None if _rank_is_blind(lab) else in_profit_ppm(closes, before.lots != 0),
        cut_notional=notional,
        transfer=transfer,
        socialised=found.result.socialised,
        uncovered=found.result.carried,
        latent=int(audit.latent_deficit(Handle(state).argument)),
        hedgers_delta=delta,
    )


def closes_of(table: NDArray[np.int64], kinds: NDArray[np.int64]) -> Closes:
    """Return the ADL closes among event rows, each with the mark of its instant."""
    where = np.flatnonzero(kinds == at.E_POSITION_DELEVERAGED)
    marked = np.flatnonzero(kinds == at.E_MARK_UPDATED)
    rows = table[where]
    marks = table[marked, at.V_B][np.searchsorted(marked, where) - 1] if len(where) else np.zeros(0, np.int64)
    return Closes(rows[:, at.V_ACCOUNT], rows[:, at.V_A], rows[:, at.V_C], rows[:, at.V_B], marks)


def in_profit_ppm(closes: Closes, held: NDArray[np.bool_]) -> int | None:
    """Return the share of traders cut whose rank at their first cut was above 0, which is said of those in profit; rounded down."""
    accounts, first = np.unique(closes.account, return_index=True)
    traders = first[held[accounts]]
    return int(np.count_nonzero(closes.rank[traders] > 0)) * MILLION // len(traders) if len(traders) else None


def _rank_is_blind(lab: Laboratory) -> bool:
    """Say whether the rank of a close does not tell profit: by place in a round, where profit does not decide who may be cut."""
    adl = lab.inputs[0].spec.rules.adl
    return adl.rank == "random-start" and adl.eligible == "overlap"


def gini_ppm(amounts: Sequence[int]) -> int | None:
    """Return the Gini coefficient of amounts of zero or more, in ppm, rounded down; None when they sum to zero.

    With amounts in rising order: (2 x sum of i x amount_i - (n + 1) x sum) / (n x sum), i from 1.
    """
    total, count = sum(amounts), len(amounts)
    if total == 0:
        return None
    weighted = sum(i * amount for i, amount in enumerate(sorted(amounts), start=1))
    return (2 * weighted - (count + 1) * total) * MILLION // (count * total)
