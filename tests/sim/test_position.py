"""One position in a stated shock: what is told of it is what the engine did to it."""

from __future__ import annotations

import json
from decimal import Decimal
from typing import Any

import pytest
from click.testing import CliRunner

from shortfall.cli.position import position as command
from shortfall.errors import InputError
from shortfall.report.positions import wilson
from shortfall.sim.market import build, gather
from shortfall.sim.members import NAMES, member
from shortfall.sim.paths import After, Shock
from shortfall.sim.position import Held, position
from shortfall.sim.run import Scenario, replay, run_all
from shortfall.sim.stress import Request, paths_for

SHOCK = Shock(-400_000)


def asked(fund: int, *, side: int = -1, leverage: str = "5", entry: str = "66000") -> Any:  # noqa: ANN401 - one answer
    request = Request(
        "binance",
        "BTCUSDT",
        SHOCK,
        accounts=1_000,
        members=(member("hot"),),
        fund=Decimal(fund),
        afters=(After("hold"),),
    )
    return position(request, Held(side, Decimal(10), Decimal(leverage), Decimal(entry)), 1)


def test_a_replay_comes_to_what_a_run_comes_to() -> None:
    inputs = gather("binance", "BTCUSDT", alone=True)
    lab = build(inputs, member("hot"), 1_000, 1, events=1 << 18)
    scenario = Scenario(paths_for(lab, SHOCK, After("hold")), "common", 10**14)
    replayed, state = replay(lab, scenario)
    assert replayed.results == run_all(lab, [scenario], record=True)[0].results
    assert int(state.header[0]) == int(replayed.extra[0, 3])  # events kept, events counted


def test_a_winner_is_cut_when_the_fund_is_small_and_not_when_it_is_large() -> None:
    small, large = asked(1_000_000), asked(100_000_000_000)
    assert small.draws[0].share_cut_ppm > 0
    assert large.draws[0].share_cut_ppm == 0
    assert large.draws[0].cuts == ()


def test_what_was_cut_is_never_more_than_was_held_and_keeps_its_sign() -> None:
    answer = asked(1_000_000)
    draw = answer.draws[0]
    assert sum(cut.lots for cut in draw.cuts) == -draw.share_cut_ppm * abs(answer.lots) // 1_000_000
    assert all(cut.lots < 0 for cut in draw.cuts)
    assert 0 < draw.share_cut_ppm <= 1_000_000


def test_the_cost_of_being_out_at_once_is_the_transfer_against_mark() -> None:
    draw = asked(1_000_000).draws[0]
    transfer = sum(cut.lots * (cut.mark_ticks - cut.price_ticks) for cut in draw.cuts)
    assert draw.cost_of_out[0] == transfer * 100  # a tick of 0.1 USDT on a lot of 0.001 BTC is 100 millionths


def test_a_long_with_much_leverage_is_liquidated_itself() -> None:
    draw = asked(100_000_000_000, side=1, leverage="20", entry="63111").draws[0]
    assert draw.liquidated_us is not None
    assert draw.liquidated_us > 0
    assert draw.cuts == ()


def test_a_position_that_cannot_be_is_refused_with_all_findings() -> None:
    request = Request("binance", "SUIUSDT", SHOCK, accounts=1_000)
    with pytest.raises(InputError) as caught:
        position(request, Held(1, Decimal("0.00001"), Decimal(-1), Decimal(10**9)), 1)
    assert {finding.path for finding in caught.value.findings} == {"--size", "--entry", "--leverage"}


def test_the_sampling_interval_is_wilsons() -> None:
    # Wilson (1927) for 0 of 10: upper end z**2 / (n + z**2) = 3.8415 / 13.8415
    low, high = wilson(0, 10)
    assert low == pytest.approx(0.0, abs=1e-12)
    assert high == pytest.approx(3.841_459 / 13.841_459, rel=1e-6)
    assert wilson(5, 10)[0] == pytest.approx(1 - wilson(5, 10)[1])


