"""The list of named scenarios, as one document and as a table."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from rich import box
from rich.table import Table
from rich.text import Text

from shortfall import __version__
from shortfall.data.worst_moves import CLASSES, CLASSES_REASON, MOVES, SOURCE, WITHOUT_MARK
from shortfall.sim.scenarios import CATALOGUE, LEFT_OUT
from shortfall.units import duration_text, percent_text

if TYPE_CHECKING:
    from rich.console import Console

SCHEMA: Final = "shortfall.scenarios/1"


def scenarios_document() -> dict[str, Any]:
    """Return the scenarios, where the sizes of the historical ones are from, and what is left out."""
    return {
        "schema": SCHEMA,
        "version": __version__,
        "scenarios": [
            {
                "name": one.name,
                "meaning": one.meaning,
                "kind": one.kind,
                "seen_by": one.mode if one.legs else "as recorded",
                "joint": one.joint,
                "largest_accounts": one.largest,
                "collateral_falls": None
                if one.depeg is None
                else {name: getattr(one.depeg, name) for name in one.depeg.__dataclass_fields__},
                "legs": [
                    {
                        "to_ppm": leg.to_ppm,
                        "over": duration_text(leg.over_us),
                        "depth_left": percent_text(leg.depth_ppm),
                        "at_once": leg.at_once,
                    }
                    for leg in one.legs
                ],
            }
            for one in CATALOGUE
        ],
        "left_out": [{"scenario": name, "reason": reason} for name, reason in LEFT_OUT],
        "worst_moves": {
            "source": SOURCE,
            "without_mark": WITHOUT_MARK,
            "classes": {name: list(assets) for name, assets in CLASSES.items()},
            "classes_reason": CLASSES_REASON,
            "moves": [
                {name: getattr(move, name) for name in move.__dataclass_fields__}  # a slotted record has no __dict__
                for move in MOVES
            ],
        },
    }


def print_scenarios(console: Console, document: dict[str, Any]) -> None:
    """Print the scenarios, the recorded moves behind the historical ones, and what is left out."""
    table = Table(title=Text("Named scenarios", "bold"), title_justify="left", box=box.SIMPLE_HEAD, pad_edge=False)
    for name in ("name", "kind", "seen by"):
        table.add_column(name, no_wrap=True)
    table.add_column("what happens")
    for row in document["scenarios"]:
        table.add_row(row["name"], row["kind"], row["seen_by"], row["meaning"])
    console.print(table)
    known = document["worst_moves"]
    moves = Table(
        title=Text("\nWorst recorded moves", "bold"), title_justify="left", box=box.SIMPLE_HEAD, pad_edge=False
    )
    for name in ("class", "window", "price", "contract", "from (UTC)", "move"):
        moves.add_column(name, justify="right" if name == "move" else "left", no_wrap=True)
    for move in known["moves"]:
        size = f"{move['move_ppm'] / 10_000:+.2f}%"
        moves.add_row(move["group"], f"{move['hours']} h", move["price"], move["symbol"], move["since"], size)
    console.print(moves)
    console.print(Text(f"source: {known['source']}; {known['without_mark']}", "dim"))
    console.print(Text(f"classes: {known['classes_reason']}", "dim"))
    for left in document["left_out"]:
        console.print(Text(f"left out: {left['scenario']}: {left['reason']}", "dim"))
