"""A fund fed at a constant rate and drained by a Poisson stream of exponential claims has a known probability of ruin.

Cramer (1930), Lundberg (1903): with rate `a` of claims, mean claim `m`, premium rate `c` > a m and capital `u`, the probability that the
capital is ever below zero is ``a m / c * exp(-(1 / m - a / c) u)``. Here the capital is the cash of the engine's own fund account, a
premium is a deposit, and a claim is an account without margin that is liquidated a tick below its entry: the deficit goes down
the waterfall like any other. Ruin is a claim that the fund does not cover.
"""

from __future__ import annotations

from math import exp

import numpy as np
import pytest

from shortfall.engine.exchange import Exchange, MarketSpec
from shortfall.kernels import layout as at
from shortfall.model.capacity import Capacity
from shortfall.model.commands import Clock, Deposit, ImposedFill, MarkTick, TapePrice
from shortfall.sim.sampling import wilson_interval
from shortfall.testing.desk import linear, rules_with

MEAN = 10_000  # of a claim, in units of money: so fine that rounding to units does not matter
LOADING = 1.0  # premiums are twice the expected claims
SAFE = 16  # mean claims of capital from which ruin has a probability of exp(-8) / 2 < 0.0002: a path ends there
ENTRY = 1_000
RULES = ("mark.method=imposed", "close.style=tape", "waterfall=fund")


class Fund:
    """An exchange with one fund and a debtor who comes back with every claim."""

    def __init__(self) -> None:
        spec = MarketSpec(linear(), rules_with(*RULES))
        self.exchange = Exchange(
            [spec], capacity=Capacity(accounts=64, positions=64, orders=64, pages=2, events=1 << 9)
        )
        self.fund = self.exchange.names.ids["fund"]
        self.outside = self.exchange.names.ids["outside USD"]
        self.debtor = self.exchange.open_account("debtor")
        self.now_us = 0

    def claim(self, amount: int) -> None:
        """Let an account without margin lose an amount: so many lots, bought at the entry, marked and closed one tick below."""
        self.mark(ENTRY)
        self.exchange.must(ImposedFill(self.debtor, 0, amount, ENTRY, self.outside))
        self.exchange.must(TapePrice(0, ENTRY - 1))
        self.mark(ENTRY - 1)
        self.exchange.read_event_rows()  # the ring of events is small: make room

    def mark(self, price: int) -> None:
        """Impose a mark and let a second pass."""
        self.now_us += 1_000_000
        self.exchange.must(MarkTick(0, price, self.now_us))
        self.exchange.must(Clock(self.now_us))

    @property
    def cash(self) -> int:
        """Return what the fund holds."""
        return self.exchange.balance(self.fund)

    @property
    def uncovered(self) -> int:
        """Return what nobody covered."""
        return self.exchange.stat(0, at.T_CARRIED)


def is_ruined(rng: np.random.Generator, capital: int) -> bool:
    """Run one path through the engine: claims with exponential waits and sizes until one is not covered or the fund is safe."""
    world = Fund()
    world.exchange.must(Deposit(world.fund, max(1, capital)))
    while world.cash < SAFE * MEAN:
        premium = round((1 + LOADING) * MEAN * float(rng.exponential()))
        world.exchange.must(Deposit(world.fund, max(1, premium)))
        world.claim(max(1, round(MEAN * float(rng.exponential()))))
        if world.uncovered:
            return True
    return False


def ruin(capital: int) -> float:
    """Return the probability by the formula: with twice the expected claims, 1/2 exp(-u / (2 m))."""
    share = 1 / (1 + LOADING)
    return share * exp(-(1 - share) * capital / MEAN)


def test_a_claim_is_paid_by_the_fund_to_the_unit_and_not_beyond_its_cash() -> None:
    world = Fund()
    world.exchange.must(Deposit(world.fund, 10_000))
    world.claim(7_000)
    assert (world.cash, world.uncovered) == (3_000, 0)
    world.claim(3_001)
    assert (world.cash, world.uncovered) == (0, 1)
    assert world.exchange.position(world.debtor, 0) == (0, 0)
    world.exchange.check_laws()


def test_the_formula_by_hand() -> None:
    assert ruin(0) == 0.5
    assert ruin(MEAN) == pytest.approx(0.303_265, abs=1e-6)  # exp(-0.5) / 2
    assert ruin(2 * MEAN) == pytest.approx(0.183_940, abs=1e-6)  # exp(-1) / 2


@pytest.mark.parametrize("capital", [0, MEAN, 2 * MEAN])
def test_the_engines_fund_is_ruined_as_often_as_the_formula_says(capital: int) -> None:
    rng = np.random.Generator(np.random.PCG64(capital + 1))
    paths = 1_000
    found = wilson_interval(sum(is_ruined(rng, capital) for _ in range(paths)), paths)
    assert found.covers(ruin(capital))
    assert found.high - found.low < 0.065
