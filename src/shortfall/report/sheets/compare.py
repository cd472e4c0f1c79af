"""Venues side by side under their rules, as a sheet; never a ranking."""

from __future__ import annotations

from typing import Any

from shortfall.report.comparison import notes, sentence
from shortfall.report.sheets.sheet import RangeBars, Sheet, SheetTable, Span, ends, span, titled

WHO = ("fund", "pool", "winners", "socialised", "uncovered")


def sheet(document: dict[str, Any]) -> Sheet:
    """Return the sheet of a document of schema ``shortfall.compare/1``."""
    unit, venues, request = document["fund"]["cash"]["unit"], document["venues"], document["request"]
    who = [name for name in WHO if name in venues[0]["paid_by"]]
    columns = [
        "venue",
        "liquidated_percent_of_oi_low",
        "liquidated_percent_of_oi_high",
        "adl_percent_of_oi_low",
        "adl_percent_of_oi_high",
    ]
    columns += [f"{name}_{end}" for name in who for end in ("low", "high")]
    table = SheetTable(
        "venues",
        f"Ranges over members and over every admissible entry of what a venue does not publish, {unit}",
        (*columns, "moves_most"),
        tuple(
            (one["code"], *_percents(one["liquidated_of_interest_ppm"]), *_percents(one["deleveraged_of_interest_ppm"]),
             *(end for name in who for end in ends(one["paid_by"][name]["admissible"])),
             one["moves_most"]["entry"] if one["moves_most"] else None)
            for one in venues
        ),
    )  # fmt: skip
    pictures = (
        RangeBars(
            "compare-adl", "Deleveraged (ADL), share of open interest; in the order asked for, no ranking", "ADL, % of open interest",
            tuple(Span(one["code"], *_percents(one["deleveraged_of_interest_ppm"])) for one in venues),
        ),
        RangeBars(
            "compare-winners", "Paid by winners; negative is received", f"paid by winners, {unit}",
            tuple(span(one["code"], one["paid_by"]["winners"]["admissible"]) for one in venues),
        ),
    )  # fmt: skip
    return Sheet(
        titled(document, f"who pays under each venue's rules, all else equal: {request['gap']} over {request['over']}"),
        "Rules only: the same contract, population, depth and fund",
        sentence(document),
        (table, *_found_tables(document)),
        (*pictures, *_found_pictures(document)),
        tuple(notes(document)),
    )


def _percents(ranges: dict[str, list[int]]) -> tuple[float, float]:
    low, high = ranges["admissible"]
    return low / 10_000, high / 10_000


def _found_tables(document: dict[str, Any]) -> tuple[SheetTable, ...]:
    if "as_found" not in document:
        return ()
    contracts = document["as_found"]["contracts"]
    inputs = SheetTable(
        "inputs_as_found",
        "Inputs as found: each contract's own; unknown ones are run at the worst and at the best value",
        ("contract", "input", "low", "high", "known", "as_of", "source"),
        tuple(
            (one["name"], bound["name"], bound["low"], bound["high"], bound["known"], bound["as_of"], bound["source"])
            for one in contracts
            for bound in one["inputs"]
        ),
    )
    outcome = SheetTable(
        "as_found",
        "As found: own open interest, depth, fund and tiers; percent of own open interest",
        ("contract", "liquidated_low", "liquidated_high", "adl_low", "adl_high", "deficit_low", "deficit_high"),
        tuple(
            (one["name"], *(ppm / 10_000 for name in ("liquidated", "deleveraged", "deficit") for ppm in one[f"{name}_of_interest_ppm"]))
            for one in contracts
        ),
    )  # fmt: skip
    return outcome, inputs


def _found_pictures(document: dict[str, Any]) -> tuple[RangeBars, ...]:
    if "as_found" not in document:
        return ()
    spans = tuple(
        Span(one["name"], *(ppm / 10_000 for ppm in one["deleveraged_of_interest_ppm"]))
        for one in document["as_found"]["contracts"]
    )
    caption = (
        "As found: deleveraged (ADL), share of own open interest; what is not published widens the bar; no ranking"
    )
    return (RangeBars("found-adl", caption, "ADL, % of own open interest", spans),)
