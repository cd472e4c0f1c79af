"""What a shock does to a strategy and not only to a leg: a pair whose other leg is naked, a size that needs the fund, a pool's provider.

Everything comes out of runs of the one engine; what is added here is the arithmetic between its figures.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from itertools import groupby
from typing import TYPE_CHECKING, Final

import numpy as np

from shortfall.errors import Finding, InputError
from shortfall.kernels import layout as at
from shortfall.sim.feedbacks import case_name, feedbacks_of
from shortfall.sim.liquidity import FEEDBACKS, OFF, Feedback
from shortfall.sim.market import build, gather
from shortfall.sim.measures import measure
from shortfall.sim.paths import MINUTE_US, After, usual_afters
from shortfall.sim.run import Scenario, replay, run_all
from shortfall.sim.stress import capital_of, paths_for
from shortfall.sim.variants import variants_from

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from shortfall.kernels.native import State
    from shortfall.sim.market import Laboratory, MarketInput
    from shortfall.sim.paths import Paths
    from shortfall.sim.position import Cut
    from shortfall.sim.stress import Request

MILLION: Final = 1_000_000
SECOND_US: Final = 1_000_000
REHEDGE_US: Final = (0, 10 * SECOND_US, MINUTE_US, 5 * MINUTE_US)
LAYERS_OF_PROVIDERS: Final = ("backstop", "pool", "liquidity")
SIZES: Final = (0.01, 0.03, 0.1, 0.3, 1.0, 3.0, 10.0, 30.0)  # times the size asked about
BISECTIONS: Final = 4
LARGEST_PARTS: Final = 4  # the own position is at most one part in so many of open interest


@dataclass(frozen=True, slots=True)
class Batch:
    """One batch of ADL closes on the side of a position, in the order in which the engine made them.

    Parameters
    ----------
    since_us : int
        Since the shock began.
    closed : int
        Accounts closed, whole or in part.
    place : int or None
        The position's place among them, from 1; None where the batch ended before it.
    """

    since_us: int
    closed: int
    place: int | None


@dataclass(frozen=True, slots=True)
class Rehedge:
    """A pair that is hedged again some time after its leg here was cut; costs in settlement units, a gain is negative.

    Parameters
    ----------
    own_leg : int
        Given up here: `side x (mark - ADL price) x size` at the cut.
    other_leg : int
        What the naked leg elsewhere lost until then, marked at the outside price: `side x (then - at the cut) x size`.
    """

    own_leg: int
    other_leg: int

    @property
    def both(self) -> int:
        """Return the cost of both legs together."""
        return self.own_leg + self.other_leg


@dataclass(frozen=True, slots=True)
class Margin:
    """What a cut does to the margin of the rest of a pair, at the first cut, after the last: ppm of notional or of what was posted.

    Parameters
    ----------
    here_before_ppm, here_after_ppm : int or None
        Equity over notional of the leg here before and after all cuts, at the mark of the first; None when nothing is left.
    elsewhere_left_ppm : int
        Equity of the other leg at the first cut, of what was posted for it (assumed as much as here); 0 or less: liquidated there
        unless money is moved in time.
    """

    here_before_ppm: int
    here_after_ppm: int | None
    elsewhere_left_ppm: int


def batches(events: Iterable[tuple[int, int, int]], side: int, mine: int) -> tuple[Batch, ...]:
    """Return the batches of a run on one side.

    Parameters
    ----------
    events : iterable of (time, account, change of lots)
        ADL closes in the order of the engine.
    side : int
        1 for closes of longs, -1 of shorts.
    mine : int
        The position's account.
    """
    own = [(now, account) for now, account, change in events if change * side < 0]
    found = []
    for now, rows in groupby(own, key=lambda row: row[0]):
        accounts = list(dict.fromkeys(account for _, account in rows))
        found.append(Batch(now, len(accounts), accounts.index(mine) + 1 if mine in accounts else None))
    return tuple(found)


def rehedged(cuts: Sequence[Cut], paths: Paths, begin_us: int, unit: int) -> dict[int, Rehedge]:
    """Return what a pair costs by the time until it is hedged again.

    The outside price is that of the shock's path: the leg elsewhere is worth what the outside says, not what this venue's mark says.
    """
    found = {}
    for out in REHEDGE_US:
        own = other = 0
        for cut in cuts:
            then, now = (outside_at(paths, begin_us + cut.since_us + later) for later in (out, 0))
            own += cut.lots * (cut.mark_ticks - cut.price_ticks) * unit
            other += cut.lots * (then - now) * unit
        found[out] = Rehedge(own, other)
    return found


def outside_at(paths: Paths, when_us: int) -> int:
    """Return the outside price of the first market in ticks at the first step at or after a time; the last one beyond the end."""
    step = min(int(np.searchsorted(paths.times_us, when_us)), len(paths.times_us) - 1)
    return int(paths.shocked_ticks[step, 0])


def margin_of(cuts: Sequence[Cut], lots: int, entry_ticks: int, margin: int, unit: int) -> Margin | None:
    """Return what the cuts do to margins, or None without a cut. The other leg stood opposite at the same entry and margin."""
    if not cuts:
        return None
    mark = cuts[0].mark_ticks
    equity = margin + lots * (mark - entry_ticks) * unit
    after = equity - sum(cut.lots * (cut.mark_ticks - cut.price_ticks) * unit for cut in cuts)
    left = abs(lots) - sum(abs(cut.lots) for cut in cuts)
    elsewhere = margin - lots * (mark - entry_ticks) * unit
    return Margin(
        equity * MILLION // (abs(lots) * mark * unit),
        after * MILLION // (left * mark * unit) if left else None,
        elsewhere * MILLION // margin,
    )


@dataclass(frozen=True, slots=True)
class OwnClose:
    """From which size the position's own close needs the fund, with one member under one feedback of forced flow.

    Parameters
    ----------
    member : str
        The case (see `shortfall.sim.feedbacks`): the member's name, and what feeds back.
    enough_lots, needs_lots : int or None
        Largest size tried below which no size needed it, and the smallest tried that did; None where there is none.
    liquidated : bool
        Whether the position was liquidated at all in the shock, at any size tried.
    """

    member: str
    enough_lots: int | None
    needs_lots: int | None
    liquidated: bool


def own_close(member: str, sizes: Sequence[int], try_size: Callable[[int], tuple[bool, bool]]) -> OwnClose:
    """Search the size from which an own close needs the fund: a grid, and the first cell that turns is halved again and again.

    Parameters
    ----------
    try_size : callable
        Lots to (was liquidated, needed the fund).
    """
    tried = {size: try_size(size) for size in sorted(set(sizes))}
    for _ in range(BISECTIONS):
        needs = min((size for size, (_, need) in tried.items() if need), default=None)
        below = [size for size, (_, need) in tried.items() if needs is not None and size < needs and not need]
        if needs is None or not below or needs - max(below) <= 1:
            break
        middle = (needs + max(below)) // 2
        tried[middle] = try_size(middle)
    needs = min((size for size, (_, need) in tried.items() if need), default=None)
    below = [size for size, (_, need) in tried.items() if not need and (needs is None or size < needs)]
    return OwnClose(member, max(below, default=None), needs, any(hit for hit, _ in tried.values()))


def sizes_around(lots: int, interest_lots: int, most_lots: int) -> tuple[int, ...]:
    """Return the sizes to try around one, within a quarter of open interest and what the contract allows."""
    top = min(interest_lots // LARGEST_PARTS, most_lots)
    return tuple(sorted({max(1, min(top, int(abs(lots) * factor))) for factor in SIZES}))


def needed_fund(state: State, mine: int) -> tuple[bool, bool]:
    """Return (was liquidated, its close left the book: somebody else took it over, or the fund paid for it), out of the events."""
    table = np.asarray(state.events).reshape(-1, 8)[: int(state.header[at.H_EVENTS])]
    kinds = table[:, at.V_KIND] >> at.MARKET_BITS
    own = table[:, at.V_ACCOUNT] == mine
    liquidated = bool((own & (kinds == at.E_LIQUIDATION_TRIGGERED)).any())
    taken = bool((own & (kinds == at.E_POSITION_TAKEN_OVER)).any())
    paid = bool(((kinds == at.E_FUND_PAID) & (table[:, at.V_C] == mine)).any())
    return liquidated, taken or paid


@dataclass(frozen=True, slots=True)
class ProviderRun:
    """A pool in one run, in settlement units: before the shock, at its lowest, and an hour after."""

    member: str
    after: str
    before: int
    lowest: int
    end: int
    feedback: str = OFF.name

    @property
    def case(self) -> str:
        """Return what the member under this feedback is called."""
        return case_name(self.member, FEEDBACKS[self.feedback])

    def of_deposit(self, deposit: int, capital: int) -> int:
        """Return what a deposit gains by the end, signed, rounded down."""
        return deposit * (capital - self.before) // self.before


@dataclass(frozen=True, slots=True)
class ProviderAnswer:
    """What the providers of a pool or backstop gain or lose."""

    request: Request
    item: MarketInput
    layer: str
    capital: int
    capital_note: str
    deposit: int
    runs: tuple[ProviderRun, ...]


def provider(
    request: Request, deposit: int, seeds: int, progress: Callable[[int, int], None] = lambda _done, _all: None
) -> ProviderAnswer:
    """Run the shock and return what the capital behind a venue's pool or backstop came to.

    Parameters
    ----------
    deposit : int
        In settlement units; its share of the capital does not change the capital.

    Raises
    ------
    InputError
        If no layer of the venue's rules is one that takes deposits, or the deposit is more than the capital.
    """
    item = gather(
        request.venue, request.symbol, alone=True, changes=request.changes, interest=request.interest, day=request.day,
        ladders=request.ladders,
    )[0]  # fmt: skip
    layer = next((name for name in item.spec.rules.waterfall if name in LAYERS_OF_PROVIDERS), None)
    if layer is None:
        message = f"Expected rules with a pool or backstop that takes deposits, {request.venue} has {', '.join(item.spec.rules.waterfall)}"
        raise InputError([Finding("--as", message)])
    capital, note = capital_of(item, request.fund)
    if not 0 < deposit <= capital:
        raise InputError(
            [Finding("--size", f"Expected a deposit above 0 and up to the capital of {capital} units, was {deposit}")]
        )
    afters = request.afters or usual_afters(request.shock.gap_ppm)
    jobs = [(member, seed) for member in request.members for seed in range(request.seed, request.seed + seeds)]
    found: list[ProviderRun] = []
    for done, (member, seed) in enumerate(jobs, start=1):
        lab = build((item,), member, request.accounts, seed)
        asked = [(after, feedback) for feedback in feedbacks_of(request) for after in afters]
        scenarios = [
            Scenario(paths_for(lab, request.shock, after), request.shock.mode, capital, feedback)
            for after, feedback in asked
        ]
        for (after, feedback), outcome in zip(asked, run_all(lab, scenarios), strict=True):
            one = measure(lab, outcome)
            lowest = min(one.fund_equity_lowest, one.fund_equity_after)
            found.append(
                ProviderRun(member.name, after.name, one.fund_cash_before, lowest, one.fund_equity_after, feedback.name)
            )
        progress(done, len(jobs))
    return ProviderAnswer(request, item, layer, capital, note, deposit, tuple(found))


def tried_in(
    request: Request, item: MarketInput, enter: Callable[[Laboratory, int], int], cash: int, events: int
) -> Callable[[int], tuple[bool, bool]]:
    """Return the trial of a size with the first member and feedback of a request: the position is entered and the shock is run."""

    def try_size(lots: int) -> tuple[bool, bool]:
        lab = build((item,), request.members[0], request.accounts, request.seed, events=events)
        mine = enter(lab, lots)
        paths = paths_for(lab, request.shock, After("hold"))
        _, state = replay(lab, Scenario(paths, request.shock.mode, cash, feedbacks_of(request)[0]))
        return needed_fund(state, mine)

    return try_size


def alone_with(request: Request, name: str, feedback: Feedback) -> Request:
    """Return a request with one of its members, under one feedback."""
    members = tuple(member for member in request.members if member.name == name)
    return replace(request, members=members, variants=variants_from((feedback,)))


__all__ = [
    "REHEDGE_US",
    "Batch",
    "Margin",
    "OwnClose",
    "ProviderAnswer",
    "ProviderRun",
    "Rehedge",
    "alone_with",
    "batches",
    "margin_of",
    "needed_fund",
    "outside_at",
    "own_close",
    "provider",
    "rehedged",
    "sizes_around",
    "tried_in",
]
