"""Every bundled venue's rules hold the laws on random worlds: no venue has a test of its own."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from shortfall.testing.fuzz import Run
from shortfall.venues import bundled_venues

if TYPE_CHECKING:
    from shortfall.rules.venue import Venue

COMMANDS = 6_000


@pytest.mark.parametrize("venue", bundled_venues().values(), ids=lambda venue: venue.code)
def test_a_venues_rules_hold_the_laws_on_random_worlds(venue: Venue) -> None:
    for seed in (1, 2):
        run = Run(seed, batch=500, rules=venue.rules_on())
        run.run(COMMANDS)
        assert run.done == COMMANDS
        assert run.events > COMMANDS
