"""Blocks on a Ray cluster: the same function as on threads, so the same bytes.

Ray is an extra. Without an address in RAY_ADDRESS a cluster of this machine is started and stopped again; its tokens, dashboard and
usage reports are off, because nothing outside this machine takes part.
"""

from __future__ import annotations

import importlib
import os
from typing import TYPE_CHECKING, Any, Final

from shortfall.errors import CapacityError, Finding, InputError
from shortfall.kernels._jit import source_digest
from shortfall.sim.replications.blocks import run_block

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from shortfall.sim.market import MarketInput
    from shortfall.sim.replications.blocks import Columns
    from shortfall.sim.replications.plan import Block, Plan

AHEAD: Final = 2  # blocks handed out for each processor of the cluster


def block_on_worker(work: tuple[Plan, Sequence[MarketInput]], block: Block) -> Columns:
    """Run a block in a worker of a cluster.

    Raises
    ------
    InputError
        If the worker has other kernels than the one who asked.
    """
    plan, inputs = work
    if source_digest() != plan.kernels:
        message = (
            f"Expected kernels {plan.kernels} on every worker, found {source_digest()}: install the same version there"
        )
        raise InputError([Finding("--ray", message)])
    return run_block(plan, inputs, block)


def run_on_ray(
    plan: Plan,
    inputs: Sequence[MarketInput],
    blocks: Iterable[Block],
    workers: int,
    done: Callable[[Block, Columns], None],
) -> None:
    """Run blocks on a Ray cluster and hand each over as it is done.

    Raises
    ------
    InputError
        If Ray is not installed, or a worker has another version.
    CapacityError
        If a worker was lost.
    """
    ray = _ray()
    _join(ray, workers)
    try:
        work = ray.put((plan, tuple(inputs)))
        remote = ray.remote(num_cpus=1)(block_on_worker)
        ahead = AHEAD * max(1, int(ray.cluster_resources().get("CPU", workers)))
        left = iter(blocks)
        running: dict[Any, Block] = {}
        while True:
            for block in left:
                running[remote.remote(work, block)] = block
                if len(running) >= ahead:
                    break
            if not running:
                return
            ready, _ = ray.wait(list(running), num_returns=1)
            for one in ready:
                done(running.pop(one), _result(ray, one))
    finally:
        ray.shutdown()


def _result(ray: Any, one: Any) -> Columns:  # noqa: ANN401 - Ray's types are not used
    try:
        found: Columns = ray.get(one)
    except ray.exceptions.RayTaskError as error:
        raise error.cause from None
    except ray.exceptions.RayError as error:
        message = f"a worker of the cluster was lost ({type(error).__name__}): resume the run, what was done is kept"
        raise CapacityError(message) from None
    return found


def _ray() -> Any:  # noqa: ANN401 - the same
    os.environ.setdefault("RAY_USAGE_STATS_ENABLED", "0")
    if "RAY_ADDRESS" not in os.environ:
        os.environ.setdefault("RAY_AUTH_MODE", "disabled")
    try:
        return importlib.import_module("ray")
    except ImportError:
        message = "Expected Ray for a cluster: python -m pip install 'shortfall[ray]'"
        raise InputError([Finding("--ray", message)]) from None


def _join(ray: Any, workers: int) -> None:  # noqa: ANN401 - the same
    if "RAY_ADDRESS" in os.environ:
        ray.init(log_to_driver=False)
    else:
        ray.init(num_cpus=max(1, workers), include_dashboard=False, log_to_driver=False)
