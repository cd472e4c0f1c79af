"""An assessment as a page that works with the network off: every number links to where its source, its date or its run is stated."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Any, Final

from shortfall.report.assessments import CARD, cause_sentence, notes, value_text
from shortfall.report.markup import (
    Markup,
    anchor,
    as_sentence,
    details,
    element,
    figure,
    items,
    joined,
    lines,
    link,
    row,
    section,
    table,
)
from shortfall.report.page import page_of
from shortfall.report.page_evidence import evidence_section, foot
from shortfall.report.sheets.assess import pictures
from shortfall.report.sheets.drawn import drawing
from shortfall.report.words import human

if TYPE_CHECKING:
    from collections.abc import Sequence

Document = dict[str, Any]
CRITERION: Final = ("metric", "value", "why, or what to know")
METRIC: Final = ("metric", "value", "formula", "made of: name, value, source, day", "what to know")
GATE: Final = ("asked", "answer", "what is known", "page, day it was read")
RUN: Final = ("run", "fund", "liquidated", "taken over", "deleveraged", "negative balance", "fund equity, lowest")
AMOUNTS: Final = ("fund", "liquidated", "taken_over", "deleveraged", "negative_balance", "fund_equity_lowest")
PLACES: Final = (
    ("card", "What a fund is read with"),
    ("criteria", "For this reader"),
    ("pays", "Who pays here"),
    ("cause", "The main cause"),
    ("claims", "Claims"),
    ("not-known", "What is not known"),
    ("metrics", "Every metric"),
    ("runs", "Every run"),
)


def assess_page(document: Document) -> str:
    """Return an assessment (schema ``shortfall.assess/1``) as one HTML file: no script, no address that is fetched."""
    contract, role = document["contract"], document["role"]
    title = f"{contract['venue']} {contract['symbol']}, for the {role['code']}"
    by_key = {one["key"]: one for one in document["metrics"]}
    head = element(
        "header",
        element("p", "Assessment of a perpetual-futures contract", class_="kicker"),
        element("h1", title),
        element("p", _sentence(document), class_="headline"),
        element("p", as_sentence(role["meaning"]), class_="quiet"),
        element(
            "nav", element("ul", *(element("li", link(text, place)) for place, text in PLACES)), aria_label="Contents"
        ),
    )
    parts = [
        section("card", "What a fund is read with", _card(by_key)),
        _criteria(document, by_key),
        _pays(document),
        _cause(document),
        _claims(document, by_key),
        _not_known(document, by_key),
        _metrics(document),
        _runs(document),
    ]
    if "evidence" in document:
        parts.append(evidence_section(document))
    parts.append(_method(document))
    return page_of(title, [head, element("main", lines(parts)), foot(document)])


def _sentence(document: Document) -> Markup:
    """Return the sentence with its amounts linked to the runs that they come from."""
    told = document["headline"]
    text = document["sentence"]
    if told is None:
        return joined([text])
    pieces: list[str] = []
    for name in ("liquidated", "deleveraged", "fund_loss"):
        if told[name] is None:
            continue
        low, high = (human(end) for end in told[name])
        span = low if low == high else f"{low} to {high}"
        before, _, text = text.partition(span)
        ends = [_linked(document, name, end) for end in told[name]]
        pieces += [before, ends[0]] if low == high else [before, ends[0], " to ", ends[1]]
    return joined([*pieces, text])


def _linked(document: Document, name: str, amount: dict[str, str]) -> Markup:
    """Return an amount with a link to the first run of the stated shock that has it."""
    wanted = Decimal(amount["amount"])
    mine = [one for one in document["runs"] if one["shock"] == document["runs"][0]["shock"]]
    found = next((one for one in mine if _amount(one, name) == wanted), mine[0])
    return link(human(amount), _run_place(found))


def _amount(run: Document, name: str) -> Decimal:
    if name == "fund_loss":
        return Decimal(run["fund"]["amount"]) - Decimal(run["fund_equity_lowest"]["amount"])
    return Decimal(run[name]["amount"])


def _run_place(run: Document) -> str:
    return anchor("run", run["run"])


def _value(one: Document) -> Markup:
    """Return a metric's value with a link to what it is made of."""
    return link(value_text(one), anchor("metric", one["key"]))


