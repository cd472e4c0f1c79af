"""Peers' own numbers, run through rule records and the exchange: golden cases, declared gaps, and proof that the harness can fail."""

from __future__ import annotations

import json
from dataclasses import replace
from decimal import Decimal
from fractions import Fraction
from pathlib import Path
from typing import Any, Final

import pytest
from adapters.outcome import Disagreement, Figure, Unsupported, agrees  # type: ignore[import-not-found]  # lies beside this file
from adapters.scales import Wanted, fitted  # type: ignore[import-not-found]  # the same
from casefile import Case, read_cases, read_folder  # type: ignore[import-not-found]  # the same
from tally import DEFAULT, main  # type: ignore[import-not-found]  # the same
from unsupported import DISAGREEMENTS, MISSING  # type: ignore[import-not-found]  # the same
from verdict import DISAGREED, FAILED, PASSED, UNSUPPORTED, judge  # type: ignore[import-not-found]  # the same

from shortfall.errors import InputError
from shortfall.rules.ruleset import RuleSet

GOLDEN: Final = Path(__file__).resolve().parent / "golden"
CASES: Final = tuple(read_folder(GOLDEN))
DECLARED: Final[dict[tuple[str, str], str]] = {
    (content["peer"], entry["name"]): entry["declared"]
    for content in (json.loads(path.read_text(encoding="utf-8")) for path in sorted(GOLDEN.glob("*.json")))
    for entry in content["cases"]
    if "declared" in entry
}


def is_declared(case: Case) -> bool:
    return (case.peer, case.name) in DECLARED


def named(case: Case) -> str:
    return f"{case.peer}-{case.name}"


def one(kind: str) -> Case:
    """Return the first golden case of a kind that is not declared."""
    return next(case for case in CASES if case.kind == kind and not is_declared(case))


# -- the cases ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("case", [case for case in CASES if not is_declared(case)], ids=named)
def test_the_engine_says_what_the_peer_says(case: Case) -> None:
    verdict = judge(case)
    assert verdict.outcome == PASSED, verdict.reason


@pytest.mark.parametrize("case", [case for case in CASES if is_declared(case)], ids=named)
def test_a_declared_case_stands_out_for_its_declared_reason(case: Case) -> None:
    verdict = judge(case)
    reason = DECLARED[case.peer, case.name]
    expected = DISAGREED if reason in DISAGREEMENTS else UNSUPPORTED
    assert (verdict.outcome, verdict.reason) == (expected, reason)


@pytest.mark.parametrize("case", [case for case in CASES if not is_declared(case)], ids=named)
def test_a_spoiled_expectation_fails(case: Case) -> None:
    outcomes = {judge(replace(case, expected=wrong)).outcome for wrong in spoiled(case.expected)}
    assert outcomes == {FAILED}


def spoiled(expected: object) -> list[object]:
    """Return expectations in which one figure is wrong by a thousandth, or one statement is the other way round."""
    if isinstance(expected, dict):
        others = [
            {**expected, name: wrong} for name in expected if name != "error" for wrong in spoiled(expected[name])
        ]
        return [*others, *([{"fund_delta": "1"}] if "error" in expected else [])]
    if isinstance(expected, list):
        return [[*expected, *expected, 1]]
    if isinstance(expected, bool):
        return [not expected]
    if expected is None:
        return [1]
    if isinstance(expected, str) and not set(expected) <= set("0123456789-./"):
        return [f"{expected}?"]
    above, _, below = str(expected).partition("/")
    number = Decimal(above) * Decimal("1.001") + (0 if Decimal(above) else 1)
    return [f"{number}/{below}" if below else number]


def test_the_name_of_a_case_changes_nothing() -> None:
    case = one("bankruptcy_price")
    assert judge(replace(case, name="another")) == judge(case)


# -- what is declared --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("word", sorted({word for row in MISSING.values() for word in row.refused}))
def test_a_missing_mechanism_is_still_refused_by_the_rule_space(word: str) -> None:
    with pytest.raises(InputError):
        RuleSet().changed(word)


