"""Deribit: what is published beside the rules in the venue files of its inverse and linear perpetuals."""

from __future__ import annotations

from typing import Final

from shortfall.assess.evidence import Answer, Page, not_found, published
from shortfall.venues.deribit import FUND, READ

VENUES: Final = ("deribit", "deribit-linear")
FUND_PAGE: Final = Page(FUND, READ, "25944777576477-Insurance-Fund")
ANSWERS: Final = {
    "fund.sources": published("A fee on liquidations beside the trading fee, credited every hour.", FUND_PAGE),
    "fund.seed": published(
        "It started with 25 to 100 BTC; the page does not say whose.", FUND_PAGE, answer=Answer.UNKNOWN
    ),
    "fund.access": not_found(
        "An interface for the balance of the fund; bankruptcies and what paid for them are public.",
        Page("Deribit API documentation: public methods", READ, "bankruptcies only"),
    ),
    "loss.sharing": published(
        "What the emptied fund does not pay is shared among the winners of that day; by the page it never happened.",
        FUND_PAGE,
    ),
    "burden.interest": published(
        "Open interest of each contract, in dollars for inverse ones.",
        Page("Deribit API: public/ticker (open_interest)", READ, "ticker.open_interest (USD for inverse)"),
    ),
    "burden.liquidations": published(
        "Public trades carry a mark for the liquidated side.",
        Page("Deribit API: public trades (liquidation = M, T, MT)", READ, "Public trades carry `liquidation`"),
    ),
    "burden.events": published(
        "Of each bankruptcy: session bankruptcy, tax and tax rate, what the fund paid, what was shared.",
        Page(
            "Deribit API: public/get_last_settlements_by_currency (type bankruptcy)",
            READ,
            "get_last_settlements_by_currency type=bankruptcy",
        ),
    ),
}
