"""A stress answer as tables for people: the range first, then each run, then what is known about the inputs.

A terminal of 80 columns holds every table whole: the unit stands once in the title, headers break between words, and
rules are drawn under headers only.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from rich import box
from rich.table import Table
from rich.text import Text

from shortfall.report import words
from shortfall.report.swings import moves_note
from shortfall.units import percent_text

if TYPE_CHECKING:
    from collections.abc import Callable

    from rich.console import Console

    from shortfall.report.words import Document, Money
    from shortfall.sim.findgap import GapAnswer

ROOMY: Final = 100  # columns from which there is room for wider gaps
GRID_NOTE: Final = "grid cells between intervals answered no: the answer need not be monotone in the gap"
MARK_OUTS: Final = ("1min", "5min", "60min")


def print_document(console: Console, document: Document) -> None:
    """Print a stress document."""
    contract = document["contract"]
    console.print(Text(f"{contract['venue']} {contract['symbol']}: {words.shock_words(document)}", style="bold"))
    console.print(Text(words.plain(words.sentence(document))))
    console.print(_members_table(document, gap=1 if console.width >= ROOMY else 0))
    console.print(_paid_table(document))
    if document["fund"]["sweep"]:
        console.print(_needed_table(document))
    console.print()
    most = moves_note(document)
    for line in (*words.notes(document), *([] if most is None else [most])):
        console.print(Text(line, style="dim"))


def _table(title: str, gap: int = 1) -> Table:
    """Return an empty table whose columns stand `gap` + 1 blanks apart."""
    return Table(
        title=Text(f"\n{title}", style="bold"),
        title_justify="left",
        box=box.SIMPLE_HEAD,
        show_edge=False,
        pad_edge=False,
        padding=(0, gap, 0, 0),
    )


def _unit(document: Document) -> str:
    unit: str = document["runs"][0]["figures"]["liquidated_notional"]["unit"]
    return unit


def _members_table(document: Document, gap: int) -> Table:
    """Return the runs: a member's name on a line of its own, its paths below it."""
    table = _table(f"What happens, by population and {words.after_word(document)} ({_unit(document)})", gap)
    figures: tuple[tuple[str, Callable[[Document], Money]], ...] = (
        ("liquidated", lambda run: run["figures"]["liquidated_notional"]),
        ("sold in\nbook", lambda run: run["figures"]["sold_in_book_notional"]),
        ("taken\nover", lambda run: run["figures"]["taken_over_notional"]),
        ("still\nheld", lambda run: run["figures"]["still_held_notional"]),
        ("ADL", words.adl_notional),
        ("deficit\nat mark", lambda run: run["figures"]["deficit_at_mark"]),
        ("fund low\n(equity)", lambda run: run["figures"]["fund_equity_lowest"]),
    )
    table.add_column("", no_wrap=True)
    table.add_column("accounts", justify="right", no_wrap=True)
    for name, _ in figures:
        table.add_column(name, justify="right", no_wrap=True)
    for member in dict.fromkeys(run["member"] for run in document["runs"]):
        table.add_row(Text(f"{member}:", style="bold"))
        for run in document["runs"]:
            if run["member"] == member:
                cells = [words.human(pick(run), unit=False) for _, pick in figures]
                model = run["after"].removeprefix(words.base_path(run))
                name = " " * gap + (model or run["after"])
                table.add_row(name, f"{run['figures']['accounts_liquidated']:,}", *cells)
    return table


def _paid_table(document: Document) -> Table:
    """Return who paid at mark, per run of the first after-shock path: signed, adding up to the unit."""
    after = document["runs"][0]["after"]
    runs = [run for run in document["runs"] if run["after"] == after]
    table = _table(f"Who paid against mark ({after}), {_unit(document)}; positive paid, negative received")
    table.add_column("layer")
    for run in runs:
        table.add_column(run["member"], justify="right", no_wrap=True)

    def add(name: str, pick: Callable[[Document], Money | None]) -> None:
        table.add_row(name, *(words.human(pick(run), unit=False) for run in runs))

    for layer in runs[0]["paid_by"]:
        if any(words.minor_units(run["paid_by"][layer]) for run in runs):
            add(layer, lambda run, name=layer: run["paid_by"][name])  # type: ignore[misc]  # the default binds the name
    table.add_section()
    add("together", lambda run: run["paid_total"])
    add("= returned to traders", lambda run: run["returned_to_traders"])
    add("- equity left behind", lambda run: run["equity_left_behind"])
    add("difference", lambda run: run["value_book_difference"])
    table.add_section()
    for later in MARK_OUTS:
        name = f"winners against mark {later.removesuffix('min')} min later"
        add(name, lambda run, key=later: _mark_out(run, key))  # type: ignore[misc]  # the default binds the key
    add("executed beyond recorded depth", lambda run: run["figures"]["extrapolated_depth_notional"])
    add("collected in this event (surplus, fees)", lambda run: run["figures"]["collected_in_this_event"])
    return table


def _mark_out(run: Document, later: str) -> Money | None:
    return None if run["adl"] is None else run["adl"]["given_up_against_mark_later"].get(later)


def _needed_table(document: Document) -> Table:
    title = f"The fund is unknown: smallest fund with which nobody is deleveraged ({_unit(document)})"
    table = _table(title)
    table.add_column("population")
    table.add_column("fund needed", justify="right")
    table.add_column(f"of open interest ({document['evidence']['ratios_label']})", justify="right")
    for name, needed in (document["fund"]["needed"] or {}).items():
        share = words.share_of_interest(document, needed)
        amount = "beyond the sweep" if needed is None else words.human(needed, unit=False)
        table.add_row(name, amount, "" if share is None else f"{100 * share:.2f} %")
    return table


def print_gap(console: Console, answer: GapAnswer, rows: list[dict[str, Any]]) -> None:
    """Print a gap search: all intervals, and the first crossing refined in its cell."""
    console.print(gap_table(rows))
    console.print(Text(f"\nfund: {answer.fund_note}", style="dim"))
    console.print(Text(GRID_NOTE, style="dim"))


def gap_table(rows: list[dict[str, Any]]) -> Table:
    """Return a gap search as a table."""
    table = _table("Gaps in which, for at least one population and for every one, ...")
    for name in ("move", "over", "question", "at least one", "every one", "first crossing"):
        table.add_column(name)
    for row in rows:
        found = row["first_crossing_ppm"]
        first = "" if found is None else f"{percent_text(abs(found[0]))} to {percent_text(abs(found[1]))}"
        spans = (spans_text(row[name]) for name in ("intervals_ppm", "intervals_every_member_ppm"))
        table.add_row(row["direction"], row["over"], row["question"], *spans, first)
    return table


def spans_text(spans: list[list[int]]) -> str:
    """Write intervals of gaps in words."""
    return ", ".join(_span(low, high) for low, high in spans) or "none up to 60%"


def _span(low: int, high: int) -> str:
    return percent_text(low) if low == high else f"{percent_text(low)}-{percent_text(high)}"
