"""The store of collected snapshots: Parquet part files are the truth, one DuckDB file is the index over them.

A part is written whole under another name, synced and renamed, so that a kill leaves either the part or nothing; its
name is the contract and the slot of time, so that writing a slot twice changes nothing. `refresh` takes parts that the
index does not know yet in one transaction each; losing the index loses nothing. Liquidations are kept once, by key.

Layout: ``DIR/parts/VENUE/SYMBOL/SLOT_MS.parquet``, ``DIR/parts/VENUE/SYMBOL/DAY.parquet`` for a finished day whose slots were folded into
one, and ``DIR/snapshots.duckdb``. One process writes the index at a time;
`watch` writes parts only and never opens it.
"""

from __future__ import annotations

import importlib
import os
from dataclasses import astuple
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import quote, unquote

from shortfall.data.snapshot_rows import COLUMNS, StoredRow, figures_from
from shortfall.errors import DataError, Finding, InputError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from shortfall.data.figure_records import ContractFigures

__all__ = ["SnapshotStore"]

INDEX: Final = "snapshots.duckdb"
PARTS: Final = "parts"
BATCH: Final = 500
SLOTS: Final = "slots"  # in the metadata of a day's part: the slots that it holds
EXTRA: Final = "python -m pip install 'shortfall[store]'"
_TABLES: Final = """
create table if not exists parts (name varchar primary key);
create table if not exists contracts (id integer primary key, venue varchar, symbol varchar, unique (venue, symbol));
create table if not exists snapshots (contract integer, taken_at timestamp, rows bigint, primary key (contract, taken_at));
create table if not exists held (contract integer, taken_at timestamp, kind varchar, name varchar, place integer,
    key varchar, value varchar, state varchar, as_of varchar, source varchar, note varchar);
create table if not exists liquidations (contract integer, key varchar, taken_at timestamp, value varchar,
    primary key (contract, key));
"""
_COLUMNS_HELD: Final = "kind, name, place, key, value, state, as_of, source, note"


def _extra(name: str) -> Any:  # noqa: ANN401 - an extra without types here
    try:
        return importlib.import_module(name)
    except ImportError:
        raise DataError([Finding(name, f"Expected {name} for the store of snapshots: {EXTRA}")]) from None


