"""Cards of the `counterparty` slot, and of the layer that it brings."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from shortfall.engine.exchange import CollateralSpec
from shortfall.errors import ensure
from shortfall.kernels import layout as at
from shortfall.model.commands import DeleverageWithPool, MoveCollateral, Order
from shortfall.testing.cards.card import Card
from shortfall.testing.desk import Desk, flat_tier
from shortfall.units import Asset

if TYPE_CHECKING:
    from collections.abc import Callable

    from shortfall.rules.ruleset import RuleSet

LARGE: Final = 100_000
GEM: Final = Asset("GEM", 0)
TIERS: Final = flat_tier("2%", "1%")
PLAIN: Final = (
    "profit.liquidation=counts", "profit.opening=counts", "amount.method=whole", "counterparty.spread=0",
    "counterparty.min_collateral=0", "counterparty.reserve=0", "counterparty.profit_cap=0",
    "counterparty.long_backing=100%", "counterparty.short_backing=100%", "counterparty.adl_start=0", "counterparty.adl_stop=0",
)  # fmt: skip
WITH_POOL: Final = (*PLAIN, "counterparty.kind=pool", "waterfall=liquidity", "close.surplus=trader")


def _desk(rules: RuleSet, cash: int, gems: int = 0) -> Desk:
    desk = Desk(rules, collaterals=[CollateralSpec(GEM, 500, 1)], liquidity="lp")
    desk.give("lp", cash)
    if gems:
        desk.must(MoveCollateral(desk.id("lp"), 1, gems))
    desk.tick(100)
    return desk


def _buy(desk: Desk, name: str, lots: int) -> None:
    desk.must(Order(desk.id(name), 0, lots))


def _says(desk: Desk, law: str, expected: dict[str, int], **found: int) -> Desk:
    ensure(found == expected, law, expected=expected, found=found)
    return desk


def through_the_book(rules: RuleSet) -> Desk:
    """Trade 10 lots with a resting order at 101 while mark is 100."""
    desk = _desk(rules, LARGE)
    desk.accounts(ann=5_000, bob=5_000)
    desk.trade(desk.id("ann"), desk.id("bob"), 10, 101)
    found = {"ann": desk.position("ann")[1], "bob": desk.position("bob")[0], "lp": desk.position("lp")[0]}
    return _says(desk, "the other side is an account of the book", {"ann": 1_010, "bob": -10, "lp": 0}, **found)


def with_the_pool(rules: RuleSet) -> Desk:
    """Buy 30 lots at 100 and sell them at 120: the pool loses the 600."""
    desk = _desk(rules, LARGE)
    desk.accounts(ann=5_000)
    _buy(desk, "ann", 30)
    held = desk.position("lp")[0]
    desk.tick(120)
    _buy(desk, "ann", -30)
    expected = {"held": -30, "lp": LARGE - 600, "ann": 5_600}
    return _says(desk, "the pool mirrors its traders", expected, held=held, lp=desk.cash("lp"), ann=desk.cash("ann"))


def loss_beyond_collateral(rules: RuleSet) -> Desk:
    """Lose 4,000 with 500 behind it: the pool has 500 more and gives up 3,500."""
    desk = _desk(rules, 1_000)
    desk.accounts(ann=500)
    _buy(desk, "ann", 100)
    desk.tick(60)
    absorbed = desk.last("LiquidityAbsorbed")["amount_quote"]
    expected = {"absorbed": 3_500, "lp": 1_500, "ann": 0}
    return _says(
        desk, "providers bear what is missing", expected, absorbed=absorbed, lp=desk.cash("lp"), ann=desk.cash("ann")
    )


def result_in(expected: dict[str, int]) -> Callable[[RuleSet], Desk]:
    """Return a situation in which 1,000 are won beside 10 gems at 500."""

    def situation(rules: RuleSet) -> Desk:
        desk = _desk(rules, LARGE, gems=100)
        ann = desk.account("ann")
        desk.must(MoveCollateral(ann, 1, 10))
        _buy(desk, "ann", 100)
        desk.tick(110)
        _buy(desk, "ann", -100)
        swapped = sum(-event["amount"] for event in desk.named("CollateralSwapped"))
        return _says(desk, "a profit is paid in what the rule says", expected, cash=desk.cash("ann"), gems=swapped)

    return situation


def cut_by_command(rules: RuleSet) -> Desk:
    """Refuse a cut at 110 (exactly 10 %), take it at 111."""
    desk = _desk(rules, 10_000)
    desk.accounts(ann=5_000)
    _buy(desk, "ann", 100)
    desk.tick(110)
    first = desk.do(DeleverageWithPool(desk.id("ann"), 0, 10))
    desk.tick(111)
    waits = desk.position("ann")[0]
    second = desk.do(DeleverageWithPool(desk.id("ann"), 0, 10))
    expected = {"first": -at.ADL_NOT_ENABLED, "waits": 100, "second": 10}
    return _says(
        desk, "winners are closed by command while ADL is on", expected, first=first, waits=waits, second=second
    )


def cut_by_rank(rules: RuleSet) -> Desk:
    """Close winners of 3,000 before 10,000 until the factor is 10 %: ann whole, then 222 of bob's 1,000."""
    desk = _desk(rules, 10_000)
    desk.accounts(ann=2_000, bob=50_000)
    _buy(desk, "ann", 100)
    desk.tick(110)
    _buy(desk, "bob", 100)
    desk.tick(120)
    expected = {"ann": 0, "bob": 78, "lp": 10_000 - 2_000 - 220}
    found = {"ann": desk.position("ann")[0], "bob": desk.position("bob")[0], "lp": desk.cash("lp")}
    return _says(desk, "the engine closes winners in rank order", expected, **found)


