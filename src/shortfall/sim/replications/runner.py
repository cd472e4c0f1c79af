"""Blocks on threads of one machine: in any order, because a block depends on nothing but its number."""

from __future__ import annotations

from concurrent.futures import FIRST_COMPLETED, ThreadPoolExecutor, wait
from typing import TYPE_CHECKING

from shortfall.sim.replications.blocks import run_block

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence
    from concurrent.futures import Future

    from shortfall.sim.market import MarketInput
    from shortfall.sim.replications.blocks import Columns
    from shortfall.sim.replications.plan import Block, Plan


def run_on_threads(
    plan: Plan,
    inputs: Sequence[MarketInput],
    blocks: Iterable[Block],
    workers: int,
    done: Callable[[Block, Columns], None],
) -> None:
    """Run blocks on so many threads and hand each over as it is done, in the caller's own thread.

    An interrupt of the caller waits for the blocks that are running, starts none, and goes on; what was handed over stays.
    """
    left = iter(blocks)
    with ThreadPoolExecutor(max(1, workers)) as pool:
        running: dict[Future[Columns], Block] = {}
        while True:
            for block in left:
                running[pool.submit(run_block, plan, inputs, block)] = block
                if len(running) >= max(1, workers):
                    break
            if not running:
                return
            finished, _ = wait(running, return_when=FIRST_COMPLETED)
            for future in finished:
                done(running.pop(future), future.result())
