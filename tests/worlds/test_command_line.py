"""The command line: quick help, exit codes, one JSON document, stories."""

from __future__ import annotations

import json
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from shortfall.cli.main import COMMANDS, main
from shortfall.cli.worlds import bundled_names
from shortfall.rules.reference import rule_lines

if TYPE_CHECKING:
    from pathlib import Path

HELP = """
import sys
from shortfall.cli.main import cli
cli(["--help"], standalone_mode=False)
heavy = sorted({"numba", "numpy", "rich", "msgspec"} & set(sys.modules))
print("heavy:", heavy)
"""
LIST = """
import sys
from shortfall.cli.main import cli
cli(["worlds"], standalone_mode=False)
print("numba" in sys.modules)
"""


def called(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, *words: str) -> tuple[int, str, str]:
    monkeypatch.setattr(sys, "argv", ["shortfall", *words])
    with pytest.raises(SystemExit) as caught:
        main()
    out, err = capsys.readouterr()
    return int(caught.value.code or 0), out, err


def test_help_lists_every_command_and_imports_nothing_heavy() -> None:
    done = subprocess.run([sys.executable, "-c", HELP], capture_output=True, text=True, check=True)
    assert done.stdout.splitlines()[-1] == "heavy: []"
    assert all(name in done.stdout for name in COMMANDS)


def test_worlds_are_listed_without_the_engine() -> None:
    done = subprocess.run([sys.executable, "-c", LIST], capture_output=True, text=True, check=True)
    lines = done.stdout.splitlines()
    assert [line.split()[0] for line in lines[:-1]] == bundled_names()
    assert lines[-1] == "False"


def test_run_prints_both_books_and_the_laws(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    code, out, _ = called(capsys, monkeypatch, "run", "fund-capacity-runs-out", "--audit")
    assert code == 0
    assert "identity: (5880) + (9120) = 15000 = returned 0 - equity left behind (-15000)" in out
    assert "fund did not take 0.824 of long-b: its notional capacity" in out
    assert "the auditor, who reads events only, finds nothing" in out


def test_run_prints_the_allocation_of_a_cross_account(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    _, out, _ = called(capsys, monkeypatch, "run", "cross-margin")
    assert "allocation of cross: 7500 USDT stood beside 30 ETHUSDT (mark 3000.0, bankruptcy 2750.0)" in out
    assert "allocation of cross: 3750 USDT stood beside 1 BTCUSDT (mark 90000.0, bankruptcy 86250.0)" in out


def test_json_is_one_document_with_events_on_demand(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    _, out, _ = called(capsys, monkeypatch, "run", "calm-liquidation", "--json", "--events")
    record = json.loads(out)
    assert record["schema"] == "shortfall.run/1"
    assert record["liquidations"][0]["surplus_to_fund"] == {"amount": "4027.500000", "unit": "USDT"}
    names = [event["name"] for event in record["steps"][1]["events"]]
    assert names[:2] == ["MarkUpdated", "LiquidationTriggered"]


def test_explain_says_why_a_winner_was_cut(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    code, out, _ = called(capsys, monkeypatch, "explain", "right-and-cut", "--account", "right")
    assert code == 0
    assert "ADL closed 1 BTCUSDT at 90000.0" in out
    assert "Against mark it gave up 5000 USDT" in out
    assert "rank score by the rule was 0.5366" in out


def test_a_bad_file_exits_with_5_and_prints_nothing_half_run(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    path = tmp_path / "bad.toml"
    path.write_text('title = "x"\nwrong = 1\n[assets]\nUSDT = { exponent = 60 }\n')
    code, out, err = called(capsys, monkeypatch, "run", str(path))
    assert (code, out) == (5, "")
    assert "wrong (line 2)" in err
    assert "assets.USDT.exponent (line 4): Expected a whole number from 0 to 18, was 60" in err
    assert "at least one [[market]]" in err


@pytest.mark.parametrize(
    "words",
    [
        ("run", "no-such-world"),
        ("explain", "calm-liquidation", "--account", "nobody"),
        ("rules", "no-slot"),
        ("worlds", "copy", "no-such-world"),
    ],
)
def test_unknown_names_exit_with_5(
    words: tuple[str, ...], capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    code, _, err = called(capsys, monkeypatch, *words)
    assert code == 5
    assert "Expected" in err


def test_usage_errors_exit_with_2(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    code, _, _ = called(capsys, monkeypatch, "explain", "calm-liquidation")
    assert code == 2


def test_a_world_is_copied_once_and_then_left_alone(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    code, _, _ = called(capsys, monkeypatch, "worlds", "copy", "inverse", str(tmp_path))
    assert code == 0
    assert (tmp_path / "inverse.toml").exists()
    again, _, err = called(capsys, monkeypatch, "worlds", "copy", "inverse", str(tmp_path))
    assert again == 5
    assert "not there yet" in err


def test_rules_lists_every_rule_of_the_space(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    _, out, _ = called(capsys, monkeypatch, "rules")
    assert all(f"{name} = " in out for name in (line.name for line in rule_lines()))
