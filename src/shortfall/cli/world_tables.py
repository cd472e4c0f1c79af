"""Print a world's run for people: liquidations, both books, balances before and after, the laws that were checked."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich import box
from rich.console import Console
from rich.table import Table

from shortfall.model.events import BOUNDS, LAYER_NAMES
from shortfall.sim.world_books import cash_book, settlement_of, value_lines
from shortfall.sim.world_cases import liquidations_of
from shortfall.sim.world_record import rules_that_differ
from shortfall.sim.world_text import Wording
from shortfall.units import duration_text, exact_money

if TYPE_CHECKING:
    from shortfall.sim.world_cases import Clip, Handover, Liquidation
    from shortfall.sim.world_running import Holding, StepRecord, WorldRun

WIDTH = 150


def print_run(run: WorldRun, *, with_events: bool) -> None:
    """Print everything about a run."""
    console = Console(width=WIDTH, highlight=False, soft_wrap=False)
    say = Wording(run)
    console.print(f"[bold]{run.world.title}[/bold]")
    if run.world.question:
        console.print(run.world.question)
    _print_rules(console, run)
    for step in run.steps:
        _print_step(console, step, say, with_events=with_events)
    _print_liquidations(console, run, say)
    for market in range(len(run.world.markets)):
        _print_books(console, run, say, market)
    _print_balances(console, run, say)
    console.print("\n[bold]Laws checked[/bold]")
    for law, times in run.laws:
        console.print(f"  held {times} times: {law}")


def _plain_table(console: Console, title: str, *columns: str) -> Table:
    """Print a heading and return an empty table to stand below it."""
    console.print(f"\n[bold]{title}[/bold]")
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    for k, column in enumerate(columns):
        table.add_column(column, justify="left" if k == 0 else "right", overflow="fold")
    return table


def _print_rules(console: Console, run: WorldRun) -> None:
    for market in run.world.markets:
        words = [f"{name} = {value}" for name, value, _ in rules_that_differ(market.spec.rules)]
        console.print(f"{market.symbol} rules that are not the default: {'; '.join(words)}")


def _print_step(console: Console, step: StepRecord, say: Wording, *, with_events: bool) -> None:
    name = "opening" if step.number == 0 else f"step {step.number} at {duration_text(step.time_us)}"
    prices = ", ".join(
        f"{say.symbol(m)} index {say.price(m, p.index)} mark {say.price(m, p.mark)} last {say.price(m, p.last)}"
        for m, p in enumerate(step.prices)
    )
    words = "; ".join(step.words)
    console.print(f"\n[bold]{name}[/bold]{': ' + words if words else ''}")
    if step.note and step.number > 0:
        console.print(f"  {step.note}")
    console.print(f"  after it: {prices}")
    for words, reason in step.refused:
        console.print(f"  refused: {words} ({reason})")
    if with_events:
        for event in step.events:
            who = say.names[event.account] if event.account >= 0 else "-"
            console.print(f"  {event.sequence:>5} {event.name:<22} {who:<18} {say.event_words(event)}")


# -- liquidations -----------------------------------------------------------------------------------------------------


def _print_liquidations(console: Console, run: WorldRun, say: Wording) -> None:
    cases = liquidations_of(run)
    if not cases:
        console.print("\n[bold]Nobody was liquidated.[/bold]")
        return
    columns = (
        "account",
        "size",
        "trigger mark",
        "equity",
        "maintenance",
        "bankruptcy price",
        "in the book",
        "taken over",
        "ADL",
    )
    table = _plain_table(console, "Liquidations", *columns, "surplus + fee", "deficit at mark")
    for case in cases:
        table.add_row(*_liquidation_row(case, say))
    console.print(table)
    for case in cases:
        for layer, bound, lots in case.refused:
            size = say.size(case.market, lots)
            console.print(f"  {LAYER_NAMES[layer]} did not take {size} of {say.names[case.account]}: {BOUNDS[bound]}")
        _print_allocation(console, case, say)


def _liquidation_row(case: Liquidation, say: Wording) -> tuple[str, ...]:
    cross = len({clip.market for clip in case.clips}) > 1
    prices = "\n".join(
        say.price(clip.market, clip.bankruptcy_price_ticks) + (f" {say.symbol(clip.market)}" if cross else "")
        for clip in case.clips
    )
    return (
        say.names[case.account],
        f"{say.size(case.market, case.lots)} {say.symbol(case.market)}",
        say.price(case.market, case.trigger_mark_ticks),
        say.money(case.market, case.equity_quote),
        say.money(case.market, case.maintenance_quote),
        prices,
        "\n".join(_book_words(clip, say) for clip in case.clips),
        "\n".join(_taken_words(row, say) for row in case.takeovers if not say.is_clearing(row.to)) or "-",
        "\n".join(_adl_words(row, say) for row in case.deleveraged) or "-",
        say.money(case.market, case.surplus_quote + case.fees_quote),
        say.money(case.market, case.deficit_quote),
    )


def _book_words(clip: Clip, say: Wording) -> str:
    if clip.book_lots == 0:
        return "-"
    return (
        f"{say.size(clip.market, clip.book_lots)} @ {say.average_price(clip.market, clip.book_lots, clip.book_quote)}"
    )


def _taken_words(row: Handover, say: Wording) -> str:
    return f"{say.size(row.market, abs(row.lots))} @ {say.price(row.market, row.price_ticks)} by {say.names[row.to]}"


def _adl_words(row: Handover, say: Wording) -> str:
    return f"{say.size(row.market, abs(row.lots))} @ {say.price(row.market, row.price_ticks)} of {say.names[row.to]}"


def _print_allocation(console: Console, case: Liquidation, say: Wording) -> None:
    """Print which part of a cross account's equity stood beside each of its positions."""
    if len({clip.market for clip in case.clips}) < 2:  # noqa: PLR2004 - one market: nothing is allocated
        return
    for clip in case.clips:
        symbol, money = say.symbol(clip.market), say.money(clip.market, say.allocated(clip))
        mark, bankrupt = (
            say.price(clip.market, clip.mark_price_ticks),
            say.price(clip.market, clip.bankruptcy_price_ticks),
        )
        console.print(
            f"  allocation of {say.names[case.account]}: {money} stood beside "
            f"{say.size(clip.market, clip.held_lots)} {symbol} (mark {mark}, bankruptcy {bankrupt})"
        )


