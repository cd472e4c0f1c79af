"""What is known about real contracts: bundled figures, retyped from the venues' pages and answers with dates.

The records are those of `shortfall.data.figure_records`. The bundled files, format ``shortfall.figures/1``, are TOML::

    format = "shortfall.figures/1"
    venue = "bybit"
    symbol = "BTCUSDT"
    base_asset = "BTC"
    quote_asset = "USDT"
    settlement_asset = "USDT"
    contract_form = "linear"           # or "inverse"
    read_on = 2026-11-22               # day the figures below were retyped

    [[figure]]
    name = "max_leverage"              # a name of figure_records.NAMES
    value = "100"                      # a decimal string, or words where the unit is text
    source = "page, answer or address"
    as_of = 2026-07-24                 # day or moment that the source states; may be absent
    note = "what to know"              # optional

    [[unknown]]                        # why there is no figure
    names = ["fund_balance"]
    reason = "why"

    [[tier]]                           # rows of the ladder; a figure "tiers" says where they come from
    [[pool]]                           # rows of pools; a figure "fund_pools" says where they come from
    [[constituent]]                    # the same with "constituents"
    [[level]]                          # the same with "book"

A figure that no table names is unknown. The five contracts of `shortfall.data.snapshot` come from there.
"""

from __future__ import annotations

import tomllib
from datetime import date, datetime
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import Any, Final

import msgspec

from shortfall.data import snapshot
from shortfall.data.figure_records import (
    GROUPS,
    NAMES,
    AdlSignal,
    BookLevel,
    Constituent,
    ContractFigures,
    Figure,
    FundAsset,
    FundingPoint,
    FundPool,
    LiquidationPrint,
    Remark,
    RemarkKind,
    State,
    TierRow,
    unknown_figure,
)
from shortfall.data.figures_of_snapshot import figures_of
from shortfall.errors import DataError, Finding, Findings, InputError

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
    "bundled_contracts",
    "figures_of",
    "load_bundled",
    "load_figures_file",
    "unknown_figure",
]

FORMAT: Final = "shortfall.figures/1"
_BUNDLED: Final = Path(__file__).with_name("bundled_figures")
_WORDS: Final = ("text", "asset")


