"""An answer as one file that works with the network off: pictures, tables and every input in the page, and no script."""

from __future__ import annotations

from importlib import resources
from typing import TYPE_CHECKING, Final

from shortfall.errors import Finding, InputError
from shortfall.report import words
from shortfall.report.answers import gap_picture
from shortfall.report.drawing import dark_rules, require
from shortfall.report.markup import (
    Markup,
    anchor,
    as_sentence,
    element,
    figure,
    joined,
    lines,
    link,
    row,
    section,
    table,
)
from shortfall.report.page_evidence import evidence_section, foot, method_section, notices
from shortfall.report.page_runs import each_run_section, needed_section, paid_section, runs_section, sentence_markup
from shortfall.report.swings import moves_note
from shortfall.units import percent_text

if TYPE_CHECKING:
    from collections.abc import Sequence

    from shortfall.report.words import Document

STRESS: Final = "shortfall.stress/1"
GAP: Final = "shortfall.gap/1"
DARK_PLACE: Final = "/* colours of the pictures */"
GRID_NOTE: Final = (
    "A grid of gaps and speeds is run; an interval joins neighbouring gaps of the grid that answered yes for at least one "
    "population. Between intervals the answer was no: it need not be monotone in the gap. The first crossing is refined "
    "inside its cell of the grid."
)


def stress_page(document: Document) -> str:
    """Return an answer as a page.

    Parameters
    ----------
    document : dict
        A document of schema ``shortfall.stress/1`` or ``shortfall.gap/1``.

    Returns
    -------
    str
        One HTML file: no script, no address that is fetched, pictures drawn into it.

    Raises
    ------
    InputError
        If the report extra is not installed, or the schema is another one.
    """
    makers = {STRESS: _stress, GAP: _gap}
    if document.get("schema") not in makers:
        message = f"Expected schema {STRESS} or {GAP}, was {document.get('schema')!r}"
        raise InputError([Finding("schema", message)])
    for name in ("altair", "vl_convert"):
        require(name)
    return makers[document["schema"]](document)


def style() -> Markup:
    """Return the style sheet with the dark colours of the pictures."""
    text = (resources.files("shortfall.report") / "page.css").read_text(encoding="utf-8")
    return Markup(text.replace(DARK_PLACE, dark_rules()))


def page_of(title: str, parts: Sequence[str]) -> str:
    """Return a page with a title and the style sheet in it."""
    head = element(
        "head",
        Markup('<meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">'),
        Markup('<meta name="color-scheme" content="light dark"><meta name="referrer" content="no-referrer">'),
        element("title", title),
        element("style", style()),
    )
    return f"<!DOCTYPE html>\n{element('html', head, element('body', lines(parts)), lang='en')}\n"


def _contents(places: Sequence[tuple[str, str]]) -> Markup:
    return element(
        "nav", element("ul", *(element("li", link(text, place)) for place, text in places)), aria_label="Contents"
    )


def _stress(document: Document) -> str:
    contract = document["contract"]
    title = f"{contract['venue']} {contract['symbol']}: {words.shock_words(document)}"
    swept = bool(document["fund"]["sweep"])
    places = [
        ("runs", "What happens"),
        ("paid", "Who paid"),
        ("each-run", "Each run"),
        ("evidence", "Where the figures come from"),
    ]
    places.insert(2, ("needed", "Fund needed")) if swept else None
    head = element(
        "header",
        element("p", "Stress of a perpetual-futures contract: who pays", class_="kicker"),
        element("h1", title),
        element("p", sentence_markup(document), class_="headline"),
        element("p", as_sentence(words.range_note(document)), class_="quiet"),
        *notices(document),
        _footing(document),
        _contents([*places, ("method", "What was run")]),
    )
    parts = [runs_section(document), paid_section(document)]
    if swept:
        parts.append(needed_section(document))
    parts += [each_run_section(document), evidence_section(document), method_section(document)]
    return page_of(title, [head, element("main", lines(parts)), foot(document)])


