"""Drift v2: what its public code and pages say beside the rules in its venue file."""

from __future__ import annotations

from typing import Final

from shortfall.assess.evidence import Page, published
from shortfall.venues.drift import CODE, READ, REVENUE, STAKING

VENUES: Final = ("drift",)
PROGRAM: Final = Page(CODE, READ, "drift-labs/protocol-v2@0ae3e3b1db782a6765c3525b3dec38ad4d9d3a62")
VAULT: Final = Page(STAKING, READ, "introduction-to-insurance-fund-staking")
ANSWERS: Final = {
    "fund.shared": published(
        "The vault in USDC stands behind all perpetuals, up to an amount for each market.", VAULT, PROGRAM
    ),
    "fund.sources": published(
        "Revenue of the protocol, settled hourly up to a rate, and a fee of liquidations.",
        Page(REVENUE, READ, "about-v2/revenue-pool"),
        PROGRAM,
    ),
    "fund.seed": published("Stakers, in shares of a vault for each asset; they leave after 13 days.", VAULT),
    "fund.custody": published("A vault of the program itself.", PROGRAM),
    "fund.limits": published(
        "A largest amount for each market by its tier: 100 M, 1 M, 100,000 USD, or nothing.", PROGRAM
    ),
    "adl.trigger": published("Positions of others are not deleveraged.", PROGRAM),
    "loss.sharing": published("Both sides pay per unit of size, through the funding index.", PROGRAM),
    "price.filters": published("A liquidation needs an oracle price near its average of five minutes.", PROGRAM),
    "margin.tiers": published("One ratio for each market, with a premium by size.", PROGRAM),
    "backstop.who": published("Any outside liquidator, at the oracle price less a fee.", PROGRAM),
    "backstop.segments": published(
        "One vault of USDC stands behind all perpetuals, up to the amount of each market.", PROGRAM
    ),
}
