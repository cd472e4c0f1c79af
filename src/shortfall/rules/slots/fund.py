"""The `fund` slot. Whose money a fund is, and how much of it may go."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from shortfall.kernels import layout as at
from shortfall.rules.record import rule

MILLION: Final = 1_000_000
DAY_US: Final = 86_400_000_000
PERCOLATOR: Final = "percolator: programs/router/src/state/insurance.rs"
DRIFT: Final = "Drift v2: controller/liquidation.rs and controller/insurance.rs"


@dataclass(frozen=True, slots=True)
class Fund:
    """Whose money a fund is, and how much of it may go. A cap that binds is stated as an event; what is left goes to the next layer."""

    keeps: object = rule(
        at.R_FUND_KEEPS, "money", 0, "cash that the fund never pays out for a deficit", "pay <= cash - keeps", high=1 << 57,
        sources=(DRIFT,), venues=("Drift v2",),
    )  # fmt: skip
    per_market: object = rule(
        at.R_FUND_PER_MARKET, "money", 0, "most that the fund pays for a market in all, 0 for no cap",
        "pay <= per_market - paid for this market so far", high=1 << 57, sources=(DRIFT,), venues=("Drift v2",),
    )  # fmt: skip
    per_event: int = rule(
        at.R_FUND_PER_EVENT, "ppm", 0, "most that the fund pays for one account, as share of what it was liquidated for, 0 for no cap",
        "pay <= floor(notional closed of this liquidation x per_event); not where a batch of ADL is short", high=MILLION,
        rounding="floor, for the fund", sources=(PERCOLATOR,), venues=("percolator",),
    )  # fmt: skip
    per_window: int = rule(
        at.R_FUND_PER_WINDOW, "ppm", 0, "most that the fund pays for a market in a window, as share of its cash when the window began",
        "pay <= floor(cash at the start x per_window) - paid in the window; 0 for no cap", high=MILLION,
        rounding="floor, for the fund", sources=(PERCOLATOR,), venues=("percolator",),
    )  # fmt: skip
    window: int = rule(
        at.R_FUND_WINDOW_US, "duration", DAY_US, "length of the window; the first payment after its end begins the next", low=1,
        sources=(PERCOLATOR,), venues=("percolator",),
    )  # fmt: skip
    unstake_after: int = rule(
        at.R_UNSTAKE_US, "duration", 13 * DAY_US, "time between asking shares of a fund back and taking them out",
        "payout = min(worth when asked, floor(cash x shares / total)); staying instead loses what was gained meanwhile",
        high=1 << 45, rounding="shares and payouts floor, for those who stay", sources=(DRIFT,), venues=("Drift v2",),
    )  # fmt: skip
