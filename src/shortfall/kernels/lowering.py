"""How far a function that only kernels call is compiled: to LLVM code that its callers link in, and no further.

Problem: numba optimises every inner function, turns it into machine code and writes it to the disk cache, although
nobody ever jumps to it: callers link its LLVM code and optimise it again in place. Observation: that was a good third
of the first compilation. Therefore an inner function's library counts as
final once it is lowered.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from numba.core.compiler import CompilerBase, DefaultPassBuilder
from numba.core.compiler_machinery import register_pass
from numba.core.typed_passes import NativeLowering

if TYPE_CHECKING:
    from collections.abc import Callable


@register_pass(mutates_CFG=True, analysis_only=False)
class _LowerOnly(NativeLowering):
    """Lower to LLVM code; optimise nothing, emit no machine code."""

    _name = "shortfall_lower_only"

    def run_pass(self, state: Any) -> bool:
        """Lower one function."""
        state.flags.no_compile = True
        library = state.targetctx.codegen().create_library(state.func_id.func_qualname)
        library.enable_object_caching()
        library._optimize_final_module = _nothing  # noqa: SLF001  numba has no public switch for a library
        library._finalize_final_module = _final(library)  # noqa: SLF001  the same
        state.library = library
        super().run_pass(state)
        lowered = state["cr"]
        key: Any = [].append  # numba knows an overload by a built-in function of its own, which nobody calls
        state["cr"] = lowered._replace(cfunc=key)
        state.targetctx.insert_user_function(key, lowered.fndesc, [library])
        return True


def _nothing() -> None:
    """Leave the code as it is: the caller optimises it where it is inlined."""


def _final(library: Any) -> Callable[[], None]:
    def finalize() -> None:
        library._finalize_dynamic_globals()  # noqa: SLF001  what numba's own finalisation does besides machine code
        library._finalized = True  # noqa: SLF001  the same

    return finalize


class InnerCompiler(CompilerBase):
    """Numba's pipeline with the last step replaced."""

    def define_pipelines(self) -> list[Any]:
        """Return the one pipeline."""
        pipeline = DefaultPassBuilder.define_nopython_pipeline(self.state)
        pipeline.passes = [(_LowerOnly if step is NativeLowering else step, text) for step, text in pipeline.passes]
        pipeline._finalized = False  # noqa: SLF001  or it refuses to look at its passes again
        pipeline.finalize()
        return [pipeline]
