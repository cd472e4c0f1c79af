"""Findings by the million: the first fifty by line, and how many more there are."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from shortfall.errors import DataError, Finding

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

MOST: Final = 50


class Spotted:
    """Collect what is wrong in a file without repeating what stands there."""

    def __init__(self, name: str) -> None:
        self._name: Final = name
        self._found: list[tuple[int, str, str]] = []
        self._count = 0

    def __bool__(self) -> bool:
        """Say whether anything was found."""
        return self._count > 0

    def add(self, column: str, message: str, lines: NDArray[np.int64]) -> None:
        """Note one finding for each line; line 0 is the whole file."""
        if len(lines):
            self._count += len(lines)
            self._found += [(int(line), column, message) for line in lines[:MOST]]

    def raise_if_any(self) -> None:
        """Raise the first fifty findings by line, and the number of others.

        Raises
        ------
        DataError
            If anything was noted.
        """
        if not self._count:
            return
        shown = [
            Finding(f"{self._name}: {column}" if column else self._name, message, line or None)
            for line, column, message in sorted(self._found)[:MOST]
        ]
        if self._count > len(shown):
            shown.append(
                Finding(self._name, f"{self._count - len(shown)} more findings of {self._count} are not shown")
            )
        raise DataError(shown)
