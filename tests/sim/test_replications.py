"""Replications: draws by number, the same bytes however a run is run, one path again, and what rows come to, by hand."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from dataclasses import replace
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from click.testing import CliRunner

from shortfall.cli.replicate import replicate as command
from shortfall.data.run_store import RunStore, query
from shortfall.errors import DataError, InputError, InvariantViolationError
from shortfall.kernels._jit import source_digest
from shortfall.report.sheets import sheet_of
from shortfall.report.sheets.page import sheet_page
from shortfall.sim.liquidity import OFF, ON
from shortfall.sim.market import gather
from shortfall.sim.members import member
from shortfall.sim.paths import After, Shock
from shortfall.sim.replications.answers import Halving, answer_of, between, chance, correlation, ranks
from shortfall.sim.replications.blocks import COLUMNS, laboratory
from shortfall.sim.replications.draws import draw, drawn_paths, population_seed
from shortfall.sim.replications.manifest import SCHEMA, check_same, manifest_of
from shortfall.sim.replications.one_path import one_path
from shortfall.sim.replications.plan import Case, plan_of
from shortfall.sim.replications.replicate import replicate
from shortfall.sim.run import Scenario, run_all
from shortfall.sim.scenarios import scenario_from_text
from shortfall.sim.stress import Request, paths_for

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from shortfall.sim.market import Laboratory, MarketInput
    from shortfall.sim.replications.plan import Plan

SHOCK = Shock(-200_000)
FUND = Decimal(10_000_000)  # so small that somebody is deleveraged
WORDS = [
    "binance", "BTCUSDT", "--alone", "--accounts", "1000", "--count", "4", "--member", "calm", "--member", "hot",
    "--fund", "10000000",
]  # fmt: skip


@pytest.fixture(scope="module")
def plan(btc_inputs: tuple[MarketInput, ...]) -> Plan:
    request = Request(
        "binance", "BTCUSDT", SHOCK, accounts=1_000, alone=True, members=(member("calm"), member("hot")), fund=FUND
    )
    return replace(plan_of(request, btc_inputs, 6, source_digest()), feedbacks=(OFF,))


@pytest.fixture(scope="module")
def rows(plan: Plan, btc_inputs: tuple[MarketInput, ...]) -> dict[str, list[Any]]:
    return replicate(plan, btc_inputs)


# -- draws -----------------------------------------------------------------------------------------------------------------


def test_a_draw_depends_on_seed_and_number_and_nothing_else() -> None:
    first, again = draw(1, 17, SHOCK), draw(1, 17, SHOCK)
    assert (first.left_ppm, first.refill_ppm, first.scale_ppm, first.after) == (
        again.left_ppm, again.refill_ppm, again.scale_ppm, again.after,
    )  # fmt: skip
    assert np.array_equal(first.bridge, again.bridge)
    assert first.left_ppm != draw(2, 17, SHOCK).left_ppm
    assert first.left_ppm != draw(1, 18, SHOCK).left_ppm
    assert population_seed(1, 0) != population_seed(1, 1)


def test_draws_lie_within_their_laws_and_fill_them() -> None:
    draws = [draw(3, k, SHOCK) for k in range(400)]
    left = np.array([one.left_ppm for one in draws])
    assert left.min() >= 333_333
    assert left.max() <= 3_000_000
    # log-uniform on 1/3 to 3: median 1; the logarithm has density 1 / log(9), so its median deviates by log(9) / (2 * 20) = 0.055
    assert abs(np.log(np.median(left) / 1e6)) < 4 * 0.055
    kinds = [one.after.kind for one in draws]
    assert {kind: 90 < kinds.count(kind) < 180 for kind in set(kinds)} == {"hold": True, "rebound": True, "drift": True}
    rebounds = [one.after.share_ppm for one in draws if one.after.kind == "rebound"]
    assert min(rebounds) >= 0
    assert max(rebounds) <= 1_000_000  # twice the stated half
    middle = np.array([one.bridge[16] for one in draws])
    # 5 % of a shock of 20 % is 1 %: 10,000 ppm; 400 draws put the deviation within 15 % of it (4 standard errors of 1 / sqrt(800))
    assert middle.std() == pytest.approx(10_000, rel=0.15)
    assert all(one.bridge[0] == 0 == one.bridge[-1] and one.walk[0] == 0 for one in draws)


def test_what_comes_after_is_told_in_the_direction_of_the_shock() -> None:
    drawn = draw(1, 0, SHOCK)
    half_back = replace(drawn, after=After("rebound", 500_000))
    assert half_back.after_move_ppm(-200_000) == -100_000  # half of 20 % back is 10 % of the price against the shock
    assert replace(drawn, after=After("drift", -50_000)).after_move_ppm(-200_000) == 50_000
    assert replace(drawn, after=After("drift", 50_000)).after_move_ppm(-200_000) == -50_000
    assert replace(drawn, after=After("hold")).after_move_ppm(-200_000) == 0


def test_the_stated_size_is_kept_and_depth_is_as_drawn(middle_lab: Laboratory) -> None:
    drawn = replace(draw(1, 5, SHOCK), left_ppm=2_000_000, refill_ppm=500_000, scale_ppm=1_500_000, after=After("hold"))
    paths = drawn_paths(middle_lab, SHOCK, drawn)
    stated = paths_for(middle_lab, SHOCK, drawn.after)
    end = paths.shock_end
    assert paths.shocked_ticks[end, 0] == stated.shocked_ticks[end, 0]
    assert np.array_equal(paths.shocked_ticks[:5], stated.shocked_ticks[:5])
    assert not np.array_equal(paths.shocked_ticks[5:end], stated.shocked_ticks[5:end])
    assert paths.depth_ppm[0] == 1_500_000  # full depth, 1.5 times the recorded
    assert paths.depth_ppm[end] == 300_000  # 10 % stated, twice that drawn, of 1.5 times
    # refill of 300 s halved: 150 s after the end 1 - 0.8 * exp(-1) = 0.705696, times 1.5
    after = int(np.searchsorted(paths.times_us, paths.times_us[end] + 150_000_000))
    assert paths.times_us[after] == paths.times_us[end] + 150_000_000
    assert paths.depth_ppm[after] == pytest.approx(1_058_545, abs=2)


def test_half_the_step_sees_the_same_path_more_often(middle_lab: Laboratory) -> None:
    drawn = draw(1, 3, SHOCK)
    whole, half = (drawn_paths(middle_lab, replace(SHOCK, step_us=step), drawn) for step in (100_000, 50_000))
    common = np.isin(half.times_us, whole.times_us)
    assert np.array_equal(half.times_us[common], whole.times_us)
    assert np.array_equal(half.shocked_ticks[common], whole.shocked_ticks)
    assert np.array_equal(half.depth_ppm[common], whole.depth_ppm)


def test_a_named_scenario_is_drawn_around_as_well(middle_lab: Laboratory) -> None:
    asked = scenario_from_text("v-crash")
    drawn = draw(1, 0, asked)
    paths = drawn_paths(middle_lab, asked, drawn)
    stated = asked.paths(After("hold"), [middle_lab.inputs[0].mark_ticks], [1.0], [10**9])
    assert drawn.after.kind == "hold"
    assert paths.shocked_ticks[paths.shock_end, 0] == stated.shocked_ticks[paths.shock_end, 0]


# -- the plan --------------------------------------------------------------------------------------------------------------


def test_path_numbers_lead_back_to_blocks(plan: Plan) -> None:
    # 6 replications: 6 // 10 = 0, so one a population; 2 members, 1 fund: path = replication * 2 + member
    assert (plan.per_population, plan.populations, len(plan.blocks())) == (1, 6, 12)
    place = plan.place(7)
    assert (place.replication, place.block.member, place.case, place.block.population) == (3, 1, 0, 3)
    large = replace(plan, count=1_000)
    assert (large.per_population, large.populations) == (10, 100)
    assert replace(plan, count=25).per_population == 1  # 25 // 10 = 2 does not divide 25
    with pytest.raises(InputError, match="0 to 11"):
        plan.place(12)
    both = replace(plan, feedbacks=(OFF, ON), funds=(1, 2))  # cases: (1, off), (1, on), (2, off), (2, on)
    place = both.place(31)  # (3 * 2 + 1) * 4 + 3
    assert (place.replication, place.block.member, both.cases[place.case]) == (3, 1, Case(2, ON))


def test_every_path_number_is_met_once_and_in_its_block(plan: Plan, rows: dict[str, list[Any]]) -> None:
    numbers = [path for path, half in zip(rows["path"], rows["halved"], strict=True) if not half]
    assert sorted(numbers) == list(range(12))
    assert sum(rows["halved"]) == 8  # 4 populations of 2 members again at half the step
    for path, population in zip(rows["path"], rows["population"], strict=True):
        assert plan.place(path).block.population == population


def test_what_cannot_be_replicated_is_refused_together(btc_inputs: tuple[MarketInput, ...]) -> None:
    request = Request("binance", "BTCUSDT", SHOCK, path="oct10", members=())
    with pytest.raises(InputError) as caught:
        plan_of(request, btc_inputs, 1, "")
    assert {finding.path for finding in caught.value.findings} == {"--scenario", "--count", "--member"}


def test_an_unknown_fund_is_run_at_three_sizes() -> None:
    inputs = gather("binance", "SUIUSDT", alone=True)
    plan = plan_of(Request("binance", "SUIUSDT", SHOCK), inputs, 10, "")
    item = inputs[0]
    interest = item.interest_lots * item.mark_ticks * item.contract.multiplier
    assert plan.funds == (interest // 1_000, interest // 100, interest // 10)


# -- rows ------------------------------------------------------------------------------------------------------------------


def test_a_row_is_what_the_engine_alone_comes_to(
    plan: Plan, rows: dict[str, list[Any]], btc_inputs: tuple[MarketInput, ...]
) -> None:
    place = plan.place(11)
    lab = laboratory(plan, btc_inputs, place.block)
    drawn = draw(1, place.replication, SHOCK)
    found = run_all(lab, [Scenario(drawn_paths(lab, SHOCK, drawn), "common", plan.funds[0])])[0].results[0]
    at = rows["path"].index(11)
    assert (rows["adl_lots"][at], rows["liquidated_notional"][at]) == (found.adl_lots, found.liquidated_notional)
    assert found.adl_lots > 0


def test_a_path_runs_again_exactly_and_tells_its_events(
    plan: Plan, rows: dict[str, list[Any]], btc_inputs: tuple[MarketInput, ...]
) -> None:
    at = rows["path"].index(11)
    kept = {name: cells[at] for name, cells in rows.items()}
    found = one_path(plan, btc_inputs, 11, kept)
    assert found.row["events"] == sum(one.count for one in found.happened)
    cut = [event for _, event in found.story if event.name == "PositionDeleveraged"]
    assert sum(abs(event["lots"]) for event in cut) == kept["adl_lots"]
    assert len(cut) == kept["adl_closes"]
    times = [time_us for time_us, _ in found.story]
    assert times == sorted(times)
    assert times[0] >= 5_000_000  # five calm seconds come first
    with pytest.raises(InvariantViolationError, match="what was kept"):
        one_path(plan, btc_inputs, 11, kept | {"adl_lots": kept["adl_lots"] + 1})


# -- the same bytes --------------------------------------------------------------------------------------------------------


def content(folder: Path) -> dict[str, bytes]:
    return {
        str(place.relative_to(folder)): place.read_bytes() for place in sorted(folder.rglob("*")) if place.is_file()
    }


def kept(plan: Plan, inputs: tuple[MarketInput, ...], folder: Path, workers: int = 1) -> dict[str, bytes]:
    store = RunStore(folder)
    store.begin(manifest_of(plan, inputs, {}))
    replicate(plan, inputs, store, workers=workers)
    return content(folder)


def test_workers_do_not_change_a_byte_and_an_interrupted_run_goes_on_to_the_same(
    plan: Plan, rows: dict[str, list[Any]], btc_inputs: tuple[MarketInput, ...], tmp_path: Path
) -> None:
    one = kept(plan, btc_inputs, tmp_path / "one")
    assert one == kept(plan, btc_inputs, tmp_path / "three", workers=3)
    store = RunStore(tmp_path / "cut")
    store.begin(manifest_of(plan, btc_inputs, {}))
    with pytest.raises(KeyboardInterrupt):
        replicate(plan, btc_inputs, store, workers=2, progress=interrupting_after(5))
    left = {part: part.stat().st_ino for part in (tmp_path / "cut" / "paths").iterdir()}
    assert 5 <= len(left) < 12
    told: list[tuple[int, int, int]] = []
    again = replicate(plan, btc_inputs, store, workers=2, progress=lambda *counts: told.append(counts))
    assert told[0] == (len(left), len(left), 12)
    assert {part: part.stat().st_ino for part in left} == left  # what was done is not done again
    assert content(tmp_path / "cut") == one
    assert again == rows
    assert list(again) == list(COLUMNS)


def interrupting_after(blocks: int) -> Callable[[int, int, int], None]:
    def progress(done: int, _before: int, _all: int) -> None:
        if done >= blocks:
            raise KeyboardInterrupt

    return progress


def shortfall(*words: str, **environment: str) -> subprocess.CompletedProcess[str]:
    start = "from shortfall.cli.main import main; main()"
    return subprocess.run(
        [sys.executable, "-c", start, *words], check=True, capture_output=True, text=True, env=os.environ | environment
    )


@pytest.mark.slow
def test_an_interrupt_stops_after_the_blocks_that_run_and_says_how_to_go_on(tmp_path: Path) -> None:
    folder = tmp_path / "run"
    words = ["replicate", *WORDS, "--count", "400", "--no-halve", "--workers", "2", "--out", str(folder)]
    start = "from shortfall.cli.main import main; main()"
    with subprocess.Popen([sys.executable, "-c", start, *words], stderr=subprocess.PIPE, text=True) as run:
        for _ in range(600):
            if len(list(folder.glob("paths/part-*"))) >= 2:
                break
            time.sleep(0.1)
        run.send_signal(signal.SIGINT)
        _, told = run.communicate(timeout=60)
    assert run.returncode == 130
    assert f"go on with: shortfall replicate --resume {folder}" in " ".join(told.split())
    assert 2 <= len(list(folder.glob("paths/part-*"))) < 80
    assert not list(folder.glob("paths/.*"))


@pytest.mark.slow
def test_hash_seeds_and_a_ray_cluster_do_not_change_a_byte(tmp_path: Path) -> None:
    words = ["replicate", *WORDS, "--json", "--no-halve", "--feedback", "off", "--out"]
    one = shortfall(*words, str(tmp_path / "one"), "--workers", "1", PYTHONHASHSEED="1")
    cluster = shortfall(*words, str(tmp_path / "cluster"), "--workers", "2", "--ray", PYTHONHASHSEED="2")
    assert content(tmp_path / "one") == content(tmp_path / "cluster")
    assert one.stdout == cluster.stdout
    assert len(content(tmp_path / "one")) == 1 + 8  # the manifest and a part for each of 4 populations of 2 members


# -- the folder ------------------------------------------------------------------------------------------------------------


def test_a_folder_is_refused_twice_and_a_run_with_other_inputs_does_not_go_on(
    plan: Plan, btc_inputs: tuple[MarketInput, ...], tmp_path: Path
) -> None:
    manifest = manifest_of(plan, btc_inputs, {"symbol": "BTCUSDT"})
    store = RunStore(tmp_path / "run")
    store.begin(manifest)
    assert store.manifest() == manifest
    with pytest.raises(DataError, match="new or empty"):
        store.begin(manifest)
    other = {**manifest, "seed": 2, "versions": {**manifest["versions"], "numpy": "1.0"}}
    with pytest.raises(DataError) as caught:
        check_same(manifest, other, "run")
    assert {finding.path for finding in caught.value.findings} == {"run: seed", "run: versions.numpy"}


def test_a_part_that_is_no_part_is_told(plan: Plan, btc_inputs: tuple[MarketInput, ...], tmp_path: Path) -> None:
    store = RunStore(tmp_path / "run")
    store.begin(manifest_of(plan, btc_inputs, {}))
    store.part(0).write_bytes(b"PAR1")
    with pytest.raises(DataError, match="part-000000") as caught:
        store.read([0, 1])
    assert len(caught.value.findings) == 2


def test_rows_come_back_as_written_and_answer_sql(tmp_path: Path) -> None:
    store = RunStore(tmp_path / "run")
    store.begin({})
    store.write(0, SCHEMA, {"member": ["calm", "hot"], "adl_lots": [0, 2**62]})
    assert store.read([0]) == {"member": ["calm", "hot"], "adl_lots": [0, 2**62]}
    names, found = query(store.folder, "SELECT member, adl_lots > 0 AS cut FROM paths ORDER BY member")
    assert (names, found) == (("member", "cut"), [("calm", False), ("hot", True)])
    with pytest.raises(DataError, match="disabled"):
        query(store.folder, f"COPY paths TO '{tmp_path / 'out.csv'}'")
    with pytest.raises(DataError, match="found none"):
        query(tmp_path, "SELECT 1")


# -- answers ---------------------------------------------------------------------------------------------------------------


def test_ranks_and_their_correlation_by_hand() -> None:
    assert ranks(np.array([10.0, 20.0, 20.0, 5.0])).tolist() == [2.0, 3.5, 3.5, 1.0]
    # (1, 2, 3) against (1, 3, 2): sum of d^2 = 2, 1 - 6 * 2 / (3 * 8) = 0.5
    assert correlation(np.array([1.0, 2.0, 3.0]), np.array([1.0, 3.0, 2.0])) == pytest.approx(0.5)
    assert correlation(np.array([1.0, 1.0]), np.array([1.0, 2.0])) is None


def test_variance_between_populations_by_hand() -> None:
    # rows (1, 2), (5, 6): mean 3.5, whole 6.25 + 2.25 + 2.25 + 6.25 = 17, within 4 * 0.25 = 1; 1 - 1 / 17 * 3 / 2 = 0.911765
    assert between(np.array([[1.0, 2.0], [5.0, 6.0]])) == pytest.approx(0.911_765**0.5, abs=1e-6)
    assert between(np.array([[1.0, 5.0], [1.0, 5.0]])) == 0.0
    assert between(np.array([[1.0, 2.0]])) is None


def test_a_chance_counts_draws_of_a_population_for_what_they_are_worth() -> None:
    alike = np.array([[1.0, 1.0], [0.0, 0.0], [1.0, 1.0], [0.0, 0.0]])
    apart = np.array([[1.0, 0.0], [0.0, 1.0], [1.0, 0.0], [0.0, 1.0]])
    assert chance(alike).value == chance(apart).value == 0.5
    assert chance(alike).interval.low < chance(apart).interval.low
    assert chance(np.zeros((4, 2))).interval.high == pytest.approx(
        3.841_459 / (8 + 3.841_459)
    )  # Wilson of none of eight


def test_a_change_beyond_the_sampling_interval_is_not_converged() -> None:
    assert Halving("share_cut", 0.30, 0.31, 0.02).holds
    assert not Halving("share_cut", 0.30, 0.33, 0.02).holds


def made(plan: Plan, **columns: list[int]) -> dict[str, list[Any]]:
    """Return rows of a plan of one member with twenty replications, two on each population."""
    count = plan.count
    whole: dict[str, list[Any]] = {name: [0] * count for name in COLUMNS}
    whole |= {
        "member": ["hot"] * count, "replication": list(range(count)), "path": list(range(count)),
        "population": [k // 2 for k in range(count)], "interest_lots": [100] * count, "fund_cash": [1_000] * count,
        "fund_equity_lowest": [1_000] * count, "feedback": ["off"] * count,
    }  # fmt: skip
    return whole | columns


def test_what_rows_come_to_by_hand(plan: Plan, btc_inputs: tuple[MarketInput, ...]) -> None:
    one = replace(plan, count=20, request=replace(plan.request, members=(member("hot"),)), funds=(1_000,))
    lots = [0] * 10 + list(range(1, 11))
    found = answer_of(
        one,
        btc_inputs,
        made(one, adl_lots=lots, left_ppm=[30 - k for k in lots], fund_equity_lowest=[1_000 - 10 * k for k in lots]),
    ).found[0]
    assert (found.draws, found.populations) == (20, 10)
    assert found.contract_adl.value == 0.5
    assert found.position_cut.value == pytest.approx(55 / 20 / 100)
    assert [found.share_cut[q].value for q in (0.05, 0.5, 0.95)] == [0.0, 0.0, 0.09]  # ranks 1, 10 and 19 of twenty
    assert found.fund_used[0.95].value == 90.0
    assert found.moves["left_ppm"] == pytest.approx(-1.0)  # the less depth, the more is cut, in every pair
    assert found.moves["refill_ppm"] is None
    assert (found.worst_path, found.moved, found.converged) == (19, "share_cut", None)
    # populations of five rows of (0, 0) and (1, 2) ... (9, 10): draws of one are alike, so the worth is far below twenty
    assert found.worth < 12


def test_not_converged_is_said(plan: Plan, btc_inputs: tuple[MarketInput, ...]) -> None:
    one = replace(plan, count=20, request=replace(plan.request, members=(member("hot"),)), funds=(1_000,))
    whole = made(one, adl_lots=[10, 12] * 10)
    for shift, holds in ((0, True), (5, False)):
        half = made(one, adl_lots=[10 + shift, 12 + shift] * 10)
        half["halved"] = [1] * 20
        both = {name: whole[name][:] + half[name][:8] for name in COLUMNS}
        answer = answer_of(one, btc_inputs, both)
        assert answer.converged is holds


# -- the command -----------------------------------------------------------------------------------------------------------


def test_the_command_answers_keeps_and_shows_a_path_again(tmp_path: Path) -> None:
    folder = tmp_path / "run"
    text = CliRunner().invoke(command, [*WORDS, "--out", str(folder)], catch_exceptions=False).output
    assert "Given -20% over 1m, common shock, 10% of depth left, somebody is deleveraged (ADL) in" in " ".join(
        text.split()
    )
    assert "95 %, sampling" in text
    assert "█" in text
    found = json.loads(CliRunner().invoke(command, ["--resume", str(folder), "--json"], catch_exceptions=False).stdout)
    assert found["schema"] == "shortfall.replicate/1"
    told = [(row["member"], row["feedback"]) for row in found["found"]]
    assert told == [("calm", "off"), ("calm", "on"), ("hot", "off"), ("hot", "on")]
    low, high = found["headline"]["probability_contract_adl_given_shock"]
    shares = [row["probability_contract_adl_given_shock"]["value"] for row in found["found"]]
    assert (low, high) == (min(shares), max(shares))
    made = sheet_of(found)
    assert "with feedback of forced flow off and on" in made.sentence
    assert [table.name for table in made.tables] == ["chances", "moves"]
    assert [row[4] for row in made.tables[0].rows] == shares
    assert sheet_page(made, found).count("<svg") == 3
    number = str(found["found"][3]["paths"]["worst"])
    page = tmp_path / "path.html"
    words = ["--out", str(folder), "--path", number, "--report", str(page), "--json"]
    path = json.loads(CliRunner().invoke(command, words, catch_exceptions=False).stdout)
    assert (path["schema"], path["path"]["member"], path["path"]["same_as_kept"]) == ("shortfall.path/1", "hot", True)
    assert page.read_text(encoding="utf-8").count("<svg") >= 4
    shown = CliRunner().invoke(command, ["--resume", str(folder), "--path", number], catch_exceptions=False).output
    assert "PositionDeleveraged" in shown
    asked = ["--resume", str(folder), "--query", "SELECT count(*) FROM paths WHERE halved = 0"]
    assert "16" in CliRunner().invoke(command, asked, catch_exceptions=False).output


def test_an_unknown_fund_has_no_default_and_the_page_stands_alone(tmp_path: Path) -> None:
    page = tmp_path / "run.html"
    words = [
        "binance",
        "SUIUSDT",
        "--accounts",
        "1000",
        "--count",
        "2",
        "--member",
        "hot",
        "--no-halve",
        "--report",
        str(page),
    ]
    text = " ".join(CliRunner().invoke(command, words, catch_exceptions=False).output.split())
    assert "because the fund is unknown" in text
    written = page.read_text(encoding="utf-8")
    assert written.count("<svg") == 9  # three pictures for each of three funds
    assert "http" not in written.replace("http://www.w3.org", "")


def test_words_that_do_not_go_together_are_refused_together(tmp_path: Path) -> None:
    RunStore(tmp_path / "run").begin({})
    words = [
        "binance",
        "--resume",
        str(tmp_path / "run"),
        "--out",
        str(tmp_path / "out"),
        "--seed",
        "2",
        "--workers",
        "0",
    ]
    with pytest.raises(InputError) as caught:
        CliRunner().invoke(command, words, catch_exceptions=False)
    assert {finding.path for finding in caught.value.findings} == {"binance", "--out", "--seed", "--workers"}
    with pytest.raises(InputError, match="VENUE SYMBOL"):
        CliRunner().invoke(command, [], catch_exceptions=False)
    with pytest.raises(InputError, match="Expected one of calm"):
        CliRunner().invoke(command, [*WORDS, "--member", "angry"], catch_exceptions=False)
