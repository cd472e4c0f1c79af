"""Surfaces over gap, speed and depth: every cell is what a run says, and a worse shock that does less is marked."""

from __future__ import annotations

import json
from dataclasses import replace
from decimal import Decimal
from io import StringIO
from typing import TYPE_CHECKING, Any

import pytest
from click.testing import CliRunner
from rich.console import Console

from shortfall.cli.gap import gap as command
from shortfall.errors import InputError
from shortfall.report.surfaces import print_surface, sentence
from shortfall.sim.findgap import Cell
from shortfall.sim.gapsurface import ADL, GAPS_PPM, Grid, Spot, Surface, breaks, check_grid, gap_surface
from shortfall.sim.market import build, gather
from shortfall.sim.measures import measure
from shortfall.sim.members import member
from shortfall.sim.paths import After, Shock
from shortfall.sim.run import Scenario, run_all
from shortfall.sim.stress import Request, paths_for

if TYPE_CHECKING:
    from pathlib import Path

SMALL = ["--accounts", "1000", "--member", "hot", "--over", "1s", "--depth-left", "30%", "--depth-left", "3%"]
REQUEST = Request(
    "binance",
    "BTCUSDT",
    Shock(-200_000, step_us=1_000_000),
    accounts=1_000,
    members=(member("hot"),),
    fund=Decimal(10**8),
)


def spot(gap: int, over: int, depth: int, **yes: bool) -> Spot:
    return Spot(depth, Cell(gap, over, {name: (said,) * 4 for name, said in yes.items()}))


@pytest.fixture(scope="module")
def found() -> Surface:
    return gap_surface(REQUEST, Grid((1_000_000,), (1_000_000, 30_000)))


@pytest.fixture(scope="module")
def document() -> dict[str, Any]:
    words = ["binance", "SUIUSDT", *SMALL, "--json"]
    told: dict[str, Any] = json.loads(CliRunner().invoke(command, words, catch_exceptions=False).stdout)
    return told


def test_a_worse_cell_that_says_no_is_marked_along_its_axis_only() -> None:
    spots = [
        spot(-10, 60, 100, a=True, b=False),
        spot(-20, 60, 100, a=False, b=False),  # a larger fall: no
        spot(10, 60, 100, a=False, b=False),  # a rise is another direction
        spot(-10, 1, 100, a=True, b=False),
        spot(-20, 1, 100, a=True, b=True),
        spot(-10, 60, 30, a=False, b=True),  # less depth: no for a
        spot(-20, 60, 30, a=True, b=False),  # a larger fall: no for b
    ]
    assert breaks(spots, ADL) == {(-20, 60, 100): ("gap",), (-10, 60, 30): ("depth",), (-20, 60, 30): ("gap",)}


def test_a_faster_move_that_says_no_is_marked_too() -> None:
    spots = [spot(-10, 60, 100, a=True), spot(-10, 1, 100, a=False)]
    assert breaks(spots, 0) == {(-10, 1, 100): ("speed",)}


def test_the_input_that_moves_it_most_is_the_one_along_which_the_first_gap_differs(found: Surface) -> None:
    # population a starts at the smallest gap at either depth, population b nowhere
    by_member = [spot(-gap, 1, depth, a=True, b=False) for gap in GAPS_PPM for depth in (10, 20)]
    by_depth = [spot(-gap, 1, depth, a=depth == 10, b=depth == 10) for gap in GAPS_PPM for depth in (10, 20)]
    nowhere = [spot(-gap, 1, 10, a=False) for gap in GAPS_PPM]
    told = [replace(found, spots=tuple(spots)).moves_most() for spots in (by_member, by_depth, nowhere)]
    assert told == ["population", "depth left", None]


