"""Cards of the `amount` slot."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Final

from shortfall.rules.ruleset import MarginTier
from shortfall.testing.cards.card import Card
from shortfall.testing.cards.situations import ann_long, expect

if TYPE_CHECKING:
    from collections.abc import Callable

    from shortfall.rules.ruleset import RuleSet
    from shortfall.testing.desk import Desk

LIMITED: Final = ("close.style=bankruptcy", "amount.min_lots=0")


def closed_at_94(*clips: int) -> Callable[[RuleSet], Desk]:
    """Return the situation in which ann's mark falls to 94 with bids at 94 for all: 400 of equity."""

    def situation(rules: RuleSet) -> Desk:
        desk = ann_long(rules, bids=((100, 94),))
        desk.tick(94)
        found = tuple(event["lots"] for event in desk.named("ClipClosed"))
        expect("lots of each clip", found, clips)
        return desk

    return situation


CARDS: Final = (
    Card(
        "amount.method=whole", "a long of 100 lots with 400 of equity against 470 of maintenance", "the mark falls to 94",
        "one clip of 100 lots", closed_at_94(100), LIMITED,
    ),
    Card(
        "amount.method=tier", "the same, 5 % up to 4,700 and 10 % beyond: 705 of maintenance", "the mark falls to 94",
        "one clip of 50 lots, down to the top of the tier below (50 x 94 = 4,700): 400 against 235", closed_at_94(50), LIMITED,
        tiers=(MarginTier(Decimal(4_700), 100_000, 50_000), MarginTier(None, 100_000, 100_000)),
    ),
    Card(
        "amount.method=share", "a long of 100 lots with 400 of equity against 470 of maintenance", "the mark falls to 94",
        "a clip of ceil(100 x 20 %) = 20 lots heals it: 400 against 376", closed_at_94(20), (*LIMITED, "amount.share=20%"),
    ),
    Card(
        "amount.method=heal", "a long of 100 lots with 400 of equity against 470 of maintenance", "the mark falls to 94",
        "a clip of ceil(100 x 70 / 470) = 15 lots: 400 against 399.5", closed_at_94(15), LIMITED,
    ),
)  # fmt: skip
