"""Paradex: one fund account for all markets, initial margin by a continuous formula, losses socialised on withdrawals."""

from __future__ import annotations

from decimal import Decimal  # noqa: TC003 - msgspec reads the annotations
from typing import TYPE_CHECKING, Any, Final

import msgspec

from shortfall.data.collect.client import Source, Venue
from shortfall.data.collect.rows import enter_liquidations, levels
from shortfall.data.collect.sheet import VenueError, number
from shortfall.data.figure_records import FundAsset, FundPool, RemarkKind

if TYPE_CHECKING:
    from datetime import datetime

    from shortfall.data.collect.sheet import Sheet

__all__ = ["VENUE"]

NO_ADL: Final = "the venue has no ADL: it socialises losses on withdrawals"
FORCED: Final = ("LIQUIDATION",)
PLAIN: Final = ("FILL", "RPI", "BLOCK_TRADE")


class _Margin(msgspec.Struct):
    imf_base: Any
    imf_shift: Any
    imf_factor: Any
    mmf_factor: Any


class _Market(msgspec.Struct):
    symbol: str
    asset_kind: str
    base_currency: str
    quote_currency: str
    settlement_currency: str
    price_tick_size: Any = None
    order_size_increment: Any = None
    price_bands_width: Any = None
    funding_period_hours: Any = None
    delta1_cross_margin_params: _Margin | None = None


class _Markets(msgspec.Struct):
    results: list[_Market]


class _Summary(msgspec.Struct):
    symbol: str
    mark_price: Any
    underlying_price: Any
    last_traded_price: Any
    open_interest: Any
    volume_24h: Any
    funding_rate: Any
    created_at: int


class _Summaries(msgspec.Struct):
    results: list[_Summary]


class _Book(msgspec.Struct):
    bids: list[list[Any]]
    asks: list[list[Any]]
    last_updated_at: int


class _Fund(msgspec.Struct):
    account_value: Decimal
    settlement_asset: str
    updated_at: int


class _Trade(msgspec.Struct):
    id: str
    side: str
    size: Any
    price: Any
    created_at: int
    trade_type: str


class _Trades(msgspec.Struct):
    results: list[_Trade]


def _market(body: _Markets, sheet: Sheet) -> None:
    row = next((row for row in body.results if row.symbol == sheet.symbol), None)
    if row is None or row.asset_kind != "PERP":
        kind = "unknown here" if row is None else f"of kind {row.asset_kind}"
        sheet.refuse(f"{sheet.symbol} is {kind}, not a perpetual: a spot symbol has no fund that answers for it")
        return
    sheet.contract_form = "linear"
    sheet.base_asset, sheet.quote_asset = row.base_currency, row.quote_currency
    sheet.settlement_asset = row.settlement_currency
    sheet.put_text("settlement_asset", row.settlement_currency)
    sheet.put("tick_size", row.price_tick_size)
    sheet.put("lot_size", row.order_size_increment)
    width = number(row.price_bands_width)
    if width is not None and 0 < width < 1:
        sheet.put("price_band_up_multiplier", 1 + width, note="1 + price_bands_width", derived=True)
        sheet.put("price_band_down_multiplier", 1 - width, note="1 - price_bands_width", derived=True)
    if number(row.funding_period_hours) is not None:
        sheet.put("funding_interval_hours", row.funding_period_hours)
    _margin(row.delta1_cross_margin_params, sheet)


def _margin(found: _Margin | None, sheet: Sheet) -> None:
    base, factor = (number(found.imf_base), number(found.mmf_factor)) if found is not None else (None, None)
    if found is None or base is None or factor is None:
        return
    sheet.put("initial_margin_rate", base, note="base; grows with size")
    sheet.put("maintenance_margin_rate", base * factor, note="base x maintenance factor; grows with size", derived=True)
    if base > 0:
        sheet.put("max_leverage", round(1 / base, 4), note="1 / base initial margin", derived=True)
    words = f"imf_base {found.imf_base}, imf_shift {found.imf_shift}, imf_factor {found.imf_factor}, mmf_factor {found.mmf_factor}"
    sheet.put_text("margin_formula", words, note="coefficients as published; the formula is in the documentation")


