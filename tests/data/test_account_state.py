"""State files: exact integers out of columns of text, everything that is wrong at once, and no id anywhere."""

from __future__ import annotations

import importlib
from dataclasses import fields
from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from shortfall.data.account_state import AccountState, load_account_state
from shortfall.data.columns import fields_of, numbers_in
from shortfall.data.keyed_hash import keyed_hash
from shortfall.errors import DataError
from shortfall.model.contract import bounded_contract
from shortfall.units import Asset, Scale

if TYPE_CHECKING:
    from pathlib import Path

CONTRACT = bounded_contract("BTCUSDT", Scale(Decimal("0.1"), Decimal("0.001"), Asset("USDT", 6)), 1 << 22)
SALT = bytes(range(16))
HEAD = "# as_of: 2026-11-20\nkind,account,symbol,amount,price\n"
SMALL = """position,alice@example.com,BTCUSDT,0.002,100.05
balance,alice@example.com,USDT,10.1234567,
balance,alice@example.com,ETH,0.5,2000.5
balance,alice@example.com,DOGE,1000000,
position,bob,BTCUSDT,-0.003,100.0333333
balance,bob,USDT,-1.0000001,
position,bob,ETHUSDT,5,3000
balance,carol,USDT,7,
fund,,USDT,1000.5,
fund,,DOGE,3,
inventory,,BTCUSDT,0.001,99.9
mark,,BTCUSDT,,100.1
"""


def load(home: Path, text: str, **options: Any) -> AccountState:  # noqa: ANN401 - of any field
    """Write a file and read it."""
    path = home / "state.csv"
    path.write_bytes(text.encode())
    return load_account_state(path, CONTRACT, options.pop("salt", SALT), **options)


def findings(home: Path, text: str) -> list[str]:
    """Return what is wrong with a file."""
    with pytest.raises(DataError) as raised:
        load(home, text)
    return [str(finding) for finding in raised.value.findings]


def same(one: AccountState, two: AccountState, *, but: tuple[str, ...] = ()) -> bool:
    """Say whether two states are equal in every field but some."""
    names = [item.name for item in fields(AccountState) if item.name not in but]
    return all(np.array_equal(getattr(one, name), getattr(two, name)) for name in names)


def test_amounts_are_exact_and_rounded_against_their_owner(tmp_path: Path) -> None:
    """A lot at a price of 1 is worth 0.001 USDT, 1,000 units.

    Alice: 2 lots at 100.05 cost 2 x 100,050. Bob: -3 x 100,033.3333 = -300,099.9999, rounded up. Cash down: 10.1234567 is
    10,123,456 units, 0.5 ETH at 2,000.5 another 1,000,250,000; -1.0000001 is -1,000,001. DOGE has no price and does not count.
    """
    state = load(tmp_path, HEAD + SMALL)
    assert state.size_lots.tolist() == [2, -3]
    assert state.entry_cost.tolist() == [200_100, -300_099]
    assert state.balance.tolist() == [1_010_373_456, -1_000_001]
    assert (state.fund_cash, state.inventory_lots, state.inventory_cost) == (1_000_500_000, 1, 99_900)
    assert (state.mark_ticks, state.as_of, state.rows, state.accounts) == (1_001, date(2026, 11, 20), 12, 3)
    assert list(state.left_out.values()) == [1, 1, 1, 1]


def test_line_ends_blank_lines_and_the_last_line_feed_do_not_matter(tmp_path: Path) -> None:
    """The same rows as a spreadsheet writes them."""
    plain = load(tmp_path, HEAD + SMALL)
    other = load(tmp_path, (HEAD + SMALL.replace("fund", "\n\nfund", 1)).replace("\n", "\r\n").rstrip())
    assert same(plain, other, but=("digest",))


def test_ids_are_nowhere_and_the_salt_decides_nothing(tmp_path: Path) -> None:
    """Another salt, or other names of the same length and not, give the same state."""
    plain = load(tmp_path, HEAD + SMALL)
    assert same(plain, load(tmp_path, HEAD + SMALL, salt=bytes(16)))
    assert "alice" not in repr(plain)
    assert same(plain, load(tmp_path, HEAD + SMALL.replace("alice@example.com", "z" * 64)), but=("digest",))


def test_the_hash_is_the_published_one() -> None:
    """SipHash-2-4, the example of its paper: key 00..0f, message 00..0e gives a129ca6149be45e5."""
    raw = np.zeros(40, np.uint8)
    raw[:15] = np.arange(15)
    words: np.ndarray = np.ndarray((33,), "<u8", buffer=raw.data, strides=(1,))
    key = keyed_hash(words, np.array([0]), np.array([15]), SALT)
    assert int(key[0]) == 0xA129CA6149BE45E5


NUMBERS = {
    "0": (0, 0), "-0.001": (-1, 3), "12345678": (12_345_678, 0), "123456789.123456789": (123456789123456789, 9),
    ".5": (5, 1), "7.": (7, 0), "0.12345678901234567": (12345678901234567, 17), "-1234567.1": (-12345671, 1),
}  # fmt: skip
WRONG = ("1e5", "+1", "--1", "1.2.3", "-", ".", " 1", "1,", "nan", "1234567890123456789", "12345678.12345678.1")


