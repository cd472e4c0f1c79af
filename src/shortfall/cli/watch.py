"""`shortfall watch`: collect on a schedule and keep the history, through kills and restarts.

Each slot of the schedule is one part file for each contract, written whole or not at all. A restart finds the last
slot that was kept: the slot it was killed in is collected again, slots that passed meanwhile are recorded as a gap.
"""

from __future__ import annotations

import sys
import time
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import click

from shortfall.errors import Finding, InputError
from shortfall.units import duration_us_from_text

if TYPE_CHECKING:
    from collections.abc import Sequence

    from shortfall.data.figure_records import ContractFigures
    from shortfall.data.snapshot_store import SnapshotStore

SECOND_US = 1_000_000


@click.command()
@click.argument("venue")
@click.argument("symbols", nargs=-1, required=True, metavar="SYMBOL...")
@click.option("--every", default="60s", show_default=True, help="Interval, at least 1s, in whole seconds.")
@click.option("--for", "span", help="Stop after this long; default: run until stopped.")
@click.option(
    "--store", default="snapshots", show_default=True, type=click.Path(file_okay=False), help="The store's folder."
)
@click.option("--base-url", default="", help="Ask here in place of the venue's own addresses.")
def watch(venue: str, symbols: tuple[str, ...], *, every: str, span: str | None, store: str, base_url: str) -> None:
    """Collect on a schedule into a store; a gap is kept as a gap, and nothing is kept twice."""
    from shortfall.data.snapshot_store import SnapshotStore  # noqa: PLC0415 - only when it runs
    from shortfall.data.watching import slot_of  # noqa: PLC0415 - the same

    every_s, span_s = _seconds("--every", every), (None if span is None else _seconds("--for", span))
    kept, end = SnapshotStore(store), None if span_s is None else datetime.now(UTC) + timedelta(seconds=span_s)
    last = {symbol: kept.last_slot(venue, symbol) for symbol in symbols}
    _say(f"watching {venue} {' '.join(symbols)} every {every} into {store}; stop with Ctrl-C")
    try:
        while True:
            slot = slot_of(datetime.now(UTC), every_s)
            wanted = [symbol for symbol, before in last.items() if before is None or before < slot]
            if wanted:
                _collect(venue, wanted, base_url, _Slot(kept, slot, every_s), last)
            following = slot + timedelta(seconds=every_s)
            if end is not None and following >= end:
                return
            time.sleep(max(0.0, (following - datetime.now(UTC)).total_seconds()))
    except KeyboardInterrupt:
        _say("stopped; the store is whole")


@dataclass(frozen=True, slots=True)
class _Slot:
    """Where and when a collection is kept."""

    store: SnapshotStore
    at: datetime
    every_s: int


def _collect(venue: str, symbols: Sequence[str], base_url: str, slot: _Slot, last: dict[str, datetime | None]) -> None:
    """Collect one slot. A contract with a history that is refused for once leaves a gap; one without is an error."""
    from shortfall.cli.collect import collected, figures_or_refuse  # noqa: PLC0415 - beside its use
    from shortfall.data.collect.client import Refusal  # noqa: PLC0415 - the same

    patience = min(15.0, max(1.0, slot.every_s / 2))
    found = collected(venue, symbols, base_url, timeout_s=patience, attempts=3, longest_wait_s=slot.every_s / 2)
    refused = [one for one in found if isinstance(one, Refusal)]
    figures_or_refuse([one for one in refused if last[one.symbol] is None])
    for one in refused:
        _say(f"{slot.at:%H:%M:%SZ} {one.venue}:{one.symbol} was refused, which leaves a gap: {one.sentence}")
    for held in found:
        if not isinstance(held, Refusal):
            before = last[held.symbol]
            _keep(held, slot, before)
            last[held.symbol] = slot.at
            if before is not None and before.date() < slot.at.date():
                slot.store.fold(held.venue, held.symbol)


def _keep(held: ContractFigures, slot: _Slot, last: datetime | None) -> None:
    from shortfall.data.snapshot_rows import gap_rows, rows_of  # noqa: PLC0415 - beside its use
    from shortfall.data.watching import missed_slots  # noqa: PLC0415 - the same
    from shortfall.report.snapshots import headline  # noqa: PLC0415 - the same

    spans = missed_slots(last, slot.at, slot.every_s)
    taken_at = held.taken_at or slot.at
    gaps = gap_rows(held.venue, held.symbol, taken_at, [(span.first, span.last, span.count) for span in spans])
    if slot.store.append([*rows_of(held), *gaps], slot.at):
        missed = sum(span.count for span in spans)
        _say(f"{slot.at:%H:%M:%SZ} {headline(held)}{f' A gap of {missed} slots before it.' if missed else ''}")


def _seconds(option: str, text: str) -> int:
    found = duration_us_from_text(text, path=option)
    if found < SECOND_US or found % SECOND_US:
        raise InputError([Finding(option, f"Expected whole seconds, at least 1s, was {text!r}")])
    return found // SECOND_US


def _say(line: str) -> None:
    print(line, file=sys.stderr, flush=True)
