"""`shortfall watch` as a process of its own: killed, restarted, and its store counted."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest

from shortfall.data.snapshot_rows import GAP
from shortfall.data.snapshot_store import SnapshotStore

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from shortfall.testing.fake_venues import FakeVenues

AGES = (datetime(1970, 1, 1, tzinfo=UTC), datetime(9000, 1, 1, tzinfo=UTC))
MAIN = "from shortfall.cli.main import main; main()"
CONTRACT = ("paradex", "BTC-USD-PERP")


def started(*words: str) -> subprocess.Popen[str]:
    return subprocess.Popen([sys.executable, "-c", MAIN, *words], stderr=subprocess.PIPE, text=True)


def wait_for(what: Callable[[], bool]) -> None:
    end = time.monotonic() + 20
    while not what():
        assert time.monotonic() < end, "it did not happen within 20 s"
        time.sleep(0.05)


def killed(process: subprocess.Popen[str]) -> None:
    os.kill(process.pid, signal.SIGKILL)
    process.wait(10)
    if process.stderr is not None:
        process.stderr.close()


def test_a_kill_loses_nothing_doubles_nothing_and_the_pause_is_a_gap(fakes: FakeVenues, tmp_path: Path) -> None:
    store = SnapshotStore(tmp_path)
    words = ("watch", *CONTRACT, "--every", "1s", "--store", str(tmp_path), "--base-url", f"{fakes.url}/paradex")
    first = started(*words)
    wait_for(lambda: len(store.slots(*CONTRACT)) >= 1)
    killed(first)
    before = store.slots(*CONTRACT)
    time.sleep(2.2)  # at least one whole slot passes
    second = started(*words)
    wait_for(lambda: len(store.slots(*CONTRACT)) >= len(before) + 2)
    killed(second)

    store.refresh()
    slots = store.slots(*CONTRACT)
    times = [at for _, _, at, _ in store.snapshots(*CONTRACT)]
    assert len(times) == len(slots) == len(set(times))
    assert slots[: len(before)] == before
    # kept slots and missed slots together are every second from the first to the last
    gaps = [json.loads(row.value) for row in store.rows(*CONTRACT, *AGES, GAP)]
    assert sum(gap["missed"] for gap in gaps) + len(slots) == (slots[-1] - slots[0]) / timedelta(seconds=1) + 1
    assert any(datetime.fromisoformat(gap["first"]) > before[-1] for gap in gaps)
    # the fake shows the same liquidation each time
    assert [key for key, _, _ in store.liquidations(*CONTRACT)] == ["liquidation/p2"]


def test_watching_ends_after_its_time_and_a_failing_venue_is_kept_as_unknown(fakes: FakeVenues, tmp_path: Path) -> None:
    words = ("watch", *CONTRACT, "--every", "1s", "--for", "1s", "--store", str(tmp_path))
    process = started(*words, "--base-url", f"{fakes.url}/403/paradex")
    _, said = process.communicate(timeout=20)
    assert process.returncode == 0, said
    store = SnapshotStore(tmp_path)
    store.refresh()
    held = store.load(*CONTRACT)
    assert not held.get("fund_balance").known
    assert "403" in held.get("fund_balance").note


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (("--every", "500ms"), "whole seconds"),
        (("--every", "60"), "--every"),
        (("--for", "0s"), "whole seconds"),
    ],
)
def test_a_bad_interval_is_refused(words: tuple[str, ...], message: str, tmp_path: Path) -> None:
    process = started("watch", *CONTRACT, *words, "--store", str(tmp_path))
    _, said = process.communicate(timeout=20)
    assert process.returncode == 5
    assert message in said


def test_a_refusal_at_the_start_stops_and_one_in_between_is_a_gap(fakes: FakeVenues, tmp_path: Path) -> None:
    words = ("watch", "bitmex", "XBTUSD", "--every", "1s", "--for", "1s", "--store", str(tmp_path))
    refused = started(*words, "--base-url", f"{fakes.url}/list/bitmex")  # an empty list: no such instrument
    _, said = refused.communicate(timeout=20)
    assert (refused.returncode, "not a perpetual" in said) == (5, True)

    good = started(*words, "--base-url", f"{fakes.url}/bitmex")
    assert good.wait(20) == 0
    before = SnapshotStore(tmp_path).slots("bitmex", "XBTUSD")
    assert before
    time.sleep(1)
    later = started(*words, "--base-url", f"{fakes.url}/list/bitmex")
    _, said = later.communicate(timeout=20)
    assert (later.returncode, "which leaves a gap" in said) == (0, True)
    if good.stderr is not None:
        good.stderr.close()
    assert SnapshotStore(tmp_path).slots("bitmex", "XBTUSD") == before
