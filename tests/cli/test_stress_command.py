"""`shortfall stress` as a user types it."""

from __future__ import annotations

import json
import re
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pytest
from click.testing import CliRunner

from shortfall.cli.stress import stress
from shortfall.errors import InputError
from shortfall.sim import findgap

if TYPE_CHECKING:
    from pathlib import Path

SMALL = ["--accounts", "1000", "--member", "middle", "--threads", "2"]


def run(*words: str) -> str:
    """Return what the command prints; an error is raised as it is."""
    result = CliRunner().invoke(stress, list(words), catch_exceptions=False)
    assert result.exit_code == 0, result.output
    return result.stdout


@pytest.fixture(scope="module")
def document() -> dict[str, Any]:
    """Return one small run as a document."""
    found: dict[str, Any] = json.loads(run("binance", "BTCUSDT", *SMALL, "--alone", "--json"))
    return found


def test_the_document_names_its_schema_and_its_inputs(document: dict[str, Any]) -> None:
    """Schema, snapshot hash, kernels, every field with source or reason."""
    assert document["schema"] == "shortfall.stress/1"
    assert re.fullmatch(r"[0-9a-f]{64}", document["contract"]["snapshot_sha256"])
    fields = document["evidence"]["fields"]
    assert {f["name"] for f in fields} >= {"tiers", "pool", "depth", "open_interest_base", "mark_price"}
    for found in fields:
        assert found["source"] if found["kind"] == "observed" else found["reason"]
    assert document["evidence"]["inputs_days_apart"] > 7
    assert document["evidence"]["ratios_label"].endswith("days apart")


def test_money_is_a_decimal_string_with_a_unit(document: dict[str, Any]) -> None:
    """Six decimals of USDT, never a float."""
    figures = document["runs"][0]["figures"]
    for name in ("liquidated_notional", "deficit_at_mark", "fund_cash_lowest", "largest_inventory_notional"):
        assert set(figures[name]) == {"amount", "unit"}
        assert figures[name]["unit"] == "USDT"
        assert Decimal(figures[name]["amount"]) == Decimal(figures[name]["amount"]).quantize(Decimal("0.000001"))


def test_the_layers_add_up_to_the_unit_in_the_document(document: dict[str, Any]) -> None:
    """Paid by the layers = returned to traders - equity left behind, from the printed strings alone."""
    for found in document["runs"]:
        paid = sum(Decimal(layer["amount"]) for layer in found["paid_by"].values())
        right = Decimal(found["returned_to_traders"]["amount"]) - Decimal(found["equity_left_behind"]["amount"])
        assert paid == right
        assert Decimal(found["conservation_drift"]["amount"]) == 0


def test_all_three_paths_after_the_shock_are_run_by_default(document: dict[str, Any]) -> None:
    """Hold, rebound, drift, each without feedback and with it; the crash's depth law and firm makers on the first."""
    assert [found["after"] for found in document["runs"]] == [
        "hold", "hold +feedback", "hold +depth law", "hold +firm",
        "rebound:50%", "rebound:50% +feedback",
        "drift:-5%", "drift:-5% +feedback",
    ]  # fmt: skip


def test_the_same_command_gives_the_same_bytes() -> None:
    """Seed, threads and all."""
    words = ("binance", "ETHUSDT", *SMALL, "--alone", "--after", "hold", "--json")
    assert run(*words) == run(*words)


def test_a_gap_without_a_sign_is_a_fall_and_a_plus_is_a_pump() -> None:
    """`--gap 20%` falls."""
    for text, sign in (("20%", -1), ("-20%", -1), ("+20%", 1)):
        found = json.loads(run("binance", "ETHUSDT", *SMALL, "--alone", "--after", "hold", "--gap", text, "--json"))
        assert found["request"]["gap_ppm"] == sign * 200_000


def test_tables_say_what_is_synthetic_and_show_the_identity() -> None:
    """For people: range first, who paid, what is known about the inputs."""
    text = run("binance", "BTCUSDT", *SMALL, "--alone", "--after", "hold", "--fund", "1000000")
    for words in ("synthetic", "winners (ADL)", "difference", "conservation drift 0", "snapshot", "days apart"):
        assert words in text


def test_an_unknown_fund_is_reported_as_needed_not_as_a_figure() -> None:
    """SUIUSDT: the fund is unknown, the run says how much would do."""
    found = json.loads(run("binance", "SUIUSDT", *SMALL, "--after", "hold", "--json"))
    assert found["fund"]["cash"] is None
    assert Decimal(found["fund"]["needed"]["middle"]["amount"]) > 0
    assert "pool" in found["evidence"]["unknown"]


def test_the_evening_of_the_tenth_of_october_is_imposed_in_three_orders() -> None:
    """Observed: nothing is taken over, the spread over the orders is shown."""
    found = json.loads(run("binance", "BTCUSDT", *SMALL, "--path", "oct10", "--json"))
    assert [r["after"] for r in found["runs"]] == ["low first", "high first", "open to close"]
    assert all(Decimal(r["figures"]["taken_over_notional"]["amount"]) == 0 for r in found["runs"])


def test_everything_wrong_is_told_at_once() -> None:
    """Gap, step, set and after in one error."""
    words = ["binance", "BTCUSDT", "--gap", "much", "--step", "0s", "--after", "sideways", "--fund", "lots"]
    with pytest.raises(InputError) as raised:
        CliRunner().invoke(stress, words, catch_exceptions=False)
    assert {finding.path for finding in raised.value.findings} >= {"--gap", "--after", "--fund"}


