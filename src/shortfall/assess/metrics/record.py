"""What a metric is: a value or a range with its unit, formula and inputs; or unknown, and why."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING

from shortfall.errors import Finding, InputError
from shortfall.rules.cited import Cited

if TYPE_CHECKING:
    from collections.abc import Sequence

    from shortfall.data.figure_records import Figure
    from shortfall.rules.cited import Value


@dataclass(frozen=True, slots=True)
class Input:
    """One input of a metric: its name, its value in words, where it is from (a page, an answer, or a run) and for which day."""

    name: str
    value: str
    source: str
    as_of: str = ""


@dataclass(frozen=True, slots=True)
class Metric:
    """One metric.

    Parameters
    ----------
    key, title : str
        For programs; for people.
    low, high : Decimal or None
        The range; equal for a single value; both None where it is unknown or words.
    unit : str
    formula : str
        In words or symbols.
    inputs : tuple of Input
    words : str
        The value where it is no number.
    reason : str
        Why it is unknown; empty if it is known.
    note : str
        What to know about it.
    """

    key: str
    title: str
    low: Decimal | None
    high: Decimal | None
    unit: str
    formula: str
    inputs: tuple[Input, ...] = ()
    words: str = ""
    reason: str = ""
    note: str = ""

    @property
    def known(self) -> bool:
        """Say whether there is a value."""
        return self.low is not None or bool(self.words)

    def number(self) -> Decimal:
        """Return the single value.

        Raises
        ------
        InputError
            If it is unknown, words, or a range: whoever needs one number has to ask, and never use zero.
        """
        if self.low is None or self.low != self.high:
            raise InputError([Finding(self.key, f"Expected one number, was {self.reason or self.words or 'a range'}")])
        return self.low


def single(
    key: str,
    title: str,
    value: Decimal | float,
    unit: str,
    formula: str,
    *,
    inputs: Sequence[Input] = (),
    note: str = "",
) -> Metric:
    """Return a metric of one value."""
    number = exact(value)
    return Metric(key, title, number, number, unit, formula, tuple(inputs), note=note)


def ranged(
    key: str,
    title: str,
    ends: Sequence[Decimal | float],
    unit: str,
    formula: str,
    *,
    inputs: Sequence[Input] = (),
    note: str = "",
) -> Metric:
    """Return a metric from the lowest to the highest of several values."""
    found = sorted(exact(end) for end in ends)
    return Metric(key, title, found[0], found[-1], unit, formula, tuple(inputs), note=note)


def worded(key: str, title: str, words: str, formula: str, *, inputs: Sequence[Input] = (), note: str = "") -> Metric:
    """Return a metric that is words."""
    return Metric(key, title, None, None, "text", formula, tuple(inputs), words=words, note=note)


def unknown(
    key: str, title: str, unit: str, formula: str, reason: str, *, inputs: Sequence[Input] = (), note: str = ""
) -> Metric:
    """Return a metric that nobody knows, and why."""
    return Metric(key, title, None, None, unit, formula, tuple(inputs), reason=reason, note=note)


def exact(value: Decimal | float) -> Decimal:
    """Return a number as a decimal; a float to ten significant digits, because it is a measurement."""
    return Decimal(f"{value:.10g}") if isinstance(value, float) else Decimal(value)


def input_of(figure: Figure) -> Input:
    """Return a figure as an input."""
    value = figure.value
    text = "unknown" if value is None else (f"{value:,f}" if isinstance(value, Decimal) else str(value))
    when = "" if figure.as_of is None else figure.as_of.isoformat()[:10]
    return Input(figure.name, f"{text} {figure.unit}", figure.source or figure.note, when)


def input_of_rule(name: str, value: Value | None) -> Input:
    """Return a rule as an input: cited with its page, assumed with its reason, or the package's default."""
    if value is None:
        return Input(name, "the package's default", "no value is stated in the venue's file")
    if isinstance(value, Cited):
        return Input(name, str(value.value), value.source, value.read_on.isoformat())
    return Input(name, str(value.value), f"assumed: {value.reason}")


def days_between(*figures: Figure) -> int | None:
    """Return the days between the oldest and the newest of dated figures; None where fewer than two have a date."""
    days = [date.fromisoformat(figure.as_of.isoformat()[:10]) for figure in figures if figure.as_of is not None]
    return (max(days) - min(days)).days if len(days) > 1 else None


def days_note(*figures: Figure) -> str:
    """Say how far apart the inputs are; more than a week is said in so many words."""
    days = days_between(*figures)
    if days is None:
        return "not every input has a date"
    return f"inputs {days} days apart" if days > 7 else ""  # noqa: PLR2004 - a week
