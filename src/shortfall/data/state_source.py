"""A state file as a stream of CSV bytes: CSV as it is, Parquet turned into it where pyarrow is installed."""

from __future__ import annotations

import importlib
import io
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, BinaryIO, Final

from shortfall.errors import DataError, Finding

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

PARQUET: Final = ".parquet"
BATCH_ROWS: Final = 1 << 17


@contextmanager
def opened(path: Path) -> Iterator[BinaryIO]:
    """Open a state file as bytes of CSV, header first.

    Raises
    ------
    DataError
        If it is a Parquet file and pyarrow is not installed, or it lacks a column.
    """
    if path.suffix != PARQUET:
        with path.open("rb") as file:
            yield file
        return
    with io.BufferedReader(_ParquetAsCsv(path), 1 << 20) as stream:
        yield stream


class _ParquetAsCsv(io.RawIOBase):
    """Batches of a Parquet file as CSV bytes: the columns by name, every cell as its plain text."""

    def __init__(self, path: Path) -> None:
        from shortfall.data.account_state import AS_OF, COLUMNS  # noqa: PLC0415 - that module imports this one

        try:
            arrow: Any = importlib.import_module("pyarrow")
            csv: Any = importlib.import_module("pyarrow.csv")
            parquet: Any = importlib.import_module("pyarrow.parquet")
        except ImportError:
            message = (
                "Expected pyarrow for a Parquet file: python -m pip install 'shortfall[store]', or write it as CSV"
            )
            raise DataError([Finding(path.name, message)]) from None
        try:
            file = parquet.ParquetFile(path)
        except arrow.ArrowInvalid:
            raise DataError([Finding(path.name, "Expected a Parquet file, was something else")]) from None
        missing = [name for name in COLUMNS if name not in file.schema_arrow.names]
        if missing:
            raise DataError(
                [Finding(f"{path.name}: {name}", "Expected a column of this name, found none") for name in missing]
            )
        day = (file.schema_arrow.metadata or {}).get(b"as_of", b"").decode()
        head = f"{AS_OF} {day}\n" if day else ""
        self._left = (head + ",".join(COLUMNS) + "\n").encode()
        options = csv.WriteOptions(include_header=False, quoting_style="none")
        batches = file.iter_batches(BATCH_ROWS, columns=list(COLUMNS))
        self._parts = (_csv_bytes(path.name, arrow, csv, batch.select(list(COLUMNS)), options) for batch in batches)

    def readable(self) -> bool:
        """Say yes."""
        return True

    def readinto(self, buffer: Any) -> int:  # noqa: ANN401 - a writable buffer
        """Fill a buffer."""
        while not self._left:
            part = next(self._parts, None)
            if part is None:
                return 0
            self._left = part
        count = min(len(buffer), len(self._left))
        buffer[:count] = self._left[:count]
        self._left = self._left[count:]
        return count


def _csv_bytes(name: str, arrow: Any, csv: Any, batch: Any, options: Any) -> bytes:  # noqa: ANN401 - pyarrow has no types here
    sink = arrow.BufferOutputStream()
    try:
        texts = [column.cast(arrow.string()) for column in batch.columns]
        csv.write_csv(arrow.Table.from_arrays(texts, names=batch.schema.names), sink, options)
    except arrow.ArrowException:  # its message may show a cell
        message = "Expected cells of text or numbers without commas, quotes or line ends"
        raise DataError([Finding(name, message)]) from None
    found: bytes = sink.getvalue().to_pybytes()
    return found