def test_a_cell_is_what_a_run_of_its_own_says(found: Surface) -> None:
    lab = build(gather("binance", "BTCUSDT", alone=True), member("hot"), 1_000, 1)
    asked = {(-400_000, 30_000), (50_000, 1_000_000)}
    for spotted in found.spots:
        if (spotted.cell.gap_ppm, spotted.depth_ppm) not in asked:
            continue
        shock = Shock(spotted.cell.gap_ppm, 1_000_000, depth_left_ppm=spotted.depth_ppm, step_us=1_000_000)
        scenario = Scenario(paths_for(lab, shock, After("hold")), "common", 10**14)
        own = measure(lab, run_all(lab, [scenario])[0])
        assert spotted.cell.answers["hot"] == (own.fund_pays, own.full, own.out_of_cash, own.deleverages)
        asked.remove((spotted.cell.gap_ppm, spotted.depth_ppm))
    assert asked == set()


def test_why_a_layer_refused_is_told_apart(found: Surface) -> None:
    lab = build(gather("binance", "BTCUSDT", alone=True), member("hot"), 1_000, 1)
    shock = Shock(-400_000, 1_000_000, step_us=1_000_000)
    rich = [
        measure(lab, one) for one in run_all(lab, [Scenario(paths_for(lab, shock, After("hold")), "common", 10**14)])
    ]
    refused = rich[0].result
    assert refused.refused_lots == refused.refused_cash_lots + refused.refused_capacity_lots > 0
    assert found.first_gap(ADL, -1, 1_000_000, 30_000) is not None


def test_the_document_has_every_cell_once_and_says_what_it_ran(document: dict[str, Any]) -> None:
    places = {(cell["gap_ppm"], cell["over"], cell["depth_left"]) for cell in document["cells"]}
    assert len(places) == len(document["cells"]) == 2 * len(GAPS_PPM) * 1 * 2
    assert document["schema"] == "shortfall.gap-surface/1"
    assert document["depth_left"] == ["30%", "3%"]
    assert "1 % of open interest is used instead" in document["fund"]["note"]
    assert sentence(document).startswith("In a fall over 1s with 3% of depth left")


def test_the_first_gap_is_the_smallest_cell_that_says_yes(document: dict[str, Any]) -> None:
    for row in document["first_gaps"]:
        sign = -1 if row["direction"] == "down" else 1
        yes = [
            abs(cell["gap_ppm"])
            for cell in document["cells"]
            if cell["yes"][row["question"]]
            and cell["gap_ppm"] * sign > 0
            and (cell["over"], cell["depth_left"]) == (row["over"], row["depth_left"])
        ]
        assert row["at_least_one_ppm"] == min(yes, default=None)


def test_the_map_shows_blocks_and_marks_and_fits_80_columns(document: dict[str, Any]) -> None:
    cells = [{**cell, "not_monotone": {"ADL starts": ["gap"]}} for cell in document["cells"]]
    out = StringIO()
    print_surface(Console(file=out, width=80), {**document, "cells": cells})
    text = out.getvalue()
    assert "██!" in text
    assert f"not monotone: {len(cells)} of {len(cells)}" in text
    assert max(len(line) for line in text.splitlines()) <= 80
    rows = [line for line in text.splitlines() if line.startswith("   3%")]
    assert all(line.count("│") == 1 for line in rows)


def test_the_report_is_one_file_with_a_picture_for_each_question(tmp_path: Path) -> None:
    pytest.importorskip("altair")
    pytest.importorskip("vl_convert")
    place = tmp_path / "gap.html"
    CliRunner().invoke(command, ["binance", "BTCUSDT", *SMALL, "--report", str(place)], catch_exceptions=False)
    page = place.read_text(encoding="utf-8")
    assert page.count("<svg") == 4
    assert "<script" not in page
    assert 'src="' not in page


def test_what_is_wrong_is_told_at_once() -> None:
    words = ["binance", "BTCUSDT", "--over", "2h", "--depth-left", "x", "--accounts", "1"]
    with pytest.raises(InputError) as caught:
        CliRunner().invoke(command, words, catch_exceptions=False)
    assert {finding.path for finding in caught.value.findings} == {"--over", "--depth-left", "--accounts"}
    assert check_grid(Grid((), (2_000_000,))).as_tuple() != ()
