"""The address of a module account on a Cosmos chain: the first 20 bytes of SHA-256 of its name, in bech32.

dYdX names the fund of cross markets ``insurance_fund`` and the one of an isolated market ``insurance_fund:<number>``.
Checked against the documented address of the first.
"""

from __future__ import annotations

import hashlib
from typing import Final

__all__ = ["module_address"]

ALPHABET: Final = "qpzry9x8gf2tvdw0s3jn54khce6mua7l"
GENERATORS: Final = (0x3B6A57B2, 0x26508E6D, 0x1EA119FA, 0x3D4233DD, 0x2A1462B3)
CHECK_LENGTH: Final = 6


def module_address(prefix: str, name: str) -> str:
    """Return the address of a module account.

    >>> module_address("dydx", "insurance_fund")
    'dydx1c7ptc87hkd54e3r7zjy92q29xkq7t79w64slrq'
    """
    words = _in_fives(hashlib.sha256(name.encode()).digest()[:20])
    head = [ord(letter) >> 5 for letter in prefix] + [0] + [ord(letter) & 31 for letter in prefix]
    check = _polymod([*head, *words, *([0] * CHECK_LENGTH)]) ^ 1
    tail = [check >> 5 * (CHECK_LENGTH - 1 - place) & 31 for place in range(CHECK_LENGTH)]
    return f"{prefix}1{''.join(ALPHABET[word] for word in [*words, *tail])}"


def _in_fives(data: bytes) -> list[int]:
    """Return bytes as groups of five bits; 20 bytes are 32 groups without a rest."""
    bits = int.from_bytes(data, "big")
    count = len(data) * 8 // 5
    return [bits >> 5 * (count - 1 - place) & 31 for place in range(count)]


def _polymod(words: list[int]) -> int:
    """Return the checksum polynomial of bech32."""
    found = 1
    for word in words:
        top = found >> 25
        found = (found & 0x1FFFFFF) << 5 ^ word
        for place, generator in enumerate(GENERATORS):
            found ^= generator if top >> place & 1 else 0
    return found
