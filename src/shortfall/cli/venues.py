"""`shortfall venues`: whose rules are known, where each value comes from, and what is assumed."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, Final

import click

from shortfall.errors import Findings

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date, datetime

    from shortfall.rules.venue import Venue

SCHEMA: Final = "shortfall.venues/1"
DAY: Final = click.DateTime(["%Y-%m-%d"])


@click.group(invoke_without_command=True)
@click.option("--json", "as_json", is_flag=True, help="One JSON document instead of a table.")
@click.pass_context
def venues(context: click.Context, *, as_json: bool) -> None:
    """Show the venues' rules with their sources.

    Own venues: TOML files in the folder that SHORTFALL_VENUES names (see the how-to "Add a venue").
    """
    if context.invoked_subcommand is not None:
        return
    from shortfall.report.venue_tables import print_venues, venue_row  # noqa: PLC0415 - imports rich
    from shortfall.sim.venues import known_venues  # noqa: PLC0415 - imports numpy

    known = list(known_venues().values())
    if as_json:
        _print_json({"venues": [venue_row(venue) for venue in known]})
    else:
        print_venues(known)


@venues.command()
@click.argument("code")
@click.option("--on", "day", type=DAY, help="As of a day; default: the latest.")
@click.option("--json", "as_json", is_flag=True, help="One JSON document instead of text.")
def show(code: str, *, day: datetime | None, as_json: bool) -> None:
    """Show one venue: rules in words, each with its source or reason, contracts, history, doubts."""
    from shortfall.report.venue_tables import print_venue, venue_document  # noqa: PLC0415 - imports rich
    from shortfall.sim.venues import find_venue  # noqa: PLC0415 - imports numpy

    venue = find_venue(code)
    if as_json:
        _print_json({"venue": venue_document(venue, _date(day))})
    else:
        print_venue(venue, _date(day))


@venues.command()
@click.argument("first")
@click.argument("second")
@click.option("--on", "day", type=DAY, help="As of a day; default: the latest.")
@click.option("--json", "as_json", is_flag=True, help="One JSON document instead of a table.")
def diff(first: str, second: str, *, day: datetime | None, as_json: bool) -> None:
    """Show the rules in which two venues differ."""
    from shortfall.report.venue_tables import differences, print_differences  # noqa: PLC0415 - imports rich
    from shortfall.sim.venues import find_venue  # noqa: PLC0415 - imports numpy

    pair = (find_venue(first), find_venue(second))
    rows = differences(*pair, _date(day))
    if as_json:
        _print_json({"first": first, "second": second, "differences": rows})
    else:
        print_differences(pair, rows)


@venues.command()
@click.option("--json", "as_json", is_flag=True, help="One JSON document instead of text.")
def check(*, as_json: bool) -> None:
    """Validate every venue and list every assumption."""
    from shortfall.report.venue_tables import print_assumptions  # noqa: PLC0415 - imports rich
    from shortfall.rules.venue import check_venue  # noqa: PLC0415 - imports numpy
    from shortfall.sim.venues import known_venues  # noqa: PLC0415 - the same

    known = list(known_venues().values())
    findings = Findings()
    for venue in known:
        for finding in check_venue(venue).as_tuple():
            findings.add(f"{venue.code}: {finding.path}", finding.message)
    findings.raise_if_any()
    if as_json:
        _print_json({"venues": [{"code": v.code, "assumed": _assumed(v)} for v in known], "findings": []})
    else:
        print_assumptions(known)


def _assumed(venue: Venue) -> list[dict[str, Any]]:
    return [
        {"rule": name, "value": str(value.value), "reason": value.reason, "others": list(value.others)}
        for name, value in venue.assumed()
    ]


def _date(day: datetime | None) -> date | None:
    return None if day is None else day.date()


def _print_json(body: dict[str, Any] | Sequence[Any]) -> None:
    print(json.dumps({"schema": SCHEMA, **dict(body)}, indent=2, ensure_ascii=False))
