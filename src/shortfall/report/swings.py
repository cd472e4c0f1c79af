"""Which input moves a stress most, out of its own runs: the mean, over everything else, of highest less lowest along one input."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from shortfall.report import words

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from shortfall.report.words import Document, Money

FIGURES: Final[Mapping[str, Callable[[Document], Money]]] = {
    "liquidated": lambda run: run["figures"]["liquidated_notional"],
    "ADL": words.adl_notional,
    "the fund's fall": words.equity_fall,
}


def inputs_of(document: Document, run: Document) -> dict[str, str]:
    """Return the inputs in which the runs of a stress differ, each with the run's value."""
    models = run.get("models", {})
    return {
        "population": str(run["member"]),
        words.after_word(document): words.base_path(run),
        "depth law": str(models.get("depth_law")),
        "feedback": str(models.get("feedback")),
        "firm makers": str(models.get("makers_firm")),
    }


def swings(document: Document, figure: Callable[[Document], Money]) -> dict[str, int]:
    """Return how far a figure moves with each input, largest first, in its smallest unit; an input with one value is left out.

    Runs that differ in that input only stand together; runs that stand alone say nothing about it. Rounded down.
    """
    found: dict[str, int] = {}
    runs = [(inputs_of(document, run), words.minor_units(figure(run))) for run in document["runs"]]
    for name in runs[0][0]:
        groups: dict[tuple[str, ...], list[int]] = {}
        for inputs, value in runs:
            groups.setdefault(tuple(one for key, one in inputs.items() if key != name), []).append(value)
        spreads = [max(group) - min(group) for group in groups.values() if len(group) > 1]
        if spreads:
            found[name] = sum(spreads) // len(spreads)
    return dict(sorted(found.items(), key=lambda one: -one[1]))


def moves_note(document: Document) -> str | None:
    """Say which input moves each figure of the headline most; None where nothing was varied."""
    told = []
    for name, figure in FIGURES.items():
        found = swings(document, figure)
        most = next(iter(found), None)
        if most is None:
            return None
        if found[most] == 0:
            told.append(f"{name}: nothing that was varied")
            continue
        listed = ", ".join(
            f"{key} {words.human(words.like(figure(document['runs'][0]), by))}" for key, by in found.items()
        )
        told.append(f"{name}: {most} ({listed})")
    return f"moves it most, highest less lowest on average over the other inputs: {'; '.join(told)}"
