"""The doorway to numba: every kernel is decorated here, so one place decides how kernels are compiled and cached.

Numba's disk cache looks at the file of the function it loads and not at the files that function calls into, so a change
in a callee would run stale code in silence. Therefore the cache folder is keyed by a digest of all kernel sources.
"""

from __future__ import annotations

import hashlib
import os
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable

F = TypeVar("F", bound="Callable[..., object]")


def source_digest() -> str:
    """Return the digest of every kernel source file: the key of the compiled cache."""
    digest = hashlib.sha256()
    for path in sorted(Path(__file__).parent.glob("*.py")):
        digest.update(path.name.encode())
        digest.update(path.read_bytes())
    return digest.hexdigest()[:16]


def _writable(folder: Path) -> bool:
    try:
        folder.mkdir(parents=True, exist_ok=True)
        probe = folder / ".probe"
        probe.touch()
    except OSError:
        return False
    return True


def _cache_folder() -> Path:
    """Return a writable folder for compiled kernels of exactly these sources (variants apart)."""
    homes = [os.environ.get("SHORTFALL_CACHE_HOME"), str(Path("~").expanduser() / ".cache" / "shortfall")]
    variant = "bounds" if BOUNDS else "plain"
    for home in homes:
        if home:
            folder = Path(home) / "kernels" / f"{source_digest()}-{variant}"
            if _writable(folder):
                return folder
    return Path(tempfile.mkdtemp(prefix=TEMPORARY))


TEMPORARY = "shortfall-kernels-"
BOUNDS = os.environ.get("SHORTFALL_BOUNDS", "0") == "1"
CACHE_FOLDER = _cache_folder()
os.environ["NUMBA_CACHE_DIR"] = str(CACHE_FOLDER)

import numba  # noqa: E402  the cache folder must be in the environment before the import
from numba import types  # noqa: E402

from shortfall.kernels.lowering import InnerCompiler  # noqa: E402

JIT = not numba.config.DISABLE_JIT
_ENTRY = {"cache": True, "nogil": True, "error_model": "numpy", "boundscheck": BOUNDS}
_INNER = dict(_ENTRY, cache=False, no_cpython_wrapper=True, no_cfunc_wrapper=True, pipeline_class=InnerCompiler)
UNIT_OPTIONS = {"cache": True, "error_model": "numpy", "boundscheck": BOUNDS}


def is_warm() -> bool:
    """Say whether kernels of these sources were compiled on this machine before."""
    return (CACHE_FOLDER / ".compiled").exists()


def is_shared() -> bool:
    """Say whether another process would use the same cache."""
    return not CACHE_FOLDER.name.startswith(TEMPORARY)


def mark_warm() -> None:
    """Remember that the first compilation is done."""
    (CACHE_FOLDER / ".compiled").touch()


def _one_signature(dispatcher: F) -> F:
    """Stop numba from compiling one copy of a kernel per literal argument (`emit(s, 3)` and `emit(s, 4)`)."""
    if hasattr(dispatcher, "get_call_template"):
        inner = dispatcher.get_call_template

        def unliteral(args: tuple[object, ...], kws: dict[str, object]) -> object:
            return inner(tuple(types.unliteral(a) for a in args), {k: types.unliteral(a) for k, a in kws.items()})

        dispatcher.get_call_template = unliteral
    return dispatcher


def inner(function: F) -> F:
    """Compile a function that only kernels call."""
    return _one_signature(numba.njit(**_INNER)(function))


def inlined(function: F) -> F:
    """Compile a function that only kernels call into each of them: for the few that every order runs through.

    Numba returns a value through memory beside a status word; for a function of a dozen loads that call is half its cost.
    """
    return _one_signature(numba.njit(forceinline=True, **_INNER)(function))


def entry(function: F) -> F:
    """Compile a function that Python calls: the only functions that get a Python wrapper."""
    return numba.njit(**_ENTRY)(function)
