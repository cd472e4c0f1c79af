"""Many rows of a CSV file at once: fields as places in a block of bytes, words and decimal numbers out of them by whole columns.

No quotes, no escapes: a comma ends a field and a line feed a row. A number is at most 18 digits, read eight bytes at a time.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from typing import BinaryIO

    from numpy.typing import NDArray

BLOCK_BYTES: Final = 1 << 20
PAD: Final = 32  # zeros before and after a block, so that words may be read beyond its ends
COMMA, LINE_FEED, RETURN, MINUS = 44, 10, 13, 45
LONGEST_NUMBER: Final = 19  # 18 digits and the point
ONES: Final = 0x0101010101010101
ALL: Final = (1 << 64) - 1
NO_NUMBER: Final = -1


@dataclass(frozen=True, slots=True)
class Fields:
    """The fields of the sound rows of a block.

    Parameters
    ----------
    text : array of uint8
        The block between its pads.
    words : array of uint64
        The same as little-endian words, one beginning at every byte.
    starts, ends : array of int64, shape (rows, columns)
        Places of each field.
    lines : array of int64
        Line of each row in the file, counted from 1.
    unsound : array of int64
        Lines with another number of fields.
    """

    text: NDArray[np.uint8]
    words: NDArray[np.uint64]
    starts: NDArray[np.int64]
    ends: NDArray[np.int64]
    lines: NDArray[np.int64]
    unsound: NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Numbers:
    """Decimal numbers: `mantissa / 10**decimals`; decimals are -1 where there is no number, and `sound` is false where a field is none."""

    mantissa: NDArray[np.int64]
    decimals: NDArray[np.int8]
    sound: NDArray[np.bool_]


def blocks_of(file: BinaryIO) -> Iterator[bytes]:
    """Yield whole rows of a file in blocks; the last row gets the line feed that it may lack."""
    rest = b""
    while read := file.read(BLOCK_BYTES):
        cut = read.rfind(b"\n") + 1
        if cut:
            yield rest + read[:cut]
            rest = read[cut:]
        else:
            rest += read
    if rest:
        yield rest + b"\n"


def fields_of(block: bytes, first_line: int, columns: int) -> tuple[Fields, int]:
    """Split a block into fields. Returns (fields, number of lines in it); blank lines are passed over."""
    raw = np.zeros(len(block) + 2 * PAD, np.uint8)
    raw[PAD:-PAD] = np.frombuffer(block, np.uint8)
    words: NDArray[np.uint64] = np.ndarray((len(raw) - 7,), "<u8", buffer=raw.data, strides=(1,))
    ends = np.flatnonzero((raw == COMMA) | (raw == LINE_FEED))
    feeds = ends[columns - 1 :: columns]
    whole = len(ends) % columns == 0 and bool((raw[feeds] == LINE_FEED).all())
    if whole and np.count_nonzero(raw == LINE_FEED) == len(feeds):
        lines = first_line + np.arange(len(feeds))
        return _placed(raw, words, ends.reshape(-1, columns), feeds, (lines, lines[:0])), len(feeds)
    feeds = np.flatnonzero(raw == LINE_FEED)
    row = np.searchsorted(feeds, ends)
    count = np.bincount(row, minlength=len(feeds))
    sound = count == columns
    before = np.append(PAD, feeds[:-1] + 1)
    blank = (count == 1) & ((feeds == before) | ((feeds == before + 1) & (raw[before] == RETURN)))
    lines = first_line + np.arange(len(feeds))
    kept = ends[sound[row]].reshape(-1, columns)
    placed = _placed(raw, words, kept, feeds[sound], (lines[sound], lines[~sound & ~blank]))
    placed.starts[:, 0] = before[sound]
    return placed, len(feeds)


def _placed(
    raw: NDArray[np.uint8],
    words: NDArray[np.uint64],
    ends: NDArray[np.int64],
    feeds: NDArray[np.int64],
    lines: tuple[NDArray[np.int64], NDArray[np.int64]],
) -> Fields:
    starts = np.empty_like(ends)
    starts[:, 1:] = ends[:, :-1] + 1
    if len(ends):
        starts[0, 0] = PAD
        starts[1:, 0] = feeds[:-1] + 1
        ends = ends.copy()
        ends[:, -1] -= raw[ends[:, -1] - 1] == RETURN
    return Fields(raw, words, starts, ends, *lines)


def which_word(fields: Fields, column: int, wanted: Sequence[str]) -> NDArray[np.int8]:
    """Return for each row the place of the word that a column holds, counted from 1; 0 where it is none of them."""
    start = fields.starts[:, column]
    length = fields.ends[:, column] - start
    gap = (np.uint64(8) * (np.uint64(8) - np.minimum(length, 8).astype(np.uint64))) & np.uint64(63)
    first = fields.words[start] & (np.uint64(ALL) >> gap)
    found = np.zeros(len(start), np.int8)
    for place, word in enumerate(wanted, start=1):
        text = word.encode()
        same = (length == len(text)) & (first == np.uint64(int.from_bytes(text[:8], "little")))
        for k in range(8, len(text), 8):
            mine = np.flatnonzero(same)
            part = text[k : k + 8]
            mask = np.uint64((1 << (8 * len(part))) - 1)
            same[mine] = fields.words[start[mine] + k] & mask == np.uint64(int.from_bytes(part, "little"))
        found[same] = place
    return found


def numbers_in(fields: Fields, column: int) -> Numbers:
    """Read a column of plain decimal numbers; an empty field is none."""
    start, end = fields.starts[:, column], fields.ends[:, column]
    filled = end > start
    negative = filled & (fields.text[start] == MINUS)
    length = end - start - negative
    sound = ~filled | ((length > 0) & (length <= LONGEST_NUMBER))
    longest = min(LONGEST_NUMBER, int(length.max())) if len(length) else 0
    total = np.zeros(len(start), np.uint64)
    point = np.full(len(start), NO_NUMBER, np.int8)
    for k in range(0, longest, 8):
        _take_word(fields.words[np.maximum(end - k - 8, 0)], length - k, k, (total, point, sound))
    decimals = np.clip(point, 0, LONGEST_NUMBER - 1)
    pointed = point >= 0
    value = total
    for places in np.flatnonzero(np.bincount(decimals)).tolist():
        # the point was read as a digit 0: whole part and fraction stand one digit too far apart
        mine = pointed & (decimals == places)
        unit = np.uint64(10 ** (places + 1))
        whole = total // unit
        closed = total - whole * (unit - unit // np.uint64(10))
        value = np.where(mine, closed, value)
    sound &= ~filled | (value < np.uint64(10**18))
    sound &= ~(pointed & (length == 1))
    mantissa = np.where(sound & filled, value, np.uint64(0)).astype(np.int64)
    return Numbers(
        np.where(negative, -mantissa, mantissa),
        np.where(filled & sound, decimals, NO_NUMBER).astype(np.int8),
        sound,
    )


def _take_word(
    word: NDArray[np.uint64],
    left: NDArray[np.int64],
    before: int,
    into: tuple[NDArray[np.uint64], NDArray[np.int8], NDArray[np.bool_]],
) -> None:
    """Add eight characters of each number to what was read: `before` characters stand to the right of them."""
    total, point, sound = into
    u = np.uint64
    gap = (u(8) * (u(8) - np.clip(left, 0, 8).astype(u))) & u(127)
    mask = np.where(gap >= u(64), u(0), u(ALL) << np.minimum(gap, u(63)))
    word = (word & mask) | (u(0x30 * ONES) & ~mask)
    other = word ^ u(0x2E * ONES)
    found = (other - u(ONES)) & ~other & u(0x80 * ONES)
    lowest = found & (~found + u(1))
    place = (np.bitwise_count(lowest - u(1)) >> 3).astype(np.int8)  # from the left; only where there is one
    has = found != 0
    sound &= ~(has & (point >= 0))
    np.copyto(point, before + 7 - place, where=has)
    word ^= np.where(has, (lowest >> u(7)) * u(0x2E ^ 0x30), u(0))
    high = u(0xF0 * ONES)
    sound &= ((word & high) | (((word + u(0x06 * ONES)) & high) >> u(4))) == u(0x33 * ONES)
    word = ((word & u(0x0F * ONES)) * u(2561)) >> u(8)
    word = ((word & u(0x00FF00FF00FF00FF)) * u(6553601)) >> u(16)
    word = ((word & u(0x0000FFFF0000FFFF)) * u(42949672960001)) >> u(32)
    total += word * u(10**before)
