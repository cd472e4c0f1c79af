"""The exchange: markets with rules, accounts with money, commands in, events out, the laws checked.

Everything that can hold money or a position is an account; the ones every venue needs (the outside world, dust, fees, clearing,
funds) are opened when it is built. Names are for people and live here; the core knows numbers.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Final, Protocol

import numpy as np

from shortfall.engine.state import Handle, new_state
from shortfall.errors import CapacityError, Finding, InputError, ensure
from shortfall.kernels import audit, commands
from shortfall.kernels import layout as at
from shortfall.model.capacity import Capacity
from shortfall.model.commands import Command, OpenAccount, SetRule, SourceWeight, UseRules
from shortfall.model.events import REASONS, Event, decode
from shortfall.rules.compile import compile_rules, prove_bounds

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from numpy.typing import NDArray

    from shortfall.kernels.native import State
    from shortfall.model.contract import Contract
    from shortfall.model.row import Row
    from shortfall.rules.ruleset import RuleSet
    from shortfall.units import Asset

WEIGHT: Final = 1_000_000
FULL_WORDS: Final = {
    at.FULL_POSITIONS: "positions",
    at.FULL_NODES: "orders",
    at.FULL_PAGES: "pages",
    at.FULL_HEAP: "heap",
    at.FULL_EVENTS: "events",
    at.FULL_QUEUE: "accounts",
    at.FULL_CLIPS: "clips",
    at.FULL_ORDERS: "orders",
    at.FULL_ROUNDS: "rounds within one instant",
}


class CommandLog(Protocol):
    """What is told of every command before it runs: see `engine.journal`."""

    def append_row(self, row: tuple[int, ...]) -> None:
        """Take one packed command."""

    def append(self, rows: NDArray[np.int64]) -> int:
        """Take packed commands, shape (n, 8). Returns how many it has taken in all."""

    def append_name(self, account: int, name: str) -> None:
        """Take the name of an account that the command before opened."""


@dataclass(frozen=True, slots=True)
class MarketSpec:
    """A market to build.

    Parameters
    ----------
    contract : Contract
        Scales and bounds.
    rules : RuleSet
        Who pays.
    fund, pool, backstop : str or None
        Names of the accounts behind the layers; two markets that name the same fund share it.
    source_weights_ppm : tuple of int
        Weights of the index sources, at most eight.
    liquidity : str or None
        Name of the liquidity pool that is the counterparty of every trade, where `counterparty.kind` is `pool`; rules that say
        so and name none get one of their own.
    """

    contract: Contract
    rules: RuleSet
    fund: str | None = "fund"
    pool: str | None = None
    backstop: str | None = None
    source_weights_ppm: tuple[int, ...] = (WEIGHT,)
    liquidity: str | None = None


@dataclass(frozen=True, slots=True)
class CollateralSpec:
    """An asset that counts as collateral: worth `amount * price // scale` settlement units less its haircut."""

    asset: Asset
    price: int
    scale: int
    haircut_ppm: int = 0


@dataclass(slots=True)
class Names:
    """Names of accounts, markets and assets, both ways."""

    accounts: list[str] = field(default_factory=list)
    ids: dict[str, int] = field(default_factory=dict)
    markets: dict[str, int] = field(default_factory=dict)
    assets: dict[str, int] = field(default_factory=dict)


class Exchange:
    """One venue: a set of markets on one ledger.

    Parameters
    ----------
    markets : sequence of MarketSpec
        At least one.
    collaterals : sequence of CollateralSpec
        Assets that count as collateral without being settled in.
    capacity : Capacity
        Sizes; `markets`, `assets` and `rule_sets` are raised to what is needed.

    Raises
    ------
    RuleError
        If a rule set is unsound or a contract cannot prove its bounds.
    """

    def __init__(
        self,
        markets: Sequence[MarketSpec],
        collaterals: Sequence[CollateralSpec] = (),
        capacity: Capacity | None = None,
    ) -> None:
        if not markets:
            raise InputError(_finding("markets", "Expected at least one market, was none"))
        self.specs: Final = tuple(markets)
        self.collaterals: Final = tuple(collaterals)
        self.names: Final = Names()
        self.capacity: Final = _room_for(self.specs, self.collaterals, capacity or Capacity())
        for spec in self.specs:
            prove_bounds(spec.contract, spec.contract.symbol)
        logs = tuple(spec.contract.pages_log2 for spec in self.specs)
        self.state: Final[State] = new_state(self.capacity, logs)
        self.handle: Final = Handle(self.state)
        self._argument: Final = self.handle.argument
        self.assets: Final[list[Asset]] = []
        self.journal: CommandLog | None = None
        self._build()

    # -- commands -----------------------------------------------------------------------------------------------------

    def submit(self, command: Command) -> int:
        """Run one command. Returns its result (lots filled, orders cancelled, an id) or minus the reason it was refused.

        Raises
        ------
        CapacityError
            If a fixed size is reached: the state is then complete up to the command before and refuses to go on.
        """
        return self.submit_row(command.row())

    def submit_row(self, row: Row) -> int:
        """Run one packed command."""
        if self.journal is not None:
            self.journal.append_row(row)
        result = int(commands.run_command(self._argument, *row))
        if self.state.header[at.H_FULL]:
            self._refuse_full()
        return result

    def run(self, rows: NDArray[np.int64]) -> Iterator[NDArray[np.int64]]:
        """Run many packed commands; yields event rows whenever the ring is half full, and at the end.

        Parameters
        ----------
        rows : array of int64, shape (n, 8)
        """
        if self.journal is not None:
            self.journal.append(rows)
        return self._run(rows)

    def _run(self, rows: NDArray[np.int64]) -> Iterator[NDArray[np.int64]]:
        flat = np.ascontiguousarray(rows, np.int64).reshape(-1)
        total = len(flat) >> at.ROW
        first = 0
        while first < total:
            first = self._run_from(flat, first, total)
            yield self.read_event_rows()

    def _run_from(self, flat: NDArray[np.int64], first: int, total: int) -> int:
        next_row = int(commands.run_commands(self._argument, flat, first, total))
        if self.state.header[at.H_FULL]:
            self._refuse_full()
        return next_row

    def must(self, command: Command) -> int:
        """Run one command that has to succeed; raise `InputError` with the reason otherwise."""
        result = self.submit(command)
        if result < 0:
            reason = REASONS.get(-result, f"reason {-result}")
            raise InputError(_finding(type(command).__name__, f"{reason}: {command}"))
        return result

    def open_account(self, name: str, kind: int = at.TRADER, asset: int = 0) -> int:
        """Open a named account and return its id."""
        if name in self.names.ids:
            raise InputError(_finding("account", f"Expected a name that is not in use, was {name!r}"))
        a = self.must(OpenAccount(asset, kind))
        self.names.accounts.append(name)
        self.names.ids[name] = a
        if self.journal is not None:
            self.journal.append_name(a, name)
        return a

    def change_rules(self, market: int, rules: RuleSet, rules_row: int, from_us: int = 0) -> None:
        """Compile a rule set into a spare row and switch a market to it now, or with notice, from a time to come on."""
        for row in self.rule_rows(market, rules, rules_row):
            self.submit_row(row)
        self.must(UseRules(market, rules_row, from_us))

    def rule_rows(self, market: int, rules: RuleSet, rules_row: int) -> Iterator[Row]:
        """Yield the commands that write a compiled rule set into a row."""
        exponent = self.specs[market].contract.scale.settlement.exponent
        for column, number in enumerate(compile_rules(rules, exponent)):
            yield SetRule(rules_row, column, number).row()

    # -- events -------------------------------------------------------------------------------------------------------

    def read_event_rows(self) -> NDArray[np.int64]:
        """Return the event rows since the last reading, shape (n, 8), and mark them read."""
        h = self.state.header
        first, last, mask = int(h[at.H_EVENTS_READ]), int(h[at.H_EVENTS]), int(h[at.H_EVENT_MASK])
        first = max(first, last - mask - 1)
        h[at.H_EVENTS_READ] = last
        table = np.asarray(self.state.events).reshape(-1, 8)
        start, end = first & mask, last & mask
        return table[start:end].copy() if last - first == end - start else np.concatenate((table[start:], table[:end]))

    def read_events(self) -> list[Event]:
        """Return the events since the last reading as records."""
        start = int(self.state.header[at.H_EVENTS_READ])
        return decode_rows(self.read_event_rows(), start)

    # -- reading ------------------------------------------------------------------------------------------------------

    def balance(self, account: int) -> int:
        """Return the cash balance of an account in settlement units."""
        return int(self.state.accounts[(account << at.ROW) + at.A_BALANCE])

    def position(self, account: int, market: int) -> tuple[int, int]:
        """Return (size in lots, entry cost in settlement units), both signed."""
        p = int(self.state.accounts[(account << at.ROW) + at.A_POSITION])
        while p >= 0:
            r = p << at.ROW
            if int(self.state.positions[r + at.P_KEY]) & at.MARKET_MASK == market:
                return int(self.state.positions[r + at.P_SIZE]), int(self.state.positions[r + at.P_COST])
            p = int(self.state.positions[r + at.P_NEXT])
        return 0, 0

    def entry_statement(self, account: int, market: int) -> tuple[int, int]:
        """Return (entry cost, realised profit) of an account at average entry, both signed, in settlement units.

        Kept where profit does not become cash by trading (`realisation.method`): settlements at the mark move cash, and this
        says what was made since entry. What a settlement cut from a gain counts as a realised loss, what nobody paid of a loss
        as a realised profit. Under `average-entry` both are 0: cost and cash say it themselves.
        """
        p = int(self.state.accounts[(account << at.ROW) + at.A_POSITION])
        while p >= 0:
            if int(self.state.positions[(p << at.ROW) + at.P_KEY]) & at.MARKET_MASK == market:
                z = p << at.STATEMENT
                return int(self.state.statements[z + at.Z_ENTRY_COST]), int(self.state.statements[z + at.Z_REALISED])
            p = int(self.state.positions[(p << at.ROW) + at.P_NEXT])
        return 0, 0

    def collateral(self, account: int, asset: int) -> int:
        """Return how much of another asset an account holds as collateral, in that asset's smallest unit."""
        c = int(self.state.accounts[(account << at.ROW) + at.A_COLLATERAL])
        while c >= 0:
            r = c << at.COLLATERAL
            if int(self.state.collaterals[r + at.C_KEY]) & at.MARKET_MASK == asset:
                return int(self.state.collaterals[r + at.C_AMOUNT])
            c = int(self.state.collaterals[r + at.C_NEXT])
        return 0

    def health(self, account: int) -> tuple[int, int, int]:
        """Return (equity, equity that counts for the liquidation test, maintenance margin) at mark."""
        equity, counted, need = audit.account_health(self._argument, account)
        return int(equity), int(counted), int(need)

    def free_margin(self, account: int) -> int:
        """Return equity that counts for opening less initial margin, open orders included; under weights, initial health."""
        return int(audit.account_free_margin(self._argument, account))

    def price(self, market: int, column: int = at.M_MARK) -> int:
        """Return a price of a market: mark, or another column."""
        return int(self.state.markets[(market << at.MARKET) + column])

    def stat(self, market: int, column: int) -> int:
        """Return a result of a market since it was built."""
        return int(self.state.stats[(market << at.STATS) + column])

    def holder(self, market: int, column: int) -> int:
        """Return the account behind a layer of a market, or -1."""
        return int(self.state.markets[(market << at.MARKET) + column])

    def latent_deficit(self) -> int:
        """Return the negative equity at mark over all traders and makers."""
        return int(audit.latent_deficit(self._argument))

    def block_use(self, account: int, market: int) -> tuple[int, int, bool]:
        """Return (notional liquidated, what layers paid for its fills, whether it was worked on) of a position in the running block."""
        notional, lost, tried = audit.block_use(self._argument, account, market)
        return int(notional), int(lost), bool(tried)

    def block_room(self, account: int, market: int) -> tuple[int, int, bool]:
        """Return what the running block still allows: (notional, loss of layers, whether the position may be worked on).

        `layout.INF` where there is no cap; negative where more was used up than the cap of this market says.
        """
        notional, loss, may = audit.block_room(self._argument, account, market)
        return int(notional), int(loss), bool(may)

    def clip_bounds(self, account: int, market: int) -> tuple[int, int]:
        """Return (least, most) notional at mark of one clip of a position under `amount.method=portion`."""
        least, most = audit.bounds_of_clip(self._argument, account, market)
        return int(least), int(most)

    # -- laws ---------------------------------------------------------------------------------------------------------

    def check_laws(self) -> None:
        """Check the laws that speak of the whole state.

        Raises
        ------
        InvariantViolationError
            Names the law and the facts: a bug of ours.
        """
        for market, spec in enumerate(self.specs):
            size, cost, interest = audit.market_sums(self._argument, market)
            ensure(size == 0, "positions of a market sum to zero", market=spec.contract.symbol, sum=size)
            ensure(cost == 0, "entry costs plus settlement sum to zero", market=spec.contract.symbol, sum=cost)
            kept = self.price(market, at.M_OPEN_INTEREST)
            ensure(
                interest == kept,
                "open interest is the sum of positive sizes",
                market=spec.contract.symbol,
                sum=interest,
                kept=kept,
            )
        for number, asset in enumerate(self.assets):
            total = audit.asset_sum(self._argument, number)
            ensure(total == 0, "money is conserved", asset=asset.code, drift=total)

    def check_nobody_overlooked(self) -> None:
        """Check that everybody below maintenance has a place in the liquidation queue (after a clock or price command)."""
        count = int(audit.overlooked(self._argument))
        ensure(count == 0, "nobody below maintenance is without a place in the queue", overlooked=count)

    # -- building -----------------------------------------------------------------------------------------------------

    def _build(self) -> None:
        for spec in self.specs:
            self._asset_number(spec.contract.scale.settlement)
        for collateral in self.collaterals:
            number = self._asset_number(collateral.asset)
            x = number << at.ROW
            self.state.assets[x + at.S_PRICE] = collateral.price
            self.state.assets[x + at.S_SCALE] = collateral.scale
            self.state.assets[x + at.S_HAIRCUT] = collateral.haircut_ppm
        for number, spec in enumerate(self.specs):
            self._build_market(number, spec)
        self.read_event_rows()

    def _asset_number(self, asset: Asset) -> int:
        if asset.code in self.names.assets:
            return self.names.assets[asset.code]
        number = len(self.assets)
        self.assets.append(asset)
        self.names.assets[asset.code] = number
        self.state.header[at.H_ASSETS] = number + 1
        x = number << at.ROW
        self.state.assets[x + at.S_SCALE] = 1
        columns = (("outside", at.S_OUTSIDE), ("dust", at.S_DUST), ("fees", at.S_FEES))
        for name, column in columns:
            self.state.assets[x + column] = self.open_account(f"{name} {asset.code}", at.HOUSE, number)
        # the buyer of sold collateral pays in the first settlement asset
        self.state.assets[x + at.S_CONVERTER] = self.open_account(f"converter {asset.code}", at.HOUSE, 0)
        return number

    def _build_market(self, number: int, spec: MarketSpec) -> None:
        contract = spec.contract
        asset = self.names.assets[contract.scale.settlement.code]
        m = number << at.MARKET
        self.names.markets[contract.symbol] = number
        self.state.header[at.H_MARKETS] = number + 1
        row = self.state.markets
        row[m + at.M_MULTIPLIER] = contract.multiplier
        row[m + at.M_INVERSE] = int(contract.inverse)
        row[m + at.M_ASSET] = asset
        row[m + at.M_MAX_LOTS] = contract.max_position_lots
        row[m + at.M_MAX_OPEN_INTEREST] = contract.max_open_interest_lots
        row[m + at.M_MAX_PRICE] = contract.max_price_ticks
        row[m + at.M_CLEARING] = self.open_account(f"clearing {contract.symbol}", at.HOUSE, asset)
        for name, column in ((spec.fund, at.M_FUND), (spec.pool, at.M_POOL), (spec.backstop, at.M_BACKSTOP)):
            row[m + column] = -1 if name is None else self._holder(name, asset)
        named = spec.liquidity
        if named is None and spec.rules.counterparty.kind == "pool":
            named = f"liquidity {contract.symbol}"
        row[m + at.M_LIQUIDITY] = -1 if named is None else self._holder(named, asset)
        row[m + at.M_RULES] = number << at.RULES
        self.state.header[at.H_RULES] = self.capacity.rule_sets
        for packed in self.rule_rows(number, spec.rules, number):
            self.submit_row(packed)
        for k, weight in enumerate(spec.source_weights_ppm):
            self.must(SourceWeight(number, k, weight))

    def _holder(self, name: str, asset: int) -> int:
        known = self.names.ids.get(name)
        return self.open_account(name, at.HOLDER, asset) if known is None else known

    def _refuse_full(self) -> None:
        bits = int(self.state.header[at.H_FULL])
        words = ", ".join(word for bit, word in FULL_WORDS.items() if bits & bit)
        message = f"the state has no room for more {words}: build it with a larger capacity ({self.capacity})"
        raise CapacityError(message)


def decode_rows(rows: Iterable[Iterable[int]], start: int = 0) -> list[Event]:
    """Return event rows as records."""
    return [decode(start + k, tuple(int(x) for x in row)) for k, row in enumerate(rows)]


def _finding(path: str, message: str) -> tuple[Finding, ...]:
    return (Finding(path, message),)


def _room_for(specs: tuple[MarketSpec, ...], collaterals: tuple[CollateralSpec, ...], asked: Capacity) -> Capacity:
    return replace(
        asked,
        markets=max(asked.markets, len(specs)),
        assets=max(asked.assets, len(specs) + len(collaterals)),
        rule_sets=max(asked.rule_sets, 2 * len(specs)),
    )
