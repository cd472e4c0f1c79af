"""Random worlds through the core and through the oracle, which shares no code with it: the same balances and positions."""

from __future__ import annotations

import random
from decimal import Decimal

import pytest

from shortfall.engine.exchange import MarketSpec
from shortfall.kernels import layout as at
from shortfall.model.commands import Cancel, Deposit, IndexTick, Order
from shortfall.rules.ruleset import MarginTier, RuleSet
from shortfall.testing.desk import Desk, linear, rules_with
from shortfall.testing.oracle import Oracle
from shortfall.testing.oracle_records import OracleRules, Tier

TOP = 1 << 16
LADDERS = {
    "flat": (MarginTier(None, 100_000, 50_000),),
    "tight": (MarginTier(None, 20_000, 10_000),),
    "steps": (
        MarginTier(Decimal(2_000), 40_000, 20_000),
        MarginTier(Decimal(8_000), 100_000, 50_000),
        MarginTier(None, 250_000, 125_000),
    ),
}
WATERFALLS = (
    ("fund", "adl"),
    ("adl",),
    ("fund", "socialise"),
    ("socialise",),
    ("fund",),
    (),
    ("adl", "fund"),
    ("fund", "adl", "socialise"),
)


def rules_pair(draw: random.Random) -> tuple[RuleSet, OracleRules]:
    """Return the same rules twice: for the core and for the oracle."""
    tiers = LADDERS[draw.choice(sorted(LADDERS))]
    waterfall, style, amount = (
        draw.choice(WATERFALLS),
        draw.choice(("market", "bankruptcy")),
        draw.choice(("whole", "tier")),
    )
    capacity, fee = draw.choice((0, 300_000, 1_000_000)), draw.choice((0, 10_000))
    takes, surplus = draw.choice(("yes", "yes", "no")), draw.choice(("fund", "trader"))
    rules = rules_with(
        f"close.style={style}", f"amount.method={amount}", f"takeover.fund={takes}", f"takeover.fund_capacity={capacity}ppm",
        f"close.liquidation_fee={fee}ppm", f"close.surplus={surplus}", "unwinding.method=hold", f"waterfall={','.join(waterfall)}",
        tiers=tiers,
    )  # fmt: skip
    amounts, floor, known = [0], 0, []
    for k, tier in enumerate(tiers):
        if k:
            amounts.append(amounts[-1] + floor * (tier.maintenance_ppm - tiers[k - 1].maintenance_ppm) // 1_000_000)
        floor = int(tier.top_notional or 0)
        top = None if k == len(tiers) - 1 else floor
        known.append(Tier(top, tier.initial_ppm, tier.maintenance_ppm, amounts[k]))
    simple = OracleRules(
        tuple(known),
        waterfall,
        style == "bankruptcy",
        amount == "tier",
        takes == "yes",
        capacity,
        fee,
        surplus == "fund",
    )
    return rules, simple


class Pair:
    """The core and the oracle, told the same."""

    def __init__(self, seed: int) -> None:
        self.draw = random.Random(seed)  # noqa: S311  a test's dice
        pairs = [rules_pair(self.draw) for _ in range(2)]
        self.desk = Desk(pairs[0][0], linear("ONE", TOP), more=[MarketSpec(linear("TWO", TOP), pairs[1][0])])
        self.oracle = Oracle([simple for _, simple in pairs], TOP)
        self.names = [f"person {k}" for k in range(10)]
        self.order = 0
        for k, name in enumerate(self.names):
            number = self.desk.account(name)
            self.oracle.open(name, number, k % 2)
            self.deposit(name, self.draw.choice((100, 400, 1_000, 5_000)))
        self.deposit("fund", self.draw.choice((1, 300, 3_000)))
        for market in (0, 1):
            self.tick(market, 100)

    def deposit(self, name: str, amount: int) -> None:
        """Bring money to both."""
        self.desk.must(Deposit(self.desk.id(name), amount))
        self.oracle.deposit(name, amount)

    def tick(self, market: int, price: int) -> None:
        """Give both a price."""
        self.desk.now_us += 1_000
        self.desk.must(IndexTick(market, price, self.desk.now_us))
        self.oracle.tick(market, price)

    def step(self) -> None:
        """Do something random to both."""
        what, name = self.draw.random(), self.draw.choice(self.names)
        market = self.oracle.home[name]
        mark = self.oracle.markets[market].mark
        if what < 0.72:
            lots = self.draw.choice((1, 2, 5, 11, 40)) * self.draw.choice((1, -1))
            price = max(1, mark + self.draw.choice((0, 0, 1, -1, 3, -3, 9, -9)))
            kind = self.draw.choice(("gtc", "gtc", "ioc"))
            self.order += 1
            done = self.desk.do(Order(self.desk.id(name), market, lots, price, kind, order=self.order))
            expected = self.oracle.order(market, name, lots, price, self.order, rests=kind == "gtc")
            assert (done if done >= 0 else None) == expected
        elif what < 0.78:
            order = self.draw.randint(1, max(1, self.order))
            self.desk.do(Cancel(self.desk.id(name), order))
            self.oracle.cancel(name, order)
        elif what < 0.8:
            self.deposit(name, self.draw.choice((50, 500)))
        else:
            jump = self.draw.choice((1, -1, 2, -2, 5, -5, 12, -12, 30, -30))
            self.tick(market, max(3, min(400, mark + jump)))
        self.compare()

    def compare(self) -> None:
        """Compare every balance and position, fund and clearing included."""
        for name in [*self.names, "fund"]:
            assert self.desk.cash(name) == self.oracle.cash[name], name
            for k, market in enumerate(self.oracle.markets):
                assert self.desk.position(name, k) == (market.size.get(name, 0), market.cost.get(name, 0)), (name, k)
        for k, market in enumerate(self.oracle.markets):
            clearing = f"clearing {'ONE' if k == 0 else 'TWO'}"
            assert self.desk.cash(clearing) == self.oracle.cash[market.clearing]
            assert self.desk.position(clearing, k)[0] == market.size.get(market.clearing, 0)
            assert self.desk.exchange.price(k, at.M_SETTLEMENT) == market.settlement


@pytest.mark.parametrize("start", range(0, 60, 10))
def test_the_core_does_what_the_oracle_says(start: int) -> None:
    liquidations = 0
    for seed in range(start, start + 10):
        pair = Pair(seed)
        for _ in range(150):
            pair.step()
        liquidations += len(pair.desk.named("ClipClosed"))
    assert liquidations > 0
