"""What a benchmark returns, how time is taken, and what machine it ran on.

Kernels run in one thread and wait for nothing, so they are timed in CPU time of that thread: other work on the machine then
slows them through caches and memory only. Whatever waits for a disk or a process is timed by the clock on the wall.
"""

from __future__ import annotations

import os
import platform
import resource
import statistics
import time
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable


@dataclass(frozen=True, slots=True)
class Row:
    """One line of the table.

    Parameters
    ----------
    name : str
        What was measured.
    measured : float or None
        The figure, None where it could not be taken.
    unit : str
        Its unit.
    target : float or None
        What is wanted: at least, or at most if `less_is_better`.
    less_is_better : bool
        The direction of the target.
    rival : str
        What it is compared with, in the same run.
    ratio : float or None
        How many times better than the rival (above 1), or worse.
    note : str
        What one has to know to read the figure.
    """

    name: str
    measured: float | None
    unit: str
    target: float | None = None
    less_is_better: bool = False
    rival: str = ""
    ratio: float | None = None
    note: str = ""

    @property
    def met(self) -> bool | None:
        """Say whether the target is met; None where there is none, or no figure."""
        if self.target is None or self.measured is None:
            return None
        return self.measured <= self.target if self.less_is_better else self.measured >= self.target


def median_seconds(work: Callable[[], object], repeats: int, prepare: Callable[[], object] | None = None) -> float:
    """Return the median CPU time of several runs in this thread, after one that is not counted."""
    times = []
    for k in range(repeats + 1):
        if prepare is not None:
            prepare()
        start = time.thread_time()
        work()
        if k > 0:
            times.append(time.thread_time() - start)
    return statistics.median(times)


def resident_mib() -> float:
    """Return the memory that this process holds now, in MiB."""
    status = Path("/proc/self/statm")
    if status.exists():
        return int(status.read_text().split()[1]) * resource.getpagesize() / 2**20
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def machine() -> dict[str, str]:
    """Describe the machine: figures mean nothing without it."""
    model = platform.processor() or platform.machine()
    info = Path("/proc/cpuinfo")
    if info.exists():
        lines = [line for line in info.read_text().splitlines() if line.startswith("model name")]
        model = lines[0].partition(":")[2].strip() if lines else model
    load = ", ".join(f"{x:.2f}" for x in os.getloadavg())
    return {
        "processor": model,
        "cores": str(os.cpu_count()),
        "system": platform.platform(),
        "python": platform.python_version(),
        "load before": load,
    }
