"""Replaying a journal gives the state, byte for byte, from its beginning or from a snapshot, and after a kill."""

from __future__ import annotations

import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest
from journal_world import flow, open_traders, small_exchange  # type: ignore[import-not-found]  # lies beside this file

from shortfall.engine.journal import read_journal
from shortfall.engine.setup import setup_from_json, setup_of, setup_to_json
from shortfall.engine.snapshot import load_snapshot, recover, resume, save_snapshot, start_journal, state_digest
from shortfall.errors import CapacityError, JournalError
from shortfall.kernels import layout as at
from shortfall.model.commands import Deposit


def test_a_setup_survives_json() -> None:
    setup = setup_of(small_exchange())
    assert setup_from_json(setup_to_json(setup)) == setup
    assert state_digest(setup.build()) == state_digest(small_exchange())


def test_replay_gives_the_state_byte_for_byte(tmp_path: Path) -> None:
    exchange = small_exchange()
    with start_journal(exchange, tmp_path / "j", group=64) as journal:
        rows = flow(open_traders(exchange), 1500)
        for row in rows[:300]:
            exchange.submit_row(tuple(int(x) for x in row))
            exchange.read_event_rows()
        for _ in exchange.run(rows[300:]):
            pass
        journal.commit()
        recovered = recover(tmp_path / "j")
    assert exchange.stat(0, at.T_LIQUIDATIONS) > 0
    assert state_digest(recovered) == state_digest(exchange)
    assert recovered.names == exchange.names
    recovered.check_laws()
    recovered.check_nobody_overlooked()


def test_snapshot_and_tail_equal_the_full_replay(tmp_path: Path) -> None:
    exchange = small_exchange()
    with start_journal(exchange, tmp_path / "j", group=50) as journal:
        rows = flow(open_traders(exchange), 900)
        for k in range(9):
            for _ in exchange.run(rows[100 * k : 100 * (k + 1)]):
                pass
            save_snapshot(exchange, tmp_path / f"s{k}", journal)
            exchange.open_account(f"late {k}")
    full = recover(tmp_path / "j")
    assert state_digest(full) == state_digest(exchange)
    for k in range(9):
        recovered = recover(tmp_path / "j", tmp_path / f"s{k}")
        assert state_digest(recovered) == state_digest(full)
        assert recovered.names == exchange.names


def test_a_recovered_exchange_goes_on(tmp_path: Path) -> None:
    exchange = small_exchange()
    with start_journal(exchange, tmp_path / "j"):
        traders = open_traders(exchange)
        rows = flow(traders, 600)
        for _ in exchange.run(rows[:350]):
            pass
    again, journal = resume(tmp_path / "j")
    with journal:
        for each in (exchange, again):
            each.journal = None if each is exchange else journal
            for _ in each.run(rows[350:]):
                pass
    assert state_digest(again) == state_digest(exchange)
    assert state_digest(recover(tmp_path / "j")) == state_digest(exchange)


def test_a_torn_journal_recovers_to_the_state_after_some_commit(tmp_path: Path) -> None:
    exchange = small_exchange()
    digests = set()
    with start_journal(exchange, tmp_path / "j", group=1000) as journal:
        digests.add(state_digest(exchange))
        rows = flow(open_traders(exchange), 120)
        for first in range(0, 120, 40):
            for _ in exchange.run(rows[first : first + 40]):
                pass
            journal.commit()
            digests.add(state_digest(exchange))
    data = (tmp_path / "j").read_bytes()
    start = len(data) - 3 * 40 * 64
    for length in range(start, len(data) + 1, 501):
        (tmp_path / "cut").write_bytes(data[:length])
        assert state_digest(recover(tmp_path / "cut")) in digests


