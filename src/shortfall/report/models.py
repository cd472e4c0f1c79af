"""Which models of depth, makers and feedback an answer ran beside each other, and what the makers took in each run."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from shortfall.report.amounts import money
from shortfall.report.feedbacks import feedback_part
from shortfall.sim.depth_law import CONSTANT, DEPTH_LAW_ASSUMED
from shortfall.sim.liquidity import FEEDBACK_ASSUMED
from shortfall.sim.variants import INTEREST_AFTER_BN, INTEREST_BEFORE_BN
from shortfall.units import duration_text

if TYPE_CHECKING:
    from shortfall.sim.depth_law import DepthLaw
    from shortfall.sim.stress import Answer, Run
    from shortfall.units import Asset

BPS: Final = 10_000
FIRM_NOTE: Final = (
    "firm: no maker ever holds more than its stated capital; else up to twice that, and what its quotes still bring"
)


def models_of(answer: Answer) -> dict[str, Any]:
    """Return the models that the range is over, each once, and the crash that the fall of open interest is held against."""
    variants = list({run.variant.name: run.variant for run in answer.runs}.values())
    observed = answer.request.path is not None
    return {
        "depth_laws": [] if observed else list({_law(v.law)["name"]: _law(v.law) for v in variants}.values()),
        "feedbacks": [] if observed else list({v.feedback.name: feedback_part(v.feedback) for v in variants}.values()),
        "makers_firm": sorted({v.is_firm for v in variants}),
        "open_interest_in_the_crash": {
            "before_bn": INTEREST_BEFORE_BN,
            "after_bn": INTEREST_AFTER_BN,
            "source": "10 October 2025, as stated in this project's specification (no public source recorded)",
        },
        "not_modelled": ["reduce-only profit-taking by the winning side", "new risk"],
    }


def _law(law: DepthLaw | None) -> dict[str, Any]:
    if law is None:
        return {"name": CONSTANT, "meaning": "the stated share (--depth-left, or the scenario's) while the shock lasts"}
    return {
        "name": law.name,
        "meaning": law.meaning,
        "source": law.source,
        "speed_fall": law.speed_fall,
        "drawdown_fall": law.drawdown_fall,
        "floor_ppm": law.floor_ppm,
        "measured_to": {"speed_bps": law.measured_speed * BPS, "drawdown_bps": law.measured_drawdown * BPS},
        "refill": None if law.refill_us is None else duration_text(law.refill_us),
        "depth_exponent_beyond_recorded": law.exponent,
    }


def around(run: Run, asset: Asset) -> dict[str, Any]:
    """Return what a run's makers took against their capital, and what forced flow did outside."""
    found, capital = run.measures, run.maker_capital
    held = sum(one.makers_peak for one in run.pool)
    return {
        "models": {
            "depth_law": CONSTANT if run.variant.law is None else run.variant.law.name,
            "feedback": run.variant.feedback.name,
            "makers_firm": run.variant.is_firm,
        },
        "makers": None
        if capital == 0
        else {
            "bought": money(sum(one.makers_bought for one in run.pool), asset),
            "sold": money(sum(one.makers_sold for one in run.pool), asset),
            "most_held": money(held, asset),
            "stated_capital": money(capital, asset),
            "most_held_ppm_of_capital": held * 1_000_000 // capital,
        },
        "feedback": {
            "index_moved_ppm": found.index_shift_ppb // 1_000,
            "rehedged_notional": money(found.rehedged_notional, asset),
        },
        "open_interest_left_ppm": found.interest_after_ppm,
    }


def assumed_of(answer: Answer) -> list[str]:
    """Return what is assumed about the models that were run."""
    told: list[str] = []
    if any(run.variant.feedback.is_on for run in answer.runs):
        told += FEEDBACK_ASSUMED
    if any(run.variant.law is not None for run in answer.runs):
        told += DEPTH_LAW_ASSUMED
    if any(run.variant.is_firm for run in answer.runs):
        told.append(FIRM_NOTE)
    return told
