"""Venues compared by rules alone: only the rules may differ, and what is not published is run both ways."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from click.testing import CliRunner

from shortfall.cli.compare import compare as command
from shortfall.errors import InputError
from shortfall.rules.cited import Assumed
from shortfall.sim.compare import AS_STATED, FEEDBACK, Question, check_question, compare, variations
from shortfall.sim.members import member
from shortfall.sim.paths import Shock
from shortfall.sim.venues import find_venue

if TYPE_CHECKING:
    from pathlib import Path

TWIN = """
format = "shortfall.venue/1"
code = "{code}"
name = "Twin"
kind = "order book"
summary = "As the other one, but for what is said."
structure = {{ value = "one fund", reason = "test" }}
[[eras]]
what = "rules"
[eras.values]
waterfall = {{ value = "{waterfall}", reason = "test" }}
"index.method" = {{ value = "mean", reason = "test" }}
"mark.method" = {{ value = "index", reason = "test" }}
"amount.method" = {{ value = "whole", reason = "test" }}
"close.style" = {{ value = "bankruptcy", reason = "test" }}
"close.surplus" = {{ value = "fund", reason = "test" }}
"adl.rank" = {{ value = "profit", reason = "test" }}
"adl.price" = {{ value = "bankruptcy", reason = "test" }}
"adl.eligible" = {{ value = "profitable-first", reason = "test", others = ["profitable-only"] }}
"takeover.fund_capacity" = {{ value = "{capacity}", reason = "test", others = ["100%"] }}
"""


def small(*codes: str) -> Question:
    return Question("BTCUSDT", Shock(-200_000), codes, accounts=1_000, members=(member("hot"),), threads=1)


@pytest.fixture
def twins(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for code, waterfall, capacity in (("one", "fund,adl", "1%"), ("two", "fund,adl", "1%"), ("none", "fund", "1%")):
        text = TWIN.format(code=code, waterfall=waterfall, capacity=capacity)
        (tmp_path / f"{code}.toml").write_text(text, encoding="utf-8")
    monkeypatch.setenv("SHORTFALL_VENUES", str(tmp_path))


@pytest.mark.usefixtures("twins")
def test_two_venues_with_equal_rules_come_to_the_same_to_the_unit() -> None:
    answer = compare(small("one", "two"))
    first, second = answer.answers
    assert [case.shares for case in first.cases] == [case.shares for case in second.cases]
    assert first.cases[0].measures.result.adl_notional > 0


@pytest.mark.usefixtures("twins")
def test_who_pays_follows_the_waterfall() -> None:
    answer = compare(small("one", "none"))
    cut, uncut = (one.cases[0] for one in answer.answers)
    assert cut.variation == uncut.variation == AS_STATED
    assert cut.measures.result.adl_notional > 0
    assert uncut.measures.result.adl_notional == 0
    assert uncut.shares["winners"] == 0


@pytest.mark.usefixtures("twins")
def test_every_admissible_entry_is_run_and_the_one_that_moves_most_is_named() -> None:
    answer = compare(small("one")).answers[0]
    assert [case.variation for case in answer.cases] == [
        AS_STATED,
        FEEDBACK,
        "adl.eligible=profitable-only",
        "takeover.fund_capacity=100%",
    ]
    low, high = answer.spread(lambda case: case.measures.result.adl_notional)
    stated = answer.spread(lambda case: case.measures.result.adl_notional, stated=True)
    assert low < stated[0] == stated[1] <= high
    most = answer.moves_most()
    assert most is not None
    assert most[0] == "takeover.fund_capacity=100%"


def test_an_assumption_without_alternatives_is_not_varied() -> None:
    binance = find_venue("binance")
    words = list(variations(binance, None))
    assert "close.surplus=trader" in words
    assert not [word for word in words if word.startswith("engine.delay")]
    alone = replace(binance, eras=(replace(binance.eras[0], values={"engine.delay": Assumed("0ms", "not published")}),))
    assert list(variations(alone, None)) == []


def test_a_question_is_refused_with_all_findings() -> None:
    wrong = Question("BTCUSDT", Shock(0), ("nowhere", "binance"), accounts=3, changes=("close.stile=market",))
    with pytest.raises(InputError) as caught:
        check_question(wrong)
    assert {finding.path for finding in caught.value.findings} == {"--gap", "--accounts", "--venues", "close.stile"}


@pytest.mark.usefixtures("twins")
def test_the_command_prints_a_table_and_a_document() -> None:
    words = ["--venues", "one,none", "--accounts", "1000"]
    text = CliRunner().invoke(command, words, catch_exceptions=False).output
    assert "all else equal" in text
    assert "none" in text
    found = json.loads(CliRunner().invoke(command, [*words, "--json"], catch_exceptions=False).stdout)
    assert found["schema"] == "shortfall.compare/1"
    assert [venue["code"] for venue in found["venues"]] == ["one", "none"]
    assert found["venues"][0]["paid_by"]["winners"]["as_stated"][0]["unit"] == "USDT"


def test_a_shock_that_is_none_is_refused() -> None:
    with pytest.raises(InputError, match="gap-20%"):
        CliRunner().invoke(command, ["--shock", "crash"], catch_exceptions=False)
