"""The value book's entries: what left an owner at mark, what he was short, what he keeps."""

from __future__ import annotations

from typing import TYPE_CHECKING

from shortfall.kernels._jit import inner
from shortfall.kernels.layout import (
    A_COUNT,
    M_MARK,
    MARKET,
    ROW,
    STATS,
    T_DEFICIT,
    T_EQUITY,
    T_LIQUIDATED_LOTS,
    T_LIQUIDATED_NOTIONAL,
    T_RETAINED,
)
from shortfall.kernels.ledger import notional_at
from shortfall.kernels.margin import health

if TYPE_CHECKING:
    from shortfall.kernels.native import State


@inner
def note_value(s: State, market: int, equity: int, retained: int, gone: int) -> None:
    """Enter one clip into the value book: what left its owner at mark, what he was short, what he keeps."""
    m = market << MARKET
    t = market << STATS
    s.stats[t + T_EQUITY] += equity
    s.stats[t + T_RETAINED] += retained
    s.stats[t + T_LIQUIDATED_LOTS] += gone
    s.stats[t + T_LIQUIDATED_NOTIONAL] += notional_at(s, m, gone, s.markets[m + M_MARK])
    short = (-equity if equity < 0 else 0) - (-retained if retained < 0 else 0)
    if short > 0:
        s.stats[t + T_DEFICIT] += short


@inner
def kept_of(s: State, a: int) -> int:
    """Return what an account keeps after a clip: its equity, but nothing when it is flat, because its debt is then a carried claim."""
    kept, _, _ = health(s, a)
    return 0 if kept < 0 and s.accounts[(a << ROW) + A_COUNT] == 0 else kept
