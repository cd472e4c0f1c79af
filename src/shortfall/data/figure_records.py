"""The records of what a venue publishes about one contract: each figure with its state, source and date.

Problem: a fund figure of one day, an open interest of another and a book nobody recorded look alike once they are
numbers. Therefore every figure is a record that says whether it was observed on the wire, derived from observed
figures, retyped from a page, or is unknown and why. An unknown figure has no value; it is never zero.

A group of rows (pools, tiers, book, constituents, funding, liquidations, ADL signals) has a figure too: its value is
the number of rows, its source and date are theirs, and it is unknown where the rows could not be had. An empty group
with a known figure was published and empty.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime  # noqa: TC003 - the store reads rows back by these annotations
from decimal import Decimal
from enum import StrEnum
from typing import TYPE_CHECKING, Final

from shortfall.errors import DataError, Finding, InputError

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import date

    from shortfall.data.records import DepthProfile

__all__ = [
    "GROUPS",
    "NAMES",
    "AdlSignal",
    "BookLevel",
    "Constituent",
    "ContractFigures",
    "Figure",
    "FundAsset",
    "FundPool",
    "FundingPoint",
    "LiquidationPrint",
    "Remark",
    "RemarkKind",
    "State",
    "TierRow",
    "unknown_figure",
]

NAMES: Final[Mapping[str, str]] = {
    "open_interest_base": "base asset",
    "open_interest_notional": "quote asset",
    "open_interest_cap_base": "base asset",
    "mark_price": "quote per base",
    "index_price": "quote per base",
    "last_price": "quote per base",
    "best_bid": "quote per base",
    "best_ask": "quote per base",
    "volume_24h_quote": "quote asset",
    "volume_24h_base": "base asset",
    "funding_rate": "fraction of notional per interval",
    "funding_interval_hours": "hours",
    "max_leverage": "notional over initial margin",
    "initial_margin_rate": "fraction of notional",
    "maintenance_margin_rate": "fraction of notional",
    "margin_formula": "text",
    "price_limit_up": "quote per base",
    "price_limit_down": "quote per base",
    "price_band_up_multiplier": "multiple of mark price",
    "price_band_down_multiplier": "multiple of mark price",
    "liquidation_fee_rate": "fraction of notional",
    "taker_fee_rate": "fraction of notional",
    "maker_fee_rate": "fraction of notional",
    "tick_size": "quote per base",
    "lot_size": "base asset",
    "contract_size": "text",
    "settlement_asset": "asset",
    "fund_balance": "settlement asset",
    "fund_venue_total": "US dollar",
    "backstop_balance": "settlement asset",
    "adl_state": "text",
    "adl_threshold": "settlement asset",
    "adl_stop_level": "settlement asset",
    "adl_pnl_ratio": "fraction",
    "adl_start_ratio": "fraction",
    "adl_stop_ratio": "fraction",
    "bankruptcy_losses": "settlement asset",
    "fund_pools": "rows",
    "tiers": "rows",
    "book": "rows",
    "depth": "rows",
    "constituents": "rows",
    "funding_history": "rows",
    "liquidations": "rows",
    "adl_signals": "rows",
}
"""The canonical names with their units; `open_interest_*` always count one side."""

GROUPS: Final = ("fund_pools", "tiers", "book", "constituents", "funding_history", "liquidations", "adl_signals")


class State(StrEnum):
    """How a figure is known."""

    OBSERVED = "observed"
    """Read on the wire; `source` is the address."""
    DERIVED = "derived"
    """Arithmetic on observed figures; `note` says which."""
    RETYPED = "retyped"
    """Retyped from a page or a recorded answer; `read_on` says when."""
    UNKNOWN = "unknown"
    """No figure; `note` says why."""


class RemarkKind(StrEnum):
    """What kind of thing was noticed about an answer or a figure."""

    HTTP_STATUS = "http status"
    TIMEOUT = "timeout"
    NO_CONNECTION = "no connection"
    TOO_LARGE = "too large"
    CUT = "cut body"
    WRONG_SHAPE = "wrong shape"
    VENUE_ERROR = "venue's error"
    UNKNOWN_VALUE = "unknown value"
    STALE = "stale"
    FROM_THE_FUTURE = "from the future"
    ZERO = "zero"
    NEGATIVE = "negative"
    TESTNET_LIKE = "testnet-like"
    NOT_PUBLISHED = "not published"
    NOT_COLLECTED = "not collected"
    MISSING = "missing"
    CONTRADICTION = "contradiction"
    GAP = "gap"


@dataclass(frozen=True, slots=True)
class Remark(Finding):
    """A finding with its kind, so that programs need not read sentences."""

    kind: RemarkKind = RemarkKind.MISSING


@dataclass(frozen=True, slots=True)
class Figure:
    """Hold one figure.

    Parameters
    ----------
    name : str
        One of `NAMES`.
    value : decimal.Decimal, int, str or None
        None exactly when the state is unknown.
    unit : str
        Unit in words.
    state : State
        How it is known.
    source : str
        Address or page; empty if unknown.
    as_of : datetime.datetime, datetime.date or None
        Time for which the venue states the figure; None if the venue does not say.
    read_on : datetime.date or None
        Day it was read or retyped.
    note : str
        How it was derived, when it is wrong, or why it is unknown.
    """

    name: str
    value: Decimal | int | str | None
    unit: str
    state: State
    source: str = ""
    as_of: datetime | date | None = None
    read_on: date | None = None
    note: str = ""

    @property
    def known(self) -> bool:
        """Say whether there is a value."""
        return self.state is not State.UNKNOWN

    def number(self) -> Decimal:
        """Return the value as a number.

        Raises
        ------
        DataError
            If it is unknown or a text: whoever needs it has to ask or sweep, and never use zero.
        """
        if self.value is None:
            raise DataError([Finding(self.name, f"Expected a known figure, it is unknown: {self.note}")])
        if isinstance(self.value, str):
            raise DataError([Finding(self.name, f"Expected a number, was the text {self.value!r}")])
        return Decimal(self.value)


def unknown_figure(name: str, reason: str) -> Figure:
    """Return the figure for what nobody knows.

    Raises
    ------
    InputError
        If the name is not canonical.
    """
    if name not in NAMES:
        raise InputError([Finding(name, f"Expected a figure's name, one of {', '.join(NAMES)}")])
    return Figure(name, None, NAMES[name], State.UNKNOWN, note=reason)


@dataclass(frozen=True, slots=True)
class BookLevel:
    """State one level of a book: side ``bid`` or ``ask``, price in quote per base, size in base units."""

    side: str
    price: Decimal
    size_base: Decimal


@dataclass(frozen=True, slots=True)
class TierRow:
    """State one row of a margin ladder as the venue gives it.

    Parameters
    ----------
    floor, cap : decimal.Decimal or None
        Bounds of the position in `unit`; a cap of None is open.
    unit : str
        ``quote``, ``base``, ``contracts`` or an asset.
    maintenance_rate : decimal.Decimal
        Fraction of notional.
    initial_rate, max_leverage : decimal.Decimal or None
        Fraction of notional; notional over initial margin.
    maintenance_amount : decimal.Decimal or None
        Deduction of a marginal ladder, in quote; None where the venue gives none.
    shape : str
        ``marginal`` (the rate applies with the deduction) or ``step`` (the rate applies to the whole position).
    """

    floor: Decimal
    cap: Decimal | None
    unit: str
    maintenance_rate: Decimal
    initial_rate: Decimal | None = None
    max_leverage: Decimal | None = None
    maintenance_amount: Decimal | None = None
    shape: str = "marginal"


@dataclass(frozen=True, slots=True)
class FundAsset:
    """State one balance of a pool, in the asset's own unit and not converted; it may be zero or negative."""

    asset: str
    balance: Decimal


