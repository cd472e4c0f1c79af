"""The compound figures of a snapshot: how a ladder, a pool and a depth profile are read and what must hold in them."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING, Final, TypeVar

from shortfall.data._canonical import plain
from shortfall.data._reading import Notes, Reading, decimal_that, moment, table, text, texts
from shortfall.data.records import DepthPoint, DepthProfile, Pool, PoolAsset, Tier

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from decimal import Decimal

__all__ = ["FRACTION", "NOT_NEGATIVE", "POSITIVE", "SIGNED_FRACTION", "depth_profile", "pool", "tiers"]

T = TypeVar("T")

POSITIVE: Final = decimal_that(lambda number: number > 0, "more than 0")
NOT_NEGATIVE: Final = decimal_that(lambda number: number >= 0, "0 or more")
FRACTION: Final = decimal_that(lambda number: 0 <= number < 1, "a fraction from 0 to below 1")
SIGNED_FRACTION: Final = decimal_that(lambda number: -1 < number < 1, "a fraction between -1 and 1")
LEVERAGE: Final = decimal_that(lambda number: number >= 1, "a leverage of 1 or more")

_TIER: Final[dict[str, Reading[Decimal]]] = {
    "floor_quote": NOT_NEGATIVE,
    "cap_quote": POSITIVE,
    "maintenance_rate": FRACTION,
    "max_leverage": LEVERAGE,
    "maintenance_amount_quote": NOT_NEGATIVE,
}
_POINT: Final[dict[str, Reading[Decimal]]] = {
    "distance_bps": POSITIVE,
    "bid_notional_quote": NOT_NEGATIVE,
    "ask_notional_quote": NOT_NEGATIVE,
}


def tiers(raw: object, path: str, notes: Notes) -> tuple[Tier, ...] | None:
    """Read a ladder of margin tiers and check that it is one: contiguous, monotone, with amounts that telescope."""
    read = _rows(raw, path, notes, lambda row, place: _tier(row, place, notes))
    if read is not None:
        _check_ladder(read, path, notes)
    return read


def pool(raw: object, path: str, notes: Notes) -> Pool | None:
    """Read an insurance pool: a name, its members and its balances."""
    found = table(raw, path, notes, ("name", "members", "assets"))
    if found is None:
        return None
    name = text(found["name"], f"{path}.name", notes)
    members = texts(found["members"], f"{path}.members", notes)
    assets = _rows(found["assets"], f"{path}.assets", notes, lambda row, place: _asset(row, place, notes))
    if name is None or members is None or assets is None:
        return None
    _check_unique([held.asset for held in assets], f"{path}.assets", notes)
    _check_unique(members, f"{path}.members", notes)
    return Pool(name, members, assets)


def depth_profile(raw: object, path: str, notes: Notes) -> DepthProfile | None:
    """Read a depth profile and check that it is cumulative and stays within what was observed."""
    found = table(raw, path, notes, ("mid_price", "observed_to_bps", "beyond", "points"))
    if found is None:
        return None
    mid = POSITIVE(found["mid_price"], f"{path}.mid_price", notes)
    reach = POSITIVE(found["observed_to_bps"], f"{path}.observed_to_bps", notes)
    beyond = text(found["beyond"], f"{path}.beyond", notes)
    points = _rows(found["points"], f"{path}.points", notes, lambda row, place: _point(row, place, notes))
    if mid is None or reach is None or beyond is None or points is None:
        return None
    _check_depth(points, reach, f"{path}.points", notes)
    return DepthProfile(points, reach, mid, beyond)


def _rows(raw: object, path: str, notes: Notes, reading: Callable[[object, str], T | None]) -> tuple[T, ...] | None:
    """Read every row of an array of tables; None if one of them could not be read."""
    if not isinstance(raw, list) or not raw:
        notes.add(path, "Expected a list with at least one row")
        return None
    read = [reading(row, f"{path}[{place}]") for place, row in enumerate(raw)]
    kept = tuple(row for row in read if row is not None)
    return kept if len(kept) == len(read) else None


def _numbers(
    raw: object, path: str, notes: Notes, columns: Mapping[str, Reading[Decimal]]
) -> Mapping[str, Decimal] | None:
    found = table(raw, path, notes, columns)
    if found is None:
        return None
    read = {key: reading(found[key], f"{path}.{key}", notes) for key, reading in columns.items()}
    kept = {key: number for key, number in read.items() if number is not None}
    return kept if len(kept) == len(read) else None


def _tier(raw: object, path: str, notes: Notes) -> Tier | None:
    numbers = _numbers(raw, path, notes, _TIER)
    return None if numbers is None else Tier(**numbers)


def _point(raw: object, path: str, notes: Notes) -> DepthPoint | None:
    numbers = _numbers(raw, path, notes, _POINT)
    return None if numbers is None else DepthPoint(**numbers)


def _asset(raw: object, path: str, notes: Notes) -> PoolAsset | None:
    found = table(raw, path, notes, ("asset", "balance", "updated_at"))
    if found is None:
        return None
    asset = text(found["asset"], f"{path}.asset", notes)
    balance = NOT_NEGATIVE(found["balance"], f"{path}.balance", notes)
    updated_at = moment(found["updated_at"], f"{path}.updated_at", notes)
    if asset is None or balance is None or updated_at is None:
        return None
    return PoolAsset(asset, balance, updated_at)


def _check_ladder(ladder: tuple[Tier, ...], path: str, notes: Notes) -> None:
    if ladder[0].floor_quote != 0:
        notes.add(f"{path}[0].floor_quote", f"Expected the first tier from 0, was {plain(ladder[0].floor_quote)}")
    if ladder[0].maintenance_amount_quote != 0:
        was = plain(ladder[0].maintenance_amount_quote)
        notes.add(f"{path}[0].maintenance_amount_quote", f"Expected 0 in the first tier, was {was}")
    for place, tier in enumerate(ladder):
        _check_tier(tier, f"{path}[{place}]", notes)
    for place, (lower, upper) in enumerate(pairwise(ladder), start=1):
        _check_step(lower, upper, f"{path}[{place}]", notes)


def _check_tier(tier: Tier, path: str, notes: Notes) -> None:
    if tier.cap_quote <= tier.floor_quote:
        was = plain(tier.cap_quote)
        notes.add(f"{path}.cap_quote", f"Expected more than the floor {plain(tier.floor_quote)}, was {was}")
    if tier.maintenance_rate * tier.max_leverage >= 1:  # cross-multiplied: 1 / leverage may have no exact decimal
        bound = f"1 / max_leverage = 1 / {plain(tier.max_leverage)}"
        was = plain(tier.maintenance_rate)
        notes.add(f"{path}.maintenance_rate", f"Expected maintenance below initial margin ({bound}), was {was}")


def _check_step(lower: Tier, upper: Tier, path: str, notes: Notes) -> None:
    if upper.floor_quote != lower.cap_quote:
        was = plain(upper.floor_quote)
        notes.add(f"{path}.floor_quote", f"Expected the cap of the tier below, {plain(lower.cap_quote)}, was {was}")
    if upper.maintenance_rate < lower.maintenance_rate:
        bound, was = plain(lower.maintenance_rate), plain(upper.maintenance_rate)
        notes.add(f"{path}.maintenance_rate", f"Expected at least {bound} as in the tier below, was {was}")
    if upper.max_leverage > lower.max_leverage:
        bound, was = plain(lower.max_leverage), plain(upper.max_leverage)
        notes.add(f"{path}.max_leverage", f"Expected at most {bound} as in the tier below, was {was}")
    rise = upper.floor_quote * (upper.maintenance_rate - lower.maintenance_rate)
    due = lower.maintenance_amount_quote + rise
    if upper.maintenance_amount_quote != due:
        sums = f"{plain(lower.maintenance_amount_quote)} + floor x rise of the rate {plain(rise)} = {plain(due)}"
        was = plain(upper.maintenance_amount_quote)
        notes.add(f"{path}.maintenance_amount_quote", f"Expected {sums}, was {was}")


def _check_depth(points: tuple[DepthPoint, ...], reach: Decimal, path: str, notes: Notes) -> None:
    for place, (near, far) in enumerate(pairwise(points), start=1):
        for column in _POINT:
            low, was = getattr(near, column), getattr(far, column)
            if was < low or (column == "distance_bps" and was == low):
                bound = f"more than {plain(low)}" if column == "distance_bps" else f"at least {plain(low)}"
                notes.add(f"{path}[{place}].{column}", f"Expected {bound} as the row before has it, was {plain(was)}")
    if points[-1].distance_bps > reach:
        was = plain(points[-1].distance_bps)
        notes.add(
            f"{path}[{len(points) - 1}].distance_bps", f"Expected at most observed_to_bps {plain(reach)}, was {was}"
        )


def _check_unique(names: list[str] | tuple[str, ...], path: str, notes: Notes) -> None:
    for name in sorted({name for name in names if names.count(name) > 1}):
        notes.add(path, f"Expected {name} once, was there {names.count(name)} times")