def test_every_reason_is_written_out() -> None:
    assert all(row.what for row in MISSING.values())
    assert all(DISAGREEMENTS.values())
    assert set(DECLARED.values()) <= set(MISSING) | set(DISAGREEMENTS)


def test_a_span_of_prices_beyond_the_scale_is_really_refused() -> None:
    with pytest.raises(Unsupported, match="price-span"):
        fitted([Wanted("WIDE", (Decimal(50_000), Decimal("0.000001")), (Decimal(1),))], Fraction(100_000))


def test_an_unknown_kind_is_unsupported_and_an_unknown_input_fails() -> None:
    case = one("is_liquidatable")
    assert judge(replace(case, kind="a kind of tomorrow")).reason == "kind-without-an-adapter"
    assert judge(replace(case, inputs={})).outcome == FAILED


def test_a_partial_fill_beyond_bankruptcy_is_a_documented_disagreement() -> None:
    case = next(c for c in CASES if c.kind == "liquidation_fund_delta" and c.expected == {"fund_delta": "-51"})
    half = {**case.inputs, "fill": {**case.inputs["fill"], "size": "0.05"}}
    verdict = judge(replace(case, inputs=half, expected={"fund_delta": "-25.5"}))
    assert (verdict.outcome, verdict.reason) == (DISAGREED, "fund-pays-once-the-account-is-flat")
    assert verdict.said == {"fund_delta": 0}


def test_a_close_out_whose_other_deposits_are_stated_agrees() -> None:
    case = next(c for c in CASES if c.kind == "pool_pays_closeout_cost")
    others = case.expected["cumulated_balance"] - case.inputs["insurance_pool"] - case.inputs["party1"]["deposit"]
    assert others > 0  # what accounts hold that the peer's case counts and does not state
    known = {name: amount for name, amount in case.expected.items() if name != "cumulated_balance"}
    stated = {**case.inputs, "deposits": {"others": others}}
    assert judge(replace(case, inputs=stated, expected=known)).outcome == PASSED


def test_a_partial_fill_above_bankruptcy_pays_its_share_of_what_is_left() -> None:
    case = next(c for c in CASES if c.kind == "liquidation_fund_delta" and c.expected == {"fund_delta": "5.1"})
    half = {**case.inputs, "fill": {**case.inputs["fill"], "size": "0.05"}}
    assert judge(replace(case, inputs=half, expected={"fund_delta": "2.55"})).outcome == PASSED


def test_a_bankruptcy_price_of_a_healthy_account_is_the_price_at_which_it_would_be_liquidated() -> None:
    case = one("bankruptcy_price")
    rich = {**case.inputs, "account": {**case.inputs["account"], "usdc": "-4000"}}
    expected = {"quote_received_at_bankruptcy": "4000", "implied_price": "40000"}
    assert judge(replace(case, inputs=rich, expected=expected)).outcome == PASSED


def test_a_capacity_that_the_second_bound_decides_is_twice_the_equity() -> None:
    case = one("LSP capacity")
    wide = replace(case, inputs={**case.inputs, "tier1_pct": 300}, expected=2 * case.inputs["equity"])
    assert judge(wide).outcome == PASSED


def test_a_rate_finer_than_the_engine_can_state_is_unsupported() -> None:
    case = one("tiered maintenance margin")
    fine = {**case.inputs, "tiers": [[5000, Decimal("0.01234567")]]}
    assert judge(replace(case, inputs=fine)).reason == "rate-finer-than-ppm"


