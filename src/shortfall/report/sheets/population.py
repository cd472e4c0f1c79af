"""The synthetic populations of a contract as a sheet: the heat map of liquidation levels first."""

from __future__ import annotations

from typing import Any

from shortfall.report.populations import notes, sentence
from shortfall.report.sheets.sheet import Heat, RangeBars, Sheet, SheetTable, Span, titled

PERCENT = 10_000  # ppm


def sheet(document: dict[str, Any]) -> Sheet:
    """Return the sheet of a document of schema ``shortfall.population/1``."""
    members = document["members"]
    portraits = SheetTable(
        "members",
        "What each population looks like now, and whether it is admitted",
        (
            "population", "admitted", "leverage_median", "leverage_mean_by_notional", "age_days_mean_by_notional",
            "to_liquidation_10_percent", "to_liquidation_50_percent", "to_liquidation_90_percent", "levels", "reason",
        ),
        tuple(
            (
                one["name"], "yes" if one["admitted"] else "no", one["leverage_median"], one["leverage_mean_by_notional"],
                one["age_days_mean_by_notional"], *(ppm / PERCENT for ppm in one["distance_ppm"]), one["levels"]["outcome"], one["reason"],
            )
            for one in members
        ),
    )  # fmt: skip
    return Sheet(
        titled(document, "which synthetic populations are possible?"),
        "Synthetic populations beside the record of daily liquidations",
        sentence(document),
        (portraits, _band(document)),
        (_levels(document), _implied(document)),
        tuple(notes(document)),
    )


def _band(document: dict[str, Any]) -> SheetTable:
    rows = []
    for k, row in enumerate(document["band"]):
        told = (
            row["symbol_days"],
            row["days_lived"],
            *(row[name] / PERCENT for name in ("low_ppm", "high_ppm", "ceiling_ppm")),
        )
        rows += [
            (range_of(row), *told, one["name"], _percent(one["implied"][k]["ppm"]), one["implied"][k]["outcome"])
            for one in document["members"]
        ]
    columns = (
        "day_range", "days_told", "days_lived", "told_low_percent", "told_high_percent", "allowed_percent", "population",
        "implied_percent", "outcome",
    )  # fmt: skip
    return SheetTable("band", "Liquidated in a day over open interest, by the day's range", columns, tuple(rows))


def _levels(document: dict[str, Any]) -> Heat:
    """Draw the levels: the farthest longs first, then towards the mark and out to the farthest shorts."""
    edges = [f"{float(edge) * 100:g}" for edge in document["distance_edges"][:-1]]
    below, above = [f"-{edge}" for edge in reversed(edges)], [f"+{edge}" for edge in edges]
    cells = [
        (place, one["name"], ppm / PERCENT)
        for one in document["members"]
        for place, ppm in zip((*below, *above), (*reversed(one["longs_ppm"]), *one["shorts_ppm"]), strict=True)
    ]
    return Heat(
        "population-levels",
        "Liquidation levels: share of all notional from each distance on, longs below the mark, shorts above it",
        "distance from the mark from, %", "population", "percent of notional", tuple(cells),
    )  # fmt: skip


def _implied(document: dict[str, Any]) -> RangeBars:
    spans = []
    for k, row in enumerate(document["band"]):
        spans.append(Span(range_of(row), row["low_ppm"] / PERCENT, row["ceiling_ppm"] / PERCENT, "allowed"))
        found = [one["implied"][k]["ppm"] for one in document["members"] if one["admitted"]]
        known = [ppm / PERCENT for ppm in found if ppm is not None]
        if known:
            spans.append(Span(f"{range_of(row)}, admitted", min(known), max(known), "implied by those admitted"))
    return RangeBars(
        "population-implied",
        "Liquidated in a day over open interest, by the day's range",
        "percent of open interest",
        tuple(spans),
    )


def range_of(row: dict[str, Any]) -> str:
    """Return a range of days in words."""
    low, high = row["from_ppm"] // PERCENT, row["to_ppm"]
    return f"{low} % and more" if high is None else f"{low} to {high // PERCENT} %"


def _percent(ppm: int | None) -> float | None:
    return None if ppm is None else ppm / PERCENT
