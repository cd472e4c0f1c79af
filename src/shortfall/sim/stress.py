"""The main job: a stated shock on a contract as it was recorded, over a family of populations; the answer is their range."""

from __future__ import annotations

from dataclasses import dataclass, replace
from decimal import Decimal
from typing import TYPE_CHECKING, Final

from shortfall.errors import Finding, InputError
from shortfall.sim.market import Laboratory, MarketInput, build, gather
from shortfall.sim.measures import Measures, measure
from shortfall.sim.members import FAMILY, Member
from shortfall.sim.observed import ORDERS, observed_paths, recorded
from shortfall.sim.own import OWN, below_maintenance, build_own, cover_of, own_input, room_for_events, sides
from shortfall.sim.paths import After, Shock, halved, shock_paths, usual_afters
from shortfall.sim.run import Scenario, run_all
from shortfall.sim.variants import PLAIN, USUAL, Variant, extended, under_law

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from datetime import date

    import numpy as np
    from numpy.typing import NDArray

    from shortfall.data.account_state import AccountState
    from shortfall.data.ladders import Ladders
    from shortfall.data.snapshot import ContractSnapshot
    from shortfall.sim.own import Cover
    from shortfall.sim.paths import Paths
    from shortfall.sim.scenarios import PriceScenario

AT_PAR: Final = ("USDT", "USDC")
CONVERGED_SHARE: Final = 0.05  # a run whose figures move by more than this when the step is halved is not converged
SWEEP: Final = (0.0, 0.0005, 0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1.0)  # of open interest


@dataclass(frozen=True, slots=True)
class Request:
    """What was asked. Amounts in the settlement asset's human units."""

    venue: str
    symbol: str
    shock: Shock
    afters: tuple[After, ...] = ()
    members: tuple[Member, ...] = FAMILY
    accounts: int = 100_000
    seed: int = 1
    alone: bool = False
    fund: Decimal | None = None
    interest: Decimal | None = None
    changes: tuple[str, ...] = ()
    threads: int = 2
    halve: bool = True
    path: str | None = None
    day: date | None = None
    ladders: Ladders | None = None
    scenario: PriceScenario | None = None
    state: AccountState | None = None
    variants: tuple[Variant, ...] = USUAL


@dataclass(frozen=True, slots=True)
class Own:
    """What was found out about the user's own accounts.

    Parameters
    ----------
    state : AccountState
        What was read.
    longs, shorts : int
        Lots on each side, the fund's inventory included; what one side lacks is held by a named account of the outside world.
    below_maintenance : int
        Accounts below maintenance at the mark, before the shock: they are liquidated at its first step.
    covers : dict
        After-shock path to the largest deficits of single accounts.
    """

    state: AccountState
    longs: int
    shorts: int
    below_maintenance: int
    covers: dict[str, Cover]


@dataclass(frozen=True, slots=True)
class Run:
    """One member under one after-shock path and one model of liquidity and feedback, which the name of the path says."""

    member: str
    after: str
    measures: Measures
    pool: tuple[Measures, ...]
    series: NDArray[np.int64] | None
    variant: Variant = PLAIN
    maker_capital: int = 0


@dataclass(frozen=True, slots=True)
class SweepPoint:
    """One fund size of a sweep: what happened to each member with it."""

    fund_cash: int
    deleveraged: dict[str, int]
    refused_lots: dict[str, int]
    lowest_equity: dict[str, int]


@dataclass(frozen=True, slots=True)
class Answer:
    """Everything a stress run found.

    Parameters
    ----------
    runs : tuple of Run
        Members x after-shock paths.
    converged : dict
        Member to whether halving the step changed liquidated and deleveraged notional by less than the bound; None if not tried.
    fund_cash : int or None
        Fund at the start; None when it is unknown and was swept.
    sweep : tuple of SweepPoint
        Only for an unknown fund.
    needed : dict
        Member to the smallest fund of the sweep with which nobody is deleveraged; None beyond the sweep.
    own : Own or None
        Only where the accounts are the user's own.
    """

    request: Request
    inputs: tuple[MarketInput, ...]
    runs: tuple[Run, ...]
    converged: dict[str, bool | None]
    fund_cash: int | None
    fund_note: str
    sweep: tuple[SweepPoint, ...] = ()
    needed: dict[str, int | None] | None = None
    own: Own | None = None


