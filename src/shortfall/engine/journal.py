"""The journal: an append-only file of commands, on the disk before anybody is told that they were run.

The journal is the durable state; a snapshot only saves time. Commands gather in memory and go to the disk as one
block per commit, with one wait for the disk (group commit): with 1,000 commands a commit that wait is shared by all
of them. What `commit` has returned for is never lost; what was appended after it may be.
"""

from __future__ import annotations

import fcntl
import os
import struct
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, Protocol, Self
from zlib import crc32

import numpy as np

from shortfall.engine.blocks import (
    MOST_ROWS,
    ROW_BYTES,
    Contents,
    Tail,
    pack_block,
    pack_header,
    pack_note,
    read_contents,
)
from shortfall.errors import JournalError

if TYPE_CHECKING:
    from collections.abc import Mapping
    from types import TracebackType

    from numpy.typing import NDArray

ROW_FORMAT: Final = struct.Struct("<8q")
GROUP: Final = 1000


class JournalFile(Protocol):
    """Where a journal's bytes go: a file, or in tests a disk that forgets what it was not told to keep."""

    def write(self, data: bytes) -> None:
        """Append bytes; they may be lost until `sync` returns."""

    def sync(self) -> None:
        """Return when everything written is on the disk."""

    def close(self) -> None:
        """Release the file."""


