"""Somebody outside takes a clip over at mark for a fee: how much heals, how much may go now, what it costs."""

from __future__ import annotations

from typing import TYPE_CHECKING

from shortfall.kernels._jit import inner
from shortfall.kernels.events import emit
from shortfall.kernels.layout import (
    A_POSITION,
    CLOSE_LIQUIDATOR,
    E_LIQUIDATOR_PAID,
    E_LIQUIDATOR_TOOK,
    FEE_OF_SPARE,
    H_FREED,
    H_MATCH_AMOUNT,
    H_NOW,
    H_SINCE,
    LIQUIDATOR_CALLER,
    M_ASSET,
    M_MARK,
    M_RULES,
    MARKET,
    MARKET_MASK,
    P_KEY,
    P_NEXT,
    P_SIZE,
    R_CALLER_SHARE,
    R_CLOSE,
    R_FEE_LIMIT,
    R_HEAL_BUFFER,
    R_LIQUIDATION_FEE,
    R_LIQUIDATION_TAKER_FEE,
    R_LIQUIDATOR,
    R_LIQUIDATOR_FEE,
    R_LIQUIDATOR_FEE_MOST,
    R_LIQUIDATOR_FEE_STEP_US,
    R_LIQUIDATOR_FEE_WAIT_US,
    R_RAMP_DURATION_US,
    R_RAMP_INITIAL,
    R_RAMP_SMALL,
    R_SMALL_POSITION,
    ROW,
    S_FEES,
    S_OUTSIDE,
    STATS,
    T_LIQUIDATOR_FEES,
    T_LIQUIDATOR_LOTS,
    T_LIQUIDATOR_NOTIONAL,
)
from shortfall.kernels.ledger import book_trade, notional_at, open_position, transfer, value_at
from shortfall.kernels.margin import BILLION, base_of, maintenance_rate, tier_of
from shortfall.kernels.triggers import index_account
from shortfall.kernels.weights import is_weighted
from shortfall.kernels.wide import mul_div_ceil, mul_div_floor, ppm_ceil, ppm_floor

if TYPE_CHECKING:
    from shortfall.kernels.native import State

MILLION = 1_000_000


@inner
def buffer_of(s: State, a: int) -> int:
    """Return what an account must have above maintenance before a liquidation that has begun may end: buffer x notional."""
    total = 0
    p = s.accounts[(a << ROW) + A_POSITION]
    while p >= 0:
        r = p << ROW
        size = s.positions[r + P_SIZE]
        m = (s.positions[r + P_KEY] & MARKET_MASK) << MARKET
        rate = s.rules[s.markets[m + M_RULES] + R_HEAL_BUFFER]
        if size != 0 and rate > 0:
            total += ppm_ceil(notional_at(s, m, size, s.markets[m + M_MARK]), rate)
        p = s.positions[r + P_NEXT]
    return total


@inner
def is_called(s: State, rules: int) -> bool:
    """Say whether a market's liquidations wait for somebody who calls them."""
    return s.rules[rules + R_LIQUIDATOR] == LIQUIDATOR_CALLER or is_weighted(s, rules)


@inner
def liquidator_rate(s: State, rules: int) -> int:
    """Return the liquidator's fee now, in ppm: it grows by one for every step that the account waits, once it has waited long."""
    rate = s.rules[rules + R_LIQUIDATOR_FEE]
    most = s.rules[rules + R_LIQUIDATOR_FEE_MOST]
    step = s.rules[rules + R_LIQUIDATOR_FEE_STEP_US]
    waited = s.header[H_NOW] - s.header[H_SINCE]
    if most <= rate or step <= 0 or waited < s.rules[rules + R_LIQUIDATOR_FEE_WAIT_US]:
        return rate
    grown = waited // step
    return rate + grown if grown < most - rate else most


@inner
def margin_rate(s: State, p: int, notional: int) -> int:
    """Return the maintenance rate of a position in parts per billion."""
    r = p << ROW
    rules = s.markets[((s.positions[r + P_KEY] & MARKET_MASK) << MARKET) + M_RULES]
    return maintenance_rate(s, rules, tier_of(s, rules, base_of(s, rules, r, notional)), s.positions[r + P_SIZE])


@inner
def fund_rate(s: State, p: int, notional: int, shortage: int) -> int:
    """Return the liquidation fee in ppm: as stated, or limited to 19/20 of what margin, fee of the liquidator and shortage leave.

    Spare = maintenance + buffer - liquidator fee - shortage / notional, each in ppm, the quotient rounded down.
    """
    rules = s.markets[((s.positions[(p << ROW) + P_KEY] & MARKET_MASK) << MARKET) + M_RULES]
    rate = s.rules[rules + R_LIQUIDATION_FEE]
    if s.rules[rules + R_FEE_LIMIT] != FEE_OF_SPARE or notional <= 0:
        return rate
    margin = margin_rate(s, p, notional) // 1000 + s.rules[rules + R_HEAL_BUFFER]
    short = MILLION if shortage >= notional else mul_div_floor(shortage, MILLION, notional)
    spare = margin - liquidator_rate(s, rules) - short
    spare = spare * 19 // 20 if spare > 0 else 0
    return rate if rate < spare else spare


@inner
def cost_rate(s: State, p: int, notional: int, shortage: int) -> int:
    """Return what closing costs, in ppm: the fund's fee and the liquidator's, or the taker fee where no liquidator is paid."""
    rules = s.markets[((s.positions[(p << ROW) + P_KEY] & MARKET_MASK) << MARKET) + M_RULES]
    fee = liquidator_rate(s, rules)
    if fee == 0:
        fee = s.rules[rules + R_LIQUIDATION_TAKER_FEE]
    return fund_rate(s, p, notional, shortage) + fee


