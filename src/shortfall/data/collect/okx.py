"""OKX v5: a fund for each underlying and settlement asset; open interest in contracts, base and dollars.

``total`` of the fund's answer is the sum of all of the venue's funds and is never this contract's. The weights of an
index are rounded and may not sum to one. ADL and liquidations are streams; ADL entries of the fund's list are read.
"""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Any, Final

import msgspec

from shortfall.data.collect.client import Source, Venue
from shortfall.data.collect.rows import enter_funding, levels
from shortfall.data.collect.sheet import VenueError, number
from shortfall.data.figure_records import Constituent, FundAsset, FundPool, RemarkKind, TierRow

if TYPE_CHECKING:
    from datetime import datetime

    from shortfall.data.collect.sheet import Sheet

__all__ = ["VENUE"]

QUIET: Final = ("regular_update", "liquidation_balance_deposit", "bankruptcy_loss", "platform_revenue")
ADL_TYPES: Final = ("rate_adl_start", "bal_adl_start", "pos_adl_start", "adl_end")


class _Answer(msgspec.Struct):
    code: str
    data: Any
    msg: str = ""


def _rows(body: _Answer, *needed: str) -> list[dict[str, Any]]:
    if body.code != "0":
        raise VenueError(f"code {body.code}: {body.msg}")
    rows = body.data if isinstance(body.data, list) else [body.data]
    if not rows:
        raise VenueError("no rows for this contract")
    if any(not isinstance(row, dict) or any(name not in row for name in needed) for row in rows):
        raise VenueError(f"rows without {', '.join(needed)}")
    return rows


def _instrument(body: _Answer, sheet: Sheet) -> None:
    if body.code == "0" and body.data == []:
        sheet.refuse(
            f"{sheet.symbol} is not among the venue's perpetuals: a spot symbol has no fund that answers for it"
        )
        return
    row = _rows(body, "instType", "ctVal", "ctType", "settleCcy")[0]
    if row["instType"] != "SWAP":
        sheet.refuse(f"{sheet.symbol} is an instrument of type {row['instType']}, not a perpetual")
        return
    sheet.form(str(row["ctType"]), {"linear": "linear", "inverse": "inverse"})
    sheet.base_asset, _, sheet.quote_asset = sheet.symbol.removesuffix("-SWAP").partition("-")
    sheet.settlement_asset = str(row["settleCcy"])
    size = number(row["ctVal"])
    multiplier = number(row.get("ctMult")) or Decimal(1)
    sheet.contract_size = None if size is None else size * multiplier
    sheet.put_text("contract_size", f"{sheet.contract_size} {row.get('ctValCcy', '')}".strip())
    sheet.put_text("settlement_asset", sheet.settlement_asset)
    sheet.put("max_leverage", row.get("lever"))
    sheet.put("tick_size", row.get("tickSz"))


def _mark(body: _Answer, sheet: Sheet) -> None:
    row = _rows(body, "markPx")[0]
    sheet.put("mark_price", row["markPx"], row.get("ts"))


def _ticker(body: _Answer, sheet: Sheet) -> None:
    row = _rows(body, "last")[0]
    sheet.put("last_price", row["last"], row.get("ts"))
    base = number(row.get("volCcy24h"))
    if base is None:
        return
    sheet.put("volume_24h_base", base, row.get("ts"))
    note = "volCcy24h x last_price: the venue gives no turnover"
    last = sheet.value("last_price")
    if last is not None:
        sheet.put("volume_24h_quote", base * last, row.get("ts"), note, derived=True)


def _index(body: _Answer, sheet: Sheet) -> None:
    row = _rows(body, "components", "last")[0]
    sheet.put("index_price", row["last"], row.get("ts"))
    parts = row["components"] if isinstance(row["components"], list) else []
    kept = [
        Constituent(
            str(part.get("exch", "")), number(part.get("wgt")), str(part.get("symbol", "")), number(part.get("symPx"))
        )
        for part in parts
        if isinstance(part, dict)
    ]
    sheet.rows("constituents", kept, row.get("ts"), "published weights are rounded: normalise before use")


