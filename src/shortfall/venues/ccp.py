"""A clearing house of the CME kind, for contrast: defaulter's margin, own capital, mutual guaranty fund, assessments."""

from __future__ import annotations

from datetime import date
from typing import Final

from shortfall.rules.cited import Assumed, Cited
from shortfall.rules.venue import Era, Venue

READ: Final = date(2026, 11, 22)
SAFEGUARDS: Final = "CME Group: CME Clearing financial safeguards waterfalls (101 overview)"
PACKAGE: Final = "CME Group: CME Clearing's Financial Safeguards System, figures of 30 September 2014"
COVER: Final = "Reserve Bank of Australia: assessment of Chicago Mercantile Exchange, 2014, standard 4"
NO_ADL: Final = "a clearing house tears no position up before the end of its waterfall: this decides nothing"
NOT_READ: Final = "the rule book was not read"

VENUE: Final = Venue(
    code="ccp",
    name="Clearing house (CME style)",
    kind="clearing house",
    summary=(
        "The defaulter's own margin and guaranty-fund contribution are used up first; then a fixed sum of the house's own capital; "
        "then the contributions of the members who did not default; then assessments, which those members must pay up to a cap. "
        "No winner is deleveraged and no gain is cut before that. The defaulter's positions are sold, or auctioned among members."
    ),
    structure=Cited(
        "own capital (100 M USD for base products, 150 M USD for interest-rate swaps), then one guaranty fund per product class, "
        "then assessments on its members",
        SAFEGUARDS,
        READ,
    ),
    eras=(
        Era(
            None,
            "as the overview of the waterfall describes it",
            {
                "waterfall": Cited(
                    "fund,pool,socialise",
                    f"{SAFEGUARDS}: own contribution (the layer fund), guaranty fund (pool), assessments (socialise)",
                    READ,
                ),
                "margin.tiers": Assumed(
                    "marginal", "performance bonds come from a portfolio model, which the rule space does not have"
                ),
                "margin.basis": Assumed("mark", "performance bonds follow the settlement price"),
                "profit.liquidation": Assumed("counts", "gains are paid out in cash at every settlement"),
                "profit.opening": Assumed("counts", "gains are paid out in cash at every settlement"),
                "profit.withdrawal": Assumed(
                    "counts", "variation margin is money: what has been gained may leave the house"
                ),
                "index.method": Assumed(
                    "median", f"settlement prices come from trades of the house's own exchanges; {NOT_READ}", ("mean",)
                ),
                "mark.method": Assumed(
                    "index", "positions are settled at settlement prices, not at an average of the book"
                ),
                "engine.delay": Assumed(
                    "0s",
                    "a default is declared by people after a missed call; how long that takes is not stated",
                    ("10m", "1h"),
                ),
                "engine.order": Assumed("largest-first", NOT_READ, ("worst-first",)),
                "engine.cancels": Assumed("all", NOT_READ),
                "amount.method": Assumed(
                    "whole",
                    "a defaulter's portfolio is hedged, sold or auctioned as a whole; an auction is not in the rule space",
                ),
                "close.style": Assumed(
                    "market", "what an auction fetches may lie below bankruptcy, as a market order's fills may"
                ),
                "close.surplus": Assumed("trader", "what is left belongs to the defaulter's estate"),
                "close.liquidation_fee": Assumed("0%", "a default earns the house nothing"),
                "close.cross_order": Assumed("requirement", NOT_READ),
                "close.cross_price": Assumed("all", "all margin of the defaulter answers for all its positions"),
                "takeover.fund": Assumed("no", "own capital pays; it takes no position over"),
                "takeover.pool": Assumed(
                    "yes",
                    "members bid for the defaulter's portfolio: the nearest is that their fund takes what the book does not",
                ),
                "takeover.pool_capacity": Assumed("0%", "no bound on what members take in an auction was read"),
                "unwinding.method": Assumed("share", "whoever wins an auction sells in his own time", ("hold",)),
                "unwinding.share": Assumed("10%", "at most 10 % of visible depth per second", ("1%",)),
                "adl.rank": Assumed("largest", NO_ADL),
                "adl.price": Assumed("mark", NO_ADL),
                "adl.eligible": Assumed("profitable-first", NO_ADL),
                "socialise.base": Assumed(
                    "equity",
                    "assessments go by the members' guaranty-fund contributions, which follow the risk they bring; the rule space "
                    "knows no members, so all holders of equity stand for them",
                    ("position",),
                ),
                "socialise.max_haircut": Assumed(
                    "7.8%",
                    f"{PACKAGE}: assessment powers of 9.84 bn USD against performance bonds of about 126 bn; the cap is a multiple of "
                    "contributions (up to 5.5 times for several defaults, Rule 802.G), which the rule space does not have",
                    ("100%",),
                ),
            },
        ),
    ),
    doubts=(
        "No margin figures were read: the tiers of the common contract are used, which ask for far less than a clearing house does.",
        "Clearing members stand between the house and traders and answer for their customers' losses first: the rule space has no members.",
        "The defaulter's own guaranty-fund contribution comes before the house's capital; here accounts contribute to no fund.",
        f"Sizing cannot be said by a rule: the guaranty fund covers the two largest participants in stress ({COVER}).",
        "Behind the assessments there are gains haircuts and tear-ups in rules that were not read; here a loss beyond the cap stays open.",
        "Calls for margin between settlements and the right to refuse new risk have no counterpart here.",
        "Nothing beyond a defaulter's own money was ever used, by the house's own statement.",
    ),
)
