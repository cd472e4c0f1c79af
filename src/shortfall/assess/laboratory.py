"""Every run that an assessment needs: the stated shock over populations and depth laws, wicks, gaps, the pool, positions, the cause.

All of it is the engine on synthetic populations. A fund that nobody knows is run at several sizes, from none to twice open interest,
so that not knowing it widens every range.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from decimal import Decimal
from typing import TYPE_CHECKING, Final

import numpy as np

from shortfall.assess.cause import NONE, Situation, find_cause
from shortfall.assess.metrics.fund import AT_PAR
from shortfall.engine.bulk import trigger_prices
from shortfall.kernels import layout as at
from shortfall.sim.findgap import Search, cells_of
from shortfall.sim.liquidity import LEVELS, MAKERS, OFF, ON, ladder_from
from shortfall.sim.market import build
from shortfall.sim.measures import Measures, measure
from shortfall.sim.paths import SECOND_US, After, Shock, usual_afters
from shortfall.sim.run import Scenario, run_all
from shortfall.sim.sampling import mean_interval
from shortfall.sim.scenarios import CATALOGUE
from shortfall.sim.stress import fund_of, paths_for

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from numpy.typing import NDArray

    from shortfall.assess.cause import Cause
    from shortfall.assess.subject import Subject
    from shortfall.sim.market import Laboratory, MarketInput
    from shortfall.sim.scenarios import PriceScenario
    from shortfall.sim.stress import Request

MILLION: Final = 1_000_000
LAWS: Final = ("extrapolated", "observed only", "extrapolated with feedback of forced flow")
MODELS: Final = ((LAWS[0], OFF), (LAWS[1], OFF), (LAWS[2], ON))  # the last one is run with every shock, too
SWEPT_PPM: Final = (0, 10_000, 100_000, 2_000_000)  # of open interest, where nobody knows the fund
NEAR_PPM: Final = 100_000
SEEDS: Final = 5
OTHER_GAPS_PPM: Final = (-100_000, -400_000, 200_000)
GRID_PPM: Final = (20_000, 50_000, 100_000, 150_000, 200_000, 250_000, 300_000, 400_000, 500_000, 600_000)
WICKS: Final = ("source-wick-crash", "source-wick-pump", "venue-wick-crash", "venue-wick-pump")
HARDER: Final = Shock(-400_000, SECOND_US, depth_left_ppm=100_000)
RUN: Final = "run"


@dataclass(frozen=True, slots=True)
class Run:
    """One run of a stated shock: its name, the member, the path after it, the depth law, the fund at the start, what came out."""

    name: str
    shock: str
    member: str
    after: str
    law: str
    fund_cash: int
    measures: Measures


@dataclass(frozen=True, slots=True)
class Wick:
    """One wick with its twin: accounts liquidated with it and without it, of how many."""

    scenario: str
    member: str
    wicked: int
    calm: int
    accounts: int


@dataclass(frozen=True, slots=True)
class Near:
    """Lots of each side whose liquidation price is within a stated distance from mark."""

    member: str
    long_lots: int
    short_lots: int


@dataclass(frozen=True, slots=True)
class Findings:
    """Everything that was run.

    Parameters
    ----------
    fund_cash : int or None
        Cash that counts, in settlement units; None where it is unknown and was swept.
    funds : tuple of int
        The sizes it was run at.
    stated, others : tuple of Run
        The stated shock; other sizes of it, under hold.
    fund_left : tuple of int
        Lowest equity of the fund with the pool's other members in the shock and this contract still; empty where there are none.
    gaps : dict
        (question, direction) to the first gap in ppm of the grid for each model; None for none.
    cause, harder_cause : Cause
        In the stated shock; and in a harder one where nothing is negative in it, else None.
    sampling : str
        What other seeds would change, in words.
    """

    request: Request
    item: MarketInput
    fund_cash: int | None
    fund_note: str
    funds: tuple[int, ...]
    stated: tuple[Run, ...]
    others: tuple[Run, ...]
    near: tuple[Near, ...]
    wicks: tuple[Wick, ...]
    fund_left: tuple[int, ...]
    gaps: dict[tuple[str, int], tuple[int | None, ...]]
    cause: Cause
    harder_cause: Cause | None
    sampling: str

    @property
    def runs(self) -> tuple[Run, ...]:
        """Return every run of a stated shock."""
        return self.stated + self.others


def run_laboratory(
    subject: Subject, request: Request, progress: Callable[[str], None] = lambda _: None
) -> Findings | None:
    """Run everything; None where nothing can be built."""
    item = subject.item
    if item is None:
        return None
    interest = item.interest_lots * item.mark_ticks * item.contract.multiplier
    cash, note = fund_in_runs(subject, request)
    funds = (cash,) if cash is not None else tuple(interest * ppm // MILLION for ppm in SWEPT_PPM)
    stated: list[Run] = []
    others: list[Run] = []
    near: list[Near] = []
    wicks: list[Wick] = []
    labs: dict[str, Laboratory] = {}
    for member in request.members:
        progress(f"population {member.name}")
        lab = build((item,), member, request.accounts, request.seed)
        labs[member.name] = lab
        near.append(near_liquidation(lab, member.name))
        stated += _stated(lab, request, member.name, funds)
        others += _others(lab, request, member.name, funds)
        wicks += _wicks(lab, member.name, funds[-1])
    progress("pool")
    left = _fund_left(subject.pool, request, funds)
    progress("gaps")
    gaps = _gaps(labs, request, funds)
    progress("cause")
    situation = Situation(
        item, request.shock, funds[0] if cash is not None else funds[1], request.accounts, request.seed
    )
    cause = find_cause(situation, request.members)
    harder = find_cause(replace(situation, shock=HARDER), request.members) if cause.name == NONE else None
    progress("seeds")
    spread = sampling(item, request, funds[0])
    return Findings(
        request, item, cash, note, funds, tuple(stated), tuple(others), tuple(near), tuple(wicks), left, gaps, cause, harder, spread
    )  # fmt: skip


def fund_in_runs(subject: Subject, request: Request) -> tuple[int | None, str]:
    """Return (cash of the fund at the start in settlement units, how it was counted); None where it is unknown and has to be swept.

    Where the laboratory stands on another contract's depth and prices, only the venue's own figure counts: another venue's fund is not
    this one's.
    """
    item, figures = subject.item, subject.figures
    if item is None:
        return None, subject.no_lab
    exponent = item.contract.scale.settlement.exponent
    if request.fund is not None:
        return int(request.fund.scaleb(exponent)), "given by the user"
    if not (item.is_common or subject.history):
        known, note = fund_of(item.snapshot)
        return None if known is None else int(known.scaleb(exponent)), note
    for name in ("fund_balance", "backstop_balance"):
        figure = figures.get(name)
        if figure.known and figures.settlement_asset in AT_PAR:
            note = f"{name} of {figures.venue}, {figure.number():,f} {figures.settlement_asset}, counted at par ({figure.source})"
            return int(figure.number().scaleb(exponent)), note
    reason = figures.get("fund_balance").note or "it is kept in another asset than the laboratory's"
    return None, f"unknown: {reason}"


def sampling(item: MarketInput, request: Request, cash: int) -> str:
    """Say how far other seeds move what is deleveraged, for the member whose draws differ most: an interval of the mean."""
    widest, told = -1.0, ""
    interest = item.interest_lots
    for member in request.members:
        cut = []
        for seed in range(request.seed, request.seed + SEEDS):
            lab = build((item,), member, request.accounts, seed)
            scenario = Scenario(paths_for(lab, request.shock, After("hold")), request.shock.mode, cash)
            cut.append(run_all(lab, [scenario])[0].results[0].adl_lots / interest)
        found = mean_interval(cut)
        if found.high - found.low > widest:
            widest = found.high - found.low
            told = f"{member.name} {max(0.0, found.low):.1%} to {found.high:.1%}"
    return (
        f"over {SEEDS} seeds the mean share of open interest closed by ADL lies, in 95 % of such draws, within: {told}"
    )


def observed_ladder(lab: Laboratory) -> NDArray[np.int64]:
    """Return the makers' ladder without anything beyond the recorded distance."""
    rows = lab.ladder.reshape(-1, 3).copy()
    for k, item in enumerate(lab.inputs):
        mine = rows[k * LEVELS : (k + 1) * LEVELS]
        seen = ladder_from(item.snapshot.depth.known(), item.contract).observed_ppm
        mine[mine[:, 0] > seen, 1:] = 0
    return rows.reshape(lab.ladder.shape)


