"""One answer as a sheet: a sentence, tables and pictures, from which the page and the notebook object are made.

Problem: every answer is wanted in a terminal, as a page and in a notebook. A sheet is what the last two share: it holds the same
figures as the document, as rows with named columns, and pictures as records that say what is drawn and not how.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from shortfall.report.words import human

if TYPE_CHECKING:
    from collections.abc import Sequence

Cell = str | int | float | Decimal | None


@dataclass(frozen=True, slots=True)
class SheetTable:
    """Rows with named columns. Cells are plain: text, numbers, or None where a figure is unknown or does not apply.

    Parameters
    ----------
    name : str
        For programs: a word of letters and underscores.
    caption : str
        For people.
    columns : tuple of str
        Names with their unit last.
    rows : tuple of tuple
    """

    name: str
    caption: str
    columns: tuple[str, ...]
    rows: tuple[tuple[Cell, ...], ...]


@dataclass(frozen=True, slots=True)
class Span:
    """One bar of a picture: from the lowest to the highest member or draw. Equal ends are drawn as a tick."""

    label: str
    low: float
    high: float
    group: str = ""


@dataclass(frozen=True, slots=True)
class RangeBars:
    """Horizontal bars of ranges, one a row, in the order given."""

    name: str
    caption: str
    axis: str
    spans: tuple[Span, ...]


@dataclass(frozen=True, slots=True)
class Fan:
    """Bands over time or another running quantity: rows of (x, low, high, group)."""

    name: str
    caption: str
    x_axis: str
    y_axis: str
    points: tuple[tuple[float, float, float, str], ...]


@dataclass(frozen=True, slots=True)
class Heat:
    """Cells of colour: rows of (x, y, weight); x and y are labels in the order in which they come."""

    name: str
    caption: str
    x_axis: str
    y_axis: str
    weight: str
    cells: tuple[tuple[str, str, float], ...]


Drawn = RangeBars | Fan | Heat


@dataclass(frozen=True, slots=True)
class Sheet:
    """An answer in parts.

    Parameters
    ----------
    title, kicker, sentence : str
        What was asked; of which kind it is; the answer with its range.
    tables : tuple of SheetTable
        The first is the main one.
    pictures : tuple of RangeBars, Fan or Heat
    notes : tuple of str
        Sampling, what moves it most, what is assumed, synthetic and unknown.
    """

    title: str
    kicker: str
    sentence: str
    tables: tuple[SheetTable, ...]
    pictures: tuple[Drawn, ...] = ()
    notes: tuple[str, ...] = field(default=())


def amount(money: dict[str, str] | None) -> Decimal | None:
    """Return an exact amount of a document as a number; None stays None."""
    return None if money is None else Decimal(money["amount"])


def ends(bounds: Sequence[dict[str, str]] | None) -> tuple[Decimal | None, Decimal | None]:
    """Return both ends of a range of amounts."""
    return (None, None) if bounds is None else (amount(bounds[0]), amount(bounds[1]))


def span(label: str, bounds: Sequence[dict[str, str]], group: str = "") -> Span:
    """Return a bar from a range of amounts."""
    low, high = sorted(float(bound["amount"]) for bound in bounds)
    return Span(label, low, high, group)


def told(bounds: Sequence[dict[str, str]] | None) -> str:
    """Return a range of amounts for a reader."""
    if bounds is None:
        return "unknown"
    low, high = (human(bound) for bound in bounds)
    return low if low == high else f"{low} to {high}"


def titled(document: dict[str, Any], question: str) -> str:
    """Return a title: the contract and what was asked of it."""
    contract = document["contract"]
    return f"{contract.get('venue', '')} {contract['symbol']}: {question}".strip()
