"""Every entry of the rule space has a card, and every rule set that a venue ships passes the cards of the entries it uses."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from shortfall.rules.reference import every_entry
from shortfall.testing.cards import Card, every_card, play
from shortfall.testing.desk import rules_with

if TYPE_CHECKING:
    from collections.abc import Iterable

CARDS = list(every_card())


def ids(cards: Iterable[Card]) -> list[str]:
    return [card.entry for card in cards]


def test_every_card_is_about_an_entry_that_exists() -> None:
    assert set(ids(CARDS)) <= set(every_entry())


@pytest.mark.parametrize("card", CARDS, ids=ids(CARDS))
def test_a_card_passes_under_plain_rules(card: Card) -> None:
    assert play(card, rules_with()) > 0
