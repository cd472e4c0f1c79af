"""Populations that have lived: matched, within the tiers, and with nobody who should already be gone."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

import numpy as np
import pytest

from shortfall.data.records import Bars
from shortfall.kernels import layout as at
from shortfall.sim.market import Laboratory, MarketInput, build
from shortfall.sim.members import member
from shortfall.sim.population import History, history_from, levels_of, liquidation_levels, matched

ACCOUNTS = 2_000


def traders(lab: Laboratory) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return (signed lots, entry cost, balance) of the traders of the first market."""
    positions = np.asarray(lab.exchange.state.positions).reshape(-1, 8)[
        : int(lab.exchange.state.header[at.H_POSITIONS])
    ]
    accounts = np.asarray(lab.exchange.state.accounts).reshape(-1, 8)
    owner = positions[:, at.P_KEY] >> at.MARKET_BITS
    mine = ((accounts[owner, at.A_KIND] & 7) == at.TRADER) & ((positions[:, at.P_KEY] & at.MARKET_MASK) == 0)
    return positions[mine, at.P_SIZE], positions[mine, at.P_COST], accounts[owner[mine], at.A_BALANCE]


def test_longs_and_shorts_each_hold_the_recorded_open_interest(middle_lab: Laboratory) -> None:
    """87,278.562 BTC on each side: 87,278,562 lots of 0.001."""
    lots, _, _ = traders(middle_lab)
    assert int(lots[lots > 0].sum()) == 87_278_562
    assert int(lots[lots < 0].sum()) == -87_278_562
    assert len(lots) == ACCOUNTS


def test_nobody_in_a_fresh_population_is_below_maintenance(middle_lab: Laboratory) -> None:
    """Whoever would be was liquidated on the way; the laws hold before the first command."""
    middle_lab.exchange.check_laws()
    middle_lab.exchange.check_nobody_overlooked()
    assert middle_lab.exchange.latent_deficit() == 0


def test_nobody_holds_more_leverage_at_entry_than_the_tier_allows(middle_lab: Laboratory) -> None:
    """Entry notional over balance is at most 150x, and at most 50x beyond 3 M USDT (tier 4 of the ladder)."""
    _, cost, balance = traders(middle_lab)
    leverage = np.abs(cost) / balance
    assert leverage.max() <= 150.0
    large = np.abs(cost) > 12_000_000 * 10**6
    assert large.any()
    assert leverage[large].max() <= 50.0


def test_who_was_liquidated_on_the_way_is_not_there(btc_inputs: tuple[MarketInput, ...]) -> None:
    """A past crash of 60 % below the mark leaves no old long with leverage above 2.5."""
    item = btc_inputs[0]
    mark = float(item.mark_ticks)
    flat = np.full(60, mark)
    low = flat.copy()
    low[-1] = 0.4 * mark
    lowest = np.append(np.full(59, 0.4 * mark), mark)
    crashed = History(low, flat, lowest, np.full(60, mark), 1.0, "made by hand")
    lab = build((replace(item, history=crashed),), member("calm"), ACCOUNTS, 1)
    lots, cost, balance = traders(lab)
    old_longs = (lots > 0) & (np.abs(cost) / np.abs(lots) / item.contract.multiplier > 0.99 * mark)
    leverage = np.abs(cost[old_longs]) / balance[old_longs]
    fresh = leverage > 2.6
    assert fresh.mean() < 0.35  # only those opened in the last bar can have more; they are a minority of a calm member
    assert len(leverage) > 100


def test_the_history_ends_at_the_mark_and_knows_its_extremes() -> None:
    """Three bars rescaled to a mark of 200: extremes since each bar look forward only."""
    bars = Bars(
        "by hand", "binance", "X", "mark", "USDT", 3600, "by hand", "", (0, 3600, 7200),
        *(tuple(Decimal(x) for x in row) for row in ((90, 100, 80), (110, 120, 105), (85, 70, 75), (100, 80, 100))),
    )  # fmt: skip
    history = history_from(bars, 200)
    assert list(history.low) == [170.0, 140.0, 150.0]
    assert list(history.lowest_since) == [140.0, 150.0, 200.0]
    assert list(history.highest_since) == [240.0, 210.0, 200.0]


@pytest.mark.parametrize("interest", [10, 11, 1_000, 999_983])
def test_scaling_to_open_interest_is_exact_on_both_sides(interest: int) -> None:
    """Sizes 1, 2, 3 long and 4, 5 short become the open interest exactly, nobody at zero."""
    lots = matched(np.array([1, 2, 3, -4, -5]), interest)
    assert int(lots[lots > 0].sum()) == interest
    assert int(lots[lots < 0].sum()) == -interest
    assert (lots != 0).all()


def test_the_same_seed_gives_the_same_population(btc_inputs: tuple[MarketInput, ...]) -> None:
    """Byte for byte; another seed gives another one."""
    first, second, other = (build(btc_inputs, member("middle"), ACCOUNTS, seed) for seed in (7, 7, 8))
    for one, two in zip(first.exchange.state.arrays(), second.exchange.state.arrays(), strict=True):
        if one is not first.exchange.state.units:
            assert np.array_equal(one, two)
    assert not np.array_equal(np.asarray(first.exchange.state.positions), np.asarray(other.exchange.state.positions))


def test_liquidation_levels_are_sums_of_notional_by_distance() -> None:
    """Mark 1,000 ticks, 10 units a tick and lot: longs at 995 (0.5 %) and 870 (13 %), shorts at 1,012 (1.2 %) and already touched at 990.

    Notional is 2 x 1,000 x 10 = 20,000 and so on; a touched one counts at distance zero.
    """
    levels = levels_of(np.array([2, 3, -4, -1]), np.array([995, 870, 1_012, 990]), 1_000, 10, (0.0, 0.01, 0.1, np.inf))
    assert list(levels.longs) == [20_000, 0, 30_000]
    assert list(levels.shorts) == [10_000, 40_000, 0]


def test_levels_of_a_laboratory_hold_all_open_interest_of_a_market(middle_lab: Laboratory) -> None:
    """Longs and shorts each: 87,278,562 lots x 631,111 ticks x 100 units, makers left out."""
    levels = liquidation_levels(middle_lab)
    assert len(levels.longs) == len(levels.edges) - 1
    assert int(levels.longs.sum()) == int(levels.shorts.sum()) == 87_278_562 * 631_111 * 100
    assert levels.longs[0] + levels.shorts[0] < levels.longs[-1] + levels.shorts[-1]
