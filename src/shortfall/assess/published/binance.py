"""Binance USD-M and COIN-M futures: what is published beside the rules in their venue files."""

from __future__ import annotations

from typing import Final

from shortfall.assess.evidence import Page, not_examined, published
from shortfall.venues.binance import ADL, FUND, LIQUIDATION, READ

VENUES: Final = ("binance", "binance-coinm")
FUND_PAGE: Final = Page(FUND, READ, "360033525371")
BALANCE: Final = Page("Binance API: GET /fapi/v1/insuranceBalance", READ, "/fapi/v1/insuranceBalance")
LIMITS: Final = Page("https://www.binance.com/en/futures/trading-rules/perpetual/portfolio-margin/notional-limit", READ)
ANSWERS: Final = {
    "fund.balance": published("One answer names the symbols of a fund and its balance in each asset.", BALANCE),
    "fund.shared": published(
        "A fund stands behind a category of contracts, the symbols that its balance names.", FUND_PAGE, BALANCE
    ),
    "fund.sources": published(
        "Profit and loss of bankrupt positions that the fund takes over stay with it, and part of what is left of a liquidated "
        "position's collateral goes to it.",
        FUND_PAGE,
        Page(LIQUIDATION, READ, "360033525271"),
    ),
    "fund.size-rule": published(
        "The smallest size is set by a 99.9 % approach that the page compares with traditional futures markets (version of May 2024; "
        "the rest of the text was seen cut).",
        FUND_PAGE,
    ),
    "fund.access": published("Anyone, without a key; each balance carries the time of its own update.", BALANCE),
    "fund.limits": not_examined(
        "texts of 2019 to 2022 cap the net notional that the fund holds at 20 %, later 100 % of its size; the text in force was seen cut"
    ),
    "adl.trigger": published("The fund cannot take the bankrupt position over.", Page(ADL, READ, "360033525471")),
    "adl.signal": published(
        "A rating of each symbol (low, medium, high), renewed every 30 minutes.",
        Page("Binance API: GET /fapi/v1/symbolAdlRisk", READ, "/fapi/v1/symbolAdlRisk"),
    ),
    "price.sources": published(
        "The venues of each index with their weights.",
        Page("Binance API: GET /fapi/v1/constituents", READ, "/fapi/v1/constituents"),
    ),
    "margin.tiers": published("Notional x rate less an amount, by bracket; the interface needs a key.", LIMITS),
    "margin.history": published(
        "Announcements name the day and the contracts, and say that positions opened before are affected.",
        Page("Binance announcements on leverage and margin tiers, 2023", READ, "Binance tier announcements (2023"),
    ),
    "burden.interest": published(
        "Open interest of each symbol, without a key.",
        Page("Binance API: GET /fapi/v1/openInterest", READ, "/fapi/v1/openInterest"),
    ),
    "burden.liquidations": published(
        "A sample: the latest order of a symbol in each second.",
        Page("Binance API: stream forceOrder", READ, "WS symbol@forceOrder"),
    ),
    "conduct.changes": published("Leverage, brackets and rates may be changed in extreme moves.", LIMITS),
}
