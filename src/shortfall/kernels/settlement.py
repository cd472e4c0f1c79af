"""Settle marks: profit and loss of all positions of a market become cash at the mark, and winners get what losers can pay.

At a settlement every position is valued at the mark: what it is worth there less its cost is due. Losers pay out of their cash
and the collateral that they have; what is missing comes from the layers with cash, in the order of the waterfall; what is still
missing cuts the winners' gains of this settlement pro rata. Nobody is left in debt by it. From then on a position costs what it
is worth at the mark, so the next settlement starts from there.

The market's settlement account holds, between settlements, what was paid in and out early (by house accounts and by accounts in
liquidation). The winners' pot is their gains less what stayed unpaid, whatever stands there, and the account ends at zero.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from shortfall.kernels._jit import inner
from shortfall.kernels.enqueue import after_trade
from shortfall.kernels.events import emit
from shortfall.kernels.holders import holder_of, note_inventory
from shortfall.kernels.layout import (
    A_BALANCE,
    A_COLLATERAL,
    E_SETTLEMENT_COVERED,
    E_SETTLEMENT_ENDED,
    E_SETTLEMENT_PAID,
    H_NOW,
    H_POSITIONS,
    HALT_ALL,
    HOLDER,
    HOUSE,
    LAYER_END,
    LAYER_FUND,
    LAYER_POOL,
    LAYERS,
    M_ASSET,
    M_CLAIMED,
    M_CLEARING,
    M_HALTED,
    M_MARK,
    M_RULES,
    M_SETTLE_TIME,
    M_SETTLEMENT,
    MARKET,
    MARKET_BITS,
    MARKET_MASK,
    P_COST,
    P_KEY,
    P_SIZE,
    R_CUT_REMAINDER,
    R_LAYER,
    R_REALISATION,
    R_SETTLE_EVERY_US,
    REALISED_AT_MARKS,
    REMAINDER_LAST_WINNER,
    ROW,
    S_DUST,
    STATEMENT,
    STATS,
    T_CARRIED,
    T_CASH_FUND,
    T_CASH_POOL,
    T_DEFICIT,
    T_EQUITY,
    T_FIRST_PAID_TIME,
    T_GAINS_CUT,
    T_INVENTORY_REALISED,
    T_SETTLEMENT_COVERED,
    T_SETTLEMENTS,
    T_SOCIALISED,
    T_WAITED,
    Z_REALISED,
)
from shortfall.kernels.ledger import kind_of, touch, value_at
from shortfall.kernels.prices import may_liquidate
from shortfall.kernels.unit import seldom, unit
from shortfall.kernels.waterfall import sell_collateral
from shortfall.kernels.wide import mul_div_floor

if TYPE_CHECKING:
    from shortfall.kernels.native import State


@inner
def due_of(s: State, market: int, p: int) -> int:
    """Return what a position is due at the mark: positive for a winner."""
    m = market << MARKET
    size = s.positions[(p << ROW) + P_SIZE]
    worth = value_at(s, m, size, s.markets[m + M_MARK]) if size != 0 else 0
    return worth - s.positions[(p << ROW) + P_COST]


@inner
def mark_row(s: State, market: int, p: int, due: int, paid: int) -> None:
    """Value a position at the mark, move what is paid (negative: what its owner pays) to its owner's cash, and state both."""
    m = market << MARKET
    a = s.positions[(p << ROW) + P_KEY] >> MARKET_BITS
    touch(s, a)
    s.positions[(p << ROW) + P_COST] += due
    s.markets[m + M_SETTLEMENT] -= due
    s.accounts[(a << ROW) + A_BALANCE] += paid
    if kind_of(s, a) == HOLDER:
        s.stats[(market << STATS) + T_INVENTORY_REALISED] += due
    emit(s, E_SETTLEMENT_PAID, market, a, 0, due, paid, s.markets[m + M_MARK], s.positions[(p << ROW) + P_SIZE])


@inner
def cover(s: State, market: int, a: int, missing: int) -> int:
    """Ask the layers with cash, in their order, for what a loser cannot pay. Returns what stays missing."""
    m = market << MARKET
    t = market << STATS
    for k in range(LAYERS):
        layer = s.rules[s.markets[m + M_RULES] + R_LAYER + k]
        if layer == LAYER_END or missing == 0:
            break
        if layer not in (LAYER_FUND, LAYER_POOL):
            continue
        holder = holder_of(s, m, layer)
        cash = s.accounts[(holder << ROW) + A_BALANCE] if holder >= 0 else 0
        pay = missing if missing < cash else cash
        if pay <= 0:
            continue
        touch(s, holder)
        s.accounts[(holder << ROW) + A_BALANCE] -= pay
        missing -= pay
        s.stats[t + (T_CASH_FUND if layer == LAYER_FUND else T_CASH_POOL)] += pay
        s.stats[t + T_SETTLEMENT_COVERED] += pay
        if s.stats[t + T_FIRST_PAID_TIME] == 0:
            s.stats[t + T_FIRST_PAID_TIME] = s.header[H_NOW]
        emit(s, E_SETTLEMENT_COVERED, market, holder, a, pay, layer, missing, cash - pay)
        note_inventory(s, market, holder)
    return missing


