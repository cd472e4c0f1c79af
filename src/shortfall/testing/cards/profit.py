"""Cards of the `profit` slot."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from shortfall.kernels import layout as at
from shortfall.model.commands import Withdraw
from shortfall.testing.cards.card import Card
from shortfall.testing.cards.situations import RICH, expect
from shortfall.testing.desk import Desk, flat_tier

if TYPE_CHECKING:
    from collections.abc import Callable

    from shortfall.rules.ruleset import RuleSet


def in_profit(rules: RuleSet, cash: int) -> Desk:
    """Return a desk where ann is long 100 at 100 with a mark of 120: 2,000 of unrealised profit."""
    desk = Desk(rules)
    desk.accounts(ann=cash, bob=RICH)
    desk.tick(100)
    desk.trade(desk.id("ann"), desk.id("bob"), 100, 100)
    desk.tick(120)
    return desk


def half_counts(purpose: str) -> Callable[[RuleSet], Desk]:
    """Return the situation in which half of 2,000 of profit counts, to the unit: for the test, for an order, for a withdrawal."""

    def situation(rules: RuleSet) -> Desk:
        desk = in_profit(rules, 1_000)
        ann = desk.id("ann")
        if purpose == "liquidation":
            expect("half of the profit counts", desk.exchange.health(ann)[:2], (3_000, 2_000))
        elif purpose == "opening":
            # 1,000 + 1,000 - 1,200 bound leave 800: as much as 66 lots bind at 120 (166 x 12 = 1,992), not 67
            expect("one lot more than half of the profit margins", desk.bid(ann, 67, 100), -at.NO_MARGIN)
            expect("what half of the profit margins", desk.bid(ann, 66, 100), 0)
        else:
            expect("a unit more than free margin stays", desk.do(Withdraw(ann, 801)), -at.NO_BALANCE)
            expect("free margin may leave", desk.do(Withdraw(ann, 800)), 0)
        return desk

    return situation


def liquidation(*, counts: bool) -> Callable[[RuleSet], Desk]:
    """Return the situation in which only the profit keeps ann above maintenance: 600 at 120 against 590 of cash."""

    def situation(rules: RuleSet) -> Desk:
        desk = in_profit(rules, 590)
        expect(
            "a profit saves from liquidation where it counts",
            len(desk.named("LiquidationTriggered")),
            0 if counts else 1,
        )
        return desk

    return situation


def opening(*, counts: bool) -> Callable[[RuleSet], Desk]:
    """Return the situation in which only the profit margins ten lots more: 1,200 is bound, 1,000 is cash."""

    def situation(rules: RuleSet) -> Desk:
        desk = in_profit(rules, 1_000)
        result = desk.bid(desk.id("ann"), 10, 100)
        expect("a profit opens new positions where it counts", result, 0 if counts else -at.NO_MARGIN)
        return desk

    return situation


def withdrawal(*, counts: bool) -> Callable[[RuleSet], Desk]:
    """Return the situation in which ann has 2,000 of cash and 2,000 of profit at 120, with 1,200 bound."""

    def situation(rules: RuleSet) -> Desk:
        desk = in_profit(rules, 2_000)
        ann = desk.id("ann")
        most = 2_000 + 2_000 - 1_200 if counts else 2_000 - 1_200
        expect("a unit more than free margin stays", desk.do(Withdraw(ann, most + 1)), -at.NO_BALANCE)
        expect("free margin may leave", desk.do(Withdraw(ann, most)), 0)
        return desk

    return situation


HALF: Final = ("profit.share=50%",)
LONG: Final = "a long of 100 lots from 100, mark 120: 2,000 of unrealised profit"

CARDS: Final = (
    Card(
        "profit.liquidation=counts", f"{LONG}, 590 of cash, maintenance 600", "the mark is updated",
        "nobody is triggered: equity that counts is 2,590", liquidation(counts=True), tiers=flat_tier("5%", "5%"),
    ),
    Card(
        "profit.liquidation=ignored", f"{LONG}, 590 of cash, maintenance 600", "the mark is updated",
        "LiquidationTriggered: equity that counts is 590", liquidation(counts=False), tiers=flat_tier("5%", "5%"),
    ),
    Card(
        "profit.liquidation=haircut", f"{LONG}, 1,000 of cash", "the mark is updated", "2,000 of 3,000 of equity count",
        half_counts("liquidation"), HALF,
    ),
    Card(
        "profit.opening=haircut", f"{LONG}, 1,000 of cash, 1,200 bound", "orders for 67 and 66 lots more",
        "the first is rejected: 800 are free", half_counts("opening"), (*HALF, "profit.liquidation=counts"),
    ),
    Card(
        "profit.withdrawal=haircut", f"{LONG}, 1,000 of cash, 1,200 bound", "withdrawals of 801 and 800",
        "the first is rejected, the second leaves", half_counts("withdrawal"),
        (*HALF, "profit.liquidation=counts", "profit.opening=counts"),
    ),
    Card(
        "profit.opening=counts", f"{LONG}, 1,000 of cash, 1,200 bound", "an order for ten lots more", "accepted",
        opening(counts=True), pins=("profit.liquidation=counts",),
    ),
    Card(
        "profit.opening=ignored", f"{LONG}, 1,000 of cash, 1,200 bound", "an order for ten lots more", "CommandRejected: no margin",
        opening(counts=False), pins=("profit.liquidation=counts",),
    ),
    Card(
        "profit.withdrawal=counts", f"{LONG}, 2,000 of cash, 1,200 bound", "withdrawals of 2,801 and 2,800",
        "the first is rejected, the second leaves", withdrawal(counts=True), pins=("profit.liquidation=counts", "profit.opening=counts"),
    ),
    Card(
        "profit.withdrawal=ignored", f"{LONG}, 2,000 of cash, 1,200 bound", "withdrawals of 801 and 800",
        "the first is rejected, the second leaves", withdrawal(counts=False), pins=("profit.liquidation=counts", "profit.opening=counts"),
    ),
)  # fmt: skip
