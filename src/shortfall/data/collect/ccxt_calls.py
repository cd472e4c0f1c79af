"""Collect through ccxt where it has a unified call: prices, open interest, book, ladder, funding, liquidations.

ccxt has no unified call for an insurance fund, an ADL state or index constituents in any version: those stay unknown
here, and the venue's own client has to be used. The numbers pass through binary floats inside ccxt and say so.
"""

from __future__ import annotations

import importlib
from decimal import Decimal
from typing import TYPE_CHECKING, Any, Final

from shortfall.data.collect.client import Refusal
from shortfall.data.collect.rows import enter_funding, enter_liquidations, key_of, levels
from shortfall.data.collect.sheet import Sheet, VenueError, number
from shortfall.data.figure_records import RemarkKind, TierRow
from shortfall.errors import DataError, Finding, InputError

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from datetime import datetime

    from shortfall.data.figure_records import ContractFigures

__all__ = ["collect_from", "collect_via_ccxt"]

NONE: Final = "ccxt has no unified call for it; use the venue's own client"
SILENT: Final = dict.fromkeys(("fund_balance", "fund_pools", "adl_state", "adl_signals", "constituents"), NONE)
BOTH_SIDES: Final = ("bybit",)
FLOAT: Final = "through ccxt's binary floats"
FRESH_S: Final = 600


def collect_via_ccxt(venue: str, symbols: Sequence[str], now: datetime) -> list[ContractFigures | Refusal]:
    """Collect contracts in ccxt's spelling (BTC/USDT:USDT) through ccxt.

    Raises
    ------
    DataError
        If ccxt is not installed.
    InputError
        If ccxt has no such venue.
    """
    try:
        ccxt: Any = importlib.import_module("ccxt")
    except ImportError:
        message = "Expected ccxt: python -m pip install 'shortfall[ccxt]', or leave out --via-ccxt"
        raise DataError([Finding("ccxt", message)]) from None
    kind = getattr(ccxt, venue, None)
    if venue not in ccxt.exchanges or kind is None:
        raise InputError([Finding(venue, "Expected a venue that this version of ccxt has")])
    exchange = kind({"enableRateLimit": True, "timeout": 15_000})
    return [collect_from(exchange, venue, symbol, now, ccxt.BaseError) for symbol in symbols]


def collect_from(
    exchange: Any,  # noqa: ANN401 - ccxt has no types here
    venue: str,
    symbol: str,
    now: datetime,
    failure: type[Exception],
) -> ContractFigures | Refusal:
    """Collect one contract from an object with ccxt's unified methods.

    Parameters
    ----------
    exchange : object
        With ``has``, ``load_markets`` and the unified ``fetch_...`` methods.
    venue, symbol : str
        The contract in ccxt's spelling.
    now : datetime.datetime
        The time of the snapshot.
    failure : type of Exception
        What its methods raise.
    """
    sheet = Sheet(venue, symbol, now)
    sheet.begin(f"ccxt {venue} load_markets", 0)
    try:
        market = exchange.load_markets().get(symbol)
    except failure as error:
        sheet.remark(RemarkKind.NO_CONNECTION, "load_markets", f"{type(error).__name__}: {str(error)[:160]}")
        return sheet.figures(SILENT)
    if not isinstance(market, dict) or not market.get("swap"):
        kind = "unknown here" if not isinstance(market, dict) else f"of type {market.get('type')}"
        return Refusal(
            venue, symbol, f"{symbol} is {kind}, not a perpetual: a spot symbol has no fund that answers for it"
        )
    _market(market, sheet)
    for name, method, enter, supplies in _CALLS:
        _call(exchange, failure, sheet, (name, method, enter, supplies))
    return sheet.figures(SILENT)


def _call(exchange: Any, failure: type[Exception], sheet: Sheet, what: _Call) -> None:  # noqa: ANN401 - the same
    name, method, enter, supplies = what
    sheet.begin(f"ccxt {sheet.venue} {method}", FRESH_S)
    if not exchange.has.get(name):
        for figure in supplies:
            sheet.unknown(figure, f"this version of ccxt has no {method} for the venue")
        return
    try:
        enter(getattr(exchange, method)(sheet.symbol), sheet)
    except failure as error:
        words = f"{type(error).__name__}: {str(error)[:160]}"
        sheet.remark(RemarkKind.VENUE_ERROR, method, words)
        for figure in supplies:
            sheet.unknown(figure, words)
    except (VenueError, AttributeError, KeyError, TypeError) as error:
        sheet.remark(RemarkKind.WRONG_SHAPE, method, f"Expected ccxt's unified shape: {str(error)[:160]}")
        for figure in supplies:
            sheet.unknown(figure, "the answer was not of ccxt's unified shape")


