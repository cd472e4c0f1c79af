"""What each command does, once it is known to name what exists: money, prices, clock, rules, tape."""

from __future__ import annotations

from typing import TYPE_CHECKING

from shortfall.kernels._jit import inner
from shortfall.kernels.enqueue import after_trade
from shortfall.kernels.events import emit
from shortfall.kernels.gates import withhold
from shortfall.kernels.index import forget_sources, index_at_clock, source_tick
from shortfall.kernels.instant import settle_instant, unwind_all
from shortfall.kernels.layout import (
    A_BALANCE,
    A_COLLATERAL,
    A_KIND,
    A_ORDER,
    A_POSITION,
    A_QUEUE,
    BAD_ACCOUNT,
    BAD_VALUE,
    C_AMOUNT,
    CAUSE_DEPOSIT,
    CAUSE_TRANSFER,
    CAUSE_WITHDRAWAL,
    COLLATERAL,
    E_ACCOUNT_OPENED,
    E_FILL_IMPOSED,
    E_MARKET_HALTED,
    E_MONEY_MOVED,
    E_PRICE_REFUSED,
    E_RULES_ANNOUNCED,
    E_RULES_CHANGED,
    H_ACCOUNTS,
    H_MARKETS,
    H_NOW,
    H_RULES,
    HALT_ALL,
    HOUSE,
    IN_LIQUIDATION,
    INF,
    KIND_ASSET,
    M_BASIS_COUNT,
    M_BASIS_NEXT,
    M_BASIS_SUM,
    M_FRESH,
    M_HALTED,
    M_HISTORY,
    M_INDEX,
    M_INDEX_TIME,
    M_LAST,
    M_MARK,
    M_MAX_LOTS,
    M_MAX_OPEN_INTEREST,
    M_MAX_PRICE,
    M_OPEN_INTEREST,
    M_OUTSIDE,
    M_RULES,
    M_RULES_NEXT,
    M_RULES_TIME,
    M_RUN_LONG,
    M_TAPE,
    M_TOUCH_SCALED,
    MARKET,
    MAX_TIERS,
    MONEY_BOUND,
    N_ACCOUNT,
    N_KEY,
    NO_BALANCE,
    NO_ROOM,
    NOT_OWNED,
    NOTHING_TO_REDUCE,
    OP_DEPOSIT,
    OP_MARK,
    OP_OUTSIDE,
    OP_TAPE,
    OP_WITHDRAW,
    OUT_OF_SEQUENCE,
    OVER_OPEN_INTEREST,
    OVER_POSITION_LIMIT,
    P_RATE,
    P_SIZE,
    PAST,
    PAST_KNOWN,
    R_ADL_WATCHES,
    R_ADL_WINDOW_US,
    R_FRESH_TICKS,
    R_REALISATION,
    R_TIER,
    R_TIERS,
    REALISED_BY_TRADES,
    REDUCE_ONLY,
    RING,
    ROW,
    RULES,
    S_OUTSIDE,
    S_PRICE,
    SELL,
    SOURCES,
    TIER,
    UNKNOWN_ORDER,
)
from shortfall.kernels.ledger import asset_of, book_trade, open_collateral, open_position, touch, transfer, value_at
from shortfall.kernels.margin import FOR_WITHDRAWAL, free_margin
from shortfall.kernels.orders import cancel_node, slot_of
from shortfall.kernels.prices import set_mark, update_mark
from shortfall.kernels.settlement import settle_marks, settle_when_due
from shortfall.kernels.triggers import RUN_OF_SIDE, index_account, run_collect, run_sort
from shortfall.kernels.unit import seldom, unit

if TYPE_CHECKING:
    from shortfall.kernels.native import State

MILLION = 1_000_000


@inner
def is_account(s: State, a: int) -> bool:
    """Say whether an account id is one."""
    return 0 <= a < s.header[H_ACCOUNTS]


@inner
def cancel_one(s: State, a: int, order: int) -> int:
    """Cancel an order by its id, if it belongs to the account."""
    j = slot_of(s, order) if order > 0 else -1
    if j < 0:
        return UNKNOWN_ORDER
    i = s.orders[2 * j + 1]
    if s.nodes[(i << ROW) + N_KEY] >> N_ACCOUNT != a:
        return NOT_OWNED
    cancel_node(s, i)
    return 0


