"""A contract's ladder under a venue's rules: what is stated per bracket, and limits of inverse contracts on the common one."""

from __future__ import annotations

from decimal import Decimal

import pytest

from shortfall.rules.ruleset import MarginTier, RuleSet
from shortfall.rules.soundness import check_rules
from shortfall.sim.market import rules_of, snapshot_for
from shortfall.sim.venues import find_venue

LADDER = (MarginTier(Decimal(1_000), 20_000, 10_000, Decimal(0)), MarginTier(None, 40_000, 20_000, Decimal(10)))


def test_amounts_of_a_ladder_go_where_a_rate_covers_the_whole_position() -> None:
    assert RuleSet().with_tiers(LADDER).tiers == LADDER
    whole = RuleSet().changed("margin.tiers=whole-position").with_tiers(LADDER)
    assert [tier.maintenance_amount for tier in whole.tiers] == [None, None]
    assert check_rules(whole).as_tuple() == ()


def test_limits_in_coins_are_limits_in_dollars_on_the_common_contract() -> None:
    venue = find_venue("bitmex")
    snapshot = snapshot_for(venue, "BTC")
    rules = rules_of(snapshot, (), venue)
    mark = snapshot.mark_price.known()
    assert [tier.top_notional for tier in rules.tiers[:2]] == [round(200 * mark), round(350 * mark)]
    assert rules.tiers[-1].top_notional is None


@pytest.mark.parametrize("code", ["okx", "kraken", "bitmex", "deribit-linear"])
def test_a_venue_runs_on_the_common_contract_of_every_base(code: str) -> None:
    venue = find_venue(code)
    for base in ("BTC", "ETH", "SOL"):
        assert check_rules(rules_of(snapshot_for(venue, base), (), venue)).as_tuple() == ()
