"""Metrics that runs of the lab give: what a stated shock costs, what is left of the fund, and from which gap on."""

from __future__ import annotations

from typing import TYPE_CHECKING

from shortfall.assess.metrics.record import ranged, single, unknown, worded

if TYPE_CHECKING:
    from collections.abc import Sequence
    from decimal import Decimal

    from shortfall.assess.metrics.record import Input, Metric


def negative_balance(shock: str, deficits: Sequence[Decimal], unit: str, inputs: Sequence[Input], key: str) -> Metric:
    """Return the sum of negative equities at mark when positions leave, in a stated shock, over the models that were run."""
    formula = "sum over liquidated accounts of max(0, -equity at mark when the position leaves)"
    return ranged(key, f"potential negative balance: {shock}", deficits, unit, formula, inputs=inputs)


def fund_over_negative(fund: Decimal | None, negative: Metric, unit: str) -> Metric:
    """Return the fund over the potential negative balance of a shock."""
    key, title = f"fund_over_{negative.key}", f"fund / {negative.title}"
    formula = "fund / potential negative balance"
    if fund is None:
        return unknown(key, title, "times", formula, "the fund is unknown")
    if negative.high is None or negative.low is None:
        return unknown(key, title, "times", formula, negative.reason)
    if negative.high <= 0:
        return worded(key, title, "no bound: no close is negative in this shock", formula, inputs=negative.inputs)
    ends = [float(fund / negative.high)] + ([float(fund / negative.low)] if negative.low > 0 else [])
    note = "" if negative.low > 0 else "without bound in the models in which no close is negative"
    return ranged(key, title, ends, "times", f"{formula}, {unit}", inputs=negative.inputs, note=note)


def available_alone(fund: Decimal | None, unit: str, inputs: Sequence[Input], reason: str) -> Metric:
    """Return what the contract has if nobody else draws on the fund: an upper bound."""
    key, title, formula = (
        "fund_alone",
        "fund available if this contract draws alone (upper bound)",
        "cash of the pool at the start",
    )
    return (
        unknown(key, title, unit, formula, reason)
        if fund is None
        else single(key, title, fund, unit, formula, inputs=inputs)
    )


def available_after_others(left: Sequence[Decimal], unit: str, inputs: Sequence[Input], reason: str) -> Metric:
    """Return the lowest equity of the fund at mark when the pool's other members fall in the same shock and this one stands still."""
    key, title = "fund_after_others", "fund left after the pool's other contracts in the same shock"
    formula = "lowest equity of the fund at mark, this contract's price held still, the others by their recorded beta"
    if not left:
        return unknown(key, title, unit, formula, reason)
    return ranged(
        key, title, left, unit, formula, inputs=inputs, note="as far as the pool's members are recorded: at most"
    )


def share_consumed(shares: Sequence[Decimal], inputs: Sequence[Input], reason: str) -> Metric:
    """Return the share of the fund that this contract itself uses up, at mark, at the lowest."""
    key, title = "fund_share_consumed", "share of the fund that this contract uses up itself"
    formula = (
        "(cash at the start - lowest equity at mark) / cash at the start, alone; shares of several contracts do not add"
    )
    return (
        ranged(key, title, shares, "fraction", formula, inputs=inputs)
        if shares
        else unknown(key, title, "fraction", formula, reason)
    )


def from_gap(
    key: str,
    title: str,
    found: Sequence[int | None],
    largest_ppm: int,
    *,
    inputs: Sequence[Input] = (),
    reason: str = "",
) -> Metric:
    """Return the smallest gap of a grid at which something begins, over models; None stands for none up to the largest."""
    formula = "smallest gap of the grid, over the stated time, for which the answer is yes; larger ones need not be"
    if not found:
        return unknown(key, title, "fraction", formula, reason)
    known = [gap for gap in found if gap is not None]
    if not known:
        return worded(key, title, f"in no gap up to {largest_ppm / 10_000:g} %", formula, inputs=inputs)
    note = "" if len(known) == len(found) else f"in some models in no gap up to {largest_ppm / 10_000:g} %"
    return ranged(key, title, [gap / 1_000_000 for gap in known], "fraction", formula, inputs=inputs, note=note)


def share_cut(shares: Sequence[float], what: str, key: str, inputs: Sequence[Input], reason: str = "") -> Metric:
    """Return the share of something that ADL closes in the stated shock, over the models that were run."""
    title, formula = f"share cut | shock: {what}", "lots closed by ADL / lots held before"
    return (
        ranged(key, title, shares, "fraction", formula, inputs=inputs)
        if shares
        else unknown(key, title, "fraction", formula, reason)
    )


def above_bankruptcy(shares: Sequence[float], inputs: Sequence[Input], reason: str = "") -> Metric:
    """Return the share of what was sold in the book that was sold at or above the bankruptcy price."""
    key, title = "closed_above_bankruptcy", "share of lots closed in the book at or above bankruptcy"
    formula = "lots filled at or above the bankruptcy price / lots filled in the book"
    return (
        ranged(key, title, shares, "fraction", formula, inputs=inputs)
        if shares
        else unknown(key, title, "fraction", formula, reason)
    )
