"""Durable commands: the journal with 1,000 commands a commit, against SQLite in WAL mode with full synchronisation."""

from __future__ import annotations

import os
import sqlite3
import tempfile
import time
from pathlib import Path
from statistics import median

import numpy as np

from rows import Row
from shortfall.engine.journal import Journal, read_journal

GROUP = 1_000
HERE = Path(__file__).parent  # on the disk of the sources: a temporary folder may be memory


def time_journal(folder: Path, rows: np.ndarray, group: int, name: str) -> float:
    """Return seconds until all rows are durable."""
    journal = Journal.create(folder / name, {"start": None}, group)
    start = time.perf_counter()
    journal.append(rows)
    journal.commit()
    seconds = time.perf_counter() - start
    journal.close()
    return seconds


def time_plain(folder: Path, rows: np.ndarray, name: str) -> float:
    """Return seconds until the same bytes are durable in a plain file: the limit that the disk sets today."""
    data = rows.astype("<i8").tobytes()
    step = GROUP * 64
    with (folder / name).open("xb", buffering=0) as file:
        start = time.perf_counter()
        for first in range(0, len(data), step):
            file.write(data[first : first + step])
            os.fdatasync(file.fileno())
        return time.perf_counter() - start


def time_sqlite(folder: Path, rows: np.ndarray, name: str) -> float:
    """Return seconds until all rows are durable in SQLite."""
    base = sqlite3.connect(folder / name, isolation_level=None)
    base.execute("pragma journal_mode=wal")
    base.execute("pragma synchronous=full")
    base.execute("create table command (sequence integer primary key, a, b, c, d, e, f, g, h)")
    values = [tuple(row) for row in rows.tolist()]
    start = time.perf_counter()
    for first in range(0, len(values), GROUP):
        base.execute("begin")
        base.executemany("insert into command values (null, ?, ?, ?, ?, ?, ?, ?, ?)", values[first : first + GROUP])
        base.execute("commit")
    seconds = time.perf_counter() - start
    base.close()
    return seconds


def run(quick: bool) -> list[Row]:  # noqa: FBT001 - every benchmark has this one shape
    """Measure."""
    rows = np.random.default_rng(1).integers(0, 1 << 40, (20_000 if quick else 200_000, 8))
    repeats = 3 if quick else 5
    with tempfile.TemporaryDirectory(dir=HERE, prefix=".journal-") as name:
        folder = Path(name)
        pairs = [
            (time_journal(folder, rows, GROUP, f"j{k}"), time_plain(folder, rows, f"p{k}")) for k in range(repeats)
        ]
        single = median(time_journal(folder, rows[:500], 1, f"s{k}") for k in range(repeats))
        rival = median(time_sqlite(folder, rows[: len(rows) // 4], f"q{k}") for k in range(repeats))
        start = time.perf_counter()
        back = read_journal(folder / "j0").rows
        reading = time.perf_counter() - start
    if not np.array_equal(back, rows):
        message = "the journal gave other rows back"
        raise RuntimeError(message)
    ours, limit = median(pair[0] for pair in pairs), median(pair[1] for pair in pairs)
    rate = len(rows) / ours / 1e6
    sqlite = len(rows) // 4 / rival / 1e6
    beside = f"sqlite3 {sqlite3.sqlite_version} WAL, synchronous full: {sqlite:.2f} M/s"
    return [
        Row("journal, 1,000 per commit", rate, "M durable commands/s", 1.0, rival=beside, ratio=rate / sqlite,
            note=f"{1e6 * ours / (len(rows) / GROUP):.0f} us per commit; {limit / ours:.2f} of a plain file's rate"),
        Row("journal, 1 per commit", 500 / single / 1e3, "k durable commands/s", note="the wait for the disk"),
        Row("journal, reading back", len(rows) / reading / 1e6, "M commands/s", note="every checksum verified"),
    ]  # fmt: skip