def _interest(body: _Answer, sheet: Sheet) -> None:
    row = _rows(body, "oiCcy")[0]
    sheet.put("open_interest_base", row["oiCcy"], row.get("ts"), "oiCcy, one side counted")
    dollars = row.get("oiUsd")
    base, mark = sheet.value("open_interest_base"), sheet.value("mark_price")
    if number(dollars) is not None:
        sheet.put("open_interest_notional", dollars, row.get("ts"), "oiUsd, in US dollars")
    elif base is not None and mark is not None:
        sheet.put("open_interest_notional", base * mark, row.get("ts"), "oiCcy x mark_price", derived=True)


def _book(body: _Answer, sheet: Sheet) -> None:
    row = _rows(body, "bids", "asks")[0]
    size = sheet.contract_size
    if size is None:
        raise VenueError("the contract's size is unknown, so the book's contracts cannot be counted in base units")
    if sheet.inverse():
        found = [(side, price, _inverse(count, price, size)) for side, price, count in levels(row["bids"], row["asks"])]
        sheet.book(found, row.get("ts"), "contracts x face value / price; at most 400 levels of each side")
    else:
        sheet.book(levels(row["bids"], row["asks"], size), row.get("ts"), "at most 400 levels of each side")


def _inverse(count: object, price: object, size: Decimal) -> Decimal | None:
    contracts, at = number(count), number(price)
    if contracts is None or at is None or at <= 0:
        return None
    return (contracts * size / at).quantize(Decimal("0.00000001"))


def _tiers(body: _Answer, sheet: Sheet) -> None:
    kept: list[TierRow] = []
    for row in _rows(body, "minSz", "maxSz", "mmr", "imr"):
        floor, rate = number(row["minSz"]), number(row["mmr"])
        if floor is None or rate is None:
            raise VenueError("a tier without bounds or rate")
        kept.append(
            TierRow(
                floor=floor,
                cap=number(row["maxSz"]),
                unit="contracts",
                maintenance_rate=rate,
                initial_rate=number(row["imr"]),
                max_leverage=number(row.get("maxLever")),
                shape="step",
            )
        )
    ordered = sorted(kept, key=lambda tier: tier.floor)
    sheet.rows("tiers", ordered, None, "cross margin; the rate of a tier applies to the whole")


def _fund(body: _Answer, sheet: Sheet) -> None:
    row = _rows(body, "details")[0]
    details = [held for held in row["details"] if isinstance(held, dict)] if isinstance(row["details"], list) else []
    newest: dict[str, dict[str, Any]] = {}
    for held in details:
        asset = str(held.get("ccy", ""))
        if (
            asset
            and number(held.get("balance")) is not None
            and (number(held.get("ts")) or 0) > (number(newest.get(asset, {}).get("ts")) or -1)
        ):
            newest[asset] = held
    if not newest:
        raise VenueError("no balance in the fund's details")
    family = str(row.get("instFamily", ""))
    assets = tuple(FundAsset(asset, number(held["balance"]) or Decimal(0)) for asset, held in newest.items())
    at = max((number(held.get("ts")) or Decimal(0) for held in newest.values()), default=Decimal(0))
    pool = FundPool(f"perpetuals on {family}", "family", (sheet.symbol,), assets, sheet.stamp(at))
    sheet.pools([pool], pool, at)
    if number(row.get("total")) is not None:
        sheet.put("fund_venue_total", row["total"], at, "all funds of the venue: not what this contract can use")
    _adl_entries(details, sheet)


def _adl_entries(details: list[dict[str, Any]], sheet: Sheet) -> None:
    """Read ADL entries of the fund's list; none says nothing about ADL outside the list's span."""
    for held in details:
        kind, adl = str(held.get("type", "")), str(held.get("adlType", ""))
        if adl:
            sheet.signal(adl, ADL_TYPES, held.get("ts"), balance=held.get("balance"))
        elif kind not in QUIET and kind != "adl":
            sheet.remark(
                RemarkKind.UNKNOWN_VALUE, "fund_pools", f"the type {kind!r} of an entry of the fund is not known here"
            )


