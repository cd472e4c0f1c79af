"""Cards of the waterfall's layers: each alone behind the trader."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from shortfall.testing.cards.card import Card
from shortfall.testing.cards.situations import ann_long, expect

if TYPE_CHECKING:
    from collections.abc import Callable

    from shortfall.rules.ruleset import RuleSet
    from shortfall.testing.desk import Desk

LIMITED: Final = ("close.style=bankruptcy", "amount.method=whole", "takeover.per_event=0", "takeover.price=bankruptcy")
MARKET: Final = ("close.style=market", "amount.method=whole")


def taken_over(rules: RuleSet) -> Desk:
    """Play a takeover by the backstop: 600 of cash bear the 500 below bankruptcy."""
    desk = ann_long(rules, backstop=600)
    desk.tick(85)
    expect("the backstop holds it from bankruptcy", desk.position("backstop"), (100, 9_000))
    return desk


def pays(layer: str) -> Callable[[RuleSet], Desk]:
    """Return the situation in which a holder of cash pays what the fills at 85 left missing: 500 of its 700."""

    def situation(rules: RuleSet) -> Desk:
        desk = ann_long(
            rules, fund=0 if layer == "pool" else 700, pool=700 if layer == "pool" else None, bids=((100, 85),)
        )
        desk.tick(85)
        expect("the layer paid 500", desk.cash(layer), 200)
        expect("nothing is owed", desk.cash("ann"), 0)
        return desk

    return situation


def winners_are_cut(rules: RuleSet) -> Desk:
    """Play a close against the other side: nobody takes the position."""
    desk = ann_long(rules)
    desk.tick(85)
    cut = desk.last("PositionDeleveraged")
    expect("bob is cut for all of it", (cut.account, cut["lots"]), (desk.id("bob"), 100))
    expect("long and short open interest stay equal", desk.interest(), (0, 0))
    return desk


def book_comes_later(rules: RuleSet) -> Desk:
    """Play a close in which a bid above bankruptcy stands, and winners are asked before it."""
    desk = ann_long(rules, bids=((100, 91),))
    desk.tick(85)
    expect("bob is cut for all of it", desk.last("PositionDeleveraged")["lots"], 100)
    expect("the bid still stands", desk.position("maker"), (0, 0))
    return desk


def venue_pays(rules: RuleSet) -> Desk:
    """Play a deficit of 500 that the venue's own 700 bear."""
    desk = ann_long(rules, bids=((100, 85),))
    desk.give("fees USD", 700)
    desk.tick(85)
    expect("the venue paid 500", desk.cash("fees USD"), 200)
    expect("nothing is owed", desk.cash("ann"), 0)
    return desk


LONG: Final = "a long of 100 lots from 100, bankrupt at 90"

CARDS: Final = (
    Card(
        "waterfall=backstop", f"{LONG}; nobody bids", "the mark falls to 85", "PositionTakenOver by the backstop at 90", taken_over,
        ("waterfall=backstop", "takeover.backstop=yes", "takeover.backstop_capacity=0", "takeover.leverage=0", *LIMITED),
    ),
    Card("waterfall=fund", f"{LONG}; bids at 85", "the mark falls to 85", "FundPaid 500", pays("fund"), ("waterfall=fund", *MARKET)),
    Card("waterfall=pool", f"{LONG}; bids at 85", "the mark falls to 85", "FundPaid 500", pays("pool"), ("waterfall=pool", *MARKET)),
    Card(
        "waterfall=adl", f"{LONG}; nobody bids", "the mark falls to 85", "PositionDeleveraged 100", winners_are_cut,
        ("waterfall=adl", "adl.price=bankruptcy", *LIMITED),
    ),
    Card(
        "waterfall=book", f"{LONG}; a bid at 91", "the mark falls to 85", "PositionDeleveraged 100: the book stands behind winners",
        book_comes_later, ("waterfall=adl,book", "adl.price=bankruptcy", *LIMITED),
    ),
    Card(
        "waterfall=equity", f"{LONG}; bids at 85", "the mark falls to 85", "FundPaid 500 out of the venue's fee account", venue_pays,
        ("waterfall=equity", *MARKET),
    ),
)  # fmt: skip
