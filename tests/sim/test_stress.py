"""The main job: conserved, independent of threads and of what ran before, and right where a hand can check it."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

import numpy as np
import pytest

from shortfall.data.series import load_series
from shortfall.data.snapshot import load_snapshot
from shortfall.errors import InputError
from shortfall.sim.findgap import Cell, intervals
from shortfall.sim.market import Laboratory, beta_of, build, gather, tiers_of
from shortfall.sim.measures import measure
from shortfall.sim.members import member
from shortfall.sim.observed import ORDERS, expand, observed_paths
from shortfall.sim.paths import SECOND_US, After, Shock
from shortfall.sim.run import Outcome, Scenario, run_all
from shortfall.sim.stress import Request, check_request, fund_of, paths_for, stress

FUND = 1_093_930_577_965_631  # 793,930,579.315848 USDT + 299,999,998.6497832 USDC, in millionths, rounded down


def shocked(
    lab: Laboratory, gap_ppm: int, *, over_us: int = 10 * SECOND_US, fund: int = FUND, mode: str = "common"
) -> Scenario:
    """Return a scenario of a laboratory."""
    return Scenario(paths_for(lab, Shock(gap_ppm, over_us, mode), After("hold")), mode, fund)


def same(one: Outcome, two: Outcome) -> bool:
    """Say whether two outcomes are equal in everything they report."""
    return one.results == two.results and np.array_equal(one.extra, two.extra)


def test_the_answer_does_not_depend_on_threads_or_on_what_ran_before(middle_lab: Laboratory) -> None:
    """Law 11: one thread, two threads, other order, alone."""
    scenarios = [shocked(middle_lab, gap) for gap in (-50_000, -150_000, 100_000, -300_000)]
    one = run_all(middle_lab, scenarios, threads=1)
    two = run_all(middle_lab, scenarios, threads=2)
    back = run_all(middle_lab, scenarios[::-1], threads=1)[::-1]
    alone = [run_all(middle_lab, [scenario])[0] for scenario in scenarios]
    for others in (two, back, alone):
        assert all(same(a, b) for a, b in zip(one, others, strict=True))


def test_recording_the_steps_changes_nothing(middle_lab: Laboratory) -> None:
    """The recorded run ends where the unrecorded one does, and its last row says so."""
    scenario = shocked(middle_lab, -150_000)
    plain = run_all(middle_lab, [scenario])[0]
    recorded = run_all(middle_lab, [scenario], record=True)[0]
    assert same(plain, recorded)
    assert recorded.series is not None
    assert recorded.series[-1, 0, 11] == plain.results[0].liquidated_notional


def test_a_calm_world_costs_the_fund_nothing(middle_lab: Laboratory) -> None:
    """No move, nobody liquidated, the fund's cash as it was."""
    found = measure(middle_lab, run_all(middle_lab, [shocked(middle_lab, -1)])[0])
    assert found.result.accounts == 0
    assert found.fund_cash_after == FUND
    assert not found.fund_pays
    assert not found.deleverages


@pytest.mark.parametrize("gap", [-600_000, -200_000, -30_000, 30_000, 200_000, 600_000])
@pytest.mark.parametrize("mode", ["common", "venue", "source"])
def test_the_value_book_adds_up_to_the_unit_in_every_direction_and_mode(
    pool_lab: Laboratory, gap: int, mode: str
) -> None:
    """Layers = returned - left behind, for every member of the pool; run_all has checked conservation already."""
    outcome = run_all(pool_lab, [shocked(pool_lab, gap, mode=mode)])[0]
    for result in outcome.results:
        if result.adl_by_loss_lots == 0:
            assert result.value.difference == 0


def test_adl_leaves_long_and_short_open_interest_equal(middle_lab: Laboratory) -> None:
    """A gap that exhausts the fund's capacity cuts winners; sizes still sum to zero (drift of sizes and costs is 0)."""
    outcome = run_all(middle_lab, [shocked(middle_lab, -500_000)])[0]
    assert outcome.results[0].adl_lots > 0
    assert int(outcome.extra[0, 1]) == 0


def test_capacity_binds_at_the_whole_fund(middle_lab: Laboratory) -> None:
    """Inventory taken in a fall never exceeds 100 % of the fund's cash: what it began with plus what it collected on the way."""
    result = run_all(middle_lab, [shocked(middle_lab, -300_000, fund=10**14)])[0].results[0]
    assert 0 < result.inventory_peak_notional <= 10**14 + result.surplus + result.fees


def test_more_fund_never_means_more_deleveraging(middle_lab: Laboratory) -> None:
    """Law 13 on a ladder of funds."""
    funds = [0, 10**12, 10**13, 10**14, 10**15, 10**16]
    outcomes = run_all(middle_lab, [shocked(middle_lab, -200_000, fund=fund) for fund in funds])
    cut = [outcome.results[0].adl_lots for outcome in outcomes]
    assert cut == sorted(cut, reverse=True)
    assert cut[0] > 0
    assert cut[-1] == 0


def test_a_venue_only_shock_leaves_the_index_alone_and_a_median_mark_near_it(middle_lab: Laboratory) -> None:
    """Makers fall by 20 %, the index does not: the mark is the median and follows at most the basis average."""
    outcome = run_all(middle_lab, [shocked(middle_lab, -200_000, mode="venue")], record=True)[0]
    assert outcome.series is not None
    start = middle_lab.inputs[0].mark_ticks
    assert (outcome.series[:, 0, 1] == start).all()
    common = run_all(middle_lab, [shocked(middle_lab, -200_000)])[0]
    assert outcome.results[0].accounts < common.results[0].accounts


