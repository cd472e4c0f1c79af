"""Cards of the `realisation` slot, and of what belongs to settlements: handing an account over, selling inventory by schedule."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from shortfall.errors import ensure
from shortfall.kernels import layout as at
from shortfall.model.commands import ImposedFill, Order, SettleFunding
from shortfall.testing.cards.card import Card
from shortfall.testing.desk import Desk, flat_tier

if TYPE_CHECKING:
    from collections.abc import Callable

    from shortfall.rules.ruleset import RuleSet

RICH: Final = 1_000_000
SHORT_LOTS: Final = 210
THIN: Final = flat_tier("1%", "0.1%")
POOL_PAYS: Final = (
    "waterfall=fund",
    "close.style=handover",
    "takeover.fund=yes",
    "takeover.fund_capacity=0",
    "takeover.per_event=0",
    "takeover.leverage=0",
    "amount.method=whole",
)


def trade_and_reduce(cash: int, cost: int) -> Callable[[RuleSet], Desk]:
    """Return a situation in which a long of 10 bought at 100 sells 4 at 110 while the mark stays at 100.

    At average entry the 4 lots cost 400 and fetch 440: 40 is cash at once, the 6 left cost 600. As a running cost the position
    cost 1,000 and received 440: 560, and cash stays.
    """

    def situation(rules: RuleSet) -> Desk:
        desk = Desk(rules)
        anna, bob = desk.accounts(anna=RICH, bob=RICH)
        desk.tick(100)
        desk.must(ImposedFill(anna, 0, 10, 100, bob))
        desk.must(ImposedFill(anna, 0, -4, 110, bob))
        held = desk.position("anna")
        ensure(
            desk.cash("anna") == RICH + cash, "cash is what the entry makes of a reducing trade", cash=desk.cash("anna")
        )
        ensure(held == (6, cost), "the position costs what the entry leaves in it", held=held, expected=(6, cost))
        return desk

    return situation


def two_losers_fail(remainder: int, last: int) -> Callable[[RuleSet], Desk]:
    """Return a situation in which two shorts owe 700 and 1,400 and have 500 and 1,100; the winners are due 1,400 and 700.

    The pot is 1,600 of 2,100: floor(1,400 x 1,600 / 2,100) = 1,066 and floor(700 x 1,600 / 2,100) = 533; one unit is left.
    """

    def situation(rules: RuleSet) -> Desk:
        desk = Desk(rules)
        poor, less_poor, anna, bob = desk.accounts(poor=500, less_poor=1_100, anna=RICH, bob=RICH)
        desk.tick(1_000)
        desk.must(ImposedFill(poor, 0, -70, 1_000, anna))
        desk.must(ImposedFill(less_poor, 0, -70, 1_000, anna))
        desk.must(ImposedFill(less_poor, 0, -70, 1_000, bob))
        desk.tick(1_010)
        got = (desk.cash("anna") - RICH, desk.cash("bob") - RICH)
        ensure(got == (1_066, last), "gains are cut pro rata", got=got, expected=(1_066, last))
        ensure(desk.cash("dust USD") == remainder, "the remainder goes where the rule says", dust=desk.cash("dust USD"))
        taken = desk.position("fund")[0]
        ensure(taken == -SHORT_LOTS, "the losers' positions are handed over", held=taken)
        return desk

    return situation


def handed_over(rules: RuleSet) -> Desk:
    """Hand over a long of 10 at 100 with 40 left of its cash when 50 is asked: the fund has 10 at 1,000 and 40 more."""
    desk = Desk(rules)
    anna, bob = desk.accounts(anna=60, bob=RICH)
    desk.give("fund", 500)
    desk.tick(102)
    desk.must(ImposedFill(anna, 0, 10, 102, bob))
    desk.bid(bob, 10, 101)  # nobody asks the book
    desk.tick(100)
    ensure(desk.position("fund") == (10, 1_000), "the fund takes the position at mark", held=desk.position("fund"))
    cash = (desk.cash("anna"), desk.cash("fund"))
    ensure(cash == (0, 540), "what is left of the cash goes with it", cash=cash)
    return desk


def sold_by_schedule(rules: RuleSet) -> Desk:
    """Sell 280 lots at 150 into 10,000 bid at 145: half each 10 s, at most 1 % of the book, all of it from 50 lots on.

    1 % of 10,000 is 100 (of 140); half of 180 is 90; half of 90 is 45; 45 is below 50 and goes whole.
    """
    desk = Desk(rules)
    anna = desk.account("anna", 0)
    desk.account("far", 0, at.HOUSE)
    desk.give("fund", RICH)
    maker = desk.account("maker", 10 * RICH, at.MAKER)
    desk.tick(150)
    desk.must(Order(maker, 0, 10_000, 145))
    desk.must(ImposedFill(anna, 0, 280, 150, desk.id("far")))
    desk.tick(150)
    for _ in range(4):
        desk.wait(10_000_000)
        desk.wait(1)  # not before the step is over
    sold = [event["lots"] for event in desk.named("InventorySold")]
    ensure(sold == [-100, -90, -45, -45], "inventory is sold by schedule", sold=sold)
    return desk


def funding_with_half_units(fund: int) -> Callable[[RuleSet], Desk]:
    """Return a situation in which funding is 999.5: the payer pays 1,000, the receiver gets 999, one unit is left."""

    def situation(rules: RuleSet) -> Desk:
        desk = Desk(rules)
        anna, bob = desk.accounts(anna=RICH, bob=RICH)
        desk.tick(1)
        desk.must(ImposedFill(anna, 0, 1_999, 1, bob))
        desk.must(SettleFunding(0, 500_000_000))
        paid = (RICH - desk.cash("anna"), desk.cash("bob") - RICH)
        ensure(paid == (1_000, 999), "payers round up, receivers down", paid=paid)
        kept = (desk.cash("fund"), desk.cash("dust USD"))
        ensure(kept == (fund, 1 - fund), "the remainder goes where the rule says", kept=kept)
        return desk

    return situation


REDUCED: Final = "a long of 10 bought at 100, mark at 100"
SELLS: Final = "4 lots are sold at 110"
FAILING: Final = "two shorts who cannot pay in full when the mark rises by 10, no money in the fund"
MOVES: Final = "the mark rises"
HALVES: Final = "a long and a short whose funding is 999.5"

CARDS: Final = (
    Card("realisation.method=average-entry", REDUCED, SELLS, "40 is cash, 6 lots cost 600", trade_and_reduce(40, 600)),
    Card("realisation.method=quote-balance", REDUCED, SELLS, "cash stays, 6 lots cost 560", trade_and_reduce(0, 560)),
    Card(
        "realisation.method=mark-to-market", FAILING, MOVES, "winners due 1,400 and 700 get 1,066 and 533, one unit is dust",
        two_losers_fail(1, 533), pins=(*POOL_PAYS, "realisation.remainder=dust", "realisation.interval=0"), tiers=THIN,
    ),
    Card(
        "realisation.remainder=dust", FAILING, MOVES, "winners due 1,400 and 700 get 1,066 and 533, one unit is dust",
        two_losers_fail(1, 533), pins=(*POOL_PAYS, "realisation.method=mark-to-market", "realisation.interval=0"), tiers=THIN,
    ),
    Card(
        "realisation.remainder=last-winner", FAILING, MOVES, "winners due 1,400 and 700 get 1,066 and 534",
        two_losers_fail(0, 534), pins=(*POOL_PAYS, "realisation.method=mark-to-market", "realisation.interval=0"), tiers=THIN,
    ),
    Card(
        "close.style=handover", "a long of 10 whose cash of 40 at mark 100 is below its maintenance margin of 50", MOVES,
        "the fund has the position at mark and the 40", handed_over,
        pins=(*POOL_PAYS, "close.surplus=fund", "amount.method=whole", "realisation.method=average-entry"),
    ),
    Card(
        "unwinding.method=schedule", "the fund holds 280 lots, 10,000 are bid", "time passes in steps of 10 s",
        "100, 90, 45 and 45 lots are sold", sold_by_schedule,
        pins=(*POOL_PAYS, "unwinding.step=10s", "unwinding.fraction=50%", "unwinding.full_lots=50", "unwinding.book_share=1%",
              "unwinding.depth_band=100%", "unwinding.taker_fee=0", "amount.method=whole"),
    ),
    Card("funding.remainder=dust", HALVES, "funding is settled", "the dust account keeps one unit", funding_with_half_units(0)),
    Card("funding.remainder=fund", HALVES, "funding is settled", "the fund gets one unit", funding_with_half_units(1)),
)  # fmt: skip
