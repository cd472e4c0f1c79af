"""A collected contract as flat rows and back: what the store keeps.

One row for each figure, one for each row of a group, one for each finding. A figure's value is its exact text. The key
of a row is stable: the same snapshot gives the same keys, and a liquidation keeps its key from one snapshot to the
next, so that whoever keeps history can keep it once.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Any, Final

import msgspec

from shortfall.data.figure_records import (
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
)
from shortfall.errors import DataError, Finding

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

__all__ = ["COLUMNS", "GAP", "WORDS", "StoredRow", "figures_from", "gap_rows", "moment_text", "rows_of"]

COLUMNS: Final = (
    "venue",
    "symbol",
    "taken_at",
    "kind",
    "name",
    "place",
    "key",
    "value",
    "state",
    "as_of",
    "source",
    "note",
)
FIGURE: Final = "figure"
FINDING: Final = "finding"
CONTRACT: Final = "contract"
GAP: Final = "gap"
WORDS: Final = ("text", "asset")
_GROUPS: Final[tuple[tuple[str, Any], ...]] = (
    ("tiers", TierRow),
    ("book", BookLevel),
    ("fund_pools", None),
    ("constituents", Constituent),
    ("funding_history", FundingPoint),
    ("liquidations", LiquidationPrint),
    ("adl_signals", AdlSignal),
)


@dataclass(frozen=True, slots=True)
class StoredRow:
    """State one row of the store; `taken_at` is in UTC, `place` orders rows of one name within a snapshot."""

    venue: str
    symbol: str
    taken_at: datetime
    kind: str
    name: str
    place: int
    key: str
    value: str
    state: str
    as_of: str
    source: str
    note: str


class _Pool(msgspec.Struct):
    name: str
    form: str
    members: tuple[str, ...]
    assets: tuple[FundAsset, ...]
    as_of: str


def rows_of(held: ContractFigures) -> list[StoredRow]:
    """Return a collected contract as rows.

    Raises
    ------
    DataError
        If it has no time of collection: bundled figures are not kept in a store.
    """
    if held.taken_at is None:
        raise DataError([Finding(f"{held.venue}:{held.symbol}", "Expected collected figures, which have a time")])
    at = held.taken_at

    def row(kind: str, name: str, place: int, value: str, key: str = "", *rest: str) -> StoredRow:
        state, as_of, source, note = [*rest, "", "", "", ""][:4]
        stable = key or f"{at.isoformat()}/{kind}/{name}/{place}"
        return StoredRow(held.venue, held.symbol, at, kind, name, place, stable, value, state, as_of, source, note)

    assets = msgspec.json.encode(
        [held.base_asset, held.quote_asset, held.settlement_asset, held.contract_form]
    ).decode()
    found = [row(CONTRACT, CONTRACT, 0, assets)]
    for figure in held.figures:
        value = "" if figure.value is None else str(figure.value)
        as_of = moment_text(figure.as_of)
        found.append(row(FIGURE, figure.name, 0, value, "", figure.state, as_of, figure.source, figure.note))
    groups = (held.tiers, held.book, None, held.constituents, held.funding, held.liquidations, held.adl_signals)
    for (name, _), listed in zip(_GROUPS, groups, strict=True):
        for place, item in enumerate(listed or ()):
            key = f"liquidation/{item.key}" if isinstance(item, LiquidationPrint) else ""
            found.append(row(name, name, place, msgspec.json.encode(item).decode(), key))
    for place, pool in enumerate(held.pools):
        kept = _Pool(pool.name, pool.form, pool.members, pool.assets, moment_text(pool.as_of))
        found.append(row("fund_pools", "fund_pools", place, msgspec.json.encode(kept).decode()))
    found += [
        row(FINDING, remark.kind, n, remark.message, "", "", "", remark.path) for n, remark in enumerate(held.findings)
    ]
    return found


def figures_from(rows: Sequence[StoredRow]) -> ContractFigures:
    """Return one snapshot's rows as a collected contract.

    Raises
    ------
    DataError
        If the rows are none, of several snapshots, or broken.
    """
    if len({(row.venue, row.symbol, row.taken_at) for row in rows}) != 1:
        raise DataError([Finding("store", "Expected the rows of one snapshot")])
    first = rows[0]
    try:
        return _figures(first, rows)
    except (msgspec.MsgspecError, ValueError) as error:
        path = f"{first.venue}:{first.symbol} {first.taken_at:%Y-%m-%dT%H:%M:%SZ}"
        raise DataError([Finding(path, f"Expected a readable snapshot: {error}")]) from error


def _figures(first: StoredRow, rows: Sequence[StoredRow]) -> ContractFigures:
    ordered = sorted(rows, key=lambda row: (row.name, row.place))
    groups: dict[str, tuple[Any, ...]] = {}
    for name, shape in _GROUPS:
        texts = (row.value for row in ordered if row.kind == name)
        groups[name] = tuple(_pool(text) if shape is None else msgspec.json.decode(text, type=shape) for text in texts)
    known = {row.name: row for row in rows if row.kind == FIGURE}
    contract = next((row.value for row in rows if row.kind == CONTRACT), '["", "", "", "unknown"]')
    base, quote, settlement, form = msgspec.json.decode(contract, type=tuple[str, str, str, str])
    return ContractFigures(
        venue=first.venue,
        symbol=first.symbol,
        figures=tuple(_figure(known[name], first.taken_at) for name in NAMES if name in known),
        base_asset=base,
        quote_asset=quote,
        settlement_asset=settlement,
        contract_form=form,
        tiers=groups["tiers"],
        book=groups["book"],
        pools=groups["fund_pools"],
        constituents=groups["constituents"],
        funding=groups["funding_history"],
        liquidations=groups["liquidations"],
        adl_signals=groups["adl_signals"],
        findings=tuple(_remark(row) for row in rows if row.kind == FINDING),
        taken_at=first.taken_at,
    )


def _figure(row: StoredRow, taken_at: datetime) -> Figure:
    unit, state = NAMES[row.name], State(row.state)
    value: Decimal | int | str | None = row.value
    if state is State.UNKNOWN:
        value = None
    elif unit == "rows":
        value = int(row.value)
    elif unit not in WORDS:
        value = Decimal(row.value)
    read_on = None if state is State.UNKNOWN else taken_at.date()
    return Figure(row.name, value, unit, state, row.source, _moment(row.as_of), read_on, row.note)


def _pool(text: str) -> FundPool:
    kept = msgspec.json.decode(text, type=_Pool)
    return FundPool(kept.name, kept.form, kept.members, kept.assets, _moment(kept.as_of))


def _remark(row: StoredRow) -> Remark:
    return Remark(row.source, row.value, kind=RemarkKind(row.name))


def moment_text(moment: datetime | date | None) -> str:
    """Return a moment as the store keeps it: a day, or a UTC time with a Z; empty if unknown."""
    if isinstance(moment, datetime):
        return moment.astimezone(UTC).isoformat().replace("+00:00", "Z")
    return "" if moment is None else moment.isoformat()


def _moment(text: str) -> datetime | date | None:
    if not text:
        return None
    return datetime.fromisoformat(text) if "T" in text else date.fromisoformat(text)


def gap_rows(
    venue: str, symbol: str, taken_at: datetime, spans: Iterable[tuple[datetime, datetime, int]]
) -> list[StoredRow]:
    """Return rows for spans in which nothing was collected: first and last missed slot and their count."""
    found = []
    for place, (start, end, count) in enumerate(spans):
        text = msgspec.json.encode({"first": moment_text(start), "last": moment_text(end), "missed": count}).decode()
        key = f"gap/{moment_text(start)}/{moment_text(end)}"
        found.append(StoredRow(venue, symbol, taken_at, GAP, GAP, place, key, text, "", "", "", ""))
    return found
