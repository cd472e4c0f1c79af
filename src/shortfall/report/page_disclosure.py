"""A disclosure and a checklist as pages that work with the network off, and print: counts, figures or signs, every item with its pages."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Any, Final

from shortfall import __version__
from shortfall.assess.items import BY_CODE, GROUPS
from shortfall.assess.signs import LISTS
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
SIGNS: Final = ("sign", "answer", "evidence", "rests on")
ITEMS: Final = ("item", "state", "what it says", "page, day it was read")


def disclosure_page(document: dict[str, Any]) -> str:
    """Return a disclosure (schema ``shortfall.disclosure/1``) as a page: no script, no address that is fetched."""
    about = document["about"]
    title = f"{_name(about['name'], about['contract'])}: Venue Quantitative Disclosure"
    quiet = f"Filled in by {about['filled_by']}; rules as of {about['rules_as_of']}."
    statements = [(one["item"], one["question"], one["statement"]) for one in document["answers"]]
    parts = [_counts(document), _figures(document), *_groups(statements), _reading()]
    places = [("figures", "Figures")]
    return _page(title, quiet, places, parts, document)


def checklist_page(document: dict[str, Any]) -> str:
    """Return a checklist (schema ``shortfall.checklist/1``) as a page: no script, no address that is fetched."""
    title = f"{_name(document['name'], document['contract'])}: what is published about who pays"
    statements = [(one["item"], one["question"], one) for one in document["items"]]
    parts = [_counts(document), *_signs(document), *_groups(statements), _reading()]
    places = [(anchor("signs", name), name) for name in LISTS.values()]
    return _page(title, "Signs answer from evidence only; each names what it rests on.", places, parts, document)


def _name(name: str, contract: str | None) -> str:
    return f"{name} {contract}" if contract else name


def _page(
    title: str, quiet: str, places: Sequence[tuple[str, str]], parts: Sequence[Markup], document: dict[str, Any]
) -> str:
    found = [("counts", "Counts"), *places, *GROUPS.items(), ("reading", "How to read it")]
    head = element(
        "header",
        element("p", "Facts with page and day", class_="kicker"),
        element("h1", title),
        element("p", headline(document), class_="headline"),
        element("p", quiet, class_="quiet"),
        element(
            "nav", element("ul", *(element("li", link(text, place)) for place, text in found)), aria_label="Contents"
        ),
    )
    foot = element("footer", f"shortfall {__version__}, schema {document['schema']}. No grade, no advice.")
    return page_of(title, [head, element("main", lines(parts)), foot])


def _signs(document: dict[str, Any]) -> list[Markup]:
    parts = []
    for name in LISTS.values():
        rows = [_sign_row(one) for one in document["signs"] if one["list"] == name]
        parts.append(
            section(
                anchor("signs", name), name, table("Each yes, no or unknown", SIGNS, rows, class_="cards disclosure")
            )
        )
    return parts


def _sign_row(sign: dict[str, Any]) -> Markup:
    answer = element("span", sign["answer"], class_="kind" if sign["answer"] != "unknown" else "kind kind-gap")
    rests = [link(BY_CODE[code].code, anchor("item", code)) for code in sign["items"]]
    rests += [element("code", rule) for rule in sign["rules"]]
    return row(
        sign["question"], [answer, sign["why"], joined(_apart(rests))], header=SIGNS, name=anchor("sign", sign["sign"])
    )


def _apart(parts: Sequence[Markup]) -> list[Markup]:
    return [piece for part in parts for piece in (part, Markup(" "))]


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


def _groups(statements: Sequence[tuple[str, str, dict[str, Any]]]) -> list[Markup]:
    parts = []
    for group, title in GROUPS.items():
        rows = [_item_row(*one) for one in statements if one[0].partition(".")[0] == group]
        made = table("What is published, item by item", ITEMS, rows, class_="cards disclosure")
        parts.append(section(group, title, made))
    return parts


def _item_row(code: str, question: str, told: dict[str, Any]) -> Markup:
    state = element("span", told["state"], class_=f"kind kind-{KINDS[told['state']]}")
    pages = joined([element("div", f"{page['address']}, read {page['read_on']}") for page in told.get("pages", ())])
    words = f"{question[:1].upper()}{question[1:]}"
    return row(words, [state, told["says"], pages], header=ITEMS, name=anchor("item", code))


def _reading() -> Markup:
    return section("reading", "How to read it", items([as_sentence(note) for note in NOTES]))
