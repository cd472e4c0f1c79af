"""Judge a case: run its adapter and compare."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from adapters import ADAPTERS  # type: ignore[import-not-found]  # lies beside this file
from adapters.outcome import Disagreement, Unsupported, agrees  # type: ignore[import-not-found]  # the same
from unsupported import DISAGREEMENTS, MISSING  # type: ignore[import-not-found]  # the same

if TYPE_CHECKING:
    from casefile import Case  # type: ignore[import-not-found]  # the same

PASSED, DISAGREED, UNSUPPORTED, FAILED = "passed", "disagreed", "unsupported", "failed"


@dataclass(frozen=True, slots=True)
class Verdict:
    """What became of a case.

    Parameters
    ----------
    outcome : str
        Passed, disagreed (documented), unsupported (declared), or failed.
    reason : str
        Row of the table that declares it; for a failure, what was said instead.
    said : object
        The engine's answer, where there is one.
    """

    outcome: str
    reason: str = ""
    said: object = None


def judge(case: Case) -> Verdict:
    """Run a case. A crash, a reason that no table knows, and a declaration that is no longer true are failures."""
    adapter = ADAPTERS.get((case.peer, case.topic))
    if adapter is None:
        return Verdict(UNSUPPORTED, "peer-without-an-adapter")
    try:
        said = adapter(case.kind, case.inputs)
    except Unsupported as missing:
        return _declared(case, missing)
    except Exception as error:  # noqa: BLE001 - whatever goes wrong in one case, the others are still judged
        return Verdict(FAILED, f"{type(error).__name__}: {error}")
    if isinstance(said, Disagreement):
        return _documented(case, said)
    outcome = PASSED if agrees(case.expected, said) else FAILED
    return Verdict(outcome, "" if outcome == PASSED else f"expected {case.expected}, was {said}", said)


def _declared(case: Case, missing: Unsupported) -> Verdict:
    if missing.mechanism not in MISSING:
        return Verdict(FAILED, f"no row of the table of missing mechanisms is called {missing.mechanism}")
    if missing.nearest is not None and agrees(case.expected, missing.nearest):
        return Verdict(FAILED, f"declared unsupported ({missing.mechanism}), but the nearest rule agrees: support it")
    return Verdict(UNSUPPORTED, missing.mechanism, missing.nearest)


def _documented(case: Case, said: Disagreement) -> Verdict:
    if said.reason not in DISAGREEMENTS:
        return Verdict(FAILED, f"no row of the table of disagreements is called {said.reason}")
    if agrees(case.expected, said.answer):
        return Verdict(FAILED, f"declared to disagree ({said.reason}), but it agrees: {said.answer}")
    return Verdict(DISAGREED, said.reason, said.answer)
