"""What an adapter hands back, and when it agrees with what a peer expects."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from fractions import Fraction
from typing import Any


class Unsupported(Exception):  # noqa: N818 - not an error: the rule space of today has no such mechanism
    """The rule space cannot express a case.

    Parameters
    ----------
    mechanism : str
        A row of the table in `unsupported.py`, which says what is missing.
    nearest : object
        What the engine answers under the nearest rule that it has, where there is one. It must not be what the peer expects:
        a case that agrees is supported.
    """

    def __init__(self, mechanism: str, nearest: object = None) -> None:
        super().__init__(mechanism)
        self.mechanism = mechanism
        self.nearest = nearest


@dataclass(frozen=True, slots=True)
class Disagreement:
    """The engine does otherwise than the peer, on purpose.

    Parameters
    ----------
    reason : str
        A row of the table of disagreements in `unsupported.py`.
    answer : object
        What the engine does. It must not be what the peer expects.
    """

    reason: str
    answer: object


@dataclass(frozen=True, slots=True)
class Figure:
    """A figure that the engine knows to within a step of its own, compared in the unit in which the peer prints.

    Parameters
    ----------
    amount : Fraction
        What the engine says.
    step : Fraction
        Its own resolution (a tick, a step of a rank): the exact figure is less than one step away.
    unit : Fraction or None
        Unit to which the peer rounds, to the nearest; 0 for an exact figure, None for the last decimal that it prints.
    """

    amount: Fraction
    step: Fraction = Fraction(0)
    unit: Fraction | None = Fraction(0)


def agrees(expected: object, said: object) -> bool:
    """Say whether an answer is what a peer expects: numbers exactly or in the peer's unit, records in every field that it names."""
    if isinstance(expected, Mapping):
        return isinstance(said, Mapping) and _records_agree(expected, said)
    if isinstance(expected, list):
        return isinstance(said, list | tuple) and _lists_agree(expected, said)
    if isinstance(expected, bool) or expected is None:
        return expected is said
    number = exact(expected)
    if number is None or isinstance(said, str):
        return expected == said
    if isinstance(said, Figure):
        return _figure_agrees(number, expected, said)
    return isinstance(said, int | Fraction | Decimal) and not isinstance(said, bool) and number == Fraction(said)


def _lists_agree(expected: list[Any], said: Sequence[Any]) -> bool:
    """Compare row by row; records with ids by id, and those that are not named are not asked for."""
    if expected and _named(expected) and _named(said):
        by_name = {row["id"]: row for row in said}
        return all(row["id"] in by_name and agrees(row, by_name[row["id"]]) for row in expected)
    return len(expected) == len(said) and all(map(agrees, expected, said))


def _named(rows: Sequence[Any]) -> bool:
    return all(isinstance(row, Mapping) and "id" in row for row in rows)


def _records_agree(expected: Mapping[Any, Any], said: Mapping[Any, Any]) -> bool:
    """Compare field by field. An error agrees with an error: its name is the peer's own."""
    if ("error" in expected) != ("error" in said):
        return False
    return all(name in said and (name == "error" or agrees(value, said[name])) for name, value in expected.items())


def _figure_agrees(number: Fraction, printed: object, said: Figure) -> bool:
    unit = last_decimal(printed) if said.unit is None else said.unit
    return abs(number - said.amount) <= said.step + unit / 2


def exact(word: object) -> Fraction | None:
    """Read a number as it is written: an integer, a decimal, `p/q`; None for anything else."""
    if isinstance(word, int | Decimal) and not isinstance(word, bool):
        return Fraction(word)
    if not isinstance(word, str):
        return None
    above, _, below = word.partition("/")
    try:
        return Fraction(Decimal(above)) / Fraction(Decimal(below or "1"))
    except InvalidOperation:
        return None


def last_decimal(printed: object) -> Fraction:
    """Return the unit of the last decimal of a printed number."""
    exponent = Decimal(str(printed)).as_tuple().exponent
    return Fraction(10) ** min(0, exponent) if isinstance(exponent, int) else Fraction(0)
