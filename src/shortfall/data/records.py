"""The records that recorded figures are read into.

Every figure carries where it comes from, because a ratio of two figures is only as good as the older one and a run has
to print which of its inputs somebody assumed. Money, prices, sizes and rates are `decimal.Decimal` with the digits of
the source; the step to integer ticks, lots and units happens where a market is built, with a named rounding.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Generic, TypeVar

from shortfall.data._canonical import digest_of
from shortfall.errors import DataError, Finding

if TYPE_CHECKING:
    from datetime import date, datetime
    from decimal import Decimal

__all__ = ["Bars", "DepthPoint", "DepthProfile", "Kind", "Pool", "PoolAsset", "Sourced", "Tier"]

T_co = TypeVar("T_co", covariant=True)


class Kind(StrEnum):
    """How a figure is known."""

    OBSERVED = "observed"
    """Somebody recorded it; `source` and `as_of` say who and when."""
    ASSUMED = "assumed"
    """We chose it; `reason` says why."""
    UNKNOWN = "unknown"
    """No figure exists; `reason` says why. Unknown is never zero."""


@dataclass(frozen=True, slots=True)
class Sourced(Generic[T_co]):
    """Hold one figure with what is known about it.

    Parameters
    ----------
    name : str
        Field of the snapshot.
    kind : Kind
        Observed, assumed or unknown.
    unit : str
        Unit of `value`, in words.
    value : object or None
        The figure; None exactly when the kind is unknown.
    source : str
        Public origin; empty if none.
    as_of : datetime.date or None
        Day (UTC) for which the figure was recorded.
    note : str
        How it was derived and when it is wrong.
    reason : str
        Why it is assumed or unknown; empty if observed.
    """

    name: str
    kind: Kind
    unit: str
    value: T_co | None
    source: str = ""
    as_of: date | None = None
    note: str = ""
    reason: str = ""

    def known(self) -> T_co:
        """Return the figure.

        Raises
        ------
        DataError
            If it is unknown: whoever needs it has to ask the user or sweep it, and never use zero.
        """
        if self.value is None:
            raise DataError([Finding(self.name, f"Expected a known figure, it is unknown: {self.reason}")])
        return self.value


@dataclass(frozen=True, slots=True)
class Tier:
    """State one bracket of a marginal ladder.

    A position whose notional N lies in the bracket needs ``N x maintenance_rate - maintenance_amount_quote`` of
    maintenance margin and may be opened with at most `max_leverage`.

    Parameters
    ----------
    floor_quote, cap_quote : decimal.Decimal
        Bounds of the notional; the cap of one bracket is the floor of the next.
    maintenance_rate : decimal.Decimal
        Fraction of notional.
    max_leverage : decimal.Decimal
        Notional over initial margin.
    maintenance_amount_quote : decimal.Decimal
        What makes the requirement continuous over the bounds: ``floor x (rate - previous rate) + previous amount``.
    """

    floor_quote: Decimal
    cap_quote: Decimal
    maintenance_rate: Decimal
    max_leverage: Decimal
    maintenance_amount_quote: Decimal


@dataclass(frozen=True, slots=True)
class DepthPoint:
    """State what rests within one distance of the mid price, cumulative, valued at the mid price.

    Parameters
    ----------
    distance_bps : decimal.Decimal
        Distance from mid in basis points, more than zero.
    bid_notional_quote, ask_notional_quote : decimal.Decimal
        Base quantity within the distance times the mid price (not the sum of price times quantity), so that dividing by
        the mid price gives the quantity back.
    """

    distance_bps: Decimal
    bid_notional_quote: Decimal
    ask_notional_quote: Decimal


@dataclass(frozen=True, slots=True)
class DepthProfile:
    """Describe a book by cumulative depth.

    Parameters
    ----------
    points : tuple of DepthPoint
        Nearest first.
    observed_to_bps : decimal.Decimal
        Distance up to which the book was recorded; beyond it depth is extrapolated and has to be printed as such.
    mid_price : decimal.Decimal
        Median mid price of the recording, in quote per base.
    beyond : str
        What is to be said about depth beyond `observed_to_bps`.
    """

    points: tuple[DepthPoint, ...]
    observed_to_bps: Decimal
    mid_price: Decimal
    beyond: str


@dataclass(frozen=True, slots=True)
class PoolAsset:
    """State one balance of a pool, in the asset's own unit and not converted."""

    asset: str
    balance: Decimal
    updated_at: datetime


@dataclass(frozen=True, slots=True)
class Pool:
    """Describe an insurance pool that several contracts draw on.

    Parameters
    ----------
    name : str
        What to call it in a report.
    members : tuple of str
        Symbols that draw on it.
    assets : tuple of PoolAsset
        Balances. What they are worth together depends on prices that the snapshot does not give.
    """

    name: str
    members: tuple[str, ...]
    assets: tuple[PoolAsset, ...]

    def balance(self, asset: str) -> Decimal | None:
        """Return the balance in one asset, or None if the pool lists none."""
        return next((held.balance for held in self.assets if held.asset == asset), None)


@dataclass(frozen=True, slots=True)
class Bars:
    """Hold recorded price bars of one contract without gaps.

    Parameters
    ----------
    name : str
        Name of the series, such as ``binance/BTCUSDT_mark_4h_to_2024-09-21``.
    venue, symbol : str
        The contract.
    price : str
        Which price was recorded: ``mark`` or ``trade``. Both are the perpetual's own and contain its own forced flow,
        so they may be imposed as an observed path and never used as a driver.
    unit : str
        Quote asset.
    step_s : int
        Length of a bar in seconds.
    source, note : str
        Public origin; how the bars were derived.
    open_time_unix_s : tuple of int
        Start of each bar, UTC; the last bar ends `step_s` later.
    open_price, high_price, low_price, close_price : tuple of decimal.Decimal
        One entry for each bar.
    """

    name: str
    venue: str
    symbol: str
    price: str
    unit: str
    step_s: int
    source: str
    note: str
    open_time_unix_s: tuple[int, ...]
    open_price: tuple[Decimal, ...]
    high_price: tuple[Decimal, ...]
    low_price: tuple[Decimal, ...]
    close_price: tuple[Decimal, ...]

    def __len__(self) -> int:
        return len(self.open_time_unix_s)

    @property
    def end_unix_s(self) -> int:
        """Return the end of the last bar, exclusive, in seconds since 1970 UTC."""
        return self.open_time_unix_s[-1] + self.step_s

    @property
    def digest(self) -> str:
        """Return the SHA-256 of the content; layout and comments of the file do not count."""
        return digest_of(self)
