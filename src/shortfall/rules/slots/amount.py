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
        whole=entry(at.AMOUNT_WHOLE, "the whole position"),
        tier=entry(at.AMOUNT_TIER, "down to the next lower tier, again while below maintenance, then whole"),
        share=entry(at.AMOUNT_SHARE, "a share, then a pause"),
        heal=entry(at.AMOUNT_HEAL, "the fewest lots that restore maintenance; whole when no amount does"),
    )  # fmt: skip
    share: int = rule(at.R_SHARE, "ppm", 200_000, "share closed per clip", low=1, high=MILLION)
    min_lots: int = rule(at.R_MIN_LOTS, "count", 0, "a rest smaller than this is closed too")
