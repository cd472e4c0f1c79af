"""Surfaces over gap, speed and depth left, as a sheet."""

from __future__ import annotations

from typing import Any

from shortfall.report.sheets.sheet import Heat, Sheet, SheetTable, titled
from shortfall.report.surfaces import notes, sentence


def sheet(document: dict[str, Any]) -> Sheet:
    """Return the sheet of a document of schema ``shortfall.gap-surface/1``."""
    cases, questions = len(document.get("cases", document["members"])), tuple(document["questions"])
    cells = SheetTable(
        "cells",
        "Every cell: for how many populations, each under every feedback, the answer is yes",
        ("gap_percent", "over", "depth_left", *(name.replace(" ", "_") for name in questions)),
        tuple(
            (one["gap_ppm"] / 10_000, one["over"], one["depth_left"], *(len(one["yes"][name]) for name in questions))
            for one in document["cells"]
        ),
    )
    first = SheetTable(
        "first_gaps",
        "Smallest gap of the grid that answers yes, percent",
        ("question", "direction", "depth_left", "over", "at_least_one_percent", "every_one_percent"),
        tuple(
            (
                *(one[name] for name in ("question", "direction", "depth_left", "over")),
                *(_percent(one[end]) for end in ("at_least_one_ppm", "every_one_ppm")),
            )
            for one in document["first_gaps"]
        ),
    )  # fmt: skip
    pictures = tuple(
        Heat(
            f"gap-{k}",
            f"{name}: {meaning}. Full colour: every population and feedback; fainter: some; none: nobody",
            "gap, %",
            "depth left, over",
            "share of populations and feedbacks",
            tuple(
                (f"{one['gap_ppm'] // 10_000:+d}", f"{one['depth_left']}, {one['over']}", len(one["yes"][name]) / cases)
                for one in sorted(document["cells"], key=lambda cell: cell["gap_ppm"])
            ),
        )
        for k, (name, meaning) in enumerate(document["questions"].items())
    )  # fmt: skip
    return Sheet(
        titled(document, "gap, speed and depth left"),
        "Surfaces over the size of a gap, its speed and the depth that is left",
        sentence(document),
        (first, cells),
        pictures,
        tuple(notes(document)),
    )


def _percent(ppm: int | None) -> float | None:
    return None if ppm is None else ppm / 10_000
