"""What a holder had before the first command: an input of the ADL triggers, and unknown unless somebody says it."""

from __future__ import annotations

from dataclasses import dataclass

from shortfall.kernels import layout as at
from shortfall.model.row import Row


@dataclass(frozen=True, slots=True)
class HolderHistory:
    """Say what the holder that `adl.watches` names had before the first command; without it its past is unknown.

    Parameters
    ----------
    market : int
        Market.
    peak_quote : int
        Its highest equity over the window, in settlement units.
    lost_quote : int
        How far its result in this market stands below its highest one over the window, not negative.
    average_quote : int or None
        Its mean equity over the window; None for the peak.
    """

    market: int
    peak_quote: int
    lost_quote: int = 0
    average_quote: int | None = None

    def row(self) -> Row:
        """Pack."""
        average = self.peak_quote if self.average_quote is None else self.average_quote
        return Row(at.OP_HISTORY, market=self.market, flags=average, price=self.lost_quote, lots=self.peak_quote)
