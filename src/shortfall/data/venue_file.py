"""Users' own venues: TOML files in the folder that `SHORTFALL_VENUES` names, and entry points of installed packages.

The format, ``shortfall.venue/1``::

    format = "shortfall.venue/1"
    code = "mine"
    name = "My exchange"
    kind = "order book"                 # see `shortfall.rules.venue.KINDS`
    summary = "who does what, from the trigger to whoever pays last"
    doubts = ["what is not clear"]      # optional
    thin = false                        # optional

    [structure]                         # how the fund is cut
    value = "one fund"
    reason = "own rules"                # assumed: reason; cited: source and read_on

    [[eras]]
    since = 2026-01-01                  # optional in the first era
    what = "what changed"
    [eras.values]
    "close.style" = { value = "market", source = "rule book, section 4", read_on = 2026-11-01 }
    "adl.rank" = { value = "profit", reason = "not published", others = ["largest"] }

    [[terms]]                           # optional
    symbol = "BTC-PERP"
    base = "BTC"
    inverse = false                     # optional
    [terms.tiers]
    rows = [["50000", "2", "1"], ["", "4", "2"]]   # top notional ("" in the last row), initial %, maintenance %
    reason = "own rules"
    [terms.values]                      # optional, as in an era
"""

from __future__ import annotations

import os
import tomllib
from dataclasses import replace
from datetime import date, datetime
from decimal import Decimal, InvalidOperation
from importlib.metadata import entry_points
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from shortfall.errors import DataError, Finding, Findings
from shortfall.rules.cited import Assumed, Cited
from shortfall.rules.ruleset import MarginTier
from shortfall.rules.venue import Era, Terms, Venue, check_venue

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from shortfall.rules.cited import Value

FORMAT: Final = "shortfall.venue/1"
FOLDER: Final = "SHORTFALL_VENUES"
ENTRY_POINTS: Final = "shortfall.venues"
HEAD: Final = ("format", "code", "name", "kind", "summary", "doubts", "thin", "structure", "eras", "terms")
NOTHING: Final = Assumed("", "could not be read")
PERCENT_TO_PPM: Final = 10_000


def own_venues() -> Iterator[tuple[str, Venue]]:
    """Yield (where it came from, venue) of every venue of the user's.

    Raises
    ------
    DataError
        If the folder is none, or a file has findings: all of that file.
    """
    folder = os.environ.get(FOLDER, "")
    if folder:
        if not Path(folder).is_dir():
            raise DataError([Finding(FOLDER, f"Expected a folder, was {folder!r}")])
        for path in sorted(Path(folder).glob("*.toml")):
            yield str(path), load_venue(path)
    for point in entry_points(group=ENTRY_POINTS):
        venue = point.load()
        if not isinstance(venue, Venue):
            raise DataError([Finding(point.name, f"Expected an entry point to a Venue, was {type(venue).__name__}")])
        check_venue(venue).raise_if_any(DataError)
        yield point.name, venue


def load_venue(path: Path) -> Venue:
    """Return the venue of a file.

    Raises
    ------
    DataError
        If it cannot be read or is not sound: every finding.
    """
    try:
        document = tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise DataError([Finding(str(path), f"Expected a readable TOML file, was not: {error}")]) from error
    findings = Findings()
    venue = _venue(document, findings)
    if not findings.as_tuple():
        findings = check_venue(venue)
    found = [Finding(f"{path.name}: {finding.path}", finding.message, finding.line) for finding in findings.as_tuple()]
    if found:
        raise DataError(found)
    return venue


def _venue(document: Mapping[str, Any], findings: Findings) -> Venue:
    for name in document:
        if name not in HEAD:
            findings.add(name, f"Expected one of {', '.join(HEAD)}")
    if document.get("format") != FORMAT:
        findings.add("format", f"Expected {FORMAT!r}, was {document.get('format')!r}")
    words = {name: _text(document.get(name), name, findings) for name in ("code", "name", "kind", "summary")}
    return Venue(
        code=words["code"],
        name=words["name"],
        kind=words["kind"],
        summary=words["summary"],
        structure=_value(document.get("structure"), "structure", findings),
        eras=tuple(
            _era(row, f"eras[{k}]", findings) for k, row in enumerate(_rows(document, "eras", findings, needed=True))
        ),
        terms=tuple(_terms(row, f"terms[{k}]", findings) for k, row in enumerate(_rows(document, "terms", findings))),
        doubts=tuple(str(doubt) for doubt in document.get("doubts", [])),
        thin=bool(document.get("thin", False)),
    )


