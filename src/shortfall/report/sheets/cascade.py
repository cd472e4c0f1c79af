"""A cascade taken apart, as a sheet."""

from __future__ import annotations

from typing import Any

from shortfall.report.cascades import notes, sentence
from shortfall.report.sheets.sheet import Fan, RangeBars, Sheet, SheetTable, Span, amount, titled
from shortfall.sim.cascade import BY_CLOSES


def sheet(document: dict[str, Any]) -> Sheet:
    """Return the sheet of a document of schema ``shortfall.cascade/1``."""
    members, unit, causes = document["members"], document["fund"]["cash"]["unit"], tuple(document["causes"])
    named = tuple(cause.replace(" ", "_") for cause in causes)
    totals = SheetTable(
        "members",
        f"What set off the liquidations, by population, {unit} at mark",
        (
            "member",
            *(f"{cause}_{what}" for cause in named for what in ("accounts", "notional")),
            "longest_chain_rounds",
        ),
        tuple(_total(one, causes) for one in members),
    )
    rounds = SheetTable(
        "rounds",
        f"Every round: when, after which, what set it off, {unit} at mark",
        ("member", "feedback", "time_s", "after_s", "mark_from_outside_ppm", *named),
        tuple(_round(one, row, causes) for one in members for row in one["rounds"]),
    )
    shares = tuple(
        Span(_name(one), 0.0, one["set_off_by_closes_ppm"] / 10_000)
        for one in members
        if one["set_off_by_closes_ppm"] is not None
    )
    pictures = (
        RangeBars(
            "cascade-share",
            "Share of liquidated notional that earlier closes alone set off, by population",
            "set off by closes alone, %",
            shares,
        ),
        Fan(
            "cascade-time",
            "Liquidated since the shock began, set off by earlier closes alone, by population",
            "seconds since the shock began",
            f"set off by closes alone, {unit}",
            _running(members, BY_CLOSES),
        ),
    )
    return Sheet(
        titled(document, "which close set off which?"),
        "A cascade taken apart",
        sentence(document),
        (totals, rounds),
        pictures if shares else (),
        tuple(notes(document)),
    )


def _total(one: dict[str, Any], causes: tuple[str, ...]) -> tuple[Any, ...]:
    cells = (cell for cause in causes for cell in (one["accounts"][cause], amount(one["notional"][cause])))
    return one["member"], one["feedback"], *cells, one["longest_chain_rounds"]


def _round(one: dict[str, Any], row: dict[str, Any], causes: tuple[str, ...]) -> tuple[Any, ...]:
    cells = (amount(row["notional"][cause]) for cause in causes)
    return one["member"], one["feedback"], row["time_s"], row["after_s"], row["mark_from_outside_ppm"], *cells


def _running(members: list[dict[str, Any]], cause: str) -> tuple[tuple[float, float, float, str], ...]:
    points = []
    for one in members:
        total = 0.0
        for row in one["rounds"]:
            total += float(row["notional"][cause]["amount"])
            points.append((float(row["time_s"]), 0.0, total, _name(one)))
    return tuple(points)


def _name(one: dict[str, Any]) -> str:
    return f"{one['member']}, feedback {one['feedback']}"
