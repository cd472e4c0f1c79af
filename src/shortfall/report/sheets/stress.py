"""A stress run as a sheet. Its page is a fuller one of its own."""

from __future__ import annotations

from typing import Any

from shortfall.report import words
from shortfall.report.sheets.sheet import Fan, RangeBars, Sheet, SheetTable, Span, amount, titled
from shortfall.report.swings import moves_note


def sheet(document: dict[str, Any]) -> Sheet:
    """Return the sheet of a document of schema ``shortfall.stress/1``."""
    runs, unit = document["runs"], document["runs"][0]["paid_total"]["unit"]
    layers = tuple(dict.fromkeys(layer for one in runs for layer in one["paid_by"]))
    table = SheetTable(
        "runs",
        f"Who paid in each run, {unit} at mark; positive is paid, negative is received",
        ("member", "after", *(layer.replace(" ", "_") for layer in layers), "paid_together"),
        tuple(
            (one["member"], one["after"], *(amount(one["paid_by"].get(layer)) for layer in layers), amount(one["paid_total"]))
            for one in runs
        ),
    )  # fmt: skip
    spans = []
    for layer in layers:
        found = [float(one["paid_by"][layer]["amount"]) for one in runs if layer in one["paid_by"]]
        spans.append(Span(layer, min(found), max(found)))
    pictures: list[RangeBars | Fan] = [
        RangeBars("stress-paid", "Who paid, over populations and paths after the shock", f"paid, {unit}", tuple(spans))
    ]
    drawn = [one for one in runs if one.get("series")]
    if drawn:
        pictures.append(
            Fan(
                "stress-fund", "Equity of the fund at mark, by population", "minutes", f"fund equity, {unit}",
                tuple(
                    (time / 60, fund, fund, f"{one['member']}, {one['after']}")
                    for one in drawn[:5]
                    for time, fund in zip(one["series"]["time_s"], one["series"]["fund_equity"], strict=True)
                    if fund is not None
                ),
            )
        )  # fmt: skip
    return Sheet(
        titled(document, words.shock_words(document)),
        "Stress of a perpetual-futures contract: who pays",
        words.plain(words.sentence(document)),
        (table,),
        tuple(pictures),
        tuple(line for line in (moves_note(document), *words.notes(document)) if line is not None),
    )
