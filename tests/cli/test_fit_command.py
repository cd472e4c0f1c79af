"""`shortfall fit liquidity` as a user types it."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest
from click.testing import CliRunner

from shortfall.cli.fit import fit
from shortfall.data.liquidity_file import load_liquidity
from shortfall.errors import InputError

if TYPE_CHECKING:
    from pathlib import Path

HEAD = "unix_s,best_bid,best_ask," + ",".join(f"{side}_qty_{bps}bps" for side in ("bid", "ask") for bps in (5, 10, 20))


@pytest.fixture
def book(tmp_path: Path) -> Path:
    """Return ten seconds of a book whose cumulative depth is 3, 6 and 12: proportional to distance."""
    path = tmp_path / "book.csv"
    path.write_text("\n".join([HEAD, *(f"{k},99,101,3,6,12,3,6,12" for k in range(10))]) + "\n", encoding="utf-8")
    return path


def test_the_document_says_what_is_fitted_and_what_is_not(book: Path, tmp_path: Path) -> None:
    """Exponent 1; ten seconds have no blocks, no episodes; the file leaves out what is not known."""
    out = tmp_path / "fit.toml"
    result = CliRunner().invoke(fit, ["liquidity", str(book), "--json", "--out", str(out)], catch_exceptions=False)
    document = json.loads(result.stdout)
    assert document["schema"] == "shortfall.liquidity-fit/1"
    found = document["fits"][0]
    assert found["depth"]["exponent"] == pytest.approx(1)
    assert found["depth"]["observed_to_bps"] == 20
    assert found["thinning"]["reason"].startswith("1 blocks")
    assert not found["refill"]["estimable"]
    assert found["refill"]["time_constant_s"] is None
    kept = load_liquidity(out)
    assert (kept.speed_fall, kept.refill_seconds) == (None, None)
    assert kept.depth_exponent == pytest.approx(1)


def test_the_table_fits_into_eighty_columns_and_has_bars(book: Path) -> None:
    """Bars are square roots: 12 fills 12 cells, 3 half of them."""
    result = CliRunner().invoke(fit, ["liquidity", str(book)], catch_exceptions=False, env={"COLUMNS": "80"})
    assert max(len(line) for line in result.stdout.splitlines()) <= 80
    lines = {line.split()[0]: line for line in result.stdout.splitlines() if line.strip()[:2] in {"5 ", "20"}}
    assert lines["20"].count("█") == 24
    assert lines["5"].count("█") == 12
    assert "not identified by this sample" in result.stdout.replace("\n", " ")
    assert "not estimable" in result.stdout.replace("\n", " ")


def test_every_file_is_checked_before_anything_is_said(book: Path, tmp_path: Path) -> None:
    """A bad row in one file, no known format in another, and --out beside two."""
    bad = tmp_path / "bad.csv"
    bad.write_text(f"{HEAD}\n1,99,101,3,6,x,3,6,12\n", encoding="utf-8")
    other = tmp_path / "other.csv"
    other.write_text("a,b\n", encoding="utf-8")
    with pytest.raises(InputError) as raised:
        CliRunner().invoke(
            fit, ["liquidity", str(book), str(bad), str(other), "--out", str(tmp_path / "f")], catch_exceptions=False
        )
    assert [finding.path for finding in raised.value.findings] == ["--out", "bad.csv: bid_qty_20bps", "other.csv"]
