"""The command loop: checked commands in, events out. Bad ones are refused with a reason and change nothing."""

from __future__ import annotations

from shortfall.kernels._jit import entry, inner
from shortfall.kernels.adl_trigger import give_history
from shortfall.kernels.called import do_liquidate
from shortfall.kernels.events import emit
from shortfall.kernels.funding import settle_funding, settle_funding_index
from shortfall.kernels.imposed import do_claim, do_imposed_fee, do_take_account
from shortfall.kernels.instant import settle_instant
from shortfall.kernels.layout import (
    BAD_ACCOUNT,
    BAD_MARKET,
    BAD_VALUE,
    E_COMMAND_REJECTED,
    FUNDING_BY_INDEX,
    H_ASSETS,
    H_COMMANDS,
    H_EVENT_MASK,
    H_EVENTS,
    H_EVENTS_READ,
    H_FULL,
    H_LINEAR_EVENTS,
    H_MARKETS,
    H_RULES,
    HALTED,
    M_ASSET,
    M_MARK,
    M_RULES,
    MARKET,
    NO_MARK,
    NO_ROOM,
    NOT_SETTLED,
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
    OP_CLAIM,
    OP_CLOCK,
    OP_COLLATERAL,
    OP_DEPOSIT,
    OP_FINAL,
    OP_FUNDING,
    OP_HALT,
    OP_HISTORY,
    OP_IMPOSED,
    OP_IMPOSED_FEE,
    OP_INDEX,
    OP_LEVERAGE,
    OP_LIQUIDATE,
    OP_MARK,
    OP_OPEN,
    OP_ORDER,
    OP_OUTSIDE,
    OP_PAIR,
    OP_POOL_DELEVERAGE,
    OP_RULE,
    OP_SETTLE,
    OP_SOURCE,
    OP_STAKE,
    OP_TAKE_ACCOUNT,
    OP_TAKE_BASE,
    OP_TAKE_LOSS,
    OP_TAPE,
    OP_TRANSFER,
    OP_UNSTAKE,
    OP_USE_RULES,
    OP_WITHDRAW,
    R_REALISATION,
    REALISED_BY_TRADES,
    ROW,
    RULES,
    SELL,
    SOURCE,
    SOURCES,
    STATS,
    T_REJECTED,
    X_WEIGHT,
)
from shortfall.kernels.ledger import asset_of, open_position
from shortfall.kernels.matching import place
from shortfall.kernels.native import Rows, State, as_state
from shortfall.kernels.operations import (
    cancel_one,
    do_account,
    do_asset_price,
    do_clock,
    do_collateral,
    do_halt,
    do_imposed,
    do_leverage,
    do_money,
    do_price,
    do_rules,
    is_account,
    is_in_force,
)
from shortfall.kernels.orders import cancel_all
from shortfall.kernels.pairing import do_final, do_pair
from shortfall.kernels.pool import order_with_pool, trades_with_pool
from shortfall.kernels.pool_adl import deleverage_with_pool
from shortfall.kernels.prices import BILLION
from shortfall.kernels.settlement import settle_marks
from shortfall.kernels.stakers import do_staker
from shortfall.kernels.unit import unit
from shortfall.kernels.weighted import take_base, take_loss

MILLION = 1_000_000
LEDGER_OPS = (
    OP_IMPOSED,
    OP_OPEN,
    OP_COLLATERAL,
    OP_LEVERAGE,
    OP_TAKE_ACCOUNT,
    OP_CLAIM,
    OP_IMPOSED_FEE,
    OP_POOL_DELEVERAGE,
    OP_LIQUIDATE,
    OP_PAIR,
    OP_TAKE_BASE,
    OP_TAKE_LOSS,
)
IN_ACCOUNTS, IN_MARKETS, IN_ASSETS = 1, 2, 4


@inner
def needs(op: int) -> int:
    """Return what a command names: an account, a market, an asset."""
    if op in (
        OP_CLAIM,
        OP_IMPOSED_FEE,
        OP_ORDER,
        OP_CANCEL_ALL,
        OP_IMPOSED,
        OP_OPEN,
        OP_LEVERAGE,
        OP_POOL_DELEVERAGE,
        OP_LIQUIDATE,
        OP_PAIR,
        OP_TAKE_BASE,
        OP_TAKE_LOSS,
    ):
        return IN_ACCOUNTS | IN_MARKETS
    if op in (OP_TAKE_ACCOUNT, OP_CANCEL, OP_DEPOSIT, OP_WITHDRAW, OP_TRANSFER) or OP_STAKE <= op <= OP_UNSTAKE:
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
    if (
        op in (OP_CLAIM, OP_SETTLE, OP_ORDER, OP_IMPOSED, OP_POOL_DELEVERAGE, OP_TAKE_BASE, OP_TAKE_LOSS)
        and s.markets[(market << MARKET) + M_MARK] <= 0
    ):
        return NO_MARK
    if wanted & IN_ACCOUNTS and wanted & IN_MARKETS and market >= 0:
        return 0 if asset_of(s, a) == s.markets[(market << MARKET) + M_ASSET] else BAD_ACCOUNT
    return 0