def _funding(body: _Answer, sheet: Sheet) -> None:
    row = _rows(body, "fundingRate")[0]
    sheet.put("funding_rate", row["fundingRate"], row.get("ts"), "current period")
    first, then = number(row.get("fundingTime")), number(row.get("nextFundingTime"))
    if first is not None and then is not None and then > first:
        sheet.put(
            "funding_interval_hours", (then - first) / 3_600_000, note="nextFundingTime - fundingTime", derived=True
        )


def _history(body: _Answer, sheet: Sheet) -> None:
    rows = _rows(body, "fundingTime", "fundingRate")
    enter_funding(sheet, ((row["fundingTime"], row["fundingRate"]) for row in rows), hours_known=True)


def _limits(body: _Answer, sheet: Sheet) -> None:
    row = _rows(body, "buyLmt", "sellLmt")[0]
    if row.get("enabled") is False:
        for name in ("price_limit_up", "price_limit_down"):
            sheet.unknown(name, "the venue says that the limit is not in force")
        return
    sheet.put("price_limit_up", row["buyLmt"], row.get("ts"))
    sheet.put("price_limit_down", row["sellLmt"], row.get("ts"))


def _refuse(symbol: str) -> str:
    if symbol.endswith("-SWAP"):
        return ""
    return f"{symbol} is not a perpetual here (they end in -SWAP): a spot symbol has no fund that answers for it"


def _sources(symbol: str, _: datetime) -> tuple[Source, ...]:
    family = symbol.removesuffix("-SWAP")
    one, kind, of = (("instId", symbol),), ("instType", "SWAP"), ("instFamily", family)
    interest = ("open_interest_base", "open_interest_notional")
    public, market = "/api/v5/public", "/api/v5/market"
    fund = ("fund_balance", "fund_pools", "fund_venue_total")
    return (
        Source(
            f"{public}/instruments", _Answer, _instrument, ("max_leverage", "tick_size", "contract_size"), (kind, *one)
        ),
        Source(f"{public}/mark-price", _Answer, _mark, ("mark_price",), (kind, *one)),
        Source(f"{market}/ticker", _Answer, _ticker, ("last_price", "volume_24h_base", "volume_24h_quote"), one),
        Source(f"{market}/index-components", _Answer, _index, ("index_price", "constituents"), (("index", family),)),
        Source(f"{public}/open-interest", _Answer, _interest, interest, (kind, *one)),
        Source(f"{market}/books", _Answer, _book, ("book", "best_bid", "best_ask"), (*one, ("sz", "400"))),
        Source(f"{public}/position-tiers", _Answer, _tiers, ("tiers",), (kind, ("tdMode", "cross"), of)),
        Source(f"{public}/insurance-fund", _Answer, _fund, fund, (kind, of), fresh_s=3600),
        Source(f"{public}/funding-rate", _Answer, _funding, ("funding_rate", "funding_interval_hours"), one),
        Source(
            f"{public}/funding-rate-history",
            _Answer,
            _history,
            ("funding_history",),
            (*one, ("limit", "100")),
            fresh_s=0,
        ),
        Source(f"{public}/price-limit", _Answer, _limits, ("price_limit_up", "price_limit_down"), one),
    )


VENUE: Final = Venue(
    code="okx",
    base_url="https://www.okx.com",
    sources=_sources,
    example="BTC-USDT-SWAP",
    silent={
        "liquidations": "published on a stream only, at most one each second and contract",
        "adl_state": "the state is a stream; no ADL entry stands in the fund's list of the moment",
        "adl_signals": "the state is a stream; no ADL entry stands in the fund's list of the moment",
        "depth": "see book",
    },
    refuse=_refuse,
)
