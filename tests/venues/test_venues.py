"""Venues as data: every bundled one is sound; a user's own file is taken whole or refused with everything that is wrong."""

from __future__ import annotations

import json
from datetime import date
from typing import TYPE_CHECKING

import pytest
from click.testing import CliRunner

from shortfall.cli.venues import venues
from shortfall.data.venue_file import load_venue
from shortfall.errors import DataError, InputError
from shortfall.rules.cited import Assumed, Cited
from shortfall.rules.venue import DECIDING, check_venue
from shortfall.sim.venues import find_venue, known_venues
from shortfall.venues import bundled_venues

if TYPE_CHECKING:
    from pathlib import Path

    from shortfall.rules.venue import Venue

BUNDLED = list(bundled_venues().values())
OWN = """
format = "shortfall.venue/1"
code = "mine"
name = "My exchange"
kind = "order book"
summary = "Market orders, then the fund."

[structure]
value = "one fund"
reason = "own rules"

[[eras]]
what = "as it started"
[eras.values]
waterfall = { value = "fund,socialise", source = "rule book, section 1", read_on = 2026-11-01 }
"index.method" = { value = "mean", reason = "not written down" }
"mark.method" = { value = "index", reason = "not written down" }
"amount.method" = { value = "whole", source = "rule book, section 2", read_on = 2026-11-01 }
"close.style" = { value = "market", source = "rule book, section 3", read_on = 2026-11-01 }
"close.surplus" = { value = "trader", source = "rule book, section 3", read_on = 2026-11-01 }
"adl.rank" = { value = "profit", reason = "no ADL", others = ["largest"] }
"adl.price" = { value = "mark", reason = "no ADL" }
"adl.eligible" = { value = "profitable-only", reason = "no ADL" }

[[eras]]
since = 2026-06-01
what = "winners pay last no longer"
[eras.values]
waterfall = { value = "fund", source = "notice of May", read_on = 2026-11-01 }

[[terms]]
symbol = "BTC-MINE"
base = "BTC"
[terms.tiers]
rows = [["50000", "2", "1"], ["", "4", "2"]]
reason = "own rules"
[terms.values]
"close.liquidation_fee" = { value = "1%", source = "fee page", read_on = 2026-11-01 }
"""


@pytest.fixture
def own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    file = tmp_path / "mine.toml"
    file.write_text(OWN, encoding="utf-8")
    monkeypatch.setenv("SHORTFALL_VENUES", str(tmp_path))
    return file


@pytest.mark.parametrize("venue", BUNDLED, ids=lambda venue: venue.code)
def test_a_bundled_venue_is_sound(venue: Venue) -> None:
    assert check_venue(venue).as_tuple() == ()


@pytest.mark.parametrize("venue", BUNDLED, ids=lambda venue: venue.code)
def test_no_venue_cites_a_mirror(venue: Venue) -> None:
    values = [value for era in venue.eras for value in era.values.values()] + [
        venue.structure,
        *(t.tiers for t in venue.terms),
    ]
    sources = [value.source for value in values if isinstance(value, Cited)]
    assert not [
        s for s in sources if any(word in s.lower() for word in ("mirror", "viigoo", "kbybit", "fourbit", "bytick"))
    ]


@pytest.mark.parametrize("venue", BUNDLED, ids=lambda venue: venue.code)
def test_a_bundled_venue_states_every_rule_that_decides_who_pays(venue: Venue) -> None:
    assert set(DECIDING) <= set(venue.values_on())


def test_eras_apply_from_their_day_on() -> None:
    binance = find_venue("binance")
    assert binance.rules_on(date(2021, 12, 31)).takeover.fund_capacity == 200_000
    assert binance.rules_on(date(2022, 1, 1)).takeover.fund_capacity == 1_000_000
    assert binance.rules_on().takeover.fund_capacity == 1_000_000


