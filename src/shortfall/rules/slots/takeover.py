"""The `takeover` slot. Who inherits what the book does not take, and how much each may hold."""

from __future__ import annotations

from dataclasses import dataclass

from shortfall.kernels import layout as at
from shortfall.rules.record import choice, entry, rule

MILLION = 1_000_000
ROOM = "lots <= want * (share of cash - notional held elsewhere) / notional of the clip - lots held on this side"
DOWN = "lots round down"


@dataclass(frozen=True, slots=True)
class Takeover:
    """Who inherits what the book does not take, and how much each may hold."""

    backstop: bool = rule(
        at.R_BACKSTOP_TAKES, "switch", default=True, meaning="the backstop takes positions over",
        formula="takes at the bankruptcy price while its equity at mark bears the difference",
        sources=("Hyperliquid: docs, Liquidations (liquidator vault)", "Deribit: LSP", "Lighter: docs, LLP"),
        venues=("Hyperliquid", "Deribit", "Lighter"),
    )  # fmt: skip
    backstop_capacity: int = rule(
        at.R_BACKSTOP_CAPACITY, "ppm", 0, "net notional as share of the backstop's cash, 0 for no such rule", ROOM, rounding=DOWN,
    )  # fmt: skip
    fund: bool = rule(
        at.R_FUND_TAKES, "switch", default=True, meaning="the fund takes positions over",
        formula="takes at the bankruptcy price while its equity at mark bears the difference",
        sources=("Binance: FAQ 360033525371, Insurance fund", "Paradex: docs, Liquidations"), venues=("Binance", "Paradex", "Orderly"),
    )  # fmt: skip
    fund_capacity: int = rule(
        at.R_FUND_CAPACITY, "ppm", MILLION, "net notional as share of the fund's cash, 0 for no such rule", ROOM, rounding=DOWN,
        sources=("Binance: FAQ 360033525371, texts of 2019-22 (20 %, later 100 %)",), venues=("Binance",),
    )  # fmt: skip
    pool: bool = rule(
        at.R_POOL_TAKES, "switch", default=True, meaning="the shared pool takes positions over",
        formula="takes at the bankruptcy price while its equity at mark bears the difference",
        sources=("Bybit: Insurance fund (pools and groups)", "Binance: insuranceBalance (groups of symbols)"), venues=("Bybit", "Binance"),
    )  # fmt: skip
    pool_capacity: int = rule(
        at.R_POOL_CAPACITY, "ppm", 0, "net notional as share of the pool's cash, 0 for no such rule", ROOM, rounding=DOWN,
    )  # fmt: skip
    per_event: object = rule(
        at.R_EVENT_CAPACITY, "money", 0, "largest notional of one takeover, 0 for none", "lots <= want * per_event / notional of the clip",
        high=1 << 57, rounding=DOWN,
    )  # fmt: skip
    price: str = choice(
        at.R_TAKEOVER_PRICE, "bankruptcy", "price at which a holder takes a position over",
        bankruptcy=entry(
            at.TAKEOVER_AT_BANKRUPTCY, "the bankruptcy price: the account's equity goes with the position",
            "see close.cross_price; a whole takeover leaves the account with nothing (Lighter's zero price is the ratio rule)",
            sign="result at mark = side x (price - mark) x size; positive is paid by the holder", rounding="as the bankruptcy price",
            sources=("Binance: FAQ 360033525371, Insurance fund", "Hyperliquid: docs, Liquidations", "Lighter: docs, zero price"),
            venues=("Binance", "Bybit", "OKX", "Hyperliquid", "Lighter"),
        ),
        mark=entry(
            at.TAKEOVER_AT_MARK, "mark: the account keeps its equity, or the layers are asked for what it lacks",
            "price = mark; equity left goes where close.surplus says", sign="result at mark is 0",
            sources=("Paradex: docs, Liquidations", "Vega: 0012-POSR"), venues=("Paradex", "Vega"),
        ),
    )  # fmt: skip
    leverage: int = rule(
        at.R_TAKEOVER_LEVERAGE, "ppm", 0, "net notional as share of a holder's equity at mark, 0 for no such rule",
        "lots <= want * (equity at mark * leverage - notional held elsewhere) / notional of the clip - lots held on this side",
        rounding=DOWN, sources=("Deribit: LSP API guide (twice the equity)",), venues=("Deribit",),
    )  # fmt: skip