def test_numbers_are_read_as_they_are_written() -> None:
    """Eight characters at a time: around and across the bounds of words."""
    words = [*NUMBERS, *(word.replace(",", ";") for word in WRONG), ""]
    found, _ = fields_of("".join(f"{word},x\n" for word in words).encode(), 1, 2)
    numbers = numbers_in(found, 0)
    right = len(NUMBERS)
    assert list(zip(numbers.mantissa.tolist(), numbers.decimals.tolist(), strict=True))[:right] == [*NUMBERS.values()]
    assert numbers.sound.tolist() == [True] * right + [False] * len(WRONG) + [True]
    assert int(numbers.decimals[-1]) == -1


def test_everything_wrong_is_told_at_once_with_lines_and_without_contents(tmp_path: Path) -> None:
    """One mistake a line, from line 3 on; `secret` stands in every field and is repeated by no finding."""
    wrong = [
        ("loan,secret,BTCUSDT,1,1", "kind"), ("position,,BTCUSDT,1,1", "account"), ("fund,secret,USDT,1,", "account"),
        ("balance,secret,,1,", "symbol"), ("balance,secret,USDT,secret,", "amount"), ("balance,secret,USDT,,", "amount"),
        ("position,secret,BTCUSDT,0,1", "amount"), ("position,secret,BTCUSDT,1,", "price"),
        ("position,secret,BTCUSDT,1,-2", "price"), ("secret,secret", "5 columns"),
    ]  # fmt: skip
    told = findings(tmp_path, HEAD + "".join(f"{line}\n" for line, _ in wrong))
    assert len(told) == len(wrong)
    for k, (line, (_, word)) in enumerate(zip(told, wrong, strict=True), start=3):
        assert f"(line {k})" in line
        assert word in line
    assert "secret" not in "".join(told)


def test_what_only_the_contract_knows_is_told_too(tmp_path: Path) -> None:
    """A size between lots, a price beyond the contract's, a second position of an account, a mark between ticks."""
    rows = ("position,a,BTCUSDT,0.0015,100", "position,b,BTCUSDT,1,999999", "position,c,BTCUSDT,1,100",
            "position,c,BTCUSDT,2,100", "mark,,BTCUSDT,,100.05")  # fmt: skip
    told = findings(tmp_path, HEAD + "\n".join(rows))
    for line, (name, word) in zip(told, (("3", "lot"), ("4", "price"), ("6", "net"), ("7", "tick")), strict=True):
        assert f"(line {name})" in line
        assert word in line


def test_fifty_findings_are_shown_and_the_others_counted(tmp_path: Path) -> None:
    """75 wrong rows: lines 3 to 52, and 25 more."""
    told = findings(tmp_path, HEAD + "x,y,z,1,1\n" * 75)
    assert len(told) == 51
    assert "(line 52)" in told[49]
    assert "25 more findings of 75" in told[50]


@pytest.mark.parametrize(
    ("text", "word"),
    [("alice,1\n", "header"), (HEAD, "rows"), (HEAD.replace("2026-11-20", "soon"), "day"), ("", "header"),
     (HEAD.split("\n", 1)[1] + SMALL, "--as-of"), (HEAD + "balance,a,USDT,1,\n", "BTCUSDT")],
)  # fmt: skip
def test_a_file_that_is_none_is_refused(tmp_path: Path, text: str, word: str) -> None:
    """No header, no rows, no day, no position."""
    told = " ".join(findings(tmp_path, text))
    assert word in told
    assert "alice" not in told


def test_rows_across_blocks_are_whole(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Blocks of 64 bytes give what one block gives."""
    plain = load(tmp_path, HEAD + SMALL * 1)
    monkeypatch.setattr("shortfall.data.columns.BLOCK_BYTES", 64)
    assert same(plain, load(tmp_path, HEAD + SMALL))


def test_parquet_without_pyarrow_is_refused_with_what_to_do(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """One sentence."""

    def missing(name: str) -> None:
        raise ImportError(name)

    monkeypatch.setattr("shortfall.data.state_source.importlib.import_module", missing)
    path = tmp_path / "state.parquet"
    path.write_bytes(b"PAR1")
    with pytest.raises(DataError, match=r"pip install 'shortfall\[store\]'"):
        load_account_state(path, CONTRACT, SALT)


def test_parquet_gives_what_csv_gives(tmp_path: Path) -> None:
    """Text columns, the day in the file's metadata."""
    arrow, parquet = importlib.import_module("pyarrow"), importlib.import_module("pyarrow.parquet")
    rows = [line.split(",") for line in SMALL.splitlines()]
    names = HEAD.splitlines()[1].split(",")
    table = arrow.table({name: [row[k] or None for row in rows] for k, name in enumerate(names)})
    path = tmp_path / "state.parquet"
    parquet.write_table(table.replace_schema_metadata({"as_of": "2026-11-20"}), path)
    found = load_account_state(path, CONTRACT, SALT)
    assert same(found, load(tmp_path, HEAD + SMALL), but=("name", "digest"))


def test_a_parquet_cell_that_is_no_field_is_refused_without_its_contents(tmp_path: Path) -> None:
    """An id with a comma."""
    arrow, parquet = importlib.import_module("pyarrow"), importlib.import_module("pyarrow.parquet")
    names = HEAD.splitlines()[1].split(",")
    cells = dict(zip(names, ("position", "secret,er", "BTCUSDT", "1", "100"), strict=True))
    path = tmp_path / "state.parquet"
    parquet.write_table(arrow.table({name: [cell] for name, cell in cells.items()}), path)
    with pytest.raises(DataError, match="without commas") as raised:
        load_account_state(path, CONTRACT, SALT)
    assert "secret" not in str(raised.value)
