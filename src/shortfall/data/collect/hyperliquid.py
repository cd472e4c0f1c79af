"""Hyperliquid: no insurance fund; vaults take positions over and may lose. Open interest counts one side in base units.

The two liquidator vaults are the ones that a public reconstruction of October 2025 names; whether they are all of the
backstop is not published in this interface. Funding is for one hour.
"""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Any, Final

import msgspec

from shortfall.data.collect.client import Source, Venue
from shortfall.data.collect.rows import enter_funding
from shortfall.data.collect.sheet import number
from shortfall.data.figure_records import FundAsset, FundPool, TierRow

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from shortfall.data.collect.sheet import Sheet

__all__ = ["VENUE"]

VAULTS: Final = (
    ("HLP Liquidator", "0x2e3d94f0562703b25c83308a05046ddaf9a8dd14"),
    ("HLP Liquidator 2", "0xb0a55f13d22f66e6d495ac98113841b2326e9540"),
)
FLAT_BELOW: Final = 50  # a margin table's number below this is one tier with that leverage
NO_FUND: Final = "the venue has no insurance fund; see backstop_balance"
TWO: Final = Decimal(2)


class _Asset(msgspec.Struct, rename="camel"):
    name: str
    max_leverage: int
    margin_table_id: int | None = None
    only_isolated: bool | None = None
    is_delisted: bool | None = None


class _MarginTier(msgspec.Struct, rename="camel"):
    lower_bound: Decimal
    max_leverage: int


class _Table(msgspec.Struct, rename="camel"):
    margin_tiers: list[_MarginTier]
    description: str = ""


class _Meta(msgspec.Struct, rename="camel"):
    universe: list[_Asset]
    margin_tables: list[tuple[int, _Table]] = []


class _State(msgspec.Struct, rename="camel"):
    funding: Any
    open_interest: Any
    mark_px: Any
    oracle_px: Any
    day_ntl_vlm: Any
    mid_px: Any = None
    day_base_vlm: Any = None


class _Level(msgspec.Struct):
    px: Any
    sz: Any


class _Book(msgspec.Struct):
    coin: str
    levels: tuple[list[_Level], list[_Level]]
    time: int


class _Point(msgspec.Struct, rename="camel"):
    time: int
    funding_rate: Any


class _Summary(msgspec.Struct, rename="camel"):
    account_value: Decimal


class _Account(msgspec.Struct, rename="camel"):
    margin_summary: _Summary
    time: int


def _market(body: tuple[_Meta, list[_State]], sheet: Sheet) -> None:
    meta, states = body
    place = next((place for place, asset in enumerate(meta.universe) if asset.name == sheet.symbol), None)
    if place is None or place >= len(states):
        sheet.refuse(
            f"{sheet.symbol} is not among the venue's perpetuals: a spot token has no fund that answers for it"
        )
        return
    asset, state = meta.universe[place], states[place]
    if asset.is_delisted:
        sheet.refuse(f"{sheet.symbol} is delisted")
        return
    sheet.base_asset, sheet.quote_asset, sheet.settlement_asset = asset.name, "USD", "USDC"
    sheet.contract_form = "linear"
    sheet.put_text("settlement_asset", "USDC")
    sheet.put("mark_price", state.mark_px)
    sheet.put("index_price", state.oracle_px, note="oracle price")
    sheet.put("open_interest_base", state.open_interest, note="one side counted")
    base, mark = sheet.value("open_interest_base"), sheet.value("mark_price")
    if base is not None and mark is not None:
        sheet.put("open_interest_notional", base * mark, note="open_interest_base x mark_price", derived=True)
    sheet.put("volume_24h_quote", state.day_ntl_vlm)
    sheet.put("funding_rate", state.funding, note="for one hour")
    sheet.put("funding_interval_hours", 1, derived=True)
    sheet.put("max_leverage", asset.max_leverage)
    _ladder(meta, asset, sheet)