def _stated(lab: Laboratory, request: Request, member: str, funds: Sequence[int]) -> list[Run]:
    afters = request.afters or usual_afters(request.shock.gap_ppm)
    found = []
    for law, feedback in MODELS:
        used = lab if law != LAWS[1] else replace(lab, ladder=observed_ladder(lab))
        cases = [(after, cash) for after in afters for cash in funds]
        scenarios = [
            Scenario(paths_for(used, request.shock, after), request.shock.mode, cash, feedback) for after, cash in cases
        ]
        outcomes = run_all(used, scenarios, threads=request.threads)
        for (after, cash), outcome in zip(cases, outcomes, strict=True):
            name = f"{RUN} {member}, {after.name}, {law}" + (f", fund {cash}" if len(funds) > 1 else "")
            found.append(Run(name, request.shock.name, member, after.name, law, cash, measure(used, outcome)))
    return found


def _others(lab: Laboratory, request: Request, member: str, funds: Sequence[int]) -> list[Run]:
    """Run other sizes of the shock, and the harder one that happens within a second, all under hold."""
    same = [replace(request.shock, gap_ppm=gap) for gap in OTHER_GAPS_PPM if gap != request.shock.gap_ppm]
    found = []
    for shocks in (same, [HARDER]):  # runs of one batch have equally many steps
        cases = [(shock, cash, model) for model in (MODELS[0], MODELS[-1]) for shock in shocks for cash in funds]
        scenarios = [
            Scenario(paths_for(lab, shock, After("hold")), shock.mode, cash, feedback)
            for shock, cash, (_, feedback) in cases
        ]
        for (shock, cash, (law, _)), outcome in zip(
            cases, run_all(lab, scenarios, threads=request.threads), strict=True
        ):
            name = f"{RUN} {member}, {shock.name}, {law}" + (f", fund {cash}" if len(funds) > 1 else "")
            found.append(Run(name, shock.name, member, "hold", law, cash, measure(lab, outcome)))
    return found


