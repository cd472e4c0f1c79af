"""BitMEX: what is published beside the rules in its venue file."""

from __future__ import annotations

from typing import Final

from shortfall.assess.evidence import Answer, Page, published
from shortfall.venues.bitmex import LIQUIDATION, READ

VENUES: Final = ("bitmex",)
FUND_PAGE: Final = Page("BitMEX API: GET /insurance (currency, walletBalance)", READ, "GET /api/v1/insurance")
EXAMPLES: Final = Page(
    "https://testnet.bitmex.com/app/autoDeleveragingExamples", READ, "testnet.bitmex.com/app/autoDeleveragingExamples"
)
ANSWERS: Final = {
    "fund.balance": published("By settlement currency; not by contract.", FUND_PAGE),
    "fund.shared": published("One fund stands behind all contracts of a settlement currency.", FUND_PAGE),
    "fund.sources": published(
        "A closing better than the bankruptcy price pays in.", Page(LIQUIDATION, READ, "bitmex.com/app/liquidation")
    ),
    "fund.flows": published("The balance of every day; not by kind.", FUND_PAGE),
    "fund.access": published("Anyone, without a key, once a day.", FUND_PAGE),
    "adl.examples": published("Examples with numbers.", EXAMPLES),
    "loss.sharing": published("ADL took the place of shared losses.", EXAMPLES),
    "price.sources": published(
        "The venues of each index.",
        Page("BitMEX API: GET /instrument/compositeIndex", READ, "/instrument/compositeIndex"),
    ),
    "margin.history": published(
        "Posts name the day and the new rates, for example 19 March 2024 for XBT inverse futures.",
        Page(
            "https://blog.bitmex.com/maintenance-margin-change-for-xbt-inverse-futures",
            READ,
            "blog.bitmex.com/maintenance-margin-change-for-xbt-inverse-futures",
        ),
    ),
    "burden.interest": published(
        "Open interest of each contract, without a key.",
        Page("BitMEX API: GET /instrument (openInterest)", READ, "instrument.openInterest"),
    ),
    "burden.liquidations": published(
        "Open liquidation orders, and a stream.",
        Page("BitMEX API: GET /liquidation", READ, "GET /liquidation (open ones)"),
    ),
    "burden.events": published(
        "For 12 and 13 March 2020: no ADL took place. What was liquidated, paid and deleveraged is not broken down in what was read.",
        Page(
            "https://blog.bitmex.com/bitmex-insurance-fund-your-questions-answered/",
            READ,
            "blog.bitmex.com/bitmex-insurance-fund-your-questions-answered",
        ),
        answer=Answer.NO,
    ),
}
