"""The `bands` slot. How far from mark or index an order of each class may trade on its aggressive side; 0 means no band."""

from __future__ import annotations

from dataclasses import dataclass

from shortfall.kernels import layout as at
from shortfall.rules.record import choice, entry, rule

MILLION = 1_000_000
FORMULA = "buy at most c + floor(c * band / 10**6), sell at least c - floor(c * band / 10**6), c by bands.reference"
ROUNDING = "the width rounds down: the band is never wider than stated"


@dataclass(frozen=True, slots=True)
class Bands:
    """How far from mark or index an order of each class may trade on its aggressive side; 0 means no band."""

    user: int = rule(
        at.R_BAND_USER, "ppm", 0, "band of users' orders", FORMULA, high=MILLION, rounding=ROUNDING,
        sources=("Binance: exchangeInfo, PERCENT_PRICE", "Bybit: order price limit"), venues=("Binance", "Bybit", "OKX"),
    )  # fmt: skip
    maker: int = rule(
        at.R_BAND_MAKER, "ppm", 0, "band of market makers' orders", FORMULA, high=MILLION, rounding=ROUNDING
    )
    liquidation: int = rule(
        at.R_BAND_LIQUIDATION, "ppm", 0, "band of liquidation orders", FORMULA, high=MILLION, rounding=ROUNDING,
    )  # fmt: skip
    unwinding: int = rule(
        at.R_BAND_UNWIND, "ppm", 0, "band of orders that sell taken-over inventory", FORMULA, high=MILLION, rounding=ROUNDING,
        sources=("Binance: FAQ 360033525371, earliest text (limit within 2.5 % of the market)",), venues=("Binance",),
    )  # fmt: skip
    binding: str = choice(
        at.R_BAND_BINDS, "take-over", "what happens to the part of a liquidation order that its band holds back",
        take_over=entry(
            at.BAND_TAKES_OVER, "it goes to the layers at once",
            "lots left by the book -> layers of the waterfall, at the bankruptcy price",
            sources=("Binance: FAQ 360033525271 (what does not fill is taken by the fund)", "Gate: help 22081"), venues=("Binance", "Gate"),
        ),
        retry=entry(
            at.BAND_RETRIES, "it stays with its owner and is tried again after engine.pause", "lots left wait; due = now + engine.pause",
            sources=("Deribit: Liquidations (rounds, one per second)",), venues=("Deribit",),
        ),
        rest=entry(
            at.BAND_RESTS, "it rests at the band's edge, reduce-only, until the next look after engine.pause",
            "a reduce-only order at the edge; all orders of the account are cancelled before it is looked at again; what fills it "
            "meanwhile trades at the edge, without liquidation fee",
            sources=("BitMEX: Liquidation (the engine's order stays in the book)",), venues=("BitMEX",),
        ),
    )  # fmt: skip
    reference: str = choice(
        at.R_BAND_AROUND, "mark", "the price around which all bands stand",
        mark=entry(
            at.AROUND_MARK, "mark", "centre = mark",
            sources=("Binance: exchangeInfo, PERCENT_PRICE (of mark)", "Deribit: ticker, min and max"),
            venues=("Binance", "Deribit"),
        ),
        index=entry(
            at.AROUND_INDEX, "index; mark while there is none", "centre = index",
            sources=("OKX: help 6974388462605, Price limits (index x (1 + Y), without its premium term)",), venues=("OKX",),
        ),
    )  # fmt: skip
    self_trade: str = choice(
        at.R_SELF_TRADE, "cancel-resting", "what happens when an account would trade with itself",
        cancel_resting=entry(
            at.SELF_TRADE_CANCEL_RESTING, "the resting order is cancelled", "own resting orders in the way are removed; the taker goes on",
            sources=("Binance: API, self-trade prevention EXPIRE_MAKER", "Hyperliquid: docs, Self-trade prevention"),
            venues=("Binance", "Hyperliquid"),
        ),
        cancel_taker=entry(
            at.SELF_TRADE_CANCEL_TAKER, "the incoming order stops", "the taker's rest is cancelled at its own first resting order",
            sources=("Binance: API, self-trade prevention EXPIRE_TAKER",), venues=("Binance",),
        ),
    )  # fmt: skip
