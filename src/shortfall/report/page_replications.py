"""Replications, and one path of them, as a single file: the range first, sampling beside it, pictures, evidence."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from shortfall.report import one_path, replications, words
from shortfall.report.drawing import GREY, SERIES, WIDTH, altair, named, picture
from shortfall.report.figures import scaled
from shortfall.report.markup import as_sentence, element, figure, items, lines, row, section, table
from shortfall.report.page import page_of
from shortfall.report.page_evidence import evidence_section, foot, method_section
from shortfall.report.page_runs import each_run_section, paid_section

if TYPE_CHECKING:
    from collections.abc import Sequence

    from shortfall.report.markup import Markup
    from shortfall.report.words import Document

STORY_ROWS: Final = 200


def replications_page(document: Document) -> str:
    """Return a document of schema ``shortfall.replicate/1`` or ``shortfall.path/1`` as a page."""
    return _path(document) if document["schema"] == one_path.SCHEMA else _replications(document)


def _head(kicker: str, sentence: str, notes: Sequence[str], title: str) -> Markup:
    return element(
        "header",
        element("p", kicker, class_="kicker"),
        element("h1", title),
        element("p", sentence, class_="headline"),
        *(element("p", as_sentence(note), class_="notice") for note in notes),
    )


def _replications(document: Document) -> str:
    contract = document["contract"]
    title = f"{contract['venue']} {contract['symbol']}: {words.shock_words(document)}, {document['request']['count']:,} draws"
    told = replications.convergence_note(document)
    notices = [] if document["converged"] is not False else [str(told)]
    head = _head("A stated shock, replicated", replications.sentence(document), notices, title)
    parts = [
        *(_likely(document, k, fund) for k, fund in enumerate(document["fund"]["tried"])),
        _moves(document),
        section("notes", "What is drawn, assumed, unknown", items(replications.notes(document))),
        evidence_section(document),
    ]
    return page_of(title, [head, element("main", lines(parts)), foot(document)])


def _likely(document: Document, number: int, fund: dict[str, str]) -> Markup:
    rows = [one for one in document["found"] if one["fund"] == fund]
    stand_in = "" if document["fund"]["cash"] else f", with a fund of {words.human(fund)} (unknown)"
    told = replications.sentence(document)
    pictures = (
        figure(
            _chances(rows, f"chances-{number}", told),
            "Dots: share of draws in which anybody is deleveraged, and the chance of a lot to be. Bars: 95 %, sampling only.",
        ),
        figure(
            _curves(rows, "share_cut", f"share-{number}", told),
            "Share of the winning side that is cut, by share of draws up to it.",
        ),
        figure(
            _curves(rows, "fund_used", f"fund-{number}", told),
            "Fall of the fund's equity at mark at its lowest, by share of draws up to it.",
        ),
    )
    header = (
        "population",
        "anybody is cut",
        "95 %, sampling",
        "a lot is cut",
        "95 %, sampling",
        "middle path",
        "worst path",
    )
    cells = [row(one["label"], _cells(one)) for one in rows]
    return section(
        f"likely-{number}",
        f"How likely and how much{stand_in}",
        element("div", *pictures, class_="figures"),
        table("Chances given the shock", header, cells, class_="numbers"),
    )


def _cells(one: dict[str, Any]) -> list[str]:
    found = []
    for name in ("probability_contract_adl_given_shock", "probability_cut_given_shock"):
        low, high = one[name]["sampling_95"]
        found += [
            replications.percent(one[name]["value"]),
            f"{replications.percent(low)} to {replications.percent(high)}",
        ]
    return [*found, str(one["paths"]["middle"]), str(one["paths"]["worst"])]


def _chances(rows: Sequence[dict[str, Any]], name: str, told: str) -> Markup:
    """Draw both chances of every population with their sampling intervals."""
    alt = altair()
    kinds = (
        ("probability_contract_adl_given_shock", "anybody is cut"),
        ("probability_cut_given_shock", "a lot is cut"),
    )
    found = []
    for one in rows:
        for key, kind in kinds:
            low, high = one[key]["sampling_95"]
            ends = {"low": 100 * (low or 0.0), "high": 100 * (1.0 if high is None else high)}
            found.append({"member": one["label"], "kind": kind, "v": 100 * one[key]["value"], **ends})
    order = [one["label"] for one in rows]
    y = alt.Y("member:N", sort=order, axis=alt.Axis(title=None, ticks=False, domain=False))
    scale = alt.Scale(domain=[0, 100], nice=False)
    axis = alt.Axis(title="% of draws, of lots", values=[0, 25, 50, 75, 100])
    offset = alt.YOffset("kind:N", sort=[kind for _, kind in kinds])
    colour = alt.Color(
        "kind:N",
        scale=alt.Scale(domain=[kind for _, kind in kinds], range=[c.light for c in SERIES[:2]]),
        legend=alt.Legend(),
    )
    base = alt.Chart(named("chances"))
    bars = base.mark_rule(strokeWidth=5, opacity=0.45).encode(
        x=alt.X("low:Q", scale=scale, axis=axis), x2="high:Q", y=y, yOffset=offset, color=colour
    )
    dots = base.mark_point(filled=True, size=60, opacity=1).encode(
        x=alt.X("v:Q", scale=scale, axis=axis), y=y, yOffset=offset, color=colour
    )
    return picture(
        alt.layer(bars, dots).properties(width=WIDTH - 80, height=alt.Step(24)), name, told, {"chances": found}
    )


def _curves(rows: Sequence[dict[str, Any]], key: str, name: str, told: str) -> Markup:
    """Draw the draws of every population in order of size: across the share of draws, up the figure."""
    alt = altair()
    by, title = 0.01, "% of the side"
    if key == "fund_used":
        every = [float(amount) for one in rows for amount in one["curves"][key]]
        by, title = scaled(every, rows[0]["fund"]["unit"])
    found = [
        {"member": one["label"], "p": 100 * k / (len(one["curves"][key]) - 1), "v": float(value) / by}
        for one in rows
        for k, value in enumerate(one["curves"][key])
    ]
    members = [one["label"] for one in rows]
    colours = [(*SERIES, GREY)[k % len(SERIES)].light for k in range(len(members))]
    chart = (
        alt.Chart(named("curve"))
        .mark_line(strokeWidth=1.8)
        .encode(
            x=alt.X(
                "p:Q",
                scale=alt.Scale(domain=[0, 100], nice=False),
                axis=alt.Axis(title="% of draws up to it", tickCount=5),
            ),
            y=alt.Y("v:Q", axis=alt.Axis(title=title, tickCount=5)),
            color=alt.Color("member:N", scale=alt.Scale(domain=members, range=colours), legend=alt.Legend(columns=3)),
        )
        .properties(width=WIDTH, height=200)
    )
    return picture(chart, name, told, {"curve": found})


def _moves(document: Document) -> Markup:
    rows = replications.first_case(document)
    header = ("draw", *(f"{one['label']} ({replications.MOVED_WORDS[one['moved']]})" for one in rows))
    cells = [
        row(
            label,
            ["-" if one["rank_correlation"][name] is None else f"{one['rank_correlation'][name]:+.2f}" for one in rows],
        )
        for name, label in replications.DRAW_WORDS.items()
    ]
    caption = (
        "Rank correlation of each draw with the figure; population: root of the share of variance between populations"
    )
    return section("moves", "Which draw moves it", table(caption, header, cells, class_="numbers"))


def _path(document: Document) -> str:
    contract, path = document["contract"], document["path"]
    title = f"{contract['venue']} {contract['symbol']}, path {path['number']}: {words.shock_words(document)}"
    head = _head("One replicated path", one_path.path_sentence(document), [], title)
    drawn = [row(name, [text]) for name, text in path["drawn"].items()]
    parts = [
        section(
            "drawn",
            "What was drawn",
            table("Draws of this path", ("what", "drawn"), drawn),
            items(one_path.path_notes(document)),
        ),
        each_run_section(document),
        paid_section(document),
        _events(document),
        evidence_section(document),
        method_section(document),
    ]
    return page_of(title, [head, element("main", lines(parts)), foot(document)])


def _events(document: Document) -> Markup:
    counted = [
        row(one["event"], [f"{one['count']:,}", f"{one['first_s']:,.1f}", f"{one['last_s']:,.1f}"])
        for one in document["happened"]
    ]
    told = [
        row(f"{one['time_s']:,.1f}", [one["event"], one["contract"], str(one["account"]), _amounts(one)])
        for one in document["story"][:STORY_ROWS]
    ]
    left = len(document["story"]) - len(told) + document["story_left_out"]
    note = f"The first {len(told):,} events that are more than an order, a fill or a price; {left:,} more are in --json or left out."
    return section(
        "events",
        "What happened",
        table(
            "Events by kind; seconds since the start", ("event", "how many", "first", "last"), counted, class_="numbers"
        ),
        element("p", note, class_="quiet"),
        table(
            "In order: amounts in ticks, lots and settlement units",
            ("time, s", "event", "contract", "account", "amounts"),
            told,
        ),
    )


def _amounts(one: dict[str, Any]) -> str:
    left_out = ("time_s", "event", "contract", "account")
    return ", ".join(f"{name} {amount:,}" for name, amount in one.items() if name not in left_out)
