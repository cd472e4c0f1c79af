"""Cards of the `bands` slot."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from shortfall.kernels import layout as at
from shortfall.model.commands import MarkTick
from shortfall.testing.cards.card import Card
from shortfall.testing.cards.situations import RICH, ann_long, expect
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


def held_back(*, waits: bool, rests: int) -> Callable[[RuleSet], Desk]:
    """Return the situation in which a close of 100 lots at mark 94 finds 10 at 94 and the others below its band of 1 %."""

    def situation(rules: RuleSet) -> Desk:
        desk = ann_long(rules, bids=((10, 94), (100, 92)), fund=RICH)
        desk.tick(94)
        expect("lots sold inside the band", desk.last("ClipClosed")["lots"], 10)
        expect("lots that stay with their owner", desk.position("ann")[0], 90 if waits else 0)
        expect("lots that the fund holds", desk.position("fund")[0], 0 if waits else 90)
        desk.bid(desk.id("bob"), 90, 94)
        expect("lots that a buyer finds resting", desk.position("bob")[0], rests - 100)
        return desk

    return situation


def around(done: int) -> Callable[[RuleSet], Desk]:
    """Return the situation in which the mark is 1,050 with an index of 1,000, and ann bids 1,070 under a band of 5 %."""

    def situation(rules: RuleSet) -> Desk:
        desk = Desk(rules)
        desk.accounts(ann=RICH)
        desk.tick(1_000)
        desk.now_us += 1
        desk.do(MarkTick(0, 1_050, desk.now_us))
        expect("the order by the band", desk.bid(desk.id("ann"), 1, 1_070), done)
        return desk

    return situation


CENTRES: Final = "an index of 1,000, a mark of 1,050, a band of 5 %"
AROUND: Final = ("bands.user=5%", "mark.method=imposed")
BAND: Final = (
    "bands.liquidation=1%",
    "close.style=market",
    "waterfall=fund",
    "takeover.fund=yes",
    "takeover.fund_capacity=0",
    "takeover.per_event=0",
    "amount.method=whole",
)
HELD: Final = "a close of 100 lots at 94 within 1 %; bids for 10 at 94, for 100 at 92"
BOOK: Final = "asks of bob 2 at 101, of ann 5 at 102, of bob 5 at 103"

CARDS: Final = (
    Card(
        "bands.self_trade=cancel-resting", BOOK, "ann buys 9 up to 103",
        "her own 5 are cancelled, 7 are bought, 2 rest as a bid", own_order_in_the_way(7, at.NO_PRICE),
    ),
    Card("bands.binding=take-over", HELD, "the mark falls to 94", "10 are sold, the fund takes 90", held_back(waits=False, rests=0), BAND),
    Card("bands.binding=retry", HELD, "the mark falls to 94", "10 are sold, 90 wait", held_back(waits=True, rests=0), BAND),
    Card(
        "bands.binding=rest", HELD, "the mark falls to 94, a bid for 90 comes at 94", "10 are sold, 90 rest at 94 and are bought",
        held_back(waits=True, rests=90), BAND,
    ),
    Card("bands.reference=mark", CENTRES, "a bid at 1,070", "accepted: up to 1,102", around(0), AROUND),
    Card("bands.reference=index", CENTRES, "a bid at 1,070", "rejected: up to 1,050", around(-at.OUTSIDE_BAND), AROUND),
    Card(
        "bands.self_trade=cancel-taker", BOOK, "ann buys 9 up to 103",
        "2 are bought, the order stops at her own 5, which stay", own_order_in_the_way(2, 102),
    ),
)  # fmt: skip
