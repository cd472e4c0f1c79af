"""What-ifs: the same numbers under another rule, and an order that says what is safest."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest
from click.testing import CliRunner

from shortfall.cli.rank import rank as command
from shortfall.rules.ruleset import RuleSet
from shortfall.rules.soundness import check_rules
from shortfall.sim.market import gather
from shortfall.sim.paths import Shock
from shortfall.sim.stress import Request
from shortfall.sim.whatif import WHAT_IFS, WhatIf, changed, split_of


@pytest.fixture(scope="module")
def found() -> dict[str, Any]:
    words = ["binance", "BTCUSDT", "--accounts", "1000", "--fund", "500000000", "--json"]
    document: dict[str, Any] = json.loads(CliRunner().invoke(command, words, catch_exceptions=False).stdout)
    return document


@pytest.fixture(scope="module")
def unknown() -> dict[str, Any]:
    words = ["binance", "SUIUSDT", "--accounts", "1000", "--json"]
    document: dict[str, Any] = json.loads(CliRunner().invoke(command, words, catch_exceptions=False).stdout)
    return document


def amount(bounds: list[dict[str, str]], end: int) -> float:
    return float(bounds[end]["amount"])


def test_every_what_if_is_sound_alone_on_plain_rules() -> None:
    names = [one.name for one in WHAT_IFS]
    assert len(set(names)) == len(names)
    for one in WHAT_IFS:
        assert check_rules(changed(RuleSet(), (one,))).as_tuple() == (), one.name


def test_margin_what_ifs_scale_every_rate_and_stop_at_all_of_it() -> None:
    rules = changed(RuleSet(), (WhatIf("tiers", "x", margin_ppm=2_000_000),))
    assert [(tier.initial_ppm, tier.maintenance_ppm) for tier in rules.tiers] == [(20_000, 10_000)]
    assert changed(rules, (WhatIf("tiers", "x", margin_ppm=99_000_000),)).tiers[0].initial_ppm == 1_000_000


def test_more_fund_is_safer_and_less_is_not(found: dict[str, Any]) -> None:
    rows = {row["change"]: row for row in found["single"]}
    cut = amount(found["as_it_is"]["deleveraged"], 1)
    assert amount(rows["twice the fund"]["deleveraged"], 1) < cut < amount(rows["half the fund"]["deleveraged"], 1)


def test_the_order_is_what_the_document_says(found: dict[str, Any]) -> None:
    shares = [row["total_ppm_of_as_it_is"] for row in found["single"]]
    assert shares == sorted(shares)
    assert len(found["pairs"]) >= 1
    assert all(len(row["topics"]) == 2 for row in found["pairs"])
    assert all(row["topics"][0] != row["topics"][1] for row in found["pairs"])


def test_an_unknown_fund_is_one_percent_of_open_interest_and_says_so(unknown: dict[str, Any]) -> None:
    assert "1 % of open interest is used instead (assumed)" in unknown["fund"]["note"]
    assert float(unknown["fund"]["cash"]["amount"]) > 0


def test_the_table_names_what_changes_most() -> None:
    words = ["binance", "SUIUSDT", "--accounts", "1000", "--fund", "5000000"]
    text = CliRunner().invoke(command, words, catch_exceptions=False).output
    assert "Most changes with" in " ".join(text.split())  # wherever the line breaks
    assert "█" in text


def test_every_decision_that_is_asked_about_has_a_what_if(found: dict[str, Any]) -> None:
    asked = {
        "tiers",
        "partial liquidation",
        "backstop",
        "mark rule",
        "bands",
        "slicing",
        "capacity",
        "ADL rule",
        "fund",
    }
    assert asked <= {one.topic for one in WHAT_IFS}
    request = Request("binance", "BTCUSDT", Shock(-200_000))
    split = split_of(request)[0]
    assert split.topic == "fund split"
    # BTC, ETH and BNB share the fund: what BTC alone would have of it is its part of their open interest at mark
    worth = [
        one.interest_lots * one.mark_ticks * one.contract.multiplier
        for one in gather("binance", "BTCUSDT", alone=False)
    ]
    assert split.fund_ppm == worth[0] * 1_000_000 // sum(worth) < 1_000_000
    assert split_of(replace(request, symbol="SUIUSDT")) == ()
    assert any(row["topics"] == ["fund split"] for row in found["single"])


def test_both_widths_are_told(found: dict[str, Any]) -> None:
    assert found["widths"]["sampling"]["seeds"] == 5
    assert found["widths"]["moves_most"] in {swing["input"] for swing in found["widths"]["swings"]}
