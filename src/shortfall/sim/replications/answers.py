"""What replications come to: each figure with its sampling interval for each member, and which draw moves it most.

The range over members is the headline and is made from these rows where it is told; no interval here speaks of a wrong member.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from shortfall.sim.replications.blocks import DRAWN
from shortfall.sim.sampling import (
    Interval,
    effective_count,
    mean_interval,
    quantile_interval,
    student_quantile,
    wilson_interval,
)

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import NDArray

    from shortfall.sim.market import MarketInput
    from shortfall.sim.replications.plan import Case, Plan

QUANTILES: Final = (0.05, 0.5, 0.95)
POPULATION: Final = "population"
CURVE: Final = 41


@dataclass(frozen=True, slots=True)
class Estimate:
    """A figure and its sampling interval."""

    value: float
    interval: Interval


@dataclass(frozen=True, slots=True)
class Halving:
    """What a mean changes by when the step is halved, on the same draws, against half the width of its sampling interval."""

    figure: str
    at_step: float
    at_half: float
    bound: float

    @property
    def holds(self) -> bool:
        """Say whether the change is within the sampling interval."""
        return abs(self.at_half - self.at_step) <= self.bound


@dataclass(frozen=True, slots=True)
class Found:
    """What one member came to in one case: a fund and a feedback.

    Parameters
    ----------
    draws, populations : int
        Replications, and the populations that they share.
    contract_adl : Estimate
        Share of draws in which anybody of the contract is deleveraged: P(contract_adl | shock).
    position_cut : Estimate
        Mean share of the winning side's lots that are deleveraged: the chance of a lot drawn at random, P(cut | shock).
    share_cut, fund_used : dict
        Quantile to the share of the side that is cut, and to the fall of the fund's equity at mark at its lowest (settlement units).
    moves : dict
        Draw to its rank correlation with `moved`; for the population the root of the share of variance between populations; None
        where nothing varies.
    moved : str
        Which figure that is about: the share cut, else the fund used, else what is liquidated.
    halvings : tuple of Halving
        Empty where it was not tried.
    worst_path, middle_path : int
        Path numbers of the largest and of the middle outcome, by share cut and then by fund used.
    share_curve, fund_curve : tuple of float
        Their draws at `CURVE` evenly spaced ranks, smallest first, for pictures.
    """

    member: str
    fund_cash: int
    feedback: str
    draws: int
    populations: int
    worth: float
    contract_adl: Estimate
    position_cut: Estimate
    share_cut: dict[float, Estimate]
    fund_used: dict[float, Estimate]
    moves: dict[str, float | None]
    moved: str
    halvings: tuple[Halving, ...]
    worst_path: int
    middle_path: int
    share_curve: tuple[float, ...]
    fund_curve: tuple[float, ...]

    @property
    def converged(self) -> bool | None:
        """Say whether halving the step changes less than the sampling interval; None where it was not tried."""
        return all(one.holds for one in self.halvings) if self.halvings else None


@dataclass(frozen=True, slots=True)
class Replications:
    """All that was found: funds, members within, feedbacks within."""

    plan: Plan
    inputs: tuple[MarketInput, ...]
    found: tuple[Found, ...]

    @property
    def converged(self) -> bool | None:
        """Say whether every member converged; None where none was tried."""
        tried = [one.converged for one in self.found if one.converged is not None]
        return all(tried) if tried else None


def answer_of(plan: Plan, inputs: Sequence[MarketInput], columns: Mapping[str, Sequence[Any]]) -> Replications:
    """Return what the rows of a run come to."""
    rows = {name: np.asarray(cells) for name, cells in columns.items()}
    found = [
        _found(plan, member.name, case, _chosen(rows, member.name, case))
        for cash in plan.funds
        for member in plan.members
        for case in plan.cases
        if case.fund_cash == cash
    ]
    return Replications(plan, tuple(inputs), tuple(found))


def _chosen(rows: Mapping[str, NDArray[Any]], member: str, case: Case) -> dict[str, NDArray[Any]]:
    mine = (rows["member"] == member) & (rows["fund_cash"] == case.fund_cash) & (rows["feedback"] == case.feedback.name)
    return {name: cells[mine] for name, cells in rows.items()}


def figures(rows: Mapping[str, NDArray[Any]]) -> dict[str, NDArray[np.float64]]:
    """Return what is estimated, row by row: whether anybody is cut, the share cut, the fund used, what is liquidated."""
    return {
        "contract_adl": (rows["adl_lots"] > 0).astype(float),
        "share_cut": rows["adl_lots"] / rows["interest_lots"],
        "fund_used": np.maximum(0, rows["fund_cash"] - rows["fund_equity_lowest"]).astype(float),
        "liquidated": rows["liquidated_notional"].astype(float),
    }


def _found(plan: Plan, member: str, case: Case, rows: Mapping[str, NDArray[Any]]) -> Found:
    order = np.lexsort((rows["replication"], rows["halved"]))
    rows = {name: cells[order] for name, cells in rows.items()}
    whole = {name: cells[rows["halved"] == 0] for name, cells in rows.items()}
    got = figures(whole)
    tables = {name: cells.reshape(plan.populations, plan.per_population) for name, cells in got.items()}
    adl = chance(tables["contract_adl"])
    cut = _mean_of_share(tables["share_cut"], adl)
    moved = next((name for name in ("share_cut", "fund_used") if np.ptp(got[name]) > 0), "liquidated")
    ranked = np.lexsort((whole["path"], got["fund_used"], got["share_cut"]))
    return Found(
        member=member,
        fund_cash=case.fund_cash,
        feedback=case.feedback.name,
        draws=plan.count,
        populations=plan.populations,
        worth=effective_count(tables["contract_adl"]),
        contract_adl=adl,
        position_cut=cut,
        share_cut={share: quantile(tables["share_cut"], share) for share in QUANTILES},
        fund_used={share: quantile(tables["fund_used"], share) for share in QUANTILES},
        moves=_moves(whole, got[moved], plan),
        moved=moved,
        halvings=_halvings(rows, {"contract_adl": adl, "share_cut": cut, "fund_used": _mean(tables["fund_used"])}),
        worst_path=int(whole["path"][ranked[-1]]),
        middle_path=int(whole["path"][ranked[len(ranked) // 2]]),
        share_curve=_curve(got["share_cut"]),
        fund_curve=_curve(got["fund_used"]),
    )


def chance(table: NDArray[np.float64]) -> Estimate:
    """Return a share of draws, rows of the table being populations; draws of one population count for what they are worth."""
    share, worth = float(table.mean()), effective_count(table)
    critical = student_quantile(max(1, len(table) - 1)) if worth < table.size else None
    return Estimate(share, wilson_interval(min(share * worth, worth), worth, critical=critical))


def quantile(table: NDArray[np.float64], share: float) -> Estimate:
    """Return a quantile (a draw, of the smallest rank that reaches it) with its interval between order statistics."""
    values = np.sort(table.reshape(-1))
    at = values[max(0, int(np.ceil(share * len(values))) - 1)]
    return Estimate(float(at), quantile_interval(values, share, count=effective_count(table)))


def _curve(values: NDArray[np.float64]) -> tuple[float, ...]:
    ordered = np.sort(values)
    places = np.rint(np.linspace(0, len(ordered) - 1, CURVE)).astype(int)
    return tuple(ordered[places].tolist())


def _mean(table: NDArray[np.float64]) -> Estimate:
    """Return a mean with Student's interval over the means of populations, which are independent."""
    return Estimate(float(table.mean()), mean_interval(table.mean(axis=1)))


