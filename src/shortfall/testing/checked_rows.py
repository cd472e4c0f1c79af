"""Rows for the core without its compiler: lists that refuse what int64 would hide."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from shortfall.kernels._jit import JIT
from shortfall.kernels.native import State

if TYPE_CHECKING:
    from shortfall.engine.exchange import Exchange

LOWEST: Final = -(1 << 63)
HIGHEST: Final = (1 << 63) - 1


class CheckedRows(list[int]):
    """A list that takes no negative index and holds nothing that int64 could not."""

    def __getitem__(self, index: Any, /) -> Any:  # noqa: ANN401  a list's own signature has slices
        """Return a word; refuse an index from the end."""
        if index < 0:
            message = f"Expected an index from 0 to {len(self) - 1}, was {index}"
            raise IndexError(message)
        return list.__getitem__(self, index)

    def __setitem__(self, index: Any, value: Any, /) -> None:  # noqa: ANN401  the same
        """Set a word; refuse an index from the end and a value beyond 64 bits."""
        if index < 0 or not LOWEST <= value <= HIGHEST:
            message = f"Expected an index from 0 to {len(self) - 1} and a 64-bit value, was {value} at {index}"
            raise IndexError(message)
        list.__setitem__(self, index, int(value))


def on_checked_rows(exchange: Exchange) -> Exchange:
    """Put an exchange on checked rows (with the JIT off; a compiled one is returned as it is)."""
    if JIT:
        return exchange
    state = State(*(CheckedRows(array.tolist()) for array in exchange.state.arrays()))
    loose: Any = exchange
    loose.state = state
    loose.handle.state = loose.handle.argument = loose._argument = state  # noqa: SLF001  the facade has no door for a twin
    return exchange
