"""`shortfall population`: one document, one picture, all findings at once; and one place for the names of populations."""

from __future__ import annotations

import json
from typing import Any

import click
import pytest
from click.testing import CliRunner
from rich.console import Console

from shortfall.cli.main import COMMANDS, cli
from shortfall.cli.population import population
from shortfall.errors import InputError
from shortfall.report.populations import print_population, shade
from shortfall.report.sheets import sheet_of
from shortfall.report.sheets.page import sheet_page
from shortfall.report.sheets.sheet import Heat
from shortfall.sim.members import NAMES


@pytest.fixture(scope="module")
def document() -> dict[str, Any]:
    words = ["binance", "SUIUSDT", "--member", "middle", "--try", "15,0.8,0.8,2", "--json"]
    ran = CliRunner().invoke(population, words, catch_exceptions=False)
    found: dict[str, Any] = json.loads(ran.stdout)
    return found


def test_the_document_tells_who_is_admitted_and_why(document: dict[str, Any]) -> None:
    middle, tried = document["members"]
    assert document["schema"] == "shortfall.population/1"
    assert document["class"] == "others"
    assert (middle["name"], middle["admitted"], tried["name"], tried["admitted"]) == ("middle", True, "tried", False)
    assert middle["admitted_if_times"] == {"1": False, "6.3": True, "100": True}
    assert "at most" in tried["reason"]
    assert middle["implied"][0]["outcome"] == "too few days"
    assert middle["levels"]["outcome"] == "not applicable"
    # parts of all notional, each rounded to a millionth
    assert sum(middle["longs_ppm"]) + sum(middle["shorts_ppm"]) == pytest.approx(1_000_000, abs=9)


def test_the_picture_and_the_sentence_are_printed(document: dict[str, Any], capsys: pytest.CaptureFixture[str]) -> None:
    print_population(Console(width=140), document)
    printed = capsys.readouterr().out
    assert "1 of 2 populations are possible by the record of daily liquidations" in printed
    assert "refused: tried." in printed
    assert "Liquidation levels: share of all notional" in printed
    assert "a lower bound" in printed
    assert "█████" in printed


def test_shades_begin_where_the_legend_says() -> None:
    """Nothing, something, 2 %, 5 %, 10 % of all notional."""
    assert [shade(ppm) for ppm in (0, 1, 19_999, 20_000, 50_000, 99_999, 100_000)] == list(" ░░▒▓▓█")


def test_everything_wrong_is_told_at_once() -> None:
    words = ["binance", "BTCUSDT", "--accounts", "10", "--try", "900,0.8,2,x"]
    with pytest.raises(InputError) as raised:
        CliRunner().invoke(population, words, catch_exceptions=False)
    assert [finding.path for finding in raised.value.findings] == ["--accounts", "--try", "--try", "--try"]


def test_every_command_that_chooses_populations_knows_the_family() -> None:
    """The names come from one place; a command with another list of its own would show here."""
    found = 0
    for name in COMMANDS:
        command = cli.get_command(None, name)  # type: ignore[arg-type]  # the group looks at the name only
        for option in command.params if command is not None else ():
            if "--member" in option.opts and isinstance(option.type, click.Choice):
                assert tuple(option.type.choices) == NAMES, name
                found += 1
    assert found >= 5  # `replicate` checks the names itself


def test_the_sheet_draws_the_levels_from_the_farthest_longs_to_the_farthest_shorts(document: dict[str, Any]) -> None:
    """Nine distances a side; what is drawn sums to all notional, 100 %."""
    sheet = sheet_of(document)
    levels = sheet.pictures[0]
    assert isinstance(levels, Heat)
    middle = [cell for cell in levels.cells if cell[1] == "middle"]
    assert [middle[0][0], middle[8][0], middle[9][0], middle[17][0]] == ["-30", "-0", "+0", "+30"]
    assert sum(weight for _, _, weight in middle) == pytest.approx(100, abs=0.001)
    assert [row[1] for row in sheet.tables[0].rows] == ["yes", "no"]
    assert len(sheet.tables[1].rows) == 6 * 2


def test_a_page_is_written(document: dict[str, Any]) -> None:
    """One file with both pictures."""
    pytest.importorskip("altair")
    page = sheet_page(sheet_of(document), document)
    assert page.count("<svg") >= 2
    assert "which synthetic populations are possible?" in page
