"""Answers as one JSON document: money as decimal strings with their unit, every input with its source and date."""

from __future__ import annotations

from dataclasses import asdict, fields, is_dataclass
from typing import TYPE_CHECKING, Any, Final

from shortfall import __version__
from shortfall.kernels import stress as kernel
from shortfall.kernels._jit import source_digest
from shortfall.report.amounts import money
from shortfall.report.models import around, assumed_of, models_of
from shortfall.sim.findgap import QUESTIONS, SPEEDS_US, GapAnswer, intervals
from shortfall.sim.own import UNMATCHED
from shortfall.units import duration_text, percent_text

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from shortfall.data.records import Sourced
    from shortfall.sim.market import MarketInput
    from shortfall.sim.measures import Measures
    from shortfall.sim.stress import Answer, Own, Request, Run
    from shortfall.units import Asset

STRESS_SCHEMA: Final = "shortfall.stress/1"
GAP_SCHEMA: Final = "shortfall.gap/1"
STALE_DAYS: Final = 7
NO_COVER: Final = "unknown: whose deficits are the largest is known of a user's own accounts only (--state)"
OWN_POPULATION: Final = "nothing about the accounts: they are the user's own"
SYNTHETIC: Final = (
    "the population: accounts are drawn (see members) and run forward through recorded prices; no venue publishes them",
    "the shock and what comes after it: stated, not forecast",
    "the makers: four accounts with stated capital that show the recorded depth, thinned as stated",
)
ASSUMED_BY_US: Final = (
    "makers together hold capital of 10 % of open interest, up to twice that in inventory, and quote one side after a loss of 30 %",
    "makers quote again what was bought from them, level by level, with a time constant of 1 s",
    "each pool member's price moves with its recorded beta (4-hour returns); 1 where no matching series exists",
    "three index sources of equal weight",
    (
        "only makers trade against forced orders: no profit-taking by the winning side, no new risk (this overstates what is "
        "taken over and deleveraged)"
    ),
)


def contract_of(own: MarketInput) -> dict[str, str]:
    """Return whose rules ran on whose figures."""
    return {
        "venue": own.venue.code,
        "symbol": own.snapshot.symbol,
        "figures_of": own.snapshot.venue,
        "snapshot_sha256": own.snapshot.digest,
    }


def shock_request(request: Request) -> dict[str, Any]:
    """Return what was asked of a stated shock, in the order of every document that states one."""
    return {
        "gap": percent_text(request.shock.gap_ppm),
        "over": duration_text(request.shock.over_us),
        "depth_left": percent_text(request.shock.depth_left_ppm),
        "members": [member.name for member in request.members],
        "accounts": request.accounts,
        "seed": request.seed,
        "set": list(request.changes),
    }


def stress_document(answer: Answer) -> dict[str, Any]:
    """Return a stress answer as one document."""
    own = answer.inputs[0]
    asset = own.contract.scale.settlement
    return {
        "schema": STRESS_SCHEMA,
        "version": __version__,
        "kernels": source_digest(),
        "contract": contract_of(own),
        "request": _request(answer),
        "headline": headline(answer),
        "runs": [_run(run, own, asset) for run in answer.runs],
        "converged": answer.converged,
        "fund": {
            "cash": None if answer.fund_cash is None else money(answer.fund_cash, asset),
            "note": answer.fund_note,
            "needed": None
            if answer.needed is None
            else {k: None if v is None else money(v, asset) for k, v in answer.needed.items()},
            "sweep": [
                {
                    "fund": money(p.fund_cash, asset),
                    "deleveraged": {k: money(v, asset) for k, v in p.deleveraged.items()},
                }
                for p in answer.sweep
            ],
        },
        "pool": [{"symbol": item.contract.symbol, "beta": round(item.beta, 4)} for item in answer.inputs],
        "open_interest": money(answer.runs[0].measures.interest_before_notional, asset),
        "state": None if answer.own is None else state_of(answer.own, own),
        "cover": cover(answer),
        "models": models_of(answer),
        "evidence": evidence(answer.inputs, own=answer.own is not None, more=assumed_of(answer)),
    }


