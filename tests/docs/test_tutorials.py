"""The tutorials' commands run, in order and in one folder, and print what the pages say below them."""

from __future__ import annotations

import importlib.util
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from types import ModuleType

DOCS = Path(__file__).resolve().parents[2] / "docs"


def script() -> ModuleType:
    spec = importlib.util.spec_from_file_location("tutorials", DOCS / "tutorials.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


TUTORIALS = script()


@pytest.mark.parametrize("name", TUTORIALS.PAGES)
def test_a_tutorial_prints_what_its_page_says(name: str, tmp_path: Path) -> None:
    """Mended with `python docs/tutorials.py` where a figure has moved for a reason."""
    text = (DOCS / "start" / name).read_text(encoding="utf-8")
    assert len(TUTORIALS.BLOCK.findall(text)) >= 4
    assert TUTORIALS.refilled(text, tmp_path) == text


def test_a_page_keeps_what_is_printed_before_the_first_empty_line(tmp_path: Path) -> None:
    """By hand: two lines, an empty one, a third; text around it stays, a block without a command too."""
    page = "before\n```console\n$ printf 'one\\ntwo\\n\\nthree\\n'\nold\n```\nafter\n```console\nmake test\n```\n"
    want = "before\n```console\n$ printf 'one\\ntwo\\n\\nthree\\n'\none\ntwo\n...\n```\nafter\n```console\nmake test\n```\n"
    assert TUTORIALS.refilled(page, tmp_path) == want


def test_a_command_that_fails_stops_the_page(tmp_path: Path) -> None:
    """An error is never written into a page."""
    with pytest.raises(RuntimeError, match="exit code 3"):
        TUTORIALS.refilled("```console\n$ exit 3\n```\n", tmp_path)
