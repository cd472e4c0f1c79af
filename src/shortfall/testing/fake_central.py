"""Answers of the fake centralised venues. Figures are made up; shapes follow the venues' documentation."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["binance", "bitmex", "bybit", "deribit", "gate", "iso", "kraken", "okx"]

HOUR_MS: Final = 3_600_000
LIQUIDATED_MS: Final = 1_790_000_000_000  # liquidations carry fixed times: they happened once


def iso(now_ms: int) -> str:
    """Return a time stamp as the venues that use ISO 8601 write it."""
    return datetime.fromtimestamp(now_ms / 1000, UTC).strftime("%Y-%m-%dT%H:%M:%S.%f")[:-3] + "Z"


def binance(path: str, asked: Mapping[str, Any], now: int) -> object | None:
    """Answer as Binance USD-M; BTCUSDT and ETHUSDT share a pool, BTCUSDT_261225 is a dated future."""
    symbol = asked.get("symbol", "BTCUSDT")
    answers: dict[str, object] = {
        "/fapi/v1/exchangeInfo": {
            "serverTime": now,
            "symbols": [_binance_symbol(name) for name in ("BTCUSDT", "ETHUSDT", "BTCUSDT_261225")],
        },
        "/fapi/v1/premiumIndex": {
            "symbol": symbol,
            "markPrice": "60000.00",
            "indexPrice": "59990.00",
            "lastFundingRate": "0.00012",
            "time": now,
        },
        "/fapi/v1/openInterest": {"symbol": symbol, "openInterest": "80000.000", "time": now},
        "/fapi/v1/ticker/24hr": {
            "lastPrice": "60010",
            "volume": "250000",
            "quoteVolume": "15000000000",
            "closeTime": now,
        },
        "/fapi/v1/depth": {
            "E": now,
            "bids": [["59995", "2"], ["59990", "3"]],
            "asks": [["60005", "1.5"], ["60020", "4"]],
        },
        "/fapi/v1/insuranceBalance": {
            "symbols": ["BTCUSDT", "ETHUSDT"],
            "assets": [
                {"asset": "USDT", "marginBalance": "7500000.25", "updateTime": now},
                {"asset": "BTC", "marginBalance": "20", "updateTime": now},
            ],
        },
        "/fapi/v1/symbolAdlRisk": {"symbol": symbol, "adlRisk": "low", "updateTime": now},
        "/fapi/v1/constituents": {
            "symbol": symbol,
            "time": now,
            "constituents": [
                {"exchange": "alpha", "symbol": "BTCUSDT", "price": "59991", "weight": "0.6"},
                {"exchange": "beta", "symbol": "BTC-USDT", "price": "59988", "weight": "0.4"},
            ],
        },
        "/fapi/v1/fundingRate": [
            {"symbol": symbol, "fundingTime": now - now % (8 * HOUR_MS) - 8 * HOUR_MS, "fundingRate": "0.0001"},
            {"symbol": symbol, "fundingTime": now - now % (8 * HOUR_MS), "fundingRate": "0.00011"},
        ],
    }
    return answers.get(path)


def _binance_symbol(name: str) -> dict[str, object]:
    return {
        "symbol": name,
        "contractType": "CURRENT_QUARTER" if "_" in name else "PERPETUAL",
        "baseAsset": name[:3],
        "quoteAsset": "USDT",
        "marginAsset": "USDT",
        "liquidationFee": "0.0125",
        "filters": [
            {"filterType": "PRICE_FILTER", "tickSize": "0.10"},
            {"filterType": "LOT_SIZE", "stepSize": "0.001"},
            {"filterType": "PERCENT_PRICE", "multiplierUp": "1.05", "multiplierDown": "0.95"},
        ],
    }


def bybit(path: str, asked: Mapping[str, Any], now: int) -> object | None:
    """Answer as Bybit v5: open interest of both sides; ETHUSDT lacks the one-sided field."""
    symbol = asked.get("symbol", asked.get("indexName", "BTCUSDT"))
    interest = {"openInterest": "100000", "singleOpenInterest": "50000", "timestamp": str(now)}
    if symbol == "ETHUSDT":
        del interest["singleOpenInterest"]
    results: dict[str, dict[str, object]] = {
        "/v5/market/instruments-info": {"list": [_bybit_instrument(symbol)] if symbol != "SPOTUSDT" else []},
        "/v5/market/tickers": {
            "list": [
                {
                    "symbol": symbol,
                    "markPrice": "60000",
                    "indexPrice": "59990",
                    "lastPrice": "60010",
                    "fundingRate": "-0.0002",
                    "openInterest": "100000",
                    "volume24h": "120000",
                    "turnover24h": "7200000000",
                }
            ]
        },
        "/v5/market/open-interest": {"symbol": symbol, "list": [interest]},
        "/v5/market/orderbook": {
            "s": symbol,
            "b": [["59995", "2"], ["59990", "3"]],
            "a": [["60005", "1.5"]],
            "ts": now,
        },
        "/v5/market/risk-limit": {
            "list": [
                {
                    "riskLimitValue": "2000000",
                    "maintenanceMargin": "0.005",
                    "initialMargin": "0.01",
                    "maxLeverage": "100",
                },
                {
                    "riskLimitValue": "3000000",
                    "maintenanceMargin": "0.006",
                    "initialMargin": "0.012",
                    "maxLeverage": "83.33",
                    "mmDeduction": "2000",
                },
            ]
        },
        "/v5/market/insurance": {
            "updatedTime": str(now - 12 * HOUR_MS),
            "list": [
                {"coin": "USDT", "symbols": "ETHUSDT,SOLUSDT", "balance": "3000000", "value": "2999000"},
                {"coin": "USDT", "symbols": "BTCUSDT", "balance": "4100000.5", "value": "4099000"},
                {"coin": "USDT", "symbols": "", "balance": "9000000", "value": "8999000"},
            ],
        },
        "/v5/market/adlAlert": {
            "updatedTime": str(now),
            "list": [
                {
                    "coin": "USDT",
                    "symbol": symbol,
                    "balance": "4100000.5",
                    "insurancePnlRatio": "-0.3",
                    "pnlRatio": "-0.05",
                    "adlTriggerThreshold": "10000",
                    "adlStopRatio": "-0.25",
                }
            ],
        },
        "/v5/market/index-price-components": {
            "indexName": symbol,
            "lastPrice": "59990",
            "updateTime": str(now),
            "components": [
                {"exchange": "Alpha", "spotPair": "BTCUSDT", "price": "59991", "weight": "0.7"},
                {"exchange": "Beta", "spotPair": "BTC_USDT", "price": "59987", "weight": "0.3"},
            ],
        },
        "/v5/market/price-limit": {"symbol": symbol, "buyLmt": "61200", "sellLmt": "58800", "ts": str(now)},
        "/v5/market/funding/history": {
            "list": [
                {"symbol": symbol, "fundingRate": "0.0001", "fundingRateTimestamp": str(now - now % (8 * HOUR_MS))}
            ]
        },
    }
    found = results.get(path)
    return None if found is None else {"retCode": 0, "retMsg": "OK", "result": found, "time": now}


def _bybit_instrument(symbol: str) -> dict[str, object]:
    inverse = symbol.endswith("USD")
    return {
        "symbol": symbol,
        "contractType": "InversePerpetual" if inverse else "LinearPerpetual",
        "baseCoin": symbol[:3],
        "quoteCoin": "USD" if inverse else "USDT",
        "settleCoin": symbol[:3] if inverse else "USDT",
        "leverageFilter": {"maxLeverage": "100.00"},
        "priceFilter": {"tickSize": "0.10"},
        "lotSizeFilter": {"qtyStep": "0.001"},
        "fundingInterval": 480,
    }


def okx(path: str, asked: Mapping[str, Any], now: int) -> object | None:
    """Answer as OKX v5: contracts of 0.01 BTC, a fund of the family."""
    symbol, ts = asked.get("instId", "BTC-USDT-SWAP"), str(now)
    rows: dict[str, object] = {
        "/api/v5/public/instruments": [
            {
                "instId": symbol,
                "instType": "SWAP",
                "ctType": "linear",
                "ctVal": "0.01",
                "ctMult": "1",
                "ctValCcy": "BTC",
                "settleCcy": "USDT",
                "lever": "100",
                "tickSz": "0.1",
            }
        ],
        "/api/v5/public/mark-price": [{"instId": symbol, "markPx": "60000", "ts": ts}],
        "/api/v5/market/ticker": [{"instId": symbol, "last": "60010", "volCcy24h": "30000", "ts": ts}],
        "/api/v5/market/index-components": {
            "index": "BTC-USDT",
            "last": "59990",
            "ts": ts,
            "components": [
                {"exch": "Alpha", "symbol": "BTC/USDT", "symPx": "59991", "wgt": "0.501"},
                {"exch": "Beta", "symbol": "BTC/USDT", "symPx": "59989", "wgt": "0.5"},
            ],
        },
        "/api/v5/public/open-interest": [
            {"instId": symbol, "oi": "3000000", "oiCcy": "30000", "oiUsd": "1799700000", "ts": ts}
        ],
        "/api/v5/market/books": [
            {"bids": [["59995", "200", "0", "2"]], "asks": [["60005", "150", "0", "1"]], "ts": ts}
        ],
        "/api/v5/public/position-tiers": [
            {"tier": "1", "minSz": "0", "maxSz": "5000", "mmr": "0.004", "imr": "0.01", "maxLever": "100"},
            {"tier": "2", "minSz": "5000", "maxSz": "10000", "mmr": "0.005", "imr": "0.0133", "maxLever": "75"},
        ],
        "/api/v5/public/insurance-fund": [
            {
                "total": "2500000000",
                "instFamily": "BTC-USDT",
                "instType": "SWAP",
                "details": [
                    {"ccy": "USDT", "balance": "90000000.5", "ts": ts, "type": "regular_update", "adlType": ""},
                    {
                        "ccy": "USDT",
                        "balance": "89000000",
                        "ts": str(now - HOUR_MS),
                        "type": "liquidation_balance_deposit",
                        "adlType": "",
                    },
                ],
            }
        ],
        "/api/v5/public/funding-rate": [
            {
                "instId": symbol,
                "fundingRate": "0.00005",
                "fundingTime": str(now + HOUR_MS),
                "nextFundingTime": str(now + 9 * HOUR_MS),
                "ts": ts,
            }
        ],
        "/api/v5/public/funding-rate-history": [
            {"instId": symbol, "fundingRate": "0.00004", "fundingTime": str(now - now % (8 * HOUR_MS))}
        ],
        "/api/v5/public/price-limit": [
            {"instId": symbol, "buyLmt": "60600", "sellLmt": "59400", "ts": ts, "enabled": True}
        ],
    }
    found = rows.get(path)
    return None if found is None else {"code": "0", "msg": "", "data": found}


def bitmex(path: str, asked: Mapping[str, Any], now: int) -> object | None:
    """Answer as BitMEX: XBTUSD, contracts of one dollar; the fund's answer holds another currency too."""
    symbol = asked.get("symbol", "XBTUSD")
    answers: dict[str, object] = {
        "/api/v1/instrument": [
            {
                "symbol": symbol,
                "typ": "FFWCSX",
                "underlying": "XBT",
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
        "/api/v2/public/get_funding_rate_history": [
            {"timestamp": now - now % HOUR_MS, "interest_8h": 0.00002, "interest_1h": 0.0000025}
        ],
    }
    found = results.get(path)
    return None if found is None else {"jsonrpc": "2.0", "result": found}


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


def gate(path: str, asked: Mapping[str, Any], now: int) -> object | None:
    """Answer as Gate: contracts of 0.0001 BTC, a daily history of the fund, a state of ADL."""
    del asked
    base, second = "/api/v4/futures/usdt", now // 1000
    answers: dict[str, object] = {
        f"{base}/contracts/BTC_USDT": {
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
        },
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
