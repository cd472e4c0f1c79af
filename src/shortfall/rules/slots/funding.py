"""The `funding` slot. Funding between longs and shorts: zero-sum, never a source of the fund."""

from __future__ import annotations

from dataclasses import dataclass

from shortfall.kernels import layout as at
from shortfall.rules.record import rule

HOUR_US = 3_600_000_000


@dataclass(frozen=True, slots=True)
class Funding:
    """Funding between longs and shorts: zero-sum, never a source of the fund."""

    interval: int = rule(at.R_FUNDING_INTERVAL_US, "duration", 8 * HOUR_US, "time between settlements", low=1)
    clamp: int = rule(
        at.R_FUNDING_CLAMP, "ppb", 500_000, "how far (interest - premium) moves the rate", high=1_000_000_000
    )
    cap: int = rule(at.R_FUNDING_CAP, "ppb", 0, "largest rate, 0 for none", high=1_000_000_000)
    interest: int = rule(at.R_FUNDING_INTEREST, "ppb", 100_000, "interest per interval", high=1_000_000_000)
