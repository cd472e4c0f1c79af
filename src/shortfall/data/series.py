"""Recorded price series: what a population is run through and what an observed event is replayed from.

The format is a CSV with a header of comments. Every key of the header is needed, and the bars have no gaps::

    # shortfall price series, format 1
    # venue: binance
    # symbol: BTCUSDT
    # price: mark                      mark or trade: the perpetual's own prices, an observed path, never a driver
    # unit: USDT
    # step_seconds: 14400
    # from: 2024-07-23T14:00Z          start of the first bar
    # until: 2024-09-21T14:00Z         end of the last bar
    # source: public origin
    # note: how the bars were derived
    open_time,open,high,low,close
    2024-07-23T14:00Z,66068.8,67315.4,65717.889,65916.4

A series is named by its folder and file: ``binance/BTCUSDT_mark_4h_to_2024-09-21``.
"""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import TYPE_CHECKING, Final

from shortfall.data._reading import Notes
from shortfall.data.records import Bars
from shortfall.errors import DataError, Finding, InputError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

__all__ = ["available_series", "load_series", "load_series_file"]

FORMAT: Final = "# shortfall price series, format 1"
_KEYS: Final = ("venue", "symbol", "price", "unit", "step_seconds", "from", "until", "source", "note")
_PRICES: Final = ("mark", "trade")
_COLUMNS: Final = "open_time,open,high,low,close"
_BUNDLED: Final = Path(__file__).with_name("series")

Row = tuple[int, tuple[Decimal, ...]]


def available_series() -> tuple[str, ...]:
    """Return the names of the bundled series, sorted."""
    return tuple(sorted(f"{path.parent.name}/{path.stem}" for path in _BUNDLED.glob("*/*.csv")))


def load_series(name: str) -> Bars:
    """Return a bundled series.

    Raises
    ------
    InputError
        If there is none of that name; the message lists those that there are.
    """
    if name not in available_series():
        raise InputError([Finding(name, f"Expected a bundled series, one of {', '.join(available_series())}")])
    return load_series_file(_BUNDLED / f"{name}.csv", name)


def load_series_file(path: str | Path, name: str | None = None) -> Bars:
    """Return a series from a file of the format that the top of this module describes.

    Parameters
    ----------
    path : str or pathlib.Path
        The file.
    name : str, optional
        What to call the series; the file's name without its ending by default.

    Raises
    ------
    DataError
        If the file cannot be read or is not a series: every finding with its line.
    """
    lines = _lines_of(Path(path))
    notes = Notes()
    head = _head(lines, notes)
    first = next((place for place, line in enumerate(lines) if not line.startswith("#")), len(lines))
    rows = _rows(lines, first, notes)
    step_s = _step(head, rows, notes)
    notes.raise_if_any()
    opens, highs, lows, closes = zip(*(prices for _, prices in rows), strict=True)
    return Bars(
        name=name or Path(path).stem,
        venue=head["venue"],
        symbol=head["symbol"],
        price=head["price"],
        unit=head["unit"],
        step_s=step_s,
        source=head["source"],
        note=head["note"],
        open_time_unix_s=tuple(start for start, _ in rows),
        open_price=opens,
        high_price=highs,
        low_price=lows,
        close_price=closes,
    )


def _lines_of(path: Path) -> list[str]:
    try:
        return path.read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise DataError([Finding(str(path), f"Expected a readable text file, was not: {error}")]) from error


def _head(lines: Sequence[str], notes: Notes) -> dict[str, str]:
    if not lines or lines[0] != FORMAT:
        notes.add("format", f"Expected {FORMAT!r}, was {lines[0] if lines else 'an empty file'!r}", 1)
    comments = (line.removeprefix("#").partition(":") for line in lines[1:] if line.startswith("#"))
    head = {key.strip(): entry.strip() for key, _, entry in comments}
    for key in _KEYS:
        if not head.get(key):
            notes.add(key, "Expected an entry in the header, was missing")
    if head.get("price", "mark") not in _PRICES:
        notes.add("price", f"Expected mark or trade, was {head['price']}")
    return head


def _rows(lines: Sequence[str], first: int, notes: Notes) -> list[Row]:
    if first == len(lines) or lines[first] != _COLUMNS:
        notes.add("columns", f"Expected {_COLUMNS}, was {lines[first] if first < len(lines) else 'missing'}", first + 1)
        return []
    read = [_row(line, number, notes) for number, line in enumerate(lines[first + 1 :], start=first + 2)]
    if not read:
        notes.add("bars", "Expected at least one bar, was none")
    return [row for row in read if row is not None]


def _row(line: str, number: int, notes: Notes) -> Row | None:
    start, *prices = line.split(",")
    try:
        bar = (_unix_s(start), tuple(Decimal(price) for price in prices))
    except (ValueError, InvalidOperation):
        bar = (0, ())
    if len(bar[1]) != len(_COLUMNS.split(",")) - 1:
        notes.add("bars", f"Expected a time with an offset and four prices, was {line[:80]!r}", number)
        return None
    opened, high, low, closed = bar[1]
    if not (low.is_finite() and high.is_finite() and 0 < low <= min(opened, closed) <= max(opened, closed) <= high):
        notes.add("bars", f"Expected 0 < low <= open, close <= high, was {line[:80]!r}", number)
        return None
    return bar


def _step(head: Mapping[str, str], rows: Sequence[Row], notes: Notes) -> int:
    """Return the length of a bar in seconds after checking that the bars fill the stated period without a gap."""
    try:
        step_s = int(head.get("step_seconds", ""))
        start, end = _unix_s(head.get("from", "")), _unix_s(head.get("until", ""))
    except ValueError:
        notes.add("step_seconds", "Expected whole seconds, and times with an offset for from and until")
        return 0
    if step_s <= 0:
        notes.add("step_seconds", f"Expected more than 0, was {step_s}")
    elif [opened for opened, _ in rows] != list(range(start, end, step_s)):
        notes.add("bars", f"Expected a bar every {step_s} s from {head['from']} until {head['until']}, was another set")
    return step_s


def _unix_s(moment: str) -> int:
    stamp = datetime.fromisoformat(moment)
    if stamp.tzinfo is None:
        raise ValueError(moment)
    return int(stamp.astimezone(UTC).timestamp())
