"""Index from sources and mark price, as the engine builds them from ticks, a book and a funding rate."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction
from typing import TYPE_CHECKING, Any, Final

from shortfall.kernels import layout as at
from shortfall.model.commands import Clock, SettleFunding
from shortfall.rules.ruleset import RuleSet

from .cex_margin import number
from .outcome import Figure, Unsupported
from .scales import Wanted
from .venue import Listing, Venue, only, ppm, tier

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

HOUR_US: Final = 3_600_000_000
ONE: Final = Decimal(1)


def mark_median(inputs: Mapping[str, Any]) -> object:
    """Return the two candidates and their median with the last price; candidates to the last decimal that is printed.

    The first candidate is read as the mark of a venue whose book is empty (no basis yet), the second under the rule that is
    index + mean basis alone.
    """
    first = _mark(inputs, "mark.method=median", with_book=False)
    second = _mark(inputs, "mark.method=basis-mean", with_book=True)
    mark = _mark(inputs, "mark.method=median", with_book=True)
    return {"p1": Figure(first.amount, first.step, None), "p2": second, "mark": mark}


def _mark(inputs: Mapping[str, Any], method: str, *, with_book: bool) -> Figure:
    """Return the mark of a venue at the stated time before funding."""
    index, last, basis = number(inputs, "index"), number(inputs, "last"), number(inputs, "avg_basis")
    interval, left = int(number(inputs, "interval_h")), number(inputs, "hours_left")
    rules = RuleSet(tiers=(tier(Decimal("0.01")),))
    for word in (method, f"funding.interval={interval}h", "mark.basis_interval=1s"):
        rules = rules.changed(word)
    venue = Venue([Listing(Wanted("MEDIAN", (index, last, index + basis), (ONE,)), rules)])
    venue.tick(index)
    rate = Fraction(number(inputs, "funding")) * 1_000_000_000
    venue.exchange.must(SettleFunding(0, int(rate)))
    venue.account("buyer", venue.money)
    venue.enter("buyer", ONE, last)  # the last trade
    if with_book:
        maker = venue.maker()
        venue.rest(maker, ONE, index + basis - ONE)
        venue.rest(maker, -ONE, index + basis + ONE)
    venue.exchange.must(Clock(venue.now_us + int((interval - left) * HOUR_US)))
    return Figure(venue.mark(), venue.tick_size())


def index_exclusion(inputs: Mapping[str, Any]) -> object:
    """Return the index after the last source moved beyond the tolerance, and the source that was left out, by its letter; exact."""
    prices = [Decimal(str(price)) for price in inputs["prices"]]
    moved = [*prices[:-1], number(inputs, "C_new")]
    venue = _index_venue(
        moved, [Decimal(1) / len(moved)] * len(moved), f"index.exclude={number(inputs, 'tolerance') * 100}%"
    )
    for source, price in enumerate(prices):
        venue.tick(price, source=source)
    events = venue.tick(moved[-1], source=len(moved) - 1)
    out = [chr(ord("A") + event.reference) for event in only(events, "SourceExcluded")]
    return {"index": _index_of(venue).amount, "excluded": ", ".join(out)}


def index_from_components(inputs: Mapping[str, Any]) -> object:
    """Return the weighted mean of an index's components, at the last decimal that is printed. Weights are read to 1 ppm."""
    if "components" not in inputs:
        raise Unsupported("inputs-leave-it-open")
    prices = [Decimal(component["equivalentPrice"]) for component in inputs["components"]]
    weights = [Decimal(component["weight"]) for component in inputs["components"]]
    said = _index(prices, weights, "index.method=mean")
    return Figure(said.amount, said.step + max(map(Fraction, prices)) / 1_000_000, None)


def _index(prices: Sequence[Decimal], weights: Sequence[Decimal], word: str) -> Figure:
    """Return the index of a venue whose sources show these prices."""
    venue = _index_venue(prices, weights, word)
    for source, price in enumerate(prices):
        venue.tick(price, source=source)
    return _index_of(venue)


def _index_venue(prices: Sequence[Decimal], weights: Sequence[Decimal], word: str) -> Venue:
    """Return a venue with so many sources of these weights."""
    rules = RuleSet(tiers=(tier(Decimal("0.01")),)).changed("mark.method=index").changed(word)
    shares = tuple(ppm(weight.quantize(Decimal("0.000001"))) for weight in weights)
    return Venue([Listing(Wanted("INDEX", tuple(prices), (ONE,)), rules, source_weights_ppm=shares)])


def _index_of(venue: Venue) -> Figure:
    return Figure(venue.price_of(venue.exchange.price(0, at.M_INDEX)), venue.tick_size())
