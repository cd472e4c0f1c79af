"""What an assessment is about: a contract's figures, and the market that its laboratory is built from."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING, Final

from shortfall.assess.metrics.record import Input
from shortfall.data.figures import ContractFigures, bundled_contracts, load_bundled
from shortfall.data.recorded_volume import recorded_volume
from shortfall.data.series import load_series
from shortfall.errors import InputError
from shortfall.sim.market import gather
from shortfall.sim.venues import find_venue

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date

    from shortfall.data.ladders import Ladders
    from shortfall.data.records import Bars
    from shortfall.rules.venue import Venue
    from shortfall.sim.market import MarketInput

OTHER_NAMES: Final = {"XBT": "BTC"}  # of the same asset


@dataclass(frozen=True, slots=True)
class Subject:
    """A contract.

    Parameters
    ----------
    figures : ContractFigures
        What is recorded about it.
    venue : Venue
        Its rules.
    item : MarketInput or None
        What its laboratory is built from: its own figures, or those of the common contract on the same asset; None where there
        is neither.
    pool : tuple of MarketInput
        Itself and the recorded members of its pool, itself first; only itself where none is known or its figures are another's.
    no_lab : str
        Why there is no laboratory.
    history : tuple of ContractFigures
        Collected snapshots, oldest first; the figures are then those of the newest. Empty where none are given.
    """

    figures: ContractFigures
    venue: Venue
    item: MarketInput | None
    pool: tuple[MarketInput, ...]
    no_lab: str = ""
    history: tuple[ContractFigures, ...] = ()

    @property
    def bars(self) -> Bars | None:
        """Return the recorded prices of this very contract, newest series first; None where only another's are known."""
        if self.item is None or self.item.is_common:
            return None
        names = self.item.snapshot.price_series
        return load_series(names.value[0]) if names.value and names.kind == "observed" else None

    @property
    def volume(self) -> tuple[Input | None, Decimal | None]:
        """Return a recorded day's volume in the quote asset, where one is bundled."""
        found = recorded_volume(self.figures.venue, self.figures.symbol)
        if found is None:
            return None, None
        text = f"{found.volume_base:,f} base units, {found.volume_quote:,f} at hourly closes"
        return Input("recorded volume", text, found.source, found.day.isoformat()), found.volume_quote


def subject_of(
    venue: str,
    symbol: str,
    *,
    changes: Sequence[str] = (),
    interest: Decimal | None = None,
    day: date | None = None,
    ladders: Ladders | None = None,
    history: tuple[ContractFigures, ...] = (),
) -> Subject:
    """Return a contract with what is bundled about it.

    Raises
    ------
    InputError
        If there is no such venue, or neither figures nor a common contract.
    """
    rules = find_venue(venue)
    bundled = (venue, symbol) in bundled_contracts()
    figures = load_bundled(venue, symbol) if bundled else None
    figures = history[-1] if history else figures
    base = None if figures is None else OTHER_NAMES.get(figures.base_asset, figures.base_asset)
    names = [symbol] if base is None else [symbol, base]
    trouble: InputError | None = None
    for name in names:
        try:
            item = gather(venue, name, alone=True, changes=changes, interest=interest, day=day, ladders=ladders)[0]
        except InputError as error:
            trouble = trouble or error
            continue
        recorded = None if figures is None else figures.get("open_interest_base").value
        used = interest
        if (item.is_common or history) and interest is None and isinstance(recorded, Decimal):
            used = recorded
        pool = gather(venue, name, alone=item.is_common, changes=changes, interest=used, day=day, ladders=ladders)
        return Subject(figures or _empty(venue, symbol, item), rules, pool[0], pool, history=history)
    if figures is None or changes or interest is not None:
        raise trouble or InputError([])
    missing = "no depth, open interest and prices are bundled for a contract on this asset"
    return Subject(figures, rules, None, (), missing, history)


def _empty(venue: str, symbol: str, item: MarketInput) -> ContractFigures:
    """Return figures of which none is known: the venue's rules are known and nothing about the contract is bundled."""
    found = item.snapshot
    return ContractFigures(venue, symbol, (), found.base_asset, found.quote_asset)
