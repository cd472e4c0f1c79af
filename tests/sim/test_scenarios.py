"""Named scenarios: what the kernel is given is what their names say, by hand."""

from __future__ import annotations

import json
from dataclasses import replace

import numpy as np
import pytest
from click.testing import CliRunner

from shortfall.cli.scenarios import scenarios as command
from shortfall.cli.stress import stress as stress_command
from shortfall.data.worst_moves import MOVES, group_of, worst_move
from shortfall.engine.bulk import Holdings
from shortfall.errors import InputError
from shortfall.kernels import layout as at
from shortfall.kernels import stress as kernel
from shortfall.sim.depeg import MILLION, Depeg, devalued
from shortfall.sim.largest import largest_lots
from shortfall.sim.market import Laboratory, MarketInput, build
from shortfall.sim.members import FAMILY, member
from shortfall.sim.paths import MINUTE_US, SECOND_US, After, Paths, Shock
from shortfall.sim.run import Scenario, run_all
from shortfall.sim.scenarios import CATALOGUE, KINDS, LEFT_OUT, PriceScenario, scenario_from_text
from shortfall.sim.stress import Request, paths_for, stress

BEGIN = 5 * SECOND_US  # five calm seconds come first


def paths(text: str, after: str = "hold") -> Paths:
    """Return the paths of two markets that begin at 1000 and 500 ticks; the second has a beta of 1.2."""
    share = 500_000 if after == "rebound" else 0
    return scenario_from_text(text).paths(After(after, share), (1_000, 500), (1.0, 1.2), (16_000, 8_000))


def at_time(found: Paths, seconds: float) -> int:
    return int(np.searchsorted(found.times_us, BEGIN + int(seconds * SECOND_US)))


def test_every_name_is_one_and_says_what_kind_of_path_it_is() -> None:
    names = [one.name for one in CATALOGUE]
    assert len(set(names)) == len(names)
    assert {one.kind for one in CATALOGUE} <= set(KINDS)
    assert [one.name for one in CATALOGUE if one.kind == "observed"] == ["oct10"]
    assert not [one for one in CATALOGUE if one.kind == "driver"]
    assert "driver paths" in {name for name, _ in LEFT_OUT}


@pytest.mark.parametrize("one", [one for one in CATALOGUE if one.legs], ids=lambda one: one.name)
def test_every_path_begins_where_the_market_is_and_stays_inside_its_scale(one: PriceScenario) -> None:
    found = one.paths(After("hold"), (1_000, 500), (1.0, 1.2), (16_000, 8_000))
    assert (np.diff(found.times_us) > 0).all()
    assert found.shocked_ticks[:5].tolist() == [[1_000, 500]] * 5
    assert found.shocked_ticks.min() > 0
    assert found.shocked_ticks[found.shock_end, 0] == round(1_000 * (1 + one.legs[-1].to_ppm / 1_000_000))
    assert found.depth_ppm[:5].tolist() == [1_000_000] * 5
    assert found.depth_ppm.min() == min(leg.depth_ppm for leg in one.legs)
    finer = one.halved().paths(After("hold"), (1_000,), (1.0,), (16_000,))
    assert finer.shocked_ticks[finer.shock_end, 0] == found.shocked_ticks[found.shock_end, 0]


@pytest.mark.parametrize("one", [one for one in CATALOGUE if one.legs], ids=lambda one: one.name)
def test_every_stated_scenario_runs_on_the_engine_and_conserves_money(one: PriceScenario, pool_lab: Laboratory) -> None:
    outcome = run_all(pool_lab, [Scenario(paths_for(pool_lab, one, After("hold")), one.mode, 10**14)])[0]
    assert outcome.extra[:, kernel.O_DRIFT].tolist() == [0] * len(pool_lab.inputs)
    others = sum(result.liquidated_notional for result in outcome.results[1:])
    assert one.joint or others == 0


def test_a_v_comes_back_and_every_member_moves_by_its_beta() -> None:
    found = paths("v-crash")
    # -20 % after five minutes: 1000 -> 800, and with a beta of 1.2 by 24 %: 500 -> 380; ten minutes later both are back
    assert found.shocked_ticks[at_time(found, 300)].tolist() == [800, 380]
    assert found.shocked_ticks[at_time(found, 900)].tolist() == [1_000, 500]