def _request(answer: Answer) -> dict[str, Any]:
    request = answer.request
    shock = request.shock
    return {
        "gap_ppm": shock.gap_ppm,
        "over": duration_text(shock.over_us),
        "shock": shock.mode,
        "depth_left": percent_text(shock.depth_left_ppm),
        "refill": duration_text(shock.refill_us),
        "step": duration_text(shock.step_us),
        "after": sorted({run.after for run in answer.runs}),
        "members": []
        if answer.own is not None
        else [asdict(m) | {"holding_days": round(m.holding_days, 2)} for m in request.members],
        "accounts": request.accounts if answer.own is None else len(answer.own.state.size_lots),
        "seed": request.seed,
        "alone": request.alone,
        "set": list(request.changes),
        "path": request.path,
        "scenario": None
        if request.scenario is None
        else {"name": request.scenario.name, "meaning": request.scenario.meaning, "kind": request.scenario.kind},
        "on": None if request.day is None else request.day.isoformat(),
        "tiers": None if request.ladders is None else request.ladders.name,
    }


def state_of(own: Own, item: MarketInput) -> dict[str, Any]:
    """Return what was read of the user's own accounts, without anything that names one."""
    state, lot = own.state, item.contract.scale.lot_size
    unit = item.snapshot.base_asset

    def size(lots: int) -> dict[str, str]:
        return {"amount": f"{lots * lot:f}", "unit": unit}

    return {
        "file": state.name,
        "sha256": state.digest,
        "as_of": state.as_of.isoformat(),
        "rows": state.rows,
        "accounts": state.accounts,
        "positions": len(state.size_lots),
        "long": size(own.longs),
        "short": size(own.shorts),
        "unmatched": {
            **size(abs(own.longs - own.shorts)),
            "held_by": UNMATCHED if own.longs != own.shorts else None,
            "side": "short" if own.longs > own.shorts else "long",
        },
        "inventory": size(state.inventory_lots),
        "mark": f"{item.mark_ticks * item.contract.scale.tick_size:f}",
        "mark_of": "file" if state.mark_ticks is not None else "snapshot",
        "below_maintenance_before": own.below_maintenance,
        "left_out": dict(state.left_out),
    }


def cover(answer: Answer) -> dict[str, Any]:
    """Return what the one and the two accounts with the largest deficits are short, path by path, against the fund."""
    if answer.own is None:
        return {"note": NO_COVER, "paths": []}
    asset = answer.inputs[0].contract.scale.settlement
    paths = []
    for after, found in answer.own.covers.items():
        row: dict[str, Any] = {"after": after, "reason": found.reason}
        for largest in (1, 2):
            loss = found.loss(largest)
            known = loss is not None and answer.fund_cash is not None
            row[f"cover_{largest}"] = None if loss is None else money(loss, asset)
            row[f"cover_{largest}_within_fund"] = loss <= answer.fund_cash if known else None  # type: ignore[operator]
        paths.append(row)
    note = "deficits at mark of the one and the two accounts with the largest ones in this shock, of the user's own accounts"
    return {"note": note if paths else "unknown: a recorded path is imposed", "paths": paths}


def headline(answer: Answer) -> dict[str, Any]:
    """Return the model range of the figures that matter most, over members and after-shock paths."""
    asset = answer.inputs[0].contract.scale.settlement
    picks: dict[str, Callable[[Measures], int]] = {
        "liquidated_notional": lambda m: m.result.liquidated_notional,
        "taken_over_notional": lambda m: m.result.taken_notional,
        "adl_notional": lambda m: m.result.adl_notional,
        "deficit_quote": lambda m: m.result.deficit,
        "fund_equity_lowest": lambda m: m.fund_equity_lowest,
        "socialised_loss_quote": lambda m: m.result.socialised,
        "carried_quote": lambda m: m.result.carried,
    }
    found = {}
    for name, pick in picks.items():
        values = [pick(run.measures) for run in answer.runs]
        found[name] = {"lowest": money(min(values), asset), "highest": money(max(values), asset)}
    return found


