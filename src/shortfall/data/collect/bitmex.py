"""BitMEX: one fund for each settlement currency in its smallest unit, a linear ladder, contracts of one dollar or less.

The fund's address is documented with a ``currency`` filter in one place and a ``symbol`` filter in another: both are
sent and the answer is filtered here. That balances count satoshi (XBt) and millionths (USDt) is from memory.
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

SMALLEST: Final = {"XBt": (Decimal(100_000_000), "XBT"), "USDt": (Decimal(1_000_000), "USDT")}
PERPETUAL: Final = "FFWCSX"
STEPS: Final = 5
DAYS_S: Final = 50 * 3600


class _Instrument(msgspec.Struct, rename="camel"):
    symbol: str
    typ: str
    settl_currency: str
    is_inverse: bool
    timestamp: str
    underlying: str = ""
    reference_symbol: str = ""
    quote_currency: str = ""
    underlying_to_position_multiplier: Any = None
    init_margin: Any = None
    maint_margin: Any = None
    risk_limit: Any = None
    risk_step: Any = None
    tick_size: Any = None
    taker_fee: Any = None
    maker_fee: Any = None
    open_interest: Any = None
    mark_price: Any = None
    indicative_settle_price: Any = None
    last_price: Any = None
    funding_rate: Any = None
    foreign_notional24h: Any = msgspec.field(name="foreignNotional24h", default=None)
    home_notional24h: Any = msgspec.field(name="homeNotional24h", default=None)
    limit_up_price: Any = None
    limit_down_price: Any = None


class _Balance(msgspec.Struct, rename="camel"):
    currency: str
    timestamp: str
    wallet_balance: Decimal


class _Level(msgspec.Struct):
    side: str
    size: Decimal
    price: Decimal


class _Liquidation(msgspec.Struct, rename="camel"):
    order_id: str = msgspec.field(name="orderID")
    symbol: str = ""
    side: str = ""
    price: Any = None
    leaves_qty: Any = None


class _Funding(msgspec.Struct, rename="camel"):
    timestamp: str
    funding_rate: Any


class _Part(msgspec.Struct, rename="camel"):
    reference: str
    weight: Any = None
    last_price: Any = None
    timestamp: str = ""
    symbol: str = ""


def _instrument(body: list[_Instrument], sheet: Sheet) -> None:
    row = next((row for row in body if row.symbol == sheet.symbol), None)
    if row is None or row.typ != PERPETUAL:
        kind = "unknown here" if row is None else f"of type {row.typ}"
        sheet.refuse(f"{sheet.symbol} is {kind}, not a perpetual: a spot symbol has no fund that answers for it")
        return
    sheet.contract_form = "inverse" if row.is_inverse else "linear"
    sheet.base_asset, sheet.quote_asset = row.underlying, row.quote_currency
    sheet.settlement_asset = SMALLEST.get(row.settl_currency, (Decimal(1), row.settl_currency))[1]
    sheet.kept["settlement currency"] = row.settl_currency
    sheet.kept["index"] = row.reference_symbol
    sheet.put_text("settlement_asset", sheet.settlement_asset)
    for name, raw in (
        ("mark_price", row.mark_price),
        ("index_price", row.indicative_settle_price),
        ("last_price", row.last_price),
        ("funding_rate", row.funding_rate),
        ("tick_size", row.tick_size),
        ("taker_fee_rate", row.taker_fee),
        ("maker_fee_rate", row.maker_fee),
        ("initial_margin_rate", row.init_margin),
        ("maintenance_margin_rate", row.maint_margin),
        ("volume_24h_quote", row.foreign_notional24h),
        ("volume_24h_base", row.home_notional24h),
    ):
        sheet.put(name, raw, row.timestamp)
    for name, raw in (("price_limit_up", row.limit_up_price), ("price_limit_down", row.limit_down_price)):
        if number(raw) is not None:
            sheet.put(name, raw, row.timestamp)
    _interest(row, sheet)
    _ladder(row, sheet)


def _interest(row: _Instrument, sheet: Sheet) -> None:
    mark, contracts, multiplier = (
        sheet.value("mark_price"),
        number(row.open_interest),
        number(row.underlying_to_position_multiplier),
    )
    if row.is_inverse:
        sheet.put("open_interest_notional", contracts, row.timestamp, "contracts of 1 quote unit, one side")
        if mark is not None:
            note = "contracts / mark_price"
            sheet.put("open_interest_base", in_base(contracts, mark), row.timestamp, note, derived=True)
    elif contracts is not None and multiplier:
        sheet.contract_size = 1 / multiplier
        sheet.put(
            "open_interest_base", contracts / multiplier, row.timestamp, "contracts / contracts per unit", derived=True
        )
        base = sheet.value("open_interest_base")
        if base is not None and mark is not None:
            note = "open_interest_base x mark_price"
            sheet.put("open_interest_notional", base * mark, row.timestamp, note, derived=True)


def _ladder(row: _Instrument, sheet: Sheet) -> None:
    """Enter the first steps of the linear ladder: each step adds the base maintenance rate to both rates."""
    limit, step, initial, maintenance = (
        number(raw) for raw in (row.risk_limit, row.risk_step, row.init_margin, row.maint_margin)
    )
    unit, asset = SMALLEST.get(row.settl_currency, (Decimal(1), row.settl_currency))
    if limit is None or step is None or initial is None or maintenance is None or initial <= 0:
        sheet.unknown("tiers", "the answer lacks the limit, the step or a rate")
        return
    sheet.put(
        "max_leverage", (1 / initial).quantize(Decimal("0.01")), row.timestamp, "1 / initial margin", derived=True
    )
    tiers, floor = [], Decimal(0)
    for count in range(STEPS):
        cap = (limit + step * count) / unit
        rise = maintenance * count
        tiers.append(TierRow(floor, cap, asset, maintenance + rise, initial + rise, None, None, "step"))
        floor = cap
    sheet.rows("tiers", tiers, row.timestamp, f"the first {STEPS} steps of the formula; the ladder goes on")


def _insurance(body: list[_Balance], sheet: Sheet) -> None:
    wanted = sheet.kept.get("settlement currency", "")
    rows = [row for row in body if row.currency == wanted]
    if not rows:
        raise VenueError(f"no balance in {wanted or 'the settlement currency'}")
    row = max(rows, key=lambda held: held.timestamp)
    unit, asset = SMALLEST.get(row.currency, (Decimal(1), row.currency))
    pool = FundPool(f"{asset} fund", "by asset", (sheet.symbol,), (FundAsset(asset, row.wallet_balance / unit),), None)
    note = "one fund for all contracts settled in this currency; walletBalance in the smallest unit"
    sheet.pools([pool], pool, row.timestamp, note)


def _book(body: list[_Level], sheet: Sheet) -> None:
    words = {"Buy": "bid", "Sell": "ask"}
    rows: list[tuple[str, object, object]] = []
    for row in body:
        size = _base(sheet, row.size, row.price)
        if row.side in words:
            rows.append((words[row.side], row.price, size))
    sheet.book(rows, None, "at most 500 levels of each side")


def _base(sheet: Sheet, contracts: object, price: object) -> Decimal | None:
    """Return contracts in base units; None if the contract's size is unknown."""
    if sheet.inverse():
        return in_base(contracts, price)
    count = number(contracts)
    return None if count is None or sheet.contract_size is None else count * sheet.contract_size


