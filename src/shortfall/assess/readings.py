"""What an assessment says: the ranges behind its sentence, which input moves them most, who pays, what the simulation leaves out."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from shortfall.assess.laboratory import Findings, Run
    from shortfall.engine.results import ValueBook
    from shortfall.rules.venue import Venue

FACTORS: Final = (
    "population",
    "path after the shock",
    "depth beyond the recorded, or feedback of forced flow",
    "size of the fund",
)
ON_CHAIN: Final = ("on-chain order book", "liquidity pool", "hybrid")
CHAIN_RISKS: Final = {
    "oracle": "a feed that stops, lags or is pushed beyond the wick tests; who may publish to it",
    "contract": "an error of the contracts, an upgrade, a key that can change them",
    "governance": "a vote that changes tiers, fund or settlement, before or after an event",
    "bridge": "collateral that came over a bridge and cannot go back over it",
    "sequencer": "a chain or sequencer that stops, reorders or delays liquidations and deposits",
}
VENUE_RISKS: Final = {
    "oracle": "sources of the index that fail together beyond the wick tests",
    "custody": "the venue's own solvency, and where collateral and fund are held",
    "discretion": "rules changed, trades rolled back, money put into a fund or taken out of it, by decision",
    "operations": "an outage of one part only: orders refused while liquidations go on, or the other way round",
}


@dataclass(frozen=True, slots=True)
class Payer:
    """One kind of payer, with the lowest and highest that it paid at mark, in settlement units; negative is received."""

    name: str
    who: str
    low: int
    high: int


PAYERS: Final[dict[str, tuple[str, Callable[[Run], int]]]] = {
    "reserve": (
        "fund, pool and backstop, at the lowest: cash paid out and what positions taken over then lose at mark",
        lambda run: run.fund_cash - run.measures.fund_equity_lowest,
    ),
    "winners": (
        "opposite positions closed by ADL, against mark at that instant",
        lambda run: run.measures.result.value.adl_transfer + run.measures.result.value.handed_on,
    ),
    "liquidity providers": (
        "a liquidity pool that is the counterparty",
        lambda run: run.measures.result.value.liquidity,
    ),
    "everybody": ("losses shared by a rule", lambda run: run.measures.result.value.socialised),
    "nobody": (
        "claims that nothing covers, and clips that still wait",
        lambda run: _uncovered(run.measures.result.value),
    ),
}


def _uncovered(book: ValueBook) -> int:
    return book.carried + book.clearing_result + book.pending


def who_pays(runs: Sequence[Run]) -> tuple[Payer, ...]:
    """Return who paid at mark in the runs of the stated shock, by kind, as ranges."""
    found = []
    for name, (who, pick) in PAYERS.items():
        paid = [pick(run) for run in runs]
        found.append(Payer(name, who, min(paid), max(paid)))
    return tuple(found)


def first_payer(payers: Sequence[Payer]) -> str:
    """Return in words who pays most in the worst model: the payer with the largest upper end, or nobody where none pays."""
    most = max(payers, key=lambda one: one.high)
    return most.name if most.high > 0 else "no layer: margins cover every close in every model"


def moves_most(runs: Sequence[Run]) -> str:
    """Return the input that moves what is deleveraged most: the factor with the widest range, the others held, on average.

    What is liquidated stands in where nobody is deleveraged in any run.
    """
    picks: tuple[Callable[[Run], int], ...] = (
        lambda run: run.measures.result.adl_notional,
        lambda run: run.measures.result.liquidated_notional,
    )
    for pick in picks:
        if any(pick(run) for run in runs):
            widths = {factor: _width(runs, k, pick) for k, factor in enumerate(FACTORS)}
            return max(widths, key=lambda factor: widths[factor])
    return "nothing: nobody is liquidated in any run"


def _width(runs: Sequence[Run], factor: int, pick: Callable[[Run], int]) -> float:
    """Return the mean range of a figure over one factor with all others held."""
    groups: dict[tuple[object, ...], list[int]] = {}
    for run in runs:
        names = (run.member, run.after, run.law, run.fund_cash)
        groups.setdefault(names[:factor] + names[factor + 1 :], []).append(pick(run))
    return sum(max(values) - min(values) for values in groups.values()) / len(groups)


def not_simulated(venue: Venue) -> dict[str, str]:
    """Return the risks that no run here covers, by name."""
    return dict(CHAIN_RISKS if venue.kind in ON_CHAIN else VENUE_RISKS)


@dataclass(frozen=True, slots=True)
class Headline:
    """Ranges over all runs of the stated shock, in settlement units; shares are of open interest."""

    runs: int
    liquidated: tuple[int, int]
    deleveraged: tuple[int, int]
    fund_loss: tuple[int, int] | None
    negative: tuple[int, int]
    moves_most: str


def headline(lab: Findings) -> Headline:
    """Return the ranges that the sentence states; what a swept fund loses is left out."""

    def ends(pick: Callable[[Run], int]) -> tuple[int, int]:
        found = [pick(run) for run in lab.stated]
        return min(found), max(found)

    loss = ends(lambda run: run.fund_cash - run.measures.fund_equity_lowest)
    return Headline(
        len(lab.stated),
        ends(lambda run: run.measures.result.liquidated_notional),
        ends(lambda run: run.measures.result.adl_notional),
        None if lab.fund_cash is None else loss,
        ends(lambda run: run.measures.result.deficit),
        moves_most(lab.stated),
    )
