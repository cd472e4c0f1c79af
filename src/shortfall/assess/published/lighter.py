"""Lighter: what is published beside the rules in its venue file."""

from __future__ import annotations

from typing import Final

from shortfall.assess.evidence import Page, published
from shortfall.venues.lighter import CIRCUIT, LIQUIDATION, READ, STRATEGIES

VENUES: Final = ("lighter",)
ACCOUNT: Final = Page(
    "Lighter API: account by insurance_fund_account_index", READ, "account by insurance_fund_account_index"
)
STEPS: Final = Page(LIQUIDATION, READ, "docs.lighter.xyz/perpetual-futures/liquidations-and-insurance-fund")
PARTS: Final = Page(STRATEGIES, READ, "liquidations-and-llp-insurance-fund/llp-strategies")
ANSWERS: Final = {
    "fund.balance": published(
        "A pool in strategies; each market names its strategy, and the account of the fund is public.", ACCOUNT, PARTS
    ),
    "fund.shared": published("A strategy stands behind a set of markets.", PARTS),
    "fund.sources": published(
        "Up to 1 % of fills better than the zero price, and the collateral that goes with what it takes over.", STEPS
    ),
    "fund.access": published("Anyone: an account that can be looked up.", ACCOUNT),
    "fund.limits": published("A strategy loses no more than its own collateral.", PARTS),
    "adl.rank": published(
        "No order is fixed: the engine picks a counterparty and a circuit checks that it holds the other side, that "
        "the size is no larger than either, "
        "that it can afford it, and that the bankrupt side is not left worse.",
        Page(CIRCUIT, READ, "elliottech/lighter-prover@23d1596b"),
    ),
    "margin.partial": published("One position after the other, offered no worse than the zero price.", STEPS),
    "backstop.who": published(
        "The pool of liquidity providers takes all positions below the close-out requirement.", STEPS
    ),
    "backstop.segments": published("A strategy stands behind its own markets only.", PARTS),
}
