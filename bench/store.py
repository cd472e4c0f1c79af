"""How fast one contract's year comes out of a store of ten million snapshot rows, beside a scan of the same files.

Rows are made up: twenty contracts, a snapshot an hour for a year, 57 figures each. The store is asked for one figure of
one contract over the whole year, opening of the index included; the rival reads the same Parquet files with pyarrow and
filters them, which is what there is without an index.
"""

from __future__ import annotations

import statistics
import tempfile
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Final

import numpy as np

from rows import Row
from shortfall.data.snapshot_store import SnapshotStore

CONTRACTS: Final = 20
FIGURES: Final = 57
HOURS: Final = 8_760
START: Final = datetime(2025, 1, 1, tzinfo=UTC)
LIMIT_S: Final = 0.2
REPEATS: Final = 9


def fill(store: SnapshotStore, hours: int) -> int:
    """Write a part a month, as a collector of all contracts would leave them. Returns the rows."""
    import pyarrow as pa  # noqa: PLC0415 - an extra

    rng, count = np.random.default_rng(1), 0
    contract, figure = (grid.ravel() for grid in np.meshgrid(np.arange(CONTRACTS), np.arange(FIGURES), indexing="ij"))
    for first in range(0, hours, 730):
        span = np.arange(first, min(first + 730, hours))
        each = len(contract)
        taken = np.datetime64(START.replace(tzinfo=None), "us") + np.repeat(span, each).astype("timedelta64[h]")
        who, what = np.tile(contract, len(span)), np.tile(figure, len(span))
        store.append_table(_table(pa, rng, taken, who, what), f"month-{first:05d}")
        count += len(taken)
    return count


def _table(pa: Any, rng: np.random.Generator, taken: np.ndarray, who: np.ndarray, what: np.ndarray) -> Any:  # noqa: ANN401 - pyarrow has no types here
    """Return the rows of a month: dictionaries of few texts, as snapshots have."""
    rows = len(taken)

    def chosen(codes: np.ndarray, texts: list[str]) -> Any:  # noqa: ANN401 - the same
        return pa.DictionaryArray.from_arrays(pa.array(codes, pa.int32()), texts).cast(pa.string())

    nothing, names = np.zeros(rows, np.int64), [f"figure_{n:02d}" for n in range(FIGURES)]
    return pa.table(
        {
            "venue": chosen(nothing, ["venue"]),
            "symbol": chosen(who, [f"SYMBOL{n:02d}" for n in range(CONTRACTS)]),
            "taken_at": pa.array(taken),
            "kind": chosen(nothing, ["figure"]),
            "name": chosen(what, names),
            "place": pa.array(np.zeros(rows, np.int32)),
            "key": chosen(nothing, [""]),
            "value": chosen(rng.integers(0, 5_000, rows), [f"{n * 1234567.25:.2f}" for n in range(5_000)]),
            "state": chosen(nothing, ["observed"]),
            "as_of": chosen(nothing, [""]),
            "source": chosen(what, [f"https://venue.example/{n}" for n in range(FIGURES)]),
            "note": chosen(nothing, [""]),
        }
    )


def scanned(folder: Path, name: str) -> int:
    """Read all parts with pyarrow and keep one figure of one contract. Returns the rows kept."""
    import pyarrow.compute as pc  # noqa: PLC0415 - an extra
    import pyarrow.parquet as pq  # noqa: PLC0415 - the same

    kept = 0
    for path in sorted(folder.rglob("*.parquet")):
        table = pq.read_table(path, columns=["symbol", "taken_at", "name", "value"])
        wanted = pc.and_(pc.equal(table["symbol"], "SYMBOL07"), pc.equal(table["name"], name))
        kept += table.filter(wanted).num_rows
    return kept


def _median(call: Any, wanted: int) -> float:  # noqa: ANN401 - any of the two calls
    taken = []
    for _ in range(REPEATS):
        start = time.perf_counter()
        found = call()
        taken.append(time.perf_counter() - start)
        if found != wanted:
            message = f"expected {wanted} rows, found {found}"
            raise SystemExit(message)
    return statistics.median(taken)


def run(quick: bool) -> list[Row]:  # noqa: FBT001 - every benchmark has this one shape
    """Measure."""
    hours = HOURS // 10 if quick else HOURS
    with tempfile.TemporaryDirectory() as home:
        store = SnapshotStore(home)
        rows = fill(store, hours)
        start = time.perf_counter()
        store.refresh()
        loaded = time.perf_counter() - start
        end = START + timedelta(days=366)
        own = _median(lambda: len(store.rows("venue", "SYMBOL07", START, end, "figure_30")), hours)
        rival = _median(lambda: scanned(Path(home) / "parts", "figure_30"), hours)
    note = (
        f"{rows:,} rows, index of them made in {loaded:.0f} s; a figure of a contract for {hours:,} hours, by the clock"
    )
    return [
        Row(
            "store, one contract's year",
            own * 1000,
            "ms",
            LIMIT_S * 1000,
            less_is_better=True,
            rival="full scan with pyarrow",
            ratio=rival / own,
            note=note,
        )
    ]
