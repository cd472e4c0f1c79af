"""Read rules of a world file: the same names and words as `--set`, plus tiers and waterfall."""

from __future__ import annotations

import re
from dataclasses import replace
from decimal import Decimal
from typing import TYPE_CHECKING, Any, Final

from shortfall.errors import InputError
from shortfall.rules.ruleset import SLOT_NAMES, MarginTier, RuleSet
from shortfall.rules.soundness import check_rules
from shortfall.sim.world_table import Table, plain_text

if TYPE_CHECKING:
    from collections.abc import Iterator

PARTS: Final = re.compile(r"\w+")  # of a path such as tiers[0] or close.style


def read_rules(table: Table, start: RuleSet) -> RuleSet:
    """Return a rule set changed by what a table says; every wrong word is a finding."""
    rules = start
    for name, value in _flat(table):
        if name == "tiers":
            rules = replace(rules, tiers=tuple(_tier(row) for row in table.tables("tiers")))
        elif name == "waterfall":
            rules = replace(rules, waterfall=tuple(table.words("waterfall")))
        else:
            rules = _changed(table, rules, name, value)
    return rules


def check_sound(table: Table, rules: RuleSet) -> None:
    """Note everything that makes a rule set unsound as a whole, at the rule it concerns where the table has it."""
    for finding in check_rules(rules, "rules").as_tuple():
        parts = PARTS.findall(finding.path.removeprefix("rules"))
        path = tuple(int(part) if part.isdigit() else part for part in parts)
        table.reading.add((*table.path, *path), finding.message)


def _flat(table: Table) -> Iterator[tuple[str, Any]]:
    """Yield (slot.rule, value): a slot may be a table or a dotted name."""
    for key, value in table.data.items():
        if isinstance(value, dict) and key in SLOT_NAMES:
            for rule, inner in value.items():
                yield f"{key}.{rule}", inner
        else:
            yield key, value


def _changed(table: Table, rules: RuleSet, name: str, value: object) -> RuleSet:
    text = ("yes" if value else "no") if isinstance(value, bool) else plain_text(value)
    place = table if name in table.data else table.table(name.partition(".")[0])
    key = name if name in table.data else name.partition(".")[2]
    if text is None:
        place.add(key, f"Expected a word or a number, was {value!r}")
        return rules
    try:
        return rules.changed(f"{name}={text}")
    except InputError as error:
        place.reading.include((*place.path, key), error)
        return rules


def _tier(table: Table) -> MarginTier:
    table.allow("top", "initial", "maintenance", "maintenance_amount")
    top = table.decimal("top") if table.has("top") else None
    amount = table.decimal("maintenance_amount") if table.has("maintenance_amount") else None
    if top is not None and top <= 0:
        table.add("top", f"Expected a notional above zero, was {top}")
        top = Decimal(1)
    return MarginTier(top, table.ppm("initial"), table.ppm("maintenance"), amount)
