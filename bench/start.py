"""How long a process takes to be useful."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from statistics import median

from rows import Row

FIRST = (
    "from worlds import one_market; from shortfall.model.capacity import Capacity; one_market(Capacity()).check_laws()"
)


def seconds_of(code: list[str], **environment: str) -> float:
    """Return the wall time of a Python process; it must succeed."""
    path = str(Path(__file__).parent)
    start = time.perf_counter()
    subprocess.run(  # noqa: S603  our own code
        [sys.executable, *code], check=True, capture_output=True, env={**os.environ, "PYTHONPATH": path, **environment}
    )
    return time.perf_counter() - start


def help_row(repeats: int) -> Row:
    """Time `shortfall --help`."""
    code = ["-c", "import sys; sys.argv = ['shortfall', '--help']; from shortfall.cli.main import main; main()"]
    try:
        seconds_of(code)
    except subprocess.CalledProcessError:
        return Row("shortfall --help", None, "s", 0.3, less_is_better=True, note="the command line does not start")
    bare = median(seconds_of(["-c", "pass"]) for _ in range(repeats))
    taken = median(seconds_of(code) for _ in range(repeats))
    return Row("shortfall --help", taken, "s", 0.3, less_is_better=True, note=f"bare Python {bare:.3f} s")


def run(quick: bool) -> list[Row]:  # noqa: FBT001 - every benchmark has this one shape
    """Measure."""
    repeats = 3 if quick else 7
    rows = [help_row(repeats)]
    with tempfile.TemporaryDirectory() as home:
        if not quick:
            first = seconds_of(["-c", FIRST], SHORTFALL_CACHE_HOME=home)
            cores = f"core kernels, one exchange built, {os.cpu_count()} cores"
            rows.append(Row("first-ever compile", first, "s", 20.0, less_is_better=True, note=cores))
    seconds_of(["-c", FIRST])
    warm = median(seconds_of(["-c", FIRST]) for _ in range(repeats))
    rows.append(Row("warm start", warm, "s", note="process to a built exchange, kernels from the cache"))
    return rows
