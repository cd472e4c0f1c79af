"""The two widths of a figure and what moves it, as a part of a document and as lines: the same for every answer."""

from __future__ import annotations

from math import inf
from typing import TYPE_CHECKING, Any, Final

from shortfall.sim.sampling import LEVEL

if TYPE_CHECKING:
    from collections.abc import Callable

    from shortfall.sim.sensitivity import Widths

ABOUT: Final = "about seeds given one population; the range over populations is the headline"


def widths_part(found: Widths, figure: str, words: Callable[[int], str], most: float = inf) -> dict[str, Any]:
    """Return widths as a part of a document.

    Parameters
    ----------
    found : Widths
    figure : str
        What was varied, for people.
    words : callable
        Writes a value of the figure with its unit.
    most : float
        The figure's own upper bound (a share has one); the interval is cut there, and at 0.
    """
    name, widest = found.widest
    return {
        "figure": figure,
        "model_range": [words(value) for value in found.model],
        "sampling": {
            "level": LEVEL,
            "seeds": found.seeds,
            "widest_member": name,
            "interval": [words(round(min(most, max(0.0, end)))) for end in (widest.low, widest.high)],
            "about": ABOUT,
        },
        "swings": [{"input": swing.name, "by": words(swing.by)} for swing in found.swings],
        "moves_most": found.moves_most,
    }


def widths_lines(part: dict[str, Any] | None) -> list[str]:
    """Return what is said of both widths under a table; nothing where they were not run."""
    if part is None:
        return []
    sampling = part["sampling"]
    low, high = sampling["interval"]
    rows = [f"{swing['input']} {swing['by']}" for swing in part["swings"]]
    most = part["moves_most"]
    said = (
        f"sampling, {sampling['level']:.0%} of the mean of {part['figure']} over {sampling['seeds']} population seeds: {low} to {high} "
        f"({sampling['widest_member']}, the widest); {sampling['about']}"
    )
    if not most:
        return [said, f"nothing that was varied moves {part['figure']}"]
    return [said, f"moves {part['figure']} most: {most} (swings: {', '.join(rows)})"]


__all__ = ["widths_lines", "widths_part"]
