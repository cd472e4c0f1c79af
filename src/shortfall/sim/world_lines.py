"""Find the line of every key in a TOML file.

Problem: a finding without its line makes people search, and the standard reader keeps no lines. Observation: whatever
that reader accepts has a simple outline of keys, strings, arrays and inline tables. Therefore this scanner runs only on
text that was accepted and follows the outline, without reading a single value.
"""

from __future__ import annotations

from typing import Final

Path = tuple[str | int, ...]
BARE_END: Final = frozenset(",]}\n#")
BLANK: Final = frozenset(" \t\r\n")


def lines_of_keys(text: str) -> dict[Path, int]:
    """Return the line, from 1, of every key, table and array element of a valid TOML text."""
    return _Scanner(text).scan()


def path_text(path: Path) -> str:
    """Write a path the way a person reads it: ``account[2].positions[0].size``."""
    parts = [f"[{part}]" if isinstance(part, int) else f".{part}" for part in path]
    return "".join(parts).removeprefix(".")


class _Scanner:
    """One pass over a text."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.at = 0
        self.line = 1
        self.lines: dict[Path, int] = {}
        self.counts: dict[Path, int] = {}

    def scan(self) -> dict[Path, int]:
        base: Path = ()
        while self._skip():
            if self.text.startswith("[[", self.at):
                base = self._header(2)
            elif self.text[self.at] == "[":
                base = self._header(1)
            else:
                self._pair(base)
        return self.lines

    # -- statements ---------------------------------------------------------------------------------------------------

    def _header(self, brackets: int) -> Path:
        self._advance(brackets)
        keys = self._keys("]")
        path: Path = ()
        for depth, key in enumerate(keys):
            path += (key,)
            last = depth == len(keys) - 1
            if last and brackets == 2:  # noqa: PLR2004 - [[name]]
                self.counts[path] = self.counts.get(path, 0) + 1
                self.lines.setdefault(path, self.line)
            if path in self.counts:
                path += (self.counts[path] - 1,)
            self.lines.setdefault(path, self.line)
        self._advance(brackets)
        return path

    def _pair(self, base: Path) -> None:
        path = base
        for key in self._keys("="):
            path += (key,)
            self.lines.setdefault(path, self.line)
        self._advance(1)
        self._skip()
        self._value(path)

    def _keys(self, end: str) -> list[str]:
        keys: list[str] = []
        while self.text[self.at] != end:
            char = self.text[self.at]
            if char in "\"'":
                keys.append(self._string())
            elif char in ". \t":
                self._advance(1)
            else:
                start = self.at
                while self.text[self.at] not in "=.] \t":
                    self._advance(1)
                keys.append(self.text[start : self.at])
        return keys

    # -- values -------------------------------------------------------------------------------------------------------

    def _value(self, path: Path) -> None:
        char = self.text[self.at]
        if char in "\"'":
            self._string()
        elif char == "[":
            self._array(path)
        elif char == "{":
            self._inline_table(path)
        else:
            while self.at < len(self.text) and self.text[self.at] not in BARE_END:
                self._advance(1)

    def _array(self, path: Path) -> None:
        self._advance(1)
        count = 0
        while self._skip() and self.text[self.at] != "]":
            if self.text[self.at] == ",":
                self._advance(1)
                continue
            here = (*path, count)
            self.lines[here] = self.line
            self._value(here)
            count += 1
        self._advance(1)

    def _inline_table(self, path: Path) -> None:
        self._advance(1)
        while self._skip() and self.text[self.at] != "}":
            if self.text[self.at] == ",":
                self._advance(1)
                continue
            self._pair(path)
        self._advance(1)

    def _string(self) -> str:
        quote = self.text[self.at]
        fence = quote * 3 if self.text.startswith(quote * 3, self.at) else quote
        self._advance(len(fence))
        start = self.at
        while not self.text.startswith(fence, self.at):
            self._advance(2 if quote == '"' and self.text[self.at] == "\\" else 1)
        found = self.text[start : self.at]
        self._advance(len(fence))
        while len(fence) > 1 and self.at < len(self.text) and self.text[self.at] == quote:
            self._advance(1)  # a multi-line string may end in quotes of its own
        return found

    # -- characters ---------------------------------------------------------------------------------------------------

    def _advance(self, count: int) -> None:
        self.line += self.text.count("\n", self.at, self.at + count)
        self.at += count

    def _skip(self) -> bool:
        """Skip blanks and comments; say whether anything is left."""
        while self.at < len(self.text):
            char = self.text[self.at]
            if char == "#":
                end = self.text.find("\n", self.at)
                self.at = len(self.text) if end < 0 else end
            elif char in BLANK:
                self._advance(1)
            else:
                return True
        return False
