"""The `margin` slot. How a requirement follows from the tiers: their shape, the value they are counted on, what is added."""

from __future__ import annotations

from dataclasses import dataclass

from shortfall.kernels import layout as at
from shortfall.rules.record import choice, entry, rule

MILLION = 1_000_000


@dataclass(frozen=True, slots=True)
class Margin:
    """How a requirement follows from the tiers: their shape, the value they are counted on, what is added."""

    tiers: str = choice(
        at.R_MARGIN_TIERS, "marginal", "what a tier's rate applies to",
        marginal=entry(
            at.TIERS_MARGINAL, "each bracket's rate applies to the part of the value inside it",
            "maintenance = ceil(rate * value / 10**6) - amount; amount = amount before + floor of the bracket * (rate - rate before)",
            sign="an amount is deducted: it is zero or positive", rounding="maintenance up, amounts down: against the account",
            sources=("Binance: Notional and leverage limits (maintenance amount)", "Bybit: Maintenance Margin (USDT Contract)",
                "Gate: Risk limit tiers (deduction)", "Hyperliquid: docs, Margin tiers"),
            venues=("Binance", "Bybit", "Gate", "Hyperliquid"),
        ),
        whole_position=entry(
            at.TIERS_WHOLE, "the rate of the bracket that holds the position applies to all of it",
            "maintenance = ceil(rate * value / 10**6): it jumps at a bracket's top",
            rounding="up, against the account",
            sources=("BitMEX: Risk limits (base rate + steps, whole position)", "OKX: Position tiers", "Kraken Futures: marginLevels"),
            venues=("BitMEX", "OKX", "Kraken Futures", "KuCoin"),
        ),
    )  # fmt: skip
    basis: str = choice(
        at.R_MARGIN_BASIS, "mark", "the value on which maintenance is counted",
        mark=entry(
            at.BASIS_MARK, "value at mark", "value = abs(size) * mark * multiplier (inverse: size * contract value / mark)",
            rounding="an inverse value rounds down",
            sources=("Bybit: position.mdx, 2026 (margin on mark price)", "Binance: Notional and leverage limits"),
            venues=("Binance", "Bybit", "OKX", "Deribit", "Hyperliquid", "dYdX v4"),
        ),
        entry=entry(
            at.BASIS_ENTRY, "value at entry: the requirement does not move with the price", "value = abs(entry cost)",
            rounding="what a reduction leaves of the cost rounds up (the closed share is floored)",
            sources=("KuCoin: support 26686139092889, LP = E (1 - (IMR - MMR))", "Bybit: classic liquidation price, E (1 - IMR + MMR)",
                "BitMEX: support, LP = BP + E (mm + funding)"),
            venues=("KuCoin", "BitMEX"),
        ),
    )  # fmt: skip
    orders: str = choice(
        at.R_ORDERS_COUNT, "ignored", "whether open orders count in the maintenance requirement",
        ignored=entry(
            at.ORDERS_IGNORED, "only what is held", "value = abs(size) * mark * multiplier",
            sources=("Binance: Notional and leverage limits",), venues=("Binance", "Bybit", "OKX"),
        ),
        counted=entry(
            at.ORDERS_COUNTED, "the position as if all its open orders of one side were filled, the worse side",
            "value = max(abs(size + bids), abs(size - asks)) * mark * multiplier; an account without a position is not tested",
            rounding="the requirement rounds up once", sources=("Drift v2: math/margin.rs (worst-case base asset amount)",),
            venues=("Drift v2",),
        ),
    )  # fmt: skip
    closing_fee: int = rule(
        at.R_CLOSING_FEE, "ppm", 0, "fee of a close that initial and maintenance margin hold in reserve",
        "rate = tier's rate + closing_fee; never more than 100 % together", high=100_000, rounding="the requirement rounds up once",
        sources=("OKX: margin ratio divides by tier MMR + fee rate (help 360053909592)", "Gate: help 27724 (MMR + taker)",
            "Bybit: Liquidation price, unified account (IM and MM + estimated fee to close; there at the bankruptcy price)"),
        venues=("OKX", "Gate", "Bybit"),
    )  # fmt: skip
    growth: int = rule(
        at.R_GROWTH, "ppm", 0, "by how much both rates grow for every `margin.growth_lots` lots held",
        "rate = tier's rate + growth * lots / growth_lots, in parts per billion; never more than 100 %", high=MILLION,
        rounding="the added rate rounds up to a billionth, the requirement up",
        sources=("Deribit: Linear Perpetual (BTC_USDC: 2 % + 0.005 % a coin initial, 1 % + 0.005 % a coin maintenance)",),
        venues=("Deribit",),
    )  # fmt: skip
    growth_lots: int = rule(
        at.R_GROWTH_LOTS, "count", 1, "lots for which `margin.growth` is stated: the lots of one coin, say", "see margin.growth",
        low=1, high=at.SIZE_BOUND, sources=("Deribit: Linear Perpetual (growth is stated for one coin)",), venues=("Deribit",),
    )  # fmt: skip
    interest_low: object = rule(
        at.R_INTEREST_LOW, "money", 0, "open interest from which the initial rate rises", "see margin.interest_high", high=1 << 61,
        sources=("dYdX v4: x/perpetuals/types/liquidity_tier.go",), venues=("dYdX v4",),
    )  # fmt: skip
    interest_high: object = rule(
        at.R_INTEREST_HIGH, "money", 0, "open interest at which the initial rate is 100 %; 0 for no such rule",
        "initial rate = min(1, base + max(0, (interest - low) / (high - low)) * (1 - base)), interest in notional at mark; "
        "maintenance does not move", high=1 << 61, rounding="up to a billionth, against the account",
        sources=("dYdX v4: x/perpetuals/types/liquidity_tier.go (at oracle price)",), venues=("dYdX v4",),
    )  # fmt: skip