def _footing(document: Document) -> Markup:
    """Return the line on how the runs were made that needs no notice."""
    told = [note for note in (words.pool_note(document), _converged(document)) if note is not None]
    told += [note for note in (moves_note(document),) if note is not None]
    told += words.own_notes(document)
    return element("p", " ".join(as_sentence(note) for note in told), class_="quiet") if told else Markup("")


def _converged(document: Document) -> str | None:
    return None if words.unconverged(document) else words.convergence_note(document)


def _gap(document: Document) -> str:
    contract = document["contract"]
    title = f"{contract['venue']} {contract['symbol']}: in which gaps the fund pays, is exhausted, and ADL starts"
    head = element(
        "header",
        element("p", "Search over the size and the speed of a gap", class_="kicker"),
        element("h1", title),
        element("p", _gap_sentence(document), class_="headline"),
        element("p", f"Fund: {document['fund_note']}", class_="quiet"),
    )
    drawn = gap_picture(document, "gaps", f"Intervals of gaps by speed and question. {_gap_sentence(document)}")
    limit = percent_text(document["largest_gap_ppm"])
    members = ", ".join(document["members"])
    caption = (
        f"Bars: gaps up to {limit} that answered yes for at least one of {members}. Tick: first crossing, refined."
    )
    parts = [
        section("gaps", "All intervals", element("p", GRID_NOTE), figure(drawn, caption), _gap_table(document, limit)),
        _gap_method(document),
    ]
    return page_of(title, [head, element("main", lines(parts)), foot(document)])


def _gap_sentence(document: Document) -> Markup:
    """Return, for each question, the smallest gap found in either direction with the row it comes from."""
    parts: list[str] = []
    for question in dict.fromkeys(answer["question"] for answer in document["answers"]):
        mine = [answer for answer in document["answers"] if answer["question"] == question]
        told = [_smallest(mine, direction, word, document) for direction, word in (("down", "fall"), ("up", "rise"))]
        parts += [f"{question[0].upper()}{question[1:]}: ", told[0], ", ", told[1], ". "]
    return joined(parts)


def _smallest(answers: list[Document], direction: str, word: str, document: Document) -> Markup:
    """Return the smallest gap in a direction for which a question is answered yes, over all speeds."""
    crossed = [one for one in answers if one["direction"] == direction and one["first_crossing_ppm"] is not None]
    if not crossed:
        return joined([f"in no {word} up to {percent_text(document['largest_gap_ppm'])}"])
    first = min(crossed, key=lambda one: abs(one["first_crossing_ppm"][1]))
    size = percent_text(abs(first["first_crossing_ppm"][1]))
    return joined([f"from a {word} of ", link(size, _row_place(first)), f" over {first['over']}"])


def _row_place(answer: Document) -> str:
    return anchor("gap", answer["direction"], answer["over"], answer["question"])


def _gap_table(document: Document, limit: str) -> Markup:
    header = ("question", "direction", "over", "intervals (size of the gap)", "first crossing, between")
    rows = []
    for answer in document["answers"]:
        spans = ", ".join(_span(low, high) for low, high in answer["intervals_ppm"]) or f"none up to {limit}"
        found = answer["first_crossing_ppm"]
        first = "none" if found is None else " and ".join(percent_text(abs(end)) for end in found)
        cells = [answer["direction"], answer["over"], spans, first]
        rows.append(row(answer["question"], cells, header=header, name=_row_place(answer)))
    return table("Gaps in which the answer is yes for at least one population", header, rows, class_="cards")


def _span(low: int, high: int) -> str:
    return percent_text(low) if low == high else f"{percent_text(low)} to {percent_text(high)}"


def _gap_method(document: Document) -> Markup:
    told = [
        ("populations (synthetic)", ", ".join(document["members"])),
        ("fund", document["fund_note"]),
        ("version of shortfall", document["version"]),
        ("schema", document["schema"]),
    ]
    rows = [row(name, [text]) for name, text in told]
    again = element(
        "p", "The stress page of a single shock holds the inputs with their sources and dates.", class_="quiet"
    )
    return section("method", "What was run", table("What was run", ("what", "value"), rows), again)
