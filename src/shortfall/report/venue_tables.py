"""Venues as tables: rules in words, where each comes from, what differs, what is assumed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from rich import box
from rich.console import Console
from rich.table import Table
from rich.text import Text

from shortfall.rules.cited import Cited
from shortfall.rules.reference import rule_lines
from shortfall.rules.venue import tiers_of
from shortfall.units import percent_text

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date

    from shortfall.rules.cited import Value
    from shortfall.rules.venue import Terms, Venue

# column to the rules that it shows, in this order
COLUMNS: Final = {
    "mark": ("mark.method",),
    "how much": ("amount.method",),
    "close": ("close.style",),
    "takeover": ("takeover.fund_capacity", "takeover.backstop_capacity", "takeover.pool_capacity"),
    "waterfall": ("waterfall",),
    "ADL rank": ("adl.rank",),
    "ADL price": ("adl.price",),
}


def venue_row(venue: Venue) -> dict[str, Any]:
    """Return one venue as a row of the list."""
    values = venue.values_on()
    row: dict[str, Any] = {"code": venue.code, "name": venue.name, "kind": venue.kind, "thin": venue.thin}
    for title, names in COLUMNS.items():
        row[title] = ", ".join(str(values[name][0].value) for name in names if name in values) or "-"
    return row | {
        "fund structure": str(venue.structure.value),
        "assumed_ppm": venue.assumed_ppm(),
        "contracts": len(venue.terms),
    }


def venue_document(venue: Venue, day: date | None) -> dict[str, Any]:
    """Return everything about a venue as of a day."""
    return {
        **venue_row(venue),
        "as_of": None if day is None else day.isoformat(),
        "summary": venue.summary,
        "structure": source_of(venue.structure),
        "rules": [
            {"rule": name, "since": None if since is None else since.isoformat(), **source_of(value)}
            for name, (value, since) in venue.values_on(day).items()
        ],
        "contracts": [_terms(terms) for terms in venue.terms],
        "history": [
            {"since": None if era.since is None else era.since.isoformat(), "what": era.what, "rules": list(era.values)}
            for era in venue.eras
        ],
        "doubts": list(venue.doubts),
    }


def source_of(value: Value) -> dict[str, Any]:
    """Return a value with where it comes from, or why it is assumed."""
    if isinstance(value, Cited):
        return {
            "value": str(value.value),
            "kind": "cited",
            "source": value.source,
            "read_on": value.read_on.isoformat(),
        }
    return {"value": str(value.value), "kind": "assumed", "reason": value.reason, "others": list(value.others)}


def _terms(terms: Terms) -> dict[str, Any]:
    told = source_of(terms.tiers)
    told["value"] = [
        {
            "top_notional": None if tier.top_notional is None else f"{tier.top_notional:f}",
            "initial": percent_text(tier.initial_ppm),
            "maintenance": percent_text(tier.maintenance_ppm),
        }
        for tier in tiers_of(terms)
    ]
    rules = {name: source_of(value) for name, value in terms.values.items()}
    return {"symbol": terms.symbol, "base": terms.base, "inverse": terms.inverse, "tiers": told, "rules": rules}


def differences(first: Venue, second: Venue, day: date | None) -> list[dict[str, str]]:
    """Return the rules in which two venues differ as of a day, with what each entry means."""
    rules = [venue.rules_on(day) for venue in (first, second)]
    told = [{name: (value, meaning) for name, value, meaning in one.lines()} for one in rules]
    return [
        {"rule": name, first.code: told[0][name][0], second.code: told[1][name][0], "meaning": told[0][name][1]}
        for name in told[0]
        if told[0][name][0] != told[1][name][0]
    ]


def print_venues(venues: Sequence[Venue]) -> None:
    """Print the list of venues."""
    console = Console()
    titles = ("code", *COLUMNS, "fund structure", "assumed")
    table = _table("", titles)
    for venue in venues:
        row = venue_row(venue)
        cells = [str(row[title]) for title in titles[:-1]]
        cells[0] += " (thin)" if venue.thin else ""
        table.add_row(*cells, percent_text(venue.assumed_ppm() // 10_000 * 10_000))
    console.print(table)
    console.print(
        Text(
            "shortfall venues show CODE tells where each value comes from; assumed: share of values without a page.",
            "dim",
        )
    )


def print_venue(venue: Venue, day: date | None) -> None:
    """Print one venue with the source of every value."""
    console = Console()
    meanings = {line.name: line for line in rule_lines()}
    console.print(
        Text(f"{venue.name} ({venue.code}), {venue.kind}{', outline only' if venue.thin else ''}", style="bold")
    )
    console.print(Text(venue.summary))
    console.print(Text(f"fund: {venue.structure.value} [{_origin(venue.structure)}]"))
    table = _table(
        "Rules" if day is None else f"Rules on {day}", ("rule", "value", "meaning", "since", "source or reason")
    )
    for name, (value, since) in venue.values_on(day).items():
        line = meanings[name]
        known = line.entries.get(str(value.value))
        words = (known or line.about).meaning
        table.add_row(name, str(value.value), words, "" if since is None else str(since), _origin(value))
    console.print(table)
    for terms in venue.terms:
        console.print(_ladder(terms))
    if len(venue.eras) > 1:
        console.print(Text("\nHistory", style="bold"))
        for era in venue.eras:
            console.print(Text(f"  {era.since or 'before'}: {era.what}"))
    if venue.doubts:
        console.print(Text("\nDoubts", style="bold"))
        for doubt in venue.doubts:
            console.print(Text(f"  - {doubt}"))


def _ladder(terms: Terms) -> Table:
    table = _table(f"{terms.symbol}: margin tiers [{_origin(terms.tiers)}]", ("up to", "initial", "maintenance"))
    for tier in tiers_of(terms):
        top = "no limit" if tier.top_notional is None else f"{tier.top_notional:,}"
        table.add_row(top, percent_text(tier.initial_ppm), percent_text(tier.maintenance_ppm))
    return table


def _origin(value: Value) -> str:
    if isinstance(value, Cited):
        return f"{value.source}; read {value.read_on}"
    also = f"; as admissible: {', '.join(value.others)}" if value.others else ""
    return f"assumed: {value.reason}{also}"


def print_differences(pair: tuple[Venue, Venue], rows: Sequence[dict[str, str]]) -> None:
    """Print the rules in which two venues differ."""
    first, second = pair
    table = _table(
        f"{first.code} and {second.code} differ in {len(rows)} rules", ("rule", first.code, second.code, "meaning")
    )
    for row in rows:
        table.add_row(row["rule"], row[first.code], row[second.code], row["meaning"])
    Console().print(table)


def print_assumptions(venues: Sequence[Venue]) -> None:
    """Print that all venues are sound, and everything that is assumed."""
    console = Console()
    for venue in venues:
        table = _table(
            f"{venue.code}: {len(venue.assumed())} of {len(venue.values_on())} values assumed",
            ("rule", "value", "reason"),
        )
        for name, value in venue.assumed():
            table.add_row(name, str(value.value), _origin(value).removeprefix("assumed: "))
        console.print(table)
    console.print(Text(f"{len(venues)} venues, no findings"))


def _table(title: str, columns: Sequence[str]) -> Table:
    table = Table(
        title=Text(f"\n{title}", style="bold") if title else None,
        title_justify="left",
        box=box.SIMPLE_HEAD,
        pad_edge=False,
    )
    for k, column in enumerate(columns):
        table.add_column(column, overflow="fold", no_wrap=k == 0)
    return table