def _rows(
    document: Mapping[str, Any], name: str, findings: Findings, *, needed: bool = False
) -> list[Mapping[str, Any]]:
    rows = document.get(name, [])
    if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows) or (needed and not rows):
        findings.add(name, f"Expected {'at least one table' if needed else 'tables'} [[{name}]]")
        return []
    return rows


def _text(raw: object, path: str, findings: Findings) -> str:
    if isinstance(raw, str) and raw.strip():
        return raw
    findings.add(path, f"Expected a text that is not empty, was {raw!r}")
    return ""


def _day(raw: object, path: str, findings: Findings) -> date | None:
    if isinstance(raw, date) and not isinstance(raw, datetime):
        return raw
    findings.add(path, f"Expected a day, such as 2026-11-01 (no quotes), was {raw!r}")
    return None


def _value(raw: object, path: str, findings: Findings, key: str = "value") -> Value:
    """Read a value that is cited (source, read_on) or assumed (reason)."""
    if not isinstance(raw, dict) or key not in raw:
        findings.add(path, f"Expected a table with {key} and either source and read_on, or reason, was {raw!r}")
        return NOTHING
    known = {key, "reason", "others"} if "reason" in raw else {key, "source", "read_on"}
    for name in set(raw) - known:
        findings.add(f"{path}.{name}", f"Expected one of {', '.join(sorted(known))}")
    value = _word(raw[key])
    if "reason" in raw:
        others = tuple(str(_word(other)) for other in raw.get("others", []))
        return Assumed(value, _text(raw["reason"], f"{path}.reason", findings), others)
    day = _day(raw.get("read_on"), f"{path}.read_on", findings)
    return Cited(value, _text(raw.get("source"), f"{path}.source", findings), day or date.min)


def _word(raw: object) -> object:
    return ("yes" if raw else "no") if isinstance(raw, bool) else raw


def _values(raw: object, path: str, findings: Findings) -> dict[str, Value]:
    if not isinstance(raw, dict):
        findings.add(path, f"Expected a table of rules, was {raw!r}")
        return {}
    return {name: _value(value, f"{path}.{name}", findings) for name, value in raw.items()}


def _era(row: Mapping[str, Any], path: str, findings: Findings) -> Era:
    for name in set(row) - {"since", "what", "values"}:
        findings.add(f"{path}.{name}", "Expected one of since, values, what")
    since = _day(row["since"], f"{path}.since", findings) if "since" in row else None
    return Era(
        since, _text(row.get("what"), f"{path}.what", findings), _values(row.get("values"), f"{path}.values", findings)
    )


def _terms(row: Mapping[str, Any], path: str, findings: Findings) -> Terms:
    for name in set(row) - {"symbol", "base", "inverse", "tiers", "values"}:
        findings.add(f"{path}.{name}", "Expected one of base, inverse, symbol, tiers, values")
    tiers = _value(row.get("tiers"), f"{path}.tiers", findings, key="rows")
    rows = tiers.value if isinstance(tiers.value, list) else []
    ladder = tuple(_tier(cells, f"{path}.tiers.rows[{k}]", findings) for k, cells in enumerate(rows))
    return Terms(
        symbol=_text(row.get("symbol"), f"{path}.symbol", findings),
        base=_text(row.get("base"), f"{path}.base", findings),
        tiers=replace(tiers, value=ladder),
        values=_values(row.get("values", {}), f"{path}.values", findings),
        inverse=bool(row.get("inverse", False)),
    )


def _tier(cells: object, path: str, findings: Findings) -> MarginTier:
    try:
        top, initial, maintenance = (str(cell) for cell in cells)  # type: ignore[attr-defined]  # a wrong shape is caught below
        first, second = (int(Decimal(rate.rstrip("%")) * PERCENT_TO_PPM) for rate in (initial, maintenance))
        return MarginTier(Decimal(top) if top else None, first, second)
    except (TypeError, ValueError, InvalidOperation):
        findings.add(path, f'Expected ["top notional or empty", "initial %", "maintenance %"], was {cells!r}')
        return MarginTier(None, 1, 1)
