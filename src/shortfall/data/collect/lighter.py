"""Lighter: the fund is an account whose number the market's details give; margin fractions are ten-thousandths.

Mark and index price are on a stream only; whether open interest counts one side is not stated by the venue.
"""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Any, Final

import msgspec

from shortfall.data.collect.client import Source, Venue
from shortfall.data.collect.rows import enter_liquidations
from shortfall.data.collect.sheet import VenueError, number
from shortfall.data.figure_records import FundAsset, FundPool, RemarkKind, TierRow

if TYPE_CHECKING:
    from datetime import datetime

    from shortfall.data.collect.sheet import Sheet

__all__ = ["VENUE"]

TEN_THOUSAND: Final = Decimal(10_000)
HUNDRED: Final = Decimal(100)
ON_STREAM: Final = "published on a stream only"
FORCED: Final = ("liquidation", "deleverage")
PLAIN: Final = ("trade", "market-settlement", "buy", "sell")


class _Config(msgspec.Struct):
    insurance_fund_account_index: int | None = None


class _Details(msgspec.Struct):
    symbol: str
    market_id: int
    market_type: str
    status: str
    min_initial_margin_fraction: Any
    maintenance_margin_fraction: Any
    last_trade_price: Any
    open_interest: Any
    liquidation_fee: Any = None
    taker_fee: Any = None
    maker_fee: Any = None
    closeout_margin_fraction: Any = None
    daily_base_token_volume: Any = None
    daily_quote_token_volume: Any = None
    market_config: _Config = msgspec.field(default_factory=_Config)


class _AllDetails(msgspec.Struct):
    code: int
    order_book_details: list[_Details]


class _Order(msgspec.Struct):
    price: Any
    remaining_base_amount: Any


class _Orders(msgspec.Struct):
    code: int
    bids: list[_Order]
    asks: list[_Order]


class _Trade(msgspec.Struct):
    trade_id: int
    type: str
    size: Any
    price: Any
    timestamp: int
    is_maker_ask: bool = False


class _Trades(msgspec.Struct):
    code: int
    trades: list[_Trade]


class _Account(msgspec.Struct):
    collateral: Decimal
    index: int | None = None
    total_asset_value: Any = None


class _Accounts(msgspec.Struct):
    code: int
    accounts: list[_Account]


def _ok(code: int) -> None:
    if code != 200:  # noqa: PLR2004 - the venue repeats the status of HTTP in its body
        raise VenueError(f"code {code}")


def _details(body: _AllDetails, sheet: Sheet) -> None:
    _ok(body.code)
    row = next((row for row in body.order_book_details if row.symbol == sheet.symbol), None)
    if row is None or row.market_type != "perp":
        kind = "unknown here" if row is None else f"of type {row.market_type}"
        sheet.refuse(f"{sheet.symbol} is {kind}, not a perpetual: a spot symbol has no fund that answers for it")
        return
    if row.status != "active":
        sheet.remark(RemarkKind.UNKNOWN_VALUE, "status", f"the market's status is {row.status!r}")
    sheet.contract_form = "linear"
    sheet.base_asset, sheet.quote_asset, sheet.settlement_asset = row.symbol, "USD", "USDC"
    sheet.kept["market"] = str(row.market_id)
    if row.market_config.insurance_fund_account_index is not None:
        sheet.kept["fund"] = str(row.market_config.insurance_fund_account_index)
    sheet.put_text("settlement_asset", "USDC")
    sheet.put("last_price", row.last_trade_price)
    sheet.put("open_interest_base", row.open_interest, note="whether one side is not stated by the venue")
    sheet.put("volume_24h_base", row.daily_base_token_volume)
    sheet.put("volume_24h_quote", row.daily_quote_token_volume)
    sheet.put("taker_fee_rate", row.taker_fee)
    sheet.put("maker_fee_rate", row.maker_fee)
    _margin(row, sheet)
    base, last = sheet.value("open_interest_base"), sheet.value("last_price")
    if base is not None and last is not None:
        sheet.put("open_interest_notional", base * last, note="open_interest_base x last_price", derived=True)


def _margin(row: _Details, sheet: Sheet) -> None:
    initial, maintenance = number(row.min_initial_margin_fraction), number(row.maintenance_margin_fraction)
    fee = number(row.liquidation_fee)
    if fee is not None:
        sheet.put("liquidation_fee_rate", fee / HUNDRED, note="liquidation_fee in percent / 100", derived=True)
    if not initial or not maintenance or initial < 0 or maintenance < 0:
        sheet.unknown("tiers", "the answer lacks a margin fraction")
        return
    first, least = initial / TEN_THOUSAND, maintenance / TEN_THOUSAND
    sheet.put("initial_margin_rate", first, note="smallest; ten-thousandths", derived=True)
    sheet.put("maintenance_margin_rate", least, note="ten-thousandths", derived=True)
    sheet.put("max_leverage", round(1 / first, 4), note="1 / smallest initial margin", derived=True)
    tier = TierRow(Decimal(0), None, "quote", least, first, round(1 / first, 4), Decimal(0))
    sheet.rows("tiers", [tier], None, f"one rate; close-out at {row.closeout_margin_fraction} ten-thousandths")


