"""KuCoin Futures, in outline: margin at entry, takeover of small positions, winners ranked by their return alone."""

from __future__ import annotations

from datetime import date
from typing import Final

from shortfall.rules.cited import Assumed, Cited
from shortfall.rules.venue import Era, Venue

READ: Final = date(2026, 11, 22)
LIQUIDATION: Final = "KuCoin support 26686139092889, 31 December 2025"
BANKRUPTCY: Final = "KuCoin support 27619032569113: bankruptcy price"
ADL: Final = "KuCoin support 35084312224281: auto-deleveraging"
LEVELS: Final = "KuCoin support 19130776858521: risk limit levels and liquidation"

VENUE: Final = Venue(
    code="kucoin",
    name="KuCoin Futures",
    kind="order book",
    summary=(
        "Small cross positions and isolated ones of the first level are taken over at the bankruptcy price; larger ones are reduced level "
        "by level first. The fund gains or pays the difference; when it is short, winners are deleveraged by their return."
    ),
    structure=Cited("shown per settlement currency, allocated per contract", LIQUIDATION, READ),
    eras=(
        Era(
            None,
            "as far back as this file goes",
            {
                "margin.tiers": Assumed(
                    "whole-position",
                    "levels with one rate each; whether a rate covers all of the position was not read",
                    ("marginal",),
                ),
                "margin.basis": Cited("entry", f"{LIQUIDATION}: entry x (1 - (initial - maintenance rate))", READ),
                "trigger.price": Assumed("mark", "from memory"),
                "index.method": Assumed("mean", "the index was not read"),
                "mark.method": Assumed("funding-basis", "fair price by funding, from memory", ("median",)),
                "engine.cancels": Assumed("all", "cancelling of orders was not read"),
                "engine.delay": Assumed("0ms", "time from trigger to order is not published"),
                "engine.order": Assumed(
                    "worst-first",
                    "the order of liquidations within an instant is not published",
                    ("largest-first", "account"),
                ),
                "amount.method": Cited(
                    "tier", f"{LEVELS}: level by level; at once below 600,000 USD or in level 1", READ
                ),
                "close.style": Cited("bankruptcy", f"{LIQUIDATION}: taken over at the bankruptcy price", READ),
                "close.surplus": Cited("fund", LIQUIDATION, READ),
                "close.cross_price": Assumed(
                    "all", "no bankruptcy price of one position of a cross account was read", ("ratio",)
                ),
                "takeover.fund_capacity": Assumed("0%", "no cap on inventory is published", ("100%",)),
                "unwinding.method": Assumed("share", "how the fund gets out of positions is not published", ("hold",)),
                "unwinding.share": Assumed("10%", "at most 10 % of visible depth per second", ("1%", "50%")),
                "adl.trigger": Cited("exhausted", f"{ADL}: when the fund is not sufficient", READ),
                "adl.rank": Cited("profit", f"{ADL}: return of the position alone, cross margin", READ),
                "adl.price": Assumed("bankruptcy", "from memory", ("mark",)),
                "adl.eligible": Assumed(
                    "profitable-first",
                    "what happens when profitable positions run out is not published",
                    ("profitable-only",),
                ),
                "waterfall": Cited("fund,adl", f"{LIQUIDATION}; {ADL}", READ),
            },
        ),
    ),
    doubts=(
        "Mark, index, price of the deleveraged and ranking of isolated positions were not read.",
        "Levels were read for single samples only: contracts run on the ladder of the common contract.",
    ),
    thin=True,
)
