"""`shortfall rank`: which rule would change it, one at a time and in pairs."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any

import click

from shortfall.cli.feedback import feedback_option
from shortfall.cli.kernels import compiled_kernels
from shortfall.cli.request import request_from
from shortfall.cli.telling import json_option, report_option, tell

if TYPE_CHECKING:
    from pathlib import Path


@click.command()
@click.argument("venue")
@click.argument("symbol")
@click.option("--gap", default="-20%", show_default=True, help="Size of the shock; a plus sign for pumps.")
@click.option("--over", default="60s", show_default=True, help="How long it takes.")
@click.option("--depth-left", default="10%", show_default=True, help="Share of normal depth during the shock.")
@click.option("--fund", help="Fund in the settlement asset instead of the recorded one.")
@click.option("--accounts", default=5_000, show_default=True, help="Synthetic accounts.")
@click.option("--seed", default=1, show_default=True, help="Seed of the populations.")
@click.option(
    "--set", "changes", multiple=True, metavar="RULE=VALUE", help="Change a rule first (see `shortfall rules`)."
)
@feedback_option
@json_option
@report_option
def rank(venue: str, symbol: str, *, as_json: bool, report: Path | None, **options: Any) -> None:  # noqa: ANN401 - as click gives them
    """Rank what-ifs on SYMBOL of VENUE: tiers, partial liquidation, mark rule, bands, capacity, fund, ADL rule, on one shock."""
    from rich.console import Console  # noqa: PLC0415 - slow to import
    from rich.progress import Progress  # noqa: PLC0415 - the same

    with compiled_kernels():
        from shortfall.report.ranks import print_rank, rank_document  # noqa: PLC0415 - imports the compiler
        from shortfall.sim.whatif import rank as run  # noqa: PLC0415 - the same

        request = request_from(venue, symbol, options)
        with Progress(console=Console(file=sys.stderr), transient=True) as bar:
            task = bar.add_task("what-ifs", total=None)
            answer = run(request, lambda done, total: bar.update(task, completed=done, total=total))
    document = rank_document(answer)
    tell(document, lambda console: print_rank(console, document), as_json=as_json, report=report)
