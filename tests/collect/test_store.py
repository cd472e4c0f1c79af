"""The store: snapshots come back as they went in, once, and changes between two are found."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING

import pytest

from shortfall.data.figure_records import ContractFigures, Figure, LiquidationPrint, State
from shortfall.data.figures import load_bundled
from shortfall.data.snapshot_rows import GAP, gap_rows, rows_of
from shortfall.data.snapshot_store import SnapshotStore
from shortfall.data.watching import missed_slots, slot_of
from shortfall.errors import DataError, InputError
from shortfall.report.snapshot_history import history_document
from shortfall.report.snapshots import diff_document

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)
AGES = (datetime(1970, 1, 1, tzinfo=UTC), datetime(9000, 1, 1, tzinfo=UTC))


def snapshot(minute: int, fund: str = "1000.50", keys: tuple[str, ...] = ()) -> ContractFigures:
    at = NOON + timedelta(minutes=minute)
    figures = (Figure("fund_balance", Decimal(fund), "settlement asset", State.OBSERVED, "there", at, at.date(), "n"),)
    prints = tuple(LiquidationPrint(key, NOON, "long", Decimal(59000), "fill", Decimal("0.5")) for key in keys)
    return ContractFigures("v", "A/B:C..", figures, settlement_asset="C", liquidations=prints, taken_at=at)


def test_a_collected_contract_comes_back_equal(figures: Callable[..., ContractFigures], tmp_path: Path) -> None:
    store = SnapshotStore(tmp_path)
    for venue in ("binance", "bybit", "hyperliquid", "bitmex", "orderly"):
        held = figures(venue)
        assert held.taken_at is not None
        assert store.append(rows_of(held), held.taken_at)
        store.refresh()
        assert store.load(venue, held.symbol) == held


def test_findings_come_back_with_their_kinds(figures: Callable[..., ContractFigures], tmp_path: Path) -> None:
    store, held = SnapshotStore(tmp_path), figures("paradex", fault="negative")
    store.append(rows_of(held), held.taken_at or NOON)
    store.refresh()
    assert store.load("paradex", "BTC-USD-PERP").findings == held.findings


def test_a_slot_is_written_once_and_a_snapshot_indexed_once(tmp_path: Path) -> None:
    store = SnapshotStore(tmp_path)
    assert store.append(rows_of(snapshot(0)), NOON)
    assert not store.append(rows_of(snapshot(0, "9999")), NOON)
    assert store.append(rows_of(snapshot(0)), NOON + timedelta(seconds=1))  # the same snapshot under another slot
    assert store.refresh() == 2
    assert store.refresh() == 0
    assert [(venue, symbol, at) for venue, symbol, at, _ in store.snapshots()] == [("v", "A/B:C..", NOON)]
    assert store.load("v", "A/B:C..").get("fund_balance").number() == Decimal("1000.50")


def test_a_liquidation_is_kept_once_though_every_snapshot_shows_it(tmp_path: Path) -> None:
    store = SnapshotStore(tmp_path)
    for minute, keys in ((0, ("a",)), (1, ("a", "b")), (2, ("b", "c"))):
        store.append(rows_of(snapshot(minute, keys=keys)), NOON + timedelta(minutes=minute))
        if minute != 1:  # two parts in one refresh, and one in its own
            store.refresh()
    found = store.liquidations("v", "A/B:C..")
    assert [(key, at) for key, at, _ in found] == [
        ("liquidation/a", NOON),
        ("liquidation/b", NOON + timedelta(minutes=1)),
        ("liquidation/c", NOON + timedelta(minutes=2)),
    ]


def test_the_index_may_be_lost(tmp_path: Path) -> None:
    store = SnapshotStore(tmp_path)
    store.append(rows_of(snapshot(0, keys=("a",))), NOON)
    store.refresh()
    (tmp_path / "snapshots.duckdb").unlink()
    assert store.refresh() == 1
    assert len(store.liquidations("v", "A/B:C..")) == 1


def test_a_broken_part_is_named_and_the_index_stays_whole(tmp_path: Path) -> None:
    store = SnapshotStore(tmp_path)
    store.append(rows_of(snapshot(0)), NOON)
    store.refresh()
    bad = tmp_path / "parts" / "v" / "X" / "123.parquet"
    bad.parent.mkdir()
    bad.write_bytes(b"PAR1 not really")
    with pytest.raises(DataError, match=r"v/X/123\.parquet"):
        store.refresh()
    assert len(store.snapshots()) == 1


def test_an_unfinished_part_of_a_killed_process_is_not_read(tmp_path: Path) -> None:
    store = SnapshotStore(tmp_path)
    store.append(rows_of(snapshot(0)), NOON)
    (part,) = (tmp_path / "parts").rglob("*.parquet")
    part.with_name(".1.parquet.99.tmp").write_bytes(part.read_bytes()[:50])
    assert store.refresh() == 1
    assert store.slots("v", "A/B:C..") == [NOON]


def test_the_series_of_a_figure_is_asked_by_time(tmp_path: Path) -> None:
    store = SnapshotStore(tmp_path)
    for minute in range(4):
        store.append(rows_of(snapshot(minute, str(minute))), NOON + timedelta(minutes=minute))
    store.refresh()
    start, end = NOON + timedelta(minutes=1), NOON + timedelta(minutes=3)
    rows = store.rows("v", "A/B:C..", start, end, "fund_balance")
    assert [(row.taken_at.minute, row.value) for row in rows] == [(1, "1"), (2, "2")]


def test_a_contract_cannot_climb_out_of_the_folder(tmp_path: Path) -> None:
    store = SnapshotStore(tmp_path / "store")
    held = replace(snapshot(0), venue="..", symbol="../../x")
    store.append(rows_of(held), NOON)
    assert [path.name for path in tmp_path.iterdir()] == ["store"]
    store.refresh()
    assert store.snapshots()[0][:2] == ("..", "../../x")


def test_bundled_figures_are_not_kept() -> None:
    with pytest.raises(DataError, match="which have a time"):
        rows_of(load_bundled("gate", "BTC_USDT"))


def test_an_empty_store_says_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="collect first"):
        SnapshotStore(tmp_path).snapshots()
    SnapshotStore(tmp_path).refresh()
    with pytest.raises(InputError, match="found none"):
        SnapshotStore(tmp_path).load("v", "S")


def test_a_difference_names_what_changed_and_by_how_much() -> None:
    document = diff_document(snapshot(0, "1000", ("a",)), snapshot(1, "750", ("a", "b")))
    (change,) = document["changes"]
    assert (change["name"], change["from"], change["to"], change["relative"]) == (
        "fund_balance",
        "1000",
        "750",
        "-0.250000",
    )
    assert [row["key"] for row in document["new_liquidations"]] == ["b"]


@pytest.mark.parametrize(
    ("last", "slot", "missed"),
    [
        (None, NOON, ()),
        (NOON - timedelta(minutes=1), NOON, ()),
        (NOON, NOON, ()),
        (NOON - timedelta(minutes=4), NOON, ((11, 57, 11, 59, 3),)),
    ],
)
def test_missed_slots_are_the_ones_between(last: datetime | None, slot: datetime, missed: tuple[object, ...]) -> None:
    spans = missed_slots(last, slot, 60)
    found = tuple((s.first.hour, s.first.minute, s.last.hour, s.last.minute, s.count) for s in spans)
    assert found == missed


def test_a_slot_is_a_whole_multiple_of_the_interval() -> None:
    assert slot_of(NOON + timedelta(seconds=59.9), 60) == NOON
    assert slot_of(NOON + timedelta(seconds=60), 60) == NOON + timedelta(minutes=1)


def test_a_gap_is_a_row_with_its_bounds(tmp_path: Path) -> None:
    store, end = SnapshotStore(tmp_path), NOON + timedelta(minutes=5)
    gaps = gap_rows("v", "A/B:C..", end, [(NOON + timedelta(minutes=1), NOON + timedelta(minutes=4), 4)])
    store.append([*rows_of(replace(snapshot(5), taken_at=end)), *gaps], end)
    store.refresh()
    (row,) = store.rows("v", "A/B:C..", *AGES, GAP)
    assert row.value == '{"first":"2026-11-22T12:01:00Z","last":"2026-11-22T12:04:00Z","missed":4}'


def test_a_pool_that_only_says_a_later_time_has_not_changed(figures: Callable[..., ContractFigures]) -> None:
    first, second = figures("bybit"), figures("bybit")
    assert diff_document(first, second)["rows"] == {}
    smaller = replace(second, pools=second.pools[1:])
    assert [len(rows) for rows in diff_document(first, smaller)["rows"]["pools"].values()] == [1, 0]


def test_a_history_keeps_unknown_apart_from_zero() -> None:
    known = rows_of(snapshot(0, "0"))[1]
    missing = replace(known, value="", state="unknown", taken_at=NOON + timedelta(minutes=1))
    document = history_document([known, missing], [], [])
    assert [(span["value"], span["state"]) for span in document["spans"]] == [("0", "observed"), (None, "unknown")]


def days(store: SnapshotStore) -> list[str]:
    return sorted(path.name for path in store.folder.rglob("*.parquet"))


def filled(folder: Path) -> SnapshotStore:
    """Three slots on 22 November and two on the 23rd."""
    store = SnapshotStore(folder)
    for minute in (0, 1, 2, 720, 721):  # noon plus 720 minutes is midnight
        assert store.append(rows_of(snapshot(minute, keys=(f"k{minute}",))), NOON + timedelta(minutes=minute))
    return store


def everything(store: SnapshotStore) -> tuple[object, ...]:
    store.refresh()
    return store.snapshots(), store.rows("v", "A/B:C..", *AGES), store.liquidations("v", "A/B:C..")


def test_a_finished_day_becomes_one_part_that_says_the_same(tmp_path: Path) -> None:
    store = filled(tmp_path / "folded")
    before = everything(filled(tmp_path / "plain"))
    assert store.fold("v", "A/B:C..") == 3
    assert [name for name in days(store) if not name.split(".")[0].isdigit()] == ["2026-11-22.parquet"]
    assert len(days(store)) == 3
    assert everything(store) == before
    assert store.last_slot("v", "A/B:C..") == NOON + timedelta(minutes=721)
    assert store.fold("v", "A/B:C..") == 0


def test_a_fold_after_the_index_knows_the_parts_changes_nothing(tmp_path: Path) -> None:
    store = filled(tmp_path)
    before = everything(store)
    store.fold("v", "A/B:C..")
    assert everything(store) == before


def test_a_fold_that_was_cut_off_before_it_removed_the_parts_is_finished_by_the_next(tmp_path: Path) -> None:
    before = everything(filled(tmp_path / "plain"))
    store = filled(tmp_path / "cut")
    first = next(path for path in store.folder.rglob("*.parquet"))
    kept = {path: path.read_bytes() for path in store.folder.rglob("*.parquet")}
    store.fold("v", "A/B:C..")
    for path, content in kept.items():
        path.write_bytes(content)
    assert everything(store) == before  # nothing twice
    assert store.fold("v", "A/B:C..") == 3
    assert len(days(store)) == 3
    assert first.parent.exists()


def test_a_part_that_comes_late_is_added_to_its_day(tmp_path: Path) -> None:
    store = filled(tmp_path)
    store.fold("v", "A/B:C..")
    assert store.append(rows_of(snapshot(5)), NOON + timedelta(minutes=5))
    assert store.fold("v", "A/B:C..") == 1
    store.refresh()
    assert [at for _, _, at, _ in store.snapshots()] == [NOON + timedelta(minutes=k) for k in (0, 1, 2, 5, 720, 721)]


def test_two_slots_with_one_snapshot_hold_its_rows_once(tmp_path: Path) -> None:
    """Two parts taken into the index together."""
    store = SnapshotStore(tmp_path)
    store.append(rows_of(snapshot(0)), NOON)
    store.append(rows_of(snapshot(0)), NOON + timedelta(seconds=1))
    store.refresh()
    assert len(store.rows("v", "A/B:C..", *AGES)) == len(rows_of(snapshot(0)))
