"""The bytes of a journal: a header, then blocks of command rows, each chained to the one before by its checksum.

Problem: a machine may stop while a block is written, and then any part of it may be missing; a disk may return other
bits than it was given. Observation: one commit writes one block and waits for the disk, so only the last block can be
torn. Therefore a bad block with nothing valid behind it is a torn tail and is left out, said aloud; a bad block with
a valid one behind it is damage, and the file is refused. The checksum of a block starts from that of the block
before, so a block that is repeated, moved or taken from another journal is bad too.

Layout, little-endian. Header: magic, version, length of the setup, checksum of the setup, checksum of the header;
then the setup as JSON, padded with spaces to eight bytes. Block: mark, number of its first row, rows, checksum of the
block before, checksum of this head, checksum of head and rows; then the rows of eight 64-bit integers.
"""

from __future__ import annotations

import json
import struct
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final
from zlib import crc32

import numpy as np

from shortfall.errors import JournalError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

MAGIC: Final = b"SHRTFALL"
VERSION: Final = 1
HEADER: Final = struct.Struct("<8sIIII")
MARK: Final = b"\xb1OCK ROW"
HEAD: Final = struct.Struct("<8sQIIII")
HEAD_SIGNED: Final = HEAD.size - 8  # bytes of a head that its own checksum covers
ROW_BYTES: Final = 64
MOST_ROWS: Final = 1 << 20  # of one block: a length beyond it is damage

NOTE: Final = -1  # operation of a row that only the journal reads: the name of an account
NOTE_TEXT: Final = 40  # bytes of a name in one row


@dataclass(frozen=True, slots=True)
class Tail:
    """Bytes behind the last valid block that were left out."""

    offset: int
    length: int


@dataclass(frozen=True, slots=True)
class Contents:
    """What a journal's bytes say.

    Parameters
    ----------
    header : dict
        The JSON of the header.
    rows : array of int64, shape (n, 8)
        Every row up to the last valid block, notes included.
    end : int
        Length of the legal prefix in bytes.
    chain : int
        Checksum of the last valid block, from which the next one starts.
    torn : Tail or None
        What was left out behind it.
    """

    header: dict[str, Any]
    rows: NDArray[np.int64]
    end: int
    chain: int
    torn: Tail | None


def pack_header(document: Mapping[str, Any]) -> bytes:
    """Return the bytes of a header."""
    text = json.dumps(document, sort_keys=True).encode()
    text += b" " * (-(HEADER.size + len(text)) % 8)
    signed = HEADER.pack(MAGIC, VERSION, len(text), crc32(text), 0)[:-4]
    return signed + struct.pack("<I", crc32(signed)) + text


def pack_block(first: int, rows: bytes, chain: int) -> tuple[bytes, int]:
    """Return the bytes of a block of packed rows and the chain after it."""
    head = HEAD.pack(MARK, first, len(rows) // ROW_BYTES, chain, 0, 0)[:HEAD_SIGNED]
    own = crc32(head)
    after = crc32(rows, crc32(head, chain))
    return head + struct.pack("<II", own, after) + rows, after


def read_contents(data: bytes, path: str) -> Contents:
    """Read a journal's bytes.

    Raises
    ------
    JournalError
        If the header is damaged, or a block that is not the last.
    """
    header, offset = _read_header(data, path)
    chain = crc32(data[:offset])
    first = 0
    parts: list[bytes] = []
    while offset < len(data):
        rows = _read_block(data, offset, first, chain)
        if rows is None:
            _refuse_damage(data, offset, first, chain, path)
            break
        chain = int.from_bytes(data[offset + HEAD.size - 4 : offset + HEAD.size], "little")
        offset += HEAD.size + len(rows)
        first += len(rows) // ROW_BYTES
        parts.append(rows)
    table = np.frombuffer(b"".join(parts), np.dtype("<i8")).astype(np.int64).reshape(-1, 8)
    torn = Tail(offset, len(data) - offset) if offset < len(data) else None
    return Contents(header, table, offset, chain, torn)


def _read_header(data: bytes, path: str) -> tuple[dict[str, Any], int]:
    if len(data) < HEADER.size or data[:8] != MAGIC:
        raise JournalError(f"{path}: Expected a journal, which starts with {MAGIC!r}, was {data[:8]!r}")
    _, version, length, text_sum, own_sum = HEADER.unpack_from(data)
    if crc32(data[: HEADER.size - 4]) != own_sum:
        raise JournalError(f"{path}: the checksum of the header does not fit: the file is damaged")
    if version != VERSION:
        raise JournalError(f"{path}: Expected format version {VERSION}, was {version}")
    text = data[HEADER.size : HEADER.size + length]
    if len(text) != length or crc32(text) != text_sum:
        raise JournalError(f"{path}: the checksum of the setup does not fit: the file is damaged")
    return json.loads(text), HEADER.size + length


def _read_block(data: bytes, offset: int, first: int, chain: int) -> bytes | None:
    """Return the packed rows of a block, or None unless every checksum and number fits."""
    if not _is_head(data, offset):
        return None
    _, number, count, before, _, after = HEAD.unpack_from(data, offset)
    rows = data[offset + HEAD.size : offset + HEAD.size + count * ROW_BYTES]
    if number != first or before != chain or len(rows) != count * ROW_BYTES:
        return None
    head = data[offset : offset + HEAD_SIGNED]
    return rows if crc32(rows, crc32(head, chain)) == after else None


def _is_head(data: bytes, offset: int) -> bool:
    if len(data) < offset + HEAD.size or data[offset : offset + 8] != MARK:
        return False
    count, own = (
        int.from_bytes(data[offset + 16 : offset + 20], "little"),
        data[offset + HEAD_SIGNED : offset + HEAD_SIGNED + 4],
    )
    fits = crc32(data[offset : offset + HEAD_SIGNED]) == int.from_bytes(own, "little")
    return fits and 0 < count <= MOST_ROWS


def _refuse_damage(data: bytes, offset: int, first: int, chain: int, path: str) -> None:
    """Raise if the bad block at `offset` is not the last one: then it was written whole, and is damaged."""
    where = f"{path}: the block at byte {offset}, which starts with row {first}, is damaged"
    if _is_head(data, offset):
        _, number, count, before, _, _ = HEAD.unpack_from(data, offset)
        if before != chain:
            raise JournalError(f"{where}: it does not follow the block before it")
        if number != first:
            raise JournalError(f"{where}: Expected row {first}, was {number}: a block is missing, moved or repeated")
        if offset + HEAD.size + count * ROW_BYTES < len(data):
            raise JournalError(f"{where}, and other bytes follow it")
    later = data.find(MARK, offset + 1)
    while later >= 0:
        if _is_head(data, later):
            raise JournalError(f"{where}, and another block follows at byte {later}")
        later = data.find(MARK, later + 1)


def pack_note(account: int, name: str) -> bytes:
    """Return the rows that say an account's name, as bytes."""
    text = name.encode()
    rows = [
        struct.pack("<qqq40s", NOTE, account, len(text), text[start : start + NOTE_TEXT])
        for start in range(0, max(1, len(text)), NOTE_TEXT)
    ]
    return b"".join(rows)


def read_note(rows: NDArray[np.int64]) -> tuple[int, str, int]:
    """Return (account, name, rows used) of the note that starts at the first row."""
    account, length = int(rows[0, 1]), int(rows[0, 2])
    used = max(1, -(-length // NOTE_TEXT))
    text = b"".join(row[3:].astype("<i8").tobytes() for row in rows[:used])
    return account, text[:length].decode(), used
