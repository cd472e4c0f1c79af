"""One replicated path as a document and on the terminal: what was drawn, prices and fund over time, who paid, what happened when."""

from __future__ import annotations

from math import log
from typing import TYPE_CHECKING, Any, Final

from rich import box
from rich.table import Table
from rich.text import Text

from shortfall.report import words
from shortfall.report.document import money, stress_document
from shortfall.report.replications import DRAW_WORDS, percent, pool_words, request_of
from shortfall.sim.stress import Answer, Run
from shortfall.units import duration_text, percent_text

if TYPE_CHECKING:
    from collections.abc import Sequence

    from rich.console import Console

    from shortfall.model.events import Event
    from shortfall.report.words import Document
    from shortfall.sim.replications.one_path import OnePath
    from shortfall.sim.replications.plan import Plan

SCHEMA: Final = "shortfall.path/1"
TOLD: Final = 2_000  # events of the story that a document holds; all are counted
WIDTH: Final = 40
BAR: Final = 20
BLOCKS: Final = "▁▂▃▄▅▆▇█"
LINES: Final = (
    ("mark", "mark"),
    ("last", "last fill"),
    ("depth_shown", "depth shown"),
    ("fund_equity", "fund's equity"),
    ("liquidated", "liquidated"),
    ("deleveraged", "deleveraged"),
)


def path_document(found: OnePath, *, kept: bool) -> Document:
    """Return a path as one document: a stress document of one run, with the draw and the events.

    Parameters
    ----------
    kept : bool
        Whether it was compared with the row of a kept run; it came out the same, or this would not be reached.
    """
    plan, own = found.plan, found.inputs[0]
    run = Run(found.member, f"path {found.row['path']}", found.measures[0], found.measures, found.series)
    case = plan.cases[found.place.case]
    cash = case.fund_cash if len(plan.funds) == 1 else None
    answer = Answer(plan.request, found.inputs, (run,), {found.member: None}, cash, plan.fund_note)
    document = stress_document(answer)
    document["request"] |= request_of(plan.request) | {"members": document["request"]["members"]}
    told = found.story[:TOLD]
    return document | {
        "schema": SCHEMA,
        "path": {
            "number": found.row["path"],
            "member": found.member,
            "population": found.place.block.population,
            "replication": found.place.replication,
            "fund": money(case.fund_cash, own.contract.scale.settlement),
            "feedback": case.feedback.name,
            "same_as_kept": True if kept else None,
            "drawn": _drawn(plan, found),
            "share_cut": found.row["adl_lots"] / found.row["interest_lots"],
            "row": dict(found.row),
        },
        "happened": [
            {"event": one.kind, "count": one.count, "first_s": one.first_us / 1e6, "last_s": one.last_us / 1e6}
            for one in found.happened
        ],
        "story": [_told(time_us, event, found) for time_us, event in told],
        "story_left_out": len(found.story) - len(told),
    }


