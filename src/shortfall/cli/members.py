"""The option that chooses populations, in one place for all commands."""

from __future__ import annotations

import click

from shortfall.sim.members import NAMES

member_option = click.option(
    "--member", "names", multiple=True, type=click.Choice(NAMES), help="Populations to run; default: all."
)
