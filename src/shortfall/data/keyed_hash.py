"""Account ids become keys at the border: SipHash-2-4 under a salt, for many ids at once.

Problem: a file with a venue's accounts names people, and nothing of theirs may be kept or printed; ten million calls of a hash
function take longer than the reading. Therefore one keyed hash of 64 bits runs on whole columns of 8-byte words. Without the salt a
key says nothing about its id; two of ten million ids share a key with a chance of 3 in a million.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

SALT_BYTES: Final = 16
START: Final = (0x736F6D6570736575, 0x646F72616E646F6D, 0x6C7967656E657261, 0x7465646279746573)
LAST: Final = 0xFF
WORD: Final = 8

Words = tuple["NDArray[np.uint64]", "NDArray[np.uint64]", "NDArray[np.uint64]", "NDArray[np.uint64]"]


def keyed_hash(
    words: NDArray[np.uint64], starts: NDArray[np.int64], lengths: NDArray[np.int64], salt: bytes
) -> NDArray[np.uint64]:
    """Return the key of each id.

    Parameters
    ----------
    words : array of uint64
        The text as little-endian words, one beginning at every byte; it goes on for at least eight bytes after the last id.
    starts, lengths : array of int64
        Of each id, in bytes.
    salt : bytes
        Sixteen bytes.
    """
    keys = np.zeros(len(starts), np.uint64)
    whole = lengths >> 3
    for count in range(int(whole.max()) + 1 if len(whole) else 0):
        mine = np.flatnonzero(whole == count)
        if len(mine) == len(starts):
            return _of_equal(words, starts, lengths, count, salt)
        if len(mine):
            keys[mine] = _of_equal(words, starts[mine], lengths[mine], count, salt)
    return keys


def _of_equal(
    words: NDArray[np.uint64], starts: NDArray[np.int64], lengths: NDArray[np.int64], whole: int, salt: bytes
) -> NDArray[np.uint64]:
    """Return the keys of ids that have the same number of whole words."""
    low, high = (int.from_bytes(salt[k : k + WORD], "little") for k in (0, WORD))
    a, b, c, d = (
        np.full(len(starts), start ^ key, np.uint64) for start, key in zip(START, (low, high, low, high), strict=True)
    )
    for k in range(whole):
        _compress(a, b, c, d, words[starts + WORD * k])
    rest = (lengths & 7).astype(np.uint64)
    last = words[starts + WORD * whole] & ((np.uint64(1) << (rest << np.uint64(3))) - np.uint64(1))
    _compress(a, b, c, d, last | (lengths.astype(np.uint64) << np.uint64(56)))
    c ^= np.uint64(LAST)
    for _ in range(4):
        _round(a, b, c, d)
    return a ^ b ^ c ^ d


def _compress(
    a: NDArray[np.uint64], b: NDArray[np.uint64], c: NDArray[np.uint64], d: NDArray[np.uint64], m: NDArray[np.uint64]
) -> None:
    d ^= m
    _round(a, b, c, d)
    _round(a, b, c, d)
    a ^= m


def _round(a: NDArray[np.uint64], b: NDArray[np.uint64], c: NDArray[np.uint64], d: NDArray[np.uint64]) -> None:
    a += b
    _turn(b, 13)
    b ^= a
    _turn(a, 32)
    c += d
    _turn(d, 16)
    d ^= c
    a += d
    _turn(d, 21)
    d ^= a
    c += b
    _turn(b, 17)
    b ^= c
    _turn(c, 32)


def _turn(x: NDArray[np.uint64], bits: int) -> None:
    """Rotate to the left, in place."""
    over = x >> np.uint64(64 - bits)
    x <<= np.uint64(bits)
    x |= over
