"""Read what happens in a world: each step's verbs in the order in which they are written, as commands of the engine."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Final

from shortfall.kernels import layout as at
from shortfall.model import commands as do
from shortfall.sim.world import Action, RuleChange, Step
from shortfall.sim.world_rules import check_sound, read_rules
from shortfall.units import duration_text, parse_decimal

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from shortfall.sim.world_names import NamesOfWorld
    from shortfall.sim.world_table import Table

BILLION: Final = 1_000_000_000
ORDER_KEYS: Final = ("account", "market", "size", "price", "kind", "post_only", "reduce_only", "id")


def read_steps(top: Table, names: NamesOfWorld) -> tuple[Step, ...]:
    """Return the steps of a file; their times may not run back."""
    steps = []
    now = 0
    for table in top.tables("step"):
        table.allow("time", "note", *VERBS)
        time_us = table.duration("time")
        if time_us < now:
            table.add("time", f"Expected a time not before {duration_text(now)}, was {duration_text(time_us)}")
        now = max(now, time_us)
        actions = [
            action for verb in table.data if verb in VERBS for action in VERBS[verb](table, verb, names, time_us)
        ]
        if not actions:
            table.add("", f"Expected at least one of {', '.join(VERBS)}, was none")
        steps.append(Step(time_us, table.word("note", ""), tuple(actions)))
    return tuple(steps)


def read_order(table: Table, names: NamesOfWorld, owner: int | None = None) -> Action:
    """Return an order, of the account it names or of the account under which it stands."""
    table.allow(*ORDER_KEYS) if owner is None else table.allow(*ORDER_KEYS[1:])
    account = names.account(table) if owner is None else owner
    market = names.market(table)
    names.check_asset(table, account, market)
    contract = names.markets[market].spec.contract
    lots = table.size("size", contract.scale)
    price = table.price("price", contract.scale, contract.max_price_ticks) if table.has("price") else None
    order = do.Order(
        account, market, lots, price,
        kind=table.word("kind", "gtc", ("gtc", "ioc", "fok")),
        post_only=table.switch("post_only"),
        reduce_only=table.switch("reduce_only"),
        order=table.whole("id", 0, 0, 1 << 30),
    )  # fmt: skip
    limit = "at market" if price is None else f"at {contract.scale.price_text(price)}"
    side = "buys" if lots > 0 else "sells"
    size = contract.scale.size_text(abs(lots))
    return Action(order, f"{_name(names, account)} {side} {size} {contract.symbol} {limit}", table.where)


# -- prices and time --------------------------------------------------------------------------------------------------


def _index(table: Table, verb: str, names: NamesOfWorld, time_us: int) -> Iterator[Action | RuleChange]:
    for market, place, key in names.per_market(table, verb):
        sources = names.markets[market].sources
        if isinstance(place.data.get(key), dict):
            inside = place.table(key)
            inside.allow(*sources)
            for source in inside.data:
                if source in sources:
                    yield _tick((inside, source), names, market, sources.index(source), time_us)
            continue
        for number in range(len(sources)):
            yield _tick((place, key), names, market, number, time_us)


def _tick(place: tuple[Table, str], names: NamesOfWorld, market: int, source: int, time_us: int) -> Action:
    table, key = place
    price = table.any_price(key, names.scale(market))
    known = names.markets[market]
    by = f" from {known.sources[source]}" if len(known.sources) > 1 else ""
    words = f"index {known.symbol} {known.spec.contract.scale.price_text(price)}{by}"
    return Action(do.IndexTick(market, price, time_us, source), words, table.where, moves_price=True)


def _mark(table: Table, verb: str, names: NamesOfWorld, time_us: int) -> Iterator[Action | RuleChange]:
    for market, place, key in names.per_market(table, verb):
        price = place.any_price(key, names.scale(market))
        words = f"imposed mark {names.markets[market].symbol} {names.scale(market).price_text(price)}"
        yield Action(do.MarkTick(market, price, time_us), words, place.where, moves_price=True)


def _tape(table: Table, verb: str, names: NamesOfWorld, _: int) -> Iterator[Action | RuleChange]:
    for market, place, key in names.per_market(table, verb):
        price = place.price(key, names.scale(market), names.markets[market].spec.contract.max_price_ticks)
        words = f"tape {names.markets[market].symbol} {names.scale(market).price_text(price)}"
        yield Action(do.TapePrice(market, price), words, place.where)


def _clock(table: Table, verb: str, _: NamesOfWorld, time_us: int) -> Iterator[Action | RuleChange]:
    if table.switch(verb):
        yield Action(do.Clock(time_us), f"clock {duration_text(time_us)}", table.where, moves_price=True)


def _funding(table: Table, verb: str, names: NamesOfWorld, _: int) -> Iterator[Action | RuleChange]:
    for market, place, key in names.per_market(table, verb):
        symbol = names.markets[market].symbol
        if place.data.get(key) == "premium":
            yield Action(do.SettleFunding(market), f"funding {symbol} at the premium", place.where, moves_price=True)
            continue
        rate = place.read(key, _rate, Decimal(0))
        parts = rate * BILLION
        if parts != parts.to_integral_value() or abs(rate) > 1:
            place.add(key, f"Expected a rate of at most 100 % in steps of 0.0000001 %, was {rate * 100:f} %")
            parts = Decimal(0)
        yield Action(
            do.SettleFunding(market, int(parts)), f"funding {symbol} at {rate * 100:f} %", place.where, moves_price=True
        )


def _rate(text: str, path: str) -> Decimal:
    percent = text.strip().endswith("%")
    return parse_decimal(text.strip().rstrip("%").strip(), path=path) / (100 if percent else 1)


# -- orders and money -------------------------------------------------------------------------------------------------


def _order(table: Table, verb: str, names: NamesOfWorld, _: int) -> Iterator[Action | RuleChange]:
    for row in table.tables(verb):
        yield read_order(row, names)


def _cancel(table: Table, verb: str, names: NamesOfWorld, _: int) -> Iterator[Action | RuleChange]:
    for row in table.tables(verb):
        row.allow("account", "id", "market")
        account = names.account(row)
        if row.has("id"):
            number = row.whole("id", 1, 1, 1 << 30)
            yield Action(do.Cancel(account, number), f"{_name(names, account)} cancels order {number}", row.where)
        else:
            market = names.market(row) if row.has("market") else -1
            yield Action(do.CancelAll(account, market), f"{_name(names, account)} cancels all orders", row.where)


def _money(table: Table, verb: str, names: NamesOfWorld, _: int) -> Iterator[Action | RuleChange]:
    inside = table.table(verb)
    for key in inside.data:
        account = names.account_of(inside, key, key)
        asset = names.assets[list(names.asset_numbers)[names.account_assets[account]]] if names.account_assets else None
        amount = 0 if asset is None else inside.money(key, asset, least=1)
        command = do.Deposit(account, amount) if verb == "deposit" else do.Withdraw(account, amount)
        yield Action(command, f"{key} {verb}s {inside.data[key]}", inside.where)


def _transfer(table: Table, verb: str, names: NamesOfWorld, _: int) -> Iterator[Action | RuleChange]:
    for row in table.tables(verb):
        row.allow("from", "to", "amount")
        payer, payee = names.account(row, "from"), names.account(row, "to")
        asset = names.assets[list(names.asset_numbers)[names.account_assets[payer]]]
        amount = row.money("amount", asset, least=1)
        words = f"{_name(names, payer)} transfers {row.data.get('amount')} to {_name(names, payee)}"
        yield Action(do.Transfer(payee, payer, amount), words, row.where)


def _collateral(table: Table, verb: str, names: NamesOfWorld, _: int) -> Iterator[Action | RuleChange]:
    for row in table.tables(verb):
        row.allow("account", "asset", "amount")
        account = names.account(row)
        code = row.word("asset", among=tuple(names.collateral_steps))
        if code not in names.collateral_steps:
            continue
        amount = row.money("amount", names.assets[code], least=None)
        words = f"{_name(names, account)} moves {row.data.get('amount')} {code} of collateral"
        yield Action(do.MoveCollateral(account, names.asset_numbers[code], amount), words, row.where)


def _collateral_price(table: Table, verb: str, names: NamesOfWorld, _: int) -> Iterator[Action | RuleChange]:
    inside = table.table(verb)
    for code in inside.data:
        if code not in names.collateral_steps:
            inside.add(code, f"Expected one of the collateral assets {', '.join(names.collateral_steps)}, was {code!r}")
            continue
        price = inside.steps(code, names.collateral_steps[code])
        words = f"price of {code} {inside.data[code]}"
        yield Action(do.AssetPrice(names.asset_numbers[code], price), words, inside.where, moves_price=True)


def _fill(table: Table, verb: str, names: NamesOfWorld, _: int) -> Iterator[Action | RuleChange]:
    for row in table.tables(verb):
        row.allow("account", "market", "size", "price", "counterparty")
        account, market = names.account(row), names.market(row)
        counterparty = names.account(row, "counterparty")
        contract = names.markets[market].spec.contract
        lots = row.size("size", contract.scale)
        price = row.price("price", contract.scale, contract.max_price_ticks)
        names.check_asset(row, account, market)
        names.check_asset(row, counterparty, market)
        if counterparty == account:
            row.add("counterparty", "Expected another account, was the same")
        size = contract.scale.size_text(lots)
        words = f"{_name(names, account)} trades {size} {contract.symbol} at {contract.scale.price_text(price)}"
        yield Action(do.ImposedFill(account, market, lots, price, counterparty), words, row.where)


# -- rules and halts --------------------------------------------------------------------------------------------------


def _rules(table: Table, verb: str, names: NamesOfWorld, _: int) -> Iterator[Action | RuleChange]:
    inside = table.table(verb)
    by_market = all(key in names.market_numbers for key in inside.data)
    if not by_market and len(names.markets) > 1:
        inside.add("", f"Expected rules by market ({', '.join(names.market_numbers)}), was {', '.join(inside.data)}")
        return
    places = [(names.market_numbers[key], inside.table(key)) for key in inside.data] if by_market else [(0, inside)]
    for market, place in places:
        rules = read_rules(place, names.rules_now.get(market, names.markets[market].spec.rules))
        names.rules_now[market] = rules
        check_sound(place, rules)
        yield RuleChange(market, rules, f"rules of {names.markets[market].symbol} change", place.where)


def _halt(table: Table, verb: str, names: NamesOfWorld, _: int) -> Iterator[Action | RuleChange]:
    state = {"halt": at.HALT_ALL, "reduce_only": at.HALT_REDUCE_ONLY, "resume": at.HALT_NONE}[verb]
    for symbol in table.words(verb):
        if symbol in names.market_numbers:
            yield Action(
                do.Halt(names.market_numbers[symbol], state), f"{verb.replace('_', ' ')} {symbol}", table.where
            )
        else:
            table.add(verb, f"Expected one of the markets {', '.join(names.market_numbers)}, was {symbol!r}")


def _name(names: NamesOfWorld, account: int) -> str:
    return list(names.accounts)[account] if names.accounts else ""


VERBS: Final[dict[str, Callable[[Table, str, NamesOfWorld, int], Iterator[Action | RuleChange]]]] = {
    "index": _index, "mark": _mark, "tape": _tape, "clock": _clock, "funding": _funding,
    "order": _order, "cancel": _cancel, "fill": _fill,
    "deposit": _money, "withdraw": _money, "transfer": _transfer,
    "collateral": _collateral, "collateral_price": _collateral_price,
    "rules": _rules, "halt": _halt, "reduce_only": _halt, "resume": _halt,
}  # fmt: skip
