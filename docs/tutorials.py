"""Run the commands of the tutorials and write the beginning of what they print below them: `python docs/tutorials.py`.

Every page of the start section is a session in one folder. Below a command stands what it prints up to its first empty line, and
`...` for the rest; a test compares. So no figure on these pages is typed by hand.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
import tempfile
from pathlib import Path

START = Path(__file__).parent / "start"
PAGES = ("for-risk-engineers.md", "for-traders.md", "for-researchers.md")
BLOCK = re.compile(r"```console\n(.*?)```", re.DOTALL)
LEFT_OUT = "..."
COLUMNS = 110


def commands(block: str) -> list[str]:
    """Return the commands of a block."""
    return [line.removeprefix("$ ") for line in block.splitlines() if line.startswith("$ ")]


def printed(command: str, folder: Path) -> list[str]:
    """Return what a command prints on standard output."""
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    done = subprocess.run(  # noqa: S602 - the commands stand in our own page
        command,
        shell=True,
        cwd=folder,
        env={**os.environ, "PATH": path, "COLUMNS": str(COLUMNS)},
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode != 0:
        message = f"{command}: exit code {done.returncode}\n{done.stderr}"
        raise RuntimeError(message)
    return [line.rstrip() for line in done.stdout.splitlines()]


def beginning(lines: list[str]) -> list[str]:
    """Return lines up to the first empty one, and a mark for the rest."""
    end = next((k for k, line in enumerate(lines) if not line), len(lines))
    return lines[:end] + ([LEFT_OUT] if end < len(lines) else [])


def refilled(text: str, folder: Path) -> str:
    """Return a page with what its commands print now."""

    def session(found: re.Match[str]) -> str:
        parts = []
        for command in commands(found[1]):
            parts += [f"$ {command}", *beginning(printed(command, folder))]
        return "```console\n" + "\n".join(parts) + "\n```" if parts else found[0]

    return BLOCK.sub(session, text)


def main(names: list[str]) -> None:
    """Write the named pages again, or every one."""
    for name in names or PAGES:
        with tempfile.TemporaryDirectory() as folder:
            page = START / name
            page.write_text(refilled(page.read_text(encoding="utf-8"), Path(folder)), encoding="utf-8")


if __name__ == "__main__":
    main(sys.argv[1:])
