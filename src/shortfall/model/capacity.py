"""How large a state is: every array is sized when the engine is built, and a full one is an error, never a silent loss."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Capacity:
    """Rows that a state has room for.

    Parameters
    ----------
    accounts, positions : int
        Accounts and (account, market) pairs, house accounts included.
    markets, assets, rule_sets : int
        At most 256 each.
    orders : int
        Resting orders at one time.
    pages : int
        Pages of 1,024 price levels that may hold orders at one time.
    events : int
        Rows of the event ring, rounded up to a power of two.
    collaterals : int
        (account, asset) pairs of collateral in other assets.
    """

    accounts: int = 1 << 10
    positions: int = 1 << 11
    markets: int = 4
    assets: int = 4
    rule_sets: int = 8
    orders: int = 1 << 14
    pages: int = 1 << 8
    events: int = 1 << 16
    collaterals: int = 1 << 8
    heap: int = 0
    clips: int = 1 << 14

    def heap_rows(self) -> int:
        """Return the heap's rows per market and side: as asked, or an eighth of the positions within bounds."""
        return self.heap or max(1 << 10, min(1 << 17, self.positions // 8))


def power_of_two(least: int) -> int:
    """Return the smallest power of two that is not below `least`."""
    return 1 << max(0, least - 1).bit_length()
