"""The auto-deleveraging pick: rank one side and put the winners first, against numpy."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from rows import Row, median_seconds
from shortfall.engine.bulk import build_index, set_prices
from shortfall.kernels import layout as at
from shortfall.kernels._jit import entry
from shortfall.kernels.adl import guess_floor, rank_side
from shortfall.kernels.native import as_state
from shortfall.kernels.winners import BUCKETS, TRIPLE, select
from worlds import PRICE, populated

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from shortfall.engine.exchange import Exchange

TARGETS = {100: 2.0, 10_000: 3.0, 100_000: 15.0}
FALLEN = PRICE * 97 // 100


@entry
def pick(handle: object, market: int, sign: int, need: int, floor: int) -> int:
    """Rank a side and select winners for `need` lots, as an ADL batch does; 0 for a floor takes a guess. Returns how many."""
    s = as_state(handle)
    if floor <= 0:
        floor = guess_floor(s, market, sign, need)
    count, lots = rank_side(s, market, sign, floor, 0)
    if lots < need and floor > 0:
        count, lots = rank_side(s, market, sign, floor * 3 // 4, 0)
    if lots < need and floor > 0:
        count, lots = rank_side(s, market, sign, 0, 0)
    return select(s, count, need)


def shorts_in_profit(count: int) -> Exchange:
    """Return an exchange with `count` shorts of one lot, all in profit, entered at different prices."""
    exchange = populated(2 * count, lots=1)
    positions = np.asarray(exchange.state.positions).reshape(-1, 8)
    shorts = np.flatnonzero(positions[:, at.P_SIZE] < 0)
    rng = np.random.default_rng(11)
    entry_price = rng.integers(FALLEN + 1, PRICE * 11 // 10, len(shorts))
    positions[shorts, at.P_COST] = -entry_price * exchange.specs[0].contract.multiplier
    set_prices(exchange, 0, FALLEN)
    build_index(exchange)
    return exchange


def numpy_pick(columns: tuple[NDArray[np.int64], NDArray[np.int64]], value: int, need: int) -> NDArray[np.int64]:
    """Return the winners in order with argpartition, from two ready columns; one lot each."""
    cost, balance = columns
    gain = value - cost
    score = (gain / np.abs(cost)) * (abs(value) / (balance + gain))
    chosen = np.argpartition(-score, need - 1)[:need]
    return chosen[np.argsort(-score[chosen], kind="stable")]


def run(quick: bool) -> list[Row]:  # noqa: FBT001 - every benchmark has this one shape
    """Measure."""
    count = 200_000 if quick else 1_000_000
    exchange = shorts_in_profit(count)
    handle = exchange.handle.argument
    positions = np.asarray(exchange.state.positions).reshape(-1, 8)
    accounts = np.asarray(exchange.state.accounts).reshape(-1, 8)
    shorts = np.flatnonzero(positions[:, at.P_SIZE] < 0)
    columns = (
        positions[shorts, at.P_COST].copy(),
        accounts[positions[shorts, at.P_KEY] >> at.MARKET_BITS, at.A_BALANCE].copy(),
    )
    value = -FALLEN * exchange.specs[0].contract.multiplier
    rows = []
    for need, target in TARGETS.items():
        repeats = 5 if quick else 15
        cold = median_seconds(lambda need=need: pick(handle, 0, -1, need, 0), repeats) * 1e3  # type: ignore[misc]
        scratch = np.asarray(exchange.state.scratch)
        winners = scratch[BUCKETS + 1 : BUCKETS + TRIPLE * need : TRIPLE].copy()
        floor = int(scratch[BUCKETS + TRIPLE * (need - 1)]) * 3 // 4
        warm = median_seconds(lambda need=need, floor=floor: pick(handle, 0, -1, need, floor), repeats) * 1e3  # type: ignore[misc]
        rival = median_seconds(lambda need=need: numpy_pick(columns, value, need), repeats) * 1e3  # type: ignore[misc]
        same = len(set(shorts[numpy_pick(columns, value, need)].tolist()) & set(winners.tolist())) / need
        where = f"{count / 1e6:g} M in profit"
        beside = f"numpy argpartition {rival:.1f} ms, {same:.1%} the same winners (it ranks in floats)"
        rows.append(
            Row(
                f"ADL pick, top {need:,}",
                cold,
                "ms",
                target,
                less_is_better=True,
                rival=beside,
                ratio=rival / cold,
                note=where,
            )
        )
        rows.append(
            Row(f"ADL pick, top {need:,}, again", warm, "ms", note="with the rank of the pick before as a floor")
        )
    return rows
