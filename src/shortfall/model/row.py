"""One command as the core reads it."""

from __future__ import annotations

from typing import NamedTuple


class Row(NamedTuple):
    """One command as the core reads it."""

    op: int
    account: int = 0
    market: int = 0
    flags: int = 0
    price: int = 0
    lots: int = 0
    reference: int = 0
    time_us: int = 0
