"""Run bundled worlds once each and read their figures as decimals in human units."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from functools import cache
from typing import TYPE_CHECKING

import pytest

from shortfall.cli.worlds import world_text
from shortfall.sim.world_books import CashBook, cash_book, value_lines
from shortfall.sim.world_cases import Clip, Handover, Liquidation, liquidations_of
from shortfall.sim.world_reading import read_world
from shortfall.sim.world_running import WorldRun, run_world
from shortfall.sim.world_text import Wording

if TYPE_CHECKING:
    from collections.abc import Callable


@dataclass(frozen=True, slots=True)
class Ran:
    """A world that ran, read in human units."""

    run: WorldRun

    def units(self, amount: int, market: int = 0) -> Decimal:
        """Return money of a market's asset."""
        return Decimal(amount).scaleb(-Wording(self.run).asset(market).exponent)

    def number(self, name: str) -> int:
        """Return an account's engine number."""
        return self.run.exchange.names.ids[name]

    def cash(self, name: str, step: int = -1) -> Decimal:
        """Return an account's cash after a step."""
        return self.units(self.run.steps[step].holdings[self.number(name)].balance)

    def equity(self, name: str, step: int = -1) -> Decimal:
        """Return an account's equity at mark after a step."""
        return self.units(self.run.steps[step].holdings[self.number(name)].equity)

    def size(self, name: str, market: int = 0, step: int = -1) -> Decimal:
        """Return an account's signed size after a step."""
        held = self.run.steps[step].holdings[self.number(name)].positions
        lots = next((size for m, size, _ in held if m == market), 0)
        return Decimal(Wording(self.run).scale(market).size_text(lots))

    def mark(self, market: int = 0, step: int = -1) -> Decimal:
        """Return the mark after a step."""
        return Decimal(Wording(self.run).price(market, self.run.steps[step].prices[market].mark))

    def value(self, market: int = 0) -> dict[str, Decimal]:
        """Return the layers of the value book that are not zero."""
        return {line.key: self.units(line.amount, market) for line in value_lines(self.run, market) if line.amount != 0}

    def book(self, market: int = 0) -> CashBook:
        """Return the cash book."""
        return cash_book(self.run, market)

    def cases(self) -> list[Liquidation]:
        """Return the liquidations."""
        return liquidations_of(self.run)

    def price(self, ticks: int, market: int = 0) -> Decimal:
        """Return a price."""
        return Decimal(Wording(self.run).price(market, ticks))

    def allocated(self, clip: Clip) -> Decimal:
        """Return the equity that stood beside a clip's position."""
        return self.units(Wording(self.run).allocated(clip), clip.market)

    def given_up(self, row: Handover) -> Decimal:
        """Return what a receiver of lots gave up against mark."""
        return self.units(Wording(self.run).given_up(row), row.market)


@cache
def _ran(name: str) -> Ran:
    return Ran(run_world(read_world(world_text(name))))


@pytest.fixture
def bundled() -> Callable[[str], Ran]:
    """Return a function that runs a bundled world."""
    return _ran
