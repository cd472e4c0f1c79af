"""Separately compiled units, called through a table of addresses in the state.

Numba compiles a callee again inside every caller and optimises the whole nest at each level: compile time grows with
the product of the nest. A unit is compiled once, on its own, cached on its own; a caller contains an indirect call
(about 2 ns). Uniform shape: the state first, then integers, one integer out. With the JIT off a unit is the plain
function.

The slot of a unit is compiled into its callers and cached with them, so it may not depend on which module was imported
first: slots are counted in the sources, in the order of their files. The first compilation is shared with a second
process where there is a second core: numba holds one lock per process, and both write into the same cache.

Most rules of the space are used by few venues. A unit that is declared `seldom` is compiled when a kernel calls it for the first
time: until then its address is that of a callback that compiles it, writes its address into the state, and calls it.
"""

from __future__ import annotations

import ctypes
import gc
import importlib
import os
import re
import subprocess
import sys
import tempfile
import threading
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

import numba
from llvmlite import ir
from numba.core import types
from numba.core.typing.templates import AbstractTemplate, infer_global, signature
from numba.extending import lower_builtin

from shortfall.kernels._jit import CACHE_FOLDER, JIT, UNIT_OPTIONS, is_shared, is_warm, mark_warm
from shortfall.kernels.layout import FULL_UNITS, H_FULL, STATE_FIELDS
from shortfall.kernels.native import I64, POINTER, State, state_type

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

F = TypeVar("F", bound="Callable[..., int]")
_FOLDER = Path(__file__).parent
_PATIENCE_SECONDS = 300  # after which the second process is given up


def _counted_units() -> dict[tuple[str, str], int]:
    """Return the slot of every unit by module and name."""
    names = [
        (path.stem, name)
        for path in sorted(_FOLDER.glob("*.py"))
        for name in re.findall(r"^@(?:unit|seldom)\ndef (\w+)\(", path.read_text(encoding="utf-8"), re.MULTILINE)
    ]
    return {name: slot for slot, name in enumerate(names)}


_SLOTS = _counted_units()
_UNITS: dict[int, tuple[Callable[..., int], int]] = {}
_COMPILED: dict[int, object] = {}
_SELDOM: set[int] = set()
_CALLBACKS: dict[int, tuple[object, int]] = {}  # kept alive as long as the process, with their addresses
_ONE_AT_A_TIME = threading.Lock()
_TABLE_OFFSET = 16 * STATE_FIELDS.index("units")


def unit(function: F) -> F:
    """Register `function(s, i1 .. in) -> int` as a unit: kernels that call it go through the table."""
    if not JIT:
        return function
    slot = _SLOTS[function.__module__.rpartition(".")[2], function.__name__]
    arity = function.__code__.co_argcount - 1
    _UNITS[slot] = (function, arity)
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


def seldom(function: F) -> F:
    """Register a unit that is compiled when it is first called: a mechanism that few venues have."""
    if JIT:
        _SELDOM.add(_SLOTS[function.__module__.rpartition(".")[2], function.__name__])
    return unit(function)


def bind(state: State) -> None:
    """Write the addresses of all units into a state, compiling or loading them on first use in this process."""
    if len(state.units) < len(_SLOTS):
        message = f"{len(_SLOTS)} units need a table of as many addresses, there is room for {len(state.units)}"
        raise MemoryError(message)
    if len(_COMPILED) < len(_SLOTS) - len(_SELDOM) or not _UNITS:
        _compile_all()
    for slot in _SLOTS.values():
        state.units[slot] = _COMPILED[slot].address if slot in _COMPILED else _callback(slot)  # type: ignore[attr-defined]  # numba is untyped


def _callback(slot: int) -> int:
    """Return the address of a function that compiles a unit when a kernel calls it, and then is it no longer."""
    if slot not in _CALLBACKS:
        shape = ctypes.CFUNCTYPE(ctypes.c_int64, *[ctypes.c_int64] * (_UNITS[slot][1] + 1))

        def compile_and_call(table: int, *arguments: int) -> int:
            is_compiled = False
            try:
                with _ONE_AT_A_TIME:
                    _compile(slot)
                is_compiled = True
            finally:  # a callback cannot raise into a kernel: the state is marked, and the facade refuses to go on
                if not is_compiled:
                    _word(table, STATE_FIELDS.index("header"), H_FULL).value |= FULL_UNITS
            address: int = _COMPILED[slot].address  # type: ignore[attr-defined]  # numba is untyped
            _word(table, STATE_FIELDS.index("units"), slot).value = address
            result: int = shape(address)(table, *arguments)
            return result

        callback = shape(compile_and_call)
        _CALLBACKS[slot] = callback, ctypes.cast(callback, ctypes.c_void_p).value or 0
    return _CALLBACKS[slot][1]


def _word(table: int, field: int, index: int) -> ctypes.c_int64:
    """Return a word of one of the arrays of a state, by the state's table of addresses."""
    array = ctypes.c_int64.from_address(table + 16 * field).value
    return ctypes.c_int64.from_address(array + 8 * index)


def _at_once() -> list[int]:
    return [slot for slot in _SLOTS.values() if slot not in _SELDOM]


def _compile_all() -> None:
    _import_units()
    with _collector_paused():
        if is_warm() or not is_shared() or not sys.executable or len(os.sched_getaffinity(0)) < 2:
            for slot in _at_once():
                _compile(slot)
            return
        with tempfile.TemporaryDirectory(dir=CACHE_FOLDER, prefix=".claims-") as claims:
            _compile_with_company(claims)
    mark_warm()


def _import_units() -> None:
    for module, _ in _SLOTS:
        importlib.import_module(f"{__package__}.{module}")


def _compile(slot: int) -> None:
    if slot not in _COMPILED:
        function, arity = _UNITS[slot]
        shape = types.int64(state_type, *[types.int64] * arity)
        _COMPILED[slot] = numba.cfunc(shape, **UNIT_OPTIONS)(function)


def _compile_with_company(claims: str) -> None:
    """Compile from the front while a second process compiles from the back; each unit is claimed by one of the two."""
    code = f"import sys; sys.path[:] = {sys.path!r}; from {__name__} import compile_from_the_back as go; go({claims!r})"
    command = [sys.executable, "-c", code]
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as company:  # noqa: S603  ours
        try:
            for slot in _at_once():
                if _claimed(claims, slot):
                    _compile(slot)
            company.wait(_PATIENCE_SECONDS)
        except subprocess.TimeoutExpired:
            pass  # what it did not finish is compiled here
        finally:
            company.kill()
    for slot in _at_once():  # load what the other process compiled; compile what it left, if it failed
        _compile(slot)


def compile_from_the_back(claims: str) -> None:
    """Be the second process: compile into the shared cache what the first one has not claimed."""
    _import_units()
    gc.disable()
    for slot in reversed(_at_once()):
        if not Path(claims).exists():
            return
        if _claimed(claims, slot):
            _compile(slot)


def _claimed(claims: str, slot: int) -> bool:
    """Claim a unit for this process. Returns whether nobody else had."""
    try:
        (Path(claims) / str(slot)).touch(exist_ok=False)
    except OSError:
        return False
    return True


@contextmanager
def _collector_paused() -> Iterator[None]:
    """Keep the garbage collector from walking through numba's many small objects again and again."""
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()
