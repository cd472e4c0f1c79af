"""What forced flow does to the world outside: it moves the index, and those whom ADL cut restore their hedge later.

Forced flow is what the makers absorbed between two of their looks at the book: whoever else trades in a stress run was forced to, was
cut, or unwinds. Both effects are off where their parameter is 0, and then a run is the one without them to the last bit.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from shortfall.kernels._jit import inner
from shortfall.kernels.desk import (
    DESK,
    K_DUE,
    K_FARTHEST,
    K_FLOW,
    K_SHIFT,
    Q_DECAY_US,
    Q_DELAY_US,
    Q_HEDGER,
    Q_IMPACT,
    Q_LEVELS,
    Q_REHEDGE,
    held_by,
)
from shortfall.kernels.layout import H_MARKETS, MARKET_ORDER, SELL, STATS, T_ADL_SIGNED_LOTS
from shortfall.kernels.matching import place
from shortfall.kernels.wide import mul_div_floor

if TYPE_CHECKING:
    from shortfall.kernels.native import Rows, State

LEVEL = 3  # words of a level of depth: distance in ppm, bid lots, ask lots
NEAR_PPM = 10_000
BILLION = 1_000_000_000
MILLION = 1_000_000
FARTHEST = 500_000_000  # flow moves the price by half at most (ppb)
MOST_DEPTHS = 1_000  # flow of so many times the depth within 1 % moves it that far


@inner
def shifted(price: int, shift: int, top: int) -> int:
    """Return a price moved by a shift in ppb, rounded down, inside the scale; the price itself where the shift is 0."""
    if shift == 0 or price <= 0:
        return price
    moved = mul_div_floor(price, BILLION + shift, BILLION)
    moved = moved if moved < top else top - 1
    return moved if moved > 0 else 1


@inner
def near_depth(ladder: Rows, par: Rows, q: int, market: int, side: int) -> int:
    """Return the normal lots on a side within 1 % of the anchor; 1 at least."""
    lots = 0
    for j in range(par[q + Q_LEVELS]):
        d = LEVEL * (market * par[q + Q_LEVELS] + j)
        if ladder[d] <= NEAR_PPM:
            lots += ladder[d + 1 + side]
    return lots if lots > 0 else 1


@inner
def shift_price(desk: Rows, ladder: Rows, par: Rows, q: int, market: int, elapsed: int) -> None:
    """Let the shift of the price decay, and add what the flow since the last look does: makers who bought, were sold to."""
    if par[q + Q_IMPACT] == 0:
        return
    k = market * DESK
    shift = desk[k + K_SHIFT]
    decay = par[q + Q_DECAY_US]
    size = shift if shift > 0 else -shift
    if decay > 0:
        size = mul_div_floor(size, decay - elapsed, decay) if elapsed < decay else 0
    shift = size if shift > 0 else -size
    flow = desk[k + K_FLOW]
    lots = flow if flow > 0 else -flow
    near = near_depth(ladder, par, q, market, 0 if flow > 0 else 1)
    depths = lots // near
    move = FARTHEST if depths >= MOST_DEPTHS else mul_div_floor(lots, 1_000 * par[q + Q_IMPACT], near)
    shift = shift - move if flow > 0 else shift + move
    shift = FARTHEST if shift > FARTHEST else shift
    shift = -FARTHEST if shift < -FARTHEST else shift
    desk[k + K_SHIFT] = shift
    size = shift if shift > 0 else -shift
    before = desk[k + K_FARTHEST] if desk[k + K_FARTHEST] > 0 else -desk[k + K_FARTHEST]
    if size > before:
        desk[k + K_FARTHEST] = shift


@inner
def rehedge(s: State, desk: Rows, cuts: Rows, times: Rows, par: Rows, q: int, market: int, t: int) -> None:
    """Trade the hedging account to the stated share of what had been cut so long ago, opposite to the winners' closes.

    What does not fill is tried again at the next step.
    """
    if par[q + Q_REHEDGE] == 0:
        return
    k = market * DESK
    due = desk[k + K_DUE]
    while due < t and times[due] + par[q + Q_DELAY_US] <= times[t]:
        due += 1
    desk[k + K_DUE] = due
    if due == 0:
        return
    cut = cuts[(due - 1) * s.header[H_MARKETS] + market]
    size = mul_div_floor(cut if cut > 0 else -cut, par[q + Q_REHEDGE], MILLION)
    target = -size if cut > 0 else size
    missing = target - held_by(s, par[q + Q_HEDGER], market)
    if missing > 0:
        place(s, par[q + Q_HEDGER], market, MARKET_ORDER, 0, missing, 0)
    elif missing < 0:
        place(s, par[q + Q_HEDGER], market, MARKET_ORDER | SELL, 0, -missing, 0)


@inner
def note_cuts(s: State, cuts: Rows, t: int) -> None:
    """Note what winners had traded by ADL when a step ended, signed, per market."""
    markets = s.header[H_MARKETS]
    for market in range(markets):
        cuts[t * markets + market] = s.stats[(market << STATS) + T_ADL_SIGNED_LOTS]
