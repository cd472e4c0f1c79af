"""The page about driving the engine from Python is run as it stands."""

from __future__ import annotations

import re
from pathlib import Path

PAGE = Path(__file__).parents[2] / "docs" / "start" / "engine.md"
ORDER = (
    "MarkUpdated",
    "LiquidationTriggered",
    "OrderFilled",
    "TakerFilled",
    "DeficitRealised",
    "FundPaid",
    "ClipClosed",
    "LiquidationEnded",
)


def test_the_page_runs_and_its_story_is_the_one_that_it_tells() -> None:
    """Its own asserts hold, and the events come in the order named below it."""
    code = re.search(r"```python\n(.*?)```", PAGE.read_text(encoding="utf-8"), re.DOTALL)
    assert code is not None
    names: dict[str, object] = {}
    exec(code.group(1), names)  # noqa: S102 - our own page
    story = names["story"]
    assert isinstance(story, list)
    assert tuple(name for name, _ in story) == ORDER
