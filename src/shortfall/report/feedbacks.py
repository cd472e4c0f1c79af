"""Which feedbacks an answer ran beside each other: as a part of its document, and as lines under its tables."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from shortfall.sim.feedbacks import cases_of, feedbacks_of
from shortfall.sim.liquidity import FEEDBACK_ASSUMED
from shortfall.units import duration_text

if TYPE_CHECKING:
    from collections.abc import Sequence

    from shortfall.sim.liquidity import Feedback
    from shortfall.sim.stress import Request


def feedback_part(one: Feedback) -> dict[str, Any]:
    """Return one feedback with its meaning and its parameters."""
    return {
        "name": one.name,
        "meaning": one.meaning,
        "impact_ppm": one.impact_ppm,
        "decay": duration_text(one.decay_us) if one.decay_us else "none: the move stays",
        "rehedged_ppm": one.rehedge_ppm,
        "delay": duration_text(one.delay_us),
    }


def feedbacks_part(found: Sequence[Feedback]) -> dict[str, Any]:
    """Return the parts of a document that say which feedbacks its ranges are over, and what is assumed about them."""
    return {
        "feedbacks": [feedback_part(one) for one in found],
        "feedback_assumed": list(FEEDBACK_ASSUMED) if any(one.is_on for one in found) else [],
    }


def feedbacks_of_request(request: Request) -> dict[str, Any]:
    """Return the feedbacks of a request, and every population under each of them by the name that rows and ranges know it by."""
    return {
        **feedbacks_part(feedbacks_of(request)),
        "cases": [{"case": name, "member": one.name, "feedback": item.name} for name, one, item in cases_of(request)],
    }


def feedback_lines(document: dict[str, Any]) -> list[str]:
    """Return what is said of feedback under a table: each with its meaning, and where the assumed values are from."""
    found = document.get("feedbacks", [])
    told = "; ".join(f"feedback {one['name']}: {one['meaning']}" for one in found)
    if not told:
        return []
    both = "ranges are over feedback too. " if len(found) > 1 else "one feedback only. "
    return [both + told, *document["feedback_assumed"]]


def over_words(document: dict[str, Any]) -> str:
    """Say which feedbacks a range over populations is over as well: nothing for a document without any."""
    names = [one["name"] for one in document.get("feedbacks", [])]
    return f", feedback {' and '.join(names)}" if names else ""


def case_of(row: dict[str, Any]) -> str:
    """Return what a row's population under its feedback is called; the population where a document says no more."""
    found: str = row.get("case", row["member"])
    return found


__all__ = [
    "case_of",
    "feedback_lines",
    "feedback_part",
    "feedbacks_of_request",
    "feedbacks_part",
    "over_words",
]