def _market(market: dict[str, Any], sheet: Sheet) -> None:
    sheet.base_asset, sheet.quote_asset = str(market.get("base", "")), str(market.get("quote", ""))
    sheet.settlement_asset = str(market.get("settle", ""))
    sheet.form("inverse" if market.get("inverse") else "linear", {"inverse": "inverse", "linear": "linear"})
    sheet.contract_size = number(market.get("contractSize"))
    sheet.put_text("settlement_asset", sheet.settlement_asset)
    for name, key in (("taker_fee_rate", "taker"), ("maker_fee_rate", "maker")):
        if number(market.get(key)) is not None:
            sheet.put(name, market[key], note=f"ccxt's table of fees, not the account's; {FLOAT}")


def _ticker(found: dict[str, Any], sheet: Sheet) -> None:
    sheet.put("last_price", found["last"], found.get("timestamp"), FLOAT)
    sheet.put("volume_24h_quote", found.get("quoteVolume"), found.get("timestamp"), FLOAT)
    sheet.put("volume_24h_base", found.get("baseVolume"), found.get("timestamp"), FLOAT)


def _rate(found: dict[str, Any], sheet: Sheet) -> None:
    at = found.get("timestamp")
    sheet.put("mark_price", found.get("markPrice"), at, FLOAT)
    sheet.put("index_price", found.get("indexPrice"), at, FLOAT)
    sheet.put("funding_rate", found["fundingRate"], at, FLOAT)


def _interest(found: dict[str, Any], sheet: Sheet) -> None:
    at, amount, mark = found.get("timestamp"), number(found.get("openInterestAmount")), sheet.value("mark_price")
    if amount is None:
        raise VenueError("no openInterestAmount")
    note = FLOAT
    if sheet.venue in BOTH_SIDES:
        amount, note = amount / 2, f"/ 2: the venue sums both sides; {FLOAT}"
    sheet.put("open_interest_base", amount, at, note, derived=sheet.venue in BOTH_SIDES)
    if mark is not None:
        sheet.put("open_interest_notional", amount * mark, at, "open_interest_base x mark_price", derived=True)


def _book(found: dict[str, Any], sheet: Sheet) -> None:
    if sheet.inverse():
        raise VenueError("the unit of an inverse book's sizes is not unified")
    sheet.book(levels(found["bids"], found["asks"], sheet.contract_size), found.get("timestamp"), FLOAT)


def _tiers(found: list[dict[str, Any]], sheet: Sheet) -> None:
    rows = []
    for row in found:
        floor, rate = number(row["minNotional"]), number(row["maintenanceMarginRate"])
        if floor is None or rate is None:
            raise VenueError("a tier without floor or rate")
        rows.append(TierRow(floor, number(row.get("maxNotional")), "quote", rate, None, number(row.get("maxLeverage"))))
    sheet.rows("tiers", rows, None, FLOAT)
    if rows and rows[0].max_leverage is not None:
        sheet.put("max_leverage", rows[0].max_leverage, note="of the first tier", derived=True)


def _history(found: list[dict[str, Any]], sheet: Sheet) -> None:
    enter_funding(sheet, ((row["timestamp"], row["fundingRate"]) for row in found))


def _liquidations(found: list[dict[str, Any]], sheet: Sheet) -> None:
    rows = []
    for row in found:
        count = number(row.get("contracts"))
        base = None if count is None else count * (sheet.contract_size or Decimal(1))
        key = key_of(row.get("timestamp"), row.get("price"), row.get("contracts"), row.get("side"))
        side = {"sell": "long", "buy": "short"}.get(str(row.get("side")), "unknown")
        rows.append((key, row.get("timestamp"), side, row.get("price"), base))
    enter_liquidations(sheet, rows, "fill", f"side from the order's; {FLOAT}")


_Call = tuple[str, str, "Callable[[Any, Sheet], None]", tuple[str, ...]]
_CALLS: Final[tuple[_Call, ...]] = (
    ("fetchTicker", "fetch_ticker", _ticker, ("last_price", "volume_24h_quote", "volume_24h_base")),
    ("fetchFundingRate", "fetch_funding_rate", _rate, ("mark_price", "index_price", "funding_rate")),
    ("fetchOpenInterest", "fetch_open_interest", _interest, ("open_interest_base", "open_interest_notional")),
    ("fetchOrderBook", "fetch_order_book", _book, ("book", "best_bid", "best_ask")),
    ("fetchMarketLeverageTiers", "fetch_market_leverage_tiers", _tiers, ("tiers", "max_leverage")),
    ("fetchFundingRateHistory", "fetch_funding_rate_history", _history, ("funding_history",)),
    ("fetchLiquidations", "fetch_liquidations", _liquidations, ("liquidations",)),
)
