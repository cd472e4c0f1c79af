"""`shortfall buffer`: whether maintenance margin covers the exit of the largest position of each tier."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from shortfall.cli.kernels import compiled_kernels
from shortfall.cli.telling import json_option, report_option, tell
from shortfall.errors import Findings, InputError

if TYPE_CHECKING:
    from decimal import Decimal

    from shortfall.sim.market import MarketInput


@click.command()
@click.argument("venue")
@click.argument("symbol")
@click.option("--fund", help="Fund in the settlement asset instead of the recorded one.")
@click.option(
    "--speed", help="How fast the price runs while the engine waits, a second; default: the fastest recorded bar."
)
@click.option("--set", "changes", multiple=True, metavar="RULE=VALUE", help="Change a rule (see `shortfall rules`).")
@click.option(
    "--tiers",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="Margin ladders from a CSV file (see the how-to).",
)
@click.option(
    "--on", "day", type=click.DateTime(["%Y-%m-%d"]), help="Rules and ladders as of a day; default: the latest."
)
@json_option
@report_option
def buffer(venue: str, symbol: str, *, as_json: bool, report: Path | None, **options: Any) -> None:  # noqa: ANN401 - as click gives them
    """Show, tier by tier, what is left of maintenance margin when the largest position leaves through the book. No population."""
    with compiled_kernels():
        from shortfall.assess.buffer import buffer_table  # noqa: PLC0415 - imports the compiler
        from shortfall.sim.stress import fund_of  # noqa: PLC0415 - the same

        item, fund, speed, note = _inputs(venue, symbol.upper(), options)
        known = fund if fund is not None else fund_of(item.snapshot)[0]
        exponent = item.contract.scale.settlement.exponent
        answer = buffer_table(item, None if known is None else int(known.scaleb(exponent)), speed)
    from shortfall.report.buffers import buffer_document, print_buffer  # noqa: PLC0415 - imports rich

    document = buffer_document(answer, note)
    tell(document, lambda console: print_buffer(console, answer, document), as_json=as_json, report=report)


def _inputs(venue: str, symbol: str, options: dict[str, Any]) -> tuple[MarketInput, Decimal | None, int, str]:
    """Read all options. Returns (contract, fund, speed in ppm a second, where the speed is from)."""
    from shortfall.assess.buffer import fastest_ppm_per_s  # noqa: PLC0415 - imports the compiler
    from shortfall.data.ladders import load_ladders  # noqa: PLC0415 - beside its users
    from shortfall.data.series import load_series  # noqa: PLC0415 - the same
    from shortfall.sim.market import gather  # noqa: PLC0415 - imports the compiler
    from shortfall.units import parse_decimal, ppm_from_text  # noqa: PLC0415 - beside its users

    findings = Findings()
    fund, speed, ladders = None, None, None
    try:
        fund = None if options["fund"] is None else parse_decimal(options["fund"], path="--fund")
    except InputError as error:
        findings.include(error)
    try:
        speed = None if options["speed"] is None else ppm_from_text(options["speed"], path="--speed")
    except InputError as error:
        findings.include(error)
    try:
        ladders = None if options["tiers"] is None else load_ladders(options["tiers"])
    except InputError as error:
        findings.include(error)
    findings.raise_if_any()
    day = None if options["day"] is None else options["day"].date()
    item = gather(venue, symbol, alone=True, changes=options["changes"], day=day, ladders=ladders)[0]
    if speed is not None:
        return item, fund, speed, "given by the user"
    bars = load_series((item.snapshot.event_series.value or item.snapshot.price_series.known())[0])
    return item, fund, fastest_ppm_per_s(bars.close_price, bars.step_s), f"fastest bar of {bars.name}"
