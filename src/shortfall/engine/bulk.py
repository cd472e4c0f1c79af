"""Load many accounts at once into an exchange that has none of its own yet: a population, or a user's state.

Positions enter at their entry cost without a counterparty's order; the settlement account and the outside world are set so that
every law holds from the first command on.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from shortfall.errors import CapacityError, Finding, InputError
from shortfall.kernels import audit
from shortfall.kernels import layout as at

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from shortfall.engine.exchange import Exchange


@dataclass(frozen=True, slots=True)
class Holdings:
    """One position per account in one market.

    Parameters
    ----------
    size_lots : array of int64
        Signed sizes, none zero; they must sum to zero.
    entry_cost : array of int64
        Signed cost in settlement units (for a long of a linear contract: size x price x multiplier).
    balance : array of int64
        Cash of each account.
    """

    size_lots: NDArray[np.int64]
    entry_cost: NDArray[np.int64]
    balance: NDArray[np.int64]


def load_holdings(
    exchange: Exchange, market: int, holdings: Holdings, kind: int | NDArray[np.int64] = at.TRADER
) -> int:
    """Append one account per holding and return the first one's id. Call `settle_books` and `build_index` afterwards.

    `kind` is one for all, or one for each.

    Raises
    ------
    InputError
        If sizes do not sum to zero or one is zero.
    CapacityError
        If there is no room.
    """
    count = len(holdings.size_lots)
    if int(holdings.size_lots.sum()) != 0 or not np.all(holdings.size_lots):
        total = int(holdings.size_lots.sum())
        raise InputError(
            [Finding("size_lots", f"Expected sizes that are not zero and sum to zero, was a sum of {total}")]
        )
    header = exchange.state.header
    first, row = int(header[at.H_ACCOUNTS]), int(header[at.H_POSITIONS])
    if first + count > exchange.capacity.accounts or row + count > exchange.capacity.positions:
        message = (
            f"no room for {count} more accounts: capacity is {exchange.capacity.accounts} accounts, {first} in use"
        )
        raise CapacityError(message)
    asset = exchange.names.assets[exchange.specs[market].contract.scale.settlement.code]
    accounts = np.asarray(exchange.state.accounts).reshape(-1, 8)[first : first + count]
    positions = np.asarray(exchange.state.positions).reshape(-1, 8)[row : row + count]
    ids = np.arange(first, first + count)
    accounts[:] = 0
    accounts[:, at.A_BALANCE] = holdings.balance
    accounts[:, at.A_POSITION] = np.arange(row, row + count)
    accounts[:, at.A_COUNT] = 1
    accounts[:, at.A_ORDER] = -1
    accounts[:, at.A_KIND] = kind | asset << at.KIND_ASSET
    accounts[:, at.A_COLLATERAL] = -1
    positions[:] = 0
    positions[:, at.P_SIZE] = holdings.size_lots
    positions[:, at.P_COST] = holdings.entry_cost
    positions[:, at.P_KEY] = ids << at.MARKET_BITS | market
    positions[:, at.P_NEXT] = -1
    header[at.H_ACCOUNTS] = first + count
    header[at.H_POSITIONS] = row + count
    m = market << at.MARKET
    longs = holdings.size_lots[holdings.size_lots > 0]
    exchange.state.markets[m + at.M_OPEN_INTEREST] += int(longs.sum())
    exchange.state.markets[m + at.M_SETTLEMENT] -= int(holdings.entry_cost.sum())
    for column, sign in ((at.M_LONG_FIRST, 1), (at.M_SHORT_FIRST, -1)):
        mine = row + np.flatnonzero(holdings.size_lots * sign > 0)
        before = int(exchange.state.markets[m + column + 1])
        exchange.state.markets[m + column] = (
            min(int(exchange.state.markets[m + column]), int(mine[0])) if before else int(mine[0])
        )
        exchange.state.markets[m + column + 1] = max(before, int(mine[-1]) + 1)
    return first


def settle_books(exchange: Exchange) -> None:
    """Let the outside world be what makes the sums zero, once everything is loaded."""
    balances = np.asarray(exchange.state.accounts).reshape(-1, 8)
    used = balances[: int(exchange.state.header[at.H_ACCOUNTS])]
    for number, _ in enumerate(exchange.assets):
        outside = int(exchange.state.assets[(number << at.ROW) + at.S_OUTSIDE])
        mine = used[:, at.A_KIND] >> at.KIND_ASSET == number
        settlement = sum(
            int(exchange.state.markets[(k << at.MARKET) + at.M_SETTLEMENT])
            for k in range(len(exchange.specs))
            if int(exchange.state.markets[(k << at.MARKET) + at.M_ASSET]) == number
        )
        total = int(used[mine, at.A_BALANCE].sum()) - int(used[outside, at.A_BALANCE])
        exchange.state.accounts[(outside << at.ROW) + at.A_BALANCE] = -total - settlement


def build_index(exchange: Exchange) -> None:
    """Compute every trigger price and sort them. The mark must be set."""
    run = np.asarray(exchange.state.run)
    for market in range(len(exchange.specs)):
        for side, column in enumerate((at.M_RUN_LONG, at.M_RUN_SHORT)):
            count = int(audit.collect_run(exchange.handle.argument, market, side))
            start = int(exchange.state.markets[(market << at.MARKET) + column])
            run[start : start + count].sort()


def set_prices(exchange: Exchange, market: int, price_ticks: int) -> None:
    """Set index, mark and last price of a market without liquidating anybody (before `build_index`)."""
    m = market << at.MARKET
    for column in (at.M_INDEX, at.M_MARK, at.M_LAST, at.M_PREVIOUS_MARK):
        exchange.state.markets[m + column] = price_ticks
    for source in range(at.SOURCES):
        exchange.state.sources[((market * at.SOURCES + source) << at.SOURCE) + at.X_PRICE] = price_ticks


def trigger_prices(exchange: Exchange, first: int, count: int) -> NDArray[np.int64]:
    """Return the price in ticks at which each of a range of single-position accounts falls below maintenance."""
    positions = np.asarray(exchange.state.positions).reshape(-1, 8)
    rows = np.asarray(exchange.state.accounts).reshape(-1, 8)[first : first + count, at.A_POSITION]
    keys = positions[rows, at.P_TRIGGER]
    prices: NDArray[np.int64] = np.where(positions[rows, at.P_SIZE] > 0, at.NO_PRICE - keys, keys)
    return prices
