"""Announce the first compilation of the engine, so that nobody wonders why the first run takes long."""

from __future__ import annotations

import sys
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator


@contextmanager
def compiled_kernels() -> Iterator[None]:
    """Say on standard error that kernels are about to be compiled, if they are; remember it when the work went well."""
    from shortfall.kernels._jit import is_warm, mark_warm  # noqa: PLC0415 - imports the compiler

    warm = is_warm()
    if not warm:
        print("compiling the engine's kernels (once, about 20 s) ...", file=sys.stderr, flush=True)
    yield
    if not warm:
        mark_warm()
