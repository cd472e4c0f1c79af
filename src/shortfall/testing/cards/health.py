"""Cards of the `health` slot."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from shortfall.errors import ensure
from shortfall.model.commands import TakeBase
from shortfall.testing.cards.card import Card
from shortfall.testing.desk import Desk, flat_tier

if TYPE_CHECKING:
    from collections.abc import Callable

    from shortfall.rules.ruleset import RuleSet

RICH: Final = 1_000_000
WEIGHTS: Final = (
    "health.initial_asset=50%", "health.maintenance_asset=50%", "health.initial_liability=150%",
    "health.maintenance_liability=150%", "health.profit_weight=100%", "health.cash_asset=100%", "health.cash_liability=100%",
    "health.base_fee=0", "health.platform_fee=0", "health.profit_fee=0", "health.settle_limit=0",
    "realisation.method=average-entry", "profit.opening=counts", "liquidator.who=outside", "close.style=market", "waterfall=adl",
    "amount.method=whole", "trigger.price=mark", "trigger.takeover_below=0", "profit.liquidation=counts",
)  # fmt: skip


def long_that_falls(expected: dict[str, int]) -> Callable[[RuleSet], Desk]:
    """Return a situation: long 20 lots from 100 with 1,100; at 95 equity is 1,000.

    Half of 1,900 counts: health = 1,100 + 950 - 2,000 = 50; at 89: 1,100 + 890 - 2,000 = -10. A lot taken at 89 adds 44.5.
    Under tiers of 5 % maintenance the account is sound at 89.
    """

    def situation(rules: RuleSet) -> Desk:
        desk = Desk(rules)
        desk.accounts(ann=1_100, bob=RICH, liquidator=RICH)
        desk.tick(100)
        desk.trade(desk.id("ann"), desk.id("bob"), 20, 100)
        desk.tick(95)
        ensure(not desk.named("LiquidationTriggered"), "nobody is liquidated while he is sound")
        desk.tick(89)
        desk.do(TakeBase(desk.id("liquidator"), desk.id("ann"), 0, 20))
        found = {"due": len(desk.named("LiquidationTriggered")), "taken": desk.position("liquidator")[0]}
        ensure(
            found == expected,
            "an account is liquidated by its rule, as far as it needs it",
            expected=expected,
            found=found,
        )
        return desk

    return situation


CARDS: Final = (
    Card(
        "health.method=tiers", "long 20 lots from 100 with 1,100, maintenance 5 %", "89, an outsider asks for 20 lots",
        "equity 880 against 89: nobody is due, nothing is taken", long_that_falls({"due": 0, "taken": 0}), WEIGHTS, flat_tier(),
    ),
    Card(
        "health.method=weights", "long 20 lots from 100 with 1,100, a long's base counts for half", "89, an outsider asks for 20 lots",
        "health -10: due; one lot, which adds 44.5, is enough and is all that he gets", long_that_falls({"due": 1, "taken": 1}),
        WEIGHTS, flat_tier(),
    ),
)  # fmt: skip
