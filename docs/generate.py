"""Write the pages of the reference that come from records: run by `make docs`, and compared by a test."""

from __future__ import annotations

import re
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from shortfall.assess.items import ITEMS
from shortfall.cli.main import COMMANDS, LazyGroup, cli
from shortfall.data.disclosure_file import schema
from shortfall.rules.cited import Cited
from shortfall.rules.reference import rule_lines
from shortfall.rules.venue import tiers_of
from shortfall.units import percent_text
from shortfall.venues import bundled_venues

if TYPE_CHECKING:
    from collections.abc import Callable

    from shortfall.rules.cited import Value
    from shortfall.rules.record import Entry
    from shortfall.rules.venue import Venue

HERE = Path(__file__).parent


def about_lines(known: Entry) -> list[str]:
    """Return formula, sign, rounding, sources and venues of an entry, where it has them."""
    rows = (
        ("Formula", f"`{known.formula}`" if known.formula else ""),
        ("Sign", known.sign),
        ("Rounding", known.rounding),
        ("Source", "; ".join(known.sources)),
        ("Venues", ", ".join(known.venues)),
    )
    return [f"  {title}: {text}" + "  " for title, text in rows if text]


def rules_page() -> str:
    """Return the reference of the rule space."""
    lines = [
        "# Rules",
        "",
        "Generated from the rule records. `--set NAME=VALUE` changes one; layers of the waterfall are set with",
        "`--set waterfall=backstop,fund,pool,adl,socialise` in any order. `shortfall rules explain NAME` prints the same.",
        "",
        "| rule | kind | default | meaning |",
        "|---|---|---|---|",
    ]
    space = rule_lines()
    lines += [f"| `{line.name}` | {line.kind} | {line.default} | {line.about.meaning} |" for line in space]
    for line in space:
        meaning = line.about.meaning
        details = about_lines(line.about)
        if line.entries or details:
            lines += ["", f"## `{line.name}`", "", f"{meaning[:1].upper()}{meaning[1:]}.", ""]
            lines += [text.strip() + "  " for text in details]
        for name, known in line.entries.items():
            lines += [f"- **{name}**: {known.meaning}  ", *about_lines(known)]
    return "\n".join(text.rstrip() if text.strip() == "" else text for text in lines) + "\n"


def commands_page() -> str:
    """Return the reference of the command line, as `--help` prints it."""
    lines = ["# Commands", "", "Generated from the command line itself.", ""]
    group = cli
    for name in COMMANDS:
        context = click.Context(group)
        command = LazyGroup.get_command(group, context, name)  # type: ignore[arg-type]  # the group is lazy
        if command is None:
            continue
        vars(command)["_help_option"] = (
            None  # the library keeps the one of an earlier call, whose names depend on who called
        )
        text = command.get_help(
            click.Context(command, info_name=f"shortfall {name}", max_content_width=100, terminal_width=100)
        )
        lines += [f"## `shortfall {name}`", "", "```text", text, "```", ""]
    return "\n".join(lines)


def venue_page(venue: Venue) -> str:
    """Return one venue's page: rules in words, waterfall, sources, assumptions, contracts, history, doubts."""
    meanings = {line.name: line for line in rule_lines()}
    lines = [f"# {venue.name}", "", "Generated from the venue's file.", "", f"`{venue.code}`, {venue.kind}."]
    lines += ["", "Outline only: a thin file."] if venue.thin else []
    lines += [
        "",
        venue.summary,
        "",
        "## Waterfall",
        "",
        *waterfall_lines(venue),
        "",
        f"Fund: {venue.structure.value} ({origin(venue.structure)}).",
    ]
    lines += ["", "## Rules", "", "| rule | value | meaning | since | source or reason |", "|---|---|---|---|---|"]
    for name, (value, since) in venue.values_on().items():
        known = meanings[name].entries.get(str(value.value)) or meanings[name].about
        lines.append(f"| `{name}` | {value.value} | {known.meaning} | {since or ''} | {origin(value)} |")
    lines += ["", f"{len(venue.assumed())} of {len(venue.values_on())} values are assumed."]
    for terms in venue.terms:
        lines += [
            "",
            f"## {terms.symbol}",
            "",
            f"Margin tiers: {origin(terms.tiers)}.",
            "",
            "| up to | initial | maintenance |",
            "|---|---|---|",
        ]
        for tier in tiers_of(terms):
            top = "no limit" if tier.top_notional is None else f"{tier.top_notional:,}"
            lines.append(f"| {top} | {percent_text(tier.initial_ppm)} | {percent_text(tier.maintenance_ppm)} |")
        lines += [f"- `{name}` = {value.value}: {origin(value)}" for name, value in terms.values.items()]
    lines += ["", "## History", "", *(f"- {era.since or 'before'}: {era.what}" for era in venue.eras)]
    lines += ["", "## Doubts", "", *(f"- {doubt}" for doubt in venue.doubts)] if venue.doubts else []
    return "\n".join(lines) + "\n"


