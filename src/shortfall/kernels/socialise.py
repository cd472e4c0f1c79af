"""Share a loss among those who did not make it: by profit, by position, by equity or by deposit, exact in sum.

Three venues share by position and write it down three ways: loss / (longs + shorts), loss / open interest that counts both sides,
loss / open interest of longs / 2. All are one amount per lot; here lots of both sides are counted one by one.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from shortfall.kernels._jit import inner
from shortfall.kernels.events import emit
from shortfall.kernels.layout import (
    A_BALANCE,
    A_COUNT,
    BOUND_ROOM,
    E_LAYER_SKIPPED,
    E_LOSS_SOCIALISED,
    E_SHARE_ROUNDED,
    E_SHARING_STARTED,
    H_ACCOUNTS,
    H_POSITIONS,
    HOLDER,
    LAYER_HAIRCUT,
    LAYER_SOCIALISE,
    LAYERS,
    M_ASSET,
    M_MARK,
    M_RULES,
    M_SHARED_LONG,
    M_SHARED_SHORT,
    MARKET,
    MARKET_BITS,
    MARKET_MASK,
    P_COST,
    P_KEY,
    P_SIZE,
    R_LAYER,
    R_SHARED_BASE,
    R_SHARED_INDEX_SCALE,
    R_SHARED_MOST,
    R_SHARED_SECOND_BASE,
    R_SHARED_SIDES,
    ROW,
    S_DUST,
    SHARED_BY_DEPOSIT,
    SHARED_BY_EQUITY,
    SHARED_BY_POSITION,
    SHARED_BY_PROFIT,
    SIDES_LONG,
    SIDES_SHORT,
    STATS,
    T_SOCIALISED,
)
from shortfall.kernels.ledger import asset_of, kind_of, transfer, value_at
from shortfall.kernels.margin import equity_of
from shortfall.kernels.triggers import index_account
from shortfall.kernels.unit import seldom
from shortfall.kernels.wide import mul_div_ceil, mul_div_floor, ppm_floor

if TYPE_CHECKING:
    from shortfall.kernels.native import State

MILLION = 1_000_000
WIDEST_INDEX = 1 << 61  # steps of the index: beyond it a step is one whole unit


@inner
def position_base(s: State, m: int, p: int, a: int, code: int) -> int:
    """Return the base of one position: its lots on a side that shares, or profit as far as the account's equity bears it."""
    size = s.positions[(p << ROW) + P_SIZE]
    if code == SHARED_BY_POSITION:
        sides = s.rules[s.markets[m + M_RULES] + R_SHARED_SIDES]
        if size > 0:
            return 0 if sides == SIDES_SHORT else size
        return 0 if sides == SIDES_LONG else -size
    gain = value_at(s, m, size, s.markets[m + M_MARK]) - s.positions[(p << ROW) + P_COST]
    if gain <= 0:
        return 0
    equity = equity_of(s, a)
    return gain if gain < equity else equity


@inner
def note_base(s: State, count: int, a: int, base: int) -> int:
    """Write one (account, base) pair into scratch. Returns 1, or 0 where there is no base or no room."""
    if base <= 0 or count >= len(s.scratch) // 2:
        return 0
    s.scratch[2 * count] = a
    s.scratch[2 * count + 1] = base
    return 1


@inner
def collect_positions(s: State, market: int, debtor: int, code: int) -> tuple[int, int]:
    """Write the bases of the positions of a market into scratch. Returns (pairs, sum of bases)."""
    m = market << MARKET
    count = 0
    total = 0
    for p in range(s.header[H_POSITIONS]):
        r = p << ROW
        key = s.positions[r + P_KEY]
        a = key >> MARKET_BITS
        if s.positions[r + P_SIZE] == 0 or (key & MARKET_MASK) != market or a == debtor or kind_of(s, a) >= HOLDER:
            continue
        base = position_base(s, m, p, a, code)
        if note_base(s, count, a, base) > 0:
            total += base
            count += 1
    return count, total


@inner
def collect_accounts(s: State, market: int, debtor: int, code: int) -> tuple[int, int]:
    """Write the bases of all accounts in the asset of a market into scratch. Returns (pairs, sum of bases).

    A flat account has no more to give than its cash: collateral in other assets is not sold for a loss of others.
    """
    asset = s.markets[(market << MARKET) + M_ASSET]
    count = 0
    total = 0
    for a in range(s.header[H_ACCOUNTS]):
        if a == debtor or kind_of(s, a) >= HOLDER or asset_of(s, a) != asset:
            continue
        base = s.accounts[(a << ROW) + A_BALANCE]
        if code == SHARED_BY_EQUITY and s.accounts[(a << ROW) + A_COUNT] > 0:
            base = equity_of(s, a)
        if note_base(s, count, a, base) > 0:
            total += base
            count += 1
    return count, total


