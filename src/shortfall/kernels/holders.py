"""Holders of taken-over positions (backstop, fund, pool): what they may take, at what price, and how they get out again."""

from __future__ import annotations

from typing import TYPE_CHECKING

from shortfall.kernels._jit import inner
from shortfall.kernels.adl_trigger import adl_is_on, loss_spare
from shortfall.kernels.bands import banded
from shortfall.kernels.book import best_price, level_at, next_worse, within
from shortfall.kernels.events import emit
from shortfall.kernels.layout import (
    A_BALANCE,
    A_POSITION,
    BOUND_CASH,
    BOUND_DISABLED,
    BOUND_EVENT,
    BOUND_LEVERAGE,
    BOUND_NONE,
    BOUND_NOTIONAL,
    BOUND_SIZE,
    BOUND_TRIGGER,
    CAUSE_INVENTORY,
    CLOSE_HANDOVER,
    E_FUND_EQUITY_NEGATIVE,
    E_INVENTORY_SOLD,
    E_POSITION_TAKEN_OVER,
    H_MATCH_AMOUNT,
    H_NOW,
    H_RESERVED,
    LAYER_BACKSTOP,
    LAYER_EQUITY,
    LAYER_FUND,
    LAYER_LIQUIDITY,
    M_ASSET,
    M_BACKSTOP,
    M_DISPOSAL_TIME,
    M_FUND,
    M_HALTED,
    M_LAST,
    M_LIQUIDITY,
    M_MARK,
    M_MAX_LOTS,
    M_POOL,
    M_RULES,
    M_UNWIND_CARRY,
    M_UNWIND_TIME,
    MARKET,
    MARKET_MASK,
    P_COST,
    P_KEY,
    P_NEXT,
    P_SIZE,
    R_ADL_TRIGGER,
    R_BACKSTOP_CAPACITY,
    R_BACKSTOP_TAKES,
    R_BAND_UNWIND,
    R_CLOSE,
    R_DISPOSAL_DEPTH,
    R_DISPOSAL_FULL,
    R_DISPOSAL_SHARE,
    R_EVENT_CAPACITY,
    R_FUND_CAPACITY,
    R_FUND_TAKES,
    R_POOL_CAPACITY,
    R_POOL_TAKES,
    R_TAKEOVER_LEVERAGE,
    R_UNWIND,
    R_UNWIND_DEPTH_BAND,
    R_UNWIND_FEE,
    R_UNWIND_SHARE,
    ROW,
    S_FEES,
    STATS,
    T_EQUITY_LOW,
    T_FUND_LOW,
    T_FUND_LOW_TIME,
    T_INVENTORY_LOW,
    T_INVENTORY_PEAK_NOTIONAL,
    T_INVENTORY_SOLD_LOTS,
    T_TAKEN_LOTS,
    T_TAKEN_NOTIONAL,
    T_TAKEN_RESULT_BACKSTOP,
    T_TAKEN_RESULT_FUND,
    T_TAKEN_RESULT_POOL,
    UNWIND_AT_ONCE,
    UNWIND_HOLD,
    UNWIND_SCHEDULE,
)
from shortfall.kernels.ledger import book_trade, find_position, notional_at, open_position, value_at, watched_of
from shortfall.kernels.margin import bankruptcy_price, equity_of
from shortfall.kernels.matching import UNWINDING, charge_fee, match
from shortfall.kernels.unit import unit
from shortfall.kernels.wide import mul_div_floor, ppm_ceil, ppm_floor

if TYPE_CHECKING:
    from shortfall.kernels.native import State

SECOND_US = 1_000_000
MINUTE_US = 60 * SECOND_US


@inner
def holder_of(s: State, m: int, layer: int) -> int:
    """Return the account that a layer of a market's waterfall names, or -1."""
    if layer == LAYER_BACKSTOP:
        return s.markets[m + M_BACKSTOP]
    if layer == LAYER_LIQUIDITY:
        return s.markets[m + M_LIQUIDITY]
    if layer == LAYER_EQUITY:
        return s.assets[(s.markets[m + M_ASSET] << ROW) + S_FEES]
    return s.markets[m + M_FUND] if layer == LAYER_FUND else s.markets[m + M_POOL]


@inner
def takes(s: State, rules: int, layer: int) -> int:
    """Say whether a layer takes positions over (1) or only pays cash (0)."""
    if layer == LAYER_BACKSTOP:
        return s.rules[rules + R_BACKSTOP_TAKES]
    if layer == LAYER_EQUITY:
        return 0
    return s.rules[rules + (R_FUND_TAKES if layer == LAYER_FUND else R_POOL_TAKES)]


