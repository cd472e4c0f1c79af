"""Orderly: one fund account for all markets with its value and positions; the book needs a key and is unknown.

The field names of the fund's answer are those that a public client of the venue reads. The initial margin of a
position grows with its size by ``imr_factor``.
"""

from __future__ import annotations

from decimal import Decimal  # noqa: TC003 - msgspec reads the annotations
from typing import TYPE_CHECKING, Any, Final

import msgspec

from shortfall.data.collect.client import Source, Venue
from shortfall.data.collect.rows import enter_funding, enter_liquidations, key_of
from shortfall.data.collect.sheet import VenueError, number
from shortfall.data.figure_records import FundAsset, FundPool

if TYPE_CHECKING:
    from datetime import datetime

    from shortfall.data.collect.sheet import Sheet

__all__ = ["VENUE"]


class _Answer(msgspec.Struct):
    success: bool
    timestamp: int = 0
    data: Any = None
    message: str = ""


class _Info(msgspec.Struct):
    symbol: str
    base_imr: Any
    base_mmr: Any
    quote_tick: Any = None
    base_tick: Any = None
    price_range: Any = None
    imr_factor: Any = None
    funding_period: Any = None
    std_liquidation_fee: Any = None


class _Market(msgspec.Struct):
    symbol: str
    mark_price: Any
    index_price: Any
    open_interest: Any
    last_funding_rate: Any = None
    amount: Any = msgspec.field(name="24h_amount", default=None)
    volume: Any = msgspec.field(name="24h_volume", default=None)
    close: Any = msgspec.field(name="24h_close", default=None)


class _Fund(msgspec.Struct):
    balance: Decimal
    total_account_value: Any = None


class _Position(msgspec.Struct):
    symbol: str
    position_qty: Any
    transfer_price: Any = None
    mark_price: Any = None


class _Liquidated(msgspec.Struct):
    timestamp: int
    positions_by_perp: list[_Position]
    liquidation_id: Any = None
    type: str = ""


class _Rows(msgspec.Struct):
    rows: list[_Liquidated]


class _Rate(msgspec.Struct):
    symbol: str
    funding_rate: Any
    funding_rate_timestamp: int


class _Rates(msgspec.Struct):
    rows: list[_Rate]


def _data(body: _Answer, shape: Any) -> Any:  # noqa: ANN401 - the shape decides
    if not body.success:
        raise VenueError(body.message or "success is false")
    try:
        return msgspec.convert(body.data, shape)
    except msgspec.ValidationError as error:
        raise VenueError(f"an answer of another shape: {error}") from None


def _info(body: _Answer, sheet: Sheet) -> None:
    row: _Info = _data(body, _Info)
    _, sheet.base_asset, sheet.settlement_asset = [*sheet.symbol.split("_"), "", ""][:3]
    sheet.quote_asset, sheet.contract_form = sheet.settlement_asset, "linear"
    sheet.put_text("settlement_asset", sheet.settlement_asset)
    sheet.put("tick_size", row.quote_tick)
    sheet.put("lot_size", row.base_tick)
    sheet.put("initial_margin_rate", row.base_imr, note="base; grows with size by imr_factor")
    sheet.put("maintenance_margin_rate", row.base_mmr, note="base; grows with size")
    if number(row.std_liquidation_fee) is not None:
        sheet.put("liquidation_fee_rate", row.std_liquidation_fee)
    if number(row.funding_period) is not None:
        sheet.put("funding_interval_hours", row.funding_period)
    initial, width = sheet.value("initial_margin_rate"), number(row.price_range)
    if initial is not None:
        sheet.put("max_leverage", round(1 / initial, 4), note="1 / base_imr", derived=True)
        words = f"base_imr {row.base_imr}, base_mmr {row.base_mmr}, imr_factor {row.imr_factor}"
        sheet.put_text("margin_formula", words, note="coefficients as published; the formula is in the documentation")
    if width is not None and 0 < width < 1:
        sheet.put("price_band_up_multiplier", 1 + width, note="1 + price_range", derived=True)
        sheet.put("price_band_down_multiplier", 1 - width, note="1 - price_range", derived=True)