def _orders(body: _Orders, sheet: Sheet) -> None:
    _ok(body.code)
    totals: dict[tuple[str, str], Decimal] = {}
    rows: list[tuple[str, object, object]] = []
    for side, listed in (("bid", body.bids), ("ask", body.asks)):
        for order in listed:
            size = number(order.remaining_base_amount)
            if size is None or number(order.price) is None:
                rows.append((side, order.price, order.remaining_base_amount))
            else:
                key = (side, str(number(order.price)))
                totals[key] = totals.get(key, Decimal(0)) + size
    rows += [(side, price, size) for (side, price), size in totals.items()]
    sheet.book(rows, None, "the best 250 orders of each side, joined by price")


def _trades(body: _Trades, sheet: Sheet) -> None:
    _ok(body.code)
    rows = []
    for row in body.trades:
        if row.type in FORCED:
            side = "short" if row.is_maker_ask else "long"  # the taker is liquidated: it buys from a maker's ask
            known = side if row.type == "liquidation" else "unknown"
            rows.append((str(row.trade_id), row.timestamp, known, row.price, row.size))
            if row.type == "deleverage":
                sheet.signal("deleverage", ("deleverage",), row.timestamp, price=row.price, size=row.size)
        elif row.type not in PLAIN:
            sheet.remark(
                RemarkKind.UNKNOWN_VALUE, "liquidations", f"the venue's trade type {row.type!r} is not known here"
            )
    enter_liquidations(
        sheet, rows, "fill", f"among the last {len(body.trades)} trades: a lower bound; side from the taker's"
    )


def _fund(body: _Accounts, sheet: Sheet) -> None:
    _ok(body.code)
    if not body.accounts:
        raise VenueError("no account of the fund")
    row = body.accounts[0]
    value = number(row.total_asset_value)
    note = "total_asset_value" if value is not None else "collateral: the account's value is not in the answer"
    balance = row.collateral if value is None else value
    pool = FundPool(f"account {sheet.kept['fund']}", "account", (sheet.symbol,), (FundAsset("USDC", balance),))
    sheet.pools([pool], pool, None, f"{note}; it holds positions, may lose, and its other markets are not listed")


def _more(sheet: Sheet) -> tuple[Source, ...]:
    if "market" not in sheet.kept:
        return ()
    market = ("market_id", sheet.kept["market"])
    found = [
        Source(
            "/api/v1/orderBookOrders", _Orders, _orders, ("book", "best_bid", "best_ask"), (market, ("limit", "250"))
        ),
        Source("/api/v1/recentTrades", _Trades, _trades, ("liquidations",), (market, ("limit", "100")), fresh_s=0),
    ]
    if "fund" in sheet.kept:
        asked = (("by", "index"), ("value", sheet.kept["fund"]))
        found.append(Source("/api/v1/account", _Accounts, _fund, ("fund_balance", "fund_pools"), asked))
    return tuple(found)


def _sources(_: str, __: datetime) -> tuple[Source, ...]:
    supplied = (
        "last_price",
        "open_interest_base",
        "open_interest_notional",
        "tiers",
        "max_leverage",
        "volume_24h_quote",
    )
    after = ("book", "liquidations", "fund_balance", "fund_pools")
    return (Source("/api/v1/orderBookDetails", _AllDetails, _details, (*supplied, *after)),)


VENUE: Final = Venue(
    code="lighter",
    base_url="https://mainnet.zklighter.elliot.ai",
    sources=_sources,
    more=_more,
    example="ETH",
    silent={
        "mark_price": ON_STREAM,
        "index_price": ON_STREAM,
        "funding_rate": ON_STREAM,
        "funding_history": "not in the answers that were asked for",
        "constituents": "not in the interface",
        "adl_state": "no public signal before the fact; no deleveraging among the trades of the answer",
        "adl_signals": "no public signal before the fact; no deleveraging among the trades of the answer",
        "fund_balance": "the market's details name no fund account",
        "fund_pools": "the market's details name no fund account",
        "price_limit_up": "not in the interface",
        "price_limit_down": "not in the interface",
        "depth": "see book",
    },
)
