"""A user's own state: balances, positions, fund and inventory out of a CSV or Parquet file, millions of rows at once.

Columns ``kind, account, symbol, amount, price``, in this order (see the reference page on state files). Account ids are hashed where
they are read and never kept; no finding repeats what stands in the file, because a row that slipped by a column may show an id.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Final

import numpy as np

from shortfall.data.amounts import costs_of, money_of, steps_of, worth_of
from shortfall.data.columns import NO_NUMBER, Fields, Numbers, blocks_of, fields_of, numbers_in, which_word
from shortfall.data.keyed_hash import keyed_hash
from shortfall.data.state_findings import Spotted
from shortfall.data.state_source import opened
from shortfall.errors import DataError, Finding

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import NDArray

    from shortfall.model.contract import Contract

COLUMNS: Final = ("kind", "account", "symbol", "amount", "price")
KINDS: Final = ("", "balance", "position", "fund", "inventory", "mark")
NONE, BALANCE, POSITION, FUND, INVENTORY, MARK = range(6)
OTHER, CONTRACT, SETTLEMENT = range(3)
LONGEST_ID: Final = 64
LONGEST_SYMBOL: Final = 32
AS_OF: Final = "# as_of:"


@dataclass(frozen=True, slots=True)
class AccountState:
    """What a file states about one contract. Money in settlement units, sizes in lots.

    Parameters
    ----------
    name, digest : str
        Of the file; SHA-256.
    as_of : date
        The day that it speaks of.
    rows, accounts : int
        Rows read, and different accounts in them.
    size_lots, entry_cost, balance : array of int64
        One position an account: signed sizes, signed costs, cash that counts. No ids; in the order of the file.
    fund_cash : int or None
        None where the file has no fund.
    inventory_lots, inventory_cost : int
        What the fund holds in the contract, signed.
    mark_ticks : int or None
        None where the file has no mark.
    left_out : dict of str to int
        What was read and does not take part: rows of other contracts, balances without a price, accounts without a position.
    """

    name: str
    digest: str
    as_of: date
    rows: int
    accounts: int
    size_lots: NDArray[np.int64]
    entry_cost: NDArray[np.int64]
    balance: NDArray[np.int64]
    fund_cash: int | None
    inventory_lots: int
    inventory_cost: int
    mark_ticks: int | None
    left_out: dict[str, int]


@dataclass(frozen=True, slots=True)
class Rows:
    """Columns of the rows of a block or of a file."""

    kind: NDArray[np.int8]
    key: NDArray[np.uint64]
    symbol: NDArray[np.int8]
    amount: Numbers
    price: Numbers
    line: NDArray[np.int64]

    def only(self, mine: NDArray[np.bool_]) -> Rows:
        """Return some of the rows."""
        amount, price = (Numbers(n.mantissa[mine], n.decimals[mine], n.sound[mine]) for n in (self.amount, self.price))
        return Rows(self.kind[mine], self.key[mine], self.symbol[mine], amount, price, self.line[mine])


def load_account_state(path: Path, contract: Contract, salt: bytes, as_of: date | None = None) -> AccountState:
    """Read a state file for a contract.

    Parameters
    ----------
    path : Path
        A CSV file, or a Parquet file where its name ends in ``.parquet``.
    contract : Contract
        Linear; whose positions take part.
    salt : bytes
        Sixteen random bytes of the caller, which nobody keeps. The result does not depend on them.
    as_of : date or None
        The day that the file speaks of, where it does not say so itself.

    Raises
    ------
    DataError
        If it is not what the reference page says: up to fifty findings with their lines, and how many more there are.
    """
    if contract.inverse:
        raise DataError(
            [Finding(path.name, "Expected a linear contract: state files of inverse ones are not read yet")]
        )
    found = Spotted(path.name)
    digest = hashlib.sha256()
    parts: list[Rows] = []
    try:
        with opened(path) as file:
            line, day = _head(file.readline, digest, found)
            found.raise_if_any()
            for block in blocks_of(file):
                digest.update(block)
                fields, lines = fields_of(block, line, len(COLUMNS))
                found.add("", f"Expected {len(COLUMNS)} columns without quotes", fields.unsound)
                parts.append(_rows(fields, contract, salt, found))
                line += lines
    except OSError as error:
        raise DataError([Finding(path.name, f"Expected a readable file: {error.strerror}")]) from None
    day = as_of or day
    if day is None:
        found.add(
            "as_of", f"Expected a day: a first line `{AS_OF} 2026-01-31`, or the option --as-of", np.zeros(1, int)
        )
    if not parts:
        found.add("", "Expected rows after the header, found none", np.array([line]))
    found.raise_if_any()
    return _state((path.name, digest.hexdigest(), day or date.min), _joined(parts), contract, found)


def _head(readline: object, digest: object, found: Spotted) -> tuple[int, date | None]:
    """Read comments and the header. Returns (first line of the rows, day that the file states)."""
    day: date | None = None
    line = 0
    while True:
        line += 1
        raw: bytes = readline()  # type: ignore[operator]  # of a binary file
        digest.update(raw)  # type: ignore[attr-defined]  # a hash
        text = raw.decode("utf-8", "replace").removeprefix("\ufeff").strip()
        if not text.startswith("#"):
            break
        if text.startswith(AS_OF):
            try:
                day = date.fromisoformat(text.removeprefix(AS_OF).strip())
            except ValueError:
                found.add("as_of", "Expected a day such as 2026-01-31", np.array([line]))
    if text != ",".join(COLUMNS):
        found.add("", f"Expected the header {','.join(COLUMNS)}", np.array([line]))
    return line + 1, day


def _rows(fields: Fields, contract: Contract, salt: bytes, found: Spotted) -> Rows:
    """Return the columns of a block and note what is wrong with single rows."""
    lines = fields.lines
    kind = which_word(fields, 0, KINDS[1:])
    found.add("kind", f"Expected one of {', '.join(KINDS[1:])}", lines[kind == NONE])
    length = fields.ends - fields.starts
    owned = (kind == BALANCE) | (kind == POSITION)
    named = (length[:, 1] > 0) & (length[:, 1] <= LONGEST_ID)
    found.add("account", f"Expected an id of 1 to {LONGEST_ID} bytes", lines[owned & ~named])
    found.add("account", f"Expected none in a row of {KINDS[FUND]}, {KINDS[INVENTORY]} or {KINDS[MARK]}",
              lines[(kind >= FUND) & (length[:, 1] > 0)])  # fmt: skip
    key = np.zeros(len(lines), np.uint64)
    mine = owned & named
    starts = fields.starts[:, 1]
    if mine.all():
        key = keyed_hash(fields.words, starts, length[:, 1], salt)
    else:
        key[mine] = keyed_hash(fields.words, starts[mine], length[mine, 1], salt)
    symbol = which_word(fields, 2, (contract.symbol, contract.scale.settlement.code))
    found.add("symbol", f"Expected a name of 1 to {LONGEST_SYMBOL} bytes",
              lines[(length[:, 2] < 1) | (length[:, 2] > LONGEST_SYMBOL)])  # fmt: skip
    amount, price = numbers_in(fields, 3), numbers_in(fields, 4)
    for column, numbers in (("amount", amount), ("price", price)):
        found.add(column, "Expected a plain decimal number of at most 18 digits", lines[~numbers.sound])
    lacks = amount.sound & (amount.decimals == NO_NUMBER) & (kind != MARK)
    found.add("amount", "Expected a number, was empty", lines[lacks])
    zero = (amount.mantissa == 0) & amount.sound & ~lacks & ((kind == POSITION) | (kind == INVENTORY))
    found.add("amount", "Expected a size that is not 0", lines[zero])
    priced = (kind == POSITION) | (kind == INVENTORY) | (kind == MARK)
    found.add("price", "Expected a price above 0", lines[price.sound & (price.mantissa <= 0) & priced])
    negative = ~priced & price.sound & (price.mantissa < 0)
    found.add("price", "Expected no price, or one that is not negative", lines[negative])
    return Rows(kind, key, symbol, amount, price, lines)


def _joined(parts: list[Rows]) -> Rows:
    def numbers(name: str) -> Numbers:
        every = [getattr(part, name) for part in parts]
        return Numbers(*(np.concatenate([getattr(n, c) for n in every]) for c in ("mantissa", "decimals", "sound")))

    kind, key, symbol, line = (
        np.concatenate([getattr(part, c) for part in parts]) for c in ("kind", "key", "symbol", "line")
    )
    return Rows(kind, key, symbol, numbers("amount"), numbers("price"), line)


def _state(told: tuple[str, str, date], rows: Rows, contract: Contract, found: Spotted) -> AccountState:
    """Return the state of a contract out of sound rows."""
    owned = (rows.kind == BALANCE) | (rows.kind == POSITION)
    keys, who = _numbered(rows.key[owned])
    kind, symbol = rows.kind[owned], rows.symbol[owned]
    cash = np.zeros(len(keys), np.int64)
    balances = kind == BALANCE
    money, counted = _money(rows.only(rows.kind == BALANCE), contract, found)
    np.add.at(cash, who[balances], money)
    held = (kind == POSITION) & (symbol == CONTRACT)
    lots, cost = _positions(rows.only((rows.kind == POSITION) & (rows.symbol == CONTRACT)), contract, found)
    owner = who[held]
    lines = rows.line[owned][held]
    order = np.argsort(owner, kind="stable")
    again = order[1:][owner[order[1:]] == owner[order[:-1]]]
    found.add("account", "Expected one net position of an account in a contract, was another one", lines[again])
    funds, inventory, marks = (
        rows.only((rows.kind == k) & ((rows.symbol == CONTRACT) | (k == FUND))) for k in (FUND, INVENTORY, MARK)
    )
    for name, some in (("inventory", inventory), ("mark", marks)):
        found.add("kind", f"Expected one row of {name} for a contract, was another one", some.line[1:])
    fund_money, fund_counted = _money(funds, contract, found)
    inventory_lots, inventory_cost = _positions(inventory, contract, found)
    ticks = _ticks(marks, contract, found)
    if not len(lots) and not found:
        found.add("symbol", f"Expected a position in {contract.symbol}, found none", np.zeros(1, int))
    found.raise_if_any()
    with_position = np.zeros(len(keys), np.bool_)
    with_position[owner] = True
    others = int(np.count_nonzero((rows.kind == POSITION) & (rows.symbol != CONTRACT)))
    return AccountState(
        *told,
        rows=len(rows.line),
        accounts=len(keys),
        size_lots=lots,
        entry_cost=cost,
        balance=cash[owner],
        fund_cash=int(fund_money.sum()) if len(funds.line) else None,
        inventory_lots=int(inventory_lots.sum()),
        inventory_cost=int(inventory_cost.sum()),
        mark_ticks=ticks,
        left_out={
            "positions in other contracts": others,
            "balances in other assets without a price": int(np.count_nonzero(~counted)),
            "fund balances in other assets without a price": int(np.count_nonzero(~fund_counted)),
            "accounts without a position in the contract": int(np.count_nonzero(~with_position)),
        },
    )


def _numbered(keys: NDArray[np.uint64]) -> tuple[NDArray[np.uint64], NDArray[np.int64]]:
    """Return (different keys, number of each row's key). Neighbours with one key are looked up once."""
    starts = np.ones(len(keys), np.bool_)
    starts[1:] = keys[1:] != keys[:-1]
    different, number = np.unique(keys[starts], return_inverse=True)
    return different, number[np.cumsum(starts) - 1]


def _money(rows: Rows, contract: Contract, found: Spotted) -> tuple[NDArray[np.int64], NDArray[np.bool_]]:
    """Return (settlement units, whether the row counts): the settlement asset at one, another at its price or not at all."""
    exponent = contract.scale.settlement.exponent
    at_one = rows.symbol == SETTLEMENT
    priced = ~at_one & (rows.price.decimals >= 0)
    money, room = money_of(rows.amount, exponent)
    if priced.any():
        worth, enough = worth_of(rows.amount, rows.price, exponent)
        money, room = np.where(priced, worth, money), np.where(priced, enough, room)
    counted = at_one | priced
    found.add("amount", "Expected an amount that fits (and a price of at most 9 decimals)", rows.line[counted & ~room])
    return np.where(counted & room, money, 0), counted


def _positions(rows: Rows, contract: Contract, found: Spotted) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    scale = contract.scale
    lots, exact = steps_of(rows.amount, scale.lot_size)
    found.add("amount", f"Expected a multiple of the lot of {scale.lot_size}", rows.line[~exact])
    large = exact & (np.abs(lots) > contract.max_position_lots)
    found.add("amount", f"Expected at most {contract.max_position_lots} lots", rows.line[large])
    cost, room = costs_of(np.where(exact & ~large, lots, 0), rows.price, scale.tick_size, scale.multiplier)
    top = contract.max_price_ticks * scale.multiplier
    high = room & (np.abs(cost.astype(np.float64)) > np.abs(lots.astype(np.float64)) * float(top))
    found.add("price", f"Expected a price below {contract.max_price_ticks * scale.tick_size} with fewer decimals",
              rows.line[exact & ~large & (~room | high)])  # fmt: skip
    return lots, cost


def _ticks(marks: Rows, contract: Contract, found: Spotted) -> int | None:
    ticks, exact = steps_of(marks.price, contract.scale.tick_size)
    bad = ~exact | (ticks >= contract.max_price_ticks)
    found.add("price", f"Expected a multiple of the tick of {contract.scale.tick_size} within the contract's range",
              marks.line[bad])  # fmt: skip
    return int(ticks[0]) if len(ticks) else None
