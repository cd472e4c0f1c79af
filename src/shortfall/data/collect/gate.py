"""Gate futures: one fund for each settlement currency as a daily history, contracts as multiples of a base quantity.

That ``position_size`` counts one side, and that the sign of a liquidation's size is the side of the position, is from
memory. The ADL states are public; only the word ``normal`` is known here, any other is kept and flagged.
"""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Any, Final

import msgspec

from shortfall.data.collect.client import Source, Venue
from shortfall.data.collect.rows import enter_funding, enter_liquidations, in_base, key_of
from shortfall.data.collect.sheet import VenueError, number
from shortfall.data.figure_records import Constituent, FundAsset, FundPool, TierRow

if TYPE_CHECKING:
    from datetime import datetime

    from shortfall.data.collect.sheet import Sheet

__all__ = ["VENUE"]

DAYS_S: Final = 50 * 3600


class _Contract(msgspec.Struct):
    name: str
    type: str
    quanto_multiplier: Any
    mark_price: Any
    index_price: Any
    last_price: Any
    funding_rate: Any
    position_size: Any
    leverage_max: Any
    maintenance_rate: Any
    order_price_deviate: Any = None
    order_price_round: Any = None
    funding_interval: Any = None
    taker_fee_rate: Any = None
    maker_fee_rate: Any = None


class _Level(msgspec.Struct):
    p: Any
    s: Any


class _Book(msgspec.Struct):
    bids: list[_Level]
    asks: list[_Level]
    current: Any = None


class _Balance(msgspec.Struct):
    t: int
    b: Decimal


class _Tier(msgspec.Struct):
    tier: int
    risk_limit: Decimal
    initial_rate: Decimal
    maintenance_rate: Decimal
    leverage_max: Any = None
    deduction: Any = None


class _Part(msgspec.Struct):
    exchange: str
    symbols: list[str] = []
    weight: Any = None


class _Index(msgspec.Struct):
    index: str
    constituents: list[_Part]


class _Liquidation(msgspec.Struct):
    time: int
    size: Any
    fill_price: Any
    order_price: Any = None


class _Point(msgspec.Struct):
    t: int
    r: Any


class _Ticker(msgspec.Struct):
    contract: str
    volume_24h_quote: Any = None
    volume_24h_base: Any = None


class _State(msgspec.Struct):
    state: str
    calculated_at_ms: int


class _States(msgspec.Struct):
    settle: str
    states: dict[str, _State]


def _contract(body: _Contract, sheet: Sheet) -> None:
    sheet.form(body.type, {"inverse": "inverse", "direct": "linear"})
    sheet.base_asset, _, sheet.quote_asset = sheet.symbol.partition("_")
    sheet.settlement_asset = sheet.base_asset if sheet.inverse() else sheet.quote_asset
    sheet.put_text("settlement_asset", sheet.settlement_asset)
    size = number(body.quanto_multiplier)
    if sheet.contract_form == "linear":
        sheet.contract_size = size
        sheet.put_text("contract_size", f"{size} {sheet.base_asset}" if size else "")
    for name, raw in (
        ("mark_price", body.mark_price),
        ("index_price", body.index_price),
        ("last_price", body.last_price),
        ("funding_rate", body.funding_rate),
        ("max_leverage", body.leverage_max),
        ("maintenance_margin_rate", body.maintenance_rate),
        ("tick_size", body.order_price_round),
        ("taker_fee_rate", body.taker_fee_rate),
        ("maker_fee_rate", body.maker_fee_rate),
    ):
        sheet.put(name, raw)
    seconds, deviate = number(body.funding_interval), number(body.order_price_deviate)
    if seconds is not None:
        sheet.put("funding_interval_hours", seconds / 3600, note="funding_interval in seconds / 3600", derived=True)
    if deviate is not None and deviate > 0:
        sheet.put("price_band_up_multiplier", 1 + deviate, note="1 + order_price_deviate", derived=True)
        sheet.put("price_band_down_multiplier", 1 - deviate, note="1 - order_price_deviate", derived=True)
    _interest(body, sheet)


def _interest(body: _Contract, sheet: Sheet) -> None:
    count, mark = number(body.position_size), sheet.value("mark_price")
    if sheet.inverse():
        sheet.put("open_interest_notional", count, note="contracts of 1 USD, one side (from memory)")
        if mark is not None:
            sheet.put("open_interest_base", in_base(count, mark), note="contracts / mark_price", derived=True)
        return
    base = None if count is None or not sheet.contract_size else count * sheet.contract_size
    note = "position_size x quanto_multiplier, one side (from memory)"
    sheet.put("open_interest_base", base, note=note, derived=True)
    if base is not None and mark is not None:
        sheet.put("open_interest_notional", base * mark, note="open_interest_base x mark_price", derived=True)


