"""The family of synthetic populations: open interest does not identify leverage, so several are run and the answer is their range."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True)
class Member:
    """How one population trades. Everything here is assumed.

    Parameters
    ----------
    name : str
        What to call it.
    leverage : float
        Median leverage at entry.
    leverage_spread : float
        Standard deviation of its logarithm.
    holding_days : float
        Mean age of a position that is still open (exponential).
    size_spread : float
        Standard deviation of the logarithm of size: concentration.
    meaning : str
        One line for people.
    """

    name: str
    leverage: float
    leverage_spread: float
    holding_days: float
    size_spread: float
    meaning: str


FAMILY: Final = (
    Member("calm", 3.0, 0.7, 10.0, 1.6, "low leverage, old positions: much of the risk was already liquidated away"),
    Member("middle", 7.0, 0.8, 3.0, 1.8, "moderate leverage, positions a few days old"),
    Member("hot", 15.0, 0.8, 0.7, 2.0, "high leverage, fresh positions near the current price"),
)


def member(name: str) -> Member:
    """Return a member of the family by name."""
    return next(item for item in FAMILY if item.name == name)
