"""`shortfall stress`: the main job on a bundled contract snapshot."""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click
from click.core import ParameterSource

from shortfall.cli.feedback import feedback_option
from shortfall.cli.kernels import compiled_kernels
from shortfall.cli.members import member_option
from shortfall.cli.request import request_from
from shortfall.errors import Finding, InputError

if TYPE_CHECKING:
    from shortfall.sim.stress import Request

MODES = ("common", "venue", "source")


@click.command()
@click.argument("venue")
@click.argument("symbol")
@click.option(
    "--gap",
    default="-20%",
    show_default=True,
    help="Size of the shock; a plus sign for pumps. Without a sign it is a fall.",
)
@click.option("--over", default="60s", show_default=True, help="How long it takes.")
@click.option(
    "--shock",
    "mode",
    type=click.Choice(MODES),
    default="common",
    show_default=True,
    help="Who sees it: everybody, this venue, one index source.",
)
@click.option(
    "--scenario", help="A named scenario instead (see `shortfall scenarios`), e.g. v-crash or slide-pump*1.5."
)
@click.option("--path", help="An observed path instead: oct10, or a file of recorded bars.")
@click.option("--after", "afters", multiple=True, help="hold, rebound:SHARE or drift:SHARE; default: all three.")
@click.option(
    "--depth-left", default="10%", show_default=True, help="Share of normal depth that makers show during the shock."
)
@click.option("--refill", default="5m", show_default=True, help="Time constant with which depth comes back.")
@click.option(
    "--depth-law",
    type=click.Choice(("constant", "oct10-100bps", "oct10-top")),
    help="How depth thins with speed and drawdown; default: --depth-left, and oct10-100bps beside it.",
)
@click.option(
    "--liquidity",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="A law of depth from `shortfall fit liquidity --out`.",
)
@feedback_option
@click.option("--oi", help="Open interest in base units instead of the recorded one.")
@click.option("--fund", help="Fund in the settlement asset instead of the recorded one.")
@click.option(
    "--close", "close", type=click.Choice(("market", "bankruptcy")), help="Close style; short for --set close.style=..."
)
@click.option(
    "--accounts",
    default=20_000,
    show_default=True,
    help="Synthetic accounts of this contract (100000 for finer grain).",
)
@member_option
@click.option("--alone", is_flag=True, help="Without the pool's other members: an upper bound.")
@click.option("--step", default="100ms", show_default=True, help="Length of a step during the shock.")
@click.option("--seed", default=1, show_default=True, help="Seed of the populations.")
@click.option(
    "--threads",
    default=os.cpu_count() or 1,
    show_default="cores",
    help="Worker threads; the answer does not depend on them.",
)
@click.option(
    "--set",
    "changes",
    multiple=True,
    metavar="RULE=VALUE",
    help="Change a rule, e.g. takeover.fund_capacity=20% (see `shortfall rules`).",
)
@click.option(
    "--on", "day", type=click.DateTime(["%Y-%m-%d"]), help="Rules of the venue as of a day; default: the latest."
)
@click.option(
    "--tiers",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="Margin ladders from a CSV file (see the how-to); with --on, those in force on that day.",
)
@click.option(
    "--state",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="Your own accounts from a CSV or Parquet file (see the reference) instead of synthetic ones.",
)
@click.option(
    "--as-of", "as_of", type=click.DateTime(["%Y-%m-%d"]), help="The day --state speaks of, unless the file says it."
)
@click.option(
    "--find-gap", "find", is_flag=True, help="Search gap and speed for where the fund pays, is exhausted, ADL starts."
)
@click.option("--json", "as_json", is_flag=True, help="One document for programs.")
@click.option("--report", type=click.Path(dir_okay=False), help="Write a single-file HTML report.")
def stress(venue: str, symbol: str, *, find: bool, as_json: bool, report: str | None, **options: object) -> None:
    """Stress SYMBOL of VENUE and say who pays: margin, fund, winners, as a range over synthetic populations, or on your own accounts."""
    if report is not None:
        from shortfall.report.drawing import require  # noqa: PLC0415 - charts are an extra

        for name in ("altair", "vl_convert"):
            require(name)
    if find and options["state"] is not None:
        raise InputError(
            [Finding("--find-gap", "Expected it without --state: the search runs on synthetic populations")]
        )
    with compiled_kernels():
        typed = tuple(name for name in options if _typed(name))
        request = request_from(venue, symbol, {**options, "typed": typed})
        if find and request.scenario is not None:
            raise InputError(
                [Finding("--find-gap", "Expected no --scenario beside it: the search makes its own shocks")]
            )
        document = _find_gap(request, as_json=as_json) if find else _stress(request, as_json=as_json)
    if report is not None:
        from shortfall.report.page import stress_page  # noqa: PLC0415 - charts are an extra

        Path(report).write_text(stress_page(document), encoding="utf-8")
        print(f"report written to {report}", file=sys.stderr)


def _typed(name: str) -> bool:
    return click.get_current_context().get_parameter_source(name) is ParameterSource.COMMANDLINE


def _stress(request: Request, *, as_json: bool) -> dict[str, object]:
    from rich.console import Console  # noqa: PLC0415 - slow to import

    from shortfall.report.document import stress_document  # noqa: PLC0415 - the same
    from shortfall.report.stress_tables import print_document  # noqa: PLC0415 - the same
    from shortfall.sim.stress import stress as run  # noqa: PLC0415 - imports the compiler

    told = Console(stderr=True)
    with told.status("starting") as status:
        answer = run(request, status.update)
    document = stress_document(answer)
    if as_json:
        print(json.dumps(document, indent=2))
    else:
        print_document(Console(), document)
    return document


def _find_gap(request: Request, *, as_json: bool) -> dict[str, object]:
    from rich.console import Console  # noqa: PLC0415 - slow to import
    from rich.progress import Progress  # noqa: PLC0415 - the same

    from shortfall.report.document import gap_document  # noqa: PLC0415 - the same
    from shortfall.report.stress_tables import print_gap  # noqa: PLC0415 - the same
    from shortfall.sim.findgap import find_gap  # noqa: PLC0415 - imports the compiler

    with Progress(console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task("grid over gap and speed", total=None)
        answer = find_gap(request, lambda done, total: bar.update(task, completed=done, total=total))
    document = gap_document(answer)
    if as_json:
        print(json.dumps(document, indent=2))
    else:
        print_gap(Console(), answer, document["answers"])
    return document
