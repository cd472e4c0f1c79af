"""`shortfall assess`: what is known about one contract, told for one kind of reader."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any

import click

from shortfall.cli.kernels import compiled_kernels
from shortfall.cli.request import request_from
from shortfall.cli.telling import json_option, report_option, tell

if TYPE_CHECKING:
    from pathlib import Path

    from shortfall.data.figures import ContractFigures

ROLES = ("scalper", "hedger", "trend", "large", "engineer", "provider")


@click.command()
@click.argument("venue")
@click.argument("symbol")
@click.option("--as", "role", type=click.Choice(ROLES), default="engineer", show_default=True, help="Who reads it.")
@click.option("--gap", default="-20%", show_default=True, help="Size of the stated shock; a plus sign for pumps.")
@click.option("--over", default="60s", show_default=True, help="How long it takes.")
@click.option("--depth-left", default="10%", show_default=True, help="Share of normal depth during the shock.")
@click.option("--fund", help="Fund in the settlement asset instead of the recorded one.")
@click.option("--accounts", default=2_000, show_default=True, help="Synthetic accounts of each population.")
@click.option("--seed", default=1, show_default=True, help="Seed of the populations.")
@click.option("--set", "changes", multiple=True, metavar="RULE=VALUE", help="Change a rule (see `shortfall rules`).")
@click.option(
    "--store", type=click.Path(file_okay=False), help="Collected snapshots: figures of the newest, and their history."
)
@json_option
@report_option
def assess(venue: str, symbol: str, *, role: str, as_json: bool, report: Path | None, **options: Any) -> None:  # noqa: ANN401 - as click gives them
    """Assess SYMBOL of VENUE: its fund, depth, tiers, mark and ADL as recorded, who pays in a stated shock, and what is not known.

    Every figure has its source and date or its run; what is unknown says so and is never a zero. No score, no advice.
    """
    from rich.console import Console  # noqa: PLC0415 - slow to import
    from rich.progress import Progress, SpinnerColumn, TextColumn, TimeElapsedColumn  # noqa: PLC0415 - the same

    with compiled_kernels():
        from shortfall.assess.assessment import assess as run  # noqa: PLC0415 - imports the compiler
        from shortfall.assess.subject import subject_of  # noqa: PLC0415 - the same
        from shortfall.report.assessments import assess_document, print_assessment  # noqa: PLC0415 - the same

        request = request_from(venue, symbol, options)
        subject = subject_of(
            venue, symbol.upper(), changes=request.changes, history=_history(options["store"], venue, symbol)
        )
        columns = (SpinnerColumn(), TextColumn("{task.description}"), TimeElapsedColumn())
        with Progress(*columns, console=Console(file=sys.stderr), transient=True) as bar:
            task = bar.add_task("figures", total=None)
            found = run(subject, request, lambda words: bar.update(task, description=words))
    document = assess_document(found, role)
    tell(document, lambda console: print_assessment(console, document), as_json=as_json)
    if report is not None:
        from shortfall.report.page_assess import assess_page  # noqa: PLC0415 - charts are an extra

        report.write_text(assess_page(document), encoding="utf-8")
        print(f"report written to {report}", file=sys.stderr)


def _history(store: str | None, venue: str, symbol: str) -> tuple[ContractFigures, ...]:
    """Return what was collected about the contract, oldest first; nothing where no store is given."""
    if store is None:
        return ()
    from shortfall.data.figure_history import load_history  # noqa: PLC0415 - the store is an extra

    return load_history(store, venue, symbol.upper())
