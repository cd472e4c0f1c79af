"""Amounts as documents hold them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from shortfall.units import format_money

if TYPE_CHECKING:
    from shortfall.units import Asset


def money(amount: int, asset: Asset) -> dict[str, str]:
    """Return an amount as an exact decimal string with its unit."""
    return {"amount": format_money(amount, asset), "unit": asset.code}
