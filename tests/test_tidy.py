"""The sources are read as text and as syntax, and untidy code is rejected with its place and what to do instead.

What a linter already says is left to the linter. Every rule below is a function from one source to its findings, and
every rule is shown a bad example, so that none of them can go blind in silence.
"""

from __future__ import annotations

import ast
import re
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Final

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

ROOT: Final = Path(__file__).resolve().parent.parent
SOURCES: Final = ("src", "tests", "bench", "docs", ".ci")
TEXT_SUFFIXES: Final = {
    ".py",
    ".md",
    ".toml",
    ".lock",
    ".txt",
    ".json",
    ".cfg",
    ".ini",
    ".yml",
    ".yaml",
    ".html",
    ".css",
}
BUILT: Final = {"_build", "__pycache__"}

FUNCTION_LINES: Final = 70
FILE_LINES: Final = 500

# A place ("src/shortfall/x.py" or "src/shortfall/x.py:function") and why it may be longer. Keep it empty if you can.
LONGER_FOR_A_REASON: Final[dict[str, str]] = {}

# A file of an exact layer that holds float literals, and why its results are exact all the same.
FLOATS_FOR_A_REASON: Final[dict[str, str]] = {
    "src/shortfall/kernels/wide.py": "estimates a quotient in floating point and corrects it with the exact remainder",
}

PRINTING: Final = ("cli", "report")
EXACT_LAYERS: Final = ("units.py", "model", "rules", "engine", "kernels")
CLOCKS_AND_DICE: Final = {"random", "secrets", "time", "uuid"}
VAGUE_NAMES: Final = ("utils", "manager", "helper")
CHECKING_CALLS: Final = (
    "assert_",
    "check_",
    "expect_",
    "verify_",
    "ensure",
    "raises",
    "warns",
    "run_state_machine_as_test",
)

# Written in pieces, or this file would be the first to break its own rule.
REGISTRY_HOSTS: Final = tuple(
    ".".join(parts)
    for parts in (
        ("pypi", "org"),
        ("pythonhosted", "org"),
        ("npmjs", "org"),
        ("anaconda", "org"),
        ("debian", "org"),
        ("ubuntu", "com"),
        ("crates", "io"),
        ("golang", "org"),
    )
)
HOST: Final = re.compile("|".join(re.escape(host) for host in REGISTRY_HOSTS), re.IGNORECASE)
WORKPLACE: Final = re.compile(r"(?:^|[^\w.~-])/(?:" + "|".join(("wo" + "rk", "fa" + "rm")) + ")/", re.MULTILINE)
OPEN_END: Final = re.compile(r"\b(?:" + "|".join(("TO" + "DO", "FIX" + "ME", "X" * 3)) + r")\b(?!\(#\d+\))")


@dataclass(frozen=True, slots=True)
class Source:
    """One file: its path from the root and its text."""

    path: str
    text: str

    @property
    def tree(self) -> ast.Module:
        """The syntax tree."""
        return _parsed(self.text)

    @property
    def layer(self) -> str:
        """The package or module right under ``src/shortfall``, or nothing for a file elsewhere."""
        parts = self.path.split("/")
        return parts[2] if parts[:2] == ["src", "shortfall"] else ""

    def at(self, line: int, what: str) -> str:
        """Return a finding that an editor can jump to."""
        return f"{self.path}:{line}: {what}"

    def places(self, pattern: re.Pattern[str], what: str) -> list[str]:
        """Return a finding for every line that the pattern matches."""
        lines = enumerate(self.text.splitlines(), start=1)
        return [self.at(number, what) for number, line in lines if pattern.search(line)]


@cache
def _parsed(text: str) -> ast.Module:
    return ast.parse(text)


@cache
def all_sources() -> tuple[Source, ...]:
    """Return every text file of the project that a person wrote."""
    folders = [path for name in SOURCES for path in sorted((ROOT / name).rglob("*"))]
    files = [path for path in [*sorted(ROOT.iterdir()), *folders] if path.is_file() and not BUILT & set(path.parts)]
    texts = [path for path in files if path.suffix in TEXT_SUFFIXES or path.name in {"Makefile", "run", "LICENSE"}]
    return tuple(Source(path.relative_to(ROOT).as_posix(), path.read_text(encoding="utf-8")) for path in texts)


def is_python(source: Source) -> bool:
    return source.path.endswith(".py")


def is_package(source: Source) -> bool:
    return is_python(source) and source.path.startswith("src/")


