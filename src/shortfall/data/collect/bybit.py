"""Bybit v5: pools with members, ADL thresholds in the interface, open interest of both sides summed.

``openInterest`` counts both sides; ``singleOpenInterest``, published since June 2026, counts one. Where only the first
is there it is halved and marked as derived. The ticker repeats the sum of both sides and is not used for it.
"""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Any, Final

import msgspec

from shortfall.data.collect.client import Source, Venue
from shortfall.data.collect.rows import enter_funding, in_base, levels
from shortfall.data.collect.sheet import VenueError, number
from shortfall.data.figure_records import Constituent, FundAsset, FundPool, RemarkKind, TierRow

if TYPE_CHECKING:
    from datetime import datetime

    from shortfall.data.collect.sheet import Sheet

__all__ = ["VENUE"]

TWO: Final = Decimal(2)
HUNDRED: Final = Decimal(100)
SHARED_S: Final = 50 * 3600  # shared pools are stated once a day, a day late
PERPETUALS: Final = {"LinearPerpetual": "linear", "InversePerpetual": "inverse"}


class _Rows(msgspec.Struct, rename="camel"):
    """The part of every answer that lists rows; a shape for each address follows below."""

    rows: list[dict[str, Any]] = msgspec.field(name="list")
    updated_time: Any = None


class _Answer(msgspec.Struct, rename="camel"):
    ret_code: int
    ret_msg: str
    time: int
    result: dict[str, Any]


class _Instrument(msgspec.Struct, rename="camel"):
    contract_type: str
    base_coin: str
    quote_coin: str
    settle_coin: str
    leverage_filter: dict[str, Any]
    price_filter: dict[str, Any]
    lot_size_filter: dict[str, Any]
    funding_interval: Any = None


class _Insurance(msgspec.Struct):
    coin: str
    symbols: str
    balance: Decimal


class _Tier(msgspec.Struct, rename="camel"):
    risk_limit_value: Decimal
    maintenance_margin: Decimal
    initial_margin: Decimal
    max_leverage: Any = None
    mm_deduction: Any = None


def _result(body: _Answer, shape: Any) -> Any:  # noqa: ANN401 - the shape decides
    if body.ret_code != 0:
        raise VenueError(f"code {body.ret_code}: {body.ret_msg}")
    try:
        return msgspec.convert(body.result, shape)
    except msgspec.ValidationError as error:
        raise VenueError(f"an answer of another shape: {error}") from None


def _first(body: _Answer) -> dict[str, Any]:
    rows = _result(body, _Rows).rows
    if not rows:
        raise VenueError("no rows for this contract")
    row: dict[str, Any] = rows[0]
    return row


def _instrument(body: _Answer, sheet: Sheet) -> None:
    rows = _result(body, _Rows).rows
    if not rows:
        sheet.refuse(
            f"{sheet.symbol} is not among the venue's derivatives: a spot symbol has no fund that answers for it"
        )
        return
    try:
        row = msgspec.convert(rows[0], _Instrument)
    except msgspec.ValidationError as error:
        raise VenueError(f"an answer of another shape: {error}") from None
    if not row.contract_type.endswith("Perpetual"):
        sheet.refuse(f"{sheet.symbol} is a contract of type {row.contract_type}, not a perpetual")
        return
    sheet.form(row.contract_type, PERPETUALS)
    sheet.base_asset, sheet.quote_asset, sheet.settlement_asset = row.base_coin, row.quote_coin, row.settle_coin
    sheet.put_text("settlement_asset", row.settle_coin)
    sheet.put("max_leverage", row.leverage_filter.get("maxLeverage"))
    sheet.put("tick_size", row.price_filter.get("tickSize"))
    sheet.put("lot_size", row.lot_size_filter.get("qtyStep"))
    minutes = number(row.funding_interval)
    if minutes is not None:
        sheet.put("funding_interval_hours", minutes / 60, note="fundingInterval in minutes / 60", derived=True)


def _ticker(body: _Answer, sheet: Sheet) -> None:
    row = _first(body)
    for name, key in (
        ("mark_price", "markPrice"),
        ("index_price", "indexPrice"),
        ("last_price", "lastPrice"),
        ("funding_rate", "fundingRate"),
    ):
        sheet.put(name, row.get(key), body.time)
    if not sheet.inverse():
        sheet.put("volume_24h_base", row.get("volume24h"), body.time)
        sheet.put("volume_24h_quote", row.get("turnover24h"), body.time)