class DiskFile:
    """A file opened for appending, locked against a second writer."""

    def __init__(self, path: Path) -> None:
        self._descriptor = os.open(path, os.O_RDWR | os.O_APPEND | os.O_CLOEXEC)
        try:
            fcntl.flock(self._descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            os.close(self._descriptor)
            raise JournalError(f"{path}: another process is writing this journal") from None

    def write(self, data: bytes) -> None:
        """Append all bytes."""
        rest = memoryview(data)
        while rest:
            rest = rest[os.write(self._descriptor, rest) :]

    def cut(self, length: int) -> None:
        """Drop everything behind a length, on the disk too."""
        os.ftruncate(self._descriptor, length)
        os.fsync(self._descriptor)

    def sync(self) -> None:
        """Wait for the disk; the length of the file counts as data."""
        os.fdatasync(self._descriptor)

    def close(self) -> None:
        """Close, which also releases the lock."""
        os.close(self._descriptor)


@dataclass(frozen=True, slots=True)
class Place:
    """Where a journal goes on: rows so far, checksum of the last block, and what opening it found."""

    sequence: int
    chain: int
    torn: Tail | None = None
    start: Mapping[str, Any] | None = None


class Journal:
    """An open journal.

    Parameters
    ----------
    file : JournalFile
        Positioned at the end of the legal prefix.
    place : Place
        Where that is.
    group : int
        Commands after which a commit happens by itself; `commit` may be called before.

    Attributes
    ----------
    durable : int
        Rows that are on the disk for certain.
    torn : Tail or None
        What was cut off when it was opened.
    start : mapping or None
        What the header says of the state it began from: a snapshot repeats it.
    """

    def __init__(self, file: JournalFile, place: Place, group: int = GROUP) -> None:
        if not 0 < group <= MOST_ROWS:
            raise JournalError(f"Expected 1 to {MOST_ROWS} commands per commit, was {group}")
        self.torn: Final = place.torn
        self.start: Final = place.start
        self.durable = place.sequence
        self._file = file
        self._chain = place.chain
        self._group: Final = group
        self._waiting: list[bytes] = []
        self._count = 0
        self._broken = False

    @classmethod
    def create(cls, path: str | Path, header: Mapping[str, Any], group: int = GROUP) -> Self:
        """Create a journal with a header that is whole or not there at all; never overwrite.

        Raises
        ------
        JournalError
            If the path exists or cannot be written.
        """
        path = Path(path)
        data = pack_header(header)
        draft = path.with_name(f".{path.name}.{os.getpid()}")
        try:
            write_through(draft, data)
            os.link(draft, path)
        except FileExistsError:
            raise JournalError(f"{path}: Expected a path where nothing is: a journal is never overwritten") from None
        except OSError as error:
            raise JournalError(f"{path}: cannot create a journal: {error.strerror}") from error
        finally:
            draft.unlink(missing_ok=True)
        sync_folder(path.parent)
        return cls(DiskFile(path), Place(0, crc32(data), start=header.get("start")), group)

    @classmethod
    def open(cls, path: str | Path, group: int = GROUP) -> Self:
        """Open a journal to append to it; a torn tail is cut off and told in `torn`.

        Raises
        ------
        JournalError
            If it cannot be read, is damaged, or another process is writing it.
        """
        path = Path(path)
        try:
            file = DiskFile(path)
        except OSError as error:
            raise JournalError(f"{path}: cannot open the journal: {error.strerror}") from error
        with ExitStack() as undo:
            undo.callback(file.close)
            contents = read_journal(path)
            if contents.torn is not None:
                file.cut(contents.end)
            undo.pop_all()
        place = Place(len(contents.rows), contents.chain, contents.torn, contents.header.get("start"))
        return cls(file, place, group)

    @property
    def sequence(self) -> int:
        """Rows appended so far, on the disk or not."""
        return self.durable + self._count

    def append_row(self, row: tuple[int, ...]) -> None:
        """Append one command; commit if the group is full."""
        self._append(ROW_FORMAT.pack(*row), 1)

    def append(self, rows: NDArray[np.int64]) -> int:
        """Append commands, shape (n, 8), committing each full group. Returns the rows appended so far."""
        packed = np.ascontiguousarray(rows, np.dtype("<i8")).reshape(-1).tobytes()
        total = len(packed) // ROW_BYTES
        first = 0
        while first < total:
            count = min(self._group - self._count, total - first)
            self._append(packed[first * ROW_BYTES : (first + count) * ROW_BYTES], count)
            first += count
        return self.sequence

    def append_name(self, account: int, name: str) -> None:
        """Append the name of an account that a command opened: the core knows numbers only."""
        note = pack_note(account, name)
        self._append(note, len(note) // ROW_BYTES)

    def _append(self, packed: bytes, count: int) -> None:
        if self._broken:
            raise JournalError("the journal failed before: what it holds is known only after it was opened again")
        self._waiting.append(packed)
        self._count += count
        if self._count >= self._group:
            self.commit()

    def commit(self) -> int:
        """Write what was appended as one block and wait for the disk. Returns the rows that are durable.

        Raises
        ------
        JournalError
            If the disk refuses. A failed write is never tried again: what reached the disk is unknown then.
        """
        if self._broken:
            raise JournalError("the journal failed before: what it holds is known only after it was opened again")
        if self._count == 0:
            return self.durable
        block, chain = pack_block(self.durable, b"".join(self._waiting), self._chain)
        try:
            self._file.write(block)
            self._file.sync()
        except OSError as error:
            self._broken = True
            raise JournalError(f"cannot write the journal: {error.strerror}") from error
        self._chain = chain
        self.durable += self._count
        self._count = 0
        self._waiting.clear()
        return self.durable

    def close(self) -> None:
        """Commit what is waiting and close."""
        try:
            if not self._broken:
                self.commit()
        finally:
            self._file.close()

    def __enter__(self) -> Self:
        """Return the journal."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Close it."""
        self.close()


def read_journal(path: str | Path) -> Contents:
    """Read a journal up to its last valid block, without changing the file.

    Raises
    ------
    JournalError
        If it cannot be read or is damaged before its last block.
    """
    try:
        data = Path(path).read_bytes()
    except OSError as error:
        raise JournalError(f"{path}: cannot read the journal: {error.strerror}") from error
    return read_contents(data, str(path))


def write_through(path: Path, data: bytes) -> None:
    """Write a file that does not exist and wait until it is on the disk."""
    with path.open("xb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())


def sync_folder(folder: Path) -> None:
    """Wait until a new name in a folder is on the disk."""
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
