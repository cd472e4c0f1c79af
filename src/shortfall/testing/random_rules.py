"""Random rule sets out of the slots: every choice of every slot, numbers that bind, tiers that rise."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from typing import TYPE_CHECKING, Final, Protocol, TypeVar

from shortfall.rules.record import rule_fields
from shortfall.rules.ruleset import SLOT_NAMES, MarginTier, RuleSet

if TYPE_CHECKING:
    from collections.abc import Sequence

SECOND: Final = 1_000_000
LADDERS: Final[tuple[tuple[MarginTier, ...], ...]] = (
    (MarginTier(None, 100_000, 50_000),),
    (MarginTier(None, 20_000, 10_000),),
    (MarginTier(None, 500_000, 300_000),),
    (MarginTier(Decimal(5_000), 50_000, 25_000), MarginTier(None, 200_000, 100_000)),
    (
        MarginTier(Decimal(2_000), 20_000, 10_000),
        MarginTier(Decimal(10_000), 50_000, 25_000),
        MarginTier(Decimal(50_000), 100_000, 50_000),
        MarginTier(None, 1_000_000, 500_000),
    ),
)
WATERFALLS: Final[tuple[tuple[str, ...], ...]] = (
    ("fund", "adl"), ("fund", "adl"), ("adl",), ("fund",), (), ("fund", "socialise"), ("socialise",),
    ("backstop", "fund", "pool", "adl", "socialise"), ("pool", "fund", "adl"), ("adl", "fund", "socialise"),
    ("backstop", "adl", "fund"), ("backstop", "adl", "book"), ("fund", "book", "adl"), ("backstop", "book", "fund", "equity"),
    ("adl", "book", "fund", "equity", "socialise"), ("pool", "fund", "socialise", "adl"), ("fund", "pool"),
    ("socialise", "fund", "haircut"), ("fund", "haircut", "socialise"), ("haircut",),
    ("liquidity",), ("fund", "liquidity", "socialise"),
)  # fmt: skip
# entries that turn a whole market into another kind are drawn less often than the rest
OFTEN: Final[dict[str, tuple[str, ...]]] = {
    "counterparty.kind": ("book", "book", "book", "book", "pool"),
    "health.method": ("tiers",) * 6 + ("weights",),
    "liquidator.who": ("outside", "outside", "outside", "caller"),
}
NUMBERS: Final[dict[str, tuple[object, ...]]] = {
    "fees.taker": (0, 500, 7_000), "fees.maker": (0, 200, -300),
    "margin.closing_fee": (0, 0, 600, 20_000), "margin.growth": (0, 0, 500, 30_000), "margin.growth_lots": (1, 10, 100),
    "margin.interest_low": (0, 5_000), "margin.interest_high": (0, 0, 20_000, 1_000_000),
    "trigger.takeover_below": (0, 0, 0, 666_667, 1_000_000), "profit.share": (500_000, 0, 1_000_000), "profit.floor": (0, 0, 100_000),
    "amount.clip_notional": (0, 0, 0, 3_000),
    "bands.user": (0, 0, 50_000, 300_000), "bands.maker": (0, 0, 200_000), "bands.liquidation": (0, 0, 20_000, 200_000),
    "bands.unwinding": (0, 10_000, 100_000),
    "index.clamp": (0, 5_000, 15_000), "index.stale_after": (0, 0, 20 * SECOND), "index.min_sources": (1, 1, 2),
    "index.no_liquidation_after": (0, 0, 15 * SECOND),
    "index.exclude": (0, 0, 20_000, 250_000), "index.readmit": (0, 10_000), "index.readmit_after": (0, 5 * SECOND),
    "index.interval": (0, 0, 3 * SECOND), "index.jump": (0, 0, 50_000), "mark.max_move": (0, 0, 10_000),
    "mark.basis_interval": (0, SECOND, 5 * SECOND), "mark.basis_samples": (1, 3, 30), "mark.basis_clamp": (0, 5_000, 50_000),
    "mark.impact_notional": (0, 0, 2_000),
    "funding.interval": (1, 60 * SECOND, 28_800 * SECOND), "funding.clamp": (0, 500_000), "funding.cap": (0, 7_500_000),
    "funding.interest": (0, 100_000),
    "engine.delay": (0, 0, 100_000, 3 * SECOND), "engine.per_second": (0, 0, 1, 20), "engine.pause": (0, SECOND, 30 * SECOND),
    "engine.fresh_prices": (0, 1, 3),
    "amount.tiers": (1, 1, 2), "amount.share": (200_000, 1, 1_000_000, 500_000), "amount.min_lots": (0, 0, 5),
    "close.taker_fee": (0, 0, 400), "close.liquidation_fee": (0, 5_000, 20_000), "close.bankruptcy_fee": (400, 400, 10_000),
    "takeover.backstop_capacity": (0, 500_000, 2_000_000), "takeover.fund_capacity": (0, 1_000_000, 100_000),
    "takeover.pool_capacity": (0, 1_000_000), "takeover.per_event": (0, 0, 3_000),
    "unwinding.share": (0, 100_000, 1_000_000), "unwinding.depth_band": (0, 10_000, 300_000),
    "close.fillable_spread": (100_000, 0, 1_000_000), "close.bankruptcy_adjustment": (1_000_000, 0, 3_000_000),
    "amount.min_notional": (0, 0, 2_000), "amount.block": (0, SECOND, 5 * SECOND), "amount.notional_per_block": (0, 0, 5_000),
    "amount.loss_per_block": (0, 0, 50), "adl.start_account": (0, 1, 77),
    "adl.far": (50_000, 0, 500_000), "adl.spread": (1_000, 0, 50_000), "adl.fee": (0, 0, 500, 50_000),
    "adl.wallet_floor": (1, 0, 5_000), "adl.start": (300_000, 10_000, 1), "adl.stop": (250_000, 5_000, 0),
    "adl.window": (28_800 * SECOND, 64, 30 * SECOND), "adl.start_amount": (0, 500, 20_000), "adl.stop_amount": (0, 800, 30_000),
    "adl.unfilled_after": (0, SECOND, 10 * SECOND),
    "takeover.leverage": (0, 0, 500_000, 2_000_000),
    "evidence.depth_observed": (0, 20_000),
    "liquidator.fee": (0, 10_000, 50_000),
    "liquidator.fee_most": (0, 30_000), "liquidator.fee_wait": (0, 2 * SECOND), "liquidator.fee_step": (1, 1_000),
    "liquidator.caller_share": (0, 100_000), "fund.unstake_after": (0, 5 * SECOND),
    "fund.keeps": (0, 0, 50), "fund.per_market": (0, 0, 2_000),
    "fund.per_event": (0, 0, 20_000), "fund.per_window": (0, 0, 300_000), "fund.window": (1, 30 * SECOND),
    "healing.buffer": (0, 0, 20_000), "healing.initial_share": (0, 100_000), "healing.duration": (0, 0, 20 * SECOND),
    "healing.small_shortage": (0, 50), "healing.small_position": (0, 200),
    "socialise.index_scale": (1, 1_000_000, 1_000_000_000), "socialise.max_haircut": (1_000_000, 300_000, 0),
    "unwinding.step": (0, SECOND, 10 * SECOND), "unwinding.fraction": (500_000, 1, 1_000_000), "unwinding.full_lots": (0, 5, 50),
    "unwinding.book_share": (0, 10_000, 500_000), "unwinding.taker_fee": (0, 0, 1_000, 100_000),
    "unwinding.claim_discount": (0, 5_000),
    "realisation.interval": (0, SECOND, 60 * SECOND),
    "health.initial_asset": (900_000, 500_000), "health.initial_liability": (1_100_000, 1_500_000),
    "health.maintenance_asset": (950_000, 900_000), "health.maintenance_liability": (1_050_000, 1_100_000),
    "health.profit_weight": (1_000_000, 500_000, 0), "health.cash_asset": (1_000_000, 900_000),
    "health.cash_liability": (1_000_000, 1_200_000), "health.base_fee": (0, 30_000), "health.platform_fee": (0, 20_000),
    "health.profit_fee": (0, 100_000), "health.settle_limit": (0, 50),
    "counterparty.spread": (0, 1_000, 30_000), "counterparty.min_collateral": (0, 0, 40),
    "counterparty.long_backing": (1_000_000, 500_000), "counterparty.short_backing": (1_000_000, 500_000),
    "counterparty.reserve": (0, 2_000_000), "counterparty.profit_cap": (0, 300_000),
    "counterparty.adl_start": (0, 100_000, 500_000), "counterparty.adl_stop": (0, 50_000),
}  # fmt: skip


T = TypeVar("T")


class Chooser(Protocol):
    """Something that picks one of many, whoever draws."""

    def __call__(self, options: Sequence[T], /) -> T:
        """Pick one."""
        ...


def random_rules(choose: Chooser) -> RuleSet:
    """Return a sound rule set with every rule chosen at random."""
    rules = RuleSet(tiers=choose(LADDERS), waterfall=choose(WATERFALLS))
    for slot_name in SLOT_NAMES:
        slot = getattr(rules, slot_name)
        values: dict[str, object] = {}
        for item, known in rule_fields(slot):
            name = f"{slot_name}.{item.name}"
            if known.kind == "choice":
                values[item.name] = choose(OFTEN.get(name, tuple(known.entries)))
            elif known.kind == "switch":
                values[item.name] = choose((True, True, False))
            else:
                values[item.name] = choose(NUMBERS[name])
        rules = replace(rules, **{slot_name: replace(slot, **values)})
    if rules.counterparty.kind == "pool":  # the two contradict each other: see rules/soundness.py
        rules = rules.changed("realisation.method=average-entry")
    if rules.adl.eligible == "overlap":  # an overlap is a property of a pair
        rules = replace(rules, adl=replace(rules.adl, batch="direct"))
    if not rules.takeover.backstop:
        rules = replace(rules, waterfall=tuple(layer for layer in rules.waterfall if layer != "backstop"))
    if not {"adl", "socialise", "backstop"} & set(rules.waterfall):
        rules = rules.changed("trigger.takeover_below=0")
    return rules
