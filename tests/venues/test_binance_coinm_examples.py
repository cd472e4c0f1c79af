"""Worked examples of Binance's pages on coin-margined contracts, through the venue file. Figures are those printed on the pages."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest
from worked import coins, contract_rules, holds  # type: ignore[import-not-found]  # lies beside this file

from shortfall.rules.ruleset import amounts_of
from shortfall.testing.desk import Desk

COIN = 10**8


def test_the_maintenance_amount_of_level_5_is_1_81_coins() -> None:
    # 50 x (5 % - 2.5 %) + 0.56 = 1.81
    amounts = amounts_of(contract_rules("binance-coinm", "BTCUSD_PERP"))
    assert amounts[3:5] == [Decimal("0.56"), Decimal("1.81")]


def test_a_position_of_60_coins_needs_5_percent_less_the_amount() -> None:
    # 60 x 5 % - 1.81 = 1.19 BTC; 60 BTC are 6,000 contracts of 100 dollars at 10,000
    desk = Desk(contract_rules("binance-coinm", "BTCUSD_PERP"), coins(Decimal(100)))
    desk.tick(10_000)
    trader = holds(desk, "trader", 6_000, 10_000, 100 * COIN)
    assert desk.exchange.health(trader)[2] == 119 * COIN // 100


@pytest.mark.parametrize(("day", "capacity"), [(date(2021, 12, 31), 200_000), (date(2022, 1, 1), 1_000_000)])
def test_the_fund_may_hold_a_fifth_of_its_size_and_later_all_of_it(day: date, capacity: int) -> None:
    assert contract_rules("binance-coinm", "BTCUSD_PERP", on=day).takeover.fund_capacity == capacity
