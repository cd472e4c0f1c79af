"""Binance USD-M futures: pools with their members, one-sided open interest, a public ADL rating.

Margin brackets need a key and liquidations come on a stream only (at most one each second and contract): both unknown.
"""

from __future__ import annotations

from decimal import Decimal  # noqa: TC003 - msgspec reads the annotations
from typing import TYPE_CHECKING, Any, Final

import msgspec

from shortfall.data.collect.client import Source, Venue
from shortfall.data.collect.rows import enter_funding, levels
from shortfall.data.collect.sheet import number
from shortfall.data.collect.wire import Limits
from shortfall.data.figure_records import Constituent, FundAsset, FundPool

if TYPE_CHECKING:
    from datetime import datetime

    from shortfall.data.collect.sheet import Sheet

__all__ = ["VENUE"]

ADL_WORDS: Final = ("low", "medium", "high")
DAY_S: Final = 26 * 3600


class _Filter(msgspec.Struct, rename="camel"):
    filter_type: str
    tick_size: Any = None
    step_size: Any = None
    multiplier_up: Any = None
    multiplier_down: Any = None


class _Symbol(msgspec.Struct, rename="camel"):
    symbol: str
    contract_type: str
    base_asset: str
    quote_asset: str
    margin_asset: str
    filters: list[_Filter]
    liquidation_fee: Any = None


class _ExchangeInfo(msgspec.Struct):
    symbols: list[_Symbol]


class _Premium(msgspec.Struct, rename="camel"):
    mark_price: Any
    index_price: Any
    last_funding_rate: Any
    time: int


class _Interest(msgspec.Struct, rename="camel"):
    open_interest: Any
    time: int


class _Ticker(msgspec.Struct, rename="camel"):
    last_price: Any
    volume: Any
    quote_volume: Any
    close_time: int


class _Depth(msgspec.Struct):
    bids: list[list[Any]]
    asks: list[list[Any]]
    E: int = 0


class _PoolAsset(msgspec.Struct, rename="camel"):
    asset: str
    margin_balance: Decimal
    update_time: int


class _Pool(msgspec.Struct):
    symbols: list[str]
    assets: list[_PoolAsset]


class _Risk(msgspec.Struct, rename="camel"):
    adl_risk: str
    update_time: int


class _Source(msgspec.Struct):
    exchange: str
    symbol: str
    price: Any = None
    weight: Any = None


class _Constituents(msgspec.Struct):
    time: int
    constituents: list[_Source]


class _Funding(msgspec.Struct, rename="camel"):
    funding_time: int
    funding_rate: Any


def _exchange_info(body: _ExchangeInfo, sheet: Sheet) -> None:
    found = next((row for row in body.symbols if row.symbol == sheet.symbol), None)
    if found is None:
        sheet.refuse(f"{sheet.symbol} is not among the venue's futures: a spot symbol has no fund that answers for it")
        return
    if "PERPETUAL" not in found.contract_type:
        sheet.refuse(f"{sheet.symbol} is a contract of type {found.contract_type}, not a perpetual")
        return
    sheet.base_asset, sheet.quote_asset, sheet.settlement_asset = (
        found.base_asset,
        found.quote_asset,
        found.margin_asset,
    )
    sheet.contract_form = "linear"
    sheet.put_text("settlement_asset", found.margin_asset)
    sheet.put("liquidation_fee_rate", found.liquidation_fee)
    for row in found.filters:
        if row.filter_type == "PRICE_FILTER":
            sheet.put("tick_size", row.tick_size)
        elif row.filter_type == "LOT_SIZE":
            sheet.put("lot_size", row.step_size)
        elif row.filter_type == "PERCENT_PRICE":
            sheet.put("price_band_up_multiplier", row.multiplier_up)
            sheet.put("price_band_down_multiplier", row.multiplier_down)


def _premium(body: _Premium, sheet: Sheet) -> None:
    sheet.put("mark_price", body.mark_price, body.time)
    sheet.put("index_price", body.index_price, body.time)
    sheet.put("funding_rate", body.last_funding_rate, body.time, "running estimate of the current interval")


