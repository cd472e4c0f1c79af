"""A world: any situation written by hand, as records that are complete and checked before anything runs.

Accounts, markets and assets are numbered by their order in the file; the runner gives them their numbers in the engine.
Money is in smallest units, prices in ticks, sizes in lots with their sign.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from shortfall.engine.exchange import CollateralSpec, MarketSpec
    from shortfall.model.commands import Command
    from shortfall.rules.ruleset import RuleSet
    from shortfall.units import Asset

KINDS = ("trader", "maker", "holder")


@dataclass(frozen=True, slots=True)
class Where:
    """Where something stands in the file."""

    path: str
    line: int | None


@dataclass(frozen=True, slots=True)
class WorldMarket:
    """A market, its index sources and the price at which it opens."""

    spec: MarketSpec
    sources: tuple[str, ...]
    opening_ticks: int

    @property
    def symbol(self) -> str:
        """Return the market's name."""
        return self.spec.contract.symbol


@dataclass(frozen=True, slots=True)
class Position:
    """An opening position: signed lots at an entry price, against a counterparty that gets the opposite."""

    account: int
    market: int
    lots: int
    entry_ticks: int
    counterparty: int
    rate_ppm: int
    where: Where


@dataclass(frozen=True, slots=True)
class Account:
    """An account with the money it starts with."""

    name: str
    kind: str
    asset: int
    deposit: int
    collateral: tuple[tuple[int, int], ...]
    where: Where


@dataclass(frozen=True, slots=True)
class Action:
    """One command of a step or of the setup; its accounts and assets are numbered as in the file."""

    command: Command
    words: str
    where: Where
    moves_price: bool = False


@dataclass(frozen=True, slots=True)
class RuleChange:
    """A market switches to another rule set."""

    market: int
    rules: RuleSet
    words: str
    where: Where
    moves_price: bool = True


@dataclass(frozen=True, slots=True)
class Step:
    """What happens at one time, in the order in which it is written."""

    time_us: int
    note: str
    actions: tuple[Action | RuleChange, ...]


@dataclass(frozen=True, slots=True)
class World:
    """Everything a world file says.

    Parameters
    ----------
    title, question : str
        What it shows, for people.
    assets : tuple of Asset
        Settlement assets in the order of markets, then collateral assets: the engine's order.
    collaterals : tuple of CollateralSpec
        Assets that count as collateral.
    markets, accounts, positions, orders, steps : tuples
        The situation, and what happens to it.
    """

    title: str
    question: str
    assets: tuple[Asset, ...]
    collaterals: tuple[CollateralSpec, ...]
    markets: tuple[WorldMarket, ...]
    accounts: tuple[Account, ...]
    positions: tuple[Position, ...]
    orders: tuple[Action, ...]
    steps: tuple[Step, ...]

    @property
    def rule_changes(self) -> int:
        """Return how many rule changes the steps hold."""
        return sum(isinstance(action, RuleChange) for step in self.steps for action in step.actions)
