"""Bundled figures: read, with sources and dates, unknown where nothing is known."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal
from typing import TYPE_CHECKING

import pytest

from shortfall.data.figures import NAMES, State, bundled_contracts, load_bundled, load_figures_file
from shortfall.errors import DataError, InputError

if TYPE_CHECKING:
    from pathlib import Path

WANTED = (
    ("binance", "BTCUSDT"),
    ("binance", "SUIUSDT"),
    ("bitmex", "XBTUSD"),
    ("bybit", "BTCUSDT"),
    ("deribit", "BTC-PERPETUAL"),
    ("dydx", "BTC-USD"),
    ("gate", "BTC_USDT"),
    ("hyperliquid", "BTC"),
    ("kraken", "PI_XBTUSD"),
    ("okx", "BTC-USDT-SWAP"),
    ("paradex", "BTC-USD-PERP"),
)
GOOD = """format = "shortfall.figures/1"
venue = "v"
symbol = "S"
base_asset = "B"
quote_asset = "Q"
settlement_asset = "Q"
contract_form = "linear"
read_on = 2026-11-22

[[figure]]
name = "mark_price"
value = "10.5"
source = "a page"
as_of = 2026-01-02
"""


@pytest.mark.parametrize("contract", WANTED)
def test_the_wanted_contracts_are_bundled(contract: tuple[str, str]) -> None:
    assert contract in bundled_contracts()


@pytest.mark.parametrize("contract", bundled_contracts())
def test_every_known_figure_has_a_source_and_every_unknown_one_a_reason(contract: tuple[str, str]) -> None:
    held = load_bundled(*contract)
    assert (held.venue, held.symbol) == contract
    for name in NAMES:
        figure = held.get(name)
        assert figure.unit == NAMES[name]
        if figure.known:
            assert figure.source
            assert figure.value is not None
        else:
            assert figure.note
            assert figure.value is None


def test_the_funds_of_three_binance_pools_are_as_published() -> None:
    # retyped from the documented answer: 793.9, 314.2 and 5.17 million USDT; 793.93 / 5.1667 = 153.7
    majors = load_bundled("binance", "BTCUSDT").get("fund_balance").number()
    altcoins = load_bundled("binance", "XRPUSDT").get("fund_balance").number()
    four = load_bundled("binance", "ACTUSDT").get("fund_balance").number()
    assert [str(majors), str(altcoins), str(four)] == ["793930579.315848", "314151411.06482935", "5166686.84431694"]
    assert round(majors / four, 1) == Decimal("153.7")


def test_an_unknown_fund_has_no_value_and_says_why() -> None:
    fund = load_bundled("binance", "SUIUSDT").get("fund_balance")
    assert (fund.value, fund.state) == (None, State.UNKNOWN)
    assert "does not list it" in fund.note
    with pytest.raises(DataError, match="it is unknown"):
        fund.number()


def test_an_assumed_fee_of_a_snapshot_is_no_figure() -> None:
    fee = load_bundled("binance", "BTCUSDT").get("taker_fee_rate")
    assert fee.value is None
    assert "a run assumes 0.0005" in fee.note


def test_derived_figures_are_the_arithmetic_they_name() -> None:
    gate = load_bundled("gate", "BTC_USDT")
    assert gate.get("open_interest_base").number() == Decimal(5_223_816) * Decimal("0.0001")
    assert gate.get("open_interest_notional").number() == Decimal("522.3816") * Decimal("37985.6")
    assert gate.get("open_interest_notional").state is State.DERIVED


def test_a_figure_keeps_the_date_of_its_source() -> None:
    okx = load_bundled("okx", "BTC-USDT-SWAP").get("open_interest_base")
    # 1,777,284,997,053 ms = 2026-04-27T10:16:37.053Z
    assert okx.as_of == datetime.fromtimestamp(1_777_284_997.053, UTC)
    assert okx.read_on == date(2026, 11, 22)


def test_a_name_that_is_not_canonical_is_refused() -> None:
    with pytest.raises(InputError, match="Expected a figure's name"):
        load_bundled("gate", "BTC_USDT").get("fund")


def test_a_contract_without_figures_is_refused_with_the_list() -> None:
    with pytest.raises(InputError, match="okx:BTC-USDT-SWAP"):
        load_bundled("okx", "NO-SUCH-SWAP")


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        (GOOD.replace("figures/1", "figures/9"), "Expected the format"),
        (GOOD.replace("10.5", "ten"), "Expected a decimal number"),
        (GOOD.replace("2026-01-02", '"today"'), "Expected a day or a moment"),
        (GOOD.replace('"mark_price"', '"price"'), "Expected a canonical name"),
        (GOOD + GOOD[GOOD.index("[[figure]]") :], "Expected one entry"),
        (GOOD + '\n[[pool]]\nname = "p"\nform = "shared"\nassets = []\n', "Expected the number of rows, 1"),
        (GOOD + "\nmore = 1\n[", "Expected a readable TOML file"),
    ],
)
def test_a_wrong_file_is_refused(tmp_path: Path, wrong: str, message: str) -> None:
    path = tmp_path / "figures.toml"
    path.write_text(wrong)
    with pytest.raises(DataError, match=message):
        load_figures_file(path)
