"""Collected contracts, stored snapshots and their differences, as documents and as tables."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from typing import TYPE_CHECKING, Any, Final

import msgspec
from rich import box
from rich.markup import escape
from rich.table import Table

from shortfall import __version__
from shortfall.data.figure_records import GROUPS, AdlSignal, ContractFigures, FundPool, State

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime

    from rich.console import Console

    from shortfall.data.figure_records import Figure

__all__ = [
    "collect_document",
    "diff_document",
    "list_document",
    "print_collected",
    "print_diff",
    "print_list",
    "show_document",
]

BAR: Final = 12
LIST_BAR: Final = 4
MINUTES: Final = 16  # of a moment's text: down to the minute
SHARED: Final = {
    "shared": ", shared with contracts that are not listed",
    "by asset": ", one for all contracts settled in it",
    "account": ", one account for contracts that are not listed",
}
LONG: Final = 90
KEYED: Final = ("tiers", "pools", "constituents", "adl_signals")


def collect_document(held: Sequence[ContractFigures], stored: Sequence[str]) -> dict[str, Any]:
    """Return collected contracts as one document; numbers are decimal strings."""
    contracts = [show_document(one) for one in held]
    return {"schema": "shortfall.collect/1", "version": __version__, "contracts": contracts, "stored": list(stored)}


def show_document(held: ContractFigures) -> dict[str, Any]:
    """Return one contract as a document."""
    plain: dict[str, Any] = msgspec.to_builtins(held)
    known = sum(figure.known for figure in held.figures)
    findings = [{"kind": str(found.kind), "path": found.path, "message": found.message} for found in held.findings]
    return {"schema": "shortfall.snapshot-of-contract/1", **plain, "known": known, "findings": findings}


def list_document(
    rows: Sequence[tuple[str, str, datetime, int]],
    gaps: Mapping[tuple[str, str], int],
    liquidations: Mapping[tuple[str, str], int],
) -> dict[str, Any]:
    """Return what a store holds, contract by contract."""
    held: dict[tuple[str, str], list[tuple[datetime, int]]] = {}
    for venue, symbol, at, count in rows:
        held.setdefault((venue, symbol), []).append((at, count))
    contracts = [
        {
            "venue": venue,
            "symbol": symbol,
            "snapshots": len(found),
            "first": _moment(found[0][0]),
            "last": _moment(found[-1][0]),
            "rows": sum(count for _, count in found),
            "gaps": gaps.get((venue, symbol), 0),
            "liquidations": liquidations.get((venue, symbol), 0),
        }
        for (venue, symbol), found in sorted(held.items())
    ]
    return {"schema": "shortfall.snapshots/1", "version": __version__, "contracts": contracts}


def diff_document(old: ContractFigures, new: ContractFigures) -> dict[str, Any]:
    """Return what changed between two snapshots of a contract."""
    changes = []
    for figure in new.figures:
        before = old.get(figure.name)
        if figure.value != before.value and figure.name not in GROUPS:
            changes.append(_change(before, figure))
    rows = {}
    for name in KEYED:
        was, now = (tuple(_timeless(row) for row in getattr(held, name)) for held in (old, new))
        gone = [row for row in was if row not in now]
        come = [row for row in now if row not in was]
        if gone or come:
            rows[name] = {"gone": msgspec.to_builtins(gone), "new": msgspec.to_builtins(come)}
    seen = {row.key for row in old.liquidations}
    fresh = [row for row in new.liquidations if row.key not in seen]
    return {
        "schema": "shortfall.snapshot-diff/1",
        "version": __version__,
        "venue": new.venue,
        "symbol": new.symbol,
        "from": _moment(old.taken_at),
        "to": _moment(new.taken_at),
        "changes": changes,
        "rows": rows,
        "new_liquidations": msgspec.to_builtins(fresh),
    }


def _timeless(row: object) -> object:
    """Return a row without its time: a pool that only says a later time has not changed."""
    if isinstance(row, FundPool):
        return replace(row, as_of=None)
    return replace(row, at=None) if isinstance(row, AdlSignal) else row


def _change(before: Figure, after: Figure) -> dict[str, Any]:
    ratio = None
    if isinstance(before.value, Decimal) and isinstance(after.value, Decimal) and before.value != 0:
        ratio = f"{after.value / before.value - 1:.6f}"
    return {
        "name": after.name,
        "unit": after.unit,
        "from": None if before.value is None else str(before.value),
        "to": None if after.value is None else str(after.value),
        "relative": ratio,
        "note": after.note,
    }


def print_collected(console: Console, held: ContractFigures) -> None:
    """Print one contract: a sentence, known figures, unknown ones with the reason, findings."""
    console.print(f"[bold]{escape(headline(held))}[/bold]")
    table = Table(box=box.SIMPLE_HEAD)
    table.add_column("figure", no_wrap=True)
    table.add_column("value", max_width=16, overflow="fold")
    table.add_column("as of", no_wrap=True)
    table.add_column("unit; how known")
    for figure in held.figures:
        if figure.known:
            note = "; ".join(filter(None, (figure.unit, figure.state, figure.note)))
            cells = (figure.name, _value(figure), _when(figure, held), _short(note))
            table.add_row(*map(escape, cells))
    console.print(table)
    _print_pools(console, held)
    unknown = Table("unknown", "why", box=box.SIMPLE_HEAD)
    for figure in held.figures:
        if not figure.known:
            unknown.add_row(escape(figure.name), escape(_short(figure.note)))
    if unknown.row_count:
        console.print(unknown)
    if held.findings:
        findings = Table("finding", "where", "what", box=box.SIMPLE_HEAD)
        for found in held.findings:
            findings.add_row(escape(str(found.kind)), escape(_short(found.path)), escape(_short(found.message)))
        console.print(findings)


def headline(held: ContractFigures) -> str:
    """Return the sentence on one contract: fund, open interest, and how much is known."""
    fund, interest = held.get("fund_balance"), held.get("open_interest_notional")
    pool = held.pool_of_contract()
    words = "fund unknown"
    if isinstance(fund.value, Decimal):
        shared = "" if pool is None else SHARED.get(pool.form, "")
        if pool is not None and len(pool.members) > 1:
            shared = f", shared by {len(pool.members)} contracts"
        words = f"fund {fund.value:,f} {held.settlement_asset}{shared}"
    against = "open interest unknown"
    if isinstance(interest.value, Decimal):
        against = f"open interest {interest.value:,.0f} {held.quote_asset} (one side)"
    known = sum(figure.known for figure in held.figures)
    counts = f"{counted(known, 'figure')} known, {len(held.figures) - known} unknown, {counted(len(held.findings), 'finding')}"
    return f"{held.venue}:{held.symbol} at {_moment(held.taken_at)}: {words}; {against}; {counts}."


def _print_pools(console: Console, held: ContractFigures) -> None:
    if not held.pools:
        return
    table = Table("pool", "form", "members", "asset", "balance", "beside the largest", box=box.SIMPLE_HEAD)
    largest = max((abs(asset.balance) for pool in held.pools for asset in pool.assets), default=Decimal(0))
    for pool in held.pools:
        members = ", ".join(pool.members[:4]) + (f" and {len(pool.members) - 4} more" if len(pool.members) > 4 else "")  # noqa: PLR2004 - a line's width
        for asset in pool.assets:
            width = int(BAR * abs(asset.balance) / largest) if largest else 0
            bar = ("█" * width) if asset.balance >= 0 else ("░" * width)
            table.add_row(*map(escape, (pool.name, pool.form, members, asset.asset, f"{asset.balance:,f}", bar)))
    console.print(table)


def counted(count: int, noun: str) -> str:
    """Return a count with its noun, such as ``1 gap`` or ``2 gaps``."""
    return f"{count} {noun}{'' if count == 1 else 's'}"


def print_list(console: Console, document: Mapping[str, Any]) -> None:
    """Print what a store holds."""
    rows = document["contracts"]
    console.print(
        f"[bold]{counted(len(rows), 'contract')}, {counted(sum(row['snapshots'] for row in rows), 'snapshot')}.[/bold]"
    )
    table = Table("contract", "kept", "first", "last", "gaps", "liq.", "", box=box.SIMPLE_HEAD, padding=(0, 1, 0, 0))
    for column in table.columns[:-1]:
        column.no_wrap = True
    most = max((row["snapshots"] for row in rows), default=1)
    for row in rows:
        bar = "█" * max(1, LIST_BAR * row["snapshots"] // most)
        texts = [str(row[name])[:MINUTES] for name in ("snapshots", "first", "last", "gaps", "liquidations")]
        table.add_row(escape(f"{row['venue']}:{row['symbol']}"), *texts, bar)
    console.print(table)


def print_diff(console: Console, document: Mapping[str, Any]) -> None:
    """Print what changed between two snapshots."""
    name = f"{document['venue']}:{document['symbol']}"
    rows, fresh = document["rows"], document["new_liquidations"]
    changed, groups = counted(len(document["changes"]), "figure"), counted(len(rows), "group")
    counts = f"{changed} changed, {groups} of rows, {counted(len(fresh), 'new liquidation')}"
    console.print(f"[bold]{escape(name)} from {document['from']} to {document['to']}: {counts}.[/bold]")
    table = Table("figure", "from", "to", "change", "unit", box=box.SIMPLE_HEAD)
    for row in document["changes"]:
        change = "" if row["relative"] is None else f"{Decimal(row['relative']) * 100:+.3f} %"
        cells = (row["name"], row["from"] or "unknown", row["to"] or "unknown", change, row["unit"])
        table.add_row(*map(escape, cells))
    console.print(table)
    for group, found in rows.items():
        console.print(f"{group}: {len(found['gone'])} rows gone, {len(found['new'])} rows new")


def _value(figure: Figure) -> str:
    if figure.value is None:
        return State.UNKNOWN
    return f"{figure.value:,f}" if isinstance(figure.value, Decimal) else str(figure.value)


def _when(figure: Figure, held: ContractFigures) -> str:
    """Return the time of a figure: the clock on the day of the snapshot, the day before that."""
    text, day = _moment(figure.as_of), _moment(held.taken_at)[:10]
    return text[11:16] if text.startswith(day) and len(text) > len(day) else text[:10]


def _moment(moment: object) -> str:
    if moment is None:
        return ""
    text: str = moment.isoformat() if hasattr(moment, "isoformat") else str(moment)
    return text.replace("+00:00", "Z")


def _short(text: str) -> str:
    return text if len(text) <= LONG else f"{text[: LONG - 1]}…"