def is_exact_layer(source: Source) -> bool:
    return is_package(source) and source.layer in EXACT_LAYERS


def is_test(source: Source) -> bool:
    return is_python(source) and source.path.startswith("tests/")


def is_anything(source: Source) -> bool:
    return bool(source.path)


# ------------------------------------------------------------------------------------------------------------- rules


def functions(tree: ast.AST) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef]:
    return (node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef))


def lines_of(function: ast.FunctionDef | ast.AsyncFunctionDef) -> int:
    return (function.end_lineno or function.lineno) - function.lineno + 1


def long_functions(source: Source) -> list[str]:
    return [
        source.at(
            function.lineno, f"{function.name} has {lines_of(function)} lines, at most {FUNCTION_LINES} fit on a screen"
        )
        for function in functions(source.tree)
        if lines_of(function) > FUNCTION_LINES and f"{source.path}:{function.name}" not in LONGER_FOR_A_REASON
    ]


def long_files(source: Source) -> list[str]:
    count = len(source.text.splitlines())
    too_long = count > FILE_LINES and source.path not in LONGER_FOR_A_REASON
    return [source.at(1, f"the file has {count} lines, at most {FILE_LINES}: split it by subject")] if too_long else []


def prints(source: Source) -> list[str]:
    if source.layer in PRINTING:
        return []
    return [
        source.at(node.lineno, "print: return the text, and let cli or report write it")
        for node in ast.walk(source.tree)
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "print"
    ]


def floats(source: Source) -> list[str]:
    if source.path in FLOATS_FOR_A_REASON:
        return []
    return [
        source.at(node.lineno, f"float {node.value!r}: everything from units up to engine is an integer")
        for node in ast.walk(source.tree)
        if isinstance(node, ast.Constant) and isinstance(node.value, float)
    ]


def imported_modules(node: ast.AST) -> list[str]:
    if isinstance(node, ast.Import):
        return [alias.name for alias in node.names]
    if isinstance(node, ast.ImportFrom):
        return [f"{node.module or ''}.{alias.name}" for alias in node.names]
    return []


def clocks_and_dice(source: Source) -> list[str]:
    """Find imports of a clock or of randomness, ``np.random`` and ``datetime.now`` included."""
    imports = [
        source.at(node.lineno, f"import {name}: time and prices are commands, and only sim draws random numbers")
        for node in ast.walk(source.tree)
        if isinstance(node, ast.Import | ast.ImportFrom)
        for name in imported_modules(node)
        if name.split(".")[0] in CLOCKS_AND_DICE or name.split(".")[:2] == ["numpy", "random"]
    ]
    reads = [
        source.at(node.lineno, f"{ast.unparse(node)}: time and prices are commands, and only sim draws random numbers")
        for node in ast.walk(source.tree)
        if isinstance(node, ast.Attribute)
        and ast.unparse(node).removeprefix("datetime.") in {"np.random", "numpy.random", "datetime.now", "date.today"}
    ]
    return imports + reads


def bare_excepts(source: Source) -> list[str]:
    return [
        source.at(node.lineno, "bare except: name what you expect")
        for node in ast.walk(source.tree)
        if isinstance(node, ast.ExceptHandler) and node.type is None
    ]


def open_ends(source: Source) -> list[str]:
    return source.places(OPEN_END, "an open end without an issue: write the number as in NAME(#12)")


def vague_names(source: Source) -> list[str]:
    module = source.path.removeprefix("src/").removesuffix(".py").lower()
    return [source.at(1, f"the name says {word!r}, not what it is about") for word in VAGUE_NAMES if word in module]


def asserts(source: Source) -> list[str]:
    if source.layer == "testing":
        return []
    return [
        source.at(node.lineno, "assert is dropped by python -O: use ensure(condition, law, facts)")
        for node in ast.walk(source.tree)
        if isinstance(node, ast.Assert)
    ]


def registry_hosts(source: Source) -> list[str]:
    return source.places(HOST, "the host of a package registry: whoever installs chooses it")


def workplace_paths(source: Source) -> list[str]:
    return source.places(WORKPLACE, "an absolute path of somebody's machine: make it relative")


def missing_docstrings(source: Source) -> list[str]:
    return [] if ast.get_docstring(source.tree) else [source.at(1, "the module does not say what it is for")]


def checks_something(function: ast.FunctionDef | ast.AsyncFunctionDef) -> bool:
    calls = [ast.unparse(node.func) for node in ast.walk(function) if isinstance(node, ast.Call)]
    asserted = any(isinstance(node, ast.Assert) for node in ast.walk(function))
    return asserted or any(call.split(".")[-1].startswith(CHECKING_CALLS) for call in calls)