def test_an_unknown_rule_is_refused_with_the_rules_there_are() -> None:
    """`--set close.stile=market` names the slot's rules."""
    words = ["binance", "BTCUSDT", *SMALL, "--set", "close.stile=market"]
    with pytest.raises(InputError, match="Expected one of style"):
        CliRunner().invoke(stress, words, catch_exceptions=False)


def test_an_unknown_contract_is_refused_with_the_contracts_there_are() -> None:
    """The bundled ones are listed."""
    with pytest.raises(InputError, match="BTCUSDT"):
        CliRunner().invoke(stress, ["binance", "NOSUCH", *SMALL], catch_exceptions=False)


def test_the_gap_search_answers_for_both_directions(monkeypatch: pytest.MonkeyPatch) -> None:
    """A small grid: at 1 % nothing starts ADL, at 30 % it does with a fund of a million; the first crossing lies in between."""
    monkeypatch.setattr(findgap, "GAPS_PPM", (1_000, 300_000))
    monkeypatch.setattr(findgap, "SPEEDS_US", (1_000_000,))
    monkeypatch.setattr("shortfall.report.document.SPEEDS_US", (1_000_000,))
    found = json.loads(run("binance", "BTCUSDT", *SMALL, "--alone", "--fund", "1000000", "--find-gap", "--json"))
    assert found["schema"] == "shortfall.gap/1"
    adl = {row["direction"]: row for row in found["answers"] if row["question"] == "ADL starts"}
    for direction in ("down", "up"):
        assert adl[direction]["intervals_ppm"] == [[300_000, 300_000]]
        low, high = (abs(x) for x in adl[direction]["first_crossing_ppm"])
        assert 1_000 <= low < high <= 300_000


def test_models_of_depth_and_feedback_are_chosen_by_their_options(tmp_path: Path) -> None:
    """One feedback and one law leave a single model; a fit is read and named; the default ran both and says so."""
    fit = tmp_path / "fit.toml"
    fit.write_text(
        'schema = "shortfall.liquidity/1"\nsample = "my book"\nsha256 = "00"\ndepth_exponent = 1.2\nspeed_fall = 300.0\n'
        "measured_speed = 0.001\nmeasured_drawdown = 0.002\nrefill_seconds = 30.0\n",
        encoding="utf-8",
    )
    words = ["binance", "BTCUSDT", *SMALL, "--alone", "--json", "--after", "hold"]
    found = json.loads(run(*words, "--liquidity", str(fit), "--feedback", "permanent"))
    assert [one["after"] for one in found["runs"]] == ["hold"]
    assert found["runs"][0]["models"] == {"depth_law": "fitted", "feedback": "permanent", "makers_firm": False}
    law = found["models"]["depth_laws"][0]
    assert (law["speed_fall"], law["refill"], law["depth_exponent_beyond_recorded"]) == (300.0, "30s", 1.2)
    assert "my book" in law["source"]
    assert found["runs"][0]["feedback"]["index_moved_ppm"] < 0
    text = run(*[word for word in words if word != "--json"], "--liquidity", str(fit), "--feedback", "off")
    assert "depth by law fitted" in " ".join(text.split())
    named = json.loads(run(*words, "--depth-law", "oct10-top"))
    assert [one["after"] for one in named["runs"]] == ["hold", "hold +feedback", "hold +firm"]
    assert {one["models"]["depth_law"] for one in named["runs"]} == {"oct10-top"}


def test_depth_is_stated_once(tmp_path: Path) -> None:
    """--depth-left beside --depth-law and a bad fit: both are told."""
    fit = tmp_path / "fit.toml"
    fit.write_text("schema = 1\n", encoding="utf-8")
    with pytest.raises(InputError) as raised:
        run("binance", "BTCUSDT", *SMALL, "--depth-left", "20%", "--depth-law", "oct10-top", "--liquidity", str(fit))
    paths = [finding.path for finding in raised.value.findings]
    assert "--liquidity" in paths
    assert {"schema", "sample", "sha256", "measured_speed", "measured_drawdown"} <= set(paths)


def test_the_makers_are_held_against_their_capital_and_the_fall_of_open_interest_against_the_crash(
    document: dict[str, Any],
) -> None:
    """Capital is a tenth of open interest; the notes say what was taken, the crash's figures and what is not modelled."""
    makers = document["runs"][0]["makers"]
    interest = Decimal(document["open_interest"]["amount"])
    assert abs(Decimal(makers["stated_capital"]["amount"]) - interest / 10) <= 1
    by_hand = Decimal(makers["most_held"]["amount"]) / Decimal(makers["stated_capital"]["amount"])
    assert makers["most_held_ppm_of_capital"] == int(by_hand * 1_000_000)
    assert document["models"]["open_interest_in_the_crash"]["before_bn"] == "9.8"
    assert "new risk" in document["models"]["not_modelled"]
    text = " ".join(run("binance", "BTCUSDT", *SMALL, "--alone").split())
    for words in (
        "of their stated capital",
        "from 9.8 to 6.1 bn",
        "not modelled: reduce-only profit-taking",
        "feedback on",
    ):
        assert words in text
