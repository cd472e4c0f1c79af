"""Errors say everything that is wrong, at once, and nobody swallows a broken law by accident."""

from __future__ import annotations

import ast
import pickle
import re
import subprocess
import sys
from pathlib import Path

import pytest

from shortfall import errors
from shortfall.errors import (
    CapacityError,
    DataError,
    ExitCode,
    Finding,
    Findings,
    InputError,
    InvariantViolationError,
    JournalError,
    RuleError,
    ShortfallError,
    ensure,
    exit_code_of,
)


def test_an_input_error_lists_every_finding_one_a_line() -> None:
    error = InputError([Finding("fund.cash", "Expected zero or more, was -5", 12), Finding("", "No accounts")])
    assert str(error) == "fund.cash (line 12): Expected zero or more, was -5\nNo accounts"


@pytest.mark.parametrize(
    ("finding", "text"),
    [
        (Finding("a.b", "wrong"), "a.b: wrong"),
        (Finding("a.b", "wrong", 3), "a.b (line 3): wrong"),
        (Finding("", "wrong", 3), "(line 3): wrong"),
        (Finding("", "wrong"), "wrong"),
    ],
)
def test_a_finding_names_only_what_is_known(finding: Finding, text: str) -> None:
    assert str(finding) == text


def test_an_input_error_without_a_finding_is_our_own_bug() -> None:
    with pytest.raises(InvariantViolationError, match="at least one finding"):
        RuleError([])


def test_findings_are_raised_together_in_order_and_as_the_kind_asked_for() -> None:
    findings = Findings()
    findings.add("tiers[1]", "first")
    findings.include(RuleError([Finding("tiers[2]", "second", 7)]))
    with pytest.raises(DataError) as caught:
        findings.raise_if_any(DataError)
    assert caught.value.findings == (Finding("tiers[1]", "first"), Finding("tiers[2]", "second", 7))
    assert findings.as_tuple() == caught.value.findings


def test_no_findings_raise_nothing() -> None:
    findings = Findings()
    findings.raise_if_any()
    assert findings.as_tuple() == ()


def test_a_law_that_holds_is_silent() -> None:
    drift = 0
    ensure(drift == 0, "balances sum to zero", drift=drift)
    assert drift == 0


def test_a_broken_law_prints_the_law_the_facts_and_what_to_run() -> None:
    with pytest.raises(InvariantViolationError) as caught:
        ensure(1 + 1 == 3, "balances sum to zero", drift=-4, asset="USDT")
    lines = str(caught.value).splitlines()
    assert lines[:3] == ["Law broken: balances sum to zero", "  drift = -4", "  asset = 'USDT'"]
    assert lines[3] == f"To see it again: {errors.SEE_IT_AGAIN}"


def test_the_command_that_shows_it_again_takes_the_place_of_the_general_advice() -> None:
    error = InvariantViolationError("sizes sum to zero", {"lots": 1, "rerun": "shortfall run w.toml"})
    assert str(error).splitlines()[-1] == "To see it again: shortfall run w.toml"


def test_laws_stay_on_when_python_drops_its_assertions() -> None:
    script = "from shortfall.errors import ensure; ensure(False, 'never compiled away')"
    done = subprocess.run([sys.executable, "-O", "-c", script], capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert "Law broken: never compiled away" in done.stderr


def test_recovering_from_a_callers_mistake_never_swallows_a_broken_law() -> None:
    assert not issubclass(InvariantViolationError, ShortfallError)
    assert issubclass(RuleError, InputError)
    assert issubclass(DataError, InputError)


CODES = {"OK": 0, "OUR_BUG": 1, "USAGE": 2, "INPUT": 5, "CAPACITY": 6, "JOURNAL": 7}


def test_the_table_of_exit_codes_is_the_documented_one() -> None:
    page = Path(__file__).parents[2] / "docs" / "reference" / "exit-codes.md"
    documented = re.findall(r"^\| (\d+) \| `(\w+)` \|", page.read_text(encoding="utf-8"), re.MULTILINE)
    assert {member.name: int(member) for member in ExitCode} == CODES
    assert {name: int(code) for code, name in documented} == CODES


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (InputError([Finding("x", "y")]), 5),
        (RuleError([Finding("x", "y")]), 5),
        (DataError([Finding("x", "y")]), 5),
        (CapacityError("full"), 6),
        (JournalError("cut"), 7),
        (InvariantViolationError("law"), 1),
        (KeyError("x"), 1),
    ],
)
def test_every_error_has_its_exit_code(error: Exception, code: int) -> None:
    assert exit_code_of(error) == code


@pytest.mark.parametrize("error", [DataError([Finding("x", "y", 2)]), InvariantViolationError("law", {"drift": 3})])
def test_errors_survive_the_way_back_from_a_worker(error: Exception) -> None:
    copy = pickle.loads(pickle.dumps(error))  # noqa: S301 - our own bytes
    assert type(copy) is type(error)
    assert str(copy) == str(error)


def test_nobody_inside_catches_a_broken_law() -> None:
    """A handler that would catch it names it, names Exception or BaseException, or names nothing."""
    too_wide = {"InvariantViolationError", "Exception", "BaseException"}
    package = Path(errors.__file__).parent
    caught = [
        f"{path.relative_to(package)}:{node.lineno}"
        for path in package.rglob("*.py")
        if path.parent.name not in {"cli", "testing"}
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.ExceptHandler)
        and (node.type is None or too_wide & {name.id for name in ast.walk(node.type) if isinstance(name, ast.Name)})
    ]
    assert caught == []


def test_public_names_are_sorted_and_exist() -> None:
    assert errors.__all__ == sorted(errors.__all__)
    assert all(hasattr(errors, name) for name in errors.__all__)
