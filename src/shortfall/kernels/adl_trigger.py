"""When deleveraging stands before the holders: a watched holder's equity, its result in one market, and their rolling past.

The window is kept in 64 parts: the highest equity, the highest result and the last equity of each, so that a peak is that of the
last 64 parts, the running one included. What was before the first command is unknown unless a command says it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from shortfall.kernels._jit import inner
from shortfall.kernels.events import emit
from shortfall.kernels.layout import (
    A_BALANCE,
    BAD_VALUE,
    E_ADL_RELEASED,
    E_ADL_TRIGGERED,
    E_HISTORY_GIVEN,
    H_NOW,
    INF,
    LAYER_ADL,
    LAYERS,
    M_ADL_ON,
    M_FLOW,
    M_HISTORY,
    M_MARK,
    M_RULES,
    MARKET,
    MONEY_BOUND,
    NO_MARK,
    P_COST,
    P_SIZE,
    PARTS,
    PAST,
    PAST_EQUITY,
    PAST_KNOWN,
    PAST_LAST,
    PAST_PART,
    PAST_RESULT,
    PAST_RESULT_LAST,
    R_ADL_START_AMOUNT,
    R_ADL_START_SHARE,
    R_ADL_STOP,
    R_ADL_STOP_AMOUNT,
    R_ADL_TRIGGER,
    R_ADL_WINDOW_US,
    R_LAYER,
    ROW,
    TRIGGER_DRAWDOWN,
    TRIGGER_EXHAUSTED,
    TRIGGER_FLOOR,
    TRIGGER_INVENTORY,
    TRIGGER_PEAK_DROP,
    TRIGGER_THRESHOLD,
    TRIGGER_UNFILLED,
)
from shortfall.kernels.ledger import find_position, notional_at, value_at, watched_of
from shortfall.kernels.margin import bankruptcy_price, equity_of
from shortfall.kernels.unit import seldom
from shortfall.kernels.wide import mul_div_floor, ppm_ceil, ppm_floor

if TYPE_CHECKING:
    from shortfall.kernels.native import State


@inner
def has_layer(s: State, rules: int, layer: int) -> bool:
    """Say whether a rule set's waterfall names a layer."""
    for k in range(LAYERS):  # noqa: SIM110 - the compiler knows no generators
        if s.rules[rules + R_LAYER + k] == layer:
            return True
    return False


@inner
def has_trigger(s: State, rules: int) -> bool:
    """Say whether a rule can put deleveraging before the watched holder."""
    code = s.rules[rules + R_ADL_TRIGGER]
    return code not in (TRIGGER_EXHAUSTED, TRIGGER_UNFILLED) and has_layer(s, rules, LAYER_ADL)


@inner
def result_of(s: State, market: int) -> int:
    """Return what the watched holder gained in a market so far: cash that moved, and its inventory at mark (signed)."""
    m = market << MARKET
    p = find_position(s, watched_of(s, m), market)
    result = s.markets[m + M_FLOW]
    if p >= 0:
        r = p << ROW
        result += value_at(s, m, s.positions[r + P_SIZE], s.markets[m + M_MARK]) - s.positions[r + P_COST]
    return result


@inner
def keep_past(s: State, market: int, equity: int, result: int) -> None:
    """Enter the present into the window; parts that passed without a look carry what was last seen."""
    w = market * PAST
    length = s.rules[s.markets[(market << MARKET) + M_RULES] + R_ADL_WINDOW_US] // PARTS
    part = s.header[H_NOW] // (length if length > 0 else 1) + 1
    known = s.past[w + PAST_KNOWN]
    old = s.past[w + PAST_PART]
    steps = part - old if known > 0 else 1
    steps = steps if steps < PARTS else PARTS
    for j in range(steps):
        slot = (part - j) % PARTS
        before_equity = s.past[w + PAST_LAST + old % PARTS] if known > 0 and j < part - old else equity
        before_result = s.past[w + PAST_RESULT_LAST] if known > 0 else result
        s.past[w + PAST_EQUITY + slot] = before_equity
        s.past[w + PAST_RESULT + slot] = before_result
        s.past[w + PAST_LAST + slot] = before_equity
    known = known + steps if known > 0 else 1
    here = part % PARTS
    if s.past[w + PAST_EQUITY + here] < equity:
        s.past[w + PAST_EQUITY + here] = equity
    if s.past[w + PAST_RESULT + here] < result:
        s.past[w + PAST_RESULT + here] = result
    s.past[w + PAST_LAST + here] = equity
    s.past[w + PAST_RESULT_LAST] = result
    s.past[w + PAST_PART] = part
    s.past[w + PAST_KNOWN] = known if known < PARTS else PARTS


