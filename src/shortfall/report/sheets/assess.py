"""An assessment as a sheet. Its page is a fuller one of its own, `shortfall.report.page_assess`."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from shortfall.report.assessments import cause_sentence, notes, value_text
from shortfall.report.sheets.sheet import RangeBars, Sheet, SheetTable, Span, amount, span, titled


def sheet(document: dict[str, Any]) -> Sheet:
    """Return the sheet of a document of schema ``shortfall.assess/1``."""
    by_key = {one["key"]: one for one in document["metrics"]}
    role = document["role"]
    criteria = SheetTable(
        "criteria",
        f"For the {role['code']}: most important first",
        ("question", "metric", "value", "reason_or_note"),
        tuple(
            (one["question"], by_key[key]["title"], value_text(by_key[key]), by_key[key]["reason"] or by_key[key]["note"])
            for one in role["criteria"]
            for key in one["metrics"]
            if key in by_key
        ),
    )  # fmt: skip
    metrics = SheetTable(
        "metrics",
        "Every metric",
        ("key", "title", "known", "low", "high", "words", "unit", "reason", "formula"),
        tuple(
            (one["key"], one["title"], one["known"], _number(one["low"]), _number(one["high"]), one["words"], one["unit"], one["reason"],
             one["formula"])
            for one in document["metrics"]
        ),
    )  # fmt: skip
    gates = SheetTable(
        "gates",
        "Asked first: is it published?",
        ("asked", "answer", "says"),
        tuple((gate["question"], gate["answer"], gate["says"]) for gate in role["gates"]),
    )
    return Sheet(
        titled(document, f"assessed for the {role['code']}"),
        "Metrics, findings and what is not known",
        document["sentence"],
        (criteria, metrics, gates, *_lab_tables(document)),
        pictures(document),
        (cause_sentence(document), *notes(document)),
    )


def pictures(document: dict[str, Any]) -> tuple[RangeBars, ...]:
    """Return what is drawn: who pays, and what each repair removes."""
    drawn = []
    paid = document["who_pays"]
    if paid is not None:
        unit = paid["payers"][0]["paid_at_mark"][0]["unit"]
        spans = tuple(span(one["name"], one["paid_at_mark"]) for one in paid["payers"])
        drawn.append(
            RangeBars("assess-paid", "Who pays in the stated shock, at mark, over all models", f"paid, {unit}", spans)
        )
    cause = document["cause"]
    told = None if cause is None else (cause["stated"] if cause["stated"]["repairs"] else cause["harder"])
    if told is not None and told["repairs"]:
        spans = tuple(Span(one["cause"], *(end / 10_000 for end in one["removed_ppm"])) for one in told["repairs"])
        caption = "What each repair removes of negative closes, percent, over populations; negative makes it worse"
        drawn.append(RangeBars("assess-cause", caption, "removed, %", spans))
    return tuple(drawn)


def _lab_tables(document: dict[str, Any]) -> tuple[SheetTable, ...]:
    if not document["runs"]:
        return ()
    columns = (
        "run", "shock", "member", "after", "depth", "fund", "liquidated", "taken_over", "deleveraged", "negative_balance",
        "fund_equity_lowest",
    )  # fmt: skip
    runs = SheetTable(
        "runs",
        "Every run of a stated shock",
        columns,
        tuple(
            tuple(amount(one[c]) if isinstance(one[c], dict) else one[c] for c in columns) for one in document["runs"]
        ),
    )
    return (runs,)


def _number(text: str | None) -> Decimal | None:
    return None if text is None else Decimal(text)