def fund_of(snapshot: ContractSnapshot) -> tuple[Decimal | None, str]:
    """Return (cash that counts, how it was counted) of a contract's pool; None when no figure is known."""
    pool = snapshot.pool.value
    if pool is None:
        return None, f"unknown: {snapshot.pool.reason}"
    cash = sum((held.balance for held in pool.assets if held.asset in AT_PAR), Decimal(0))
    others = ", ".join(f"{held.balance:f} {held.asset}" for held in pool.assets if held.asset not in AT_PAR)
    counted = " + ".join(f"{held.balance:f} {held.asset}" for held in pool.assets if held.asset in AT_PAR)
    note = f"shared by {', '.join(pool.members)}: {counted}, counted at par and as convertible at once (assumed)"
    return cash, note + (f"; not counted: {others}" if others else "")


def capital_of(item: MarketInput, given: Decimal | None) -> tuple[int, str]:
    """Return a fund that a question can be asked with, in settlement units, and how it was chosen.

    It is the given one, else the recorded one, else 1 % of open interest at mark.
    """
    exponent = item.contract.scale.settlement.exponent
    if given is not None:
        return int(given.scaleb(exponent)), "given by the user"
    known, note = fund_of(item.snapshot)
    if known is not None:
        return int(known.scaleb(exponent)), note
    share = item.interest_lots * item.mark_ticks * item.contract.multiplier // 100
    return share, f"{note.rstrip('.')}; 1 % of open interest is used instead (assumed)"


def stress(request: Request, progress: Callable[[str], None] = lambda _: None) -> Answer:
    """Run a stated shock over the family of populations and after-shock paths.

    Parameters
    ----------
    request : Request
    progress : callable
        Told in words what is being done.

    Raises
    ------
    InputError
        If there is no such venue or contract, or a change names no rule.
    """
    state = request.state
    if state is not None:
        request = replace(request, members=(OWN,), alone=True)
    inputs = gather(
        request.venue,
        request.symbol,
        alone=request.alone,
        changes=request.changes,
        interest=request.interest,
        day=request.day,
        ladders=request.ladders,
    )
    if state is not None:
        inputs = (own_input(inputs[0], state),)
    cash, note = _fund(request, inputs[0])
    usual = usual_afters(request.shock.gap_ppm) if request.scenario is None else request.scenario.afters
    afters = request.afters or usual
    if request.path is not None:
        inputs = tuple(item for k, item in enumerate(inputs) if k == 0 or recorded(item, request.path) is not None)
    runs: list[Run] = []
    converged: dict[str, bool | None] = {}
    points: list[dict[int, Measures]] = []
    names: list[str] = []
    own: Own | None = None
    for member in request.members:
        progress(f"population {member.name}")
        lab = _laboratory(inputs, request, member)
        law = request.variants[0].law
        lab = extended(lab, None if law is None else law.exponent)
        progress(f"shock on {member.name}")
        used = (
            cash
            if cash is not None
            else 2 * inputs[0].interest_lots * inputs[0].mark_ticks * inputs[0].contract.multiplier
        )
        own = None if state is None else Own(state, *sides(state), below_maintenance(lab), {})
        if request.path is not None:
            runs += _observed_runs(lab, request, request.path, member, used)
            converged[member.name] = None
            continue
        mine = _runs_of(lab, request, member, afters, used)
        runs += mine
        if own is not None:
            progress("deficits account by account")
            own.covers.update(_covers(lab, request, afters, used))
        converged[member.name] = _is_converged(lab, request, mine[0], afters[0], used) if request.halve else None
        if cash is None:
            for variant in (item for item in request.variants if item.every_path):
                points.append(_sweep(lab, request, afters[0], variant))
                names.append(variant.path_name(member.name))
    swept = _join(points, names)
    needed = _needed(swept, names) if points else None
    return Answer(request, inputs, tuple(runs), converged, cash, note, swept, needed, own)


