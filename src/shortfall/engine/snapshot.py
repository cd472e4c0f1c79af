"""Snapshots and recovery: a state on the disk, and a state from the journal.

A snapshot is only a shortcut: it plus the journal behind it gives the same bytes as the whole journal. It leaves out
the addresses of compiled code and which events were read, because neither is part of what happened.

Layout: magic, length of the JSON, the JSON (setup, names, row of the journal, array lengths), the arrays without
their constant tails, and the SHA-256 of everything before it.
"""

from __future__ import annotations

import hashlib
import json
import os
import struct
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from shortfall.engine.blocks import NOTE, Contents, read_note
from shortfall.engine.journal import GROUP, Journal, read_journal, sync_folder, write_through
from shortfall.engine.setup import Setup, setup_from_json, setup_of, setup_to_json
from shortfall.errors import JournalError
from shortfall.kernels import layout as at
from shortfall.kernels._jit import source_digest

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from numpy.typing import NDArray

    from shortfall.engine.exchange import Exchange

MAGIC: Final = b"SHRTSNAP"
LENGTH: Final = struct.Struct("<8sQ")
DIGEST_BYTES: Final = 32
CHUNK: Final = 1 << 16
LEFT_OUT: Final = "units"  # addresses of compiled code: another process has others


# -- journal of an exchange --------------------------------------------------------------------------------------------


def start_journal(exchange: Exchange, path: str | Path, group: int = GROUP) -> Journal:
    """Create a journal for an exchange and attach it: every command from now on is in it before it runs.

    An exchange that was filled other than by commands needs a snapshot taken now; recovery says so.

    Raises
    ------
    JournalError
        If the path exists or cannot be written.
    """
    start = {"commands": int(exchange.state.header[at.H_COMMANDS]), "state": state_digest(exchange)}
    header = {"kernels": source_digest(), "setup": setup_to_json(setup_of(exchange)), "start": start}
    journal = Journal.create(path, header, group)
    exchange.journal = journal
    return journal


def resume(path: str | Path, snapshot: str | Path | None = None, group: int = GROUP) -> tuple[Exchange, Journal]:
    """Open a journal, recover its exchange and attach the journal to go on."""
    with ExitStack() as undo:
        journal = Journal.open(path, group)
        undo.callback(journal.close)
        exchange = recover(path, snapshot)
        undo.pop_all()
    exchange.journal = journal
    return exchange, journal


def recover(path: str | Path, snapshot: str | Path | None = None, *, other_kernels: bool = False) -> Exchange:
    """Return the exchange that a journal describes, up to its last valid block; the file is not changed.

    Parameters
    ----------
    path : path
        The journal.
    snapshot : path, optional
        A snapshot of the same journal: only the rows behind it are run.
    other_kernels : bool
        Accept a journal that was written by other kernel sources, whose rules may have been applied otherwise.

    Raises
    ------
    JournalError
        If either file is damaged, they do not belong together, or the sources differ.
    CapacityError
        If the commands do not fit, as they did not when they were first run.
    """
    contents = read_journal(path)
    _check_kernels(contents.header, path, allowed=other_kernels)
    if snapshot is None:
        exchange, first = _rebuild(contents, path), 0
    else:
        exchange, facts = _load(Path(snapshot))
        _check_kernels(facts, snapshot, allowed=other_kernels)
        first = int(facts["row"])
        if facts["start"] != contents.header["start"] or first > len(contents.rows):
            raise JournalError(f"{snapshot}: this snapshot is of another journal, or of rows that {path} does not have")
    replay(exchange, contents.rows[first:])
    return exchange


def replay(exchange: Exchange, rows: NDArray[np.int64]) -> None:
    """Run the rows of a journal: commands, and between them the names of accounts."""
    position = 0
    for note in np.flatnonzero(rows[:, 0] == NOTE):
        if note < position:  # a further row of a long name
            continue
        _run(exchange, rows[position:note])
        account, name, used = read_note(rows[note:])
        exchange.names.accounts.append(name)
        exchange.names.ids[name] = account
        position = int(note) + used
    _run(exchange, rows[position:])


def _run(exchange: Exchange, rows: NDArray[np.int64]) -> None:
    for _ in exchange.run(rows):
        pass


def _rebuild(contents: Contents, path: str | Path) -> Exchange:
    exchange = _setup(contents.header, path).build()
    if state_digest(exchange) != contents.header["start"]["state"]:
        message = (
            "the exchange was not empty, or filled other than by commands, when its journal began: give the snapshot"
        )
        raise JournalError(f"{path}: {message} taken then")
    return exchange


def _setup(header: Mapping[str, Any], path: str | Path) -> Setup:
    try:
        return setup_from_json(header["setup"])
    except (KeyError, TypeError, ValueError) as error:
        raise JournalError(f"{path}: the setup cannot be read by this version: {error}") from error


