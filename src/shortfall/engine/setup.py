"""What an exchange was built from, as JSON: a journal carries it, so that it alone is enough to build the state.

Decimals are written as text and every integer stays one, so nothing is rounded on the way out or back.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass, fields
from decimal import Decimal
from typing import TYPE_CHECKING, Any, Final

from shortfall.engine.exchange import CollateralSpec, Exchange, MarketSpec
from shortfall.model.capacity import Capacity
from shortfall.model.contract import Contract
from shortfall.rules.ruleset import SLOT_NAMES, MarginTier, RuleSet
from shortfall.units import Asset, Scale

if TYPE_CHECKING:
    from collections.abc import Mapping

DECIMAL: Final = "decimal"


@dataclass(frozen=True, slots=True)
class Setup:
    """Everything that `Exchange` takes.

    Parameters
    ----------
    markets : tuple of MarketSpec
        Contracts and rules in the order of their numbers.
    collaterals : tuple of CollateralSpec
        Assets that count as collateral.
    capacity : Capacity
        Rows that the state has room for.
    """

    markets: tuple[MarketSpec, ...]
    collaterals: tuple[CollateralSpec, ...]
    capacity: Capacity

    def build(self) -> Exchange:
        """Build the exchange: the same setup gives the same bytes."""
        return Exchange(self.markets, self.collaterals, self.capacity)


def setup_of(exchange: Exchange) -> Setup:
    """Return what an exchange was built from; later rule changes are commands and not part of it."""
    return Setup(exchange.specs, exchange.collaterals, exchange.capacity)


def setup_to_json(setup: Setup) -> dict[str, Any]:
    """Return a setup as what `json` can write."""
    document = _plain(asdict(setup))
    for market, spec in zip(document["markets"], setup.markets, strict=True):
        market["rules"] = _rules_to_json(spec.rules)
    return dict(document)


def setup_from_json(document: Mapping[str, Any]) -> Setup:
    """Return the setup that `setup_to_json` wrote.

    Raises
    ------
    KeyError, TypeError, ValueError
        If the document has another shape; the caller knows which file it came from.
    """
    return Setup(
        markets=tuple(_market(market) for market in document["markets"]),
        collaterals=tuple(_collateral(item) for item in document["collaterals"]),
        capacity=Capacity(**document["capacity"]),
    )


def _plain(value: Any) -> Any:  # noqa: ANN401 - any value of a record
    """Return what JSON knows: decimals tagged, tuples as lists."""
    if isinstance(value, Decimal):
        return {DECIMAL: str(value)}
    if isinstance(value, dict):
        return {key: _plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(item) for item in value]
    return value


def _lively(value: Any) -> Any:  # noqa: ANN401 - the same
    """Return a value that `_plain` wrote, decimals again decimals."""
    if isinstance(value, dict):
        return (
            Decimal(value[DECIMAL]) if set(value) == {DECIMAL} else {key: _lively(item) for key, item in value.items()}
        )
    return [_lively(item) for item in value] if isinstance(value, list) else value


def _rules_to_json(rules: RuleSet) -> dict[str, Any]:
    named = {name: _plain(asdict(getattr(rules, name))) for name in SLOT_NAMES}
    return {"tiers": [_plain(asdict(tier)) for tier in rules.tiers], "waterfall": list(rules.waterfall), **named}


def _rules(document: Mapping[str, Any]) -> RuleSet:
    slot_types = {item.name: type(getattr(RuleSet(), item.name)) for item in fields(RuleSet) if item.name in SLOT_NAMES}
    slots = {name: kind(**_lively(document[name])) for name, kind in slot_types.items()}
    tiers = tuple(MarginTier(**_lively(tier)) for tier in document["tiers"])
    return RuleSet(tiers=tiers, waterfall=tuple(document["waterfall"]), **slots)


def _contract(document: Mapping[str, Any]) -> Contract:
    scale = _lively(document["scale"])
    scale["settlement"] = Asset(**scale["settlement"])
    return Contract(**{**document, "scale": Scale(**scale)})


def _market(document: Mapping[str, Any]) -> MarketSpec:
    return MarketSpec(
        contract=_contract(document["contract"]),
        rules=_rules(document["rules"]),
        fund=document["fund"],
        pool=document["pool"],
        backstop=document["backstop"],
        source_weights_ppm=tuple(document["source_weights_ppm"]),
    )


def _collateral(document: Mapping[str, Any]) -> CollateralSpec:
    return CollateralSpec(**{**document, "asset": Asset(**document["asset"])})
