"""Small worlds in which the cause of negative closes is known, because everything else in them is sound.

Each world is a recorded contract with flat tiers, its leverage at most five, a mark that is the index, a deep book, a fund without limit,
and closes limited at bankruptcy; then one thing is broken by an amount drawn from a seed:

- book: market orders into a thousandth to a hundredth of normal depth;
- leverage: accounts open with a leverage of up to nineteen, and the price jumps at once by less than a fifth;
- tiers: maintenance margin is less than what the price moves between two steps, and more than half of it;
- backstop: the price jumps through every margin, and there is no fund;
- mark: the index is published every 20 to 60 seconds while the price falls within a minute.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Final

import numpy as np

from shortfall.assess.cause import CAUSES, Situation, find_cause
from shortfall.rules.ruleset import MarginTier
from shortfall.sim.members import FAMILY
from shortfall.sim.paths import Shock

if TYPE_CHECKING:
    from shortfall.sim.market import MarketInput
    from shortfall.sim.members import Member

MILLION: Final = 1_000_000
STEP_US: Final = 100_000
MINUTE_US: Final = 60_000_000
SOUND: Final = (
    "mark.method=index", "index.clamp=0", "amount.method=whole", "close.style=bankruptcy", "close.liquidation_fee=0",
    "takeover.fund_capacity=0", "waterfall=fund,adl",
)  # fmt: skip
ACCOUNTS: Final = 500


def planted_world(item: MarketInput, cause: str, seed: int) -> tuple[Situation, Member]:
    """Return a world whose negative closes have a known cause, and the population that lives in it."""
    rng = np.random.Generator(np.random.PCG64([seed, CAUSES.index(cause)]))

    def between(low: float, high: float) -> int:
        return round(rng.uniform(low, high))

    maintenance, initial, depth, fund = 50_000, 200_000, MILLION, 4
    words: tuple[str, ...] = SOUND
    gap, over, share = between(-380_000, -300_000), MINUTE_US, rng.uniform(0.05, 0.5)
    if cause == "book":
        words = (*SOUND, "close.style=market")
        maintenance, depth, share = between(8_000, 15_000), between(1_000, 10_000), rng.uniform(0.02, 0.06)
    elif cause == "leverage":
        initial, gap, over = 51_000, between(-190_000, -130_000), STEP_US
    elif cause == "tiers":
        maintenance = between(3_000, 8_000)
        over = STEP_US * max(1, round(-gap / (maintenance * rng.uniform(1.3, 1.8))))
    elif cause == "backstop":
        fund, over = 0, STEP_US
    else:
        words = (*SOUND, f"index.interval={between(20, 60)}s")
    rules = replace(item.spec.rules, tiers=(MarginTier(None, initial, maintenance),))
    for word in words:
        rules = rules.changed(word)
    lots = max(1_000, round(item.interest_lots * share))
    cash = fund * lots * item.mark_ticks * item.contract.multiplier
    world = replace(item, spec=replace(item.spec, rules=rules), interest_lots=lots)
    habits = FAMILY[-1 - int(rng.integers(0, 3))]
    return Situation(world, Shock(gap, over, depth_left_ppm=depth), cash, ACCOUNTS, seed), habits


def named_right(item: MarketInput, worlds: int) -> dict[str, tuple[int, int]]:
    """Return, for each cause, in how many of its worlds it is named, and of how many; worlds take turns over the causes."""
    found = dict.fromkeys(CAUSES, (0, 0))
    for k in range(worlds):
        cause = CAUSES[k % len(CAUSES)]
        situation, member = planted_world(item, cause, k)
        hit, all_worlds = found[cause]
        found[cause] = (hit + (find_cause(situation, (member,)).name == cause), all_worlds + 1)
    return found


__all__ = ["named_right", "planted_world"]
