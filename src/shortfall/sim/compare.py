"""The same shock under each venue's rules: one contract, one population, one book, one fund; only the rules differ.

A rule that decides who pays and that no page states is not guessed: every admissible entry is run, one at a time, and the answer is
the range over them, over the members, and over feedback of forced flow off and on.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

from shortfall.errors import Finding, Findings, InputError
from shortfall.rules.ruleset import RuleSet
from shortfall.rules.soundness import check_rules
from shortfall.sim.liquidity import OFF, ON
from shortfall.sim.market import CAPITAL, REFERENCE, REFERENCE_QUOTE, build, gather, rules_of
from shortfall.sim.measures import Measures, measure
from shortfall.sim.members import FAMILY
from shortfall.sim.paths import After
from shortfall.sim.run import Scenario, run_all
from shortfall.sim.stress import Request, capital_of, check_request, paths_for
from shortfall.sim.venues import known_venues

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from datetime import date
    from decimal import Decimal

    from shortfall.rules.venue import Venue
    from shortfall.sim.liquidity import Feedback
    from shortfall.sim.market import MarketInput
    from shortfall.sim.members import Member
    from shortfall.sim.paths import Shock

AS_STATED: Final = "as stated"
FEEDBACK: Final = "feedback of forced flow"
WHO: Final = ("fund", "pool", "winners", "socialised", "uncovered")


@dataclass(frozen=True, slots=True)
class Question:
    """What is compared.

    Parameters
    ----------
    symbol : str
        Contract of the reference venue (`BTCUSDT`) or its base asset (`BTC`).
    shock : Shock
    venues : tuple of str
        Codes; empty for all.
    fund : Decimal or None
        Capital behind every layer with cash; None takes the snapshot's pool, or a share of open interest where none is known.
    own_tiers : bool
        Whether each venue's own margin tiers are used where they are known (the population then differs too).
    """

    symbol: str
    shock: Shock
    venues: tuple[str, ...] = ()
    members: tuple[Member, ...] = FAMILY
    accounts: int = 5_000
    seed: int = 1
    fund: Decimal | None = None
    own_tiers: bool = False
    changes: tuple[str, ...] = ()
    threads: int = 2
    day: date | None = None


@dataclass(frozen=True, slots=True)
class Case:
    """One rule set on one member: a venue's rules as stated, feedback off or on, or with one admissible entry for an assumed one."""

    variation: str
    member: str
    measures: Measures

    @property
    def shares(self) -> dict[str, int]:
        """Return who paid at mark, in settlement units, positive paid.

        Fund and backstop (with the venue's own money and what clips made while they waited), liquidity pool, winners, those who
        share a loss, nobody.
        """
        book = self.measures.result.value
        last = {
            "pool": book.liquidity,
            "winners": book.adl_transfer,
            "socialised": book.socialised,
            "uncovered": book.carried,
        }
        return {"fund": book.paid - sum(last.values()), **last}


@dataclass(frozen=True, slots=True)
class VenueAnswer:
    """What the shock came to under one venue's rules."""

    venue: Venue
    cases: tuple[Case, ...]
    refused: tuple[str, ...]

    def spread(self, figure: Callable[[Case], int], *, stated: bool = False) -> tuple[int, int]:
        """Return the lowest and the highest of a figure over members and admissible entries, or over members alone."""
        found = [figure(case) for case in self.cases if not stated or case.variation == AS_STATED]
        return min(found), max(found)

    def moves_most(self) -> tuple[str, int] | None:
        """Return the admissible entry that changes who pays most (sum over layers of the change, worst member), or None."""
        stated = {case.member: case for case in self.cases if case.variation == AS_STATED}
        best: tuple[str, int] | None = None
        for case in self.cases:
            base = stated[case.member]
            moved = abs(case.measures.result.adl_notional - base.measures.result.adl_notional)
            moved += sum(abs(case.shares[who] - base.shares[who]) for who in WHO)
            if moved > 0 and (best is None or moved > best[1]):
                best = (case.variation, moved)
        return best


