"""`shortfall assess` as users ask for it: known and unknown funds, another contract's depth, nothing to run at all."""

from __future__ import annotations

import json
import re
from decimal import Decimal
from typing import Any

import pytest
from click.testing import CliRunner

from shortfall.assess.laboratory import without
from shortfall.assess.roles import ROLES as RECORDS
from shortfall.cli.assess import ROLES, assess
from shortfall.errors import InputError
from shortfall.notebook import Shown
from shortfall.report.markup import anchor
from shortfall.report.page_assess import assess_page
from shortfall.sim.scenarios import CATALOGUE

ASKED: dict[tuple[str, ...], dict[str, Any]] = {}


def answer(*words: str) -> dict[str, Any]:
    """Return the document of a command; small, and run once."""
    if words not in ASKED:
        done = CliRunner().invoke(assess, [*words, "--accounts", "1000", "--json"], catch_exceptions=False)
        ASKED[words] = json.loads(done.stdout)
    return ASKED[words]


def metric(document: dict[str, Any], key: str) -> dict[str, Any]:
    """Return a metric of a document."""
    found: dict[str, Any] = next(one for one in document["metrics"] if one["key"] == key)
    return found


def test_a_contract_with_figures_of_its_own() -> None:
    found = answer("binance", "BTCUSDT")
    assert found["schema"] == "shortfall.assess/1"
    assert metric(found, "fund")["low"] == "793930579.315848"
    assert metric(found, "maximum_leverage")["low"] == "150"
    models = (
        3 * 3 * len(found["request"]["members"])
    )  # two depth laws and feedback, three paths after the shock, every population
    assert f"In -20% over 1m with 10% of depth left, over {models} models" in found["sentence"]
    assert found["headline"]["moves_most"] in found["sentence"]
    low, high = (Decimal(end["amount"]) for end in found["headline"]["deleveraged"])
    runs = [Decimal(one["deleveraged"]["amount"]) for one in found["runs"] if one["shock"] == found["runs"][0]["shock"]]
    assert (low, high) == (min(runs), max(runs))
    assert len(runs) == models


def test_the_pools_other_contracts_leave_less_and_shares_are_shares() -> None:
    found = answer("binance", "BTCUSDT")
    alone, after = metric(found, "fund_alone"), metric(found, "fund_after_others")
    assert Decimal(after["low"]) <= Decimal(after["high"]) <= Decimal(alone["low"])
    for key in (
        "near_open_interest",
        "share_cut",
        "position_cut_1",
        "false_liquidations_source",
        "false_liquidations_venue",
    ):
        one = metric(found, key)
        assert 0 <= Decimal(one["low"]) <= Decimal(one["high"]) <= 1, key


def test_a_pump_asks_about_longs_and_a_fund_of_nothing_has_no_share() -> None:
    found = answer("binance", "BTCUSDT", "--gap", "+30%", "--fund", "0")
    assert found["sentence"].startswith("In +30% over 1m")
    assert {one["side"] for one in found["positions"]} == {"long"}
    assert metric(found, "fund_share_consumed")["reason"] == "the fund is given as nothing"
    assert Decimal(metric(found, "fund_alone")["low"]) == 0


def test_every_metric_says_what_it_is_made_of() -> None:
    for document in (answer("binance", "BTCUSDT"), answer("binance", "SUIUSDT")):
        for one in document["metrics"]:
            assert one["formula"], one["key"]
            if one["known"]:
                assert one["inputs"], one["key"]
                assert all(given["source"] for given in one["inputs"]), one["key"]
            else:
                assert one["reason"], one["key"]
                assert one["low"] is None, one["key"]


def test_an_unknown_fund_is_swept_and_never_zero() -> None:
    found = answer("binance", "SUIUSDT")
    assert found["fund_in_runs"]["known"] is None
    sizes = [Decimal(one["amount"]) for one in found["fund_in_runs"]["run_at"]]
    assert len(sizes) == 4
    assert sizes[-1] > Decimal(280_000_000)  # twice 142 M of open interest
    for key in ("fund", "fund_alone", "fund_share_consumed", "fund_over_near_open_interest", "gap_fund_pays_fall"):
        assert not metric(found, key)["known"]
    assert "The fund is unknown and was run from none to twice open interest." in found["sentence"]
    assert found["headline"]["fund_loss"] is None


def test_another_contracts_depth_is_said_and_another_venues_fund_is_not_used() -> None:
    found = answer("hyperliquid", "BTC")
    assert found["contract"]["laboratory"]["figures_of"] == "binance"
    # the venue's own backstop, 31,000,001.017114 USDC, at par
    assert found["fund_in_runs"]["known"] == {"amount": "31000001.017114", "unit": "USDT"}
    assert metric(found, "spread")["known"]
    assert not metric(found, "fund")["known"]


