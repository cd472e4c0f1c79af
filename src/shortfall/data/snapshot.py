"""Contract snapshots: the figures of one contract, each with its own source and date.

Problem: a stress figure mixes a ladder of one year with a fund of another, a book of a third and somebody's guess, and
the reader of the result cannot tell. Therefore a snapshot has no date of its own; each field has one, and says whether
it was observed, is assumed, or is unknown.

The format, ``shortfall.snapshot/1``, is TOML::

    format = "shortfall.snapshot/1"
    venue = "binance"
    symbol = "BTCUSDT"
    base_asset = "BTC"
    quote_asset = "USDT"

    [mark_price]                    # one table for each field
    kind = "observed"               # observed: needs value, source, as_of
    unit = "USDT"                   # fixed for each field, see below
    source = "repository, file"     # public origin
    as_of = 2024-09-21              # day, UTC
    note = "how it was derived"     # optional
    value = "63111.09703595"        # numbers are decimal strings, never floats

    [maker_fee_rate]
    kind = "assumed"                # assumed: needs value and reason
    unit = "fraction of notional"
    reason = "why this figure and no other"
    value = "0.0002"

    [pool]
    kind = "unknown"                # unknown: needs reason, has no value
    unit = "each asset's own unit"
    reason = "why nobody knows"

Fields and units: ``tick_size``, ``mark_price``, ``index_price`` and ``tiers`` (quote asset), ``lot_size`` and
``open_interest_base`` (base asset), ``settlement_asset`` ("asset"), ``settlement_exponent`` ("decimal places"),
``pool`` ("each asset's own unit"), ``liquidation_fee_rate``, ``taker_fee_rate``, ``maker_fee_rate`` ("fraction of
notional"), ``price_band_up_multiplier``, ``price_band_down_multiplier`` ("multiple of mark price"), ``funding_rate``
("fraction of notional per 8 h"), ``depth`` (quote asset), ``depth_second`` (the same from another recording; may be
absent), ``price_series`` and ``event_series`` ("series name", see `shortfall.data.series`). The shapes of a tier, a
pool and a depth profile are those of `shortfall.data.records`; the bundled files are examples.
"""

from __future__ import annotations

import tomllib
from dataclasses import dataclass, fields
from pathlib import Path
from typing import TYPE_CHECKING, Final, TypeVar

from shortfall.data import _contract as contract
from shortfall.data._canonical import digest_of, plain
from shortfall.data._reading import Notes, Reading, decimal_that, lines_of, read_field, text, texts, whole_within
from shortfall.data.records import Kind, Sourced
from shortfall.errors import DataError, Finding, InputError

if TYPE_CHECKING:
    from collections.abc import Mapping
    from decimal import Decimal

    from shortfall.data.records import DepthProfile, Pool, Tier

__all__ = ["ContractSnapshot", "available", "load_snapshot", "load_snapshot_file"]

T = TypeVar("T")

FORMAT: Final = "shortfall.snapshot/1"
_HEAD: Final = ("format", "venue", "symbol", "base_asset", "quote_asset")
_BUNDLED: Final = Path(__file__).with_name("snapshots")
_NOTIONAL: Final = "fraction of notional"
_BAND: Final = "multiple of mark price"
_SERIES: Final = "series name"
_MAX_EXPONENT: Final = 18  # more decimal places than any settlement asset has


