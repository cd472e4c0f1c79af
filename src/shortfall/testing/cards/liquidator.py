"""Cards of the `liquidator` slot and of the close style that hands a clip to him."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from shortfall.errors import ensure
from shortfall.kernels import layout as at
from shortfall.model.commands import ImposedFill, Liquidate
from shortfall.testing.cards.card import Card
from shortfall.testing.desk import Desk

if TYPE_CHECKING:
    from collections.abc import Callable

    from shortfall.rules.ruleset import RuleSet

RICH: Final = 1_000_000


def long_below_maintenance(rules: RuleSet, cash: int) -> Desk:
    """Return a desk where alice, long 100 at 100, is below maintenance at 96: she has lost 400, 5 % of 9,600 is 480."""
    desk = Desk(rules)
    desk.accounts(alice=cash, bob=RICH, carl=RICH)
    desk.give("fund", 1_000)
    desk.tick(100)
    desk.must(ImposedFill(desk.id("alice"), 0, 100, 100, desk.id("bob")))
    desk.tick(96)
    return desk


def whole(rules: RuleSet) -> Desk:
    """Check a whole clip at mark: 100 lots at 96 for a fee of 1 %: 96 to the liquidator, 800 - 400 - 96 = 304 left to alice."""
    desk = long_below_maintenance(rules, 800)
    took = desk.last("LiquidatorTook")
    said = (took["lots"], took["mark_price_ticks"], desk.last("LiquidatorPaid")["fee_quote"], desk.cash("alice"))
    ensure(said == (100, 96, 96, 304), "a liquidator takes the clip over at mark for his fee", was=said)
    return desk


def waits_for_a_caller(rules: RuleSet) -> Desk:
    """Check that nothing happens until carl calls, that he gets what he asks for, and not beyond his limit.

    At 96 less 1 % carl pays 95.04 a lot: a limit of 95 refuses, a limit of 96 lets him take 60 for a fee of floor(57.6) = 57.
    """
    desk = long_below_maintenance(rules, 800)
    ensure(not desk.named("LiquidatorTook"), "an account waits until it is called", size=desk.position("alice")[0])
    call = (desk.id("carl"), desk.id("alice"), 0, 60)
    refused = -desk.do(Liquidate(*call, limit=95))
    ensure(refused == at.BEYOND_LIMIT, "nobody takes over beyond his limit", reason=refused)
    taken = desk.do(Liquidate(*call, limit=96))
    said = (taken, desk.position("carl")[0], desk.cash("carl") - RICH, desk.position("alice")[0])
    ensure(said == (60, 60, 57, 40), "a caller gets the lots that he asks for", was=said)
    healthy = -desk.do(Liquidate(desk.id("carl"), desk.id("bob"), 0, 60))
    ensure(healthy == at.ENOUGH_MARGIN, "nobody above maintenance can be called", reason=healthy)
    return desk


def fee_of_fund(expected: int, left: int) -> Callable[[RuleSet], Desk]:
    """Return the situation in which the fund's fee is limited.

    Alice has 600, at 96 equity 200 of 9,600; requirement 480, shortage 280. The whole clip goes: liquidator 1 % = 96, 104 left.
    Stated fee 2 % = 192. By equity: 104. By spare: 5 % - 1 % - floor(280 / 9,600) = 4 % - 2.9166 % = 1.0834 %, x 19/20 = 1.0292 %,
    floor(9,600 x 1.0292 %) = 98.
    """

    def situation(rules: RuleSet) -> Desk:
        desk = long_below_maintenance(rules, 600)
        said = (desk.last("FundReceived")["amount_quote"], desk.cash("alice"))
        ensure(said == (expected, left), "the fund's fee is limited as stated", was=said, expected=(expected, left))
        return desk

    return situation


TAKEN: Final = (
    "amount.method=whole", "close.style=liquidator", "close.surplus=trader", "liquidator.fee=1%", "liquidator.fee_most=0",
    "profit.liquidation=counts", "healing.buffer=0", "healing.duration=0", "healing.small_position=0",
)  # fmt: skip
OUTSIDE: Final = (*TAKEN, "liquidator.who=outside")
TWO_PERCENT: Final = (*OUTSIDE, "close.liquidation_fee=2%")
BEFORE: Final = "a long of 100 lots, entered at 100 with 800 of cash; the liquidator's fee is 1 %"
POOR: Final = "the same with 600 of cash; the fund's fee is stated as 2 %"
ACTION: Final = "one price tick to 96"

CARDS: Final = (
    Card(
        "close.style=liquidator", BEFORE, ACTION, "100 lots leave at 96, the liquidator gets 96, the trader keeps 304",
        whole, OUTSIDE,
    ),
    Card(
        "liquidator.who=outside", BEFORE, ACTION, "the clip goes at once, nobody has to call it",
        whole, OUTSIDE,
    ),
    Card(
        "liquidator.who=caller", BEFORE, "one price tick to 96, then calls with limits of 95 and 96 for 60 lots",
        "the first is refused; by the second the caller has 60 lots and a fee of 57", waits_for_a_caller, TAKEN,
    ),
    Card(
        "liquidator.fund_fee=equity", POOR, ACTION, "the fund gets the 104 that the liquidator leaves", fee_of_fund(104, 0),
        TWO_PERCENT,
    ),
    Card(
        "liquidator.fund_fee=spare", POOR, ACTION, "the fund gets 1.0292 %: 98; the trader keeps 6", fee_of_fund(98, 6),
        TWO_PERCENT,
    ),
)  # fmt: skip
