"""What collected snapshots of one contract say together: depth over time, ADL episodes, growth of open interest against depth."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from itertools import pairwise
from statistics import median
from typing import TYPE_CHECKING, Final

from shortfall.assess.metrics.adl import Watched, episodes, tells
from shortfall.assess.metrics.depth import DISTANCES_BPS, sides
from shortfall.assess.metrics.history import DepthAt
from shortfall.assess.metrics.record import Input, input_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from shortfall.data.figure_records import ContractFigures

DAY_S: Final = 86_400
GAP: Final = 3  # a pause of more than so many usual intervals was not watched


@dataclass(frozen=True, slots=True)
class Growth:
    """Open interest and depth of the first and the last snapshot that have both, with what they are made of."""

    interest: tuple[Decimal, Decimal]
    depth: tuple[Decimal, Decimal]
    inputs: tuple[Input, ...]


def depth_rows(history: Sequence[ContractFigures]) -> tuple[int, tuple[DepthAt, ...]]:
    """Return (distance in bps, depth of the thinner side over time) at the widest distance that every recorded book reaches.

    Snapshots without a book are left out; without any the distance is 0.
    """
    found = [
        (held.taken_at, both) for held in history if held.taken_at is not None and (both := sides(held)) is not None
    ]
    reached = [bps for bps in DISTANCES_BPS if all(side.seen_bps >= bps for _, both in found for side in both)]
    if not found or not reached:
        return 0, ()
    bps = max(reached)
    rows = [(at, [side.within(Decimal(bps)) for side in both]) for at, both in found]
    return bps, tuple(DepthAt(at, min(size for size in sizes if size is not None)) for at, sizes in rows)


def watched_adl(history: Sequence[ContractFigures]) -> Watched | None:
    """Return the ADL episodes of the history and for how long it was watched; None where no signal tells it."""
    seen = [held for held in history if held.get("adl_signals").known and held.taken_at is not None]
    steps = [(after.taken_at - before.taken_at).total_seconds() for before, after in pairwise(seen)]  # type: ignore[operator]  # known above
    if not steps:
        return None
    usual = median(steps)
    watched = sum(step for step in steps if step <= GAP * usual)
    signals = [signal for held in seen for signal in held.adl_signals]
    if not tells(signals):
        return None
    source = f"{len(seen)} collected snapshots; {input_of(seen[-1].get('adl_signals')).source}"
    return Watched(episodes(signals), Decimal(str(watched)) / DAY_S, source)


def growth(history: Sequence[ContractFigures]) -> Growth | None:
    """Return open interest and depth of the first and the last snapshot that have both; None where fewer than two do."""
    bps, rows = depth_rows(history)
    depths = {row.at: row.notional for row in rows}
    both = [held for held in history if held.taken_at in depths and held.get("open_interest_base").known]
    if len(both) <= 1:
        return None
    ends = (both[0], both[-1])
    interest = [held.get("open_interest_base").number() for held in ends]
    depth = [depths[held.taken_at] for held in ends if held.taken_at is not None]
    days = ", ".join(f"{held.taken_at:%Y-%m-%d %H:%M}" for held in ends)
    inputs = (Input("snapshots", f"depth within {bps} bps; {days}", f"{len(both)} collected snapshots"),)
    return Growth((interest[0], interest[1]), (depth[0], depth[1]), inputs)
