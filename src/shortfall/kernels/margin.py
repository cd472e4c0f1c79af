"""Margin tiers, equity and requirement of an account, and the bankruptcy price."""

from __future__ import annotations

from typing import TYPE_CHECKING

from shortfall.kernels._jit import inlined, inner
from shortfall.kernels.layout import (
    A_BALANCE,
    A_COLLATERAL,
    A_POSITION,
    BASIS_ENTRY,
    CROSS_PRICE_RATIO,
    M_ASK,
    M_BID,
    M_INVERSE,
    M_LAST_SEEN,
    M_MARK,
    M_MAX_PRICE,
    M_MULTIPLIER,
    M_OPEN_INTEREST,
    M_RULES,
    MARKET,
    MARKET_MASK,
    NO_PRICE,
    ORDERS_COUNTED,
    P_BUY,
    P_COST,
    P_KEY,
    P_NEXT,
    P_RATE,
    P_SELL,
    P_SIZE,
    PROFIT_COUNTS,
    PROFIT_HAIRCUT,
    R_BANKRUPTCY_ADJUSTMENT,
    R_BANKRUPTCY_FEE,
    R_CLOSING_FEE,
    R_CROSS_PRICE,
    R_FILLABLE_SPREAD,
    R_GROWTH,
    R_GROWTH_LOTS,
    R_INTEREST_HIGH,
    R_INTEREST_LOW,
    R_MARGIN_BASIS,
    R_MARGIN_SPECIAL,
    R_MIN_COLLATERAL,
    R_ORDERS_COUNT,
    R_PROFIT_FLOOR,
    R_PROFIT_HAIRCUT,
    R_SCANS,
    R_TIER,
    R_TRIGGER,
    R_UPNL_LIQUIDATION,
    R_UPNL_OPENING,
    R_UPNL_WITHDRAWAL,
    ROW,
    TIER,
    TIER_AMOUNT,
    TIER_INITIAL,
    TIER_MAINTENANCE,
    TRIGGER_LAST,
    TRIGGER_MARK,
)
from shortfall.kernels.ledger import collateral_of, notional_at, value_at
from shortfall.kernels.unit import seldom, unit
from shortfall.kernels.weights import INITIAL, MAINTENANCE, is_weighted, weighted_cash, weighted_part, weighted_position
from shortfall.kernels.wide import mul_div_ceil, mul_div_floor, ppm_ceil, ppm_floor

if TYPE_CHECKING:
    from shortfall.kernels.native import State

MILLION = 1_000_000
BILLION = 1_000_000_000
FOR_LIQUIDATION, FOR_OPENING, FOR_WITHDRAWAL = range(3)


@inlined
def tier_of(s: State, rules: int, notional: int) -> int:
    """Return the row offset of the tier that holds a notional: the first whose top is not below it."""
    t = rules + R_TIER
    while notional > s.rules[t]:
        t += TIER
    return t


@inlined
def at_least(s: State, rules: int, need: int) -> int:
    """Return a position's requirement, or the least collateral that a position must have by rule, whichever is higher."""
    least = s.rules[rules + R_MIN_COLLATERAL]
    return need if need > least else least


@inner
def maintenance(s: State, rules: int, notional: int) -> int:
    """Return the maintenance margin of a notional: rate x notional - amount, rounded up, marginal over tiers."""
    t = tier_of(s, rules, notional)
    return ppm_ceil(notional, s.rules[t + TIER_MAINTENANCE]) - s.rules[t + TIER_AMOUNT]


@seldom
def added_rate(s: State, rules: int, size: int) -> int:
    """Return what a closing fee and growth with size add to a tier's rates, in parts per billion, rounded up."""
    added = s.rules[rules + R_CLOSING_FEE] * 1000
    growth = s.rules[rules + R_GROWTH] * 1000
    if growth > 0:
        held = size if size > 0 else -size
        step = s.rules[rules + R_GROWTH_LOTS]
        if held // step > BILLION // growth:
            return BILLION
        added += mul_div_ceil(growth, held, step)
    return added


@inner
def base_of(s: State, rules: int, r: int, notional: int) -> int:
    """Return the value on which the maintenance of a position (row offset `r`) is counted: at mark, or at entry."""
    if s.rules[rules + R_MARGIN_BASIS] == BASIS_ENTRY:
        cost = s.positions[r + P_COST]
        return cost if cost > 0 else -cost
    return notional


@inner
def maintenance_rate(s: State, rules: int, t: int, size: int) -> int:
    """Return the maintenance rate of a tier (row offset `t`) for a size, in parts per billion: never more than all."""
    rate = s.rules[t + TIER_MAINTENANCE] * 1000
    if s.rules[rules + R_MARGIN_SPECIAL] != 0:
        rate += added_rate(s, rules, size)
    return rate if rate < BILLION else BILLION


