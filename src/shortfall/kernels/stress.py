"""The stress driver: a path, makers that requote through ordinary orders, and the restore of what a run touched.

It decides nothing that a rule decides: it moves the outside world (index sources, makers' anchor, the depth they show) and lets
the one engine do the rest. A run touches a few thousand of many accounts, so afterwards only those are copied back.
"""

from __future__ import annotations

from shortfall.kernels._jit import entry, inner
from shortfall.kernels.caps import is_counted
from shortfall.kernels.desk import (
    DESK,
    K_AGE,
    K_ANCHOR,
    K_BOUGHT,
    K_FARTHEST,
    K_LEVELS,
    K_PEAK,
    K_QUOTED_ASK,
    K_QUOTED_BID,
    K_SHIFT,
    K_SHOWN,
    K_SOLD,
    K_TURN,
    LEVEL_ROOM,
    PARAMETERS,
    Q_FIRM,
    Q_FIRST_MAKER,
    Q_FUND,
    Q_HEDGER,
    Q_IMPACT,
    Q_INVENTORY_LIMIT,
    Q_KEEP,
    Q_LEVELS,
    Q_LOSS_FLOOR,
    Q_MAKERS,
    Q_MODE,
    Q_RECORD,
    Q_REHEDGE,
    Q_REQUOTE_STEPS,
    Q_STEPS,
    held_by,
    makers_hold,
    note_consumed,
    note_flow,
    note_room,
    refill,
    take_room,
)
from shortfall.kernels.feedback import note_cuts, rehedge, shift_price, shifted
from shortfall.kernels.holders import note_inventory
from shortfall.kernels.index import source_tick
from shortfall.kernels.layout import (
    A_BALANCE,
    A_ORDER,
    A_POSITION,
    H_CLIPS,
    H_EPOCH,
    H_EVENTS,
    H_FOLDS,
    H_FREE_NODE,
    H_FREE_PAGE,
    H_FULL,
    H_LATENT,
    H_MARKETS,
    H_NODES,
    H_NOW,
    H_ORDERS,
    H_PAGES,
    H_TOUCHED,
    M_ASK,
    M_ASSET,
    M_BID,
    M_FUND,
    M_INDEX,
    M_INDEX_TIME,
    M_LAST,
    M_MARK,
    M_MAX_PRICE,
    M_OPEN_INTEREST,
    M_RULES,
    M_SETTLEMENT,
    M_TAPE,
    MARKET,
    P_COST,
    P_NEXT,
    P_SIZE,
    POST_ONLY,
    R_REALISATION,
    ROW,
    S_OUTSIDE,
    STATEMENT,
    STATS,
    T_ADL_AMOUNT,
    T_ADL_SIGNED_LOTS,
    T_DEFICIT,
    T_EQUITY_LOW,
    T_FUND_LOW,
    T_LIQUIDATED_NOTIONAL,
    USE,
)
from shortfall.kernels.ledger import find_position, notional_at, transfer
from shortfall.kernels.margin import equity_of
from shortfall.kernels.matching import place
from shortfall.kernels.native import Rows, State, as_state
from shortfall.kernels.operations import do_clock
from shortfall.kernels.orders import cancel_all
from shortfall.kernels.prices import set_mark
from shortfall.kernels.wide import ppm_floor

MILLION = 1_000_000
COMMON, VENUE_ONLY, SOURCE_ONLY, OBSERVED = range(4)
# one line of depth a level and market: distance in ppm, bid lots and ask lots of all makers together
D_DISTANCE, D_BID, D_ASK = range(3)
# a recorded step, 20 words a market
(
    Z_TIME, Z_INDEX, Z_MARK, Z_LAST, Z_BID, Z_ASK, Z_CASH, Z_EQUITY, Z_INVENTORY, Z_ADL_LOTS, Z_ADL_AMOUNT, Z_LIQUIDATED,
    Z_DEFICIT, Z_DEPTH, Z_LATENT, Z_OPEN_INTEREST, Z_MAKERS, Z_SHIFT, Z_REHEDGED,
) = range(19)  # fmt: skip
SERIES = 20
# what a run leaves beside the statistics of its markets (24 words)
(
    O_DRIFT, O_SIZE_DRIFT, O_TOUCHED, O_EVENTS, O_FULL, O_CASH_BEFORE, O_CASH_AFTER, O_EQUITY_AFTER, O_INVENTORY_AFTER, O_LATENT,
    O_OPEN_INTEREST_AFTER, O_OPEN_INTEREST_BEFORE, O_MAKERS_BOUGHT, O_MAKERS_SOLD, O_MAKERS_PEAK, O_SHIFT, O_REHEDGED,
) = range(17)  # fmt: skip
EXTRA = 24