def _interest(body: _Answer, sheet: Sheet) -> None:
    row = _first(body)
    at, both, single = row.get("timestamp"), number(row.get("openInterest")), number(row.get("singleOpenInterest"))
    note = "singleOpenInterest, one side"
    if single is None and both is not None:
        single, note = both / TWO, "openInterest / 2: the venue sums both sides"
    elif single is not None and both is not None and abs(single * TWO - both) > 1:
        message = f"singleOpenInterest {single} is not half of openInterest {both}"
        sheet.remark(RemarkKind.CONTRADICTION, "open_interest_base", message)
    _enter_interest(sheet, single, at, note)


def _enter_interest(sheet: Sheet, single: Decimal | None, at: object, note: str) -> None:
    mark = sheet.value("mark_price")
    derived = "/ 2" in note
    if sheet.inverse():
        sheet.put("open_interest_notional", single, at, f"{note}; contracts of 1 USD", derived=derived)
        if mark is not None:
            sheet.put("open_interest_base", in_base(single, mark), at, f"{note}, / mark_price", derived=True)
        return
    sheet.put("open_interest_base", single, at, note, derived=derived)
    base = sheet.value("open_interest_base")
    if base is not None and mark is not None:
        sheet.put("open_interest_notional", base * mark, at, "open_interest_base x mark_price", derived=True)


def _book(body: _Answer, sheet: Sheet) -> None:
    found = body.result
    if body.ret_code != 0 or not isinstance(found.get("b"), list) or not isinstance(found.get("a"), list):
        raise VenueError(f"code {body.ret_code}: {body.ret_msg or 'no book'}")
    rows = levels(found["b"], found["a"])
    if sheet.inverse():
        rows = [(side, price, in_base(size, price)) for side, price, size in rows]
    sheet.book(rows, found.get("ts"), "at most 500 levels of each side")


def _tiers(body: _Answer, sheet: Sheet) -> None:
    rows: list[_Tier] = _result(body, _TierRows).rows
    ordered, floor, kept = sorted(rows, key=lambda row: row.risk_limit_value), Decimal(0), []
    scale = _scale(ordered)
    for row in ordered:
        kept.append(
            TierRow(
                floor=floor,
                cap=row.risk_limit_value,
                unit="quote" if not sheet.inverse() else sheet.settlement_asset,
                maintenance_rate=row.maintenance_margin / scale,
                initial_rate=row.initial_margin / scale,
                max_leverage=number(row.max_leverage),
                maintenance_amount=number(row.mm_deduction) or Decimal(0),
            )
        )
        floor = row.risk_limit_value
    sheet.rows("tiers", kept, body.time)


def _scale(rows: list[_Tier]) -> Decimal:
    """Return what the rates are divided by: 100 if initial margin x leverage is near 100, so that they are percent.

    Raises
    ------
    VenueError
        If the product is near neither 1 nor 100 in the first tier that has a leverage, or none has.
    """
    for row in rows:
        most = number(row.max_leverage)
        if most is not None:
            product = row.initial_margin * most
            for scale in (Decimal(1), HUNDRED):
                if scale * Decimal("0.8") <= product <= scale * Decimal("1.25"):
                    return scale
            raise VenueError(f"initial margin {row.initial_margin} x leverage {most} is neither 1 nor 100")
    raise VenueError("no tier has a leverage, so whether rates are percent is unknown")


class _TierRows(msgspec.Struct):
    rows: list[_Tier] = msgspec.field(name="list")


class _PoolRows(msgspec.Struct, rename="camel"):
    rows: list[_Insurance] = msgspec.field(name="list")
    updated_time: Any = None


def _insurance(body: _Answer, sheet: Sheet) -> None:
    found: _PoolRows = _result(body, _PoolRows)
    at, pools = sheet.stamp(found.updated_time), []
    for row in found.rows:
        members = tuple(filter(None, (name.strip() for name in row.symbols.split(","))))
        form = "contract" if len(members) == 1 else "shared"
        name = ", ".join(members[:3]) + (" and others" if len(members) > len(members[:3]) else "")
        pools.append(FundPool(name or "pool of the rest", form, members, (FundAsset(row.coin, row.balance),), at))
    own = next((pool for pool in pools if sheet.symbol in pool.members), None)
    sheet.pools(pools, own, found.updated_time, "shared pools are stated once a day, own pools each minute")
    if own is None:
        sheet.unknown("fund_balance", "no pool of the answer lists this contract")