@inner
def with_orders(s: State, r: int, value: int) -> int:
    """Return the value of a position (row offset `r`) as if all its open orders of the worse side were filled, rounded up."""
    size = s.positions[r + P_SIZE]
    held = size if size > 0 else -size
    up = size + s.positions[r + P_BUY]
    down = s.positions[r + P_SELL] - size
    worst = up if up > down else down
    return mul_div_ceil(value, worst, held) if worst > held > 0 else value


@inner
def position_need(s: State, rules: int, r: int, notional: int) -> int:
    """Return the maintenance margin of a position (row offset `r`) whose notional at mark is given, rounded up."""
    if s.rules[rules + R_MARGIN_SPECIAL] == 0:
        return maintenance(s, rules, notional)
    base = base_of(s, rules, r, notional)
    if s.rules[rules + R_ORDERS_COUNT] == ORDERS_COUNTED:
        base = with_orders(s, r, base)
    t = tier_of(s, rules, base)
    rate = maintenance_rate(s, rules, t, s.positions[r + P_SIZE])
    return at_least(s, rules, mul_div_ceil(base, rate, BILLION) - s.rules[t + TIER_AMOUNT])


@inner
def scaled_by_interest(s: State, m: int, rules: int, rate: int) -> int:
    """Return an initial rate in parts per billion, raised towards all as open interest at mark goes from low to high."""
    high = s.rules[rules + R_INTEREST_HIGH]
    if high <= 0:
        return rate
    low = s.rules[rules + R_INTEREST_LOW]
    interest = notional_at(s, m, s.markets[m + M_OPEN_INTEREST], s.markets[m + M_MARK])
    if interest <= low:
        return rate
    return BILLION if interest >= high else rate + mul_div_ceil(BILLION - rate, interest - low, high - low)


@inner
def initial(s: State, m: int, rules: int, lots: int, chosen_ppm: int) -> int:
    """Return the initial margin of lots at mark, at the tier's rate or the trader's chosen one, whichever is higher, rounded up."""
    notional = notional_at(s, m, lots, s.markets[m + M_MARK])
    rate = s.rules[tier_of(s, rules, notional) + TIER_INITIAL]
    if s.rules[rules + R_MARGIN_SPECIAL] == 0:
        return ppm_ceil(notional, rate if rate > chosen_ppm else chosen_ppm)
    fine = scaled_by_interest(s, m, rules, rate * 1000)
    fine = (fine if fine > chosen_ppm * 1000 else chosen_ppm * 1000) + added_rate(s, rules, lots)
    return at_least(s, rules, mul_div_ceil(notional, fine if fine < BILLION else BILLION, BILLION))


@inner
def profit_rule(s: State, rules: int, purpose: int) -> int:
    """Return the rule on unrealised profit for a purpose."""
    if purpose == FOR_LIQUIDATION:
        return s.rules[rules + R_UPNL_LIQUIDATION]
    if purpose == FOR_OPENING:
        return s.rules[rules + R_UPNL_OPENING]
    return s.rules[rules + R_UPNL_WITHDRAWAL]


@seldom
def unsettled_profit(s: State, r: int, purpose: int) -> int:
    """Return the profit of a flat position that waits for the next settlement and does not count for a purpose; never negative."""
    rules = s.markets[((s.positions[r + P_KEY] & MARKET_MASK) << MARKET) + M_RULES]
    profit = -s.positions[r + P_COST]
    if is_weighted(s, rules):
        return profit - weighted_part(s, rules, profit)
    return profit - profit_that_counts(s, rules, profit_rule(s, rules, purpose), profit) if profit > 0 else 0


@inner
def profit_that_counts(s: State, rules: int, code: int, gain: int) -> int:
    """Return what of an unrealised profit or loss counts: losses always, profits as ruled, rounded down."""
    if gain <= 0 or code == PROFIT_COUNTS:
        return gain
    return ppm_floor(gain, s.rules[rules + R_PROFIT_HAIRCUT]) if code == PROFIT_HAIRCUT else 0


@inner
def judged_price(s: State, m: int, rules: int, size: int) -> int:
    """Return the price at which the liquidation test values a position: mark, last, or the better of both for it."""
    mark = s.markets[m + M_MARK]
    code = s.rules[rules + R_TRIGGER]
    last = s.markets[m + M_LAST_SEEN]
    if code == TRIGGER_MARK or last <= 0:
        return mark
    if code == TRIGGER_LAST:
        return last
    if size > 0:
        return mark if mark > last else last
    return mark if mark < last else last


