"""Kraken Futures: what is published beside the rules in its venue file."""

from __future__ import annotations

from typing import Final

from shortfall.assess.evidence import Page, not_found, published
from shortfall.venues.kraken import ASSIGNMENT, PROCESS, READ

VENUES: Final = ("kraken",)
STEPS: Final = Page(PROCESS, READ, "360022835671-Equity-Protection-Process")
ANSWERS: Final = {
    "fund.balance": not_found(
        "An interface for the balance of a fund; liquidity providers stand where others have one.",
        Page("Kraken Futures API documentation", READ, "No insurance-fund endpoint found"),
    ),
    "margin.tiers": published(
        "Levels of each contract, without a key.",
        Page("Kraken Futures API: instruments (marginLevels)", READ, "instruments.marginLevels"),
    ),
    "margin.partial": published("Partial since 26 March 2026, with fees; the steps were seen cut.", STEPS),
    "backstop.who": published(
        "Liquidity providers are assigned what is not filled at the price of zero equity.",
        STEPS,
        Page(ASSIGNMENT, READ, "360022835231"),
    ),
    "burden.interest": published(
        "Open interest of each contract.",
        Page("Kraken Futures API: tickers (openInterest)", READ, "tickers.openInterest"),
    ),
}