@dataclass(frozen=True, slots=True)
class Comparison:
    """All venues on one contract."""

    question: Question
    inputs: tuple[MarketInput, ...]
    fund_cash: int
    fund_note: str
    answers: tuple[VenueAnswer, ...]


def variations(venue: Venue, day: date | None) -> Iterator[str]:
    """Yield the changes of rules that are as admissible as what is assumed, one at a time."""
    for name, value in venue.assumed(day):
        for other in value.others:
            yield f"{name}={other}"


def compare(question: Question, progress: Callable[[int, int], None] = lambda _done, _all: None) -> Comparison:
    """Run one shock under the rules of each venue.

    Raises
    ------
    InputError
        If a venue or the contract is unknown; the message lists what there is.
    """
    venues = _chosen(question.venues)
    inputs = gather(REFERENCE, _symbol(question.symbol), alone=True, changes=question.changes, day=question.day)
    cash, note = capital_of(inputs[0], question.fund)
    jobs = [(venue, word) for venue in venues for word in (AS_STATED, FEEDBACK, *variations(venue, question.day))]
    found: dict[str, list[Case]] = {venue.code: [] for venue in venues}
    refused: dict[str, list[str]] = {venue.code: [] for venue in venues}
    for done, (venue, word) in enumerate(jobs, start=1):
        is_stated = word in (AS_STATED, FEEDBACK)
        rules = _rules(question, venue, inputs[0], () if is_stated else (word,))
        if not is_stated and check_rules(rules).as_tuple():
            refused[venue.code].append(word)
        else:
            found[venue.code] += [
                Case(word, member.name, _run(question, inputs[0], rules, member, cash, ON if word == FEEDBACK else OFF))
                for member in question.members
            ]
        progress(done, len(jobs))
    answers = tuple(VenueAnswer(venue, tuple(found[venue.code]), tuple(refused[venue.code])) for venue in venues)
    return Comparison(question, inputs, cash, note, answers)


def check_question(question: Question) -> None:
    """Raise `InputError` with all findings unless a question is within its bounds."""
    findings = Findings()
    request = Request(REFERENCE, question.symbol, question.shock, accounts=question.accounts, fund=question.fund)
    for check in (lambda: check_request(request), lambda: _chosen(question.venues)):
        try:
            check()
        except InputError as error:
            findings.include(error)
    for word in question.changes:
        try:
            RuleSet().changed(word)
        except InputError as error:
            findings.include(error)
    findings.raise_if_any()


def _chosen(codes: Sequence[str]) -> list[Venue]:
    known = known_venues()
    wrong = [code for code in codes if code not in known]
    if wrong:
        raise InputError([Finding("--venues", f"Expected some of {', '.join(known)}, was {code!r}") for code in wrong])
    return [known[code] for code in codes or known]


def _symbol(word: str) -> str:
    return word if word.endswith(REFERENCE_QUOTE) else f"{word}{REFERENCE_QUOTE}"


def _rules(question: Question, venue: Venue, item: MarketInput, more: tuple[str, ...]) -> RuleSet:
    chosen = venue if question.own_tiers else replace(venue, terms=())  # the contract is common, so are its terms
    rules = rules_of(item.snapshot, (*more, *question.changes), chosen, question.day)
    return rules if question.own_tiers else rules.with_tiers(item.spec.rules.tiers)


def _run(  # noqa: PLR0917 - what one run is made of
    question: Question, item: MarketInput, rules: RuleSet, member: Member, cash: int, feedback: Feedback
) -> Measures:
    own = replace(item, spec=replace(item.spec, rules=rules, fund=CAPITAL, pool=CAPITAL, backstop=CAPITAL))
    lab = build((own,), member, question.accounts, question.seed)
    scenario = Scenario(paths_for(lab, question.shock, After("hold")), question.shock.mode, cash, feedback)
    return measure(lab, run_all(lab, [scenario], threads=question.threads)[0])
