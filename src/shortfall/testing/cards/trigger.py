"""Cards of the `trigger` slot."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from shortfall.testing.cards.card import Card
from shortfall.testing.cards.situations import ann_long, expect

if TYPE_CHECKING:
    from collections.abc import Callable

    from shortfall.rules.ruleset import RuleSet
    from shortfall.testing.desk import Desk


def seen(*steps: tuple[int, int, int]) -> Callable[[RuleSet], Desk]:
    """Return the situation in which each step is a last trade, an index (the mark), and how many triggers there were by then.

    Ann is below maintenance under 94.74.
    """

    def situation(rules: RuleSet) -> Desk:
        desk = ann_long(rules)
        for last, index, triggers in steps:
            desk.trade(desk.id("maker"), desk.id("bob"), 1, last)
            desk.tick(index)
            expect("triggers so far", len(desk.named("LiquidationTriggered")), triggers)
        return desk

    return situation


LONG: Final = "a long below maintenance under 94.74"

CARDS: Final = (
    Card("trigger.price=mark", LONG, "last 96, mark 94", "LiquidationTriggered", seen((96, 94, 1))),
    Card("trigger.price=last", LONG, "last 94, mark 96", "LiquidationTriggered", seen((94, 96, 1))),
    Card(
        "trigger.price=both", LONG, "last 94, mark 96; then last 96, mark 94; then both 94",
        "LiquidationTriggered by the third alone", seen((94, 96, 0), (96, 94, 0), (94, 94, 1)),
    ),
)  # fmt: skip