@inner
def capacity_ppm(s: State, rules: int, layer: int) -> int:
    """Return the net notional a layer may hold, as a share of its cash in ppm; 0 means no such rule."""
    if layer == LAYER_BACKSTOP:
        return s.rules[rules + R_BACKSTOP_CAPACITY]
    return s.rules[rules + (R_FUND_CAPACITY if layer == LAYER_FUND else R_POOL_CAPACITY)]


@inner
def inventory_notional(s: State, a: int, but: int) -> int:
    """Return the notional at mark of a holder's positions in all markets but one."""
    total = 0
    p = s.accounts[(a << ROW) + A_POSITION]
    while p >= 0:
        r = p << ROW
        market = s.positions[r + P_KEY] & MARKET_MASK
        if market != but and s.positions[r + P_SIZE] != 0:
            m = market << MARKET
            total += notional_at(s, m, s.positions[r + P_SIZE], s.markets[m + M_MARK])
        p = s.positions[r + P_NEXT]
    return total


@inner
def reserved_of(s: State, layer: int) -> int:
    """Return the cash of fund and pool that the own fills of the account at hand have already used up."""
    return 0 if layer == LAYER_BACKSTOP else s.header[H_RESERVED]


@inner
def cash_room(s: State, market: int, holder: int, lots: int, price: int, reserved: int) -> int:
    """Return how many of `lots` (signed) a holder can take at a price without its equity at mark falling below what is reserved."""
    m = market << MARKET
    want = lots if lots > 0 else -lots
    equity = equity_of(s, holder) - reserved
    if equity < 0 or (equity == 0 and s.rules[s.markets[m + M_RULES] + R_CLOSE] != CLOSE_HANDOVER):
        return 0
    spare = loss_spare(s, market, holder)
    equity = spare if spare < equity else equity
    loss = value_at(s, m, lots, price) - value_at(s, m, lots, s.markets[m + M_MARK])
    if loss <= equity:
        return want
    return mul_div_floor(want, equity, loss) if equity > 0 else 0


@inner
def netting_room(s: State, market: int, holder: int, p: int, lots: int, price: int, most: int) -> int:
    """Return how many of `lots` (signed) may net a holder's opposite inventory at a price with its cash staying above zero."""
    r = p << ROW
    held = s.positions[r + P_SIZE]
    want = lots if lots > 0 else -lots
    most = most if most < want else want
    gain = value_at(s, market << MARKET, held, price) - s.positions[r + P_COST]
    cash = s.accounts[(holder << ROW) + A_BALANCE]
    if cash + gain >= 0:
        return most
    room = mul_div_floor(held if held > 0 else -held, cash, -gain) if cash > 0 else 0
    return room if room < most else most


@inner
def room_for(s: State, market: int, layer: int, lots: int, price: int) -> tuple[int, int]:
    """Return (how many of `lots` a layer may take over, the rule that bound it).

    Lots that net its inventory fit as far as its cash bears the loss that they realise.
    """
    m = market << MARKET
    rules = s.markets[m + M_RULES]
    holder = holder_of(s, m, layer)
    if holder < 0 or takes(s, rules, layer) == 0:
        return 0, BOUND_DISABLED
    if s.rules[rules + R_ADL_TRIGGER] != 0 and holder == watched_of(s, m) and adl_is_on(s, market) != 0:
        return 0, BOUND_TRIGGER
    want = lots if lots > 0 else -lots
    p = find_position(s, holder, market)
    held = s.positions[(p << ROW) + P_SIZE] if p >= 0 else 0
    same = held if lots > 0 else -held  # inventory on the side of the clip; negative nets
    netting = netting_room(s, market, holder, p, lots, price, -same) if same < 0 else 0
    if same < 0 and netting < -same and netting < want:
        return netting, BOUND_CASH
    if netting >= want:
        return want, BOUND_NONE
    reserved = reserved_of(s, layer)
    room = cash_room(s, market, holder, lots, price, reserved)
    bound = BOUND_CASH if room < want else BOUND_NONE
    share = capacity_ppm(s, rules, layer)
    unit_notional = notional_at(s, m, want, s.markets[m + M_MARK])
    if share > 0 and unit_notional > 0:
        cash = s.accounts[(holder << ROW) + A_BALANCE] - reserved
        allowed = ppm_floor(cash, share) - inventory_notional(s, holder, market) if cash > 0 else 0
        fits = (mul_div_floor(want, allowed, unit_notional) if allowed > 0 else 0) - same
        if fits < room:
            room = fits
            bound = BOUND_NOTIONAL
    leverage = s.rules[rules + R_TAKEOVER_LEVERAGE]
    if leverage > 0 and unit_notional > 0:
        equity = equity_of(s, holder) - reserved
        allowed = ppm_floor(equity, leverage) - inventory_notional(s, holder, market) if equity > 0 else 0
        fits = (mul_div_floor(want, allowed, unit_notional) if allowed > 0 else 0) - same
        if fits < room:
            room = fits
            bound = BOUND_LEVERAGE
    cap = s.rules[rules + R_EVENT_CAPACITY]
    if cap > 0 and unit_notional > cap and mul_div_floor(want, cap, unit_notional) < room:
        room = mul_div_floor(want, cap, unit_notional)
        bound = BOUND_EVENT
    if s.markets[m + M_MAX_LOTS] - same < room:
        room = s.markets[m + M_MAX_LOTS] - same
        bound = BOUND_SIZE
    room = netting if room < netting else room
    return (want, BOUND_NONE) if room >= want else (room, bound)


