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
