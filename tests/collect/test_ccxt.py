"""Collecting through ccxt, tested with an object that has ccxt's unified methods and no network."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest

from shortfall.data.collect import ccxt_calls
from shortfall.data.collect.client import Refusal
from shortfall.data.figure_records import ContractFigures, RemarkKind

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
MS = int(NOW.timestamp() * 1000)


class TroubleError(Exception):
    """What the fake raises, as ccxt raises its own."""


class Exchange:
    """A few unified methods; open interest fails if told so."""

    def __init__(self, *, failing: bool = False, shape: object = None) -> None:
        self.failing, self.shape = failing, shape
        self.has = dict.fromkeys(
            ("fetchTicker", "fetchFundingRate", "fetchOpenInterest", "fetchOrderBook", "fetchLiquidations"), True
        )

    def load_markets(self) -> dict[str, Any]:
        """Answer as ccxt does."""
        swap = {
            "swap": True,
            "type": "swap",
            "inverse": False,
            "base": "BTC",
            "quote": "USDT",
            "settle": "USDT",
            "contractSize": 0.01,
        }
        return {"BTC/USDT:USDT": swap, "BTC/USDT": {**swap, "swap": False, "type": "spot"}}

    def fetch_ticker(self, symbol: str) -> object:  # noqa: ARG002 - ccxt's signature
        """Answer as ccxt does."""
        return self.shape or {"last": 60010.0, "quoteVolume": 6e9, "baseVolume": 1e5, "timestamp": MS}

    def fetch_funding_rate(self, symbol: str) -> object:  # noqa: ARG002 - the same
        """Answer as ccxt does."""
        return {"markPrice": 60000.0, "indexPrice": 59990.0, "fundingRate": 0.0001, "timestamp": MS}

    def fetch_open_interest(self, symbol: str) -> object:  # noqa: ARG002 - the same
        """Answer as ccxt does."""
        if self.failing:
            message = "busy"
            raise TroubleError(message)
        return {"openInterestAmount": 50000.0, "timestamp": MS}

    def fetch_order_book(self, symbol: str) -> object:  # noqa: ARG002 - the same
        """Answer as ccxt does."""
        return {"bids": [[59995.0, 200.0]], "asks": [[60005.0, 150.0]], "timestamp": MS}

    def fetch_liquidations(self, symbol: str) -> object:  # noqa: ARG002 - the same
        """Answer as ccxt does."""
        return [{"timestamp": MS, "price": 59000.0, "contracts": 100.0, "side": "sell"}]


def collected(
    venue: str = "okx", symbol: str = "BTC/USDT:USDT", exchange: Exchange | None = None
) -> ContractFigures | Refusal:
    return ccxt_calls.collect_from(exchange or Exchange(), venue, symbol, NOW, TroubleError)


def test_unified_answers_are_entered_and_the_fund_stays_unknown() -> None:
    held = collected()
    assert isinstance(held, ContractFigures)
    assert held.get("open_interest_notional").number() == Decimal(50_000) * Decimal(60_000)
    assert held.book[0].size_base == Decimal(2)  # 200 contracts of 0.01
    assert [(row.position_side, row.size_base) for row in held.liquidations] == [("long", Decimal(1))]
    assert "no unified call" in held.get("fund_balance").note
    assert "has no fetch_market_leverage_tiers" in held.get("tiers").note


def test_both_sides_of_bybit_are_halved_here_too() -> None:
    held = collected("bybit")
    assert isinstance(held, ContractFigures)
    assert held.get("open_interest_base").number() == Decimal(25_000)


def test_a_failing_call_leaves_the_others_whole() -> None:
    held = collected(exchange=Exchange(failing=True))
    assert isinstance(held, ContractFigures)
    assert "TroubleError: busy" in held.get("open_interest_base").note
    assert held.get("mark_price").known


@pytest.mark.parametrize("shape", [[1], "text", {"no": "last"}])
def test_an_answer_of_another_shape_is_a_finding(shape: object) -> None:
    held = collected(exchange=Exchange(shape=shape))
    assert isinstance(held, ContractFigures)
    assert not held.get("last_price").known
    assert [row.kind for row in held.findings] == [RemarkKind.WRONG_SHAPE]


def test_a_spot_market_is_refused() -> None:
    found = collected(symbol="BTC/USDT")
    assert isinstance(found, Refusal)
    assert "of type spot" in found.sentence
