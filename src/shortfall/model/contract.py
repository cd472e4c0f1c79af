"""What is traded: the contract's scales and bounds."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from shortfall.units import Scale


@dataclass(frozen=True, slots=True)
class Contract:
    """One market.

    Parameters
    ----------
    symbol : str
        Name in the venue's spelling.
    scale : Scale
        Tick, lot, settlement asset and contract value; it also knows whether the contract is inverse.
    max_price_ticks : int
        Exclusive bound of every price.
    max_position_lots : int
        Largest size of one account, its open orders of one side included.
    max_open_interest_lots : int
        Largest sum of positive sizes.
    """

    symbol: str
    scale: Scale
    max_price_ticks: int
    max_position_lots: int
    max_open_interest_lots: int

    @property
    def inverse(self) -> bool:
        """Say whether the contract is settled in its base asset."""
        return self.scale.inverse

    @property
    def multiplier(self) -> int:
        """Return settlement units per tick and lot (linear), or the constant over the price (inverse)."""
        return self.scale.multiplier

    @property
    def pages_log2(self) -> int:
        """Return log2 of the pages of 1,024 price levels that cover the price scale (at least 32)."""
        pages = (self.max_price_ticks + 1023) >> 10
        return max(5, (pages - 1).bit_length())


def bounded_contract(symbol: str, scale: Scale, max_price_ticks: int) -> Contract:
    """Return a contract with the widest bounds on size that its price scale allows."""
    highest = 1 if scale.inverse else max_price_ticks
    each = scale.multiplier * highest
    lots = min((1 << 57) // (each + 1), 1 << 40)
    interest = min((1 << 61) // (each + 1), 1 << 45)
    return Contract(symbol, scale, max_price_ticks, max(1, lots - 1), max(1, interest - 1))
