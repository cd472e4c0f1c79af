"""Cards of the `unwinding` slot."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from shortfall.testing.cards.card import Card
from shortfall.testing.cards.situations import RICH, ann_long, expect

if TYPE_CHECKING:
    from collections.abc import Callable

    from shortfall.rules.ruleset import RuleSet
    from shortfall.testing.desk import Desk

PINS: Final = (
    "waterfall=fund", "takeover.fund=yes", "takeover.fund_capacity=0", "takeover.per_event=0", "close.style=bankruptcy",
    "amount.method=whole", "unwinding.share=10%", "unwinding.depth_band=1%",
)  # fmt: skip


def sold(lots: int) -> Callable[[RuleSet], Desk]:
    """Return the situation in which the fund holds 100 lots and a second passes with bids for 50 at the mark."""

    def situation(rules: RuleSet) -> Desk:
        desk = ann_long(rules, fund=RICH)
        desk.tick(85)
        expect("the fund holds what nobody bid for", desk.position("fund")[0], 100)
        desk.wait()
        desk.bid(desk.id("maker"), 50, 85)
        desk.wait()
        expect("lots that are left", desk.position("fund")[0], 100 - lots)
        return desk

    return situation


HELD: Final = "a fund with 100 lots of inventory and bids for 50 at the mark"

CARDS: Final = (
    Card("unwinding.method=hold", HELD, "a second passes", "nothing is sold", sold(0), PINS),
    Card("unwinding.method=at-once", HELD, "a second passes", "InventorySold 50", sold(50), PINS),
    Card(
        "unwinding.method=share", f"{HELD}, 10 % of depth a second", "a second passes", "InventorySold 5", sold(5), PINS
    ),
)
