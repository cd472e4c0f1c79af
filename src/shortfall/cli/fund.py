"""`shortfall fund`: months of a fund on recorded bars."""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING, Any

import click

from shortfall.cli.kernels import compiled_kernels
from shortfall.cli.request import request_from
from shortfall.cli.telling import json_option, report_option, tell

if TYPE_CHECKING:
    from pathlib import Path

MOST_MONTHS = 120


@click.command()
@click.argument("venue")
@click.argument("symbol")
@click.option(
    "--months", type=click.IntRange(1, MOST_MONTHS), help="The last so many times 30 days; default: all after ten days."
)
@click.option(
    "--bars", type=click.Path(exists=True, dir_okay=False), help="A series of your own instead of the bundled one."
)
@click.option("--fund", help="Fund in the settlement asset at the start instead of the recorded one.")
@click.option(
    "--depth-left", default="100%", show_default=True, help="Share of recorded depth that the worse fill walks through."
)
@click.option("--oi", help="Open interest in base units instead of the recorded one.")
@click.option("--accounts", default=1_000, show_default=True, help="Synthetic accounts, drawn again every day.")
@click.option("--seed", default=1, show_default=True, help="Seed of the populations.")
@click.option(
    "--threads",
    default=os.cpu_count() or 1,
    show_default="cores",
    help="Worker threads; the answer does not depend on them.",
)
@click.option("--set", "changes", multiple=True, metavar="RULE=VALUE", help="Change a rule (see `shortfall rules`).")
@json_option
@report_option
def fund(
    venue: str, symbol: str, *, months: int | None, bars: str | None, as_json: bool, report: Path | None, **options: Any  # noqa: ANN401 - as click gives them
) -> None:  # fmt: skip
    """Follow the fund of SYMBOL on VENUE over recorded bars: income by source, spending, and what one impulse costs."""
    from rich.console import Console  # noqa: PLC0415 - slow to import
    from rich.progress import Progress  # noqa: PLC0415 - the same

    with compiled_kernels():
        from shortfall.report.funds import fund_document, print_fund  # noqa: PLC0415 - imports the compiler
        from shortfall.sim.fund import fund_months  # noqa: PLC0415 - the same

        request = request_from(venue, symbol, options)
        with Progress(console=Console(file=sys.stderr), transient=True) as bar:
            task = bar.add_task("days", total=None)
            answer = fund_months(
                request, months, bars, lambda done, total: bar.update(task, completed=done, total=total)
            )
    document = fund_document(answer)
    tell(document, lambda console: print_fund(console, document), as_json=as_json, report=report)
