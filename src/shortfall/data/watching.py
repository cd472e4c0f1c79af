"""The slots of a watch: whole multiples of its interval since 1970, so that a restart finds the slot it was killed in."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

__all__ = ["Span", "missed_slots", "slot_of"]


@dataclass(frozen=True, slots=True)
class Span:
    """State slots in which nothing was collected: the first, the last, and how many."""

    first: datetime
    last: datetime
    count: int


def slot_of(now: datetime, every_s: int) -> datetime:
    """Return the slot that a moment lies in, in UTC."""
    seconds = int(now.timestamp())
    return datetime.fromtimestamp(seconds - seconds % every_s, UTC)


def missed_slots(last: datetime | None, slot: datetime, every_s: int) -> tuple[Span, ...]:
    """Return the slots strictly between the last one kept and this one, as one span; none before the first one kept.

    >>> from datetime import UTC, datetime
    >>> a, b = datetime(2026, 1, 1, 0, 0, tzinfo=UTC), datetime(2026, 1, 1, 0, 5, tzinfo=UTC)
    >>> [(span.first.minute, span.last.minute, span.count) for span in missed_slots(a, b, 60)]
    [(1, 4, 4)]
    """
    if last is None:
        return ()
    step = timedelta(seconds=every_s)
    first = slot_of(last, every_s) + step
    count = int((slot - first) / step)
    return (Span(first, slot - step, count),) if count > 0 else ()
