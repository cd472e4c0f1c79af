"""A sheet as one file that works with the network off."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Any, Final

from shortfall.report.drawing import require
from shortfall.report.markup import anchor, as_sentence, details, element, figure, items, lines, row, section, table
from shortfall.report.page import page_of
from shortfall.report.page_evidence import evidence_section, foot
from shortfall.report.sheets.drawn import drawing

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from shortfall.report.markup import Markup
    from shortfall.report.sheets.sheet import Cell, Sheet, SheetTable

WORDS: Final = {"adl": "ADL", "oi": "OI", "percent": "%"}  # parts of a column's name as a reader knows them
OPEN_ROWS: Final = 60  # a longer table starts closed
WHOLE: Final = 1_000  # amounts from here on are shown to the whole unit; the document has them exactly


def sheet_page(sheet: Sheet, document: dict[str, Any]) -> str:
    """Return a sheet as a page: no script, no address that is fetched, pictures drawn into it.

    Raises
    ------
    InputError
        If the report extra is not installed.
    """
    for name in ("altair", "vl_convert"):
        require(name)
    head = element(
        "header",
        element("p", sheet.kicker, class_="kicker"),
        element("h1", sheet.title),
        element("p", sheet.sentence, class_="headline"),
    )
    parts = [section("pictures", "In pictures", *(figure(drawing(one), one.caption) for one in sheet.pictures))]
    parts = parts if sheet.pictures else []
    parts += [section("figures", "In figures", *(_table(one) for one in sheet.tables))]
    parts += [section("notes", "How to read it", items([as_sentence(note) for note in sheet.notes]))]
    if isinstance(document.get("evidence"), dict) and "fields" in document["evidence"]:
        parts.append(evidence_section(document))
    parts.append(_method(document))
    return page_of(sheet.title, [head, element("main", lines(parts)), foot(document)])


def inside(sheet: Sheet) -> Markup:
    """Return the parts that a notebook shows: the sentence, the first picture if it can be drawn, the main table, the notes."""
    shown = [element("h3", sheet.title), element("p", element("strong", sheet.sentence))]
    shown += [figure(drawing(one), one.caption) for one in sheet.pictures[:1]]
    shown += [_table(one) for one in sheet.tables[:1]]
    return element("div", *shown, details("notes", "How to read it", items(sheet.notes)))


def _table(one: SheetTable) -> Markup:
    shown = list(_shown(one.columns))
    header = [title for title, _ in shown]
    rows = []
    for cells in one.rows:
        texts = [_span(*(cell_text(cells[k]) for k in places)) for _, places in shown]
        rows.append(row(texts[0], texts[1:], header=header))
    made = table(one.caption, header, rows, class_="cards")
    if len(rows) <= OPEN_ROWS:
        return made
    return details(anchor("table", one.name), f"{one.caption} ({len(rows)} rows)", made)


def _shown(columns: Sequence[str]) -> Iterator[tuple[str, tuple[int, ...]]]:
    """Yield the heading of each column that is shown and the places of its cells: the two ends of a range stand in one column."""
    k = 0
    while k < len(columns):
        name = columns[k]
        parts = name.split("_")
        other = "_".join("high" if part == "low" else part for part in parts)
        if "low" in parts and k + 1 < len(columns) and columns[k + 1] == other:
            base = "_".join(part for part in parts if part != "low")
            yield (
                _heading(base if base and base not in columns else f"{base}_low_to_high".removeprefix("_")),
                (k, k + 1),
            )
            k += 2
        else:
            yield _heading(name), (k,)
            k += 1


def _heading(column: str) -> str:
    return " ".join(WORDS.get(part, part) for part in column.split("_"))


def _span(low: str, high: str | None = None) -> str:
    return low if high is None or high == low else f"{low} to {high}"


def cell_text(cell: Cell) -> str:
    """Return a cell for a reader, rounded; what is unknown or does not apply is said so and is never a zero."""
    if cell is None:
        return "unknown or none"
    if isinstance(cell, Decimal):
        return f"{cell:,.0f}" if abs(cell) >= WHOLE else f"{cell:,.4f}".rstrip("0").rstrip(".")
    if isinstance(cell, bool):
        return "yes" if cell else "no"
    if isinstance(cell, int):
        return f"{cell:,}"
    return f"{cell:g}" if isinstance(cell, float) else cell


def _method(document: dict[str, Any]) -> Markup:
    asked: list[tuple[str, str]] = [(name, _plain(given)) for name, given in document.get("request", {}).items()]
    again: list[tuple[str, str]] = [
        (name, str(document[name])) for name in ("version", "kernels", "schema") if name in document
    ]
    digest = document.get("contract", {}).get("snapshot_sha256")
    again += [("snapshot, SHA-256", digest)] if digest else []
    rows = [row(name.replace("_", " "), [element("code", text)]) for name, text in (*asked, *again)]
    return section("method", "What was run", table("To run it again", ("what", "value"), rows))


def _plain(given: object) -> str:
    if isinstance(given, list):
        return ", ".join(_plain(one) for one in given) or "none"
    if isinstance(given, dict):
        return ", ".join(f"{name} {_plain(one)}" for name, one in given.items())
    return "not given" if given is None else str(given)
