"""The `amount` slot. How much of a position is closed at once."""

from __future__ import annotations

from dataclasses import dataclass

from shortfall.kernels import layout as at
from shortfall.rules.record import choice, entry, rule

MILLION = 1_000_000


@dataclass(frozen=True, slots=True)
class Amount:
    """How much of a position is closed at once."""

    method: str = choice(
        at.R_AMOUNT, "whole", "how much is closed",
        whole=entry(
            at.AMOUNT_WHOLE, "the whole position", "lots = size",
            sources=("Kraken Futures: liquidation before 26 March 2026", "Gate: small positions"), venues=("Kraken Futures",),
        ),
        tier=entry(
            at.AMOUNT_TIER, "down to the next lower tier, again while below maintenance, then whole",
            "lots = size - floor(top of the tier `amount.tiers` below / (mark * multiplier)); all where there is none so low",
            rounding="what stays rounds down, so the notional left is inside the lower tier",
            sources=("Bybit: Liquidation process", "Gate: liquidation ladder", "Binance: FAQ 360033525271 (modelled)"),
            venues=("Bybit", "Gate", "Binance"),
        ),
        share=entry(
            at.AMOUNT_SHARE, "a share, then a pause", "lots = ceil(size * share / 10**6), then engine.pause",
            rounding="up", sources=("Hyperliquid: docs, Liquidations (20 %, 30 s)",), venues=("Hyperliquid",),
        ),
        heal=entry(
            at.AMOUNT_HEAL, "the fewest lots that restore maintenance; whole when no amount does",
            "lots = ceil(size * (r*N - amount - equity) / (N * (r - f))), f = liquidation fee + taker fee; whole where f >= r",
            rounding="missing margin up, base down, lots up: the account is healed, never one lot short",
            sources=("Drift v2: math/liquidation.rs (with its own fees)", "OKX: partial liquidation"), venues=("Drift v2",),
        ),
        equal_share=entry(
            at.AMOUNT_EQUAL_SHARE, "the same share of every position of the account, then a pause",
            "lots = ceil(size * share / 10**6) of each position, then engine.pause", rounding="up, position by position",
            sources=("Paradex: docs, Liquidations (same share of all positions, steps of 20 %; there down to a ratio of 90 %)",),
            venues=("Paradex",),
        ),
    )  # fmt: skip
    clip_notional: object = rule(
        at.R_CLIP_NOTIONAL, "money", 0, "slicing: largest notional of one clip, a pause after each; 0 for none",
        "lots = min(lots by method, max(1, floor(clip_notional / (mark * multiplier)))), then engine.pause", high=1 << 57,
        rounding="a slice rounds down, to one lot at least",
        sources=("Deribit: docs, auto-liquidation (rounds of at most 200 contracts)",), venues=("Deribit",),
    )  # fmt: skip
    tiers: int = rule(
        at.R_AMOUNT_TIERS, "count", 1, "tiers dropped at once (amount.method=tier)", "whole where the position is not so many tiers up",
        low=1, high=at.MAX_TIERS, sources=("OKX: Tiered maintenance margin ratio rules (two tiers)", "Bitget: Liquidation (two tiers)"),
        venues=("OKX", "Bitget"),
    )  # fmt: skip
    share: int = rule(
        at.R_SHARE, "ppm", 200_000, "share closed per clip", "see amount.method=share", low=1, high=MILLION, rounding="lots round up",
        sources=("Hyperliquid: docs, Liquidations (20 %)",), venues=("Hyperliquid",),
    )  # fmt: skip
    min_lots: int = rule(
        at.R_MIN_LOTS, "count", 0, "a rest smaller than this is closed too", "whole where size - lots < min_lots",
        sources=("Hyperliquid: docs, Liquidations (below 100,000 USDC at once)",), venues=("Hyperliquid",),
    )  # fmt: skip
