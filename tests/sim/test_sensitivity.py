"""Widths of a figure: by hand, on figures that are functions of the request."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from typing import TYPE_CHECKING

import pytest

from shortfall.report.widths import widths_lines, widths_part
from shortfall.sim.findgap import Cell
from shortfall.sim.gapsurface import Grid, first_gap, middle_of
from shortfall.sim.paths import Shock
from shortfall.sim.scenarios import scenario_from_text
from shortfall.sim.sensitivity import SEED, Variation, swing_of, variations_of, widths, with_depth, with_speed
from shortfall.sim.stress import Request

if TYPE_CHECKING:
    from shortfall.sim.market import MarketInput

ASKED = Request("binance", "BTCUSDT", Shock(-200_000))


def figure(request: Request) -> dict[str, int]:
    """Return 10 a seed, one for each 1 % of depth left; hot is 100 more."""
    depth = request.shock.depth_left_ppm // 10_000
    return {"calm": 10 * request.seed + depth, "hot": 10 * request.seed + depth + 100}


def test_the_swings_and_the_interval_are_those_by_hand() -> None:
    # seed 1: calm 20, hot 120. Depth 5 % and 20 %: 15, 20, 30 -> swing 15. Seeds 1 to 5: 20 ... 60 -> swing 40. Population: 100
    depth = Variation("depth", (with_depth(ASKED, 500_000), with_depth(ASKED, 2_000_000)))
    found = widths(figure(ASKED), figure, ASKED, (depth,))
    assert {one.name: one.by for one in found.swings} == {"population": 100, SEED: 40, "depth": 15}
    assert found.moves_most == "population"
    assert found.model == (20, 120)
    # calm over seeds: mean 40, standard deviation sqrt(1000 / 4) = 15.8114, t(4) = 2.77645: 40 +- 19.6325
    assert (found.sampling["calm"].low, found.sampling["calm"].high) == pytest.approx((20.3675, 59.6325), abs=1e-3)


def test_nothing_that_moves_is_said_so() -> None:
    found = widths({"calm": 0}, lambda _: {"calm": 0}, ASKED, (Variation("depth", (ASKED,)),))
    assert found.moves_most is None
    lines = widths_lines(widths_part(found, "the figure", str))
    assert lines[-1] == "nothing that was varied moves the figure"


def test_the_interval_of_a_share_is_cut_at_all_of_it() -> None:
    # calm over five seeds: 20.4 to 59.6 as above
    found = widths(figure(ASKED), lambda one: {"calm": figure(one)["calm"], "hot": 120}, ASKED, ())
    assert widths_part(found, "the share", str)["sampling"]["interval"] == ["20", "60"]
    assert widths_part(found, "the share", str, 50)["sampling"]["interval"] == ["20", "50"]


def test_a_swing_is_the_mean_over_members() -> None:
    assert swing_of([{"a": 1, "b": 10}, {"a": 5, "b": 10}, {"a": 3, "b": 16}]) == 5  # (4 + 6) / 2


def test_a_named_scenario_is_varied_leg_by_leg() -> None:
    asked = replace(ASKED, scenario=scenario_from_text("v-crash"))
    slow, deep = with_speed(asked, 2_000_000), with_depth(asked, 20_000_000)
    assert slow.scenario is not None
    assert deep.scenario is not None
    assert [leg.over_us for leg in slow.scenario.legs] == [600_000_000, 1_200_000_000]
    assert {leg.depth_ppm for leg in deep.scenario.legs} == {1_000_000}


def test_the_fund_is_varied_only_where_one_is_known(btc_inputs: tuple[MarketInput, ...]) -> None:
    names = [one.name for one in variations_of(replace(ASKED, fund=Decimal(100)), btc_inputs[0])]
    assert names[-1].startswith("fund")
    funds = variations_of(replace(ASKED, fund=Decimal(100)), btc_inputs[0])[-1].requests
    assert [one.fund for one in funds] == [50, 200]
    assert len(variations_of(ASKED, btc_inputs[0], fund=False)) == 3


def test_the_gap_of_a_member_is_the_smallest_that_starts_adl_or_beyond_the_grid() -> None:
    def cell(gap: int, *, starts: bool) -> Cell:
        return Cell(gap, 60_000_000, {"calm": (True, False, False, starts)})

    assert (
        first_gap([cell(-300_000, starts=True), cell(-200_000, starts=True), cell(-100_000, starts=False)], "calm")
        == 200_000
    )
    assert first_gap([cell(-600_000, starts=False)], "calm") == 900_000  # 600,000 and a half of it


def test_the_interval_of_a_surface_is_taken_in_its_middle() -> None:
    assert middle_of(Grid()) == (60_000_000, 100_000)
    assert middle_of(Grid((5,), (7,))) == (5, 7)
