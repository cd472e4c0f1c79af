"""The part of a page that says where its figures come from: observed, assumed, synthetic, unknown, and how to run it again."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from shortfall.report import words
from shortfall.report.markup import anchor, as_sentence, element, items, joined, lines, link, row, section, table

if TYPE_CHECKING:
    from collections.abc import Iterable

    from shortfall.report.markup import Markup
    from shortfall.report.words import Document

FIELD_HEADER: Final = ("field", "kind", "value", "unit", "as of", "source", "note or reason")
RULE_HEADER: Final = ("rule", "value", "reason")


def field_links(document: Document, names: Iterable[str]) -> Markup:
    """Return links to the inputs among the names that the document has: fields of the snapshot and assumed rules."""
    fields = {item["name"] for item in document["evidence"]["fields"]}
    rules = {item["rule"] for item in document["evidence"]["assumed_rules"]}
    found = [link(name, anchor("evidence", name)) for name in names if name in fields]
    found += [link(name, anchor("rule", name)) for name in names if name in rules]
    return joined(part for k, one in enumerate(found) for part in ((", ", one) if k else (one,)))


def dated(document: Document, name: str) -> Markup:
    """Return a link to a field with its date."""
    item = next((item for item in document["evidence"]["fields"] if item["name"] == name), None)
    if item is None:
        return element("span", name)
    when = item["as_of"] or item["kind"]
    return joined([link(name, anchor("evidence", name)), f" ({when})"])


def evidence_section(document: Document) -> Markup:
    """Return the whole section."""
    evidence = document["evidence"]
    parts = [
        element("p", f"Dates of the inputs: {evidence['ratios_label']}. Every ratio on this page carries that label."),
        _fields(evidence["fields"]),
        element("h3", "Rules that are assumed", id="assumed-rules"),
        _rules(evidence["assumed_rules"]),
        element("h3", "Assumed besides", id="assumed"),
        items(evidence["assumed"]),
        element("h3", "Synthetic", id="synthetic"),
        items(evidence["synthetic"]),
        element("h3", "Unknown", id="unknown"),
        _unknown(document),
        element("h3", "Recorded prices that the populations lived through", id="history"),
        items(evidence["history"]),
    ]
    return section("evidence", "Where the figures come from", *parts)


def _fields(fields: list[Document]) -> Markup:
    counts = {kind: sum(1 for item in fields if item["kind"] == kind) for kind in ("observed", "assumed", "unknown")}
    told = ", ".join(f"{count} {kind}" for kind, count in counts.items())
    rows = []
    for item in fields:
        kind = element("span", item["kind"], class_=f"kind kind-{anchor(item['kind'])}")
        note = "; ".join(text for text in (item["note"], item["reason"]) if text)
        cells = [kind, _short(item.get("value")), item["unit"], item["as_of"] or "", item["source"], note]
        rows.append(row(item["name"], cells, header=FIELD_HEADER, name=anchor("evidence", item["name"])))
    return table(f"Fields of the snapshot: {told}", FIELD_HEADER, rows, class_="cards evidence")


def _short(value: object) -> str:
    """Write a recorded value in a cell: a single figure as it is, a table by its length."""
    if isinstance(value, list):
        return f"{len(value)} entries"
    if isinstance(value, dict):
        return "a table"
    return "" if value is None else str(value)


def _rules(rules: list[Document]) -> Markup:
    rows = (
        row(item["rule"], [item["value"], item["reason"]], header=RULE_HEADER, name=anchor("rule", item["rule"]))
        for item in rules
    )
    return table(f"{len(rules)} rules whose value no source states", RULE_HEADER, rows, class_="cards")


def _unknown(document: Document) -> Markup:
    unknown = document["evidence"]["unknown"]
    if not unknown:
        return element("p", "No field of the snapshot is unknown.")
    return items(
        [
            joined([link(name, anchor("evidence", name)), ": no figure; the row in the table says why"])
            for name in unknown
        ]
    )


def method_section(document: Document) -> Markup:
    """Return what was asked, of which populations and pool, and how to get the same bytes again."""
    request, contract = document["request"], document["contract"]
    asked = [
        ("shock", words.shock_words(document)),
        ("refill of depth", request["refill"]),
        ("step", request["step"]),
        (words.after_word(document), ", ".join(request["after"])),
        ("accounts of this contract", f"{request['accounts']:,}"),
        ("rules changed", ", ".join(request["set"]) or "none"),
        ("alone", "yes" if request["alone"] else "no: with the pool's other members"),
    ]
    again = [
        ("seed", str(request["seed"])),
        ("snapshot, SHA-256", contract["snapshot_sha256"]),
        ("version of shortfall", document["version"]),
        ("version of the kernels", document["kernels"]),
        ("schema", document["schema"]),
        ("conservation drift, all runs", _drift(document)),
    ]
    parts = [
        table("What was asked", ("what", "value"), [row(name, [text]) for name, text in asked]),
        _members(request["members"]),
        table("Contracts that draw on the pool in this run", ("contract", "beta"), _pool(document), class_="numbers"),
        table("To run it again", ("what", "value"), [row(name, [element("code", text)]) for name, text in again]),
    ]
    return section("method", "What was run", lines(parts))


def _drift(document: Document) -> str:
    drift = words.total_drift(document)
    return f"{words.exact(drift)} {drift['unit']}"


def _pool(document: Document) -> list[Markup]:
    return [row(item["symbol"], [f"{item['beta']:g}"]) for item in document["pool"]]


def _members(members: list[dict[str, Any]]) -> Markup:
    header = ("population", "leverage", "its spread", "days held", "spread of sizes", "meaning")
    names = ("leverage", "leverage_spread", "holding_days", "size_spread", "meaning")
    rows = (
        row(
            item["name"],
            [str(item.get(name, "")) for name in names],
            header=header,
            name=anchor("member", item["name"]),
        )
        for item in members
    )
    return table("Synthetic populations", header, rows, class_="cards")


def notices(document: Document) -> list[Markup]:
    """Return what a reader must not miss: no convergence, an unknown fund, inputs of different dates, a broken law."""
    found: list[str] = []
    if words.unconverged(document):
        found.append(as_sentence(f"{words.convergence_note(document)}"))
    common = words.common_note(document)
    if common is not None:
        found.append(as_sentence(common))
    stand_in = words.stand_in_note(document)
    if stand_in is not None:
        found.append(
            joined([f"{as_sentence(stand_in)} ", link("The fund that would be needed", "needed"), " is an output."])
        )
    if "apart" in document["evidence"]["ratios_label"]:
        label = document["evidence"]["ratios_label"]
        mixed = as_sentence(f"{label}: ratios of fund, open interest and depth mix dates")
        found.append(joined([f"{mixed} ", link("Dates", "evidence")]))
    if words.minor_units(words.total_drift(document)):
        found.append(f"Conservation of money is broken: drift {_drift(document)}.")
    return [element("p", text, class_="notice") for text in found]


def foot(document: Document) -> Markup:
    """Return the last line of a page."""
    told = f"shortfall {document['version']}, schema {document['schema']}. Stated circumstances, no forecast and no advice."
    return element("footer", element("p", told))
