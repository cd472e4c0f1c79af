"""Separately compiled units, called through a table of addresses in the state.

Numba compiles a callee again inside every caller and optimises the whole nest at each level: compile time grows with the
product of the nest. A unit is compiled once, on its own, cached on its own; a caller contains an indirect call (about 2 ns).
Uniform shape: the state first, then integers, one integer out. With the JIT off a unit is the plain function.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar

import numba
from llvmlite import ir
from numba.core import types
from numba.core.typing.templates import AbstractTemplate, infer_global, signature
from numba.extending import lower_builtin

from shortfall.kernels._jit import JIT, UNIT_OPTIONS
from shortfall.kernels.layout import STATE_FIELDS
from shortfall.kernels.native import I64, POINTER, State, state_type

if TYPE_CHECKING:
    from collections.abc import Callable

F = TypeVar("F", bound="Callable[..., int]")
_UNITS: list[tuple[Callable[..., int], int]] = []
_COMPILED: dict[int, object] = {}
_TABLE_OFFSET = 16 * STATE_FIELDS.index("units")


def unit(function: F) -> F:
    """Register `function(s, i1 .. in) -> int` as a unit: kernels that call it go through the table."""
    if not JIT:
        return function
    slot = len(_UNITS)
    arity = function.__code__.co_argcount - 1  # type: ignore[attr-defined]  # a plain function
    _UNITS.append((function, arity))
    result = signature(types.int64, state_type, *[types.int64] * arity)
    name = f"shortfall-unit-{slot}"

    @infer_global(function, typing_key=name)
    class _Typing(AbstractTemplate):
        def generic(self, args, _kws):
            return result if len(args) == arity + 1 else None

    @lower_builtin(name, state_type, *[types.int64] * arity)
    def _lower(_context, builder, _sig, args):
        shape = ir.FunctionType(I64, [I64] * (arity + 1))
        table = builder.load(builder.inttoptr(builder.add(args[0], ir.Constant(I64, _TABLE_OFFSET)), POINTER), typ=I64)
        address = builder.load(builder.inttoptr(builder.add(table, ir.Constant(I64, 8 * slot)), POINTER), typ=I64)
        return builder.call(builder.inttoptr(address, ir.PointerType(shape)), args)

    return function


def bind(state: State) -> None:
    """Write the addresses of all units into a state, compiling or loading them on first use in this process."""
    for slot, (function, arity) in enumerate(_UNITS):
        if slot not in _COMPILED:
            shape = types.int64(state_type, *[types.int64] * arity)
            _COMPILED[slot] = numba.cfunc(shape, **UNIT_OPTIONS)(function)
        state.units[slot] = _COMPILED[slot].address  # type: ignore[attr-defined]  # numba is untyped