@inner
def judged(s: State, m: int, rules: int, r: int) -> tuple[int, int]:
    """Return (profit or loss that counts, maintenance margin) of a position as the liquidation test sees it."""
    size = s.positions[r + P_SIZE]
    v = value_at(s, m, size, judged_price(s, m, rules, size))
    if is_weighted(s, rules):
        return weighted_position(s, rules, v, s.positions[r + P_COST], MAINTENANCE), 0
    gain = profit_that_counts(s, rules, s.rules[rules + R_UPNL_LIQUIDATION], v - s.positions[r + P_COST])
    return gain, position_need(s, rules, r, v if v > 0 else -v)


@unit
def equity_of(s: State, a: int) -> int:
    """Return the signed equity of an account: balance, collateral after haircut, unrealised profit and loss of all positions at mark."""
    equity = s.accounts[(a << ROW) + A_BALANCE]
    if s.accounts[(a << ROW) + A_COLLATERAL] >= 0:
        equity += collateral_of(s, a)
    p = s.accounts[(a << ROW) + A_POSITION]
    while p >= 0:
        r = p << ROW
        size = s.positions[r + P_SIZE]
        if size != 0:
            m = (s.positions[r + P_KEY] & MARKET_MASK) << MARKET
            equity += value_at(s, m, size, s.markets[m + M_MARK])
        equity -= s.positions[r + P_COST]  # of a flat position: what it made and was not settled yet
        p = s.positions[r + P_NEXT]
    return equity


@inner
def health(s: State, a: int) -> tuple[int, int, int]:
    """Return (equity at mark, equity that counts for the liquidation test, maintenance margin as it sees it) of an account."""
    equity = s.accounts[(a << ROW) + A_BALANCE]
    if s.accounts[(a << ROW) + A_COLLATERAL] >= 0:
        equity += collateral_of(s, a)
    uncounted = 0
    need = 0
    weights = -1
    p = s.accounts[(a << ROW) + A_POSITION]
    while p >= 0:
        r = p << ROW
        size = s.positions[r + P_SIZE]
        if size != 0:
            m = (s.positions[r + P_KEY] & MARKET_MASK) << MARKET
            rules = s.markets[m + M_RULES]
            v = value_at(s, m, size, s.markets[m + M_MARK])
            gain = v - s.positions[r + P_COST]
            equity += gain
            if s.rules[rules + R_SCANS] == 0:
                need += position_need(s, rules, r, v if v > 0 else -v)
            else:
                seen, own = judged(s, m, rules, r)
                uncounted += gain - seen
                need += own
                weights = rules if is_weighted(s, rules) else weights
        elif s.positions[r + P_COST] != 0:
            equity -= s.positions[r + P_COST]
            uncounted += unsettled_profit(s, r, FOR_LIQUIDATION)
            rules = s.markets[((s.positions[r + P_KEY] & MARKET_MASK) << MARKET) + M_RULES]
            weights = rules if is_weighted(s, rules) else weights
        p = s.positions[r + P_NEXT]
    if weights >= 0:
        return equity, weighted_cash(s, weights, a, equity - uncounted), need
    return equity, equity - uncounted, need


@inner
def crossing_loss(s: State, m: int, side: int, lots: int, limit: int) -> int:
    """Return the loss against mark that taking `lots` at the touch would realise at once (0 for an order that improves on mark)."""
    mark = s.markets[m + M_MARK]
    if side == 0:
        ask = s.markets[m + M_ASK]
        price = limit if limit < ask or ask >= NO_PRICE else ask
        if price <= mark:
            return 0
    else:
        bid = s.markets[m + M_BID]
        price = limit if limit > bid or bid <= 0 else bid
        if price >= mark:
            return 0
    loss = value_at(s, m, lots, price) - value_at(s, m, lots, mark)
    return loss if loss > 0 else -loss


