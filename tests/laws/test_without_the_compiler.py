"""Law 11: the same commands give the same bytes with the compiler on and off, and with every index checked."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from shortfall.testing.checked_rows import CheckedRows
from shortfall.testing.twin import run_world

HERE = Path(__file__).resolve().parent
SEEDS = (11, 12)
COMMANDS = 800


def python(*arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    """Run our interpreter with a few variables changed."""
    variables = {**os.environ, **environment}
    return subprocess.run(
        [sys.executable, *arguments],
        env=variables,
        capture_output=True,
        text=True,
        timeout=900,
        check=False,
        cwd=HERE.parent.parent,
    )


def twins(commands: int, **environment: str) -> dict[str, dict[str, str]]:
    """Return the digests that another process finds for the worlds of `SEEDS`."""
    words = (
        "-m",
        "shortfall.testing.twin",
        "--seed",
        str(SEEDS[0]),
        "--worlds",
        str(len(SEEDS)),
        "--commands",
        str(commands),
    )
    done = python(*words, **environment)
    assert done.returncode == 0, done.stdout[-2_000:] + done.stderr[-4_000:]
    found: dict[str, dict[str, str]] = json.loads(done.stdout.splitlines()[-1])
    return found


def test_a_checked_row_refuses_what_int64_would_hide() -> None:
    rows = CheckedRows([1, 2, 3])
    rows[2] = (1 << 63) - 1
    assert rows[2] == (1 << 63) - 1
    for index, number in ((-1, 0), (3, 0), (0, 1 << 63), (0, -(1 << 63) - 1)):
        with pytest.raises(IndexError):
            rows[index] = number
    with pytest.raises(IndexError):
        rows[-1]


def test_random_worlds_end_in_the_same_words_without_the_compiler() -> None:
    compiled = {str(seed): run_world(seed, COMMANDS) for seed in SEEDS}
    assert twins(COMMANDS, NUMBA_DISABLE_JIT="1") == compiled


@pytest.mark.slow
def test_random_worlds_end_in_the_same_words_with_every_index_checked() -> None:
    compiled = {str(seed): run_world(seed, 20_000) for seed in SEEDS}
    assert twins(20_000, SHORTFALL_BOUNDS="1") == compiled


@pytest.mark.slow
def test_the_hand_worked_worlds_come_out_the_same_without_the_compiler() -> None:
    words = (
        "-m",
        "pytest",
        "-q",
        "-x",
        "-p",
        "no:cacheprovider",
        "--no-header",
        "tests/engine",
        "-k",
        "not smooth_slide and not gap_with_adl",
    )
    done = python(*words, NUMBA_DISABLE_JIT="1")
    assert done.returncode == 0, done.stdout[-4_000:]
