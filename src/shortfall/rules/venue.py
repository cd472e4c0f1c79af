"""A venue as data: its rules by era, each value cited or assumed, its contracts' terms, and what is doubtful about them."""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace
from decimal import Decimal
from typing import TYPE_CHECKING, Final

from shortfall.errors import Findings, InputError
from shortfall.rules.cited import Assumed, Cited
from shortfall.rules.ruleset import MarginTier, RuleSet
from shortfall.rules.soundness import check_rules

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import date

    from shortfall.rules.cited import Value

KINDS: Final = ("order book", "on-chain order book", "hybrid", "liquidity pool", "clearing house", "textbook")
CODE: Final = re.compile(r"[a-z][a-z0-9-]*")
MILLION: Final = 1_000_000
# rules that decide who pays: a venue states every one of them, cited or assumed
DECIDING: Final = (
    "waterfall", "index.method", "mark.method", "amount.method", "close.style", "close.surplus", "adl.rank", "adl.price", "adl.eligible",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Era:
    """The rules that changed on a day.

    Parameters
    ----------
    since : date or None
        First day; None for as far back as this file goes.
    what : str
        What changed, in one sentence.
    values : mapping
        Rule (`slot.rule` or `waterfall`) to its value, written as `--set` takes it; what is not named stays.
    """

    since: date | None
    what: str
    values: Mapping[str, Value]


@dataclass(frozen=True, slots=True)
class Terms:
    """The terms of one contract, where they differ from contract to contract.

    Parameters
    ----------
    symbol : str
        The venue's own name of the contract.
    base : str
        What it is on: BTC, ETH, SOL.
    tiers : Cited or Assumed
        A tuple of `MarginTier`, lowest first.
    values : mapping
        Rules of this contract alone, as in an era.
    inverse : bool
        Whether it is margined and settled in the base asset.
    """

    symbol: str
    base: str
    tiers: Value
    values: Mapping[str, Value] = field(default_factory=dict)
    inverse: bool = False


@dataclass(frozen=True, slots=True)
class Venue:
    """One venue.

    Parameters
    ----------
    code : str
        What the command line calls it.
    name : str
        What it calls itself.
    kind : str
        One of `KINDS`.
    summary : str
        The way of a liquidation in words, from the trigger to whoever pays last.
    structure : Cited or Assumed
        How its fund is cut: one, one per contract, groups, strategies, none.
    eras : tuple of Era
        The rules, the oldest era first.
    terms : tuple of Terms
        Contracts.
    doubts : tuple of str
        Where pages contradict each other or themselves, or could not be read.
    thin : bool
        Whether only the outline is known.
    """

    code: str
    name: str
    kind: str
    summary: str
    structure: Value
    eras: tuple[Era, ...]
    terms: tuple[Terms, ...] = ()
    doubts: tuple[str, ...] = ()
    thin: bool = False

    def values_on(self, day: date | None = None) -> dict[str, tuple[Value, date | None]]:
        """Return rule to (value, first day of its era) as of a day; None for the latest."""
        known: dict[str, tuple[Value, date | None]] = {}
        for era in self.eras:
            if day is None or era.since is None or era.since <= day:
                known |= {name: (value, era.since) for name, value in era.values.items()}
        return known

    def contract(self, symbol: str) -> Terms | None:
        """Return the terms of a contract by its symbol, or of the first on a base asset; None if there are none."""
        return next(
            (t for t in self.terms if t.symbol == symbol), next((t for t in self.terms if t.base == symbol), None)
        )

    def rules_on(self, day: date | None = None, terms: Terms | None = None) -> RuleSet:
        """Return the rule set as of a day, with a contract's own terms where given.

        Raises
        ------
        InputError
            If a value is none that its rule can take.
        """
        rules = RuleSet()
        own = {} if terms is None else terms.values
        for name, value in {**{name: known for name, (known, _) in self.values_on(day).items()}, **own}.items():
            rules = rules.changed(f"{name}={value.value}")
        if terms is not None:
            rules = replace(rules, tiers=tiers_of(terms))
        return rules

    def assumed(self, day: date | None = None) -> tuple[tuple[str, Assumed], ...]:
        """Return (rule, value with its reason) of everything that is assumed."""
        return tuple((name, value) for name, (value, _) in self.values_on(day).items() if isinstance(value, Assumed))

    def assumed_ppm(self, day: date | None = None) -> int:
        """Return the share of values that are assumed, in ppm, rounded down."""
        values = self.values_on(day)
        return len(self.assumed(day)) * MILLION // max(1, len(values))


def tiers_of(terms: Terms) -> tuple[MarginTier, ...]:
    """Return the margin tiers of a contract."""
    tiers = terms.tiers.value
    return tuple(tiers) if isinstance(tiers, (tuple, list)) else ()


def margin_tiers(*rows: tuple[int | str | None, str, str]) -> tuple[MarginTier, ...]:
    """Return tiers from (top notional or None, initial %, maintenance %) as a venue prints them: `("50000", "0.8", "0.4")`."""
    return tuple(
        MarginTier(
            None if top is None else Decimal(top), int(Decimal(initial) * 10_000), int(Decimal(maintenance) * 10_000)
        )
        for top, initial, maintenance in rows
    )


def check_venue(venue: Venue) -> Findings:
    """Return everything that is wrong with a venue, all at once."""
    findings = Findings()
    if not CODE.fullmatch(venue.code):
        findings.add("code", f"Expected small letters, digits and hyphens, was {venue.code!r}")
    if venue.kind not in KINDS:
        findings.add("kind", f"Expected one of {', '.join(KINDS)}, was {venue.kind!r}")
    if not venue.summary.strip():
        findings.add("summary", "Expected the way of a liquidation in words, was nothing")
    _check_value("structure", venue.structure, findings)
    _check_eras(venue, findings)
    for k, terms in enumerate(venue.terms):
        _check_terms(venue, terms, f"terms[{k}] ({terms.symbol})", findings)
    return findings


def _check_eras(venue: Venue, findings: Findings) -> None:
    known = venue.values_on()
    for name in DECIDING:
        if name not in known:
            findings.add(name, "Expected a value, cited or assumed, of a rule that decides who pays, was none")
    before: date | None = None
    for k, era in enumerate(venue.eras):
        if k > 0 and (era.since is None or (before is not None and era.since <= before)):
            findings.add(f"eras[{k}].since", f"Expected a day after {before}, was {era.since}")
        before = era.since
        for name, value in era.values.items():
            _check_value(f"eras[{k}].{name}", value, findings)
            _check_word(f"eras[{k}].{name}", name, value, findings)
        sound = _rules_of(venue, era.since)
        if sound is not None:
            for finding in check_rules(sound, f"eras[{k}]").as_tuple():
                findings.add(finding.path, finding.message)


def _rules_of(venue: Venue, day: date | None) -> RuleSet | None:
    """Return the rules of an era, or None where a value is none that its rule can take (a finding of its own)."""
    try:
        first = venue.eras[0]
        return replace(venue, eras=(first,)).rules_on() if day is None else venue.rules_on(day)
    except InputError:
        return None


def _check_terms(venue: Venue, terms: Terms, path: str, findings: Findings) -> None:
    _check_value(f"{path}.tiers", terms.tiers, findings)
    for name, value in terms.values.items():
        _check_value(f"{path}.{name}", value, findings)
        _check_word(f"{path}.{name}", name, value, findings)
    try:
        rules = venue.rules_on(None, terms)
    except InputError:
        return
    for finding in check_rules(rules, path).as_tuple():
        findings.add(finding.path, finding.message)


def _check_value(path: str, value: Value, findings: Findings) -> None:
    if isinstance(value, Cited) and not value.source.strip():
        findings.add(path, "Expected the title or address of the venue's page, was nothing")
    if isinstance(value, Assumed) and not value.reason.strip():
        findings.add(path, "Expected a reason, was nothing")


def _check_word(path: str, name: str, value: Value, findings: Findings) -> None:
    others = value.others if isinstance(value, Assumed) else ()
    for word in (value.value, *others):
        try:
            RuleSet().changed(f"{name}={word}")
        except InputError as error:
            for finding in error.findings:
                findings.add(path, finding.message)
