"""Sums that the laws speak of, over the whole state: for tests, recovery and reports."""

from __future__ import annotations

from shortfall.kernels._jit import entry
from shortfall.kernels.caps import clip_bounds, loss_room, may_try, notional_room, was_tried
from shortfall.kernels.layout import (
    A_BALANCE,
    A_COUNT,
    A_QUEUE,
    C_AMOUNT,
    C_KEY,
    COLLATERAL,
    H_ACCOUNTS,
    H_COLLATERALS,
    H_MARKETS,
    H_POSITIONS,
    HOLDER,
    M_ASSET,
    M_SETTLEMENT,
    MARKET,
    MARKET_MASK,
    P_COST,
    P_KEY,
    P_SIZE,
    ROW,
    U_LOST,
    U_NOTIONAL,
    USE,
)
from shortfall.kernels.ledger import asset_of, find_position, kind_of
from shortfall.kernels.margin import FOR_OPENING, equity_of, free_margin, health
from shortfall.kernels.native import as_state
from shortfall.kernels.triggers import run_collect


@entry
def market_sums(handle: object, market: int) -> tuple[int, int, int]:
    """Return (signed size, cost + settlement, open interest) of a market: the first two must be zero."""
    s = as_state(handle)
    size = 0
    cost = 0
    interest = 0
    for p in range(s.header[H_POSITIONS]):
        r = p << ROW
        if (s.positions[r + P_KEY] & MARKET_MASK) == market:
            size += s.positions[r + P_SIZE]
            cost += s.positions[r + P_COST]
            if s.positions[r + P_SIZE] > 0:
                interest += s.positions[r + P_SIZE]
    return size, cost + s.markets[(market << MARKET) + M_SETTLEMENT], interest


@entry
def asset_sum(handle: object, asset: int) -> int:
    """Return the sum of all balances, settlement accounts and collateral of an asset: it must be zero."""
    s = as_state(handle)
    total = 0
    for a in range(s.header[H_ACCOUNTS]):
        if asset_of(s, a) == asset:
            total += s.accounts[(a << ROW) + A_BALANCE]
    for market in range(s.header[H_MARKETS]):
        if s.markets[(market << MARKET) + M_ASSET] == asset:
            total += s.markets[(market << MARKET) + M_SETTLEMENT]
    for c in range(s.header[H_COLLATERALS]):
        if (s.collaterals[(c << COLLATERAL) + C_KEY] & MARKET_MASK) == asset:
            total += s.collaterals[(c << COLLATERAL) + C_AMOUNT]
    return total


@entry
def account_health(handle: object, account: int) -> tuple[int, int, int]:
    """Return (equity, equity that counts, maintenance margin) of an account at mark."""
    return health(as_state(handle), account)


@entry
def block_use(handle: object, account: int, market: int) -> tuple[int, int, int]:
    """Return (notional liquidated, what layers paid for fills, whether it was worked on) of a position in the block that is running."""
    s = as_state(handle)
    p = find_position(s, account, market)
    if p < 0 or not was_tried(s, p):
        return 0, 0, 0
    return s.uses[(p << USE) + U_NOTIONAL], s.uses[(p << USE) + U_LOST], 1


@entry
def block_room(handle: object, account: int, market: int) -> tuple[int, int, int]:
    """Return (notional, loss of layers, whether the position may be worked on) that the block still allows; `INF` without a cap."""
    s = as_state(handle)
    p = find_position(s, account, market)
    if p < 0:
        return 0, 0, 0
    return notional_room(s, account, p), loss_room(s, account, p), 1 if may_try(s, p) else 0


@entry
def bounds_of_clip(handle: object, account: int, market: int) -> tuple[int, int]:
    """Return (least, most) notional of one clip of a position under `amount.method=portion`."""
    s = as_state(handle)
    p = find_position(s, account, market)
    return clip_bounds(s, p) if p >= 0 else (0, 0)


@entry
def account_free_margin(handle: object, account: int) -> int:
    """Return the equity of an account that counts for opening less its initial margin; under weights, its initial health."""
    free, _ = free_margin(as_state(handle), account, FOR_OPENING, -1, 0, 0)
    return free


@entry
def overlooked(handle: object) -> int:
    """Return how many traders and makers with positions are below maintenance without a place in the liquidation queue.

    A flat account with a negative balance was settled by the layers; what they did not cover was stated as an uncovered claim.
    """
    s = as_state(handle)
    count = 0
    for a in range(s.header[H_ACCOUNTS]):
        open_positions = s.accounts[(a << ROW) + A_COUNT]
        if kind_of(s, a) < HOLDER and open_positions > 0 and s.accounts[(a << ROW) + A_QUEUE] == 0:
            _, counted, need = health(s, a)
            if counted < need:
                count += 1
    return count


@entry
def latent_deficit(handle: object) -> int:
    """Return the sum of negative equity at mark over traders and makers: what the waterfall will have to find."""
    s = as_state(handle)
    total = 0
    for a in range(s.header[H_ACCOUNTS]):
        if kind_of(s, a) < HOLDER:
            equity = equity_of(s, a)
            if equity < 0:
                total -= equity
    return total


@entry
def collect_run(handle: object, market: int, side: int) -> int:
    """Compute all triggers of a market's side anew, into its run, unsorted. Returns how many."""
    return run_collect(as_state(handle), market, side, 1)
