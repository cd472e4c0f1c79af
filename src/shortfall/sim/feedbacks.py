"""Feedback of forced flow at 0 and at an assumed value, beside each other: each population is run under both, and ranges are over both.

A case is a population under one feedback, on the same draw. It is called like the population where feedback is off, with what is on
added where it is not, as the runs of a stress are.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from shortfall.sim.liquidity import OFF, ON, Feedback

if TYPE_CHECKING:
    from shortfall.sim.members import Member
    from shortfall.sim.stress import Request

JOINED: Final = " +"


def feedbacks_of(request: Request) -> tuple[Feedback, ...]:
    """Return the feedbacks that a request runs beside each other, each once, in its order."""
    return tuple(dict.fromkeys(variant.feedback for variant in request.variants))


def case_name(member: str, feedback: Feedback) -> str:
    """Return how a population under a feedback is called; the population's own name where nothing feeds back."""
    if not feedback.is_on:
        return member
    return f"{member}{JOINED}{'feedback' if feedback is ON else feedback.name}"


def parts_of(case: str) -> tuple[str, str]:
    """Return (population, feedback's name) of a case."""
    member, _, name = case.partition(JOINED)
    return member, {"": OFF.name, "feedback": ON.name}.get(name, name)


def cases_of(request: Request) -> tuple[tuple[str, Member, Feedback], ...]:
    """Return (name, population, feedback) of every case of a request, population by population."""
    found = feedbacks_of(request)
    return tuple((case_name(one.name, item), one, item) for one in request.members for item in found)