@inner
def sort_pairs(s: State, count: int) -> None:
    """Sort scratch pairs by their first word (Shell sort: in place, bounded)."""
    gap = 1
    while gap < count // 9:
        gap = 3 * gap + 1
    while gap > 0:
        for j in range(gap, count):
            first = s.scratch[2 * j]
            second = s.scratch[2 * j + 1]
            i = j - gap
            while i >= 0 and s.scratch[2 * i] > first:
                s.scratch[2 * (i + gap)] = s.scratch[2 * i]
                s.scratch[2 * (i + gap) + 1] = s.scratch[2 * i + 1]
                i -= gap
            s.scratch[2 * (i + gap)] = first
            s.scratch[2 * (i + gap) + 1] = second
        gap //= 3


@inner
def charge_shares(s: State, market: int, debtor: int, pay: int, count: int, total: int, reference: int) -> None:
    """Charge a loss pro rata of the pairs in scratch.

    Share of account i, in order of account ids: floor(pay x sum of bases up to i / total) less the same up to i - 1, so the sum
    is exact and every share within one unit of pro rata and never above its base.
    """
    cumulated = 0
    charged = 0
    for j in range(count):
        a = s.scratch[2 * j]
        base = s.scratch[2 * j + 1]
        cumulated += base
        share = mul_div_floor(pay, cumulated, total) - charged
        charged += share
        if share > 0:
            transfer(s, a, debtor, share)
            emit(s, E_LOSS_SOCIALISED, market, a, reference, share, base, total, debtor)
            index_account(s, a)


@inner
def index_scale(s: State, market: int, pay: int, total: int) -> int:
    """Return the steps of the funding index to one unit per lot: by rule, or one where the index would leave its bounds."""
    scale = s.rules[s.markets[(market << MARKET) + M_RULES] + R_SHARED_INDEX_SCALE]
    return scale if pay // total < WIDEST_INDEX // scale else 1


@inner
def charge_index(
    s: State, market: int, debtor: int, pay: int, count: int, total: int, delta: int, reference: int
) -> None:
    """Charge every lot in scratch the same delta of the funding index; what rounding up collects too much goes to the dust."""
    m = market << MARKET
    scale = index_scale(s, market, pay, total)
    dust = s.assets[(s.markets[m + M_ASSET] << ROW) + S_DUST]
    owed = pay
    for j in range(count):
        a = s.scratch[2 * j]
        lots = s.scratch[2 * j + 1]
        share = mul_div_ceil(delta, lots, scale)
        part = share if share < owed else owed
        owed -= part
        if part > 0:
            transfer(s, a, debtor, part)
            emit(s, E_LOSS_SOCIALISED, market, a, reference, part, lots, total, debtor)
        if share > part:
            transfer(s, a, dust, share - part)
            emit(s, E_SHARE_ROUNDED, market, a, reference, share - part, lots, total, debtor)
        index_account(s, a)
    sides = s.rules[s.markets[m + M_RULES] + R_SHARED_SIDES]
    if sides != SIDES_SHORT:
        s.markets[m + M_SHARED_LONG] += delta
    if sides != SIDES_LONG:
        s.markets[m + M_SHARED_SHORT] -= delta


@inner
def shares_twice(s: State, rules: int) -> bool:
    """Say whether a waterfall shares losses on a second base too, so that every sharing has to say which one it is."""
    for k in range(LAYERS):  # noqa: SIM110 - the compiler knows no generators
        if s.rules[rules + R_LAYER + k] == LAYER_HAIRCUT:
            return True
    return False


@seldom
def socialise(s: State, market: int, debtor: int, layer: int, amount: int, reference: int) -> int:
    """Charge a loss to those who share it by rule and hand it to the debtor. Returns what could not be shared."""
    rules = s.markets[(market << MARKET) + M_RULES]
    code = s.rules[rules + (R_SHARED_BASE if layer == LAYER_SOCIALISE else R_SHARED_SECOND_BASE)]
    if code in (SHARED_BY_EQUITY, SHARED_BY_DEPOSIT):
        count, total = collect_accounts(s, market, debtor, code)
    else:
        count, total = collect_positions(s, market, debtor, code)
    most = total
    if s.rules[rules + R_SHARED_MOST] < MILLION:
        most = ppm_floor(total, s.rules[rules + R_SHARED_MOST])
    pay = amount if amount < most else most
    delta = 0
    if code == SHARED_BY_POSITION:
        pay = amount if total > 0 else 0
        delta = mul_div_ceil(pay, index_scale(s, market, pay, total), total) if pay > 0 else 0
    if pay <= 0:
        emit(s, E_LAYER_SKIPPED, market, debtor, reference, layer, BOUND_ROOM, amount, -1)
        return amount
    if code != SHARED_BY_PROFIT or shares_twice(s, rules):
        emit(s, E_SHARING_STARTED, market, debtor, reference, pay, code, delta, layer)
    sort_pairs(s, count)
    if code == SHARED_BY_POSITION:
        charge_index(s, market, debtor, pay, count, total, delta, reference)
    else:
        charge_shares(s, market, debtor, pay, count, total, reference)
    s.stats[(market << STATS) + T_SOCIALISED] += pay
    return amount - pay
