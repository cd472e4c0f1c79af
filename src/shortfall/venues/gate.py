"""Gate perpetual futures, in outline: ladder liquidation, fund per settlement currency, deleveraging at the bankruptcy price."""

from __future__ import annotations

from datetime import date
from typing import Final

from shortfall.rules.cited import Assumed, Cited
from shortfall.rules.venue import Era, Venue

READ: Final = date(2026, 11, 22)
BANKRUPTCY: Final = "Gate help 22081: bankruptcy price"
ADL: Final = "Gate help 22082: auto-deleveraging"
MARK: Final = "Gate help 22067: mark price"
LIQUIDATION: Final = "Gate help 27724: liquidation price"
API: Final = "Gate API v4: GET /futures/usdt/contracts (sample of BTC_USDT)"

VENUE: Final = Venue(
    code="gate",
    name="Gate Perpetual Futures",
    kind="order book",
    summary=(
        "Large positions go down a ladder of risk limits; what is not filled at the bankruptcy price is taken over by the insurance fund "
        "of the settlement currency; what it cannot absorb is closed against winners at that price, their orders cancelled."
    ),
    structure=Cited("one fund per settlement currency", "Gate API v4: GET /futures/{settle}/insurance", READ),
    eras=(
        Era(
            None,
            "as far back as this file goes: winners ranked by profit alone",
            {
                "margin.tiers": Cited(
                    "marginal", "Gate API v4: risk_limit_tiers (maintenance rate and deduction)", READ
                ),
                "margin.closing_fee": Cited(
                    "0.075%", f"{LIQUIDATION}: maintenance and taker rate; rate of {API}", READ
                ),
                "trigger.price": Cited("mark", MARK, READ),
                "index.method": Assumed("mean", "how the index treats a source that is off was not read", ("median",)),
                "mark.method": Cited("median", MARK, READ),
                "mark.basis_interval": Cited("1s", MARK, READ),
                "mark.basis_samples": Cited("300", f"{MARK}: five minutes", READ),
                "engine.cancels": Assumed("all", "cancelling of the liquidated account's orders was not read"),
                "engine.delay": Assumed("0ms", "time from trigger to order is not published"),
                "engine.order": Assumed(
                    "worst-first",
                    "the order of liquidations within an instant is not published",
                    ("largest-first", "account"),
                ),
                "amount.method": Assumed("tier", "a ladder, whose steps were not read", ("whole",)),
                "close.style": Cited(
                    "bankruptcy", f"{ADL}: the fund takes what is not filled at the bankruptcy price", READ
                ),
                "close.surplus": Assumed("fund", "where a better fill goes was not read", ("trader",)),
                "close.bankruptcy_fee": Cited(
                    "0.075%", f"{BANKRUPTCY}: taker rate in the formula; rate of {API}", READ
                ),
                "close.cross_price": Cited(
                    "ratio", f"{BANKRUPTCY}: (maintenance + taker rate) x margin ratio of the account", READ
                ),
                "takeover.fund_capacity": Assumed("0%", "no cap on inventory is published", ("100%",)),
                "unwinding.method": Assumed("share", "how the fund gets out of positions is not published", ("hold",)),
                "unwinding.share": Assumed("10%", "at most 10 % of visible depth per second", ("1%", "50%")),
                "adl.trigger": Cited("exhausted", f"{ADL}: when the fund cannot absorb it", READ),
                "adl.rank": Cited(
                    "profit", f"{ADL}, older text: profit against the opening price, leverage ignored", READ
                ),
                "adl.price": Cited("bankruptcy", ADL, READ),
                "adl.eligible": Assumed(
                    "profitable-first",
                    "what happens when profitable positions run out is not published",
                    ("profitable-only",),
                ),
                "waterfall": Cited("fund,adl", ADL, READ),
            },
        ),
        Era(
            date(2025, 9, 18),
            "mark over 30 samples of a second (one minute in between)",
            {"mark.basis_samples": Cited("30", "Gate announcement on mark prices, 18 September 2025", READ)},
        ),
        Era(
            date(2025, 11, 20),
            "winners ranked by return and maintenance margin rate (the day is that of the page)",
            {
                "adl.rank": Assumed(
                    "profit-maintenance",
                    f"{ADL}, 20 November 2025 names return rate and maintenance rate, not their formula",
                    ("profit",),
                )
            },
        ),
    ),
    doubts=(
        "A guard freezes the mark when it jumps away from its recent average and smooths it back later; its width is not published.",
        "Bankruptcy price of isolated positions was below the cut. Tiers run on the ladder of the common contract.",
    ),
    thin=True,
)