def test_a_venues_total_is_not_a_contracts_fund() -> None:
    found = answer("okx", "BTC-USDT-SWAP")
    assert not metric(found, "fund")["known"]
    said = next(one["answer"] for one in found["myths"] if one["claim"] == '"The fund is large."')
    assert said.startswith("The venue's total, 2,689,789,955 US dollars")
    assert found["fund_in_runs"]["known"] is None


def test_a_contract_with_a_fund_alone_runs_nothing() -> None:
    found = answer("binance", "ACTUSDT")
    assert (found["headline"], found["cause"], found["runs"]) == (None, None, [])
    assert metric(found, "fund")["low"] == "5166686.84431694"
    assert metric(found, "share_cut")["reason"]


def test_each_reader_has_criteria_whose_metrics_exist() -> None:
    assert tuple(RECORDS) == ROLES
    known = {one["key"] for one in answer("binance", "BTCUSDT")["metrics"]}
    for role in RECORDS.values():
        for criterion in role.criteria:
            assert set(criterion.metrics) <= known, (role.code, set(criterion.metrics) - known)
    assert RECORDS["scalper"].criteria[-1].metrics[0] == "maximum_leverage"
    assert {"adl.trigger", "fund.form", "fund.limits"} <= set(RECORDS["hedger"].gates)


def test_a_gate_that_was_not_examined_answers_unknown() -> None:
    gates = {gate["item"]: gate for gate in answer("binance", "BTCUSDT", "--as", "hedger")["role"]["gates"]}
    assert gates["adl.trigger"]["answer"] == "yes"
    assert gates["adl.trigger"]["pages"]
    assert gates["fund.limits"]["answer"] == "unknown"


def test_the_myth_is_quoted_and_no_other_sentence_calls_a_fund_that() -> None:
    printed = CliRunner().invoke(assess, ["binance", "BTCUSDT", "--accounts", "1000"], catch_exceptions=False).stdout
    text = " ".join(printed.split())
    assert '"The insurance fund is a kind of deposit insurance." No account has a claim on it.' in text
    assert text.count("deposit insurance") == 1
    assert "unknown" in text
    assert "should buy" not in text


def test_a_twin_has_the_steps_of_its_wick_and_no_move() -> None:
    wick = next(one for one in CATALOGUE if one.name == "source-wick-crash")
    twin = without(wick)
    assert [leg.over_us for leg in twin.legs] == [leg.over_us for leg in wick.legs]
    assert {leg.to_ppm for leg in twin.legs} == {0}


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("nowhere", "BTC"), "Expected one of"),
        (("binance", "NOSUCH"), "Expected a bundled snapshot"),
        (("binance", "BTCUSDT", "--accounts", "3"), "--accounts"),
        (("binance", "BTCUSDT", "--gap", "lots"), "--gap"),
    ],
)
def test_bad_input_is_refused_with_a_sentence(words: tuple[str, ...], said: str) -> None:
    with pytest.raises(InputError, match=said):
        CliRunner().invoke(assess, list(words), catch_exceptions=False)


def test_every_number_of_the_page_leads_to_its_source_or_its_run() -> None:
    """Every link ends somewhere in the page; every metric is told once in full; every amount of the sentence is a link to a run."""
    document = answer("binance", "BTCUSDT")
    page = assess_page(document)
    places, links = set(re.findall(r' id="([^"]+)"', page)), set(re.findall(r'href="#([^"]+)"', page))
    assert links <= places
    assert {anchor("metric", one["key"]) for one in document["metrics"]} <= places
    assert {anchor("run", one["run"]) for one in document["runs"]} <= places
    shown = re.search(r'<p class="headline">(.*?)</p>', page)
    assert shown is not None
    bare = re.sub(r"<a .*?</a>", "", shown.group(1))
    assert "USDT" not in bare  # no amount stands outside a link
    assert re.sub(r"<.*?>", "", shown.group(1)).replace("&amp;", "&") == document["sentence"]
    assert "<script" not in page
    assert not re.search(r'(?:src|href)="https?:', page)


def test_a_page_of_a_contract_without_runs_says_so() -> None:
    page = assess_page(answer("binance", "ACTUSDT"))
    assert "Nothing was run" in page
    assert set(re.findall(r'href="#([^"]+)"', page)) <= set(re.findall(r' id="([^"]+)"', page))


def test_a_notebook_gets_the_metrics_as_rows() -> None:
    shown = Shown(answer("binance", "SUIUSDT"))
    frame = shown.to_polars("metrics")
    assert frame.height == len(shown.document["metrics"])
    fund = frame.filter(frame["key"] == "fund")
    assert fund["low"].to_list() == [None]
    assert shown.to_polars("runs").height == len(shown.document["runs"])
    assert "assess-paid" in [one.name for one in shown.sheet.pictures]
