"""A rule set: one record per slot, tiers and waterfall; what-ifs are named changes that make a new one."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from decimal import Decimal
from typing import Any, Final

from shortfall.errors import Findings, InputError, RuleError
from shortfall.kernels import layout as at
from shortfall.rules.record import encode, from_text, rule_fields, to_text
from shortfall.rules.slots import (
    LAYER_ENTRIES,
    Amount,
    Bands,
    Close,
    Deleveraging,
    Engine,
    Evidence,
    Funding,
    IndexPrice,
    MarkPrice,
    ProfitUse,
    Socialise,
    Takeover,
    TradingFees,
    Unwinding,
)

MILLION: Final = 1_000_000
SLOT_NAMES: Final = (
    "profit", "fees", "bands", "index", "mark", "funding", "engine", "amount", "close", "takeover", "unwinding", "adl", "evidence",
    "socialise",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class MarginTier:
    """One bracket of position size.

    Parameters
    ----------
    top_notional : Decimal or None
        Largest notional of the bracket in the settlement asset; None for no limit.
    initial_ppm, maintenance_ppm : int
        Margin rates.
    maintenance_amount : Decimal or None
        What is deducted so that the requirement is continuous; None computes it from the tiers before.
    """

    top_notional: Decimal | None
    initial_ppm: int
    maintenance_ppm: int
    maintenance_amount: Decimal | None = None


@dataclass(frozen=True, slots=True)
class RuleSet:
    """Everything that decides who pays, as data."""

    tiers: tuple[MarginTier, ...] = (MarginTier(None, 10_000, 5_000),)
    waterfall: tuple[str, ...] = ("fund", "adl")
    profit: ProfitUse = field(default_factory=ProfitUse)
    fees: TradingFees = field(default_factory=TradingFees)
    bands: Bands = field(default_factory=Bands)
    index: IndexPrice = field(default_factory=IndexPrice)
    mark: MarkPrice = field(default_factory=MarkPrice)
    funding: Funding = field(default_factory=Funding)
    engine: Engine = field(default_factory=Engine)
    amount: Amount = field(default_factory=Amount)
    close: Close = field(default_factory=Close)
    takeover: Takeover = field(default_factory=Takeover)
    unwinding: Unwinding = field(default_factory=Unwinding)
    adl: Deleveraging = field(default_factory=Deleveraging)
    evidence: Evidence = field(default_factory=Evidence)
    socialise: Socialise = field(default_factory=Socialise)

    def changed(self, word: str) -> RuleSet:
        """Return the rule set with one change, written `slot.rule=value` or `waterfall=fund,adl`.

        Raises
        ------
        InputError
            Names the slots, the rules of the slot, or the bounds of the value.
        """
        findings = Findings()
        name, equals, value = word.partition("=")
        if not equals:
            findings.add(word, "Expected RULE=VALUE, for example close.style=market")
        elif name == "waterfall":
            return replace(self, waterfall=tuple(x.strip() for x in value.split(",") if x.strip()))
        slot_name, _, rule_name = name.partition(".")
        if equals and slot_name not in SLOT_NAMES:
            findings.add(name, f"Expected one of {', '.join(SLOT_NAMES)} or waterfall, was {slot_name!r}")
        findings.raise_if_any(InputError)
        slot = getattr(self, slot_name)
        for item, known in rule_fields(slot):
            if item.name == rule_name:
                new = replace(slot, **{rule_name: from_text(known, value, name)})
                encode(known, getattr(new, rule_name), name, 0 if known.kind != "money" else 6)
                return replace(self, **{slot_name: new})
        known_names = ", ".join(item.name for item, _ in rule_fields(slot))
        findings.add(name, f"Expected one of {known_names}, was {rule_name!r}")
        findings.raise_if_any(InputError)
        return self

    def lines(self) -> list[tuple[str, str, str]]:
        """Return (name, value, meaning) of every rule but the tiers, for people."""
        rows = [("waterfall", ", ".join(self.waterfall) or "none", "layers in the order in which they are asked")]
        for slot_name in SLOT_NAMES:
            slot = getattr(self, slot_name)
            rows += [
                (f"{slot_name}.{item.name}", to_text(known, getattr(slot, item.name)), known.meaning)
                for item, known in rule_fields(slot)
            ]
        return rows


def amounts_of(tiers: tuple[MarginTier, ...]) -> list[Decimal]:
    """Return the maintenance amounts of tiers: as given, or floor x (rate - rate before) + amount before."""
    amounts: list[Decimal] = []
    floor = Decimal(0)
    for k, tier in enumerate(tiers):
        if tier.maintenance_amount is not None:
            amounts.append(tier.maintenance_amount)
        elif k == 0:
            amounts.append(Decimal(0))
        else:
            step = Decimal(tier.maintenance_ppm - tiers[k - 1].maintenance_ppm) / MILLION
            amounts.append(amounts[-1] + floor * step)
        floor = tier.top_notional if tier.top_notional is not None else floor
    return amounts


def check_rules(rules: RuleSet, path: str = "rules") -> Findings:
    """Return everything that is wrong with a rule set, all at once."""
    findings = Findings()
    _check_tiers(rules, f"{path}.tiers", findings)
    _check_waterfall(rules, f"{path}.waterfall", findings)
    for slot_name in SLOT_NAMES:
        slot = getattr(rules, slot_name)
        for item, known in rule_fields(slot):
            try:
                encode(known, getattr(slot, item.name), f"{path}.{slot_name}.{item.name}", 6)
            except InputError as error:
                findings.include(error)
    close = rules.close
    if close.style == "bankruptcy" and close.bankruptcy_fee < close.taker_fee:
        findings.add(
            f"{path}.close.bankruptcy_fee",
            f"Expected at least the taker fee of liquidation orders ({close.taker_fee} ppm), was {close.bankruptcy_fee} ppm: "
            "closing at the bankruptcy price would call the fund",
        )
    return findings


def _check_tiers(rules: RuleSet, path: str, findings: Findings) -> None:
    if not 1 <= len(rules.tiers) <= at.MAX_TIERS:
        findings.add(path, f"Expected 1 to {at.MAX_TIERS} tiers, was {len(rules.tiers)}")
        return
    before: Any = None
    for k, tier in enumerate(rules.tiers):
        here = f"{path}[{k}]"
        if not 0 < tier.maintenance_ppm <= MILLION:
            findings.add(here, f"Expected a maintenance rate above 0 and up to 100 %, was {tier.maintenance_ppm} ppm")
        if not 0 < tier.initial_ppm <= MILLION:
            findings.add(here, f"Expected an initial rate above 0 and up to 100 %, was {tier.initial_ppm} ppm")
        if tier.maintenance_ppm > tier.initial_ppm:
            findings.add(
                here,
                f"Expected maintenance not above initial margin, was {tier.maintenance_ppm} and {tier.initial_ppm} ppm",
            )
        if tier.top_notional is None and k != len(rules.tiers) - 1:
            findings.add(here, "Expected a top notional in every tier but the last, was none")
        if before is not None:
            if tier.maintenance_ppm < before.maintenance_ppm:
                findings.add(
                    here,
                    f"Expected rates that do not fall, was {tier.maintenance_ppm} after {before.maintenance_ppm} ppm",
                )
            if (
                tier.top_notional is not None
                and before.top_notional is not None
                and tier.top_notional <= before.top_notional
            ):
                findings.add(here, f"Expected tops that rise, was {tier.top_notional} after {before.top_notional}")
        before = tier


def _check_waterfall(rules: RuleSet, path: str, findings: Findings) -> None:
    if len(rules.waterfall) > at.LAYERS - 1:
        findings.add(path, f"Expected at most {at.LAYERS - 1} layers, was {len(rules.waterfall)}")
    for k, layer in enumerate(rules.waterfall):
        if layer not in LAYER_ENTRIES:
            findings.add(f"{path}[{k}]", f"Expected one of {', '.join(LAYER_ENTRIES)}, was {layer!r}")
        if layer in rules.waterfall[:k]:
            findings.add(f"{path}[{k}]", f"Expected each layer once, was {layer!r} again")


def refuse_if_wrong(rules: RuleSet, path: str = "rules") -> None:
    """Raise `RuleError` with all findings unless a rule set is sound."""
    check_rules(rules, path).raise_if_any(RuleError)
