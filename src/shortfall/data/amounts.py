"""Columns of decimal numbers become exact integers: lots, money and entry costs, by whole columns; what does not fit is marked."""

from __future__ import annotations

from math import gcd
from typing import TYPE_CHECKING, Final

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Iterator
    from decimal import Decimal

    from numpy.typing import NDArray

    from shortfall.data.columns import Numbers

ROOM: Final = 1 << 61  # no amount of a state comes near it, and sums of two still fit
MOST_DECIMALS: Final = 9  # of a price that an asset is counted at: the products below then fit

Whole = tuple["NDArray[np.int64]", "NDArray[np.bool_]"]


def _by_decimals(numbers: Numbers) -> Iterator[tuple[int, NDArray[np.bool_]]]:
    for decimals in np.unique(numbers.decimals).tolist():
        if decimals >= 0:
            yield decimals, numbers.decimals == decimals


def fits(left: NDArray[np.int64], right: NDArray[np.int64] | int) -> NDArray[np.bool_]:
    """Say whether a product has room, with a wide margin: the estimate is a float."""
    found: NDArray[np.bool_] = np.abs(left.astype(np.float64)) * np.abs(np.asarray(right, np.float64)) < float(ROOM)
    return found


def steps_of(numbers: Numbers, step: Decimal) -> Whole:
    """Return (whole multiples of a step, whether each number is one)."""
    up, over = step.as_integer_ratio()
    found = np.zeros(len(numbers.mantissa), np.int64)
    exact = np.zeros(len(found), np.bool_)
    for decimals, mine in _by_decimals(numbers):
        common = gcd(over, up * 10**decimals)
        top, bottom = over // common, up * 10**decimals // common
        m = numbers.mantissa[mine]
        room = fits(m, top)
        whole, rest = np.divmod(np.where(room, m * min(top, ROOM), 0), min(bottom, ROOM))
        found[mine], exact[mine] = whole, room & (rest == 0)
    return found, exact


def money_of(numbers: Numbers, exponent: int) -> Whole:
    """Return (money in units of 10**-exponent rounded down, whether it has room)."""
    found = np.zeros(len(numbers.mantissa), np.int64)
    room = np.zeros(len(found), np.bool_)
    for decimals, mine in _by_decimals(numbers):
        m = numbers.mantissa[mine]
        top, bottom = 10 ** max(0, exponent - decimals), 10 ** max(0, decimals - exponent)
        enough = fits(m, top)
        found[mine], room[mine] = np.where(enough, m * top, 0) // bottom, enough
    return found, room


def worth_of(amounts: Numbers, prices: Numbers, exponent: int) -> Whole:
    """Return (amount times price in units of 10**-exponent, rounded down, whether it has room)."""
    found = np.zeros(len(amounts.mantissa), np.int64)
    room = np.zeros(len(found), np.bool_)
    for decimals, priced in _by_decimals(prices):
        base = 10**decimals
        for own, same in _by_decimals(amounts):
            mine = priced & same
            # as fine as the settlement asset before the product, so that only the end is rounded
            top, bottom = 10 ** max(0, exponent - own), 10 ** max(0, own - exponent)
            m, p = amounts.mantissa[mine], prices.mantissa[mine]
            enough = fits(m, top) & (decimals <= MOST_DECIMALS)
            m = np.where(enough, m * top, 0)
            enough &= fits(m, p // base + 1)
            m, p = np.where(enough, m, 0), np.where(enough, p, 0)
            (high, low), (whole, part) = np.divmod(m, base), np.divmod(p, base)
            product = m * whole + high * part + low * part // base  # exact, rounded down
            found[mine], room[mine] = product // bottom, enough
    return found, room


def costs_of(lots: NDArray[np.int64], prices: Numbers, tick: Decimal, multiplier: int) -> Whole:
    """Return (signed entry cost of a linear position, rounded up and so against its owner, whether it has room)."""
    found = np.zeros(len(lots), np.int64)
    room = np.zeros(len(lots), np.bool_)
    up, over = tick.as_integer_ratio()
    for decimals, mine in _by_decimals(prices):
        common = gcd(multiplier * over, up * 10**decimals)
        top, bottom = multiplier * over // common, up * 10**decimals // common
        p, n = prices.mantissa[mine], lots[mine]
        enough = fits(p, top) & fits(n, bottom)
        value = np.where(enough, p * min(top, ROOM), 0)  # times 1 / bottom: worth of a lot
        whole, part = np.divmod(value, min(bottom, ROOM))
        enough &= fits(n, whole + 1)
        n, whole = np.where(enough, n, 0), np.where(enough, whole, 0)
        found[mine], room[mine] = n * whole - (-n * part) // min(bottom, ROOM), enough
    return found, room
