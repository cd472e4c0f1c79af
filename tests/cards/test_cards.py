"""Every entry of the rule space has a card, and every rule set that a venue ships passes the cards of the entries it uses."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from typing import TYPE_CHECKING

import pytest

from shortfall.errors import InvariantViolationError
from shortfall.rules.reference import every_entry
from shortfall.rules.ruleset import MarginTier
from shortfall.testing.cards import Card, cards_of, every_card, play
from shortfall.testing.desk import rules_with
from shortfall.venues import binance

if TYPE_CHECKING:
    from collections.abc import Iterable

CARDS = list(every_card())


def ids(cards: Iterable[Card]) -> list[str]:
    return [card.entry for card in cards]


def objects(card: Card) -> bool:
    """Say whether a card finds its expectation contradicted under plain rules."""
    try:
        play(card, rules_with())
    except (InvariantViolationError, IndexError):
        return True
    return False


def test_every_entry_has_exactly_one_card() -> None:
    assert sorted(ids(CARDS)) == sorted(every_entry())


@pytest.mark.parametrize("card", CARDS, ids=ids(CARDS))
def test_a_card_passes_under_plain_rules(card: Card) -> None:
    assert play(card, rules_with()) > 0


def test_a_card_contradicts_the_other_entries_of_its_rule() -> None:
    """A card that every entry passes proves nothing: played with another entry of the same rule, some card must object."""
    for rule in sorted({entry.partition("=")[0] for entry in every_entry()} - {"waterfall"}):
        cards = [card for card in CARDS if card.entry.startswith(f"{rule}=")]
        for card in cards:
            others = [replace(card, entry=other.entry) for other in cards if other.entry != card.entry]
            assert any(objects(other) for other in others), card.entry


VENUES = {
    "binance": binance.rules_for(
        [MarginTier(None, 10_000, 5_000)], Decimal("0.0125"), Decimal("0.0005"), Decimal("0.0002")
    )
}


@pytest.mark.parametrize(
    ("venue", "card"), [(v, c) for v, r in VENUES.items() for c in cards_of(r)], ids=lambda x: getattr(x, "entry", x)
)
def test_a_venue_passes_the_cards_of_the_entries_it_uses(venue: str, card: Card) -> None:
    assert play(card, VENUES[venue]) > 0
