"""`shortfall run`: one world through the engine, as tables for people or one document for programs."""

from __future__ import annotations

import importlib
import json
from typing import TYPE_CHECKING

import click

from shortfall.cli.kernels import compiled_kernels
from shortfall.cli.worlds import world_text

if TYPE_CHECKING:
    from datetime import date, datetime

    from shortfall.engine.exchange import Exchange
    from shortfall.sim.world_running import Witness, WorldRun


def run_text(
    text: str, *, audit: bool = False, venue: str | None = None, changes: tuple[str, ...] = (), day: date | None = None
) -> WorldRun:
    """Run the world that a text describes, under other rules where they are named; all findings of the text first."""
    from shortfall.sim.world_reading import read_world  # noqa: PLC0415 - imports numpy
    from shortfall.sim.world_under import under  # noqa: PLC0415 - the same

    world = read_world(text)
    if venue is not None or changes:
        world = under(world, venue, changes, day)
    with compiled_kernels():
        from shortfall.sim.world_running import run_world  # noqa: PLC0415 - imports the compiler

        return run_world(world, auditor if audit else None)


def auditor(exchange: Exchange) -> Witness:
    """Return the auditor of the test kit; the kit stands above the command line, so it is looked up by name."""
    setup = importlib.import_module("shortfall.testing.audit_setup").setup_of(exchange)
    witness: Witness = importlib.import_module("shortfall.testing.auditor").Auditor(setup)
    return witness


@click.command()
@click.argument("world")
@click.option("--json", "as_json", is_flag=True, help="One document for programs (schema shortfall.run/1).")
@click.option("--events", "with_events", is_flag=True, help="Every event of every step, too.")
@click.option("--venue", help="Run it under a venue's rules (see `shortfall venues`); margin tiers stay the world's.")
@click.option(
    "--on", "day", type=click.DateTime(["%Y-%m-%d"]), help="The venue's rules as of a day; default: the latest."
)
@click.option("--set", "changes", multiple=True, metavar="RULE=VALUE", help="Change a rule of every market.")
@click.option("--audit", is_flag=True, help="Recompute balances and positions from the events alone and compare.")
def run(
    world: str,
    *,
    as_json: bool,
    with_events: bool,
    audit: bool,
    venue: str | None,
    changes: tuple[str, ...],
    day: datetime | None,
) -> None:
    """Run WORLD (a file, or the name of a bundled world) and show who was liquidated and who paid."""
    when = None if day is None else day.date()
    found = run_text(world_text(world), audit=audit, venue=venue, changes=changes, day=when)
    if as_json:
        from shortfall.sim.world_record import record_of  # noqa: PLC0415 - imports numpy

        print(json.dumps(record_of(found, with_events=with_events), indent=2))
        return
    from shortfall.cli.world_tables import print_run  # noqa: PLC0415 - imports rich

    print_run(found, with_events=with_events)