@inner
def maker_sides(s: State, par: Rows, q: int, maker: int, market: int) -> tuple[int, int]:
    """Return (may buy, may sell) of a maker: beyond its inventory or loss limit it quotes only the reducing side."""
    p = find_position(s, maker, market)
    size = s.positions[(p << ROW) + P_SIZE] if p >= 0 else 0
    m = market << MARKET
    held = notional_at(s, m, size, s.markets[m + M_MARK])
    if held <= par[q + Q_INVENTORY_LIMIT] and equity_of(s, maker) >= par[q + Q_LOSS_FLOOR]:
        return 1, 1
    return (1 if size < 0 else 0), (1 if size > 0 else 0)


@inner
def quote_maker(s: State, desk: Rows, ladder: Rows, par: Rows, q: int, n: int, market: int, anchor: int) -> None:
    """Place the n-th maker's levels around the anchor. Levels take turns among makers, so that each bears its share."""
    maker = par[q + Q_FIRST_MAKER] + n
    may = maker_sides(s, par, q, maker, market)
    k = market * DESK
    top = s.markets[(market << MARKET) + M_MAX_PRICE]
    firm = par[q + Q_FIRM] > 0
    if firm:
        note_room(s, desk, par, q, maker, market)
    first = (n + desk[k + K_TURN]) % par[q + Q_MAKERS]
    for j in range(first, par[q + Q_LEVELS], par[q + Q_MAKERS]):
        d = 3 * (market * par[q + Q_LEVELS] + j)
        away = ppm_floor(anchor, ladder[d + D_DISTANCE]) + 1
        for side in range(2):
            level = k + K_LEVELS + 4 * j + 2 * side
            lots = ppm_floor(ladder[d + D_BID + side], desk[level])
            if firm:
                lots = take_room(desk, k, side, lots)
            price = anchor - away if side == 0 else anchor + away
            if may[side] == 0 or lots <= 0 or price <= 0 or price >= top:
                continue
            if place(s, maker, market, POST_ONLY | side, price, lots, 0) >= 0:
                desk[k + K_QUOTED_BID + side] += lots
                desk[level + 1] += lots


@inner
def requote(
    s: State, desk: Rows, ladder: Rows, par: Rows, q: int, market: int, anchor: int, target: int, elapsed: int
) -> None:
    """Let the makers cancel and quote again, if price, depth or their own fills call for it."""
    k = market * DESK
    consumed = note_consumed(s, desk, par, q, market)
    shown = refill(desk, par, q, market, target, elapsed)
    change = shown - desk[k + K_SHOWN]
    change = change if change > 0 else -change
    desk[k + K_AGE] += 1
    if (
        anchor == desk[k + K_ANCHOR]
        and consumed == 0
        and 50 * change <= desk[k + K_SHOWN]
        and desk[k + K_AGE] < par[q + Q_REQUOTE_STEPS]
    ):
        return
    first = par[q + Q_FIRST_MAKER]
    for j in range(par[q + Q_MAKERS]):
        cancel_all(s, first + j, market)
    desk[k + K_QUOTED_BID] = 0
    desk[k + K_QUOTED_ASK] = 0
    for j in range(2 * par[q + Q_LEVELS]):
        desk[k + K_LEVELS + 2 * j + 1] = 0
    for j in range(par[q + Q_MAKERS]):
        quote_maker(s, desk, ladder, par, q, j, market, anchor)
    if desk[k + K_QUOTED_BID] > 0 and desk[k + K_QUOTED_ASK] > 0:
        s.markets[(market << MARKET) + M_LAST] = anchor  # others trade where makers quote on both sides
    desk[k + K_TURN] += 1
    desk[k + K_ANCHOR] = anchor
    desk[k + K_SHOWN] = shown
    desk[k + K_AGE] = 0


@inner
def impose(s: State, market: int, mark: int, trade: int, time_us: int) -> None:
    """Take a recorded mark and trade price as they were."""
    m = market << MARKET
    if 0 < mark < s.markets[m + M_MAX_PRICE]:
        s.markets[m + M_INDEX] = mark
        s.markets[m + M_INDEX_TIME] = time_us
        s.markets[m + M_TAPE] = trade
        set_mark(s, market, mark, 0)


