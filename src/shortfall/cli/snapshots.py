"""`shortfall snapshots`: what a store of collected snapshots holds, one of them, and what changed between two."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import click

from shortfall.errors import Finding, InputError

if TYPE_CHECKING:
    from collections.abc import Callable

    from shortfall.data.snapshot_store import SnapshotStore

FOLDER = "snapshots"
AGES = (datetime(1970, 1, 1, tzinfo=UTC), datetime(9999, 1, 1, tzinfo=UTC))
STORE = click.option(
    "--store", default=FOLDER, show_default=True, type=click.Path(file_okay=False), help="The store's folder."
)
JSON = click.option("--json", "as_json", is_flag=True, help="One document for programs.")


@click.group()
def snapshots() -> None:
    """Look into a store of snapshots that `shortfall collect --store` and `shortfall watch` fill."""


@snapshots.command("list")
@STORE
@JSON
def list_command(store: str, *, as_json: bool) -> None:
    """List the contracts of a store: how many snapshots, from when to when, with how many gaps."""
    from shortfall.data.snapshot_rows import GAP  # noqa: PLC0415 - only when it runs
    from shortfall.report.snapshots import list_document, print_list  # noqa: PLC0415 - the same

    held = _opened(store)
    rows = held.snapshots()
    names = sorted({(venue, symbol) for venue, symbol, _, _ in rows})
    gaps = {name: len(held.rows(*name, *AGES, GAP)) for name in names}
    liquidations = {name: len(held.liquidations(*name)) for name in names}
    _out(list_document(rows, gaps, liquidations), print_list, as_json=as_json)


@snapshots.command("show")
@click.argument("venue")
@click.argument("symbol")
@click.option("--at", help="The newest not after this time, such as 2026-11-22T12:00:00Z; default: the newest.")
@STORE
@JSON
def show_command(venue: str, symbol: str, at: str | None, store: str, *, as_json: bool) -> None:
    """Show one snapshot of a contract."""
    from shortfall.report.snapshots import print_collected, show_document  # noqa: PLC0415 - only when it runs

    held = _opened(store).load(venue, symbol, _moment("--at", at))
    _out(show_document(held), lambda console, _: print_collected(console, held), as_json=as_json)


@snapshots.command("diff")
@click.argument("venue")
@click.argument("symbol")
@click.option("--from", "start", help="The newest not after this time; default: the one before the last.")
@click.option("--to", "end", help="The newest not after this time; default: the last.")
@STORE
@JSON
def diff_command(venue: str, symbol: str, start: str | None, end: str | None, store: str, *, as_json: bool) -> None:
    """Show what changed between two snapshots of a contract."""
    from shortfall.report.snapshots import diff_document, print_diff  # noqa: PLC0415 - only when it runs

    held = _opened(store)
    new = held.load(venue, symbol, _moment("--to", end))
    before = _moment("--from", start)
    if before is None and new.taken_at is not None:
        before = new.taken_at - timedelta(microseconds=1)
    old = held.load(venue, symbol, before)
    _out(diff_document(old, new), print_diff, as_json=as_json)


@snapshots.command("history")
@click.argument("venue")
@click.argument("symbol")
@click.option("--figure", default="fund_balance", show_default=True, help="Name of the figure, such as adl_state.")
@STORE
@JSON
def history_command(venue: str, symbol: str, figure: str, store: str, *, as_json: bool) -> None:
    """Show when a figure changed, with the gaps between and every liquidation once."""
    from shortfall.data.figure_records import NAMES  # noqa: PLC0415 - only when it runs
    from shortfall.data.snapshot_rows import GAP  # noqa: PLC0415 - the same
    from shortfall.report.snapshot_history import history_document, print_history  # noqa: PLC0415 - the same

    if figure not in NAMES:
        raise InputError([Finding("--figure", f"Expected one of {', '.join(NAMES)}, was {figure!r}")])
    held = _opened(store)
    rows = held.rows(venue, symbol, *AGES, figure)
    if not rows:
        raise InputError([Finding(f"{venue}:{symbol}", f"Expected a snapshot of this contract in {store}, found none")])
    document = history_document(rows, held.rows(venue, symbol, *AGES, GAP), held.liquidations(venue, symbol))
    _out(document, print_history, as_json=as_json)


def _opened(folder: str) -> SnapshotStore:
    from shortfall.data.snapshot_store import SnapshotStore  # noqa: PLC0415 - only when it runs

    store = SnapshotStore(folder)
    if not store.folder.is_dir():
        raise InputError([Finding("--store", f"Expected a folder with snapshots, was {folder!r}: collect first")])
    store.refresh()
    return store


def _moment(option: str, text: str | None) -> datetime | None:
    if text is None:
        return None
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        raise InputError([Finding(option, f"Expected a time such as 2026-11-22T12:00:00Z, was {text!r}")]) from None
    return found if found.tzinfo is not None else found.replace(tzinfo=UTC)


def _out(document: dict[str, Any], show: Callable[[Any, dict[str, Any]], None], *, as_json: bool) -> None:
    if as_json:
        print(json.dumps(document, indent=2))
        return
    from rich.console import Console  # noqa: PLC0415 - slow to import

    show(Console(), document)