def _metric_table(caption: str, keys: Sequence[str], by_key: dict[str, Document]) -> Markup:
    rows = []
    for key in keys:
        if key in by_key:
            one = by_key[key]
            rows.append(row(one["title"], [_value(one), one["reason"] or one["note"]], header=CRITERION))
    return table(caption, CRITERION, rows, class_="cards disclosure")


def _card(by_key: dict[str, Document]) -> Markup:
    header = ("figure", "value", "as of", "source, or why it is unknown")
    rows = []
    for key in CARD:
        one = by_key[key]
        first = one["inputs"][0] if one["inputs"] else {"as_of": None, "source": one["reason"]}
        rows.append(row(one["title"], [_value(one), first["as_of"] or "", first["source"]], header=header))
    return table("Each has a day of its own", header, rows, class_="cards disclosure sources")


def _criteria(document: Document, by_key: dict[str, Document]) -> Markup:
    role = document["role"]
    parts: list[Markup] = []
    if role["gates"]:
        rows = []
        for gate in role["gates"]:
            pages = joined([element("div", f"{page['address']}, read {page['read_on']}") for page in gate["pages"]])
            cells = [element("span", gate["answer"], class_="kind"), gate["says"], pages]
            rows.append(row(gate["question"], cells, header=GATE, name=anchor("gate", gate["item"])))
        parts.append(table("Asked first: is it published?", GATE, rows, class_="cards disclosure"))
    parts += [_metric_table(one["question"], one["metrics"], by_key) for one in role["criteria"]]
    parts.append(element("p", f"Watch: {'; '.join(role['watch'])}."))
    return section("criteria", f"For the {role['code']}, most important first", *parts)


def _pays(document: Document) -> Markup:
    told = document["who_pays"]
    if told is None:
        return section("pays", "Who pays here", element("p", "Unknown: nothing was run."))
    header = ("payer", "lowest", "highest", "who that is")
    rows = [
        row(one["name"], [*(link(human(end), "runs") for end in one["paid_at_mark"]), one["who"]], header=header)
        for one in told["payers"]
    ]
    caption = "Paid at mark in the stated shock, over all models; negative is received"
    drawn = [figure(drawing(one), one.caption) for one in pictures(document) if one.name == "assess-paid"]
    most = element("p", f"Most in the worst model: {told['pays_most_in_the_worst_model']}.")
    return section("pays", "Who pays here", most, *drawn, table(caption, header, rows, class_="cards"))


def _cause(document: Document) -> Markup:
    parts = [element("p", cause_sentence(document), " ", link("How it was run.", "method"))]
    parts += [figure(drawing(one), one.caption) for one in pictures(document) if one.name == "assess-cause"]
    told = document["cause"]
    if told is not None:
        for name, one in told.items():
            if one is not None and one["repairs"]:
                parts.append(_repairs(name, one))
    return section("cause", "The main cause of negative closes", *parts)


def _repairs(name: str, one: Document) -> Markup:
    header = ("repair", "what is changed", "removed, lowest", "removed, highest")
    rows = [
        row(
            each["cause"],
            [each["repair"], *(link(f"{end / 10_000:.0f} %", "method") for end in each["removed_ppm"])],
            header=header,
        )
        for each in one["repairs"]
    ]
    closes = ", ".join(f"{member} {human(cost)}" for member, cost in one["negative_closes"].items())
    which = "the stated shock" if name == "stated" else one["shock"]
    return table(f"In {which}; negative closes cost: {closes}", header, rows, class_="cards")


