"""Worked examples of dYdX's own pages, through the venue file."""

from __future__ import annotations

from dataclasses import replace

from shortfall.sim.venues import find_venue
from shortfall.testing.desk import Desk, flat_tier


def desk_of(initial: str, maintenance: str, unit: int = 1) -> Desk:
    """Return a market under the venue's rules with the margin of an example; money rules are stated in parts of a dollar."""
    rules = replace(find_venue("dydx").rules_on(), tiers=flat_tier(initial, maintenance))
    for name in ("min_notional", "notional_per_block", "loss_per_block"):
        rules = rules.changed(f"amount.{name}={unit * int(str(getattr(rules.amount, name)))}")
    return Desk(rules)


def test_a_negative_account_is_offset_at_its_bankruptcy_price() -> None:
    """Contract loss mechanisms: 500 from 1 to 2 with 100 each; B is offset at 1.20, A gains 100, B ends with nothing (in cents)."""
    desk = desk_of("5%", "3%", 100)
    a, b = desk.accounts(A=10_000, B=10_000)
    desk.tick(100)
    desk.trade(a, b, 500, 100)
    desk.tick(200)
    assert desk.last("LiquidationTriggered").amounts["equity_quote"] == -40_000
    assert (desk.position("A"), desk.position("B")) == ((0, 0), (0, 0))
    assert (desk.cash("A"), desk.cash("B")) == (20_000, 0)


def test_the_fund_tops_a_fill_up_to_the_bankruptcy_price() -> None:
    """Insurance fund: 500 from 1 with 100, oracle at 0.801, filled at 0.77 below the bankruptcy price of 0.80: the fund pays 15 (mills)."""
    desk = desk_of("5%", "3%", 1_000)
    desk.give("fund", 20_000)
    a, b, bidder = desk.accounts(A=100_000, B=1_000_000, bidder=1_000_000)
    desk.tick(1_000)
    desk.trade(a, b, 500, 1_000)
    desk.bid(bidder, 500, 770)
    desk.tick(801)
    assert desk.last("LiquidationTriggered").amounts["equity_quote"] == 500
    assert desk.position("A") == (0, 0)
    assert desk.cash("A") == 0
    assert desk.cash("fund") == 20_000 - 15_000


def test_a_bid_beyond_the_fillable_price_is_not_taken() -> None:
    """The spread is at most 1.5 x 3 % = 4.5 %: at 0.801 with 96 % of distress the limit is 0.7664, so a bid of 0.766 is left alone."""
    desk = desk_of("5%", "3%", 1_000)
    desk.give("fund", 20_000)
    a, b, bidder = desk.accounts(A=100_000, B=1_000_000, bidder=1_000_000)
    desk.tick(1_000)
    desk.trade(a, b, 500, 1_000)
    desk.bid(bidder, 500, 766)
    desk.tick(801)
    assert desk.position("A")[0] == 500
    assert desk.cash("fund") == 20_000


def test_the_counterparty_receives_the_whole_balance() -> None:
    """Trading core: A of -1,000 and 1 BTC at 900, B of 10,000 and -9 BTC: B ends with 9,000 and -8 BTC, A with nothing."""
    desk = desk_of("1%", "1%")
    b, a, other = desk.accounts(B=1_900, A=80, other=100_000)
    desk.tick(900)
    desk.trade(other, b, 9, 900)
    desk.tick(1_080)
    desk.trade(a, other, 1, 1_080)
    desk.tick(900)
    assert desk.last("LiquidationTriggered").amounts["equity_quote"] == -100
    assert (desk.position("A"), desk.cash("A")) == ((0, 0), 0)
    assert desk.position("B")[0] == -8
    assert desk.cash("B") - desk.position("B")[1] == 9_000
