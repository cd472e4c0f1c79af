"""Price bands: around which price they stand, and what becomes of a forced order that one holds back."""

from __future__ import annotations

from typing import TYPE_CHECKING

from shortfall.kernels._jit import inner
from shortfall.kernels.events import emit
from shortfall.kernels.layout import (
    BAND_RESTS,
    BAND_TAKES_OVER,
    E_ORDER_ACCEPTED,
    M_MAX_PRICE,
    M_RULES,
    MARKET,
    N_REDUCE,
    P_SIZE,
    R_BAND_BINDS,
    R_BAND_LIQUIDATION,
    ROW,
)
from shortfall.kernels.matching import band_centre, best_crosses, rest
from shortfall.kernels.wide import ppm_floor

if TYPE_CHECKING:
    from shortfall.kernels.native import State


@inner
def banded(s: State, m: int, size: int, limit: int, band: int) -> int:
    """Return the limit of an order that closes a position, drawn in to the edge of a band; within the market's prices."""
    if band <= 0:
        return limit
    centre = band_centre(s, m)
    room = ppm_floor(centre, band)
    if size > 0:
        edge = centre - room if centre - room > 1 else 1
        return edge if limit < edge else limit
    top = s.markets[m + M_MAX_PRICE] - 1
    edge = centre + room if centre + room < top else top
    return edge if limit > edge else limit


@inner
def held_by_band(s: State, m: int, size: int, limit: int) -> bool:
    """Say whether a forced order's limit is the edge of its band, and the rule keeps what is left with its owner."""
    rules = s.markets[m + M_RULES]
    if s.rules[rules + R_BAND_BINDS] == BAND_TAKES_OVER or limit <= 0:
        return False
    band = s.rules[rules + R_BAND_LIQUIDATION]
    far = 1 if size > 0 else s.markets[m + M_MAX_PRICE] - 1
    return band > 0 and banded(s, m, size, far, band) == limit


@inner
def rest_in_band(s: State, market: int, a: int, p: int, lots: int, limit: int) -> None:
    """Let what a band held back rest at its edge, reduce-only, where the rule says so: the next look cancels it first."""
    m = market << MARKET
    size = s.positions[(p << ROW) + P_SIZE]
    side = 1 if size > 0 else 0
    if s.rules[s.markets[m + M_RULES] + R_BAND_BINDS] != BAND_RESTS or not held_by_band(s, m, size, limit):
        return
    if best_crosses(s, m, side, limit) or rest(s, a, market, side, limit, lots, 0, p, N_REDUCE) != 0:
        return
    emit(s, E_ORDER_ACCEPTED, market, a, 0, limit, lots if side == 0 else -lots, 0, lots)
