"""The buffer table as one document and as a table with bars."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Any, Final

from rich import box
from rich.table import Table
from rich.text import Text

from shortfall import __version__
from shortfall.assess.buffer import LAWS, SHARES_PPM
from shortfall.assess.metrics.depth import time_to_unwind
from shortfall.assess.metrics.record import Input, single
from shortfall.data.recorded_volume import recorded_volume
from shortfall.kernels._jit import source_digest
from shortfall.report.document import contract_of, evidence, money
from shortfall.report.words import common_note, human
from shortfall.units import percent_text

if TYPE_CHECKING:
    from rich.console import Console

    from shortfall.assess.buffer import BufferTable, Exit, TierBuffer
    from shortfall.units import Asset

SCHEMA: Final = "shortfall.buffer/1"
MILLION: Final = 1_000_000
STRESSED_PPM: Final = 100_000  # the share of depth that the headline speaks of
BAR: Final = 12
NARROW_BAR: Final = 3
WIDE: Final = 110  # columns of a terminal from which there is room for the longer bar
ASSUMED: Final = (
    "the whole position leaves at once by a market order at its liquidation trigger; partial liquidation would need less depth at a time",
    "nobody else sells; what others sell in the same minute is what the shares of depth stand for",
    "nothing behind the margin pays: no takeover, fund or ADL",
)


def buffer_document(answer: BufferTable, speed_note: str) -> dict[str, Any]:
    """Return a buffer table as one document. Margins in ppm of notional, signed: negative is missing."""
    item = answer.item
    asset = item.contract.scale.settlement
    return {
        "schema": SCHEMA,
        "version": __version__,
        "kernels": source_digest(),
        "contract": contract_of(item),
        "headline": headline(answer, asset),
        "speed": {"ppm_per_s": answer.speed_ppm_per_s, "note": speed_note},
        "delay_cost_ppm": answer.delay_cost_ppm,
        "tiers": [_tier(row, asset) for row in answer.rows],
        "last_tier_unlimited": answer.unlimited,
        "can_hold": [
            {
                "layer": held.layer,
                "capacity_ppm_of_cash": held.capacity_ppm or None,
                "notional": None if held.notional is None else money(held.notional, asset),
            }
            for held in answer.holdings
        ],
        "time_to_unwind_at_10_percent_participation": unwinding(answer, asset),
        "fund": None if answer.fund_cash is None else money(answer.fund_cash, asset),
        "sampling": "none: nothing is drawn",
        "depth_laws": list(LAWS),
        "assumed": list(ASSUMED),
        "evidence": evidence((item,)),
    }


def unwinding(answer: BufferTable, asset: Asset) -> dict[str, Any] | None:
    """Return how long the largest position of each tier takes to leave with a tenth of a recorded day's volume, in hours.

    None where no day's volume of this contract is recorded.
    """
    snapshot = answer.item.snapshot
    found = recorded_volume(snapshot.venue, snapshot.symbol)
    if found is None:
        return None
    source = Input("recorded volume", f"{found.volume_quote:,f}", found.source, found.day.isoformat())
    traded = single(
        "volume_24h", "traded volume, 24 h", found.volume_quote, snapshot.quote_asset, "recorded", inputs=[source]
    )
    positions = [Decimal(money(row.notional, asset)["amount"]) for row in answer.rows]
    return {
        "volume": {"amount": f"{found.volume_quote:f}", "unit": snapshot.quote_asset},
        "day": found.day.isoformat(),
        "source": found.source,
        "tiers_hours": [round(float(time_to_unwind(size, traded).number()), 4) for size in positions],
    }


def headline(answer: BufferTable, asset: Asset) -> dict[str, Any]:
    """Return the largest position whose exit is covered at a tenth of recorded depth: the range over depth laws."""
    found = {}
    for law in LAWS:
        sizes = [row.notional for row in answer.rows if row.exits[law, STRESSED_PPM].covered]
        found[law] = money(max(sizes, default=0), asset)
    return {"share_of_depth_ppm": STRESSED_PPM, "largest_covered_position": found, "moves_most": _moves_most(answer)}


def _moves_most(answer: BufferTable) -> str:
    """Return the input that changes the largest covered position most: share of depth, depth law, or speed during the delay."""

    def largest(law: str, share: int) -> int:
        return max((row.notional for row in answer.rows if row.exits[law, share].covered), default=0)

    by_share = largest(LAWS[0], SHARES_PPM[0]) - largest(LAWS[0], STRESSED_PPM)
    by_law = max(abs(largest(LAWS[0], share) - largest(LAWS[1], share)) for share in SHARES_PPM)
    return "share of depth that is left" if by_share >= by_law else "what is assumed about depth beyond the recorded"


def _tier(row: TierBuffer, asset: Asset) -> dict[str, Any]:
    return {
        "top_notional": f"{row.tier.top_notional:f}",
        "initial_ppm": row.tier.initial_ppm,
        "maintenance_ppm": row.tier.maintenance_ppm,
        "position": money(row.notional, asset),
        "margin_ppm": row.exits[LAWS[0], MILLION].margin * MILLION // max(1, row.notional),
        "exits": [
            {
                "depth_law": law,
                "share_of_depth_ppm": share,
                "left_ppm": found.left * MILLION // max(1, row.notional),
                "left": money(found.left, asset),
                "sold_ppm": found.sold_ppm,
                "covered": found.covered,
            }
            for (law, share), found in row.exits.items()
        ],
        "covered_down_to_share_of_depth_ppm": row.covered_down_to_ppm,
    }


def print_buffer(console: Console, answer: BufferTable, document: dict[str, Any]) -> None:
    """Print a buffer table; bars show what is left of the margin at each share of depth."""
    contract = document["contract"]
    console.print(
        Text(f"{contract['venue']} {contract['symbol']}: does maintenance margin cover the exit, tier by tier?", "bold")
    )
    console.print(Text(sentence(document)))
    bar = BAR if console.width >= WIDE else NARROW_BAR
    asset = answer.item.contract.scale.settlement
    title = Text(f"\nPosition, {asset.code}; margin at the trigger and what is left of it, % of the position", "bold")
    table = Table(title=title, title_justify="left", box=box.SIMPLE_HEAD, show_edge=False, padding=(0, 1, 0, 0))
    table.add_column("position", no_wrap=True, justify="right")
    table.add_column("margin", no_wrap=True, justify="right")
    for share in SHARES_PPM:
        table.add_column(
            f"left at {percent_text(share)}\nof depth" if bar == BAR else f"left at\n{percent_text(share)} depth",
            no_wrap=True,
        )
    table.add_column("covered\ndown to", justify="right")
    for row in answer.rows:
        margin = row.exits[LAWS[0], MILLION].margin
        cells = [_cell(row.exits[LAWS[0], share], row.notional, bar) for share in SHARES_PPM]
        table.add_row(
            human(money(row.notional, asset), unit=False), _percent(margin, row.notional), *cells, _down_to(row)
        )
    console.print(table)
    for line in notes(document):
        console.print(Text(line, "dim"))


def sentence(document: dict[str, Any]) -> str:
    """Return the answer in one sentence: the largest position whose exit is covered, over depth laws."""
    found = document["headline"]["largest_covered_position"]
    texts = [human(found[law]) for law in LAWS]
    size = texts[0] if texts[0] == texts[1] else f"{texts[1]} (recorded depth only) to {texts[0]} (depth extrapolated)"
    return (
        f"With {percent_text(STRESSED_PPM)} of recorded depth, the largest position that leaves without loss to others is {size}. "
        f"It moves most with: {document['headline']['moves_most']}."
    )


def _cell(found: Exit, notional: int, width: int) -> Text:
    """Return what is left, in percent of notional, with a bar of the margin that is used up; red where it is not covered."""
    used = width if found.margin <= 0 else min(width, max(0, (found.margin - found.left) * width // found.margin))
    bar = "█" * used + "░" * (width - used)
    if found.sold_ppm < MILLION:
        return Text(f"{bar} sold {percent_text(found.sold_ppm // 10_000 * 10_000)}", "red")
    return Text(f"{bar} {_percent(found.left, notional)}", "" if found.covered else "red")


def _percent(part: int, whole: int) -> str:
    return f"{100 * part / max(1, whole):.2f}"


def _down_to(row: TierBuffer) -> str:
    texts = []
    for law in LAWS:
        found = row.covered_down_to_ppm[law]
        texts.append("never" if found is None else f"{found / 10_000:.1f}%")
    return texts[0] if texts[0] == texts[1] else f"{texts[0]} to {texts[1]}"


def notes(document: dict[str, Any]) -> list[str]:
    """Return what a reader needs beside the tables: how to read them, what is assumed, sampled and synthetic."""
    held = document["can_hold"]
    holding = "; ".join(
        f"{one['layer']}: " + (human(one["notional"]) if one["notional"] else "no published bound, or unknown cash")
        for one in held
    )
    cost, speed = document["delay_cost_ppm"], document["speed"]
    lines = [
        common_note(document),
        "bars: margin used up by the exit; negative, red or sold in part only: somebody else pays",
        "last column: smallest share of depth that covers the exit, by what is assumed of depth beyond the recorded",
        f"delay of the engine costs {percent_text(cost)} at {percent_text(speed['ppm_per_s'])} a second ({speed['note']})",
        f"notional that a layer can hold by its capacity rule: {holding or 'no such layer'}",
        _unwinding_note(document["time_to_unwind_at_10_percent_participation"]),
        *ASSUMED,
        "sampling: none, nothing is drawn",
    ]
    return [line for line in lines if line is not None]


def _unwinding_note(told: dict[str, Any] | None) -> str:
    if told is None:
        return "time to unwind at 10 % participation: unknown (no traded volume of this contract is recorded)"
    first, last = (f"{told['tiers_hours'][k]:.3g} h" for k in (0, -1))
    return f"time to unwind at 10 % participation, lowest to highest tier: {first} to {last} (volume of {told['day']})"
