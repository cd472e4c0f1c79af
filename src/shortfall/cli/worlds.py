"""`shortfall worlds`: the worlds that come with the package."""

from __future__ import annotations

import tomllib
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING, Final

import click

from shortfall.errors import Finding, InputError

if TYPE_CHECKING:
    from importlib.resources.abc import Traversable

SUFFIX: Final = ".toml"


def bundled_folder() -> Traversable:
    """Return the folder of the bundled worlds."""
    return files("shortfall.sim") / "worlds"


def bundled_names() -> list[str]:
    """Return the names of the bundled worlds, sorted."""
    return sorted(item.name.removesuffix(SUFFIX) for item in bundled_folder().iterdir() if item.name.endswith(SUFFIX))


def world_text(world: str) -> str:
    """Return the text of a world: a path, or the name of a bundled one.

    Raises
    ------
    InputError
        If there is neither such a file nor such a world.
    """
    path = Path(world)
    if path.is_file():
        return path.read_text(encoding="utf-8")
    if world in bundled_names():
        return (bundled_folder() / f"{world}{SUFFIX}").read_text(encoding="utf-8")
    known = ", ".join(bundled_names())
    raise InputError([Finding("WORLD", f"Expected a file or one of the bundled worlds ({known}), was {world!r}")])


@click.group(invoke_without_command=True)
@click.pass_context
def worlds(context: click.Context) -> None:
    """List the bundled worlds, or copy one as a start of your own."""
    if context.invoked_subcommand is not None:
        return
    names = bundled_names()
    width = max(len(name) for name in names)
    for name in names:
        print(f"{name:<{width}}  {tomllib.loads(world_text(name))['title']}")


@worlds.command()
@click.argument("name")
@click.argument("target", required=False, type=click.Path(path_type=Path))
def copy(name: str, target: Path | None) -> None:
    """Copy the bundled world NAME to TARGET (by default NAME.toml here); an existing file is left alone."""
    if name not in bundled_names():
        raise InputError([Finding("NAME", f"Expected one of {', '.join(bundled_names())}, was {name!r}")])
    into = target if target is not None else Path(f"{name}{SUFFIX}")
    if into.is_dir():
        into /= f"{name}{SUFFIX}"
    if into.exists():
        raise InputError([Finding(str(into), "Expected a file that is not there yet, was one")])
    into.write_text(world_text(name), encoding="utf-8")
    print(into)
