"""Every bundled world under many other rule sets: whatever the rules, laws, both books and the auditor agree."""

from __future__ import annotations

from dataclasses import replace
from itertools import product
from typing import TYPE_CHECKING, Final

import pytest

from shortfall.cli.run import auditor
from shortfall.cli.worlds import bundled_names, world_text
from shortfall.rules.soundness import check_rules
from shortfall.sim.world_reading import read_world
from shortfall.sim.world_running import AUDIT_LAW, run_world

if TYPE_CHECKING:
    from shortfall.sim.world import World

STYLES: Final = ("market", "bankruptcy", "tape")
WATERFALLS: Final = ("fund,adl", "adl", "adl,fund", "fund,socialise", "backstop,fund,adl,socialise", "")
PRICES: Final = ("bankruptcy", "mark")
AMOUNTS: Final = ("whole", "share", "heal", "tier")


def under(world: World, *words: str) -> World | None:
    """Return a world with changed rules in all markets, or None if the rules contradict themselves."""
    markets = []
    for market in world.markets:
        rules = market.spec.rules
        for word in words:
            rules = rules.changed(word)
        if check_rules(rules).as_tuple():
            return None
        markets.append(replace(market, spec=replace(market.spec, rules=rules)))
    return replace(world, markets=tuple(markets))


@pytest.mark.parametrize("name", bundled_names())
def test_a_world_holds_the_laws_under_other_rules(name: str) -> None:
    world = read_world(world_text(name))
    ran = 0
    for style, waterfall, price, amount in product(STYLES, WATERFALLS, PRICES, AMOUNTS):
        words = (f"close.style={style}", f"waterfall={waterfall}", f"adl.price={price}", f"amount.method={amount}")
        changed = under(world, *words)
        if changed is not None:
            run = run_world(changed, auditor)
            assert dict(run.laws)[AUDIT_LAW] == len(run.steps), words
            ran += 1
    assert ran >= len(STYLES) * len(WATERFALLS)
