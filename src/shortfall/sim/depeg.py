"""A fall of the assets that accounts hold as collateral, at once and before the first tick of a scenario.

Problem: a venue counts several assets as margin at its own index of each, and such an index can fall in minutes (USDe, wBETH and BNSOL on
Binance, 10 October 2025). What has fallen no longer backs the position, and who was safe is liquidated at prices that did not move.
Observation: the ledger of a laboratory is in the settlement asset, so a fall of collateral is a fall of the balance in it.
Therefore some accounts lose a stated share of their balance's worth before the scenario starts; positions, prices and the fund stay.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np

from shortfall.engine.bulk import Holdings

if TYPE_CHECKING:
    from numpy.typing import NDArray

MILLION: Final = 1_000_000


@dataclass(frozen=True, slots=True)
class Depeg:
    """What falls, and for whom.

    Parameters
    ----------
    fall_ppm : int
        Fall of the collateral asset against the settlement asset, positive.
    collateral_ppm : int
        Share of the collateral of the accounts concerned that is in that asset.
    accounts_ppm : int
        Share of accounts concerned, drawn by seed.
    """

    fall_ppm: int
    collateral_ppm: int = 500_000
    accounts_ppm: int = 500_000


def devalued(drawn: Holdings, depeg: Depeg, seed: int) -> Holdings:
    """Return holdings after the fall. What is lost is rounded up, against the account; no balance falls below zero."""
    loss = _loss(drawn.balance, depeg)
    hit = np.random.Generator(np.random.PCG64([seed, MILLION])).integers(0, MILLION, len(drawn.balance))
    balance = drawn.balance - np.where(hit < depeg.accounts_ppm, loss, 0)
    return Holdings(drawn.size_lots, drawn.entry_cost, np.maximum(balance, 0))


def _loss(balance: NDArray[np.int64], depeg: Depeg) -> NDArray[np.int64]:
    share = depeg.fall_ppm * depeg.collateral_ppm // MILLION  # ppm of the balance
    whole, rest = balance // MILLION, balance % MILLION  # apart, so that no product wraps
    return whole * share + -(-rest * share // MILLION)
