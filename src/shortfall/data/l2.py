"""Samples of order books: cumulative depth by distance, out of the formats in which people keep them, checked at the border.

Three formats, told apart by their header, plain or gzipped:

- **seconds**: ``unix_s, best_bid, best_ask, bid_qty_1bps, ..., ask_qty_1bps, ...``: a row a second, quantity within so many basis points
  of the mid, cumulative;
- **levels**: ``tm, b, a, ...``: a row an update, both sides as JSON lists of ``[price, qty]``, best first;
- **snapshot**: ``side, level, price, qty``: one book, a row a level.

A feed that starts from a snapshot knows the deeper bands only once updates have arrived. Therefore a band of the first format beyond 10 bps
counts where the ring that it adds to the one before holds at least a quarter of the density of that one; where it does not, it is unseen,
not empty. In the other two a band counts up to the farthest level that is there.
"""

from __future__ import annotations

import csv
import gzip
import hashlib
import io
import itertools
import json
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np

from shortfall.errors import DataError, Findings

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from numpy.typing import NDArray

BANDS_BPS: Final = (1.0, 2.0, 5.0, 10.0, 25.0, 50.0, 100.0, 200.0, 500.0)
BPS: Final = 10_000.0
WANTED: Final = "unix_s, best_bid, best_ask, bid_qty_..bps, ask_qty_..bps; or tm, b, a; or side, level, price, qty"
WHOLE_TO_BPS: Final = 10.0  # a snapshot of a thousand levels always reaches this far
FADED: Final = 0.25  # a ring whose density falls below this share of the ring before was not recorded in full
ALMOST: Final = 1 + 1e-9  # a level at a band's edge lies within it
GZIP: Final = b"\x1f\x8b"
LEVELS_HEAD: Final = ("tm", "b", "a")
SNAPSHOT_HEAD: Final = ("side", "level", "price", "qty")
QUANTITY: Final = re.compile(r"(bid|ask)_qty_(\d+(?:\.\d+)?)bps")
CELL: Final = 1 << 22  # a row of levels is one long cell


@dataclass(frozen=True, slots=True)
class BookSample:
    """Cumulative depth of one contract over time, in the file's own unit of quantity.

    Parameters
    ----------
    name, digest, format : str
        Of the file; SHA-256 of its bytes; seconds, levels or snapshot.
    times_s : array of float, shape (times,)
        Seconds, increasing; 0 for a snapshot.
    mid : array of float, shape (times,)
        Mid prices.
    bands_bps : array of float, shape (bands,)
        Distances from the mid.
    depth : array of float, shape (times, 2, bands)
        Quantity within each distance: bids, then asks; nan where it was not seen.
    """

    name: str
    digest: str
    format: str
    times_s: NDArray[np.float64]
    mid: NDArray[np.float64]
    bands_bps: NDArray[np.float64]
    depth: NDArray[np.float64]


def load_book_sample(path: Path) -> BookSample:
    """Read a sample.

    Raises
    ------
    DataError
        With everything that is wrong in it: column, line, bound and value.
    """
    raw = path.read_bytes()
    digest = hashlib.sha256(raw).hexdigest()
    findings = Findings()
    try:
        text = (gzip.decompress(raw) if raw[:2] == GZIP else raw).decode("utf-8")
    except (OSError, EOFError, UnicodeDecodeError):
        findings.add(path.name, "Expected UTF-8 text, plain or gzipped")
        text = ""
    csv.field_size_limit(CELL)
    rows = csv.reader(io.StringIO(text))
    head = tuple(next(rows, []))
    readers: dict[str, Callable[[tuple[str, ...], list[list[str]], Findings], Read]] = {
        "seconds": _seconds,
        "levels": _levels,
        "snapshot": _snapshot,
        "": _nothing,
    }
    kind = _format_of(head)
    if not kind and not findings.as_tuple():
        findings.add(path.name, f"Expected columns {WANTED}, was {', '.join(head)[:80]!r}", line=1)
    times, mid, bands, depth = readers[kind](head, [row for row in rows if row], findings)
    if not findings.as_tuple() and not len(times):
        findings.add(path.name, "Expected at least one row, was none")
    if np.any(np.diff(times) <= 0):
        line = 2 + int(np.flatnonzero(np.diff(times) <= 0)[0]) + 1
        findings.add("time", "Expected times that increase from row to row", line=line)
    findings.raise_if_any(DataError)
    return BookSample(path.name, digest, kind, times, mid, bands, _seen(bands, depth) if kind == "seconds" else depth)