@inner
def outside_prices(s: State, par: Rows, q: int, market: int, shocked: int, calm: int, time_us: int) -> int:
    """Feed index sources (or a recorded mark) for one step. Returns what makers quote around; 0 for nobody quotes."""
    mode = par[q + Q_MODE]
    if mode == OBSERVED:
        impose(s, market, shocked, calm, time_us)
        return 0
    near = calm if mode == VENUE_ONLY else shocked
    source_tick(s, market, 0, near, time_us)
    far = shocked if mode == COMMON else calm
    source_tick(s, market, 1, far, time_us)
    source_tick(s, market, 2, far, time_us)
    return calm if mode == SOURCE_ONLY else shocked


@inner
def record(s: State, desk: Rows, par: Rows, q: int, series: Rows, z: int, market: int) -> None:
    """Write one step of one market."""
    m = market << MARKET
    t = market << STATS
    fund = s.markets[m + M_FUND]
    p = find_position(s, fund, market) if fund >= 0 else -1
    series[z + Z_TIME] = s.header[H_NOW]
    series[z + Z_INDEX] = s.markets[m + M_INDEX]
    series[z + Z_MARK] = s.markets[m + M_MARK]
    series[z + Z_LAST] = s.markets[m + M_LAST]
    series[z + Z_BID] = s.markets[m + M_BID]
    series[z + Z_ASK] = s.markets[m + M_ASK]
    series[z + Z_CASH] = s.accounts[(fund << ROW) + A_BALANCE] if fund >= 0 else 0
    series[z + Z_EQUITY] = equity_of(s, fund) if fund >= 0 else 0
    series[z + Z_INVENTORY] = s.positions[(p << ROW) + P_SIZE] if p >= 0 else 0
    series[z + Z_ADL_LOTS] = s.stats[t + T_ADL_SIGNED_LOTS]
    series[z + Z_ADL_AMOUNT] = s.stats[t + T_ADL_AMOUNT]
    series[z + Z_LIQUIDATED] = s.stats[t + T_LIQUIDATED_NOTIONAL]
    series[z + Z_DEFICIT] = s.stats[t + T_DEFICIT]
    series[z + Z_DEPTH] = desk[market * DESK + K_LEVELS]
    series[z + Z_LATENT] = s.header[H_LATENT]
    series[z + Z_OPEN_INTEREST] = s.markets[m + M_OPEN_INTEREST]
    series[z + Z_MAKERS] = makers_hold(s, par[q + Q_FIRST_MAKER], par[q + Q_MAKERS], market)
    series[z + Z_SHIFT] = desk[market * DESK + K_SHIFT]
    series[z + Z_REHEDGED] = held_by(s, par[q + Q_HEDGER], market)


@inner
def set_fund(s: State, market: int, cash: int) -> None:
    """Give a market's fund a stated cash, from or to the outside world."""
    m = market << MARKET
    fund = s.markets[m + M_FUND]
    if fund >= 0 and cash >= 0:
        outside = s.assets[(s.markets[m + M_ASSET] << ROW) + S_OUTSIDE]
        transfer(s, outside, fund, cash - s.accounts[(fund << ROW) + A_BALANCE])


@inner
def begin(s: State, desk: Rows, par: Rows, q: int) -> None:
    """Start a run: the fund's cash, full depth, lows at their starting values."""
    set_fund(s, 0, par[q + Q_FUND])
    for market in range(s.header[H_MARKETS]):
        t = market << STATS
        for k in range(1 << STATS):
            s.stats[t + k] = 0
        fund = s.markets[(market << MARKET) + M_FUND]
        s.stats[t + T_FUND_LOW] = s.accounts[(fund << ROW) + A_BALANCE] if fund >= 0 else 0
        s.stats[t + T_EQUITY_LOW] = equity_of(s, fund) if fund >= 0 else 0
        for k in range(DESK):
            desk[market * DESK + k] = 0
        for k in range(2 * LEVEL_ROOM):
            desk[market * DESK + K_LEVELS + 2 * k] = MILLION