def mute_tests(source: Source) -> list[str]:
    return [
        source.at(function.lineno, f"{function.name} asserts nothing")
        for function in functions(source.tree)
        if function.name.startswith("test_") and not checks_something(function)
    ]


# ------------------------------------------------------------------------------------------------------------- tests


@dataclass(frozen=True, slots=True)
class Rule:
    """What is looked for, where, and one example that must be found."""

    find: Callable[[Source], list[str]]
    applies: Callable[[Source], bool]
    bad_path: str
    bad_text: str


KERNEL: Final = "src/shortfall/kernels/x.py"
RULES: Final = (
    Rule(long_functions, is_package, KERNEL, "def f():\n" + "    x = 1\n" * FUNCTION_LINES),
    Rule(long_files, is_package, KERNEL, "x = 1\n" * (FILE_LINES + 1)),
    Rule(prints, is_package, KERNEL, "print(1)"),
    Rule(floats, is_exact_layer, "src/shortfall/units.py", "x = -0.5"),
    Rule(clocks_and_dice, is_exact_layer, KERNEL, "import random"),
    Rule(clocks_and_dice, is_exact_layer, KERNEL, "from time import time"),
    Rule(clocks_and_dice, is_exact_layer, "src/shortfall/engine/x.py", "import time\n"),
    Rule(clocks_and_dice, is_exact_layer, "src/shortfall/model/x.py", "x = np.random.default_rng()"),
    Rule(clocks_and_dice, is_exact_layer, "src/shortfall/rules/x.py", "x = datetime.datetime.now()"),
    Rule(bare_excepts, is_python, "tests/x.py", "try:\n    f()\nexcept:\n    pass"),
    Rule(open_ends, is_anything, "README.md", "TO" + "DO: later"),
    Rule(vague_names, is_package, "src/shortfall/sim/fund_utils.py", ""),
    Rule(vague_names, is_package, "src/shortfall/Manager/x.py", ""),
    Rule(asserts, is_package, KERNEL, "assert x"),
    Rule(registry_hosts, is_anything, "requirements.lock", "--index-url " + REGISTRY_HOSTS[0]),
    Rule(workplace_paths, is_anything, "docs/x.md", "see /" + "work/main"),
    Rule(missing_docstrings, is_python, "tests/x.py", "x = 1"),
    Rule(mute_tests, is_test, "tests/x.py", "def test_x():\n    run()"),
)
EACH_ONCE: Final = {rule.find.__name__: rule for rule in RULES}


@pytest.mark.parametrize("name", sorted(EACH_ONCE))
def test_the_sources_are_tidy(name: str) -> None:
    rule = EACH_ONCE[name]
    findings = [finding for source in all_sources() if rule.applies(source) for finding in rule.find(source)]
    assert findings == [], "\n" + "\n".join(findings)


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.find.__name__)
def test_every_rule_finds_its_bad_example(rule: Rule) -> None:
    bad = Source(rule.bad_path, rule.bad_text)
    assert rule.applies(bad)
    assert rule.find(bad)


@pytest.mark.parametrize(
    ("find", "path", "text"),
    [
        (prints, "src/shortfall/cli/main.py", "print(1)"),
        (asserts, "src/shortfall/testing/auditor.py", "assert x"),
        (open_ends, "src/shortfall/units.py", "# TO" + "DO(#12): finer rates"),
        (mute_tests, "tests/x.py", "def test_x():\n    with pytest.raises(KeyError):\n        f()"),
        (workplace_paths, "docs/x.md", "a net/" + "work/path and frame" + "work/x"),
        (clocks_and_dice, "src/shortfall/units.py", "from decimal import Decimal"),
    ],
)
def test_what_is_allowed_is_left_alone(find: Callable[[Source], list[str]], path: str, text: str) -> None:
    assert find(Source(path, text)) == []


def test_the_sources_are_really_read() -> None:
    paths = {source.path for source in all_sources()}
    assert {"src/shortfall/units.py", "tests/test_tidy.py", "pyproject.toml", "requirements.lock", "Makefile"} <= paths


def test_every_exception_still_exists_and_has_a_reason() -> None:
    paths = {source.path for source in all_sources()}
    exceptions = {**LONGER_FOR_A_REASON, **FLOATS_FOR_A_REASON}
    assert all(place.split(":")[0] in paths and reason for place, reason in exceptions.items())
