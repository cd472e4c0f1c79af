"""Checklists and disclosures as documents and as tables in the terminal. Counts stand side by side; nothing is summed, ranked or graded."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Any, Final

from rich import box
from rich.table import Table
from rich.text import Text

from shortfall import __version__
from shortfall.assess.disclosure import statement
from shortfall.assess.items import BY_CODE, GROUPS, ITEMS
from shortfall.assess.signs import LISTS, SIGNS
from shortfall.data.disclosure_file import schema

if TYPE_CHECKING:
    from rich.console import Console

    from shortfall.assess.checklist import Checklist

SCHEMA: Final = "shortfall.checklist/1"
BAR: Final = 36
WHOLE: Final = 1_000  # amounts from here on are shown to the whole unit
STATES: Final = {"published": "█", "searched for, not found": "▒", "not examined by us": "░"}
STYLES: Final = {"published": "green", "searched for, not found": "yellow", "not examined by us": "dim"}
ANSWERS: Final = {"yes": "bold", "no": "bold", "unknown": "dim"}
NOTES: Final = (
    "published: a page says it, with the day it was read; what it says may have changed since",
    "searched for, not found: the venue's own pages that are named were read on that day and do not say it",
    "not examined by us: nobody here looked, or the text was seen cut; that is our gap and counts against nobody",
    "counts stand side by side; they make no grade, and no order of venues follows from them",
    "a sign that rests on what is assumed, or was not examined, is unknown",
)


def checklist_document(found: Checklist) -> dict[str, Any]:
    """Return a checklist as one document."""
    return {
        "schema": SCHEMA,
        "version": __version__,
        "venue": found.venue.code,
        "name": found.venue.name,
        "contract": None if found.figures is None else found.figures.symbol,
        "counts": found.counts(),
        "items": [
            {
                "item": item.code,
                "question": item.question,
                "answer": found.evidence[item.code].answer.value,
                "rules": list(found.evidence[item.code].rules),
                **statement(found.evidence[item.code]),
            }
            for item in ITEMS
        ],
        "signs": [
            {
                "sign": sign.code,
                "list": LISTS[sign.list],
                "question": sign.question,
                "answer": found.verdicts[sign.code].answer.value,
                "why": found.verdicts[sign.code].why,
                "items": list(found.verdicts[sign.code].items),
                "rules": list(found.verdicts[sign.code].rules),
            }
            for sign in SIGNS
        ],
        "notes": list(NOTES),
    }


def headline(document: dict[str, Any]) -> str:
    """Return the counts as one sentence."""
    counts = document["counts"]
    told = ", ".join(f"{counts[state]} {state}" for state in STATES)
    total = sum(counts.values())
    return f"Of {total} items that decide who pays: {told}."


def print_checklist(console: Console, document: dict[str, Any]) -> None:
    """Print a checklist: the counts, the signs list by list, then every item with its pages."""
    contract = f" {document['contract']}" if document["contract"] else ""
    console.print(Text(f"{document['name']} ({document['venue']}){contract}: what is published about who pays", "bold"))
    console.print(Text(headline(document)))
    _print_counts(console, document["counts"])
    for title in LISTS.values():
        table = _table(title, ("sign", "answer", "evidence"))
        for sign in (one for one in document["signs"] if one["list"] == title):
            table.add_row(Text(sign["question"]), Text(sign["answer"], ANSWERS[sign["answer"]]), Text(sign["why"]))
        console.print(table)
    _print_items(console, [(one["item"], one) for one in document["items"]])
    for note in document["notes"]:
        console.print(Text(note, "dim"))


def _print_counts(console: Console, counts: dict[str, int]) -> None:
    most = max(1, *counts.values())
    for state, sign in STATES.items():
        bar = sign * (counts[state] * BAR // most)
        console.print(Text.assemble((f"{counts[state]:>4} {state:<24}", ""), (bar, STYLES[state])))


def _print_items(console: Console, statements: list[tuple[str, dict[str, Any]]]) -> None:
    for group, title in GROUPS.items():
        table = _table(title, ("item", "state", "what it says", "page, day it was read"))
        for code, told in statements:
            if code.partition(".")[0] != group:
                continue
            pages = "\n".join(f"{page['address']}, {page['read_on']}" for page in told.get("pages", ()))
            question = BY_CODE[code].question if code in BY_CODE else code
            table.add_row(
                Text(question), Text(told["state"], STYLES[told["state"]]), Text(told["says"]), Text(pages, "dim")
            )
        if table.row_count:
            console.print(table)


def print_disclosure(console: Console, document: dict[str, Any]) -> None:
    """Print a disclosure: figures first, then every item."""
    about = document["about"]
    contract = f" {about['contract']}" if about["contract"] else ""
    console.print(Text(f"{about['name']} ({about['venue']}){contract}: Venue Quantitative Disclosure", "bold"))
    console.print(Text(headline(document)))
    console.print(Text(f"Filled in by {about['filled_by']}; rules as of {about['rules_as_of']}.", "dim"))
    _print_counts(console, document["counts"])
    table = _table("Figures", ("figure", "value", "as of", "source, or why it is unknown"))
    for name, figure in figures_in(document):
        table.add_row(Text(name), *(Text(cell) for cell in figure_cells(figure)))
    console.print(table)
    _print_items(console, [(one["item"], one["statement"]) for one in document["answers"]])
    for note in NOTES:
        console.print(Text(note, "dim"))


def figures_in(document: dict[str, Any]) -> list[tuple[str, dict[str, Any]]]:
    """Return every figure of a disclosure with what it is in words, as the schema says it; holdings of pools first."""
    rows = [
        (f"{pool['name']}: {held['asset']}", held["amount"])
        for pool in document["fund"]["pools"]
        for held in pool["assets"]
    ]
    known = schema()["properties"]
    for group in ("burden", "margin", "adl", "collateral", "conduct"):
        rows += [
            (known[group]["properties"][name]["description"].rstrip("."), held)
            for name, held in document[group].items()
            if isinstance(held, dict) and "kind" in held
        ]
    return rows


def readable(value: str, unit: str) -> str:
    """Return a number for a reader: fractions as percent, amounts with commas, rounded; the document has it exactly."""
    number = Decimal(value)
    if unit == "fraction":
        return f"{number * 100:,.4f}".rstrip("0").rstrip(".") + " %"
    places = 0 if abs(number) >= WHOLE else 8
    told = f"{number:,.{places}f}"
    return f"{told.rstrip('0').rstrip('.') if places else told} {unit}"


def figure_cells(figure: dict[str, Any]) -> tuple[str, str, str]:
    """Return (value with unit, day, source or reason) of a figure."""
    if figure["kind"] == "unknown":
        return "unknown", "", figure["reason"]
    value = readable(figure["value"], figure["unit"])
    if figure["kind"] == "assumed":
        return value, "", f"assumed: {figure['reason']}"
    note = f" ({figure['note']})" if figure.get("note") else ""
    return value, figure["as_of"], f"{figure['source']}{note}"


def _table(title: str, columns: tuple[str, ...]) -> Table:
    table = Table(title=Text(f"\n{title}", style="bold"), title_justify="left", box=box.SIMPLE_HEAD, pad_edge=False)
    for k, column in enumerate(columns):
        table.add_column(column, overflow="fold", ratio=None if k else 2, min_width=9)
    return table