@inner
def move_money(s: State, payer: int, payee: int, amount: int, cause: int, reference: int) -> int:
    """Move money within the bounds and state it."""
    top = s.accounts[(payee << ROW) + A_BALANCE] + amount
    if (
        amount <= 0
        or amount > MONEY_BOUND
        or top > MONEY_BOUND
        or s.accounts[(payer << ROW) + A_BALANCE] < amount - MONEY_BOUND
    ):
        return BAD_VALUE
    if asset_of(s, payer) != asset_of(s, payee):
        return BAD_ACCOUNT
    transfer(s, payer, payee, amount)
    emit(s, E_MONEY_MOVED, 0, payee, reference, amount, cause, payer, 0)
    index_account(s, payer)
    return 0


@inner
def may_pay_out(s: State, a: int, amount: int) -> int:
    """Check that an account may pay an amount out: not queued, enough margin free, and by rule not out of unrealised profit."""
    if s.accounts[(a << ROW) + A_QUEUE] != 0:
        return IN_LIQUIDATION
    free, _ = free_margin(s, a, FOR_WITHDRAWAL, -1, 0, 0)
    return 0 if amount <= free else NO_BALANCE


@inner
def outside_of(s: State, a: int) -> int:
    """Return the outside world's account in the asset of an account."""
    return s.assets[(asset_of(s, a) << ROW) + S_OUTSIDE]


@unit
def do_money(s: State, op: int, a: int, amount: int, other: int) -> int:
    """Deposit, withdraw, or transfer from `other`. Returns 0 or the reason."""
    if op == OP_DEPOSIT:
        return move_money(s, outside_of(s, a), a, amount, CAUSE_DEPOSIT, 0)
    payer = a if op == OP_WITHDRAW else other
    if not is_account(s, payer):
        return BAD_ACCOUNT
    if payer != outside_of(s, a):
        reason = may_pay_out(s, payer, amount)
        if reason != 0:
            return reason
    if op == OP_WITHDRAW:
        if amount <= 0 or amount > MONEY_BOUND:
            return BAD_VALUE
        left = amount - withhold(s, a, amount)
        return move_money(s, a, outside_of(s, a), left, CAUSE_WITHDRAWAL, 0) if left > 0 else 0
    return move_money(s, payer, a, amount, CAUSE_TRANSFER, 0)


@seldom
def do_collateral(s: State, a: int, asset: int, amount: int) -> int:
    """Move collateral in another asset from (positive) or to (negative) the outside world. Returns 0 or the reason."""
    if amount == 0 or amount > MONEY_BOUND or amount < -MONEY_BOUND:
        return BAD_VALUE
    own = open_collateral(s, a, asset)
    far = open_collateral(s, s.assets[(asset << ROW) + S_OUTSIDE], asset)
    if own < 0 or far < 0:
        return NO_ROOM
    held = s.collaterals[(own << COLLATERAL) + C_AMOUNT]
    if held + amount < 0 or held + amount > MONEY_BOUND:
        return NO_BALANCE
    if s.accounts[(a << ROW) + A_QUEUE] != 0:
        return IN_LIQUIDATION
    touch(s, a)
    s.collaterals[(own << COLLATERAL) + C_AMOUNT] = held + amount
    if amount < 0:
        free, _ = free_margin(s, a, FOR_WITHDRAWAL, -1, 0, 0)
        if free < 0:
            s.collaterals[(own << COLLATERAL) + C_AMOUNT] = held
            return NO_BALANCE
    s.collaterals[(far << COLLATERAL) + C_AMOUNT] -= amount
    emit(s, E_MONEY_MOVED, asset, a, 1, amount, CAUSE_DEPOSIT if amount > 0 else CAUSE_WITHDRAWAL, -1, 0)
    index_account(s, a)
    return 0


@seldom
def do_asset_price(s: State, asset: int, price: int) -> int:
    """Take a new price of a collateral asset; everybody who holds it is looked at again."""
    if price <= 0 or price > MONEY_BOUND:
        emit(s, E_PRICE_REFUSED, asset, -1, 1, price, BAD_VALUE, s.header[H_NOW], s.assets[(asset << ROW) + S_PRICE])
        return BAD_VALUE
    s.assets[(asset << ROW) + S_PRICE] = price
    for a in range(s.header[H_ACCOUNTS]):
        if s.accounts[(a << ROW) + A_COLLATERAL] >= 0:
            index_account(s, a)
    settle_instant(s)
    return 0


