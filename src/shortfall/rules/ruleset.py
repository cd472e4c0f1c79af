"""A rule set: one record per slot, tiers and waterfall; what-ifs are named changes that make a new one."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from decimal import Decimal
from typing import TYPE_CHECKING, Final

from shortfall.errors import Findings, InputError
from shortfall.rules.record import encode, from_text, rule_fields, to_text
from shortfall.rules.slots import (
    Amount,
    Bands,
    Close,
    Counterparty,
    Deleveraging,
    Engine,
    Evidence,
    Fund,
    Funding,
    Healing,
    Health,
    IndexPrice,
    Liquidator,
    Margin,
    MarkPrice,
    ProfitUse,
    Realisation,
    Socialise,
    Takeover,
    TradingFees,
    Trigger,
    Unwinding,
)

if TYPE_CHECKING:
    from collections.abc import Sequence

MILLION: Final = 1_000_000
SLOT_NAMES: Final = (
    "margin", "trigger",
    "profit", "fees", "bands", "index", "mark", "funding", "engine", "amount", "close", "takeover", "unwinding", "adl", "evidence",
    "realisation",
    "counterparty", "health",
    "socialise", "liquidator", "healing", "fund",
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
    margin: Margin = field(default_factory=Margin)
    trigger: Trigger = field(default_factory=Trigger)
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
    realisation: Realisation = field(default_factory=Realisation)
    counterparty: Counterparty = field(default_factory=Counterparty)
    health: Health = field(default_factory=Health)
    liquidator: Liquidator = field(default_factory=Liquidator)
    healing: Healing = field(default_factory=Healing)
    fund: Fund = field(default_factory=Fund)

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

    def with_tiers(self, tiers: Sequence[MarginTier]) -> RuleSet:
        """Return the rule set with the tiers of a contract; amounts that a ladder states go where a rate covers the whole position."""
        if self.margin.tiers == "whole-position":
            tiers = [replace(tier, maintenance_amount=None) for tier in tiers]
        return replace(self, tiers=tuple(tiers))

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


def amounts_of(rules: RuleSet) -> list[Decimal]:
    """Return the maintenance amounts of the tiers: as given, or floor x (rate - rate before) + amount before; none on whole positions."""
    tiers = rules.tiers
    if rules.margin.tiers == "whole-position":
        return [Decimal(0)] * len(tiers)
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
