"""A snapshot or a series that is wrong: everything is found in one go, with field, bound, value and line."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest

from shortfall.data import load_series_file, load_snapshot_file
from shortfall.data import series as series_module
from shortfall.data import snapshot as snapshot_module
from shortfall.data._canonical import canonical
from shortfall.errors import DataError

if TYPE_CHECKING:
    from pathlib import Path

BITCOIN = (snapshot_module._BUNDLED / "binance" / "BTCUSDT.toml").read_text(encoding="utf-8")
BARS = (series_module._BUNDLED / "binance" / "BTCUSDT_mark_1h_2025-10-10.csv").read_text(encoding="utf-8")


def findings_of(path: Path, changes: dict[str, str]) -> dict[str, str]:
    """Return path and message of each finding after changing the first place of each text."""
    toml = BITCOIN
    for old, new in changes.items():
        assert old in toml, old
        toml = toml.replace(old, new, 1)
    path.write_text(toml, encoding="utf-8")
    with pytest.raises(DataError) as caught:
        load_snapshot_file(path)
    return {finding.path: finding.message for finding in caught.value.findings}


def test_all_findings_are_listed_at_once_with_field_bound_value_and_line(tmp_path: Path) -> None:
    broken = {
        'value = "0.1"': 'value = "-0.1"',
        'value = "0.001"': "value = 0.001",
        'maintenance_rate = "0.005"': 'maintenance_rate = "0.05"',
        'kind = "assumed"\nunit = "decimal places"': 'kind = "guessed"\nunit = "decimal places"',
        "[mark_price]": "[mark]",
    }
    found = findings_of(tmp_path / "broken.toml", broken)
    assert found["tick_size.value"] == "Expected more than 0, was -0.1"
    assert found["lot_size.value"] == 'Expected a decimal number in quotes, such as "0.005", was 0.001'
    assert found["tiers.value[1].maintenance_rate"].endswith("(1 / max_leverage = 1 / 100), was 0.05")
    assert found["tiers.value[1].maintenance_amount_quote"] == (
        "Expected 0 + floor x rise of the rate 13800 = 13800, was 300"
    )
    assert found["settlement_exponent.kind"] == "Expected observed, assumed or unknown, was 'guessed'"
    assert found["mark"] == "Expected no such field in a snapshot"
    assert found["mark_price"].endswith("was missing")


def test_each_finding_has_the_line_of_its_row(tmp_path: Path) -> None:
    wrong = BITCOIN.replace('cap_quote = "800000"', 'cap_quote = "900000"', 1)
    path = tmp_path / "gap.toml"
    path.write_text(wrong, encoding="utf-8")
    with pytest.raises(DataError) as caught:
        load_snapshot_file(path)
    (finding,) = caught.value.findings
    assert finding.message == "Expected the cap of the tier below, 900000, was 800000"
    assert finding.line is not None
    assert 'floor_quote = "800000"' in wrong.splitlines()[finding.line - 1]


@pytest.mark.parametrize(
    ("old", "new", "path", "message"),
    [
        (
            'floor_quote = "0"',
            'floor_quote = "1"',
            "tiers.value[0].floor_quote",
            "Expected the first tier from 0, was 1",
        ),
        (
            'max_leverage = "100", maintenance_amount_quote = "300"',
            'max_leverage = "151", maintenance_amount_quote = "300"',
            "tiers.value[1].max_leverage",
            "Expected at most 150 as in the tier below, was 151",
        ),
        (
            ', maintenance_amount_quote = "0"',
            "",
            "tiers.value[0].maintenance_amount_quote",
            "Expected a value, was missing",
        ),
        ('"BTCUSDT", "BTCUSDT_250627"', '"BTCUSDT_250627"', "pool.value.members", "Expected BTCUSDT among the members"),
        (
            '"BTCUSDT", "BTCUSDT_250627"',
            '"BTCUSDT", "BTCUSDT"',
            "pool.value.members",
            "Expected BTCUSDT once, was there 2",
        ),
        ('asset = "USDC"', 'asset = "USDT"', "pool.value.assets", "Expected USDT once, was there 2 times"),
        ('balance = "61', 'balance = "-61', "pool.value.assets[2].balance", "Expected 0 or more, was -61.73143554"),
        (
            "updated_at = 2025-04-23T00:00:02Z",
            "updated_at = 2025-04-23",
            "pool.value.assets[0].updated_at",
            "Expected a ti",
        ),
        ('value = "0.0005"', 'value = "5"', "taker_fee_rate.value", "Expected a fraction from 0 to below 1, was 5"),
        ('value = "1.05"', 'value = "0.95"', "price_band_up_multiplier.value", "Expected more than 1, was 0.95"),
        (
            '"87278.562"',
            '"87278.5625"',
            "open_interest_base.value",
            "Expected a whole number of lots of 0.001, was 87278.5625",
        ),
        ('"63111.09703595"', '"NaN"', "mark_price.value", "Expected a decimal number in quotes"),
        ("as_of = 2024-08-08", 'as_of = "2024-08-08"', "depth.as_of", "Expected a day, such as 2025-10-09 (no quotes)"),
        ("as_of = 2024-08-08\n", "", "depth.as_of", "Expected an entry because the kind is observed, was missing"),
        (
            'observed_to_bps = "200"',
            'observed_to_bps = "150"',
            "depth.value.points[7].distance_bps",
            "Expected at most obse",
        ),
        (
            'distance_bps = "2"',
            'distance_bps = "1"',
            "depth.value.points[1].distance_bps",
            "Expected more than 1 as the row",
        ),
        ("value = 6", "value = 19", "settlement_exponent.value", "Expected a whole number from 0 to 18, was 19"),
        ('unit = "BTC"', 'unit = "lots"', "lot_size.unit", "Expected 'BTC', was 'lots'"),
        ('symbol = "BTCUSDT"', 'symbol = ""', "symbol", "Expected a text that is not empty, was ''"),
        ("snapshot/1", "snapshot/2", "format", "Expected 'shortfall.snapshot/1', was 'shortfall.snapshot/2'"),
        ("note = ", "remark = ", "tick_size.remark", "Expected one of as_of, kind, note, reason, source, unit, value"),
    ],
)
def test_a_finding_names_field_bound_and_value(tmp_path: Path, old: str, new: str, path: str, message: str) -> None:
    assert findings_of(tmp_path / "wrong.toml", {old: new})[path].startswith(message)


@pytest.mark.parametrize(
    ("field", "value", "path"),
    [
        ("tiers", "[]", "tiers.value"),
        ("tiers", '["first"]', "tiers.value[0]"),
        ("pool", '"shared"', "pool.value"),
        ("pool", '{ name = "", members = [], assets = [1] }', "pool.value.members"),
        ("pool", '{ name = "", members = [], assets = [1] }', "pool.value.assets[0]"),
        (
            "pool",
            '{ name = "p", members = ["BTCUSDT"], assets = [{ asset = "" , balance = "1", updated_at = 1 }] }',
            "pool.",
        ),
        ("depth", "[]", "depth.value"),
        ("depth", '{ mid_price = "0", observed_to_bps = "0", beyond = "", points = [1] }', "depth.value.points[0]"),
        ("price_series", '"one"', "price_series.value"),
        ("mark_price", '"1e999999999"', "mark_price.value"),
    ],
)
def test_a_value_of_the_wrong_shape_is_a_finding_and_no_crash(
    tmp_path: Path, field: str, value: str, path: str
) -> None:
    start = BITCOIN.index(f"[{field}]")
    following = re.compile(r"^\[(?!" + field + r"\b)", re.MULTILINE).search(BITCOIN, start)
    end = following.start() if following else len(BITCOIN)
    body = re.sub(r"^(value = .*|\[\w+\.value\])$.*", "", BITCOIN[start:end], flags=re.MULTILINE | re.DOTALL)
    found = findings_of(tmp_path / "shape.toml", {BITCOIN[start:end]: f"{body}value = {value}\n\n"})
    assert [name for name in found if name.startswith(path)]


def test_an_unknown_figure_may_not_carry_a_value(tmp_path: Path) -> None:
    changed = {'[taker_fee_rate]\nkind = "assumed"': '[taker_fee_rate]\nkind = "unknown"'}
    found = findings_of(tmp_path / "unknown.toml", changed)
    assert found == {"taker_fee_rate.value": "Expected no value because the kind is unknown, was '0.0005'"}


def test_an_observed_figure_needs_a_source(tmp_path: Path) -> None:
    changed = {'[taker_fee_rate]\nkind = "assumed"': '[taker_fee_rate]\nkind = "observed"'}
    assert set(findings_of(tmp_path / "bare.toml", changed)) == {"taker_fee_rate.source", "taker_fee_rate.as_of"}


@pytest.mark.parametrize("toml", ["", "format = ", 'tiers = 1\npool = "none"\n'])
def test_a_file_that_is_no_snapshot_is_refused(tmp_path: Path, toml: str) -> None:
    path = tmp_path / "none.toml"
    path.write_text(toml, encoding="utf-8")
    with pytest.raises(DataError, match="Expected"):
        load_snapshot_file(path)


def test_a_missing_file_is_a_finding(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="Expected a readable text file"):
        load_snapshot_file(tmp_path / "absent.toml")
    with pytest.raises(DataError, match="Expected a readable text file"):
        load_series_file(tmp_path / "absent.csv")


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("format 1", "format 2", "format (line 1): Expected '# shortfall price series, format 1'"),
        ("# source:", "# origin:", "source: Expected an entry in the header, was missing"),
        ("# price: mark", "# price: index", "price: Expected mark or trade, was index"),
        ("step_seconds: 3600", "step_seconds: 1h", "step_seconds: Expected whole seconds"),
        ("step_seconds: 3600", "step_seconds: 0", "step_seconds: Expected more than 0, was 0"),
        ("2025-10-10T22:00Z", "2025-10-10T22:30Z", "bars: Expected a bar every 3600 s from 2025-10-10T20:00Z"),
        ("2025-10-10T22:00Z,", "2025-10-10T22:00,", "bars (line 14): Expected a time with an offset and four prices"),
        ("101877.69", "119999", "bars (line 13): Expected 0 < low <= open, close <= high"),
        ("101877.69", "NaN", "bars (line 13): Expected 0 < low <= open, close <= high"),
        ("open_time,open", "time,open", "columns (line 11): Expected open_time,open,high,low,close"),
    ],
)
def test_a_series_that_is_wrong_is_refused(tmp_path: Path, old: str, new: str, message: str) -> None:
    assert old in BARS
    path = tmp_path / "wrong.csv"
    path.write_text(BARS.replace(old, new, 1), encoding="utf-8")
    with pytest.raises(DataError) as caught:
        load_series_file(path)
    assert message in str(caught.value)


def test_floats_have_no_canonical_form() -> None:
    with pytest.raises(TypeError, match="no canonical form for float"):
        canonical((0.1,))
