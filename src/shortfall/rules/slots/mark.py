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
        funding_basis=entry(
            at.MARK_FUNDING_BASIS, "index x (1 + funding to come): no term of the book",
            "mark = index * (1 + rate * time to funding / interval)", sign="the rate is positive when longs pay", rounding=DOWN,
            sources=("BitMEX: Fair price marking",), venues=("BitMEX",),
        ),
        impact_mid=entry(
            at.MARK_IMPACT, "middle of the book at `mark.impact_notional`; the index where a side is too thin",
            "mark = floor((impact bid + impact ask) / 2)", rounding=DOWN,
            sources=("Kraken Futures: mark price (impact mid where the index is unavailable)", "Bybit: Mark price of dated futures"),
        ),
        median_venues=entry(
            at.MARK_VENUES, "median of index + EMA basis, of this book's touch, and of other venues' perpetuals",
            "mark = median(index + clamp(ema of (mid - index)), median(bid, ask, last), outside); until other venues say something, "
            "outside = ema of median(bid, ask, last)", rounding=DOWN,
            sources=("Hyperliquid: docs, Robust price indices (150 s EMA; Binance 3, OKX 2, Bybit 2, Gate 1, MEXC 1)",),
            venues=("Hyperliquid",),
        ),
    )  # fmt: skip
    without_index: str = choice(
        at.R_WITHOUT_INDEX, "keeps", "the mark while fewer than `index.min_sources` sources are live",
        keeps=entry(
            at.WITHOUT_KEEPS, "goes on from the last index, which ages", "index = last index; see index.no_liquidation_after",
            sources=("BitMEX: New protections for indices (unchanged)",), venues=("BitMEX",),
        ),
        last=entry(
            at.WITHOUT_LAST, "last price protected: the last trade", "mark = price of the last trade; as usual before the first",
            sources=("Binance: price-index rules (Last Price Protected)",), venues=("Binance",),
        ),
        impact_mid=entry(
            at.WITHOUT_MIDDLE, "middle of the book at `mark.impact_notional`",
            "mark = floor((bid + ask) / 2); as usual where a side is empty", rounding=DOWN,
            sources=("Kraken Futures: mark price (impact mid where the index is unavailable)",), venues=("Kraken Futures",),
        ),
    )  # fmt: skip
    max_move: int = rule(
        at.R_MARK_MAX_MOVE, "ppm", 0, "freeze guard: how far the mark may move in one update; 0 for any way",
        "mark = min(max(new, mark - w), mark + w), w = max(1 tick, floor(mark * max_move / 10**6))", high=MILLION,
        rounding="the width rounds down, to one tick at least",
        sources=("Gate: help 22067 (a mark that jumps away from its average is frozen, then smoothed back)",), venues=("Gate",),
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
