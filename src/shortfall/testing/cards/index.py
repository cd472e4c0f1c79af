"""Cards of the `index` slot."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from shortfall.kernels import layout as at
from shortfall.testing.cards.card import Card
from shortfall.testing.cards.situations import expect
from shortfall.testing.desk import Desk

if TYPE_CHECKING:
    from collections.abc import Callable

    from shortfall.rules.ruleset import RuleSet


def three_sources(index: int) -> Callable[[RuleSet], Desk]:
    """Return the situation in which sources of weight 2, 1, 1 say 1,000, 1,010 and 1,050; the median is 1,010."""

    def situation(rules: RuleSet) -> Desk:
        desk = Desk(rules, sources=(500_000, 250_000, 250_000))
        for source, price in enumerate((1_000, 1_010, 1_050)):
            desk.tick(price, source=source)
        expect("the index by rule", desk.exchange.price(0, at.M_INDEX), index)
        return desk

    return situation


SOURCES: Final = "sources of weight 2, 1, 1 without a clamp"

CARDS: Final = (
    Card(
        "index.method=mean", SOURCES, "they say 1,000, 1,010, 1,050",
        "(2 x 1,000 + 1,010 + 1,050) / 4 = 1,015", three_sources(1_015),
    ),
    Card("index.method=median", SOURCES, "they say 1,000, 1,010, 1,050", "1,010", three_sources(1_010)),
    Card(
        "index.method=weighted-median", SOURCES, "they say 1,000, 1,010, 1,050",
        "half of the weight is reached exactly at 1,000: (1,000 + 1,010) / 2 = 1,005", three_sources(1_005),
    ),
)  # fmt: skip
