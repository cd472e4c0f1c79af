"""Paradex: what is published beside the rules in its venue file."""

from __future__ import annotations

from typing import Final

from shortfall.assess.evidence import Page, published
from shortfall.venues.paradex import LIQUIDATION, LOSSES, MARK, READ

VENUES: Final = ("paradex",)
PAGES: Final = "tradeparadex/paradex-docs@9b82a75a0353dc3769504508207844d1e5a89d3e"
FUND_PAGE: Final = Page("Paradex API: GET /v1/insurance (account_value)", READ, "GET /v1/insurance (account_value)")
LAST: Final = Page(LOSSES, READ, PAGES)
STEPS: Final = Page(LIQUIDATION, READ, PAGES)
ANSWERS: Final = {
    "fund.balance": published("One account for all markets, by its value. Not by contract.", FUND_PAGE),
    "fund.shared": published("One account stands behind all markets.", FUND_PAGE),
    "fund.sources": published(
        "A penalty on what is handed over; the rate differs between the page's text and its table.", STEPS
    ),
    "fund.access": published("Anyone, without a key.", FUND_PAGE),
    "adl.trigger": published(
        "Positions of others are not deleveraged; settlement with notice is the last resort instead.", LAST
    ),
    "loss.sharing": published(
        "Every withdrawal is cut by the missing share while money is missing; the page's example does not give the figure of its formula.",
        LAST,
    ),
    "price.mark": published("Spot x (1 + basis), a median of own quotes and external ones.", Page(MARK, READ, PAGES)),
    "margin.partial": published(
        "The smallest multiple of a fifth that brings the ratio below 90 %, the same share of every position.", STEPS
    ),
    "conduct.halts": published(
        "Settlement of opposite positions by time, announced before, when nothing else is left.", LAST
    ),
}
