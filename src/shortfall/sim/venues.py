"""All venues that can be named: those that come with the package, and the user's own."""

from __future__ import annotations

from typing import TYPE_CHECKING

from shortfall.data.venue_file import own_venues
from shortfall.errors import Finding, Findings, InputError
from shortfall.venues import bundled_venues

if TYPE_CHECKING:
    from collections.abc import Mapping

    from shortfall.rules.venue import Venue


def known_venues() -> Mapping[str, Venue]:
    """Return every venue by code, the user's own last.

    Raises
    ------
    InputError
        If a file of the user's has findings, or takes the code of a bundled venue.
    """
    known = dict(bundled_venues())
    findings = Findings()
    for place, venue in own_venues():
        if venue.code in known:
            findings.add(f"{place}: code", f"Expected a code that no other venue has, was {venue.code!r}")
        known[venue.code] = venue
    findings.raise_if_any()
    return known


def find_venue(code: str) -> Venue:
    """Return a venue by its code.

    Raises
    ------
    InputError
        If there is none; the message lists those there are.
    """
    known = known_venues()
    if code not in known:
        raise InputError([Finding("VENUE", f"Expected one of {', '.join(known)}, was {code!r}")])
    return known[code]
