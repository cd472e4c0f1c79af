"""A laboratory of the user's own accounts: the state of a file instead of a synthetic population, everything else equal.

Longs and shorts of one contract have to balance. What the file lacks is held by a named account of the outside world, which is
never liquidated, deleveraged or charged, and is stated.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

import numpy as np

from shortfall.engine.bulk import Holdings, load_holdings, set_prices
from shortfall.engine.exchange import Exchange
from shortfall.errors import CapacityError, Finding, InputError, ensure
from shortfall.kernels import layout as at
from shortfall.model.capacity import Capacity, power_of_two
from shortfall.model.commands import ImposedFill
from shortfall.sim.market import backed, finished, imposed, open_makers, show_makers
from shortfall.sim.members import Member
from shortfall.sim.run import replay

if TYPE_CHECKING:
    from datetime import date
    from pathlib import Path

    from numpy.typing import NDArray

    from shortfall.data.account_state import AccountState
    from shortfall.sim.market import Laboratory, MarketInput
    from shortfall.sim.run import Scenario

OWN: Final = Member("own accounts", 0.0, 0.0, 0.0, 0.0, "the user's own accounts, read from a file")
UNMATCHED: Final = "unmatched open interest (outside)"
MOST_EVENTS: Final = 1 << 22


def load_own(path: Path, venue: str, symbol: str, salt: bytes, as_of: date | None) -> AccountState:
    """Read a state file for a venue's contract; see `shortfall.data.account_state.load_account_state`."""
    from shortfall.data.account_state import load_account_state  # noqa: PLC0415 - beside its only user
    from shortfall.sim.market import contract_of, snapshot_for  # noqa: PLC0415 - the same
    from shortfall.sim.venues import find_venue  # noqa: PLC0415 - the same

    return load_account_state(path, contract_of(snapshot_for(find_venue(venue), symbol)), salt, as_of)


def own_input(item: MarketInput, state: AccountState) -> MarketInput:
    """Return a market with the mark of the file, where it has one, and the open interest of its accounts."""
    longs, shorts = sides(state)
    return replace(
        item,
        mark_ticks=item.mark_ticks if state.mark_ticks is None else state.mark_ticks,
        interest_lots=max(longs, shorts),
    )


def sides(state: AccountState) -> tuple[int, int]:
    """Return (lots held long, lots held short), the fund's inventory included."""
    longs = int(state.size_lots[state.size_lots > 0].sum()) + max(0, state.inventory_lots)
    shorts = -int(state.size_lots[state.size_lots < 0].sum()) + max(0, -state.inventory_lots)
    return longs, shorts


def build_own(item: MarketInput, state: AccountState, *, observed: bool = False, events: int = 1 << 12) -> Laboratory:
    """Return a laboratory of the accounts of a file.

    Raises
    ------
    InputError
        If the file states an inventory of a fund that the rules do not have.
    InvariantViolationError
        If a law does not hold for what was loaded.
    """
    spec = backed(imposed(item.spec) if observed else item.spec)
    count = len(state.size_lots)
    room = Capacity(
        accounts=count + 65, positions=count + 129, orders=1 << 12, pages=1 << 10, events=events, heap=1 << 17
    )
    exchange = Exchange([spec], capacity=room)
    makers = open_makers(exchange, [item])
    set_prices(exchange, 0, item.mark_ticks)
    order = _by_risk(state, item.mark_ticks * item.contract.multiplier)
    sizes, costs, cash = (column[order] for column in (state.size_lots, state.entry_cost, state.balance))
    total = int(sizes.sum())
    kinds = np.full(count, at.TRADER, np.int64)
    if total:
        worth = -total * item.mark_ticks * item.contract.multiplier
        sizes, costs, cash, kinds = (
            np.append(column, last) for column, last in ((sizes, -total), (costs, worth), (cash, 0), (kinds, at.HOUSE))
        )
    first = load_holdings(exchange, 0, Holdings(sizes, costs, cash), kinds)
    if total:
        exchange.names.ids[UNMATCHED] = first + count
    if state.inventory_lots:
        _give_inventory(exchange, item, state)
    show_makers(exchange, 0, makers[0])
    lab = finished(exchange, (item,), makers, count)
    exchange.read_event_rows()
    return lab


