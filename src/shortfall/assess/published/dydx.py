"""dYdX v4: what its public code and its interface say beside the rules in its venue file."""

from __future__ import annotations

from typing import Final

from shortfall.assess.evidence import Page, published
from shortfall.venues.dydx import ACCOUNTS, BLOCK, GENESIS, LIQUIDATIONS, READ, TIERS

VENUES: Final = ("dydx",)
CODE: Final = "dydxprotocol/v4-chain@84d4664bae71e3a077adaac67fb77ad19cd28d30"
LIMITS: Final = Page(LIQUIDATIONS, READ, CODE)
STEPS: Final = Page(BLOCK, READ, CODE)
BANK: Final = Page(
    "dYdX Chain: bank balance of the module account insurance-fund", READ, "Cosmos bank balance of the module account"
)
ANSWERS: Final = {
    "fund.balance": published(
        "A module account for cross markets, one more for each isolated market.",
        BANK,
        Page(GENESIS, READ, "docs.dydx.community/dydx-token-migration"),
    ),
    "fund.shared": published("Cross markets share one; each isolated market has its own.", Page(ACCOUNTS, READ, CODE)),
    "fund.sources": published(
        "Fills better than the bankruptcy price, up to a largest fee; the rest stays with the account.", LIMITS
    ),
    "fund.access": published("Anyone: a balance of the chain.", BANK),
    "fund.limits": published("Limits on what liquidations of one account in one block may cost the fund.", LIMITS),
    "adl.trigger": published(
        "An account worth less than nothing whose order got nothing, or a fill that the fund cannot pay for.", STEPS
    ),
    "margin.tiers": published(
        "One rate for each market, and an initial rate that grows with open interest.", Page(TIERS, READ, CODE)
    ),
    "backstop.segments": published(
        "Isolated markets have a fund and a pool of collateral of their own.", Page(ACCOUNTS, READ, CODE)
    ),
    "burden.interest": published(
        "Open interest of each market.", Page("dYdX indexer: GET /v4/perpetualMarkets", READ, "/v4/perpetualMarkets")
    ),
    "burden.liquidations": published(
        "Fills carry their kind: liquidated, liquidation, deleveraged, offsetting.",
        Page("dYdX: dydxprotocol/v4-chain, indexer/packages/postgres/src/types/fill-types.ts", READ, "fill-types.ts"),
    ),
    "conduct.halts": published(
        "Withdrawals stop while accounts worth less than nothing remain after deleveraging.", STEPS
    ),
}
