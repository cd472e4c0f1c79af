"""Choose tick, lot and smallest unit for a case: as fine as the engine's bounds allow, and every stated figure a whole number.

A price scale has at most 2**30 ticks, a position is worth less than 2**57 units at the highest price. A peer that counts in
billionths of a dollar over a wider range cannot be followed to its last unit: the case is then unsupported, not rounded.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from itertools import product
from typing import TYPE_CHECKING, Final

from shortfall.kernels import layout as at
from shortfall.model.contract import Contract, bounded_contract
from shortfall.units import Asset, Scale

from .outcome import Unsupported

if TYPE_CHECKING:
    from collections.abc import Sequence

FINEST: Final = 12
SMALLEST_UNIT: Final = 15


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a market has to be able to say.

    Parameters
    ----------
    symbol : str
        Its name.
    prices : tuple of Decimal
        Every price that is stated; the scale ends at twice the highest.
    sizes : tuple of Decimal
        Every size that is stated; their sum is the largest position.
    contract_value : Decimal
        What one unit of size stands for.
    inverse : bool
        Whether value is size over price.
    """

    symbol: str
    prices: tuple[Decimal, ...]
    sizes: tuple[Decimal, ...]
    contract_value: Decimal = Decimal(1)
    inverse: bool = False


def decimals_of(number: Decimal) -> int:
    """Return how many decimals a number has, trailing zeros left out."""
    exponent = number.normalize().as_tuple().exponent
    return max(0, -exponent) if isinstance(exponent, int) else 0


def fitted(markets: Sequence[Wanted], money: Fraction) -> tuple[Contract, ...]:
    """Return one contract a market, all settled in one asset that can hold `money`: finest ticks first, then smallest unit."""
    best: tuple[Contract, ...] | None = None
    best_rank = (-1, -1)
    for exponent in range(SMALLEST_UNIT, -1, -1):
        if money * 10**exponent >= at.MONEY_BOUND // 2:
            continue
        found = [_finest(market, exponent) for market in markets]
        contracts = tuple(contract for contract in found if contract is not None)
        rank = (sum(decimals_of(c.scale.tick_size) for c in contracts), exponent)
        if len(contracts) == len(markets) and rank > best_rank:
            best, best_rank = contracts, rank
    if best is None:
        raise Unsupported("price-span")
    return best


def _finest(market: Wanted, exponent: int) -> Contract | None:
    """Return the contract with the finest tick that this smallest unit allows, or None."""
    coarsest = max(map(decimals_of, market.prices))
    least_lot = max(map(decimals_of, market.sizes))
    for tick, lot in product(range(FINEST, coarsest - 1, -1), (least_lot,)):
        contract = _contract(market, Decimal(1).scaleb(-tick), Decimal(1).scaleb(-lot), exponent)
        if contract is not None:
            return contract
    return None


def _contract(market: Wanted, tick: Decimal, lot: Decimal, exponent: int) -> Contract | None:
    top = 2 * max(market.prices) / tick + 2
    part = 1 / Fraction(tick) if market.inverse else Fraction(tick)
    multiplier = Fraction(market.contract_value) * Fraction(lot) * part * 10**exponent
    if top > at.NO_PRICE or multiplier.denominator != 1 or not 0 < multiplier.numerator < at.POSITION_BOUND:
        return None
    scale = Scale(tick, lot, Asset("USD", exponent), market.inverse, market.contract_value)
    contract = bounded_contract(market.symbol, scale, int(top))
    lots = sum((abs(size) for size in market.sizes), Decimal(0)) / lot
    return contract if lots <= contract.max_position_lots else None
