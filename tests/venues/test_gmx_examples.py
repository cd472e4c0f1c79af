"""Figures of GMX's own tests, through the venue file: testLiquidation.ts, in thousandths of a dollar."""

from __future__ import annotations

from datetime import date

import pytest

from shortfall.model.commands import Order
from shortfall.sim.venues import find_venue
from shortfall.testing.desk import Desk

SIZE = 30_000  # 450,000 dollars at 15
COLLATERAL = 5_000_000
POOL = 2_000_000_000
BEFORE_THE_FEE = date(2024, 6, 1)


def opened(side: int, *, day: date | None = BEFORE_THE_FEE) -> Desk:
    """Open 450,000 dollars at 15 on a market of 1 % with 5,000 of collateral; the venue's trading fee is left out as in its tests."""
    venue = find_venue("gmx")
    rules = venue.rules_on(day, venue.contract("LINK")).changed("fees.taker=0")
    rules = rules.changed("close.liquidation_fee=0") if day == BEFORE_THE_FEE else rules
    desk = Desk(rules, liquidity="pool of the market")
    desk.give("pool of the market", POOL)
    trader = desk.account("trader", COLLATERAL)
    desk.tick(15_000)
    desk.must(Order(trader, 0, side * SIZE))
    return desk


def test_a_position_stands_on_the_last_price_before_its_minimum() -> None:
    """Short at 15.016: 5,000 - 480 = 4,520 is not below 4,500; at 15.017 it is 4,490, and that is returned."""
    desk = opened(-1)
    desk.tick(15_016)
    assert desk.position("trader")[0] == -SIZE
    desk.tick(15_017)
    assert desk.position("trader") == (0, 0)
    assert desk.cash("trader") == 4_490_000
    assert desk.cash("pool of the market") == POOL + 510_000


@pytest.mark.parametrize(("side", "price"), [(-1, 150_000), (1, 1_000)])
def test_the_pool_gets_no_more_than_the_collateral(side: int, price: int) -> None:
    """A short at 150 and a long at 1 lose far more than 5,000: nothing is returned, and the pool's gain ends there."""
    desk = opened(side)
    desk.tick(price)
    assert desk.position("trader") == (0, 0)
    assert desk.cash("trader") == 0
    assert desk.cash("pool of the market") == POOL + COLLATERAL


def test_the_liquidation_fee_comes_out_of_what_is_left() -> None:
    """0.3 % of the size at the oracle price, 30,000 x 15.017 = 450,510 dollars, is 1,351.53: 4,490 - 1,351.53 is returned."""
    desk = opened(-1, day=None)
    desk.tick(15_017)
    assert desk.cash("trader") == 4_490_000 - 1_351_530
