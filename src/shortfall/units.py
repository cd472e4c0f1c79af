"""Integers from here up: prices in ticks, sizes in lots, money in smallest units, rates in parts per million.

Problem: a price such as 0.1 has no exact binary float, money at exchange size has more digits than a float holds, and a
sum of rounded numbers depends on its order. Observation: every figure that a venue publishes is a short decimal, and a
contract fixes the steps in which its prices and sizes move. Therefore text becomes an integer once, at the border, with
a rounding that the caller names, and it becomes text again only to be read.

This module is the only doorway between decimal text and bare integers. Text that is not an exact multiple of its unit
is refused unless the caller asked for a rounding. Every integer that leaves it fits in 64 bits with a sign.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from fractions import Fraction
from typing import Final, NoReturn

from shortfall.errors import Finding, Findings, InputError, RuleError, ensure

__all__ = [
    "INT64_MAX",
    "PPM",
    "Asset",
    "Rounding",
    "Scale",
    "div_ceil",
    "div_floor",
    "duration_text",
    "duration_us_from_text",
    "exact_money",
    "format_money",
    "human_money",
    "money_from_text",
    "mul_div_ceil",
    "mul_div_floor",
    "parse_decimal",
    "percent_text",
    "ppm_from_text",
]

INT64_MAX: Final = 2**63 - 1
PPM: Final = 1_000_000
"""Parts in a whole: rates are integers of parts per million."""

MAX_EXPONENT: Final = 18
MAX_TEXT_LENGTH: Final = 64

_DECIMAL: Final = re.compile(r"[+-]?[0-9]+(?:_[0-9]+)*(?:\.[0-9]+)?")
_WITH_UNIT: Final = re.compile(r"(?P<number>[+-]?[0-9._]+)\s*(?P<unit>[a-z%]*)")
_DURATION_US: Final[dict[str, int]] = {
    "us": 1,
    "ms": 1_000,
    "s": 1_000_000,
    "m": 60_000_000,
    "h": 3_600_000_000,
    "d": 86_400_000_000,
}
_PPM_PER_UNIT: Final[dict[str, int]] = {"": PPM, "%": PPM // 100, "ppm": 1}
_HUMAN_SUFFIXES: Final = ((3, "k"), (6, "M"), (9, "bn"), (12, "tn"))
_HUMAN_DIGITS: Final = 3


class Rounding(StrEnum):
    """What to do with the part that the unit cannot hold."""

    EXACT = "exact"
    """Refuse the text."""
    FLOOR = "floor"
    """Go towards minus infinity."""
    CEIL = "ceil"
    """Go towards plus infinity."""


# ---------------------------------------------------------------------------------------------------------- division


def div_floor(numerator: int, divisor: int) -> int:
    """Divide, rounding towards minus infinity, for a numerator of either sign.

    Raises
    ------
    InvariantViolationError
        If the divisor is not positive.
    """
    ensure(divisor > 0, "a divisor is positive", numerator=numerator, divisor=divisor)
    return numerator // divisor


def div_ceil(numerator: int, divisor: int) -> int:
    """Divide, rounding towards plus infinity, for a numerator of either sign.

    Raises
    ------
    InvariantViolationError
        If the divisor is not positive.
    """
    ensure(divisor > 0, "a divisor is positive", numerator=numerator, divisor=divisor)
    return -(-numerator // divisor)


def mul_div_floor(left: int, right: int, divisor: int) -> int:
    """Return ``left * right / divisor`` rounded towards minus infinity; the product is exact at any width.

    Raises
    ------
    InvariantViolationError
        If the divisor is not positive.
    """
    return div_floor(left * right, divisor)


def mul_div_ceil(left: int, right: int, divisor: int) -> int:
    """Return ``left * right / divisor`` rounded towards plus infinity; the product is exact at any width.

    Raises
    ------
    InvariantViolationError
        If the divisor is not positive.
    """
    return div_ceil(left * right, divisor)


# ---------------------------------------------------------------------------------------------------- text to number


def parse_decimal(text: str, *, path: str = "") -> Decimal:
    """Read a plain decimal number such as ``-12.5`` or ``1_000_000``, exactly.

    Exponents, infinities and commas are refused: the first hide a magnitude, the others are not amounts. Underscores
    may stand between digits before the point.

    Parameters
    ----------
    text : str
        The number, at most 64 characters.
    path : str
        Where it stands, for the finding.

    Raises
    ------
    InputError
        If the text is something else. A float is refused too, because its digits are already lost.
    """
    if not isinstance(text, str):
        _refuse(path, f"Expected a decimal number in quotes, was {text!r} of type {type(text).__name__}")
    if len(text) > MAX_TEXT_LENGTH or _DECIMAL.fullmatch(text.strip()) is None:
        _refuse(path, f"Expected a decimal number such as -12.5, was {text[:MAX_TEXT_LENGTH]!r}")
    return Decimal(text.strip())


def money_from_text(text: str, asset: Asset, rounding: Rounding = Rounding.EXACT, *, path: str = "") -> int:
    """Read an amount of money in whole units of its asset, such as ``12.5``.

    Parameters
    ----------
    text : str
        The amount without the asset's name; signed.
    asset : Asset
        Gives the smallest unit.
    rounding : Rounding
        What to do with digits beyond the smallest unit; refuse them unless told otherwise.
    path : str
        Where it stands, for the finding.

    Returns
    -------
    int
        The amount in the smallest unit, with the sign of the text.

    Raises
    ------
    InputError
        If the text is no number, is finer than the unit under ``EXACT``, or does not fit in 64 bits.
    """
    units = Fraction(parse_decimal(text, path=path)) * 10**asset.exponent
    return _whole(units, rounding, text, f"a multiple of {asset.smallest_unit_text}", path)


def ppm_from_text(text: str, *, path: str = "") -> int:
    """Read a share or a rate: ``20%``, ``0.2`` and ``200000ppm`` are the same number.

    A bare number above 1 or below -1 is refused, because ``20`` might mean 20 % or 2,000 %.

    Returns
    -------
    int
        Parts per million, with the sign of the text; never rounded.

    Raises
    ------
    InputError
        If the text is none of the three forms or is finer than one part per million.
    """
    number, unit = _split_unit(text, "a share such as 20%, 0.2 or 200000ppm", tuple(_PPM_PER_UNIT), path)
    if unit == "" and abs(number) > 1:
        _refuse(path, f"Expected a share such as 20%, 0.2 or 200000ppm, was {text!r}: above 1 a unit is needed")
    return _whole(number * _PPM_PER_UNIT[unit], Rounding.EXACT, text, "a multiple of 1ppm", path)


def duration_us_from_text(text: str, *, path: str = "") -> int:
    """Read a duration with its unit: ``250us``, ``100ms``, ``60s``, ``5m``, ``1h``, ``2d``, also ``1.5s``.

    Returns
    -------
    int
        Microseconds, zero or more; never rounded.

    Raises
    ------
    InputError
        If the unit is missing or unknown, the duration is negative or finer than one microsecond.
    """
    number, unit = _split_unit(text, "a duration such as 100ms, 60s or 5m", tuple(_DURATION_US), path)
    if number < 0:
        _refuse(path, f"Expected a duration of zero or more, was {text!r}")
    return _whole(number * _DURATION_US[unit], Rounding.EXACT, text, "a multiple of 1us", path)


def _split_unit(text: str, expected: str, units: tuple[str, ...], path: str) -> tuple[Fraction, str]:
    match = _WITH_UNIT.fullmatch(str(text).strip())
    if not isinstance(text, str) or match is None or match["unit"] not in units:
        _refuse(path, f"Expected {expected}, was {text!r}")
    return Fraction(parse_decimal(match["number"], path=path)), match["unit"]


def _whole(exact: Fraction, rounding: Rounding, text: str, step: str, path: str) -> int:
    """Turn an exact figure in units into an integer of at most 64 bits, or refuse the text."""
    if rounding is Rounding.EXACT and exact.denominator != 1:
        _refuse(path, f"Expected {step}, was {text!r}")
    divide = div_ceil if rounding is Rounding.CEIL else div_floor
    units = divide(exact.numerator, exact.denominator)
    if abs(units) > INT64_MAX:
        _refuse(path, f"Expected at most {INT64_MAX} smallest units, was {text!r}, which is {units}")
    return units


def _refuse(path: str, message: str) -> NoReturn:
    raise InputError([Finding(path, message)])


# ---------------------------------------------------------------------------------------------------- number to text


def percent_text(ppm: int) -> str:
    """Write parts per million as an exact percentage without trailing zeros, such as ``20%`` or ``-0.0125%``."""
    return f"{_trimmed(_decimal_text(ppm, 4))}%"


def duration_text(duration_us: int) -> str:
    """Write microseconds exactly, in the largest unit that divides them: ``1m`` rather than ``60s``, but ``90s``."""
    fitting = [unit for unit, size_us in _DURATION_US.items() if duration_us % size_us == 0]
    unit = fitting[-1] if duration_us else "s"
    return f"{duration_us // _DURATION_US[unit]}{unit}"


def format_money(amount: int, asset: Asset) -> str:
    """Write an amount exactly, with all the asset's decimals and without its name, such as ``-12.500000``.

    The width of the fraction never changes, so that columns align and programs need no special case.
    """
    return _decimal_text(amount, asset.exponent)


def exact_money(amount: int, asset: Asset) -> str:
    """Write an amount exactly for a sentence: no trailing zeros, with the asset's name, such as ``-12.5 USDT``."""
    return f"{_trimmed(_decimal_text(amount, asset.exponent))} {asset.code}"