class _FigureRow(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    name: str
    value: str
    source: str
    as_of: Any = None  # a day or a moment; `_moment` checks it, unions of the two cannot be declared
    note: str = ""
    state: str = "retyped"


class _UnknownRow(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    names: tuple[str, ...]
    reason: str


class _TierFields(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    floor: Decimal
    unit: str
    maintenance_rate: Decimal
    cap: Decimal | None = None
    initial_rate: Decimal | None = None
    max_leverage: Decimal | None = None
    maintenance_amount: Decimal | None = None
    shape: str = "marginal"


class _AssetFields(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    asset: str
    balance: Decimal


class _PoolFields(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    name: str
    form: str
    assets: tuple[_AssetFields, ...]
    members: tuple[str, ...] = ()
    as_of: Any = None  # a day or a moment; `_moment` checks it, unions of the two cannot be declared


class _ConstituentFields(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    source: str
    weight: Decimal | None = None
    symbol: str = ""
    price: Decimal | None = None


class _LevelFields(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    side: str
    price: Decimal
    size_base: Decimal


class _File(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    format: str
    venue: str
    symbol: str
    base_asset: str
    quote_asset: str
    settlement_asset: str
    contract_form: str
    read_on: date
    figure: tuple[_FigureRow, ...]
    unknown: tuple[_UnknownRow, ...] = ()
    tier: tuple[_TierFields, ...] = ()
    pool: tuple[_PoolFields, ...] = ()
    constituent: tuple[_ConstituentFields, ...] = ()
    level: tuple[_LevelFields, ...] = ()


def bundled_contracts() -> tuple[tuple[str, str], ...]:
    """Return venue and symbol of every contract with bundled figures, sorted."""
    own = {(path.parent.name, path.stem) for path in _BUNDLED.glob("*/*.toml")}
    return tuple(sorted(own | set(snapshot.available())))


def load_bundled(venue: str, symbol: str) -> ContractFigures:
    """Return the bundled figures of a contract.

    Raises
    ------
    InputError
        If none are bundled for it; the message lists those that are.
    """
    if (venue, symbol) in snapshot.available():
        return figures_of(snapshot.load_snapshot(venue, symbol))
    if (venue, symbol) not in bundled_contracts():
        held = ", ".join(":".join(pair) for pair in bundled_contracts())
        raise InputError([Finding(f"{venue}:{symbol}", f"Expected a contract with bundled figures, one of {held}")])
    return load_figures_file(_BUNDLED / venue / f"{symbol}.toml")


def load_figures_file(path: str | Path) -> ContractFigures:
    """Return the figures of a file of the format that the top of this module describes.

    Raises
    ------
    DataError
        If the file cannot be read or is not of that format, with every finding.
    """
    try:
        document = tomllib.loads(Path(path).read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise DataError([Finding(str(path), f"Expected a readable TOML file, was not: {error}")]) from error
    try:
        file = msgspec.convert(document, _File)
    except msgspec.ValidationError as error:
        raise DataError([Finding(str(path), f"Expected figures: {error}")]) from error
    return _figures(file, str(path))


def _figures(file: _File, path: str) -> ContractFigures:
    findings = Findings()
    if file.format != FORMAT:
        findings.add(path, f"Expected the format {FORMAT!r}, was {file.format!r}")
    figures = [_figure(row, file, path, findings) for row in file.figure]
    figures += [_unknown(name, row.reason, path, findings) for row in file.unknown for name in row.names]
    kept = tuple(figure for figure in figures if figure is not None)
    pools = tuple(_pool(row, path, findings) for row in file.pool)
    _check(kept, file, path, findings)
    findings.raise_if_any(DataError)
    return ContractFigures(
        venue=file.venue,
        symbol=file.symbol,
        figures=kept,
        base_asset=file.base_asset,
        quote_asset=file.quote_asset,
        settlement_asset=file.settlement_asset,
        contract_form=file.contract_form,
        tiers=tuple(TierRow(**msgspec.structs.asdict(row)) for row in file.tier),
        book=tuple(BookLevel(row.side, row.price, row.size_base) for row in file.level),
        pools=pools,
        constituents=tuple(Constituent(row.source, row.weight, row.symbol, row.price) for row in file.constituent),
    )


def _figure(row: _FigureRow, file: _File, path: str, findings: Findings) -> Figure | None:
    if row.name not in NAMES or row.state not in (State.RETYPED, State.DERIVED):
        findings.add(f"{path}: {row.name}", f"Expected a canonical name, retyped or derived; was {row.state}")
        return None
    unit = NAMES[row.name]
    value: Decimal | str = row.value
    if unit not in _WORDS and row.name != "adl_state":
        try:
            value = Decimal(row.value)
        except InvalidOperation:
            findings.add(f"{path}: {row.name}", f"Expected a decimal number, was {row.value!r}")
            return None
    as_of = _moment(row.as_of, f"{path}: {row.name}", findings)
    return Figure(row.name, value, unit, State(row.state), row.source, as_of, file.read_on, row.note)


def _moment(raw: object, path: str, findings: Findings) -> datetime | date | None:
    if raw is not None and not isinstance(raw, date):  # a datetime is a date
        findings.add(path, f"Expected a day or a moment, was {raw!r}")
        return None
    return raw


def _unknown(name: str, reason: str, path: str, findings: Findings) -> Figure | None:
    if name not in NAMES:
        findings.add(f"{path}: {name}", "Expected a canonical name")
        return None
    return unknown_figure(name, reason)


def _check(figures: tuple[Figure, ...], file: _File, path: str, findings: Findings) -> None:
    """Note names given twice, and rows whose group has no figure or another count."""
    names = [figure.name for figure in figures]
    for name in sorted({name for name in names if names.count(name) > 1}):
        findings.add(f"{path}: {name}", "Expected one entry of this name, found several")
    rows = {
        "tiers": len(file.tier),
        "fund_pools": len(file.pool),
        "constituents": len(file.constituent),
        "book": len(file.level),
    }
    for name, count in rows.items():
        said = next((figure.value for figure in figures if figure.name == name and figure.known), None)
        if said != (count or None):
            findings.add(f"{path}: {name}", f"Expected the number of rows, {count}, was {said}")


def _pool(row: _PoolFields, path: str, findings: Findings) -> FundPool:
    assets = tuple(FundAsset(held.asset, held.balance) for held in row.assets)
    return FundPool(row.name, row.form, row.members, assets, _moment(row.as_of, f"{path}: {row.name}", findings))