@seldom
def do_imposed(s: State, a: int, market: int, flags: int, price: int, lots: int, other: int) -> int:
    """Account for a forced trade that a tape reports, between an account and its counterparty. Nothing is checked but bounds.

    Reduce-only, both sides have to close what they hold: deleveraging that somebody else decided.
    """
    m = market << MARKET
    if not is_account(s, other) or other == a:
        return BAD_ACCOUNT
    if price <= 0 or price >= s.markets[m + M_MAX_PRICE] or lots <= 0 or lots > s.markets[m + M_MAX_LOTS]:
        return BAD_VALUE
    if s.markets[m + M_OPEN_INTEREST] + lots > s.markets[m + M_MAX_OPEN_INTEREST]:
        return OVER_OPEN_INTEREST
    p = open_position(s, a, market)
    q = open_position(s, other, market)
    if p < 0 or q < 0:
        return NO_ROOM
    signed = -lots if flags & SELL else lots
    for row, change in ((p, signed), (q, -signed)):
        size = s.positions[(row << ROW) + P_SIZE] + change
        if size > s.markets[m + M_MAX_LOTS] or size < -s.markets[m + M_MAX_LOTS]:
            return OVER_POSITION_LIMIT
        before = size - change
        if flags & REDUCE_ONLY and (
            (size != 0 and (size > 0) != (before > 0)) or before == 0 or (before > 0) == (change > 0)
        ):
            return NOTHING_TO_REDUCE
    amount = value_at(s, m, signed, price)
    book_trade(s, a, market, p, signed, amount)
    book_trade(s, other, market, q, -signed, -amount)
    emit(s, E_FILL_IMPOSED, market, a, other, signed, price, amount, 1)
    s.markets[m + M_LAST] = price
    after_trade(s, market, a, p)
    after_trade(s, market, other, q)
    return 0


@inner
def is_in_force(s: State, rules: int) -> bool:
    """Say whether a market with a mark works by this row: it is then switched as a whole and never edited."""
    for market in range(s.header[H_MARKETS]):
        if s.markets[(market << MARKET) + M_RULES] == rules and s.markets[(market << MARKET) + M_MARK] > 0:
            return True
    return False


@inner
def is_written(s: State, rules: int) -> bool:
    """Say whether a row holds a rule set: its last tier has no end."""
    tiers = s.rules[rules + R_TIERS]
    return 0 < tiers <= MAX_TIERS and s.rules[rules + R_TIER + TIER * (tiers - 1)] == INF


@seldom
def do_rules(s: State, market: int, row: int, time_us: int) -> int:
    """Switch a market to another row of rules, or announce it for a time to come. A later command replaces what was announced."""
    if row < 0 or row >= s.header[H_RULES] or not is_written(s, row << RULES):
        return BAD_VALUE
    m = market << MARKET
    s.markets[m + M_RULES_NEXT] = 0
    if time_us > s.header[H_NOW]:
        s.markets[m + M_RULES_NEXT] = row + 1
        s.markets[m + M_RULES_TIME] = time_us
        emit(s, E_RULES_ANNOUNCED, market, -1, 0, row, time_us, 0, 0)
        return 0
    switch_rules(s, market, row)
    settle_instant(s)
    return 0


@inner
def begin_announced_rules(s: State) -> None:
    """Switch every market whose announced rules are due, unless its row was spoiled meanwhile."""
    for market in range(s.header[H_MARKETS]):
        m = market << MARKET
        row = s.markets[m + M_RULES_NEXT] - 1
        if row >= 0 and s.header[H_NOW] >= s.markets[m + M_RULES_TIME]:
            s.markets[m + M_RULES_NEXT] = 0
            if is_written(s, row << RULES):
                switch_rules(s, market, row)


@seldom
def switch_rules(s: State, market: int, row: int) -> int:
    """Work by another row of rules from here on; triggers and basis window are rebuilt, open positions judged by the new rules."""
    m = market << MARKET
    if s.rules[s.markets[m + M_RULES] + R_REALISATION] != REALISED_BY_TRADES and s.markets[m + M_MARK] > 0:
        settle_marks(s, market)  # what waits for a settlement is settled by the rules under which it was made
    old = s.markets[m + M_RULES]
    s.markets[m + M_RULES] = row << RULES
    for column in (R_ADL_WATCHES, R_ADL_WINDOW_US):
        if s.rules[old + column] != s.rules[(row << RULES) + column]:  # another past begins
            s.past[market * PAST + PAST_KNOWN] = 0
            s.markets[m + M_HISTORY] = 0
    s.markets[m + M_BASIS_COUNT] = 0
    s.markets[m + M_BASIS_SUM] = 0
    s.markets[m + M_BASIS_NEXT] = 0
    s.markets[m + M_TOUCH_SCALED] = 0
    for k in range(RING):
        s.ring[market * RING + k] = 0
    forget_sources(s, market)
    emit(s, E_RULES_CHANGED, market, -1, 0, row, 0, 0, 0)
    for other in range(s.header[H_MARKETS]):  # a cross account's slack changes in every market that it is in
        for side in range(2):
            run_sort(s, s.markets[(other << MARKET) + M_RUN_LONG + RUN_OF_SIDE * side], run_collect(s, other, side, 1))
    return 0


