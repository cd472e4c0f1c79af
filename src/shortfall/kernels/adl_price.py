"""At what price a winner is closed, clip by clip, and what he is charged for it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from shortfall.kernels._jit import inner
from shortfall.kernels.layout import (
    A_BALANCE,
    ADL_AT_BANKRUPTCY,
    ADL_AT_INDEX,
    ADL_AT_MARK,
    ADL_AT_PREVIOUS_MARK,
    ADL_AT_SPREAD,
    ADL_UNLESS_FAR,
    CLIP,
    H_CLIPS,
    L_LOTS,
    L_MARKET,
    L_PRICE,
    M_CLAIMED,
    M_CLEARING,
    M_INDEX,
    M_INVERSE,
    M_MARK,
    M_MAX_PRICE,
    M_MULTIPLIER,
    M_PREVIOUS_MARK,
    M_RULES,
    MARKET,
    R_ADL_FAR,
    R_ADL_FEE,
    R_ADL_PRICE,
    R_ADL_SPREAD,
    ROW,
    STATS,
    T_ADL_FEES,
)
from shortfall.kernels.ledger import value_at
from shortfall.kernels.margin import equity_of
from shortfall.kernels.matching import charge_fee
from shortfall.kernels.waterfall import cash_of_layers
from shortfall.kernels.wide import mul_div_ceil, mul_div_floor, ppm_ceil, ppm_floor

if TYPE_CHECKING:
    from shortfall.kernels.native import State


@inner
def within_prices(s: State, m: int, price: int) -> int:
    """Return a price kept within the market's prices."""
    top = s.markets[m + M_MAX_PRICE] - 1
    if price < 1:
        return 1
    return price if price < top else top


@inner
def close_price(s: State, market: int, price: int, signed: int) -> int:
    """Return the price by rule at which a winner trades `signed` lots against a clip that came in at `price`."""
    m = market << MARKET
    rules = s.markets[m + M_RULES]
    code = s.rules[rules + R_ADL_PRICE]
    mark = s.markets[m + M_MARK]
    if code == ADL_AT_BANKRUPTCY:
        return price
    if code == ADL_AT_MARK:
        return mark
    if code == ADL_AT_PREVIOUS_MARK:
        return s.markets[m + M_PREVIOUS_MARK]
    if code == ADL_AT_INDEX:
        return s.markets[m + M_INDEX] if s.markets[m + M_INDEX] > 0 else mark
    if code == ADL_AT_SPREAD:
        spread = ppm_floor(mark, s.rules[rules + R_ADL_SPREAD])
        return within_prices(s, m, mark - spread if signed > 0 else mark + spread)
    away = price - mark if price > mark else mark - price
    if code == ADL_UNLESS_FAR:
        return mark if away > ppm_floor(mark, s.rules[rules + R_ADL_FAR]) else price
    # mark while the layers can pay what clearing loses by it, what it owes already included
    clearing = s.markets[m + M_CLEARING]
    short = value_at(s, m, signed, mark) - value_at(s, m, signed, price)
    spare = cash_of_layers(s, market, 0) + s.accounts[(clearing << ROW) + A_BALANCE] + s.markets[m + M_CLAIMED]
    return mark if -short <= spare else price


@inner
def charge_winner(s: State, market: int, a: int, amount: int, reference: int) -> None:
    """Charge a deleveraged winner his fee by rule, rounded up, never more than his equity; it goes to the venue."""
    rate = s.rules[s.markets[(market << MARKET) + M_RULES] + R_ADL_FEE]
    if rate <= 0:
        return
    fee = ppm_ceil(amount if amount > 0 else -amount, rate)
    equity = equity_of(s, a)
    fee = fee if fee < equity else equity
    if fee > 0:
        charge_fee(s, market, a, fee, reference)
        s.stats[(market << STATS) + T_ADL_FEES] += fee


@inner
def average_clips(s: State, market: int) -> None:
    """Give all clips of a market one price: their mean weighted by lots, rounded so that clearing is never short by it."""
    m = market << MARKET
    lots = 0
    amount = 0
    for c in range(s.header[H_CLIPS]):
        at = c << CLIP
        if s.clips[at + L_MARKET] == market and s.clips[at + L_LOTS] != 0:
            lots += s.clips[at + L_LOTS]
            amount += value_at(s, m, s.clips[at + L_LOTS], s.clips[at + L_PRICE])
    if lots == 0 or amount == 0:
        return
    unit = s.markets[m + M_MULTIPLIER]
    if s.markets[m + M_INVERSE] == 0:
        price = -((-amount) // (lots * unit)) if lots > 0 else amount // (lots * unit)
    elif lots > 0:
        price = mul_div_ceil(lots, unit, -amount)
    else:
        price = mul_div_floor(-lots, unit, amount)
    for c in range(s.header[H_CLIPS]):
        if s.clips[(c << CLIP) + L_MARKET] == market:
            s.clips[(c << CLIP) + L_PRICE] = within_prices(s, m, price)
