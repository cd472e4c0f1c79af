"""What stands at the door while there is a deficit that nobody covers yet: a withdrawal leaves its share of it behind."""

from __future__ import annotations

from typing import TYPE_CHECKING

from shortfall.kernels._jit import inner
from shortfall.kernels.events import emit
from shortfall.kernels.layout import (
    A_BALANCE,
    E_WITHDRAWAL_CUT,
    H_ACCOUNTS,
    H_MARKETS,
    HOLDER,
    M_ASSET,
    M_FUND,
    M_RULES,
    MARKET,
    R_SHARED_WITHDRAWAL,
    ROW,
    WITHDRAWAL_CUT,
)
from shortfall.kernels.ledger import asset_of, kind_of, transfer
from shortfall.kernels.margin import equity_of
from shortfall.kernels.unit import seldom
from shortfall.kernels.wide import mul_div_ceil

if TYPE_CHECKING:
    from shortfall.kernels.native import State


@inner
def cutting_market(s: State, asset: int) -> int:
    """Return the first market of an asset whose rules cut withdrawals and that has a fund to cut them for, or -1."""
    for market in range(s.header[H_MARKETS]):
        m = market << MARKET
        if (
            s.markets[m + M_ASSET] == asset
            and s.markets[m + M_FUND] >= 0
            and s.rules[s.markets[m + M_RULES] + R_SHARED_WITHDRAWAL] == WITHDRAWAL_CUT
        ):
            return market
    return -1


@inner
def gap_and_deposits(s: State, asset: int, fund: int) -> tuple[int, int]:
    """Return (deficit at mark beyond the fund's cash, positive balances), over traders and makers of an asset."""
    gap = 0
    deposits = 0
    for a in range(s.header[H_ACCOUNTS]):
        if kind_of(s, a) >= HOLDER or asset_of(s, a) != asset:
            continue
        balance = s.accounts[(a << ROW) + A_BALANCE]
        deposits += balance if balance > 0 else 0
        equity = equity_of(s, a)
        gap -= equity if equity < 0 else 0
    cash = s.accounts[(fund << ROW) + A_BALANCE]
    gap -= cash if cash > 0 else 0
    return (gap if gap > 0 else 0), deposits


@seldom
def withhold(s: State, a: int, amount: int) -> int:
    """Move a withdrawal's share of the open deficit to the fund. Returns what was withheld, from 0 to the whole amount."""
    market = cutting_market(s, asset_of(s, a))
    if market < 0 or amount <= 0 or kind_of(s, a) >= HOLDER:
        return 0
    fund = s.markets[(market << MARKET) + M_FUND]
    gap, deposits = gap_and_deposits(s, asset_of(s, a), fund)
    if gap <= 0:
        return 0
    share = mul_div_ceil(amount, gap, deposits + gap)
    transfer(s, a, fund, share)
    emit(s, E_WITHDRAWAL_CUT, market, a, fund, share, amount, gap, deposits)
    return share
