"""Is a rule set sound as a whole? Everything that is wrong or contradicts itself, all findings at once.

A rule's own bounds are its record's business; here is what no single rule can see: tiers that do not fit each other, layers that
nobody reaches, thresholds in the wrong order.
"""

from __future__ import annotations

from decimal import Decimal
from itertools import pairwise
from typing import TYPE_CHECKING, Final

from shortfall.errors import Findings, InputError, RuleError
from shortfall.kernels import layout as at
from shortfall.rules.record import encode, rule_fields
from shortfall.rules.ruleset import MILLION, SLOT_NAMES, amounts_of
from shortfall.rules.slots import LAYER_ENTRIES

if TYPE_CHECKING:
    from shortfall.rules.ruleset import MarginTier, RuleSet

UNIT: Final = 1  # by which a stated maintenance amount may miss the continuous one: venues print whole units


def check_rules(rules: RuleSet, path: str = "rules") -> Findings:
    """Return everything that is wrong with a rule set, all at once."""
    findings = Findings()
    _check_tiers(rules, f"{path}.tiers", findings)
    _check_margin(rules, path, findings)
    _check_waterfall(rules, f"{path}.waterfall", findings)
    _check_close(rules, path, findings)
    _check_realisation(rules, path, findings)
    _check_health(rules, path, findings)
    _check_reach(rules, path, findings)
    for slot_name in SLOT_NAMES:
        slot = getattr(rules, slot_name)
        for item, known in rule_fields(slot):
            try:
                encode(known, getattr(slot, item.name), f"{path}.{slot_name}.{item.name}", 6)
            except InputError as error:
                findings.include(error)
    return findings


def refuse_if_wrong(rules: RuleSet, path: str = "rules") -> None:
    """Raise `RuleError` with all findings unless a rule set is sound."""
    check_rules(rules, path).raise_if_any(RuleError)


def _check_close(rules: RuleSet, path: str, findings: Findings) -> None:
    close = rules.close
    if close.style == "bankruptcy" and close.bankruptcy_fee < close.taker_fee:
        findings.add(
            f"{path}.close.bankruptcy_fee",
            f"Expected at least the taker fee of liquidation orders ({close.taker_fee} ppm), was {close.bankruptcy_fee} ppm: "
            "closing at the bankruptcy price would call the fund",
        )
    if rules.adl.eligible == "overlap" and rules.adl.batch != "direct":
        findings.add(
            f"{path}.adl.eligible",
            f"Expected another rule than overlap with adl.batch={rules.adl.batch}: "
            "who may be paired depends on the price of the pair, which only direct pairs know",
        )


def _check_realisation(rules: RuleSet, path: str, findings: Findings) -> None:
    """Check that a liquidity pool, which pays out of what it gained, meets traders whose results are known when they trade."""
    if rules.counterparty.kind == "pool" and rules.realisation.method != "average-entry":
        findings.add(
            f"{path}.realisation.method",
            f"Expected average-entry where a liquidity pool is the counterparty, was {rules.realisation.method}",
        )


def _check_health(rules: RuleSet, path: str, findings: Findings) -> None:
    health = rules.health
    for name, looser, tighter in (
        ("maintenance_asset", health.maintenance_asset, health.initial_asset),
        ("initial_liability", health.initial_liability, health.maintenance_liability),
    ):
        if looser < tighter:
            findings.add(
                f"{path}.health.{name}",
                f"Expected initial weights as strict as maintenance ones, was {looser} and {tighter}",
            )


def _check_reach(rules: RuleSet, path: str, findings: Findings) -> None:
    """Check that every layer and level can be reached, and that thresholds of one matter stand in their order."""
    if "backstop" in rules.waterfall and not rules.takeover.backstop:
        findings.add(
            f"{path}.waterfall[{rules.waterfall.index('backstop')}]",
            "Expected takeover.backstop=yes: a backstop pays no cash, so one that takes no positions is never reached",
        )
    if rules.trigger.takeover_below and not _takes_positions(rules):
        findings.add(
            f"{path}.trigger.takeover_below",
            "Expected a layer that takes positions over, or adl: below the second level the book is not asked",
        )
    index = rules.index
    if index.exclude and index.readmit > index.exclude:
        findings.add(
            f"{path}.index.readmit",
            f"Expected not more than exclude ({index.exclude} ppm), was {index.readmit} ppm: a source would be out and near at once",
        )
    if index.exclude and index.clamp >= index.exclude:
        findings.add(
            f"{path}.index.clamp",
            f"Expected less than exclude ({index.exclude} ppm), was {index.clamp} ppm: no source that counts is ever clamped",
        )