@inner
def peak_of(s: State, market: int, series: int) -> int:
    """Return the highest figure of a series over the window."""
    w = market * PAST
    part = s.past[w + PAST_PART]
    best = s.past[w + series + part % PARTS]
    for j in range(s.past[w + PAST_KNOWN]):
        x = s.past[w + series + (part - j) % PARTS]
        best = x if x > best else best
    return best


@inner
def average_of(s: State, market: int) -> int:
    """Return the mean of the last equities of the window's parts, rounded down; the running part counts where it is the only one."""
    w = market * PAST
    part = s.past[w + PAST_PART]
    known = s.past[w + PAST_KNOWN] - 1
    if known <= 0:
        return s.past[w + PAST_LAST + part % PARTS]
    whole = 0
    rest = 0
    for j in range(1, known + 1):
        x = s.past[w + PAST_LAST + (part - j) % PARTS]
        whole += x // known
        rest += x % known
    return whole + rest // known


@inner
def inventory_cap(s: State, market: int, holder: int, stop: int) -> int:
    """Return the notional above which a holder's inventory goes to winners: an amount by rule, or a share of its cash."""
    rules = s.markets[(market << MARKET) + M_RULES]
    amount = s.rules[rules + (R_ADL_STOP_AMOUNT if stop != 0 else R_ADL_START_AMOUNT)]
    if amount > 0:
        return amount
    cash = s.accounts[(holder << ROW) + A_BALANCE]
    return ppm_floor(cash, s.rules[rules + (R_ADL_STOP if stop != 0 else R_ADL_START_SHARE)]) if cash > 0 else 0


@inner
def is_beyond(s: State, market: int, holder: int, equity: int, stop: int) -> bool:
    """Say whether the watched holder is beyond the start level, or still beyond the stop level."""
    m = market << MARKET
    rules = s.markets[m + M_RULES]
    code = s.rules[rules + R_ADL_TRIGGER]
    share = s.rules[rules + (R_ADL_STOP if stop != 0 else R_ADL_START_SHARE)]
    amount = s.rules[rules + (R_ADL_STOP_AMOUNT if stop != 0 else R_ADL_START_AMOUNT)]
    if code == TRIGGER_INVENTORY:
        p = find_position(s, holder, market)
        held = notional_at(s, m, s.positions[(p << ROW) + P_SIZE], s.markets[m + M_MARK]) if p >= 0 else 0
        return held > inventory_cap(s, market, holder, stop)
    if code == TRIGGER_FLOOR:
        return equity < amount if stop != 0 else equity <= amount
    if equity <= 0:
        return True
    if code == TRIGGER_THRESHOLD:
        average = average_of(s, market)
        drop = ppm_floor(average, share)
        return equity < average - (drop if drop > amount else amount)
    peak = peak_of(s, market, PAST_EQUITY)
    if code == TRIGGER_PEAK_DROP:
        return peak - equity >= ppm_ceil(peak, share)
    lost = peak_of(s, market, PAST_RESULT) - s.past[market * PAST + PAST_RESULT_LAST]
    return lost >= ppm_ceil(peak, share)


