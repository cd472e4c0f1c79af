"""How much of its cash a fund may pay for a deficit: what it keeps, and its caps per market, per event and per window."""

from __future__ import annotations

from typing import TYPE_CHECKING

from shortfall.kernels._jit import inner
from shortfall.kernels.layout import (
    H_NOW,
    M_EVENT_NOTIONAL,
    M_EVENT_OF,
    M_FUND_PAID,
    M_FUND_WINDOW_CASH,
    M_FUND_WINDOW_PAID,
    M_FUND_WINDOW_START,
    M_MARK,
    M_RULES,
    MARKET,
    R_FUND_KEEPS,
    R_FUND_PER_EVENT,
    R_FUND_PER_MARKET,
    R_FUND_PER_WINDOW,
    R_FUND_WINDOW_US,
)
from shortfall.kernels.ledger import notional_at
from shortfall.kernels.wide import ppm_floor

if TYPE_CHECKING:
    from shortfall.kernels.native import State


@inner
def note_event(s: State, m: int, lots: int, reference: int) -> None:
    """Add lots that left an account to the notional of its liquidation."""
    if s.markets[m + M_EVENT_OF] != reference:
        s.markets[m + M_EVENT_OF] = reference
        s.markets[m + M_EVENT_NOTIONAL] = 0
    s.markets[m + M_EVENT_NOTIONAL] += notional_at(s, m, lots, s.markets[m + M_MARK])


@inner
def within_window(s: State, m: int, rules: int, cash: int) -> int:
    """Return what a fund may still pay for a market in this window; a new window begins where the old one is over."""
    started = s.markets[m + M_FUND_WINDOW_START]
    if started == 0 or s.header[H_NOW] - started >= s.rules[rules + R_FUND_WINDOW_US]:
        s.markets[m + M_FUND_WINDOW_START] = s.header[H_NOW] if s.header[H_NOW] > 0 else 1
        s.markets[m + M_FUND_WINDOW_PAID] = 0
        s.markets[m + M_FUND_WINDOW_CASH] = cash
    return (
        ppm_floor(s.markets[m + M_FUND_WINDOW_CASH], s.rules[rules + R_FUND_PER_WINDOW])
        - s.markets[m + M_FUND_WINDOW_PAID]
    )


@inner
def payable(s: State, market: int, cash: int, reference: int) -> int:
    """Return how much of a fund's cash may go for a deficit: 0 to all of it."""
    m = market << MARKET
    rules = s.markets[m + M_RULES]
    most = cash - s.rules[rules + R_FUND_KEEPS]
    cap = s.rules[rules + R_FUND_PER_MARKET]
    if cap > 0 and cap - s.markets[m + M_FUND_PAID] < most:
        most = cap - s.markets[m + M_FUND_PAID]
    rate = s.rules[rules + R_FUND_PER_EVENT]
    if rate > 0 and reference > 0 and s.markets[m + M_EVENT_OF] == reference:
        event = ppm_floor(s.markets[m + M_EVENT_NOTIONAL], rate)
        most = event if event < most else most
    if s.rules[rules + R_FUND_PER_WINDOW] > 0 and cash > 0:
        left = within_window(s, m, rules, cash)
        most = left if left < most else most
    return most if most > 0 else 0


@inner
def note_paid(s: State, market: int, pay: int) -> None:
    """Count a payment against the caps of its market."""
    m = market << MARKET
    s.markets[m + M_FUND_PAID] += pay
    s.markets[m + M_FUND_WINDOW_PAID] += pay
