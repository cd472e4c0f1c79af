"""How much of a position one clip closes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from shortfall.kernels._jit import inner
from shortfall.kernels.caps import lots_for_notional, lots_of_portion
from shortfall.kernels.layout import (
    AMOUNT_EQUAL_SHARE,
    AMOUNT_HEAL,
    AMOUNT_PORTION,
    AMOUNT_SHARE,
    AMOUNT_TIER,
    BASIS_ENTRY,
    M_MARK,
    M_RULES,
    MARKET,
    MARKET_MASK,
    P_KEY,
    P_SIZE,
    R_AMOUNT,
    R_AMOUNT_TIERS,
    R_CLIP_NOTIONAL,
    R_MARGIN_BASIS,
    R_MIN_LOTS,
    R_SHARE,
    R_TIER,
    ROW,
    TIER,
)
from shortfall.kernels.ledger import notional_at
from shortfall.kernels.liquidator import lots_now
from shortfall.kernels.margin import base_of, tier_of
from shortfall.kernels.wide import mul_div_floor, ppm_ceil

if TYPE_CHECKING:
    from shortfall.kernels.native import State


@inner
def lots_of_lower_tier(s: State, p: int, held: int, notional: int) -> int:
    """Return the most lots that stay within the tier so many below as the rule drops at once; 0 where there is none so low."""
    r = p << ROW
    m = (s.positions[r + P_KEY] & MARKET_MASK) << MARKET
    rules = s.markets[m + M_RULES]
    value = base_of(s, rules, r, notional)
    t = tier_of(s, rules, value) - TIER * s.rules[rules + R_AMOUNT_TIERS]
    if t < rules + R_TIER:
        return 0
    if s.rules[rules + R_MARGIN_BASIS] == BASIS_ENTRY:
        return mul_div_floor(held, s.rules[t], value)
    return lots_for_notional(s, m, s.rules[t])


@inner
def lots_to_close(s: State, p: int, shortage: int) -> int:
    """Return how many lots the rule closes in one clip: 1 up to all; 0 where a ramp lets nothing go yet."""
    r = p << ROW
    m = (s.positions[r + P_KEY] & MARKET_MASK) << MARKET
    rules = s.markets[m + M_RULES]
    size = s.positions[r + P_SIZE]
    held = size if size > 0 else -size
    code = s.rules[rules + R_AMOUNT]
    lots = held
    notional = notional_at(s, m, size, s.markets[m + M_MARK])
    if code == AMOUNT_TIER:
        lots = held - lots_of_lower_tier(s, p, held, notional)
    elif code in (AMOUNT_SHARE, AMOUNT_EQUAL_SHARE):
        lots = ppm_ceil(held, s.rules[rules + R_SHARE])
    elif code == AMOUNT_HEAL:
        lots = lots_now(s, p, held, notional, shortage)
        if lots == 0:
            return 0
    elif code == AMOUNT_PORTION:
        lots = lots_of_portion(s, p)
    if lots < 1 or lots > held or held - lots < s.rules[rules + R_MIN_LOTS]:
        lots = held
    most = s.rules[rules + R_CLIP_NOTIONAL]
    if most > 0 and lots > 1:
        slice_lots = lots_for_notional(s, m, most)
        slice_lots = slice_lots if slice_lots > 1 else 1
        lots = lots if lots < slice_lots else slice_lots
    return lots


@inner
def waits_after_clip(s: State, rules: int) -> bool:
    """Say whether a clip is followed by a pause: shares, portions and slices are, what closes at once is not."""
    code = s.rules[rules + R_AMOUNT]
    return code in (AMOUNT_SHARE, AMOUNT_EQUAL_SHARE, AMOUNT_PORTION) or s.rules[rules + R_CLIP_NOTIONAL] > 0
