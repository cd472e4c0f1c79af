"""Every bundled world runs, holds the laws under the auditor, and can be told from every account's side."""

from __future__ import annotations

import json
from decimal import Decimal

import pytest

from shortfall.cli.run import auditor
from shortfall.cli.worlds import bundled_names, world_text
from shortfall.sim.world_reading import read_world
from shortfall.sim.world_record import SCHEMA, record_of
from shortfall.sim.world_running import AUDIT_LAW, CASH_LAW, MONEY_LAW, QUEUE_LAW, VALUE_LAW, WorldRun, run_world
from shortfall.sim.world_story import story_of


def run_of(name: str) -> WorldRun:
    return run_world(read_world(world_text(name)), auditor)


@pytest.mark.parametrize("name", bundled_names())
def test_every_bundled_world_holds_the_laws(name: str) -> None:
    run = run_of(name)
    laws = dict(run.laws)
    assert set(laws) == {MONEY_LAW, QUEUE_LAW, VALUE_LAW, CASH_LAW, AUDIT_LAW}
    assert laws[AUDIT_LAW] == len(run.steps)
    assert [result.value.difference for result in run.results] == [0] * len(run.results)
    assert all(step.refused == () for step in run.steps)


@pytest.mark.parametrize("name", bundled_names())
def test_the_value_book_adds_up_in_the_document(name: str) -> None:
    record = json.loads(json.dumps(record_of(run_of(name), with_events=True)))
    assert record["schema"] == SCHEMA
    for market in record["markets"]:
        book = market["value_book"]
        paid = sum(Decimal(line["amount"]) for line in book["paid_by"].values())
        assert paid == Decimal(book["paid"]["amount"])
        assert paid == Decimal(book["returned"]["amount"]) - Decimal(book["equity_left"]["amount"])
        cash = market["cash_book"]
        parts = [*cash["paid_by"].values(), *cash["socialised"].values(), cash["uncovered"]]
        assert sum(Decimal(line["amount"]) for line in parts) == Decimal(cash["deficit"]["amount"])


@pytest.mark.parametrize("name", bundled_names())
def test_cash_of_all_accounts_and_settlement_sums_to_zero(name: str) -> None:
    record = record_of(run_of(name))
    after = sum(Decimal(account["after"]["balance"]["amount"]) for account in record["accounts"])
    owed = sum(Decimal(market["settlement_account"]["amount"]) for market in record["markets"])
    assert after + owed == 0


@pytest.mark.parametrize("name", bundled_names())
def test_every_account_has_a_story_whose_cash_adds_up(name: str) -> None:
    run = run_of(name)
    for account in run.world.accounts:
        lines = story_of(run, account.name)
        start = next(k for k, line in enumerate(lines) if line.startswith("Where the money went"))
        figures = [Decimal(line.split()[0]) for line in lines[start + 1 : -1]]
        assert sum(figures[:-1]) == figures[-1]


@pytest.mark.parametrize("name", bundled_names())
def test_every_world_shows_its_arithmetic(name: str) -> None:
    text = world_text(name)
    comments = [line for line in text.splitlines() if line.startswith("#")]
    assert len(comments) >= 4
    assert any("=" in line for line in comments)


def test_the_same_world_gives_the_same_document_twice() -> None:
    first, second = (record_of(run_of("right-and-cut"), with_events=True) for _ in range(2))
    assert first == second


def test_lots_that_nobody_may_take_wait_in_the_clearing_account() -> None:
    text = world_text("whale-withdraws").replace('waterfall = ["backstop"]', 'waterfall = ["adl"]')
    text = text.replace('backstop = "backstop"\n', "").replace(
        "profit.withdrawal", 'adl.eligible = "profitable-only"\nprofit.withdrawal'
    )
    text = text.replace('[[account]]\nname = "backstop"\nkind = "holder"\ndeposit = 1_000_000\n', "")
    text = text[: text.index('[[step]]\ntime = "4s"')]
    run = run_world(read_world(text), auditor)
    market = record_of(run)["markets"][0]
    assert market["waiting_in_clearing_size"] == "900"  # the shorts at 2,000 are not in profit at 2,100
    assert dict(run.laws)[VALUE_LAW] == len(run.steps) - 1
