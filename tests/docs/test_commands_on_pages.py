"""Every command that a page names exists and takes the options that the page gives it."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

import click
import pytest

from shortfall.cli.main import COMMANDS, LazyGroup, cli

ROOT = Path(__file__).parents[2]
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md"))]
BLOCK = re.compile(r"```(?:console|bash)\n(.*?)```", re.DOTALL)


def commands_of(page: Path) -> list[list[str]]:
    """Return the words of every shortfall command in a page's console blocks, without prompts and comments."""
    lines = [line for block in BLOCK.findall(page.read_text(encoding="utf-8")) for line in block.splitlines()]
    words = [
        shlex.split(line.removeprefix("$ "), comments=True) for line in lines if re.match(r"(\$ )?shortfall ", line)
    ]
    return [found[1:] for found in words if found[1:]]


def options_of(command: click.Command, words: list[str]) -> set[str]:
    """Return the options that a command takes, those of the subcommand that the words name included."""
    known = {option for parameter in command.params for option in (*parameter.opts, *parameter.secondary_opts)} | {
        "--help"
    }
    for word in words:
        if isinstance(command, click.Group) and word in command.commands:
            known |= options_of(command.commands[word], [])
    return known


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_the_commands_of_a_page_exist_with_their_options(page: Path) -> None:
    for name, *words in commands_of(page):
        if name.startswith("-"):
            continue
        assert name in COMMANDS, (page, name)
        found = LazyGroup.get_command(cli, click.Context(cli), name)
        assert found is not None
        options = {word.partition("=")[0] for word in words if word.startswith("--")}
        assert options <= options_of(found, words), (name, options - options_of(found, words))