# -- agreement ------------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("expected", "said", "agreed"),
    [
        ("1/3", Fraction(1, 3), True),
        ("0.333333", Fraction(1, 3), False),
        (Decimal("1.5"), Fraction(3, 2), True),
        (True, 1, False),
        (1, True, False),
        (Decimal("7481.48"), Figure(Fraction(748148, 100), Fraction(1, 1000), None), True),
        (7481, Figure(Fraction(748148, 100), unit=Fraction(1)), True),
        (7482, Figure(Fraction(748148, 100), unit=Fraction(1)), False),
        (7481, Figure(Fraction(748148, 100)), False),
        ({"a": 1}, {"a": 1, "b": 2}, True),
        ({"a": 1, "b": 2}, {"a": 1}, False),
        ([{"id": "b", "x": 2}], [{"id": "a", "x": 1}, {"id": "b", "x": 2, "y": 3}], True),
        ([{"id": "b", "x": 2}], [{"id": "a", "x": 2}], False),
        ([{"x": 2}], [{"x": 2}, {"x": 3}], False),
        ({"error": "theirs"}, {"error": "ours"}, True),
        ({"error": "theirs"}, {"a": 1}, False),
        ({"a": 1}, {"a": 1, "error": "ours"}, False),
        ([1, 2], [1], False),
        ("2", "2", True),
        (None, 1, False),
    ],
)
def test_agreement_is_exact_in_the_peers_unit(expected: object, said: object, agreed: bool) -> None:  # noqa: FBT001 - a column
    assert agrees(expected, said) == agreed


# -- the tally ------------------------------------------------------------------------------------------------------------------


def write(folder: Path, peer: str, cases: list[dict[str, Any]]) -> None:
    document = {"peer": peer, "topic": "prices", "cases": cases}
    (folder / f"{peer}.json").write_text(json.dumps(document), encoding="utf-8")


def counts(capsys: pytest.CaptureFixture[str]) -> dict[str, dict[str, int]]:
    last: dict[str, dict[str, int]] = json.loads(capsys.readouterr().out.splitlines()[-1])
    return last


def test_the_tally_ends_with_counts_by_peer(capsys: pytest.CaptureFixture[str]) -> None:
    assert main([str(GOLDEN)]) == 0
    rows = counts(capsys)
    assert set(rows) == {case.peer for case in CASES}
    for row in rows.values():
        assert row["cases"] == row["passed"] + row["disagreed"] + row["unsupported"]
    assert sum(row["unsupported"] + row["disagreed"] for row in rows.values()) == len(DECLARED)


def test_the_tally_counts_a_peer_without_an_adapter_as_unsupported(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    write(tmp_path, "nobody", [{"id": "x", "kind": "y", "inputs": {}, "expected": 1}])
    assert main([str(tmp_path)]) == 0
    assert counts(capsys) == {"nobody": {"cases": 1, "passed": 0, "disagreed": 0, "unsupported": 1}}


def test_the_tally_fails_when_a_supported_case_does(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    raw = json.loads((GOLDEN / "dydx_v4_prices.json").read_text(encoding="utf-8"))["cases"][0]
    write(tmp_path, "dydx_v4", [{**raw, "expected": {"implied_price": "45011"}}])
    assert main([str(tmp_path)]) == 1
    assert counts(capsys) == {"dydx_v4": {"cases": 1, "passed": 0, "disagreed": 0, "unsupported": 0}}


def test_the_tally_says_when_there_is_no_folder(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main([str(tmp_path / "nowhere")]) == 5
    assert "Expected a folder" in capsys.readouterr().err


@pytest.mark.skipif(not DEFAULT.is_dir(), reason="the peers' own case files are not at hand: the golden cases are")
def test_golden_cases_are_the_peers_own() -> None:
    own = {(cases[0].peer, cases[0].topic): cases for cases in map(read_cases, sorted(DEFAULT.glob("*.json")))}
    for path in sorted(GOLDEN.glob("*.json")):
        golden = read_cases(path)
        peers = own[golden[0].peer, golden[0].topic]
        assert [case.kind for case in golden] == [case.kind for case in peers]
        assert [judge(case).outcome for case in golden] == [judge(case).outcome for case in peers]


def test_a_stale_disagreement_is_a_failure(monkeypatch: pytest.MonkeyPatch) -> None:
    case = one("is_liquidatable")

    def agreeing(_kind: str, _inputs: object) -> Disagreement:
        return Disagreement("fund-pays-once-the-account-is-flat", case.expected)

    monkeypatch.setitem(judge.__globals__["ADAPTERS"], (case.peer, case.topic), agreeing)
    assert judge(case).outcome == FAILED
