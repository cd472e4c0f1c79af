"""dYdX v4: markets, book and trades from an indexer, the fund from the chain as the balance of a module account.

Cross markets share one fund; an isolated market has its own, named by its number. Margin counts at the oracle price.
"""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Any, Final

import msgspec

from shortfall.data.collect.chain_address import module_address
from shortfall.data.collect.client import Source, Venue
from shortfall.data.collect.rows import enter_funding, enter_liquidations
from shortfall.data.collect.sheet import VenueError, number
from shortfall.data.figure_records import FundAsset, FundPool, RemarkKind, TierRow

if TYPE_CHECKING:
    from datetime import datetime

    from shortfall.data.collect.sheet import Sheet

__all__ = ["VENUE"]

USDC: Final = "ibc/8E27BA2D5493AF5636760E354E46004562C46AB7EC0CC4C1CA14E9E20E2545B5"
MILLIONTHS: Final = Decimal(1_000_000)
FORCED: Final = ("LIQUIDATED", "LIQUIDATION", "DELEVERAGED", "OFFSETTING")
PLAIN: Final = ("LIMIT", "MARKET", "TWAP_SUBORDER")
CLOSED: Final = {"SELL": "long", "BUY": "short"}


class _Market(msgspec.Struct, rename="camel"):
    ticker: str
    status: str
    oracle_price: Any
    open_interest: Any
    initial_margin_fraction: Any
    maintenance_margin_fraction: Any
    market_type: str
    clob_pair_id: str
    next_funding_rate: Any = None
    tick_size: Any = None
    step_size: Any = None
    volume24_h: Any = msgspec.field(name="volume24H", default=None)
    open_interest_lower_cap: Any = None
    open_interest_upper_cap: Any = None


class _Markets(msgspec.Struct):
    markets: dict[str, _Market]


class _Level(msgspec.Struct):
    price: Any
    size: Any


class _Book(msgspec.Struct):
    bids: list[_Level]
    asks: list[_Level]


class _Trade(msgspec.Struct, rename="camel"):
    id: str
    side: str
    size: Any
    price: Any
    type: str
    created_at: str


class _Trades(msgspec.Struct):
    trades: list[_Trade]


class _Point(msgspec.Struct, rename="camel"):
    rate: Any
    effective_at: str


class _Points(msgspec.Struct, rename="camel"):
    historical_funding: list[_Point]


class _Coin(msgspec.Struct):
    denom: str
    amount: Decimal


class _Balances(msgspec.Struct):
    balances: list[_Coin]


def _market(body: _Markets, sheet: Sheet) -> None:
    row = body.markets.get(sheet.symbol)
    if row is None:
        sheet.refuse(
            f"{sheet.symbol} is not among the venue's perpetuals: a spot symbol has no fund that answers for it"
        )
        return
    if row.status != "ACTIVE":
        sheet.remark(RemarkKind.UNKNOWN_VALUE, "status", f"the market's status is {row.status!r}")
    sheet.base_asset, _, sheet.quote_asset = sheet.symbol.partition("-")
    sheet.settlement_asset, sheet.contract_form = "USDC", "linear"
    sheet.kept["type"], sheet.kept["pair"] = row.market_type, row.clob_pair_id
    sheet.put_text("settlement_asset", "USDC")
    sheet.put("mark_price", row.oracle_price, note="margin counts at the oracle price")
    sheet.put("index_price", row.oracle_price, note="oracle price")
    sheet.put("open_interest_base", row.open_interest, note="one side")
    base, mark = sheet.value("open_interest_base"), sheet.value("mark_price")
    if base is not None and mark is not None:
        sheet.put("open_interest_notional", base * mark, note="open_interest_base x oracle price", derived=True)
    sheet.put("volume_24h_quote", row.volume24_h)
    sheet.put("funding_rate", row.next_funding_rate, note="for one hour")
    sheet.put("funding_interval_hours", 1, derived=True)
    sheet.put("tick_size", row.tick_size)
    sheet.put("lot_size", row.step_size)
    sheet.put("initial_margin_rate", row.initial_margin_fraction, note="grows with open interest between the caps")
    sheet.put("maintenance_margin_rate", row.maintenance_margin_fraction)
    _ladder(row, sheet)


