"""Write one record per fact into the event ring. Kernels state facts; Python reads them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from shortfall.kernels._jit import inner
from shortfall.kernels.layout import (
    FULL_EVENTS,
    H_COMMANDS,
    H_EVENT_MASK,
    H_EVENTS,
    H_EVENTS_READ,
    H_FULL,
    H_LINEAR_EVENTS,
    ROW,
    V_A,
    V_ACCOUNT,
    V_B,
    V_C,
    V_CAUSE,
    V_D,
    V_REFERENCE,
)

if TYPE_CHECKING:
    from shortfall.kernels.native import State


@inner
def emit(s: State, kind: int, market: int, account: int, reference: int, a: int, b: int, c: int, d: int) -> None:
    """Append an event. In ring mode the oldest is overwritten; in linear mode a full ring is flagged, never silent."""
    n = s.header[H_EVENTS]
    mask = s.header[H_EVENT_MASK]
    if s.header[H_LINEAR_EVENTS] != 0 and n - s.header[H_EVENTS_READ] > mask:
        s.header[H_FULL] |= FULL_EVENTS
        return
    e = (n & mask) << ROW
    s.events[e] = kind << 8 | market
    s.events[e + V_ACCOUNT] = account
    s.events[e + V_CAUSE] = s.header[H_COMMANDS]
    s.events[e + V_REFERENCE] = reference
    s.events[e + V_A] = a
    s.events[e + V_B] = b
    s.events[e + V_C] = c
    s.events[e + V_D] = d
    s.header[H_EVENTS] = n + 1