@unit
def do_price(s: State, op: int, market: int, source: int, price: int, time_us: int) -> int:
    """Take an index price of a source, an imposed mark, a price of other venues, a tape price. Returns 0 or the reason."""
    m = market << MARKET
    valid = 0 < price < s.markets[m + M_MAX_PRICE] and 0 <= source < SOURCES
    if time_us > s.header[H_NOW] and op != OP_TAPE and valid:
        s.header[H_NOW] = time_us
        begin_announced_rules(s)
    if op == OP_TAPE:
        s.markets[m + M_TAPE] = price if 0 < price < s.markets[m + M_MAX_PRICE] else 0
        return 0
    if op == OP_MARK:
        if price <= 0 or price >= s.markets[m + M_MAX_PRICE]:
            emit(s, E_PRICE_REFUSED, market, -1, 0, price, BAD_VALUE, time_us, s.markets[m + M_INDEX])
            return BAD_VALUE
        if s.markets[m + M_INDEX] <= 0:
            s.markets[m + M_INDEX] = price
        s.markets[m + M_INDEX_TIME] = s.header[H_NOW]
        if s.markets[m + M_FRESH] > 0:
            s.markets[m + M_FRESH] -= 1
        set_mark(s, market, price, 0)
    elif op == OP_OUTSIDE:
        s.markets[m + M_OUTSIDE] = price if 0 < price < s.markets[m + M_MAX_PRICE] else 0
        update_mark(s, market)
    else:
        if source < 0 or source >= SOURCES:
            return BAD_VALUE
        reason = source_tick(s, market, source, price, time_us)
        if reason != 0:
            return reason
        update_mark(s, market)
    settle_when_due(s, market)
    settle_instant(s)
    return 0


@unit
def do_clock(s: State, time_us: int) -> int:
    """Advance the clock: marks, unwinding of inventory, then the instant. Time never runs back."""
    if time_us < s.header[H_NOW]:
        return OUT_OF_SEQUENCE
    s.header[H_NOW] = time_us
    begin_announced_rules(s)
    for market in range(s.header[H_MARKETS]):
        index_at_clock(s, market)
        update_mark(s, market)
        settle_when_due(s, market)
    unwind_all(s)
    settle_instant(s)
    return 0


@inner
def do_halt(s: State, market: int, state: int) -> int:
    """Halt or resume a market; after a halt the first fresh prices liquidate nobody, by rule."""
    m = market << MARKET
    if state < 0 or state > HALT_ALL:
        return BAD_VALUE
    if s.markets[m + M_HALTED] == HALT_ALL and state != HALT_ALL:
        fresh = s.rules[s.markets[m + M_RULES] + R_FRESH_TICKS]
        s.markets[m + M_FRESH] = (
            fresh + 1 if fresh > 0 else 0
        )  # the price after the first fresh ones may liquidate again
    s.markets[m + M_HALTED] = state
    emit(s, E_MARKET_HALTED, market, -1, 0, state, 0, 0, 0)
    return 0


@inner
def do_leverage(s: State, a: int, market: int, rate_ppm: int) -> int:
    """Set the initial margin rate that a trader chose for a market (1 / leverage)."""
    if rate_ppm < 0 or rate_ppm > MILLION:
        return BAD_VALUE
    p = open_position(s, a, market)
    if p < 0:
        return NO_ROOM
    touch(s, a)
    s.positions[(p << ROW) + P_RATE] = rate_ppm
    return 0


@inner
def do_account(s: State, asset: int, kind: int) -> int:
    """Open an account of a kind in an asset. Returns its id, or minus the reason."""
    a = s.header[H_ACCOUNTS]
    if kind < 0 or kind > HOUSE:
        return -BAD_VALUE
    if (a + 1) << ROW > len(s.accounts):
        return -NO_ROOM
    r = a << ROW
    for k in range(1 << ROW):
        s.accounts[r + k] = 0
    s.accounts[r + A_KIND] = kind | asset << KIND_ASSET
    s.accounts[r + A_POSITION] = -1
    s.accounts[r + A_ORDER] = -1
    s.accounts[r + A_COLLATERAL] = -1
    s.header[H_ACCOUNTS] = a + 1
    emit(s, E_ACCOUNT_OPENED, 0, a, 0, kind, asset, 0, 0)
    return a