@inner
def drift(s: State, b: State) -> int:
    """Return by how much the sum of balances and settlement changed over what a run touched: it must be zero."""
    total = 0
    for j in range(s.header[H_TOUCHED]):
        r = s.touched[j] << ROW
        total += s.accounts[r + A_BALANCE] - b.accounts[r + A_BALANCE]
    for market in range(s.header[H_MARKETS]):
        m = (market << MARKET) + M_SETTLEMENT
        total += s.markets[m] - b.markets[m]
    return total


@inner
def size_drift(s: State, b: State) -> int:
    """Return by how much the sum of sizes, and of costs and settlement, changed over what a run touched: it must be zero."""
    total = 0
    for j in range(s.header[H_TOUCHED]):
        a = s.touched[j]
        p = s.accounts[(a << ROW) + A_POSITION]
        while p >= 0:
            total += s.positions[(p << ROW) + P_SIZE] + s.positions[(p << ROW) + P_COST]
            p = s.positions[(p << ROW) + P_NEXT]
        p = b.accounts[(a << ROW) + A_POSITION]
        while p >= 0:
            total -= b.positions[(p << ROW) + P_SIZE] + b.positions[(p << ROW) + P_COST]
            p = b.positions[(p << ROW) + P_NEXT]
    for market in range(s.header[H_MARKETS]):
        m = (market << MARKET) + M_SETTLEMENT
        total += s.markets[m] - b.markets[m]
    return total


@inner
def finish(s: State, b: State, desk: Rows, par: Rows, q: int, out: Rows, o: int) -> None:
    """Write the results of a run: the statistics of every market, then what is known of the whole."""
    width = (1 << STATS) + EXTRA
    for market in range(s.header[H_MARKETS]):
        m = market << MARKET
        fund = s.markets[m + M_FUND]
        if fund >= 0:
            note_inventory(s, market, fund)
        for k in range(1 << STATS):
            out[o + market * width + k] = s.stats[(market << STATS) + k]
        e = o + market * width + (1 << STATS)
        out[e + O_DRIFT] = drift(s, b)
        out[e + O_SIZE_DRIFT] = size_drift(s, b)
        out[e + O_TOUCHED] = s.header[H_TOUCHED]
        out[e + O_EVENTS] = s.header[H_EVENTS] - b.header[H_EVENTS]
        out[e + O_FULL] = s.header[H_FULL]
        out[e + O_LATENT] = s.header[H_LATENT]
        out[e + O_OPEN_INTEREST_AFTER] = s.markets[m + M_OPEN_INTEREST]
        out[e + O_OPEN_INTEREST_BEFORE] = b.markets[m + M_OPEN_INTEREST]
        note_flow(s, desk, market, makers_hold(s, par[q + Q_FIRST_MAKER], par[q + Q_MAKERS], market))
        out[e + O_MAKERS_BOUGHT] = desk[market * DESK + K_BOUGHT]
        out[e + O_MAKERS_SOLD] = desk[market * DESK + K_SOLD]
        out[e + O_MAKERS_PEAK] = desk[market * DESK + K_PEAK]
        out[e + O_SHIFT] = desk[market * DESK + K_FARTHEST]
        out[e + O_REHEDGED] = held_by(s, par[q + Q_HEDGER], market)
        if fund >= 0:
            p = find_position(s, fund, market)
            out[e + O_CASH_AFTER] = s.accounts[(fund << ROW) + A_BALANCE]
            out[e + O_EQUITY_AFTER] = equity_of(s, fund)
            out[e + O_INVENTORY_AFTER] = s.positions[(p << ROW) + P_SIZE] if p >= 0 else 0


