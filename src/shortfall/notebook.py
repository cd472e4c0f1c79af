"""Answers as objects for a notebook: every command of `shortfall`, asked as it is written in a terminal.

Problem: a second interface in Python would have to repeat each option, its default and its checks. Observation: every command
gives its whole answer as one document. Therefore `ask` runs the command itself and keeps the document; what a notebook shows is made
from it.

>>> from shortfall.notebook import ask
>>> answer = ask("buffer binance BTCUSDT")
>>> answer.sentence
'With 10% of recorded depth, the largest position that leaves without loss to others is 3.00 M USDT. It moves most with: ...'
"""

from __future__ import annotations

import contextlib
import io
import json
import shlex
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

from shortfall.cli.main import cli
from shortfall.errors import Finding, InputError
from shortfall.report.drawing import require
from shortfall.report.sheets import sheet_of
from shortfall.report.sheets.drawn import chart
from shortfall.report.sheets.page import cell_text, inside, sheet_page

if TYPE_CHECKING:
    from shortfall.report.sheets.sheet import Sheet, SheetTable


@dataclass(frozen=True)
class Shown:
    """One answer.

    Parameters
    ----------
    document : dict
        The document that the command gives with `--json`: amounts as decimal strings with their unit.
    """

    document: dict[str, Any]

    @cached_property
    def sheet(self) -> Sheet:
        """Return the answer in parts: sentence, tables, pictures, notes."""
        return sheet_of(self.document)

    @property
    def sentence(self) -> str:
        """Return the answer in one sentence: the shock and the range over models."""
        return self.sheet.sentence

    @property
    def tables(self) -> tuple[str, ...]:
        """Return the names that `to_polars` knows."""
        return tuple(table.name for table in self.sheet.tables)

    @property
    def pictures(self) -> tuple[str, ...]:
        """Return the names that `plot` knows."""
        return tuple(one.name for one in self.sheet.pictures)

    def to_polars(self, name: str | None = None) -> Any:  # noqa: ANN401 - a frame of an extra
        """Return a table as a Polars frame, the main one by default. Amounts are exact decimals; None is unknown.

        Raises
        ------
        InputError
            If there is no such table, or Polars is not installed.
        """
        table = self._table(name)
        polars = _extra("polars", "frames")
        return polars.DataFrame(
            {column: [row[k] for row in table.rows] for k, column in enumerate(table.columns)}, strict=False
        )

    def plot(self, name: str | None = None) -> Any:  # noqa: ANN401 - a chart of an extra
        """Return a picture as an Altair chart with its data, the first by default.

        Raises
        ------
        InputError
            If there is no such picture, or the report extra is not installed.
        """
        found = [one for one in self.sheet.pictures if name in (None, one.name)]
        if not found:
            raise InputError([Finding("name", f"Expected one of {', '.join(self.pictures) or 'none'}, was {name!r}")])
        made, rows = chart(found[0])
        made.datasets = rows
        return made

    def page(self) -> str:
        """Return the answer as one HTML file that works with the network off."""
        return sheet_page(self.sheet, self.document)

    def _repr_html_(self) -> str:
        return str(inside(self.sheet))

    def _repr_markdown_(self) -> str:
        table = self.sheet.tables[0]
        lines = [f"**{self.sheet.title}**", "", self.sentence, "", f"| {' | '.join(table.columns)} |"]
        lines.append(f"|{'---|' * len(table.columns)}")
        lines += [f"| {' | '.join(cell_text(cell) for cell in row)} |" for row in table.rows]
        return "\n".join(lines)

    def __repr__(self) -> str:
        return f"{self.sheet.title}\n{self.sentence}"

    def _table(self, name: str | None) -> SheetTable:
        found = [table for table in self.sheet.tables if name in (None, table.name)]
        if not found:
            raise InputError([Finding("name", f"Expected one of {', '.join(self.tables)}, was {name!r}")])
        return found[0]


def ask(line: str) -> Shown:
    """Return the answer to a command as it is written in a terminal, without the program's name.

    Parameters
    ----------
    line : str
        For example ``stress binance BTCUSDT --gap -30%``.

    Raises
    ------
    InputError
        With all findings, as the terminal prints them.
    click.UsageError
        If there is no such command or option.
    """
    words = [word for word in shlex.split(line) if word != "--json"]
    printed = io.StringIO()
    with contextlib.redirect_stdout(printed):
        cli.main([*words, "--json"], prog_name="shortfall", standalone_mode=False)
    return Shown(json.loads(printed.getvalue()))


def _extra(name: str, extra: str) -> Any:  # noqa: ANN401 - a module without types here
    try:
        return require(name)
    except InputError:
        message = f"Expected {name}; install it with: python -m pip install 'shortfall[{extra}]'"
        raise InputError([Finding(name, message)]) from None
