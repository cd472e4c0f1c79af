"""Strategies in a shock: the arithmetic of two legs, queue, margins and sizes by hand."""

from __future__ import annotations

import numpy as np
import pytest

from shortfall.sim.paths import Paths
from shortfall.sim.position import Cut
from shortfall.sim.strategy import Batch, ProviderRun, batches, margin_of, outside_at, own_close, rehedged, sizes_around

SECOND = 1_000_000
# a short of 10 lots entered at 100; the outside falls by 1 a second from 90 at 5 s, and stays at 80 from 15 s on
TIMES = np.arange(1, 401, dtype=np.int64) * SECOND
OUTSIDE = np.clip(90 - np.maximum(TIMES // SECOND - 5, 0), 80, 90).reshape(-1, 1)
PATHS = Paths(TIMES, OUTSIDE, OUTSIDE, np.full(400, SECOND, np.int64), 15)
# cut whole at 7 s: the outside is at 88, the mark here at 89, closed at 92 (three worse for a short)
CUT = Cut(2 * SECOND, -10, 92, 89)


def test_a_hedger_pays_for_both_legs() -> None:
    # own leg: -10 x (89 - 92) x unit 2 = 60. The leg elsewhere is long 10 from 88: it loses when the outside falls on
    # after 10 s, at 17 s, 80: -10 x (80 - 88) x 2 = 160. Both: 220
    found = rehedged((CUT,), PATHS, 5 * SECOND, 2)
    assert (found[0].own_leg, found[0].other_leg, found[0].both) == (60, 0, 60)
    assert (found[10 * SECOND].own_leg, found[10 * SECOND].other_leg, found[10 * SECOND].both) == (60, 160, 220)
    assert found[300 * SECOND].other_leg == 160


def test_a_gain_of_the_naked_leg_is_shown_as_one() -> None:
    rising = Paths(TIMES, 180 - OUTSIDE, OUTSIDE, PATHS.depth_ppm, 15)
    # the outside rises from 92 to 100 while the leg elsewhere is long 10: it gains 8 x 10 x 2
    assert rehedged((CUT,), rising, 5 * SECOND, 2)[10 * SECOND].other_leg == -160


def test_a_time_beyond_the_path_is_judged_at_its_last_price() -> None:
    assert outside_at(PATHS, 10**12) == 80
    assert outside_at(PATHS, 7 * SECOND) == 88


def test_margins_here_and_elsewhere_after_a_cut() -> None:
    # short 10 from 100 with 200 posted, unit 1, mark 89: equity 200 + 110 = 310, of 890: 34.83 %
    half = Cut(0, -5, 92, 89)
    # five are cut at 92: 15 given up, 295 left, of 445: 66.29 %. Elsewhere a long from 100: 200 - 110 = 90 of 200
    found = margin_of((half,), -10, 100, 200, 1)
    assert found is not None
    assert (found.here_before_ppm, found.here_after_ppm, found.elsewhere_left_ppm) == (348_314, 662_921, 450_000)
    whole = margin_of((CUT,), -10, 100, 200, 1)
    assert whole is not None
    assert whole.here_after_ppm is None
    assert margin_of((), -10, 100, 200, 1) is None


def test_the_queue_counts_who_was_closed_before_in_each_batch() -> None:
    # shorts are bought back (+): at 1 s accounts 7, 8, then 7 again; at 2 s 9 and mine, 5; longs are another queue
    events = [(1, 7, 3), (1, 8, 2), (1, 7, 1), (1, 4, -9), (2, 9, 1), (2, 5, 4)]
    assert batches(events, -1, 5) == (Batch(1, 2, None), Batch(2, 2, 2))
    assert batches(events, 1, 5) == (Batch(1, 1, None),)


def test_the_size_from_which_an_own_close_needs_the_fund_is_halved_in() -> None:
    # needs it from 37 on: 30 no, 90 yes -> 60 yes, 45 yes, 37 yes, 33 no
    found = own_close("calm", (10, 30, 90, 270), lambda lots: (True, lots >= 37))
    assert (found.enough_lots, found.needs_lots, found.liquidated) == (33, 37, True)
    never = own_close("calm", (10, 30), lambda _: (False, False))
    assert (never.enough_lots, never.needs_lots, never.liquidated) == (30, None, False)
    always = own_close("calm", (10, 30), lambda _: (True, True))
    assert (always.enough_lots, always.needs_lots) == (None, 10)


def test_sizes_stay_within_a_quarter_of_open_interest_and_the_contract() -> None:
    assert sizes_around(-100, 1_000, 10_000) == (1, 3, 10, 30, 100, 250)
    assert max(sizes_around(100, 1_000_000, 120)) == 120


def test_a_deposit_shares_gain_and_loss_of_the_capital() -> None:
    run = ProviderRun("calm", "hold", before=1_000, lowest=700, end=1_100)
    assert run.of_deposit(50, run.end) == 5
    assert run.of_deposit(50, run.lowest) == -15
    assert run.of_deposit(1, 999) == pytest.approx(-1)  # rounded down, against the deposit
