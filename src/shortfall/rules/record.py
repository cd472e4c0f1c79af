"""Describe a rule: its column in the compiled row, its kind, its bounds, its entries. One description serves everything.

The same record is validated, set from a word on the command line, compiled, explained and documented, so a rule cannot be known
to one of them and unknown to another.
"""

from __future__ import annotations

from dataclasses import Field, dataclass, field, fields
from decimal import Decimal, InvalidOperation
from typing import TYPE_CHECKING, Any, Final

from shortfall.errors import Finding, InputError
from shortfall.units import duration_text, duration_us_from_text, percent_text, ppm_from_text

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

KINDS: Final = ("choice", "ppm", "ppb", "duration", "count", "switch", "money")
BILLION: Final = 1_000_000_000
YES: Final = frozenset({"yes", "true", "on", "1"})
NO: Final = frozenset({"no", "false", "off", "0"})


@dataclass(frozen=True, slots=True)
class Entry:
    """One choice of a slot, and everything that there is to know about it.

    Parameters
    ----------
    code : int
        Its code in the core.
    meaning : str
        One line for people.
    formula : str
        What is computed, in the names of `docs/reference/units.md`.
    sign : str
        Which way a signed amount counts; empty where nothing is signed.
    rounding : str
        In whose favour the last unit goes; empty where nothing is rounded.
    sources : tuple of str
        Pages that state the rule, each with the venue's name first.
    venues : tuple of str
        Venues that use it, by those sources.
    """

    code: int
    meaning: str
    formula: str = ""
    sign: str = ""
    rounding: str = ""
    sources: tuple[str, ...] = ()
    venues: tuple[str, ...] = ()


def entry(
    code: int,
    meaning: str,
    formula: str = "",
    *,
    sign: str = "",
    rounding: str = "",
    sources: tuple[str, ...] = (),
    venues: tuple[str, ...] = (),
) -> Entry:
    """Describe one choice of a slot: see `Entry`."""
    return Entry(code, meaning, formula, sign, rounding, sources, venues)


@dataclass(frozen=True, slots=True)
class RuleField:
    """What is known about one rule.

    Parameters
    ----------
    column : int
        Column of the compiled row.
    kind : str
        One of `KINDS`: a choice among entries, a rate in parts per million or billion, a duration in microseconds, a count,
        a yes or no, or an amount of money in human units (a Decimal, converted when compiled).
    low, high : int
        Inclusive bounds of the compiled value.
    meaning : str
        One line for people.
    entries : mapping
        The choices, by name.
    about : Entry
        Formula, rounding, sources and venues of a rule that is a number or a switch.
    """

    column: int
    kind: str
    low: int
    high: int
    meaning: str
    entries: Mapping[str, Entry]
    about: Entry


def rule(
    column: int,
    kind: str,
    default: object,
    meaning: str,
    formula: str = "",
    *,
    low: int = 0,
    high: int = 1 << 40,
    sign: str = "",
    rounding: str = "",
    sources: tuple[str, ...] = (),
    venues: tuple[str, ...] = (),
) -> Any:  # noqa: ANN401 - a dataclass field stands for the type it is annotated with
    """Declare a field of a slot record that is a number or a switch."""
    about = Entry(column, meaning, formula, sign, rounding, sources, venues)
    return field(default=default, metadata={"rule": RuleField(column, kind, low, high, meaning, {}, about)})


def choice(column: int, default: str, meaning: str, **entries: Entry) -> Any:  # noqa: ANN401 - the same
    """Declare a field whose value is the name of one entry (underscores in the keyword read as hyphens)."""
    named = {name.replace("_", "-"): known for name, known in entries.items()}
    about = Entry(column, meaning)
    return field(default=default, metadata={"rule": RuleField(column, "choice", 0, 0, meaning, named, about)})


def rule_fields(slot: object) -> Iterator[tuple[Field[Any], RuleField]]:
    """Yield the rules of a slot record (or its class) in order."""
    for item in fields(slot):  # type: ignore[arg-type]  # any slot is a dataclass
        if "rule" in item.metadata:
            yield item, item.metadata["rule"]


def encode(known: RuleField, value: object, path: str, exponent: int) -> int:
    """Return the integer that the core reads; raise `InputError` naming field, bound and value otherwise."""
    if known.kind == "choice":
        if value not in known.entries:
            message = f"Expected one of {', '.join(known.entries)}, was {value!r}"
            raise InputError([Finding(path, message)])
        return known.entries[str(value)].code
    if known.kind == "switch":
        return 1 if value else 0
    number = int(Decimal(str(value)).scaleb(exponent)) if known.kind == "money" else int(str(value))
    if not known.low <= number <= known.high:
        message = f"Expected {known.kind} from {known.low} to {known.high}, was {number}"
        raise InputError([Finding(path, message)])
    return number


def from_text(known: RuleField, text: str, path: str) -> object:
    """Read a rule's value as a person writes it (`20%`, `100ms`, `yes`, an entry's name)."""
    word = text.strip()
    if known.kind == "choice":
        if word not in known.entries:
            raise InputError([Finding(path, f"Expected one of {', '.join(known.entries)}, was {word!r}")])
        return word
    if known.kind == "switch":
        if word.lower() in YES | NO:
            return word.lower() in YES
        raise InputError([Finding(path, f"Expected yes or no, was {word!r}")])
    if known.kind == "ppm":
        return ppm_from_text(word, path=path) if word != "0" else 0
    if known.kind == "duration":
        return duration_us_from_text(word, path=path) if word != "0" else 0
    return _number_from_text(known, word, path)


def _number_from_text(known: RuleField, word: str, path: str) -> object:
    percent = word.endswith("%")
    try:
        number = Decimal(word.rstrip("%"))
    except InvalidOperation:
        raise InputError([Finding(path, f"Expected a number, was {word!r}")]) from None
    if known.kind == "money":
        return number
    if known.kind == "ppb":
        number = number * BILLION / 100 if percent else number * BILLION
    if number != number.to_integral_value():
        raise InputError([Finding(path, f"Expected a whole number of {known.kind}, was {word!r}")])
    return int(number)


def to_text(known: RuleField, value: object) -> str:
    """Write a rule's value as a person reads it."""
    if known.kind == "switch":
        return "yes" if value else "no"
    if known.kind == "ppm":
        return percent_text(int(str(value)))
    if known.kind == "duration":
        return duration_text(int(str(value)))
    if known.kind == "ppb":
        return f"{(Decimal(str(value)) / 10_000_000).normalize():f}%"
    return str(value)
