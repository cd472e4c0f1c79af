"""The retyped worst moves against the recordings; skipped where the recordings are not at hand."""

from __future__ import annotations

import csv
import gzip
from functools import cache
from pathlib import Path

import numpy as np
import pytest

from shortfall.data.worst_moves import MOVES, group_of

FOLDER = Path(__file__).resolve().parents[2].parent / "shared" / "data" / "binance_usdm_perp_1h_trade_mark_funding"

pytestmark = pytest.mark.skipif(
    not FOLDER.is_dir(), reason="the recordings (folder shared beside the repository) are not at hand"
)

Found = tuple[str, str, float, float]


@cache
def worst() -> dict[tuple[str, int, str, str], Found]:
    """Return, by class, window, direction and price: contract, hour, price there, price reached."""
    best: dict[tuple[str, int, str, str], Found] = {}
    for path in sorted(FOLDER.glob("*_1h.csv.gz")):
        symbol = path.name.removesuffix("_1h.csv.gz")
        with gzip.open(path, "rt", encoding="utf-8") as file:
            rows = list(csv.DictReader(file))
        for price, prefix in (("trade", ""), ("mark", "mark_")):
            start, high, low = (
                np.array([float(row[prefix + name] or "nan") for row in rows]) for name in ("open", "high", "low")
            )
            for hours in (1, 4):
                last = len(rows) - hours + 1
                for direction, reached in (
                    ("fall", np.min([low[k : last + k] for k in range(hours)], axis=0)),
                    ("rise", np.max([high[k : last + k] for k in range(hours)], axis=0)),
                ):
                    moves = np.abs(reached / start[:last] - 1)
                    if np.isnan(moves).all():
                        continue
                    at = int(np.nanargmax(moves))
                    key = (group_of(symbol.removesuffix("USDT")), hours, direction, price)
                    known = best.get(key)
                    if known is None or abs(known[3] / known[2] - 1) < moves[at]:
                        best[key] = (symbol, rows[at]["ts"], float(start[at]), float(reached[at]))
    return best


def test_every_class_window_direction_and_price_is_there_once() -> None:
    keys = [(move.group, move.hours, move.direction, move.price) for move in MOVES]
    assert sorted(keys) == sorted(worst())


@pytest.mark.parametrize("move", MOVES, ids=lambda move: f"{move.group}-{move.hours}h-{move.direction}-{move.price}")
def test_every_worst_move_is_the_recorded_one(move: object) -> None:
    kept = {name: getattr(move, name) for name in move.__dataclass_fields__}  # type: ignore[attr-defined]
    found = worst()[kept["group"], kept["hours"], kept["direction"], kept["price"]]
    assert found == (kept["symbol"], kept["since"], float(kept["from_price"]), float(kept["to_price"]))
    assert round((found[3] / found[2] - 1) * 1_000_000) == kept["move_ppm"]
