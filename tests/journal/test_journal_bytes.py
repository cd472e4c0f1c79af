"""A journal that was cut, flipped or shuffled anywhere gives a legal prefix or is refused, and nothing else."""

from __future__ import annotations

from typing import TYPE_CHECKING
from zlib import crc32

import numpy as np
import pytest

from shortfall.engine.blocks import HEAD, ROW_BYTES, Contents, pack_header, pack_note, read_contents, read_note
from shortfall.engine.journal import Journal, Place, read_journal
from shortfall.errors import JournalError

if TYPE_CHECKING:
    from pathlib import Path

HEADER = {"kernels": "k", "setup": {}, "start": {"commands": 0, "state": ""}}
ROWS = np.arange(8 * 23, dtype=np.int64).reshape(-1, 8) - 50
GROUPS = (3, 1, 7, 5, 2, 5)


class ForgetfulFile:
    """A disk that keeps what was synced, and of the rest only what the test lets it keep."""

    def __init__(self, start: bytes) -> None:
        self.kept = start
        self.loose: list[bytes] = []
        self.states: list[tuple[bytes, bytes]] = []
        self.fails = False

    def write(self, data: bytes) -> None:
        """Take bytes without keeping them for certain."""
        if self.fails:
            raise OSError(28, "No space left on device")
        self.loose.append(data)
        self.states.append((self.kept, b"".join(self.loose)))

    def sync(self) -> None:
        """Keep everything."""
        self.kept += b"".join(self.loose)
        self.loose.clear()
        self.states.append((self.kept, b""))

    def close(self) -> None:
        """Forget the rest."""
        self.loose.clear()


def written() -> tuple[ForgetfulFile, list[int]]:
    """Return a disk after all groups were committed, and the rows acknowledged after each of its states."""
    header = pack_header(HEADER)
    disk = ForgetfulFile(header)
    journal = Journal(disk, Place(0, crc32(header)), group=100)
    acknowledged: list[int] = []
    first = 0
    for count in GROUPS:
        journal.append(ROWS[first : first + count])
        first += count
        before = journal.durable
        journal.commit()
        acknowledged += [before, first]
    return disk, acknowledged


def blocks_of(data: bytes) -> tuple[bytes, list[bytes]]:
    header = pack_header(HEADER)
    blocks, offset = [], len(header)
    for count in GROUPS:
        size = HEAD.size + count * ROW_BYTES
        blocks.append(data[offset : offset + size])
        offset += size
    assert offset == len(data)
    return header, blocks


def check_prefix(contents: Contents, at_least: int = 0) -> None:
    count = len(contents.rows)
    assert count >= at_least
    assert np.array_equal(contents.rows, ROWS[:count])
    assert count in {0, *np.cumsum(GROUPS)}


def test_everything_comes_back() -> None:
    disk, _ = written()
    contents = read_contents(disk.kept, "j")
    assert np.array_equal(contents.rows, ROWS)
    assert contents.torn is None
    assert contents.header == HEADER


def test_a_cut_at_any_byte_leaves_a_legal_prefix() -> None:
    disk, _ = written()
    header, blocks = blocks_of(disk.kept)
    whole = np.cumsum([len(header), *map(len, blocks)])
    for length in range(len(header), len(disk.kept)):
        contents = read_contents(disk.kept[:length], "j")
        check_prefix(contents)
        assert contents.end == max(x for x in whole if x <= length)
        assert (contents.torn is None) == (length in whole)


def test_a_cut_header_is_refused() -> None:
    for length in range(len(pack_header(HEADER))):
        with pytest.raises(JournalError):
            read_contents(pack_header(HEADER)[:length], "j")


def test_what_was_acknowledged_survives_whatever_happens_to_the_rest() -> None:
    disk, acknowledged = written()
    for (kept, loose), rows in zip(disk.states, acknowledged, strict=True):
        for part in range(len(loose) + 1):
            check_prefix(read_contents(kept + loose[:part], "j"), rows)
            check_prefix(read_contents(kept + bytes(part) + loose[part:], "j"), rows)  # its first pages never arrived
            check_prefix(read_contents(kept + loose[:part] + bytes(len(loose) - part), "j"), rows)


