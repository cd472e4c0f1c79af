"""The `bands` slot. How far from mark an order of each class may trade on its aggressive side; 0 means no band."""

from __future__ import annotations

from dataclasses import dataclass

from shortfall.kernels import layout as at
from shortfall.rules.record import choice, entry, rule

MILLION = 1_000_000
FORMULA = "buy at most mark + floor(mark * band / 10**6), sell at least mark - floor(mark * band / 10**6)"
ROUNDING = "the width rounds down: the band is never wider than stated"


@dataclass(frozen=True, slots=True)
class Bands:
    """How far from mark an order of each class may trade on its aggressive side; 0 means no band."""

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