def human_money(amount: int, asset: Asset) -> str:
    """Write an amount to three significant digits with a suffix, such as ``1.10 bn USDT`` or ``-12.3 M USDT``.

    Rounded to the nearest, halves away from zero. An amount that is not zero never reads as zero, however small it is.
    """
    if amount == 0:
        return f"0 {asset.code}"
    sign = "-" if amount < 0 else ""
    digits, exponent = _significant(abs(amount), -asset.exponent)
    leading = exponent + _HUMAN_DIGITS - 1
    shift, suffix = next(((s, f" {name}") for s, name in reversed(_HUMAN_SUFFIXES) if leading >= s), (0, ""))
    places = shift - exponent
    figure = _decimal_text(digits, places) if places > 0 else str(digits * 10**-places)
    if not suffix and places > asset.exponent:
        figure = figure[: len(figure) - (places - asset.exponent)].removesuffix(".")
    return f"{sign}{figure}{suffix} {asset.code}"


def _significant(units: int, exponent: int) -> tuple[int, int]:
    """Return three digits and their power of ten, rounded to the nearest with halves up, for a positive integer."""
    surplus = len(str(units)) - _HUMAN_DIGITS
    if surplus <= 0:
        return units * 10**-surplus, exponent + surplus
    digits = div_floor(units + 5 * 10 ** (surplus - 1), 10**surplus)
    carried = len(str(digits)) > _HUMAN_DIGITS
    return (digits // 10, exponent + surplus + 1) if carried else (digits, exponent + surplus)


def _decimal_text(units: int, places: int) -> str:
    """Write ``units / 10**places`` with exactly `places` decimals; zero has no sign."""
    digits = str(abs(units)).rjust(places + 1, "0")
    sign = "-" if units < 0 else ""
    return f"{sign}{digits[: len(digits) - places]}.{digits[len(digits) - places :]}" if places else f"{sign}{digits}"


def _trimmed(figure: str) -> str:
    return figure.rstrip("0").removesuffix(".") if "." in figure else figure


# ------------------------------------------------------------------------------------------------------ asset, scale


@dataclass(frozen=True, slots=True)
class Asset:
    """Name an asset and its smallest unit, which is ``10 ** -exponent`` of it.

    Parameters
    ----------
    code : str
        Short name, such as ``USDT``.
    exponent : int
        Decimals of the smallest unit, 0 to 18; USDT at 6 counts in millionths.

    Raises
    ------
    RuleError
        If the code is empty or has spaces in it, or the exponent is out of bounds.
    """

    code: str
    exponent: int

    def __post_init__(self) -> None:
        findings = Findings()
        if not self.code or self.code != "".join(self.code.split()):
            findings.add("code", f"Expected a short name without spaces, was {self.code!r}")
        if not 0 <= self.exponent <= MAX_EXPONENT:
            findings.add("exponent", f"Expected 0 to {MAX_EXPONENT}, was {self.exponent}")
        findings.raise_if_any(RuleError)

    @property
    def smallest_unit_text(self) -> str:
        """The smallest amount, exactly and with the asset's name, such as ``0.000001 USDT``."""
        return exact_money(1, self)


@dataclass(frozen=True, slots=True)
class Scale:
    """Tie a contract's prices, sizes and money to integers.

    The value of a position is ``|lots| * ticks * multiplier`` for a linear contract, exactly, and
    ``|lots| * multiplier / ticks`` for an inverse one, which the caller rounds.

    Parameters
    ----------
    tick_size : Decimal
        Smallest step of the price, in quote currency; positive.
    lot_size : Decimal
        Smallest step of the size, in whatever unit the venue states sizes; positive.
    settlement : Asset
        What profit and loss are paid in.
    inverse : bool
        Whether the contract is quoted in one currency and settled in the other, so that its value is size over price.
    contract_value : Decimal
        What one unit of size stands for; positive. Base currency for a linear contract (1 where sizes are stated in
        base currency, 0.01 where a contract is a hundredth of a coin), quote currency for an inverse one (100 for a
        100-dollar contract).

    Raises
    ------
    RuleError
        If a step is not positive, or the multiplier is not a whole number from 1 to the 64-bit limit.
    """

    tick_size: Decimal
    lot_size: Decimal
    settlement: Asset
    inverse: bool = False
    contract_value: Decimal = Decimal(1)

    def __post_init__(self) -> None:
        findings = Findings()
        for name in ("tick_size", "lot_size", "contract_value"):
            step: Decimal = getattr(self, name)
            if not (step.is_finite() and step > 0):
                findings.add(name, f"Expected a number above zero, was {step}")
        findings.raise_if_any(RuleError)
        exact = self._exact_multiplier()
        if exact.denominator != 1 or not 1 <= exact.numerator <= INT64_MAX:
            bound = f"a whole number from 1 to {INT64_MAX}"
            findings.add("multiplier", f"Expected {bound}, was {exact} = {self._formula()}")
        findings.raise_if_any(RuleError)

    @property
    def multiplier(self) -> int:
        """Settlement units per tick and lot (linear), or settlement units times ticks per lot (inverse); positive."""
        return self._exact_multiplier().numerator

    def ticks_from_price(self, text: str, rounding: Rounding = Rounding.EXACT, *, path: str = "") -> int:
        """Read a price in quote currency as ticks.

        The sign is kept and zero is read: whether such a price may be used is for the engine to say, which never
        liquidates on it.

        Raises
        ------
        InputError
            If the text is no number, is between two ticks under ``EXACT``, or does not fit in 64 bits.
        """
        ticks = Fraction(parse_decimal(text, path=path)) / Fraction(self.tick_size)
        return _whole(ticks, rounding, text, f"a multiple of the tick size {self.tick_size:f}", path)

    def lots_from_size(self, text: str, rounding: Rounding = Rounding.EXACT, *, path: str = "") -> int:
        """Read a size in the venue's unit as lots, long positive.

        Raises
        ------
        InputError
            If the text is no number, is between two lots under ``EXACT``, or does not fit in 64 bits.
        """
        lots = Fraction(parse_decimal(text, path=path)) / Fraction(self.lot_size)
        return _whole(lots, rounding, text, f"a multiple of the lot size {self.lot_size:f}", path)

    def price_text(self, price_ticks: int) -> str:
        """Write ticks as an exact price with the decimals of the tick size, such as ``65000.0``."""
        return _steps_text(price_ticks, self.tick_size)

    def size_text(self, size_lots: int) -> str:
        """Write lots as an exact size with the decimals of the lot size, long positive, such as ``-0.250``."""
        return _steps_text(size_lots, self.lot_size)

    def _exact_multiplier(self) -> Fraction:
        tick, value_per_lot = Fraction(self.tick_size), Fraction(self.contract_value) * Fraction(self.lot_size)
        price_part = 1 / tick if self.inverse else tick
        smallest_units: int = 10**self.settlement.exponent
        return value_per_lot * price_part * smallest_units

    def _formula(self) -> str:
        price_part = f"{'/' if self.inverse else 'x'} tick_size {self.tick_size:f}"
        size_part = f"contract_value {self.contract_value:f} x lot_size {self.lot_size:f}"
        return f"{size_part} {price_part} x 10^{self.settlement.exponent}"


def _steps_text(steps: int, step: Decimal) -> str:
    """Write ``steps * step`` exactly, with the decimals in which the step was written."""
    units = Fraction(step)
    exponent = step.as_tuple().exponent
    places = max(0, -exponent) if isinstance(exponent, int) else 0
    return _decimal_text(int(steps * units * 10**places), places)
