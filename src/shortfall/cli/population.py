"""`shortfall population`: the synthetic populations of a contract, and why each is admitted."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import click

from shortfall.cli.kernels import compiled_kernels
from shortfall.cli.members import member_option
from shortfall.cli.telling import json_option, report_option, tell
from shortfall.errors import Finding, InputError

if TYPE_CHECKING:
    from pathlib import Path

    from shortfall.sim.members import Member

LEAST, MOST = 1_000, 200_000  # accounts
TRIED: Final = (
    ("median leverage", 1.0, 200.0),
    ("its spread", 0.01, 4.0),
    ("share of volume that is held", 0.001, 1.0),
    ("spread of sizes", 0.01, 4.0),
)


@click.command()
@click.argument("venue")
@click.argument("symbol")
@member_option
@click.option(
    "--try",
    "tried",
    metavar="LEVERAGE,SPREAD,HELD,SIZES",
    help="A population of your own beside them, e.g. 15,0.8,0.8,2: is it possible?",
)
@click.option(
    "--accounts", default=20_000, show_default=True, help="Accounts that hold the open interest: how large each is."
)
@click.option("--seed", default=1, show_default=True, help="Seed of the populations.")
@json_option
@report_option
def population(venue: str, symbol: str, *, as_json: bool, report: Path | None, **options: Any) -> None:  # noqa: ANN401 - as click gives them
    """Show the synthetic populations of SYMBOL of VENUE beside what was recorded: who is admitted, and where their levels lie."""
    from rich.console import Console  # noqa: PLC0415 - slow to import
    from rich.progress import Progress  # noqa: PLC0415 - the same

    with compiled_kernels():
        from shortfall.report.populations import population_document, print_population  # noqa: PLC0415 - imports the compiler
        from shortfall.sim.admission import judge  # noqa: PLC0415 - the same
        from shortfall.sim.market import gather  # noqa: PLC0415 - the same
        from shortfall.sim.members import FAMILY  # noqa: PLC0415 - beside its users

        members, accounts = _members(FAMILY, options), int(options["accounts"])
        item = gather(venue, symbol.upper(), alone=True)[0]
        with Progress(console=Console(stderr=True), transient=True) as bar:
            verdicts = [
                judge(item, member, accounts=accounts, seed=options["seed"])
                for member in bar.track(members, description="populations through recorded days")
            ]
    document = population_document(item, verdicts, accounts, options["seed"])
    tell(document, lambda console: print_population(console, document), as_json=as_json, report=report)


def _members(family: tuple[Member, ...], options: dict[str, Any]) -> list[Member]:
    """Return who is asked about: all findings at once."""
    from shortfall.sim.members import Member  # noqa: PLC0415 - beside its user

    findings = []
    if not LEAST <= options["accounts"] <= MOST:
        findings.append(Finding("--accounts", f"Expected {LEAST} to {MOST} accounts, was {options['accounts']}"))
    chosen = [one for one in family if one.name in (options["names"] or [m.name for m in family])]
    if options["tried"] is not None:
        read, wrong = _figures(options["tried"])
        findings += wrong
        if not wrong:
            chosen.append(Member("tried", read[0], read[1], read[2], read[3], "your own, tried"))
    if findings:
        raise InputError(findings)
    return chosen


def _figures(text: str) -> tuple[list[float], list[Finding]]:
    words = text.split(",")
    if len(words) != len(TRIED):
        return [], [Finding("--try", f"Expected {', '.join(name for name, _, _ in TRIED)}, was {text!r}")]
    read, wrong = [], []
    for word, (name, low, high) in zip(words, TRIED, strict=True):
        try:
            figure = float(word)
        except ValueError:
            figure = float("nan")
        if not low <= figure <= high:
            wrong.append(Finding("--try", f"Expected a {name} of {low:g} to {high:g}, was {word!r}"))
        read.append(figure)
    return read, wrong


__all__ = ["population"]
