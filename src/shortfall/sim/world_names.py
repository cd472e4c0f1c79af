"""The names a world file may use: markets, accounts, assets and index sources, and how a table refers to them."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator

    from shortfall.rules.ruleset import RuleSet
    from shortfall.sim.world import WorldMarket
    from shortfall.sim.world_table import Table
    from shortfall.units import Asset, Scale


@dataclass(slots=True)
class NamesOfWorld:
    """Everything that was declared so far, by name and in order."""

    assets: dict[str, Asset] = field(default_factory=dict)
    asset_numbers: dict[str, int] = field(default_factory=dict)
    collateral_steps: dict[str, int] = field(default_factory=dict)
    markets: list[WorldMarket] = field(default_factory=list)
    market_numbers: dict[str, int] = field(default_factory=dict)
    accounts: dict[str, int] = field(default_factory=dict)
    rules_now: dict[int, RuleSet] = field(default_factory=dict)
    account_assets: list[int] = field(default_factory=list)

    def market(self, table: Table, name: str = "market") -> int:
        """Return the market that a table names; the only one where there is only one."""
        if not table.has(name) and len(self.markets) == 1:
            return 0
        word = table.word(name)
        if word and word not in self.market_numbers:
            table.add(name, f"Expected one of the markets {', '.join(self.market_numbers)}, was {word!r}")
        return self.market_numbers.get(word, 0)

    def account(self, table: Table, name: str = "account", default: str | None = None) -> int:
        """Return the account that a table names."""
        word = table.word(name) if default is None else table.word(name, default)
        return self.account_of(table, name, word)

    def account_of(self, table: Table, name: str, word: str) -> int:
        """Return the account of a name, noting a name that nobody has."""
        if word and word not in self.accounts:
            table.add(name, f"Expected the name of an account, was {word!r}")
        return self.accounts.get(word, 0)

    def check_asset(self, table: Table, account: int, market: int) -> None:
        """Note an account that does not hold the asset in which a market settles."""
        settlement = self.scale(market).settlement.code
        if self.account_assets and self.account_assets[account] != self.asset_numbers[settlement]:
            table.add(
                "",
                f"Expected accounts in {settlement}, in which the market settles, was {list(self.accounts)[account]!r}",
            )

    def scale(self, market: int) -> Scale:
        """Return the scales of a market."""
        return self.markets[market].spec.contract.scale

    def per_market(self, table: Table, name: str) -> Iterator[tuple[int, Table, str]]:
        """Yield (market, table, key) for a value by market, or one value where there is only one market."""
        found: Any = table.data.get(name)
        known = isinstance(found, dict) and any(key in self.market_numbers for key in found)
        if len(self.markets) == 1 and not known:
            yield 0, table, name
            return
        inside = table.table(name)
        for key in inside.data:
            if key in self.market_numbers:
                yield self.market_numbers[key], inside, key
            else:
                inside.add(key, f"Expected one of the markets {', '.join(self.market_numbers)}, was {key!r}")