@dataclass(frozen=True, slots=True)
class FundPool:
    """Describe one pool that absorbs losses.

    Parameters
    ----------
    name : str
        What to call it.
    form : str
        ``contract`` (of one contract), ``shared`` (of several), ``by asset`` (one for each settlement asset),
        ``family`` (one for each underlying and asset), ``vault`` (trades and may lose), ``account``, or ``unknown``.
    members : tuple of str
        Contracts that draw on it, as far as published; empty where the venue does not list them.
    assets : tuple of FundAsset
        Balances.
    as_of : datetime.datetime, datetime.date or None
        Time the venue states.
    """

    name: str
    form: str
    members: tuple[str, ...]
    assets: tuple[FundAsset, ...]
    as_of: datetime | date | None = None

    def balance(self, asset: str) -> Decimal | None:
        """Return the balance in one asset, or None if the pool lists none."""
        return next((held.balance for held in self.assets if held.asset == asset), None)


@dataclass(frozen=True, slots=True)
class Constituent:
    """State one source of an index: its weight as published (None if not), and the price it gave (None if not)."""

    source: str
    weight: Decimal | None
    symbol: str = ""
    price: Decimal | None = None


@dataclass(frozen=True, slots=True)
class FundingPoint:
    """State one funding rate: signed fraction of notional for the interval that ends at `at`; longs pay if positive."""

    at: datetime
    rate: Decimal