def _fund(request: Request, item: MarketInput) -> tuple[int | None, str]:
    """Return (cash of the fund at the start, how it was counted): as given, of the user's file, or as recorded."""
    exponent = item.contract.scale.settlement.exponent
    if request.fund is not None:
        return int(request.fund.scaleb(exponent)), "given by the user"
    if request.state is not None and request.state.fund_cash is not None:
        return request.state.fund_cash, f"of the state file, as of {request.state.as_of}"
    known, note = fund_of(item.snapshot)
    return None if known is None else int(known.scaleb(exponent)), note


def _laboratory(inputs: tuple[MarketInput, ...], request: Request, member: Member) -> Laboratory:
    """Return the user's own accounts, or a synthetic member."""
    observed = request.path is not None
    if request.state is None:
        largest = request.scenario is not None and request.scenario.largest
        depeg = None if request.scenario is None else request.scenario.depeg
        return build(inputs, member, request.accounts, request.seed, observed=observed, largest=largest, depeg=depeg)
    events = 1 << 12 if observed else room_for_events(len(request.state.size_lots))
    return build_own(inputs[0], request.state, observed=observed, events=events)


def _covers(lab: Laboratory, request: Request, afters: Sequence[After], cash: int) -> dict[str, Cover]:
    return {after.name: cover_of(lab, _scenario(lab, request, after, cash, request.variants[0])) for after in afters}


def paths_for(lab: Laboratory, shock: Shock | PriceScenario, after: After) -> Paths:
    """Return the paths of a shock or of a named scenario for every market of a laboratory."""
    starts = [i.mark_ticks for i in lab.inputs]
    betas = [i.beta for i in lab.inputs]
    tops = [i.contract.max_price_ticks for i in lab.inputs]
    if isinstance(shock, Shock):
        return shock_paths(shock, after, starts, betas, tops)
    return shock.paths(after, starts, betas, tops)


def _asked(request: Request) -> Shock | PriceScenario:
    return request.shock if request.scenario is None else request.scenario


def _runs_of(lab: Laboratory, request: Request, member: Member, afters: Sequence[After], cash: int) -> list[Run]:
    asked = [
        (after, variant)
        for k, after in enumerate(afters)
        for variant in request.variants
        if variant.every_path or k == 0
    ]
    scenarios = [_scenario(lab, request, after, cash, variant) for after, variant in asked]
    outcomes = run_all(lab, scenarios, threads=request.threads, record=True)
    found = []
    for (after, variant), outcome in zip(asked, outcomes, strict=True):
        all_markets = tuple(measure(lab, outcome, k) for k in range(len(lab.inputs)))
        name = variant.path_name(after.name)
        found.append(Run(member.name, name, all_markets[0], all_markets, outcome.series, variant, lab.maker_capital))
    return found


def _scenario(  # noqa: PLR0917 - what a run is made of
    lab: Laboratory,
    request: Request,
    after: After,
    cash: int,
    variant: Variant,
    shock: Shock | PriceScenario | None = None,
) -> Scenario:
    """Return the run of a variant, of the request's shock or of another one."""
    paths = paths_for(lab, _asked(request) if shock is None else shock, after)
    paths = under_law(paths, variant.law, lab.inputs[0].mark_ticks, request.shock.refill_us)
    return Scenario(paths, request.shock.mode, cash, variant.feedback, variant.is_firm)


def _observed_runs(lab: Laboratory, request: Request, path: str, member: Member, cash: int) -> list[Run]:
    """Run a recorded path in every order in which its bars may be expanded."""
    scenarios = [Scenario(observed_paths(lab.inputs, path, order), "observed", cash) for order in ORDERS]
    outcomes = run_all(lab, scenarios, threads=request.threads, record=True)
    found = []
    for order, outcome in zip(ORDERS, outcomes, strict=True):
        all_markets = tuple(measure(lab, outcome, k) for k in range(len(lab.inputs)))
        found.append(Run(member.name, order, all_markets[0], all_markets, outcome.series))
    return found


