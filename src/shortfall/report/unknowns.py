"""Unknown inputs and what they widen: one document, and tables with bars."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from rich import box
from rich.table import Table
from rich.text import Text

from shortfall import __version__
from shortfall.kernels._jit import source_digest
from shortfall.report.document import contract_of, evidence, money, shock_request
from shortfall.report.words import ONE_MODEL, common_note, human, minor_units

if TYPE_CHECKING:
    from collections.abc import Sequence

    from rich.console import Console

    from shortfall.assess.unknowns import UnknownInput, Widened
    from shortfall.sim.stress import Request

SCHEMA: Final = "shortfall.unknowns/1"
BAR: Final = 16
DELEVERAGED: Final = "deleveraged"
BORNE: Final = "borne by others"


def unknowns_document(answer: Widened, request: Request) -> dict[str, Any]:
    """Return what unknown inputs widen as one document."""
    asset = answer.item.contract.scale.settlement

    def ranged(bounds: tuple[int, int]) -> list[dict[str, str]]:
        return [money(bound, asset) for bound in bounds]

    return {
        "schema": SCHEMA,
        "version": __version__,
        "kernels": source_digest(),
        "contract": contract_of(answer.item),
        "request": shock_request(request),
        "stated": {name: ranged(bounds) for name, bounds in answer.stated.items()},
        "widened": {name: ranged(bounds) for name, bounds in answer.widened.items()},
        "inputs": [_input(one, answer) for one in answer.inputs],
        "moved": [
            {"input": one.name, "worst": one.worst, "best": one.best, "moves": money(one.by, asset)}
            for one in answer.moved
        ],
        "refused": list(answer.refused),
        "runs": answer.runs,
        "order": "largest change of deleveraged notional plus what others than the trader bear in one run, everything else equal",
        "assumed": [
            "an unknown fund lies between nothing and the stated upper bound; an unknown book between a tenth and all of the common one",
            "at most one assumed rule differs from its stated entry in a run: all combinations would span at least this range",
        ],
        "evidence": evidence((answer.item,)),
    }


def _input(one: UnknownInput, answer: Widened) -> dict[str, Any]:
    return {
        "input": one.name,
        "kind": one.kind,
        "why": one.why,
        "used": one.used,
        "others": list(one.others),
        "run": one.name in answer.run,
    }


def sentence(document: dict[str, Any]) -> str:
    """Return the answer in one sentence: with inputs as stated, with every unknown one at its admissible values, what moves it most."""
    request, stated, wide = document["request"], document["stated"], document["widened"]
    told = (
        f"{request['gap']} over {request['over']}: with rules as stated ADL of {told_range(stated[DELEVERAGED])} and "
        f"{told_range(stated[BORNE])} borne by others; with every unknown input at its admissible values "
        f"{told_range(wide[DELEVERAGED])} and {told_range(wide[BORNE])}."
    )
    moved = [one for one in document["moved"] if minor_units(one["moves"])]
    if not moved:
        return f"{told} No unknown input moves it."
    first = moved[0]
    return f"{told} It moves most with {first['input']}: {grouped(first['worst'])} is worst for users, {grouped(first['best'])} best."


def grouped(entry: str) -> str:
    """Return an entry of an input for a reader: a whole amount with its digits in groups, everything else as it is."""
    return f"{int(entry):,}" if entry.isdigit() else entry


def told_range(bounds: Sequence[dict[str, str]]) -> str:
    """Return a range of amounts for a reader."""
    low, high = (human(bound) for bound in bounds)
    return low if low == high else f"{low} to {high}"


def notes(document: dict[str, Any]) -> list[str]:
    """Return what a reader needs beside the tables."""
    idle = [one["input"] for one in document["inputs"] if not one["run"]]
    lines = [
        common_note(document),
        ONE_MODEL,
        f"order: {document['order']}",
        (
            f"ranges over members ({', '.join(document['request']['members'])}) and after-shock paths, {document['runs']} runs, one seed: "
            "no sampling interval"
        ),
        *document["assumed"],
        f"assumed or unknown with no other admissible value stated, not run: {', '.join(idle)}" if idle else None,
        f"contradicts the rules: {', '.join(document['refused'])}" if document["refused"] else None,
        "synthetic: population, shock, makers",
    ]
    return [line for line in lines if line is not None]


def print_unknowns(console: Console, document: dict[str, Any]) -> None:
    """Print the ranges as stated and widened, then what each input moves; bars are parts of the widest range."""
    contract = document["contract"]
    console.print(Text(f"{contract['venue']} {contract['symbol']}: what unknown inputs do to the answer", "bold"))
    console.print(Text(sentence(document)))
    table = _table("Ranges", ("figure", "inputs as stated", "every admissible value"))
    for name, bounds in document["stated"].items():
        table.add_row(name, told_range(bounds), told_range(document["widened"][name]))
    console.print(table)
    known = {one["input"]: one for one in document["inputs"]}
    most = max((minor_units(one["moves"]) for one in document["moved"]), default=0)
    table = _table("Unknown inputs", ("input", "worst for users", "best", "moves", "ADL + borne by others"))
    for one in document["moved"]:
        size = minor_units(one["moves"])
        table.add_row(
            one["input"],
            grouped(one["worst"]) if size else "moves nothing here",
            grouped(one["best"]) if size else "",
            "█" * (size * BAR // most if most else 0),
            f"up to {human(one['moves'])}" if size else "",
        )
    console.print(table)
    console.print(Text("Why they are unknown", "bold"))
    for one in document["moved"]:
        console.print(Text(f"{one['input']}: {known[one['input']]['why']}", "dim"))
    console.print()
    for line in notes(document):
        console.print(Text(line, "dim"))


def _table(title: str, columns: tuple[str, ...]) -> Table:
    table = Table(title=Text(f"\n{title}", "bold"), title_justify="left", box=box.SIMPLE_HEAD, pad_edge=False)
    for k, column in enumerate(columns):
        table.add_column(column, overflow="fold", no_wrap=k == 0)
    return table
