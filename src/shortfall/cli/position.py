"""`shortfall position`: what a stated shock does to one position."""

from __future__ import annotations

import sys
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import click

from shortfall.cli.feedback import feedback_option
from shortfall.cli.kernels import compiled_kernels
from shortfall.cli.request import request_from
from shortfall.cli.telling import json_option, report_option, tell
from shortfall.errors import Findings, InputError

if TYPE_CHECKING:
    from pathlib import Path

    from shortfall.sim.position import Held
    from shortfall.sim.stress import Request

MOST_SEEDS = 1_000
STRATEGIES = ("trend", "scalper", "maker", "hedger", "pair", "large", "provider")
PROVIDER = "provider"


@click.command()
@click.argument("venue")
@click.argument("symbol")
@click.option("--side", type=click.Choice(("long", "short")), help="Side of the position; a provider has none.")
@click.option("--size", required=True, help="Size in base units; of a provider the deposit in the settlement asset.")
@click.option("--leverage", default="3", show_default=True, help="Notional at entry over margin.")
@click.option("--entry", help="Entry price; default: the recorded mark.")
@click.option(
    "--as",
    "strategy",
    type=click.Choice(STRATEGIES),
    default="trend",
    show_default=True,
    help="trend: one leg; scalper, maker: mark-outs count; hedger (or pair): the other leg is elsewhere; "
    "large: from what size its own close needs the fund; provider: of a pool or backstop.",
)
@click.option(
    "--monthly-profit", help="The strategy's normal profit a month, in the settlement asset, as a unit of damage."
)
@click.option("--gap", default="-20%", show_default=True, help="Size of the shock; a plus sign for pumps.")
@click.option("--over", default="60s", show_default=True, help="How long it takes.")
@click.option("--depth-left", default="10%", show_default=True, help="Share of normal depth during the shock.")
@click.option("--fund", help="Fund in the settlement asset instead of the recorded one.")
@click.option("--accounts", default=5_000, show_default=True, help="Synthetic accounts.")
@click.option("--seeds", default=3, show_default=True, help="Draws of each population.")
@click.option("--seed", default=1, show_default=True, help="First seed.")
@click.option("--set", "changes", multiple=True, metavar="RULE=VALUE", help="Change a rule (see `shortfall rules`).")
@feedback_option
@json_option
@report_option
def position(venue: str, symbol: str, *, as_json: bool, report: Path | None, strategy: str, **options: Any) -> None:  # noqa: ANN401 - as click gives them
    """Say whether a position is cut by ADL in a stated shock, how much of it, at what price, and what that costs."""
    from rich.console import Console  # noqa: PLC0415 - slow to import
    from rich.progress import Progress  # noqa: PLC0415 - the same

    with compiled_kernels():
        from shortfall.report.positions import position_document, print_position  # noqa: PLC0415 - imports the compiler
        from shortfall.sim.position import position as run  # noqa: PLC0415 - the same

        held, profit, request = _asked(venue, symbol, options, strategy)
        if strategy == PROVIDER:
            _tell_provider(request, held.size_base, int(options["seeds"]), profit, as_json=as_json, report=report)
            return
        with Progress(console=Console(file=sys.stderr), transient=True) as bar:
            task = bar.add_task("draws", total=None)
            answer = run(
                request, held, int(options["seeds"]), lambda d, n: bar.update(task, completed=d, total=n),
                large=strategy == "large", wide=True,
            )  # fmt: skip
    document = position_document(answer, strategy, profit)
    tell(document, lambda console: print_position(console, document), as_json=as_json, report=report)


def _tell_provider(
    request: Request, deposit: Decimal, seeds: int, profit: Decimal | None, *, as_json: bool, report: Path | None
) -> None:
    """Run the shock for a provider of a pool and print what became of a deposit."""
    from shortfall.report.strategies import print_provider, provider_document  # noqa: PLC0415 - imports the compiler
    from shortfall.sim.market import contract_of, snapshot_for  # noqa: PLC0415 - the same
    from shortfall.sim.strategy import provider  # noqa: PLC0415 - the same
    from shortfall.sim.venues import find_venue  # noqa: PLC0415 - the same

    asset = contract_of(snapshot_for(find_venue(request.venue), request.symbol)).scale.settlement
    document = provider_document(provider(request, int(deposit.scaleb(asset.exponent)), seeds), profit)
    tell(document, lambda console: print_provider(console, document), as_json=as_json, report=report)


def _asked(venue: str, symbol: str, options: dict[str, Any], strategy: str) -> tuple[Held, Decimal | None, Request]:
    """Read position and shock, so that everything that is wrong with either is told at once."""
    findings = Findings()
    held, request = None, None
    try:
        held = _held(options, strategy)
    except InputError as error:
        findings.include(error)
    try:
        request = request_from(venue, symbol, options)
    except InputError as error:
        findings.include(error)
    if held is None or request is None:
        raise InputError(list(findings.as_tuple()))
    return *held, request


def _held(options: dict[str, Any], strategy: str) -> tuple[Held, Decimal | None]:
    """Read the position. Returns (position, normal monthly profit)."""
    from shortfall.sim.position import Held  # noqa: PLC0415 - imports the compiler
    from shortfall.units import parse_decimal  # noqa: PLC0415 - beside its users

    findings = Findings()
    read: dict[str, Decimal | None] = {}
    for name in ("size", "leverage", "entry", "monthly_profit"):
        try:
            text = options.pop(name)
            read[name] = None if text is None else parse_decimal(text, path=f"--{name.replace('_', '-')}")
        except InputError as error:
            findings.include(error)
    for name, found in read.items():
        if found is not None and found <= 0:
            findings.add(f"--{name.replace('_', '-')}", f"Expected more than 0, was {found}")
    if not 1 <= options["seeds"] <= MOST_SEEDS:
        findings.add("--seeds", f"Expected 1 to 1000, was {options['seeds']}")
    if (options["side"] is None) != (strategy == PROVIDER):
        findings.add(
            "--side", f"Expected {'none' if strategy == PROVIDER else 'long or short'}, was {options['side'] or 'none'}"
        )
    findings.raise_if_any()
    side = 1 if options.pop("side") == "long" else -1
    return Held(side, read["size"] or Decimal(0), read["leverage"] or Decimal(1), read["entry"]), read["monthly_profit"]
