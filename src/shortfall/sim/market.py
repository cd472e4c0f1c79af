"""From contract snapshots to a laboratory: markets that share a fund, makers, a population, ready to be shocked."""

from __future__ import annotations

from dataclasses import dataclass, replace
from decimal import ROUND_CEILING, ROUND_FLOOR, ROUND_HALF_EVEN, Decimal
from typing import TYPE_CHECKING, Final

import numpy as np

from shortfall.data.series import load_series
from shortfall.data.snapshot import available, load_snapshot
from shortfall.engine.bulk import build_index, load_holdings, set_prices, settle_books
from shortfall.engine.exchange import Exchange, MarketSpec
from shortfall.errors import Finding, InputError
from shortfall.kernels import layout as at
from shortfall.model.capacity import Capacity
from shortfall.model.commands import Deposit, Order
from shortfall.model.contract import Contract, bounded_contract
from shortfall.rules.ruleset import MarginTier, RuleSet
from shortfall.sim.admission import require_admitted
from shortfall.sim.depeg import devalued
from shortfall.sim.largest import largest_lots, stand_at_trigger, with_largest
from shortfall.sim.liquidity import LEVELS, MAKERS, ladder_from
from shortfall.sim.population import History, Wanted, history_from, populate
from shortfall.sim.venues import find_venue
from shortfall.units import Asset, Scale

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date

    from numpy.typing import NDArray

    from shortfall.data.ladders import Ladders
    from shortfall.data.snapshot import ContractSnapshot
    from shortfall.rules.venue import Venue
    from shortfall.sim.depeg import Depeg
    from shortfall.sim.members import Member

REFERENCE: Final = "binance"  # whose snapshots are the common contract
REFERENCE_QUOTE: Final = "USDT"
HEDGER: Final = "cut hedgers (outside)"
CAPITAL: Final = "fund"  # one stated capital stands behind every layer of a waterfall that has cash
WEIGHTS: Final = (333_334, 333_333, 333_333)
MAKER_CAPITAL_OF_INTEREST: Final = 0.10  # assumed: makers' capital together, of the open interest
MAKER_INVENTORY_OF_CAPITAL: Final = 2.0  # assumed: notional that a maker holds before it quotes one side only
MAKER_LOSS_OF_CAPITAL: Final = 0.3  # assumed: loss after which it quotes one side only


@dataclass(frozen=True, slots=True)
class MarketInput:
    """What one market of a laboratory is built from."""

    snapshot: ContractSnapshot
    spec: MarketSpec
    mark_ticks: int
    interest_lots: int
    beta: float
    history: History
    venue: Venue

    @property
    def is_common(self) -> bool:
        """Say whether the figures are the common contract's and not the venue's own."""
        return self.snapshot.venue != self.venue.code

    @property
    def contract(self) -> Contract:
        """Return the contract."""
        return self.spec.contract


@dataclass(frozen=True, slots=True)
class Laboratory:
    """A loaded exchange and what a stress run needs beside it."""

    exchange: Exchange
    inputs: tuple[MarketInput, ...]
    ladder: NDArray[np.int64]
    first_maker: int
    inventory_limit: int
    loss_floor: int
    accounts: int
    maker_capital: int
    hedger: int


def contract_of(snapshot: ContractSnapshot) -> Contract:
    """Return the contract of a snapshot: prices up to sixteen times the mark."""
    asset = Asset(snapshot.settlement_asset.known(), snapshot.settlement_exponent.known())
    scale = Scale(snapshot.tick_size.known(), snapshot.lot_size.known(), asset)
    top = int(snapshot.mark_price.known() / snapshot.tick_size.known()) * 16
    return bounded_contract(snapshot.symbol, scale, min(at.NO_PRICE, max(1 << 15, top)))


def tiers_of(snapshot: ContractSnapshot) -> tuple[MarginTier, ...]:
    """Return a snapshot's ladder; initial rates round up."""
    tiers = snapshot.tiers.known()
    return tuple(
        MarginTier(
            None if k == len(tiers) - 1 else tier.cap_quote,
            int((Decimal(1_000_000) / tier.max_leverage).to_integral_value(ROUND_CEILING)),
            int(tier.maintenance_rate * 1_000_000),
            tier.maintenance_amount_quote,
        )
        for k, tier in enumerate(tiers)
    )


def rules_of(snapshot: ContractSnapshot, changes: Sequence[str], chosen: Venue, day: date | None = None) -> RuleSet:
    """Return a venue's rules for a contract, with named changes applied.

    Parameters
    ----------
    snapshot : ContractSnapshot
        The contract's figures. Its fees and ladder are used where the venue is the snapshot's own, or has no terms of its own.
        It is linear: limits of a venue's inverse contract are turned into the quote asset at the snapshot's mark.
    chosen : Venue
        Whose rules.
    day : date or None
        As of which day; None for the latest.
    """
    terms = None if chosen.code == snapshot.venue else chosen.contract(snapshot.base_asset)
    rules = chosen.rules_on(day, terms)
    if terms is None:
        rules = rules.with_tiers(tiers_of(snapshot))
    elif terms.inverse:
        rules = rules.with_tiers(_in_quote(rules.tiers, snapshot.mark_price.known()))
    if chosen.code == snapshot.venue:
        rules = _with_fees(rules, snapshot)
    seen = int(snapshot.depth.known().observed_to_bps * 100)
    for word in (f"evidence.depth_observed={seen}ppm", *changes):
        rules = rules.changed(word)
    return rules


