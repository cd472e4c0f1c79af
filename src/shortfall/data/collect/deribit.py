"""Deribit: no fund balance is published; bankruptcies, what was funded and what was socialised are.

Open interest and book of inverse contracts are in dollars. A public trade is marked when a side was liquidated: M for
the maker, T for the taker, MT for both; the trade's direction is the taker's.
"""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Any, Final

import msgspec

from shortfall.data.collect.client import Source, Venue
from shortfall.data.collect.rows import enter_funding, enter_liquidations, in_base, levels
from shortfall.data.collect.sheet import VenueError, number
from shortfall.data.figure_records import RemarkKind

if TYPE_CHECKING:
    from datetime import datetime

    from shortfall.data.collect.sheet import Sheet

__all__ = ["VENUE"]

NO_FUND: Final = "no public interface states the balance; bankruptcies and what was socialised are published"
NO_ADL: Final = "no public signal; deleveraging is told to the account only"
CLOSED: Final = {("T", "sell"): "long", ("T", "buy"): "short", ("M", "sell"): "short", ("M", "buy"): "long"}


class _Answer(msgspec.Struct):
    result: Any = None
    error: Any = None


class _Instrument(msgspec.Struct):
    kind: str
    settlement_period: str
    instrument_type: str
    base_currency: str
    quote_currency: str
    settlement_currency: str
    contract_size: Any = None
    max_leverage: Any = None
    tick_size: Any = None
    taker_commission: Any = None
    maker_commission: Any = None
    max_liquidation_commission: Any = None


class _Ticker(msgspec.Struct):
    timestamp: int
    mark_price: Any
    index_price: Any
    last_price: Any
    open_interest: Any
    max_price: Any
    min_price: Any
    stats: dict[str, Any]
    funding_8h: Any = None


class _Book(msgspec.Struct):
    timestamp: int
    bids: list[list[Any]]
    asks: list[list[Any]]


class _Trade(msgspec.Struct):
    trade_id: str
    timestamp: int
    price: Any
    amount: Any
    direction: str
    liquidation: str = ""


class _Trades(msgspec.Struct):
    trades: list[_Trade]


class _Settlements(msgspec.Struct):
    settlements: list[dict[str, Any]]


class _Point(msgspec.Struct):
    timestamp: int
    interest_8h: Any


def _result(body: _Answer, shape: Any) -> Any:  # noqa: ANN401 - the shape decides
    if body.error is not None:
        raise VenueError(str(body.error))
    try:
        return msgspec.convert(body.result, shape)
    except msgspec.ValidationError as error:
        raise VenueError(f"an answer of another shape: {error}") from None


def _instrument(body: _Answer, sheet: Sheet) -> None:
    row: _Instrument = _result(body, _Instrument)
    if row.kind != "future" or row.settlement_period != "perpetual":
        sheet.refuse(f"{sheet.symbol} is of kind {row.kind}, {row.settlement_period}: not a perpetual")
        return
    sheet.form(row.instrument_type, {"reversed": "inverse", "linear": "linear"})
    sheet.base_asset, sheet.quote_asset = row.base_currency, row.quote_currency
    sheet.settlement_asset = row.settlement_currency
    sheet.put_text("settlement_asset", row.settlement_currency)
    sheet.put_text("contract_size", f"{row.contract_size} {row.quote_currency}" if number(row.contract_size) else "")
    sheet.put("max_leverage", row.max_leverage)
    sheet.put("tick_size", row.tick_size)
    sheet.put("taker_fee_rate", row.taker_commission)
    sheet.put("maker_fee_rate", row.maker_commission)
    sheet.put("liquidation_fee_rate", row.max_liquidation_commission, note="an upper bound")


def _ticker(body: _Answer, sheet: Sheet) -> None:
    row: _Ticker = _result(body, _Ticker)
    at = row.timestamp
    sheet.put("mark_price", row.mark_price, at)
    sheet.put("index_price", row.index_price, at)
    sheet.put("last_price", row.last_price, at)
    sheet.put("price_limit_up", row.max_price, at)
    sheet.put("price_limit_down", row.min_price, at)
    sheet.put("funding_rate", row.funding_8h, at, "of the last eight hours; accrues continuously")
    sheet.put("funding_interval_hours", 8, at, "the figure is stated for eight hours", derived=True)
    sheet.put("volume_24h_quote", row.stats.get("volume_usd", row.stats.get("volume_notional")), at)
    sheet.put("volume_24h_base", row.stats.get("volume"), at)
    mark = sheet.value("mark_price")
    if sheet.inverse():
        sheet.put("open_interest_notional", row.open_interest, at, "in US dollars, one side")
        if mark is not None:
            sheet.put(
                "open_interest_base", in_base(row.open_interest, mark), at, "open_interest / mark_price", derived=True
            )
        return
    sheet.put("open_interest_base", row.open_interest, at, "one side")
    base = sheet.value("open_interest_base")
    if base is not None and mark is not None:
        sheet.put("open_interest_notional", base * mark, at, "open_interest_base x mark_price", derived=True)


