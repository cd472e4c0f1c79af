"""`shortfall resolve`: the same paths ended in every way that the rule space has."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any

import click

from shortfall.cli.feedback import feedback_option
from shortfall.cli.kernels import compiled_kernels
from shortfall.cli.members import member_option
from shortfall.cli.request import request_from
from shortfall.cli.telling import json_option, report_option, tell
from shortfall.errors import Finding, Findings, InputError

if TYPE_CHECKING:
    from pathlib import Path

COMPARE = "compare"
MILLION = 1_000_000


@click.command()
@click.argument("words", nargs=-1, metavar=f"[{COMPARE}] VENUE SYMBOL")
@click.option("--gap", default="-20%", show_default=True, help="Size of the shock; a plus sign for pumps.")
@click.option("--over", default="60s", show_default=True, help="How long it takes.")
@click.option("--depth-left", default="10%", show_default=True, help="Share of normal depth during the shock.")
@click.option("--fund", help="Fund in the settlement asset instead of the recorded one.")
@click.option(
    "--hedged", default="50%", show_default=True, help="Assumed share of low-leverage accounts that is hedged."
)
@member_option
@click.option("--accounts", default=2_000, show_default=True, help="Synthetic accounts.")
@click.option("--seed", default=1, show_default=True, help="Seed of the populations.")
@click.option(
    "--set", "changes", multiple=True, metavar="RULE=VALUE", help="Change a rule first (see `shortfall rules`)."
)
@feedback_option
@json_option
@report_option
def resolve(words: tuple[str, ...], *, as_json: bool, report: Path | None, hedged: str, **options: Any) -> None:  # noqa: ANN401 - as click gives them
    """Resolve one shock on SYMBOL of VENUE by each ADL rank, each base of a shared loss, the fund alone and a halt."""
    from rich.console import Console  # noqa: PLC0415 - slow to import
    from rich.progress import Progress  # noqa: PLC0415 - the same

    venue, symbol = _contract(words)
    with compiled_kernels():
        from shortfall.report.resolutions import print_resolve, resolve_document  # noqa: PLC0415 - imports the compiler
        from shortfall.sim.resolve import resolve as run  # noqa: PLC0415 - the same

        findings = Findings()
        share, request = 0, None
        try:
            share = _share(hedged)
        except InputError as error:
            findings.include(error)
        try:
            request = request_from(venue, symbol, options)
        except InputError as error:
            findings.include(error)
        findings.raise_if_any()
        if request is None:
            return
        with Progress(console=Console(file=sys.stderr), transient=True) as bar:
            task = bar.add_task("resolutions", total=None)
            answer = run(request, share, lambda done, total: bar.update(task, completed=done, total=total))
    document = resolve_document(answer)
    tell(document, lambda console: print_resolve(console, document), as_json=as_json, report=report)


def _contract(words: tuple[str, ...]) -> tuple[str, str]:
    """Return venue and symbol; a first word that says `compare` is left out."""
    given = words[1:] if words[:1] == (COMPARE,) else words
    if len(given) != 2:  # noqa: PLR2004 - a venue and a symbol
        message = f"Expected a venue and a symbol, was {' '.join(words) or 'nothing'}"
        raise click.UsageError(message)
    return given[0], given[1]


def _share(text: str) -> int:
    from shortfall.units import ppm_from_text  # noqa: PLC0415 - beside its users

    share = ppm_from_text(text, path="--hedged")
    if not 0 <= share <= MILLION:
        raise InputError([Finding("--hedged", f"Expected 0 % to 100 %, was {text}")])
    return share
