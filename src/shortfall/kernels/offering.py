"""Where the book stands among the layers, and what is offered to those before and behind it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from shortfall.kernels._jit import inner
from shortfall.kernels.adl_trigger import has_layer
from shortfall.kernels.layout import (
    ADL_AT_MARK,
    BATCH_DIRECT,
    CLOSE_HANDOVER,
    H_RESERVED,
    LAYER_ADL,
    LAYER_BOOK,
    M_RULES,
    MARKET,
    P_SIZE,
    R_ADL_BATCH,
    R_ADL_PRICE,
    R_CLOSE,
    ROW,
)
from shortfall.kernels.liquidator import is_taken_at_mark
from shortfall.kernels.pairing import pair_directly
from shortfall.kernels.pool import trades_with_pool
from shortfall.kernels.waterfall import AFTER_BOOK, ALL_LAYERS, BEFORE_BOOK, place_rest

if TYPE_CHECKING:
    from shortfall.kernels.native import State


@inner
def offer_rest(
    s: State, market: int, a: int, p: int, left: int, bankrupt: int, reserved: int, part: int, reference: int
) -> int:
    """Offer unsigned lots that the book did not take to the layers, then by rule to single counterparties. Returns what nobody took."""
    rules = s.markets[(market << MARKET) + M_RULES]
    s.header[H_RESERVED] = reserved
    unplaced = place_rest(
        s, market, a, p, left if s.positions[(p << ROW) + P_SIZE] > 0 else -left, bankrupt, reference, part
    )
    s.header[H_RESERVED] = 0
    if unplaced > 0 and s.rules[rules + R_ADL_BATCH] == BATCH_DIRECT and has_layer(s, rules, LAYER_ADL):
        at_mark = 1 if s.rules[rules + R_ADL_PRICE] == ADL_AT_MARK else 0
        unplaced -= pair_directly(s, market, a, p, unplaced, at_mark, reference)
    return unplaced


@inner
def book_place(s: State, market: int) -> int:
    """Say whether the book is itself a layer, so that others are asked before it: AFTER_BOOK, or ALL_LAYERS."""
    rules = s.markets[(market << MARKET) + M_RULES]
    if not has_layer(s, rules, LAYER_BOOK) or trades_with_pool(s, market) or is_taken_at_mark(s, rules):
        return ALL_LAYERS
    return ALL_LAYERS if s.rules[rules + R_CLOSE] == CLOSE_HANDOVER else AFTER_BOOK


@inner
def before_book(s: State, market: int, a: int, p: int, lots: int, price: int, reference: int) -> int:
    """Offer unsigned lots of a position to the layers before the book. Returns the lots that are left."""
    signed = lots if s.positions[(p << ROW) + P_SIZE] > 0 else -lots
    return place_rest(s, market, a, p, signed, price, reference, BEFORE_BOOK)