def test_an_outage_is_one_step_in_which_nothing_is_seen() -> None:
    found = paths("outage-10m-crash")
    during = (found.times_us > BEGIN) & (found.times_us <= BEGIN + 10 * MINUTE_US)
    assert int(during.sum()) == 1
    assert found.shocked_ticks[during].tolist() == [[800, 380]]


def test_a_delayed_index_is_the_outside_price_of_thirty_seconds_before() -> None:
    found = paths("oracle-delay-crash")
    # a straight line to -20 % in 60 s: outside at 45 s is 1000 x (1 - 0.2 x 45 / 60) = 850, the index that of 15 s: 950
    row = at_time(found, 45)
    assert (found.shocked_ticks[row, 0], found.calm_ticks[row, 0]) == (850, 950)
    assert found.calm_ticks[at_time(found, 90), 0] == 800


def test_a_stale_index_repeats_its_old_value_and_then_jumps() -> None:
    found = paths("stale-oracle-crash")
    assert found.calm_ticks[at_time(found, 570), 0] == 1_000
    assert found.calm_ticks[at_time(found, 630), 0] == 800


def test_a_wick_of_this_venue_moves_neither_the_index_nor_other_members() -> None:
    found = paths("venue-wick-crash")
    assert found.shocked_ticks[at_time(found, 5)].tolist() == [800, 500]
    assert set(found.calm_ticks[:, 0].tolist()) == {1_000}


def test_a_rebound_gives_half_of_the_move_back_in_five_minutes() -> None:
    found = paths("gap-crash", "rebound")
    assert found.shocked_ticks[-1].tolist() == [900, 440]  # 800 + 200 / 2, 380 + 120 / 2


def test_a_multiple_is_taken_in_logarithms() -> None:
    # 0.8 ** 1.5 = 0.715542 and 1.2 ** 1.5 = 1.314534; 0.188382 ** 1.5 = 0.081763
    assert scenario_from_text("gap-crash*1.5").legs[0].to_ppm == -284_458
    assert scenario_from_text("gap-pump*1.5").legs[0].to_ppm == 314_534
    assert scenario_from_text("large-alts-1h-fall*1.5").legs[0].to_ppm == -918_237


def test_two_scenarios_after_one_another_start_where_the_first_ends() -> None:
    both = scenario_from_text("gap-crash+slide-crash+largest")
    assert [leg.to_ppm for leg in both.legs] == [-200_000, -360_000]  # 0.8 x 0.8 = 0.64
    assert both.largest


@pytest.mark.parametrize(
    "text",
    [
        "gap",
        "gap-crash*",
        "gap-crash*0",
        "gap-crash*11",
        "oct10*2",
        "oct10+largest",
        "largest",
        "gap-crash+venue-wick-crash",
    ],
)
def test_what_is_no_scenario_is_refused(text: str) -> None:
    with pytest.raises(InputError, match="--scenario"):
        scenario_from_text(text)


def test_the_sizes_of_historical_shocks_are_the_retyped_ones() -> None:
    for move in MOVES:
        assert abs(float(move.to_price) / float(move.from_price) - 1 - move.move_ppm / 1_000_000) < 1e-6
    assert worst_move("majors", 1, "fall").symbol == "ETHUSDT"
    assert [group_of(base) for base in ("BTC", "SUI", "KAS", "NOBODY")] == ["majors", "large-alts"] + 2 * ["small-alts"]


def test_the_largest_accounts_stand_just_above_maintenance_within_open_interest(
    btc_inputs: tuple[MarketInput, ...],
) -> None:
    item = btc_inputs[0]
    lab = build(btc_inputs, member("middle"), 1_000, 1, largest=True)
    lots = largest_lots(item.spec, item.mark_ticks, item.interest_lots)
    assert lots
    assert 2 * sum(lots) <= item.interest_lots
    exchange = lab.exchange
    assert int(exchange.state.markets[at.M_OPEN_INTEREST]) == item.interest_lots
    positions = np.asarray(exchange.state.positions).reshape(-1, 8)
    for size in lots:
        for sign in (1, -1):
            rows = np.flatnonzero(positions[:, at.P_SIZE] == sign * size)
            account = int(positions[rows[0 if sign > 0 else -1], at.P_KEY]) >> at.MARKET_BITS
            _, counted, need = exchange.health(account)
            assert counted - need == size * item.mark_ticks * item.contract.multiplier * 5_000 // 1_000_000