def _format_of(head: tuple[str, ...]) -> str:
    if head[:3] == LEVELS_HEAD:
        return "levels"
    if head == SNAPSHOT_HEAD:
        return "snapshot"
    bands = [QUANTITY.fullmatch(name) for name in head[3:]]
    if head[:3] == ("unix_s", "best_bid", "best_ask") and bands and all(bands):
        return "seconds"
    return ""


Read = tuple["NDArray[np.float64]", "NDArray[np.float64]", "NDArray[np.float64]", "NDArray[np.float64]"]


def _nothing(*_: object) -> Read:
    bands = np.array(BANDS_BPS)
    return np.zeros(0), np.zeros(0), bands, np.zeros((0, 2, len(bands)))


def _seconds(head: tuple[str, ...], rows: list[list[str]], findings: Findings) -> Read:
    sides: dict[str, list[float]] = {"bid": [], "ask": []}
    for name in head[3:]:
        found = QUANTITY.fullmatch(name)
        if found is not None:
            sides[found[1]].append(float(found[2]))
    bands = sides["bid"]
    if bands != sides["ask"] or bands != sorted(set(bands)):
        findings.add("columns", "Expected the same increasing bands for bids, then for asks", line=1)
        return _nothing()
    kept = []
    for line, row in enumerate(rows, start=2):
        numbers = _numbers(row, len(head), head, line, findings)
        if numbers is None:
            continue
        kept.append(numbers)
        if not 0 < numbers[1] < numbers[2]:
            findings.add("best_bid", f"Expected 0 < best_bid < best_ask, was {row[1]} and {row[2]}", line=line)
        for k, side in enumerate(("bid", "ask")):
            mine = numbers[3 + k * len(bands) : 3 + (k + 1) * len(bands)]
            if any(far < near for near, far in itertools.pairwise(mine)) or mine[0] < 0:
                findings.add(f"{side}_qty", "Expected quantities of 0 or more that grow with the distance", line=line)
    if not kept:
        return _nothing()
    table = np.array(kept)
    depth = table[:, 3:].reshape(len(table), 2, len(bands))
    return table[:, 0], (table[:, 1] + table[:, 2]) / 2, np.array(bands), depth


def _numbers(row: list[str], width: int, head: tuple[str, ...], line: int, findings: Findings) -> list[float] | None:
    """Return a row as finite numbers; None, with a finding for each cell that is none."""
    if len(row) != width:
        findings.add("columns", f"Expected {width} cells, was {len(row)}", line=line)
        return None
    found = [_number(cell) for cell in row]
    for name, cell, number in zip(head, row, found, strict=True):
        if number is None:
            findings.add(name, f"Expected a finite number, was {cell[:40]!r}", line=line)
    return [number for number in found if number is not None] if None not in found else None


def _number(cell: object) -> float | None:
    try:
        number = float(str(cell))
    except ValueError:
        return None
    return number if np.isfinite(number) else None


def _levels(head: tuple[str, ...], rows: list[list[str]], findings: Findings) -> Read:
    times, mids, depths = [], [], []
    for line, row in enumerate(rows, start=2):
        if len(row) != len(head):
            findings.add("columns", f"Expected {len(head)} cells, was {len(row)}", line=line)
            continue
        when = _number(row[0])
        if when is None:
            findings.add("tm", f"Expected milliseconds, was {row[0][:40]!r}", line=line)
        sides = [_side(row[1 + k], "ba"[k], line, findings) for k in range(2)]
        if when is None or sides[0] is None or sides[1] is None:
            continue
        found = _banded(sides[0], sides[1], line, findings)
        if found is not None:
            times.append(when / 1000)
            mids.append(found[0])
            depths.append(found[1])
    if not times:
        return _nothing()
    return np.array(times), np.array(mids), np.array(BANDS_BPS), np.array(depths)


