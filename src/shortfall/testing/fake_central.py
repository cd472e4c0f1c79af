"""Answers of the fake Binance, Bybit and OKX. Figures are made up; shapes follow the venues' documentation."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["HOUR_MS", "LIQUIDATED_MS", "binance", "bybit", "iso", "okx"]

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
        **_bybit_risk(symbol, now),
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


def _bybit_risk(symbol: str, now: int) -> dict[str, dict[str, object]]:
    return {
        "/v5/market/risk-limit": {
            "list": [{"riskLimitValue": "150", "maintenanceMargin": "0.5", "initialMargin": "1", "maxLeverage": "100"}]
            if symbol.endswith("USD")
            else [
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
                {
                    "riskLimitValue": "50000000",
                    "maintenanceMargin": "0.1",
                    "initialMargin": "0.2",
                    "maxLeverage": "5",
                    "mmDeduction": "284000",
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
    }


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
        **_okx_risk(ts, now),
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


def _okx_risk(ts: str, now: int) -> dict[str, object]:
    return {
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
    }
