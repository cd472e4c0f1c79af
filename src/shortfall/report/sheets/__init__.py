"""Sheets: what a page and a notebook show of an answer. One file for each answer, found by the schema of its document."""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any, Final

from shortfall.errors import Finding, InputError

if TYPE_CHECKING:
    from shortfall.report.sheets.sheet import Sheet

SHEETS: Final[dict[str, str]] = {
    "shortfall.stress/1": "stress",
    "shortfall.assess/1": "assess",
    "shortfall.buffer/1": "buffer",
    "shortfall.position/1": "position",
    "shortfall.provider/1": "position",
    "shortfall.rank/1": "rank",
    "shortfall.resolve/1": "resolve",
    "shortfall.gap-surface/1": "gap",
    "shortfall.compare/1": "compare",
    "shortfall.unknowns/1": "unknowns",
    "shortfall.cascade/1": "cascade",
    "shortfall.fund/1": "fund",
    "shortfall.replicate/1": "replicate",
    "shortfall.size/1": "size",
    "shortfall.population/1": "population",
}


def sheet_of(document: dict[str, Any]) -> Sheet:
    """Return the sheet of an answer.

    Raises
    ------
    InputError
        If no sheet is made of documents of this schema.
    """
    schema = document.get("schema")
    if schema not in SHEETS:
        raise InputError([Finding("schema", f"Expected one of {', '.join(SHEETS)}, was {schema!r}")])
    made: Sheet = importlib.import_module(f"shortfall.report.sheets.{SHEETS[schema]}").sheet(document)
    return made