def test_every_flipped_bit_is_found() -> None:
    disk, _ = written()
    header, blocks = blocks_of(disk.kept)
    last = len(disk.kept) - len(blocks[-1])
    for position in range(len(disk.kept)):
        for bit in (0, 7):
            data = bytearray(disk.kept)
            data[position] ^= 1 << bit
            if position < last:
                with pytest.raises(JournalError):
                    read_contents(bytes(data), "j")
                continue
            contents = read_contents(bytes(data), "j")  # not to be told from a torn one: left out, and said
            assert len(contents.rows) == len(ROWS) - GROUPS[-1]
            assert contents.torn is not None
            check_prefix(contents)
    assert len(header) < last


@pytest.mark.parametrize("k", range(len(GROUPS)))
def test_a_repeated_block_is_refused(k: int) -> None:
    header, blocks = blocks_of(written()[0].kept)
    with pytest.raises(JournalError):
        read_contents(header + b"".join([*blocks[: k + 1], *blocks[k:]]), "j")


@pytest.mark.parametrize("k", range(len(GROUPS) - 1))
def test_swapped_and_missing_blocks_are_refused(k: int) -> None:
    header, blocks = blocks_of(written()[0].kept)
    swapped = [*blocks[:k], blocks[k + 1], blocks[k], *blocks[k + 2 :]]
    for wrong in (swapped, [*blocks[:k], *blocks[k + 1 :]]):
        with pytest.raises(JournalError):
            read_contents(header + b"".join(wrong), "j")


def test_a_block_of_another_journal_is_refused() -> None:
    header, blocks = blocks_of(written()[0].kept)
    other = pack_header({**HEADER, "kernels": "other"})
    with pytest.raises(JournalError):
        read_contents(other + b"".join(blocks), "j")
    assert header != other


def test_a_journal_is_never_overwritten(tmp_path: Path) -> None:
    path = tmp_path / "j"
    Journal.create(path, HEADER).close()
    before = path.read_bytes()
    with pytest.raises(JournalError, match="never overwritten"):
        Journal.create(path, HEADER)
    assert path.read_bytes() == before
    assert [item.name for item in tmp_path.iterdir()] == ["j"]


def test_a_second_writer_is_refused(tmp_path: Path) -> None:
    with Journal.create(tmp_path / "j", HEADER), pytest.raises(JournalError, match="another process"):
        Journal.open(tmp_path / "j")


def test_a_group_commits_by_itself_and_the_rest_on_closing(tmp_path: Path) -> None:
    with Journal.create(tmp_path / "j", HEADER, group=5) as journal:
        for row in ROWS:
            journal.append_row(tuple(int(x) for x in row))
        assert (journal.durable, journal.sequence) == (20, 23)
        assert len(read_journal(tmp_path / "j").rows) == 20
    assert np.array_equal(read_journal(tmp_path / "j").rows, ROWS)


def test_opening_cuts_a_torn_tail_and_goes_on(tmp_path: Path) -> None:
    path = tmp_path / "j"
    with Journal.create(path, HEADER, group=10) as journal:
        journal.append(ROWS)
    path.write_bytes(path.read_bytes()[:-1])
    with Journal.open(path, group=10) as journal:
        assert journal.torn is not None
        assert journal.durable == 20
        journal.append(ROWS[20:])
    assert np.array_equal(read_journal(path).rows, ROWS)
    assert read_journal(path).torn is None


def test_a_disk_that_refuses_ends_the_journal() -> None:
    disk = ForgetfulFile(pack_header(HEADER))
    journal = Journal(disk, Place(0, crc32(disk.kept)))
    journal.append(ROWS)
    disk.fails = True
    with pytest.raises(JournalError, match="No space left"):
        journal.commit()
    disk.fails = False
    with pytest.raises(JournalError, match="failed before"):
        journal.commit()
    with pytest.raises(JournalError, match="failed before"):
        journal.append(ROWS)
    assert journal.durable == 0


@pytest.mark.parametrize("name", ["", "a", "é" * 20, "x" * 40, "x" * 41, "Ω" * 300])
def test_a_name_of_any_length_comes_back(name: str) -> None:
    rows = np.frombuffer(pack_note(7, name), "<i8").astype(np.int64).reshape(-1, 8)
    assert read_note(rows) == (7, name, len(rows))