@inner
def take_over(
    s: State, market: int, a: int, p: int, lots: int, price: int, holder: int, layer: int, reference: int
) -> int:
    """Move signed lots of an account's position to a holder at a price. Returns 1, or 0 when there is no room for the holder's row.

    The result at mark, seen as a payment by the holder, goes to the value book.
    """
    m = market << MARKET
    heir = open_position(s, holder, market)
    if heir < 0:
        return 0
    amount = value_at(s, m, lots, price)
    book_trade(s, a, market, p, -lots, -amount)
    book_trade(s, holder, market, heir, lots, amount)
    emit(s, E_POSITION_TAKEN_OVER, market, a, reference, lots, price, holder, amount)
    t = market << STATS
    worth = value_at(s, m, lots, s.markets[m + M_MARK])
    s.stats[t + T_TAKEN_LOTS] += lots if lots > 0 else -lots
    s.stats[t + T_TAKEN_NOTIONAL] += worth if worth > 0 else -worth
    column = T_TAKEN_RESULT_BACKSTOP if layer == LAYER_BACKSTOP else T_TAKEN_RESULT_FUND
    if layer not in (LAYER_BACKSTOP, LAYER_FUND):
        column = T_TAKEN_RESULT_POOL
    s.stats[t + column] += amount - worth
    note_inventory(s, market, holder)
    return 1


@unit
def note_inventory(s: State, market: int, holder: int) -> int:
    """Keep the largest inventory and the lowest cash and equity of a holder in the results of a market."""
    m = market << MARKET
    t = market << STATS
    p = find_position(s, holder, market)
    if p >= 0 and s.positions[(p << ROW) + P_SIZE] != 0:
        size = s.positions[(p << ROW) + P_SIZE]
        worth = value_at(s, m, size, s.markets[m + M_MARK])
        gain = worth - s.positions[(p << ROW) + P_COST]
        worth = worth if worth > 0 else -worth
        if worth > s.stats[t + T_INVENTORY_PEAK_NOTIONAL]:
            s.stats[t + T_INVENTORY_PEAK_NOTIONAL] = worth
        if gain < s.stats[t + T_INVENTORY_LOW]:
            s.stats[t + T_INVENTORY_LOW] = gain
    if holder == s.markets[m + M_FUND]:
        cash = s.accounts[(holder << ROW) + A_BALANCE]
        if cash < s.stats[t + T_FUND_LOW]:
            s.stats[t + T_FUND_LOW] = cash
            s.stats[t + T_FUND_LOW_TIME] = s.header[H_NOW]
        equity = equity_of(s, holder)
        if equity < s.stats[t + T_EQUITY_LOW]:
            s.stats[t + T_EQUITY_LOW] = equity
    return 0


@inner
def visible_depth(s: State, market: int, side: int) -> int:
    """Return the lots resting on a side within the rule's distance of the mark."""
    m = market << MARKET
    mark = s.markets[m + M_MARK]
    room = ppm_floor(mark, s.rules[s.markets[m + M_RULES] + R_UNWIND_DEPTH_BAND])
    limit = mark - room if side == 0 else mark + room
    price = best_price(s, m, side)
    lots = 0
    while within(side, price, limit):
        lots += s.levels[level_at(s, m, price) + 2]
        price = next_worse(s, m, side, price)
    return lots


@inner
def scheduled_lots(s: State, market: int, held: int, side: int) -> int:
    """Return how many lots the schedule sells now: a fraction of what is held, all of it when small, within a share of the book."""
    m = market << MARKET
    rules = s.markets[m + M_RULES]
    if s.header[H_NOW] < s.markets[m + M_DISPOSAL_TIME]:
        return 0
    lots = held if held <= s.rules[rules + R_DISPOSAL_FULL] else ppm_ceil(held, s.rules[rules + R_DISPOSAL_SHARE])
    share = s.rules[rules + R_DISPOSAL_DEPTH]
    if share > 0:
        most = ppm_floor(visible_depth(s, market, side), share)
        lots = most if most < lots else lots
    return lots


