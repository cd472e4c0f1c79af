"""One shock resolved in every way, as one document and as two tables: who is touched, and what it comes to."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from rich import box
from rich.table import Table
from rich.text import Text

from shortfall import __version__
from shortfall.kernels._jit import source_digest
from shortfall.report.document import contract_of, evidence, money, shock_request
from shortfall.report.feedbacks import feedback_lines, feedbacks_of_request, over_words
from shortfall.report.widths import widths_lines, widths_part
from shortfall.report.words import common_note, human, minor_units, stand_in_words
from shortfall.sim.resolve import AS_IT_IS, HEDGED_LEVERAGE, MILLION
from shortfall.units import percent_text

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from rich.console import Console

    from shortfall.sim.resolve import Borne, ResolveAnswer, Resolved
    from shortfall.units import Asset

SCHEMA: Final = "shortfall.resolve/1"
BAR: Final = 8
KINDS: Final = {"adl": "ADL by", "socialise": "loss shared by", "fund": "fund alone", "halt": "halt"}
SHARES: Final[dict[str, Callable[[Borne], int | None]]] = {
    "largest_share_closed_ppm": lambda one: one.largest_share_ppm,
    "gini_of_given_up_ppm": lambda one: one.gini_ppm,
    "gini_of_closed_ppm": lambda one: one.gini_closed_ppm,
    "cut_in_profit_ppm": lambda one: one.in_profit_ppm,
}
AMOUNTS: Final[dict[str, Callable[[Borne], int]]] = {
    "closed_by_adl": lambda one: one.cut_notional,
    "transfer_against_mark": lambda one: one.transfer,
    "socialised": lambda one: one.socialised,
    "uncovered": lambda one: one.uncovered,
    "left_in_deficit": lambda one: one.latent,
}


def resolve_document(answer: ResolveAnswer) -> dict[str, Any]:
    """Return every resolution as one document. Ranges are over members and feedbacks; money in the settlement asset, at mark."""
    asset, request = answer.item.contract.scale.settlement, answer.request
    return {
        "schema": SCHEMA,
        "version": __version__,
        "kernels": source_digest(),
        "contract": contract_of(answer.item),
        "request": shock_request(request),
        "fund": {"cash": money(answer.fund_cash, asset), "note": answer.fund_note},
        "hedged": {"up_to_leverage": HEDGED_LEVERAGE, "assumed_share_ppm": answer.hedged_ppm},
        "resolutions": [_resolution(row, answer, asset) for row in answer.rows],
        "refused": list(answer.refused),
        "sampling": "one seed for all ways (common random numbers); ranges are over members and feedbacks",
        **feedbacks_of_request(request),
        "widths": None
        if answer.widths is None
        else widths_part(answer.widths, "ADL and shared losses as it is", lambda value: human(money(value, asset))),
        "assumed": [
            (
                f"accounts whose notional is at most {HEDGED_LEVERAGE} x equity at mark before the shock may be hedged elsewhere; "
                f"delta left to hedgers at 0 and at {percent_text(answer.hedged_ppm)} of what they lose by ADL, none hedged again"
            ),
            "a loss is shared after the position was closed at mark against opposite positions in order of adl.rank",
            "random-start: one round from a place drawn from the seed; neighbours in it are alike in side and risk",
            "halt: from before the shock to the path's end; nobody is closed, deficits stay where they are and pay nobody",
            "nobody answers to the way it is resolved: no re-hedge beyond the feedback that is named, no deposit, no withdrawal",
        ],
        "evidence": evidence((answer.item,)),
    }


def _resolution(row: Resolved, answer: ResolveAnswer, asset: Asset) -> dict[str, Any]:
    touched = row.range_of(lambda one: one.touched)
    delta = row.range_of(lambda one: one.hedgers_delta * answer.hedged_ppm // MILLION) or (0, 0)
    return {
        "kind": row.resolution.kind,
        "name": row.resolution.name,
        "set": list(row.resolution.words),
        "accounts_touched": list(touched or (0, 0)),
        "accounts": max(one.holders for one in row.found),
        **{name: _bounds(row.range_of(figure)) for name, figure in SHARES.items()},
        **{name: [money(x, asset) for x in row.range_of(figure) or (0, 0)] for name, figure in AMOUNTS.items()},
        "hedgers_delta": {"none_hedged": money(0, asset), "assumed_share": [money(bound, asset) for bound in delta]},
        "members": [_member(one, asset) for one in row.found],
    }


def _member(one: Borne, asset: Asset) -> dict[str, Any]:
    return {
        "member": one.member,
        "feedback": one.feedback,
        "accounts_touched": one.touched,
        **{name: figure(one) for name, figure in SHARES.items()},
        **{name: money(figure(one), asset) for name, figure in AMOUNTS.items()},
        "low_leverage_delta": money(one.hedgers_delta, asset),
    }


def _bounds(found: tuple[int, int] | None) -> list[int] | None:
    return None if found is None else list(found)


def print_resolve(console: Console, document: dict[str, Any]) -> None:
    """Print the sentence, who is touched with bars, and what it comes to."""
    contract, request = document["contract"], document["request"]
    title = f"{contract['venue']} {contract['symbol']}: one shock, resolved in every way; {request['gap']} over {request['over']}"
    console.print(Text(title, "bold"))
    console.print(Text(sentence(document)))
    console.print(_touched_table(document))
    console.print(_amounts_table(document))
    for line in notes(document):
        console.print(Text(line, "dim"))


def sentence(document: dict[str, Any]) -> str:
    """Return the answer in one sentence: the shock, then ranges over members and entries, kind by kind."""
    request = document["request"]
    parts = []
    for kind, words, base in (("adl", "ADL", "rank"), ("socialise", "a shared loss", "base")):
        rows = [row for row in document["resolutions"] if row["kind"] == kind]
        if rows:
            low = min(row["accounts_touched"][0] for row in rows)
            most = max(rows, key=lambda row: row["accounts_touched"][1])
            fewest = min(rows, key=lambda row: row["accounts_touched"][1])
            apart = f"in the worst population most by {most['name']}, fewest by {fewest['name']}"
            alike = most["accounts_touched"][1] == fewest["accounts_touched"][1]
            span = _count((low, most["accounts_touched"][1]))
            by = "nobody" if span == "0" else f"{span} of {most['accounts']:,} accounts"
            parts.append(f"{words} touches {by} ({f'whatever the {base}' if alike else apart})")
    left = [row["left_in_deficit"] for row in document["resolutions"] if row["kind"] == "fund"]
    if left:
        ends = (min((low for low, _ in left), key=minor_units), max((high for _, high in left), key=minor_units))
        parts.append(f"the fund alone leaves accounts in a deficit of {_range(ends)}")
    shock = f"If the price moves {request['gap']} over {request['over']} with {request['depth_left']} of depth left"
    over = f"over {len(request['members'])} populations{over_words(document)}"
    return f"{shock}, {over}: {'; '.join(parts)}.{stand_in_words(document)}"


def _table(title: str) -> Table:
    found = Table(
        title=Text(f"\n{title}", "bold"),
        title_justify="left",
        box=box.SIMPLE_HEAD,
        show_edge=False,
        padding=(0, 1, 0, 0),
    )
    found.add_column("", no_wrap=True)
    return found


def _add(table: Table, document: dict[str, Any], cells: Callable[[dict[str, Any]], Sequence[str]]) -> None:
    """Add every resolution: its kind on a line of its own, its entries below it."""
    for kind in dict.fromkeys(row["kind"] for row in document["resolutions"]):
        if kind != AS_IT_IS:
            table.add_row(Text(f"{KINDS[kind]}:", "bold"))
        for row in document["resolutions"]:
            if row["kind"] == kind:
                table.add_row(AS_IT_IS if kind == AS_IT_IS else f" {row['name']}", *cells(row))


def _touched_table(document: dict[str, Any]) -> Table:
    table = _table("Who is touched (ranges over populations and feedbacks)")
    table.add_column("accounts", no_wrap=True)
    for title in ("largest\nshare", "Gini of\nmoney", "Gini of\nclosed", "in\nprofit"):
        table.add_column(title, justify="right", no_wrap=True)

    def cells(row: dict[str, Any]) -> Sequence[str]:
        ginis = (_coefficients(row[name]) for name in ("gini_of_given_up_ppm", "gini_of_closed_ppm"))
        return _bar(row), _percents(row["largest_share_closed_ppm"]), *ginis, _percents(row["cut_in_profit_ppm"])

    _add(table, document, cells)
    return table


def _amounts_table(document: dict[str, Any]) -> Table:
    hedged = percent_text(document["hedged"]["assumed_share_ppm"])
    table = _table(f"What it comes to, {document['fund']['cash']['unit']} at mark; 0 hedged leaves hedgers no delta")
    shown = [
        name for name in AMOUNTS if any(minor_units(bound) for row in document["resolutions"] for bound in row[name])
    ]
    titles = {
        "closed_by_adl": "closed\nby ADL",
        "transfer_against_mark": "given up\nby the cut",
        "socialised": "charged\nto others",
        "uncovered": "uncovered",
        "left_in_deficit": "left in\ndeficit",
    }
    for name in shown:
        table.add_column(titles[name], justify="right")
    table.add_column(f"hedgers' delta\nat {hedged} hedged", justify="right")

    def cells(row: dict[str, Any]) -> Sequence[str]:
        amounts = (_range(row[name], unit=False) for name in shown)
        return *amounts, _range(row["hedgers_delta"]["assumed_share"], unit=False)

    _add(table, document, cells)
    return table


def _bar(row: dict[str, Any]) -> str:
    low, high = (bound * BAR // max(1, row["accounts"]) for bound in row["accounts_touched"])
    return f"{'█' * low}{'▒' * (high - low)}{'░' * (BAR - high)} {_count(row['accounts_touched'], '-')}"


def _count(bounds: Sequence[int], until: str = " to ") -> str:
    low, high = bounds
    return f"{low:,}" if low == high else f"{low:,}{until}{high:,}"


def _percents(bounds: list[int] | None) -> str:
    if bounds is None:
        return "-"
    low, high = (f"{ppm / 10_000:.0f}" for ppm in bounds)
    return f"{low} %" if low == high else f"{low} to {high} %"


def _coefficients(bounds: list[int] | None) -> str:
    if bounds is None:
        return "-"
    low, high = (f"{ppm / MILLION:.2f}" for ppm in bounds)
    return low if low == high else f"{low}-{high}"


def _range(bounds: Sequence[dict[str, str]], *, unit: bool = True) -> str:
    low, high = (human(bound, unit=unit) for bound in bounds)
    return low if low == high else f"{low} to {high}"


def notes(document: dict[str, Any]) -> list[str]:
    """Return what a reader needs beside the tables: how to read them, what is assumed, sampled and synthetic."""
    shared = any(minor_units(row["socialised"][1]) for row in document["resolutions"])
    fund = document["fund"]
    lines = [
        common_note(document),
        f"fund: {human(fund['cash'])} ({fund['note']})",
        None
        if shared
        else "no loss was shared: the layers with cash paid every deficit; a smaller --fund shows the bases apart",
        "largest share: of one position, closed by ADL. Gini of money: of what is given up or charged, of closed: of notional closed",
        "given up by the cut: side x (mark - ADL price) x size; negative is received. Gini: over all accounts; at 1 one bears all",
        "cut in profit: of the positions cut, those in profit when first cut. left in deficit: negative equity at the path's end",
        "hedgers' delta: signed; positive is a long left naked elsewhere",
        f"contradicts the rules: {', '.join(document['refused'])}" if document["refused"] else None,
        *document["assumed"],
        f"sampling: {document['sampling']}",
        *feedback_lines(document),
        *widths_lines(document.get("widths")),
        "synthetic: population, shock, makers",
    ]
    return [line for line in lines if line is not None]
