"""The fund that a named set needs: the search by hand, and what it finds run again."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest
from click.testing import CliRunner

from shortfall.cli.size import size as command
from shortfall.errors import InputError
from shortfall.sim.market import build
from shortfall.sim.members import member
from shortfall.sim.paths import After
from shortfall.sim.run import Scenario, run_all
from shortfall.sim.scenarios import scenario_from_text
from shortfall.sim.size import Tried, need_of, scenario_set, search
from shortfall.sim.stress import paths_for

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from shortfall.sim.market import MarketInput


def test_the_cell_of_the_last_size_that_fails_is_split_in_three_four_times() -> None:
    # enough from 500 on: (300, 1110] -> 570, 840: (300, 570] -> 390, 480: (480, 570] -> 510, 540: (480, 510] -> 490, 500: 500
    def run(sizes: Sequence[int]) -> list[Tried]:
        return [Tried(size, size >= 500, size // 10) for size in sizes]

    need = search("x", "middle", (0, 100, 300, 1_110), run)
    assert [one.fund_cash for one in need.tried] == [0, 100, 300, 390, 480, 490, 500, 510, 540, 570, 840, 1_110]
    assert (need.fund_cash, need.lost, need.monotone) == (500, 50, True)


def test_a_smaller_fund_that_suffices_does_not_count_where_a_larger_one_fails() -> None:
    def run(sizes: Sequence[int]) -> list[Tried]:
        return [Tried(size, size == 100 or size > 300, 0) for size in sizes]

    need = search("x", "middle", (0, 100, 300, 301), run)
    assert (need.fund_cash, need.monotone) == (301, False)


def test_no_size_that_suffices_is_told_as_none_and_none_needed_as_zero() -> None:
    never = search("x", "middle", (0, 10), lambda sizes: [Tried(size, enough=False, lost=size) for size in sizes])
    assert (never.fund_cash, never.lost) == (None, 10)
    always = search("x", "middle", (0, 10), lambda sizes: [Tried(size, enough=True, lost=0) for size in sizes])
    assert (always.fund_cash, len(always.tried)) == (0, 2)


def test_the_set_is_the_worst_of_the_class_one_and_a_half_times_it_and_the_largest_dumped() -> None:
    moves = {one.name: one.shock.gap_ppm for one in scenario_set("BTC")}
    assert len(moves) == 10
    assert moves["majors-1h-fall+largest"] == -268_526
    assert moves["majors-1h-fall*1.5+largest"] == -374_398  # 0.731474 ** 1.5 = 0.625602
    assert all(one.largest for one in scenario_set("SUI"))


def test_what_is_found_suffices_and_the_next_smaller_size_does_not(btc_inputs: tuple[MarketInput, ...]) -> None:
    lab = build(btc_inputs, member("hot"), 1_000, 1)
    scenario = scenario_from_text("gap-crash")
    item = btc_inputs[0]
    interest = item.interest_lots * item.mark_ticks * item.contract.multiplier
    need = need_of(lab, scenario, "hot", interest, 1)
    assert need.fund_cash is not None
    smaller = max(one.fund_cash for one in need.tried if one.fund_cash < need.fund_cash)
    paths = paths_for(lab, scenario, After("hold"))
    enough, short = run_all(lab, [Scenario(paths, "common", cash) for cash in (need.fund_cash, smaller)])
    assert enough.results[0].adl_lots == 0
    assert enough.results[0].value.carried == 0
    assert need.lost == need.fund_cash - enough.results[0].equity_low
    assert short.results[0].adl_lots > 0


def test_the_command_says_a_range_and_leaves_cover_unknown() -> None:
    words = ["binance", "SUIUSDT", "--accounts", "1000", "--scenario", "gap-crash", "--threads", "1"]
    text = CliRunner().invoke(command, words, catch_exceptions=False).output
    assert "cover-1, cover-2: unknown" in text
    assert "█" in text
    found = json.loads(CliRunner().invoke(command, [*words, "--json"], catch_exceptions=False).stdout)
    assert found["schema"] == "shortfall.size/1"
    assert found["cover"]["cover_1"] == "unknown"
    low, high = (float(bound["amount"]) for bound in found["needed"])
    needs = [float(one["fund"]["amount"]) for one in found["scenarios"][0]["members"].values()]
    assert (low, high) == (min(needs), max(needs))
    assert low > 0


def test_a_fund_below_zero_is_not_enough_though_nobody_is_cut() -> None:
    # under GMX's rules the pool is the counterparty: nobody is deleveraged, but without capital its equity would be negative
    words = [
        "gmx",
        "SUI",
        "--accounts",
        "1000",
        "--scenario",
        "gap-crash",
        "--member",
        "hot",
        "--threads",
        "1",
        "--json",
    ]
    need = json.loads(CliRunner().invoke(command, words, catch_exceptions=False).stdout)["scenarios"][0]["members"][
        "hot"
    ]
    assert need["tried"][0]["enough"] is False
    assert 0 < float(need["lost_at_lowest"]["amount"]) <= float(need["fund"]["amount"])


def test_a_recorded_path_sizes_no_fund() -> None:
    with pytest.raises(InputError, match="sizes no fund"):
        CliRunner().invoke(command, ["binance", "BTCUSDT", "--scenario", "oct10"], catch_exceptions=False)


def test_own_accounts_have_a_cover_of_as_many_as_were_asked_for(tmp_path: Path) -> None:
    # three longs of 50x, as test_own has them, against one short without leverage; a fund of four times open interest stands behind
    rows = [("a", "40", 80_000), ("b", "20", 40_000), ("c", "10", 20_000), ("d", "-70", 40_000_000)]
    lines = [f"position,{who},BTCUSDT,{size},100000\nbalance,{who},USDT,{cash},\n" for who, size, cash in rows]
    mine = tmp_path / "mine.csv"
    mine.write_text(
        "# as_of: 2026-11-20\nkind,account,symbol,amount,price\nfund,,USDT,1000000,\nmark,,BTCUSDT,,100000\n"
        + "".join(lines),
        encoding="utf-8",
    )
    words = [
        "binance",
        "BTCUSDT",
        "--state",
        str(mine),
        "--cover",
        "3",
        "--threads",
        "1",
        "--scenario",
        "gap-crash",
        "--json",
    ]
    found = json.loads(CliRunner().invoke(command, words, catch_exceptions=False).stdout)
    assert found["own"] is True
    covers = [float(found["cover"][f"cover_{k}"]["amount"]) for k in (1, 2, 3)]
    # all three are 2 % of notional above bankruptcy and 20 % below it after the gap: short in proportion 40 : 20 : 10
    assert covers[0] > 0
    assert covers[1] == pytest.approx(1.5 * covers[0], rel=0.01)
    assert covers[2] == pytest.approx(1.75 * covers[0], rel=0.01)
    assert found["tail"]["directions"] == []
    assert found["widths"] is None


def test_the_set_of_own_accounts_has_no_synthetic_ones_in_it() -> None:
    names = [one.name for one in scenario_set("BTC", largest=False)]
    assert len(names) == 8
    assert not any(one.largest for one in scenario_set("BTC", largest=False))