@inner
def charge_unwinding(s: State, market: int, holder: int, amount: int) -> None:
    """Charge the trading fee of sold inventory, as far as the holder's cash goes."""
    fee = ppm_ceil(amount, s.rules[s.markets[(market << MARKET) + M_RULES] + R_UNWIND_FEE])
    cash = s.accounts[(holder << ROW) + A_BALANCE]
    fee = fee if fee < cash else cash
    if fee > 0:
        charge_fee(s, market, holder, fee, 0)


@inner
def unwind_lots(s: State, market: int, held: int, side: int) -> int:
    """Return how many lots a holder may sell now: all, or a share of visible depth per second since the last time."""
    m = market << MARKET
    rules = s.markets[m + M_RULES]
    if s.rules[rules + R_UNWIND] == UNWIND_HOLD:
        return 0
    if s.rules[rules + R_UNWIND] == UNWIND_AT_ONCE:
        return held
    if s.rules[rules + R_UNWIND] == UNWIND_SCHEDULE:
        return scheduled_lots(s, market, held, side)
    elapsed = s.header[H_NOW] - s.markets[m + M_UNWIND_TIME]
    elapsed = MINUTE_US if elapsed > MINUTE_US else elapsed
    depth = visible_depth(s, market, side)
    parts = mul_div_floor(depth * s.rules[rules + R_UNWIND_SHARE], elapsed, SECOND_US) + s.markets[m + M_UNWIND_CARRY]
    s.markets[m + M_UNWIND_CARRY] = parts % SECOND_US
    lots = parts // SECOND_US
    return lots if lots < held else held


@inner
def zero_cash_price(s: State, market: int, holder: int, p: int) -> int:
    """Return the price at which selling its whole inventory of a market would use up a holder's cash exactly."""
    r = p << ROW
    m = market << MARKET
    size = s.positions[r + P_SIZE]
    own = (
        s.accounts[(holder << ROW) + A_BALANCE] + value_at(s, m, size, s.markets[m + M_MARK]) - s.positions[r + P_COST]
    )
    return bankruptcy_price(s, market, size, own)


@inner
def unwind_limit(s: State, market: int, holder: int, p: int) -> int:
    """Return the worst price at which a holder may sell: inside its band, and never so low that its cash turns negative."""
    m = market << MARKET
    size = s.positions[(p << ROW) + P_SIZE]
    limit = zero_cash_price(s, market, holder, p)
    return banded(s, m, size, limit, s.rules[s.markets[m + M_RULES] + R_BAND_UNWIND])


@unit
def unwind(s: State, market: int, holder: int) -> int:
    """Let a holder sell a part of its inventory into the book. Returns the lots sold."""
    m = market << MARKET
    if holder < 0 or s.markets[m + M_HALTED] != 0:
        return 0
    p = find_position(s, holder, market)
    if p < 0 or s.positions[(p << ROW) + P_SIZE] == 0:
        return 0
    size = s.positions[(p << ROW) + P_SIZE]
    held = size if size > 0 else -size
    side = 1 if size > 0 else 0
    lots = unwind_lots(s, market, held, 1 - side)
    if lots <= 0:
        return 0
    before = s.accounts[(holder << ROW) + A_BALANCE]
    left = match(s, holder, market, side, lots, unwind_limit(s, market, holder, p), UNWINDING, 0)
    done = lots - left
    if done > 0:
        s.stats[(market << STATS) + T_INVENTORY_SOLD_LOTS] += done
        gain = s.accounts[(holder << ROW) + A_BALANCE] - before
        signed = -done if side == 1 else done
        emit(
            s,
            E_INVENTORY_SOLD,
            market,
            holder,
            CAUSE_INVENTORY,
            signed,
            s.markets[m + M_LAST],
            s.header[H_MATCH_AMOUNT],
            gain,
        )
        if s.rules[s.markets[m + M_RULES] + R_UNWIND_FEE] > 0:
            charge_unwinding(s, market, holder, s.header[H_MATCH_AMOUNT])
    note_inventory(s, market, holder)
    return done


@inner
def exhausted(s: State, market: int, holder: int) -> bool:
    """Say whether a holder's cash and its inventory in this market at mark are used up; state it as an event."""
    m = market << MARKET
    p = find_position(s, holder, market)
    if p < 0 or s.positions[(p << ROW) + P_SIZE] == 0:
        return False
    size = s.positions[(p << ROW) + P_SIZE]
    gain = value_at(s, m, size, s.markets[m + M_MARK]) - s.positions[(p << ROW) + P_COST]
    if s.accounts[(holder << ROW) + A_BALANCE] + gain > 0:
        return False
    emit(s, E_FUND_EQUITY_NEGATIVE, market, holder, 0, s.accounts[(holder << ROW) + A_BALANCE], gain, size, 0)
    return True
