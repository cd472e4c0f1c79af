"""Turn the text of a world file into a `World`, or into all of its findings at once; nothing runs before that."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Final

from shortfall.engine.exchange import CollateralSpec, MarketSpec
from shortfall.errors import RuleError
from shortfall.model.contract import bounded_contract
from shortfall.rules.compile import prove_bounds
from shortfall.rules.ruleset import RuleSet
from shortfall.sim.world import KINDS, Account, Position, World, WorldMarket
from shortfall.sim.world_names import NamesOfWorld
from shortfall.sim.world_rules import check_sound, read_rules
from shortfall.sim.world_steps import read_order, read_steps
from shortfall.sim.world_table import Reading, Table
from shortfall.units import PPM, Asset, Scale, div_ceil

if TYPE_CHECKING:
    from shortfall.sim.world import Action

TOP_KEYS: Final = ("title", "question", "assets", "rules", "market", "account", "counterparty", "step")
MARKET_KEYS: Final = (
    "symbol", "settlement", "tick", "lot", "inverse", "contract_value", "max_price", "price", "sources",
    "fund", "pool", "backstop", "liquidity", "rules",
)  # fmt: skip
ACCOUNT_KEYS: Final = ("name", "kind", "asset", "deposit", "collateral", "positions", "orders")
HOLDERS: Final = ("fund", "pool", "backstop", "liquidity")
PRICE_DIGITS: Final = 6
MAX_SOURCES: Final = 8
UNKNOWN: Final = Asset("UNKNOWN", 6)  # stands in for an asset that was not declared, so that reading goes on


def read_world(text: str) -> World:
    """Return the world that a text describes.

    Raises
    ------
    InputError
        With every finding: line, field, bound and value.
    """
    reading = Reading(text)
    top = reading.top()
    top.allow(*TOP_KEYS)
    names = NamesOfWorld()
    _read_assets(top.table("assets"), names)
    _read_markets(top, names)
    if not names.markets:
        top.add("", "Expected at least one [[market]], was none")
        reading.findings.raise_if_any()
    world = _read_situation(top, names)
    reading.findings.raise_if_any()
    return world


def _read_situation(top: Table, names: NamesOfWorld) -> World:
    collaterals = _order_assets(top.table("assets"), names)
    tables = list(top.tables("account"))
    accounts = _read_accounts(tables, names)
    _check_holders(top, names, accounts)
    other = top.word("counterparty", "")
    positions = [found for k, table in enumerate(tables) for found in _read_positions(table, k, names, other)]
    return World(
        title=top.word("title"),
        question=top.word("question", ""),
        assets=tuple(names.assets[code] for code in names.asset_numbers),
        collaterals=collaterals,
        markets=tuple(names.markets),
        accounts=_with_margin(accounts, positions, names),
        positions=tuple(positions),
        orders=_read_orders(tables, names),
        steps=read_steps(top, names),
    )


# -- assets -----------------------------------------------------------------------------------------------------------


def _read_assets(table: Table, names: NamesOfWorld) -> None:
    for code in table.data:
        asset = table.table(code)
        asset.allow("exponent", "price", "haircut")
        try:
            names.assets[code] = Asset(code, asset.whole("exponent", 6, 0, 18))
        except RuleError as error:
            asset.reading.include(asset.path, error)


def _order_assets(table: Table, names: NamesOfWorld) -> tuple[CollateralSpec, ...]:
    """Give assets the engine's order: settlement assets in the order of markets, then collateral."""
    for market in names.markets:
        asset = market.spec.contract.scale.settlement
        names.assets.setdefault(asset.code, asset)
        names.asset_numbers.setdefault(asset.code, len(names.asset_numbers))
    settlement = names.markets[0].spec.contract.scale.settlement
    found = []
    for code, asset in names.assets.items():
        inside = table.table(code)
        if code in names.asset_numbers:
            if inside.has("price"):
                inside.add("price", f"Expected no price, because markets settle in {code}")
        elif inside.has("price"):
            found.append(_collateral(inside, asset, settlement, names))
            names.asset_numbers[code] = len(names.asset_numbers)
        else:
            inside.add("", f"Expected a price of {code} as collateral, or a market that settles in it")
    return tuple(found)


