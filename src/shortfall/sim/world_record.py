"""The result of a world as one document for programs, ``shortfall.run/1``: money as decimal strings with its unit."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from shortfall.model.events import BOUNDS, LAYER_NAMES
from shortfall.rules.ruleset import RuleSet
from shortfall.sim.world_books import cash_book, settlement_of, value_lines
from shortfall.sim.world_cases import Clip, Handover, Liquidation, liquidations_of
from shortfall.sim.world_text import Wording

if TYPE_CHECKING:
    from shortfall.sim.world_running import Holding, StepRecord, WorldRun

SCHEMA: Final = "shortfall.run/1"
Record = dict[str, Any]


def record_of(run: WorldRun, *, with_events: bool = False) -> Record:
    """Return the document of a run."""
    say = Wording(run)
    return {
        "schema": SCHEMA,
        "world": {"title": run.world.title, "question": run.world.question},
        "markets": [_market(run, say, market) for market in range(len(run.world.markets))],
        "liquidations": [_liquidation(case, say) for case in liquidations_of(run)],
        "accounts": [_account(run, say, account) for account in range(len(run.names))],
        "steps": [_step(step, say, with_events=with_events) for step in run.steps],
        "laws": [{"law": law, "checked": times, "holds": True} for law, times in run.laws],
    }


def rules_that_differ(rules: RuleSet) -> list[tuple[str, str, str]]:
    """Return (name, value, meaning) of the rules that are not the default ones; waterfall always."""
    default = {name: value for name, value, _ in RuleSet().lines()}
    return [row for row in rules.lines() if row[0] == "waterfall" or default[row[0]] != row[1]]


def _market(run: WorldRun, say: Wording, market: int) -> Record:
    world_market, asset = run.world.markets[market], say.asset(market)
    result, value, cash = run.results[market], run.results[market].value, cash_book(run, market)
    prices = run.steps[-1].prices[market]

    def money(amount: int) -> dict[str, str]:
        return say.money_record(asset, amount)

    return {
        "symbol": world_market.symbol,
        "settlement": asset.code,
        "inverse": world_market.spec.contract.inverse,
        "rules": {name: text for name, text, _ in world_market.spec.rules.lines()},
        "index_price": say.price(market, prices.index),
        "mark_price": say.price(market, prices.mark),
        "last_price": say.price(market, prices.last),
        "liquidated_size": say.size(market, result.liquidated_lots),
        "liquidated_notional": money(result.liquidated_notional),
        "sold_in_book_size": say.size(market, result.book_lots),
        "taken_over_size": say.size(market, result.taken_lots),
        "adl_size": say.size(market, result.adl_lots),
        "adl_by_capacity_size": say.size(market, result.adl_by_capacity_lots),
        "adl_by_loss_size": say.size(market, result.adl_by_loss_lots),
        "waiting_in_clearing_size": say.size(market, say.waiting_lots(market)),
        "settlement_account": money(settlement_of(run, market)),
        "value_book": {
            "reference": "mark at the instant",
            "paid_by": {line.key: money(line.amount) for line in value_lines(run, market)},
            "paid": money(value.paid),
            "equity_left": money(value.equity_left),
            "returned": money(value.returned),
            "difference": money(value.difference),
        },
        "cash_book": {
            "deficit": money(cash.deficit),
            "paid_by": {say.names[account]: money(amount) for account, amount in cash.paid.items()},
            "socialised": {say.names[account]: money(amount) for account, amount in cash.socialised.items()},
            "uncovered": money(cash.uncovered),
            "surplus_received": money(cash.surplus),
            "fees_received": money(cash.fees),
        },
    }


def _liquidation(case: Liquidation, say: Wording) -> Record:
    asset = say.asset(case.market)

    def money(amount: int) -> dict[str, str]:
        return say.money_record(asset, amount)

    return {
        "liquidation": case.number,
        "account": say.names[case.account],
        "market": say.symbol(case.market),
        "step": case.step,
        "time_us": case.time_us,
        "trigger_mark_price": say.price(case.market, case.trigger_mark_ticks),
        "trigger_equity": money(case.equity_quote),
        "trigger_maintenance_margin": money(case.maintenance_quote),
        "size": say.size(case.market, case.lots),
        "clips": [_clip(clip, say) for clip in case.clips],
        "taken_over": [_handover(row, say) for row in case.takeovers],
        "deleveraged": [_handover(row, say) for row in case.deleveraged],
        "refused": [
            {"layer": LAYER_NAMES[layer], "bound": BOUNDS[bound], "size": say.size(case.market, lots)}
            for layer, bound, lots in case.refused
        ],
        "taker_fees": money(case.taker_fees_quote),
        "liquidation_fees": money(case.fees_quote),
        "surplus_to_fund": money(case.surplus_quote),
        "deficit_at_mark": money(case.deficit_quote),
        "deficit_in_cash": money(case.cash_deficit_quote),
        "paid_by": {say.names[account]: money(amount) for account, amount in case.paid},
        "socialised": {say.names[account]: money(amount) for account, amount in case.socialised},
        "uncovered": money(case.uncovered_quote),
        "equity_at_end": None if case.end_equity_quote is None else money(case.end_equity_quote),
        "withdrawn": case.withdrawn,
    }


def _clip(clip: Clip, say: Wording) -> Record:
    market, asset = clip.market, say.asset(clip.market)
    return {
        "market": say.symbol(market),
        "held_size": say.size(market, clip.held_lots),
        "sold_in_book_size": say.size(market, clip.book_lots),
        "average_price": say.average_price(market, clip.book_lots, clip.book_quote) or None,
        "bankruptcy_price": say.price(market, clip.bankruptcy_price_ticks),
        "mark_price": say.price(market, clip.mark_price_ticks),
        "allocated_equity": say.money_record(asset, say.allocated(clip)),
        "equity_after_own_fills": say.money_record(asset, clip.equity_quote),
        "retained": say.money_record(asset, clip.retained_quote),
    }


def _handover(row: Handover, say: Wording) -> Record:
    asset = say.asset(row.market)
    return {
        "market": say.symbol(row.market),
        "size": say.size(row.market, row.lots),
        "price": say.price(row.market, row.price_ticks),
        "mark_price": say.price(row.market, row.mark_price_ticks),
        "account": say.names[row.to],
        "given_up_at_mark": say.money_record(asset, say.given_up(row)),
    }


def _account(run: WorldRun, say: Wording, account: int) -> Record:
    asset = say.asset_of_account(account)

    def holding(held: Holding) -> Record:
        return {
            "balance": say.money_record(asset, held.balance),
            "equity": say.money_record(asset, held.equity),
            "maintenance_margin": say.money_record(asset, held.maintenance),
            "positions": [
                {
                    "market": say.symbol(market),
                    "size": say.size(market, lots),
                    "entry_cost": say.money_record(say.asset(market), cost),
                }
                for market, lots, cost in held.positions
            ],
        }

    return {"name": run.names[account], "before": holding(run.before[account]), "after": holding(run.after[account])}


def _step(step: StepRecord, say: Wording, *, with_events: bool) -> Record:
    record: Record = {
        "step": step.number,
        "time_us": step.time_us,
        "note": step.note,
        "commands": list(step.words),
        "refused": [{"command": words, "reason": reason} for words, reason in step.refused],
        "prices": {
            say.symbol(market): {
                "index": say.price(market, prices.index),
                "mark": say.price(market, prices.mark),
                "last": say.price(market, prices.last),
            }
            for market, prices in enumerate(step.prices)
        },
    }
    if with_events:
        record["events"] = [say.event_record(event) for event in step.events]
    return record