def waterfall_lines(venue: Venue) -> list[str]:
    """Draw the order in which the layers are asked."""
    layers = ["trader's margin", *venue.rules_on().waterfall]
    return ["```text", "\n        |  what is left\n        v\n".join(f"  {layer}" for layer in layers), "```"]


def origin(value: Value) -> str:
    """Return where a value comes from, or why it is assumed."""
    if isinstance(value, Cited):
        return f"{value.source}; read {value.read_on}"
    also = f"; as admissible: {', '.join(value.others)}" if value.others else ""
    return f"assumed: {value.reason}{also}"


def venues_page() -> str:
    """Return the list of venues."""
    lines = ["# Venues", "", "Generated from the venues' files. `shortfall venues` prints the same.", ""]
    lines += ["| venue | kind | waterfall | assumed |", "|---|---|---|---|"]
    for code, venue in bundled_venues().items():
        share = percent_text(venue.assumed_ppm() // 10_000 * 10_000)
        lines.append(
            f"| [{venue.name}](venues/{code}.md) | {venue.kind} | {', '.join(venue.rules_on().waterfall)} | {share} |"
        )
    return (
        "\n".join([*lines, "", "```{toctree}", ":hidden:", "", *(f"venues/{code}" for code in bundled_venues()), "```"])
        + "\n"
    )


def disclosure_page() -> str:
    """Return the reference of the disclosure: every field of its schema, then every item of the checklist."""
    known = schema()
    lines = [
        "# Disclosure",
        "",
        "Generated from the schema that ships with the package (`shortfall disclosure schema`, JSON Schema draft 2020-12) and from the",
        "items of the checklist.",
        "",
        str(known["description"]),
    ]
    for name, held in known["properties"].items():
        lines += ["", f"## `{name}`", ""]
        lines += [f"{held['description']}", ""] if "description" in held else []
        lines += _fields(held) or [f"{_kind(held)}"]
    lines += ["", "## Shapes"]
    for name, held in known["$defs"].items():
        lines += ["", f"### {name}", ""] + ([held["description"], ""] if "description" in held else [])
        for branch in held.get("oneOf", [held]):
            lines += [*_fields(branch), ""]
    lines += ["## Items", "", "| item | what is asked | rules that answer it where cited |", "|---|---|---|"]
    lines += [f"| `{one.code}` | {one.question} | {', '.join(f'`{rule}`' for rule in one.rules)} |" for one in ITEMS]
    return re.sub(r"\n{3,}", "\n\n", "\n".join(lines)) + "\n"


def _fields(held: dict[str, Any]) -> list[str]:
    fields = held.get("properties", {})
    rows = [f"| `{name}` | {_kind(one)} | {one.get('description', '')} |" for name, one in fields.items()]
    return ["| field | is | meaning |", "|---|---|---|", *rows] if rows else []


def _kind(held: dict[str, Any]) -> str:
    if "$ref" in held:
        return str(held["$ref"]).removeprefix("#/$defs/").replace("_", " ")
    if "const" in held or "enum" in held:
        return ", ".join(f"`{word}`" for word in held.get("enum", [held.get("const")]))
    if "oneOf" in held:
        return " or ".join(_kind(one) for one in held["oneOf"])
    if held.get("type") == "array":
        return f"list of {_kind(held['items'])}"
    if held.get("format") == "date":
        return "day"
    kinds = held["type"] if isinstance(held["type"], list) else [held["type"]]
    return " or ".join(kinds)


PAGES: dict[str, Callable[[], str]] = {
    "reference/rules.md": rules_page,
    "reference/commands.md": commands_page,
    "reference/disclosure.md": disclosure_page,
    "reference/venues.md": venues_page,
    **{f"reference/venues/{code}.md": partial(venue_page, venue) for code, venue in bundled_venues().items()},
}


def main() -> None:
    """Write all generated pages."""
    for name, page in PAGES.items():
        (HERE / name).parent.mkdir(exist_ok=True)
        (HERE / name).write_text(page(), encoding="utf-8")


if __name__ == "__main__":
    main()