def _ladder(row: _Market, sheet: Sheet) -> None:
    initial, maintenance = sheet.value("initial_margin_rate"), sheet.value("maintenance_margin_rate")
    if initial is None or maintenance is None:
        sheet.unknown("tiers", "the answer lacks a margin rate")
        return
    most = round(1 / initial, 4)
    sheet.put("max_leverage", most, note="1 / initial margin", derived=True)
    low, high = number(row.open_interest_lower_cap), number(row.open_interest_upper_cap)
    scaled = f"initial margin grows from {low} to {high} of open interest" if high else "one rate for every size"
    sheet.rows("tiers", [TierRow(Decimal(0), None, "quote", maintenance, initial, most, Decimal(0))], None, scaled)


def _book(body: _Book, sheet: Sheet) -> None:
    rows = [("bid", row.price, row.size) for row in body.bids] + [("ask", row.price, row.size) for row in body.asks]
    sheet.book(rows, None, "as the indexer holds it")


def _trades(body: _Trades, sheet: Sheet) -> None:
    rows = []
    for row in body.trades:
        if row.type in FORCED:
            side = CLOSED.get(row.side, "unknown") if row.type.startswith("LIQUID") else "unknown"
            rows.append((row.id, row.created_at, side, row.price, row.size))
            if row.type == "DELEVERAGED":
                sheet.signal("deleveraged", ("deleveraged",), row.created_at, price=row.price, size=row.size)
        elif row.type not in PLAIN:
            sheet.remark(
                RemarkKind.UNKNOWN_VALUE, "liquidations", f"the venue's trade type {row.type!r} is not known here"
            )
    note = f"among the last {len(body.trades)} trades: a lower bound; side from the taker's"
    enter_liquidations(sheet, rows, "fill", note)


def _funding(body: _Points, sheet: Sheet) -> None:
    enter_funding(sheet, ((row.effective_at, row.rate) for row in body.historical_funding), hours_known=True)


def _fund(body: _Balances, sheet: Sheet) -> None:
    isolated = sheet.kept.get("type") == "ISOLATED"
    assets = []
    for coin in body.balances:
        if coin.denom == USDC:
            assets.append(FundAsset("USDC", coin.amount / MILLIONTHS))
        else:
            assets.append(FundAsset(coin.denom, coin.amount))
    if not assets:
        raise VenueError("the fund's account holds no coin: an empty account, or another address than the fund's")
    name = f"fund of the isolated market {sheet.symbol}" if isolated else "fund of the cross markets"
    pool = FundPool(name, "contract" if isolated else "shared", (sheet.symbol,), tuple(assets))
    sheet.pools([pool], pool, None, "all cross markets draw on it" if not isolated else "")


def _more(sheet: Sheet) -> tuple[Source, ...]:
    """Ask for the fund once the market says whether it is its own."""
    if "pair" not in sheet.kept:
        return ()
    isolated = sheet.kept["type"] == "ISOLATED"
    name = f"insurance_fund:{sheet.kept['pair']}" if isolated else "insurance_fund"
    path = f"/cosmos/bank/v1beta1/balances/{module_address('dydx', name)}"
    return (Source(path, _Balances, _fund, ("fund_balance", "fund_pools"), host="chain"),)


def _sources(symbol: str, _: datetime) -> tuple[Source, ...]:
    market = (
        "mark_price",
        "index_price",
        "open_interest_base",
        "open_interest_notional",
        "volume_24h_quote",
        "funding_rate",
    )
    last = (("limit", "100"),)
    return (
        Source("/v4/perpetualMarkets", _Markets, _market, (*market, "tiers", "max_leverage"), (("ticker", symbol),)),
        Source(f"/v4/orderbooks/perpetualMarket/{symbol}", _Book, _book, ("book", "best_bid", "best_ask")),
        Source(f"/v4/trades/perpetualMarket/{symbol}", _Trades, _trades, ("liquidations",), last, fresh_s=0),
        Source(f"/v4/historicalFunding/{symbol}", _Points, _funding, ("funding_history",), last, fresh_s=0),
    )


VENUE: Final = Venue(
    code="dydx",
    base_url="https://indexer.dydx.trade",
    hosts={"chain": "https://dydx-rest.publicnode.com"},
    sources=_sources,
    more=_more,
    example="BTC-USD",
    silent={
        "adl_state": "no public signal before the fact; no deleveraging among the trades of the answer",
        "adl_signals": "no public signal before the fact; no deleveraging among the trades of the answer",
        "constituents": "the oracle's sources are on the chain, not in the indexer",
        "price_limit_up": "no limit of this kind",
        "price_limit_down": "no limit of this kind",
        "last_price": "not in the answers that were asked for",
        "depth": "see book",
    },
)
