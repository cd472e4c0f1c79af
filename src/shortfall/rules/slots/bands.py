"""The `bands` slot. How far from mark an order of each class may trade on its aggressive side; 0 means no band."""

from __future__ import annotations

from dataclasses import dataclass

from shortfall.kernels import layout as at
from shortfall.rules.record import choice, entry, rule

MILLION = 1_000_000


@dataclass(frozen=True, slots=True)
class Bands:
    """How far from mark an order of each class may trade on its aggressive side; 0 means no band."""

    user: int = rule(at.R_BAND_USER, "ppm", 0, "band of users' orders", high=MILLION)
    maker: int = rule(at.R_BAND_MAKER, "ppm", 0, "band of market makers' orders", high=MILLION)
    liquidation: int = rule(at.R_BAND_LIQUIDATION, "ppm", 0, "band of liquidation orders", high=MILLION)
    unwinding: int = rule(at.R_BAND_UNWIND, "ppm", 0, "band of orders that sell taken-over inventory", high=MILLION)
    self_trade: str = choice(
        at.R_SELF_TRADE, "cancel-resting", "what happens when an account would trade with itself",
        cancel_resting=entry(at.SELF_TRADE_CANCEL_RESTING, "the resting order is cancelled"),
        cancel_taker=entry(at.SELF_TRADE_CANCEL_TAKER, "the incoming order stops"),
    )  # fmt: skip
