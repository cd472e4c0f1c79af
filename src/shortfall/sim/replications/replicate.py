"""A run of replications from its plan to its rows: kept in a folder, where it can be gone on with, or only in memory."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from shortfall.sim.replications.cluster import run_on_ray
from shortfall.sim.replications.manifest import SCHEMA
from shortfall.sim.replications.runner import run_on_threads

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from shortfall.data.run_store import RunStore
    from shortfall.sim.market import MarketInput
    from shortfall.sim.replications.blocks import Columns
    from shortfall.sim.replications.plan import Block, Plan


def replicate(
    plan: Plan,
    inputs: Sequence[MarketInput],
    store: RunStore | None = None,
    *,
    workers: int = 1,
    ray: bool = False,
    progress: Callable[[int, int, int], None] = lambda _done, _before, _all: None,
) -> dict[str, list[Any]]:
    """Run what is not done yet and return all rows in the order of blocks, the same for any number and kind of workers.

    Parameters
    ----------
    store : RunStore or None
        Where blocks are kept as they are done; it has begun with the manifest of this plan.
    ray : bool
        On a Ray cluster instead of threads.
    progress : callable
        Told (blocks done, of them before this start, blocks in all).
    """
    blocks = plan.blocks()
    kept: dict[int, Columns] = {}
    left = [block for block in blocks if store is None or not store.has(block.number)]
    before = len(blocks) - len(left)
    finished = before

    def done(block: Block, columns: Columns) -> None:
        nonlocal finished
        if store is None:
            kept[block.number] = columns
        else:
            store.write(block.number, SCHEMA, columns)
        finished += 1
        progress(finished, before, len(blocks))

    progress(finished, before, len(blocks))
    if left:
        (run_on_ray if ray else run_on_threads)(plan, inputs, left, workers, done)
    if store is not None:
        return store.read([block.number for block in blocks])
    return {name: [cell for block in blocks for cell in kept[block.number][name]] for name in kept[blocks[0].number]}
