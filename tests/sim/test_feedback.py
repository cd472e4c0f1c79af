"""Feedback of forced flow: nothing where it is off, worked by hand where it is on, conserved always; makers whose capital is firm."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from shortfall.engine.bulk import Holdings, load_holdings, set_prices
from shortfall.engine.exchange import Exchange
from shortfall.kernels import feedback as kernel
from shortfall.kernels import stress
from shortfall.model.capacity import Capacity
from shortfall.sim.depth_law import AT_100BPS
from shortfall.sim.liquidity import FEEDBACKS, LEVELS, OFF, ON, Feedback
from shortfall.sim.market import CAPITAL, MarketInput, finished, open_makers, show_makers
from shortfall.sim.paths import SECOND_US, After, Paths, Shock
from shortfall.sim.run import Outcome, Scenario, run_all
from shortfall.sim.stress import paths_for
from shortfall.sim.variants import under_law

if TYPE_CHECKING:
    from shortfall.sim.market import Laboratory


def plain(function: Any) -> Any:  # noqa: ANN401 - compiled or not
    """Return a kernel's function as Python, whether or not it is compiled."""
    return getattr(function, "py_func", function)


def fall(
    lab: Laboratory, feedback: Feedback = OFF, *, is_firm: bool = False, gap_ppm: int = -200_000, fund: int = 10**13
) -> Scenario:
    """Return a fall over ten seconds with a fund that is too small."""
    return Scenario(paths_for(lab, Shock(gap_ppm, 10 * SECOND_US), After("hold")), "common", fund, feedback, is_firm)


def recorded(lab: Laboratory, scenario: Scenario) -> tuple[Outcome, np.ndarray]:
    """Return an outcome with its steps of the first market."""
    outcome = run_all(lab, [scenario], record=True)[0]
    assert outcome.series is not None
    return outcome, outcome.series[:, 0]


def test_a_feedback_of_zero_is_none_to_the_last_bit(middle_lab: Laboratory) -> None:
    """Parameters that do nothing (an impact of 0, a share of 0, whatever the times) leave every number as it is."""
    nothing = Feedback("nothing", "", 0, 17, 0, 23)
    (plain, steps), (same, others) = (
        recorded(middle_lab, fall(middle_lab)),
        recorded(middle_lab, fall(middle_lab, nothing)),
    )
    assert plain.results == same.results
    assert np.array_equal(plain.extra, same.extra)
    assert np.array_equal(steps, others)
    assert plain.extra[0, stress.O_SHIFT] == 0
    assert plain.extra[0, stress.O_REHEDGED] == 0


def test_forced_sales_push_the_index_down_and_forced_purchases_up(middle_lab: Laboratory) -> None:
    """The sign of the shift is the sign of the gap, and more is liquidated than without it."""
    for gap in (-200_000, 200_000):
        on, off = (run_all(middle_lab, [fall(middle_lab, one, gap_ppm=gap)])[0] for one in (ON, OFF))
        assert np.sign(on.extra[0, stress.O_SHIFT]) == np.sign(gap)
        assert on.results[0].liquidated_notional > off.results[0].liquidated_notional


def test_the_shift_follows_the_makers_purchases_worked_by_hand(middle_lab: Laboratory) -> None:
    """Nothing decays: at every step the index that is fed is the path times 1 - impact x (what the makers bought) / (bids within 1 %)."""
    only = Feedback("made", "", 10_000)
    scenario = fall(middle_lab, only)
    _, steps = recorded(middle_lab, scenario)
    rows = middle_lab.ladder.reshape(-1, 3)
    near = int(rows[rows[:, 0] <= 10_000, 1].sum())
    bought = steps[:, stress.Z_MAKERS].astype(float)
    assert bought.max() > 0
    assert (np.diff(bought) >= 0).all()  # nobody sells to them in reverse here, so every purchase pushes down
    # the shift of a step is from what the makers had noted when it began: what they held after the step before
    wanted = -10_000 * 1_000 * bought[:-1] / near
    np.testing.assert_allclose(
        steps[1:, stress.Z_SHIFT], wanted, atol=len(steps)
    )  # each step rounds down by less than 1 ppb
    last = scenario.paths.shocked_ticks[-1, 0]
    assert steps[-1, stress.Z_INDEX] == pytest.approx(last * (1 + steps[-2, stress.Z_SHIFT] / 1e9), abs=1.01)


