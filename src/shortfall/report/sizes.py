"""The fund that a named set of scenarios needs, as one document and as a table with bars."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from rich import box
from rich.table import Table
from rich.text import Text

from shortfall import __version__
from shortfall.data.worst_moves import CLASSES_REASON, SOURCE, WITHOUT_MARK
from shortfall.kernels._jit import source_digest
from shortfall.report.document import contract_of, evidence, money
from shortfall.report.feedbacks import feedback_lines, feedbacks_of_request, over_words
from shortfall.report.sizetails import print_tails, tail_part
from shortfall.report.widths import widths_lines, widths_part
from shortfall.report.words import common_note, human
from shortfall.sim.feedbacks import feedbacks_of, parts_of
from shortfall.sim.size import FED_BACK
from shortfall.sim.stress import fund_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from rich.console import Console

    from shortfall.sim.liquidity import Feedback
    from shortfall.sim.size import Need, SizeAnswer
    from shortfall.units import Asset

SCHEMA: Final = "shortfall.size/1"
BAR: Final = 12
COVER_REASON: Final = (
    "which accounts are the largest is known from a user's own accounts only (--state); this population is synthetic"
)


def size_document(answer: SizeAnswer) -> dict[str, Any]:
    """Return an answer as one document. Ranges are over members of the population family and feedback."""
    own, request = answer.inputs[0], answer.request
    asset = own.contract.scale.settlement
    known, note = fund_of(own.snapshot)
    scale = own.contract.scale
    return {
        "schema": SCHEMA,
        "version": __version__,
        "kernels": source_digest(),
        "contract": contract_of(own),
        "class": answer.group,
        "pool": [{"symbol": item.contract.symbol, "beta": round(item.beta, 4)} for item in answer.inputs],
        "request": {
            "members": [member.name for member in request.members],
            "accounts": request.accounts,
            "seed": request.seed,
            "alone": request.alone,
            "set": list(request.changes),
            "on": None if request.day is None else request.day.isoformat(),
        },
        **feedbacks_of_request(request),
        "feedback_run": feedback_run(feedbacks_of(request)),
        "own": request.state is not None,
        "worst": answer.worst,
        "needed": _range(answer, answer.worst, asset),
        "scenarios": [
            {
                "name": one.name,
                "meaning": one.meaning,
                "kind": one.kind,
                "move_ppm": one.shock.gap_ppm,
                "needed": _range(answer, one.name, asset),
                "members": {need.member: _need(need, asset) for need in answer.of(one.name)},
                "feedbacks": list(dict.fromkeys(parts_of(need.member)[1] for need in answer.of(one.name))),
            }
            for one in answer.scenarios
        ],
        "largest_tried": money(answer.largest_tried, asset),
        "largest_accounts": [f"{lots * scale.lot_size:f} {own.snapshot.base_asset}" for lots in answer.largest_lots],
        "cover": _cover(answer, asset),
        "tail": tail_part(answer, asset),
        "widths": None
        if answer.widths is None
        else widths_part(answer.widths, "the need in the worst scenario", lambda value: human(money(value, asset))),
        "recorded_fund": {
            "cash": None if known is None else money(int(known.scaleb(asset.exponent)), asset),
            "note": note,
        },
        "worst_moves": {"source": SOURCE, "without_mark": WITHOUT_MARK, "classes": CLASSES_REASON},
        "evidence": evidence(answer.inputs),
    }


def _range(answer: SizeAnswer, scenario: str, asset: Asset) -> list[dict[str, str] | None]:
    return [None if cash is None else money(cash, asset) for cash in answer.range_of(scenario)]


def _cover(answer: SizeAnswer, asset: Asset) -> dict[str, Any]:
    """Return what the largest deficits of single accounts come to, by scenario; unknown for synthetic accounts."""
    if answer.request.state is None:
        return {"cover_1": "unknown", "cover_2": "unknown", "reason": COVER_REASON, "scenarios": []}
    rows = []
    for name, found in answer.covers.items():
        known = found.deficits is not None
        sums = [found.loss(count) or 0 for count in range(1, answer.cover + 1)] if known else []
        rows.append({
            "name": name,
            **({f"cover_{k}": money(loss, asset) for k, loss in enumerate(sums, start=1)} if known else {"reason": found.reason}),
        })  # fmt: skip
    named = [f"cover_{k}" for k in range(1, answer.cover + 1)]
    return {**{name: _most(rows, name) for name in named}, "reason": "", "scenarios": rows}


def _most(rows: Sequence[dict[str, Any]], name: str) -> dict[str, str] | str:
    """Return the largest cover over the scenarios in which it is known."""
    return max((row[name] for row in rows if name in row), key=lambda cash: float(cash["amount"]), default="unknown")


def _need(need: Need, asset: Asset) -> dict[str, Any]:
    member, feedback = parts_of(need.member)
    return {
        "member": member,
        "feedback": feedback,
        "fund": None if need.fund_cash is None else money(need.fund_cash, asset),
        "lost_at_lowest": money(need.lost, asset),
        "monotone": need.monotone,
        "tried": [
            {"fund": money(one.fund_cash, asset), "enough": one.enough, "lost_at_lowest": money(one.lost, asset)}
            for one in need.tried
        ],
    }


def feedback_run(found: Sequence[Feedback]) -> str:
    """Say which scenarios are run under which feedback."""
    first, others = found[0].name, [one.name for one in found[1:]]
    if not others:
        return f"every scenario, the tail and the sampling are run with feedback {first}"
    return (
        f"every scenario, the tail and the sampling are run with feedback {first}; the {FED_BACK} scenarios of the set that need most "
        f"then are run with feedback {' and '.join(others)} too, and the range of each is over what was run"
    )


def print_size(console: Console, document: dict[str, Any]) -> None:
    """Print the sentence, one row a scenario with a bar of its highest need, and what is assumed."""
    contract = document["contract"]
    console.print(Text(f"{contract['venue']} {contract['symbol']}: how large a fund does a named set need?", "bold"))
    console.print(Text(sentence(document)))
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    table.add_column("scenario", no_wrap=True)
    table.add_column("move", justify="right")
    table.add_column("highest need", no_wrap=True)
    unit = document["largest_tried"]["unit"]
    for name in (f"fund needed\n{unit}", f"lost of it\n{unit}"):
        table.add_column(name, justify="right")
    top = max((_amount(row["needed"][1], document) for row in document["scenarios"]), default=0.0)
    for row in document["scenarios"]:
        full = round(BAR * _amount(row["needed"][1], document) / top) if top else 0
        table.add_row(
            row["name"].removesuffix("+largest"),
            f"{row['move_ppm'] / 10_000:+.1f}%",
            f"{'█' * full}{'░' * (BAR - full)}",
            _words(row["needed"], document, unit=False),
            _words(_lost(row), document, unit=False),
        )
    console.print(table)
    print_tails(console, document)
    for line in notes(document):
        console.print(Text(line, "dim"))


def _amount(cash: dict[str, str] | None, document: dict[str, Any]) -> float:
    return float((document["largest_tried"] if cash is None else cash)["amount"])


def _lost(row: dict[str, Any]) -> list[dict[str, str]]:
    lost = sorted((one["lost_at_lowest"] for one in row["members"].values()), key=lambda cash: float(cash["amount"]))
    return [lost[0], lost[-1]]


def _words(bounds: Sequence[dict[str, str] | None], document: dict[str, Any], *, unit: bool = True) -> str:
    more = f"more than {human(document['largest_tried'], unit=unit)}"
    low, high = (more if cash is None else human(cash, unit=unit) for cash in bounds)
    return low if low == high else f"{low} to {high}"


def sentence(document: dict[str, Any]) -> str:
    """Return the answer in one sentence: the worst scenario and the fund that it needs, over populations."""
    worst = next(row for row in document["scenarios"] if row["name"] == document["worst"])
    count = len(document["request"]["members"])
    pool = ", ".join(row["symbol"] for row in document["pool"])
    populations = "your own accounts" if document["own"] else f"{count} synthetic population{'' if count == 1 else 's'}"
    suffices = f"a fund of {_words(document['needed'], document)} is needed"
    if document["needed"][0] is None:
        suffices = f"no fund up to {human(document['largest_tried'])} is enough (a rule other than its size may decide)"
    return (
        f"The worst of {len(document['scenarios'])} named scenarios is {worst['name']} ({worst['meaning']}): there {suffices} "
        f"so that nobody is deleveraged and nothing is uncovered in {pool}, and {_words(_lost(worst), document)} of it is lost "
        f"at the lowest; the range is over {populations}{over_words(document)}."
    )


def _cover_words(cover: dict[str, Any]) -> str:
    if cover["reason"]:
        return f"cover-1, cover-2: {cover['cover_1']} ({cover['reason']})"
    known = [name for name in cover if name.startswith("cover_")]
    words = (
        f"{name.replace('_', '-')}: {human(cover[name]) if isinstance(cover[name], dict) else cover[name]}"
        for name in known
    )
    return f"deficits of your own accounts, the worst scenario of each: {', '.join(words)}"


def notes(document: dict[str, Any]) -> list[str]:
    """Return what a reader needs beside the tables."""
    recorded, moves = document["recorded_fund"], document["worst_moves"]
    bumpy = [
        row["name"] for row in document["scenarios"] if not all(one["monotone"] for one in row["members"].values())
    ]
    standing = document["largest_accounts"]
    lines = [
        common_note(document),
        f"recorded fund: {human(recorded['cash'])} ({recorded['note']})"
        if recorded["cash"]
        else f"recorded fund: {recorded['note']}",
        "enough: nobody deleveraged, nothing socialised or uncovered, the fund's equity at mark never negative",
        "needed: the smallest size from which on every larger one of the grid suffices, its cell split to an eighty-first",
        "needed beyond what is lost: a capacity rule ties what the fund may hold to its size",
        "a smaller fund suffices as well, but not every larger one, in: " + ", ".join(bumpy) if bumpy else None,
        f"largest accounts: a long and a short of {', '.join(standing) or 'none'} stand 0.5 % of notional above maintenance (assumed)",
        f"sizes of moves: {moves['source']}; {moves['without_mark']}",
        f"classes: {moves['classes']}",
        "1 h moves run in ten minutes (assumed), 4 h moves in four hours, with 10 % of depth left; the price then holds",
        document.get("feedback_run"),
        *feedback_lines(document),
        *widths_lines(document.get("widths")),
        _cover_words(document["cover"]),
        "synthetic: population, shocks, makers; a recorded mark contains part of its own cascade, so that moves err on the large side",
    ]
    return [line for line in lines if line is not None]