def _collateral(table: Table, asset: Asset, settlement: Asset, names: NamesOfWorld) -> CollateralSpec:
    digits = PRICE_DIGITS + max(0, settlement.exponent - asset.exponent)
    names.collateral_steps[asset.code] = digits
    scale = 10 ** (digits + asset.exponent - settlement.exponent)
    haircut = table.ppm("haircut", "0")
    if not 0 <= haircut < PPM:
        table.add("haircut", f"Expected 0 to below 100 %, was {haircut} ppm")
    return CollateralSpec(asset, table.steps("price", digits), scale, haircut)


# -- markets ----------------------------------------------------------------------------------------------------------


def _read_markets(top: Table, names: NamesOfWorld) -> None:
    common = read_rules(top.table("rules"), RuleSet())
    for table in top.tables("market"):
        table.allow(*MARKET_KEYS)
        symbol = table.word("symbol")
        if symbol in names.market_numbers:
            table.add("symbol", f"Expected a symbol that is not in use, was {symbol!r}")
            continue
        names.market_numbers[symbol] = len(names.markets)
        names.markets.append(_read_market(table, symbol, common, names))


def _read_market(table: Table, symbol: str, common: RuleSet, names: NamesOfWorld) -> WorldMarket:
    scale = _read_scale(table, names)
    bound = table.read("max_price", lambda text, path: scale.ticks_from_price(text, path=path), 1 << 20)
    contract = bounded_contract(symbol, scale, max(bound, 2))
    try:
        prove_bounds(contract)
    except RuleError as error:
        table.reading.include((*table.path, "max_price"), error)
    rules_table = table.table("rules")
    rules = read_rules(rules_table, common)
    check_sound(rules_table, rules)
    holders = {name: table.word(name) if table.has(name) else None for name in HOLDERS}
    for layer in HOLDERS:
        if layer in rules.waterfall and holders[layer] is None:
            table.add("", f"Expected the name of a {layer}, because the waterfall asks it, was nothing")
    sources, weights = _read_sources(table)
    spec = MarketSpec(contract, rules, source_weights_ppm=weights, **holders)
    return WorldMarket(spec, sources, table.price("price", scale, contract.max_price_ticks))


def _read_scale(table: Table, names: NamesOfWorld) -> Scale:
    code = table.word("settlement")
    if code and code not in names.assets:
        table.add("settlement", f"Expected one of the [assets] {', '.join(names.assets)}, was {code!r}")
    asset = names.assets.get(code) or next(iter(names.assets.values()), UNKNOWN)
    steps = [
        table.decimal(name, default) for name, default in (("tick", "0.1"), ("lot", "0.001"), ("contract_value", "1"))
    ]
    try:
        return Scale(steps[0], steps[1], asset, table.switch("inverse"), steps[2])
    except RuleError as error:
        table.reading.include(table.path, error)
        return Scale(Decimal("0.1"), Decimal("0.001"), UNKNOWN)


def _read_sources(table: Table) -> tuple[tuple[str, ...], tuple[int, ...]]:
    if not table.has("sources"):
        return ("index",), (PPM,)
    inside = table.table("sources")
    if not 1 <= len(inside.data) <= MAX_SOURCES:
        table.add("sources", f"Expected 1 to {MAX_SOURCES} sources, was {len(inside.data)}")
    weights = tuple(inside.ppm(name) for name in inside.data)
    for name, weight in zip(inside.data, weights, strict=True):
        if not 0 < weight <= PPM:
            inside.add(name, f"Expected a weight above 0 and up to 100 %, was {weight} ppm")
    return tuple(inside.data)[:MAX_SOURCES], weights[:MAX_SOURCES]


# -- accounts ---------------------------------------------------------------------------------------------------------


def _read_accounts(tables: list[Table], names: NamesOfWorld) -> list[Account]:
    reserved = {f"clearing {market.symbol}" for market in names.markets}
    reserved |= {f"{word} {code}" for word in ("outside", "dust", "fees", "converter") for code in names.assets}
    accounts: list[Account] = []
    for table in tables:
        table.allow(*ACCOUNT_KEYS)
        name = table.word("name")
        if name in names.accounts or name in reserved:
            table.add("name", f"Expected a name that is not in use, was {name!r}")
        names.accounts.setdefault(name, len(accounts))
        accounts.append(_read_account(table, name, names))
        names.account_assets.append(accounts[-1].asset)
    return accounts


