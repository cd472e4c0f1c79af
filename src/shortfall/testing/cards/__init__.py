"""Conformance cards: one per entry of the rule space, which every venue that uses the entry must pass.

A card says what must be so (prerequisite), what is done (action) and what must follow (expected events). It is played with a
venue's own rule set: only the entry itself and what the prerequisite names are pinned, the rest stays the venue's.
"""

from __future__ import annotations

import importlib
import pkgutil
from typing import TYPE_CHECKING

from shortfall.testing.cards.card import Card, play

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["Card", "every_card", "play"]


def every_card() -> Iterator[Card]:
    """Yield the cards of all slots: `CARDS` of every file of this folder but `card`."""
    for item in pkgutil.iter_modules(__path__):
        if item.name != "card":
            yield from importlib.import_module(f"{__name__}.{item.name}").CARDS
