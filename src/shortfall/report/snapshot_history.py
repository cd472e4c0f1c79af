"""The history of one figure of a contract in a store: its changes, the gaps between, the liquidations."""

from __future__ import annotations

import json
from decimal import Decimal
from itertools import groupby
from typing import TYPE_CHECKING, Any, Final

from rich import box
from rich.markup import escape
from rich.table import Table

from shortfall import __version__
from shortfall.data.figure_records import NAMES, State
from shortfall.data.snapshot_rows import WORDS, StoredRow, moment_text
from shortfall.report.snapshots import counted

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime

    from rich.console import Console

__all__ = ["history_document", "print_history"]

BAR: Final = 16
MOST: Final = 40


def history_document(
    rows: Sequence[StoredRow], gaps: Sequence[StoredRow], liquidations: Sequence[tuple[str, datetime, str]]
) -> dict[str, Any]:
    """Return the spans in which a figure kept one value, oldest first; an unknown value is null and never zero."""
    spans = []
    for (value, state), group in groupby(rows, key=lambda row: (row.value, row.state)):
        held = list(group)
        spans.append(
            {
                "from": moment_text(held[0].taken_at),
                "to": moment_text(held[-1].taken_at),
                "snapshots": len(held),
                "value": None if state == State.UNKNOWN else value,
                "state": state,
                "note": held[-1].note,
            }
        )
    return {
        "schema": "shortfall.snapshot-history/1",
        "version": __version__,
        "venue": rows[0].venue,
        "symbol": rows[0].symbol,
        "figure": rows[0].name,
        "unit": NAMES[rows[0].name],
        "spans": spans,
        "gaps": [json.loads(row.value) for row in gaps],
        "liquidations": [{"first_seen": moment_text(at), **json.loads(text)} for _, at, text in liquidations],
    }


def print_history(console: Console, document: Mapping[str, Any]) -> None:
    """Print the newest spans with bars, and count gaps and liquidations."""
    spans, gaps, prints = document["spans"], document["gaps"], document["liquidations"]
    name = f"{document['venue']}:{document['symbol']} {document['figure']}"
    missed = sum(gap["missed"] for gap in gaps)
    counts = (
        f"{counted(len(spans), 'span')} of one value, {counted(len(gaps), 'gap')} with {counted(missed, 'slot')} missed, "
        f"{counted(len(prints), 'liquidation')}"
    )
    console.print(f"[bold]{escape(name)}: {counts}.[/bold]")
    table = Table("from", "kept", "value", "", box=box.SIMPLE_HEAD)
    numbers = [_number(span, document["unit"]) for span in spans]
    largest = max((abs(found) for found in numbers if found is not None), default=Decimal(0))
    for span, found in list(zip(spans, numbers, strict=True))[-MOST:]:
        bar = "" if found is None or not largest else ("█" if found >= 0 else "░") * int(BAR * abs(found) / largest)
        value = "unknown" if span["value"] is None else (span["value"] if found is None else f"{found:,f}")
        table.add_row(span["from"][:19], str(span["snapshots"]), escape(value), bar)
    console.print(table)
    if len(spans) > MOST:
        console.print(f"The newest {MOST} of {len(spans)}; --json has all.")


def _number(span: Mapping[str, Any], unit: str) -> Decimal | None:
    return None if span["value"] is None or unit in WORDS else Decimal(span["value"])
