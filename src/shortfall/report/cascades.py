"""A cascade taken apart: one document, a sentence, and a table with bars."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from rich import box
from rich.table import Table
from rich.text import Text

from shortfall import __version__
from shortfall.kernels._jit import source_digest
from shortfall.report.document import contract_of, evidence, money, shock_request
from shortfall.report.words import common_note, human, stand_in_words
from shortfall.sim.cascade import AGAIN, BY_CLOSES, BY_PRICE, CAUSES, SOONER
from shortfall.sim.liquidity import OFF, ON

if TYPE_CHECKING:
    from rich.console import Console

    from shortfall.sim.cascade import Cascade, CascadeAnswer, Round
    from shortfall.units import Asset

SCHEMA: Final = "shortfall.cascade/1"
MILLION: Final = 1_000_000
BAR: Final = 16
NARROW_BAR: Final = 2
WIDE: Final = 100  # columns of a terminal from which there is room for the longer bar
SHOWN: Final = 12
MEANINGS: Final = {
    BY_PRICE: "it had reached the account's liquidation price",
    SOONER: "only the mark had, moved there by earlier closes; the outside price got there later on the same path",
    BY_CLOSES: "only the mark had, moved there by earlier closes; the outside price never got there",
    AGAIN: "liquidated in part before",
}


def cascade_document(answer: CascadeAnswer) -> dict[str, Any]:
    """Return the rounds of every member as one document. Notional at mark, settlement asset."""
    asset, request = answer.item.contract.scale.settlement, answer.request
    return {
        "schema": SCHEMA,
        "version": __version__,
        "kernels": source_digest(),
        "contract": contract_of(answer.item),
        "request": shock_request(request),
        "fund": {"cash": money(answer.fund_cash, asset), "note": answer.fund_note},
        "causes": dict(MEANINGS),
        "members": [_member(one, asset) for one in answer.cascades],
        "sampling": "none: one seed; the range is over members and feedback",
        "feedback": {item.name: item.meaning for item in (OFF, ON)},
        "assumed": ["a round is one instant of the engine; within it the order of liquidations is the venue's rule and not a cause"],
        "evidence": evidence((answer.item,)),
    }  # fmt: skip


def _member(one: Cascade, asset: Asset) -> dict[str, Any]:
    whole = sum(one.notional(cause) for cause in CAUSES)
    return {
        "member": one.member,
        "feedback": one.feedback,
        "accounts": {cause: one.accounts(cause) for cause in CAUSES},
        "notional": {cause: money(one.notional(cause), asset) for cause in CAUSES},
        "set_off_by_closes_ppm": one.notional(BY_CLOSES) * MILLION // whole if whole else None,
        "longest_chain_rounds": one.longest_chain,
        "rounds": [_round(row, asset) for row in one.rounds],
    }


def _round(row: Round, asset: Asset) -> dict[str, Any]:
    return {
        "time_s": row.time_us / MILLION,
        "after_s": None if row.after_us is None else row.after_us / MILLION,
        "mark_from_outside_ppm": (row.mark_ticks - row.outside_ticks) * MILLION // row.outside_ticks,
        "accounts": dict(row.accounts),
        "notional": {cause: money(row.notional[cause], asset) for cause in CAUSES},
    }


def sentence(document: dict[str, Any]) -> str:
    """Return the answer in one sentence: the share of liquidated notional that earlier closes alone set off, over members."""
    request = document["request"]
    shock = f"If the price moves {request['gap']} over {request['over']} with {request['depth_left']} of depth left"
    shares = [one["set_off_by_closes_ppm"] for one in document["members"] if one["set_off_by_closes_ppm"] is not None]
    if not shares:
        return f"{shock}: nobody is liquidated in any of {len(request['members'])} populations."
    parts = [f"{_share(document, state)} with feedback {state}" for state in ("off", "on")]
    most = max(document["members"], key=lambda one: one["longest_chain_rounds"])
    chain = f"{most['longest_chain_rounds']} rounds ({most['member']}, feedback {most['feedback']})"
    return (
        f"{shock}: of liquidated notional {' and '.join(parts)} was set off by earlier closes alone, at prices that the outside "
        f"never reached, over populations; the longest chain is {chain}.{stand_in_words(document)}"
    )


def _share(document: dict[str, Any], feedback: str) -> str:
    found = [one["set_off_by_closes_ppm"] for one in document["members"] if one["feedback"] == feedback]
    known = [ppm for ppm in found if ppm is not None] or [0]
    low, high = (f"{bound / 10_000:.1f} %" for bound in (min(known), max(known)))
    return low if low == high else f"{low} to {high}"


def print_cascade(console: Console, document: dict[str, Any]) -> None:
    """Print what set off the liquidations of each member, and the largest rounds of the one with the most."""
    contract = document["contract"]
    console.print(Text(f"{contract['venue']} {contract['symbol']}: which close set off which?", "bold"))
    console.print(Text(sentence(document)))
    title = Text(f"\nAccounts (and notional at mark, {document['fund']['cash']['unit']}) by what set them off", "bold")
    table = Table(title=title, title_justify="left", box=box.SIMPLE_HEAD, show_edge=False, padding=(0, 1, 0, 0))
    table.add_column("population,\nfeedback", no_wrap=True)
    for cause in CAUSES:
        table.add_column(cause.replace(" ", "\n"), justify="right")
    bar = BAR if console.width >= WIDE else NARROW_BAR
    table.add_column("by closes\nalone", no_wrap=True)
    for one in document["members"]:
        cells = [f"{one['accounts'][cause]:,} ({human(one['notional'][cause], unit=False)})" for cause in CAUSES]
        table.add_row(f"{one['member']}, {one['feedback']}", *cells, _bar(one["set_off_by_closes_ppm"], bar))
    console.print(table)
    most = max(document["members"], key=lambda one: one["set_off_by_closes_ppm"] or 0)
    if most["set_off_by_closes_ppm"]:
        console.print(_largest_rounds(most))
    for line in notes(document):
        console.print(Text(line, "dim"))


def _largest_rounds(one: dict[str, Any]) -> Table:
    found = sorted(one["rounds"], key=lambda row: -float(row["notional"][BY_CLOSES]["amount"]))[:SHOWN]
    title = Text(
        f"\nThe rounds in which closes alone set off most ({one['member']}, feedback {one['feedback']})", "bold"
    )
    table = Table(title=title, title_justify="left", box=box.SIMPLE_HEAD, pad_edge=False)
    for name in ("at", "after the round at", "mark from outside", "by closes alone", "by the price"):
        table.add_column(name, justify="right")
    for row in sorted(found, key=lambda row: row["time_s"]):
        table.add_row(
            f"{row['time_s']:g} s",
            "-" if row["after_s"] is None else f"{row['after_s']:g} s",
            f"{row['mark_from_outside_ppm'] / 10_000:+.2f} %",
            f"{row['accounts'][BY_CLOSES]:,} ({human(row['notional'][BY_CLOSES])})",
            f"{row['accounts'][BY_PRICE]:,} ({human(row['notional'][BY_PRICE])})",
        )
    return table


def _bar(ppm: int | None, width: int) -> str:
    if ppm is None:
        return "nobody"
    full = ppm * width // MILLION
    return f"{'█' * full}{'░' * (width - full)} {ppm / 10_000:.1f} %"


def notes(document: dict[str, Any]) -> list[str]:
    """Return what a reader needs beside the tables."""
    lines = [
        common_note(document),
        *(f"{cause}: {meaning}" for cause, meaning in document["causes"].items()),
        *(f"feedback {name}: {meaning}" for name, meaning in document["feedback"].items()),
        f"fund: {human(document['fund']['cash'])} ({document['fund']['note']})",
        *document["assumed"],
        f"sampling: {document['sampling']}; it moves most with the feedback",
        "synthetic: population, shock, makers",
    ]
    return [line for line in lines if line is not None]
