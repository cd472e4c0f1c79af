"""Cards of the `adl` slot: a round that starts at a stated account, direct pairs, and who may be paired."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from shortfall.model.commands import ImposedFill
from shortfall.testing.cards.adl import LONG, PINS, SHORTS, cut_first, cuts
from shortfall.testing.cards.card import Card
from shortfall.testing.cards.situations import RICH, expect
from shortfall.testing.desk import Desk

if TYPE_CHECKING:
    from collections.abc import Callable

    from shortfall.rules.ruleset import RuleSet

BOB: Final = 9  # his number where a desk has two markets: seven accounts of the house, ann, eve, then he


def left_with(name: str) -> Callable[[RuleSet], Desk]:
    """Return the situation in which 60 of ann's 100 lots find a winner, and a stated account holds the other 40 afterwards."""

    def situation(rules: RuleSet) -> Desk:
        desk = Desk(rules)
        desk.accounts(ann=1_000, bob=RICH, dan=RICH, eve=RICH)
        desk.tick(100)
        desk.trade(desk.id("ann"), desk.id("bob"), 60, 100)
        desk.trade(desk.id("ann"), desk.id("eve"), 40, 100)
        desk.tick(96)
        desk.trade(desk.id("eve"), desk.id("dan"), 40, 80)
        desk.tick(85)
        expect("only those in profit are cut", [cut[0] for cut in cuts(desk)], ["bob"])
        expect("what nobody takes is there", desk.position(name)[0], 40)
        return desk

    return situation


def overlap(rules: RuleSet) -> Desk:
    """Play a close at 90 (mark 85) against bob, 60 in profit, poor, 20 without, and dan, 20 without but rich.

    Poor has 190 - 20 x 5 = 90 of equity at 85 against 85 of maintenance; at 90 he would be left with -10.
    """
    desk = Desk(rules)
    desk.accounts(ann=1_000, bob=RICH, poor=190, dan=RICH, eve=RICH)
    desk.tick(100)
    desk.trade(desk.id("ann"), desk.id("bob"), 60, 100)
    desk.trade(desk.id("ann"), desk.id("eve"), 40, 100)
    for name in ("poor", "dan"):
        desk.must(ImposedFill(desk.id(name), 0, -20, 80, desk.id("eve")))
    desk.tick(85)
    expect("poor is passed over", cuts(desk), [("bob", 60, 90), ("dan", 20, 90)])
    expect("what nobody may take stays", desk.position("ann")[0], 20)
    return desk


CARDS: Final = (
    Card(
        "adl.rank=random-start", SHORTS, "100 lots must be closed, the round starts at bob", "bob first", cut_first("bob"),
        (*PINS, f"adl.start_account={BOB}"),
    ),
    Card(
        "adl.batch=instant", f"{LONG}; 60 shorts in profit, 40 not, and only profit is cut", "the mark falls to 85",
        "60 are closed, 40 stay with clearing", left_with("clearing LIN"), (*PINS, "adl.eligible=profitable-only"),
    ),
    Card(
        "adl.batch=direct", f"{LONG}; 60 shorts in profit, 40 not, and only profit is cut", "the mark falls to 85",
        "60 are closed, 40 stay with the account", left_with("ann"), (*PINS, "adl.eligible=profitable-only"),
    ),
    Card(
        "adl.eligible=overlap", f"{LONG}; 60 shorts in profit, 20 near their maintenance, 20 rich", "the mark falls to 85",
        "those near maintenance are passed over, 20 lots stay with the account", overlap, (*PINS, "adl.batch=direct"),
    ),
)  # fmt: skip