@dataclass(frozen=True, slots=True)
class ContractSnapshot:
    """Hold the figures of one contract, each with its source and date.

    Parameters
    ----------
    venue, symbol, base_asset, quote_asset : str
        The contract.
    tick_size, lot_size : Sourced of decimal.Decimal
        Smallest step of price (quote) and of size (base).
    settlement_asset, settlement_exponent : Sourced
        What profit is paid in, and the decimal places of its smallest unit.
    tiers : Sourced of tuple of Tier
        Margin ladder, lowest first.
    pool : Sourced of Pool
        Insurance pool the contract draws on, with the other members.
    liquidation_fee_rate, taker_fee_rate, maker_fee_rate : Sourced of decimal.Decimal
        Fractions of notional; the maker's may be negative (a rebate).
    price_band_up_multiplier, price_band_down_multiplier : Sourced of decimal.Decimal
        Bounds of a limit price, as a multiple of mark.
    open_interest_base : Sourced of decimal.Decimal
        Sum of long positions in base units, one side counted.
    mark_price, index_price : Sourced of decimal.Decimal
        In quote per base.
    funding_rate : Sourced of decimal.Decimal
        Signed fraction of notional for eight hours; positive is paid by longs.
    depth : Sourced of DepthProfile
        Cumulative resting orders.
    price_series, event_series : Sourced of tuple of str
        Names for `load_series`: history for a population, first choice first; bars of 10 October 2025.
    depth_second : Sourced of DepthProfile or None
        The same from another recording, for comparison.
    """

    venue: str
    symbol: str
    base_asset: str
    quote_asset: str
    tick_size: Sourced[Decimal]
    lot_size: Sourced[Decimal]
    settlement_asset: Sourced[str]
    settlement_exponent: Sourced[int]
    tiers: Sourced[tuple[Tier, ...]]
    pool: Sourced[Pool]
    liquidation_fee_rate: Sourced[Decimal]
    taker_fee_rate: Sourced[Decimal]
    maker_fee_rate: Sourced[Decimal]
    price_band_up_multiplier: Sourced[Decimal]
    price_band_down_multiplier: Sourced[Decimal]
    open_interest_base: Sourced[Decimal]
    mark_price: Sourced[Decimal]
    index_price: Sourced[Decimal]
    funding_rate: Sourced[Decimal]
    depth: Sourced[DepthProfile]
    price_series: Sourced[tuple[str, ...]]
    event_series: Sourced[tuple[str, ...]]
    depth_second: Sourced[DepthProfile] | None = None

    @property
    def digest(self) -> str:
        """Return the SHA-256 of the content, sources and notes included; the layout of the file does not count."""
        return digest_of(self)

    def sourced(self) -> tuple[Sourced[object], ...]:
        """Return every field that has a source, in the order of this class."""
        held = (getattr(self, field.name) for field in fields(self))
        return tuple(field for field in held if isinstance(field, Sourced))

    def assumed(self) -> tuple[Sourced[object], ...]:
        """Return the fields that somebody chose, for a report's list of assumptions."""
        return tuple(field for field in self.sourced() if field.kind is Kind.ASSUMED)

    def unknown(self) -> tuple[Sourced[object], ...]:
        """Return the fields for which no figure exists."""
        return tuple(field for field in self.sourced() if field.kind is Kind.UNKNOWN)

    def days_apart(self, field_a: str, field_b: str) -> int | None:
        """Return the days between the dates of two fields, 0 or more; None if one of them has no date.

        Raises
        ------
        InputError
            If the snapshot has no field of that name.
        """
        first, second = (self._field(name).as_of for name in (field_a, field_b))
        return None if first is None or second is None else abs((first - second).days)

    def spread_days(self) -> int:
        """Return the days between the oldest and the newest observed field; assumed fields do not count."""
        days = [field.as_of for field in self.sourced() if field.kind is Kind.OBSERVED and field.as_of is not None]
        return (max(days) - min(days)).days if days else 0

    def _field(self, name: str) -> Sourced[object]:
        held = {field.name: field for field in self.sourced()}
        if name not in held:
            raise InputError([Finding(name, f"Expected a field of the snapshot: {', '.join(held)}")])
        return held[name]


def available() -> tuple[tuple[str, str], ...]:
    """Return venue and symbol of every bundled snapshot, sorted."""
    return tuple(sorted((path.parent.name, path.stem) for path in _BUNDLED.glob("*/*.toml")))


def load_snapshot(venue: str, symbol: str) -> ContractSnapshot:
    """Return a bundled snapshot.

    Raises
    ------
    InputError
        If none is bundled for this contract; the message lists those that are.
    """
    if (venue, symbol) not in available():
        bundled = ", ".join("/".join(pair) for pair in available())
        raise InputError([Finding(f"{venue}/{symbol}", f"Expected a bundled snapshot, one of {bundled}")])
    return load_snapshot_file(_BUNDLED / venue / f"{symbol}.toml")


