"""Conformance cards: one per entry of the rule space, which every venue that uses the entry must pass.

A card says what must be so (prerequisite), what is done (action) and what must follow (expected events). It is played with a
venue's own rule set: only the entry itself and what the prerequisite names are pinned, the rest stays the venue's.
"""

from __future__ import annotations

import importlib
import pkgutil
from typing import TYPE_CHECKING

from shortfall.testing.cards.card import Card, play, uses

if TYPE_CHECKING:
    from collections.abc import Iterator

    from shortfall.rules.ruleset import RuleSet

__all__ = ["Card", "cards_of", "every_card", "play"]


def every_card() -> Iterator[Card]:
    """Yield the cards of all slots: `CARDS` of every file of this folder that has some."""
    for item in pkgutil.iter_modules(__path__):
        yield from getattr(importlib.import_module(f"{__name__}.{item.name}"), "CARDS", ())


def cards_of(rules: RuleSet) -> list[Card]:
    """Return the cards of the entries that a rule set uses: its choices, and the layers of its waterfall."""
    return [card for card in every_card() if uses(rules, card.entry)]