@seldom
def adl_is_on(s: State, market: int) -> int:
    """Look at the watched holder of a market and say whether deleveraging stands before it now; a change is stated."""
    m = market << MARKET
    holder = watched_of(s, m)
    if holder < 0 or s.markets[m + M_MARK] <= 0 or not has_trigger(s, s.markets[m + M_RULES]):
        s.markets[m + M_ADL_ON] = 0
        return 0
    equity = equity_of(s, holder)
    keep_past(s, market, equity, result_of(s, market))
    was = s.markets[m + M_ADL_ON]
    now = 1 if is_beyond(s, market, holder, equity, was) else 0
    if now != was:
        s.markets[m + M_ADL_ON] = now
        peak = peak_of(s, market, PAST_EQUITY)
        lost = peak_of(s, market, PAST_RESULT) - s.past[market * PAST + PAST_RESULT_LAST]
        kind = E_ADL_TRIGGERED if now != 0 else E_ADL_RELEASED
        emit(s, kind, market, holder, s.markets[m + M_HISTORY], equity, peak, lost, average_of(s, market))
    return now


@inner
def loss_spare(s: State, market: int, holder: int) -> int:
    """Return what a holder may still lose in a market before deleveraging starts; INF where no such rule binds."""
    m = market << MARKET
    rules = s.markets[m + M_RULES]
    if s.rules[rules + R_ADL_TRIGGER] == TRIGGER_EXHAUSTED or not has_trigger(s, rules) or holder != watched_of(s, m):
        return INF
    if adl_is_on(s, market) != 0:
        return 0
    if s.rules[rules + R_ADL_TRIGGER] != TRIGGER_DRAWDOWN:
        return INF
    lost = peak_of(s, market, PAST_RESULT) - s.past[market * PAST + PAST_RESULT_LAST]
    return ppm_floor(peak_of(s, market, PAST_EQUITY), s.rules[rules + R_ADL_START_SHARE]) - lost


@inner
def excess_of(s: State, market: int, holder: int, p: int) -> tuple[int, int]:
    """Return (signed lots, price) of the inventory that deleveraging takes from the watched holder; 0 lots for none.

    A drawdown beyond its start hands all of it on at the price that holds the loss there; a floor hands all of it on, an
    inventory cap what is above its stop level, both at mark.
    """
    m = market << MARKET
    rules = s.markets[m + M_RULES]
    code = s.rules[rules + R_ADL_TRIGGER]
    size = s.positions[(p << ROW) + P_SIZE]
    mark = s.markets[m + M_MARK]
    if code == TRIGGER_FLOOR:
        return size, mark
    if code == TRIGGER_INVENTORY:
        worth = notional_at(s, m, size, mark)
        cap = inventory_cap(s, market, holder, 1)
        keep = mul_div_floor(size if size > 0 else -size, cap, worth) if cap < worth else 0
        return (size - keep if size > 0 else size + keep), mark
    if code != TRIGGER_DRAWDOWN:
        return 0, mark
    lost = peak_of(s, market, PAST_RESULT) - s.past[market * PAST + PAST_RESULT_LAST]
    over = lost - ppm_floor(peak_of(s, market, PAST_EQUITY), s.rules[rules + R_ADL_START_SHARE])
    return (size, bankruptcy_price(s, market, size, -over)) if over > 0 else (0, mark)


@inner
def give_history(s: State, market: int, peak: int, lost: int, average: int) -> int:
    """Take what a watched holder had over the window before: highest and mean equity, and how far its result is below its peak.

    Returns 0 or the reason.
    """
    m = market << MARKET
    holder = watched_of(s, m)
    if holder < 0 or s.markets[m + M_MARK] <= 0:
        return NO_MARK
    if not (0 <= average <= peak <= MONEY_BOUND and 0 <= lost <= MONEY_BOUND):
        return BAD_VALUE
    result = result_of(s, market)
    keep_past(s, market, equity_of(s, holder), result)
    w = market * PAST
    here = s.past[w + PAST_PART] % PARTS
    for k in range(PARTS):
        s.past[w + PAST_EQUITY + k] = peak
        s.past[w + PAST_RESULT + k] = result + lost
        if k != here:
            s.past[w + PAST_LAST + k] = average
    s.past[w + PAST_KNOWN] = PARTS
    s.markets[m + M_HISTORY] = 1
    emit(s, E_HISTORY_GIVEN, market, holder, 0, peak, average, lost, result)
    return 0
