"""The venue that the how-to writes down is taken as it stands there."""

from __future__ import annotations

from pathlib import Path

from shortfall.data.venue_file import load_venue
from shortfall.rules.venue import check_venue

PAGE = Path(__file__).parents[2] / "docs" / "howto" / "add-a-venue.md"


def test_the_venue_of_the_page_is_sound_and_says_what_the_page_says(tmp_path: Path) -> None:
    text = PAGE.read_text(encoding="utf-8").partition("```toml\n")[2].partition("```")[0]
    file = tmp_path / "mine.toml"
    file.write_text(text, encoding="utf-8")
    venue = load_venue(file)
    assert check_venue(venue).as_tuple() == ()
    assert venue.rules_on().waterfall == ("fund", "socialise")
    assert [name for name, _ in venue.assumed()] == ["close.surplus", "adl.rank", "adl.price", "adl.eligible"]