def _run(run: Run, own: MarketInput, asset: Asset) -> dict[str, Any]:
    found = run.measures
    return {
        "member": run.member,
        "after": run.after,
        "figures": figures(found, asset),
        **around(run, asset),
        "paid_by": {layer: money(amount, asset) for layer, amount in found.paid_by.items()},
        "paid_total": money(found.result.value.paid, asset),
        "returned_to_traders": money(found.result.value.returned, asset),
        "equity_left_behind": money(found.result.value.equity_left, asset),
        "value_book_difference": money(found.result.value.difference, asset),
        "adl": adl_figures(found, own, asset),
        "conservation_drift": money(found.drift, asset),
        "series": _series(run, own),
    }


def figures(found: Measures, asset: Asset) -> dict[str, Any]:
    """Return the figures of one run."""
    result = found.result
    amounts = {
        "liquidated_notional": result.liquidated_notional,
        "sold_in_book_notional": result.book_notional,
        "taken_over_notional": result.taken_notional,
        "still_held_notional": found.inventory_after_notional,
        "largest_inventory_notional": result.inventory_peak_notional,
        "inventory_low_at_mark": result.inventory_low,
        "inventory_realised": result.inventory_realised,
        "surplus": result.surplus,
        "liquidation_fees": result.fees,
        "deficit_at_mark": result.deficit,
        "fund_paid_cash": result.cash_paid,
        "fund_cash_before": found.fund_cash_before,
        "fund_cash_lowest": found.fund_cash_lowest,
        "fund_cash_after": found.fund_cash_after,
        "fund_equity_lowest": found.fund_equity_lowest,
        "fund_equity_after": found.fund_equity_after,
        "collected_in_this_event": found.collected,
        "socialised": result.socialised,
        "carried": result.carried,
        "extrapolated_depth_notional": result.extrapolated_notional,
    }
    share = found.fund_cash_before / found.interest_before_notional if found.interest_before_notional else None
    return {
        "accounts_liquidated": result.accounts,
        "partial_liquidations": result.partial,
        "closed_above_bankruptcy_lots": result.above_lots,
        "closed_below_bankruptcy_lots": result.below_lots,
        "fund_to_open_interest": None if share is None else round(share, 6),
        **{name: money(amount, asset) for name, amount in amounts.items()},
    }


def adl_figures(found: Measures, own: MarketInput, asset: Asset) -> dict[str, Any] | None:
    """Return what ADL did in one run, or None when nobody was cut."""
    result = found.result
    if result.adl_lots == 0:
        return None
    price = result.adl_price_notional / (result.adl_lots * own.contract.multiplier)
    mark = result.adl_notional / (result.adl_lots * own.contract.multiplier)
    tick = float(own.contract.scale.tick_size)
    return {
        "notional_at_mark": money(result.adl_notional, asset),
        "closes": result.adl_closes,
        "batches": result.adl_batches,
        "average_price": f"{price * tick:.6g}",
        "average_mark": f"{mark * tick:.6g}",
        "given_up_against_mark": money(result.adl_transfer_mark, asset),
        "given_up_against_index": money(result.adl_transfer_index, asset),
        "given_up_against_mark_later": {
            f"{minutes}min": None if amount is None else money(amount, asset)
            for minutes, amount in found.mark_outs.items()
        },
        "because_of_capacity_lots": result.adl_by_capacity_lots,
        "because_of_loss_lots": result.adl_by_loss_lots,
        "first_after_start": duration_text(result.first_adl_time) if result.first_adl_time else None,
    }


