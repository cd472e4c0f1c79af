"""A value of a venue with where it comes from, or with why it is assumed. There is no third kind."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import date


@dataclass(frozen=True, slots=True)
class Cited:
    """A value that a venue's own page states.

    Parameters
    ----------
    value : object
        The value.
    source : str
        Title or address of the venue's page.
    read_on : date
        When it was read.
    """

    value: object
    source: str
    read_on: date


@dataclass(frozen=True, slots=True)
class Assumed:
    """A value that nobody publishes, with the reason for choosing it.

    Parameters
    ----------
    value : object
        The value.
    reason : str
        Why this one.
    others : tuple of str
        Values that are as admissible, because no page rules them out: a comparison of venues runs them all.
    """

    value: object
    reason: str
    others: tuple[str, ...] = ()


Value = Cited | Assumed
