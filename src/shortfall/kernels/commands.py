"""The command loop: checked commands in, events out. Bad ones are refused with a reason and change nothing."""

from __future__ import annotations

from shortfall.kernels._jit import entry, inner
from shortfall.kernels.enqueue import after_trade
from shortfall.kernels.events import emit
from shortfall.kernels.funding import settle_funding
from shortfall.kernels.instant import settle_instant, unwind_all
from shortfall.kernels.layout import (
    A_BALANCE,
    A_COLLATERAL,
    A_KIND,
    A_ORDER,
    A_POSITION,
    A_QUEUE,
    BAD_ACCOUNT,
    BAD_MARKET,
    BAD_VALUE,
    C_AMOUNT,
    CAUSE_DEPOSIT,
    CAUSE_TRANSFER,
    CAUSE_WITHDRAWAL,
    COLLATERAL,
    E_ACCOUNT_OPENED,
    E_COMMAND_REJECTED,
    E_FILL_IMPOSED,
    E_MARKET_HALTED,
    E_MONEY_MOVED,
    E_PRICE_REFUSED,
    E_RULES_CHANGED,
    H_ACCOUNTS,
    H_ASSETS,
    H_COMMANDS,
    H_EVENT_MASK,
    H_EVENTS,
    H_EVENTS_READ,
    H_FULL,
    H_LINEAR_EVENTS,
    H_MARKETS,
    H_NOW,
    H_RULES,
    HALT_ALL,
    HALTED,
    HOUSE,
    IN_LIQUIDATION,
    INF,
    KIND_ASSET,
    M_ASSET,
    M_BASIS_COUNT,
    M_BASIS_NEXT,
    M_BASIS_SUM,
    M_FRESH,
    M_HALTED,
    M_INDEX,
    M_INDEX_TIME,
    M_LAST,
    M_MARK,
    M_MAX_LOTS,
    M_MAX_OPEN_INTEREST,
    M_MAX_PRICE,
    M_OPEN_INTEREST,
    M_RULES,
    M_RUN_LONG,
    M_TAPE,
    MARKET,
    MAX_TIERS,
    MONEY_BOUND,
    N_ACCOUNT,
    N_KEY,
    NO_BALANCE,
    NO_MARK,
    NO_ROOM,
    NOT_OWNED,
    O_ACCOUNT,
    O_FLAGS,
    O_LOTS,
    O_MARKET,
    O_OP,
    O_PRICE,
    O_REFERENCE,
    O_TIME,
    OP_ACCOUNT,
    OP_ASSET_PRICE,
    OP_CANCEL,
    OP_CANCEL_ALL,
    OP_CLOCK,
    OP_COLLATERAL,
    OP_DEPOSIT,
    OP_FUNDING,
    OP_HALT,
    OP_IMPOSED,
    OP_INDEX,
    OP_LEVERAGE,
    OP_MARK,
    OP_OPEN,
    OP_ORDER,
    OP_RULE,
    OP_SOURCE,
    OP_TAPE,
    OP_TRANSFER,
    OP_USE_RULES,
    OP_WITHDRAW,
    OUT_OF_SEQUENCE,
    OVER_OPEN_INTEREST,
    OVER_POSITION_LIMIT,
    P_RATE,
    P_SIZE,
    R_FRESH_TICKS,
    R_TIER,
    R_TIERS,
    RING,
    ROW,
    RULES,
    S_OUTSIDE,
    S_PRICE,
    SELL,
    SOURCE,
    SOURCES,
    STATS,
    T_REJECTED,
    TIER,
    UNKNOWN_ORDER,
    X_WEIGHT,
)
from shortfall.kernels.ledger import asset_of, book_trade, open_collateral, open_position, touch, transfer, value_at
from shortfall.kernels.margin import FOR_WITHDRAWAL, free_margin
from shortfall.kernels.matching import cancel_all, cancel_node, place, slot_of
from shortfall.kernels.native import Rows, State, as_state
from shortfall.kernels.prices import BILLION, set_mark, source_tick, update_mark
from shortfall.kernels.triggers import RUN_OF_SIDE, index_account, run_collect, run_sort
from shortfall.kernels.unit import unit

MILLION = 1_000_000
IN_ACCOUNTS, IN_MARKETS, IN_ASSETS = 1, 2, 4


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
    if amount <= 0 or amount > MONEY_BOUND or top > MONEY_BOUND or s.accounts[(payer << ROW) + A_BALANCE] < amount - MONEY_BOUND:
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
        return move_money(s, a, outside_of(s, a), amount, CAUSE_WITHDRAWAL, 0)
    return move_money(s, payer, a, amount, CAUSE_TRANSFER, 0)