@inner
def free_margin(s: State, a: int, purpose: int, p_new: int, side: int, lots: int) -> tuple[int, int]:
    """Return (free margin, whether the new order adds no risk): equity that counts less the initial margin of the worst case.

    The worst case of a position is its size with all its open orders of one side filled, the new order included.
    """
    free = s.accounts[(a << ROW) + A_BALANCE]
    if s.accounts[(a << ROW) + A_COLLATERAL] >= 0:
        free += collateral_of(s, a)
    no_risk = 0
    weights = -1
    stays = 0  # what the floor under a withdrawal asks for beyond initial margin
    p = s.accounts[(a << ROW) + A_POSITION]
    while p >= 0:
        r = p << ROW
        size = s.positions[r + P_SIZE]
        up = size + s.positions[r + P_BUY]
        down = s.positions[r + P_SELL] - size
        worst = up if up > down else down
        m = (s.positions[r + P_KEY] & MARKET_MASK) << MARKET
        if p == p_new:
            before = worst
            if side == 0:
                up += lots
            else:
                down += lots
            worst = up if up > down else down
            if worst <= before:
                no_risk = 1
        if worst != 0:
            rules = s.markets[m + M_RULES]
            mark = s.markets[m + M_MARK]
            if is_weighted(s, rules):
                weights = rules
                exposed = value_at(s, m, worst if up >= down else -worst, mark)
                paid = s.positions[r + P_COST] + exposed - value_at(s, m, size, mark)
                free += weighted_position(s, rules, exposed, paid, INITIAL)
                p = s.positions[r + P_NEXT]
                continue
            bound = initial(s, m, rules, worst, s.positions[r + P_RATE])
            free -= bound
            if purpose == FOR_WITHDRAWAL and s.rules[rules + R_PROFIT_FLOOR] > 0:
                stays += ppm_ceil(notional_at(s, m, worst, mark), s.rules[rules + R_PROFIT_FLOOR]) - bound
            if size != 0:
                gain = value_at(s, m, size, mark) - s.positions[r + P_COST]
                free += profit_that_counts(s, rules, profit_rule(s, rules, purpose), gain)
        if size == 0 and s.positions[r + P_COST] != 0:
            free -= s.positions[r + P_COST] + unsettled_profit(s, r, purpose)
            rules = s.markets[m + M_RULES]
            weights = rules if is_weighted(s, rules) else weights
        p = s.positions[r + P_NEXT]
    if weights >= 0:
        free = weighted_cash(s, weights, a, free)
    return free - stays if stays > 0 else free, no_risk


@inner
def bankruptcy_price(s: State, market: int, size: int, equity: int) -> int:
    """Return the price at which `equity` beside a position of `size` is used up, closing fee by rule included."""
    return price_beside(s, market, size, equity, s.rules[s.markets[(market << MARKET) + M_RULES] + R_BANKRUPTCY_FEE])


@unit
def price_beside(s: State, market: int, size: int, equity: int, fee: int) -> int:
    """Return the price at which a position of `size` is worth `equity` less than at mark, after a closing fee in ppm.

    Rounded so that closing there leaves nothing owed; kept within the market's prices.
    """
    m = market << MARKET
    unit = s.markets[m + M_MULTIPLIER]
    held = size if size > 0 else -size
    worth = notional_at(s, m, size, s.markets[m + M_MARK])
    top = s.markets[m + M_MAX_PRICE] - 1
    if s.markets[m + M_INVERSE] == 0:
        if size > 0:
            owed = worth - equity
            if fee != 0:
                owed = mul_div_ceil(owed, MILLION, MILLION - fee)
            price = -((-owed) // (held * unit))
        else:
            gross = worth + equity
            if fee != 0:
                gross = mul_div_floor(gross, MILLION, MILLION + fee)
            price = gross // (held * unit)
    elif size > 0:
        owed = worth + equity
        if fee != 0:
            owed = mul_div_floor(owed, MILLION, MILLION + fee)
        price = mul_div_ceil(held, unit, owed) if owed > 0 else top
    else:
        owed = worth - equity
        if fee != 0:
            owed = mul_div_ceil(owed, MILLION, MILLION - fee)
        price = mul_div_floor(held, unit, owed) if owed > 0 else top
    if price < 1:
        return 1
    return price if price < top else top


@inner
def share_of_equity(s: State, p: int, equity: int, need: int) -> int:
    """Return the part of an account's equity that stands beside one position: by requirement (ratio rule), or all of it.

    Rounding: floor, so the parts never exceed the whole.
    """
    r = p << ROW
    m = (s.positions[r + P_KEY] & MARKET_MASK) << MARKET
    rules = s.markets[m + M_RULES]
    if s.rules[rules + R_CROSS_PRICE] != CROSS_PRICE_RATIO or need <= 0:
        return equity
    _, own = judged(s, m, rules, r)
    return mul_div_floor(equity, own, need) if own < need else equity


@inner
def fillable_price(s: State, market: int, p: int, equity: int, need: int) -> int:
    """Return the limit of a closing order that widens with the account's distress, at most to its spread.

    price = (value at mark - spread * distress * maintenance of the position) / size,
    distress = min(1, adjustment * (1 - equity / maintenance of the account)). The spread rounds down, the price towards mark.
    """
    m = market << MARKET
    rules = s.markets[m + M_RULES]
    size = s.positions[(p << ROW) + P_SIZE]
    _, own = judged(s, m, rules, p << ROW)
    adjustment = s.rules[rules + R_BANKRUPTCY_ADJUSTMENT]
    missing = need - equity
    missing = missing if missing < need else need
    part = 0
    if missing > 0:
        part = need if missing == need and adjustment >= MILLION else mul_div_floor(missing, adjustment, MILLION)
        part = part if part < need else need
    beside = mul_div_floor(own, part, need) if need > 0 else 0
    return price_beside(s, market, size, mul_div_floor(beside, s.rules[rules + R_FILLABLE_SPREAD], MILLION), 0)