def test_an_own_venue_is_known_beside_the_bundled_ones(own: Path) -> None:
    venue = known_venues()[own.stem]
    assert venue.rules_on(date(2026, 5, 31)).waterfall == ("fund", "socialise")
    assert venue.rules_on().waterfall == ("fund",)
    terms = venue.contract("BTC")
    assert terms is not None
    rules = venue.rules_on(None, terms)
    assert [(tier.initial_ppm, tier.maintenance_ppm) for tier in rules.tiers] == [(20_000, 10_000), (40_000, 20_000)]
    assert rules.close.liquidation_fee == 10_000
    assert venue.values_on()["adl.rank"][0] == Assumed("profit", "no ADL", ("largest",))


def test_a_bad_venue_file_is_refused_with_all_findings(own: Path) -> None:
    bad = OWN.replace('value = "market"', 'value = "limit"').replace('others = ["largest"]', 'others = ["tallest"]')
    bad = bad.replace('"close.surplus" = { value = "trader"', '"close.surplas" = { value = "trader"').replace(
        '["", "4", "2"]', '["", "1", "2"]'
    )
    own.write_text(bad, encoding="utf-8")
    with pytest.raises(DataError) as caught:
        load_venue(own)
    paths = [finding.path for finding in caught.value.findings]
    for part in ("eras[0].close.style", "eras[0].adl.rank", "eras[0].close.surplas", "close.surplus"):
        assert any(part in path for path in paths), (part, paths)


def test_a_venue_file_of_another_shape_is_refused_with_all_findings(own: Path) -> None:
    own.write_text('format = "other"\ncode = 3\ncolour = "red"\n[structure]\nvalue = "x"\n', encoding="utf-8")
    with pytest.raises(DataError) as caught:
        load_venue(own)
    paths = {finding.path.removeprefix("mine.toml: ") for finding in caught.value.findings}
    assert {
        "format",
        "code",
        "colour",
        "name",
        "kind",
        "summary",
        "eras",
        "structure.read_on",
        "structure.source",
    } <= paths


def test_an_own_venue_may_not_take_a_bundled_code(own: Path) -> None:
    own.write_text(OWN.replace('code = "mine"', 'code = "binance"'), encoding="utf-8")
    with pytest.raises(InputError, match="no other venue"):
        known_venues()


def test_a_folder_that_is_none_is_a_finding(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SHORTFALL_VENUES", "/nowhere/at/all")
    with pytest.raises(DataError, match="SHORTFALL_VENUES"):
        known_venues()


def test_an_unknown_venue_is_refused_with_the_list() -> None:
    with pytest.raises(InputError, match="binance"):
        find_venue("nowhere")


@pytest.mark.parametrize(
    "words", [["--json"], ["show", "binance", "--json"], ["check", "--json"], ["diff", "binance", "mine", "--json"]]
)
@pytest.mark.usefixtures("own")
def test_every_venue_command_has_a_document(words: list[str]) -> None:
    found = CliRunner().invoke(venues, words, catch_exceptions=False)
    assert found.exit_code == 0
    assert json.loads(found.output)["schema"] == "shortfall.venues/1"


@pytest.mark.usefixtures("own")
def test_the_difference_of_two_venues_names_every_rule_that_differs() -> None:
    found = json.loads(CliRunner().invoke(venues, ["diff", "binance", "mine", "--json"]).output)
    rows = {row["rule"]: (row["binance"], row["mine"]) for row in found["differences"]}
    assert rows["close.style"] == ("bankruptcy", "market")
    assert rows["waterfall"] == ("fund, adl", "fund")
    assert "index.method" not in rows


@pytest.mark.parametrize(
    "words",
    [[], ["show", "binance"], ["show", "binance", "--on", "2020-01-01"], ["check"], ["diff", "binance", "mine"]],
)
@pytest.mark.usefixtures("own")
def test_every_venue_command_prints_a_table(words: list[str]) -> None:
    found = CliRunner().invoke(venues, words, catch_exceptions=False)
    assert found.exit_code == 0
    assert "binance" in found.output
