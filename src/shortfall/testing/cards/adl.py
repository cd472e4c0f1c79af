"""Cards of the `adl` slot."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Final

from shortfall.engine.exchange import MarketSpec
from shortfall.testing.cards.card import Card
from shortfall.testing.cards.situations import RICH, ann_long, expect
from shortfall.testing.desk import Desk, flat_tier, linear

if TYPE_CHECKING:
    from collections.abc import Callable

    from shortfall.rules.ruleset import RuleSet

PINS: Final = (
    "waterfall=fund,adl",
    "takeover.fund=no",
    "close.style=bankruptcy",
    "amount.method=whole",
    "adl.eligible=profitable-first",
)


def cuts(desk: Desk) -> list[tuple[str, int, int]]:
    """Return (name, lots, price) of every close against a winner."""
    names = {number: name for name, number in desk.exchange.names.ids.items()}
    return [(names[e.account], e["lots"], e["adl_price_ticks"]) for e in desk.named("PositionDeleveraged")]


def cut_first(name: str) -> Callable[[RuleSet], Desk]:
    """Return the situation in which ann's 100 lots need winners, and a stated one is cut first.

    Shorts at a mark of 85: `share` 40 from 120, rich (profit share 35/120, the highest); `lever` 40 from 100 with 1,000 of equity
    (15/100 x 3,400/1,000, the highest); `bound` 40 from 95 with 5,400 of equity and 3,000 of maintenance in another market
    (10/95 x 3,170/5,400, the highest by maintenance); `size` 70 from 88, rich (5,950, the largest); `bob` 60 from 100, rich.
    """

    def situation(rules: RuleSet) -> Desk:
        strict = replace(rules, tiers=flat_tier("40%", "30%"))
        desk = Desk(rules, more=[MarketSpec(linear("TWO"), strict)])
        desk.accounts(ann=1_000, eve=RICH, bob=RICH, share=RICH, lever=400, bound=5_000, size=RICH)
        desk.tick(100)
        desk.tick(100, market=1)
        desk.trade(desk.id("bound"), desk.id("eve"), 100, 100, 1)
        for buyer, seller, lots, price in (
            ("ann", "lever", 40, 100), ("ann", "bob", 60, 100), ("eve", "share", 40, 120), ("eve", "bound", 40, 95),
            ("eve", "size", 70, 88),
        ):  # fmt: skip
            desk.trade(desk.id(buyer), desk.id(seller), lots, price)
        desk.tick(85)
        expect("the first winner that is cut", cuts(desk)[0][0], name)
        return desk

    return situation


def in_proportion(rules: RuleSet) -> Desk:
    """Play the same situation: of 250 lots 100 are closed, floor(100 x lots so far / 250) by account id."""
    desk = cut_first("bob")(rules)
    wanted = [("bob", 24), ("share", 16), ("lever", 16), ("bound", 16), ("size", 28)]
    expect("everybody gives up the same share", [(name, lots) for name, lots, _ in cuts(desk)], wanted)
    return desk


def at_bankruptcy(rules: RuleSet) -> Desk:
    """Play a close against a winner at the bankruptcy price."""
    desk = ann_long(rules)
    desk.tick(85)
    expect("bob is cut", cuts(desk), [("bob", 100, 90)])
    expect("and gives up 100 x 5 against mark", desk.result().value.adl_transfer, 500)
    return desk


def at_mark(rules: RuleSet) -> Desk:
    """Play a close against a winner at mark, with the difference in the fund."""
    desk = ann_long(rules, fund=800)
    desk.tick(85)
    expect("bob is cut", cuts(desk), [("bob", 100, 85)])
    expect("the fund pays 100 x 5", desk.cash("fund"), 300)
    return desk


def losers_too(*names: str, dan: int = RICH) -> Callable[[RuleSet], Desk]:
    """Return the situation in which bob's 60 shorts from 100 are in profit at 85 and dan's 40 from 80 are not."""

    def situation(rules: RuleSet) -> Desk:
        desk = Desk(rules)
        desk.accounts(ann=1_000, bob=RICH, dan=dan, eve=RICH)
        desk.tick(100)
        desk.trade(desk.id("ann"), desk.id("bob"), 60, 100)
        desk.trade(desk.id("ann"), desk.id("eve"), 40, 100)
        desk.tick(96)
        desk.trade(desk.id("eve"), desk.id("dan"), 40, 80)
        desk.tick(85)
        expect("who is cut", tuple(name for name, _, _ in cuts(desk)), names)
        return desk

    return situation


SHORTS: Final = "five shorts that lead by profit share, by leverage, by maintenance, by notional, and by none"
LONG: Final = "a long of 100 lots from 100, bankrupt at 90, that nobody takes"

CARDS: Final = (
    Card("adl.rank=profit-leverage", SHORTS, "100 lots must be closed", "the one with 15 % at 3.4x first", cut_first("lever"), PINS),
    Card("adl.rank=profit", SHORTS, "100 lots must be closed", "the one with 29 % first", cut_first("share"), PINS),
    Card("adl.rank=profit-maintenance", SHORTS, "100 lots must be closed", "the one with most bound first", cut_first("bound"), PINS),
    Card("adl.rank=largest", SHORTS, "100 lots must be closed", "the one with 70 lots first", cut_first("size"), PINS),
    Card("adl.rank=wallet-profit", SHORTS, "100 lots must be closed", "the one with 600 on 400 of cash first", cut_first("lever"), PINS),
    Card("adl.rank=wallet-margin", SHORTS, "100 lots must be closed", "600 / 400 x 170 / 1,000 first", cut_first("lever"), PINS),
    Card("adl.rank=price-leverage", SHORTS, "100 lots must be closed", "100 / 85 x 3.4 first", cut_first("lever"), PINS),
    Card(
        "adl.rank=position-leverage", SHORTS, "100 lots must be closed", "10 / 95 x 3,400 / 289 first", cut_first("bound"),
        (*PINS, "close.cross_price=ratio"),
    ),
    Card("adl.rank=return-on-margin", SHORTS, "100 lots must be closed", "1,400 on 340 of margin first", cut_first("share"), PINS),
    Card("adl.rank=pro-rata", SHORTS, "100 lots must be closed", "each of 250 lots gives up two fifths", in_proportion, PINS),
    Card("adl.price=bankruptcy", LONG, "the mark falls to 85", "PositionDeleveraged at 90, transfer 500", at_bankruptcy, PINS),
    Card("adl.price=mark", LONG, "the mark falls to 85", "PositionDeleveraged at 85, FundPaid 500", at_mark, PINS),
    Card(
        "adl.eligible=profitable-first", f"{LONG}; 60 shorts in profit, 40 not", "the mark falls to 85", "both are cut, the winner first",
        losers_too("bob", "dan"), PINS,
    ),
    Card(
        "adl.eligible=profitable-only", f"{LONG}; 60 shorts in profit, 40 not", "the mark falls to 85", "only the winner is cut",
        losers_too("bob"), PINS,
    ),
    Card(
        "adl.eligible=all", f"{LONG}; 60 shorts in profit, 40 not, at thrice the leverage", "the mark falls to 85",
        "both are cut, the loser first", losers_too("dan", "bob", dan=1_500), (*PINS[:-1], "adl.rank=price-leverage"),
    ),
)  # fmt: skip
