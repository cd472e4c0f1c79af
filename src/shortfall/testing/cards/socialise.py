"""Cards of the `socialise` slot and of the layers `socialise` and `haircut`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from shortfall.errors import ensure
from shortfall.kernels import layout as at
from shortfall.model.commands import Withdraw
from shortfall.testing.cards.card import Card
from shortfall.testing.desk import Desk

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from shortfall.rules.ruleset import RuleSet

RICH: Final = 1_000_000


def a_debtor(rules: RuleSet, fund: int = 0) -> Desk:
    """Return a desk where `debt` ends flat and 200 short.

    At 100: alice buys 10 of debt, carol buys 10 of dave. At 110 debt's short of 10 has lost 100. He had 120, is below maintenance
    (55) with 20, and buys back at the maker's 132: he is short of 10 x 132 - 1,000 - 120 = 200.
    Then alice and carol are 100 up each (equities 1,100 and 600), dave is 100 down (400), erin is flat with 300.
    """
    desk = Desk(rules)
    desk.accounts(alice=1_000, debt=120, carol=500, dave=500, erin=300)
    desk.account("house", RICH, at.HOUSE)
    if fund:
        desk.give("fund", fund)
    desk.tick(100)
    desk.trade(desk.id("alice"), desk.id("debt"), 10, 100)
    desk.trade(desk.id("carol"), desk.id("dave"), 10, 100)
    desk.ask(desk.id("house"), 10, 132)
    desk.tick(110)
    return desk


def shares(desk: Desk) -> dict[str, int]:
    """Return what each account was charged by name, rounding included."""
    names = {number: name for name, number in desk.exchange.names.ids.items()}
    charged: dict[str, int] = {}
    for name, amount in (("LossSocialised", "socialised_loss_quote"), ("ShareRounded", "amount_quote")):
        for event in desk.named(name):
            charged[names[event.account]] = charged.get(names[event.account], 0) + event[amount]
    return charged


def shared(expected: Mapping[str, int], fund: int = 0, paid: int = 0) -> Callable[[RuleSet], Desk]:
    """Return the situation in which a loss of 200 is shared as expected."""

    def situation(rules: RuleSet) -> Desk:
        desk = a_debtor(rules, fund)
        ensure(shares(desk) == expected, "a loss is shared on the stated base", was=shares(desk), expected=expected)
        said = sum(event["amount_quote"] for event in desk.named("FundPaid"))
        ensure(said == paid, "the fund pays what its place in the order leaves", was=said, expected=paid)
        return desk

    return situation


def withdrawn(outside: int, withheld: int) -> Callable[[RuleSet], Desk]:
    """Return the situation in which erin takes out 100 while debt owes 80 beyond the fund.

    Debt's liquidation waits. At 130 his short of 10 has lost 300: he had 120 and is 180 short; the fund holds 100, the gap is 80.
    Positive balances: 1,000 + 120 + 500 + 500 + 300 = 2,420. Withheld: ceil(100 x 80 / 2,500) = 4.
    """

    def situation(rules: RuleSet) -> Desk:
        desk = Desk(rules)
        desk.accounts(alice=1_000, debt=120, carol=500, dave=500, erin=300)
        desk.give("fund", 100)
        desk.tick(100)
        desk.trade(desk.id("alice"), desk.id("debt"), 10, 100)
        desk.tick(130)
        before = desk.cash("outside USD")
        desk.must(Withdraw(desk.id("erin"), 100))
        said = (desk.cash("outside USD") - before, desk.cash("fund") - 100, desk.cash("erin"))
        expected = (outside, withheld, 200)
        ensure(said == expected, "a withdrawal leaves its share of the gap to the fund", was=said, expected=expected)
        return desk

    return situation


BOOK: Final = ("close.style=market", "amount.method=whole", "profit.liquidation=counts", "close.cross_price=ratio")
ONLY: Final = (*BOOK, "waterfall=socialise", "socialise.max_haircut=100%", "socialise.index_scale=1")
SECOND: Final = (*BOOK, "waterfall=haircut", "socialise.max_haircut=100%", "socialise.index_scale=1")
LATE: Final = (*BOOK, "waterfall=fund", "engine.delay=1h")
BEFORE: Final = (
    "a liquidated account is flat and 200 short; two longs are 100 up, a short is 100 down, a fifth account is flat"
)
LOSS: Final = "the layer is asked for the 200"
GAP: Final = "an account that waits for its liquidation is 180 short at mark, the fund holds 100, deposits are 2,420"
TAKEN: Final = "a flat account withdraws 100"

# 200 over alice and carol, 100 up each
BY_PROFIT: Final = shared({"alice": 100, "carol": 100})
# lots: alice 10, carol 10, dave 10; delta = ceil(200 / 30) = 7 a lot
BY_POSITION: Final = shared({"alice": 70, "carol": 70, "dave": 70})
# equities 1,100, 600, 400, 300 of 2,400: cumulated 1,100 -> 91, 1,700 -> 141, 2,100 -> 175, 2,400 -> 200
BY_EQUITY: Final = shared({"alice": 91, "carol": 50, "dave": 34, "erin": 25})
# cash 1,000, 500, 500, 300 of 2,300: cumulated 1,000 -> 86, 1,500 -> 130, 2,000 -> 173, 2,300 -> 200
BY_DEPOSIT: Final = shared({"alice": 86, "carol": 44, "dave": 43, "erin": 27})
SITUATIONS: Final = {
    "profit": (BY_PROFIT, "alice and carol pay 100 each: all of their profit"),
    "position": (
        BY_POSITION,
        "delta = ceil(200 / 30) = 7 a lot: three holders of 10 lots pay 70 each, 10 go to the dust",
    ),
    "equity": (BY_EQUITY, "equities 1,100, 600, 400, 300 pay 91, 50, 34, 25"),
    "deposit": (BY_DEPOSIT, "balances 1,000, 500, 500, 300 pay 86, 44, 43, 27"),
}

CARDS: Final = (
    *(
        Card(f"socialise.base={name}", BEFORE, LOSS, words, situation, ONLY)
        for name, (situation, words) in SITUATIONS.items()
    ),
    *(
        Card(f"socialise.second_base={name}", BEFORE, LOSS, words, situation, SECOND)
        for name, (situation, words) in SITUATIONS.items()
    ),
    Card(
        "socialise.sides=both", BEFORE, LOSS, "delta = ceil(200 / 30) = 7: longs and shorts pay 70 each",
        BY_POSITION, (*ONLY, "socialise.base=position"),
    ),
    Card(
        "socialise.sides=long", BEFORE, LOSS, "delta = 200 / 20 = 10: the two longs pay 100 each",
        shared({"alice": 100, "carol": 100}), (*ONLY, "socialise.base=position"),
    ),
    Card(
        "socialise.sides=short", BEFORE, LOSS, "delta = 200 / 10 = 20: the only short pays 200",
        shared({"dave": 200}), (*ONLY, "socialise.base=position"),
    ),
    Card(
        "waterfall=socialise", BEFORE, LOSS, "the winners pay 100 each",
        BY_PROFIT, (*ONLY, "socialise.base=profit"),
    ),
    # profits 40 % of 200 = 80, the fund 50, the rest of 70 over cash 960, 460, 500, 300 of 2,220: cumulated 30, 44, 60, 70
    Card(
        "waterfall=haircut", f"{BEFORE}; the fund holds 50; one event takes at most 40 % of the bases",
        "waterfall socialise, fund, haircut is asked for the 200",
        "profits pay 40 + 40, the fund 50, deposits the last 70: 30, 14, 16, 10",
        shared({"alice": 70, "carol": 54, "dave": 16, "erin": 10}, fund=50, paid=50),
        (
            *BOOK, "waterfall=socialise,fund,haircut", "socialise.max_haircut=40%", "socialise.base=profit",
            "socialise.second_base=deposit",
        ),
    ),
    Card(
        "socialise.withdrawal=whole", GAP, TAKEN, "100 leave the venue", withdrawn(100, 0), LATE,
    ),
    Card(
        "socialise.withdrawal=cut", GAP, TAKEN, "96 leave the venue, ceil(100 x 80 / 2,500) = 4 go to the fund",
        withdrawn(96, 4), LATE,
    ),
)  # fmt: skip
