"""The `health` slot. Requirements stated as weights of assets and liabilities, and what the outsider who liquidates is paid."""

from __future__ import annotations

from dataclasses import dataclass

from shortfall.kernels import layout as at
from shortfall.rules.record import choice, entry, rule

MILLION = 1_000_000
MANGO = "Mango v4: blockworks-foundation/mango-v4@1303a4a programs/mango-v4/src/instructions"
VERTEX = "Vertex: vertex-protocol/vertex-contracts@e138181 core/contracts/ClearinghouseLiq.sol"
BOTH = ("Mango v4", "Vertex")


@dataclass(frozen=True, slots=True)
class Health:
    """Requirements stated as weights of assets and liabilities."""

    method: str = choice(
        at.R_HEALTH, "tiers", "how the requirement of a position is stated",
        tiers=entry(
            at.HEALTH_TIERS, "as margin: rates of the notional, by tier", "liquidated while equity < sum of maintenance",
            sources=("Binance: /fapi/v1/leverageBracket",), venues=("Binance", "Bybit", "OKX"),
        ),
        weights=entry(
            at.HEALTH_WEIGHTS,
            "as weights: an asset counts for less than it is worth, a liability for more; liquidated by an outsider while "
            "maintenance health is negative, until initial health is not (commands TakeBase and TakeLoss)",
            "health = cash weight * (cash + sum of markets) + other assets after haircut; market = value * weight of its sign - cost, "
            "times profit_weight where positive",
            sign="health below 0 is liquidated", rounding="assets floor, liabilities ceil: against the account",
            sources=(MANGO, VERTEX), venues=BOTH,
        ),
    )  # fmt: skip
    initial_asset: int = rule(
        at.R_INITIAL_ASSET, "ppm", 900_000, "initial weight of a long's base", "floor(value * weight)", high=MILLION,
        rounding="down", sources=(MANGO, VERTEX), venues=BOTH,
    )  # fmt: skip
    initial_liability: int = rule(
        at.R_INITIAL_LIABILITY, "ppm", 1_100_000, "initial weight of a short's base", "-ceil(|value| * weight)",
        low=MILLION, high=4 * MILLION, rounding="up", sources=(MANGO, VERTEX), venues=BOTH,
    )  # fmt: skip
    maintenance_asset: int = rule(
        at.R_MAINTENANCE_ASSET, "ppm", 950_000, "maintenance weight of a long's base", "floor(value * weight)", high=MILLION,
        rounding="down", sources=(MANGO, VERTEX), venues=BOTH,
    )  # fmt: skip
    maintenance_liability: int = rule(
        at.R_MAINTENANCE_LIABILITY, "ppm", 1_050_000, "maintenance weight of a short's base", "-ceil(|value| * weight)",
        low=MILLION, high=4 * MILLION, rounding="up", sources=(MANGO, VERTEX), venues=BOTH,
    )  # fmt: skip
    profit_weight: int = rule(
        at.R_PROFIT_WEIGHT, "ppm", MILLION, "weight of what a market contributes, where that is positive",
        "floor((value * weight - cost) * profit_weight)", high=MILLION, rounding="down", sources=(MANGO,), venues=("Mango v4",),
    )  # fmt: skip
    cash_asset: int = rule(
        at.R_CASH_ASSET, "ppm", MILLION, "weight of cash and markets together, where they are positive", high=MILLION,
        rounding="down", sources=(MANGO,), venues=("Mango v4",),
    )  # fmt: skip
    cash_liability: int = rule(
        at.R_CASH_LIABILITY, "ppm", MILLION, "weight of cash and markets together, where they are negative",
        low=MILLION, high=4 * MILLION, rounding="up", sources=(MANGO,), venues=("Mango v4",),
    )  # fmt: skip
    base_fee: int = rule(
        at.R_BASE_FEE, "ppm", 0, "what a liquidator gains on base that he takes, and as a premium on a loss that the fund pays him for",
        "a long's base is taken at mark * (1 - fee); the fund pays loss * (1 + fee)", high=500_000, sources=(MANGO,), venues=BOTH,
    )  # fmt: skip
    platform_fee: int = rule(
        at.R_PLATFORM_FEE, "ppm", 0, "what the venue takes of base that is taken, beside the liquidator's fee",
        "the account gets mark * (1 - base_fee - platform_fee)", high=400_000, sources=(MANGO,), venues=("Mango v4",),
    )  # fmt: skip
    profit_fee: int = rule(
        at.R_PROFIT_FEE, "ppm", 0, "what a liquidator keeps of a profit that he settles",
        "cash = floor(profit * (1 - fee)); nothing is settled unless 1 - fee > profit_weight", high=MILLION,
        sources=(MANGO,), venues=("Mango v4",),
    )  # fmt: skip
    settle_limit: object = rule(
        at.R_SETTLE_LIMIT, "money", 0, "most profit or loss that one command settles, 0 for no limit", high=1 << 57,
        sources=(MANGO,), venues=("Mango v4",),
    )  # fmt: skip
