"""What an auditor has to know before the first event: who is who, and the contracts' scales."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from shortfall.kernels import layout as at

if TYPE_CHECKING:
    from collections.abc import Mapping

    from shortfall.engine.exchange import Exchange


@dataclass(frozen=True, slots=True)
class MarketSetup:
    """One market.

    Parameters
    ----------
    multiplier : int
        Settlement units per tick and lot (linear), or the constant over the price (inverse).
    inverse : bool
        Whether value is size over price.
    asset : int
        Settlement asset.
    clearing, fund, pool, backstop : int
        Accounts; -1 for none.
    rules_row : int
        Row of rules in force at the start.
    liquidity : int
        The liquidity pool; -1 for none.
    """

    multiplier: int
    inverse: bool
    asset: int
    clearing: int
    fund: int
    pool: int
    backstop: int
    rules_row: int
    liquidity: int = -1
    venue: int = -1

    def holder(self, layer: int) -> int:
        """Return the account behind a layer of the waterfall, or -1."""
        holders = {
            at.LAYER_BACKSTOP: self.backstop, at.LAYER_FUND: self.fund, at.LAYER_POOL: self.pool, at.LAYER_EQUITY: self.venue,
            at.LAYER_LIQUIDITY: self.liquidity,
        }  # fmt: skip
        return holders.get(layer, -1)


@dataclass(frozen=True, slots=True)
class RuleFacts:
    """What the auditor reads of a row of rules.

    The order of layers, use of profit in the liquidation test, order of winners, when profit becomes cash, whether the units
    that rounding leaves at a settlement go to the last winner, and whether requirements are weights.
    """

    waterfall: tuple[int, ...]
    profit_counts: bool
    rank: int
    realisation: int = at.REALISED_BY_TRADES
    last_winner: bool = False
    wallet_floor: int = 0
    fund_may_owe: bool = False
    weighted: bool = False


@dataclass(frozen=True, slots=True)
class AssetSetup:
    """House accounts of one asset."""

    outside: int
    dust: int
    fees: int
    converter: int


@dataclass(frozen=True, slots=True)
class AuditSetup:
    """Everything that is not an event.

    Parameters
    ----------
    kinds, asset_of : tuple of int
        Kind and asset of each account that was opened before the first event.
    markets, assets : tuple
        Markets and assets by number.
    rules : mapping
        Facts of the rows of rules; a row that is not there is not checked.
    """

    kinds: tuple[int, ...]
    asset_of: tuple[int, ...]
    markets: tuple[MarketSetup, ...]
    assets: tuple[AssetSetup, ...]
    rules: Mapping[int, RuleFacts] = field(default_factory=dict)


def rule_facts(exchange: Exchange, row: int) -> RuleFacts:
    """Return the facts of a row of rules of an exchange."""
    words = exchange.state.rules
    base = row << at.RULES
    layers = [int(words[base + at.R_LAYER + k]) for k in range(at.LAYERS)]
    used = layers[: layers.index(at.LAYER_END)] if at.LAYER_END in layers else layers
    return RuleFacts(
        tuple(used),
        int(words[base + at.R_SCANS]) == 0,
        int(words[base + at.R_ADL_RANK]),
        int(words[base + at.R_REALISATION]),
        int(words[base + at.R_CUT_REMAINDER]) == at.REMAINDER_LAST_WINNER,
        int(words[base + at.R_WALLET_FLOOR]),
        int(words[base + at.R_FUND_NEGATIVE]) != 0,
        int(words[base + at.R_HEALTH]) == at.HEALTH_WEIGHTS,
    )


def _market_setup(exchange: Exchange, market: int) -> MarketSetup:
    contract = exchange.specs[market].contract
    return MarketSetup(
        multiplier=contract.multiplier,
        inverse=contract.inverse,
        asset=exchange.price(market, at.M_ASSET),
        clearing=exchange.holder(market, at.M_CLEARING),
        fund=exchange.holder(market, at.M_FUND),
        pool=exchange.holder(market, at.M_POOL),
        backstop=exchange.holder(market, at.M_BACKSTOP),
        rules_row=exchange.price(market, at.M_RULES) >> at.RULES,
        liquidity=exchange.holder(market, at.M_LIQUIDITY),
        venue=int(exchange.state.assets[(exchange.price(market, at.M_ASSET) << at.ROW) + at.S_FEES]),
    )


def setup_of(exchange: Exchange) -> AuditSetup:
    """Return what an auditor has to know of an exchange whose events were all read so far and that moved no money yet."""
    accounts = exchange.state.accounts
    words = [int(accounts[(a << at.ROW) + at.A_KIND]) for a in range(int(exchange.state.header[at.H_ACCOUNTS]))]
    house = (at.S_OUTSIDE, at.S_DUST, at.S_FEES, at.S_CONVERTER)
    return AuditSetup(
        kinds=tuple(word & ((1 << at.KIND_ASSET) - 1) for word in words),
        asset_of=tuple(word >> at.KIND_ASSET for word in words),
        markets=tuple(_market_setup(exchange, k) for k in range(len(exchange.specs))),
        assets=tuple(
            AssetSetup(*(int(exchange.state.assets[(n << at.ROW) + column]) for column in house))
            for n in range(len(exchange.assets))
        ),
        rules={row: rule_facts(exchange, row) for row in range(exchange.capacity.rule_sets)},
    )