def _ladder(meta: _Meta, asset: _Asset, sheet: Sheet) -> None:
    number_of = asset.margin_table_id
    table = next((table for key, table in meta.margin_tables if key == number_of), None)
    if table is None and number_of is not None and number_of >= FLAT_BELOW:
        sheet.unknown("tiers", f"the answer does not hold the margin table {number_of} of this contract")
        return
    steps = table.margin_tiers if table is not None else [_MarginTier(Decimal(0), number_of or asset.max_leverage)]
    if not steps or any(step.max_leverage < 1 for step in steps):
        sheet.unknown("tiers", "the margin table has a tier without leverage")
        return
    rows, amount, rate_before = [], Decimal(0), Decimal(0)
    for place, step in enumerate(steps):
        initial = 1 / Decimal(step.max_leverage)
        rate = initial / TWO
        if place:
            amount += step.lower_bound * (rate - rate_before)
        cap = steps[place + 1].lower_bound if place + 1 < len(steps) else None
        rows.append(TierRow(step.lower_bound, cap, "quote", rate, initial, Decimal(step.max_leverage), amount))
        rate_before = rate
    sheet.rows("tiers", rows, None, "maintenance is half of the initial rate of a tier")


def _book(body: _Book, sheet: Sheet) -> None:
    bids, asks = body.levels
    rows = [("bid", row.px, row.sz) for row in bids] + [("ask", row.px, row.sz) for row in asks]
    sheet.book(rows, body.time, "20 levels of each side, all that the interface gives")


def _funding(body: list[_Point], sheet: Sheet) -> None:
    enter_funding(sheet, ((row.time, row.funding_rate) for row in body), hours_known=True)


def _vault(name: str) -> Callable[[_Account, Sheet], None]:
    def enter(body: _Account, sheet: Sheet) -> None:
        sheet.kept[f"vault {name}"] = str(body.margin_summary.account_value)
        sheet.kept[f"time {name}"] = str(body.time)
        held = [label for label, _ in VAULTS if f"vault {label}" in sheet.kept]
        pools = [
            FundPool(
                label,
                "vault",
                (sheet.symbol,),
                (FundAsset("USDC", number(sheet.kept[f"vault {label}"]) or Decimal(0)),),
                sheet.stamp(sheet.kept[f"time {label}"]),
            )
            for label in held
        ]
        sheet.pools(
            pools, None, body.time, "vaults that take positions over, trade, may lose and are topped up at will"
        )
        if len(held) == len(VAULTS):
            total = sum((asset.balance for pool in pools for asset in pool.assets), Decimal(0))
            note = "account value of the two liquidator vaults"
            sheet.put("backstop_balance", total, body.time, note, derived=True)

    return enter


def _refuse(symbol: str) -> str:
    if "/" in symbol or symbol.startswith("@"):
        return f"{symbol} is a spot market here: no fund answers for it"
    if ":" in symbol:
        return (
            f"{symbol} belongs to a builder's exchange, which has no liquidator vault; this client reads the main one"
        )
    return ""


def _sources(symbol: str, now: datetime) -> tuple[Source, ...]:
    start = int((now - timedelta(days=7)).timestamp() * 1000)
    market = (
        "mark_price",
        "index_price",
        "open_interest_base",
        "open_interest_notional",
        "volume_24h_quote",
        "funding_rate",
    )
    asked: tuple[tuple[str, object], ...] = (("type", "fundingHistory"), ("coin", symbol), ("startTime", start))
    return (
        Source(
            "/info",
            tuple[_Meta, list[_State]],
            _market,
            (*market, "max_leverage", "tiers"),
            body=(("type", "metaAndAssetCtxs"),),
        ),
        Source("/info", _Book, _book, ("book", "best_bid", "best_ask"), body=(("type", "l2Book"), ("coin", symbol))),
        Source("/info", list[_Point], _funding, ("funding_history",), body=asked, fresh_s=0),
        *(
            Source(
                "/info",
                _Account,
                _vault(name),
                ("backstop_balance", "fund_pools"),
                body=(("type", "clearinghouseState"), ("user", address)),
            )
            for name, address in VAULTS
        ),
    )


VENUE: Final = Venue(
    code="hyperliquid",
    base_url="https://api.hyperliquid.xyz",
    sources=_sources,
    example="BTC",
    silent={
        "fund_balance": NO_FUND,
        "adl_state": "no public signal before the fact; ADL fills are public afterwards",
        "adl_signals": "no public signal before the fact; ADL fills are public afterwards",
        "liquidations": "in the fills of accounts, not in a public list for each contract",
        "constituents": "the weights are in the documentation, not in the interface; see the bundled figures",
        "last_price": "not in the answers that were asked for",
        "depth": "see book",
    },
    refuse=_refuse,
)
