"""What clips meet beside winners: opposite inventory that nets first, and the layers behind ADL when eligible size runs out."""

from __future__ import annotations

from typing import TYPE_CHECKING

from shortfall.kernels._jit import inner
from shortfall.kernels.holders import holder_of, netting_room, room_for, take_over
from shortfall.kernels.layout import (
    BOUND_NONE,
    CLIP,
    CLOSE_BANKRUPTCY,
    H_CLIPS,
    H_MATCH_AMOUNT,
    L_LOTS,
    L_MARKET,
    L_PRICE,
    L_REFERENCE,
    LAYER_ADL,
    LAYER_BACKSTOP,
    LAYER_BOOK,
    LAYER_END,
    LAYER_EQUITY,
    LAYER_HAIRCUT,
    LAYER_LIQUIDITY,
    LAYER_SOCIALISE,
    LAYERS,
    M_BACKSTOP,
    M_CLEARING,
    M_FUND,
    M_MARK,
    M_MAX_PRICE,
    M_RULES,
    MARKET,
    P_SIZE,
    R_CLOSE,
    R_LAYER,
    ROW,
    STATS,
    T_BOOK_LOTS,
    T_BOOK_NOTIONAL,
    T_WAITED,
)
from shortfall.kernels.ledger import find_position
from shortfall.kernels.margin import equity_of
from shortfall.kernels.matching import FORCED, match
from shortfall.kernels.unit import seldom
from shortfall.kernels.waterfall import refuse

if TYPE_CHECKING:
    from shortfall.kernels.native import State


@inner
def move_clip(s: State, market: int, clip: int, lots: int, layer: int) -> int:
    """Let a layer's holder take unsigned lots of a clip over from clearing. Returns the lots."""
    m = market << MARKET
    at = clip << CLIP
    clearing = s.markets[m + M_CLEARING]
    p = find_position(s, clearing, market)
    signed = lots if s.clips[at + L_LOTS] > 0 else -lots
    holder = holder_of(s, m, layer)
    done = take_over(s, market, clearing, p, signed, s.clips[at + L_PRICE], holder, layer, s.clips[at + L_REFERENCE])
    s.clips[at + L_LOTS] -= signed * done
    return lots * done


@inner
def net_with_layer(s: State, market: int, layer: int) -> None:
    """Close clips against the opposite inventory of one holder, as far as its cash bears it."""
    m = market << MARKET
    holder = holder_of(s, m, layer)
    for c in range(s.header[H_CLIPS]):
        at = c << CLIP
        lots = s.clips[at + L_LOTS]
        p = find_position(s, holder, market)
        held = s.positions[(p << ROW) + P_SIZE] if p >= 0 else 0
        if s.clips[at + L_MARKET] == market and lots != 0 and held != 0 and (held > 0) != (lots > 0):
            room = netting_room(s, market, holder, p, lots, s.clips[at + L_PRICE], held if held > 0 else -held)
            if room > 0:
                move_clip(s, market, c, room, layer)


@seldom
def net_with_holders(s: State, market: int) -> int:
    """Close clips against opposite inventory of the market's holders before winners are asked. Returns 0."""
    m = market << MARKET
    for layer in range(LAYER_BACKSTOP, LAYER_ADL):
        holder = holder_of(s, m, layer)
        again = layer != LAYER_BACKSTOP and holder == s.markets[m + M_BACKSTOP]
        if layer > LAYER_BACKSTOP + 1 and holder == s.markets[m + M_FUND]:
            again = True
        if holder >= 0 and not again:
            net_with_layer(s, market, layer)
    return 0


@inner
def sell_clip(s: State, market: int, clip: int) -> int:
    """Let clearing close a clip in the book: at its price or better, or without a limit where the closing order has none."""
    m = market << MARKET
    at = clip << CLIP
    lots = s.clips[at + L_LOTS]
    held = lots if lots > 0 else -lots
    limit = s.clips[at + L_PRICE]
    if s.rules[s.markets[m + M_RULES] + R_CLOSE] != CLOSE_BANKRUPTCY:
        limit = 1 if lots > 0 else s.markets[m + M_MAX_PRICE] - 1
    clearing = s.markets[m + M_CLEARING]
    before = equity_of(s, clearing)
    done = held - match(s, clearing, market, 1 if lots > 0 else 0, held, limit, FORCED, 0)
    if done > 0:
        s.clips[at + L_LOTS] = lots - done if lots > 0 else lots + done
        t = market << STATS
        s.stats[t + T_WAITED] += equity_of(s, clearing) - before
        s.stats[t + T_BOOK_LOTS] += done
        s.stats[t + T_BOOK_NOTIONAL] += s.header[H_MATCH_AMOUNT]
    return done


@seldom
def offer_later(s: State, market: int) -> int:
    """Offer clips for which no winner was left to the layers behind ADL, in order. Returns the lots they took."""
    m = market << MARKET
    rules = s.markets[m + M_RULES]
    seen = False
    taken = 0
    for k in range(LAYERS):
        layer = s.rules[rules + R_LAYER + k]
        if layer == LAYER_END:
            break
        if layer == LAYER_ADL:
            seen = True
        if not seen or layer in (LAYER_ADL, LAYER_SOCIALISE, LAYER_HAIRCUT, LAYER_LIQUIDITY, LAYER_EQUITY):
            continue
        for c in range(s.header[H_CLIPS]):
            at = c << CLIP
            lots = s.clips[at + L_LOTS]
            if s.clips[at + L_MARKET] != market or lots == 0:
                continue
            if layer == LAYER_BOOK:
                taken += sell_clip(s, market, c)
                continue
            room, bound = room_for(s, market, layer, lots, s.clips[at + L_PRICE])
            if room > 0:
                taken += move_clip(s, market, c, room, layer)
            left = s.clips[at + L_LOTS]
            if left != 0 and bound != BOUND_NONE:
                held = left if left > 0 else -left
                refuse(s, market, s.markets[m + M_CLEARING], s.clips[at + L_REFERENCE], layer, bound, held)
    return taken


@inner
def reprice_at_mark(s: State, market: int) -> None:
    """Let clips close at mark: what clearing loses by it is shared as a deficit."""
    for c in range(s.header[H_CLIPS]):
        if s.clips[(c << CLIP) + L_MARKET] == market:
            s.clips[(c << CLIP) + L_PRICE] = s.markets[(market << MARKET) + M_MARK]
