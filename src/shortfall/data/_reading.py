"""Read untyped TOML into typed figures and note everything that is wrong with it.

A reading is a function ``(raw, path, notes) -> figure or None``. None means that at least one finding was noted; the
caller goes on, so that the user hears all findings at once.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import date, datetime
from decimal import Decimal, InvalidOperation
from typing import TYPE_CHECKING, Final, TypeVar

from shortfall.data._canonical import plain
from shortfall.data.records import Kind, Sourced
from shortfall.errors import DataError, Findings

if TYPE_CHECKING:
    from collections.abc import Iterable

__all__ = [
    "Notes",
    "Reading",
    "decimal_that",
    "lines_of",
    "moment",
    "read_field",
    "table",
    "text",
    "texts",
    "whole_within",
]

T = TypeVar("T")

_MAX_DIGITS: Final = 28  # the precision of decimal arithmetic: within it every check is exact
_FIELD_KEYS: Final = frozenset({"kind", "unit", "value", "source", "as_of", "note", "reason"})
_NEEDED: Final[Mapping[Kind, tuple[str, ...]]] = {
    Kind.OBSERVED: ("value", "source", "as_of"),
    Kind.ASSUMED: ("value", "reason"),
    Kind.UNKNOWN: ("reason",),
}


class Notes:
    """Collect findings and add the line of the file where it is known.

    Parameters
    ----------
    lines : mapping of str to int
        Line of each path, from `lines_of`; may be incomplete.
    """

    __slots__ = ("_findings", "_lines")

    def __init__(self, lines: Mapping[str, int] | None = None) -> None:
        self._findings = Findings()
        self._lines = lines or {}

    def add(self, path: str, message: str, line: int | None = None) -> None:
        """Note one finding; without a line, the line of the nearest known parent of the path is used."""
        self._findings.add(path, message, self._line_of(path) if line is None else line)

    def raise_if_any(self) -> None:
        """Raise one `DataError` with every finding, or do nothing."""
        self._findings.raise_if_any(DataError)

    def _line_of(self, path: str) -> int | None:
        while path and path not in self._lines:
            path = path[: max(path.rfind("."), path.rfind("["), 0)]
        return self._lines.get(path)


Reading = Callable[[object, str, Notes], T | None]


def lines_of(toml: str) -> dict[str, int]:
    """Return the line of each table, key and array row of a TOML text, counted from 1.

    It follows the layout of our own format (one key or one row on a line) and knows no more of TOML; what it does not
    find has no line, which costs a reader some comfort and nothing else.
    """
    lines: dict[str, int] = {}
    section, array, row = "", "", 0
    for number, line in enumerate(toml.splitlines(), start=1):
        if header := re.match(r"\[([\w.]+)\]", line):
            section, array = header[1], ""
            lines.setdefault(section, number)
        elif key := re.match(r"(\w+)\s*=\s*(\[?)", line):
            path = f"{section}.{key[1]}" if section else key[1]
            lines.setdefault(path, number)
            array, row = (path, 0) if key[2] else ("", 0)
        elif array and line.lstrip().startswith("{"):
            lines.setdefault(f"{array}[{row}]", number)
            row += 1
    return lines


def text(raw: object, path: str, notes: Notes) -> str | None:
    """Read a text that is not empty."""
    if isinstance(raw, str) and raw.strip():
        return raw
    notes.add(path, f"Expected a text that is not empty, was {_shown(raw)}")
    return None


def texts(raw: object, path: str, notes: Notes) -> tuple[str, ...] | None:
    """Read one text or more."""
    if not isinstance(raw, list) or not raw:
        notes.add(path, f"Expected a list with at least one text, was {_shown(raw)}")
        return None
    read = [text(part, f"{path}[{place}]", notes) for place, part in enumerate(raw)]
    return tuple(part for part in read if part is not None)


def decimal_that(accepts: Callable[[Decimal], bool], expected: str) -> Reading[Decimal]:
    """Return a reading of a decimal string within a bound that is stated in words."""

    def reading(raw: object, path: str, notes: Notes) -> Decimal | None:
        number = _decimal(raw, path, notes)
        if number is None or accepts(number):
            return number
        notes.add(path, f"Expected {expected}, was {plain(number)}")
        return None

    return reading


def _decimal(raw: object, path: str, notes: Notes) -> Decimal | None:
    try:
        number = Decimal(raw) if isinstance(raw, str) else None
    except InvalidOperation:
        number = None
    if number is None or not number.is_finite():
        notes.add(path, f'Expected a decimal number in quotes, such as "0.005", was {_shown(raw)}')
        return None
    if len(number.as_tuple().digits) > _MAX_DIGITS or abs(number.adjusted()) > _MAX_DIGITS:
        notes.add(path, f"Expected at most {_MAX_DIGITS} digits, was {_shown(raw)}")
        return None
    return number


def whole_within(low: int, high: int) -> Reading[int]:
    """Return a reading of a whole number between two bounds, both allowed."""

    def reading(raw: object, path: str, notes: Notes) -> int | None:
        if isinstance(raw, int) and not isinstance(raw, bool) and low <= raw <= high:
            return raw
        notes.add(path, f"Expected a whole number from {low} to {high}, was {_shown(raw)}")
        return None

    return reading


def moment(raw: object, path: str, notes: Notes) -> datetime | None:
    """Read a time with its offset from UTC."""
    if isinstance(raw, datetime) and raw.tzinfo is not None:
        return raw
    notes.add(path, f"Expected a time with an offset, such as 2025-04-23T00:00:02Z, was {_shown(raw)}")
    return None


def table(raw: object, path: str, notes: Notes, keys: Iterable[str]) -> Mapping[str, object] | None:
    """Read a table with exactly these keys; note each that is missing or unknown."""
    if not isinstance(raw, dict):
        notes.add(path, f"Expected a table, was {_shown(raw)}")
        return None
    wanted = tuple(keys)
    for key in wanted:
        if key not in raw:
            notes.add(f"{path}.{key}", "Expected a value, was missing")
    _refuse_unknown(raw, wanted, path, notes)
    return raw if all(key in raw for key in wanted) else None


def read_field(raw: object, name: str, unit: str, reading: Reading[T], notes: Notes) -> Sourced[T]:
    """Read one field of a snapshot with its source; what is wrong is noted and leaves the value empty."""
    if not isinstance(raw, dict):
        notes.add(name, "Expected a table with kind, unit, value and source, was " + _shown(raw))
        return Sourced(name, Kind.UNKNOWN, unit, None)
    _refuse_unknown(raw, _FIELD_KEYS, name, notes)
    kind = _kind(raw.get("kind"), name, notes)
    _check_unit(raw.get("unit"), unit, name, notes)
    if kind is not None:
        _check_needed(raw, kind, name, notes)
    value = reading(raw["value"], f"{name}.value", notes) if "value" in raw and kind is not Kind.UNKNOWN else None
    words = {key: _optional_text(raw, key, name, notes) for key in ("source", "note", "reason")}
    return Sourced(name, kind or Kind.UNKNOWN, unit, value, as_of=_day(raw, name, notes), **words)


def _kind(raw: object, name: str, notes: Notes) -> Kind | None:
    if isinstance(raw, str) and raw in tuple(Kind):
        return Kind(raw)
    notes.add(f"{name}.kind", f"Expected observed, assumed or unknown, was {_shown(raw)}")
    return None


def _check_unit(raw: object, unit: str, name: str, notes: Notes) -> None:
    if raw != unit:
        notes.add(f"{name}.unit", f"Expected {unit!r}, was {_shown(raw)}")


def _check_needed(raw: Mapping[str, object], kind: Kind, name: str, notes: Notes) -> None:
    for key in _NEEDED[kind]:
        if key not in raw:
            notes.add(f"{name}.{key}", f"Expected an entry because the kind is {kind}, was missing")
    if kind is Kind.UNKNOWN and "value" in raw:
        notes.add(f"{name}.value", f"Expected no value because the kind is unknown, was {_shown(raw['value'])}")


def _optional_text(raw: Mapping[str, object], key: str, name: str, notes: Notes) -> str:
    return (text(raw[key], f"{name}.{key}", notes) or "") if key in raw else ""


def _day(raw: Mapping[str, object], name: str, notes: Notes) -> date | None:
    day = raw.get("as_of")
    if day is None or (isinstance(day, date) and not isinstance(day, datetime)):
        return day
    notes.add(f"{name}.as_of", f"Expected a day, such as 2025-10-09 (no quotes), was {_shown(day)}")
    return None


def _refuse_unknown(raw: Mapping[str, object], known: Iterable[str], path: str, notes: Notes) -> None:
    known = frozenset(known)
    for key in raw:
        if key not in known:
            notes.add(f"{path}.{key}" if path else key, f"Expected one of {', '.join(sorted(known))}")


def _shown(raw: object) -> str:
    """Return what was found, short enough for one line."""
    if raw is None:
        return "missing"
    shown = repr(raw) if isinstance(raw, (str, int, float)) else f"a {type(raw).__name__}"
    limit = 60
    return shown if len(shown) <= limit else shown[:limit] + "..."