def _in_quote(tiers: Sequence[MarginTier], mark: Decimal) -> list[MarginTier]:
    """Return tiers of an inverse contract, whose limits are in coins, for the common linear one: at its mark, to whole units."""
    return [
        replace(
            tier,
            top_notional=None if tier.top_notional is None else (tier.top_notional * mark).to_integral_value(),
            maintenance_amount=None,
        )
        for tier in tiers
    ]


def _with_fees(rules: RuleSet, snapshot: ContractSnapshot) -> RuleSet:
    """Return rules with the fees of a snapshot. The liquidation fee is junior: never beyond the equity left."""
    fees = (
        ("close.liquidation_fee", snapshot.liquidation_fee_rate.known()),
        ("fees.taker", snapshot.taker_fee_rate.known()),
        ("fees.maker", snapshot.maker_fee_rate.known()),
    )
    for name, fee in fees:
        rules = rules.changed(f"{name}={int(fee * 1_000_000)}ppm")
    return rules


def ticks_of(snapshot: ContractSnapshot) -> int:
    """Return the mark in ticks, to the nearest."""
    return int((snapshot.mark_price.known() / snapshot.tick_size.known()).to_integral_value(ROUND_HALF_EVEN))


def beta_of(own: ContractSnapshot, other: ContractSnapshot) -> float:
    """Return the slope of another contract's recorded returns on this one's over the same bars; 1 where bars do not match."""
    mine, theirs = (load_series(s.price_series.known()[0]) for s in (own, other))
    if mine.name == theirs.name or mine.open_time_unix_s != theirs.open_time_unix_s:
        return 1.0
    x, y = (np.diff(np.log([float(c) for c in bars.close_price])) for bars in (mine, theirs))
    return float((x * y).sum() / (x * x).sum())


def gather(
    venue: str,
    symbol: str,
    *,
    alone: bool,
    changes: Sequence[str] = (),
    interest: Decimal | None = None,
    day: date | None = None,
    ladders: Ladders | None = None,
) -> tuple[MarketInput, ...]:
    """Return the inputs of a contract and, unless alone, of the other members of its pool, itself first.

    A venue without a snapshot of its own gets the common contract: the figures of the reference venue's contract on the same base
    asset, under its own rules.
    """
    rules_of_venue = find_venue(venue)
    own = snapshot_for(rules_of_venue, symbol)
    others = () if alone or own.pool.value is None else own.pool.value.members
    named = [name for name in others if name != own.symbol and is_bundled(own.venue, name)]
    inputs = []
    for k, snapshot in enumerate([own, *(load_snapshot(own.venue, name) for name in named)]):
        contract = contract_of(snapshot)
        rules = rules_of(snapshot, changes, rules_of_venue, day)
        rules = rules if ladders is None else rules.with_tiers(ladders.on(snapshot.symbol, day))
        wanted = interest if interest is not None and k == 0 else snapshot.open_interest_base.known()
        inputs.append(
            MarketInput(
                snapshot,
                MarketSpec(contract, rules, CAPITAL, CAPITAL, CAPITAL, WEIGHTS),
                ticks_of(snapshot),
                int((wanted / snapshot.lot_size.known()).to_integral_value(ROUND_FLOOR)),
                1.0 if k == 0 else beta_of(own, snapshot),
                history_from(load_series(snapshot.price_series.known()[0]), ticks_of(snapshot)),
                rules_of_venue,
            )
        )
    return tuple(inputs)


def snapshot_for(venue: Venue, symbol: str) -> ContractSnapshot:
    """Return the snapshot of a venue's contract, or the common contract on the same base asset.

    Raises
    ------
    InputError
        If there is neither; the message lists what there is.
    """
    if is_bundled(venue.code, symbol) or any(code == venue.code for code, _ in available()):
        return load_snapshot(venue.code, symbol)
    terms = venue.contract(symbol)
    base = symbol if terms is None else terms.base
    for code, name in available():
        if code == REFERENCE and name in (symbol, f"{base}{REFERENCE_QUOTE}"):
            return load_snapshot(code, name)
    there = ", ".join(name.removesuffix(REFERENCE_QUOTE) for code, name in available() if code == REFERENCE)
    listed = ", ".join(t.symbol for t in venue.terms) or "none"
    message = f"Expected a contract on one of {there} (common contract), or of {venue.code} ({listed}), was {symbol!r}"
    raise InputError([Finding("SYMBOL", message)])


def is_bundled(venue: str, symbol: str) -> bool:
    """Say whether a snapshot of a contract comes with the package."""
    return (venue, symbol) in available()


