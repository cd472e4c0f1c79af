"""Unknown inputs as a sheet."""

from __future__ import annotations

from typing import Any

from shortfall.report.sheets.sheet import Cell, RangeBars, Sheet, SheetTable, amount, ends, span, titled
from shortfall.report.unknowns import BORNE, DELEVERAGED, notes, sentence


def sheet(document: dict[str, Any]) -> Sheet:
    """Return the sheet of a document of schema ``shortfall.unknowns/1``."""
    unit = document["stated"][DELEVERAGED][0]["unit"]
    ways = (("inputs as stated", document["stated"]), ("every admissible value", document["widened"]))
    pictures = tuple(
        RangeBars(
            anchor, f"{name.capitalize()}: what is not published widens the range", f"{name}, {unit}",
            tuple(span(way, bounds[name]) for way, bounds in ways),
        )
        for anchor, name in (("unknowns-adl", DELEVERAGED), ("unknowns-borne", BORNE))
    )  # fmt: skip
    ranges = SheetTable(
        "ranges",
        f"Ranges, {unit}",
        ("figure", "stated_low", "stated_high", "widened_low", "widened_high"),
        tuple((name, *ends(bounds), *ends(document["widened"][name])) for name, bounds in document["stated"].items()),
    )
    moved = SheetTable(
        "moved",
        f"What each input moves in one run, everything else equal: ADL plus what others bear, {unit}; worst and best for users",
        ("input", "worst", "best", "moves_up_to"),
        tuple(_moved(one) for one in document["moved"]),
    )
    inputs = SheetTable(
        "inputs",
        "Every unknown or assumed input",
        ("input", "kind", "used", "other_values", "why"),
        tuple(
            (one["input"], one["kind"], one["used"], ", ".join(one["others"]), one["why"]) for one in document["inputs"]
        ),
    )
    return Sheet(
        titled(document, "what unknown inputs do to the answer"),
        "Opacity widens the range",
        sentence(document),
        (ranges, moved, inputs),
        pictures,
        tuple(notes(document)),
    )


def _moved(one: dict[str, Any]) -> tuple[Cell, ...]:
    moves = amount(one["moves"])
    return (one["input"], one["worst"], one["best"], moves) if moves else (one["input"], "any", "any", "nothing here")
