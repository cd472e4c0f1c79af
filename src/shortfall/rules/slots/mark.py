"""The `mark` slot. The price at which positions are judged."""

from __future__ import annotations

from dataclasses import dataclass

from shortfall.kernels import layout as at
from shortfall.rules.record import choice, entry, rule

MILLION = 1_000_000


@dataclass(frozen=True, slots=True)
class MarkPrice:
    """The price at which positions are judged."""

    method: str = choice(
        at.R_MARK, "median", "how the mark is built",
        median=entry(at.MARK_MEDIAN, "median of last price, index + mean basis, index x (1 + funding to come)"),
        basis_mean=entry(at.MARK_BASIS_MEAN, "index + moving average of (mid - index)"),
        basis_ema=entry(at.MARK_BASIS_EMA, "index + exponential moving average of (mid - index)"),
        index=entry(at.MARK_INDEX, "the index itself"),
        last=entry(at.MARK_LAST, "the last trade (for comparison)"),
        imposed=entry(at.MARK_IMPOSED, "given from outside, as recorded"),
    )  # fmt: skip
    basis_interval: int = rule(at.R_BASIS_INTERVAL_US, "duration", 5 * MILLION, "time between basis samples")
    basis_samples: int = rule(at.R_BASIS_SAMPLES, "count", 30, "samples in the average", low=1, high=at.RING)
    basis_clamp: int = rule(at.R_BASIS_CLAMP, "ppm", 0, "largest basis that counts", high=MILLION)
    impact_notional: object = rule(
        at.R_IMPACT_NOTIONAL, "money", 0, "notional whose average price is bid and ask of the mark", high=1 << 57
    )
