"""Bybit: what is published beside the rules in its venue file."""

from __future__ import annotations

from typing import Final

from shortfall.assess.evidence import Answer, Page, not_examined, published
from shortfall.venues.bybit import ADL_ALERT, API_READ, FUND, LIQUIDATION, POOLS, READ

VENUES: Final = ("bybit",)
POOLS_PAGE: Final = Page(POOLS, API_READ, "[insurance.mdx]")
ALERT: Final = Page(ADL_ALERT, API_READ, "docs v5 adl-alert.mdx")
ENHANCED: Final = Page(
    "Bybit announcement: enhanced insurance fund, December 2025",
    READ,
    "important-bybit-introduces-enhanced-insurance-fu",
)
ANSWERS: Final = {
    "fund.balance": published(
        "Each pool names its symbols and its coin: pools of one contract, of groups, of new listings, of USDC contracts, and the rest.",
        POOLS_PAGE,
    ),
    "fund.shared": published(
        "It depends on the contract: some have a pool of their own, others share one.",
        POOLS_PAGE,
        answer=Answer.UNKNOWN,
    ),
    "fund.sources": published(
        "A closing better than the bankruptcy price pays in, a worse one draws out.",
        Page(FUND, READ, "help-center/article/Insurance-Fund"),
    ),
    "fund.size-rule": published(
        "From December 2025: a pool of new listings of at least 8 M USDT, pools of up to nine contracts with 2 to 4 M at first.",
        ENHANCED,
    ),
    "fund.seed": not_examined("the first size of pools is announced; who pays it in was not read"),
    "fund.access": published(
        "Anyone, without a key: pools of one contract each minute, shared ones once in 24 hours.", POOLS_PAGE
    ),
    "fund.limits": published(
        "While the balance is above the threshold, a contract's loss is held at a share of the pool's 8-hour maximum; the excess goes to "
        "winners.",
        ALERT,
    ),
    "adl.threshold": published(
        "Fields of each contract in the interface: share of drawdown, balance, share at which it stops.", ALERT
    ),
    "adl.examples": published("Examples with numbers, one of which starts at exactly the stated share.", ALERT),
    "adl.signal": published(
        "Thresholds and the present ratio of each contract, each minute, each second as a stream.", ALERT
    ),
    "price.sources": published(
        "The venues of each index.",
        Page("Bybit API documentation v5: Get Index Price Components", API_READ, "/v5/market/index-price-components"),
    ),
    "margin.tiers": published(
        "All tiers without a key.",
        Page("Bybit API documentation v5: Get Risk Limit", API_READ, "/v5/market/risk-limit"),
    ),
    "margin.partial": published(
        "Tier by tier down to the lowest, then taken over whole.", Page(LIQUIDATION, READ, "900000167723")
    ),
    "backstop.segments": published(
        "A pool's loss stays with the contracts that it names; a contract may be moved to a pool of its own for a time.",
        POOLS_PAGE,
        ALERT,
    ),
    "burden.interest": published(
        "Both sides summed; a one-sided field since 11 June 2026.",
        Page("Bybit API documentation v5: Get Open Interest", API_READ, "singleOpenInterest added 2026-06-11"),
    ),
    "burden.liquidations": published(
        "All of them, every 500 ms.",
        Page("Bybit API documentation v5: stream allLiquidation", API_READ, "WS allLiquidation"),
    ),
    "conduct.changes": published(
        "Thresholds of ADL may be adjusted and money put in, as the venue sees fit.", ENHANCED
    ),
}
