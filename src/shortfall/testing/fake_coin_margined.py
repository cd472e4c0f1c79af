"""Answers of the fake BitMEX, Deribit, Kraken and Gate. Figures are made up; shapes follow the venues' documentation."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from shortfall.testing.fake_central import HOUR_MS, LIQUIDATED_MS, iso

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["bitmex", "deribit", "gate", "kraken"]


def bitmex(path: str, asked: Mapping[str, Any], now: int) -> object | None:
    """Answer as BitMEX: XBTUSD, contracts of one dollar; the fund's answer holds another currency too."""
    symbol = asked.get("symbol", "XBTUSD")
    answers: dict[str, object] = {
        "/api/v1/instrument": [
            {
                "symbol": symbol,
                "typ": "FFWCSX",
                "underlying": "XBT",
                "referenceSymbol": ".BXBT",
                "quoteCurrency": "USD",
                "settlCurrency": "XBt",
                "isInverse": True,
                "initMargin": 0.01,
                "maintMargin": 0.005,
                "riskLimit": 20_000_000_000,
                "riskStep": 15_000_000_000,
                "tickSize": 0.5,
                "takerFee": 0.0005,
                "makerFee": 0.0002,
                "openInterest": 240_000_000,
                "markPrice": 60000.0,
                "indicativeSettlePrice": 59990.0,
                "lastPrice": 60010,
                "fundingRate": 0.0001,
                "foreignNotional24h": 500_000_000,
                "homeNotional24h": 8333.5,
                "limitUpPrice": None,
                "limitDownPrice": None,
                "timestamp": iso(now),
            }
        ],
        "/api/v1/insurance": [
            {"currency": "USDt", "timestamp": iso(now), "walletBalance": 5_000_000_000_000},
            {"currency": "XBt", "timestamp": iso(now - 24 * HOUR_MS), "walletBalance": 3_000_000_000_000},
            {"currency": "XBt", "timestamp": iso(now - HOUR_MS), "walletBalance": 3_100_000_000_000},
        ],
        "/api/v1/orderBook/L2": [
            {"symbol": symbol, "id": 1, "side": "Buy", "size": 120_000, "price": 59995.0},
            {"symbol": symbol, "id": 2, "side": "Sell", "size": 60_005, "price": 60005.0},
        ],
        "/api/v1/liquidation": [
            {"orderID": "liq-1", "symbol": symbol, "side": "Sell", "price": 59000, "leavesQty": 59_000}
        ],
        "/api/v1/funding": [
            {"symbol": symbol, "timestamp": iso(now - now % (8 * HOUR_MS)), "fundingRate": 0.0001},
            {"symbol": symbol, "timestamp": iso(now - now % (8 * HOUR_MS) - 8 * HOUR_MS), "fundingRate": 0.0002},
        ],
        "/api/v1/instrument/compositeIndex": [
            {"reference": "AAA", "symbol": ".BXBT", "weight": 0.5, "lastPrice": 59991, "timestamp": iso(now)},
            {"reference": "BBB", "symbol": ".BXBT", "weight": 0.5, "lastPrice": 59989, "timestamp": iso(now)},
            {"reference": "BMI", "symbol": ".BXBT", "weight": None, "lastPrice": 59990, "timestamp": iso(now)},
        ],
    }
    return answers.get(path)


def deribit(path: str, asked: Mapping[str, Any], now: int) -> object | None:
    """Answer as Deribit: BTC-PERPETUAL, amounts in dollars, one bankruptcy of 0.25 BTC."""
    name = asked.get("instrument_name", "BTC-PERPETUAL")
    results: dict[str, object] = {
        "/api/v2/public/get_instrument": {
            "instrument_name": name,
            "kind": "future",
            "settlement_period": "perpetual",
            "instrument_type": "reversed",
            "base_currency": "BTC",
            "quote_currency": "USD",
            "settlement_currency": "BTC",
            "contract_size": 10,
            "max_leverage": 50,
            "tick_size": 0.5,
            "taker_commission": 0.0005,
            "maker_commission": 0,
            "max_liquidation_commission": 0.0075,
        },
        "/api/v2/public/ticker": {
            "timestamp": now,
            "mark_price": 60000.0,
            "index_price": 59990.0,
            "last_price": 60010.0,
            "open_interest": 600_000_000,
            "max_price": 60900.0,
            "min_price": 59100.0,
            "funding_8h": 0.00003,
            "stats": {"volume": 5000.5, "volume_usd": 300_030_000},
        },
        "/api/v2/public/get_order_book": {
            "timestamp": now,
            "bids": [[59995.0, 119_990]],
            "asks": [[60005.0, 60_005]],
        },
        "/api/v2/public/get_last_settlements_by_currency": {
            "settlements": [
                {
                    "type": "bankruptcy",
                    "timestamp": now - HOUR_MS,
                    "session_bankruptcy": 0.25,
                    "funded": 0.25,
                    "socialized": 0,
                }
            ]
        },
        **_deribit_trades(now),
        "/api/v2/public/get_funding_rate_history": [
            {"timestamp": now - now % HOUR_MS, "interest_8h": 0.00002, "interest_1h": 0.0000025}
        ],
    }
    found = results.get(path)
    return None if found is None else {"jsonrpc": "2.0", "result": found}


