"""The makers' desk of a stress run: the words of its parameters, and what it remembers between two looks at the book."""

from __future__ import annotations

from typing import TYPE_CHECKING

from shortfall.kernels._jit import inner
from shortfall.kernels.layout import H_MARKETS, M_MARK, MARKET, P_BUY, P_SIZE, ROW
from shortfall.kernels.ledger import find_position, notional_at
from shortfall.kernels.wide import mul_div_floor

if TYPE_CHECKING:
    from shortfall.kernels.native import Rows, State

# parameters of a run (32 words)
(
    Q_STEPS, Q_FIRST_MAKER, Q_MAKERS, Q_MODE, Q_LEVELS, Q_REPLENISH_US, Q_INVENTORY_LIMIT, Q_LOSS_FLOOR, Q_FUND, Q_RECORD,
    Q_REQUOTE_STEPS, Q_KEEP, Q_IMPACT, Q_DECAY_US, Q_REHEDGE, Q_DELAY_US, Q_HEDGER,
    Q_FIRM,
) = range(18)  # fmt: skip
PARAMETERS = 32
# the makers' desk, 144 words a market: a head, then for each level and side the share shown (ppm) and the lots quoted
(
    K_ANCHOR, K_SHOWN, K_AGE, K_QUOTED_BID, K_QUOTED_ASK, K_TURN, K_HELD, K_FLOW, K_BOUGHT, K_SOLD, K_PEAK, K_SHIFT, K_FARTHEST,
    K_DUE, K_ROOM,
) = range(15)  # fmt: skip
K_LEVELS = 16
LEVEL_ROOM = 32
MANY = 1_000  # a single lot of an inverse contract would be rounded too much
DESK = K_LEVELS + 4 * LEVEL_ROOM


@inner
def held_by(s: State, account: int, market: int) -> int:
    """Return the signed lots that an account holds; 0 for nobody."""
    p = find_position(s, account, market) if account > 0 else -1
    return s.positions[(p << ROW) + P_SIZE] if p >= 0 else 0


@inner
def makers_hold(s: State, first: int, makers: int, market: int) -> int:
    """Return the signed lots that all makers hold together."""
    held = 0
    for j in range(makers):
        held += held_by(s, first + j, market)
    return held


@inner
def note_room(s: State, desk: Rows, par: Rows, q: int, maker: int, market: int) -> None:
    """Note the lots that a maker may still buy and sell where its capital is firm: it never holds more, all markets together."""
    m = market << MARKET
    one = notional_at(s, m, MANY, s.markets[m + M_MARK])
    free = par[q + Q_FIRM]
    for other in range(s.header[H_MARKETS]):
        if other != market:
            free -= notional_at(s, other << MARKET, held_by(s, maker, other), s.markets[(other << MARKET) + M_MARK])
    free = free if free > 0 else 0
    room = mul_div_floor(free, MANY, one) if one > 0 else 0
    size = held_by(s, maker, market)
    k = market * DESK + K_ROOM
    desk[k] = room - size if room > size else 0
    desk[k + 1] = room + size if room > -size else 0


@inner
def take_room(desk: Rows, k: int, side: int, lots: int) -> int:
    """Return how many of the lots a maker may quote on a side, and take them from its room."""
    room = desk[k + K_ROOM + side]
    lots = lots if lots < room else room
    desk[k + K_ROOM + side] = room - lots
    return lots


@inner
def note_flow(s: State, desk: Rows, market: int, held: int) -> None:
    """Note what the makers took since the last look (more held: they bought), and the most that they held after it, both at mark."""
    k = market * DESK
    m = market << MARKET
    flow = held - desk[k + K_HELD]
    desk[k + K_FLOW] = flow
    if flow != 0:
        desk[k + K_HELD] = held
        desk[k + (K_BOUGHT if flow > 0 else K_SOLD)] += notional_at(s, m, flow, s.markets[m + M_MARK])
        worth = notional_at(s, m, held, s.markets[m + M_MARK])
        if worth > desk[k + K_PEAK]:
            desk[k + K_PEAK] = worth


@inner
def note_consumed(s: State, desk: Rows, par: Rows, q: int, market: int) -> int:
    """Take from the depth shown what was bought from makers since they quoted, nearest level first. Returns the lots consumed."""
    k = market * DESK
    consumed = 0
    held = 0
    for side in range(2):
        quoted = desk[k + K_QUOTED_BID + side]
        left = 0
        for j in range(par[q + Q_MAKERS]):
            p = find_position(s, par[q + Q_FIRST_MAKER] + j, market)
            left += s.positions[(p << ROW) + P_BUY + side] if p >= 0 else 0
            held += s.positions[(p << ROW) + P_SIZE] if p >= 0 and side == 0 else 0
        gone = quoted - left
        desk[k + K_QUOTED_BID + side] = left
        consumed += gone
        level = k + K_LEVELS + 2 * side
        for j in range(par[q + Q_LEVELS]):
            if gone <= 0:
                break
            here = desk[level + 4 * j + 1]
            taken = gone if gone < here else here
            if taken > 0:
                desk[level + 4 * j] -= desk[level + 4 * j] * taken // here
                desk[level + 4 * j + 1] = here - taken
                gone -= taken
    note_flow(s, desk, market, held)
    return consumed


@inner
def refill(desk: Rows, par: Rows, q: int, market: int, target: int, elapsed: int) -> int:
    """Move the depth shown at every level towards its target (ppm): down at once, up with the makers' time constant.

    Returns the shares of all levels together.
    """
    tau = par[q + Q_REPLENISH_US]
    total = 0
    for j in range(2 * par[q + Q_LEVELS]):
        at = market * DESK + K_LEVELS + 2 * j
        shown = desk[at]
        if shown > target or elapsed >= tau:
            shown = target
        else:
            shown += (target - shown) * elapsed // tau
        desk[at] = shown
        total += shown
    return total