def _drawn(plan: Plan, found: OnePath) -> dict[str, str]:
    drawn, shock = found.drawn, plan.request.shock
    left = min(1_000_000, shock.depth_left_ppm * drawn.left_ppm // 1_000_000)
    return {
        DRAW_WORDS["left_ppm"]: f"{percent(left / 1e6)} of normal (stated {percent_text(shock.depth_left_ppm)})",
        DRAW_WORDS[
            "refill_ppm"
        ]: f"{shock.refill_us * drawn.refill_ppm / 1e12:.0f} s (stated {duration_text(shock.refill_us)})",
        DRAW_WORDS["scale_ppm"]: f"{drawn.scale_ppm / 1e6:.2f} times the recorded depth",
        DRAW_WORDS["noise_worst_ppm"]: f"up to {found.row['noise_worst_ppm'] / 1e4:.2f} % beyond the stated price",
        DRAW_WORDS[
            "after_move_ppm"
        ]: f"{drawn.after.kind}, {-drawn.after_move_ppm(shock.gap_ppm) / 1e4 * _sign(shock.gap_ppm):+.2f} %",
    }


def _sign(gap_ppm: int) -> int:
    return 1 if gap_ppm < 0 else -1


def _told(time_us: int, event: Event, found: OnePath) -> dict[str, Any]:
    symbol = found.inputs[event.market].contract.symbol if 0 <= event.market < len(found.inputs) else ""
    return {"time_s": time_us / 1e6, "event": event.name, "contract": symbol, "account": event.account, **event.amounts}


def print_path(console: Console, document: Document) -> None:
    """Print a path: the sentence, the draw, lines over time, who paid, and when each kind of event happened."""
    path, contract = document["path"], document["contract"]
    title = f"{contract['venue']} {contract['symbol']}, path {path['number']}: {words.shock_words(document)}"
    console.print(Text(title, "bold"))
    console.print(Text(path_sentence(document)))
    console.print(_pairs("What was drawn", path["drawn"]))
    console.print(_over_time(document))
    console.print(_paid(document))
    console.print(_when(document))
    for line in path_notes(document):
        console.print(Text(line, "dim"))


def path_sentence(document: Document) -> str:
    """Return what happened on the path in one sentence."""
    path, run = document["path"], document["runs"][0]
    cut = run["adl"]
    whom = "nobody is deleveraged"
    if cut is not None:
        share = f"{percent(path['share_cut'])} of the winning side"
        whom = f"{words.human(cut['notional_at_mark'])} ({share}) is deleveraged in {cut['closes']:,} closes"
    liquidated = words.human(run["figures"]["liquidated_notional"])
    return (
        f"Population {path['member']} number {path['population']}, replication {path['replication']}: {liquidated} is liquidated in "
        f"{run['figures']['accounts_liquidated']:,} accounts, {words.human(run['figures']['taken_over_notional'])} taken over, {whom}; "
        f"the fund's equity is {words.human(run['figures']['fund_equity_lowest'])} at its lowest, of {words.human(path['fund'])}."
    )


def path_notes(document: Document) -> list[str]:
    """Return what a reader has to know, a line each."""
    path, row = document["path"], document["path"]["row"]
    lines = [
        words.common_note(document),
        "the same, to the unit, as the row that was kept" if path["same_as_kept"] else "not compared with a kept run",
        f"fund: {document['fund']['note']}",
        pool_words(document),
        f"feedback of forced flow: {path['feedback']}",
        f"one path is an example and has no probability of its own; {row['events']:,} events in all contracts, conservation checked",
        "synthetic: population, shock, makers; the laws of the draws are assumed",
    ]
    return [line for line in lines if line is not None]


def _pairs(title: str, pairs: dict[str, str]) -> Table:
    table = Table(title=Text(f"\n{title}", "bold"), title_justify="left", box=None, pad_edge=False, show_header=False)
    table.add_column("what", no_wrap=True)
    table.add_column("drawn")
    for name, drawn in pairs.items():
        table.add_row(name, drawn)
    return table


def _over_time(document: Document) -> Table:
    """Return lines of blocks over time, logarithmic, each between its own lowest and highest."""
    series = document["runs"][0]["series"]
    times = series["time_s"]
    places = sampled(times, WIDTH)
    table = Table(title=Text("\nOver time", "bold"), title_justify="left", box=None, pad_edge=False, show_header=False)
    for _ in range(4):
        table.add_column(no_wrap=True)
    for name, label in LINES:
        values = series[name]
        ends = (percent(end) if name == "depth_shown" else short(end) for end in (min(values), max(values)))
        table.add_row(label, next(ends), blocks([values[k] for k in places]), next(ends))
    for side, label in (("bid", "no bids"), ("ask", "no asks")):
        gaps = [series[side][k] is None for k in places]
        if any(gaps):
            table.add_row(label, "", "".join("x" if empty else " " for empty in gaps), "")
    scale = f"{times[0]:g} s".ljust(WIDTH // 2) + f"{times[-1]:,.0f} s, logarithmic".rjust(WIDTH - WIDTH // 2)
    table.add_row("", "lowest", scale, "highest")
    return table


def short(amount: float) -> str:
    """Write an amount or a price in a narrow column: billions and millions by name."""
    for size, name in ((1e9, " bn"), (1e6, " M")):
        if abs(amount) >= size:
            return f"{amount / size:.3g}{name}"
    return f"{amount:,.6g}"


def sampled(times: Sequence[float], width: int) -> list[int]:
    """Return the index of the step shown in each of so many columns, evenly spaced in the logarithm of time."""
    first, last = log(times[0]), log(times[-1])
    found, at = [], 0
    for column in range(width):
        until = first + (last - first) * column / (width - 1)
        while at + 1 < len(times) and log(times[at + 1]) <= until + 1e-12:
            at += 1
        found.append(at)
    return found


def blocks(values: Sequence[float]) -> str:
    """Return a line of blocks between the lowest and the highest value."""
    low, high = min(values), max(values)
    if high == low:
        return BLOCKS[0] * len(values)
    return "".join(BLOCKS[min(len(BLOCKS) - 1, int((value - low) / (high - low) * len(BLOCKS)))] for value in values)


def _paid(document: Document) -> Table:
    """Return who paid at mark, a bar each: to the right paid, marked received where negative."""
    run = document["runs"][0]
    unit = run["paid_total"]["unit"]
    title = Text(f"\nWho paid against mark, {unit}; positive paid, negative received", "bold")
    table = Table(title=title, title_justify="left", box=box.SIMPLE_HEAD, pad_edge=False, show_header=False)
    table.add_column("layer")
    table.add_column("bar", no_wrap=True)
    table.add_column("amount", justify="right", no_wrap=True)
    layers = {layer: paid for layer, paid in run["paid_by"].items() if words.minor_units(paid)}
    top = max((abs(words.minor_units(paid)) for paid in layers.values()), default=1)
    for layer, paid in layers.items():
        size = words.minor_units(paid)
        full = max(1, round(BAR * abs(size) / top))
        table.add_row(layer, ("█" if size > 0 else "░") * full, words.human(paid, unit=False))
    table.add_row("together", "", words.human(run["paid_total"], unit=False))
    return table


def _when(document: Document) -> Table:
    table = Table(title=Text("\nWhat happened", "bold"), title_justify="left", box=box.SIMPLE_HEAD, pad_edge=False)
    for name in ("event", "how many", "first", "last"):
        table.add_column(name, justify="left" if name == "event" else "right", no_wrap=True)
    for one in document["happened"]:
        table.add_row(one["event"], f"{one['count']:,}", f"{one['first_s']:,.1f} s", f"{one['last_s']:,.1f} s")
    return table
