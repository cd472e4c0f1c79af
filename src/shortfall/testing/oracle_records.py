"""What the oracle knows: rules, orders, clips and markets as plain records, and exact rounding."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from fractions import Fraction


@dataclass(frozen=True, slots=True)
class Tier:
    """A bracket: notional up to `top` (None for the last), margin rates, and what is deducted from maintenance."""

    top: int | None
    initial_ppm: int
    maintenance_ppm: int
    amount: int


@dataclass(frozen=True, slots=True)
class OracleRules:
    """What the oracle knows of a rule set."""

    tiers: tuple[Tier, ...]
    waterfall: tuple[str, ...]
    close_at_bankruptcy: bool
    down_one_tier: bool
    fund_takes: bool
    fund_capacity_ppm: int
    liquidation_fee_ppm: int
    surplus_to_fund: bool


@dataclass(slots=True)
class Resting:
    """An order in the book."""

    account: str
    order: int
    lots: int
    price: int


@dataclass(slots=True)
class Clip:
    """What somebody must close against winners."""

    lots: int
    price: int


@dataclass(slots=True)
class Market:
    """Book, positions and prices of one market."""

    rules: OracleRules
    mark: int = 0
    top: int = 0
    bids: list[Resting] = field(default_factory=list)
    asks: list[Resting] = field(default_factory=list)
    size: dict[str, int] = field(default_factory=dict)
    cost: dict[str, int] = field(default_factory=dict)
    settlement: int = 0
    clips: list[Clip] = field(default_factory=list)
    clearing: str = ""


def floor(x: Fraction) -> int:
    """Round down."""
    return x.numerator // x.denominator


def ceil(x: Fraction) -> int:
    """Round up."""
    return -(-x.numerator // x.denominator)