def _book(body: _Book, sheet: Sheet) -> None:
    rows: list[tuple[str, object, object]] = []
    for side, listed in (("bid", body.bids), ("ask", body.asks)):
        rows.extend((side, row.p, _size(sheet, row.s, row.p)) for row in listed)
    sheet.book(rows, body.current, "at most 300 levels of each side")


def _size(sheet: Sheet, count: object, price: object) -> Decimal | None:
    """Return contracts in base units."""
    if sheet.inverse():
        return in_base(count, price)
    contracts = number(count)
    return None if contracts is None or not sheet.contract_size else contracts * sheet.contract_size


def _insurance(body: list[_Balance], sheet: Sheet) -> None:
    if not body:
        raise VenueError("an empty history of the fund")
    row = max(body, key=lambda held: held.t)
    asset = sheet.settlement_asset or "the settlement currency"
    pool = FundPool(f"{asset} fund", "by asset", (sheet.symbol,), (FundAsset(asset, row.b),), sheet.stamp(row.t))
    sheet.pools([pool], pool, row.t, "one fund for all contracts settled in this currency")


def _tiers(body: list[_Tier], sheet: Sheet) -> None:
    rows = {row.tier: row for row in body}  # the documented example repeats a tier
    floor, kept = Decimal(0), []
    for _, row in sorted(rows.items()):
        most, off = number(row.leverage_max), number(row.deduction)
        kept.append(TierRow(floor, row.risk_limit, "quote", row.maintenance_rate, row.initial_rate, most, off))
        floor = row.risk_limit
    sheet.rows("tiers", kept)


def _index(body: _Index, sheet: Sheet) -> None:
    rows = [Constituent(row.exchange, number(row.weight), ", ".join(row.symbols)) for row in body.constituents]
    sheet.rows("constituents", rows, None, "the answer may give no weights")


def _liquidations(body: list[_Liquidation], sheet: Sheet) -> None:
    rows = []
    for row in body:
        count = number(row.size)
        side = "unknown" if not count else ("long" if count > 0 else "short")
        key = key_of(row.time, row.size, row.fill_price, row.order_price)
        rows.append((key, row.time, side, row.fill_price, _size(sheet, count, row.fill_price)))
    enter_liquidations(sheet, rows, "fill", "the newest of the public list: a lower bound")


def _funding(body: list[_Point], sheet: Sheet) -> None:
    enter_funding(sheet, ((row.t, row.r) for row in body), hours_known=True)


def _tickers(body: list[_Ticker], sheet: Sheet) -> None:
    row = next((row for row in body if row.contract == sheet.symbol), None)
    if row is None:
        raise VenueError("no ticker for this contract")
    sheet.put("volume_24h_quote", row.volume_24h_quote)
    sheet.put("volume_24h_base", row.volume_24h_base)


def _states(body: _States, sheet: Sheet) -> None:
    found = body.states.get(sheet.symbol)
    if found is None:
        raise VenueError("no ADL state for this contract")
    sheet.signal(found.state, ("normal",), found.calculated_at_ms)


def _refuse(symbol: str) -> str:
    if "_" in symbol:
        return ""
    return f"{symbol} is not a contract's name here (they look like BTC_USDT)"


def _sources(symbol: str, _: datetime) -> tuple[Source, ...]:
    settle = "usdt" if symbol.endswith("_USDT") else "btc"
    base, one, last = f"/api/v4/futures/{settle}", (("contract", symbol),), ("limit", "100")
    prices = ("mark_price", "index_price", "last_price", "funding_rate", "open_interest_base", "open_interest_notional")
    return (
        Source(
            f"{base}/contracts/{symbol}", _Contract, _contract, (*prices, "max_leverage", "maintenance_margin_rate")
        ),
        Source(f"{base}/order_book", _Book, _book, ("book", "best_bid", "best_ask"), (*one, ("limit", "300"))),
        Source(
            f"{base}/insurance", list[_Balance], _insurance, ("fund_balance", "fund_pools"), (last,), fresh_s=DAYS_S
        ),
        Source(f"{base}/risk_limit_tiers", list[_Tier], _tiers, ("tiers",), one),
        Source(f"{base}/index_constituents/{symbol}", _Index, _index, ("constituents",)),
        Source(f"{base}/liq_orders", list[_Liquidation], _liquidations, ("liquidations",), (*one, last), fresh_s=0),
        Source(f"{base}/funding_rate", list[_Point], _funding, ("funding_history",), (*one, last), fresh_s=0),
        Source(f"{base}/tickers", list[_Ticker], _tickers, ("volume_24h_quote", "volume_24h_base"), one),
        Source(f"{base}/adl_risk_states", _States, _states, ("adl_state", "adl_signals"), fresh_s=3600),
    )


VENUE: Final = Venue(
    code="gate",
    base_url="https://api.gateio.ws",
    sources=_sources,
    example="BTC_USDT",
    silent={
        "price_limit_up": "published as a band around mark: see price_band_up_multiplier",
        "price_limit_down": "published as a band around mark: see price_band_down_multiplier",
        "depth": "see book",
    },
    refuse=_refuse,
)
