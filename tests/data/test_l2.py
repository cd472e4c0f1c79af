"""Samples of order books at the border: three formats, worked by hand, and everything wrong told at once."""

from __future__ import annotations

import gzip
from typing import TYPE_CHECKING

import numpy as np
import pytest

from shortfall.data.l2 import load_book_sample
from shortfall.errors import DataError

if TYPE_CHECKING:
    from pathlib import Path


def written(tmp_path: Path, text: str) -> Path:
    """Return a file with a text."""
    path = tmp_path / "book.csv"
    path.write_text(text, encoding="utf-8")
    return path


LEVELS = """\
tm,b,a,other
1000,"[[""99.99"",""1""],[""99.95"",""2""]]","[[""100.01"",""3""],[""100.03"",""4""],[""100.20"",""5""]]",x
2000,"[[""99.99"",""7""],[""99.95"",""2""]]","[[""100.01"",""3""],[""100.20"",""5""]]",x
"""


def test_levels_are_added_up_by_distance_and_end_where_they_were_seen(tmp_path: Path) -> None:
    """Mid 100: bids at 1 and 5 bps, asks at 1, 3 and 20 bps. Bids are seen to 5 bps, asks to 10 of the bands (20 lies beyond)."""
    found = load_book_sample(written(tmp_path, LEVELS))
    assert (found.format, found.times_s.tolist()) == ("levels", [1.0, 2.0])
    assert found.mid == pytest.approx([100.0, 100.0])
    assert found.bands_bps[:5].tolist() == [1, 2, 5, 10, 25]
    np.testing.assert_array_equal(found.depth[0, 1, :4], [3, 3, 7, 7])
    np.testing.assert_array_equal(found.depth[1, 0, :3], [7, 7, 9])
    assert np.isnan(found.depth[0, 0, 3:]).all()
    assert np.isnan(found.depth[0, 1, 4:]).all()


SECONDS = """\
unix_s,best_bid,best_ask,bid_qty_5bps,bid_qty_10bps,bid_qty_25bps,bid_qty_50bps,ask_qty_5bps,ask_qty_10bps,ask_qty_25bps,ask_qty_50bps
1,99,101,10,20,21,90,10,20,50,100
2,99,101,10,20,50,100,10,20,50,100
"""


def test_a_ring_that_was_not_recorded_is_unseen_and_so_is_all_beyond_it(tmp_path: Path) -> None:
    """First second: from 10 to 25 bps bids grow by 1 over 15, before it by 10 over 5: not recorded. A gzipped file is the same."""
    path = written(tmp_path, SECONDS)
    found = load_book_sample(path)
    assert np.isnan(found.depth[0, 0]).tolist() == [False, False, True, True]
    assert found.depth[1, 0].tolist() == [10, 20, 50, 100]
    packed = tmp_path / "book.csv.gz"
    packed.write_bytes(gzip.compress(path.read_bytes()))
    np.testing.assert_array_equal(load_book_sample(packed).depth, found.depth)


def test_a_snapshot_is_one_book(tmp_path: Path) -> None:
    """Bids 1 at 1 bps and 2 at 3 bps; asks 4 at 1 bps and 8 at 3 bps."""
    rows = "side,level,price,qty\nbid,0,99.99,1\nbid,1,99.97,2\nask,0,100.01,4\nask,1,100.03,8\n"
    found = load_book_sample(written(tmp_path, rows))
    assert found.depth.shape[0] == 1
    assert found.depth[0, :, 1].tolist() == [1, 4]
    assert np.isnan(found.depth[0, :, 2]).all()


@pytest.mark.parametrize(
    ("text", "findings"),
    [
        ("a,b\n1,2\n", {("book.csv", 1)}),
        ("side,level,price,qty\nbid,0,1,1\n", {("side", None)}),
        ("side,level,price,qty\n", {("side", None)}),
        ("side,level,price,qty\nbid,0,1,x\nup,0,1,1\nbid,0,3,1\nask,0,2,1\n", {("price", 2), ("side", 3), ("b", 2)}),
        (SECONDS.replace("1,99,101,10", "1,99,98,z").replace("\n2,", "\n1,"), {("bid_qty_5bps", 2)}),
        (
            SECONDS.replace("2,99,101", "2,99,98").replace("50,100\n", "50,40\n"),
            {("best_bid", 3), ("ask_qty", 2), ("ask_qty", 3)},
        ),
        (SECONDS.replace("\n2,", "\n1,"), {("time", 3)}),
        (SECONDS.replace("ask_qty_50bps", "ask_qty_60bps"), {("columns", 1)}),
        (LEVELS.replace("1000,", "x,").replace('""7""', '""nan""'), {("tm", 2), ("b", 3)}),
        ("", {("book.csv", 1)}),
    ],
)
def test_everything_wrong_is_told_with_its_line(
    tmp_path: Path, text: str, findings: set[tuple[str, int | None]]
) -> None:
    with pytest.raises(DataError) as raised:
        load_book_sample(written(tmp_path, text))
    assert {(found.path, found.line) for found in raised.value.findings} == findings


def test_a_broken_archive_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "book.csv.gz"
    path.write_bytes(gzip.compress(SECONDS.encode())[:40])
    with pytest.raises(DataError, match="gzipped"):
        load_book_sample(path)
