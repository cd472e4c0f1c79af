"""The fund that named scenarios and a counted tail need, as a sheet."""

from __future__ import annotations

from typing import Any

from shortfall.report.sheets.sheet import RangeBars, Sheet, SheetTable, Span, amount, titled
from shortfall.report.sizes import notes, sentence


def sheet(document: dict[str, Any]) -> Sheet:
    """Return the sheet of a document of schema ``shortfall.size/1``."""
    unit, scenarios = document["largest_tried"]["unit"], document["scenarios"]
    table = SheetTable(
        "scenarios",
        f"Smallest fund that suffices, over populations and the feedbacks named, {unit}; none: not even the largest tried",
        ("scenario", "move_percent", "needed_low", "needed_high", "feedback", "meaning"),
        tuple(
            (
                one["name"],
                one["move_ppm"] / 10_000,
                *(amount(end) for end in one["needed"]),
                ", ".join(one.get("feedbacks", [])),
                one["meaning"],
            )
            for one in scenarios
        ),
    )
    rates = document.get("tail", {}).get("rates", [])
    counted = SheetTable(
        "rates",
        "Counted moves: episodes, and their rate in a contract-year with its Gamma interval; none: not estimable below five events",
        ("counted_on", "window", "move_percent", "events", "contract_years", "per_year", "low", "high"),
        tuple(_rate(one) for one in rates),
    )
    most = float(document["largest_tried"]["amount"])
    spans = [Span(one["name"], _or(one["needed"][0], most), _or(one["needed"][1], most)) for one in scenarios]
    recorded = document["recorded_fund"]["cash"]
    if recorded is not None:
        spans.append(Span("fund as recorded", float(recorded["amount"]), float(recorded["amount"]), "recorded"))
    return Sheet(
        titled(document, "how large a fund?"),
        "Sizing by named scenarios, as clearing houses do, and by a counted tail",
        sentence(document),
        (table, counted),
        (
            RangeBars(
                "size-needed", "Fund needed by scenario, over populations and feedback", f"fund, {unit}", tuple(spans)
            ),
        ),
        tuple(notes(document)),
    )


def _or(money: dict[str, str] | None, otherwise: float) -> float:
    return otherwise if money is None else float(money["amount"])


def _rate(one: dict[str, Any]) -> tuple[Any, ...]:
    ends = one["gamma_95"] or (None, None)
    counted = (one[name] for name in ("events", "contract_years", "per_year"))
    return one["counted_on"], one["window"], one["move_ppm"] / 10_000, *counted, *ends
