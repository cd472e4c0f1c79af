"""HTX perpetual swaps, in outline: clawback until 29 May 2023 (coin-margined), auto-deleveraging since."""

from __future__ import annotations

from datetime import date
from typing import Final

from shortfall.rules.cited import Assumed, Cited
from shortfall.rules.venue import Era, Venue

READ: Final = date(2026, 11, 22)
CHANGE: Final = "HTX support 24938105258355: ADL in place of clawback, 29 May 2023"
FUND: Final = "HTX support 24959973437846: insurance funds"
API: Final = "HTX API: swap_risk_info (estimated_clawback)"
NOT_READ: Final = "not read"

VENUE: Final = Venue(
    code="htx",
    name="HTX Swaps",
    kind="order book",
    summary=(
        "A position below its margin is taken over; the insurance fund gains or pays. What it could not pay was clawed back from winners "
        "until May 2023 and is closed against them since."
    ),
    structure=Cited("one fund per isolated-only contract, one for all others", FUND, READ),
    eras=(
        Era(
            None,
            "as far back as this file goes: clawback from winners",
            {
                "index.method": Assumed("mean", NOT_READ, ("median",)),
                "mark.method": Assumed("median", NOT_READ, ("index", "basis-mean")),
                "engine.delay": Assumed("0ms", "time from trigger to order is not published"),
                "engine.order": Assumed(
                    "worst-first",
                    "the order of liquidations within an instant is not published",
                    ("largest-first", "account"),
                ),
                "amount.method": Assumed("tier", "partial liquidation was not read", ("whole",)),
                "close.style": Assumed("bankruptcy", NOT_READ, ("market",)),
                "close.surplus": Assumed("fund", NOT_READ, ("trader",)),
                "takeover.fund_capacity": Assumed("0%", "no cap on inventory is published", ("100%",)),
                "unwinding.method": Assumed("share", "how the fund gets out of positions is not published", ("hold",)),
                "unwinding.share": Assumed("10%", "at most 10 % of visible depth per second", ("1%", "50%")),
                "adl.rank": Assumed("profit-leverage", NOT_READ, ("profit-maintenance", "profit")),
                "adl.price": Assumed("bankruptcy", NOT_READ, ("mark",)),
                "adl.eligible": Assumed("profitable-first", NOT_READ, ("profitable-only",)),
                "socialise.base": Cited("profit", API, READ),
                "waterfall": Cited("fund,socialise", CHANGE, READ),
            },
        ),
        Era(
            date(2023, 5, 29),
            "auto-deleveraging takes the place of clawback",
            {"waterfall": Cited("fund,adl", CHANGE, READ)},
        ),
    ),
    doubts=(
        "The interface still has a field of an estimated clawback. The change is stated for coin-margined contracts.",
        "SunX, a spin-off, publishes thresholds of a fund's drop over one, two, four and eight hours per pair; HTX was not read on that.",
    ),
    thin=True,
)
