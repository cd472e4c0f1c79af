"""The checklist of one venue: every item with its state and evidence, every sign with yes, no or unknown. No score, and no order of venues.

One source of truth: where the venue's record of rules cites a page for a rule that answers an item, the answer is taken from that record;
only what no rule says is typed into `shortfall.assess.published`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from shortfall.assess.evidence import NOTHING, Answer, Evidence, Page, State
from shortfall.assess.items import ITEMS
from shortfall.assess.published import answers
from shortfall.assess.signs import SIGNS, Known, Verdict
from shortfall.rules.cited import Cited
from shortfall.rules.reference import rule_lines

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import date

    from shortfall.assess.items import Item
    from shortfall.data.figure_records import ContractFigures
    from shortfall.rules.cited import Value
    from shortfall.rules.venue import Venue

STRUCTURE: Final = "structure"
WATERFALL: Final = "waterfall"
VALUE_ALONE: Final = (STRUCTURE, "index.method")  # whose entry in the rule space says more than the page does


@dataclass(frozen=True, slots=True)
class Checklist:
    """What is known about one venue.

    Parameters
    ----------
    venue : Venue
    figures : ContractFigures or None
        The contract's figures, where one was asked for and figures of the venue's own exist.
    evidence : mapping
        Item code to evidence, in the order of the items.
    verdicts : mapping
        Sign code to the answer.
    """

    venue: Venue
    figures: ContractFigures | None
    evidence: Mapping[str, Evidence]
    verdicts: Mapping[str, Verdict]

    def counts(self) -> dict[str, int]:
        """Return how many items are in each state, side by side; they are not summed and make no grade."""
        return {state.value: sum(e.state is state for e in self.evidence.values()) for state in State}


def checklist(venue: Venue, figures: ContractFigures | None = None, day: date | None = None) -> Checklist:
    """Return the checklist of a venue.

    Parameters
    ----------
    venue : Venue
    figures : ContractFigures or None
        Figures of one of its contracts; None leaves what needs figures unknown.
    day : date or None
        Rules as of a day; None for the latest.
    """
    known = {name: value for name, (value, _) in venue.values_on(day).items()} | {STRUCTURE: venue.structure}
    typed = answers().get(venue.code, {})
    meanings = {line.name: line for line in rule_lines()}
    words = {
        name: getattr(meanings[name].entries.get(str(value.value)), "meaning", "") if name in meanings else ""
        for name, value in known.items()
    }
    evidence = {item.code: typed.get(item.code) or evidence_of(item, known, words) for item in ITEMS}
    facts = Known(known, evidence, figures, venue.contract(figures.symbol) if figures is not None else None)
    return Checklist(venue, figures, evidence, {sign.code: sign.judge(facts) for sign in SIGNS})


def evidence_of(item: Item, known: Mapping[str, Value], words: Mapping[str, str]) -> Evidence:
    """Return what a venue's record of rules says to an item: cited rules are published, assumed ones are our gap."""
    mine = [(name, known[name]) for name in item.rules if name in known]
    cited = [(name, value) for name, value in mine if isinstance(value, Cited)]
    if cited:
        says = "; ".join(_told(name, value, words.get(name, "")) for name, value in cited)
        pages = tuple(dict.fromkeys(Page(value.source, value.read_on) for _, value in cited))
        return Evidence(State.PUBLISHED, f"{says}.", pages, tuple(name for name, _ in cited), Answer.YES)
    if mine:
        name, value = mine[0]
        reason = getattr(value, "reason", "")
        return Evidence(
            State.NOT_EXAMINED, f"{_told(name, value, words.get(name, ''))}, assumed: {reason}.", (), (name,)
        )
    return NOTHING


def _told(name: str, value: Value, meaning: str) -> str:
    said = str(value.value)
    if name == STRUCTURE:
        return said
    if name == WATERFALL:
        return f"{name} = {said.replace(',', ', then ')}"
    return f"{name} = {said}" + (f" ({meaning})" if meaning and name not in VALUE_ALONE else "")
