"""The closing order fill by fill: a limit that moves with the account's health, and layers that settle each fill at once.

Each resting order is one fill, taken whole or not at all. What it brings more than the bankruptcy price pays the liquidation fee,
what it brings less is paid by the layers then and there; a fill that they cannot or may not pay for ends the order.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from shortfall.kernels._jit import inner
from shortfall.kernels.book import best_price, level_at, level_done, within
from shortfall.kernels.caps import loss_room, note_try, note_use
from shortfall.kernels.events import emit
from shortfall.kernels.layout import (
    A_BALANCE,
    BOUND_BLOCK_LOSS,
    BOUND_CASH,
    BOUND_NONE,
    CAUSE_LIQUIDATION_FEE,
    E_FILL_REFUSED,
    E_FILL_SETTLED,
    E_FUND_RECEIVED,
    H_MATCH_AMOUNT,
    H_SETTLED,
    LAYER_END,
    LAYER_EQUITY,
    LAYER_FUND,
    LAYER_POOL,
    LAYERS,
    M_FUND,
    M_MARK,
    M_POOL,
    M_RULES,
    MARKET,
    N_ACCOUNT,
    N_KEY,
    N_LOTS,
    P_SIZE,
    R_LAYER,
    R_LIQUIDATION_FEE,
    ROW,
    STATS,
    T_CASH_FUND,
    T_FEES,
)
from shortfall.kernels.ledger import find_position, note_flow, notional_at, transfer, value_at
from shortfall.kernels.margin import health, share_of_equity
from shortfall.kernels.matching import FORCED, match, reducible, refuse_head
from shortfall.kernels.unit import seldom
from shortfall.kernels.waterfall import cash_of_layers, pay_from, rebate_of
from shortfall.kernels.wide import mul_div_floor, ppm_floor

if TYPE_CHECKING:
    from shortfall.kernels.native import State


@inner
def surplus_of_fill(s: State, market: int, a: int, p: int, lots: int, price: int) -> int:
    """Return what selling signed lots at a price brings more (negative: less) than their bankruptcy price as of now.

    Their bankruptcy price leaves the rest of the account its share of the equity; that share rounds down, for the account.
    """
    m = market << MARKET
    size = s.positions[(p << ROW) + P_SIZE]
    equity, _, need = health(s, a)
    part = mul_div_floor(share_of_equity(s, p, equity, need), lots if lots > 0 else -lots, size if size > 0 else -size)
    return value_at(s, m, lots, price) - value_at(s, m, lots, s.markets[m + M_MARK]) + part


@inner
def pay_fill(s: State, market: int, a: int, lots: int, price: int, owed: int, reference: int) -> int:
    """Let the layers' cash pay, in order, what a fill is short of the bankruptcy price. Returns what they paid."""
    rules = s.markets[(market << MARKET) + M_RULES]
    emit(s, E_FILL_SETTLED, market, a, reference, owed, price, lots, 0)
    left = owed
    for k in range(LAYERS):
        layer = s.rules[rules + R_LAYER + k]
        if layer == LAYER_END or left == 0:
            break
        if layer in (LAYER_FUND, LAYER_POOL, LAYER_EQUITY):  # the gate counted these; others share, or take positions
            left -= pay_from(s, market, layer, a, left, reference)
    return owed - left


@inner
def take_fee(s: State, market: int, a: int, fee: int, reference: int) -> int:
    """Move a liquidation fee to the market's fund, or its pool where it has no fund. Returns the fee, 0 without either."""
    m = market << MARKET
    fund = s.markets[m + M_FUND] if s.markets[m + M_FUND] >= 0 else s.markets[m + M_POOL]
    if fee <= 0 or fund < 0:
        return 0
    transfer(s, a, fund, fee)
    note_flow(s, m, fund, fee)
    cash = s.accounts[(fund << ROW) + A_BALANCE]
    emit(s, E_FUND_RECEIVED, market, fund, reference, fee, CAUSE_LIQUIDATION_FEE, a, cash)
    s.stats[(market << STATS) + T_FEES] += fee
    s.stats[(market << STATS) + T_CASH_FUND] -= fee
    return fee


@inner
def next_fill(s: State, market: int, a: int, side: int, left: int, limit: int) -> tuple[int, int]:
    """Return (lots, price) of the next resting order that the taker meets: (0, 0) at the end. Own orders in front are cancelled."""
    m = market << MARKET
    while True:
        price = best_price(s, m, side)
        if not within(side, price, limit):
            return 0, 0
        level = level_at(s, m, price)
        i = s.levels[level]
        key = s.nodes[(i << ROW) + N_KEY]
        maker = key >> N_ACCOUNT
        p = find_position(s, maker, market)
        here = s.nodes[(i << ROW) + N_LOTS]
        lots = 0 if maker == a else reducible(s, p, key, here if here < left else left)
        if lots > 0:
            return lots, price
        if refuse_head(s, market, level, i, p) < 0:
            level_done(s, m, side, price)


@seldom
def walk_fills(s: State, market: int, a: int, p: int, lots: int, limit: int, reference: int) -> int:
    """Close lots against the book order by order, each fill settled before the next. Returns the lots left.

    The magnitude filled is left in the header, and what the layers paid less the fees they received.
    """
    m = market << MARKET
    size = s.positions[(p << ROW) + P_SIZE]
    sign = 1 if size > 0 else -1
    side = 0 if size > 0 else 1  # the side of the book that is taken
    left = lots
    total = 0
    paid = 0
    fees = 0
    note_try(s, p)
    while left > 0:
        take, price = next_fill(s, market, a, side, left, limit)
        if take == 0:
            break
        over = surplus_of_fill(s, market, a, p, sign * take, price)
        if over < 0:
            bound = BOUND_NONE
            if loss_room(s, a, p) < -over:
                bound = BOUND_BLOCK_LOSS
            elif cash_of_layers(s, market, reference) - rebate_of(s, market, notional_at(s, m, take, price)) < -over:
                bound = BOUND_CASH
            if bound != BOUND_NONE:
                emit(s, E_FILL_REFUSED, market, a, reference, sign * take, price, bound, -over)
                break
        if match(s, a, market, 1 - side, take, price, FORCED, 0) == take:
            break
        left -= take
        amount = s.header[H_MATCH_AMOUNT]
        total += amount
        lost = 0
        if over < 0:
            lost = pay_fill(s, market, a, sign * take, price, -over, reference)
        else:
            rate = s.rules[s.markets[m + M_RULES] + R_LIQUIDATION_FEE]
            fee = ppm_floor(amount, rate)
            fees += take_fee(s, market, a, fee if fee < over else over, reference)
        paid += lost
        note_use(s, p, take, lost)
    s.header[H_MATCH_AMOUNT] = total
    s.header[H_SETTLED] = paid - fees
    return left