def build(
    inputs: Sequence[MarketInput],
    member: Member,
    accounts: int,
    seed: int,
    *,
    observed: bool = False,
    events: int = 1 << 12,
    largest: bool = False,
    depeg: Depeg | None = None,
) -> Laboratory:
    """Return a laboratory with one member's population in every market, with room for so many events (a power of two).

    With `largest`, the largest account that each tier allows stands on both sides, within the same open interest. With `depeg`, some
    accounts have lost a part of their collateral, and those that are below maintenance then are liquidated at the first step.

    Raises
    ------
    InputError
        If the record of liquidations does not allow the member.
    """
    for item in inputs:
        require_admitted(item, member)
    count = len(inputs)
    total = sum(accounts if k == 0 else max(1_000, accounts // 4) for k in range(count))
    specs = [backed(imposed(item.spec) if observed else item.spec) for item in inputs]
    room = Capacity(
        accounts=total + 64 * (1 + count),
        positions=total + 128 * count,
        markets=count,
        orders=1 << 12,
        pages=1 << 10,
        events=events,
        heap=1 << 17,
    )
    exchange = Exchange(specs, capacity=room)
    first_maker, capital = open_makers(exchange, inputs)
    for k, item in enumerate(inputs):
        set_prices(exchange, k, item.mark_ticks)
        size = accounts if k == 0 else max(1_000, accounts // 4)
        extra = largest_lots(item.spec, item.mark_ticks, item.interest_lots) if largest else ()
        wanted = Wanted(member, size, item.interest_lots - sum(extra), item.mark_ticks, seed + k)
        drawn = populate(item.spec, item.history, wanted)
        drawn = drawn if depeg is None else devalued(drawn, depeg, wanted.seed)
        first = load_holdings(exchange, k, with_largest(item.spec, item.mark_ticks, drawn, extra))
        stand_at_trigger(exchange, first, extra)
        show_makers(exchange, k, first_maker)
    return finished(exchange, inputs, (first_maker, capital), total)


def show_makers(exchange: Exchange, market: int, first_maker: int) -> None:
    """Give every maker the position row that it quotes from in a market."""
    for maker in range(first_maker, first_maker + MAKERS):
        exchange.submit(Order(maker, market, 1, 1, "ioc"))


def finished(exchange: Exchange, inputs: Sequence[MarketInput], makers: tuple[int, int], accounts: int) -> Laboratory:
    """Balance the books of a loaded exchange, sort its triggers, check its laws and return the laboratory.

    Parameters
    ----------
    makers : tuple of int
        The first maker, and the capital of all together.
    """
    hedger = open_hedger(exchange, inputs)
    settle_books(exchange)
    build_index(exchange)
    exchange.check_laws()
    ladders = [ladder_from(item.snapshot.depth.known(), item.contract).rows for item in inputs]
    first_maker, capital = makers
    return Laboratory(
        exchange,
        tuple(inputs),
        np.concatenate(ladders).astype(np.int64),
        first_maker,
        int(capital * MAKER_INVENTORY_OF_CAPITAL / MAKERS),
        int(capital * (1 - MAKER_LOSS_OF_CAPITAL) / MAKERS),
        accounts,
        capital,
        hedger,
    )


def backed(spec: MarketSpec) -> MarketSpec:
    """Return a market whose liquidity pool, where its rules have one, is the stated capital."""
    return replace(spec, liquidity=CAPITAL) if spec.rules.counterparty.kind == "pool" else spec


def imposed(spec: MarketSpec) -> MarketSpec:
    """Return a market whose mark is imposed and whose forced orders fill at the recorded price."""
    return replace(spec, rules=spec.rules.changed("mark.method=imposed").changed("close.style=tape"))


def open_makers(exchange: Exchange, inputs: Sequence[MarketInput]) -> tuple[int, int]:
    """Open the makers with their stated capital. Returns (first maker, capital of all together)."""
    interest = sum(item.interest_lots * item.mark_ticks * item.contract.multiplier for item in inputs)
    capital = int(interest * MAKER_CAPITAL_OF_INTEREST)
    makers = [exchange.open_account(f"maker {k + 1}", at.MAKER) for k in range(MAKERS)]
    for maker in makers:
        exchange.must(Deposit(maker, capital // MAKERS))
    return makers[0], capital


def open_hedger(exchange: Exchange, inputs: Sequence[MarketInput]) -> int:
    """Open the account that trades for whoever was cut and hedges again, and return it.

    It is of the outside world: never liquidated, deleveraged or charged for losses. Its cash is four times open interest, so that margin
    never stops it; without feedback it does nothing.
    """
    interest = sum(item.interest_lots * item.mark_ticks * item.contract.multiplier for item in inputs)
    hedger = exchange.open_account(HEDGER, at.HOUSE)
    exchange.must(Deposit(hedger, 4 * interest))
    for market in range(len(inputs)):
        exchange.submit(Order(hedger, market, 1, 1, "ioc"))
    return hedger


__all__ = ["LEVELS", "Laboratory", "MarketInput", "build", "gather"]
