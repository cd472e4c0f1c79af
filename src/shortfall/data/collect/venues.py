"""The venues that can be collected, by code."""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Final

from shortfall.errors import Finding, InputError

if TYPE_CHECKING:
    from shortfall.data.collect.client import Venue

__all__ = ["VENUES", "venue_of"]

VENUES: Final = (
    "binance",
    "bybit",
    "okx",
    "bitmex",
    "deribit",
    "kraken",
    "gate",
    "hyperliquid",
    "dydx",
    "paradex",
    "lighter",
    "orderly",
)


def venue_of(code: str) -> Venue:
    """Return a venue's client.

    Raises
    ------
    InputError
        If there is none of this code; the message lists those that are.
    """
    if code not in VENUES:
        raise InputError([Finding(code, f"Expected a venue that can be collected, one of {', '.join(VENUES)}")])
    found: Venue = importlib.import_module(f"shortfall.data.collect.{code}").VENUE
    return found
