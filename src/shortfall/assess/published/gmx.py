"""GMX v2: what its public code and pages say beside the rules in its venue file."""

from __future__ import annotations

from typing import Final

from shortfall.assess.evidence import Answer, Page, published
from shortfall.venues.gmx import CONFIG, CONTRACTS, READ

VENUES: Final = ("gmx",)
CODE: Final = "gmx-io/gmx-synthetics@a5c0c8835182cbd84e47dca04b971239311d2f1d"
CONTRACT: Final = Page(CONTRACTS, READ, CODE)
SETTINGS: Final = Page(CONFIG, READ, CODE)
ANSWERS: Final = {
    "fund.shared": published("Each market has a pool of its own.", CONTRACT, answer=Answer.NO),
    "fund.sources": published(
        "There is no fund: the pool of the market is the other side and goes without what collateral does not cover.",
        CONTRACT,
    ),
    "adl.threshold": published("Shares of the pool at which it starts and stops, for each market.", SETTINGS),
    "adl.rank": published(
        "A keeper chooses the account and the size; the share must fall, and not below the lower one.", CONTRACT
    ),
    "adl.price": published("The oracle price.", CONTRACT),
    "loss.sharing": published(
        "The pool's providers; and winners' profit of a side is cut in proportion above a share of the pool.",
        CONTRACT,
        SETTINGS,
    ),
    "margin.tiers": published("One factor for each market.", SETTINGS),
    "backstop.who": published("The pool of the market is the other side of every position.", CONTRACT),
    "backstop.segments": published("A market's loss stays with the pool of that market.", CONTRACT),
}