@inner
def ramped_lots(s: State, m: int, lots: int, shortage: int) -> int:
    """Return the part of the lots that may go now: what was freed and what goes, together, follow the ramp over time.

    Share = initial + time waited / duration, at most 1; freeable = share x (shortage + freed) - freed, rounded down.
    """
    rules = s.markets[m + M_RULES]
    duration = s.rules[rules + R_RAMP_DURATION_US]
    if duration <= 0 or shortage < s.rules[rules + R_RAMP_SMALL]:
        return lots
    waited = s.header[H_NOW] - s.header[H_SINCE]
    share = s.rules[rules + R_RAMP_INITIAL]
    share += mul_div_floor(waited, MILLION, duration) if waited < duration else MILLION
    if share >= MILLION:
        return lots
    freeable = ppm_floor(shortage + s.header[H_FREED], share) - s.header[H_FREED]
    return mul_div_floor(lots, freeable, shortage) if freeable > 0 else 0


@inner
def lots_to_heal(s: State, p: int, held: int, notional: int, shortage: int) -> int:
    """Return the fewest lots whose close makes up a shortage within its tier; all when no amount does.

    Closing x of h lots at mark with cost rate f lowers equity by f N x/h and the requirement by (r B + b N) x/h, where B is the
    value on which the requirement is counted and b the buffer, so x = h x shortage / (r B + b N - f N), rounded up; no solution
    when the costs reach the requirement.
    """
    rules = s.markets[((s.positions[(p << ROW) + P_KEY] & MARKET_MASK) << MARKET) + M_RULES]
    value = base_of(s, rules, p << ROW, notional)
    freed = mul_div_floor(value, margin_rate(s, p, notional), BILLION) + ppm_floor(
        notional, s.rules[rules + R_HEAL_BUFFER]
    )
    base = freed - ppm_ceil(notional, cost_rate(s, p, notional, shortage))
    if base <= 0:
        return held
    if shortage <= 0:
        return 1
    return held if shortage >= base else mul_div_ceil(held, shortage, base)


@inner
def lots_now(s: State, p: int, held: int, notional: int, shortage: int) -> int:
    """Return the lots that heal, as far as the ramp lets them go now; a small position goes whole."""
    m = (s.positions[(p << ROW) + P_KEY] & MARKET_MASK) << MARKET
    lots = lots_to_heal(s, p, held, notional, shortage)
    lots = lots if lots < held else held
    if notional <= s.rules[s.markets[m + M_RULES] + R_SMALL_POSITION]:
        return held
    return ramped_lots(s, m, lots, shortage)


@inner
def pay_liquidator(s: State, market: int, a: int, taker: int, amount: int, reference: int) -> int:
    """Move the liquidator's fee on an amount to him, whatever the account has left: he comes for nothing less. Returns it."""
    rate = liquidator_rate(s, s.markets[(market << MARKET) + M_RULES])
    fee = ppm_floor(amount, rate)
    if fee > 0:
        transfer(s, a, taker, fee)
        emit(s, E_LIQUIDATOR_PAID, market, a, reference, fee, rate, taker, amount)
        s.stats[(market << STATS) + T_LIQUIDATOR_FEES] += fee
    return fee


@inner
def reward_caller(s: State, market: int, taker: int, fee: int, reference: int) -> None:
    """Hand a share of the taker fee of a liquidation order on to who called it."""
    m = market << MARKET
    rate = s.rules[s.markets[m + M_RULES] + R_CALLER_SHARE]
    share = ppm_floor(fee, rate) if taker >= 0 else 0
    if share > 0:
        fees = s.assets[(s.markets[m + M_ASSET] << ROW) + S_FEES]
        transfer(s, fees, taker, share)
        emit(s, E_LIQUIDATOR_PAID, market, fees, reference, share, rate, taker, fee)


@inner
def take_at_mark(s: State, market: int, a: int, p: int, lots: int, taker: int, reference: int) -> int:
    """Let a liquidator take unsigned lots over at mark, for his fee; `taker` -1 is the outside world. Returns the lots he did not take."""
    m = market << MARKET
    size = s.positions[(p << ROW) + P_SIZE]
    if taker < 0:
        taker = s.assets[(s.markets[m + M_ASSET] << ROW) + S_OUTSIDE]
    heir = open_position(s, taker, market)
    if heir < 0 or lots <= 0:
        return lots
    price = s.markets[m + M_MARK]
    signed = lots if size > 0 else -lots
    amount = value_at(s, m, signed, price)
    book_trade(s, a, market, p, -signed, -amount)
    book_trade(s, taker, market, heir, signed, amount)
    emit(s, E_LIQUIDATOR_TOOK, market, a, reference, signed, price, taker, amount)
    amount = amount if amount > 0 else -amount
    pay_liquidator(s, market, a, taker, amount, reference)
    s.header[H_MATCH_AMOUNT] = amount
    s.stats[(market << STATS) + T_LIQUIDATOR_LOTS] += lots
    s.stats[(market << STATS) + T_LIQUIDATOR_NOTIONAL] += amount
    index_account(s, taker)
    return 0


@inner
def is_taken_at_mark(s: State, rules: int) -> bool:
    """Say whether a market's clips go to a liquidator instead of the book."""
    return s.rules[rules + R_CLOSE] == CLOSE_LIQUIDATOR
