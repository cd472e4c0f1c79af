"""A state as one machine word inside kernels: `s.positions[i]` costs two loads, and no kernel argument is an array.

Problem: numba passes an array as seven words and counts references to it; a helper that takes seven arrays costs four times
the work it does. Observation: every kernel works on the same state. Therefore Python owns the arrays and a table of their
addresses and lengths, and a kernel gets the table's address, typed as `StateType`, whose attributes are bare pointers with
getitem, setitem and len. With SHORTFALL_BOUNDS=1 every index is checked and a bad one aborts the process. With the JIT off
`as_state` is the identity and the same source runs on a `State` of arrays or of lists.
"""

from __future__ import annotations

import operator
from typing import TYPE_CHECKING, NamedTuple, Protocol, cast

import numpy as np
from llvmlite import ir
from numba.core import types
from numba.core.typing.templates import AbstractTemplate, AttributeTemplate, infer_global, signature
from numba.extending import (
    infer_getattr,
    intrinsic,
    lower_builtin,
    lower_getattr_generic,
    models,
    overload,
    register_model,
)

from shortfall.kernels._jit import BOUNDS
from shortfall.kernels.layout import STATE_FIELDS

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray


class Rows(Protocol):
    """What a kernel sees of one array: integers by index."""

    def __getitem__(self, index: int, /) -> int: ...
    def __setitem__(self, index: int, value: int, /) -> None: ...
    def __len__(self) -> int: ...


class State(NamedTuple):
    """The whole state of one engine: flat rows, see `layout` for their columns. Arrays, or lists with the JIT off."""

    header: Rows
    accounts: Rows
    positions: Rows
    markets: Rows
    rules: Rows
    table: Rows
    bits: Rows
    levels: Rows
    nodes: Rows
    orders: Rows
    heap: Rows
    run: Rows
    events: Rows
    touched: Rows
    scratch: Rows
    units: Rows
    assets: Rows
    collaterals: Rows
    sources: Rows
    ring: Rows
    stats: Rows
    queue: Rows
    clips: Rows
    statements: Rows
    uses: Rows
    stakes: Rows
    past: Rows
    bounds: Rows

    def arrays(self) -> Iterator[NDArray[np.int64]]:
        """Yield the fields as arrays (valid for a state of arrays only)."""
        for rows in self:
            yield cast("NDArray[np.int64]", rows)


I64 = ir.IntType(64)
POINTER = ir.PointerType()


class StateType(types.Type):
    """Type of a state inside a kernel: the address of its table."""

    def __init__(self) -> None:
        super().__init__(name="ShortfallState")


class RowsType(types.Type):
    """Type of one field inside a kernel: a bare pointer."""

    def __init__(self) -> None:
        super().__init__(name="ShortfallRows")


state_type = StateType()
rows_type = RowsType()


@register_model(StateType)
class _StateModel(models.PrimitiveModel):
    """An address kept as an integer: numba's calling convention asserts typed pointers."""

    def __init__(self, manager, fe_type):
        super().__init__(manager, fe_type, I64)


@register_model(RowsType)
class _RowsModel(models.StructModel):
    """The data pointer, and the slot of the table that holds it (for the length)."""

    def __init__(self, manager, fe_type):
        super().__init__(manager, fe_type, [("data", types.intp), ("slot", types.intp)])


@infer_getattr
class _StateAttributes(AttributeTemplate):
    key = StateType

    def generic_resolve(self, _type, attribute):
        return rows_type if attribute in STATE_FIELDS else None


def _invariant(module, load):
    load.set_metadata("invariant.load", module.add_metadata([]))
    return load


@lower_getattr_generic(StateType)
def _state_getattr(context, builder, _type, value, attribute):
    slot = builder.add(value, ir.Constant(I64, 16 * STATE_FIELDS.index(attribute)))
    rows = context.make_helper(builder, rows_type)
    rows.data = _invariant(builder.module, builder.load(builder.inttoptr(slot, POINTER), typ=I64))
    rows.slot = slot
    return rows._getvalue()  # noqa: SLF001  numba's documented struct access


@infer_global(operator.getitem)
class _GetItem(AbstractTemplate):
    def generic(self, args, _kws):
        if isinstance(args[0], RowsType) and isinstance(args[1], types.Integer):
            return signature(types.int64, args[0], types.intp)
        return None


@infer_global(operator.setitem)
class _SetItem(AbstractTemplate):
    def generic(self, args, _kws):
        if isinstance(args[0], RowsType) and all(isinstance(a, types.Integer) for a in args[1:]):
            return signature(types.none, args[0], types.intp, types.int64)
        return None


@infer_global(len)
class _Len(AbstractTemplate):
    def generic(self, args, _kws):
        return signature(types.intp, args[0]) if isinstance(args[0], RowsType) else None


def _length(builder, rows):
    pointer = builder.inttoptr(builder.add(rows.slot, ir.Constant(I64, 8)), POINTER)
    return _invariant(builder.module, builder.load(pointer, typ=I64))


def _address(builder, rows, index):
    if BOUNDS:
        bad = builder.icmp_unsigned(">=", index, _length(builder, rows))
        with builder.if_then(bad, likely=False):
            trap = builder.module.declare_intrinsic("llvm.trap", (), ir.FunctionType(ir.VoidType(), []))
            builder.call(trap, [])
    return builder.gep(builder.inttoptr(rows.data, POINTER), [index], inbounds=True, source_etype=I64)


@lower_builtin(operator.getitem, RowsType, types.Integer)
def _getitem(context, builder, _sig, args):
    rows = context.make_helper(builder, rows_type, value=args[0])
    return builder.load(_address(builder, rows, args[1]), typ=I64)


@lower_builtin(operator.setitem, RowsType, types.Integer, types.Integer)
def _setitem(context, builder, _sig, args):
    rows = context.make_helper(builder, rows_type, value=args[0])
    builder.store(args[2], _address(builder, rows, args[1]))
    return context.get_dummy_value()


@lower_builtin(len, RowsType)
def _len(context, builder, _sig, args):
    return _length(builder, context.make_helper(builder, rows_type, value=args[0]))


@intrinsic
def _cast_state(_context, address):
    def codegen(_target, _builder, _sig, args):
        return args[0]

    return state_type(types.int64), codegen


def as_state(handle: object) -> State:
    """Turn what Python hands to an entry into a state: a no-op with the JIT off."""
    return cast("State", handle)


@overload(as_state)
def _as_state(handle):
    if isinstance(handle, types.Integer):
        return lambda handle: _cast_state(handle)
    return lambda handle: handle


def address_table(state: State) -> NDArray[np.int64]:
    """Return addresses and lengths of a state's arrays; the caller keeps both the table and the state alive."""
    table = np.empty(2 * len(state), np.int64)
    for k, array in enumerate(state.arrays()):
        if array.dtype != np.int64 or not array.flags.c_contiguous:
            message = f"Expected contiguous int64 rows in {STATE_FIELDS[k]}, was {array.dtype}"
            raise TypeError(message)
        table[2 * k] = array.ctypes.data
        table[2 * k + 1] = len(array)
    return table
