"""Surfaces over gap, speed and depth left: one document, a heat map of blocks for the terminal, and pictures for a page."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from rich.text import Text

from shortfall import __version__
from shortfall.kernels._jit import source_digest
from shortfall.report.document import contract_of, evidence, money
from shortfall.report.drawing import GRID, INK, RED, WIDTH, altair, named, picture
from shortfall.report.feedbacks import feedback_lines, feedbacks_of_request
from shortfall.report.words import common_note, human, stand_in_words
from shortfall.sim.gapsurface import GAPS_PPM, QUESTIONS, breaks, middle_of
from shortfall.units import duration_text, percent_text

if TYPE_CHECKING:
    from rich.console import Console

    from shortfall.report.markup import Markup
    from shortfall.sim.gapsurface import Spot, Surface

SCHEMA: Final = "shortfall.gap-surface/1"
MILLION: Final = 1_000_000
BROKEN: Final = "!"
NOTHING, SOME, ALL = "··", "▒▒", "██"
LEGEND: Final = (
    f"falls to the left, rises to the right; {ALL} every population under every feedback, {SOME} some, {NOTHING} none; {BROKEN} no for one "
    "though a milder cell (smaller gap, slower, more depth) says yes"
)
MEANING: Final = {
    "fund pays": "its equity at mark falls below its cash before",
    "fund full": "a layer refuses a position by its capacity rule",
    "fund out of cash": "a layer refuses a position for want of cash, or the fund's cash is gone",
    "ADL starts": "anybody is deleveraged",
}


def surface_document(answer: Surface) -> dict[str, Any]:
    """Return the surfaces as one document. A gap is signed, in ppm; a cell names the cases (members under a feedback) that say yes."""
    request = answer.request
    asset = answer.item.contract.scale.settlement
    marks = [breaks(answer.spots, k) for k in range(len(QUESTIONS))]
    return {
        "schema": SCHEMA,
        "version": __version__,
        "kernels": source_digest(),
        "contract": contract_of(answer.item),
        "request": {
            "shock": request.shock.mode,
            "accounts": request.accounts,
            "seed": request.seed,
            "set": list(request.changes),
            "after": "hold",
        },
        "fund": {"cash": money(answer.fund_cash, asset), "note": answer.fund_note},
        "members": [member.name for member in request.members],
        "questions": {name: MEANING[name] for name in QUESTIONS},
        "gaps_ppm": [*(-gap for gap in reversed(GAPS_PPM)), *GAPS_PPM],
        "over": [duration_text(over) for over in answer.grid.speeds_us],
        "depth_left": [percent_text(depth) for depth in answer.grid.depths_ppm],
        "cells": [_cell(spot, marks) for spot in answer.spots],
        "first_gaps": _first_gaps(answer),
        "moves_most": answer.moves_most(),
        **feedbacks_of_request(request),
        "sampling": _sampling(answer),
        "assumed": [
            "every cell is a run of its own; nothing is said between cells, and gaps beyond the grid are not run"
        ],
        "evidence": evidence((answer.item,)),
    }


def _sampling(answer: Surface) -> str:
    """Return the sampling interval in words: of the smallest fall at which ADL starts, in the middle of the grid."""
    if answer.widths is None:
        return "none: one seed; the ranges are over members and feedbacks"
    over, depth = middle_of(answer.grid)
    name, found = answer.widths.widest
    return (
        f"smallest fall with ADL at {duration_text(over)} and {percent_text(depth)} of depth, mean over {answer.widths.seeds} population "
        f"seeds, 95 %: {max(0.0, found.low) / 10_000:.1f} to {found.high / 10_000:.1f} % ({name}, the widest; a fall beyond the "
        "grid counts as its largest and a half); about seeds given one population"
    )


def _cell(spot: Spot, marks: list[dict[tuple[int, int, int], tuple[str, ...]]]) -> dict[str, Any]:
    key = (spot.cell.gap_ppm, spot.cell.over_us, spot.depth_ppm)
    return {
        "gap_ppm": spot.cell.gap_ppm,
        "over": duration_text(spot.cell.over_us),
        "depth_left": percent_text(spot.depth_ppm),
        "yes": {
            name: [member for member, answer in spot.cell.answers.items() if answer[k]]
            for k, name in enumerate(QUESTIONS)
        },
        "not_monotone": {name: list(marks[k][key]) for k, name in enumerate(QUESTIONS) if key in marks[k]},
    }


def _first_gaps(answer: Surface) -> list[dict[str, Any]]:
    """Return the smallest gap of the grid for at least one and for every case, by question, direction, speed and depth."""
    return [
        {
            "question": name,
            "direction": "down" if sign < 0 else "up",
            "over": duration_text(over),
            "depth_left": percent_text(depth),
            "at_least_one_ppm": answer.first_gap(k, sign, over, depth),
            "every_one_ppm": answer.first_gap(k, sign, over, depth, every=True),
        }
        for k, name in enumerate(QUESTIONS)
        for sign in (-1, 1)
        for depth in answer.grid.depths_ppm
        for over in answer.grid.speeds_us
    ]


def sentence(document: dict[str, Any]) -> str:
    """Return, at the middle speed and depth of the grid, the fall from which each question is answered yes, over members."""
    over = document["over"][len(document["over"]) // 2]
    depth = document["depth_left"][len(document["depth_left"]) // 2]
    rows = [
        row
        for row in document["first_gaps"]
        if (row["direction"], row["over"], row["depth_left"]) == ("down", over, depth)
    ]
    parts = [f"{row['question']}: {_from(row)}" for row in rows]
    most = document["moves_most"]
    return (
        f"In a fall over {over} with {depth} of depth left, of the gaps that were run: {'; '.join(parts)}. "
        f"{'ADL starts nowhere in the grid.' if most is None else f'Where ADL starts moves most with: {most}.'}"
        f"{stand_in_words(document)}"
    )


def _from(row: dict[str, Any]) -> str:
    some, every = row["at_least_one_ppm"], row["every_one_ppm"]
    if some is None:
        return f"in none up to {percent_text(GAPS_PPM[-1])}"
    if every is None:
        return f"from {percent_text(some)} in some population and feedback, in all nowhere"
    return f"from {percent_text(some)}" + (
        "" if some == every else f" (some population and feedback) to {percent_text(every)} (all)"
    )


def print_surface(console: Console, document: dict[str, Any]) -> None:
    """Print a heat map for each question: gaps to the right, depth and speed downwards."""
    contract = document["contract"]
    console.print(Text(f"{contract['venue']} {contract['symbol']}: gap, speed and depth left", "bold"))
    console.print(Text(sentence(document)))
    cells = {(cell["depth_left"], cell["over"], cell["gap_ppm"]): cell for cell in document["cells"]}
    for name, meaning in document["questions"].items():
        console.print(Text(f"\n{name}: {meaning}", "bold"))
        if not any(cell["yes"][name] for cell in document["cells"]):
            console.print(Text("nowhere in the grid"))
            continue
        console.print(_head(document))
        for depth in document["depth_left"]:
            for over in document["over"]:
                line = Text(f"{depth:>5} {over:>6} ")
                for gap in document["gaps_ppm"]:
                    line.append("│" if gap == GAPS_PPM[0] else "")
                    line.append_text(
                        _block(cells[depth, over, gap], name, len(document.get("cases", document["members"])))
                    )
                console.print(line)
    for note in notes(document):
        console.print(Text(note, "dim"))


def _head(document: dict[str, Any]) -> Text:
    line = Text(" depth   over ")
    for gap in document["gaps_ppm"]:
        line.append("│" if gap == GAPS_PPM[0] else "")
        line.append(f"{abs(gap) // 10_000:>2} ")
    return line.append("gap, %")


def _block(cell: dict[str, Any], name: str, members: int) -> Text:
    count = len(cell["yes"][name])
    mark = BROKEN if name in cell["not_monotone"] else " "
    if count == 0:
        return Text(NOTHING + mark, "dim")
    return Text((ALL if count == members else SOME) + mark, "red" if count == members else "yellow")


def notes(document: dict[str, Any]) -> list[str]:
    """Return what a reader needs beside the tables: how to read them, what is assumed, sampled and synthetic."""
    broken = sum(1 for cell in document["cells"] if cell["not_monotone"])
    lines = [
        common_note(document),
        LEGEND,
        f"cells that are not monotone: {broken} of {len(document['cells'])}",
        f"fund: {human(document['fund']['cash'])} ({document['fund']['note']})",
        f"populations: {', '.join(document['members'])}; sampling: {document['sampling']}",
        *feedback_lines(document),
        *document["assumed"],
        "synthetic: population, shock, makers",
    ]
    return [line for line in lines if line is not None]


def surface_picture(document: dict[str, Any], question: str, name: str, alternative: str) -> Markup:
    """Draw one question: a panel for each speed, gaps to the right, depth downwards; darker where more populations say yes."""
    alt = altair()
    gaps, rows = [_signed(gap) for gap in document["gaps_ppm"]], {}
    for over in document["over"]:
        mine = [cell for cell in document["cells"] if cell["over"] == over]
        rows[over] = [
            {
                "gap": _signed(cell["gap_ppm"]),
                "depth": cell["depth_left"],
                "share": len(cell["yes"][question]) / len(document.get("cases", document["members"])),
                "mark": BROKEN if question in cell["not_monotone"] else "",
            }
            for cell in mine
        ]
    panels = []
    for over in document["over"]:
        last = over == document["over"][-1]
        title = "gap, %: falls to the left, rises to the right" if last else None
        x = alt.X("gap:N", sort=gaps, axis=alt.Axis(title=title, labels=last, ticks=False, labelAngle=0))
        y = alt.Y("depth:N", sort=document["depth_left"], axis=alt.Axis(title="depth left", ticks=False))
        shade = alt.FillOpacity("share:Q", scale=alt.Scale(domain=[0, 1], range=[0.06, 1]), legend=None)
        heat = alt.Chart(named(over)).mark_rect(fill=RED.light, stroke=GRID.light).encode(x=x, y=y, fillOpacity=shade)
        marks = alt.Chart(named(over)).mark_text(color=INK.light, fontWeight="bold").encode(x=x, y=y, text="mark:N")
        panels.append(alt.layer(heat, marks, title=f"over {over}").properties(width=WIDTH, height=alt.Step(22)))
    return picture(alt.vconcat(*panels, spacing=10), name, alternative, rows)


def _signed(gap_ppm: int) -> str:
    return f"{gap_ppm // 10_000:+d}" if gap_ppm >= 0 else f"{-(-gap_ppm // 10_000):d}"