@unit
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


@unit
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


@unit
def do_imposed(s: State, a: int, market: int, flags: int, price: int, lots: int, other: int) -> int:
    """Account for a forced trade that a tape reports, between an account and its counterparty. Nothing is checked but bounds."""
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


@unit
def do_rules(s: State, market: int, row: int) -> int:
    """Switch a market to another row of rules; triggers and basis window are rebuilt, open positions judged by the new rules."""
    if row < 0 or row >= s.header[H_RULES] or not is_written(s, row << RULES):
        return BAD_VALUE
    m = market << MARKET
    s.markets[m + M_RULES] = row << RULES
    s.markets[m + M_BASIS_COUNT] = 0
    s.markets[m + M_BASIS_SUM] = 0
    s.markets[m + M_BASIS_NEXT] = 0
    for k in range(RING):
        s.ring[market * RING + k] = 0
    emit(s, E_RULES_CHANGED, market, -1, 0, row, 0, 0, 0)
    for other in range(s.header[H_MARKETS]):  # a cross account's slack changes in every market that it is in
        for side in range(2):
            run_sort(s, s.markets[(other << MARKET) + M_RUN_LONG + RUN_OF_SIDE * side], run_collect(s, other, side, 1))
    settle_instant(s)
    return 0


@unit
def do_price(s: State, op: int, market: int, source: int, price: int, time_us: int) -> int:
    """Take an index price of a source, an imposed mark, a tape price. Returns 0 or the reason."""
    m = market << MARKET
    valid = 0 < price < s.markets[m + M_MAX_PRICE] and 0 <= source < SOURCES
    if time_us > s.header[H_NOW] and op != OP_TAPE and valid:
        s.header[H_NOW] = time_us
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
    else:
        if source < 0 or source >= SOURCES:
            return BAD_VALUE
        reason = source_tick(s, market, source, price, time_us)
        if reason != 0:
            return reason
        update_mark(s, market)
    settle_instant(s)
    return 0


@unit
def do_clock(s: State, time_us: int) -> int:
    """Advance the clock: marks, unwinding of inventory, then the instant. Time never runs back."""
    if time_us < s.header[H_NOW]:
        return OUT_OF_SEQUENCE
    s.header[H_NOW] = time_us
    for market in range(s.header[H_MARKETS]):
        update_mark(s, market)
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
        s.markets[m + M_FRESH] = fresh + 1 if fresh > 0 else 0  # the price after the first fresh ones may liquidate again
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


@inner
def needs(op: int) -> int:
    """Return what a command names: an account, a market, an asset."""
    if op in (OP_ORDER, OP_CANCEL_ALL, OP_IMPOSED, OP_OPEN, OP_LEVERAGE):
        return IN_ACCOUNTS | IN_MARKETS
    if op in (OP_CANCEL, OP_DEPOSIT, OP_WITHDRAW, OP_TRANSFER):
        return IN_ACCOUNTS
    if op == OP_COLLATERAL:
        return IN_ACCOUNTS | IN_ASSETS
    if op == OP_ASSET_PRICE:
        return IN_ASSETS
    if op == OP_ACCOUNT:
        return IN_ASSETS
    return 0 if op in (OP_CLOCK, OP_RULE) else IN_MARKETS


@inner
def refused_at_border(s: State, op: int, a: int, market: int) -> int:
    """Check that a command names an account, a market or an asset that exists. A cancel-all may name market -1."""
    wanted = needs(op)
    if wanted & IN_ACCOUNTS and not is_account(s, a):
        return BAD_ACCOUNT
    if wanted & IN_MARKETS and (market >= s.header[H_MARKETS] or market < (-1 if op == OP_CANCEL_ALL else 0)):
        return BAD_MARKET
    if wanted & IN_ASSETS and not 0 <= market < s.header[H_ASSETS]:
        return BAD_MARKET
    if op in (OP_ORDER, OP_IMPOSED) and s.markets[(market << MARKET) + M_MARK] <= 0:
        return NO_MARK
    if wanted & IN_ACCOUNTS and wanted & IN_MARKETS and market >= 0:
        return 0 if asset_of(s, a) == s.markets[(market << MARKET) + M_ASSET] else BAD_ACCOUNT
    return 0


