"""The auditor can say no: one changed word in the events of a sound world is a finding."""

from __future__ import annotations

import pytest

from shortfall.errors import InvariantViolationError
from shortfall.kernels import layout as at
from shortfall.testing.auditor import audit_events, ensure_audited
from shortfall.testing.desk import Desk, rules_with

RICH = 1_000_000


@pytest.fixture(scope="module")
def desk() -> Desk:
    """Return a world with trades, fees, funding, a takeover, ADL, a deficit, a shared loss and surplus."""
    desk = Desk(
        rules_with(
            "close.style=market", "waterfall=fund,adl,socialise", "fees.taker=500ppm", "takeover.fund_capacity=50%"
        )
    )
    desk.accounts(ann=1_010, amy=1_300, bob=RICH, cat=RICH)
    desk.account("maker", RICH, at.MAKER)
    desk.give("fund", 400)
    desk.tick(100)
    desk.trade(desk.id("ann"), desk.id("bob"), 60, 100)
    desk.trade(desk.id("ann"), desk.id("cat"), 40, 100)
    desk.trade(desk.id("amy"), desk.id("cat"), 100, 100)
    desk.bid(desk.id("maker"), 20, 88)
    desk.bid(desk.id("maker"), 20, 84)
    desk.tick(85)
    return desk


def test_a_sound_world_has_no_findings(desk: Desk) -> None:
    assert audit_events(desk.setup, desk.rows, desk.exchange) == []
    ensure_audited(desk.setup, desk.rows, desk.exchange)


@pytest.mark.parametrize(
    ("kind", "column", "law"),
    [
        (at.E_ORDER_FILLED, at.V_D, "a fill's amount is its value"),
        (at.E_TAKER_FILLED, at.V_A, "a taker's lots are his makers'"),
        (at.E_TAKER_FILLED, at.V_C, "a taker's amount is his makers'"),
        (at.E_POSITION_TAKEN_OVER, at.V_D, "a takeover's amount is its value"),
        (at.E_POSITION_TAKEN_OVER, at.V_C, "a batch closes what clearing holds"),
        (at.E_POSITION_DELEVERAGED, at.V_C, "a winner's rank is what his profit and leverage say"),
        (at.E_POSITION_DELEVERAGED, at.V_D, "a close's amount is its value"),
        (at.E_ADL_ENDED, at.V_A, "a batch closes what its closes say"),
        (at.E_FUND_PAID, at.V_D, "stated fund cash is fund cash"),
        (at.E_DEFICIT_REALISED, at.V_A, "a deficit is the negative balance"),
        (at.E_LIQUIDATION_TRIGGERED, at.V_B, "equity at trigger"),
        (at.E_FEE_CHARGED, at.V_A, "the state agrees with the events"),
        (at.E_MONEY_MOVED, at.V_A, "the state agrees with the events"),
    ],
)
def test_one_changed_word_is_found(desk: Desk, kind: int, column: int, law: str) -> None:
    rows = [list(row) for row in desk.rows]
    target = [row for row in rows if row[at.V_KIND] >> 8 == kind][-1]
    target[column] += 1
    findings = audit_events(desk.setup, rows, desk.exchange)
    assert any(law in finding for finding in findings), findings
    with pytest.raises(InvariantViolationError):
        ensure_audited(desk.setup, rows, desk.exchange)


@pytest.mark.parametrize(
    "kind",
    [
        at.E_ORDER_FILLED,
        at.E_TAKER_FILLED,
        at.E_POSITION_TAKEN_OVER,
        at.E_POSITION_DELEVERAGED,
        at.E_FUND_PAID,
        at.E_MONEY_MOVED,
    ],
)
def test_a_missing_event_is_found(desk: Desk, kind: int) -> None:
    at_row = max(k for k, row in enumerate(desk.rows) if row[at.V_KIND] >> 8 == kind)
    assert audit_events(desk.setup, desk.rows[:at_row] + desk.rows[at_row + 1 :], desk.exchange)


def test_a_liquidation_on_a_refused_price_is_found(desk: Desk) -> None:
    rows = [list(row) for row in desk.rows]
    k = next(k for k, row in enumerate(rows) if row[at.V_KIND] >> 8 == at.E_LIQUIDATION_TRIGGERED)
    refused = [at.E_PRICE_REFUSED << 8, -1, rows[k][at.V_CAUSE], 0, 0, at.BAD_VALUE, 0, 100]
    findings = audit_events(desk.setup, [*rows[:k], refused, *rows[k:]])
    assert any("a refused price liquidates nobody" in finding for finding in findings)


def test_a_winner_who_would_be_flipped_is_found(desk: Desk) -> None:
    rows = [list(row) for row in desk.rows]
    close = [row for row in rows if row[at.V_KIND] >> 8 == at.E_POSITION_DELEVERAGED][-1]
    close[at.V_A] = 1_000
    assert any("ADL reduces and never flips" in finding for finding in audit_events(desk.setup, rows))
