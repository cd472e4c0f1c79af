"""Separately compiled units, called through a table of addresses in the state.

Numba compiles a callee again inside every caller and optimises the whole nest at each level: compile time grows with
the product of the nest. A unit is compiled once, on its own, cached on its own; a caller contains an indirect call
(about 2 ns). Uniform shape: the state first, then integers, one integer out. With the JIT off a unit is the plain
function.

The slot of a unit is compiled into its callers and cached with them, so it may not depend on which module was imported
first: slots are counted in the sources, in the order of their files. The first compilation is shared with a second
process where there is a second core: numba holds one lock per process, and both write into the same cache.
"""

from __future__ import annotations

import gc
import importlib
import os
import re
import subprocess
import sys
import tempfile
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

import numba
from llvmlite import ir
from numba.core import types
from numba.core.typing.templates import AbstractTemplate, infer_global, signature
from numba.extending import lower_builtin

from shortfall.kernels._jit import CACHE_FOLDER, JIT, UNIT_OPTIONS, is_shared, is_warm, mark_warm
from shortfall.kernels.layout import STATE_FIELDS
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
        for name in re.findall(r"^@unit\ndef (\w+)\(", path.read_text(encoding="utf-8"), re.MULTILINE)
    ]
    return {name: slot for slot, name in enumerate(names)}


_SLOTS = _counted_units()
_UNITS: dict[int, tuple[Callable[..., int], int]] = {}
_COMPILED: dict[int, object] = {}
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


def bind(state: State) -> None:
    """Write the addresses of all units into a state, compiling or loading them on first use in this process."""
    if len(_COMPILED) < len(_SLOTS):
        _compile_all()
    for slot, compiled in _COMPILED.items():
        state.units[slot] = compiled.address  # type: ignore[attr-defined]  # numba is untyped


def _compile_all() -> None:
    _import_units()
    with _collector_paused():
        if is_warm() or not is_shared() or not sys.executable or len(os.sched_getaffinity(0)) < 2:
            for slot in _SLOTS.values():
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
            for slot in _SLOTS.values():
                if _claimed(claims, slot):
                    _compile(slot)
            company.wait(_PATIENCE_SECONDS)
        except subprocess.TimeoutExpired:
            pass  # what it did not finish is compiled here
        finally:
            company.kill()
    for slot in _SLOTS.values():  # load what the other process compiled; compile what it left, if it failed
        _compile(slot)


def compile_from_the_back(claims: str) -> None:
    """Be the second process: compile into the shared cache what the first one has not claimed."""
    _import_units()
    gc.disable()
    for slot in reversed(list(_SLOTS.values())):
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