def near_liquidation(lab: Laboratory, member: str) -> Near:
    """Return the lots of each side that are within `NEAR_PPM` of their liquidation price, from the engine's own triggers."""
    state, mark = lab.exchange.state, lab.inputs[0].mark_ticks
    first = lab.first_maker + MAKERS
    count = int(state.header[at.H_ACCOUNTS]) - first
    triggers = trigger_prices(lab.exchange, first, count)
    rows = np.asarray(state.accounts).reshape(-1, 8)[first : first + count, at.A_POSITION]
    lots = np.asarray(state.positions).reshape(-1, 8)[rows, at.P_SIZE]
    long_lots, short_lots = near_lots(lots, triggers, mark, NEAR_PPM)
    return Near(member, long_lots, short_lots)


def near_lots(lots: NDArray[np.int64], triggers: NDArray[np.int64], mark: int, within_ppm: int) -> tuple[int, int]:
    """Return (long, short) lots, both positive, whose trigger price is within a distance of mark, ends included."""
    low, high = mark * (MILLION - within_ppm) / MILLION, mark * (MILLION + within_ppm) / MILLION
    longs = (lots > 0) & (triggers >= low)
    shorts = (lots < 0) & (triggers <= high)
    return int(lots[longs].sum()), -int(lots[shorts].sum())


def _wicks(lab: Laboratory, member: str, cash: int) -> list[Wick]:
    found = []
    for name in WICKS:
        wick = next(one for one in CATALOGUE if one.name == name)
        scenarios = [Scenario(paths_for(lab, one, After("hold")), wick.mode, cash) for one in (wick, without(wick))]
        with_it, twin = (measure(lab, outcome).result.accounts for outcome in run_all(lab, scenarios))
        found.append(Wick(name, member, with_it, twin, lab.accounts))
    return found


def without(wick: PriceScenario) -> PriceScenario:
    """Return the twin of a wick: the same steps and the same depth, and no price moves."""
    return replace(wick, name=f"{wick.name} without it", legs=tuple(replace(leg, to_ppm=0) for leg in wick.legs))


def _fund_left(pool: Sequence[MarketInput], request: Request, funds: Sequence[int]) -> tuple[int, ...]:
    """Return the lowest equity of a known fund when everybody else in the pool is shocked and the first contract stands still."""
    if len(pool) < 2 or len(funds) > 1:  # noqa: PLR2004 - somebody else has to be there
        return ()
    still = (replace(pool[0], beta=0.0), *pool[1:])
    left = []
    for member in request.members:
        lab = build(still, member, request.accounts, request.seed)
        scenario = Scenario(paths_for(lab, request.shock, After("hold")), request.shock.mode, funds[0])
        outcome = run_all(lab, [scenario])[0]
        left.append(min(result.equity_low for result in outcome.results))
    return tuple(left)


QUESTIONS: Final = ("fund pays", "fund is exhausted", "ADL starts")


def _gaps(
    labs: dict[str, Laboratory], request: Request, funds: Sequence[int]
) -> dict[tuple[str, int], tuple[int | None, ...]]:
    """Return, for each question and direction, the first gap of the grid that answers yes, for each member and fund."""
    found: dict[tuple[str, int], list[int | None]] = {
        (question, sign): [] for question in QUESTIONS for sign in (-1, 1)
    }
    for cash in dict.fromkeys((funds[0], funds[-1])):
        gaps = [sign * gap for sign in (-1, 1) for gap in GRID_PPM]
        cells = cells_of(Search(labs, request, cash), gaps, request.shock.over_us)
        for member in labs:
            for k, question in enumerate(QUESTIONS):
                for sign in (-1, 1):
                    yes = [abs(cell.gap_ppm) for cell in cells if cell.gap_ppm * sign > 0 and cell.answers[member][k]]
                    found[question, sign].append(min(yes, default=None))
    return {key: tuple(values) for key, values in found.items()}


def amount(item: MarketInput, units: int) -> Decimal:
    """Return settlement units as an amount of the settlement asset, exactly."""
    return Decimal(units).scaleb(-item.contract.scale.settlement.exponent)


__all__ = [
    "LAWS",
    "OTHER_GAPS_PPM",
    "QUESTIONS",
    "WICKS",
    "Findings",
    "Near",
    "Run",
    "Wick",
    "amount",
    "near_lots",
    "run_laboratory",
]
