"""Every entry of the rule space has a card, and every rule set that a venue ships passes the cards of the entries it uses."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from shortfall.errors import InvariantViolationError
from shortfall.rules.reference import every_entry
from shortfall.testing.cards import Card, cards_of, every_card, play
from shortfall.testing.desk import rules_with
from shortfall.venues import bundled_venues

if TYPE_CHECKING:
    from collections.abc import Iterable

    from shortfall.rules.ruleset import RuleSet

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


def played() -> list[tuple[str, RuleSet, Card]]:
    """Return every card that a venue has to pass: those of its first and of its latest rules."""
    cards: dict[tuple[str, str], tuple[str, RuleSet, Card]] = {}
    for venue in bundled_venues().values():
        for rules in (replace(venue, eras=venue.eras[:1]).rules_on(), venue.rules_on()):
            cards |= {(venue.code, card.entry): (venue.code, rules, card) for card in cards_of(rules)}
    return list(cards.values())


@pytest.mark.parametrize(
    ("code", "rules", "card"), played(), ids=lambda x: getattr(x, "entry", x if isinstance(x, str) else "")
)
def test_a_venue_passes_the_cards_of_the_entries_it_uses(code: str, rules: RuleSet, card: Card) -> None:
    assert play(card, rules) > 0, code
