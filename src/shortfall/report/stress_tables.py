"""A stress answer as tables for people: the range first, then each run, then what is known about the inputs."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from rich.table import Table
from rich.text import Text

from shortfall.report.document import STALE_DAYS
from shortfall.units import duration_text, human_money, percent_text

if TYPE_CHECKING:
    from collections.abc import Callable

    from rich.console import Console

    from shortfall.sim.findgap import GapAnswer
    from shortfall.sim.measures import Measures
    from shortfall.sim.stress import Answer, Run
    from shortfall.units import Asset


def print_stress(console: Console, answer: Answer) -> None:
    """Print a stress answer."""
    own = answer.inputs[0]
    asset = own.contract.scale.settlement
    title = f"{answer.request.venue} {own.contract.symbol}: {_shock_words(answer)}"
    console.print(Text(title, style="bold"))
    console.print(_sentence(answer, asset))
    console.print(_members_table(answer, asset))
    console.print(_paid_table(answer, asset))
    if answer.sweep:
        console.print(_needed_table(answer, asset))
    for line in footnotes(answer):
        console.print(Text(line, style="dim"))


def _shock_words(answer: Answer) -> str:
    if answer.request.path is not None:
        return f"observed path {answer.request.path} (recorded prices imposed; forced orders move nothing)"
    shock = answer.request.shock
    return f"{shock.name} shock, {percent_text(shock.depth_left_ppm)} of depth left"


def _range(values: list[int], asset: Asset) -> str:
    low, high = min(values), max(values)
    return human_money(low, asset) if low == high else f"{human_money(low, asset)} to {human_money(high, asset)}"


def _sentence(answer: Answer, asset: Asset) -> Text:
    """Return the answer in one sentence: what is liquidated, who takes it, who is cut, as ranges over the admitted models."""
    runs = [run.measures for run in answer.runs]
    cut = [m.result.adl_notional for m in runs]
    words = (
        f"Over {len(answer.request.members)} synthetic populations and {len({r.after for r in answer.runs})} paths: "
        f"{_range([m.result.liquidated_notional for m in runs], asset)} liquidated, "
        f"{_range([m.result.taken_notional for m in runs], asset)} taken over by the fund, "
        f"{_range(cut, asset)} of winners' positions deleveraged"
    )
    lows = [m.fund_cash_before - m.fund_equity_lowest for m in runs]
    words += f"; the fund's equity falls by {_range(lows, asset)} at its lowest."
    if max(cut) > 0 and all(m.result.adl_by_loss_lots == 0 for m in runs):
        words += " ADL starts because the fund's capacity is full, not because its cash is gone."
    return Text(words)


def _members_table(answer: Answer, asset: Asset) -> Table:
    table = Table(title="What happens, by population and by path after the shock", title_justify="left")
    columns: tuple[tuple[str, Callable[[Measures], str]], ...] = (
        ("accounts", lambda m: f"{m.result.accounts:,}"),
        ("liquidated", lambda m: human_money(m.result.liquidated_notional, asset)),
        ("sold in book", lambda m: human_money(m.result.book_notional, asset)),
        ("taken over", lambda m: human_money(m.result.taken_notional, asset)),
        ("still held", lambda m: human_money(m.inventory_after_notional, asset)),
        ("ADL", lambda m: human_money(m.result.adl_notional, asset)),
        ("deficit at mark", lambda m: human_money(m.result.deficit, asset)),
        ("fund low (equity)", lambda m: human_money(m.fund_equity_lowest, asset)),
    )
    table.add_column("population")
    table.add_column("after")
    for name, _ in columns:
        table.add_column(name, justify="right")
    for run in answer.runs:
        table.add_row(run.member, run.after, *(show(run.measures) for _, show in columns))
    return table


def _paid_table(answer: Answer, asset: Asset) -> Table:
    """Return who paid at mark, per run of the first after-shock path: signed, adding up to the unit."""
    after = answer.runs[0].after
    runs = [run for run in answer.runs if run.after == after]
    table = Table(title=f"Who paid against mark ({after}); positive paid, negative received", title_justify="left")
    table.add_column("layer")
    for run in runs:
        table.add_column(run.member, justify="right")
    layers = [name for name in runs[0].measures.paid_by if any(r.measures.paid_by[name] for r in runs)]
    for name in layers:
        table.add_row(name, *(human_money(run.measures.paid_by[name], asset) for run in runs))
    table.add_section()
    table.add_row("together", *(human_money(run.measures.result.value.paid, asset) for run in runs))
    table.add_row("= returned to traders", *(human_money(run.measures.result.value.returned, asset) for run in runs))
    table.add_row("- equity left behind", *(human_money(run.measures.result.value.equity_left, asset) for run in runs))
    table.add_row("difference", *(human_money(run.measures.result.value.difference, asset) for run in runs))
    table.add_section()
    _add_adl_rows(table, runs, asset)
    return table


def _add_adl_rows(table: Table, runs: list[Run], asset: Asset) -> None:
    for minutes in (1, 5, 60):
        cells = []
        for run in runs:
            amount = run.measures.mark_outs.get(minutes)
            cells.append("-" if amount is None else human_money(amount, asset))
        table.add_row(f"winners against mark {minutes} min later", *cells)
    table.add_row("executed beyond recorded depth", *(human_money(r.measures.result.extrapolated_notional, asset) for r in runs))
    table.add_row("collected in this event (surplus, fees)", *(human_money(r.measures.collected, asset) for r in runs))


def _needed_table(answer: Answer, asset: Asset) -> Table:
    table = Table(title="The fund is unknown: smallest fund with which nobody is deleveraged", title_justify="left")
    table.add_column("population")
    table.add_column("fund needed", justify="right")
    table.add_column("of open interest", justify="right")
    interest = answer.runs[0].measures.interest_before_notional
    for name, cash in (answer.needed or {}).items():
        share = "" if cash is None else f"{100 * cash / interest:.2f} %"
        table.add_row(name, "beyond the sweep" if cash is None else human_money(cash, asset), share)
    return table


def footnotes(answer: Answer) -> list[str]:
    """Return what a reader has to know about the numbers, a line each."""
    snapshot = answer.inputs[0].snapshot
    days = snapshot.spread_days()
    lines = [f"fund: {answer.fund_note}"]
    if days > STALE_DAYS:
        lines.append(f"ratios of fund to open interest and depth: inputs {days} days apart (see --json for each field's source and date)")
    unconverged = [name for name, fine in answer.converged.items() if fine is False]
    step = duration_text(answer.request.shock.step_us)
    if unconverged:
        lines.append(f"NOT CONVERGED for {', '.join(unconverged)}: halving the step of {step} changes the answer by more than 5 %")
    elif any(answer.converged.values()):
        lines.append(f"step {step}: halving it changes liquidated and deleveraged notional by less than 5 %")
    others = [f"{item.contract.symbol} (beta {item.beta:.2f})" for item in answer.inputs[1:]]
    if others:
        lines.append(f"stressed together with the pool's other members: {', '.join(others)}; --alone is an upper bound of what the fund can bear")
    elif answer.request.alone:
        lines.append("alone: the pool's other members take nothing from the fund here, an upper bound of what it can bear")
    unknown = ", ".join(item.name for item in snapshot.unknown())
    lines.append(f"unknown: {unknown or 'nothing in the snapshot'}; assumed fields: {len(snapshot.assumed())}")
    lines.append("synthetic: populations, shock, makers. Ranges are over models, not probabilities.")
    drift = sum(abs(run.measures.drift) for run in answer.runs)
    lines.append(f"conservation drift {drift}; seed {answer.request.seed}; snapshot {snapshot.digest[:16]}")
    return lines


def print_gap(console: Console, answer: GapAnswer, rows: list[dict[str, Any]]) -> None:
    """Print a gap search: all intervals, and the first crossing refined in its cell."""
    table = Table(title="Gaps in which, for at least one population, ...", title_justify="left")
    for name in ("direction", "over", "question", "intervals", "first crossing"):
        table.add_column(name)
    for row in rows:
        spans = ", ".join(_span(low, high) for low, high in row["intervals_ppm"]) or "none up to 60%"
        found = row["first_crossing_ppm"]
        first = "" if found is None else f"between {percent_text(abs(found[0]))} and {percent_text(abs(found[1]))}"
        table.add_row(row["direction"], row["over"], row["question"], spans, first)
    console.print(table)
    console.print(Text(f"fund: {answer.fund_note}", style="dim"))
    console.print(Text("grid cells between intervals answered no: the answer need not be monotone in the gap", style="dim"))


def _span(low: int, high: int) -> str:
    return percent_text(low) if low == high else f"{percent_text(low)}-{percent_text(high)}"


