"""The comparison of venues by rules: one document, one table."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from rich import box
from rich.table import Table
from rich.text import Text

from shortfall import __version__
from shortfall.kernels._jit import source_digest
from shortfall.report.document import ASSUMED_BY_US, SYNTHETIC, money
from shortfall.report.found import found_notes, print_found
from shortfall.report.words import ONE_LAW, human
from shortfall.sim.compare import AS_STATED, FEEDBACK, WHO
from shortfall.units import duration_text, percent_text

if TYPE_CHECKING:
    from collections.abc import Callable

    from rich.console import Console

    from shortfall.sim.compare import Case, Comparison, VenueAnswer
    from shortfall.units import Asset

SCHEMA: Final = "shortfall.compare/1"
MILLION: Final = 1_000_000
WIDE: Final = 110  # columns of a terminal from which the table says itself what moves it most


def comparison_document(answer: Comparison) -> dict[str, Any]:
    """Return a comparison as one document. Money in the settlement asset, signed: positive is paid."""
    item, question = answer.inputs[0], answer.question
    asset = item.contract.scale.settlement
    return {
        "schema": SCHEMA,
        "version": __version__,
        "kernels": source_digest(),
        "contract": {
            "symbol": item.snapshot.symbol,
            "figures_of": item.snapshot.venue,
            "snapshot_sha256": item.snapshot.digest,
        },
        "request": {
            "gap": percent_text(question.shock.gap_ppm),
            "over": duration_text(question.shock.over_us),
            "depth_left": percent_text(question.shock.depth_left_ppm),
            "members": [member.name for member in question.members],
            "accounts": question.accounts,
            "seed": question.seed,
            "own_tiers": question.own_tiers,
            "set": list(question.changes),
            "on": None if question.day is None else question.day.isoformat(),
        },
        "fund": {"cash": money(answer.fund_cash, asset), "note": answer.fund_note},
        "venues": [
            _venue(one, asset, item.interest_lots * item.mark_ticks * item.contract.multiplier)
            for one in answer.answers
        ],
        "synthetic": list(SYNTHETIC),
        "assumed": [
            *ASSUMED_BY_US,
            "one stated capital stands behind every layer of a venue's waterfall that has cash",
        ],
    }


def _venue(one: VenueAnswer, asset: Asset, interest: int) -> dict[str, Any]:
    most = one.moves_most()
    return {
        "code": one.venue.code,
        "name": one.venue.name,
        "thin": one.venue.thin,
        "assumed_ppm": one.venue.assumed_ppm(),
        "admissible_entries": sorted({case.variation for case in one.cases} - {AS_STATED, FEEDBACK}),
        "refused_entries": list(one.refused),
        "liquidated_of_interest_ppm": _range(
            one, lambda case: case.measures.result.liquidated_notional * MILLION // interest
        ),
        "deleveraged_of_interest_ppm": _range(
            one, lambda case: case.measures.result.adl_notional * MILLION // interest
        ),
        "deficit": _money_range(one, lambda case: case.measures.result.deficit, asset),
        "paid_by": {who: _money_range(one, lambda case, who=who: case.shares[who], asset) for who in WHO},  # type: ignore[misc]
        "moves_most": None if most is None else {"entry": most[0], "by": money(most[1], asset)},
        "cases": [
            {
                "variation": case.variation,
                "member": case.member,
                "deleveraged_notional": money(case.measures.result.adl_notional, asset),
                "paid_by": {who: money(amount, asset) for who, amount in case.shares.items()},
            }
            for case in one.cases
        ],
    }


def _range(one: VenueAnswer, figure: Callable[[Case], int]) -> dict[str, list[int]]:
    return {"as_stated": list(one.spread(figure, stated=True)), "admissible": list(one.spread(figure))}


def _money_range(one: VenueAnswer, figure: Callable[[Case], int], asset: Asset) -> dict[str, list[dict[str, str]]]:
    return {name: [money(amount, asset) for amount in bounds] for name, bounds in _range(one, figure).items()}


def print_comparison(console: Console, document: dict[str, Any]) -> None:
    """Print a comparison. Ranges are over the members and over every admissible entry of what a venue does not publish."""
    request, contract = document["request"], document["contract"]
    console.print(
        Text(
            f"{contract['symbol']}, {request['gap']} over {request['over']}: who pays under each venue's rules, all else equal",
            "bold",
        )
    )
    console.print(Text(sentence(document)))
    unit = document["fund"]["cash"]["unit"]
    title = Text(f"\nBy rules alone: % of open interest, then who pays, {unit}", "bold")
    table = Table(title=title, title_justify="left", box=box.SIMPLE_HEAD, show_edge=False, padding=(0, 1, 0, 0))
    table.add_column("venue", no_wrap=True)
    for name in ("liqui-\ndated", "ADL", "fund,\nbackstop", "pool", "winners", "social-\nised", "nobody"):
        table.add_column(name, justify="right")
    wide = console.width >= WIDE
    if wide:
        table.add_column("moves it most")
    for row in document["venues"]:
        most = row["moves_most"]
        table.add_row(
            row["code"] + (" *" if row["thin"] else ""),
            _percents(row["liquidated_of_interest_ppm"]["admissible"]),
            _percents(row["deleveraged_of_interest_ppm"]["admissible"]),
            *(_amounts(row["paid_by"][who]["admissible"]) for who in WHO),
            *(("-" if most is None else most["entry"],) if wide else ()),
        )
    console.print(table)
    if not wide:
        console.print(Text(f"\nmoves it most: {_most(document)}", "dim"))
    if "as_found" in document:
        print_found(console, document["as_found"])
    for line in notes(document):
        console.print(Text(line, "dim"))


def _most(document: dict[str, Any]) -> str:
    found = [(row["code"], row["moves_most"]) for row in document["venues"] if row["moves_most"] is not None]
    return "; ".join(f"{code} {most['entry']}" for code, most in found) or "nothing that was varied"


def sentence(document: dict[str, Any]) -> str:
    """Return the answer in one sentence: who is deleveraged under which rules, and that overlapping ranges order nobody."""
    request, venues = document["request"], document["venues"]
    stated = f"If the price moves {request['gap']} over {request['over']} with {request['depth_left']} of depth left"
    bounds = {one["code"]: one["deleveraged_of_interest_ppm"]["admissible"] for one in venues}
    never = [code for code, (_, high) in bounds.items() if high == 0]
    always = [code for code, (low, _) in bounds.items() if low > 0]
    parts = [
        f"ADL in every admissible reading and population under {', '.join(always)}" if always else None,
        f"{'in none' if always else 'ADL in no admissible reading or population'} under {', '.join(never)}"
        if never
        else None,
        f"{'it' if always or never else 'ADL'} depends on the population or on what is not published under "
        + ", ".join(code for code in bounds if code not in never and code not in always)
        if len(never) + len(always) < len(bounds)
        else None,
    ]
    return f"{stated}: {'; '.join(part for part in parts if part)}. Where ranges overlap, no order follows."


def notes(document: dict[str, Any]) -> list[str]:
    """Return what a reader needs beside the tables: how to read them, what is assumed, sampled and synthetic."""
    request, figures = document["request"], document["contract"]["figures_of"]
    members = ", ".join(request["members"])
    capital = human(document["fund"]["cash"])
    ranges = (
        "ranges: over members, feedback of forced flow off and on, and every admissible entry of rules that the venue does not publish "
        "(one at a time); "
        "no ranking follows where ranges overlap"
    )
    common = "tiers: the common contract's (--own-tiers for each venue's own)"
    return [
        f"same contract (figures of {figures}), population ({members}), depth and fund: {capital}",
        f"fund: {document['fund']['note']}",
        ranges,
        ONE_LAW,
        "tiers: each venue's own where known" if request["own_tiers"] else common,
        "positive: paid; negative: received. Synthetic: population, shock, makers. * outline only",
        *(found_notes(document["as_found"]) if "as_found" in document else ()),
    ]


def _percents(bounds: list[int]) -> str:
    low, high = (f"{ppm / 10_000:.2f}" for ppm in bounds)
    return low if low == high else f"{low} to {high}"


def _amounts(bounds: list[dict[str, str]]) -> str:
    low, high = (human(amount, unit=False) for amount in bounds)
    return low if low == high else f"{low} to {high}"
