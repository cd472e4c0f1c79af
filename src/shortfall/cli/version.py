"""`shortfall version`."""

from __future__ import annotations

import click

from shortfall import __version__


@click.command(help="Print the version.")
def version() -> None:
    """Print the version."""
    print(__version__)
