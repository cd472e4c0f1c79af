"""One shock resolved by each rule, as a sheet."""

from __future__ import annotations

from typing import Any

from shortfall.report.resolutions import notes, sentence
from shortfall.report.sheets.sheet import RangeBars, Sheet, SheetTable, Span, ends, span, titled

AMOUNTS = ("closed_by_adl", "transfer_against_mark", "socialised", "uncovered", "left_in_deficit")


def sheet(document: dict[str, Any]) -> Sheet:
    """Return the sheet of a document of schema ``shortfall.resolve/1``."""
    unit, rows = document["fund"]["cash"]["unit"], document["resolutions"]
    columns = ["kind", "resolution", "accounts_touched_low", "accounts_touched_high", "largest_share_percent_high"]
    columns += [f"{name}_{end}" for name in AMOUNTS for end in ("low", "high")]
    table = SheetTable(
        "resolutions",
        f"Every resolution of the same paths, {unit} at mark; ranges over members and feedbacks",
        tuple(columns),
        tuple(
            (one["kind"], one["name"], *one["accounts_touched"], _high(one["largest_share_closed_ppm"]),
             *(end for name in AMOUNTS for end in ends(one[name])))
            for one in rows
        ),
    )  # fmt: skip
    pictures = (
        RangeBars(
            "resolve-touched", "Accounts touched, over members and feedbacks", "accounts",
            tuple(Span(_label(one), one["accounts_touched"][0], one["accounts_touched"][1], one["kind"]) for one in rows),
        ),
        RangeBars(
            "resolve-given", "Given up by those who are cut, against mark; negative is received", f"given up, {unit}",
            tuple(span(_label(one), one["transfer_against_mark"], one["kind"]) for one in rows),
        ),
    )  # fmt: skip
    return Sheet(
        titled(document, "one shock, resolved by each rule"),
        "Who is touched, by which rule",
        sentence(document),
        (table,),
        pictures,
        tuple(notes(document)),
    )


def _high(bounds: list[int] | None) -> float | None:
    return None if bounds is None else bounds[1] / 10_000


def _label(one: dict[str, Any]) -> str:
    return one["name"] if one["kind"] in ("as it is", "adl") else f"{one['kind']}: {one['name']}"