def _book(body: _Answer, sheet: Sheet) -> None:
    row: _Book = _result(body, _Book)
    rows = levels(row.bids, row.asks)
    if sheet.inverse():
        rows = [(side, price, in_base(size, price)) for side, price, size in rows]
    sheet.book(rows, row.timestamp, "at most 1,000 levels of each side")


def _bankruptcies(body: _Answer, sheet: Sheet) -> None:
    found: _Settlements = _result(body, _Settlements)
    rows = found.settlements
    if any(row.get("type") != "bankruptcy" for row in rows):
        raise VenueError("settlements of another type than the bankruptcies that were asked for")
    lost = [number(row.get("session_bankruptcy")) for row in rows]
    if any(value is None for value in lost):
        raise VenueError("a bankruptcy without its amount")
    note = f"{len(rows)} bankruptcies of the answer, whole currency, not this contract alone; none says nothing about before"
    sheet.put(
        "bankruptcy_losses",
        sum((abs(value) for value in lost if value is not None), Decimal(0)),
        note=note,
        derived=True,
    )
    for row in rows:
        if number(row.get("socialized")):
            message = f"{row.get('socialized')} was socialised, funded {row.get('funded')}"
            sheet.remark(RemarkKind.VENUE_ERROR, "bankruptcy_losses", message)


def _trades(body: _Answer, sheet: Sheet) -> None:
    found: _Trades = _result(body, _Trades)
    rows = []
    for row in found.trades:
        if not row.liquidation:
            continue
        side = CLOSED.get((row.liquidation, row.direction), "unknown")
        if row.liquidation not in ("M", "T", "MT"):
            message = f"the venue's mark {row.liquidation!r} of a liquidation is not known here; it is kept"
            sheet.remark(RemarkKind.UNKNOWN_VALUE, "liquidations", message)
        size = in_base(row.amount, row.price) if sheet.inverse() else number(row.amount)
        rows.append((row.trade_id, row.timestamp, side, row.price, size))
    enter_liquidations(sheet, rows, "fill", f"among the last {len(found.trades)} trades: a lower bound")


def _funding(body: _Answer, sheet: Sheet) -> None:
    found: list[_Point] = _result(body, list[_Point])
    enter_funding(sheet, ((row.timestamp, row.interest_8h) for row in found), hours_known=True)


def _refuse(symbol: str) -> str:
    if symbol.endswith("-PERPETUAL"):
        return ""
    return f"{symbol} is not a perpetual here (they end in -PERPETUAL): a spot symbol has no fund that answers for it"


def _sources(symbol: str, now: datetime) -> tuple[Source, ...]:
    name = (("instrument_name", symbol),)
    first = symbol.removesuffix("-PERPETUAL")
    coin = first.partition("_")[2] or first
    end, start = (str(int(at.timestamp() * 1000)) for at in (now, now - timedelta(days=7)))
    ticker = (
        "mark_price",
        "index_price",
        "last_price",
        "open_interest_base",
        "open_interest_notional",
        "price_limit_up",
    )
    public = "/api/v2/public"
    return (
        Source(
            f"{public}/get_instrument",
            _Answer,
            _instrument,
            ("max_leverage", "tick_size", "liquidation_fee_rate"),
            name,
        ),
        Source(
            f"{public}/ticker",
            _Answer,
            _ticker,
            (*ticker, "price_limit_down", "funding_rate", "volume_24h_quote"),
            name,
        ),
        Source(
            f"{public}/get_order_book", _Answer, _book, ("book", "best_bid", "best_ask"), (*name, ("depth", "1000"))
        ),
        Source(
            f"{public}/get_last_settlements_by_currency",
            _Answer,
            _bankruptcies,
            ("bankruptcy_losses",),
            (("currency", coin), ("type", "bankruptcy"), ("count", "100")),
            fresh_s=0,
        ),
        Source(
            f"{public}/get_last_trades_by_instrument",
            _Answer,
            _trades,
            ("liquidations",),
            (*name, ("count", "1000")),
            fresh_s=0,
        ),
        Source(
            f"{public}/get_funding_rate_history",
            _Answer,
            _funding,
            ("funding_history",),
            (*name, ("start_timestamp", start), ("end_timestamp", end)),
            fresh_s=0,
        ),
    )


VENUE: Final = Venue(
    code="deribit",
    base_url="https://www.deribit.com",
    sources=_sources,
    example="BTC-PERPETUAL",
    silent={
        "fund_balance": NO_FUND,
        "fund_pools": NO_FUND,
        "adl_state": NO_ADL,
        "adl_signals": NO_ADL,
        "tiers": "no table: margin grows continuously with size by a formula in the help pages",
        "margin_formula": "in the help pages of each contract, not in the interface",
        "constituents": "sources and rule are published, not the weights of the moment",
        "depth": "see book",
    },
    refuse=_refuse,
)