def test_a_share_of_what_was_cut_comes_back_after_the_delay(middle_lab: Laboratory) -> None:
    """The hedging account never holds more than a tenth of the cuts of ten seconds before, opposite to the winners' closes."""
    later = Feedback("made", "", 0, 0, 100_000, 10 * SECOND_US)
    outcome, steps = recorded(middle_lab, fall(middle_lab, later, fund=0))
    cuts, held, times = (steps[:, column] for column in (stress.Z_ADL_LOTS, stress.Z_REHEDGED, stress.Z_TIME))
    assert cuts[-1] > 0  # shorts were closed by purchases, so hedgers sell again
    assert (held <= 0).all()
    first = times[np.flatnonzero(cuts)[0]]
    assert (held[times < first + 10 * SECOND_US] == 0).all()
    known = np.searchsorted(times, times - 10 * SECOND_US, side="right") - 1
    due = np.where(known >= 0, cuts[np.maximum(known, 0)] // 10, 0)
    assert (-held <= due).all()
    assert -held[-1] == due[-1]  # an hour later all of it is done
    assert outcome.extra[0, stress.O_REHEDGED] == held[-1]


@pytest.mark.parametrize("name", [name for name in FEEDBACKS if name != "off"])
def test_money_and_positions_are_conserved_whatever_is_fed_back(pool_lab: Laboratory, name: str) -> None:
    """`run_all` raises otherwise; the answer does not depend on threads, and a run without it afterwards is as before."""
    scenarios = [
        fall(pool_lab, FEEDBACKS[name], gap_ppm=gap, is_firm=firm)
        for gap in (-300_000, 250_000)
        for firm in (False, True)
    ]
    before = run_all(pool_lab, [fall(pool_lab)])[0]
    one, two = run_all(pool_lab, scenarios), run_all(pool_lab, scenarios, threads=2)
    after = run_all(pool_lab, [*scenarios, fall(pool_lab)])[-1]
    assert all(a.results == b.results and np.array_equal(a.extra, b.extra) for a, b in zip(one, two, strict=True))
    assert after.results == before.results
    assert np.array_equal(after.extra, before.extra)
    assert all(int(found.extra[0, stress.O_DRIFT]) == 0 for found in one)


def test_firm_makers_never_hold_more_than_their_capital(middle_lab: Laboratory) -> None:
    """At the mark of their last look; what the mark moves within a step is all that it can be more (2 % of 20 % a tenth of a second)."""
    lab = replace(middle_lab, maker_capital=middle_lab.maker_capital // 5)
    loose, firm = (run_all(lab, [fall(lab, gap_ppm=200_000, is_firm=one)])[0] for one in (False, True))
    assert loose.extra[0, stress.O_MAKERS_PEAK] > 2 * lab.maker_capital
    assert 0.9 * lab.maker_capital < firm.extra[0, stress.O_MAKERS_PEAK] < 1.02 * lab.maker_capital


def test_a_shift_is_forgotten_with_its_time_constant(middle_lab: Laboratory) -> None:
    """At a step of length t all but t of a minute's 60 seconds is kept, then the new purchases push: computed here in whole numbers."""
    minute = 60 * SECOND_US
    _, steps = recorded(middle_lab, fall(middle_lab, Feedback("made", "", 10_000, minute)))
    rows = middle_lab.ladder.reshape(-1, 3)
    near = int(rows[rows[:, 0] <= 10_000, 1].sum())
    shift, held, before, wanted = 0, 0, int(steps[0, stress.Z_TIME]), [0]
    for k in range(1, len(steps)):
        elapsed = int(steps[k, stress.Z_TIME]) - before
        before += elapsed
        kept = -shift * (minute - elapsed) // minute if elapsed < minute else 0
        bought = int(steps[k - 1, stress.Z_MAKERS]) - held
        held += bought
        assert bought >= 0
        shift = -kept - bought * 10_000_000 // near
        wanted.append(shift)
    assert steps[:, stress.Z_SHIFT].tolist() == wanted
    assert min(wanted) < wanted[-1] <= 0


def test_a_shift_stays_inside_the_scale_and_half_of_the_price(middle_lab: Laboratory) -> None:
    """An impact of 100 % for the depth within 1 % moves the price by half, and no further. A price is never 0 nor the end of the scale."""
    outcome, steps = recorded(middle_lab, fall(middle_lab, Feedback("made", "", 1_000_000)))
    assert int(outcome.extra[0, stress.O_SHIFT]) == steps[:, stress.Z_SHIFT].min() == -500_000_000
    assert steps[:, stress.Z_INDEX].min() > 0
    assert plain(kernel.shifted)(1_000, 0, 10_000) == 1_000
    assert plain(kernel.shifted)(1_000, -500_000_000, 10_000) == 500
    assert plain(kernel.shifted)(1, -500_000_000, 10_000) == 1
    assert plain(kernel.shifted)(9_000, 500_000_000, 10_000) == 9_999


def test_the_law_of_the_crash_is_what_the_makers_show(middle_lab: Laboratory) -> None:
    """The kernel's depth at the nearest level never lies above the law's path, and reaches its lowest."""
    paths = under_law(
        paths_for(middle_lab, Shock(-100_000, 300 * SECOND_US, step_us=SECOND_US), After("hold")),
        AT_100BPS,
        middle_lab.inputs[0].mark_ticks,
    )
    outcome = run_all(middle_lab, [Scenario(paths, "common", 10**15)], record=True)[0]
    assert outcome.series is not None
    shown = outcome.series[:, 0, stress.Z_DEPTH]
    assert (shown <= paths.depth_ppm).all()
    # 10 % of the price before in five minutes: in the last ten seconds from 0.90333 to 0.9, ln 0.0036969 (anchor 0.0034361), from the high
    # ln 0.1053605 (anchor 0.1030829); 252,669 ppm ** ((1.07590 + 1.02209) / 2) = 236,200
    assert paths.depth_ppm.min() == pytest.approx(236_200, rel=0.001)


@pytest.fixture
def one_position(btc_inputs: tuple[MarketInput, ...]) -> Laboratory:
    """Return one long of 1,000 lots (1 BTC) at 10x on BTCUSDT, at mark, against one short that is never short of money.

    A book of two levels: 1 % from the anchor 300 lots, 2 % from it 5,000. No fees; the fund pays but takes nothing over.
    """
    item = btc_inputs[0]
    changed = item.spec.rules.changed("takeover.fund=no").changed("close.style=market")
    spec = replace(
        item.spec,
        rules=changed.changed("close.liquidation_fee=0ppm").changed("fees.taker=0ppm").changed("fees.maker=0ppm"),
    )
    item = replace(item, spec=replace(spec, fund=CAPITAL), interest_lots=1_000_000)
    exchange = Exchange(
        [item.spec],
        capacity=Capacity(accounts=64, positions=64, markets=1, orders=1 << 12, pages=1 << 10, heap=1 << 12),
    )
    makers = open_makers(exchange, [item])
    set_prices(exchange, 0, item.mark_ticks)
    worth = 1_000 * item.mark_ticks * item.contract.multiplier
    sizes = np.array([1_000, -1_000], np.int64)
    load_holdings(
        exchange,
        0,
        Holdings(sizes, np.array([worth, -worth], np.int64), np.array([worth // 10, 100 * worth], np.int64)),
    )
    show_makers(exchange, 0, makers[0])
    lab = finished(exchange, (item,), makers, 2)
    ladder = np.zeros((LEVELS, 3), np.int64)
    ladder[0], ladder[1] = (10_000, 300, 300), (20_000, 5_000, 5_000)
    ladder[2:, 0] = np.arange(LEVELS - 2) * 1_000 + 30_000
    return replace(lab, ladder=ladder.reshape(-1))


def test_one_position_against_a_static_book_to_the_unit(one_position: Laboratory) -> None:
    """The outside price falls by 12 % at once, below bankruptcy at 10 %: all 1,000 lots leave by a market order, the fund pays the deficit.

    In ticks: mark 631,111, makers' anchor floor(631,111 x 0.88) = 555,377. Bids: 300 lots at 555,377 - (5,553 + 1) = 549,823, then 700 of
    5,000 at 555,377 - (11,107 + 1) = 544,269. A lot is worth 100 units a tick: 300 x 549,823 x 100 + 700 x 544,269 x 100 = 54,593,520,000.
    It was bought for 1,000 x 631,111 x 100 = 63,111,100,000 with a tenth of that as margin, 6,311,110,000: short of 2,206,470,000.
    """
    lab = one_position
    start, anchor = 631_111, 555_377
    assert (lab.inputs[0].mark_ticks, lab.inputs[0].contract.multiplier) == (start, 100)
    ticks = np.array([[start], [anchor]], np.int64)
    times = np.array([1, 2], np.int64) * SECOND_US
    paths = Paths(times, ticks, np.full_like(ticks, start), np.full(2, 1_000_000, np.int64), 1)
    outcome, steps = recorded(lab, Scenario(paths, "common", 10**12))
    result = outcome.results[0]
    assert (result.accounts, result.book_lots, result.fills) == (1, 1_000, 2)
    assert result.book_notional == 54_593_520_000
    assert result.deficit == result.cash_paid == 2_206_470_000
    assert int(outcome.extra[0, stress.O_CASH_AFTER]) == 10**12 - 2_206_470_000
    assert int(outcome.extra[0, stress.O_MAKERS_BOUGHT]) == 1_000 * anchor * 100
    assert int(steps[-1, stress.Z_MAKERS]) == 1_000
