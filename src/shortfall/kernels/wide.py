"""Bit scans and wide products, with the rounding in the name.

Numba has no 128-bit type, an LLVM 128-bit division is an unresolved library call, and a signed int64 that overflows wraps in
silence. Therefore a quotient is estimated in float64, its exact remainder is taken in 128 bits (multiply and subtract only),
estimated again, and corrected once. Exact for all |a|, |b| < 2**63, 0 < c < 2**62 with |a * b / c| < 2**62, which every market
proves when it is built.
"""

from __future__ import annotations

import numpy as np
from llvmlite import ir
from numba.core import types
from numba.extending import intrinsic, overload

from shortfall.kernels._jit import inner

_I128 = ir.IntType(128)
_I64 = ir.IntType(64)


@intrinsic
def _trailing_zeros(_context, x):
    def codegen(_target, builder, _sig, args):
        return builder.cttz(args[0], ir.Constant(ir.IntType(1), 0))

    return types.int64(types.int64), codegen


@intrinsic
def _leading_zeros(_context, x):
    def codegen(_target, builder, _sig, args):
        return builder.ctlz(args[0], ir.Constant(ir.IntType(1), 0))

    return types.int64(types.int64), codegen


def _remainder_128(builder, args):
    a, b, q, c = (builder.sext(x, _I128) for x in args)
    return builder.sub(builder.mul(a, b), builder.mul(q, c))


@intrinsic
def _remainder_high(_context, a, b, q, c):
    """Bits 64 to 127 of a * b - q * c, signed."""

    def codegen(_target, builder, _sig, args):
        wide = _remainder_128(builder, args)
        return builder.trunc(builder.ashr(wide, ir.Constant(_I128, 64)), _I64)

    return types.int64(types.int64, types.int64, types.int64, types.int64), codegen


@intrinsic
def _remainder_low(_context, a, b, q, c):
    """Bits 0 to 63 of a * b - q * c."""

    def codegen(_target, builder, _sig, args):
        return builder.trunc(_remainder_128(builder, args), _I64)

    return types.uint64(types.int64, types.int64, types.int64, types.int64), codegen


def lowest_bit(x: int) -> int:
    """Return the position of the lowest set bit of a positive word."""
    x = int(x)
    return (x & -x).bit_length() - 1


def highest_bit(x: int) -> int:
    """Return the position of the highest set bit of a positive word."""
    return int(x).bit_length() - 1


def mul_div_floor(a: int, b: int, c: int) -> int:
    """Return floor(a * b / c) for c > 0, exact although a * b may need 126 bits."""
    return int(a) * int(b) // int(c)


@overload(lowest_bit)
def _lowest_bit(x):
    return lambda x: _trailing_zeros(x)


@overload(highest_bit)
def _highest_bit(x):
    return lambda x: 63 - _leading_zeros(x)


@overload(mul_div_floor, jit_options={"error_model": "numpy"})
def _mul_div_floor(a, b, c):
    def exact(a, b, c):
        product = np.float64(a) * np.float64(b)
        first = np.int64(product / np.float64(c))
        if -1.0e33 < product < 1.0e33:  # the remainder fits 64 bits: wrapping arithmetic is exact
            rest = np.int64(np.uint64(a) * np.uint64(b) - np.uint64(first) * np.uint64(c))
            if (
                0 <= rest < c
            ):  # nearly always: the estimate is off by a unit at most, and a division costs more than both tests
                return first
            return first - 1 if -c <= rest < 0 else first + rest // c
        high = _remainder_high(a, b, first, c)
        low = _remainder_low(a, b, first, c)
        second = np.int64((np.float64(high) * 18446744073709551616.0 + np.float64(low)) / np.float64(c))
        rest = np.int64(low - np.uint64(second) * np.uint64(c))
        return first + second + rest // c

    return exact


@inner
def mul_div_ceil(a, b, c):
    """Return ceil(a * b / c) for c > 0."""
    return -mul_div_floor(-a, b, c)


@inner
def ppm_floor(amount, rate_ppm):
    """Return floor(amount * rate / 10**6) for amount >= 0 without a wide product."""
    whole = amount // 1_000_000
    return whole * rate_ppm + (amount - whole * 1_000_000) * rate_ppm // 1_000_000


@inner
def ppm_ceil(amount, rate_ppm):
    """Return ceil(amount * rate / 10**6) for amount >= 0 without a wide product."""
    whole = amount // 1_000_000
    return whole * rate_ppm + ((amount - whole * 1_000_000) * rate_ppm + 999_999) // 1_000_000


def product_below(above: int, scale: int, below: int, other: int, floor: int, steps: int) -> bool:
    """Say, cheaply and only when it is certain, that above * scale / (below * other) is less than floor / steps.

    A filter in IEEE doubles with a margin of 1e-6, far above their error: what passes is then ranked exactly.
    """
    return float(above) * float(scale) * float(steps) < float(floor) * 0.999999 * float(below) * float(other)


@overload(product_below)
def _product_below(above, scale, below, other, floor, steps):
    def impl(above, scale, below, other, floor, steps):
        reach = np.float64(floor) * 0.999999 * np.float64(below) * np.float64(other)
        return np.float64(above) * np.float64(scale) * np.float64(steps) < reach

    return impl


def product_above(above: int, scale: int, below: int, other: int, bound: int) -> bool:
    """Say, in IEEE doubles, that above * scale / (below * other) is beyond a bound far from any ordinary value."""
    return float(above) * float(scale) > float(bound) * float(below) * float(other)


@overload(product_above)
def _product_above(above, scale, below, other, bound):
    def impl(above, scale, below, other, bound):
        return np.float64(above) * np.float64(scale) > np.float64(bound) * np.float64(below) * np.float64(other)

    return impl


RANK_SCALE = 1 << 20


def ratio_below(gain: int, mark: int, entry: int, equity: int, floor: int) -> bool:
    """Say, cheaply and only when it is certain, that gain / entry * mark / equity in steps of 2**-20, one more, is below `floor`.

    Doubles of a few words with a margin of 1e-6; a product of negative factors may say no, never yes where it is not.
    """
    reach = (float(floor) - 1.0) * 0.999999 * float(entry) * float(equity)
    return float(gain) * float(mark) * float(RANK_SCALE) < reach


@overload(ratio_below)
def _ratio_below(gain, mark, entry, equity, floor):
    def impl(gain, mark, entry, equity, floor):
        reach = (np.float64(floor) - 1.0) * 0.999999 * np.float64(entry) * np.float64(equity)
        return np.float64(gain) * np.float64(mark) * np.float64(RANK_SCALE) < reach

    return impl
