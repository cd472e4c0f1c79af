"""`shortfall unknowns`: what is not published or assumed, and how far it widens the answer to a shock."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any

import click

from shortfall.cli.kernels import compiled_kernels
from shortfall.cli.request import request_from
from shortfall.cli.telling import json_option, report_option, tell
from shortfall.errors import Findings, InputError

if TYPE_CHECKING:
    from decimal import Decimal
    from pathlib import Path

    from shortfall.sim.stress import Request


@click.command()
@click.argument("venue")
@click.argument("symbol")
@click.option("--gap", default="-20%", show_default=True, help="Size of the shock; a plus sign for pumps.")
@click.option("--over", default="60s", show_default=True, help="How long it takes.")
@click.option("--depth-left", default="10%", show_default=True, help="Share of normal depth during the shock.")
@click.option("--fund", help="Fund in the settlement asset: settles an unknown fund.")
@click.option("--upper", help="Largest fund admitted where none is known; default: open interest at mark.")
@click.option(
    "--hide",
    multiple=True,
    type=click.Choice(["fund", "depth"]),
    help="Treat a known input as unknown, to see what it is worth.",
)
@click.option("--accounts", default=2_000, show_default=True, help="Synthetic accounts.")
@click.option("--seed", default=1, show_default=True, help="Seed of the populations.")
@click.option("--set", "changes", multiple=True, metavar="RULE=VALUE", help="Settle an assumed rule.")
@json_option
@report_option
def unknowns(venue: str, symbol: str, *, as_json: bool, report: Path | None, **options: Any) -> None:  # noqa: ANN401 - as click gives them
    """Run a shock on SYMBOL of VENUE with each unknown input at every admissible value: what is not published widens the range."""
    from rich.console import Console  # noqa: PLC0415 - slow to import
    from rich.progress import Progress  # noqa: PLC0415 - the same

    with compiled_kernels():
        from shortfall.assess.unknowns import widened  # noqa: PLC0415 - imports the compiler
        from shortfall.report.unknowns import print_unknowns, unknowns_document  # noqa: PLC0415 - the same

        request, upper = _read(venue, symbol, options)
        with Progress(console=Console(file=sys.stderr), transient=True) as bar:
            task = bar.add_task("admissible values", total=None)
            answer = widened(
                request,
                upper,
                hide=options["hide"],
                progress=lambda done, total: bar.update(task, completed=done, total=total),
            )
    document = unknowns_document(answer, request)
    tell(document, lambda console: print_unknowns(console, document), as_json=as_json, report=report)


def _read(venue: str, symbol: str, options: dict[str, Any]) -> tuple[Request, Decimal | None]:
    """Read all options, so that everything that is wrong is told at once."""
    from shortfall.units import parse_decimal  # noqa: PLC0415 - beside its users

    findings = Findings()
    upper, request = None, None
    try:
        upper = None if options["upper"] is None else parse_decimal(options["upper"], path="--upper")
        if upper is not None and upper < 0:
            findings.add("--upper", f"Expected zero or more, was {upper}")
    except InputError as error:
        findings.include(error)
    try:
        request = request_from(
            venue, symbol, {name: held for name, held in options.items() if name not in ("upper", "hide")}
        )
    except InputError as error:
        findings.include(error)
    if request is None or findings.as_tuple():
        raise InputError(list(findings.as_tuple()))
    return request, upper