def _deribit_trades(now: int) -> dict[str, object]:
    return {
        "/api/v2/public/get_last_trades_by_instrument": {
            "trades": [
                {"trade_id": "1", "timestamp": now, "price": 60010.0, "amount": 10, "direction": "buy"},
                {
                    "trade_id": "2",
                    "timestamp": LIQUIDATED_MS,
                    "price": 60000.0,
                    "amount": 30_000,
                    "direction": "sell",
                    "liquidation": "T",
                },
                {
                    "trade_id": "3",
                    "timestamp": LIQUIDATED_MS + 1000,
                    "price": 60000.0,
                    "amount": 60_000,
                    "direction": "sell",
                    "liquidation": "M",
                },
            ]
        },
    }


def kraken(path: str, asked: Mapping[str, Any], now: int) -> object | None:
    """Answer as Kraken Futures: PI_XBTUSD, contracts of one dollar, one liquidation among the trades."""
    del asked
    at = iso(now)
    answers: dict[str, dict[str, object]] = {
        "/derivatives/api/v3/instruments": {
            "instruments": [
                {
                    "symbol": "PI_XBTUSD",
                    "type": "futures_inverse",
                    "base": "XBT",
                    "quote": "USD",
                    "tickSize": 0.5,
                    "contractSize": 1,
                    "marginLevels": [
                        {"contracts": 0, "initialMargin": 0.02, "maintenanceMargin": 0.01},
                        {"contracts": 500_000, "initialMargin": 0.04, "maintenanceMargin": 0.02},
                    ],
                }
            ]
        },
        "/derivatives/api/v3/tickers": {
            "tickers": [
                {
                    "symbol": "PI_XBTUSD",
                    "tag": "perpetual",
                    "markPrice": 60000,
                    "indexPrice": 59990,
                    "last": 60010,
                    "openInterest": 12_000_000,
                    "vol24h": 90_000_000,
                }
            ],
            "serverTime": at,
        },
        "/derivatives/api/v3/orderbook": {
            "orderBook": {"bids": [[59995, 119_990]], "asks": [[60005, 60_005]]},
            "serverTime": at,
        },
        "/derivatives/api/v3/history": {
            "history": [
                {"time": at, "price": 60010, "size": 25, "side": "buy", "type": "fill", "uid": "f-1"},
                {
                    "time": iso(LIQUIDATED_MS),
                    "price": 60000,
                    "size": 6000,
                    "side": "sell",
                    "type": "liquidation",
                    "uid": "l-1",
                },
            ],
            "serverTime": at,
        },
        "/derivatives/api/v3/historical-funding-rates": {
            "rates": [
                {"timestamp": iso(now - now % HOUR_MS - HOUR_MS), "fundingRate": 1e-9, "relativeFundingRate": 0.00001},
                {"timestamp": iso(now - now % HOUR_MS), "fundingRate": 2e-9, "relativeFundingRate": 0.00002},
            ]
        },
    }
    found = answers.get(path)
    return None if found is None else {"result": "success", **found}


_GATE_CONTRACT: Final[dict[str, object]] = {
    "name": "BTC_USDT",
    "type": "direct",
    "quanto_multiplier": "0.0001",
    "mark_price": "60000",
    "index_price": "59990",
    "last_price": "60010",
    "funding_rate": "0.0001",
    "position_size": 50_000_000,
    "leverage_max": "100",
    "maintenance_rate": "0.005",
    "order_price_deviate": "0.1",
    "order_price_round": "0.1",
    "funding_interval": 28800,
    "taker_fee_rate": "0.00075",
    "maker_fee_rate": "-0.00025",
}


def gate(path: str, asked: Mapping[str, Any], now: int) -> object | None:
    """Answer as Gate: contracts of 0.0001 BTC, a daily history of the fund, a state of ADL."""
    del asked
    base, second = "/api/v4/futures/usdt", now // 1000
    answers: dict[str, object] = {
        f"{base}/contracts/BTC_USDT": _GATE_CONTRACT,
        f"{base}/order_book": {
            "current": now / 1000,
            "bids": [{"p": "59995", "s": 20_000}],
            "asks": [{"p": "60005", "s": 15_000}],
        },
        f"{base}/insurance": [{"t": second - 86_400, "b": "21000000"}, {"t": second - 3600, "b": "22000000.5"}],
        f"{base}/risk_limit_tiers": [
            {
                "tier": 1,
                "risk_limit": "1000000",
                "initial_rate": "0.01",
                "maintenance_rate": "0.005",
                "leverage_max": "100",
                "deduction": "0",
            },
            {
                "tier": 2,
                "risk_limit": "2000000",
                "initial_rate": "0.02",
                "maintenance_rate": "0.01",
                "leverage_max": "50",
                "deduction": "5000",
            },
        ],
        f"{base}/index_constituents/BTC_USDT": {
            "index": "BTC_USDT",
            "constituents": [
                {"exchange": "Alpha", "symbols": ["BTC_USDT"]},
                {"exchange": "Beta", "symbols": ["BTC_USDT"]},
            ],
        },
        f"{base}/liq_orders": [
            {
                "time": LIQUIDATED_MS // 1000,
                "contract": "BTC_USDT",
                "size": 600,
                "fill_price": "59000",
                "order_price": "58900",
                "left": 0,
            }
        ],
        f"{base}/funding_rate": [{"t": second - second % 28_800, "r": "0.0001"}],
        f"{base}/tickers": [{"contract": "BTC_USDT", "volume_24h_quote": "900000000", "volume_24h_base": "15000"}],
        f"{base}/adl_risk_states": {
            "settle": "usdt",
            "states": {"BTC_USDT": {"state": "NORMAL", "calculated_at_ms": now}},
        },
    }
    return answers.get(path)