def _claims(document: Document, by_key: dict[str, Document]) -> Markup:
    header = ("claim", "answer", "rests on")
    rows = []
    for one in document["myths"]:
        rests = [link(by_key[key]["title"], anchor("metric", key)) for key in one["metrics"] if key in by_key]
        rows.append(
            row(one["claim"], [one["answer"], joined(part for r in rests for part in (r, Markup(" ")))], header=header)
        )
    return section(
        "claims",
        "Claims that people repeat",
        table("Each quoted and answered", header, rows, class_="cards"),
    )


def _not_known(document: Document, by_key: dict[str, Document]) -> Markup:
    header = ("item", "state", "what is known", "page, day it was read")
    rows = []
    for one in document["not_published"]:
        pages = joined([element("div", f"{page['address']}, read {page['read_on']}") for page in one["pages"]])
        rows.append(row(one["question"], [one["state"], one["says"], pages], header=header))
    unknown = [
        joined([link(by_key[key]["title"], anchor("metric", key)), f": {by_key[key]['reason']}"])
        for key in document["unknown"]
    ]
    risks = [f"{name}: {what}" for name, what in document["not_simulated"].items()]
    return section(
        "not-known",
        "What is not known",
        table("Items that are not published, or that nobody here examined", header, rows, class_="cards disclosure"),
        element("h3", "Metrics without a figure"),
        items(unknown),
        element("h3", "Risks that no run covers"),
        items(risks),
        items([as_sentence(note) for note in notes(document)]),
    )


def _metrics(document: Document) -> Markup:
    rows = []
    for one in document["metrics"]:
        made = joined([element("div", _input(given)) for given in one["inputs"]])
        cells = [value_text(one), one["formula"], made, one["reason"] or one["note"]]
        rows.append(row(one["title"], cells, header=METRIC, name=anchor("metric", one["key"])))
    known = sum(one["known"] for one in document["metrics"])
    caption = f"{len(rows)} metrics, {known} known; what is unknown says why"
    made = table(caption, METRIC, rows, class_="cards disclosure sources")
    return section("metrics", "Every metric with its formula and its inputs", made)


def _input(given: Document) -> Markup:
    what = f"{given['name']}: {given['value']}"
    if given["source"].startswith("runs of the lab"):
        return joined([f"{what}; ", link(given["source"], "runs")])
    return joined([f"{what}; {given['source']}{'; ' + given['as_of'] if given['as_of'] else ''}"])


def _runs(document: Document) -> Markup:
    if not document["runs"]:
        return section("runs", "Every run", element("p", "Nothing was run."))
    rows = [
        row(f"{one['run']} ({one['shock']})", [human(one[name]) for name in AMOUNTS], header=RUN, name=_run_place(one))
        for one in document["runs"]
    ]
    made = table(f"{len(rows)} runs of stated shocks", RUN, rows, class_="cards")
    positions = [
        f"{one['side']} of {Decimal(one['notional']):,.0f}: cut in {one['cut']} of {one['draws']} draws, "
        f"own liquidation in {one['own_liquidation']}"
        for one in document["positions"]
    ]
    return section(
        "runs",
        "Every run",
        details("all-runs", f"{len(rows)} runs", made, opened=True),
        element("h3", "Positions put into the runs"),
        items(positions),
    )


def _method(document: Document) -> Markup:
    asked = [(name, _plain(given)) for name, given in document["request"].items()]
    again = [(name, str(document[name])) for name in ("version", "kernels", "schema")]
    again.append(("sampling", document["sampling"]))
    again.append(
        ("cause", "every repair runs on the same populations and seed as the run without it, hold after the shock")
    )
    rows = [row(name.replace("_", " "), [element("code", text)]) for name, text in (*asked, *again)]
    return section("method", "What was run", table("To run it again", ("what", "value"), rows))


def _plain(given: object) -> str:
    if isinstance(given, list):
        return ", ".join(str(one) for one in given) or "none"
    return "not given" if given is None else str(given)
