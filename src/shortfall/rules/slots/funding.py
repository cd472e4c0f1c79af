"""The `funding` slot. Funding between longs and shorts: zero-sum, never a source of the fund."""

from __future__ import annotations

from dataclasses import dataclass

from shortfall.kernels import layout as at
from shortfall.rules.record import choice, entry, rule

HOUR_US = 3_600_000_000
BILLION = 1_000_000_000


@dataclass(frozen=True, slots=True)
class Funding:
    """Funding between longs and shorts: zero-sum, never a source of the fund."""

    interval: int = rule(
        at.R_FUNDING_INTERVAL_US, "duration", 8 * HOUR_US, "time between settlements", "settled when a funding command is given",
        low=1, sources=("Binance: FAQ, Funding rates (8 h, 4 h, 1 h by contract)", "Hyperliquid: docs, Funding (1 h)"),
        venues=("Binance", "Bybit", "OKX", "Hyperliquid"),
    )  # fmt: skip
    clamp: int = rule(
        at.R_FUNDING_CLAMP, "ppb", 500_000, "how far (interest - premium) moves the rate",
        "rate = mean premium + clamp(interest - mean premium, -clamp, +clamp)", high=BILLION,
        sign="positive: longs pay shorts", rounding="the rate rounds down; a payer pays up, a receiver gets down, dust keeps the rest",
        sources=("Binance: FAQ, Funding rates (0.05 %)",), venues=("Binance", "Bybit", "Hyperliquid"),
    )  # fmt: skip
    cap: int = rule(
        at.R_FUNDING_CAP, "ppb", 0, "largest rate, 0 for none", "abs(rate) <= cap", high=BILLION,
        sign="bounds both directions", sources=("Binance: fundingInfo, adjustedFundingRateCap",), venues=("Binance",),
    )  # fmt: skip
    interest: int = rule(
        at.R_FUNDING_INTEREST, "ppb", 100_000, "interest per interval", "part of the rate: see funding.clamp", high=BILLION,
        sign="positive: longs pay shorts", sources=("Binance: FAQ, Funding rates (0.01 % per 8 h)",), venues=("Binance", "Bybit"),
    )  # fmt: skip
    remainder: str = choice(
        at.R_FUNDING_REMAINDER, "dust", "who gets the units that rounding leaves at a funding settlement",
        dust=entry(
            at.FUNDING_TO_DUST, "the dust account", "remainder = sum of payments, less than a unit a position",
            rounding="payers round up, receivers down", sources=("assumed: the ledger's own rule for remainders",),
        ),
        fund=entry(
            at.FUNDING_TO_FUND, "the market's fund, or its pool where it has no fund; nothing but the rounding goes there",
            "remainder = sum of payments, less than a unit a position",
            sign="positive is received by the fund; a negative remainder (inverse contracts) stays with the dust account",
            rounding="payers round up, receivers down",
            sources=("Vega: core/collateral/engine_test.go testPerpFundingSuccessWithRound at a50750cc",), venues=("Vega",),
        ),
    )  # fmt: skip