def _check_kernels(header: Mapping[str, Any], path: str | Path, *, allowed: bool) -> None:
    now = source_digest()
    if header["kernels"] != now and not allowed:
        message = f"Expected kernels {now}, was {header['kernels']}: the same commands may not give the same state"
        raise JournalError(f"{path}: {message}")


# -- snapshot ----------------------------------------------------------------------------------------------------------


def save_snapshot(exchange: Exchange, path: str | Path, journal: Journal | None = None) -> None:
    """Write a snapshot, in place of an older one if there is one; half of it is never seen.

    Parameters
    ----------
    exchange : Exchange
        Between two commands.
    path : path
        Where to.
    journal : Journal, optional
        Its journal, which is committed first.
    """
    path = Path(path)
    row = 0 if journal is None else journal.commit()
    names = exchange.names
    facts = {
        "kernels": source_digest(),
        "setup": setup_to_json(setup_of(exchange)),
        "start": None if journal is None else journal.start,
        "row": row,
        "names": {"accounts": names.accounts, "ids": names.ids},
        "arrays": [[name, len(array), used, fill] for name, array, used, fill in _arrays(exchange)],
    }
    text = json.dumps(facts, sort_keys=True).encode()
    parts = [LENGTH.pack(MAGIC, len(text)), text]
    parts += [array[:used].astype("<i8", copy=False).tobytes() for _, array, used, _ in _arrays(exchange)]
    digest = hashlib.sha256()
    for part in parts:
        digest.update(part)
    draft = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        write_through(draft, b"".join([*parts, digest.digest()]))
        draft.replace(path)
    except OSError as error:
        draft.unlink(missing_ok=True)
        raise JournalError(f"{path}: cannot write the snapshot: {error.strerror}") from error
    sync_folder(path.parent)


def load_snapshot(path: str | Path) -> Exchange:
    """Return the exchange of a snapshot.

    Raises
    ------
    JournalError
        If it cannot be read or is damaged.
    """
    return _load(Path(path))[0]


def state_digest(exchange: Exchange) -> str:
    """Return the SHA-256 of the whole state: two exchanges with the same digest go on alike."""
    digest = hashlib.sha256()
    for name, array, used, fill in _arrays(exchange):
        digest.update(f"{name} {len(array)} {used} {fill}".encode())
        digest.update(array[:used].astype("<i8", copy=False).tobytes())
    return digest.hexdigest()


def _arrays(exchange: Exchange) -> Iterator[tuple[str, NDArray[np.int64], int, int]]:
    """Yield (name, array, words before the constant tail, that constant), every event taken for read."""
    for name, array in zip(at.STATE_FIELDS, exchange.state.arrays(), strict=True):
        if name == LEFT_OUT:
            continue
        words = np.asarray(array)
        if name == "header":
            words = words.copy()
            words[at.H_EVENTS_READ] = words[at.H_EVENTS]
        yield name, words, _used(words), int(words[-1])


def _used(words: NDArray[np.int64]) -> int:
    """Return how many words stand before the constant tail, looking from the end."""
    last = words[-1]
    end = len(words)
    while end > 0:
        start = max(0, end - CHUNK)
        other = np.flatnonzero(words[start:end] != last)
        if len(other):
            return start + int(other[-1]) + 1
        end = start
    return 0


def _load(path: Path) -> tuple[Exchange, dict[str, Any]]:
    try:
        data = path.read_bytes()
    except OSError as error:
        raise JournalError(f"{path}: cannot read the snapshot: {error.strerror}") from error
    body = memoryview(data)[:-DIGEST_BYTES]
    if len(data) < LENGTH.size + DIGEST_BYTES or hashlib.sha256(body).digest() != data[-DIGEST_BYTES:]:
        raise JournalError(f"{path}: the checksum does not fit: this is no whole snapshot")
    magic, length = LENGTH.unpack_from(data)
    if magic != MAGIC:
        raise JournalError(f"{path}: Expected a snapshot, which starts with {MAGIC!r}, was {magic!r}")
    facts: dict[str, Any] = json.loads(data[LENGTH.size : LENGTH.size + length])
    exchange = _setup(facts, path).build()
    _fill(exchange, facts, body[LENGTH.size + length :])
    exchange.names.accounts[:] = facts["names"]["accounts"]
    exchange.names.ids.update(facts["names"]["ids"])
    return exchange, facts


def _fill(exchange: Exchange, facts: Mapping[str, Any], data: memoryview) -> None:
    arrays = dict(zip(at.STATE_FIELDS, exchange.state.arrays(), strict=True))
    position = 0
    for name, length, used, fill in facts["arrays"]:
        array = np.asarray(arrays[name])
        if len(array) != length:
            raise JournalError(
                f"Expected {len(array)} words of {name}, was {length}: the layout of the state has changed"
            )
        array[:used] = np.frombuffer(data[position : position + 8 * used], "<i8")
        if _used(array) > used or (used < length and int(array[-1]) != fill):
            array[used:] = fill
        position += 8 * used