def test_a_damaged_snapshot_is_refused(tmp_path: Path) -> None:
    exchange = small_exchange()
    open_traders(exchange)
    save_snapshot(exchange, tmp_path / "s")
    assert state_digest(load_snapshot(tmp_path / "s")) == state_digest(exchange)
    data = (tmp_path / "s").read_bytes()
    step = max(1, len(data) // 200)
    for position in range(0, len(data), step):
        flipped = bytearray(data)
        flipped[position] ^= 1
        for wrong in (bytes(flipped), data[:position]):
            (tmp_path / "wrong").write_bytes(wrong)
            with pytest.raises(JournalError):
                load_snapshot(tmp_path / "wrong")


def test_a_snapshot_of_another_journal_is_refused(tmp_path: Path) -> None:
    first, second = small_exchange(), small_exchange()
    second.must(Deposit(int(second.holder(0, at.M_FUND)), 5))
    with start_journal(first, tmp_path / "j1") as one, start_journal(second, tmp_path / "j2") as two:
        open_traders(first)
        save_snapshot(first, tmp_path / "s1", one)
        save_snapshot(second, tmp_path / "s2", two)
    with pytest.raises(JournalError, match="another journal"):
        recover(tmp_path / "j1", tmp_path / "s2")
    with pytest.raises(JournalError, match="give the snapshot"):
        recover(tmp_path / "j2")
    assert state_digest(recover(tmp_path / "j2", tmp_path / "s2")) == state_digest(second)


def test_other_kernels_are_refused_unless_asked_for(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    exchange = small_exchange()
    with start_journal(exchange, tmp_path / "j"):
        open_traders(exchange)
    monkeypatch.setattr("shortfall.engine.snapshot.source_digest", lambda: "another")
    with pytest.raises(JournalError, match="kernels"):
        recover(tmp_path / "j")
    assert state_digest(recover(tmp_path / "j", other_kernels=True)) == state_digest(exchange)


def test_a_state_that_is_full_is_full_again(tmp_path: Path) -> None:
    exchange = small_exchange()
    with start_journal(exchange, tmp_path / "j"):
        (trader, *_) = open_traders(exchange)
        rows = np.zeros((300, 8), np.int64)
        rows[:] = (at.OP_ORDER, trader, 0, 0, 100, 1, 0, 0)
        with pytest.raises(CapacityError):
            list(exchange.run(rows))
    with pytest.raises(CapacityError):
        recover(tmp_path / "j")


WRITER = """
import sys
sys.path.insert(0, sys.argv[2])
from journal_world import flow, open_traders, small_exchange
from shortfall.engine.snapshot import start_journal
exchange = small_exchange()
journal = start_journal(exchange, sys.argv[1], group=7)
rows = flow(open_traders(exchange), 20000)
print(journal.commit(), flush=True)
for k, row in enumerate(rows):
    exchange.submit_row(tuple(int(x) for x in row))
    exchange.read_event_rows()
    if k % 11 == 0:
        print(journal.commit(), flush=True)
"""


@pytest.mark.parametrize("wait_ms", [3, 20, 90])
def test_a_killed_writer_loses_nothing_that_it_acknowledged(tmp_path: Path, wait_ms: int) -> None:
    here = str(Path(__file__).parent)
    command = [sys.executable, "-c", WRITER, str(tmp_path / "j"), here]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as writer:
        assert writer.stdout is not None
        heard = [int(writer.stdout.readline())]
        time.sleep(wait_ms / 1000)
        writer.kill()
        heard += [int(line) for line in writer.stdout.read().splitlines() if line]
    rows = read_journal(tmp_path / "j").rows
    assert len(rows) >= max(heard)
    whole = small_exchange()
    with start_journal(whole, tmp_path / "again") as journal:
        commands = flow(open_traders(whole), 20000)
        opening = journal.sequence
        for _ in whole.run(commands[: len(rows) - opening]):
            pass
    assert np.array_equal(read_journal(tmp_path / "again").rows, rows)
    assert state_digest(recover(tmp_path / "j")) == state_digest(whole)
