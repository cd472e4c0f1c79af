"""Months of a fund as a sheet: the fan of its cash over time, income and spending by model."""

from __future__ import annotations

from typing import Any

from shortfall.report.funds import notes, sentence
from shortfall.report.sheets.sheet import Fan, Sheet, SheetTable, amount, titled


def sheet(document: dict[str, Any]) -> Sheet:
    """Return the sheet of a document of schema ``shortfall.fund/1``."""
    unit = document["fund"]["cash"]["unit"]
    income, spending = (tuple(document["models"][0][part]) for part in ("income", "spending"))
    models = SheetTable(
        "models",
        "Income by source and spending by cause, a row for each model",
        (
            "member", "order", "fill",
            *(f"{_word(name)}_{unit}" for name in (*income, *spending)),
            f"end_{unit}", "worst_day", f"worst_day_net_{unit}", f"calm_day_{unit}", "calm_days_of_worst_day",
        ),
        tuple(
            (
                one["member"], one["order"], one["fill"],
                *(amount(one["income"][name]) for name in income), *(amount(one["spending"][name]) for name in spending),
                amount(one["end"]), one["impulse"]["day"], amount(one["impulse"]["net"]), amount(one["calm_day_income"]),
                one["calm_days_of_impulse"],
            )
            for one in document["models"]
        ),
    )  # fmt: skip
    months = SheetTable(
        "months",
        "By calendar month, lowest and highest over models",
        (
            "month",
            "days",
            *(f"{name}_{end}_{unit}" for name in ("income", "spending", "net") for end in ("low", "high")),
        ),
        tuple(
            (
                row["month"],
                row["days"],
                *(amount(bound) for name in ("income", "spending", "net") for bound in row[name]),
            )
            for row in document["months"]
        ),
    )
    days = {day: k for k, day in enumerate(dict.fromkeys(row["day"] for row in document["fan"]))}
    fan = Fan(
        "fund-fan",
        "The fund's cash at the end of each day: bands over populations and orders inside a bar, one for each fill",
        f"days since {document['bars']['from']}",
        f"cash of the fund, {unit}",
        tuple(
            (float(days[row["day"]]), float(row["low"]["amount"]), float(row["high"]["amount"]), row["fill"])
            for row in document["fan"]
        ),
    )
    return Sheet(
        titled(document, "months of a fund on recorded bars"),
        "What fills a fund on calm days and what one bad day takes; an observed path",
        sentence(document),
        (models, months),
        (fan,),
        tuple(notes(document)),
    )


def _word(name: str) -> str:
    return name.replace(" ", "_")
