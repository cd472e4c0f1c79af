"""The only place where readable rules meet the core: a rule set becomes a row of integers, and a contract proves its bounds."""

from __future__ import annotations

from decimal import ROUND_FLOOR, Decimal
from typing import TYPE_CHECKING

from shortfall.errors import Findings, RuleError
from shortfall.kernels import layout as at
from shortfall.rules.record import encode, rule_fields
from shortfall.rules.ruleset import SLOT_NAMES, RuleSet, amounts_of
from shortfall.rules.slots import LAYER_ENTRIES
from shortfall.rules.soundness import refuse_if_wrong

if TYPE_CHECKING:
    from shortfall.model.contract import Contract
    from shortfall.rules.slots import Margin


def compile_rules(rules: RuleSet, exponent: int) -> list[int]:
    """Return the row that the core reads for a rule set in an asset whose smallest unit is 10**-exponent.

    Tier tops and amounts round down (against the account: a smaller top means a higher rate sooner).
    """
    refuse_if_wrong(rules)
    row = [0] * (1 << at.RULES)
    for slot_name in SLOT_NAMES:
        slot = getattr(rules, slot_name)
        for item, known in rule_fields(slot):
            row[known.column] = encode(known, getattr(slot, item.name), f"{slot_name}.{item.name}", exponent)
    for k, layer in enumerate(rules.waterfall):
        row[at.R_LAYER + k] = LAYER_ENTRIES[layer].code
    row[at.R_TIERS] = len(rules.tiers)
    orders = rules.margin.orders == "counted"
    scans = rules.profit.liquidation != "counts" or rules.trigger.price != "mark" or rules.health.method == "weights"
    row[at.R_SCANS] = int(scans or orders)
    row[at.R_MARGIN_SPECIAL] = int(is_special(rules.margin) or bool(rules.counterparty.min_collateral) or orders)
    amounts = amounts_of(rules)
    for k, tier in enumerate(rules.tiers):
        t = at.R_TIER + at.TIER * k
        last = k == len(rules.tiers) - 1
        row[t + at.TIER_TOP] = at.INF if tier.top_notional is None or last else _units(tier.top_notional, exponent)
        row[t + at.TIER_INITIAL] = tier.initial_ppm
        row[t + at.TIER_MAINTENANCE] = tier.maintenance_ppm
        row[t + at.TIER_AMOUNT] = _units(amounts[k], exponent)
    return row


def is_special(margin: Margin) -> bool:
    """Say whether a requirement is more than rate x notional at mark - amount: the core then looks at every rule of the slot."""
    added = margin.closing_fee > 0 or margin.growth > 0
    return added or margin.basis != "mark" or bool(margin.interest_high)


def _units(amount: Decimal, exponent: int) -> int:
    return int(amount.scaleb(exponent).to_integral_value(ROUND_FLOOR))


def prove_bounds(contract: Contract, path: str = "contract") -> None:
    """Raise `RuleError` unless no product of a market can leave int64, whatever happens in it.

    A position at the highest price must stay below 2**57 settlement units, and open interest below 2**61.
    """
    findings = Findings()
    if not 0 < contract.max_price_ticks <= at.NO_PRICE:
        findings.add(f"{path}.max_price_ticks", f"Expected 1 to {at.NO_PRICE}, was {contract.max_price_ticks}")
    if not 0 < contract.max_position_lots <= at.SIZE_BOUND:
        findings.add(f"{path}.max_position_lots", f"Expected 1 to {at.SIZE_BOUND}, was {contract.max_position_lots}")
    highest = 1 if contract.inverse else contract.max_price_ticks
    worth = contract.max_position_lots * contract.multiplier * highest
    if worth >= at.POSITION_BOUND:
        findings.add(
            f"{path}.max_position_lots",
            f"Expected a position worth less than 2**57 units at the highest price, was {worth}: lower max_position_lots or max_price",
        )
    interest = contract.max_open_interest_lots * contract.multiplier * highest
    if interest >= 2 * at.MONEY_BOUND:
        findings.add(
            f"{path}.max_open_interest_lots", f"Expected open interest worth less than 2**61 units, was {interest}"
        )
    findings.raise_if_any(RuleError)
