"""Cards of the price and the pairing in the `adl` slot, and of the price of a takeover."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from shortfall.model.commands import MarkTick
from shortfall.testing.cards.adl import PINS, cuts
from shortfall.testing.cards.card import Card
from shortfall.testing.cards.situations import RICH, ann_long, expect
from shortfall.testing.desk import Desk

if TYPE_CHECKING:
    from collections.abc import Callable

    from shortfall.rules.ruleset import RuleSet


def closed_at(price: int, fund: int, left: int) -> Callable[[RuleSet], Desk]:
    """Return the situation in which bob is cut at a price after marks of 100, 97, 96 and 85, an index of 97, and a fund."""

    def situation(rules: RuleSet) -> Desk:
        desk = ann_long(rules, fund=fund)
        desk.tick(97)
        for mark in (96, 85):
            desk.now_us += 1_000_000
            desk.must(MarkTick(0, mark, desk.now_us))
        expect("bob is cut", cuts(desk), [("bob", 100, price)])
        expect("the fund pays or receives the difference to 90", desk.cash("fund"), left)
        desk.result()
        return desk

    return situation


def while_funded(rules: RuleSet) -> Desk:
    """Play mark with 800 in the fund, which bear 500, and bankruptcy with 400, which do not."""
    closed_at(90, 400, 400)(rules)
    return closed_at(85, 800, 300)(rules)


def two_clips(*prices: int, surplus: int) -> Callable[[RuleSet], Desk]:
    """Return the situation in which amy (bankrupt at 95, worse off, first) and ann (90) meet bob, at 2x, and cat in one batch."""

    def situation(rules: RuleSet) -> Desk:
        desk = Desk(rules)
        desk.accounts(ann=1_000, amy=1_100, bob=5_000, cat=RICH)
        desk.tick(106)
        desk.trade(desk.id("amy"), desk.id("cat"), 100, 106)
        desk.tick(100)
        desk.trade(desk.id("ann"), desk.id("bob"), 100, 100)
        desk.tick(85)
        expect("both are cut", cuts(desk), [("bob", 100, prices[0]), ("cat", 100, prices[1])])
        expect("clearing keeps nothing", desk.cash("fund"), surplus)
        desk.result()
        return desk

    return situation


def taken_over_at(price: int, fund: int) -> Callable[[RuleSet], Desk]:
    """Return the situation in which a backstop with 600 takes ann's 100 lots at a mark of 85, beside a fund with 700."""

    def situation(rules: RuleSet) -> Desk:
        desk = ann_long(rules, backstop=600, fund=700)
        desk.tick(85)
        expect("the backstop holds it", desk.position("backstop"), (100, 100 * price))
        expect("the fund pays what ann lacks at that price", desk.cash("fund"), fund)
        desk.result()
        return desk

    return situation


LONG: Final = "a long of 100 lots from 100, bankrupt at 90; marks of 97 and 96, an index of 97"
FALLS: Final = "the mark falls to 85"
FIRST: Final = (
    *PINS,
    "adl.rank=profit-leverage",
    "engine.order=worst-first",
    "engine.settles=in-order",
    "adl.price=bankruptcy",
)
TAKEN: Final = (
    "waterfall=backstop,fund", "takeover.backstop=yes", "takeover.backstop_capacity=0", "takeover.leverage=0",
    "takeover.per_event=0", "takeover.fund=no", "close.style=bankruptcy", "amount.method=whole",
)  # fmt: skip

CARDS: Final = (
    Card("adl.price=previous-mark", LONG, FALLS, "PositionDeleveraged at 96, 600 to the fund", closed_at(96, 800, 1_400), PINS),
    Card("adl.price=index", LONG, FALLS, "PositionDeleveraged at 97, 700 to the fund", closed_at(97, 800, 1_500), PINS),
    Card(
        "adl.price=bankruptcy-unless-far", LONG, FALLS, "90 is more than 5 % from 85: PositionDeleveraged at 85",
        closed_at(85, 800, 300), (*PINS, "adl.far=5%"),
    ),
    Card(
        "adl.price=reference-spread", LONG, FALLS, "bob buys one tick below 85, the fund pays 600", closed_at(84, 800, 200),
        (*PINS, "adl.spread=2%"),
    ),
    Card("adl.price=mark-while-funded", LONG, FALLS, "at 85 with 800 in the fund, at 90 with 400", while_funded, PINS),
    Card(
        "adl.pairing=in-order", "two longs bankrupt at 95 and 90", FALLS, "the first winner meets 95, the second 90",
        two_clips(95, 90, surplus=0), FIRST,
    ),
    Card(
        "adl.pairing=average", "two longs bankrupt at 95 and 90", FALLS, "both winners meet 93, rounded up from 92.5; 100 are over",
        two_clips(93, 93, surplus=100), FIRST,
    ),
    Card("takeover.price=bankruptcy", LONG, FALLS, "PositionTakenOver at 90", taken_over_at(90, 700), TAKEN),
    Card("takeover.price=mark", LONG, FALLS, "PositionTakenOver at 85, FundPaid 500", taken_over_at(85, 200), TAKEN),
)  # fmt: skip
