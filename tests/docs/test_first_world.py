"""The tutorial's commands run, in order and in one folder, and print what the page says."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

PAGE = Path(__file__).resolve().parents[2] / "docs" / "start" / "first-world.md"
BLOCK = re.compile(r"```console\n(.*?)```", re.DOTALL)


def sessions(text: str) -> list[tuple[str, list[str]]]:
    """Return (command, expected lines) of every command of a page."""
    found: list[tuple[str, list[str]]] = []
    for block in BLOCK.findall(text):
        for line in block.splitlines():
            if line.startswith("$ "):
                found.append((line.removeprefix("$ "), []))
            else:
                found[-1][1].append(line.rstrip())
    return found


def printed(command: str, folder: Path) -> list[str]:
    """Return what a command prints on both streams, without the compiler's announcement."""
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    done = subprocess.run(  # noqa: S602 - the commands stand in our own page
        command,
        shell=True,
        cwd=folder,
        env={**os.environ, "PATH": path},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    return [line.rstrip() for line in done.stdout.splitlines() if not line.startswith("compiling the engine")]


def pattern(expected: list[str]) -> str:
    """Return a pattern in which `...` stands for any lines."""
    parts = ["(?:.*\n)*?" if line == "..." else re.escape(line) + "\n" for line in expected]
    return "".join(parts)


def test_the_first_world_prints_what_the_page_says(tmp_path: Path) -> None:
    found = sessions(PAGE.read_text(encoding="utf-8"))
    assert len(found) > 5
    for command, expected in found:
        lines = printed(command, tmp_path)
        assert re.fullmatch(pattern(expected), "".join(f"{line}\n" for line in lines)), (command, lines)
