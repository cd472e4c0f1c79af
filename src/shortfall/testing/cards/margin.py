"""Cards of the `margin` slot."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Final

from shortfall.rules.ruleset import MarginTier
from shortfall.testing.cards.card import Card
from shortfall.testing.cards.situations import RICH, expect
from shortfall.testing.desk import Desk

if TYPE_CHECKING:
    from collections.abc import Callable

    from shortfall.rules.ruleset import RuleSet


def long_ten(price: int, *, triggered: int, cash: int) -> Callable[[RuleSet], Desk]:
    """Return the situation in which ann, long 10 lots at 1,000, sees the mark fall to a price."""

    def situation(rules: RuleSet) -> Desk:
        desk = Desk(rules)
        desk.accounts(ann=cash, bob=RICH)
        desk.tick(1_000)
        desk.trade(desk.id("ann"), desk.id("bob"), 10, 1_000)
        desk.tick(price)
        expect("ann is below maintenance", len(desk.named("LiquidationTriggered")), triggered)
        return desk

    return situation


STEPS: Final = (MarginTier(Decimal(5_000), 100_000, 50_000), MarginTier(None, 200_000, 100_000))
LADDER: Final = "a long of 10 lots from 1,000 with 2,000 of cash; 5 % up to 5,000, 10 % beyond"


def long_with_a_bid(triggered: int) -> Callable[[RuleSet], Desk]:
    """Return the situation of a long of 10 lots with a bid for 5 more: 600 of equity at 900, 5 % of 9,000 or of 13,500."""

    def situation(rules: RuleSet) -> Desk:
        desk = Desk(rules)
        desk.accounts(alice=1_600, bob=1_000_000)
        desk.tick(1_000)
        desk.trade(desk.id("alice"), desk.id("bob"), 10, 1_000)
        desk.bid(desk.id("alice"), 5, 100)
        desk.tick(900)
        found = len(desk.named("LiquidationTriggered"))
        expect("alice is below maintenance with her orders as the rule counts them", found, triggered)
        return desk

    return situation


WITH_BID: Final = "a long of 10 lots from 1,000 with 1,600 of cash and a bid for 5 lots at 100; 5 %"
FLAT: Final = "a long of 10 lots from 1,000 with 1,000 of cash; 5 %"

CARDS: Final = (
    Card(
        "margin.tiers=marginal", LADDER, "the mark falls to 880", "800 of equity against 880 - 250 = 630: nobody is triggered",
        long_ten(880, triggered=0, cash=2_000), tiers=STEPS,
    ),
    Card(
        "margin.tiers=whole-position", LADDER, "the mark falls to 880", "800 of equity against 880: LiquidationTriggered",
        long_ten(880, triggered=1, cash=2_000), tiers=STEPS,
    ),
    Card(
        "margin.orders=ignored", WITH_BID, "the mark falls to 900", "600 of equity against 450: nobody is triggered",
        long_with_a_bid(0),
    ),
    Card(
        "margin.orders=counted", WITH_BID, "the mark falls to 900", "600 of equity against 5 % of 15 x 900 = 675: LiquidationTriggered",
        long_with_a_bid(1),
    ),
    Card(
        "margin.basis=mark", FLAT, "the mark falls to 949", "490 of equity against ceil(474.5) = 475: nobody is triggered",
        long_ten(949, triggered=0, cash=1_000),
    ),
    Card(
        "margin.basis=entry", FLAT, "the mark falls to 949", "490 of equity against 5 % of 10,000 = 500: LiquidationTriggered",
        long_ten(949, triggered=1, cash=1_000),
    ),
)  # fmt: skip
