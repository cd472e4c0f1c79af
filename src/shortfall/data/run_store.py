"""A folder of replications: a manifest and one Parquet file for each block, written whole or not at all, the same bytes every time.

A part file is written beside its place and moved there, so that a run that was cut short leaves complete parts only and goes on
where it stopped. Nothing in a file says when, where or by whom it was written.
"""

from __future__ import annotations

import importlib
import json
import os
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from shortfall.errors import DataError, Finding, InputError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

MANIFEST: Final = "manifest.json"
PARTS: Final = "paths"
ROW_GROUP: Final = 1 << 16
VIEW: Final = "paths"


@dataclass(frozen=True, slots=True)
class RunStore:
    """A folder of one run."""

    folder: Path

    @property
    def exists(self) -> bool:
        """Say whether a run was begun here."""
        return (self.folder / MANIFEST).is_file()

    def begin(self, manifest: Mapping[str, Any]) -> None:
        """Begin a run: write its manifest.

        Raises
        ------
        DataError
            If the folder holds anything already.
        """
        require("pyarrow")
        if self.folder.exists() and (not self.folder.is_dir() or any(self.folder.iterdir())):
            message = "Expected a folder that is new or empty; to go on with a run give it to --resume"
            raise DataError([Finding(str(self.folder), message)])
        (self.folder / PARTS).mkdir(parents=True)
        text = json.dumps(manifest, indent=2, sort_keys=True) + "\n"
        _put(self.folder / MANIFEST, text.encode())

    def manifest(self) -> dict[str, Any]:
        """Return the manifest.

        Raises
        ------
        DataError
            If there is none, or it is not what it says it is.
        """
        try:
            found = json.loads((self.folder / MANIFEST).read_text(encoding="utf-8"))
        except OSError:
            raise DataError([Finding(str(self.folder), f"Expected a run with {MANIFEST}, found none")]) from None
        except ValueError:
            raise DataError([Finding(str(self.folder / MANIFEST), "Expected JSON, was something else")]) from None
        if not isinstance(found, dict):
            raise DataError([Finding(str(self.folder / MANIFEST), "Expected an object, was something else")])
        return found

    def part(self, number: int) -> Path:
        """Return the place of a block's file."""
        return self.folder / PARTS / f"part-{number:06d}.parquet"

    def has(self, number: int) -> bool:
        """Say whether a block is done."""
        return self.part(number).is_file()

    def write(self, number: int, schema: str, columns: Mapping[str, Sequence[int] | Sequence[str]]) -> None:
        """Write a block: integers as 64 bits, texts as they are, one row group, no compression, no clock."""
        arrow, parquet = require("pyarrow"), require("pyarrow.parquet")
        kinds = [arrow.string() if isinstance(cells[0], str) else arrow.int64() for cells in columns.values()]
        fields = [arrow.field(name, kind, nullable=False) for name, kind in zip(columns, kinds, strict=True)]
        arrays = [arrow.array(cells, kind) for cells, kind in zip(columns.values(), kinds, strict=True)]
        table = arrow.Table.from_arrays(arrays, schema=arrow.schema(fields, metadata={"schema": schema}))
        sink = arrow.BufferOutputStream()
        parquet.write_table(
            table, sink, row_group_size=ROW_GROUP, compression="none", use_dictionary=False, version="2.6", store_schema=False
        )  # fmt: skip
        _put(self.part(number), sink.getvalue().to_pybytes())

    def read(self, numbers: Sequence[int]) -> dict[str, list[Any]]:
        """Return the columns of blocks, in the given order.

        Raises
        ------
        DataError
            If a part is missing or no Parquet file.
        """
        arrow, parquet = require("pyarrow"), require("pyarrow.parquet")
        findings, tables = [], []
        for number in numbers:
            try:
                tables.append(parquet.read_table(self.part(number), partitioning=None))
            except (OSError, arrow.ArrowInvalid):
                findings.append(
                    Finding(str(self.part(number)), "Expected a part of the run, found none that can be read")
                )
        if findings:
            raise DataError(findings)
        found: dict[str, list[Any]] = arrow.concat_tables(tables).to_pydict()
        return found


def query(folder: Path, sql: str) -> tuple[tuple[str, ...], list[tuple[Any, ...]]]:
    """Ask a run with DuckDB: its rows are the view `paths`. Returns (names of the columns, rows).

    Nothing is written, and the statement may read nothing but the run.

    Raises
    ------
    DataError
        If the folder has no part, or the statement fails; the message is DuckDB's.
    """
    duckdb = require("duckdb")
    parts = sorted((folder / PARTS).glob("part-*.parquet"))
    if not parts:
        raise DataError([Finding(str(folder), "Expected a run with finished blocks, found none")])
    con = duckdb.connect(":memory:")
    try:
        files = ", ".join("'" + str(part).replace("'", "''") + "'" for part in parts)
        con.execute(f"CREATE TABLE {VIEW} AS SELECT * FROM read_parquet([{files}])")  # noqa: S608 - our own file names, quoted
        con.execute("SET enable_external_access = false")
        con.execute(sql)
        names = tuple(str(column[0]) for column in con.description or ())
        rows = [tuple(row) for row in con.fetchall()]
    except duckdb.Error as error:
        raise DataError([Finding("--query", str(error).strip())]) from None
    finally:
        con.close()
    return names, rows


def require(name: str) -> Any:  # noqa: ANN401 - neither library has types here
    """Return a module of the store extra.

    Raises
    ------
    InputError
        If it is not installed; the message names what to install.
    """
    try:
        return importlib.import_module(name)
    except ImportError:
        message = f"Expected {name.partition('.')[0]} for a kept run: python -m pip install 'shortfall[store]'"
        raise InputError([Finding("--out", message)]) from None


def _put(place: Path, content: bytes) -> None:
    """Write a file whole or not at all."""
    beside = place.with_name(f".{place.name}.unfinished")
    with beside.open("wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    beside.replace(place)
