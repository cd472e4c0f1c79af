"""Cards of the `close` slot."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Final

from shortfall.engine.exchange import MarketSpec
from shortfall.model.commands import TapePrice
from shortfall.testing.cards.card import Card
from shortfall.testing.cards.situations import RICH, ann_long, expect
from shortfall.testing.desk import Desk, flat_tier, linear

if TYPE_CHECKING:
    from collections.abc import Callable

    from shortfall.rules.ruleset import RuleSet

WHOLE: Final = (
    "amount.method=whole",
    "waterfall=fund",
    "takeover.fund=yes",
    "takeover.fund_capacity=0",
    "takeover.per_event=0",
)


def market_order(rules: RuleSet) -> Desk:
    """Play a close with bids only below bankruptcy, at 85."""
    desk = ann_long(rules, fund=700, bids=((100, 85),))
    desk.tick(85)
    expect("the book takes all of it", desk.position("maker"), (100, 8_500))
    expect("the account is short 100 x 5", desk.last("DeficitRealised")["deficit_quote"], 500)
    expect("the fund pays it", desk.cash("fund"), 200)
    return desk


def limited_at_bankruptcy(rules: RuleSet) -> Desk:
    """Play a close with bids for 40 above bankruptcy and for 60 below it."""
    desk = ann_long(rules, fund=RICH, bids=((40, 92), (60, 85)))
    desk.tick(85)
    expect("the book takes what is bid at bankruptcy or better", desk.position("maker")[0], 40)
    expect("the rest is taken over", desk.position("fund")[0], 60)
    price = desk.last("PositionTakenOver")["takeover_price_ticks"]
    expect("at a price that leaves nothing owed", desk.named("DeficitRealised"), [])
    expect("at the price where equity is zero", price, 90)
    return desk


def recorded(rules: RuleSet) -> Desk:
    """Play a close on a tape that says 89, with bids at 93 that are not touched."""
    desk = ann_long(rules, fund=1_000, bids=((100, 93),))
    desk.do(TapePrice(0, 89))
    desk.tick(94)
    expect("the outside world holds it at the recorded price", desk.position("outside USD"), (100, 8_900))
    expect("the book is untouched", desk.position("maker"), (0, 0))
    expect("the fund pays 100 x 1", desk.cash("fund"), 900)
    return desk


def surplus(ann: int, fund: int) -> Callable[[RuleSet], Desk]:
    """Return the situation in which a close at 93 leaves 300 of margin."""

    def situation(rules: RuleSet) -> Desk:
        desk = ann_long(rules, bids=((100, 93),))
        desk.tick(94)
        expect("cash of account and fund", (desk.cash("ann"), desk.cash("fund")), (ann, fund))
        return desk

    return situation


def closed_first(market: int) -> Callable[[RuleSet], Desk]:
    """Return the situation in which ann holds four markets and the first clip is in a stated one.

    Ten lots in the first; 100, the largest notional, in the second; 30 in the third, where maintenance is 30 %, the largest
    requirement (900); 20 in the fourth, whose price falls from 100 to 49, the largest loss (1,020). Equity 2,500 - 1,020 = 1,480
    against 50 + 500 + 900 + 49 = 1,499.
    """

    def situation(rules: RuleSet) -> Desk:
        strict = replace(rules, tiers=flat_tier("40%", "30%"))
        more = [
            MarketSpec(linear("TWO"), rules),
            MarketSpec(linear("THREE"), strict),
            MarketSpec(linear("FOUR"), rules),
        ]
        desk = Desk(rules, more=more)
        desk.accounts(ann=2_500, bob=RICH)
        desk.give("fund", RICH)
        for number, lots in enumerate((10, 100, 30, 20)):
            desk.tick(100, market=number)
            desk.trade(desk.id("ann"), desk.id("bob"), lots, 100, number)
        desk.tick(49, market=3)
        expect("the market of the first clip", desk.named("ClipClosed")[0].market, market)
        return desk

    return situation


def price_of_one(ticks: int) -> Callable[[RuleSet], Desk]:
    """Return the situation in which ann is long 100 in two markets and one falls to 88: equity 800 against 440 + 500."""

    def situation(rules: RuleSet) -> Desk:
        desk = Desk(rules, more=[MarketSpec(linear("TWO"), rules)])
        desk.accounts(ann=2_000, bob=RICH)
        desk.give("fund", RICH)
        for number in (0, 1):
            desk.tick(100, market=number)
            desk.trade(desk.id("ann"), desk.id("bob"), 100, 100, number)
        desk.tick(88)
        expect("bankruptcy price of the first clip", desk.named("ClipClosed")[0]["bankruptcy_price_ticks"], ticks)
        return desk

    return situation


LONG: Final = "a long of 100 lots from 100, bankrupt at 90"
FOUR: Final = "a cross account with one position each of lowest number, largest notional, requirement and loss"
TWO: Final = "a cross account with two positions, equity 800, requirements 440 and 500"

CARDS: Final = (
    Card(
        "close.style=market", f"{LONG}; bids at 85; 700 in the fund", "the mark falls to 85",
        "the book takes all at 85; DeficitRealised 500, FundPaid 500", market_order, WHOLE,
    ),
    Card(
        "close.style=bankruptcy", f"{LONG}; bids for 40 at 92 and 60 at 85", "the mark falls to 85",
        "40 are sold, 60 taken over at the price where equity is zero; no DeficitRealised", limited_at_bankruptcy,
        (*WHOLE, "close.surplus=trader"),
    ),
    Card("close.style=tape", f"{LONG}; the tape says 89", "the mark falls to 94", "FillImposed at 89, FundPaid 100", recorded, WHOLE),
    Card(
        "close.surplus=fund", f"{LONG}; bids at 93", "the mark falls to 94", "FundReceived 300, nothing stays", surplus(0, 300),
        (*WHOLE, "close.style=bankruptcy"),
    ),
    Card(
        "close.surplus=trader", f"{LONG}; bids at 93", "the mark falls to 94", "300 stay, no FundReceived", surplus(300, 0),
        (*WHOLE, "close.style=bankruptcy"),
    ),
    Card("close.cross_order=market", FOUR, "equity falls below maintenance", "first clip: lowest number", closed_first(0), WHOLE),
    Card("close.cross_order=notional", FOUR, "equity falls below maintenance", "first clip: largest notional", closed_first(1), WHOLE),
    Card("close.cross_order=requirement", FOUR, "equity falls below maintenance", "first clip: most required", closed_first(2), WHOLE),
    Card("close.cross_order=loss", FOUR, "equity falls below maintenance", "first clip: largest loss", closed_first(3), WHOLE),
    Card(
        "close.cross_price=ratio", TWO, "the first is closed at a mark of 88",
        "floor(800 x 440 / 940) = 374 stands beside it: ceil((8,800 - 374) / 100) = 85", price_of_one(85),
        (*WHOLE, "close.style=bankruptcy", "close.cross_order=market"),
    ),
    Card(
        "close.cross_price=all", TWO, "the first is closed at a mark of 88",
        "800 stand beside it: (8,800 - 800) / 100 = 80", price_of_one(80),
        (*WHOLE, "close.style=bankruptcy", "close.cross_order=market"),
    ),
)  # fmt: skip
