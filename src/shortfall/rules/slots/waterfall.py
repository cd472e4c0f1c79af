"""The layers of the waterfall, asked in the order in which a rule set names them."""

from __future__ import annotations

from typing import Final

from shortfall.kernels import layout as at
from shortfall.rules.record import Entry, entry

LAYER_ENTRIES: Final[dict[str, Entry]] = {
    "backstop": entry(at.LAYER_BACKSTOP, "a liquidation provider takes positions over and pays with its own capital"),
    "fund": entry(at.LAYER_FUND, "the insurance fund of the contract takes positions over and pays what is missing"),
    "pool": entry(at.LAYER_POOL, "a fund shared by several contracts takes positions over and pays what is missing"),
    "adl": entry(at.LAYER_ADL, "opposite positions are closed in rank order"),
    "socialise": entry(at.LAYER_SOCIALISE, "what is missing is shared by the winners of the contract"),
}
