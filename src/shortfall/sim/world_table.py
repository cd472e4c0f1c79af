"""Read tables of a world file: a getter notes what is wrong and hands back a stand-in, so one pass finds everything."""

from __future__ import annotations

import tomllib
from decimal import Decimal
from typing import TYPE_CHECKING, Any, Final, TypeVar

from shortfall.errors import Finding, Findings, InputError
from shortfall.sim.world import Where
from shortfall.sim.world_lines import Path, lines_of_keys, path_text
from shortfall.units import (
    Asset,
    Scale,
    duration_us_from_text,
    exact_money,
    money_from_text,
    parse_decimal,
    ppm_from_text,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

MISSING: Final = object()
T = TypeVar("T")


class Reading:
    """One file being read: its lines and what was found wrong so far."""

    def __init__(self, text: str) -> None:
        self.findings: Final = Findings()
        self.lines: dict[Path, int] = {}
        self.data = self._load(text)

    def _load(self, text: str) -> dict[str, Any]:
        try:
            data = tomllib.loads(text, parse_float=Decimal)
        except tomllib.TOMLDecodeError as error:
            raise InputError([Finding("", f"Expected a TOML file: {error}")]) from None
        self.lines = lines_of_keys(text)
        return data

    def line(self, path: Path) -> int | None:
        """Return the line of a path, or of the nearest table around it."""
        while path and path not in self.lines:
            path = path[:-1]
        return self.lines.get(path)

    def add(self, path: Path, message: str) -> None:
        """Note a finding at a path."""
        self.findings.add(path_text(path), message, self.line(path))

    def include(self, path: Path, error: InputError) -> None:
        """Note the findings of an error raised further down, all at one path."""
        for finding in error.findings:
            self.add(path, finding.message)

    def top(self) -> Table:
        """Return the whole file as a table."""
        return Table(self.data, (), self)


class Table:
    """A table of the file and where it stands."""

    def __init__(self, data: dict[str, Any], path: Path, reading: Reading) -> None:
        self.data: Final = data
        self.path: Final = path
        self.reading: Final = reading

    def add(self, name: str, message: str) -> None:
        """Note a finding at one of the keys, or at the table itself if the name is empty."""
        self.reading.add((*self.path, name) if name else self.path, message)

    def allow(self, *names: str) -> None:
        """Note every key that is not one of the names."""
        for key in self.data:
            if key not in names:
                self.add(key, f"Expected one of {', '.join(names)}, was {key!r}")

    def has(self, name: str) -> bool:
        """Say whether a key is there."""
        return name in self.data

    @property
    def where(self) -> Where:
        """Return the place of this table, for what is found out later."""
        return Where(path_text(self.path), self.reading.line(self.path))

    # -- values -------------------------------------------------------------------------------------------------------

    def word(self, name: str, default: object = MISSING, among: Sequence[str] = ()) -> str:
        """Return a string, one of `among` where it is given."""
        found = self._get(name, default)
        if found is None:
            return ""
        if not isinstance(found, str):
            self.add(name, f"Expected a word in quotes, was {found!r}")
            return ""
        if among and found not in among:
            self.add(name, f"Expected one of {', '.join(among)}, was {found!r}")
            return among[0]
        return found

    def switch(self, name: str, *, default: bool = False) -> bool:
        """Return true or false."""
        found = self.data.get(name, default)
        if not isinstance(found, bool):
            self.add(name, f"Expected true or false, was {found!r}")
            return default
        return found

    def whole(self, name: str, default: int, low: int, high: int) -> int:
        """Return a whole number within inclusive bounds."""
        found = self.data.get(name, default)
        if isinstance(found, bool) or not isinstance(found, int) or not low <= found <= high:
            self.add(name, f"Expected a whole number from {low} to {high}, was {found!r}")
            return default
        return found

    def decimal(self, name: str, default: object = MISSING) -> Decimal:
        """Return an exact decimal number."""
        return self.read(name, lambda text, path: parse_decimal(text, path=path), Decimal(1), default)

    def money(self, name: str, asset: Asset, default: object = MISSING, *, least: int | None = 0) -> int:
        """Return an amount in smallest units, at least `least`."""
        units = self.read(name, lambda text, path: money_from_text(text, asset, path=path), least or 0, default)
        if least is not None and units < least:
            self.add(name, f"Expected at least {exact_money(least, asset)}, was {exact_money(units, asset)}")
            return least
        return units

    def price(self, name: str, scale: Scale, max_price_ticks: int) -> int:
        """Return a price in ticks, above zero and below the market's bound."""
        return self._bounded(name, lambda text, path: scale.ticks_from_price(text, path=path), max_price_ticks, "ticks")

    def any_price(self, name: str, scale: Scale) -> int:
        """Return a price in ticks of any sign: whether it may be used is for the engine to say."""
        return self.read(name, lambda text, path: scale.ticks_from_price(text, path=path), 1)

    def size(self, name: str, scale: Scale) -> int:
        """Return a signed size in lots, not zero."""
        lots = self.read(name, lambda text, path: scale.lots_from_size(text, path=path), 1)
        if lots == 0:
            self.add(name, "Expected a size above (long) or below (short) zero, was 0")
        return lots or 1

    def steps(self, name: str, digits: int) -> int:
        """Return a number above zero in steps of 10**-digits."""
        number = self.decimal(name).scaleb(digits)
        if number != number.to_integral_value() or number <= 0:
            self.add(
                name, f"Expected a number above zero with at most {digits} decimals, was {number.scaleb(-digits):f}"
            )
            return 1
        return int(number)

    def ppm(self, name: str, default: object = MISSING) -> int:
        """Return a share in parts per million."""
        return self.read(name, lambda text, path: ppm_from_text(text, path=path), 1, default)

    def duration(self, name: str, default: object = MISSING) -> int:
        """Return a duration in microseconds."""
        return self.read(name, lambda text, path: duration_us_from_text(text, path=path), 0, default)

    def read(self, name: str, reader: Callable[[str, str], T], stand_in: T, default: object = MISSING) -> T:
        """Return what a reader of text makes of a value; note its findings and return the stand-in otherwise."""
        found = self._get(name, default)
        if found is None:
            return stand_in
        text = plain_text(found)
        if text is None:
            self.add(name, f"Expected a number, was {found!r}")
            return stand_in
        try:
            return reader(text, name)
        except InputError as error:
            self.reading.include((*self.path, name), error)
            return stand_in

    # -- tables inside ------------------------------------------------------------------------------------------------

    def table(self, name: str) -> Table:
        """Return a table inside, empty if it is not there."""
        found = self.data.get(name, {})
        if not isinstance(found, dict):
            self.add(name, f"Expected a table, was {found!r}")
            found = {}
        return Table(found, (*self.path, name), self.reading)

    def tables(self, name: str) -> Iterator[Table]:
        """Yield the tables of an array, or the one table that stands there alone."""
        found = self.data.get(name, [])
        if isinstance(found, dict):
            yield Table(found, (*self.path, name), self.reading)
            return
        if not isinstance(found, list):
            self.add(name, f"Expected a list of tables, was {found!r}")
            return
        for number, item in enumerate(found):
            if isinstance(item, dict):
                yield Table(item, (*self.path, name, number), self.reading)
            else:
                self.reading.add((*self.path, name, number), f"Expected a table, was {item!r}")

    def words(self, name: str) -> list[str]:
        """Return a list of words; a single word counts as a list of one."""
        found = self.data.get(name, [])
        items = [found] if isinstance(found, str) else found
        if not isinstance(items, list) or not all(isinstance(item, str) for item in items):
            self.add(name, f"Expected a list of words, was {found!r}")
            return []
        return items

    # -- inside -------------------------------------------------------------------------------------------------------

    def _get(self, name: str, default: object) -> object:
        if name in self.data:
            return self.data[name]
        if default is MISSING:
            self.add("", f"Expected {name!r}, was nothing")
            return None
        return default

    def _bounded(self, name: str, reader: Callable[[str, str], int], bound: int, what: str) -> int:
        found = self.read(name, reader, 1)
        if not 0 < found < bound:
            self.add(name, f"Expected 1 to {bound - 1} {what}, was {found}")
            return 1
        return int(found)


def plain_text(found: object) -> str | None:
    """Return a TOML number or word as plain text, or None for anything else."""
    if isinstance(found, bool):
        return None
    if isinstance(found, str):
        return found
    if isinstance(found, int):
        return str(found)
    if isinstance(found, Decimal):
        return f"{found:f}" if found.is_finite() else str(found)
    return None
