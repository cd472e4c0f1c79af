"""What-ifs in order of what they save, as one document and as a table with bars."""

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
from shortfall.sim.whatif import borne_by_others, total

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from rich.console import Console

    from shortfall.sim.measures import Measures
    from shortfall.sim.whatif import Effect, Ranking
    from shortfall.units import Asset

SCHEMA: Final = "shortfall.rank/1"
BAR: Final = 16
NARROW_BAR: Final = 6
WIDE: Final = 110  # columns of a terminal from which there is room for the longer bar


def rank_document(answer: Ranking) -> dict[str, Any]:
    """Return a ranking as one document. Ranges are over members of the population family, and feedback off and on."""
    asset, request = answer.item.contract.scale.settlement, answer.request
    return {
        "schema": SCHEMA,
        "version": __version__,
        "kernels": source_digest(),
        "contract": contract_of(answer.item),
        "request": shock_request(request),
        "fund": {"cash": money(answer.fund_cash, asset), "note": answer.fund_note},
        "as_it_is": _effect(answer.base, answer, asset),
        "single": [_effect(one, answer, asset) for one in answer.singles],
        "pairs": [_effect(one, answer, asset) for one in answer.pairs],
        "refused": list(answer.refused),
        "widths": widths_part(
            answer.widths, "ADL and what others bear as it is", lambda value: human(money(value, asset))
        ),
        "order": "deleveraged notional plus what others than the trader bear, summed over members and feedbacks, lowest first",
        **feedbacks_of_request(request),
        "assumed": [
            "one seed for all (common random numbers); a what-if on margin draws the population again under the new tiers",
            "traders do not answer to the new rule with other positions",
        ],
        "evidence": evidence((answer.item,)),
    }


def _effect(one: Effect, answer: Ranking, asset: Asset) -> dict[str, Any]:
    def ranged(figure: Callable[[Measures], int]) -> list[dict[str, str]]:
        return [money(bound, asset) for bound in one.range_of(figure)]

    before = total(answer.base)[0]
    return {
        "change": one.name,
        "cases": {name: _case(found, asset) for name, found in one.measures.items()},
        "topics": [change.topic for change in one.change],
        "words": [word for change in one.change for word in change.words],
        "deleveraged": ranged(lambda found: found.result.adl_notional),
        "borne_by_others": ranged(borne_by_others),
        "fund_equity_lowest": ranged(lambda found: found.fund_equity_lowest),
        "uncovered": ranged(lambda found: found.result.value.carried),
        "total_ppm_of_as_it_is": total(one)[0] * 1_000_000 // before if before else None,
    }


def _case(found: Measures, asset: Asset) -> dict[str, Any]:
    """Return one member under one feedback."""
    amounts = {
        "deleveraged": found.result.adl_notional,
        "borne_by_others": borne_by_others(found),
        "fund_equity_lowest": found.fund_equity_lowest,
        "uncovered": found.result.value.carried,
    }
    return {name: money(amount, asset) for name, amount in amounts.items()}


def print_rank(console: Console, document: dict[str, Any]) -> None:
    """Print a ranking: what is safest first; bars compare with the rules as they are."""
    contract, request = document["contract"], document["request"]
    title = (
        f"{contract['venue']} {contract['symbol']}: which rule would change it? {request['gap']} over {request['over']}"
    )
    console.print(Text(title, "bold"))
    console.print(Text(sentence(document)))
    _print_rows(console, "One rule at a time", [document["as_it_is"], *document["single"]])
    if document["pairs"]:
        _print_rows(console, "The strongest in pairs", document["pairs"])
    for line in notes(document):
        console.print(Text(line, "dim"))


def sentence(document: dict[str, Any]) -> str:
    """Return the answer in one sentence: as it is, and what changes most."""
    rows = document["single"]
    base = document["as_it_is"]
    over = f"over the members{over_words(document)}"
    request = document["request"]
    stated = (
        f"If the price moves {request['gap']} over {request['over']} with {request['depth_left']} of depth left, as it is: ADL of "
        f"{_range(base['deleveraged'])}, {_range(base['borne_by_others'])} borne by others, {over}. "
    )
    if not rows or rows[0]["total_ppm_of_as_it_is"] is None:
        return f"{stated}Nothing that was tried changes it.{stand_in_words(document)}"
    first = rows[0]
    after = f"ADL of {_range(first['deleveraged'])}, {_range(first['borne_by_others'])} borne"
    return f'{stated}Most changes with "{first["change"]}": {after}.{stand_in_words(document)}'


def _print_rows(console: Console, title: str, rows: Sequence[dict[str, Any]]) -> None:
    unit = rows[0]["deleveraged"][0]["unit"]
    heading = Text(f"\n{title}, {unit}", "bold")
    table = Table(title=heading, title_justify="left", box=box.SIMPLE_HEAD, show_edge=False, padding=(0, 1, 0, 0))
    table.add_column("change")
    table.add_column("against as it is", no_wrap=True)
    uncovered = any(minor_units(bound) for row in rows for bound in row["uncovered"])
    for name in ("ADL", "borne by\nothers", "fund's lowest\nequity", *(("uncovered",) if uncovered else ())):
        table.add_column(name, justify="right")
    bar = BAR if console.width >= WIDE else NARROW_BAR
    for row in rows:
        names = ("deleveraged", "borne_by_others", "fund_equity_lowest", *(("uncovered",) if uncovered else ()))
        cells = [row[name] for name in names]
        table.add_row(
            row["change"], _bar(row["total_ppm_of_as_it_is"], bar), *(_range(bounds, unit=False) for bounds in cells)
        )
    console.print(table)
    if not uncovered:
        console.print(Text("uncovered: 0 in every row", "dim"))


def _bar(ppm: int | None, width: int) -> str:
    if ppm is None:
        return "-"
    full = min(2 * width, ppm * width // 1_000_000)
    return f"{'█' * full}{'' if full >= width else '░' * (width - full)} {ppm / 10_000:.0f}%"


def _range(bounds: Sequence[dict[str, str]], *, unit: bool = True) -> str:
    low, high = (human(bound, unit=unit) for bound in bounds)
    return low if low == high else f"{low} to {high}"


def notes(document: dict[str, Any]) -> list[str]:
    """Return what a reader needs beside the tables: how to read them, what is assumed, sampled and synthetic."""
    lines = [
        common_note(document),
        f"fund: {document['fund']['note']}",
        f"order: {document['order']}; ranges over members ({', '.join(document['request']['members'])}), one seed for all",
        *feedback_lines(document),
        *widths_lines(document.get("widths")),
        *document["assumed"],
        f"contradicts the rules: {', '.join(document['refused'])}" if document["refused"] else None,
        "synthetic: population, shock, makers; what changes nothing is left out",
    ]
    return [line for line in lines if line is not None]
