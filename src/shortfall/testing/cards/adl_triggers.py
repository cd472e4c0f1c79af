"""Cards of the trigger in the `adl` slot: when winners stand before a holder, and whose state decides."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from shortfall.model.history import HolderHistory
from shortfall.testing.cards.adl import cuts
from shortfall.testing.cards.card import Card
from shortfall.testing.cards.situations import RICH, ann_long, expect
from shortfall.testing.desk import Desk

if TYPE_CHECKING:
    from collections.abc import Callable

    from shortfall.rules.ruleset import RuleSet


def two_longs(fund: int, cut: int, *, peak: int = 0) -> Callable[[RuleSet], Desk]:
    """Return the situation in which ann and amy, 100 lots each, lack 500 each at 85 beside a fund; `cut` lots find winners."""

    def situation(rules: RuleSet) -> Desk:
        desk = Desk(rules)
        desk.accounts(ann=1_000, amy=1_000, bob=RICH)
        desk.give("fund", fund)
        desk.tick(100)
        if peak:
            desk.must(HolderHistory(0, peak))
        desk.trade(desk.id("ann"), desk.id("bob"), 100, 100)
        desk.trade(desk.id("amy"), desk.id("bob"), 100, 100)
        desk.tick(85)
        expect("so many lots are cut", sum(lots for _, lots, _ in cuts(desk)), cut)
        expect("the fund holds the rest", desk.position("fund"), (200 - cut, 90 * (200 - cut)))
        desk.result()
        return desk

    return situation


def unfilled(rules: RuleSet) -> Desk:
    """Play an order that nobody fills: winners are asked once it has stood for ten seconds."""
    desk = ann_long(rules)
    desk.tick(85)
    desk.wait(9_999_999)
    expect("nobody is cut before ten seconds", cuts(desk), [])
    desk.wait(1)
    expect("bob is cut after ten seconds", cuts(desk), [("bob", 100, 90)])
    desk.result()
    return desk


def watched(layer: str, *, cut: bool) -> Callable[[RuleSet], Desk]:
    """Return the situation in which a layer has 550, below the floor of 600, and would bear ann's 500; the others have more."""

    def situation(rules: RuleSet) -> Desk:
        cash = {"backstop": 0, "fund": 0, "pool": 0} | {layer: 550}
        desk = ann_long(rules, backstop=cash["backstop"], fund=cash["fund"], pool=cash["pool"])
        desk.tick(85)
        expect("whether bob is cut", bool(cuts(desk)), cut)
        return desk

    return situation


TWO: Final = "two longs of 100 from 100, bankrupt at 90; a fund that may hold anything"
FALLS: Final = "the mark falls to 85: the fund would lose 500 on each"
ROOM: Final = (
    "waterfall=fund,adl", "takeover.fund=yes", "takeover.fund_capacity=0", "takeover.leverage=0", "takeover.per_event=0",
    "takeover.price=bankruptcy", "close.style=bankruptcy", "amount.method=whole", "adl.watches=fund", "adl.start=30%", "adl.stop=25%",
    "adl.window=8h", "adl.start_amount=0", "adl.stop_amount=0", "adl.netting=no", "adl.price=bankruptcy",
)  # fmt: skip
FLOOR: Final = (
    "takeover.backstop=yes", "takeover.pool=yes", "takeover.backstop_capacity=0", "takeover.pool_capacity=0", *ROOM[1:],
    "adl.trigger=floor", "adl.start_amount=600", "adl.stop_amount=600",
)  # fmt: skip

CARDS: Final = (
    Card("adl.trigger=exhausted", f"{TWO} and has 1,000", FALLS, "nobody is cut: 1,000 bear both", two_longs(1_000, 0), ROOM),
    Card(
        "adl.trigger=drawdown", f"{TWO} and has 1,000", FALLS, "the loss is held at 300: 60 of 200 lots are taken over",
        two_longs(1_000, 140), ROOM,
    ),
    Card(
        "adl.trigger=peak-drop", f"{TWO} and has 1,000", FALLS, "after ann it has fallen by half: amy's 100 lots find winners",
        two_longs(1_000, 100), ROOM,
    ),
    Card(
        "adl.trigger=threshold", f"{TWO} and has 1,500, a mean of 2,000 before", FALLS,
        "1,500 are above 70 % of 2,000, 1,000 are below: amy's 100 lots find winners", two_longs(1_500, 100, peak=2_000), ROOM,
    ),
    Card(
        "adl.trigger=floor", f"{TWO} and has 1,000", FALLS, "after ann 500 are left, below 600: amy's 100 lots find winners",
        two_longs(1_000, 100), (*ROOM, "adl.start_amount=600", "adl.stop_amount=600"),
    ),
    Card(
        "adl.trigger=inventory", f"{TWO} and has 1,000", FALLS, "after ann it holds 8,500, above 5,000: amy's 100 lots find winners",
        two_longs(1_000, 100), (*ROOM, "adl.start_amount=5000", "adl.stop_amount=5000"),
    ),
    Card(
        "adl.trigger=unfilled", "a long of 100 lots from 100, bankrupt at 90, that nobody takes", "ten seconds pass",
        "PositionDeleveraged after ten seconds, not before", unfilled, (*ROOM, "takeover.fund=no", "adl.unfilled_after=10s"),
    ),
    Card(
        "adl.watches=fund", "a fund with 550 under a floor of 600", FALLS, "bob is cut",
        watched("fund", cut=True), ("waterfall=fund,adl", *FLOOR),
    ),
    Card(
        "adl.watches=pool", "a pool with 550 under a floor of 600", FALLS, "bob is cut",
        watched("pool", cut=True), ("waterfall=pool,adl", *FLOOR),
    ),
    Card(
        "adl.watches=backstop", "a backstop with 550 under a floor of 600", FALLS, "bob is cut",
        watched("backstop", cut=True), ("waterfall=backstop,adl", *FLOOR),
    ),
)  # fmt: skip