# -- books ------------------------------------------------------------------------------------------------------------


def _print_books(console: Console, run: WorldRun, say: Wording, market: int) -> None:
    value, cash = run.results[market].value, cash_book(run, market)
    lines = [line for line in value_lines(run, market) if line.amount != 0]
    if not lines and run.results[market].liquidations == 0:
        console.print(f"\n[bold]The waterfall of {say.symbol(market)} was not asked.[/bold]")
        return
    table = _plain_table(
        console,
        f"Waterfall of {say.symbol(market)} in value, against mark at the instant",
        "layer",
        "paid (+) received (-)",
    )
    for line in lines:
        table.add_row(line.words, say.money(market, line.amount))
    table.add_row("sum of the layers", say.money(market, value.paid))
    console.print(table)
    waiting = say.waiting_lots(market)
    if waiting != 0:
        console.print(
            f"  {say.size(market, waiting)} {say.symbol(market)} wait in the clearing account: nobody may take them"
        )
    terms = " + ".join(f"({say.bare(market, line.amount)})" for line in lines) or "0"
    returned, left = say.bare(market, value.returned), say.bare(market, value.equity_left)
    console.print(
        f"  identity: {terms} = {say.bare(market, value.paid)} = returned {returned} - equity left behind ({left})"
    )
    table = _plain_table(console, f"Waterfall of {say.symbol(market)} in cash", "line", "amount")
    rows = [("deficit of flat accounts", cash.deficit)]
    rows += [(f"paid by {say.names[account]}", amount) for account, amount in cash.paid.items()]
    rows += [(f"socialised: {say.names[account]}", amount) for account, amount in cash.socialised.items()]
    rows += [
        ("covered by nobody", cash.uncovered),
        ("surplus received by the fund", cash.surplus),
        ("liquidation fees received", cash.fees),
    ]
    for words, amount in rows:
        table.add_row(words, say.money(market, amount))
    console.print(table)


def _print_balances(console: Console, run: WorldRun, say: Wording) -> None:
    columns = (
        "account",
        "cash before",
        "cash after",
        "change",
        "equity before",
        "equity after",
        "positions before",
        "positions after",
    )
    table = _plain_table(console, "Balances", *columns)
    for account, name in enumerate(run.names):
        before, after = run.before[account], run.after[account]
        if before == after and before.balance == 0:
            continue
        asset = say.asset_of_account(account)
        figures = (before.balance, after.balance, after.balance - before.balance, before.equity, after.equity)
        table.add_row(
            name, *(exact_money(figure, asset) for figure in figures), _positions(before, say), _positions(after, say)
        )
    console.print(table)
    for market in range(len(run.world.markets)):
        owed = say.money(market, settlement_of(run, market))
        console.print(f"  settlement account of {say.symbol(market)}: {owed} (paid to winners, still owed by losers)")


def _positions(held: Holding, say: Wording) -> str:
    rows = [
        f"{say.size(m, lots)} {say.symbol(m)} @ {say.average_price(m, lots, abs(cost))}"
        for m, lots, cost in held.positions
    ]
    return "\n".join(rows) or "-"
