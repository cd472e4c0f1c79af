"""`shortfall collect` and `shortfall snapshots` as a user calls them, against the fake venues."""

from __future__ import annotations

import json
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest
from click.testing import CliRunner

from shortfall.cli.collect import collect
from shortfall.cli.snapshots import snapshots
from shortfall.errors import DataError, InputError

if TYPE_CHECKING:
    from pathlib import Path

    import click

    from shortfall.testing.fake_venues import FakeVenues


def called(command: click.Command, *words: str) -> str:
    result = CliRunner().invoke(command, list(words), catch_exceptions=False)
    assert result.exit_code == 0, result.output
    return result.stdout


def test_a_snapshot_is_printed_kept_shown_and_compared(fakes: FakeVenues, tmp_path: Path) -> None:
    store, url = str(tmp_path / "store"), f"{fakes.url}/bybit"
    first = called(collect, "bybit", "BTCUSDT", "--base-url", url, "--store", store)
    assert "fund 4,100,000.5 USDT" in " ".join(first.split())
    assert "3,000,000,000 USDT (one side)" in " ".join(first.split())
    called(collect, "bybit", "BTCUSDT", "--base-url", f"{fakes.url}/zero/bybit", "--store", store)

    listed = json.loads(called(snapshots, "list", "--store", store, "--json"))
    assert listed["schema"] == "shortfall.snapshots/1"
    assert [(row["symbol"], row["snapshots"], row["gaps"]) for row in listed["contracts"]] == [("BTCUSDT", 2, 0)]
    shown = json.loads(called(snapshots, "show", "bybit", "BTCUSDT", "--store", store, "--json"))
    fund = next(row for row in shown["figures"] if row["name"] == "fund_balance")
    assert (fund["value"], fund["state"]) == ("0.00", "observed")
    changed = json.loads(called(snapshots, "diff", "bybit", "BTCUSDT", "--store", store, "--json"))
    change = next(row for row in changed["changes"] if row["name"] == "fund_balance")
    assert (change["from"], change["to"], change["relative"]) == ("4100000.5", "0.00", "-1.000000")
    told = json.loads(called(snapshots, "history", "bybit", "BTCUSDT", "--store", store, "--json"))
    assert [(span["value"], span["snapshots"]) for span in told["spans"]] == [("4100000.5", 1), ("0.00", 1)]
    words = ("history", "bybit", "BTCUSDT", "--figure", "adl_state", "--store", store)
    assert "pool empty" in called(snapshots, *words)  # a balance of 0 is one of the venue's triggers
    assert "fund_balance" in called(snapshots, "diff", "bybit", "BTCUSDT", "--store", store)
    assert "bybit:BTCUSDT" in called(snapshots, "list", "--store", store)


def test_a_document_has_money_as_text_and_typed_findings(fakes: FakeVenues) -> None:
    text = called(collect, "gate", "BTC_USDT", "--base-url", f"{fakes.url}/negative/gate", "--json")
    document = json.loads(text)
    assert document["schema"] == "shortfall.collect/1"
    (contract,) = document["contracts"]
    assert contract["pools"][0]["assets"] == [{"asset": "USDT", "balance": "-518811.50"}]
    assert [row["kind"] for row in contract["findings"]] == ["negative"]


def test_every_refusal_is_told_at_once(fakes: FakeVenues) -> None:
    words = ["okx", "BTC-USDT", "SAFU", "--base-url", f"{fakes.url}/okx"]
    with pytest.raises(InputError) as caught:
        CliRunner().invoke(collect, words, catch_exceptions=False)
    assert [finding.path for finding in caught.value.findings] == ["okx:BTC-USDT", "okx:SAFU"]


def test_a_venue_that_answers_nothing_is_an_error_after_the_report(fakes: FakeVenues) -> None:
    words = ["paradex", "BTC-USD-PERP", "--base-url", f"{fakes.url}/403/paradex", "--attempts", "1"]
    with pytest.raises(DataError, match="had none"):
        CliRunner().invoke(collect, words, catch_exceptions=False)


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (("nowhere", "X"), "one of binance, bybit"),
        (("okx", "A-SWAP", "--base-url", "ftp://x"), "http://"),
        (("okx", "A-SWAP", "--timeout", "0"), "--timeout"),
        (("okx", "A-SWAP", "--attempts", "99"), "1 to 10"),
    ],
)
def test_a_bad_request_is_refused(words: tuple[str, ...], message: str) -> None:
    with pytest.raises(InputError, match=message):
        CliRunner().invoke(collect, list(words), catch_exceptions=False)


def test_a_folder_that_is_no_store_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="collect first"):
        CliRunner().invoke(snapshots, ["list", "--store", str(tmp_path / "none")], catch_exceptions=False)
    with pytest.raises(InputError, match="Expected a time"):
        CliRunner().invoke(
            snapshots, ["show", "v", "S", "--at", "noon", "--store", str(tmp_path)], catch_exceptions=False
        )


def test_the_fake_venues_run_as_a_program() -> None:
    words = [sys.executable, "-m", "shortfall.testing.fake_venues", "--port", "0"]
    with subprocess.Popen(words, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        line = process.stdout.readline()
        process.terminate()
    assert line.startswith("fake venues at http://127.0.0.1:")