def _liquidations(body: list[_Liquidation], sheet: Sheet) -> None:
    # open liquidation orders: a Sell order closes a long; the answer has no time, so the collection's stands for it
    sides = {"Sell": "long", "Buy": "short"}
    rows = []
    for row in body:
        size = _base(sheet, row.leaves_qty, row.price)
        key = row.order_id or key_of(row.symbol, row.side, row.price, row.leaves_qty)
        rows.append((key, sheet.now.isoformat(), sides.get(row.side, "unknown"), row.price, size))
    enter_liquidations(
        sheet, rows, "order", "orders of the engine open at the moment, at the bankruptcy price or better"
    )


def _funding(body: list[_Funding], sheet: Sheet) -> None:
    enter_funding(sheet, ((row.timestamp, row.funding_rate) for row in body))


def _parts(body: list[_Part], sheet: Sheet) -> None:
    newest: dict[str, _Part] = {}
    for row in body:
        if row.reference != "BMI" and row.timestamp >= newest.get(row.reference, row).timestamp:
            newest[row.reference] = row
    kept = [
        Constituent(row.reference, number(row.weight), row.symbol, number(row.last_price)) for row in newest.values()
    ]
    sheet.rows("constituents", kept, max((row.timestamp for row in newest.values()), default=None))


def _refuse(symbol: str) -> str:
    return f"{symbol} is a spot symbol (they have an underscore): no fund answers for it" if "_" in symbol else ""


def _more(sheet: Sheet) -> tuple[Source, ...]:
    """Ask for the sources of the index that the instrument names."""
    if not sheet.kept.get("index"):
        return ()
    asked = (("symbol", sheet.kept["index"]), ("count", "100"), ("reverse", "true"))
    return (Source("/api/v1/instrument/compositeIndex", list[_Part], _parts, ("constituents",), asked),)


def _sources(symbol: str, _: datetime) -> tuple[Source, ...]:
    one, last = (("symbol", symbol),), (("count", "100"), ("reverse", "true"))
    coin = "USDt" if symbol.endswith("USDT") else "XBt"
    prices = (
        "mark_price",
        "index_price",
        "last_price",
        "open_interest_base",
        "open_interest_notional",
        "tiers",
        "max_leverage",
    )
    return (
        Source("/api/v1/instrument", list[_Instrument], _instrument, prices, one),
        Source(
            "/api/v1/insurance",
            list[_Balance],
            _insurance,
            ("fund_balance", "fund_pools"),
            (("currency", coin), ("symbol", coin), *last),
            fresh_s=DAYS_S,
        ),
        Source("/api/v1/orderBook/L2", list[_Level], _book, ("book", "best_bid", "best_ask"), (*one, ("depth", "500"))),
        Source("/api/v1/liquidation", list[_Liquidation], _liquidations, ("liquidations",), one),
        Source("/api/v1/funding", list[_Funding], _funding, ("funding_history",), (*one, *last), fresh_s=0),
    )


VENUE: Final = Venue(
    code="bitmex",
    base_url="https://www.bitmex.com",
    sources=_sources,
    more=_more,
    example="XBTUSD",
    silent={
        "adl_state": "the venue shows the deleveraging rank to the position's holder only",
        "adl_signals": "the venue shows the deleveraging rank to the position's holder only",
        "constituents": "the instrument names no index",
        "depth": "see book",
    },
    refuse=_refuse,
)