def _takes_positions(rules: RuleSet) -> bool:
    takers = {"backstop": rules.takeover.backstop, "fund": rules.takeover.fund, "pool": rules.takeover.pool}
    return any(takers.get(layer, True) for layer in rules.waterfall)


def _check_tiers(rules: RuleSet, path: str, findings: Findings) -> None:
    if not 1 <= len(rules.tiers) <= at.MAX_TIERS:
        findings.add(path, f"Expected 1 to {at.MAX_TIERS} tiers, was {len(rules.tiers)}")
        return
    for k, tier in enumerate(rules.tiers):
        _check_tier(tier, f"{path}[{k}]", findings)
        if tier.top_notional is None and k != len(rules.tiers) - 1:
            findings.add(f"{path}[{k}]", "Expected a top notional in every tier but the last, was none")
    for k, (before, tier) in enumerate(pairwise(rules.tiers), start=1):
        here = f"{path}[{k}]"
        for word, rate, rate_before in (
            ("maintenance", tier.maintenance_ppm, before.maintenance_ppm),
            ("initial", tier.initial_ppm, before.initial_ppm),
        ):
            if rate < rate_before:
                findings.add(here, f"Expected {word} rates that do not fall, was {rate} after {rate_before} ppm")
        if None not in {tier.top_notional, before.top_notional} and tier.top_notional <= before.top_notional:  # type: ignore[operator]  # neither is None
            findings.add(here, f"Expected tops that rise, was {tier.top_notional} after {before.top_notional}")


def _check_tier(tier: MarginTier, here: str, findings: Findings) -> None:
    if not 0 < tier.maintenance_ppm <= MILLION:
        findings.add(here, f"Expected a maintenance rate above 0 and up to 100 %, was {tier.maintenance_ppm} ppm")
    if not 0 < tier.initial_ppm <= MILLION:
        findings.add(here, f"Expected an initial rate above 0 and up to 100 %, was {tier.initial_ppm} ppm")
    if tier.maintenance_ppm > tier.initial_ppm:
        findings.add(
            here,
            f"Expected maintenance not above initial margin, was {tier.maintenance_ppm} and {tier.initial_ppm} ppm",
        )


def _check_margin(rules: RuleSet, path: str, findings: Findings) -> None:
    """Check shape and amounts against each other, and thresholds of the slot."""
    stated = [k for k, tier in enumerate(rules.tiers) if tier.maintenance_amount is not None]
    if rules.margin.tiers == "whole-position":
        for k in stated:
            amount = rules.tiers[k].maintenance_amount
            if amount != 0:
                findings.add(
                    f"{path}.tiers[{k}].maintenance_amount",
                    f"Expected none where a rate applies to the whole position, was {amount}",
                )
    elif rules.margin.tiers == "marginal":
        _check_amounts(rules, path, findings)
    low, high = (Decimal(str(x)) for x in (rules.margin.interest_low, rules.margin.interest_high))
    if high > 0 and low >= high:
        findings.add(f"{path}.margin.interest_low", f"Expected less than interest_high ({high}), was {low}")


def _check_amounts(rules: RuleSet, path: str, findings: Findings) -> None:
    """Check that the requirement does not jump between two marginal brackets: the amount follows from the one before."""
    amounts = amounts_of(rules)
    for k, (before, tier) in enumerate(pairwise(rules.tiers), start=1):
        if before.top_notional is None or tier.maintenance_amount is None:
            continue
        step = Decimal(tier.maintenance_ppm - before.maintenance_ppm) / MILLION
        continuous = amounts[k - 1] + before.top_notional * step
        if abs(amounts[k] - continuous) > UNIT:
            findings.add(
                f"{path}.tiers[{k}].maintenance_amount",
                f"Expected {continuous} within {UNIT}, so that the requirement does not jump at {before.top_notional}, was "
                f"{amounts[k]}; a rate on the whole position is margin.tiers=whole-position",
            )


def _check_waterfall(rules: RuleSet, path: str, findings: Findings) -> None:
    if len(rules.waterfall) > at.LAYERS - 1:
        findings.add(path, f"Expected at most {at.LAYERS - 1} layers, was {len(rules.waterfall)}")
    for k, layer in enumerate(rules.waterfall):
        if layer not in LAYER_ENTRIES:
            findings.add(f"{path}[{k}]", f"Expected one of {', '.join(LAYER_ENTRIES)}, was {layer!r}")
        if layer in rules.waterfall[:k]:
            findings.add(f"{path}[{k}]", f"Expected each layer once, was {layer!r} again")
