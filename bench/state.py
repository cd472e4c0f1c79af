"""How fast a user's own accounts are read: ten million rows of a CSV file, half of them positions."""

from __future__ import annotations

import tempfile
import time
from decimal import Decimal
from pathlib import Path
from typing import Final

import numpy as np

from rows import Row
from shortfall.data.account_state import load_account_state
from shortfall.model.contract import bounded_contract
from shortfall.units import Asset, Scale

SECONDS: Final = 10.0
ROWS: Final = 10_000_000
PART: Final = 100_000  # accounts written at once
HEAD: Final = "# as_of: 2026-11-20\nkind,account,symbol,amount,price\n"


def write_state(path: Path, rows: int) -> None:
    """Write a position and a balance for each of half as many accounts, pairs of them matched."""
    rng = np.random.default_rng(1)
    with path.open("w", encoding="utf-8") as file:
        file.write(HEAD)
        for first in range(0, rows // 2, PART):
            count = min(PART, rows // 2 - first)
            lots = np.repeat(rng.integers(1, 5_000, count // 2), 2) * np.tile([1, -1], count // 2)
            entry = 121_000 * np.exp(rng.normal(0, 0.05, count))
            cash = np.abs(lots) * 121 / rng.uniform(2, 20, count)
            file.write(
                "".join(
                    f"position,user-{first + k:08d},BTCUSDT,{size / 1_000:.3f},{entry[k]:.2f}\n"
                    f"balance,user-{first + k:08d},USDT,{cash[k]:.6f},\n"
                    for k, size in enumerate(lots.tolist())
                )
            )


def run(quick: bool) -> list[Row]:  # noqa: FBT001 - every benchmark has this one shape
    """Measure."""
    rows = ROWS // 10 if quick else ROWS
    contract = bounded_contract("BTCUSDT", Scale(Decimal("0.1"), Decimal("0.001"), Asset("USDT", 6)), 1 << 22)
    with tempfile.TemporaryDirectory() as home:
        path = Path(home) / "state.csv"
        write_state(path, rows)
        start, wall = time.thread_time(), time.perf_counter()
        state = load_account_state(path, contract, bytes(16))
        taken, waited = time.thread_time() - start, time.perf_counter() - wall
        megabytes = path.stat().st_size / 1e6
    if len(state.size_lots) != rows // 2 or int(state.size_lots.sum()) != 0:
        message = f"read {len(state.size_lots)} positions of {rows // 2}"
        raise SystemExit(message)
    note = f"{rows:,} rows, {megabytes:,.0f} MB in {taken:.1f} s of CPU, {waited:.1f} s by the clock; limit {SECONDS:g} s for 10 M"
    return [Row("own state, CSV", rows / taken, "rows/s", ROWS / SECONDS, note=note)]