class SnapshotStore:
    """Keep snapshots in a folder.

    Parameters
    ----------
    folder : str or pathlib.Path
        Created by the first write.
    """

    def __init__(self, folder: str | Path) -> None:
        self.folder = Path(folder)

    def append(self, rows: Sequence[StoredRow], slot: datetime) -> bool:
        """Write the rows of one contract as the part of a slot.

        Returns
        -------
        bool
            False if the slot has a part already, which stays as it is.

        Raises
        ------
        DataError
            If pyarrow is missing, the rows are of several contracts or none, or the folder cannot be written.
        """
        names = {(row.venue, row.symbol) for row in rows}
        if len(names) != 1:
            raise DataError([Finding("store", f"Expected rows of one contract, were of {len(names)}")])
        venue, symbol = names.pop()
        path = self._part(venue, symbol, slot)
        if path.exists():
            return False
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            _write(rows, path)
        except OSError as error:
            raise DataError([Finding(str(path), f"Expected a folder that can be written: {error}")]) from error
        return True

    def append_table(self, table: Any, name: str) -> bool:  # noqa: ANN401 - pyarrow is an extra
        """Write rows of many snapshots as one part: a pyarrow table with the columns of `COLUMNS`.

        Returns
        -------
        bool
            False if there is a part of this name already, which stays as it is. Snapshots that the index has already,
            by contract and time, are left out when it is refreshed.

        Raises
        ------
        DataError
            If a column is missing.
        """
        missing = [column for column in COLUMNS if column not in table.column_names]
        if missing:
            raise DataError([Finding(name, f"Expected the columns {', '.join(COLUMNS)}; missing {', '.join(missing)}")])
        path = self.folder / PARTS / "bulk" / f"{_name(name)}.parquet"
        if path.exists():
            return False
        path.parent.mkdir(parents=True, exist_ok=True)
        _write_table(table.select(list(COLUMNS)), path)
        return True

    def last_slot(self, venue: str, symbol: str) -> datetime | None:
        """Return the newest slot with a part, or None; part names alone are read."""
        return max(self.slots(venue, symbol), default=None)

    def slots(self, venue: str, symbol: str) -> list[datetime]:
        """Return every slot with a part, oldest first."""
        folder = self._contract(venue, symbol)
        stamps = sorted(int(path.stem) for path in folder.glob("*.parquet") if path.stem.isdigit())
        return [datetime.fromtimestamp(stamp / 1000, UTC) for stamp in stamps]

    def fold(self, venue: str, symbol: str) -> int:
        """Put the parts of every finished day of a contract into one part a day. The day of the newest part is left as it is.

        A day's part is written whole, with the slots that it holds, before they are removed: a kill between the two leaves both, and
        the next fold removes them.

        Returns
        -------
        int
            Parts that were removed.

        Raises
        ------
        DataError
            If pyarrow is missing or a part cannot be read.
        """
        newest = self.last_slot(venue, symbol)
        days: dict[str, list[Path]] = {}
        for slot in self.slots(venue, symbol):
            if newest is not None and slot.date() < newest.date():
                days.setdefault(f"{slot:%Y-%m-%d}", []).append(self._part(venue, symbol, slot))
        for day, paths in days.items():
            _fold_day(self._contract(venue, symbol) / f"{day}.parquet", paths)
        return sum(len(paths) for paths in days.values())

    def refresh(self) -> int:
        """Take parts that the index does not know into it. Returns how many were taken.

        Raises
        ------
        DataError
            If duckdb is missing, the index is in use by another process, or a part cannot be read.
        """
        connection = self._open(read_only=False)
        try:
            known = {name for (name,) in connection.execute("select name from parts").fetchall()}
            root = self.folder / PARTS
            found = sorted(path for path in root.rglob("*.parquet") if path.relative_to(root).as_posix() not in known)
            for start in range(0, len(found), BATCH):
                self._take(connection, found[start : start + BATCH])
            return len(found)
        finally:
            connection.close()

    def snapshots(self, venue: str = "", symbol: str = "") -> list[tuple[str, str, datetime, int]]:
        """Return (venue, symbol, time, rows) of every snapshot in the index, oldest first."""
        where, values = _where(venue, symbol)
        sql = f"select c.venue, c.symbol, s.taken_at, s.rows from snapshots s join contracts c on c.id = s.contract {where} order by 3, 1, 2"  # noqa: E501, S608 - no text of a user in it
        return [(v, s, at.replace(tzinfo=UTC), rows) for v, s, at, rows in self._ask(sql, values)]

    def rows(self, venue: str, symbol: str, start: datetime, end: datetime, name: str = "") -> list[StoredRow]:
        """Return rows of one contract from `start` to `end`, exclusive; of one name if given."""
        sql = f"""select taken_at, {_COLUMNS_HELD} from held
            where contract = (select id from contracts where venue = ? and symbol = ?) and taken_at >= ? and taken_at < ?
            {"and name = ?" if name else ""} order by taken_at, name, place"""  # noqa: S608 - no text of a user in it
        values = [venue, symbol, _naive(start), _naive(end), *([name] if name else [])]
        return [StoredRow(venue, symbol, at.replace(tzinfo=UTC), *rest) for at, *rest in self._ask(sql, values)]

    def liquidations(self, venue: str, symbol: str) -> list[tuple[str, datetime, str]]:
        """Return (key, first seen, record as JSON) of every liquidation of one contract, each once, oldest first."""
        sql = """select key, taken_at, value from liquidations
            where contract = (select id from contracts where venue = ? and symbol = ?) order by taken_at, key"""
        return [(key, at.replace(tzinfo=UTC), value) for key, at, value in self._ask(sql, [venue, symbol])]

    def load(self, venue: str, symbol: str, at: datetime | None = None) -> ContractFigures:
        """Return a snapshot: the newest, or the newest not after a time.

        Raises
        ------
        InputError
            If there is none.
        """
        times = [taken for _, _, taken, _ in self.snapshots(venue, symbol) if at is None or taken <= at]
        if not times:
            when = "" if at is None else f" up to {at:%Y-%m-%dT%H:%M:%SZ}"
            message = f"Expected a snapshot of this contract in {self.folder}{when}, found none"
            raise InputError([Finding(f"{venue}:{symbol}", message)])
        day = times[-1]
        end = datetime.fromtimestamp(day.timestamp() + 1, UTC)
        rows = [row for row in self.rows(venue, symbol, day, end) if row.taken_at == day]
        return figures_from(rows)

    def _part(self, venue: str, symbol: str, slot: datetime) -> Path:
        return self._contract(venue, symbol) / f"{round(slot.timestamp() * 1000)}.parquet"

    def _contract(self, venue: str, symbol: str) -> Path:
        return self.folder / PARTS / _name(venue) / _name(symbol)

    def _open(self, *, read_only: bool) -> Any:  # noqa: ANN401 - duckdb is an extra
        duckdb = _extra("duckdb")
        path = self.folder / INDEX
        if read_only and not path.exists():
            raise InputError(
                [Finding(str(self.folder), "Expected a store of snapshots here, found no index: collect first")]
            )
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
            connection = duckdb.connect(str(path), read_only=read_only)
            if not read_only:
                connection.execute(_TABLES)
        except (duckdb.Error, OSError) as error:
            message = f"Expected an index that can be opened, which another process may hold: {str(error)[:200]}"
            raise DataError([Finding(str(path), message)]) from error
        return connection

    def _ask(self, sql: str, values: Sequence[object]) -> list[Any]:
        connection = self._open(read_only=True)
        try:
            found: list[Any] = connection.execute(sql, list(values)).fetchall()
        finally:
            connection.close()
        return found

    def _take(self, connection: Any, paths: Sequence[Path]) -> None:  # noqa: ANN401 - duckdb is an extra
        """Take parts in one transaction; snapshots and liquidations that are there already are left as they are."""
        duckdb, root = _extra("duckdb"), self.folder / PARTS
        try:
            connection.execute("begin")
            connection.execute(_FRESH if len(paths) > 1 else _FRESH_OF_ONE, [[str(path) for path in paths]])
            for statement in _TAKE:
                connection.execute(statement)
            connection.executemany(
                "insert into parts values (?)", [[path.relative_to(root).as_posix()] for path in paths]
            )
            connection.execute("commit")
        except duckdb.Error as error:
            connection.execute("rollback")
            names = f"{unquote(paths[0].relative_to(root).as_posix())} and {len(paths) - 1} more"
            raise DataError([Finding(names, f"Expected readable parts: {str(error)[:200]}")]) from error