def load_snapshot_file(path: str | Path) -> ContractSnapshot:
    """Return a snapshot from a file of the format that the top of this module describes.

    Raises
    ------
    DataError
        If the file cannot be read or is not a snapshot: every finding with field, bound, value and, where known, line.
    """
    toml = _text_of(Path(path))
    try:
        document = tomllib.loads(toml)
    except tomllib.TOMLDecodeError as error:
        raise DataError([Finding(str(path), f"Expected TOML, was not: {error}")]) from error
    notes = Notes(lines_of(toml))
    snapshot = _snapshot(document, notes)
    notes.raise_if_any()
    return snapshot


def _text_of(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise DataError([Finding(str(path), f"Expected a readable text file, was not: {error}")]) from error


def _snapshot(document: Mapping[str, object], notes: Notes) -> ContractSnapshot:
    venue, symbol, base, quote = _head(document, notes)

    def field(name: str, unit: str, reading: Reading[T]) -> Sourced[T]:
        return read_field(document.get(name), name, unit, reading, notes)

    snapshot = ContractSnapshot(
        venue=venue,
        symbol=symbol,
        base_asset=base,
        quote_asset=quote,
        tick_size=field("tick_size", quote, contract.POSITIVE),
        lot_size=field("lot_size", base, contract.POSITIVE),
        settlement_asset=field("settlement_asset", "asset", text),
        settlement_exponent=field("settlement_exponent", "decimal places", whole_within(0, _MAX_EXPONENT)),
        tiers=field("tiers", quote, contract.tiers),
        pool=field("pool", "each asset's own unit", contract.pool),
        liquidation_fee_rate=field("liquidation_fee_rate", _NOTIONAL, contract.FRACTION),
        taker_fee_rate=field("taker_fee_rate", _NOTIONAL, contract.FRACTION),
        maker_fee_rate=field("maker_fee_rate", _NOTIONAL, contract.SIGNED_FRACTION),
        price_band_up_multiplier=field(
            "price_band_up_multiplier", _BAND, decimal_that(lambda number: number > 1, "more than 1")
        ),
        price_band_down_multiplier=field(
            "price_band_down_multiplier", _BAND, decimal_that(lambda number: 0 <= number < 1, "from 0 to below 1")
        ),
        open_interest_base=field("open_interest_base", base, contract.NOT_NEGATIVE),
        mark_price=field("mark_price", quote, contract.POSITIVE),
        index_price=field("index_price", quote, contract.POSITIVE),
        funding_rate=field("funding_rate", f"{_NOTIONAL} per 8 h", contract.SIGNED_FRACTION),
        depth=field("depth", quote, contract.depth_profile),
        price_series=field("price_series", _SERIES, texts),
        event_series=field("event_series", _SERIES, texts),
        depth_second=field("depth_second", quote, contract.depth_profile) if "depth_second" in document else None,
    )
    _check_across(snapshot, notes)
    return snapshot


def _head(document: Mapping[str, object], notes: Notes) -> tuple[str, str, str, str]:
    if document.get("format") != FORMAT:
        notes.add("format", f"Expected {FORMAT!r}, was {document.get('format')!r}")
    known = {*_HEAD, *(field.name for field in fields(ContractSnapshot))}
    for name in document:
        if name not in known:
            notes.add(name, "Expected no such field in a snapshot")
    venue, symbol, base, quote = (text(document.get(name), name, notes) or "" for name in _HEAD[1:])
    return venue, symbol, base, quote


def _check_across(snapshot: ContractSnapshot, notes: Notes) -> None:
    """Note what is wrong between fields."""
    pool, lot, interest = snapshot.pool.value, snapshot.lot_size.value, snapshot.open_interest_base.value
    if pool is not None and snapshot.symbol not in pool.members:
        notes.add("pool.value.members", f"Expected {snapshot.symbol} among the members, was {', '.join(pool.members)}")
    if lot is not None and interest is not None and interest % lot != 0:
        notes.add("open_interest_base.value", f"Expected a whole number of lots of {plain(lot)}, was {plain(interest)}")
