"""What negative closes come from here: one thing is repaired at a time, on common random numbers, through the engine.

A close is negative where the account's equity at mark is below zero when its position leaves it. Five things are repaired, one at a
time: the book (all of normal depth stays), leverage (capped), the tiers (twice the maintenance margin), the backstop (unlimited cash and
capacity), the mark (the median of its outside sources, at once). The repair that removes the largest part names the cause.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

from shortfall.rules.soundness import check_rules
from shortfall.sim.market import build
from shortfall.sim.measures import Measures, measure
from shortfall.sim.paths import After
from shortfall.sim.run import Scenario, run_all
from shortfall.sim.stress import paths_for

if TYPE_CHECKING:
    from collections.abc import Sequence

    from shortfall.rules.ruleset import MarginTier, RuleSet
    from shortfall.sim.market import MarketInput
    from shortfall.sim.members import Member
    from shortfall.sim.paths import Shock

MILLION: Final = 1_000_000
CAUSES: Final = ("book", "leverage", "tiers", "backstop", "mark")
CAP_PPM: Final = 200_000  # leverage is capped at five
LEAST_PPM: Final = 250_000  # a cause removes at least a quarter
AHEAD_PPM: Final = 50_000  # and is ahead of the second by a twentieth of the whole
NO_SINGLE: Final = "no single one"
NONE: Final = "no negative close"
REPAIRS: Final = {
    "book": "all of normal depth stays during the shock",
    "leverage": "no account was opened with a leverage above 5",
    "tiers": "maintenance margin of every tier is twice as high",
    "backstop": "fund and backstop have cash and capacity without limit",
    "mark": "the mark is the median of its outside sources, at once: no term of the book, no average, no delay",
}
MARK_WORDS: Final = (
    "mark.method=index",
    "index.method=median",
    "index.clamp=0",
    "index.exclude=0",
    "index.interval=0",
    "mark.max_move=0",
)
BACKSTOP_WORDS: Final = (
    "takeover.fund=yes",
    "takeover.fund_capacity=0",
    "takeover.pool_capacity=0",
    "takeover.backstop_capacity=0",
    "takeover.leverage=0",
    "takeover.per_event=0",
)


@dataclass(frozen=True, slots=True)
class Situation:
    """What is repaired: a contract under its rules, a shock, the fund's cash in settlement units, and how many accounts from which seed."""

    item: MarketInput
    shock: Shock
    fund_cash: int
    accounts: int
    seed: int


@dataclass(frozen=True, slots=True)
class Cause:
    """What was found.

    Parameters
    ----------
    base : dict
        Member to what negative closes cost as things are, in settlement units.
    removed_ppm : dict
        (repair, member) to the share of it that the repair removes; negative where it makes it worse. Missing where the rules
        refuse the repair.
    by_member : dict
        Member to the cause, `NO_SINGLE` or `NONE`.
    name : str
        The cause where every member with negative closes has the same one, else `NO_SINGLE`, or `NONE`.
    """

    base: dict[str, int]
    removed_ppm: dict[tuple[str, str], int]
    by_member: dict[str, str]
    name: str

    def range_of(self, repair: str) -> tuple[int, int] | None:
        """Return the lowest and highest share that a repair removes over members with negative closes; None where there is none."""
        found = [share for (one, _), share in self.removed_ppm.items() if one == repair]
        return (min(found), max(found)) if found else None


def negative(found: Measures) -> int:
    """Return what negative closes cost: deficits at mark, and once more the part that goes past the backstop to others.

    Without the second part a missing backstop could never be a cause, because it does not make an account negative; it decides
    whether others feel it.
    """
    book = found.result.value
    return found.result.deficit + max(0, book.adl_transfer) + max(0, book.socialised) + max(0, book.carried)


def find_cause(situation: Situation, members: Sequence[Member]) -> Cause:
    """Run the situation as it is and with every repair, for every member, on the same seed."""
    repairs = repaired(situation)
    base = {member.name: _cost(situation, member) for member in members}
    removed: dict[tuple[str, str], int] = {}
    for member in members:
        if base[member.name] == 0:
            continue
        for repair, changed in repairs.items():
            left = _cost(changed, member)
            removed[repair, member.name] = (base[member.name] - left) * MILLION // base[member.name]
    by_member = {member.name: named(_of(removed, member.name)) for member in members}
    return Cause(base, removed, by_member, joined(tuple(by_member.values())))


def named(removed_ppm: dict[str, int]) -> str:
    """Return the repair that removes most, if it removes enough and is ahead of the second; nothing was negative without any."""
    if not removed_ppm:
        return NONE
    order = sorted(removed_ppm, key=lambda repair: -removed_ppm[repair])
    first = removed_ppm[order[0]]
    second = removed_ppm[order[1]] if len(order) > 1 else 0
    return order[0] if first >= LEAST_PPM and first - max(0, second) >= AHEAD_PPM else NO_SINGLE


def joined(causes: tuple[str, ...]) -> str:
    """Return the cause that all share, those without negative closes left aside."""
    found = {cause for cause in causes if cause != NONE}
    if not found:
        return NONE
    return found.pop() if len(found) == 1 else NO_SINGLE


def repaired(situation: Situation) -> dict[str, Situation]:
    """Return the situation with each repair that its rules admit."""
    item, rules = situation.item, situation.item.spec.rules
    interest = item.interest_lots * item.mark_ticks * item.contract.multiplier
    found = {"book": replace(situation, shock=replace(situation.shock, depth_left_ppm=MILLION))}
    changes = {
        "leverage": replace(rules, tiers=tuple(_capped(tier) for tier in rules.tiers)),
        "tiers": replace(rules, tiers=tuple(_doubled(tier) for tier in rules.tiers)),
        "backstop": _changed(rules, BACKSTOP_WORDS),
        "mark": _changed(rules, MARK_WORDS),
    }
    for repair, new in changes.items():
        if not check_rules(new).as_tuple():
            cash = 4 * interest if repair == "backstop" else situation.fund_cash
            found[repair] = replace(situation, item=replace(item, spec=replace(item.spec, rules=new)), fund_cash=cash)
    return found


def _changed(rules: RuleSet, words: Sequence[str]) -> RuleSet:
    for word in words:
        rules = rules.changed(word)
    return rules


def _capped(tier: MarginTier) -> MarginTier:
    return replace(tier, initial_ppm=max(tier.initial_ppm, CAP_PPM))


def _doubled(tier: MarginTier) -> MarginTier:
    rate = min(MILLION, 2 * tier.maintenance_ppm)
    return replace(tier, maintenance_ppm=rate, initial_ppm=max(tier.initial_ppm, rate), maintenance_amount=None)


def _of(removed: dict[tuple[str, str], int], member: str) -> dict[str, int]:
    return {repair: share for (repair, name), share in removed.items() if name == member}


def _cost(situation: Situation, member: Member) -> int:
    lab = build((situation.item,), member, situation.accounts, situation.seed)
    scenario = Scenario(paths_for(lab, situation.shock, After("hold")), situation.shock.mode, situation.fund_cash)
    return negative(measure(lab, run_all(lab, [scenario])[0]))


__all__ = [
    "CAUSES",
    "NONE",
    "NO_SINGLE",
    "REPAIRS",
    "Cause",
    "Situation",
    "find_cause",
    "joined",
    "named",
    "negative",
    "repaired",
]
