"""Feedback off and on beside each other in every answer: two in every document, ranges over both, and off alone as it always was."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
from click.testing import CliRunner

from shortfall.cli.gap import gap
from shortfall.cli.position import position
from shortfall.cli.rank import rank
from shortfall.cli.resolve import resolve
from shortfall.cli.size import size
from shortfall.report.sheets import sheet_of
from shortfall.sim.feedbacks import case_name, parts_of
from shortfall.sim.liquidity import FEEDBACKS, OFF
from shortfall.sim.members import NAMES
from shortfall.sim.paths import Shock
from shortfall.sim.sensitivity import FEEDBACK, POPULATION, Swing, widths
from shortfall.sim.stress import Request

if TYPE_CHECKING:
    from pathlib import Path

    import click

HARD = ["--fund", "300000000", "--gap", "-40%", "--over", "1s"]  # so that somebody is cut
SMALL = ["binance", "BTCUSDT", "--accounts", "1000", "--json"]


def asked(command: click.Command, *words: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(CliRunner().invoke(command, [*SMALL, *words], catch_exceptions=False).stdout)
    return found


def names(document: dict[str, Any]) -> list[str]:
    return [one["name"] for one in document["feedbacks"]]


@pytest.mark.parametrize("name", FEEDBACKS)
def test_the_name_of_a_case_says_its_population_and_its_feedback(name: str) -> None:
    assert parts_of(case_name("calm", FEEDBACKS[name])) == ("calm", name)


def test_with_feedback_off_a_case_is_called_like_its_population() -> None:
    assert [case_name(one, OFF) for one in NAMES] == list(NAMES)


def test_population_and_feedback_swing_apart() -> None:
    """Population: off 10 to 30 is 20, on 16 to 40 is 24, so 22 on average; feedback: calm 6, hot 10, so 8 on average; no seed moves it."""
    base = {"calm": 10, "calm +feedback": 16, "hot": 30, "hot +feedback": 40}
    found = widths(base, lambda _: base, Request("v", "s", Shock(-1, 1)), ())
    assert found.model == (10, 40)
    assert found.swings[:2] == (Swing(POPULATION, 22), Swing(FEEDBACK, 8))
    alone = widths({"calm": 10, "hot": 30}, lambda _: base, Request("v", "s", Shock(-1, 1)), ())
    assert [one.name for one in alone.swings] == [POPULATION, "population seed"]


def test_a_what_if_is_run_under_both_and_its_range_covers_both() -> None:
    both, off = (asked(rank, *HARD, "--feedback", name) for name in ("both", "off"))
    assert [names(one) for one in (both, off)] == [["off", "on"], ["off"]]
    cases = both["as_it_is"]["cases"]
    assert {name: one for name, one in cases.items() if parts_of(name)[1] == "off"} == off["as_it_is"]["cases"]
    assert [name for name in cases if parts_of(name)[1] == "on"] == [f"{name} +feedback" for name in NAMES]
    borne = [float(one["borne_by_others"]["amount"]) for one in cases.values()]
    assert [float(bound["amount"]) for bound in both["as_it_is"]["borne_by_others"]] == [min(borne), max(borne)]
    assert FEEDBACK in [one["input"] for one in both["widths"]["swings"]]
    assert FEEDBACK not in [one["input"] for one in off["widths"]["swings"]]


def test_a_resolution_says_of_each_population_which_feedback() -> None:
    document = asked(resolve, *HARD, "--member", "hot")
    row = document["resolutions"][0]
    assert [(one["member"], one["feedback"]) for one in row["members"]] == [("hot", "off"), ("hot", "on")]
    cut = [float(one["closed_by_adl"]["amount"]) for one in row["members"]]
    assert [float(bound["amount"]) for bound in row["closed_by_adl"]] == sorted(cut)
    assert document["feedback_assumed"]


def test_a_cell_of_a_surface_answers_for_both() -> None:
    words = ["--member", "hot", "--over", "1s", "--depth-left", "3%"]
    both, off = asked(gap, *words), asked(gap, *words, "--feedback", "off")
    assert [one["case"] for one in both["cases"]] == ["hot", "hot +feedback"]
    pairs = list(zip(both["cells"], off["cells"], strict=True))
    assert all(
        [case for case in wide["yes"][name] if case == "hot"] == plain["yes"][name]
        for wide, plain in pairs
        for name in wide["yes"]
    )
    assert any("hot +feedback" in wide["yes"]["fund pays"] for wide, _ in pairs)


HELD = ["--side", "short", "--size", "10", "--entry", "66000", "--leverage", "20", "--fund", "10000000", "--seeds", "1"]


def test_a_position_off_and_on_is_its_off_and_more() -> None:
    both, off = asked(position, *HELD), asked(position, *HELD, "--feedback", "off")
    assert [row for row in both["members"] if row["feedback"] == "off"] == off["members"]
    assert [row["member"] for row in both["members"] if row["feedback"] == "on"] == list(NAMES)
    assert [draw for draw in both["draws"] if draw["feedback"] == "off"] == off["draws"]
    assert any(row["cut"] for row in both["members"])


@pytest.mark.parametrize("strategy", ["trend", "hedger"])
def test_the_page_of_a_position_shows_every_case_and_time(strategy: str, tmp_path: Path) -> None:
    words = [*HELD, "--as", strategy, "--report", str(tmp_path / "page.html")]
    found = sheet_of(asked(position, *words))
    cut = next(one for one in found.tables if one.name == "cut")
    assert [row[:2] for row in cut.rows] == [(name, feedback) for name in NAMES for feedback in ("off", "on")]
    assert ("rehedge" in [one.name for one in found.tables]) == (strategy == "hedger")
    text = (tmp_path / "page.html").read_text(encoding="utf-8")
    assert "calm +feedback" in text
    assert len(text) < 2_000_000


def test_a_provider_has_a_sheet_and_both_feedbacks() -> None:
    words = ["gmx", "BTCUSDT", "--size", "100000", "--as", "provider", "--accounts", "1000", "--seeds", "1", "--json"]
    document = json.loads(CliRunner().invoke(position, words, catch_exceptions=False).stdout)
    found = sheet_of(document)
    assert [row[1] for row in found.tables[0].rows] == ["off", "on"] * len(NAMES)
    assert found.sentence.endswith("over populations, feedback off and on.")


def test_the_scenarios_that_need_most_run_both_and_their_range_covers_both() -> None:
    document = asked(size, "--alone", "--member", "hot", "--scenario", "majors-1h-fall")
    (row,) = document["scenarios"]
    assert row["feedbacks"] == names(document) == ["off", "on"]
    assert [(one["member"], one["feedback"]) for one in row["members"].values()] == [("hot", "off"), ("hot", "on")]
    needs = sorted(float(one["fund"]["amount"]) for one in row["members"].values())
    assert [float(bound["amount"]) for bound in row["needed"]] == needs
    assert "feedback on too" in document["feedback_run"]
