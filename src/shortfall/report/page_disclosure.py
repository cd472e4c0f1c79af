"""A disclosure as one file that works with the network off, and prints: counts, figures, then every item with its pages."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Any, Final

from shortfall import __version__
from shortfall.assess.items import GROUPS
from shortfall.report.checklists import NOTES, STATES, figure_cells, figures_in, headline, readable
from shortfall.report.markup import (
    Markup,
    anchor,
    as_sentence,
    element,
    items,
    joined,
    lines,
    link,
    row,
    section,
    table,
)
from shortfall.report.page import page_of

if TYPE_CHECKING:
    from collections.abc import Sequence

KINDS: Final = {"published": "observed", "searched for, not found": "assumed", "not examined by us": "gap"}
FIGURES: Final = ("figure", "value", "as of", "source, or why it is unknown")
ITEMS: Final = ("item", "state", "what it says", "page, day it was read")


def disclosure_page(document: dict[str, Any]) -> str:
    """Return a disclosure (schema ``shortfall.disclosure/1``) as a page: no script, no address that is fetched."""
    about = document["about"]
    contract = f" {about['contract']}" if about["contract"] else ""
    title = f"{about['name']}{contract}: Venue Quantitative Disclosure"
    places = [
        ("counts", "Counts"),
        ("figures", "Figures"),
        *((group, name) for group, name in GROUPS.items()),
        ("reading", "How to read it"),
    ]
    head = element(
        "header",
        element("p", "What is published about who pays", class_="kicker"),
        element("h1", title),
        element("p", headline(document), class_="headline"),
        element("p", f"Filled in by {about['filled_by']}; rules as of {about['rules_as_of']}.", class_="quiet"),
        element(
            "nav", element("ul", *(element("li", link(text, place)) for place, text in places)), aria_label="Contents"
        ),
    )
    parts = [_counts(document), _figures(document), *_groups(document), _reading()]
    foot = element(
        "footer", f"shortfall {__version__}, schema {document['schema']}. Facts with page and day; no grade, no advice."
    )
    return page_of(title, [head, element("main", lines(parts)), foot])


def _counts(document: dict[str, Any]) -> Markup:
    counts = document["counts"]
    rows = [row(state, [str(counts[state])], header=("state", "items")) for state in STATES]
    return section(
        "counts", "Counts", table("Items in each state, side by side", ("state", "items"), rows, class_="numbers")
    )


def _figures(document: dict[str, Any]) -> Markup:
    rows = [_figure_row(name, figure) for name, figure in figures_in(document)]
    parts = [table("Figures with source and day", FIGURES, rows, class_="cards disclosure sources")]
    parts += _rows("Margin tiers", ("up to, quote asset", "initial", "maintenance"), [
        (_whole(tier["up_to"]), readable(tier["initial"], "fraction"), readable(tier["maintenance"], "fraction"))
        for tier in document["margin"]["tiers"]
    ])  # fmt: skip
    parts += _rows("Depth within a distance of mid", ("distance, bps", "bids, quote asset", "asks, quote asset"), [
        (point["distance_bps"], _whole(point["bid"]), _whole(point["ask"])) for point in document["burden"]["depth"]
    ])  # fmt: skip
    return section("figures", "Figures", *parts)


def _whole(amount: str | None) -> str:
    return "no limit" if amount is None else f"{Decimal(amount):,.0f}"


def _figure_row(name: str, figure: dict[str, Any]) -> Markup:
    value, day, source = figure_cells(figure)
    shown = element("span", value, class_=f"kind kind-{figure['kind']}")
    return row(name, [shown, day, source], header=FIGURES, name=anchor("figure", name[:60]))


def _rows(caption: str, header: tuple[str, ...], cells: Sequence[tuple[str, ...]]) -> list[Markup]:
    if not cells:
        return [element("p", f"{caption}: unknown.", class_="quiet")]
    rows = [row(one[0], one[1:], header=header) for one in cells]
    return [table(caption, header, rows, class_="numbers")]


def _groups(document: dict[str, Any]) -> list[Markup]:
    parts = []
    for group, title in GROUPS.items():
        mine = [one for one in document["answers"] if one["item"].partition(".")[0] == group]
        rows = [_item_row(one) for one in mine]
        parts.append(
            section(group, title, table("What is published, item by item", ITEMS, rows, class_="cards disclosure"))
        )
    return parts


def _item_row(answer: dict[str, Any]) -> Markup:
    told = answer["statement"]
    state = element("span", told["state"], class_=f"kind kind-{KINDS[told['state']]}")
    pages = joined([element("div", f"{page['address']}, read {page['read_on']}") for page in told.get("pages", ())])
    question = answer["question"]
    return row(
        f"{question[:1].upper()}{question[1:]}",
        [state, told["says"], pages],
        header=ITEMS,
        name=anchor("item", answer["item"]),
    )


def _reading() -> Markup:
    return section("reading", "How to read it", items([as_sentence(note) for note in NOTES]))