def _interest(body: _Interest, sheet: Sheet) -> None:
    sheet.put("open_interest_base", body.open_interest, body.time, "one side counted")
    base, mark = sheet.value("open_interest_base"), sheet.value("mark_price")
    if base is not None and mark is not None:
        note = "open_interest_base x mark_price"
        sheet.put("open_interest_notional", base * mark, body.time, note, derived=True)


def _ticker(body: _Ticker, sheet: Sheet) -> None:
    sheet.put("last_price", body.last_price, body.close_time)
    sheet.put("volume_24h_base", body.volume, body.close_time)
    sheet.put("volume_24h_quote", body.quote_volume, body.close_time)


def _depth(body: _Depth, sheet: Sheet) -> None:
    sheet.book(levels(body.bids, body.asks), body.E, "at most 1,000 levels of each side")


def _insurance(body: _Pool, sheet: Sheet) -> None:
    newest = max((held.update_time for held in body.assets), default=0)
    assets = tuple(FundAsset(held.asset, held.margin_balance) for held in body.assets)
    members = tuple(body.symbols)
    name = f"pool of {', '.join(members[:3])}{' and others' if len(members) > len(members[:3]) else ''}"
    pool = FundPool(name, "shared" if len(members) > 1 else "contract", members, assets, sheet.stamp(newest))
    if sheet.symbol in members:
        sheet.pools([pool], pool, newest)
    else:
        sheet.pools([pool], None, newest)
        sheet.unknown("fund_balance", "the pool in the answer does not list this contract")


def _risk(body: _Risk, sheet: Sheet) -> None:
    sheet.signal(body.adl_risk, ADL_WORDS, body.update_time)


def _constituents(body: _Constituents, sheet: Sheet) -> None:
    rows = [Constituent(row.exchange, number(row.weight), row.symbol, number(row.price)) for row in body.constituents]
    sheet.rows("constituents", rows, body.time, "a price of -1 is the venue's sign for none")


def _funding(body: list[_Funding], sheet: Sheet) -> None:
    enter_funding(sheet, ((row.funding_time, row.funding_rate) for row in body))


def _sources(symbol: str, _: datetime) -> tuple[Source, ...]:
    one = (("symbol", symbol),)
    market = ("mark_price", "index_price", "funding_rate")
    return (
        Source("/fapi/v1/exchangeInfo", _ExchangeInfo, _exchange_info, ("tick_size", "lot_size", "settlement_asset")),
        Source("/fapi/v1/premiumIndex", _Premium, _premium, market, one),
        Source("/fapi/v1/openInterest", _Interest, _interest, ("open_interest_base", "open_interest_notional"), one),
        Source("/fapi/v1/ticker/24hr", _Ticker, _ticker, ("last_price", "volume_24h_quote", "volume_24h_base"), one),
        Source("/fapi/v1/depth", _Depth, _depth, ("book", "best_bid", "best_ask"), (*one, ("limit", "1000"))),
        Source("/fapi/v1/insuranceBalance", _Pool, _insurance, ("fund_balance", "fund_pools"), one, fresh_s=DAY_S),
        Source("/fapi/v1/symbolAdlRisk", _Risk, _risk, ("adl_state", "adl_signals"), one, fresh_s=2 * 3600),
        Source("/fapi/v1/constituents", _Constituents, _constituents, ("constituents",), one),
        Source(
            "/fapi/v1/fundingRate", list[_Funding], _funding, ("funding_history",), (*one, ("limit", "100")), fresh_s=0
        ),
    )


VENUE: Final = Venue(
    code="binance",
    base_url="https://fapi.binance.com",
    sources=_sources,
    example="BTCUSDT",
    silent={
        "tiers": "margin brackets need a key; bundled figures have a dated ladder",
        "max_leverage": "margin brackets need a key; bundled figures have a dated ladder",
        "liquidations": "published on a stream only, at most one each second and contract",
        "depth": "see book",
    },
    limits=Limits(per_second=10.0),
)