CARDS: Final = (
    Card(
        "counterparty.kind=book", "a resting offer of 10 lots at 101, mark 100, a pool that is not asked", "a trader buys 10 lots",
        "the seller of the order is short 10 at 101, the pool has nothing", through_the_book,
        (*PLAIN, "waterfall=fund"), TIERS,
    ),
    Card(
        "counterparty.kind=pool", "a pool with 100,000", "a trader buys 30 lots at 100 and sells them at 120",
        "the pool is short 30 in between and has 600 less at the end, the trader 600 more", with_the_pool, WITH_POOL, TIERS,
    ),
    Card(
        "waterfall=liquidity", "long 100 lots from 100 with 500, a pool with 1,000", "the price falls to 60",
        "the account loses its 500, the pool gains them and gives up the other 3,500", loss_beyond_collateral, WITH_POOL, TIERS,
    ),
    Card(
        "counterparty.settles_in=cash", "100 lots from 100 with 10 gems at 500 as collateral", "closed at 110",
        "1,000 in cash", result_in({"cash": 1_000, "gems": 0}), WITH_POOL, TIERS,
    ),
    Card(
        "counterparty.settles_in=kind", "100 lots from 100 with 10 gems at 500 as collateral", "closed at 110",
        "2 gems out of the pool", result_in({"cash": 0, "gems": 2}), WITH_POOL, TIERS,
    ),
    Card(
        "counterparty.adl=chosen", "100 lots from 100, a pool with 10,000, ADL above 10 %", "110, a command; 111, a command",
        "the first command is refused and nobody is cut without one; the second closes its 10 lots", cut_by_command,
        (*WITH_POOL, "counterparty.adl_start=10%"), TIERS,
    ),
    Card(
        "counterparty.adl=ranked", "winners of 2,000 (ann, more leverage) and 1,000 (bob), a pool with 10,000",
        "a price tick puts the factor at 30 %, above 20 %",
        "ann is closed whole, 22 of bob's 100 lots: 780 of 7,780 stay, not below 10 %", cut_by_rank,
        (*WITH_POOL, "adl.rank=profit-leverage", "adl.eligible=profitable-first",
         "counterparty.adl_start=20%", "counterparty.adl_stop=10%"),
        TIERS,
    ),
)  # fmt: skip