def test_one_wicking_source_of_three_moves_the_index_by_its_clamp_only(middle_lab: Laboratory) -> None:
    """A source 20 % below counts as 1 % below the median, with a third of the weight: 0.33 %."""
    outcome = run_all(middle_lab, [shocked(middle_lab, -200_000, mode="source")], record=True)[0]
    assert outcome.series is not None
    start = middle_lab.inputs[0].mark_ticks
    assert outcome.series[:, 0, 1].min() >= start * 0.9966 - 1
    assert outcome.series[:, 0, 1].min() < start


def test_the_pool_counts_dollars_at_par_and_names_what_it_leaves_out() -> None:
    """793,930,579.315848 + 299,999,998.6497832 = 1,093,930,577.9656312; BTC is named, not counted."""
    cash, note = fund_of(load_snapshot("binance", "BTCUSDT"))
    assert cash == Decimal("1093930577.9656312")
    assert "61.73143554 BTC" in note


def test_an_unknown_fund_stays_unknown_and_is_swept() -> None:
    """SUIUSDT: no pool figure; the answer is the fund needed, by population, never a default."""
    assert fund_of(load_snapshot("binance", "SUIUSDT"))[0] is None
    request = Request(
        "binance",
        "SUIUSDT",
        Shock(-200_000, 10 * SECOND_US),
        (After("hold"),),
        (member("middle"),),
        accounts=1_000,
        halve=False,
    )
    answer = stress(request)
    assert answer.fund_cash is None
    assert answer.needed is not None
    needed = answer.needed["middle"]
    assert needed is not None
    point = {p.fund_cash: p for p in answer.sweep}
    assert point[needed].deleveraged["middle"] == 0
    below = [p for p in answer.sweep if p.fund_cash < needed]
    assert below[-1].deleveraged["middle"] > 0


def test_the_pool_is_stressed_with_its_members_unless_alone() -> None:
    """BTC brings ETH and BNB; alone it does not. BNB has no series of its own: beta 1.13 of ETH's stand-in is said to be so."""
    symbols = [item.contract.symbol for item in gather("binance", "BTCUSDT", alone=False)]
    assert symbols[0] == "BTCUSDT"
    assert set(symbols) == {"BTCUSDT", "ETHUSDT", "BNBUSDT"}
    assert len(gather("binance", "BTCUSDT", alone=True)) == 1


def test_the_beta_of_a_contract_on_itself_is_one() -> None:
    """By definition; ETH on BTC lies above 0.5 in the recorded series."""
    btc, eth = load_snapshot("binance", "BTCUSDT"), load_snapshot("binance", "ETHUSDT")
    assert beta_of(btc, btc) == 1.0
    assert 0.5 < beta_of(btc, eth) < 2.0


def test_the_ladder_of_the_ninth_of_october_is_what_the_core_gets() -> None:
    """BTCUSDT: 0.4 % maintenance and 150x up to 300,000; initial rate 1/150 rounded up in ppm."""
    first = tiers_of(load_snapshot("binance", "BTCUSDT"))[0]
    assert (first.top_notional, first.initial_ppm, first.maintenance_ppm) == (Decimal(300_000), 6_667, 4_000)


def test_an_observed_path_imposes_the_recorded_low() -> None:
    """10 Oct 2025: the BTC bars' lowest price over their first open, applied to the snapshot's mark, within two ticks."""
    inputs = gather("binance", "BTCUSDT", alone=True)
    trade = load_series("binance/BTCUSDT_trade_15m_2025-10-10")
    lowest = float(min(trade.low_price)) / float(trade.open_price[0]) * inputs[0].mark_ticks
    paths = observed_paths(inputs, "oct10", "low first")
    assert paths.calm_ticks.min() == pytest.approx(lowest, abs=2)
    assert paths.shocked_ticks.min() >= paths.calm_ticks.min()


def test_each_order_of_a_bar_visits_its_points_in_turn() -> None:
    """A bar 100, 120, 90, 110: low first falls before it rises, high first the other way round."""
    trade = load_series("binance/BTCUSDT_trade_15m_2025-10-10")
    for order in ORDERS:
        prices = expand(trade, order, 1.0, 60)
        assert len(prices) == 60 * len(trade)
    low_first = expand(trade, "low first", 1.0, 60)[:60]
    assert low_first.argmin() < low_first.argmax()


def test_every_wrong_option_is_told_at_once() -> None:
    """Three findings in one error."""
    wrong = Request("binance", "BTCUSDT", Shock(0, step_us=1), accounts=3)
    with pytest.raises(InputError) as raised:
        check_request(wrong)
    assert {finding.path for finding in raised.value.findings} >= {"--gap", "--step", "--accounts"}


def test_intervals_keep_holes() -> None:
    """ADL at 2 %, not at 4 %, again at 6 % and 8 %: two intervals, nothing assumed in between."""
    yes, no = (True, True, True), (False, False, False)
    cells = [Cell(-gap * 10_000, 1, {"m": yes if gap != 4 else no}) for gap in (2, 4, 6, 8)]
    assert intervals(cells, 1, -1, 2) == [(20_000, 20_000), (60_000, 80_000)]
    assert intervals(cells, 1, 1, 2) == []


def test_a_what_if_changes_who_pays(middle_lab: Laboratory) -> None:
    """Without the fund's takeover nothing is inherited and winners are cut for more."""
    changed = build(gather("binance", "BTCUSDT", alone=True, changes=("takeover.fund=no",)), member("middle"), 2_000, 1)
    base = run_all(middle_lab, [shocked(middle_lab, -200_000)])[0].results[0]
    what_if = run_all(changed, [shocked(changed, -200_000)])[0].results[0]
    assert what_if.taken_lots == 0
    assert what_if.adl_lots > base.adl_lots
    assert replace(what_if, value=base.value) != base