@inner
def do_account_command(s: State, op: int, a: int, market: int, flags: int, price: int, lots: int, reference: int) -> int:
    """Run a command of an account. Returns a result >= 0, or minus the reason."""
    if op == OP_ORDER:
        return place(s, a, market, flags, price, lots, reference)
    if op == OP_CANCEL:
        return -cancel_one(s, a, reference)
    if op == OP_CANCEL_ALL:
        return cancel_all(s, a, market)
    if op == OP_COLLATERAL:
        return -do_collateral(s, a, market, lots)
    if op == OP_IMPOSED:
        return -do_imposed(s, a, market, flags, price, lots, reference)
    if op == OP_LEVERAGE:
        return -do_leverage(s, a, market, lots)
    if op == OP_OPEN:
        return 0 if open_position(s, a, market) >= 0 else -NO_ROOM
    return -do_money(s, op, a, lots, reference)


@inner
def do_market_command(s: State, op: int, market: int, flags: int, price: int, lots: int, time_us: int) -> int:
    """Run a command of a market or of the clock. Returns 0, or minus the reason."""
    if op == OP_CLOCK:
        return -do_clock(s, time_us)
    if op in (OP_INDEX, OP_MARK, OP_TAPE):
        return -do_price(s, op, market, flags, price, time_us)
    if op == OP_ACCOUNT:
        return do_account(s, market, flags)
    if op == OP_ASSET_PRICE:
        return -do_asset_price(s, market, price)
    if op == OP_FUNDING:
        if s.markets[(market << MARKET) + M_MARK] <= 0:
            return -NO_MARK
        if flags != 0 and not -BILLION <= lots <= BILLION:
            return -BAD_VALUE
        settle_funding(s, market, flags, lots)
        settle_instant(s)
        return 0
    if op == OP_HALT:
        return -do_halt(s, market, flags)
    if op == OP_USE_RULES:
        return -do_rules(s, market, flags)
    if op == OP_SOURCE:
        if flags < 0 or flags >= SOURCES or lots < 0 or lots > MILLION:
            return -BAD_VALUE
        s.sources[((market * SOURCES + flags) << SOURCE) + X_WEIGHT] = lots
        return 0
    if op == OP_RULE:
        if market < 0 or market >= s.header[H_RULES] or flags < 0 or flags >= 1 << RULES or is_in_force(s, market << RULES):
            return -BAD_VALUE
        s.rules[(market << RULES) + flags] = lots
        return 0
    return -BAD_VALUE


@inner
def execute(s: State, op: int, a: int, market: int, flags: int, price: int, lots: int, reference: int, time_us: int) -> int:
    """Run one command. Returns a result >= 0 or minus the reason, stated as an event too."""
    s.header[H_COMMANDS] += 1
    reason = refused_at_border(s, op, a, market)
    if reason != 0:
        result = -reason
    elif OP_ORDER <= op <= OP_TRANSFER or op in (OP_IMPOSED, OP_OPEN, OP_COLLATERAL, OP_LEVERAGE):
        result = do_account_command(s, op, a, market, flags, price, lots, reference)
    else:
        result = do_market_command(s, op, market, flags, price, lots, time_us)
    if result < 0:
        named = market if 0 <= market < s.header[H_MARKETS] else 0
        emit(s, E_COMMAND_REJECTED, named, a, reference, -result, op, price, lots)
        s.stats[(named << STATS) + T_REJECTED] += 1
    return result


@inner
def run_rows(s: State, rows: Rows, first: int, last: int) -> int:
    """Run command rows first..last; stop early when events need to be read or something is full. Returns the next row."""
    for n in range(first, last):
        if s.header[H_FULL] != 0:
            return n
        unread = s.header[H_EVENTS] - s.header[H_EVENTS_READ]
        if s.header[H_LINEAR_EVENTS] != 0 and 2 * unread > s.header[H_EVENT_MASK]:
            return n
        k = n << ROW
        execute(
            s, rows[k + O_OP], rows[k + O_ACCOUNT], rows[k + O_MARKET], rows[k + O_FLAGS], rows[k + O_PRICE],
            rows[k + O_LOTS], rows[k + O_REFERENCE], rows[k + O_TIME],
        )  # fmt: skip
    return last


@entry
def run_commands(handle: object, rows: Rows, first: int, last: int) -> int:
    """Run command rows of an array. Returns the next row to run."""
    return run_rows(as_state(handle), rows, first, last)


@entry
def run_command(
    handle: object, op: int, account: int, market: int, flags: int, price: int, lots: int, reference: int, time_us: int
) -> int:
    """Run one command. Returns a result >= 0 (lots filled, orders cancelled) or minus the reason."""
    s = as_state(handle)
    if s.header[H_FULL] != 0:
        return -HALTED
    return execute(s, op, account, market, flags, price, lots, reference, time_us)
