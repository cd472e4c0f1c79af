"""Cards of the `amount` slot."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Final

from shortfall.engine.exchange import MarketSpec
from shortfall.kernels import layout as at
from shortfall.rules.ruleset import MarginTier
from shortfall.testing.cards.card import Card
from shortfall.testing.cards.situations import RICH, ann_long, expect
from shortfall.testing.desk import Desk, linear

if TYPE_CHECKING:
    from collections.abc import Callable

    from shortfall.rules.ruleset import RuleSet

LIMITED: Final = ("waterfall=fund,adl", "close.style=bankruptcy", "amount.min_lots=0")


def closed_at_94(*clips: int) -> Callable[[RuleSet], Desk]:
    """Return the situation in which ann's mark falls to 94 with bids at 94 for all: 400 of equity."""

    def situation(rules: RuleSet) -> Desk:
        desk = ann_long(rules, bids=((100, 94),))
        desk.tick(94)
        found = tuple(event["lots"] for event in desk.named("ClipClosed"))
        expect("lots of each clip", found, clips)
        return desk

    return situation


def both_positions_shrink(rules: RuleSet) -> Desk:
    """Play a cross account of two markets, 100 lots at 100 in each with 2,000, of which a fifth each is closed at 90 and 95."""
    desk = Desk(rules, more=(MarketSpec(linear("TWO"), rules),))
    desk.accounts(ann=2_000, bob=RICH)
    desk.account("maker", RICH, at.MAKER)
    for market in (0, 1):
        desk.tick(100, market)
        desk.trade(desk.id("ann"), desk.id("bob"), 100, 100, market)
        desk.bid(desk.id("maker"), 100, 90 if market == 0 else 95, market)
    desk.tick(95, 1)
    desk.tick(90)  # 2,000 - 500 - 1,000 = 500 against 475 + 450
    expect("what stays in each market", tuple(desk.position("ann", market)[0] for market in (0, 1)), (80, 80))
    return desk


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
    Card(
        "amount.method=equal-share", "a cross account long 100 lots in each of two markets, 500 of equity against 925",
        "the second mark falls", "20 lots of each are closed", both_positions_shrink,
        ("close.style=market", "amount.min_lots=0", "amount.share=20%", "waterfall="),
    ),
    Card(
        "amount.method=portion", "the same, with a share of 10 % (940) and a floor of 2,000", "the mark falls to 94",
        "a clip of floor(2,000 / 94) = 21 lots: 400 against 371.3", closed_at_94(21),
        (*LIMITED, "amount.share=10%", "amount.min_notional=2000"),
    ),
)  # fmt: skip
