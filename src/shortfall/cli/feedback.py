"""The option that says what forced flow does to the index, and whether those who were cut hedge again; the same on every command."""

from __future__ import annotations

from typing import Final

import click

FEEDBACKS: Final = ("both", "off", "on", "permanent", "index-only", "rehedge-at-once", "rehedge-1min")

feedback_option = click.option(
    "--feedback",
    type=click.Choice(FEEDBACKS),
    default="both",
    show_default=True,
    help="What forced flow does to the index, and whether the cut hedge again; both: off and on.",
)
