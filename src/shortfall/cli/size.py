"""`shortfall size`: the fund that a named set of scenarios needs."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import Any

import click

from shortfall.cli.feedback import feedback_option
from shortfall.cli.kernels import compiled_kernels
from shortfall.cli.members import member_option
from shortfall.cli.request import request_from
from shortfall.cli.telling import json_option, report_option, tell

MOST_COVER = 1_000


@click.command()
@click.argument("venue")
@click.argument("symbol")
@click.option("--scenario", help="One named scenario instead of the set (see `shortfall scenarios`).")
@click.option("--accounts", default=2_000, show_default=True, help="Synthetic accounts of this contract.")
@member_option
@click.option("--alone", is_flag=True, help="Without the pool's other members: the need of this contract only.")
@click.option("--oi", help="Open interest in base units instead of the recorded one.")
@click.option("--seed", default=1, show_default=True, help="Seed of the populations.")
@click.option(
    "--threads",
    default=os.cpu_count() or 1,
    show_default="cores",
    help="Worker threads; the answer does not depend on them.",
)
@click.option(
    "--state", type=click.Path(path_type=Path), help="Your own accounts instead of synthetic ones: CSV or Parquet."
)
@click.option("--as-of", type=click.DateTime(["%Y-%m-%d"]), help="Date of the state file, where it has none.")
@click.option(
    "--cover",
    type=click.IntRange(1, MOST_COVER),
    default=2,
    show_default=True,
    help="With --state: accounts with the largest deficits that are added up (cover-k).",
)
@click.option("--on", "day", type=click.DateTime(["%Y-%m-%d"]), help="Rules as of a day; default: the latest.")
@click.option(
    "--set", "changes", multiple=True, metavar="RULE=VALUE", help="Change a rule first (see `shortfall rules`)."
)
@feedback_option
@json_option
@report_option
def size(venue: str, symbol: str, *, as_json: bool, report: Path | None, cover: int, **options: Any) -> None:  # noqa: ANN401 - as click gives them
    """Size the fund of SYMBOL on VENUE for a named set: the worst recorded moves of its class, 1.5 x them, joint over the pool."""
    from rich.console import Console  # noqa: PLC0415 - slow to import
    from rich.progress import Progress  # noqa: PLC0415 - the same

    with compiled_kernels():
        from shortfall.report.sizes import print_size, size_document  # noqa: PLC0415 - imports the compiler
        from shortfall.sim.size import size_fund  # noqa: PLC0415 - the same

        request = request_from(venue, symbol, {**options, "fund": None})
        with Progress(console=Console(file=sys.stderr), transient=True) as bar:
            task = bar.add_task("scenarios", total=None)
            answer = size_fund(request, lambda done, total: bar.update(task, completed=done, total=total), cover=cover)
    document = size_document(answer)
    tell(document, lambda console: print_size(console, document), as_json=as_json, report=report)
