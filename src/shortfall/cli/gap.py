"""`shortfall gap`: surfaces over gap, speed and depth left."""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from shortfall.cli.feedback import feedback_option
from shortfall.cli.kernels import compiled_kernels
from shortfall.cli.members import member_option
from shortfall.cli.request import request_from
from shortfall.errors import Findings, InputError

if TYPE_CHECKING:
    from shortfall.sim.gapsurface import Grid
    from shortfall.sim.stress import Request


@click.command()
@click.argument("venue")
@click.argument("symbol")
@click.option("--over", "speeds", multiple=True, help="How long the move takes; default: 1s, 1m and 10m.")
@click.option("--depth-left", "depths", multiple=True, help="Shares of normal depth; default: 100%, 30%, 10% and 3%.")
@click.option("--fund", help="Fund in the settlement asset instead of the recorded one.")
@click.option("--oi", help="Open interest in base units instead of the recorded one.")
@member_option
@click.option("--accounts", default=3_000, show_default=True, help="Synthetic accounts.")
@click.option("--seed", default=1, show_default=True, help="Seed of the populations.")
@click.option(
    "--threads",
    default=os.cpu_count() or 1,
    show_default="cores",
    help="Worker threads; the answer does not depend on them.",
)
@click.option("--set", "changes", multiple=True, metavar="RULE=VALUE", help="Change a rule (see `shortfall rules`).")
@feedback_option
@click.option("--json", "as_json", is_flag=True, help="One document for programs.")
@click.option("--report", type=click.Path(dir_okay=False), help="Write a single-file HTML report.")
def gap(venue: str, symbol: str, *, as_json: bool, report: str | None, **options: Any) -> None:  # noqa: ANN401 - as click gives them
    """Show where the fund of SYMBOL of VENUE pays, is full, is out of cash, and where ADL starts, over gap, speed and depth."""
    from rich.console import Console  # noqa: PLC0415 - slow to import
    from rich.progress import Progress  # noqa: PLC0415 - the same

    if report is not None:
        from shortfall.report.drawing import require  # noqa: PLC0415 - charts are an extra

        for name in ("altair", "vl_convert"):
            require(name)
    with compiled_kernels():
        from shortfall.report.surfaces import print_surface, surface_document  # noqa: PLC0415 - imports the compiler
        from shortfall.sim.gapsurface import gap_surface  # noqa: PLC0415 - the same

        request, grid = _asked(venue, symbol, options)
        with Progress(console=Console(file=sys.stderr), transient=True) as bar:
            task = bar.add_task("grid over gap, speed and depth", total=None)
            answer = gap_surface(request, grid, lambda d, n: bar.update(task, completed=d, total=n))
    document = surface_document(answer)
    if as_json:
        print(json.dumps(document, indent=2))
    else:
        print_surface(Console(), document)
    if report is not None:
        from shortfall.report.page_surface import surface_page  # noqa: PLC0415 - charts are an extra

        Path(report).write_text(surface_page(document), encoding="utf-8")
        print(f"report written to {report}", file=sys.stderr)


def _asked(venue: str, symbol: str, options: dict[str, Any]) -> tuple[Request, Grid]:
    """Read and check everything: all findings at once."""
    from shortfall.sim.gapsurface import DEPTHS_PPM, SPEEDS_US, Grid, check_grid  # noqa: PLC0415 - imports the compiler
    from shortfall.units import duration_us_from_text, ppm_from_text  # noqa: PLC0415 - beside its users

    findings = Findings()
    read: dict[str, list[int]] = {}
    for name, path, reading in (
        ("speeds", "--over", duration_us_from_text),
        ("depths", "--depth-left", ppm_from_text),
    ):
        read[name] = []
        for text in options.pop(name):
            try:
                read[name].append(reading(text, path=path))
            except InputError as error:
                findings.include(error)
    grid = Grid(
        tuple(sorted(set(read["speeds"]))) or SPEEDS_US, tuple(sorted(set(read["depths"]), reverse=True)) or DEPTHS_PPM
    )
    for found in check_grid(grid).as_tuple():
        findings.add(found.path, found.message)
    request = None
    try:
        request = request_from(venue, symbol, {"gap": "-20%", "over": "60s", "depth_left": "10%", **options})
    except InputError as error:
        findings.include(error)
    findings.raise_if_any()
    if request is None:
        raise InputError(findings.as_tuple())
    return request, grid
