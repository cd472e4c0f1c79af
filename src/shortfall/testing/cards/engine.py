"""Cards of the `engine` slot."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from shortfall.engine.exchange import MarketSpec
from shortfall.kernels import layout as at
from shortfall.testing.cards.card import Card
from shortfall.testing.cards.situations import RICH, expect
from shortfall.testing.desk import Desk, linear

if TYPE_CHECKING:
    from collections.abc import Callable

    from shortfall.rules.ruleset import RuleSet


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
        expect("accounts due at once are worked on in the stated order", worked, expected)
        return desk

    return situation


OFFER: Final = 200


def two_markets_with_orders(here: int, there: int) -> Callable[[RuleSet], Desk]:
    """Return the situation in which ann, long 100 in one market, has an order in each; then she is liquidated in the first.

    `here` and `there` say how many of her orders are left in the market of the trigger and in the other one.
    """

    def situation(rules: RuleSet) -> Desk:
        desk = Desk(rules, more=[MarketSpec(linear("TWO"), rules)])
        desk.accounts(ann=1_050, bob=RICH)
        desk.account("maker", RICH, at.MAKER)
        desk.tick(100)
        desk.tick(100, market=1)
        ann = desk.id("ann")
        desk.trade(ann, desk.id("bob"), 100, 100)
        desk.ask(ann, 1, OFFER)
        desk.ask(ann, 1, OFFER, market=1)
        desk.bid(desk.id("maker"), 100, 93)
        desk.tick(94)
        expect("ann is closed", desk.position("ann")[0], 0)
        left = [int(desk.exchange.price(market, at.M_ASK) == OFFER) for market in (0, 1)]
        expect("her orders left in the market of the trigger and in the other", left, [here, there])
        return desk

    return situation


ORDERS: Final = "a cross account with an open order in the triggering market and one in another"


def surplus_and_deficit(cut: int) -> Callable[[RuleSet], Desk]:
    """Return a situation in which ann lacks 200 at 88 and amy leaves 400, 5 % of 8,800 being 440; the fund has nothing before."""

    def situation(rules: RuleSet) -> Desk:
        desk = Desk(rules)
        desk.accounts(ann=1_000, amy=1_600, bob=RICH)
        desk.account("maker", RICH, at.MAKER)
        desk.tick(100)
        desk.trade(desk.id("ann"), desk.id("bob"), 100, 100)
        desk.trade(desk.id("amy"), desk.id("bob"), 100, 100)
        desk.bid(desk.id("maker"), 200, 88)
        desk.tick(88)
        lots = sum(event["lots"] for event in desk.named("PositionDeleveraged"))
        expect("winners are cut for what the fund cannot bear", lots, cut)
        return desk

    return situation


TWO_DEBTORS: Final = "two longs of 100 from 100, bankrupt at 90 and 84; 200 bids at 88; an empty fund"
SETTLING: Final = (
    "engine.order=worst-first", "waterfall=fund,adl", "takeover.fund=no", "close.style=market", "close.surplus=fund",
    "amount.method=whole",
)  # fmt: skip
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
    Card(
        "engine.cancels=all",
        ORDERS,
        "its mark falls below maintenance",
        "both orders are cancelled, the position is closed",
        two_markets_with_orders(0, 0),
        pins=("close.style=bankruptcy", "amount.method=whole"),
    ),
    Card(
        "engine.cancels=market",
        ORDERS,
        "its mark falls below maintenance",
        "the order in the triggering market is cancelled, the other stays",
        two_markets_with_orders(0, 1),
        pins=("close.style=bankruptcy", "amount.method=whole"),
    ),
    Card(
        "engine.cancels=none",
        ORDERS,
        "its mark falls below maintenance",
        "both orders stay, the position is closed",
        two_markets_with_orders(1, 1),
        pins=("close.style=bankruptcy", "amount.method=whole"),
    ),
    Card(
        "engine.order=limit-distance",
        PREREQUISITE,
        ACTION,
        "clips close in the order of distress: worst (1 - 40/92 of its maintenance missing), large (1 - 160/276), small (1 - 90/138)",
        three_due_at_once("worst", "large", "small"),
        pins=("close.fillable_spread=1000%", "close.bankruptcy_adjustment=100%"),
    ),
    Card(
        "engine.settles=in-order",
        TWO_DEBTORS,
        "one tick puts both below maintenance",
        "the deficit meets an empty fund: winners are cut",
        surplus_and_deficit(100),
        pins=SETTLING,
    ),
    Card(
        "engine.settles=surplus-first",
        TWO_DEBTORS,
        "one tick puts both below maintenance",
        "400 of surplus pay 200 of deficit: nobody is cut",
        surplus_and_deficit(0),
        pins=SETTLING,
    ),
)