# two slots may hold one snapshot, where a venue stamped both alike: the first part keeps it
_FRESH_OF_ONE: Final = (
    f"create or replace temp table fresh as select {', '.join(COLUMNS)} from read_parquet(?, filename = true)"  # noqa: S608 - fixed names
)
_FRESH: Final = f"{_FRESH_OF_ONE} qualify filename = min(filename) over (partition by venue, symbol, taken_at)"
_TAKE: Final = (
    """insert into contracts select (select coalesce(max(id), 0) from contracts) + row_number() over (order by venue, symbol),
        venue, symbol from (select distinct venue, symbol from fresh) f
        where not exists (select 1 from contracts c where c.venue = f.venue and c.symbol = f.symbol)""",
    """create or replace temp table counted as select c.id as contract, f.* from fresh f
        join contracts c on c.venue = f.venue and c.symbol = f.symbol
        where not exists (select 1 from snapshots s where s.contract = c.id and s.taken_at = f.taken_at)""",
    f"""insert into held select contract, taken_at, {_COLUMNS_HELD} from counted
        order by contract, taken_at, name, place""",  # noqa: S608 - fixed names
    """insert into liquidations select contract, key, min(taken_at), arg_min(value, taken_at) from counted n
        where kind = 'liquidations' and not exists
        (select 1 from liquidations l where l.contract = n.contract and l.key = n.key) group by contract, key""",
    "insert into snapshots select contract, taken_at, count(*) from counted group by contract, taken_at",
)


def _where(venue: str, symbol: str) -> tuple[str, list[object]]:
    parts, values = [], []
    for column, text in (("c.venue", venue), ("c.symbol", symbol)):
        if text:
            parts.append(f"{column} = ?")
            values.append(text)
    return (f"where {' and '.join(parts)}" if parts else ""), list(values)


def _name(text: str) -> str:
    """Return a name as one part of a path: no separator, no dots that would climb."""
    return quote(text, safe="").replace(".", "%2E")


def _naive(moment: datetime) -> datetime:
    """Return a moment as the index keeps it: UTC without a zone."""
    return moment.astimezone(UTC).replace(tzinfo=None)


def _fold_day(whole: Path, paths: Sequence[Path]) -> None:
    """Write the part of a day with what its parts hold and it does not hold yet, then remove them."""
    arrow, parquet = _extra("pyarrow"), _extra("pyarrow.parquet")
    held = _slots_in(whole)
    late = [path for path in paths if path.stem not in held]
    if late:
        try:
            tables = [parquet.read_table(path) for path in ([whole] if held else []) + late]
        except (OSError, arrow.ArrowInvalid) as error:
            raise DataError([Finding(str(whole), f"Expected readable parts of a day: {str(error)[:200]}")]) from error
        slots = ",".join(sorted(held | {path.stem for path in late}))
        bare = [table.replace_schema_metadata(None) for table in tables]
        _write_table(arrow.concat_tables(bare).replace_schema_metadata({SLOTS: slots}), whole)
    for path in paths:
        path.unlink()


def _slots_in(whole: Path) -> set[str]:
    """Return the slots that the part of a day holds; none where there is no such part."""
    if not whole.exists():
        return set()
    metadata = _extra("pyarrow.parquet").read_schema(whole).metadata or {}
    return set(metadata.get(SLOTS.encode(), b"").decode().split(","))


def _write(rows: Sequence[StoredRow], path: Path) -> None:
    arrow = _extra("pyarrow")
    columns = list(zip(*(astuple(row) for row in rows), strict=True))
    arrays = {
        name: arrow.array(
            [value.replace(tzinfo=None) for value in column] if name == "taken_at" else list(column),
            {"taken_at": arrow.timestamp("us"), "place": arrow.int32()}.get(name, arrow.string()),
        )
        for name, column in zip(COLUMNS, columns, strict=True)
    }
    _write_table(arrow.table(arrays), path)


def _write_table(table: Any, path: Path) -> None:  # noqa: ANN401 - pyarrow is an extra
    """Write a part whole under another name, sync it, and rename it."""
    parquet = _extra("pyarrow.parquet")
    hidden = path.with_name(f".{path.name}.{os.getpid()}.tmp")
    with hidden.open("wb") as file:
        parquet.write_table(table, file, compression="zstd")
        file.flush()
        os.fsync(file.fileno())
    hidden.replace(path)
    folder = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)