def test_the_command_says_one_sentence_and_a_document() -> None:
    words = [
        "binance",
        "BTCUSDT",
        "--side",
        "short",
        "--size",
        "10",
        "--entry",
        "66000",
        "--accounts",
        "1000",
        "--seeds",
        "1",
    ]
    text = (
        CliRunner()
        .invoke(command, [*words, "--as", "pair", "--monthly-profit", "10000"], catch_exceptions=False)
        .output
    )
    assert "If the price moves -20% over 1m" in text
    assert "naked" in text
    found = json.loads(CliRunner().invoke(command, [*words, "--json"], catch_exceptions=False).stdout)
    assert found["schema"] == "shortfall.position/1"
    assert [row["case"] for row in found["members"]] == [
        f"{name}{more}" for name in NAMES for more in ("", " +feedback")
    ]
    assert all(0 <= row["probability_cut_given_shock"] <= 1 for row in found["members"])


def test_bad_options_are_refused_together() -> None:
    words = ["binance", "BTCUSDT", "--side", "long", "--size", "much", "--leverage", "0", "--seeds", "0"]
    with pytest.raises(InputError) as caught:
        CliRunner().invoke(command, words, catch_exceptions=False)
    assert {finding.path for finding in caught.value.findings} == {"--size", "--leverage", "--seeds"}


def test_an_unknown_fund_is_one_percent_of_open_interest_and_says_so() -> None:
    request = Request("binance", "SUIUSDT", SHOCK, accounts=1_000, members=(member("calm"),), afters=(After("hold"),))
    answer = position(request, Held(1, Decimal(1_000), Decimal(3)), 1)
    item = answer.item
    assert answer.fund_cash == item.interest_lots * item.mark_ticks * item.contract.multiplier // 100 > 0
    assert "assumed" in answer.fund_note


def test_a_hedger_sees_both_legs_and_the_damage_in_months_is_that_of_both() -> None:
    words = [
        "binance",
        "BTCUSDT",
        "--side",
        "short",
        "--size",
        "10",
        "--leverage",
        "20",
        "--entry",
        "66000",
        "--fund",
        "10000000",
    ]
    more = ["--accounts", "1000", "--seeds", "1", "--as", "hedger", "--monthly-profit", "10000"]
    text = CliRunner().invoke(command, [*words, *more], catch_exceptions=False).output
    assert "other leg" in text
    assert "ADL queue" in text
    found = json.loads(CliRunner().invoke(command, [*words, *more, "--json"], catch_exceptions=False).stdout)
    row = found["members"][-1]
    assert row["cut"] > 0
    ends = [float(both["amount"]) for out in row["rehedge"].values() for both in out["both"]]
    assert float(row["damage"]["amount"]) == max(0.0, *ends)
    assert row["worst_in_months_of_profit"] == pytest.approx(max(0.0, *ends) / 10_000, abs=6e-4)
    assert row["mark_outs"].keys() == {"1m", "5m", "1h"}
    assert found["widths"]["moves_most"] is not None


def test_what_is_not_stated_is_said_to_be_not_stated() -> None:
    words = [
        "binance",
        "BTCUSDT",
        "--side",
        "long",
        "--size",
        "1",
        "--accounts",
        "1000",
        "--seeds",
        "1",
        "--as",
        "scalper",
    ]
    assert "months of normal profit: not stated" in CliRunner().invoke(command, words, catch_exceptions=False).output


def test_a_provider_has_a_deposit_and_no_side() -> None:
    words = ["--size", "100000", "--as", "provider", "--accounts", "1000", "--seeds", "1"]
    found = json.loads(CliRunner().invoke(command, ["gmx", "BTCUSDT", *words, "--json"], catch_exceptions=False).stdout)
    assert found["schema"] == "shortfall.provider/1"
    for row in found["members"]:
        low, high = (float(bound["amount"]) for bound in row["gain_after_an_hour"])
        assert low <= high
        assert float(row["gain_at_the_lowest"][0]["amount"]) <= low
        assert low >= -100_000
    with pytest.raises(InputError, match="takes deposits"):
        CliRunner().invoke(command, ["binance", "BTCUSDT", *words], catch_exceptions=False)
    with pytest.raises(InputError, match="Expected none"):
        CliRunner().invoke(command, ["gmx", "BTCUSDT", *words, "--side", "long"], catch_exceptions=False)
    with pytest.raises(InputError, match="long or short"):
        CliRunner().invoke(command, ["binance", "BTCUSDT", "--size", "1"], catch_exceptions=False)
