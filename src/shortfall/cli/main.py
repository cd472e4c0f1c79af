"""The command `shortfall`: a table of commands that are imported only when they are called, and the exit codes.

Problem: the engine's compiler takes a second to import, and nobody wants to wait a second for `--help`. Therefore the
group knows each command's module and one line about it, and imports the module when the command runs.
"""

from __future__ import annotations

import importlib
import os
import sys
from typing import TYPE_CHECKING, Final

import click

from shortfall import __version__
from shortfall.errors import InvariantViolationError, ShortfallError, exit_code_of

if TYPE_CHECKING:
    from collections.abc import Mapping

COMMANDS: Final[Mapping[str, tuple[str, str]]] = {
    "stress": ("shortfall.cli.stress:stress", "Who pays when a contract gaps: the main job, on a bundled snapshot."),
    "assess": ("shortfall.cli.assess:assess", "What is known about one contract, told for one kind of reader."),
    "buffer": ("shortfall.cli.buffer:buffer", "Does maintenance margin cover the exit, tier by tier? No population."),
    "position": ("shortfall.cli.position:position", "What a stated shock does to one position: cut, price, cost."),
    "rank": ("shortfall.cli.rank:rank", "Which rule would change it: what-ifs one at a time and in pairs."),
    "gap": ("shortfall.cli.gap:gap", "Over gap, speed and depth left: where the fund pays, is exhausted, ADL starts."),
    "cascade": (
        "shortfall.cli.cascade:cascade",
        "Which close set off which: by the outside price, or by closes before.",
    ),
    "resolve": (
        "shortfall.cli.resolve:resolve",
        "One shock resolved by each ADL rank, shared loss, the fund alone, a halt.",
    ),
    "size": ("shortfall.cli.size:size", "How large a fund a named set of scenarios needs, as CCPs size theirs."),
    "fit": ("shortfall.cli.fit:fit", "Fit makers' depth to recorded order books, for `stress --liquidity`."),
    "replicate": (
        "shortfall.cli.replicate:replicate",
        "One shock again and again with draws of what is not known: how often, how much.",
    ),
    "fund": ("shortfall.cli.fund:fund", "Months of a fund on recorded bars: what fills it, what one bad day takes."),
    "collect": ("shortfall.cli.collect:collect", "Snapshot what a venue publishes: fund, open interest, book, tiers."),
    "watch": ("shortfall.cli.watch:watch", "Collect on a schedule into a store, through kills and restarts."),
    "snapshots": ("shortfall.cli.snapshots:snapshots", "Look into a store of snapshots: list, show, diff."),
    "scenarios": ("shortfall.cli.scenarios:scenarios", "List the named scenarios for `stress --scenario` and `size`."),
    "population": ("shortfall.cli.population:population", "The synthetic populations, and why each is admitted."),
    "venues": ("shortfall.cli.venues:venues", "Show the venues' rules with sources: list, show, diff, check."),
    "checklist": ("shortfall.cli.disclosure:checklist", "What a venue publishes about who pays, and what it does not."),
    "disclosure": (
        "shortfall.cli.disclosure:disclosure",
        "A venue's fund, burden, margin and rules as a form: show, template, check, schema.",
    ),
    "unknowns": (
        "shortfall.cli.unknowns:unknowns",
        "What is not published or assumed, and how far it widens an answer.",
    ),
    "compare": ("shortfall.cli.compare:compare", "Compare venues by their rules, everything else equal: who pays."),
    "run": ("shortfall.cli.run:run", "Run a world written by hand and show who was liquidated and who paid."),
    "explain": ("shortfall.cli.explain:explain", "Tell one account's story in a world, in sentences with the numbers."),
    "worlds": ("shortfall.cli.worlds:worlds", "List the bundled worlds, or copy one as a start of your own."),
    "rules": ("shortfall.cli.rules:rules", "List the slots of the rule space, their rules and entries."),
    "version": ("shortfall.cli.version:version", "Print the version."),
}


class LazyGroup(click.Group):
    """A group whose commands are imported when they are called."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002 - the library's signature
        """Return the names in the order of the table."""
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002 - the same
        """Import and return a command."""
        if cmd_name not in COMMANDS:
            return None
        module, _, attribute = COMMANDS[cmd_name][0].partition(":")
        command: click.Command = getattr(importlib.import_module(module), attribute)
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:  # noqa: ARG002 - the same
        """Write the table of commands without importing any."""
        with formatter.section("Commands"):
            formatter.write_dl([(name, words) for name, (_, words) in COMMANDS.items()])


@click.command(cls=LazyGroup, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="shortfall")
def cli() -> None:
    """Who pays when a perpetual-futures venue falls short."""


def main() -> None:
    """Run the command line; what went wrong goes to standard error, all findings at once, and sets the exit code."""
    try:
        cli()
    except (ShortfallError, InvariantViolationError) as error:
        print(error, file=sys.stderr)
        sys.exit(int(exit_code_of(error)))
    except BrokenPipeError:
        # the reader of our output went away: nothing is wrong, and the interpreter must not flush into the void
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(0)
