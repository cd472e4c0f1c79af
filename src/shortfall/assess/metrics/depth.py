"""The book: spread, gaps, depth at stated distances, traded volume beside it, and what selling much of open interest would cost.

One recording is one moment and says so. Where depth was recorded only so far, what lies beyond is unknown and not zero.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from itertools import pairwise
from typing import TYPE_CHECKING, Final

from shortfall.assess.metrics.record import Input, days_note, input_of, ranged, single, unknown

if TYPE_CHECKING:
    from shortfall.assess.metrics.record import Metric
    from shortfall.data.figure_records import ContractFigures, Figure

DISTANCES_BPS: Final = (10, 25, 50, 100, 200)
SHARES_PERCENT: Final = (5, 10, 20)
BPS: Final = 10_000
ONE: Final = "one recording, one moment"


@dataclass(frozen=True, slots=True)
class Side:
    """One side of a recorded book: (distance from mid in bps, notional at mid within it), nearest first, and how far it was recorded."""

    points: tuple[tuple[Decimal, Decimal], ...]
    seen_bps: Decimal

    def within(self, bps: Decimal) -> Decimal | None:
        """Return the notional within a distance: the last recorded point not beyond it; None beyond what was recorded."""
        if bps > self.seen_bps:
            return None
        return max((size for distance, size in self.points if distance <= bps), default=Decimal(0))


def sides(figures: ContractFigures) -> tuple[Side, Side] | None:
    """Return bids and asks of what was recorded: the levels of a book where there are any, else a depth profile."""
    if figures.book:
        mid = _mid(figures)
        return None if mid is None else (_side(figures, "bid", mid), _side(figures, "ask", mid))
    if figures.depth is None:
        return None
    rows = [(p.distance_bps, p.bid_notional_quote, p.ask_notional_quote) for p in figures.depth.points]
    seen = figures.depth.observed_to_bps
    return Side(tuple((d, b) for d, b, _ in rows), seen), Side(tuple((d, a) for d, _, a in rows), seen)


def _mid(figures: ContractFigures) -> Decimal | None:
    bids = [level.price for level in figures.book if level.side == "bid"]
    asks = [level.price for level in figures.book if level.side == "ask"]
    return (max(bids) + min(asks)) / 2 if bids and asks else None


def _side(figures: ContractFigures, side: str, mid: Decimal) -> Side:
    levels = sorted((abs(x.price - mid) * BPS / mid, x.size_base * mid) for x in figures.book if x.side == side)
    total, points = Decimal(0), []
    for distance, size in levels:
        total += size
        points.append((distance, total))
    return Side(tuple(points), points[-1][0])


def book_figure(figures: ContractFigures) -> Figure:
    """Return the figure that says where the book is from, or why there is none."""
    return figures.get("book" if figures.book else "depth")


def spread(figures: ContractFigures) -> Metric:
    """Return the distance of the best ask from the best bid."""
    key, title, formula = "spread", "spread", "(best ask - best bid) / mid x 10,000"
    bid, ask = figures.get("best_bid"), figures.get("best_ask")
    if not (bid.known and ask.known):
        return unknown(key, title, "bps", formula, "best bid and ask are not recorded")
    mid = (bid.number() + ask.number()) / 2
    return single(
        key,
        title,
        float((ask.number() - bid.number()) * BPS / mid),
        "bps",
        formula,
        inputs=[input_of(bid), input_of(ask)],
        note=ONE,
    )


def largest_gap(figures: ContractFigures) -> Metric:
    """Return the largest distance between neighbouring levels of one side."""
    key, title, formula = (
        "largest_gap",
        "largest gap between recorded levels",
        "largest distance of neighbouring prices of a side / mid x 10,000",
    )
    mid = _mid(figures)
    if mid is None:
        return unknown(key, title, "bps", formula, "single levels are not recorded")
    gaps = []
    for side in ("bid", "ask"):
        prices = sorted(level.price for level in figures.book if level.side == side)
        gaps += [after - before for before, after in pairwise(prices)]
    if not gaps:
        return unknown(key, title, "bps", formula, "one level a side has no gap")
    return single(
        key, title, float(max(gaps) * BPS / mid), "bps", formula, inputs=[input_of(figures.get("book"))], note=ONE
    )


def depth_within(figures: ContractFigures, bps: int) -> Metric:
    """Return what rests within a distance from mid: the thinner and the thicker side."""
    key, title = f"depth_{bps}_bps", f"depth within {bps} bps of mid (thinner to thicker side)"
    formula = "sum of size x mid over levels not farther than that from mid"
    found, figure = sides(figures), book_figure(figures)
    if found is None:
        return unknown(key, title, figures.quote_asset, formula, figure.note)
    held = [side.within(Decimal(bps)) for side in found]
    if held[0] is None or held[1] is None:
        seen = min(side.seen_bps for side in found)
        least = " and ".join(f"{side.points[-1][1]:,.0f}" for side in found)
        reason = f"recorded only to {seen:.3g} bps, within which there are {least} {figures.quote_asset}"
        return unknown(key, title, figures.quote_asset, formula, reason, inputs=[input_of(figure)])
    return ranged(key, title, (held[0], held[1]), figures.quote_asset, formula, inputs=[input_of(figure)], note=ONE)


def volume(figures: ContractFigures, recorded: Input | None, amount: Decimal | None) -> Metric:
    """Return traded volume of 24 hours: the venue's own figure, else a recorded day's."""
    key, title, formula = (
        "volume_24h",
        "traded volume, 24 h",
        "as stated, or sum over hourly bars of base volume x close",
    )
    figure = figures.get("volume_24h_quote")
    if figure.known:
        return single(key, title, figure.number(), figures.quote_asset, formula, inputs=[input_of(figure)])
    if recorded is None or amount is None:
        return unknown(key, title, figures.quote_asset, formula, figure.note)
    return single(key, title, amount, figures.quote_asset, formula, inputs=[recorded], note=f"the day {recorded.as_of}")


def volume_over_depth(traded: Metric, depth: Metric) -> Metric:
    """Return traded volume over depth: much volume over little depth is turnover of the same quotes, not room to leave."""
    key, title = "volume_over_depth", "traded volume of 24 h / depth within 100 bps (thinner side)"
    formula = "volume / depth"
    if traded.low is None or depth.low is None or depth.low <= 0:
        return unknown(key, title, "times", formula, traded.reason or depth.reason or "no depth within 100 bps")
    note = "volume is not depth: it counts the same quotes again and again"
    return single(
        key, title, float(traded.low / depth.low), "times", formula, inputs=(*traded.inputs, *depth.inputs), note=note
    )


def slippage(figures: ContractFigures, percent: int) -> Metric:
    """Return the average cost of selling (buying) a share of open interest at once into the recorded book, by side."""
    key, title = f"slippage_{percent}_percent", f"slippage of closing {percent} % of open interest at once"
    formula = (
        "notional-weighted distance from mid of the levels that it takes; a band of a profile is taken at its far edge"
    )
    interest, found, figure = figures.get("open_interest_notional"), sides(figures), book_figure(figures)
    if found is None or not interest.known:
        return unknown(key, title, "bps", formula, figure.note if found is None else interest.note)
    wanted = interest.number() * percent / 100
    costs = [walk(side, wanted) for side in found]
    inputs = [input_of(interest), input_of(figure)]
    if None in costs:
        seen = ", ".join(f"{side.points[-1][1] * 100 / wanted:.3g} %" for side in found)
        reason = f"the recorded book ends first: its sides hold {seen} of that size within {found[0].seen_bps:.4g} bps"
        return unknown(
            key,
            title,
            "bps",
            formula,
            reason,
            inputs=inputs,
            note="more than the recorded distance is assumed by nobody here",
        )
    ends = [float(cost) for cost in costs if cost is not None]
    return ranged(
        key, title, ends, "bps", formula, inputs=inputs, note=f"{ONE}; {days_note(interest, figure)}".rstrip("; ")
    )


def walk(side: Side, wanted: Decimal) -> Decimal | None:
    """Return the average distance in bps that an order of a notional takes; None where the recorded side ends first."""
    taken, cost, before = Decimal(0), Decimal(0), Decimal(0)
    for distance, total in side.points:
        size = min(total - before, wanted - taken)
        taken, cost, before = taken + size, cost + size * distance, total
        if taken >= wanted:
            return cost / wanted
    return None


def time_to_unwind(position: Decimal | None, traded: Metric, participation: Decimal = Decimal("0.1")) -> Metric:
    """Return how long a position takes to leave with a share of traded volume."""
    key, title = "time_to_unwind", f"time to unwind at {participation * 100:.0f} % participation"
    formula = "position / (participation x volume of 24 h / 24)"
    if position is None or traded.low is None or traded.low <= 0:
        reason = "no position is known to ask about" if position is None else traded.reason or "no volume was traded"
        return unknown(key, title, "hours", formula, reason)
    hours = float(position / (participation * traded.low / 24))
    return single(
        key, title, hours, "hours", formula, inputs=(Input("position", f"{position:,.0f}", "stated"), *traded.inputs)
    )