@inner
def do_account_command(
    s: State, op: int, a: int, market: int, flags: int, price: int, lots: int, reference: int
) -> int:
    """Run a command of an account. Returns a result >= 0, or minus the reason."""
    if op == OP_ORDER and trades_with_pool(s, market):
        return order_with_pool(s, a, market, flags, price, lots, reference)
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
    if op == OP_POOL_DELEVERAGE:
        return deleverage_with_pool(s, a, market, lots)
    if op == OP_TAKE_ACCOUNT:
        return -do_take_account(s, a, reference)
    if op == OP_CLAIM:
        return -do_claim(s, a, market, -lots if flags & SELL else lots, reference)
    if op == OP_IMPOSED_FEE:
        return -do_imposed_fee(s, a, market, lots, reference)
    if op == OP_PAIR:
        reason = do_pair(s, a, market, flags, lots, reference)
        if reason == 0:
            settle_instant(s)
        return -reason
    if op == OP_TAKE_BASE:
        return take_base(s, a, market, reference, lots, price)
    if op == OP_TAKE_LOSS:
        return take_loss(s, a, market, reference, lots)
    if op == OP_LEVERAGE:
        return -do_leverage(s, a, market, lots)
    if OP_STAKE <= op <= OP_UNSTAKE:
        return -do_staker(s, op, a, reference, lots)
    if op == OP_LIQUIDATE:
        return do_liquidate(s, a, reference, market, lots, price)
    if op == OP_OPEN:
        return 0 if open_position(s, a, market) >= 0 else -NO_ROOM
    return -do_money(s, op, a, lots, reference)


@inner
def do_market_command(s: State, op: int, market: int, flags: int, price: int, lots: int, time_us: int) -> int:
    """Run a command of a market or of the clock. Returns 0, or minus the reason."""
    if op == OP_CLOCK:
        return -do_clock(s, time_us)
    if op in (OP_INDEX, OP_MARK, OP_OUTSIDE, OP_TAPE):
        return -do_price(s, op, market, flags, price, time_us)
    if op == OP_ACCOUNT:
        return do_account(s, market, flags)
    if op == OP_ASSET_PRICE:
        return -do_asset_price(s, market, price)
    if op == OP_SETTLE:
        if s.rules[s.markets[(market << MARKET) + M_RULES] + R_REALISATION] == REALISED_BY_TRADES:
            return -NOT_SETTLED
        settle_marks(s, market)
        settle_instant(s)
        return 0
    if op == OP_FUNDING and flags == FUNDING_BY_INDEX:
        reason = NO_MARK if s.markets[(market << MARKET) + M_MARK] <= 0 else settle_funding_index(s, market, lots)
        settle_instant(s)
        return -reason
    if op == OP_FUNDING:
        if s.markets[(market << MARKET) + M_MARK] <= 0:
            return -NO_MARK
        if flags != 0 and not -BILLION <= lots <= BILLION:
            return -BAD_VALUE
        settle_funding(s, market, flags, lots)
        settle_instant(s)
        return 0
    if op == OP_FINAL:
        reason = do_final(s, market)
        settle_instant(s)
        return -reason
    if op == OP_HALT:
        return -do_halt(s, market, flags)
    if op == OP_USE_RULES:
        return -do_rules(s, market, flags, time_us)
    if op == OP_SOURCE:
        if flags < 0 or flags >= SOURCES or lots < 0 or lots > MILLION:
            return -BAD_VALUE
        s.sources[((market * SOURCES + flags) << SOURCE) + X_WEIGHT] = lots
        return 0
    if op == OP_HISTORY:
        return -give_history(s, market, lots, price, flags)
    if op == OP_RULE:
        if (
            market < 0
            or market >= s.header[H_RULES]
            or flags < 0
            or flags >= 1 << RULES
            or is_in_force(s, market << RULES)
        ):
            return -BAD_VALUE
        s.rules[(market << RULES) + flags] = lots
        return 0
    return -BAD_VALUE


@unit
def execute(
    s: State, op: int, a: int, market: int, flags: int, price: int, lots: int, reference: int, time_us: int
) -> int:
    """Run one command. Returns a result >= 0 or minus the reason, stated as an event too."""
    s.header[H_COMMANDS] += 1
    reason = refused_at_border(s, op, a, market)
    if reason != 0:
        result = -reason
    elif OP_ORDER <= op <= OP_TRANSFER or OP_STAKE <= op <= OP_UNSTAKE or op in LEDGER_OPS:
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
