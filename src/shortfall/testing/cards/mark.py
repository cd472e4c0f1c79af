"""Cards of the `mark` slot."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from shortfall.model.commands import CancelAll, MarkTick, OutsidePrice, SettleFunding
from shortfall.testing.cards.card import Card
from shortfall.testing.cards.situations import RICH, expect
from shortfall.testing.desk import Desk

if TYPE_CHECKING:
    from collections.abc import Callable

    from shortfall.rules.ruleset import RuleSet

SAMPLE_US: Final = 5_000_000
PINS: Final = ("mark.basis_interval=5s", "mark.basis_samples=3", "mark.basis_clamp=0", "mark.impact_notional=0")


def quoted(rules: RuleSet) -> Desk:
    """Return a desk with an index of 1,000, a bid of 1,010 and an ask of 1,014 (middle 1,012) after one basis sample of 12."""
    desk = Desk(rules)
    desk.accounts(ann=RICH, bob=RICH)
    desk.tick(1_000)
    desk.bid(desk.id("ann"), 10, 1_010)
    desk.ask(desk.id("ann"), 10, 1_014)
    desk.wait(SAMPLE_US)
    return desk


def after_a_print(mark: int) -> Callable[[RuleSet], Desk]:
    """Return the situation in which one lot then trades at 1,014, the ask."""

    def situation(rules: RuleSet) -> Desk:
        desk = quoted(rules)
        desk.bid(desk.id("bob"), 1, 1_014)
        desk.wait(1)
        expect("the mark by rule", desk.exchange.price(0), mark)
        return desk

    return situation


def after_two_samples(mark: int) -> Callable[[RuleSet], Desk]:
    """Return the situation in which the quotes then move to 1,018 and 1,022: the second basis sample is 20."""

    def situation(rules: RuleSet) -> Desk:
        desk = quoted(rules)
        ann = desk.id("ann")
        desk.do(CancelAll(ann))
        desk.bid(ann, 10, 1_018)
        desk.ask(ann, 10, 1_022)
        desk.wait(SAMPLE_US)
        expect("the mark by rule", desk.exchange.price(0), mark)
        return desk

    return situation


def imposed(rules: RuleSet) -> Desk:
    """Play a mark that is given from outside, and an index that then moves without it."""
    desk = Desk(rules)
    desk.accounts(ann=RICH)
    desk.tick(1_000)
    desk.now_us += 1
    desk.do(MarkTick(0, 987, desk.now_us))
    desk.tick(1_100)
    expect("the mark is what was given", desk.exchange.price(0), 987)
    return desk


def halfway_to_funding(rules: RuleSet) -> Desk:
    """Play a funding rate of 1 % set at an index of 1,000, four of eight hours before the next."""
    desk = Desk(rules)
    desk.accounts(ann=RICH)
    desk.tick(1_000)
    desk.do(SettleFunding(0, 10_000_000))
    desk.wait(4 * 3_600_000_000)
    expect("half of the funding to come is in the mark", desk.exchange.price(0), 1_005)
    return desk


def other_venues(rules: RuleSet) -> Desk:
    """Play a trade at 1,014 while other venues' perpetuals say 1,020."""
    desk = quoted(rules)
    desk.bid(desk.id("bob"), 1, 1_014)
    desk.do(OutsidePrice(0, 1_020, desk.now_us))
    expect("the mark by rule", desk.exchange.price(0), 1_014)
    return desk


def without_index(mark: int) -> Callable[[RuleSet], Desk]:
    """Return the situation in which one lot trades at 1,014 and the only source is then silent for 20 s."""

    def situation(rules: RuleSet) -> Desk:
        desk = quoted(rules)
        desk.bid(desk.id("bob"), 1, 1_014)
        desk.wait(20_000_000)
        expect("the mark without an index", desk.exchange.price(0), mark)
        return desk

    return situation


SILENT: Final = "the only source is silent for 20 s"
STALE: Final = (*PINS, "mark.method=index", "index.stale_after=10s")
QUOTES: Final = "index 1,000, quotes 1,010 and 1,014, one basis sample of 12"

CARDS: Final = (
    Card(
        "mark.method=median", QUOTES, "one lot trades at 1,014",
        "1,012: the median of last 1,014, index + basis 1,012, index with funding 1,000", after_a_print(1_012), PINS,
    ),
    Card(
        "mark.method=basis-mean", QUOTES, "the quotes move to 1,018 and 1,022; a second sample of 20",
        "1,000 + (12 + 20) / 2 = 1,016", after_two_samples(1_016), PINS,
    ),
    Card(
        "mark.method=basis-ema", QUOTES, "the quotes move to 1,018 and 1,022; a second sample of 20",
        "1,000 + 12 + (20 - 12) x 2 / (3 + 1) = 1,016", after_two_samples(1_016), PINS,
    ),
    Card("mark.method=index", QUOTES, "one lot trades at 1,014", "1,000", after_a_print(1_000), PINS),
    Card("mark.method=last", QUOTES, "one lot trades at 1,014", "1,014", after_a_print(1_014), PINS),
    Card(
        "mark.method=funding-basis", "a funding rate of 1 % every eight hours, index 1,000", "four hours pass", "1,000 x 1.005 = 1,005",
        halfway_to_funding, (*PINS, "funding.interval=8h"),
    ),
    Card("mark.method=impact-mid", QUOTES, "one lot trades at 1,014", "1,012: the middle of what is left", after_a_print(1_012), PINS),
    Card(
        "mark.method=median-venues", QUOTES, "one lot trades at 1,014, other venues say 1,020",
        "1,014: the median of index + basis 1,012, touch 1,014, others 1,020", other_venues, PINS,
    ),
    Card("mark.without_index=keeps", QUOTES, f"one lot trades at 1,014, {SILENT}", "1,000: the last index", without_index(1_000), STALE),
    Card("mark.without_index=last", QUOTES, f"one lot trades at 1,014, {SILENT}", "1,014: the last trade", without_index(1_014), STALE),
    Card(
        "mark.without_index=impact-mid", QUOTES, f"one lot trades at 1,014, {SILENT}", "1,012: the middle of the book",
        without_index(1_012), STALE,
    ),
    Card("mark.method=imposed", "an index of 1,000", "a mark of 987 is given, the index moves to 1,100", "987", imposed, PINS),
)  # fmt: skip