def _by_risk(state: AccountState, mark_value: int) -> NDArray[np.int64]:
    """Return the order by side and distance to bankruptcy, then by what the accounts hold: the file's order decides nothing."""
    lots = state.size_lots
    equity = state.balance + lots * mark_value - state.entry_cost
    distance = equity / (np.abs(lots).astype(np.float64) * mark_value)
    key = np.where(lots > 0, distance, distance + 2 * (np.abs(distance).max(initial=0.0) + 1))
    order = np.argsort(key, kind="stable")
    same = np.zeros(len(order) + 1, np.bool_)
    same[1:-1] = np.diff(key[order]) == 0
    tied = np.flatnonzero(same[1:] | same[:-1])
    mine = order[tied]
    order[tied] = mine[np.lexsort((state.balance[mine], state.entry_cost[mine], lots[mine], key[mine]))]
    return order


def _give_inventory(exchange: Exchange, item: MarketInput, state: AccountState) -> None:
    """Give the fund what it holds at its entry price, against what is unmatched in the file."""
    fund = exchange.holder(0, at.M_FUND)
    if fund < 0:
        raise InputError([Finding("inventory", f"Expected no inventory: the rules of {item.venue.code} have no fund")])
    other = exchange.names.ids.get(UNMATCHED)
    if other is None:
        other = exchange.open_account(UNMATCHED, at.HOUSE)
    worth = abs(state.inventory_lots) * item.contract.multiplier
    ticks = (2 * abs(state.inventory_cost) + worth) // (2 * worth)
    exchange.must(ImposedFill(fund, 0, state.inventory_lots, ticks, other))


def below_maintenance(lab: Laboratory) -> int:
    """Return how many traders are below maintenance at the mark before the shock begins."""
    state = lab.exchange.state
    positions = np.asarray(state.positions).reshape(-1, 8)[: int(state.header[at.H_POSITIONS])]
    kinds = np.asarray(state.accounts).reshape(-1, 8)[positions[:, at.P_KEY] >> at.MARKET_BITS, at.A_KIND]
    mine = (kinds & ((1 << at.KIND_ASSET) - 1)) == at.TRADER
    lots, keys = positions[mine, at.P_SIZE], positions[mine, at.P_TRIGGER]
    prices = np.where(lots > 0, at.NO_PRICE - keys, keys)
    mark = lab.inputs[0].mark_ticks
    return int(np.count_nonzero(((lots > 0) & (prices >= mark)) | ((lots < 0) & (prices <= mark))))


@dataclass(frozen=True, slots=True)
class Cover:
    """What the largest deficits of single accounts come to in one run; only from the user's own accounts.

    Parameters
    ----------
    deficits : tuple of int, or None
        Of the accounts with the largest ones, largest first, as many as were asked for, in settlement units; None where they are unknown.
    reason : str
        Why they are unknown.
    """

    deficits: tuple[int, ...] | None
    reason: str = ""

    def loss(self, largest: int) -> int | None:
        """Return what the `largest` accounts with the largest deficits are short together."""
        return None if self.deficits is None else sum(self.deficits[:largest])


def room_for_events(accounts: int) -> int:
    """Return the events that a laboratory should have room for so that a run can be read account by account."""
    return min(MOST_EVENTS, power_of_two(1 << 14 | 16 * accounts))


def cover_of(lab: Laboratory, scenario: Scenario, most: int = 2) -> Cover:
    """Run a scenario once more, with its events, and add the deficits up by account."""
    try:
        outcome, state = replay(lab, scenario)
    except CapacityError:
        return Cover(None, "too many events to read account by account")
    rows = np.asarray(state.events).reshape(-1, 8)[: int(state.header[at.H_EVENTS])]
    rows = rows[rows[:, at.V_KIND] >> at.MARKET_BITS == at.E_CLIP_CLOSED]
    equity, retained = rows[:, at.V_C], rows[:, at.V_D]
    short = np.maximum(0, np.maximum(0, -equity) - np.maximum(0, -retained))
    who, number = np.unique(rows[:, at.V_ACCOUNT], return_inverse=True)
    each = np.zeros(len(who), np.int64)
    np.add.at(each, number, short)
    known = outcome.results[0].deficit
    if int(each.sum()) != known:
        return Cover(None, "the rules do not close account by account")
    largest = tuple(int(amount) for amount in np.sort(each)[::-1][:most] if amount > 0)
    ensure(sum(largest) <= known, "the largest deficits are no more than all of them", largest=largest, all=known)
    return Cover(largest)