@inner
def restore(s: State, b: State) -> None:
    """Undo a run. The base state has no resting orders, so the book is emptied and only touched accounts are copied back."""
    for j in range(s.header[H_TOUCHED]):
        if s.accounts[(s.touched[j] << ROW) + A_ORDER] >= 0:
            cancel_all(s, s.touched[j], -1)
    stated = 0  # both are lines of their own per position, and few rules write to them
    counted = 0
    for market in range(s.header[H_MARKETS]):
        rules = s.markets[(market << MARKET) + M_RULES]
        stated |= s.rules[rules + R_REALISATION]
        counted |= 1 if is_counted(s, rules) else 0
    for j in range(s.header[H_TOUCHED]):
        r = s.touched[j] << ROW
        for k in range(1 << ROW):
            s.accounts[r + k] = b.accounts[r + k]
        p = b.accounts[r + A_POSITION]
        while p >= 0:
            for k in range(1 << ROW):
                s.positions[(p << ROW) + k] = b.positions[(p << ROW) + k]
            for k in range(2 if stated != 0 else 0):
                s.statements[(p << STATEMENT) + k] = b.statements[(p << STATEMENT) + k]
            for k in range(1 << USE if counted != 0 else 0):
                s.uses[(p << USE) + k] = b.uses[(p << USE) + k]
            p = b.positions[(p << ROW) + P_NEXT]
    for k in range(s.header[H_MARKETS] << MARKET):
        s.markets[k] = b.markets[k]
    for k in range(len(s.sources)):
        s.sources[k] = b.sources[k]
    for k in range(len(s.ring)):
        s.ring[k] = b.ring[k]
    for k in range(len(s.past)):
        s.past[k] = b.past[k]
    if s.header[H_FOLDS] != b.header[H_FOLDS]:
        for k in range(len(s.run)):
            s.run[k] = b.run[k]
    epoch = s.header[H_EPOCH] + 1
    nodes = s.header[H_NODES]
    free_node = s.header[H_FREE_NODE]
    pages = s.header[H_PAGES]
    free_page = s.header[H_FREE_PAGE]
    for k in range(len(s.header)):
        s.header[k] = b.header[k]
    s.header[H_EPOCH] = epoch  # stamps never repeat, or a run would depend on the one before
    s.header[H_NODES] = nodes
    s.header[H_FREE_NODE] = free_node
    s.header[H_PAGES] = pages
    s.header[H_FREE_PAGE] = free_page
    s.header[H_ORDERS] = 0
    s.header[H_CLIPS] = 0


@inner
def run_steps(
    s: State,
    times: Rows,
    shocked: Rows,
    calm: Rows,
    depth: Rows,
    ladder: Rows,
    desk: Rows,
    par: Rows,
    q: int,
    at: int,
    series: Rows,
    cuts: Rows,
) -> None:
    """Run the steps of one path. Paths are steps x markets; depth is a share in ppm per step."""
    feeds_back = par[q + Q_IMPACT] != 0 or par[q + Q_REHEDGE] != 0
    markets = s.header[H_MARKETS]
    steps = par[q + Q_STEPS]
    before = s.header[H_NOW]
    for t in range(steps):
        now = times[t]
        for market in range(markets):
            i = at + t * markets + market
            k = market * DESK
            top = s.markets[(market << MARKET) + M_MAX_PRICE]
            outside = shifted(shocked[i], desk[k + K_SHIFT], top)
            anchor = outside_prices(s, par, q, market, outside, shifted(calm[i], desk[k + K_SHIFT], top), now)
            if anchor > 0:
                requote(s, desk, ladder, par, q, market, anchor, depth[at // markets + t], now - before)
                if feeds_back:
                    shift_price(desk, ladder, par, q, market, now - before)
                    rehedge(s, desk, cuts, times, par, q, market, t)
        do_clock(s, now)
        if feeds_back:
            note_cuts(s, cuts, t)
        if par[q + Q_RECORD] != 0:
            for market in range(markets):
                record(s, desk, par, q, series, (t * markets + market) * SERIES, market)
        before = now


@entry
def run_scenarios(
    handle: object,
    base: object,
    times: Rows,
    shocked: Rows,
    calm: Rows,
    depth: Rows,
    ladder: Rows,
    desk: Rows,
    par: Rows,
    out: Rows,
    series: Rows,
    cuts: Rows,
    first: int,
    last: int,
) -> int:
    """Run scenarios first..last, each from the base state. Returns how many ran; stops early when something was full."""
    s = as_state(handle)
    b = as_state(base)
    markets = s.header[H_MARKETS]
    width = markets * ((1 << STATS) + EXTRA)
    for n in range(first, last):
        q = n * PARAMETERS
        steps = par[q + Q_STEPS]
        begin(s, desk, par, q)
        fund = s.markets[M_FUND]
        cash = s.accounts[(fund << ROW) + A_BALANCE] if fund >= 0 else 0
        run_steps(s, times, shocked, calm, depth, ladder, desk, par, q, n * steps * markets, series, cuts)
        finish(s, b, desk, par, q, out, n * width)
        for market in range(markets):
            out[n * width + market * ((1 << STATS) + EXTRA) + (1 << STATS) + O_CASH_BEFORE] = cash
        if s.header[H_FULL] != 0:
            return n
        if par[q + Q_KEEP] == 0:  # a replay leaves the state as the run left it
            restore(s, b)
    return last
