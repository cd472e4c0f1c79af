"""The rule space as a list: what can be set, what each entry means, and where it comes from."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from shortfall.errors import Finding, InputError
from shortfall.rules.record import Entry, rule_fields, to_text
from shortfall.rules.ruleset import SLOT_NAMES, RuleSet
from shortfall.rules.slots import LAYER_ENTRIES

if TYPE_CHECKING:
    from collections.abc import Mapping


@dataclass(frozen=True, slots=True)
class RuleLine:
    """One rule of the space.

    Parameters
    ----------
    name : str
        `slot.rule`, as `--set` takes it.
    kind : str
        What a value is: see `RuleField`; `layers` for the waterfall.
    default : str
        Its value where nobody says otherwise, as people write it.
    about : Entry
        Meaning, formula, sign, rounding, sources, venues of a rule that is a number or a switch.
    entries : mapping
        The choices, by name.
    """

    name: str
    kind: str
    default: str
    about: Entry
    entries: Mapping[str, Entry] = field(default_factory=dict)


def rule_lines() -> list[RuleLine]:
    """Return every rule of the space: the waterfall first, then slot by slot."""
    defaults = RuleSet()
    about = Entry(0, "layers in the order in which they are asked")
    lines = [RuleLine("waterfall", "layers", ", ".join(defaults.waterfall), about, LAYER_ENTRIES)]
    for slot_name in SLOT_NAMES:
        slot = getattr(defaults, slot_name)
        for item, known in rule_fields(slot):
            default = to_text(known, getattr(slot, item.name))
            lines.append(RuleLine(f"{slot_name}.{item.name}", known.kind, default, known.about, known.entries))
    return lines


def every_entry() -> dict[str, Entry]:
    """Return all entries of all choices by `slot.rule=entry`, layers as `waterfall=layer`."""
    return {f"{line.name}={name}": known for line in rule_lines() for name, known in line.entries.items()}


def find(word: str) -> tuple[RuleLine, tuple[tuple[str, Entry], ...]]:
    """Return the rule that a word names and the entries it means.

    Parameters
    ----------
    word : str
        `slot.rule=entry` for one entry, `slot.rule` for a rule and all its entries, or an entry's bare name where only one
        rule has it.

    Raises
    ------
    InputError
        Names what comes close.
    """
    name, _, entry_name = word.partition("=")
    lines = {line.name: line for line in rule_lines()}
    if name in lines:
        line = lines[name]
        if not entry_name or not line.entries:
            return line, tuple(line.entries.items())
        if entry_name in line.entries:
            return line, ((entry_name, line.entries[entry_name]),)
        raise InputError([Finding(word, f"Expected one of {', '.join(line.entries)}, was {entry_name!r}")])
    holders = [line for line in lines.values() if word in line.entries]
    if len(holders) == 1:
        return holders[0], ((word, holders[0].entries[word]),)
    close = (
        [f"{line.name}={word}" for line in holders]
        or [n for n in lines if word.split(".", maxsplit=1)[0] in n]
        or list(lines)
    )
    raise InputError([Finding(word, f"Expected one of {', '.join(close)}, was {word!r}")])
