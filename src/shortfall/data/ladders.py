"""Margin ladders in bulk: a CSV with the brackets of many contracts over time, plain or gzipped.

Columns: ``asof_date, symbol, tier, min_notional, max_notional, maint_margin_rate, max_leverage, cum_maint_amount``. A contract's whole
ladder is written on every day on which it changed; ``DELISTED`` in the last column ends it. Symbols may be written ``BTCUSDT``,
``BTC/USDT`` or ``BTC/USDT:USDT``.
"""

from __future__ import annotations

import csv
import gzip
from dataclasses import dataclass
from datetime import date
from decimal import ROUND_CEILING, Decimal, InvalidOperation
from typing import TYPE_CHECKING, Final

from shortfall.errors import DataError, Finding, Findings, InputError
from shortfall.rules.ruleset import MarginTier

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

COLUMNS: Final = (
    "symbol", "tier", "min_notional", "max_notional", "maint_margin_rate", "max_leverage", "cum_maint_amount",
)  # fmt: skip
GONE: Final = "DELISTED"
MILLION: Final = 1_000_000
MOST_FINDINGS: Final = 50

Ladder = tuple[MarginTier, ...]


@dataclass(frozen=True, slots=True)
class Ladders:
    """The ladders of many contracts, each from the days on which it changed.

    Parameters
    ----------
    name : str
        Of the file.
    by_symbol : mapping
        Contract to its (day, ladder) in order of time; an empty ladder means delisted, or that the file states a bracket with a
        maintenance rate of zero there, which no venue has: the record is incomplete.
    """

    name: str
    by_symbol: Mapping[str, tuple[tuple[date, Ladder], ...]]

    def on(self, symbol: str, day: date | None = None) -> Ladder:
        """Return the ladder of a contract as of a day; None for the latest.

        Raises
        ------
        InputError
            If the file has no ladder of the contract that was in force on that day.
        """
        history = self.by_symbol.get(plain_symbol(symbol), ())
        found: Ladder = ()
        for since, ladder in history:
            if day is None or since <= day:
                found = ladder
        if not found:
            when = "" if day is None else f" in force on {day}"
            raise InputError([Finding(symbol, f"Expected a contract with a ladder{when} in {self.name}, found none")])
        return found


def plain_symbol(symbol: str) -> str:
    """Return a symbol without separators: `BTC/USDT:USDT` is `BTCUSDT`, the dated `BTC/USDT:USDT-250926` is `BTCUSDT-250926`."""
    pair, _, settlement = symbol.partition(":")
    _, dash, expiry = settlement.partition("-")
    return f"{pair.replace('/', '')}{dash}{expiry}"


def load_ladders(path: Path) -> Ladders:
    """Return all ladders of a file.

    Raises
    ------
    DataError
        If it cannot be read, lacks a column, or has rows that are no brackets: the findings with their lines, up to fifty.
    """
    findings = Findings()
    rows: dict[tuple[str, date], dict[int, MarginTier | None]] = {}
    try:
        for line, row in _rows(path):
            _take(row, line, rows, findings)
            if len(findings.as_tuple()) >= MOST_FINDINGS:
                break
    except (OSError, UnicodeDecodeError, csv.Error, EOFError) as error:
        raise DataError([Finding(str(path), f"Expected a readable CSV file, was not: {error}")]) from error
    findings.raise_if_any(DataError)
    by_symbol: dict[str, list[tuple[date, Ladder]]] = {}
    for (symbol, day), tiers in sorted(rows.items()):
        ladder = tuple(tier for _, tier in sorted(tiers.items()) if tier is not None)
        ladder = () if any(tier.maintenance_ppm == 0 for tier in ladder) else ladder
        by_symbol.setdefault(symbol, []).append((day, ladder))
    return Ladders(path.name, {symbol: tuple(history) for symbol, history in by_symbol.items()})


def _rows(path: Path) -> Iterator[tuple[int, dict[str, str]]]:
    opener = gzip.open if path.suffix == ".gz" else open
    with opener(path, "rt", encoding="utf-8", newline="") as file:
        reader = csv.DictReader(file)
        missing = [name for name in COLUMNS if name not in (reader.fieldnames or ())]
        if missing:
            raise DataError(
                [Finding(f"{path.name}: {name}", "Expected a column of this name, found none") for name in missing]
            )
        for row in reader:
            yield reader.line_num, row


def _take(
    row: Mapping[str, str], line: int, rows: dict[tuple[str, date], dict[int, MarginTier | None]], findings: Findings
) -> None:
    symbol = plain_symbol(row["symbol"])
    try:
        day = date.fromisoformat(row.get("asof_date") or "0001-01-01")
    except ValueError:
        findings.add("asof_date", f"Expected a day, was {row.get('asof_date')!r}", line)
        return
    if row["cum_maint_amount"] == GONE:
        rows[symbol, day] = {0: None}
        return
    try:
        number = int(float(row["tier"]))
        top, rate, leverage = (Decimal(row[name]) for name in ("max_notional", "maint_margin_rate", "max_leverage"))
        amount = Decimal(row["cum_maint_amount"]) if row["cum_maint_amount"] else None
    except (ValueError, InvalidOperation, TypeError):
        findings.add(symbol, f"Expected numbers in {', '.join(COLUMNS[1:])}, was {list(row.values())}", line)
        return
    if top <= 0 or not 0 <= rate <= 1 or leverage < 1:
        bounds = "a top above 0, a rate of 0 to 1 and a leverage of at least 1"
        findings.add(symbol, f"Expected {bounds}, was {top}, {rate}, {leverage}", line)
        return
    initial = int((MILLION / leverage).to_integral_value(ROUND_CEILING))
    tiers = rows.setdefault((symbol, day), {})
    tiers[number] = MarginTier(top, initial, int(rate * MILLION), amount)
