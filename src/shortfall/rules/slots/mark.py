"""The `mark` slot. The price at which positions are judged."""

from __future__ import annotations

from dataclasses import dataclass

from shortfall.kernels import layout as at
from shortfall.rules.record import choice, entry, rule

MILLION = 1_000_000
DOWN = "down, to the tick"


@dataclass(frozen=True, slots=True)
class MarkPrice:
    """The price at which positions are judged."""

    method: str = choice(
        at.R_MARK, "median", "how the mark is built",
        median=entry(
            at.MARK_MEDIAN, "median of last price, index + mean basis, index x (1 + funding to come)",
            "mark = median(last, index + mean(mid - index), index * (1 + rate * time to funding / interval))", rounding=DOWN,
            sources=("Binance: FAQ fff6ec1b3f5845d19f1fb924644a0877, Mark price", "Bybit: Mark price", "Bitget: Mark price"),
            venues=("Binance", "Bybit", "Bitget", "Gate"),
        ),
        basis_mean=entry(
            at.MARK_BASIS_MEAN, "index + moving average of (mid - index)", "mark = index + clamp(mean of basis samples)", rounding=DOWN,
            sources=("OKX: mark price of perpetual futures",), venues=("OKX",),
        ),
        basis_ema=entry(
            at.MARK_BASIS_EMA, "index + exponential moving average of (mid - index)",
            "ema = ema + (basis - ema) * 2 / (samples + 1); mark = index + clamp(ema)", rounding=DOWN,
            sources=("Deribit: mark price of perpetuals (30 s EMA)", "Kraken Futures: mark price (30 s EMA, 1 % cap)"),
            venues=("Deribit", "Kraken Futures"),
        ),
        index=entry(
            at.MARK_INDEX, "the index itself", "mark = index",
            sources=("dYdX v4: oracle price of x/prices", "GMX v2: oracle prices"), venues=("dYdX v4", "GMX v2"),
        ),
        last=entry(
            at.MARK_LAST, "the last trade (for comparison)", "mark = price of the last trade; the index before the first",
            sources=("assumed: for comparison with venues that liquidate on the last price",),
        ),
        imposed=entry(
            at.MARK_IMPOSED, "given from outside, as recorded", "mark = what the command says",
            sources=("assumed: a recorded mark is replayed, no venue's rule",),
        ),
    )  # fmt: skip
    basis_interval: int = rule(
        at.R_BASIS_INTERVAL_US, "duration", 5 * MILLION, "time between basis samples", "one sample of (mid - index) per interval",
        sources=("Binance: FAQ, Mark price (5 s)",), venues=("Binance",),
    )  # fmt: skip
    basis_samples: int = rule(
        at.R_BASIS_SAMPLES, "count", 30, "samples in the average", "window = basis_interval * basis_samples", low=1, high=at.RING,
        sources=("Binance: FAQ, Mark price (30 samples)",), venues=("Binance",),
    )  # fmt: skip
    basis_clamp: int = rule(
        at.R_BASIS_CLAMP, "ppm", 0, "largest basis that counts", "abs(basis) <= floor(index * basis_clamp / 10**6)", high=MILLION,
        rounding="the width rounds down", sources=("Kraken Futures: mark price (1 %)", "Deribit: mark price"),
        venues=("Kraken Futures", "Deribit"),
    )  # fmt: skip
    impact_notional: object = rule(
        at.R_IMPACT_NOTIONAL, "money", 0, "notional whose average price is bid and ask of the mark",
        "mid = mean of the average prices of buying and of selling this notional; 0: best bid and ask", high=1 << 57,
        rounding="each average rounds down", sources=("Deribit: mark price (impact mid)", "Kraken Futures: mark price (impact mid)"),
        venues=("Deribit", "Kraken Futures"),
    )  # fmt: skip
