"""`shortfall scenarios`: the named scenarios, what kind of path each is, and what is left out."""

from __future__ import annotations

import json

import click


@click.command()
@click.option("--json", "as_json", is_flag=True, help="One document for programs.")
def scenarios(*, as_json: bool) -> None:
    """List the named scenarios. `NAME*1.5` multiplies a move, `A+B` runs one after the other, `+largest` adds the largest accounts."""
    from shortfall.report.scenario_tables import print_scenarios, scenarios_document  # noqa: PLC0415 - imports numpy

    document = scenarios_document()
    if as_json:
        print(json.dumps(document, indent=2))
        return
    from rich.console import Console  # noqa: PLC0415 - slow to import

    print_scenarios(Console(), document)
