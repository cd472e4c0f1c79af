"""OKX: what is published beside the rules in its venue file."""

from __future__ import annotations

from typing import Final

from shortfall.assess.evidence import Answer, Page, not_found, published
from shortfall.venues.okx import ADL, API, API_READ, EARLY, FUND_API, MARK, READ

VENUES: Final = ("okx",)
FUND_PAGE: Final = Page(FUND_API, API_READ, "[okx.md Get security fund]")
WARNING: Final = Page(API, API_READ, "[okx.md ADL warning channel]")
ANSWERS: Final = {
    "fund.balance": published(
        "By kind of contract, family of the underlying and currency; a field `total` sums all funds in dollars.",
        Page(FUND_API, API_READ, "/api/v5/public/insurance-fund"),
    ),
    "fund.shared": published(
        "Perpetuals margined in USDT have a pool each.",
        Page(ADL, READ, "okx.com/help/iv-introduction-to-auto-deleveraging-adl"),
        answer=Answer.NO,
    ),
    "fund.sources": published(
        "Daily entries by kind: surplus of liquidations, losses of bankruptcies, revenue of the platform.", FUND_PAGE
    ),
    "fund.flows": published("Daily entries by kind and amount.", FUND_PAGE),
    "fund.access": published("Anyone, without a key: balances each minute, entries by kind once a day.", FUND_PAGE),
    "adl.threshold": published("Balances at which it starts and stops, of each contract, in the stream.", WARNING),
    "adl.signal": published("A state of each contract: normal each minute, warning and ADL each second.", WARNING),
    "loss.sharing": published(
        "After ADL nothing is shared.",
        Page(EARLY, READ, "what-is-the-mechanism-for-the-strong-level-in-advance"),
    ),
    "price.window": not_found(
        "The time over which the basis is averaged.",
        Page(MARK, READ, "mark-price-and-index-price-of-margined-contracts"),
    ),
    "price.sources": published(
        "The venues of each index with their weights.",
        Page("OKX API v5: Get index components", API_READ, "/market/index-components"),
    ),
    "margin.tiers": published(
        "All tiers without a key.", Page("OKX API v5: Get position tiers", API_READ, "okx.md Get position tiers")
    ),
    "backstop.segments": published(
        "A fund of its own for each kind of contract, underlying and settlement currency.",
        Page(ADL, READ, "okx.com/help/iv-introduction-to-auto-deleveraging-adl"),
    ),
    "burden.interest": published(
        "In contracts, coins and dollars, without a key.",
        Page("OKX API v5: Get open interest", API_READ, "/public/open-interest"),
    ),
    "burden.liquidations": published(
        "A sample: at most one of a contract in each second.",
        Page("OKX API v5: stream liquidation-orders", API_READ, "WS liquidation-orders"),
    ),
}
