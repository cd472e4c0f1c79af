"""Answers of the fake on-chain and hybrid venues. Figures are made up; shapes follow the venues' documentation."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from shortfall.testing.fake_central import HOUR_MS, LIQUIDATED_MS, iso

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["dydx", "hyperliquid", "lighter", "orderly", "paradex"]

USDC: Final = "ibc/8E27BA2D5493AF5636760E354E46004562C46AB7EC0CC4C1CA14E9E20E2545B5"
CROSS_FUND: Final = "dydx1c7ptc87hkd54e3r7zjy92q29xkq7t79w64slrq"


def hyperliquid(path: str, asked: Mapping[str, Any], now: int) -> object | None:
    """Answer as Hyperliquid: one address, the question is in the body."""
    if path != "/info":
        return None
    first_vault = str(asked.get("user", "")).startswith("0x2e3d")
    answers: dict[str, object] = {
        "metaAndAssetCtxs": [
            {
                "universe": [
                    {"name": "BTC", "szDecimals": 5, "maxLeverage": 40, "marginTableId": 56},
                    {"name": "DOT", "szDecimals": 1, "maxLeverage": 10, "marginTableId": 10},
                ],
                "marginTables": [
                    [
                        56,
                        {
                            "description": "two tiers",
                            "marginTiers": [
                                {"lowerBound": "0.0", "maxLeverage": 40},
                                {"lowerBound": "100000000.0", "maxLeverage": 20},
                            ],
                        },
                    ]
                ],
            },
            [
                {
                    "funding": "0.00001",
                    "openInterest": "30000",
                    "markPx": "60000.0",
                    "oraclePx": "59990.0",
                    "dayNtlVlm": "2000000000",
                    "midPx": "60000.0",
                },
                {
                    "funding": "0",
                    "openInterest": "0.0",
                    "markPx": "5",
                    "oraclePx": "5",
                    "dayNtlVlm": "0.0",
                    "midPx": None,
                },
            ],
        ],
        "l2Book": {
            "coin": asked.get("coin"),
            "time": now,
            "levels": [[{"px": "59995", "sz": "2", "n": 1}], [{"px": "60005", "sz": "1.5", "n": 2}]],
        },
        "fundingHistory": [
            {"coin": asked.get("coin"), "fundingRate": "0.00001", "premium": "0", "time": now - now % HOUR_MS}
        ],
        "clearinghouseState": {
            "marginSummary": {"accountValue": "5000000.0" if first_vault else "30000000.5"},
            "time": now,
        },
    }
    return answers.get(str(asked.get("type")))


def dydx(path: str, asked: Mapping[str, Any], now: int) -> object | None:
    """Answer as dYdX v4 and its chain; ISO-USD is an isolated market with a fund of its own."""
    markets = {
        "BTC-USD": {"marketType": "CROSS", "clobPairId": "0"},
        "ISO-USD": {"marketType": "ISOLATED", "clobPairId": "77"},
    }
    ticker = asked.get("ticker", "BTC-USD")
    answers: dict[str, object] = {
        "/v4/perpetualMarkets": {
            "markets": {ticker: _dydx_market(ticker, markets[ticker])} if ticker in markets else {},
        },
        f"/cosmos/bank/v1beta1/balances/{CROSS_FUND}": {"balances": [{"denom": USDC, "amount": "12000000500000"}]},
    }
    if path.startswith("/v4/orderbooks/"):
        return {"bids": [{"price": "59995", "size": "2"}], "asks": [{"price": "60005", "size": "1.5"}]}
    if path.startswith("/v4/trades/"):
        return {
            "trades": [
                {"id": "t1", "side": "BUY", "size": "0.1", "price": "60010", "type": "LIMIT", "createdAt": iso(now)},
                {
                    "id": "t2",
                    "side": "SELL",
                    "size": "1.5",
                    "price": "59000",
                    "type": "LIQUIDATED",
                    "createdAt": iso(LIQUIDATED_MS),
                },
            ]
        }
    if path.startswith("/v4/historicalFunding/"):
        return {"historicalFunding": [{"rate": "0.000002", "price": "60000", "effectiveAt": iso(now - now % HOUR_MS)}]}
    if path.startswith("/cosmos/bank/") and path not in answers:  # any other fund account
        return {"balances": [{"denom": USDC, "amount": "250000000000"}]}
    return answers.get(path)


def _dydx_market(ticker: str, kind: Mapping[str, str]) -> dict[str, object]:
    return {
        "ticker": ticker,
        "status": "ACTIVE",
        "oraclePrice": "60000",
        "openInterest": "400",
        "initialMarginFraction": "0.02",
        "maintenanceMarginFraction": "0.012",
        "nextFundingRate": "0.000003",
        "volume24H": "250000000",
        "tickSize": "1",
        "stepSize": "0.0001",
        "openInterestLowerCap": "0",
        "openInterestUpperCap": "0",
        **kind,
    }


def paradex(path: str, asked: Mapping[str, Any], now: int) -> object | None:
    """Answer as Paradex: one fund account, margin by a formula."""
    symbol = asked.get("market", "BTC-USD-PERP")
    answers: dict[str, object] = {
        "/v1/markets": {
            "results": [
                {
                    "symbol": symbol,
                    "asset_kind": "PERP",
                    "base_currency": "BTC",
                    "quote_currency": "USD",
                    "settlement_currency": "USDC",
                    "price_tick_size": "0.1",
                    "order_size_increment": "0.001",
                    "price_bands_width": "0.05",
                    "funding_period_hours": 8,
                    "delta1_cross_margin_params": {
                        "imf_base": "0.02",
                        "imf_shift": "0",
                        "imf_factor": "0.00005",
                        "mmf_factor": "0.5",
                    },
                }
            ]
        },
        "/v1/markets/summary": {
            "results": [
                {
                    "symbol": symbol,
                    "mark_price": "60000",
                    "underlying_price": "59990",
                    "last_traded_price": "60010",
                    "open_interest": "3000",
                    "volume_24h": "400000000",
                    "funding_rate": "0.0001",
                    "created_at": now,
                }
            ]
        },
        f"/v1/orderbook/{symbol}": {"bids": [["59995", "2"]], "asks": [["60005", "1.5"]], "last_updated_at": now},
        "/v1/insurance": {
            "account": "0x1",
            "account_value": "1250000.75",
            "settlement_asset": "USDC",
            "updated_at": now,
        },
        "/v1/trades": {
            "results": [
                {"id": "p1", "side": "BUY", "size": "0.1", "price": "60010", "created_at": now, "trade_type": "FILL"},
                {
                    "id": "p2",
                    "side": "SELL",
                    "size": "2",
                    "price": "59500",
                    "created_at": LIQUIDATED_MS,
                    "trade_type": "LIQUIDATION",
                },
            ]
        },
    }
    return answers.get(path)


def lighter(path: str, asked: Mapping[str, Any], now: int) -> object | None:
    """Answer as Lighter: the fund is an account that the market's details name."""
    del asked
    answers: dict[str, dict[str, object]] = {
        "/api/v1/orderBookDetails": {
            "order_book_details": [
                {
                    "symbol": "BTC",
                    "market_id": 1,
                    "market_type": "perp",
                    "status": "active",
                    "min_initial_margin_fraction": 200,
                    "maintenance_margin_fraction": 120,
                    "closeout_margin_fraction": 80,
                    "liquidation_fee": "1.0000",
                    "taker_fee": "0.0000",
                    "maker_fee": "0.0000",
                    "last_trade_price": 60010,
                    "open_interest": 2500.5,
                    "daily_base_token_volume": 7000,
                    "daily_quote_token_volume": 420000000.5,
                    "market_config": {"insurance_fund_account_index": 281},
                },
                {
                    "symbol": "LIT/USDC",
                    "market_id": 9,
                    "market_type": "spot",
                    "status": "active",
                    "min_initial_margin_fraction": 0,
                    "maintenance_margin_fraction": 0,
                    "last_trade_price": 1,
                    "open_interest": 0,
                },
            ]
        },
        "/api/v1/orderBookOrders": {
            "bids": [
                {"price": "59995", "remaining_base_amount": "1.5"},
                {"price": "59995", "remaining_base_amount": "0.5"},
            ],
            "asks": [{"price": "60005", "remaining_base_amount": "1.5"}],
        },
        "/api/v1/recentTrades": {
            "trades": [
                {"trade_id": 5, "type": "trade", "size": "0.1", "price": "60010", "timestamp": now},
                {
                    "trade_id": 6,
                    "type": "liquidation",
                    "size": "0.7",
                    "price": "59900",
                    "timestamp": LIQUIDATED_MS,
                    "is_maker_ask": False,
                },
            ]
        },
        "/api/v1/account": {
            "accounts": [{"index": 281, "collateral": "40000000.000000", "total_asset_value": "41000000.25"}]
        },
    }
    found = answers.get(path)
    return None if found is None else {"code": 200, **found}


