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
        portion=entry(
            at.AMOUNT_PORTION, "up to a share, at least a minimum notional; then the account waits",
            "least = min(notional, min_notional), most = max(least, notional * share / 10**6); lots = floor(most / (mark * multiplier))",
            rounding="lots down, at least one; all where most reaches the notional",
            sources=("dYdX v4: x/clob/keeper/liquidations.go (max position portion, min position notional)",), venues=("dYdX v4",),
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
    min_notional: object = rule(
        at.R_MIN_NOTIONAL, "money", 0, "a clip of this notional may be closed whatever the share, 0 for none", "see amount.method=portion",
        high=1 << 62, rounding="see amount.method=portion",
        sources=("dYdX v4: min_position_notional_liquidated",), venues=("dYdX v4",),
    )  # fmt: skip
    block: int = rule(
        at.R_BLOCK_US, "duration", 0, "length of the block over which the caps of an account count, 0 for the instant",
        "block = floor(time / length); what another block used up does not count",
        sources=("dYdX v4: per-block limits (blocks of about a second)",), venues=("dYdX v4",),
    )  # fmt: skip
    once_per_block: bool = rule(
        at.R_ONCE, "switch", default=False, meaning="a position is worked on once in a block; other positions of the account still are",
        formula="refused while the block of its last try runs",
        sources=("dYdX v4: x/clob (one liquidation per perpetual and subaccount in a block)",), venues=("dYdX v4",),
    )  # fmt: skip
    notional_per_block: object = rule(
        at.R_BLOCK_NOTIONAL, "money", 0, "largest notional of an account closed in the book in one block, 0 for no cap",
        "lots = floor((cap - notional at mark closed in the block) / (mark * multiplier)); none where less than the clip's floor is left",
        high=1 << 62, rounding="lots down",
        sources=("dYdX v4: max_notional_liquidated of subaccount block limits",), venues=("dYdX v4",),
    )  # fmt: skip
    loss_per_block: object = rule(
        at.R_BLOCK_LOSS, "money", 0, "most that layers pay for fills of an account in one block, 0 for no cap",
        "a fill is refused where paid in the block + its own loss > cap (close.settlement=each-fill)", high=1 << 62,
        sign="positive: paid by the layers", sources=("dYdX v4: max_quantums_insurance_lost of subaccount block limits",),
        venues=("dYdX v4",),
    )  # fmt: skip
