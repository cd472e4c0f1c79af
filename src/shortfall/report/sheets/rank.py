"""A ranking of what-ifs as a sheet."""

from __future__ import annotations

from typing import Any

from shortfall.report.ranks import notes, sentence
from shortfall.report.sheets.sheet import RangeBars, Sheet, SheetTable, ends, span, titled

COLUMNS = (
    "change", "percent_of_as_it_is", "deleveraged_low", "deleveraged_high", "borne_by_others_low", "borne_by_others_high",
    "fund_equity_lowest_low", "fund_equity_lowest_high", "uncovered_low", "uncovered_high",
)  # fmt: skip


def sheet(document: dict[str, Any]) -> Sheet:
    """Return the sheet of a document of schema ``shortfall.rank/1``."""
    request, unit = document["request"], document["fund"]["cash"]["unit"]
    single = [document["as_it_is"], *document["single"]]
    pictures = (
        RangeBars(
            "rank-adl", "Deleveraged (ADL) under each change, over members and feedbacks", f"deleveraged, {unit}",
            tuple(span(one["change"], one["deleveraged"]) for one in single),
        ),
        RangeBars(
            "rank-borne", "Borne by others than the trader under each change, over members and feedbacks", f"borne by others, {unit}",
            tuple(span(one["change"], one["borne_by_others"]) for one in single),
        ),
    )  # fmt: skip
    return Sheet(
        titled(document, f"which rule would change it? {request['gap']} over {request['over']}"),
        "What-ifs on common random numbers",
        sentence(document),
        (
            SheetTable(
                "single", f"One rule at a time, {unit}; ranges over members and feedbacks", COLUMNS, _rows(single)
            ),
            SheetTable("pairs", f"The strongest in pairs, {unit}", COLUMNS, _rows(document["pairs"])),
        ),
        pictures,
        tuple(notes(document)),
    )


def _rows(effects: list[dict[str, Any]]) -> tuple[tuple[Any, ...], ...]:
    names = ("deleveraged", "borne_by_others", "fund_equity_lowest", "uncovered")
    return tuple((one["change"], _share(one), *(end for name in names for end in ends(one[name]))) for one in effects)


def _share(one: dict[str, Any]) -> float | None:
    ppm = one["total_ppm_of_as_it_is"]
    return None if ppm is None else ppm / 10_000