def orderly(path: str, asked: Mapping[str, Any], now: int) -> object | None:
    """Answer as Orderly: one fund account, the book is not public."""
    symbol = str(asked.get("symbol", path.rsplit("/", 1)[-1]))
    answers: dict[str, object] = {
        f"/v1/public/info/{symbol}": {
            "symbol": symbol,
            "quote_tick": 0.1,
            "base_tick": 0.0001,
            "base_imr": 0.01,
            "base_mmr": 0.006,
            "imr_factor": 0.0000004,
            "price_range": 0.03,
            "funding_period": 8,
            "std_liquidation_fee": 0.008,
        },
        f"/v1/public/futures/{symbol}": {
            "symbol": symbol,
            "mark_price": 60000,
            "index_price": 59990,
            "open_interest": 900.25,
            "last_funding_rate": 0.0001,
            "24h_amount": 123000000,
            "24h_volume": 2050,
            "24h_close": 60010,
        },
        "/v1/public/insurancefund": {"balance": 2100000.5, "total_account_value": 2000000.25, "rows": []},
        "/v1/public/liquidated_positions": {
            "rows": [
                {
                    "timestamp": LIQUIDATED_MS,
                    "liquidation_id": 101,
                    "type": "liquidated",
                    "positions_by_perp": [
                        {"symbol": symbol, "position_qty": -2.5, "transfer_price": 60500, "liquidator_fee": 0.01},
                        {"symbol": "PERP_XYZ_USDC", "position_qty": 7, "transfer_price": 1},
                    ],
                }
            ]
        },
        "/v1/public/funding_rate_history": {
            "rows": [{"symbol": symbol, "funding_rate": 0.0001, "funding_rate_timestamp": now - now % (8 * HOUR_MS)}]
        },
    }
    found = answers.get(path)
    return None if found is None else {"success": True, "timestamp": now, "data": found}
