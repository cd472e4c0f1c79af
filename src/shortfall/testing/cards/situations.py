"""Situations that several cards share, worked by hand."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from shortfall.errors import ensure
from shortfall.kernels import layout as at
from shortfall.testing.desk import Desk

if TYPE_CHECKING:
    from shortfall.rules.ruleset import RuleSet

RICH: Final = 1_000_000


def expect(words: str, found: object, wanted: object) -> None:
    """State what a card expects; raise `InvariantViolationError` with both sides where it is otherwise."""
    ensure(found == wanted, words, found=found, wanted=wanted)


def ann_long(
    rules: RuleSet,
    *,
    bids: tuple[tuple[int, int], ...] = (),
    backstop: int | None = None,
    fund: int | None = 0,
    pool: int | None = None,
) -> Desk:
    """Return a desk where ann is long 100 lots at 100 with 1,000 of margin (bankrupt at 90, below maintenance under 94.74).

    Bob holds the other side and is rich; a maker rests the bids given as (lots, price). Backstop, fund and pool are there where
    a number, their cash, is given.
    """
    holders = {"backstop": backstop, "fund": fund, "pool": pool}
    named = {layer: None if cash is None else layer for layer, cash in holders.items()}
    desk = Desk(rules, backstop=named["backstop"], fund=named["fund"], pool=named["pool"])
    desk.accounts(ann=1_000, bob=RICH)
    desk.account("maker", RICH, at.MAKER)
    for layer, cash in holders.items():
        if cash:
            desk.give(layer, cash)
    desk.tick(100)
    desk.trade(desk.id("ann"), desk.id("bob"), 100, 100)
    for lots, price in bids:
        desk.bid(desk.id("maker"), lots, price)
    return desk