@dataclass(frozen=True, slots=True)
class LiquidationPrint:
    """State one liquidation that a venue published.

    Parameters
    ----------
    key : str
        The venue's own id, or a hash of the row where it gives none: equal rows have equal keys.
    at : datetime.datetime
        Time the venue states.
    position_side : str
        ``long`` or ``short``: the position that was closed; ``unknown`` if not published.
    price : decimal.Decimal
        In quote per base.
    price_kind : str
        ``fill``, ``order`` or ``bankruptcy``: venues print different prices.
    size_base : decimal.Decimal
        In base units, more than zero.
    """

    key: str
    at: datetime
    position_side: str
    price: Decimal
    price_kind: str
    size_base: Decimal


@dataclass(frozen=True, slots=True)
class AdlSignal:
    """State one public ADL signal: the venue's own word, whether this package knows the word, and its details.

    Where a venue publishes ratios and thresholds in place of a word, the word says how they compare, and the details hold
    the venue's figures.
    """

    state: str
    recognised: bool
    at: datetime | None
    details: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class ContractFigures:
    """Hold all that is known about one contract.

    Parameters
    ----------
    venue, symbol : str
        The contract, in the venue's own spelling.
    base_asset, quote_asset, settlement_asset : str
        Assets; empty where unknown.
    contract_form : str
        ``linear``, ``inverse`` or ``unknown``.
    figures : tuple of Figure
        Named figures; those absent are unknown.
    tiers, book, pools, constituents, funding, liquidations, adl_signals : tuple
        Rows; whether an empty tuple means none or unknown is said by the group's figure, see `GROUPS`.
    depth : DepthProfile or None
        Cumulative depth of a recording, where no book is kept.
    findings : tuple of Remark
        What was noticed.
    taken_at : datetime.datetime or None
        When the collection started; None for bundled figures, whose dates are their own.
    """

    venue: str
    symbol: str
    figures: tuple[Figure, ...]
    base_asset: str = ""
    quote_asset: str = ""
    settlement_asset: str = ""
    contract_form: str = "unknown"
    tiers: tuple[TierRow, ...] = ()
    book: tuple[BookLevel, ...] = ()
    pools: tuple[FundPool, ...] = ()
    constituents: tuple[Constituent, ...] = ()
    funding: tuple[FundingPoint, ...] = ()
    liquidations: tuple[LiquidationPrint, ...] = ()
    adl_signals: tuple[AdlSignal, ...] = ()
    depth: DepthProfile | None = None
    findings: tuple[Remark, ...] = ()
    taken_at: datetime | None = None

    def get(self, name: str) -> Figure:
        """Return a figure by name; an unknown figure with the reason if there is none.

        Raises
        ------
        InputError
            If the name is not canonical.
        """
        found = next((figure for figure in self.figures if figure.name == name), None)
        return found or unknown_figure(name, "nobody has recorded it for this contract")

    def pool_of_contract(self) -> FundPool | None:
        """Return the pool that lists this contract, or None where none does."""
        return next((pool for pool in self.pools if self.symbol in pool.members), None)