def _adl(body: _Answer, sheet: Sheet) -> None:
    found = _result(body, _Rows)
    row = next((row for row in found.rows if row.get("symbol") == sheet.symbol), None)
    if row is None:
        raise VenueError("no ADL row for this contract")
    at = found.updated_time
    for name, key in (
        ("adl_pnl_ratio", "pnlRatio"),
        ("adl_start_ratio", "insurancePnlRatio"),
        ("adl_stop_ratio", "adlStopRatio"),
        ("adl_threshold", "adlTriggerThreshold"),
    ):
        sheet.put(name, row.get(key), at)
    ratio, start, balance = (
        number(row.get("pnlRatio")),
        number(row.get("insurancePnlRatio")),
        number(row.get("balance")),
    )
    if balance is not None and balance <= 0:
        word = "pool empty"
    elif ratio is None or start is None:
        raise VenueError("no ratio in the ADL row")
    else:
        word = "beyond the start ratio" if ratio <= start else "above the start ratio"
    known = ("pool empty", "beyond the start ratio", "above the start ratio")
    sheet.signal(word, known, at, balance=row.get("balance"), pnl_ratio=ratio, start_ratio=start)


def _components(body: _Answer, sheet: Sheet) -> None:
    parts = body.result.get("components")
    if body.ret_code != 0 or not isinstance(parts, list):
        raise VenueError(f"code {body.ret_code}: {body.ret_msg or 'no components'}")
    rows = [
        Constituent(
            str(row.get("exchange", "")),
            number(row.get("weight")),
            str(row.get("spotPair", "")),
            number(row.get("price")),
        )
        for row in parts
        if isinstance(row, dict)
    ]
    sheet.rows("constituents", rows, body.result.get("updateTime"))


def _limits(body: _Answer, sheet: Sheet) -> None:
    if body.ret_code != 0:
        raise VenueError(f"code {body.ret_code}: {body.ret_msg}")
    sheet.put("price_limit_up", body.result.get("buyLmt"), body.result.get("ts"))
    sheet.put("price_limit_down", body.result.get("sellLmt"), body.result.get("ts"))


def _funding(body: _Answer, sheet: Sheet) -> None:
    rows = _result(body, _Rows).rows
    enter_funding(sheet, ((row.get("fundingRateTimestamp"), row.get("fundingRate")) for row in rows), hours_known=True)


def _sources(symbol: str, _: datetime) -> tuple[Source, ...]:
    category = "inverse" if symbol.endswith("USD") else "linear"
    coin = symbol.removesuffix("USD") if category == "inverse" else ("USDC" if symbol.endswith("PERP") else "USDT")
    one = (("category", category), ("symbol", symbol))
    prices = ("mark_price", "index_price", "last_price", "funding_rate", "volume_24h_quote", "volume_24h_base")
    interest = ("open_interest_base", "open_interest_notional")
    adl = ("adl_state", "adl_signals", "adl_pnl_ratio", "adl_start_ratio", "adl_stop_ratio", "adl_threshold")
    past = (*one, ("limit", "100"))
    return (
        Source("/v5/market/instruments-info", _Answer, _instrument, ("max_leverage", "tick_size", "lot_size"), one),
        Source("/v5/market/tickers", _Answer, _ticker, prices, one),
        Source(
            "/v5/market/open-interest", _Answer, _interest, interest, (*one, ("intervalTime", "5min"), ("limit", "1"))
        ),
        Source("/v5/market/orderbook", _Answer, _book, ("book", "best_bid", "best_ask"), (*one, ("limit", "500"))),
        Source("/v5/market/risk-limit", _Answer, _tiers, ("tiers",), one),
        Source(
            "/v5/market/insurance",
            _Answer,
            _insurance,
            ("fund_balance", "fund_pools"),
            (("coin", coin),),
            fresh_s=SHARED_S,
        ),
        Source("/v5/market/adlAlert", _Answer, _adl, adl, (("symbol", symbol),)),
        Source("/v5/market/index-price-components", _Answer, _components, ("constituents",), (("indexName", symbol),)),
        Source("/v5/market/price-limit", _Answer, _limits, ("price_limit_up", "price_limit_down"), one),
        Source("/v5/market/funding/history", _Answer, _funding, ("funding_history",), past, fresh_s=0),
    )


VENUE: Final = Venue(
    code="bybit",
    base_url="https://api.bybit.com",
    sources=_sources,
    example="BTCUSDT",
    silent={"liquidations": "published on a stream only", "depth": "see book"},
)