@inner
def settle_loser(s: State, market: int, p: int, loss: int) -> int:
    """Let a loser pay what it has; collateral in other assets is sold for it. Returns what nobody paid.

    House accounts pay in full: the outside world and clearing are not limited by what they hold.
    """
    a = s.positions[(p << ROW) + P_KEY] >> MARKET_BITS
    t = market << STATS
    row = a << ROW
    unpaid = 0
    if kind_of(s, a) != HOUSE:
        s.accounts[row + A_BALANCE] -= loss
        if s.accounts[row + A_BALANCE] < 0 and s.accounts[row + A_COLLATERAL] >= 0:
            sell_collateral(s, market, a, 0)
        short = -s.accounts[row + A_BALANCE] if s.accounts[row + A_BALANCE] < 0 else 0
        unpaid = short if short < loss else loss
        s.accounts[row + A_BALANCE] += loss
    mark_row(s, market, p, -loss, unpaid - loss)
    if unpaid == 0:
        return 0
    left = cover(s, market, a, unpaid)
    s.statements[(p << STATEMENT) + Z_REALISED] += left
    s.stats[t + T_EQUITY] -= unpaid
    if kind_of(s, a) < HOLDER:
        s.stats[t + T_DEFICIT] += unpaid
    after_trade(s, market, a, p)
    return left


@inner
def last_winner(s: State, market: int) -> int:
    """Return the position that gets the units which rounding leaves: a holder of inventory if one won, else the last winner."""
    last = -1
    held = -1
    for p in range(s.header[H_POSITIONS]):
        key = s.positions[(p << ROW) + P_KEY]
        if (key & MARKET_MASK) == market and due_of(s, market, p) > 0:
            last = p
            if kind_of(s, key >> MARKET_BITS) == HOLDER:
                held = p
    return held if held >= 0 else last


@inner
def pay_winners(s: State, market: int, gains: int, pot: int) -> int:
    """Pay every winner its gain, or its share of the pot, rounded down. Returns what rounding left over."""
    m = market << MARKET
    extra = -1
    if pot < gains and s.rules[s.markets[m + M_RULES] + R_CUT_REMAINDER] == REMAINDER_LAST_WINNER:
        extra = last_winner(s, market)
    paid = 0
    last_due = 0
    for p in range(s.header[H_POSITIONS]):
        if (s.positions[(p << ROW) + P_KEY] & MARKET_MASK) != market:
            continue
        due = due_of(s, market, p)
        if due <= 0:
            continue
        if p == extra:
            last_due = due
            continue
        share = due if pot >= gains else mul_div_floor(due, pot, gains)
        paid += share
        pay_winner(s, market, p, due, share)
    if extra >= 0:
        pay_winner(s, market, extra, last_due, pot - paid)
        return 0
    return pot - paid


@inner
def pay_winner(s: State, market: int, p: int, due: int, share: int) -> None:
    """Pay one winner; what it does not get is its part of the cut.

    The part of the clearing account stays with nobody: the clips that wait are worth less by it, and the layers find it later.
    """
    mark_row(s, market, p, due, share)
    if share != due:
        a = s.positions[(p << ROW) + P_KEY] >> MARKET_BITS
        s.statements[(p << STATEMENT) + Z_REALISED] -= due - share
        if a == s.markets[(market << MARKET) + M_CLEARING]:
            s.stats[(market << STATS) + T_WAITED] -= due - share
        after_trade(s, market, a, p)


@seldom
def settle_marks(s: State, market: int) -> int:
    """Settle all positions of a market at its mark. Returns how many were due something.

    Rounding: shares of a cut are floored; the remainder goes to the dust account or to the last winner, by rule. A hole deeper
    than all gains (gains paid out early whose losers then failed) is carried by the clearing account as a stated claim.
    """
    m = market << MARKET
    t = market << STATS
    gains = 0
    unpaid = 0
    count = 0
    for p in range(s.header[H_POSITIONS]):
        if (s.positions[(p << ROW) + P_KEY] & MARKET_MASK) == market:
            due = due_of(s, market, p)
            count += 1 if due != 0 else 0
            if due > 0:
                gains += due
            elif due < 0:
                unpaid += settle_loser(s, market, p, -due)
    pot = gains - unpaid
    hole = -pot if pot < 0 else 0
    pot = pot if pot > 0 else 0
    dust = pay_winners(s, market, gains, pot)
    clearing = s.markets[m + M_CLEARING]
    touch(s, clearing)
    s.accounts[(clearing << ROW) + A_BALANCE] -= hole
    s.markets[m + M_CLAIMED] += hole
    keeper = s.assets[(s.markets[m + M_ASSET] << ROW) + S_DUST]
    touch(s, keeper)
    s.accounts[(keeper << ROW) + A_BALANCE] += dust
    s.stats[t + T_CARRIED] += hole
    s.stats[t + T_SOCIALISED] += unpaid - hole
    s.stats[t + T_SETTLEMENTS] += 1
    s.stats[t + T_GAINS_CUT] += gains - pot
    if count > 0:
        emit(s, E_SETTLEMENT_ENDED, market, clearing, 0, gains, pot, dust, hole)
    return count


@unit
def settle_when_due(s: State, market: int) -> int:
    """Settle a market by its rule: at every mark, or when its session ends; never on a price that liquidates nobody."""
    m = market << MARKET
    rules = s.markets[m + M_RULES]
    if (
        s.rules[rules + R_REALISATION] != REALISED_AT_MARKS
        or s.markets[m + M_HALTED] == HALT_ALL
        or not may_liquidate(s, market)
    ):
        return 0
    every = s.rules[rules + R_SETTLE_EVERY_US]
    if every > 0:
        if s.markets[m + M_SETTLE_TIME] == 0:
            s.markets[m + M_SETTLE_TIME] = s.header[H_NOW] + every
        if s.header[H_NOW] < s.markets[m + M_SETTLE_TIME]:
            return 0
        s.markets[m + M_SETTLE_TIME] = s.header[H_NOW] + every
    return settle_marks(s, market)