def _market(body: _Answer, sheet: Sheet) -> None:
    row: _Market = _data(body, _Market)
    at = body.timestamp
    sheet.put("mark_price", row.mark_price, at)
    sheet.put("index_price", row.index_price, at)
    sheet.put("last_price", row.close, at, "24h_close")
    sheet.put("funding_rate", row.last_funding_rate, at)
    sheet.put("volume_24h_quote", row.amount, at)
    sheet.put("volume_24h_base", row.volume, at)
    if row.open_interest == "none":
        sheet.unknown("open_interest_base", "the venue says none, which is not a number")
        return
    sheet.put("open_interest_base", row.open_interest, at, "one side (not stated by the venue)")
    base, mark = sheet.value("open_interest_base"), sheet.value("mark_price")
    if base is not None and mark is not None:
        sheet.put("open_interest_notional", base * mark, at, "open_interest_base x mark_price", derived=True)


def _fund(body: _Answer, sheet: Sheet) -> None:
    row: _Fund = _data(body, _Fund)
    value = number(row.total_account_value)
    asset = sheet.settlement_asset or "USDC"
    balance = row.balance if value is None else value
    assets = (FundAsset(asset, balance),)
    pool = FundPool("insurance fund account", "account", (sheet.symbol,), assets, sheet.stamp(body.timestamp))
    note = "total_account_value" if value is not None else "balance, without open positions"
    sheet.pools(
        [pool], pool, body.timestamp, f"{note}; one account for all markets, which holds positions and may lose"
    )


def _liquidated(body: _Answer, sheet: Sheet) -> None:
    found: _Rows = _data(body, _Rows)
    rows = []
    for row in found.rows:
        for held in row.positions_by_perp:
            if held.symbol != sheet.symbol:
                continue
            count = number(held.position_qty)
            side = "unknown" if not count else ("long" if count > 0 else "short")
            price = held.transfer_price if held.transfer_price is not None else held.mark_price
            key = key_of(row.liquidation_id, row.timestamp, held.symbol, held.position_qty, price)
            rows.append((key, row.timestamp, side, price, count))
    enter_liquidations(sheet, rows, "fill", "positions handed to liquidators or to the fund; the newest page")


def _rates(body: _Answer, sheet: Sheet) -> None:
    found: _Rates = _data(body, _Rates)
    enter_funding(sheet, ((row.funding_rate_timestamp, row.funding_rate) for row in found.rows), hours_known=True)


def _refuse(symbol: str) -> str:
    if symbol.startswith("PERP_"):
        return ""
    return f"{symbol} is not a perpetual here (they start with PERP_): a spot symbol has no fund that answers for it"


def _sources(symbol: str, _: datetime) -> tuple[Source, ...]:
    base, one = "/v1/public", (("symbol", symbol),)
    margin = (
        "initial_margin_rate",
        "maintenance_margin_rate",
        "max_leverage",
        "margin_formula",
        "tick_size",
        "lot_size",
    )
    market = (
        "mark_price",
        "index_price",
        "last_price",
        "open_interest_base",
        "open_interest_notional",
        "volume_24h_quote",
    )
    fund = ("fund_balance", "fund_pools")
    return (
        Source(f"{base}/info/{symbol}", _Answer, _info, margin),
        Source(f"{base}/futures/{symbol}", _Answer, _market, (*market, "funding_rate", "volume_24h_base")),
        Source(f"{base}/insurancefund", _Answer, _fund, fund),
        Source(f"{base}/liquidated_positions", _Answer, _liquidated, ("liquidations",), one, fresh_s=0),
        Source(
            f"{base}/funding_rate_history", _Answer, _rates, ("funding_history",), (*one, ("size", "60")), fresh_s=0
        ),
    )


VENUE: Final = Venue(
    code="orderly",
    base_url="https://api.orderly.org",
    sources=_sources,
    example="PERP_BTC_USDC",
    silent={
        "book": "the venue's book needs a key",
        "best_bid": "the venue's book needs a key",
        "best_ask": "the venue's book needs a key",
        "tiers": "no table: initial margin grows continuously with size; see margin_formula",
        "constituents": "not in the answers that were asked for",
        "adl_state": "no public signal",
        "adl_signals": "no public signal",
        "price_limit_up": "published as a band: see price_band_up_multiplier",
        "price_limit_down": "published as a band: see price_band_down_multiplier",
        "depth": "see book",
    },
    refuse=_refuse,
)
