"""The buffer table as a sheet."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from shortfall.report.buffers import STRESSED_PPM, notes, sentence
from shortfall.report.sheets.sheet import RangeBars, Sheet, SheetTable, Span, amount, titled
from shortfall.units import percent_text

MILLION = 1_000_000


def sheet(document: dict[str, Any]) -> Sheet:
    """Return the sheet of a document of schema ``shortfall.buffer/1``."""
    shares = sorted({one["share_of_depth_ppm"] for one in document["tiers"][0]["exits"]}, reverse=True)
    tiers = SheetTable(
        "tiers",
        "Tier by tier: what is left of maintenance margin, percent of notional; a range is over depth laws, negative is missing",
        ("position", "margin_at_trigger_percent", *(f"left_at_{percent_text(s)}_of_depth" for s in shares)),
        tuple((amount(tier["position"]), Decimal(tier["margin_ppm"]) / 10_000, *_left(tier, shares)) for tier in document["tiers"]),
    )  # fmt: skip
    exits = SheetTable(
        "exits",
        "Every exit: tier, depth law, share of depth",
        ("position", "depth_law", "share_of_depth_ppm", "left", "sold_ppm", "covered"),
        tuple(
            (amount(tier["position"]), one["depth_law"], one["share_of_depth_ppm"], amount(one["left"]), one["sold_ppm"], one["covered"])
            for tier in document["tiers"]
            for one in tier["exits"]
        ),
    )  # fmt: skip
    return Sheet(
        titled(document, "does maintenance margin cover the exit, tier by tier?"),
        "The buffer table: no population",
        sentence(document),
        (tiers, exits),
        (
            RangeBars(
                "buffer",
                "What is left of the margin at a tenth of recorded depth, percent of notional; left of zero somebody else pays",
                "left, % of notional",
                tuple(_span(tier) for tier in document["tiers"]),
            ),
        ),
        tuple(notes(document)),
    )


def _left(tier: dict[str, Any], shares: list[int]) -> tuple[str, ...]:
    cells = []
    for share in shares:
        found = [one for one in tier["exits"] if one["share_of_depth_ppm"] == share]
        texts = [f"{one['left_ppm'] / 10_000:.2f}" if one["sold_ppm"] >= MILLION else "not all sold" for one in found]
        cells.append(" to ".join(dict.fromkeys(texts)))
    return tuple(cells)


def _span(tier: dict[str, Any]) -> Span:
    left = [one["left_ppm"] / 10_000 for one in tier["exits"] if one["share_of_depth_ppm"] == STRESSED_PPM]
    size = Decimal(tier["position"]["amount"])
    return Span(f"{size:,.0f} {tier['position']['unit']}", min(left), max(left), "covered" if min(left) >= 0 else "not")
