"""`shortfall checklist` and `shortfall disclosure`: what a venue publishes about who pays, and a form that anyone can fill in."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import click

from shortfall.cli.telling import json_option, tell
from shortfall.errors import Finding, InputError

if TYPE_CHECKING:
    from datetime import datetime

    from shortfall.assess.checklist import Checklist

DAY: Final = click.DateTime(["%Y-%m-%d"])
WORDS: Final = ("template", "check", "schema")
day_option = click.option("--on", "day", type=DAY, help="Rules as of a day; default: the latest.")
report_option = click.option(
    "--report", type=click.Path(dir_okay=False, path_type=Path), help="Write a single-file HTML page."
)


@click.command()
@click.argument("venue")
@click.argument("symbol", required=False)
@day_option
@json_option
@report_option
def checklist(venue: str, symbol: str | None, *, day: datetime | None, as_json: bool, report: Path | None) -> None:
    """Show what VENUE publishes about its fund, ADL, prices, margin and events, and which signs that answers yes, no, unknown.

    With SYMBOL the recorded figures of that contract are read too. No score and no order of venues is made.
    """
    found = _found(venue, symbol, day)
    from shortfall.report.checklists import checklist_document, print_checklist  # noqa: PLC0415 - imports rich

    document = checklist_document(found)
    tell(document, lambda console: print_checklist(console, document), as_json=as_json)
    if report is not None:
        from shortfall.report.page_disclosure import checklist_page  # noqa: PLC0415 - beside its user

        _write(report, checklist_page(document))


@click.command()
@click.argument("venue", metavar="VENUE|template|check|schema")
@click.argument("symbol", required=False, metavar="[SYMBOL|FILE]")
@day_option
@json_option
@report_option
def disclosure(venue: str, symbol: str | None, *, day: datetime | None, as_json: bool, report: Path | None) -> None:
    """Show the Venue Quantitative Disclosure of VENUE, and of one contract with SYMBOL.

    `shortfall disclosure template` prints an empty one that anyone can fill in, `shortfall disclosure check FILE` validates a filled one
    and tells all findings at once, `shortfall disclosure schema` prints the JSON Schema.
    """
    document = _document(venue, symbol, day)
    if document is None:
        return
    if report is not None:
        from shortfall.report.page_disclosure import disclosure_page  # noqa: PLC0415 - beside its user

        _write(report, disclosure_page(document))
    from shortfall.report.checklists import print_disclosure  # noqa: PLC0415 - imports rich

    tell(document, lambda console: print_disclosure(console, document), as_json=as_json or venue == "template")


def _write(report: Path, page: str) -> None:
    report.write_text(page, encoding="utf-8")
    print(f"report written to {report}", file=sys.stderr)


def _document(venue: str, symbol: str | None, day: datetime | None) -> dict[str, Any] | None:
    """Return the disclosure that is asked for; None where the schema was printed instead."""
    from shortfall.data.disclosure_file import load_disclosure, schema_text  # noqa: PLC0415 - beside its users

    if venue == "schema":
        print(schema_text(), end="")
        return None
    if venue == "check":
        if symbol is None:
            raise InputError([Finding("FILE", "Expected the disclosure to check, was nothing")])
        return load_disclosure(Path(symbol))
    from shortfall.assess.disclosure import disclosure as made  # noqa: PLC0415 - beside its users
    from shortfall.assess.disclosure import template  # noqa: PLC0415 - the same

    if venue == "template":
        return template()
    return made(_found(venue, symbol, day), None if day is None else day.date())


def _found(venue: str, symbol: str | None, day: datetime | None) -> Checklist:
    from shortfall.assess.checklist import checklist as made  # noqa: PLC0415 - imports numpy
    from shortfall.data.figures import bundled_contracts, load_bundled  # noqa: PLC0415 - the same
    from shortfall.sim.venues import find_venue  # noqa: PLC0415 - the same

    rules = find_venue(venue)
    if symbol is None:
        return made(rules, None, None if day is None else day.date())
    names = [name for code, name in bundled_contracts() if code == rules.code]
    chosen = next((name for name in names if name.upper() == symbol.upper()), None)
    if chosen is None:
        listed = ", ".join(names) or "none; leave SYMBOL out for what the venue publishes"
        raise InputError(
            [Finding("SYMBOL", f"Expected a contract of {rules.code} with recorded figures ({listed}), was {symbol!r}")]
        )
    return made(rules, load_bundled(rules.code, chosen), None if day is None else day.date())