def test_the_command_lists_what_there_is_and_what_is_left_out() -> None:
    found = json.loads(CliRunner().invoke(command, ["--json"], catch_exceptions=False).stdout)
    assert found["schema"] == "shortfall.scenarios/1"
    assert len(found["scenarios"]) == len(CATALOGUE)
    text = CliRunner().invoke(command, [], catch_exceptions=False).output
    assert "ETHUSDT" in text
    assert "left out" in text


def test_a_stress_run_takes_a_named_scenario() -> None:
    words = ["binance", "BTCUSDT", "--alone", "--accounts", "1000", "--member", "hot", "--threads", "1"]
    run = CliRunner().invoke(
        stress_command, [*words, "--scenario", "venue-wick-crash", "--json"], catch_exceptions=False
    )
    found = json.loads(run.stdout)
    assert found["request"]["scenario"]["name"] == "venue-wick-crash"
    assert {one["after"].partition(" +")[0] for one in found["runs"]} == {"hold"}
    index = found["runs"][0]["series"]["index"]
    assert max(index) == min(index)
    text = CliRunner().invoke(stress_command, [*words, "--scenario", "gap-pump"], catch_exceptions=False).output
    assert "scenario gap-pump (shock)" in text


def test_a_scenario_states_the_price_itself() -> None:
    words = ["binance", "BTCUSDT", "--scenario", "v-crash", "--gap", "-10%", "--depth-left", "5%"]
    with pytest.raises(InputError) as caught:
        CliRunner().invoke(stress_command, words, catch_exceptions=False)
    assert len(caught.value.findings) == 2
    with pytest.raises(InputError, match="--find-gap"):
        CliRunner().invoke(
            stress_command, ["binance", "BTCUSDT", "--scenario", "v-crash", "--find-gap"], catch_exceptions=False
        )


def test_collateral_falls_by_its_share_for_the_accounts_concerned_and_rounds_against_them() -> None:
    """35 % of half is 17.5 %: 1,000,001 loses 175,000.175, rounded up 175,001, and keeps 825,000; 7 loses 2 (1.225) and keeps 5."""
    drawn = Holdings(np.array([1, -1]), np.array([5, -5]), np.array([1_000_001, 7]))
    everybody = devalued(drawn, Depeg(350_000, 500_000, MILLION), 1)
    assert everybody.balance.tolist() == [825_000, 5]
    assert everybody.size_lots.tolist() == [1, -1]
    assert devalued(drawn, Depeg(350_000, 500_000, 0), 1).balance.tolist() == [1_000_001, 7]


def test_about_the_stated_share_of_accounts_is_concerned_and_the_seed_says_which() -> None:
    """Of 10,000 accounts 30 % is 3,000; a binomial draw is within 200 of it but once in 100,000 seeds."""
    many = Holdings(np.ones(10_000, np.int64), np.ones(10_000, np.int64), np.full(10_000, MILLION))
    hit = devalued(many, Depeg(100_000, MILLION, 300_000), 5).balance < MILLION
    assert abs(int(hit.sum()) - 3_000) < 200
    assert (hit == (devalued(many, Depeg(100_000, MILLION, 300_000), 5).balance < MILLION)).all()


def test_a_fall_of_the_settlement_currency_moves_every_contract_alike() -> None:
    """A currency at 0.9 makes 1,000 read 1,111 and 500 read 555 or 556, whatever the beta."""
    found = paths("settlement-fall")
    assert found.shocked_ticks[at_time(found, 600)].tolist() == [1_111, 556]


def test_more_is_liquidated_when_collateral_falls_too() -> None:
    """The same 10 % in a minute, with and without the fall of collateral."""
    answers = []
    for text in ("collateral-depeg", "gap-crash*0.4721"):  # ln 0.9 / ln 0.8 = 0.4722: 10 % as well
        asked = Request(
            "binance", "BTCUSDT", Shock(-100_000), accounts=1_000, alone=True, halve=False, members=(FAMILY[0],)
        )
        answers.append(
            stress(replace(asked, scenario=scenario_from_text(text), afters=(After("hold"),))).runs[0].measures
        )
    assert answers[0].result.liquidated_notional > answers[1].result.liquidated_notional
    assert answers[0].result.liquidations > 0
