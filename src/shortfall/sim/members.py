"""The family of synthetic populations: open interest does not identify leverage, so several are run and the answer is their range.

A member is run only if what it implies about daily liquidations lies in the band that was recorded: see `shortfall.sim.admission`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from shortfall.data.liquidation_bands import TURNOVER_PER_DAY


@dataclass(frozen=True, slots=True)
class Member:
    """How one population trades. Everything here is assumed; whether it is possible is checked against recordings.

    Parameters
    ----------
    name : str
        What to call it.
    leverage : float
        Median leverage at entry.
    leverage_spread : float
        Standard deviation of its logarithm.
    held_share : float
        Share of the volume that opens or closes positions which somebody keeps, above 0; the rest is market making that ends flat. With
        the recorded turnover it gives the age of positions.
    size_spread : float
        Standard deviation of the logarithm of size: concentration.
    meaning : str
        One line for people.
    """

    name: str
    leverage: float
    leverage_spread: float
    held_share: float
    size_spread: float
    meaning: str

    @property
    def holding_days(self) -> float:
        """Return the mean time for which a position is held, in days.

        In a day each lot of volume changes one long and one short side; half of these changes open something. So open interest is replaced
        in 2 / (volume / open interest x share) days. Zero where no share is stated (the user's own accounts).
        """
        return 2 / (float(TURNOVER_PER_DAY) * self.held_share) if self.held_share else 0.0


FAMILY: Final = (
    Member("calm", 1.3, 1.6, 0.055, 1.2, "little leverage, positions of ten days, few large accounts"),
    Member("fresh", 1.2, 1.45, 0.2, 1.6, "little leverage, positions of three days"),
    Member("middle", 1.9, 1.5, 0.055, 1.7, "moderate leverage, positions of ten days"),
    Member("warm", 2.4, 1.4, 0.055, 1.6, "moderate leverage, less of it in the tail"),
    Member("hot", 4.0, 1.35, 0.019, 1.6, "as much leverage as the record of liquidations allows: positions of a month"),
)
NAMES: Final = tuple(one.name for one in FAMILY)


def member(name: str) -> Member:
    """Return a member of the family by name."""
    return next(item for item in FAMILY if item.name == name)