def _series(run: Run, own: MarketInput) -> dict[str, list[float]] | None:
    """Return the recorded steps for pictures, thinned to at most 400."""
    if run.series is None:
        return None
    rows = run.series[:, 0]
    keep = sorted({*range(0, len(rows), max(1, len(rows) // 400)), len(rows) - 1})
    tick = float(own.contract.scale.tick_size)
    unit = own.contract.multiplier / 10**own.contract.scale.settlement.exponent
    scale = 10.0**own.contract.scale.settlement.exponent

    def column(index: int, by: float) -> list[float]:
        return [round(float(rows[k, index]) * by, 6) for k in keep]

    return {
        "time_s": column(kernel.Z_TIME, 1e-6),
        "index": column(kernel.Z_INDEX, tick),
        "mark": column(kernel.Z_MARK, tick),
        "last": column(kernel.Z_LAST, tick),
        "bid": [x if x > 0 else None for x in column(kernel.Z_BID, tick)],  # type: ignore[misc]  # an empty side is no price
        "ask": [x if x < (1 << 30) * tick else None for x in column(kernel.Z_ASK, tick)],  # type: ignore[misc]
        "fund_cash": column(kernel.Z_CASH, 1 / scale),
        "fund_equity": column(kernel.Z_EQUITY, 1 / scale),
        "inventory": [
            round(float(rows[k, kernel.Z_INVENTORY]) * float(rows[k, kernel.Z_MARK]) * unit, 2) for k in keep
        ],
        "liquidated": column(kernel.Z_LIQUIDATED, 1 / scale),
        "deleveraged": [abs(float(rows[k, kernel.Z_ADL_AMOUNT])) / scale for k in keep],
        "depth_shown": column(kernel.Z_DEPTH, 1e-6),
        "makers_hold": [round(float(rows[k, kernel.Z_MAKERS]) * float(rows[k, kernel.Z_MARK]) * unit, 2) for k in keep],
        "rehedged": [round(float(rows[k, kernel.Z_REHEDGED]) * float(rows[k, kernel.Z_MARK]) * unit, 2) for k in keep],
        "index_shift": column(kernel.Z_SHIFT, 1e-9),
    }


def evidence(inputs: Sequence[MarketInput], *, own: bool = False, more: Sequence[str] = ()) -> dict[str, Any]:
    """Return what is observed, assumed (with more of it), synthetic, unknown, and how far apart in time the inputs are."""
    snapshot = inputs[0].snapshot
    days = snapshot.spread_days()
    return {
        "fields": [_field(item) for item in snapshot.sourced()],
        "inputs_days_apart": days,
        "ratios_label": f"inputs {days} days apart" if days > STALE_DAYS else "inputs of one week",
        "assumed_rules": [
            {"rule": name, "value": str(known.value), "reason": known.reason}
            for name, known in inputs[0].venue.assumed()
        ],
        "assumed": [*ASSUMED_BY_US, *more],
        "synthetic": [OWN_POPULATION, *SYNTHETIC[1:]] if own else list(SYNTHETIC),
        "unknown": [item.name for item in snapshot.unknown()],
        "history": [] if own else [item.history.name for item in inputs],
    }


def _field(item: Sourced[Any]) -> dict[str, Any]:
    return {
        "name": item.name,
        "kind": item.kind.value,
        "unit": item.unit,
        "source": item.source,
        "as_of": None if item.as_of is None else item.as_of.isoformat(),
        "reason": item.reason,
        "note": item.note,
        "value": None if item.value is None else plain(item.value),
    }


def plain(value: object) -> object:
    """Return a recorded value as JSON can hold it: numbers and dates as text, records as objects."""
    if is_dataclass(value) and not isinstance(value, type):
        return {item.name: plain(getattr(value, item.name)) for item in fields(value)}
    if isinstance(value, tuple):
        return [plain(item) for item in value]
    return value if isinstance(value, str | int) else str(value)


def gap_document(answer: GapAnswer) -> dict[str, Any]:
    """Return a gap search as one document."""
    request = answer.request
    rows = []
    for over in SPEEDS_US:
        for sign in (-1, 1):
            for k, question in enumerate(QUESTIONS):
                found = answer.first[sign, over, k]
                rows.append({
                    "direction": "down" if sign < 0 else "up",
                    "over": duration_text(over),
                    "question": question,
                    "intervals_ppm": intervals(answer.cells, over, sign, k),
                    "intervals_every_member_ppm": intervals(answer.cells, over, sign, k, every=True),
                    "first_crossing_ppm": None if found is None else list(found),
                })  # fmt: skip
    return {
        "schema": GAP_SCHEMA,
        "version": __version__,
        "kernels": source_digest(),
        "contract": contract_of(answer.inputs[0]),
        "fund_note": answer.fund_note,
        "largest_gap_ppm": 600_000,
        "members": [m.name for m in request.members],
        "accounts": request.accounts,
        "seed": request.seed,
        "set": list(request.changes),
        "answers": rows,
        "evidence": evidence(answer.inputs),
    }


__all__ = ["ASSUMED_BY_US", "SYNTHETIC", "contract_of", "evidence", "money", "stress_document"]
