"""What can go wrong, and whose mistake it is.

The tree, which is also the list of exit codes of the command line::

    Exception
    ├── ShortfallError                 something outside this code has to change
    │   ├── InputError           (5)   what the caller wrote is wrong; lists every finding at once
    │   │   ├── RuleError        (5)   a rule set contradicts itself or breaks a bound
    │   │   └── DataError        (5)   a snapshot, tape or recorded file is not what it says it is
    │   ├── CapacityError        (6)   a bound that was fixed when the run was built is reached
    │   └── JournalError         (7)   a journal or a snapshot cannot be read or written
    └── InvariantViolationError  (1)   our own bug: a law does not hold

Two decisions stand behind it:

* `InvariantViolationError` is no `ShortfallError`. Code that recovers from a caller's mistake must not swallow a broken
  law with it, so nothing inside this package catches it; the command line only prints it.
* Operating outcomes (a half-filled order, an empty pool, a refused takeover) are events of the engine and never errors.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum
from typing import TYPE_CHECKING, Final, NoReturn

if TYPE_CHECKING:
    from collections.abc import Iterable

__all__ = [
    "CapacityError",
    "DataError",
    "ExitCode",
    "Finding",
    "Findings",
    "InputError",
    "InvariantViolationError",
    "JournalError",
    "RuleError",
    "ShortfallError",
    "ensure",
    "exit_code_of",
]

SEE_IT_AGAIN: Final = (
    "run the same command on the same inputs with the same seed and --audit; if a journal was kept, replay it: "
    "the same commands give the same bytes"
)


@dataclass(frozen=True, slots=True)
class Finding:
    """State one thing that is wrong in what the caller wrote.

    Parameters
    ----------
    path : str
        Where it stands: a field path such as ``market.tiers[3].maintenance_margin``, or a file; empty where unknown.
    message : str
        What was expected and what was found, with the bound and the value.
    line : int or None
        Line in the file, counted from 1, where it is known.
    """

    path: str
    message: str
    line: int | None = None

    def __str__(self) -> str:
        """Return ``path (line n): message`` without the parts that are unknown."""
        where = self.path if self.line is None else f"{self.path} (line {self.line})".lstrip()
        return f"{where}: {self.message}" if where else self.message


class ShortfallError(Exception):
    """Something outside this code has to change before the request can be served."""


class InputError(ShortfallError):
    """What the caller wrote cannot be used; every finding is listed, not only the first.

    Parameters
    ----------
    findings : iterable of Finding
        At least one; the order is kept.
    """

    def __init__(self, findings: Iterable[Finding]) -> None:
        self.findings: Final = tuple(findings)
        ensure(len(self.findings) > 0, "an input error names at least one finding", kind=type(self).__name__)
        super().__init__(self.findings)

    def __str__(self) -> str:
        """Return all findings, one a line."""
        return "\n".join(str(finding) for finding in self.findings)


class RuleError(InputError):
    """A rule set contradicts itself or breaks a bound."""


class DataError(InputError):
    """A snapshot, tape or recorded file is not what it says it is."""


class CapacityError(ShortfallError):
    """A bound that was fixed when the run was built is reached; the message names the bound and how to raise it."""


class JournalError(ShortfallError):
    """A journal or a snapshot cannot be read or written."""


class InvariantViolationError(Exception):
    """A law of this package does not hold: our own bug, whatever the input was.

    Parameters
    ----------
    law : str
        The law in words, as a statement that should have been true.
    facts : dict of str to object
        The figures that contradict it. A fact named ``rerun`` is the command that shows it again and takes the place of
        the general advice.
    """

    def __init__(self, law: str, facts: dict[str, object] | None = None) -> None:
        self.law: Final = law
        self.facts: Final = dict(facts or {})
        super().__init__(law, self.facts)

    def __str__(self) -> str:
        """Return the law, the facts and what to run to see it again, one a line."""
        figures = [f"  {name} = {fact!r}" for name, fact in self.facts.items() if name != "rerun"]
        again = self.facts.get("rerun", SEE_IT_AGAIN)
        return "\n".join([f"Law broken: {self.law}", *figures, f"To see it again: {again}"])


def ensure(condition: bool, law: str, **facts: object) -> None:  # noqa: FBT001 - the condition is the subject, not a flag
    """Raise if a law does not hold; it stays on in production and under ``python -O``.

    Parameters
    ----------
    condition : bool
        Whether the law holds. NumPy booleans are accepted.
    law : str
        The law in words, as a statement that should be true.
    **facts : object
        Figures to print if it is not; a fact named ``rerun`` is the command that shows it again.

    Raises
    ------
    InvariantViolationError
        If `condition` is false.
    """
    if not condition:
        _violated(law, facts)


def _violated(law: str, facts: dict[str, object]) -> NoReturn:
    raise InvariantViolationError(law, facts)


class Findings:
    """Collect what is wrong, so that the caller hears all of it in one go.

    Examples
    --------
    >>> findings = Findings()
    >>> findings.add("fund.cash", "Expected zero or more, was -5", line=12)
    >>> findings.raise_if_any()
    Traceback (most recent call last):
    ...
    shortfall.errors.InputError: fund.cash (line 12): Expected zero or more, was -5
    """

    __slots__ = ("_found",)

    def __init__(self) -> None:
        self._found: list[Finding] = []

    def add(self, path: str, message: str, line: int | None = None) -> None:
        """Note one finding."""
        self._found.append(Finding(path, message, line))

    def include(self, error: InputError) -> None:
        """Note every finding of an error that was raised further down."""
        self._found.extend(error.findings)

    def as_tuple(self) -> tuple[Finding, ...]:
        """Return what was noted so far, in the order of noting."""
        return tuple(self._found)

    def raise_if_any(self, kind: type[InputError] = InputError) -> None:
        """Raise one `kind` with every finding, or do nothing if there is none.

        Raises
        ------
        InputError
            Of the given `kind`, if anything was noted.
        """
        if self._found:
            raise kind(self._found)


class ExitCode(IntEnum):
    """What the command line returns to the shell."""

    OK = 0
    OUR_BUG = 1
    USAGE = 2
    INPUT = 5
    CAPACITY = 6
    JOURNAL = 7


_CODES: Final[tuple[tuple[type[ShortfallError], ExitCode], ...]] = (
    (InputError, ExitCode.INPUT),
    (CapacityError, ExitCode.CAPACITY),
    (JournalError, ExitCode.JOURNAL),
)


def exit_code_of(error: BaseException) -> ExitCode:
    """Return the exit code for an error; whatever has no code of its own is our bug.

    Usage errors (code 2) are raised and answered by the command-line library and never come here.
    """
    return next((code for kind, code in _CODES if isinstance(error, kind)), ExitCode.OUR_BUG)
