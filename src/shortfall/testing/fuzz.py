"""The long run: random commands in bulk through many small worlds, laws and auditor after every few thousand of them.

Run `python -m shortfall.testing.fuzz --commands 10000000`. A failure prints one line to paste.
"""

from __future__ import annotations

import argparse
import sys
import time
from typing import TYPE_CHECKING, Final

import numpy as np

from shortfall.errors import InvariantViolationError, ensure
from shortfall.kernels import layout as at
from shortfall.model.commands import Clock
from shortfall.testing.auditor import Auditor
from shortfall.testing.laws import ValueBookCheck, check_latent, check_nobody_overlooked
from shortfall.testing.random_worlds import RandomWorld, last_level, random_commands, random_world

if TYPE_CHECKING:
    from shortfall.rules.ruleset import RuleSet

WORLD_COMMANDS: Final = 20_000
BATCH: Final = 2_000


class Run:
    """One world under random commands.

    Parameters
    ----------
    seed : int
        Decides the world, its rules and its commands.
    batch : int
        Commands between two checks of the laws.
    rules : RuleSet or None
        The rules of every market; None draws them.
    """

    def __init__(self, seed: int, batch: int = BATCH, rules: RuleSet | None = None) -> None:
        self.world: Final[RandomWorld] = random_world(seed, rules=rules)
        self.rng: Final = np.random.default_rng([seed, 1])
        self.batch: Final = batch
        self.auditor: Final = Auditor(self.world.setup)
        self.value: Final = ValueBookCheck(self.world.exchange)
        self.level = 1.0
        self.events = 0
        self.done = 0
        self._note(self.world.exchange.read_event_rows())

    def _note(self, rows: np.ndarray) -> None:
        self.auditor.read(rows.tolist())
        self.value.read(rows)
        self.events += len(rows)

    def step(self, count: int) -> None:
        """Run a batch of commands and check everything."""
        exchange = self.world.exchange
        rows = random_commands(self.world, count, self.rng, self.level)
        self.level = last_level(rows)
        for events in exchange.run(rows):
            self._note(events)
        exchange.submit(Clock(int(exchange.state.header[at.H_NOW]) + 1))
        self._note(exchange.read_event_rows())
        self.done += count
        self.check()

    def check(self) -> None:
        """Check the laws, the auditor's findings and the value book."""
        exchange = self.world.exchange
        exchange.check_laws()
        check_nobody_overlooked(exchange)
        check_latent(exchange)
        findings = self.auditor.compare(exchange)
        ensure(not findings, "the auditor, who reads events only, finds nothing", findings=findings)
        self.value.check()

    def run(self, commands: int) -> None:
        """Run so many commands."""
        while self.done < commands:
            self.step(min(self.batch, commands - self.done))


def fuzz(commands: int, seed: int, world_commands: int = WORLD_COMMANDS, batch: int = BATCH) -> tuple[int, int, int]:
    """Run many worlds. Returns (commands, events, worlds).

    Raises
    ------
    InvariantViolationError
        With a fact `rerun`, the line that shows it again.
    """
    done = events = worlds = 0
    started = time.monotonic()
    while done < commands:
        count = min(world_commands, commands - done)
        run = Run(seed + worlds, batch)
        try:
            run.run(count)
        except InvariantViolationError as error:
            line = f"python -m shortfall.testing.fuzz --commands {count} --seed {seed + worlds} --batch {batch}"
            raise InvariantViolationError(error.law, {**error.facts, "rerun": line}) from error
        done += count
        events += run.events
        worlds += 1
        if worlds % 25 == 0:
            rate = int(done / (time.monotonic() - started))
            sys.stdout.write(f"{done:>12,} commands  {events:>12,} events  {worlds:>6} worlds  {rate:>9,} commands/s\n")
            sys.stdout.flush()
    return done, events, worlds


def main(arguments: list[str] | None = None) -> int:
    """Run from the command line."""
    parser = argparse.ArgumentParser(prog="python -m shortfall.testing.fuzz", description=__doc__)
    parser.add_argument("--commands", type=int, default=10_000_000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--world", type=int, default=WORLD_COMMANDS, help="commands per world")
    parser.add_argument("--batch", type=int, default=BATCH, help="commands between two checks")
    given = parser.parse_args(arguments)
    started = time.monotonic()
    try:
        done, events, worlds = fuzz(given.commands, given.seed, given.world, given.batch)
    except InvariantViolationError as error:
        sys.stdout.write(f"{error}\n")
        return 1
    seconds = time.monotonic() - started
    rate = int(done / seconds) if seconds else 0
    sys.stdout.write(
        f"all laws held: {done:,} commands, {events:,} events, {worlds} worlds from seed {given.seed}, "
        f"{seconds:.0f} s, {rate:,} commands/s\n"
    )
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
