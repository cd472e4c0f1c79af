"""A bundled contract snapshot as figures: same values, same sources, same dates, nothing added."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Final

from shortfall.data.figure_records import (
    NAMES,
    ContractFigures,
    Figure,
    FundAsset,
    FundPool,
    State,
    TierRow,
    unknown_figure,
)
from shortfall.data.records import Kind, Sourced

if TYPE_CHECKING:
    from collections.abc import Mapping

    from shortfall.data.snapshot import ContractSnapshot

__all__ = ["figures_of"]

_PLAIN: Final = (
    "open_interest_base",
    "mark_price",
    "index_price",
    "funding_rate",
    "liquidation_fee_rate",
    "taker_fee_rate",
    "maker_fee_rate",
    "price_band_up_multiplier",
    "price_band_down_multiplier",
    "tick_size",
    "lot_size",
    "settlement_asset",
)
_EIGHT_HOURS: Final = 8
_NOT_IN_SNAPSHOT: Final[Mapping[str, str]] = {
    "adl_state": "the bundled snapshot has no ADL signal; the venue publishes one, collect it",
    "adl_signals": "the bundled snapshot has no ADL signal; the venue publishes one, collect it",
    "constituents": "the bundled snapshot has no index constituents; the venue publishes them, collect them",
    "liquidations": "the venue publishes liquidations on a stream only, at most one each second and contract",
    "book": "the bundled snapshot keeps cumulative depth, not levels; see depth",
    "volume_24h_quote": "not recorded in the bundled snapshot; collect it",
}


def figures_of(snapshot: ContractSnapshot) -> ContractFigures:
    """Return a contract snapshot as figures.

    What the snapshot assumes is left out as a figure's value and kept unknown with the assumption in the note: these
    records hold what somebody published, and the lab keeps its assumptions itself.
    """
    figures = [_plain(name, getattr(snapshot, name)) for name in _PLAIN]
    figures += [
        _derived_notional(snapshot),
        _max_leverage(snapshot),
        _interval(snapshot.funding_rate),
        _fund(snapshot),
        _rows("tiers", snapshot.tiers, len(snapshot.tiers.value or ())),
        _rows("fund_pools", snapshot.pool, 1),
        _rows("depth", snapshot.depth, len(snapshot.depth.value.points) if snapshot.depth.value else 0),
        *(unknown_figure(name, reason) for name, reason in _NOT_IN_SNAPSHOT.items()),
    ]
    return ContractFigures(
        venue=snapshot.venue,
        symbol=snapshot.symbol,
        figures=tuple(figures),
        base_asset=snapshot.base_asset,
        quote_asset=snapshot.quote_asset,
        settlement_asset=str(snapshot.settlement_asset.value or ""),
        contract_form="linear",
        tiers=_tiers(snapshot),
        pools=_pools(snapshot),
        depth=snapshot.depth.value,
    )


def _plain(name: str, held: Sourced[object]) -> Figure:
    if held.kind is not Kind.OBSERVED:
        assumed = f"; a run assumes {held.value}" if held.value is not None else ""
        return unknown_figure(name, f"{held.reason}{assumed}")
    value = held.value if isinstance(held.value, (Decimal, int, str)) else str(held.value)
    return Figure(name, value, NAMES[name], State.RETYPED, held.source, held.as_of, None, held.note)


def _rows(name: str, held: Sourced[object], count: int) -> Figure:
    if held.value is None:
        return unknown_figure(name, held.reason)
    return Figure(name, count, NAMES[name], State.RETYPED, held.source, held.as_of, None, held.note)


def _derived_notional(snapshot: ContractSnapshot) -> Figure:
    name, interest, mark = "open_interest_notional", snapshot.open_interest_base, snapshot.mark_price
    if interest.value is None or mark.value is None:
        return unknown_figure(name, "open interest or mark price is unknown")
    value = interest.value * mark.value
    note = "open_interest_base x mark_price"
    return Figure(name, value, NAMES[name], State.DERIVED, interest.source, interest.as_of, None, note)


def _max_leverage(snapshot: ContractSnapshot) -> Figure:
    name, ladder = "max_leverage", snapshot.tiers
    if not ladder.value:
        return unknown_figure(name, ladder.reason)
    value, note = ladder.value[0].max_leverage, "of the first tier"
    return Figure(name, value, NAMES[name], State.DERIVED, ladder.source, ladder.as_of, None, note)


def _interval(rate: Sourced[Decimal]) -> Figure:
    name = "funding_interval_hours"
    if rate.value is None:
        return unknown_figure(name, rate.reason)
    note = "the snapshot states the rate for eight hours"
    return Figure(name, _EIGHT_HOURS, NAMES[name], State.DERIVED, rate.source, rate.as_of, None, note)


def _fund(snapshot: ContractSnapshot) -> Figure:
    name, pool = "fund_balance", snapshot.pool
    if pool.value is None:
        return unknown_figure(name, pool.reason)
    asset = str(snapshot.settlement_asset.value)
    balance = pool.value.balance(asset)
    if balance is None:
        return unknown_figure(name, f"the pool lists no balance in {asset}")
    note = f"the pool's {asset} only; {len(pool.value.members)} contracts draw on it; other assets are not converted"
    return Figure(name, balance, NAMES[name], State.RETYPED, pool.source, pool.as_of, None, note)


def _tiers(snapshot: ContractSnapshot) -> tuple[TierRow, ...]:
    return tuple(
        TierRow(
            floor=tier.floor_quote,
            cap=tier.cap_quote,
            unit="quote",
            maintenance_rate=tier.maintenance_rate,
            max_leverage=tier.max_leverage,
            maintenance_amount=tier.maintenance_amount_quote,
        )
        for tier in snapshot.tiers.value or ()
    )


def _pools(snapshot: ContractSnapshot) -> tuple[FundPool, ...]:
    pool = snapshot.pool.value
    if pool is None:
        return ()
    assets = tuple(FundAsset(held.asset, held.balance) for held in pool.assets)
    form = "shared" if len(pool.members) > 1 else "contract"
    as_of = max((held.updated_at for held in pool.assets), default=snapshot.pool.as_of)
    return (FundPool(pool.name, form, pool.members, assets, as_of),)
