"""`shortfall explain`: one account's story in a world, in sentences with the numbers."""

from __future__ import annotations

import click

from shortfall.cli.run import run_text
from shortfall.cli.worlds import world_text
from shortfall.errors import Finding, InputError


@click.command()
@click.argument("world")
@click.option("--account", required=True, help="Name of the account in the world.")
def explain(world: str, account: str) -> None:
    """Tell the story of one account of WORLD (a file, or the name of a bundled world)."""
    found = run_text(world_text(world))
    known = [item.name for item in found.world.accounts]
    if account not in known:
        raise InputError([Finding("--account", f"Expected one of {', '.join(known)}, was {account!r}")])
    from shortfall.sim.world_story import story_of  # noqa: PLC0415 - imports numpy

    print("\n".join(story_of(found, account)))
