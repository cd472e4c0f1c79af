"""The bodies of the fake venues: small, made up here, in the documented shapes.

One market everywhere: mark near 60,000, index 59,990, a fund of a few millions. The same question gets the same answer
but for time stamps; liquidations carry fixed ids, so that whoever keeps history can show that it keeps each once.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from shortfall.testing import fake_central, fake_chains, fake_coin_margined

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

__all__ = ["answer"]

_VENUES: Final[Mapping[str, Callable[[str, Mapping[str, Any], int], object | None]]] = {
    "binance": fake_central.binance,
    "bybit": fake_central.bybit,
    "okx": fake_central.okx,
    "bitmex": fake_coin_margined.bitmex,
    "deribit": fake_coin_margined.deribit,
    "kraken": fake_coin_margined.kraken,
    "gate": fake_coin_margined.gate,
    "hyperliquid": fake_chains.hyperliquid,
    "dydx": fake_chains.dydx,
    "paradex": fake_chains.paradex,
    "lighter": fake_chains.lighter,
    "orderly": fake_chains.orderly,
}


def answer(venue: str, path: str, asked: Mapping[str, Any], now_unix_s: float) -> object | None:
    """Return a venue's answer to a path and its parameters, or None if there is no such address."""
    known = _VENUES.get(venue)
    return None if known is None else known(path, asked, int(now_unix_s * 1000))
