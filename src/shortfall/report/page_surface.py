"""The page of the surfaces over gap, speed and depth left."""

from __future__ import annotations

from typing import TYPE_CHECKING

from shortfall.report.markup import element, figure, lines, row, section, table
from shortfall.report.page import page_of
from shortfall.report.page_evidence import evidence_section, foot
from shortfall.report.surfaces import LEGEND, sentence, surface_picture
from shortfall.units import percent_text

if TYPE_CHECKING:
    from shortfall.report.markup import Markup
    from shortfall.report.words import Document

HEADER = ("question", "direction", "depth left", "over", "at least one", "every one")


def surface_page(document: Document) -> str:
    """Return surfaces of schema ``shortfall.gap-surface/1`` as a page: one file, no script, pictures drawn into it."""
    contract = document["contract"]
    title = f"{contract['venue']} {contract['symbol']}: gap, speed and depth left"
    head = element(
        "header",
        element("p", "Surfaces over the size of a gap, its speed and the depth that is left", class_="kicker"),
        element("h1", title),
        element("p", sentence(document), class_="headline"),
        element("p", f"Fund: {document['fund']['note']}", class_="quiet"),
    )
    parts = [
        section(
            "surfaces", "Where", element("p", _legend()), *(_figure(document, name) for name in document["questions"])
        ),
        section("first", "The smallest gaps of the grid", _first(document)),
        evidence_section(document),
        _method(document),
    ]
    return page_of(title, [head, element("main", lines(parts)), foot(document)])


def _legend() -> str:
    return f"Full colour: every population; half: some; faint: none. {LEGEND.rpartition('; ')[2]}."


def _figure(document: Document, question: str) -> Markup:
    place = f"surface-{list(document['questions']).index(question)}"
    broken = sum(1 for cell in document["cells"] if question in cell["not_monotone"])
    yes = sum(1 for cell in document["cells"] if cell["yes"][question])
    told = f"{question}: yes for at least one population in {yes} of {len(document['cells'])} cells, {broken} not monotone."
    drawn = surface_picture(document, question, place, told)
    return figure(drawn, f"{told} {question} means that {document['questions'][question]}.", name=place)


def _first(document: Document) -> Markup:
    rows = [
        row(
            one["question"],
            [
                one["direction"],
                one["depth_left"],
                one["over"],
                _gap(one["at_least_one_ppm"]),
                _gap(one["every_one_ppm"]),
            ],
            header=HEADER,
        )
        for one in document["first_gaps"]
    ]
    return table("Smallest gap of the grid that answers yes, over populations", HEADER, rows, class_="cards")


def _gap(found: int | None) -> str:
    return "none" if found is None else percent_text(found)


def _method(document: Document) -> Markup:
    told = [
        ("populations (synthetic)", ", ".join(document["members"])),
        ("accounts", f"{document['request']['accounts']:,}"),
        ("rules changed", ", ".join(document["request"]["set"]) or "none"),
        ("seed", str(document["request"]["seed"])),
        ("snapshot, SHA-256", document["contract"]["snapshot_sha256"]),
        ("version of shortfall", document["version"]),
        ("schema", document["schema"]),
    ]
    return section("method", "What was run", table("What was run", ("what", "value"), [row(n, [t]) for n, t in told]))
