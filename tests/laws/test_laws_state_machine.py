# ruff: noqa: D102, PLR0917  the name of a rule of the machine is its sentence, and it has as many parameters as the command
"""The whole command set as a Hypothesis state machine: whatever is asked, the laws hold and the auditor finds nothing."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from shortfall.engine.exchange import CollateralSpec, MarketSpec
from shortfall.kernels import layout as at
from shortfall.model.capacity import Capacity
from shortfall.model.commands import (
    AssetPrice,
    Cancel,
    CancelAll,
    Clock,
    Command,
    Deposit,
    Halt,
    ImposedFill,
    IndexTick,
    MarkTick,
    MoveCollateral,
    Order,
    SetLeverage,
    SettleFunding,
    SourceWeight,
    TapePrice,
    Transfer,
    UseRules,
    Withdraw,
)
from shortfall.testing.desk import Desk, linear
from shortfall.testing.laws import ValueBookCheck, check_latent, check_nobody_overlooked
from shortfall.testing.random_rules import random_rules
from shortfall.testing.random_worlds import GEM

if TYPE_CHECKING:
    from collections.abc import Sequence

T = TypeVar("T")
PEOPLE = 6
SPARE_ROWS = 4
people = st.integers(0, PEOPLE - 1)
markets = st.integers(0, 1)
prices = st.one_of(st.integers(80, 125), st.integers(30, 400), st.sampled_from([0, -1, 1, 5_000, 1 << 16, 1 << 50]))
lots = st.one_of(st.integers(1, 20), st.sampled_from([0, 100, 400, 1 << 41]))
money = st.one_of(st.integers(1, 3_000), st.sampled_from([0, -5, 1 << 61]))
seconds = st.sampled_from([0, 1, 500_000, 1_000_000, 30_000_000])
ids = st.integers(0, 9)


class Venue(RuleBasedStateMachine):
    """Two linear markets on one fund, random rules, six people, gems as collateral."""

    @initialize(data=st.data())
    def build(self, data: st.DataObject) -> None:
        def choose(options: Sequence[T]) -> T:
            return options[data.draw(st.integers(0, len(options) - 1))]

        sets = [random_rules(choose) for _ in range(2)]
        other = MarketSpec(linear("TWO", 1 << 16), sets[1], "fund", "pool", "backstop", (500_000, 500_000))
        room = Capacity(accounts=64, positions=128, orders=512, pages=64, events=1 << 12, rule_sets=8, clips=256)
        self.desk = Desk(
            sets[0], linear("ONE", 1 << 16), more=[other], collaterals=[CollateralSpec(GEM, 20, 7, 150_000)],
            pool="pool", backstop="backstop", capacity=room,
        )  # fmt: skip
        self.exchange = self.desk.exchange
        self.value = ValueBookCheck(self.exchange)
        self.read = 0
        for k in range(PEOPLE):
            self.desk.account(
                f"person {k}", data.draw(st.sampled_from([300, 1_000, 5_000])), at.MAKER if k == 0 else at.TRADER
            )
        for name in ("fund", "pool", "backstop"):
            cash = data.draw(st.sampled_from([0, 100, 5_000]))
            if cash:
                self.desk.give(name, cash)
        for row in range(2, 2 + SPARE_ROWS):
            for packed in self.exchange.rule_rows(0, random_rules(choose), row):
                self.exchange.submit_row(packed)
        for market in (0, 1):
            self.desk.tick(100, market)
        self.looked_at = True

    def person(self, k: int) -> int:
        return self.desk.id(f"person {k}")

    def do(self, command: Command, *, judges: bool = False) -> None:
        result = self.desk.do(command)
        self.looked_at = judges and result >= 0

    @rule(k=people, market=markets, size=lots, sell=st.booleans(), price=prices, order=ids,
          kind=st.sampled_from(["gtc", "gtc", "ioc", "fok"]), post=st.booleans(), reduce=st.booleans())  # fmt: skip
    def order(
        self, k: int, market: int, size: int, price: int, order: int, kind: str, *, sell: bool, post: bool, reduce: bool
    ) -> None:
        signed = -size if sell else size
        self.do(
            Order(
                self.person(k),
                market,
                signed,
                price,
                kind,
                post_only=post and kind == "gtc",
                reduce_only=reduce,
                order=order,
            )
        )

    @rule(a=people, b=people, market=markets, size=st.integers(1, 40), price=st.integers(90, 110))
    def trade(self, a: int, b: int, market: int, size: int, price: int) -> None:
        self.do(Order(self.person(a), market, -size, price))
        self.do(Order(self.person(b), market, size, price))

    @rule(k=people, market=markets, size=lots, sell=st.booleans())
    def market_order(self, k: int, market: int, size: int, *, sell: bool) -> None:
        self.do(Order(self.person(k), market, -size if sell else size))

    @rule(k=people, order=ids)
    def cancel(self, k: int, order: int) -> None:
        self.do(Cancel(self.person(k), order))

    @rule(k=people, market=st.integers(-1, 1))
    def cancel_all(self, k: int, market: int) -> None:
        self.do(CancelAll(self.person(k), market))

    @rule(k=people, amount=money)
    def deposit(self, k: int, amount: int) -> None:
        self.do(Deposit(self.person(k), amount))

    @rule(k=people, amount=money)
    def withdraw(self, k: int, amount: int) -> None:
        self.do(Withdraw(self.person(k), amount))

    @rule(k=people, amount=money, name=st.sampled_from(["fund", "pool", "backstop", "person 1"]))
    def transfer(self, k: int, amount: int, name: str) -> None:
        self.do(Transfer(self.desk.id(name), self.person(k), amount))

    @rule(market=markets, price=prices, wait=seconds, source=st.integers(0, 1))
    def index(self, market: int, price: int, wait: int, source: int) -> None:
        self.desk.now_us += wait
        self.do(IndexTick(market, price, self.desk.now_us, source), judges=True)

    @rule(market=markets, price=prices)
    def late_index(self, market: int, price: int) -> None:
        self.do(IndexTick(market, price, 0), judges=True)

    @rule(market=markets, price=prices)
    def mark(self, market: int, price: int) -> None:
        self.do(MarkTick(market, price, self.desk.now_us), judges=True)

    @rule(market=markets, price=prices)
    def tape(self, market: int, price: int) -> None:
        self.do(TapePrice(market, price))

    @rule(wait=seconds)
    def clock(self, wait: int) -> None:
        self.desk.now_us = max(self.desk.now_us, int(self.exchange.state.header[at.H_NOW])) + wait
        self.do(Clock(self.desk.now_us), judges=True)

    @rule(market=markets, rate=st.one_of(st.none(), st.integers(-50_000_000, 50_000_000), st.just(1 << 62)))
    def funding(self, market: int, rate: int | None) -> None:
        self.do(SettleFunding(market, rate), judges=True)

    @rule(market=markets, row=st.integers(-1, 8))
    def change_rules(self, market: int, row: int) -> None:
        self.do(UseRules(market, row), judges=True)

    @rule(market=markets, state=st.sampled_from([0, 0, 1, 2, 3]))
    def halt(self, market: int, state: int) -> None:
        self.do(Halt(market, state))

    @rule(a=people, b=people, market=markets, size=st.integers(-30, 30), price=prices)
    def impose(self, a: int, b: int, market: int, size: int, price: int) -> None:
        self.do(ImposedFill(self.person(a), market, size, price, self.person(b)))

    @rule(k=people, amount=st.sampled_from([500, 100, -100, -300, 0]))
    def collateral(self, k: int, amount: int) -> None:
        self.do(MoveCollateral(self.person(k), self.exchange.names.assets[GEM.code], amount))

    @rule(price=st.sampled_from([25, 20, 10, 2, 1, 0, -1]))
    def collateral_price(self, price: int) -> None:
        self.do(AssetPrice(self.exchange.names.assets[GEM.code], price), judges=True)

    @rule(k=people, market=markets, rate=st.sampled_from([0, 50_000, 500_000, 2_000_000]))
    def leverage(self, k: int, market: int, rate: int) -> None:
        self.do(SetLeverage(self.person(k), market, rate))

    @rule(market=markets, source=st.integers(-1, 2), weight=st.sampled_from([0, 300_000, 1_000_000, -1]))
    def source(self, market: int, source: int, weight: int) -> None:
        self.do(SourceWeight(market, source, weight))

    @invariant()
    def laws_hold(self) -> None:
        if not hasattr(self, "value"):
            return
        import numpy as np  # noqa: PLC0415  only here rows are an array

        fresh = self.desk.rows[self.read :]
        self.read = len(self.desk.rows)
        if fresh:
            self.value.read(np.array(fresh, np.int64))
        self.value.check()
        check_latent(self.exchange)
        if self.looked_at:
            check_nobody_overlooked(self.exchange)


Venue.TestCase.settings = settings(
    max_examples=60,
    stateful_step_count=50,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)
TestWhateverIsAsked = Venue.TestCase