def _is_converged(lab: Laboratory, request: Request, first: Run, after: After, cash: int) -> bool:
    """Say whether half the step gives the same liquidated and deleveraged notional, within the bound, of liquidated notional."""
    half = halved(request.shock) if request.scenario is None else request.scenario.halved()
    scenario = _scenario(lab, request, after, cash, request.variants[0], half)
    finer = measure(lab, run_all(lab, [scenario])[0])
    size = max(1, first.measures.result.liquidated_notional)
    moved = max(
        abs(finer.result.liquidated_notional - first.measures.result.liquidated_notional),
        abs(finer.result.adl_notional - first.measures.result.adl_notional),
    )
    return moved <= CONVERGED_SHARE * size


def _sweep(lab: Laboratory, request: Request, after: After, variant: Variant) -> dict[int, Measures]:
    """Return the measures for every fund size of the sweep, refined once around the smallest one that suffices."""
    interest = lab.inputs[0].interest_lots * lab.inputs[0].mark_ticks * lab.inputs[0].contract.multiplier
    plain = _scenario(lab, request, after, 0, variant)
    done: dict[int, Measures] = {}

    def run(sizes: Sequence[int]) -> None:
        wanted = [size for size in sizes if size not in done]
        runs = [replace(plain, fund_cash=size) for size in wanted]
        outcomes = run_all(lab, runs, threads=request.threads)
        done.update({size: measure(lab, outcome) for size, outcome in zip(wanted, outcomes, strict=True)})

    run([int(share * interest) for share in SWEEP])
    for _ in range(2):
        enough = [size for size in sorted(done) if not done[size].deleverages]
        short = [size for size in sorted(done) if done[size].deleverages]
        if not enough or not short or max(short) > min(enough):
            break
        low, high = max(short), min(enough)
        run([low + (high - low) * k // 4 for k in range(1, 4)])
    return done


def _join(points: list[dict[int, Measures]], names: Sequence[str]) -> tuple[SweepPoint, ...]:
    sizes = sorted({size for point in points for size in point})
    return tuple(
        SweepPoint(
            size,
            {m: p[size].result.adl_notional for m, p in zip(names, points, strict=True) if size in p},
            {m: p[size].result.refused_lots for m, p in zip(names, points, strict=True) if size in p},
            {m: p[size].fund_equity_lowest for m, p in zip(names, points, strict=True) if size in p},
        )
        for size in sizes
    )


def _needed(swept: Sequence[SweepPoint], names: Sequence[str]) -> dict[str, int | None]:
    """Return the smallest fund from which on no larger one of the sweep deleverages, by member and feedback."""
    needed: dict[str, int | None] = {}
    for name in names:
        own = [(p.fund_cash, p.deleveraged[name]) for p in swept if name in p.deleveraged]
        enough: int | None = None
        for cash, cut in reversed(own):
            if cut > 0:
                break
            enough = cash
        needed[name] = enough
    return needed


def check_request(request: Request) -> None:
    """Raise `InputError` with all findings unless a request is within its bounds."""
    shock = request.shock
    bounds = (
        ("--gap", shock.gap_ppm, -950_000, 3_000_000, "ppm"),
        ("--depth-left", shock.depth_left_ppm, 0, 1_000_000, "ppm"),
        ("--step", shock.step_us, 1_000, 60_000_000, "us"),
        ("--over", shock.over_us // max(1, shock.step_us), 0, 20_000, "steps"),
        ("--accounts", request.accounts, 1_000, 10_000_000, "accounts"),
    )
    findings = [
        Finding(name, f"Expected {low} to {high} {unit}, was {value}")
        for name, value, low, high, unit in bounds
        if not low <= value <= high
    ]
    if shock.gap_ppm == 0:
        findings.append(Finding("--gap", "Expected a gap that is not 0, was 0"))
    if request.fund is not None and request.fund < 0:
        findings.append(Finding("--fund", f"Expected zero or more, was {request.fund}"))
    if request.interest is not None and request.interest <= 0:
        findings.append(Finding("--oi", f"Expected more than zero, was {request.interest}"))
    if findings:
        raise InputError(findings)
