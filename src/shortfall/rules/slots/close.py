"""The `close` slot. How the closing order meets the book, and what it costs."""

from __future__ import annotations

from dataclasses import dataclass

from shortfall.kernels import layout as at
from shortfall.rules.record import choice, entry, rule

MILLION = 1_000_000


@dataclass(frozen=True, slots=True)
class Close:
    """How the closing order meets the book, and what it costs."""

    style: str = choice(
        at.R_CLOSE, "bankruptcy", "the closing order",
        market=entry(at.CLOSE_MARKET, "market order: walks the book, may fill below bankruptcy, as far as fund cash can bear"),
        bankruptcy=entry(at.CLOSE_BANKRUPTCY, "limited at bankruptcy, immediate or cancel; the rest is taken over"),
        tape=entry(at.CLOSE_TAPE, "fills at the recorded price and moves nothing"),
    )  # fmt: skip
    taker_fee: int = rule(at.R_LIQUIDATION_TAKER_FEE, "ppm", 0, "taker fee of liquidation orders", high=50_000)
    liquidation_fee: int = rule(
        at.R_LIQUIDATION_FEE, "ppm", 0, "liquidation fee to the fund, junior to everything", high=MILLION
    )
    bankruptcy_fee: int = rule(
        at.R_BANKRUPTCY_FEE, "ppm", 0, "closing fee contained in the bankruptcy price", high=100_000
    )
    surplus: str = choice(
        at.R_SURPLUS, "fund", "what is left after a whole close",
        fund=entry(at.SURPLUS_FUND, "goes to the fund"),
        trader=entry(at.SURPLUS_TRADER, "stays with the trader"),
    )  # fmt: skip
    cross_order: str = choice(
        at.R_CROSS_ORDER, "requirement", "which position of a cross account is closed first",
        requirement=entry(at.CROSS_REQUIREMENT, "largest maintenance requirement"),
        notional=entry(at.CROSS_NOTIONAL, "largest notional"),
        loss=entry(at.CROSS_LOSS, "largest loss"),
        market=entry(at.CROSS_MARKET, "order of markets"),
    )  # fmt: skip
    cross_price: str = choice(
        at.R_CROSS_PRICE, "ratio", "bankruptcy price of one position of a cross account",
        ratio=entry(at.CROSS_PRICE_RATIO, "equity is allocated by maintenance requirement"),
        all=entry(at.CROSS_PRICE_ALL, "all equity stands beside this position"),
    )  # fmt: skip
