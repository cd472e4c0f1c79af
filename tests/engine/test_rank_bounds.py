"""The words that bound ranks spare a ranking most rows and change nothing of what it finds: checked against plain integers."""

from __future__ import annotations

from decimal import Decimal

import numpy as np
import pytest

from shortfall.engine.bulk import Holdings, build_index, load_holdings, set_prices, settle_books
from shortfall.engine.exchange import Exchange, MarketSpec
from shortfall.kernels import layout as at
from shortfall.kernels._jit import entry
from shortfall.kernels.adl import rank_side
from shortfall.kernels.native import as_state
from shortfall.kernels.rank_bound import PACKED
from shortfall.kernels.winners import BUCKETS, TRIPLE
from shortfall.model.capacity import Capacity
from shortfall.model.commands import Deposit
from shortfall.model.contract import bounded_contract
from shortfall.testing.desk import rules_with
from shortfall.units import Asset, Scale

COUNT = 600
STEPS = 1 << 20
TOP = 1 << 60


@entry
def ranked(handle: object, sign: int, floor: int) -> int:
    """Rank one side of the first market down to a floor. Returns how many."""
    count, _ = rank_side(as_state(handle), 0, sign, floor, 0)
    return count


def crowd(scale: int, seed: int) -> Exchange:
    """Return an exchange with random longs and shorts: young and old entries, hardly any cash and a lot of it."""
    contract = bounded_contract("LIN", Scale(Decimal(1), Decimal(1), Asset("USD", 0)), 1 << 21)
    room = Capacity(accounts=COUNT + 32, positions=COUNT + 32, markets=1, assets=1, rule_sets=2)
    exchange = Exchange([MarketSpec(contract, rules_with())], capacity=room)
    rng = np.random.default_rng(seed)
    size = rng.integers(1, 50, COUNT)
    size[COUNT // 2 :] = -size[: COUNT // 2]
    cost = size * rng.integers(scale * 7 // 10, scale * 13 // 10, COUNT) + rng.integers(-9, 10, COUNT)
    balance = (np.abs(cost) * rng.lognormal(-2, 2, COUNT)).astype(np.int64) - rng.integers(0, scale, COUNT)
    set_prices(exchange, 0, scale)
    load_holdings(exchange, 0, Holdings(size, cost, balance))
    settle_books(exchange)
    build_index(exchange)
    return exchange


def by_hand(exchange: Exchange, sign: int) -> dict[int, int]:
    """Return the rank key of every position of a side, by the formula of the rule in Python's integers."""
    positions = np.asarray(exchange.state.positions).reshape(-1, 8)[: int(exchange.state.header[at.H_POSITIONS])]
    mark = int(exchange.state.markets[at.M_MARK])
    keys = {}
    for p, row in enumerate(positions.tolist()):
        if row[at.P_SIZE] * sign <= 0:
            continue
        value, cost = row[at.P_SIZE] * mark, row[at.P_COST]
        gain = value - cost
        equity = int(exchange.state.accounts[(row[at.P_KEY] >> at.MARKET_BITS) * 8 + at.A_BALANCE]) + gain
        share = gain * STEPS // max(1, abs(cost))
        keys[p] = min(share * abs(value) // max(1, equity) + 1, TOP) if gain > 0 else 0
    return keys


@pytest.mark.parametrize("scale", [40, 1_000_000])
def test_a_ranking_with_bounds_finds_exactly_those_at_or_above_the_floor(scale: int) -> None:
    exchange = crowd(scale, 5)
    handle = exchange.handle.argument
    words = np.asarray(exchange.state.bounds)
    for mark in (scale, scale * 19 // 20, scale * 11 // 10):
        exchange.state.markets[at.M_MARK] = mark
        for sign in (1, -1):
            keys = by_hand(exchange, sign)
            levels = sorted({1, 2, *keys.values()})
            for floor in [level for level in levels[:: max(1, len(levels) // 40)] if level > 0] + levels[-3:]:
                for _ in range(2):  # the first look writes words, the second reads them
                    count = ranked(handle, sign, floor)
                    found = np.asarray(exchange.state.scratch)[BUCKETS : BUCKETS + TRIPLE * count].reshape(-1, TRIPLE)
                    assert {int(p): int(key) for key, p, _ in found} == {p: k for p, k in keys.items() if k >= floor}
    assert np.sum(np.abs(words[:COUNT]) >= PACKED) > COUNT // 2


def test_the_word_of_a_touched_account_says_nothing_any_more() -> None:
    exchange = crowd(1_000_000, 6)
    exchange.state.markets[at.M_MARK] = 900_000
    keys = by_hand(exchange, -1)
    ranked(exchange.handle.argument, -1, max(keys.values()))
    words = np.asarray(exchange.state.bounds)
    rows = [p for p in keys if words[p] <= -PACKED][:50]
    assert len(rows) == 50
    for p in rows:
        account = int(exchange.state.positions[p * 8 + at.P_KEY]) >> at.MARKET_BITS
        exchange.submit(Deposit(account, 1))
    assert np.all(words[rows] == exchange.state.header[at.H_EPOCH])
