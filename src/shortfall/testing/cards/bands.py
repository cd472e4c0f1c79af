"""Cards of the `bands` slot."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from shortfall.kernels import layout as at
from shortfall.testing.cards.card import Card
from shortfall.testing.cards.situations import RICH, expect
from shortfall.testing.desk import Desk

if TYPE_CHECKING:
    from collections.abc import Callable

    from shortfall.rules.ruleset import RuleSet


def own_order_in_the_way(done: int, best_ask: int) -> Callable[[RuleSet], Desk]:
    """Return the situation in which ann buys nine through bob's two at 101, her own five at 102 and bob's five at 103."""

    def situation(rules: RuleSet) -> Desk:
        desk = Desk(rules)
        desk.accounts(ann=RICH, bob=RICH)
        ann, bob = desk.id("ann"), desk.id("bob")
        desk.tick(100)
        desk.ask(bob, 2, 101)
        desk.ask(ann, 5, 102)
        desk.ask(bob, 5, 103)
        expect("the taker gets what the rule leaves him", desk.bid(ann, 9, 103), done)
        expect("the best ask afterwards", desk.exchange.price(0, at.M_ASK), best_ask)
        return desk

    return situation


BOOK: Final = "asks of bob 2 at 101, of ann 5 at 102, of bob 5 at 103"

CARDS: Final = (
    Card(
        "bands.self_trade=cancel-resting", BOOK, "ann buys 9 up to 103",
        "her own 5 are cancelled, 7 are bought, 2 rest as a bid", own_order_in_the_way(7, at.NO_PRICE),
    ),
    Card(
        "bands.self_trade=cancel-taker", BOOK, "ann buys 9 up to 103",
        "2 are bought, the order stops at her own 5, which stay", own_order_in_the_way(2, 102),
    ),
)  # fmt: skip
