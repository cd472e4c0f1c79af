"""Contracts as they were found: part of a comparison's document, and its table."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from rich import box
from rich.table import Table
from rich.text import Text

from shortfall.sim.as_found import APART_DAYS, cut_ppm

if TYPE_CHECKING:
    from collections.abc import Callable

    from rich.console import Console

    from shortfall.sim.as_found import AsFound, Bound, FoundAnswer, FoundCase

MILLION: Final = 1_000_000


def found_document(answer: AsFound) -> dict[str, Any]:
    """Return what was found as a part of the document. Shares in ppm of the contract's own open interest."""
    return {
        "contracts": [_contract(one) for one in answer.answers],
        "inputs_days_apart": answer.days_apart,
        "lower_for_every_population": [list(pair) for pair in answer.lower],
    }


def _contract(one: FoundAnswer) -> dict[str, Any]:
    def shares(figure: Callable[[FoundCase], int]) -> list[int]:
        return list(one.spread(lambda case: figure(case) * MILLION // case.interest))

    return {
        "name": one.found.name,
        "own_tiers": one.found.own_tiers,
        "own_book": one.found.profile is not None,
        "inputs": [_bound(bound) for bound in one.found.bounds],
        "liquidated_of_interest_ppm": shares(lambda case: case.measures.result.liquidated_notional),
        "deleveraged_of_interest_ppm": list(one.spread(cut_ppm)),
        "deficit_of_interest_ppm": shares(lambda case: case.measures.result.deficit),
        "beyond_recorded_depth_of_interest_ppm": shares(lambda case: case.measures.result.extrapolated_notional),
        "cases": [
            {
                "inputs": case.inputs,
                "member": case.member,
                "feedback": case.feedback,
                "deleveraged_of_interest_ppm": cut_ppm(case),
            }
            for case in one.cases
        ],
    }


def _bound(bound: Bound) -> dict[str, Any]:
    return {
        "name": bound.name,
        "low": f"{bound.low:.4f}",
        "high": f"{bound.high:.4f}",
        "unit": "multiple of the profile" if bound.name == "depth" else "quote asset",
        "known": bound.known,
        "source": bound.source,
        "as_of": None if bound.as_of is None else bound.as_of.isoformat(),
    }


def print_found(console: Console, found: dict[str, Any]) -> None:
    """Print the second table: every contract with its own inputs; never a ranking."""
    table = Table(
        title=Text(
            "\nAs found: own open interest (OI) and fund in millions, depth and tiers; shares in % of OI", "bold"
        ),
        title_justify="left",
        box=box.SIMPLE_HEAD,
        show_edge=False,
        padding=(0, 1, 0, 0),
    )
    table.add_column("contract", no_wrap=True)
    for title in ("OI", "fund", "depth", "liqui-\ndated", "ADL", "deficit"):
        table.add_column(title, justify="right")
    for one in found["contracts"]:
        inputs = {bound["name"]: bound for bound in one["inputs"]}
        table.add_row(
            one["name"],
            _millions(inputs["open interest"]),
            _millions(inputs["fund"]),
            "own" if one["own_book"] else "unknown",
            *(_percents(one[f"{name}_of_interest_ppm"]) for name in ("liquidated", "deleveraged", "deficit")),
        )
    console.print(table)


UNPUBLISHED: Final = (
    "? marks an input that the venue does not publish or that is not recorded here: it is run at the values that are worst and best "
    "for the user, so it widens the range"
)


def found_notes(found: dict[str, Any]) -> list[str]:
    """Return what a reader needs beside the second table."""
    apart = found["inputs_days_apart"]
    pairs = [f"{one} below {other}" for one, other in found["lower_for_every_population"]]
    return [
        f"as found: the inputs are up to {apart} days apart and do not describe one moment"
        if apart is not None and apart > APART_DAYS
        else f"as found: inputs at most {apart} days apart"
        if apart is not None
        else "as found: too few dated inputs to say how far apart they are",
        UNPUBLISHED,
        f"ADL share: ranges do not overlap in any admitted population for: {'; '.join(pairs)}"
        if pairs
        else "ADL share: no two contracts are apart in every admitted population, so no order follows",
    ]


def _millions(bound: dict[str, Any]) -> str:
    low, high = (f"{float(bound[end]) / MILLION:,.0f}" for end in ("low", "high"))
    return (low if low == high else f"{low} to {high}") + ("" if bound["known"] else " ?")


def _percents(bounds: list[int]) -> str:
    low, high = (f"{ppm / 10_000:.1f}" for ppm in bounds)
    return low if low == high else f"{low} to {high}"
