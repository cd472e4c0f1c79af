"""Cards of the `engine` slot."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from shortfall.errors import ensure
from shortfall.kernels import layout as at
from shortfall.testing.cards.card import Card
from shortfall.testing.desk import Desk

if TYPE_CHECKING:
    from collections.abc import Callable

    from shortfall.rules.ruleset import RuleSet

RICH: Final = 1_000_000


def three_due_at_once(*order: str) -> Callable[[RuleSet], Desk]:
    """Return a situation in which three longs fall below maintenance on one tick and are worked on in a stated order.

    Opened small, worst, large at 100; at 92, with equity over notional in brackets:
    small 30 lots with 330: 90 of 2,760 (3.26 %); worst 20 with 200: 40 of 1,840 (2.17 %); large 60 with 640: 160 of 5,520 (2.90 %).
    """

    def situation(rules: RuleSet) -> Desk:
        desk = Desk(rules)
        desk.accounts(small=330, worst=200, large=640, bob=RICH)
        desk.account("maker", RICH, at.MAKER)
        desk.tick(100)
        for name, lots in (("small", 30), ("worst", 20), ("large", 60)):
            desk.trade(desk.id(name), desk.id("bob"), lots, 100)
        desk.bid(desk.id("maker"), 110, 92)
        desk.tick(92)
        worked = list(dict.fromkeys(event.account for event in desk.named("ClipClosed")))
        expected = [desk.id(name) for name in order]
        ensure(
            worked == expected,
            "accounts due at once are worked on in the stated order",
            worked=worked,
            expected=expected,
        )
        return desk

    return situation


PREREQUISITE: Final = "three longs of different size and health, opened in the order small, worst, large"
ACTION: Final = "one price tick puts all three below maintenance"

CARDS: Final = (
    Card(
        "engine.order=worst-first",
        PREREQUISITE,
        ACTION,
        "clips close in the order worst (2.17 % of equity left), large (2.90 %), small (3.26 %)",
        three_due_at_once("worst", "large", "small"),
    ),
    Card(
        "engine.order=largest-first",
        PREREQUISITE,
        ACTION,
        "clips close in the order large (5,520), small (2,760), worst (1,840)",
        three_due_at_once("large", "small", "worst"),
    ),
    Card(
        "engine.order=account",
        PREREQUISITE,
        ACTION,
        "clips close in the order of account ids",
        three_due_at_once("small", "worst", "large"),
    ),
)