def _summary(body: _Summaries, sheet: Sheet) -> None:
    row = next((row for row in body.results if row.symbol == sheet.symbol), None)
    if row is None:
        raise VenueError("no summary for this market")
    at = row.created_at
    sheet.put("mark_price", row.mark_price, at)
    sheet.put("index_price", row.underlying_price, at)
    sheet.put("last_price", row.last_traded_price, at)
    sheet.put("volume_24h_quote", row.volume_24h, at)
    sheet.put("funding_rate", row.funding_rate, at)
    sheet.put("open_interest_base", row.open_interest, at, "one side (not stated by the venue)")
    base, mark = sheet.value("open_interest_base"), sheet.value("mark_price")
    if base is not None and mark is not None:
        sheet.put("open_interest_notional", base * mark, at, "open_interest_base x mark_price", derived=True)


def _book(body: _Book, sheet: Sheet) -> None:
    sheet.book(levels(body.bids, body.asks), body.last_updated_at, "at most 100 levels of each side")


def _fund(body: _Fund, sheet: Sheet) -> None:
    assets = (FundAsset(body.settlement_asset, body.account_value),)
    pool = FundPool("insurance fund account", "account", (sheet.symbol,), assets, sheet.stamp(body.updated_at))
    sheet.pools([pool], pool, body.updated_at, "one account for all markets; it holds positions and may lose")


def _trades(body: _Trades, sheet: Sheet) -> None:
    rows = []
    for row in body.results:
        if row.trade_type in FORCED:
            side = {"SELL": "long", "BUY": "short"}.get(row.side, "unknown")
            rows.append((row.id, row.created_at, side, row.price, row.size))
        elif row.trade_type not in PLAIN:
            message = f"the venue's trade type {row.trade_type!r} is not known here; it is not counted as a liquidation"
            sheet.remark(RemarkKind.UNKNOWN_VALUE, "liquidations", message)
    enter_liquidations(
        sheet, rows, "fill", f"among the last {len(body.results)} trades: a lower bound; side from the taker's"
    )


def _refuse(symbol: str) -> str:
    if symbol.endswith("-PERP"):
        return ""
    return f"{symbol} is not a perpetual here (they end in -PERP): a spot symbol has no fund that answers for it"


def _sources(symbol: str, _: datetime) -> tuple[Source, ...]:
    one = (("market", symbol),)
    prices = (
        "mark_price",
        "index_price",
        "last_price",
        "open_interest_base",
        "open_interest_notional",
        "volume_24h_quote",
    )
    margin = ("initial_margin_rate", "maintenance_margin_rate", "max_leverage", "margin_formula", "tick_size")
    return (
        Source("/v1/markets", _Markets, _market, margin, one),
        Source("/v1/markets/summary", _Summaries, _summary, (*prices, "funding_rate"), one),
        Source(f"/v1/orderbook/{symbol}", _Book, _book, ("book", "best_bid", "best_ask"), (("depth", "100"),)),
        Source("/v1/insurance", _Fund, _fund, ("fund_balance", "fund_pools"), fresh_s=26 * 3600),
        Source("/v1/trades", _Trades, _trades, ("liquidations",), (*one, ("page_size", "100")), fresh_s=0),
    )


VENUE: Final = Venue(
    code="paradex",
    base_url="https://api.prod.paradex.trade",
    sources=_sources,
    example="BTC-USD-PERP",
    silent={
        "tiers": "no table: initial margin grows continuously with size; see margin_formula",
        "adl_state": NO_ADL,
        "adl_signals": NO_ADL,
        "constituents": "not in the answers that were asked for",
        "funding_history": "not in the answers that were asked for",
        "price_limit_up": "published as a band around mark: see price_band_up_multiplier",
        "price_limit_down": "published as a band around mark: see price_band_down_multiplier",
        "depth": "see book",
    },
    refuse=_refuse,
)
