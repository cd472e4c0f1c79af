"""What was collected about one contract over time: its snapshots from a store, oldest first."""

from __future__ import annotations

from datetime import timedelta
from itertools import groupby
from pathlib import Path
from typing import TYPE_CHECKING, Final

from shortfall.data.snapshot_rows import figures_from
from shortfall.data.snapshot_store import SnapshotStore
from shortfall.errors import Finding, InputError

if TYPE_CHECKING:
    from shortfall.data.figure_records import ContractFigures

MOST: Final = 1_000  # snapshots that are read: the newest


def load_history(folder: str | Path, venue: str, symbol: str, most: int = MOST) -> tuple[ContractFigures, ...]:
    """Return the newest snapshots of a contract from a store, oldest first, at least one.

    Raises
    ------
    InputError
        If there is no such store, or it has no snapshot of this contract.
    DataError
        If the store cannot be read, or its extra is missing.
    """
    if not Path(folder).is_dir():
        raise InputError([Finding("--store", f"Expected a folder with snapshots, was {str(folder)!r}: collect first")])
    store = SnapshotStore(folder)
    store.refresh()
    times = [taken for *_, taken, _ in store.snapshots(venue, symbol)][-most:]
    if not times:
        raise InputError([Finding("--store", f"Expected snapshots of {venue}:{symbol} in {folder}, found none")])
    wanted = set(times)
    rows = store.rows(venue, symbol, times[0], times[-1] + timedelta(seconds=1))
    return tuple(
        figures_from(list(mine)) for taken, mine in groupby(rows, key=lambda row: row.taken_at) if taken in wanted
    )