def _read_account(table: Table, name: str, names: NamesOfWorld) -> Account:
    default = names.markets[0].spec.contract.scale.settlement.code
    code = table.word("asset", default, tuple(names.asset_numbers)) or default
    collateral = []
    inside = table.table("collateral")
    for held in inside.data:
        if held in names.collateral_steps:
            collateral.append((names.asset_numbers[held], inside.money(held, names.assets[held])))
        else:
            inside.add(held, f"Expected one of the collateral assets {', '.join(names.collateral_steps)}, was {held!r}")
    return Account(
        name=name,
        kind=table.word("kind", "trader", KINDS),
        asset=names.asset_numbers[code],
        deposit=table.money("deposit", names.assets[code], "0"),
        collateral=tuple(collateral),
        where=table.where,
    )


def _check_holders(top: Table, names: NamesOfWorld, accounts: list[Account]) -> None:
    """Check that every fund, pool and backstop is declared, and that every declared holder is one of them."""
    kinds = {account.name: (account.kind, account.asset) for account in accounts}
    wanted = set()
    for table, market in zip(top.tables("market"), names.markets, strict=False):
        for layer in HOLDERS:
            holder = getattr(market.spec, layer)
            wanted.add(holder)
            code = market.spec.contract.scale.settlement.code
            if holder is not None and kinds.get(holder) != ("holder", names.asset_numbers[code]):
                table.add(layer, f'Expected the name of an [[account]] of kind "holder" in {code}, was {holder!r}')
    for table, account in zip(top.tables("account"), accounts, strict=True):
        if account.kind == "holder" and account.name not in wanted:
            table.add("name", f"Expected a holder that a market names as {', '.join(HOLDERS)}, was {account.name!r}")


def _read_positions(table: Table, account: int, names: NamesOfWorld, other: str) -> list[Position]:
    found = []
    for row in table.tables("positions"):
        row.allow("market", "size", "entry", "counterparty", "leverage")
        market = names.market(row)
        contract = names.markets[market].spec.contract
        if not row.has("counterparty") and not other:
            row.add("", "Expected a counterparty here or at the top of the file, because sizes sum to zero, was none")
        counterparty = account
        if row.has("counterparty") or other:
            counterparty = names.account(row, "counterparty", other)
            if list(names.accounts)[account] == row.data.get("counterparty", other):
                row.add("counterparty", "Expected another account than the holder of the position, was the same")
        names.check_asset(row, account, market)
        names.check_asset(row, counterparty, market)
        lots = row.size("size", contract.scale)
        if abs(lots) > contract.max_position_lots:
            row.add("size", f"Expected at most {contract.max_position_lots} lots, was {abs(lots)}")
        rate = _leverage(row) if row.has("leverage") else 0
        entry = row.price("entry", contract.scale, contract.max_price_ticks)
        found.append(Position(account, market, lots, entry, counterparty, rate, row.where))
    return found


def _leverage(row: Table) -> int:
    """Return the margin rate of a leverage in ppm, rounded up."""
    leverage = row.decimal("leverage")
    if not 1 <= leverage <= PPM:
        row.add("leverage", f"Expected a leverage from 1 to {PPM}, was {leverage}")
        return PPM
    ratio = leverage.as_integer_ratio()
    return div_ceil(PPM * ratio[1], ratio[0])


def _with_margin(accounts: list[Account], positions: list[Position], names: NamesOfWorld) -> tuple[Account, ...]:
    """Add to each deposit what positions stated by leverage need: |value at entry| / leverage, rounded up."""
    margins = dict.fromkeys(range(len(accounts)), 0)
    for row in positions:
        contract = names.markets[row.market].spec.contract
        value = abs(row.lots) * contract.multiplier
        value = value // row.entry_ticks if contract.inverse else value * row.entry_ticks
        margins[row.account] += div_ceil(value * row.rate_ppm, PPM)
    return tuple(
        Account(a.name, a.kind, a.asset, a.deposit + margins[k], a.collateral, a.where) for k, a in enumerate(accounts)
    )


def _read_orders(tables: list[Table], names: NamesOfWorld) -> tuple[Action, ...]:
    return tuple(
        read_order(row, names, names.accounts[table.word("name")]) for table in tables for row in table.tables("orders")
    )
