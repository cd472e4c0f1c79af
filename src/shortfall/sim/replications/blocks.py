"""One block: a population is built, its replications are run on the one engine, and what they came to is put into columns."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from shortfall.kernels import stress as kernel
from shortfall.sim.market import build
from shortfall.sim.paths import halved
from shortfall.sim.replications.draws import draw, drawn_paths, population_seed
from shortfall.sim.run import Scenario, run_all

if TYPE_CHECKING:
    from collections.abc import Sequence

    from shortfall.sim.market import Laboratory, MarketInput
    from shortfall.sim.paths import Shock
    from shortfall.sim.replications.draws import Draw
    from shortfall.sim.replications.plan import Block, Plan
    from shortfall.sim.run import Outcome
    from shortfall.sim.scenarios import PriceScenario

    Columns = dict[str, list[int] | list[str]]

# integers but for the names of member and feedback; money in settlement units
COLUMNS: Final = (
    "path", "member", "population", "replication", "halved", "fund_cash", "feedback",
    "left_ppm", "refill_ppm", "scale_ppm", "noise_worst_ppm", "after_move_ppm",
    "interest_lots", "liquidated_accounts", "liquidated_notional", "taken_notional", "refused_lots",
    "adl_lots", "adl_notional", "adl_closes", "first_adl_us", "fund_equity_lowest", "deficit", "socialised", "carried",
    "extrapolated_notional", "events",
)  # fmt: skip
DRAWN: Final = ("left_ppm", "refill_ppm", "scale_ppm", "noise_worst_ppm", "after_move_ppm")


def asked_of(plan: Plan, *, half: bool = False) -> Shock | PriceScenario:
    """Return the stated shock, at its step or at half of it."""
    request = plan.request
    if request.scenario is not None:
        return request.scenario.halved() if half else request.scenario
    return halved(request.shock) if half else request.shock


def laboratory(plan: Plan, inputs: Sequence[MarketInput], block: Block, events: int = 1 << 12) -> Laboratory:
    """Return the laboratory of a block, with its population."""
    request = plan.request
    largest = request.scenario is not None and request.scenario.largest
    depeg = None if request.scenario is None else request.scenario.depeg
    seed = population_seed(request.seed, block.population)
    member = plan.members[block.member]
    return build(inputs, member, request.accounts, seed, events=events, largest=largest, depeg=depeg)


def run_block(plan: Plan, inputs: Sequence[MarketInput], block: Block) -> Columns:
    """Run a block and return its rows as columns: replications in order, cases within; then the same at half the step."""
    lab = laboratory(plan, inputs, block)
    columns: dict[str, list[int]] = {name: [] for name in COLUMNS}
    asked = asked_of(plan)
    draws = [
        draw(plan.request.seed, k, asked, plan.request.afters) for k in range(block.first, block.first + block.count)
    ]
    for half in (False, True) if plan.is_halved(block) else (False,):
        shape = asked_of(plan, half=half)
        scenarios = [
            Scenario(drawn_paths(lab, shape, one), plan.request.shock.mode, case.fund_cash, case.feedback)
            for one in draws
            for case in plan.cases
        ]
        outcomes = run_all(lab, scenarios)
        for number, outcome in enumerate(outcomes):
            k, case = divmod(number, len(plan.cases))
            row = row_of(plan, block, (block.first + k, case, half), draws[k], lab=lab, outcome=outcome)
            for name, cell in row.items():
                columns[name].append(cell)
    names = [case.feedback.name for case in plan.cases]
    found: Columns = {
        **columns,
        "member": [plan.members[block.member].name] * len(columns["path"]),
        "feedback": [names[path % len(names)] for path in columns["path"]],
    }
    return {name: found[name] for name in COLUMNS}


def row_of(
    plan: Plan, block: Block, place: tuple[int, int, bool], drawn: Draw, *, lab: Laboratory, outcome: Outcome
) -> dict[str, int]:
    """Return what one path came to; its place is (replication, which case, whether at half the step)."""
    replication, case, half = place
    gap = plan.request.shock.gap_ppm
    result = outcome.results[0]
    return {
        "path": plan.path(block.member, replication, case),
        "population": block.population,
        "replication": replication,
        "halved": int(half),
        "fund_cash": plan.cases[case].fund_cash,
        "left_ppm": drawn.left_ppm,
        "refill_ppm": drawn.refill_ppm,
        "scale_ppm": drawn.scale_ppm,
        "noise_worst_ppm": drawn.noise_worst_ppm(1 if gap > 0 else -1),
        "after_move_ppm": drawn.after_move_ppm(gap),
        "interest_lots": lab.inputs[0].interest_lots,
        "liquidated_accounts": result.accounts,
        "liquidated_notional": result.liquidated_notional,
        "taken_notional": result.taken_notional,
        "refused_lots": result.refused_lots,
        "adl_lots": result.adl_lots,
        "adl_notional": result.adl_notional,
        "adl_closes": result.adl_closes,
        "first_adl_us": result.first_adl_time,
        "fund_equity_lowest": min(one.equity_low for one in outcome.results),
        "deficit": result.deficit,
        "socialised": result.socialised,
        "carried": result.carried,
        "extrapolated_notional": result.extrapolated_notional,
        "events": int(outcome.extra[0, kernel.O_EVENTS]),
    }


__all__ = ["COLUMNS", "DRAWN", "asked_of", "laboratory", "row_of", "run_block"]
