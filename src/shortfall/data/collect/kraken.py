"""Kraken Futures: no insurance fund is published; margin levels are; trades may be marked as liquidations.

Inverse contracts (PI_) count dollars, linear ones (PF_) base units. The ticker's funding is absolute, in quote per
contract and hour, and is not used: the relative rate of the history is. That trades of a liquidation carry the type
``liquidation`` is from memory.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import msgspec

from shortfall.data.collect.client import Source, Venue
from shortfall.data.collect.rows import enter_funding, enter_liquidations, in_base, key_of, levels
from shortfall.data.collect.sheet import VenueError, number
from shortfall.data.figure_records import RemarkKind, TierRow

if TYPE_CHECKING:
    from datetime import datetime

    from shortfall.data.collect.sheet import Sheet

__all__ = ["VENUE"]

NO_FUND: Final = "the venue publishes no insurance fund: liquidity providers are assigned what the book does not take"
FORCED: Final = ("liquidation", "assignment", "termination")
PLAIN: Final = ("fill", "block")


class _Level(msgspec.Struct, rename="camel"):
    initial_margin: Any
    maintenance_margin: Any
    contracts: Any = None
    num_non_contract_units: Any = None


class _Instrument(msgspec.Struct, rename="camel"):
    symbol: str
    type: str
    base: str = ""
    quote: str = ""
    tick_size: Any = None
    contract_size: Any = None
    margin_levels: list[_Level] = []


class _Instruments(msgspec.Struct):
    result: str
    instruments: list[_Instrument]


class _Ticker(msgspec.Struct, rename="camel"):
    symbol: str
    tag: str = ""
    mark_price: Any = None
    index_price: Any = None
    last: Any = None
    open_interest: Any = None
    vol24h: Any = None
    volume_quote: Any = None
    suspended: bool = False


class _Tickers(msgspec.Struct, rename="camel"):
    result: str
    tickers: list[_Ticker]
    server_time: str


class _Sides(msgspec.Struct):
    bids: list[list[Any]]
    asks: list[list[Any]]


class _Book(msgspec.Struct, rename="camel"):
    result: str
    order_book: _Sides
    server_time: str


class _Trade(msgspec.Struct):
    time: str
    price: Any
    size: Any
    side: str
    type: str
    uid: str = ""


class _History(msgspec.Struct):
    result: str
    history: list[_Trade]


class _Rate(msgspec.Struct, rename="camel"):
    timestamp: str
    relative_funding_rate: Any


class _Rates(msgspec.Struct):
    result: str
    rates: list[_Rate]


def _ok(word: str) -> None:
    if word != "success":
        raise VenueError(f"result {word!r}")


def _instruments(body: _Instruments, sheet: Sheet) -> None:
    _ok(body.result)
    row = next((row for row in body.instruments if row.symbol.upper() == sheet.symbol.upper()), None)
    if row is None:
        sheet.refuse(f"{sheet.symbol} is not among the venue's futures: a spot symbol has no fund that answers for it")
        return
    sheet.form(row.type, {"futures_inverse": "inverse", "futures_vanilla": "linear", "flexible_futures": "linear"})
    sheet.base_asset, sheet.quote_asset = row.base, row.quote
    sheet.settlement_asset = row.base if sheet.inverse() else row.quote
    sheet.put_text("settlement_asset", sheet.settlement_asset)
    sheet.put("tick_size", row.tick_size)
    sheet.put_text(
        "contract_size", f"{row.contract_size} {row.quote if sheet.contract_form == 'inverse' else row.base}"
    )
    unit = "contracts" if sheet.inverse() else "quote"
    bounds = [
        number(level.contracts if level.contracts is not None else level.num_non_contract_units)
        for level in row.margin_levels
    ]
    tiers = []
    for place, level in enumerate(row.margin_levels):
        floor, maintenance, initial = bounds[place], number(level.maintenance_margin), number(level.initial_margin)
        if floor is None or maintenance is None or not initial:
            sheet.remark(RemarkKind.WRONG_SHAPE, "tiers", "a margin level without bound or rates")
            sheet.unknown("tiers", "a margin level of the answer has no bound or rates")
            return
        cap = bounds[place + 1] if place + 1 < len(bounds) else None
        tiers.append(TierRow(floor, cap, unit, maintenance, initial, None, None, "step"))
    if tiers:
        sheet.rows("tiers", tiers)
        first = tiers[0].initial_rate
        sheet.put(
            "max_leverage",
            None if first is None else round(1 / first, 4),
            note="1 / first initial margin",
            derived=True,
        )
    else:
        sheet.unknown("tiers", "the answer has no margin levels for this contract")


def _tickers(body: _Tickers, sheet: Sheet) -> None:
    _ok(body.result)
    row = next((row for row in body.tickers if row.symbol.upper() == sheet.symbol.upper()), None)
    if row is None:
        raise VenueError("no ticker for this contract")
    if row.tag != "perpetual":
        sheet.refuse(f"{sheet.symbol} has the tag {row.tag!r}: not a perpetual")
        return
    at = body.server_time
    sheet.put("mark_price", row.mark_price, at)
    sheet.put("index_price", row.index_price, at)
    sheet.put("last_price", row.last, at)
    mark = sheet.value("mark_price")
    if sheet.inverse():
        sheet.put("volume_24h_quote", row.vol24h, at, "contracts of 1 USD")
        sheet.put("open_interest_notional", row.open_interest, at, "contracts of 1 USD, one side")
        if mark is not None:
            sheet.put(
                "open_interest_base", in_base(row.open_interest, mark), at, "contracts / mark_price", derived=True
            )
        return
    sheet.put("volume_24h_base", row.vol24h, at)
    sheet.put("volume_24h_quote", row.volume_quote, at)
    sheet.put("open_interest_base", row.open_interest, at, "one side")
    base = sheet.value("open_interest_base")
    if base is not None and mark is not None:
        sheet.put("open_interest_notional", base * mark, at, "open_interest_base x mark_price", derived=True)


def _book(body: _Book, sheet: Sheet) -> None:
    _ok(body.result)
    rows = levels(body.order_book.bids, body.order_book.asks)
    if sheet.inverse():
        rows = [(side, price, in_base(size, price)) for side, price, size in rows]
    sheet.book(rows, body.server_time, "the whole book as published")


def _history(body: _History, sheet: Sheet) -> None:
    _ok(body.result)
    rows = []
    for row in body.history:
        if row.type in PLAIN:
            continue
        if row.type not in FORCED:
            message = (
                f"the venue's trade type {row.type!r} is not known here; the trade is not counted as a liquidation"
            )
            sheet.remark(RemarkKind.UNKNOWN_VALUE, "liquidations", message)
            continue
        side = {"sell": "long", "buy": "short"}.get(row.side, "unknown")
        size = in_base(row.size, row.price) if sheet.inverse() else number(row.size)
        key = row.uid or key_of(row.time, row.price, row.size, row.side, row.type)
        rows.append((key, row.time, side, row.price, size))
    enter_liquidations(
        sheet, rows, "fill", f"among the last {len(body.history)} trades: a lower bound; side from the taker's"
    )


def _rates(body: _Rates, sheet: Sheet) -> None:
    _ok(body.result)
    enter_funding(sheet, ((row.timestamp, row.relative_funding_rate) for row in body.rates[-200:]))


def _refuse(symbol: str) -> str:
    if symbol[:3].upper() in ("PI_", "PF_"):
        return ""
    return (
        f"{symbol} is not a perpetual here (they start with PI_ or PF_): a spot symbol has no fund that answers for it"
    )


def _sources(symbol: str, _: datetime) -> tuple[Source, ...]:
    one = (("symbol", symbol),)
    prices = (
        "mark_price",
        "index_price",
        "last_price",
        "open_interest_base",
        "open_interest_notional",
        "volume_24h_quote",
    )
    base = "/derivatives/api/v3"
    return (
        Source(
            f"{base}/instruments", _Instruments, _instruments, ("tiers", "max_leverage", "tick_size", "contract_size")
        ),
        Source(f"{base}/tickers", _Tickers, _tickers, prices),
        Source(f"{base}/orderbook", _Book, _book, ("book", "best_bid", "best_ask"), one),
        Source(f"{base}/history", _History, _history, ("liquidations",), one, fresh_s=0),
        Source(f"{base}/historical-funding-rates", _Rates, _rates, ("funding_history", "funding_rate"), one, fresh_s=0),
    )


VENUE: Final = Venue(
    code="kraken",
    base_url="https://futures.kraken.com",
    sources=_sources,
    example="PI_XBTUSD",
    silent={
        "fund_balance": NO_FUND,
        "fund_pools": NO_FUND,
        "adl_state": "no public signal",
        "adl_signals": "no public signal",
        "constituents": "the index is CF Benchmarks' real-time index; its weights are not in the interface",
        "price_limit_up": "not in the interface",
        "price_limit_down": "not in the interface",
        "depth": "see book",
    },
    refuse=_refuse,
)
