"""Inputs that no page settles, run at every admissible value, so that opacity widens a range and can never help.

Problem: a venue that publishes less would look better if what is not known were left at a kind default. Therefore each unknown or
assumed input has its admissible values: an unknown fund runs empty and at a stated upper bound, an unknown book at all of the common
contract's depth and at a tenth of it, an assumed rule at every entry that no page rules out. The answer is the range over all of them,
over the members of the family and over the after-shock paths; an input more can only add runs, so it can only widen the range.

At most one assumed rule differs from its stated entry in a run, at each admitted fund and depth: all combinations would be thousands of
runs, so the range is a lower bound of what all combinations would span.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from decimal import ROUND_CEILING, Decimal
from itertools import product
from typing import TYPE_CHECKING, Final

from shortfall.data.records import Kind
from shortfall.errors import Finding, Findings, InputError
from shortfall.rules.soundness import check_rules
from shortfall.sim.as_found import THIN
from shortfall.sim.compare import AS_STATED, WHO, Case
from shortfall.sim.market import gather, rules_of
from shortfall.sim.stress import fund_of, stress
from shortfall.sim.variants import PLAIN
from shortfall.sim.whatif import borne_by_others

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from shortfall.sim.market import MarketInput
    from shortfall.sim.stress import Request

FUND: Final = "fund"
DEPTH: Final = "depth"
COMMON: Final = "the venue's own figure is not recorded for a run: the common contract's stands in"
WHOLE: Final = "1"
# what is answered with a range: name to what it is in a case, in settlement units
FIGURES: Final[Mapping[str, Callable[[Case], int]]] = {
    "liquidated": lambda case: case.measures.result.liquidated_notional,
    "deleveraged": lambda case: case.measures.result.adl_notional,
    **{who: lambda case, who=who: case.shares[who] for who in WHO},  # type: ignore[misc]  # bound by its default
    "borne by others": lambda case: borne_by_others(case.measures),
}
Key = tuple[str, str, str]
"""Fund, share of depth, rule: the values of one run; the first is empty where the request settles the fund."""


@dataclass(frozen=True, slots=True)
class UnknownInput:
    """One input of a run that no page settles.

    Parameters
    ----------
    name : str
        A rule of the rule space, a field of the snapshot, `fund` or `depth`.
    kind : str
        ``unknown`` (no figure exists) or ``assumed`` (we chose one).
    why : str
        Why.
    used : str or None
        What a run takes where nobody says otherwise; None where there is no such value.
    others : tuple of str
        Values that are as admissible. With none, nothing widens: the input is listed so that a reader sees it.
    """

    name: str
    kind: str
    why: str
    used: str | None
    others: tuple[str, ...] = ()

    @property
    def values(self) -> tuple[str, ...]:
        """Return every admissible value, the used one first."""
        return self.others if self.used is None else (self.used, *self.others)


@dataclass(frozen=True, slots=True)
class Moved:
    """What one input does to `harm`, everything else equal.

    Parameters
    ----------
    name : str
    worst, best : str
        The values with the largest and the smallest harm, summed over members, paths and, where it is unknown, the fund.
    by : int
        The largest change between two of its values in one member's run, in settlement units, 0 or more.
    """

    name: str
    worst: str
    best: str
    by: int


@dataclass(frozen=True, slots=True)
class Widened:
    """A range with unknown inputs at every admissible value.

    Parameters
    ----------
    inputs : tuple of UnknownInput
        All of the contract; those named in `run` were run.
    run : tuple of str
    stated : dict
        Figure to (lowest, highest) over members and after-shock paths with nothing but an unknown fund varied.
    widened : dict
        The same over every admissible value; never narrower.
    moved : tuple of Moved
        One for each input that was run, the one that moves most first.
    refused : tuple of str
        Entries that no sound rule set holds beside the others.
    """

    item: MarketInput
    inputs: tuple[UnknownInput, ...]
    run: tuple[str, ...]
    stated: dict[str, tuple[int, int]]
    widened: dict[str, tuple[int, int]]
    moved: tuple[Moved, ...]
    refused: tuple[str, ...]
    runs: int


def harm(case: Case) -> int:
    """Return deleveraged notional plus what others than the trader bear, in settlement units: what is called worst is the most of it."""
    return case.measures.result.adl_notional + borne_by_others(case.measures)


def unknown_inputs(
    request: Request, item: MarketInput, upper: Decimal, hide: Iterable[str] = ()
) -> tuple[UnknownInput, ...]:
    """Return every unknown or assumed input of a contract under a venue's rules; what a request settles is none.

    Parameters
    ----------
    upper : Decimal
        The largest fund that is admitted where none is known, in the settlement asset.
    hide : iterable of str
        Known inputs to be treated as unknown: `fund`, `depth`.
    """
    settled = {word.partition("=")[0] for word in request.changes}
    found = []
    known = None if item.is_common else fund_of(item.snapshot)[0]
    if request.fund is None and (known is None or FUND in hide):
        why = COMMON if item.is_common else item.snapshot.pool.reason or "hidden"
        used = None if known is None else f"{known:f}"
        found.append(UnknownInput(FUND, "unknown", why, used, ("0", f"{upper:f}")))
    if item.is_common or DEPTH in hide:
        found.append(UnknownInput(DEPTH, "unknown", COMMON if item.is_common else "hidden", WHOLE, (str(THIN),)))
    found += [
        UnknownInput(name, "assumed", value.reason, str(value.value), tuple(str(other) for other in value.others))
        for name, value in item.venue.assumed(request.day)
        if name not in settled
    ]
    found += [
        UnknownInput(field.name, field.kind.value, field.reason, None if field.value is None else str(field.value))
        for field in item.snapshot.sourced()
        if field.kind is not Kind.OBSERVED and field.name != "pool"
    ]
    return tuple(found)


def widened(
    request: Request,
    upper: Decimal | None = None,
    only: Sequence[str] | None = None,
    hide: Sequence[str] = (),
    progress: Callable[[int, int], None] = lambda _done, _all: None,
) -> Widened:
    """Run a stress request at every admissible value of its unknown inputs and return how far each range reaches.

    Parameters
    ----------
    request : Request
    upper : Decimal or None
        The largest fund that is admitted where none is known; None takes open interest at mark.
    only : sequence of str or None
        Names of the inputs that are run; None runs all. A fund that nobody knows always runs at both ends.
    hide : sequence of str
        Known inputs to be treated as unknown: `fund`, `depth`.

    Raises
    ------
    InputError
        If there is no such venue, contract or input, or the bound is below zero.
    """
    item = gather(request.venue, request.symbol, alone=True, changes=request.changes, day=request.day)[0]
    most = upper if upper is not None else _interest(item)
    inputs = unknown_inputs(request, item, most, hide)
    _check(inputs, most, only, hide)
    chosen = tuple(one for one in inputs if one.others and (only is None or one.name in only or one.used is None))
    values = {one.name: one.values for one in chosen}
    funds, shares = values.get(FUND, ("",)), values.get(DEPTH, (WHOLE,))
    words = [
        AS_STATED,
        *(f"{one.name}={other}" for one in chosen if one.name not in (FUND, DEPTH) for other in one.others),
    ]
    sound = [word for word in words if word == AS_STATED or _is_sound(request, item, word)]
    cases: dict[Key, list[Case]] = {}
    for key in product(funds, shares, sound):
        cases[key] = _cases(request, key)
        progress(len(cases), len(funds) * len(shares) * len(sound))
    used = {one.name: one.used for one in chosen}
    plain = [key for key in cases if key[1:] == (WHOLE, AS_STATED) and used.get(FUND) in (None, key[0])]
    every = [case for found in cases.values() for case in found]
    return Widened(
        item,
        inputs,
        tuple(one.name for one in chosen),
        {name: _range(figure, [case for key in plain for case in cases[key]]) for name, figure in FIGURES.items()},
        {name: _range(figure, every) for name, figure in FIGURES.items()},
        tuple(sorted((_moved(one, cases, plain) for one in chosen), key=lambda one: -one.by)),
        tuple(word for word in words if word not in sound),
        len(every),
    )


def _interest(item: MarketInput) -> Decimal:
    """Return open interest at mark in the settlement asset, rounded up to a whole unit."""
    units = item.interest_lots * item.mark_ticks * item.contract.multiplier
    return Decimal(units).scaleb(-item.contract.scale.settlement.exponent).to_integral_value(ROUND_CEILING)


def _check(inputs: Sequence[UnknownInput], upper: Decimal, only: Sequence[str] | None, hide: Sequence[str]) -> None:
    findings = Findings()
    names = [one.name for one in inputs if one.others]
    for name in only or ():
        if name not in names:
            findings.add(
                "only", f"Expected an input with other admissible values ({', '.join(names) or 'none'}), was {name!r}"
            )
    for name in hide:
        if name not in (FUND, DEPTH):
            findings.include(InputError([Finding("hide", f"Expected {FUND} or {DEPTH}, was {name!r}")]))
    if upper < 0:
        findings.add("upper", f"Expected zero or more, was {upper}")
    findings.raise_if_any()


def _is_sound(request: Request, item: MarketInput, word: str) -> bool:
    return not check_rules(rules_of(item.snapshot, (word, *request.changes), item.venue, request.day)).as_tuple()


def _cases(request: Request, key: Key) -> list[Case]:
    fund, share, word = key
    more = () if word == AS_STATED else (word,)
    left = int(request.shock.depth_left_ppm * Decimal(share))
    asked = replace(
        request,
        fund=Decimal(fund) if fund else request.fund,
        changes=(*more, *request.changes),
        shock=replace(request.shock, depth_left_ppm=left),
        halve=False,
        variants=(PLAIN,),
    )
    return [Case(word, run.member, run.measures) for run in stress(asked).runs]


def _range(figure: Callable[[Case], int], cases: Sequence[Case]) -> tuple[int, int]:
    found = [figure(case) for case in cases]
    return min(found), max(found)


def _moved(one: UnknownInput, cases: Mapping[Key, list[Case]], plain: Sequence[Key]) -> Moved:
    """Compare the values of one input run by run: the same member, path, fund and depth."""
    runs: dict[str, list[int]] = {}
    for value in one.values:
        keys = [_with(one, value, key) for key in plain]
        if all(key in cases for key in keys):
            runs[value] = [harm(case) for key in keys for case in cases[key]]
    worst = max(runs, key=lambda value: sum(runs[value]))
    best = min(runs, key=lambda value: sum(runs[value]))
    return Moved(one.name, worst, best, max(max(same) - min(same) for same in zip(*runs.values(), strict=True)))


def _with(one: UnknownInput, value: str, key: Key) -> Key:
    """Return the values of a run with one input at another value."""
    if one.name == FUND:
        return value, key[1], key[2]
    if one.name == DEPTH:
        return key[0], value, key[2]
    return key[0], key[1], AS_STATED if value == one.used else f"{one.name}={value}"