def _side(cell: str, name: str, line: int, findings: Findings) -> NDArray[np.float64] | None:
    """Return one side of a book, best first, as prices and quantities."""
    try:
        found = json.loads(cell)
    except ValueError:
        findings.add(name, "Expected a JSON list of [price, qty]", line=line)
        return None
    pairs = found if isinstance(found, list) else []
    numbers = [[_number(part) for part in pair] for pair in pairs if isinstance(pair, list)]
    if not numbers or len(numbers) != len(pairs) or any(len(pair) != 2 or None in pair for pair in numbers):  # noqa: PLR2004 - price and quantity
        findings.add(name, "Expected a JSON list of [price, qty] with finite numbers", line=line)
        return None
    return np.array(numbers, float)


def _banded(
    bids: NDArray[np.float64], asks: NDArray[np.float64], line: int, findings: Findings
) -> tuple[float, NDArray[np.float64]] | None:
    """Return (mid price, cumulative depth of both sides); nan beyond the farthest level of a side."""
    for name, side, sign in (("b", bids, -1), ("a", asks, 1)):
        if np.any(sign * np.diff(side[:, 0]) <= 0) or np.any(side <= 0):
            findings.add(name, "Expected prices and quantities above 0, best first", line=line)
            return None
    if bids[0, 0] >= asks[0, 0]:
        findings.add("b", f"Expected the best bid below the best ask, was {bids[0, 0]} and {asks[0, 0]}", line=line)
        return None
    mid = (bids[0, 0] + asks[0, 0]) / 2
    bands = np.array(BANDS_BPS)
    depth = np.full((2, len(bands)), np.nan)
    for k, side in enumerate((bids, asks)):
        away = np.abs(side[:, 0] - mid) / mid * BPS
        within = np.searchsorted(away, bands * ALMOST, side="right")
        total = np.concatenate([[0.0], np.cumsum(side[:, 1])])
        depth[k] = np.where(bands <= away[-1] * ALMOST, total[within], np.nan)
    return float(mid), depth


def _snapshot(head: tuple[str, ...], rows: list[list[str]], findings: Findings) -> Read:
    sides: dict[str, list[tuple[float, float]]] = {"bid": [], "ask": []}
    for line, row in enumerate(rows, start=2):
        if len(row) != len(head) or row[0] not in sides:
            findings.add("side", f"Expected bid or ask and {len(head)} cells, was {','.join(row)[:40]!r}", line=line)
            continue
        price, quantity = _number(row[2]), _number(row[3])
        if price is None or quantity is None:
            findings.add("price", f"Expected finite numbers, was {row[2][:20]!r} and {row[3][:20]!r}", line=line)
            continue
        sides[row[0]].append((price, quantity))
    if not sides["bid"] or not sides["ask"]:
        findings.add("side", "Expected both bids and asks")
        return _nothing()
    found = _banded(np.array(sides["bid"]), np.array(sides["ask"]), 2, findings)
    if found is None:
        return _nothing()
    return np.zeros(1), np.array([found[0]]), np.array(BANDS_BPS), found[1][None]


def _seen(bands: NDArray[np.float64], depth: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return depth with nan for every band that was not recorded in full, and for all beyond it."""
    density = np.diff(depth, prepend=0.0, axis=2) / np.diff(bands, prepend=0.0)
    faded = np.zeros(depth.shape, np.bool_)
    faded[..., 1:] = density[..., 1:] < FADED * density[..., :-1]
    faded &= bands > WHOLE_TO_BPS
    return np.where(np.logical_or.accumulate(faded, axis=2), np.nan, depth)
