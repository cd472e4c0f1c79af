"""Bitget USDT perpetual futures, in outline: two tiers at a time, fund, winners ranked by return and margin ratio."""

from __future__ import annotations

from datetime import date
from typing import Final

from shortfall.rules.cited import Assumed, Cited
from shortfall.rules.venue import Era, Venue

READ: Final = date(2026, 11, 22)
LIQUIDATION: Final = "https://www.bitget.com/futures/introduction/liquidation-summarize"
BANKRUPTCY: Final = "Bitget support 12560603813276: worst-case price, May 2025"
MARK: Final = "Bitget support 12560603824106: mark price"
ADL: Final = "Bitget support 12560603800805: auto-deleveraging"
FUND: Final = "Bitget support 360059239211: insurance fund"

VENUE: Final = Venue(
    code="bitget",
    name="Bitget Futures",
    kind="order book",
    summary=(
        "Orders are cancelled, opposite legs netted, the position dropped by two tiers again and again; the rest goes to the market with "
        "the worst-case price as its limit. The fund takes or pays the difference; when it is used up, winners are deleveraged at the "
        "bankruptcy price without a fee."
    ),
    structure=Assumed("per coin and contract", "balances are shown on a web page only"),
    eras=(
        Era(
            None,
            "as far back as this file goes",
            {
                "margin.tiers": Cited("whole-position", f"{LIQUIDATION}: tier rate x position value", READ),
                "trigger.price": Cited("mark", MARK, READ),
                "index.method": Assumed("mean", "weighting was not read"),
                "index.exclude": Assumed("2%", "from a third-party rewrite: sources beyond 2 % are left out"),
                "mark.method": Cited("median", MARK, READ),
                "mark.basis_interval": Cited("5s", MARK, READ),
                "mark.basis_samples": Cited("60", f"{MARK}: five minutes, sampled every 5 seconds", READ),
                "engine.cancels": Cited("all", f"{LIQUIDATION}: cross margin, all orders", READ),
                "engine.delay": Assumed("0ms", "time from trigger to order is not published"),
                "engine.order": Assumed(
                    "worst-first",
                    "the order of liquidations within an instant is not published",
                    ("largest-first", "account"),
                ),
                "amount.method": Cited("tier", LIQUIDATION, READ),
                "amount.tiers": Cited("2", LIQUIDATION, READ),
                "close.style": Assumed(
                    "bankruptcy",
                    "the rest goes to the market; that its worst case is the limit is assumed",
                    ("market",),
                ),
                "close.surplus": Cited("fund", FUND, READ),
                "close.bankruptcy_fee": Cited("0.06%", f"{BANKRUPTCY}: fee of its formula", READ),
                "close.cross_price": Assumed(
                    "ratio", "the page shares the remainder by position value; the rule space by requirement", ("all",)
                ),
                "takeover.fund_capacity": Assumed("0%", "no cap on inventory is published", ("100%",)),
                "unwinding.method": Assumed("share", "how the fund gets out of positions is not published", ("hold",)),
                "unwinding.share": Assumed("10%", "at most 10 % of visible depth per second", ("1%", "50%")),
                "adl.trigger": Cited("exhausted", f"{ADL}: when the fund is used up", READ),
                "adl.rank": Cited("profit-maintenance", f"{ADL}: return x maintenance ratio of a cross account", READ),
                "adl.price": Cited("bankruptcy", ADL, READ),
                "adl.eligible": Cited("profitable-first", f"{ADL}: losers rank by return / maintenance ratio", READ),
                "waterfall": Cited("fund,adl", f"{FUND}; {ADL}", READ),
            },
        ),
    ),
    doubts=(
        (
            "One version of the ADL page starts it at a fall of 30 % from the peak and ends it at 90 % of the threshold; an older one "
            "closes at cost price."
        ),
        "Tiers were not read beyond two levels of a sample: contracts run on the ladder of the common contract.",
    ),
    thin=True,
)
