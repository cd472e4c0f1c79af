"""The tutorial's commands run, in order, and print what the page says."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

PAGE = Path(__file__).resolve().parents[2] / "docs" / "start" / "is-this-fund-real.md"
BLOCK = re.compile(r"```console\n(.*?)```", re.DOTALL)


def sessions(text: str) -> list[tuple[str, list[str]]]:
    """Return (command, expected lines) of every command of the page."""
    found: list[tuple[str, list[str]]] = []
    for block in BLOCK.findall(text):
        for line in block.splitlines():
            if line.startswith("$ "):
                found.append((line.removeprefix("$ "), []))
            else:
                found[-1][1].append(line.rstrip())
    return found


def printed(command: str) -> str:
    """Return what a command prints on standard output, without blanks at the ends of lines, as on a pipe."""
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    environment = {name: value for name, value in os.environ.items() if name != "COLUMNS"} | {"PATH": path}
    done = subprocess.run(command.split(), env=environment, capture_output=True, text=True, check=True)
    return "".join(f"{line.rstrip()}\n" for line in done.stdout.splitlines())


def test_the_tutorial_prints_what_the_page_says() -> None:
    found = sessions(PAGE.read_text(encoding="utf-8"))
    assert [command.split()[1] for command, _ in found] == ["assess", "assess", "checklist", "assess", "assess"]
    for command, expected in found:
        parts = ["(?:.*\n)*?" if line == "..." else re.escape(line) + "\n" for line in expected]
        lines = printed(command)
        assert re.fullmatch("".join(parts), lines), (command, lines)


def test_every_figure_of_the_page_is_printed_by_one_of_its_commands() -> None:
    """Only 150 is not: it is the quotient of two figures that are, 793,930,579 / 5,166,687 = 153.7."""
    text = PAGE.read_text(encoding="utf-8")
    prose = BLOCK.sub("", text)
    assert set(re.findall(r"\d[\d,.]*\d", prose)) == {"150"}
    assert 150 < 793_930_579 / 5_166_687 < 155