def _mean_of_share(table: NDArray[np.float64], adl: Estimate) -> Estimate:
    """Return a mean share cut; where nobody is cut in any draw it ends where the chance of anybody being cut does."""
    found = _mean(table)
    high = adl.interval.high if adl.value == 0 else min(1.0, found.interval.high)
    interval = Interval(max(0.0, found.interval.low), high, found.interval.level, found.interval.method)
    return Estimate(found.value, interval)


def _halvings(rows: Mapping[str, NDArray[Any]], whole: Mapping[str, Estimate]) -> tuple[Halving, ...]:
    """Return what halving the step changes, on the replications that were run at both."""
    half = rows["halved"] == 1
    if not half.any():
        return ()
    again = set(rows["replication"][half].tolist())
    both = (rows["halved"] == 0) & np.isin(rows["replication"], sorted(again))
    step, finer = (figures({name: cells[chosen] for name, cells in rows.items()}) for chosen in (both, half))
    return tuple(
        Halving(name, float(step[name].mean()), float(finer[name].mean()), (one.interval.high - one.interval.low) / 2)
        for name, one in whole.items()
    )


def _moves(rows: Mapping[str, NDArray[Any]], values: NDArray[np.float64], plan: Plan) -> dict[str, float | None]:
    ranked = ranks(values)
    found = {name: correlation(ranks(rows[name].astype(float)), ranked) for name in DRAWN}
    found[POPULATION] = between(ranked.reshape(plan.populations, plan.per_population))
    return found


def ranks(values: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return ranks from 1, equal values sharing their mean rank."""
    _, place, counts = np.unique(values, return_inverse=True, return_counts=True)
    last = np.cumsum(counts)
    found: NDArray[np.float64] = (last - (counts - 1) / 2)[place]
    return found


def correlation(x: NDArray[np.float64], y: NDArray[np.float64]) -> float | None:
    """Return the correlation of two rows of numbers (of ranks: Spearman's); None where one of them does not vary."""
    a, b = x - x.mean(), y - y.mean()
    size = float(np.sqrt((a * a).sum() * (b * b).sum()))
    return float((a * b).sum()) / size if size > 0 else None


def between(table: NDArray[np.float64]) -> float | None:
    """Return the root of the share of variance that lies between rows, less what chance alone puts there; None with one row or no variance.

    Notes
    -----
    Correlation ratio with Kelley's correction (1935): 1 - (1 - eta^2) (n - 1) / (n - groups), at least 0.
    """
    groups, each = table.shape
    whole = float(((table - table.mean()) ** 2).sum())
    if groups == 1 or each == 1 or whole == 0:
        return None
    within = float(((table - table.mean(axis=1, keepdims=True)) ** 2).sum())
    left = 1 - within / whole * (table.size - 1) / (table.size - groups)
    return float(np.sqrt(max(0.0, left)))


__all__ = ["QUANTILES", "Estimate", "Found", "Halving", "Replications", "answer_of", "chance", "quantile"]
