"""Worked examples of Paradex's own pages, through the venue file."""

from __future__ import annotations

from typing import Final

from shortfall.engine.exchange import MarketSpec
from shortfall.model.commands import Withdraw
from shortfall.sim.venues import find_venue
from shortfall.testing.desk import Desk, linear

# prices come from the index at once and closing costs nothing: the pages' examples have neither a book nor a fee
PLAIN: Final = ("mark.method=index", "margin.closing_fee=0%", "bands.user=0%", "unwinding.method=hold")


def desk_of(maintenance: str, fund: int) -> Desk:
    """Return two markets under the venue's rules with the maintenance rate of an example."""
    venue = find_venue("paradex")
    rules = venue.rules_on(None, venue.contract("BTC"))
    assert [tier.maintenance_ppm for tier in rules.tiers] == [int(maintenance)]
    for word in PLAIN:
        rules = rules.changed(word)
    desk = Desk(rules, linear("BTC"), more=[MarketSpec(linear("ETH"), rules, "fund", None, None)])
    desk.give("fund", fund)
    return desk


def test_a_withdrawal_is_cut_while_money_is_missing() -> None:
    """Page "Socialized losses": 25 % of a withdrawal of 500 while 1,000 are missing, nothing once the price is back."""
    desk = desk_of("10000", fund=1_000)
    alice, bob, charlie = desk.accounts(Alice=1_000, Bob=1_000, Charlie=1_000)
    desk.tick(100)
    desk.trade(alice, bob, 50, 100)
    desk.tick(40)
    assert desk.equity("Alice") == -2_000
    desk.must(Withdraw(charlie, 500))
    assert desk.cash("fund") == 1_000 + 125
    assert desk.last("MoneyMoved").amounts["amount"] == 375
    desk.tick(70)
    assert desk.equity("Alice") == -500
    desk.must(Withdraw(charlie, 100))
    assert desk.last("MoneyMoved").amounts["amount"] == 100
    assert desk.cash("fund") == 1_000 + 125


def test_an_account_below_its_requirement_hands_positions_over_at_mark() -> None:
    """Page "Liquidations", in cents: value 80.00 against a requirement of 88.80 (1 % of 5,480 and of 3,400).

    0.1 BTC and 1 ETH are 100 lots each: a lot costs 6,000 and 3,000 cents, and 5,480 and 3,400 after the move. The penalty of the page
    cannot be stated; without it the value stays 80.00, and one fifth of each position is enough: the page's new requirement of 71.04.
    """
    desk = desk_of("10000", fund=1_000_000)
    alice, other = desk.accounts(Alice=100_000, Other=10_000_000)
    desk.tick(6_000, market=0)
    desk.tick(3_000, market=1)
    desk.trade(alice, other, 100, 6_000, market=0)
    desk.trade(other, alice, 100, 3_000, market=1)
    desk.tick(5_480, market=0)
    assert not desk.named("LiquidationTriggered")
    desk.tick(3_400, market=1)
    event = desk.last("LiquidationTriggered")
    assert event.amounts["equity_quote"] == 8_000
    assert event.amounts["maintenance_margin_quote"] == 8_880
    assert desk.equity("Alice") == 8_000
    assert desk.position("Alice", 0)[0] == 80
    assert desk.position("fund", 0) == (20, 20 * 5_480)
    assert desk.position("Alice", 1)[0] == -80
    assert desk.position("fund", 1) == (-20, -20 * 3_400)
    assert desk.exchange.health(alice)[2] == 7_104
