"""The same kernels without the compiler, on rows that refuse what int64 would hide: the compiled core's twin.

A compiled kernel wraps silently when a number leaves 64 bits, and reads whatever lies at a bad index. The twin runs the very same
source as plain Python on lists that raise instead, so a difference between the two, or an error in the twin, is a bug.

Run `NUMBA_DISABLE_JIT=1 python -m shortfall.testing.twin --seed 1 --commands 2000` for one world's digests.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import sys
from typing import TYPE_CHECKING, Final

import numpy as np

from shortfall.kernels import layout as at
from shortfall.testing.checked_rows import on_checked_rows
from shortfall.testing.random_worlds import last_level, random_commands, random_world

if TYPE_CHECKING:
    from shortfall.engine.exchange import Exchange

BATCH: Final = 500
NOT_COMPARED: Final = frozenset({"units"})  # addresses of compiled code


def digests(exchange: Exchange, events: list[list[int]]) -> dict[str, str]:
    """Return a digest of every field of the state, and of all events."""
    found = {
        name: hashlib.sha256(np.asarray(rows, np.int64).tobytes()).hexdigest()[:16]
        for name, rows in zip(at.STATE_FIELDS, exchange.state, strict=True)
        if name not in NOT_COMPARED
    }
    found["all events"] = hashlib.sha256(np.array(events, np.int64).tobytes()).hexdigest()[:16]
    found["count"] = str(len(events))
    return found


def run_world(seed: int, commands: int) -> dict[str, str]:
    """Run one random world one command at a time and return its digests."""
    world = random_world(seed)
    exchange = on_checked_rows(world.exchange)
    rng = np.random.default_rng([seed, 7])
    events = exchange.read_event_rows().tolist()
    level, done = 1.0, 0
    while done < commands:
        rows = random_commands(world, min(BATCH, commands - done), rng, level)
        level = last_level(rows)
        for row in rows.tolist():
            exchange.submit_row(row)
            events.extend(exchange.read_event_rows().tolist())
        done += len(rows)
    exchange.check_laws()
    return digests(exchange, events)


def main(arguments: list[str] | None = None) -> int:
    """Print the digests of random worlds as one JSON document."""
    parser = argparse.ArgumentParser(prog="python -m shortfall.testing.twin", description=__doc__)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--worlds", type=int, default=1)
    parser.add_argument("--commands", type=int, default=2_000)
    given = parser.parse_args(arguments)
    found = {str(seed): run_world(seed, given.commands) for seed in range(given.seed, given.seed + given.worlds)}
    sys.stdout.write(json.dumps(found) + "\n")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
