"""A world under other rules than its own: a venue's, or with named changes. Prices, people and orders stay what they are."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from shortfall.engine.exchange import MarketSpec
from shortfall.errors import Findings, InputError
from shortfall.model.commands import Order
from shortfall.rules.soundness import check_rules
from shortfall.sim.venues import find_venue

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date

    from shortfall.rules.ruleset import RuleSet
    from shortfall.sim.world import Action, World, WorldMarket


def under(world: World, venue: str | None, changes: Sequence[str] = (), day: date | None = None) -> World:
    """Return a world with a venue's rules and named changes in every market; the margin tiers stay the world's own.

    Where a venue has a liquidity pool as the counterparty of every trade there is no book, and the world's resting orders have no
    place: they are left out.

    A layer of the venue's waterfall for which the world names no holder is stood behind by the world's fund, pool or backstop,
    whichever it has: the capital is the world's, the order in which it is asked is the venue's.

    Raises
    ------
    InputError
        If there is no such venue, a change names no rule, or a rule set contradicts itself: all findings.
    """
    findings = Findings()
    base = None if venue is None else find_venue(venue).rules_on(day)
    markets = tuple(_market(market, base, changes, findings) for market in world.markets)
    findings.raise_if_any(InputError)
    orders = tuple(order for order in world.orders if _has_book(order, world, markets))
    told = [*([] if venue is None else [f"rules of {venue}"]), *changes]
    return replace(
        world, title=f"{world.title} ({', '.join(told)})" if told else world.title, markets=markets, orders=orders
    )


def _has_book(order: Action, world: World, markets: Sequence[WorldMarket]) -> bool:
    """Say whether a resting order keeps its place: the change of rules did not put a pool where its book was."""
    if not isinstance(order.command, Order):
        return True
    market = order.command.market
    pools = [many[market].spec.rules.counterparty.kind == "pool" for many in (world.markets, markets)]
    return pools != [False, True]


def _market(market: WorldMarket, base: RuleSet | None, changes: Sequence[str], findings: Findings) -> WorldMarket:
    spec = market.spec
    rules = spec.rules if base is None else base.with_tiers(spec.rules.tiers)
    for word in changes:
        try:
            rules = rules.changed(word)
        except InputError as error:
            findings.include(error)
    for finding in check_rules(rules, spec.contract.symbol).as_tuple():
        findings.add(finding.path, finding.message)
    capital = spec.fund or spec.pool or spec.backstop

    def holder(named: str | None, layer: str) -> str | None:
        return named or (capital if layer in rules.waterfall else None)

    holders = (holder(spec.fund, "fund"), holder(spec.pool, "pool"), holder(spec.backstop, "backstop"))
    return replace(market, spec=MarketSpec(spec.contract, rules, *holders, spec.source_weights_ppm, spec.liquidity))
