"""Sampling intervals of runs through the engine: runs of other seeds of the same question are covered as often as they say."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from typing import TYPE_CHECKING

import numpy as np
import pytest

from shortfall.kernels._jit import source_digest
from shortfall.sim.liquidity import OFF
from shortfall.sim.members import member
from shortfall.sim.paths import Shock
from shortfall.sim.replications.answers import answer_of
from shortfall.sim.replications.plan import plan_of
from shortfall.sim.replications.replicate import replicate
from shortfall.sim.stress import Request

if TYPE_CHECKING:
    from shortfall.sim.market import MarketInput
    from shortfall.sim.replications.answers import Found

SEEDS = 40


@pytest.mark.slow
def test_forty_runs_cover_what_they_estimate(btc_inputs: tuple[MarketInput, ...]) -> None:
    # a shock and a fund with which somebody is cut in some draws and not in others
    request = Request(
        "binance",
        "BTCUSDT",
        Shock(-80_000, 10_000_000),
        accounts=1_000,
        alone=True,
        members=(member("hot"),),
        fund=Decimal(100_000_000),
    )
    plan = plan_of(request, btc_inputs, 20, source_digest(), halve=False)
    plan = replace(plan, feedbacks=(OFF,))

    def run(seed: int) -> Found:
        one = replace(plan, request=replace(request, seed=seed))
        return answer_of(one, btc_inputs, replicate(one, btc_inputs, workers=2)).found[0]

    runs = [run(seed) for seed in range(1, SEEDS + 1)]
    assert len({one.position_cut.value for one in runs}) > SEEDS // 2
    for name in ("contract_adl", "position_cut"):
        estimates = [getattr(one, name) for one in runs]
        truth = float(np.mean([one.value for one in estimates]))
        covered = sum(one.interval.covers(truth) for one in estimates)
        # 38 of forty are 95 %; a right interval covers fewer than 34 once in 295 tries of forty: P(Bin(40, 0.95) <= 33) = 0.0034
        assert covered >= 34
