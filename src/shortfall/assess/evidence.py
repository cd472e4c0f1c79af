"""What stands behind an answer: a page with the day it was read, a search that found nothing, or our own gap.

There are three states and no fourth. Published: a page says it. Searched for and not found: the venue's own pages were read on a day
and do not say it. Not examined by us: nobody here looked, or what was looked at was cut; that is our gap, the default, and counts
against nobody.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Final

from shortfall.errors import Findings

if TYPE_CHECKING:
    from datetime import date

__all__ = [
    "NOTHING",
    "Answer",
    "Evidence",
    "Page",
    "State",
    "check_evidence",
    "not_examined",
    "not_found",
    "published",
]


class State(StrEnum):
    """How far a thing is known to be public."""

    PUBLISHED = "published"
    """A page of the venue, its interface or its public code says it."""
    NOT_FOUND = "searched for, not found"
    """The venue's own pages that are named were read on the day that is named, and do not say it."""
    NOT_EXAMINED = "not examined by us"
    """Nobody here looked, or the text was seen cut: our gap."""


class Answer(StrEnum):
    """The answer to a question about a venue."""

    YES = "yes"
    NO = "no"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Page:
    """A page of a venue.

    Parameters
    ----------
    address : str
        Title, article id or address of the venue's own page, its interface or its public code.
    read_on : date
        When it was read; what it says may have changed since.
    found_as : str
        The string by which the record of that reading names it: a test looks it up. Empty for `address` itself.
    """

    address: str
    read_on: date
    found_as: str = ""

    @property
    def anchor(self) -> str:
        """Return the string by which the record of the reading names this page."""
        return self.found_as or self.address


@dataclass(frozen=True, slots=True)
class Evidence:
    """What is known about one thing.

    Parameters
    ----------
    state : State
    says : str
        In our own words: what the page says, what was searched for, or what is missing on our side.
    pages : tuple of Page
        At least one where the state is published or not found, none otherwise.
    rules : tuple of str
        Rules of the venue's record that this was taken from; empty where it was typed in.
    answer : Answer
        What it answers to the item's question: what is published answers yes unless it says otherwise, what was not found no, what
        was not examined unknown.
    """

    state: State
    says: str = ""
    pages: tuple[Page, ...] = ()
    rules: tuple[str, ...] = ()
    answer: Answer = Answer.UNKNOWN


NOTHING: Final = Evidence(State.NOT_EXAMINED)


def published(says: str, *pages: Page, answer: Answer = Answer.YES) -> Evidence:
    """Return evidence that a page says it; `answer` where the page answers the question with no, or only in part."""
    return Evidence(State.PUBLISHED, says, pages, (), answer)


def not_found(what: str, *pages: Page) -> Evidence:
    """Return evidence that these pages of the venue's own were read for it and do not say it."""
    return Evidence(State.NOT_FOUND, what, pages, (), Answer.NO)


def not_examined(why: str) -> Evidence:
    """Return our own gap, with what is known about it."""
    return Evidence(State.NOT_EXAMINED, why)


def check_evidence(path: str, evidence: Evidence) -> Findings:
    """Return everything that is wrong with a piece of evidence, all at once."""
    findings = Findings()
    needs = evidence.state is not State.NOT_EXAMINED
    if needs and not evidence.pages:
        findings.add(
            f"{path}.pages", f"Expected at least one page with the day it was read for {evidence.state.value!r}"
        )
    if not needs and evidence.pages:
        findings.add(f"{path}.pages", f"Expected no page for {evidence.state.value!r}, was {len(evidence.pages)}")
    if not needs and evidence.answer is not Answer.UNKNOWN:
        findings.add(f"{path}.answer", f"Expected unknown for {evidence.state.value!r}, was {evidence.answer.value!r}")
    if needs and not evidence.says.strip():
        findings.add(f"{path}.says", "Expected what the page says, in words, was nothing")
    for k, page in enumerate(evidence.pages):
        if not page.address.strip():
            findings.add(f"{path}.pages[{k}].address", "Expected a title, an article id or an address, was nothing")
    return findings
