"""One account's story in a world: sentences with the numbers, in the order of the events."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Final

from shortfall.kernels import layout as at
from shortfall.model.events import BOUNDS, LAYER_NAMES
from shortfall.sim.world_text import OF_AN_ASSET, Wording
from shortfall.units import duration_text, exact_money

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from shortfall.model.events import Event
    from shortfall.sim.world_running import Holding, StepRecord, WorldRun

FORCED, UNWINDING = 1, 2  # purposes in TakerFilled
RANK_SCALE: Final = 1 << 20


def story_of(run: WorldRun, name: str) -> list[str]:
    """Return the story of an account, one sentence or paragraph a line."""
    return list(_Story(run, name).tell())


class _Story:
    """The events of a run as one account saw them."""

    def __init__(self, run: WorldRun, name: str) -> None:
        self.run = run
        self.say = Wording(run)
        self.name = name
        self.account = run.exchange.names.ids[name]
        self.asset = self.say.asset_of_account(self.account)
        self.marks = [prices.mark for prices in run.steps[0].prices]
        self.cash: Counter[str] = Counter()
        self.holds_for_others = next(item.kind for item in run.world.accounts if item.name == name) == "holder"

    def tell(self) -> Iterator[str]:
        before = self.run.before[self.account]
        yield f"{self.name} opens with {self.money(before.balance)} in cash and {self._held(before)}."
        if before.positions:
            equity, need = self.money(before.equity), self.money(before.maintenance)
            yield f"  Its equity at mark is {equity}" + (
                "." if self.holds_for_others else f"; maintenance margin is {need}."
            )
        for step in self.run.steps[1:]:
            yield from self._step(step)
        yield from self._end()

    def money(self, amount: int) -> str:
        """Return money of the account's asset."""
        return exact_money(amount, self.asset)

    # -- steps --------------------------------------------------------------------------------------------------------

    def _step(self, step: StepRecord) -> Iterator[str]:
        told = [sentence for event in step.events for sentence in self._event(event)]
        note = f" ({step.note})" if step.note else ""
        prices = ", ".join(f"{self.say.symbol(m)} {self.say.price(m, p.mark)}" for m, p in enumerate(step.prices))
        yield f"At {duration_text(step.time_us)}{note}: mark {prices}."
        for sentence in told:
            yield f"  {sentence}"
        held = step.holdings[self.account]
        if held.positions:
            need = "" if self.holds_for_others else f", maintenance margin {self.money(held.maintenance)}"
            cash, equity = self.money(held.balance), self.money(held.equity)
            yield f"  After it: {self._held(held)}; cash {cash}, equity {equity}{need}."
        elif told:
            yield f"  After it: no position; cash {self.money(held.balance)}, equity {self.money(held.equity)}."

    def _event(self, event: Event) -> Iterator[str]:
        if event.name == "MarkUpdated":
            self.marks[event.market] = event["mark_price_ticks"]
        tell = TELLERS.get(event.name)
        if tell is not None:
            yield from tell(self, event)

    def _held(self, held: Holding) -> str:
        words = [
            f"{'long' if lots > 0 else 'short'} {self.say.size(m, abs(lots))} {self.say.symbol(m)}"
            f" at {self.say.average_price(m, lots, abs(cost))}"
            for m, lots, cost in held.positions
        ]
        return " and ".join(words) or "no position"

    def _price(self, event: Event, label: str) -> str:
        return self.say.price(event.market, event[label])

    def _size(self, event: Event) -> str:
        return f"{self.say.size(event.market, abs(event['lots']))} {self.say.symbol(event.market)}"

    def _mark(self, event: Event) -> str:
        return self.say.price(event.market, self.marks[event.market])

    # -- its own liquidation ------------------------------------------------------------------------------------------

    def triggered(self, event: Event) -> Iterator[str]:
        if event.account == self.account:
            equity, need = self.money(event["equity_quote"]), self.money(event["maintenance_margin_quote"])
            yield (
                f"Its equity of {equity} is below the maintenance margin of {need} at a mark of "
                f"{self._price(event, 'mark_price_ticks')}: it is liquidated (no. {event.reference})."
            )

    def taker_filled(self, event: Event) -> Iterator[str]:
        if event.account != self.account:
            return
        who = {FORCED: "The liquidation order", UNWINDING: "Unwinding"}.get(event.reference, "Its order")
        side = "bought" if event["lots"] > 0 else "sold"
        average = self.say.average_price(event.market, event["lots"], event["amount_quote"])
        yield f"{who} {side} {self._size(event)} in the book at {average} on average; the mark was {self._mark(event)}."

    def maker_filled(self, event: Event) -> Iterator[str]:
        if event.account == self.account:
            side = "bought" if event["lots"] > 0 else "sold"
            taker = self.say.names[event["taker"]]
            yield f"Its resting order {side} {self._size(event)} at {self._price(event, 'price_ticks')} from {taker}."

    def taken_over(self, event: Event) -> Iterator[str]:
        price, holder = self._price(event, "takeover_price_ticks"), event["holder"]
        if event.account == self.account:
            to = "the clearing account, to be closed by ADL" if self.say.is_clearing(holder) else self.say.names[holder]
            yield f"The book did not take {self._size(event)} within the limit: it went to {to}, at {price}."
        elif holder == self.account:
            worth = self.say.value(event.market, event["lots"], self.marks[event.market])
            result = self.money(worth - event["amount_quote"])
            yield (
                f"It took {self._size(event)} over from {self.say.names[event.account]} at {price}; at the mark of "
                f"{self._mark(event)} that is a result of {result}, and no cash moved."
            )

    def clip_closed(self, event: Event) -> Iterator[str]:
        if event.account == self.account:
            yield (
                f"The bankruptcy price of that position was {self._price(event, 'bankruptcy_price_ticks')}; "
                f"after its own fills, with the rest at mark, its equity was {self.money(event['equity_quote'])}; "
                f"it kept {self.money(event['retained_quote'])}."
            )

    def deficit(self, event: Event) -> Iterator[str]:
        if event.account == self.account:
            short = self.money(event["deficit_quote"])
            yield f"It was flat and {short} short; a trader pays no more than the margin, so the layers were asked."

    def collateral_sold(self, event: Event) -> Iterator[str]:
        if event.account == self.account:
            asset = self.run.exchange.assets[event["asset"]]
            self.cash["collateral sold"] += event["amount_quote"]
            sold, got = exact_money(event["amount"], asset), self.money(event["amount_quote"])
            yield f"{sold} of its collateral was sold for {got}, the price less haircut."

    def uncovered(self, event: Event) -> Iterator[str]:
        if event.account == self.account:
            yield f"Nobody covered {self.money(event['amount_quote'])}: it stays as a negative balance."

    # -- what others did to it ----------------------------------------------------------------------------------------

    def deleveraged(self, event: Event) -> Iterator[str]:
        if event.account != self.account:
            return
        gave_up = event["amount_quote"] - self.say.value(event.market, event["lots"], self.marks[event.market])
        verb = "gave up" if gave_up >= 0 else "received"
        rank = f"{event['adl_rank'] / RANK_SCALE:.4f}"
        yield (
            f"It was deleveraged: ADL closed {self._size(event)} at {self._price(event, 'adl_price_ticks')} against "
            f"liquidation no. {event.reference}, while the mark was {self._mark(event)}. Against mark it {verb} "
            f"{self.money(abs(gave_up))}. Its rank score by the rule was {rank}."
        )

    def socialised(self, event: Event) -> Iterator[str]:
        if event.account == self.account:
            amount, base = self.money(event["socialised_loss_quote"]), self.money(event["base_quote"])
            total = self.money(event["total_base_quote"])
            self.cash["charged as socialised loss"] -= event["socialised_loss_quote"]
            yield f"It was charged {amount} of a socialised loss: its base was {base} of profit in {total}."

    def refused(self, event: Event) -> Iterator[str]:
        if event.account == self.account and not self.say.is_clearing(event.account):
            layer, bound = LAYER_NAMES[event["layer"]], BOUNDS[event["bound"]]
            yield f"The {layer} did not take {self._size(event)}: what bound was {bound}."
        elif event["holder"] == self.account:
            owner, bound = self.say.names[event.account], BOUNDS[event["bound"]]
            yield f"It did not take {self._size(event)} of {owner}: what bound was {bound}."

    # -- money --------------------------------------------------------------------------------------------------------

    def fund_paid(self, event: Event) -> Iterator[str]:
        amount = event["amount_quote"]
        if event["payee"] == self.account:
            self.cash["paid by the layers behind it"] += amount
            yield f"{self.say.names[event.account]} paid {self.money(amount)} for it."
        elif event.account == self.account:
            self.cash["paid for deficits"] -= amount
            left = self.money(event["fund_cash_quote"])
            yield f"It paid {self.money(amount)} for {self.say.names[event['payee']]} and has {left} left."

    def fund_received(self, event: Event) -> Iterator[str]:
        amount = event["amount_quote"]
        what = "liquidation fee" if event["cause"] == at.CAUSE_LIQUIDATION_FEE else "surplus"
        if event["payer"] == self.account:
            self.cash[f"{what} to the fund"] -= amount
            yield f"{self.money(amount)} went to {self.say.names[event.account]} as {what}."
        elif event.account == self.account:
            self.cash[f"{what} received"] += amount
            yield f"It received {self.money(amount)} from {self.say.names[event['payer']]} as {what}."

    def fee(self, event: Event) -> Iterator[str]:
        if event.account == self.account:
            self.cash["trading fees"] -= event["fee_quote"]
            yield f"It paid a trading fee of {self.money(event['fee_quote'])}."

    def moved(self, event: Event) -> Iterator[str]:
        if event.reference == OF_AN_ASSET:
            if event.account == self.account:
                moved = exact_money(event["amount"], self.run.exchange.assets[event.market])
                yield f"Its collateral changed by {moved}."
            return
        if event.account == self.account:
            self.cash["brought in"] += event["amount"]
            yield f"It received {self.money(event['amount'])} from {self.say.names[event['payer']]}."
        elif event["payer"] == self.account:
            self.cash["withdrawn"] -= event["amount"]
            yield f"It sent {self.money(event['amount'])} to {self.say.names[event.account]}."

    def funding(self, event: Event) -> Iterator[str]:
        if event.account == self.account:
            amount = event["amount_quote"]
            self.cash["funding"] -= amount
            yield f"It {'paid' if amount > 0 else 'received'} {self.money(abs(amount))} of funding."

    def inventory_sold(self, event: Event) -> Iterator[str]:
        if event.account == self.account:
            yield f"Selling inventory realised {self.money(event['inventory_pnl_quote'])}."

    # -- the end ------------------------------------------------------------------------------------------------------

    def _end(self) -> Iterator[str]:
        before, after = self.run.before[self.account], self.run.after[self.account]
        change = after.balance - before.balance
        price = change - sum(self.cash.values())
        yield f"Where the money went: cash {self.money(before.balance)} before, {self.money(after.balance)} after:"
        lines = [("realised profit and loss (price)", price), *self.cash.items()]
        for words, amount in lines:
            if amount != 0:
                yield f"  {self.money(amount):>20}  {words}"
        yield f"  {self.money(change):>20}  in all"
        cash, equity = self.money(after.balance), self.money(after.equity)
        yield f"At the end it has {self._held(after)}, cash {cash} and equity {equity}."


TELLERS: Final[dict[str, Callable[[_Story, Event], Iterator[str]]]] = {
    "LiquidationTriggered": _Story.triggered,
    "TakerFilled": _Story.taker_filled,
    "OrderFilled": _Story.maker_filled,
    "PositionTakenOver": _Story.taken_over,
    "ClipClosed": _Story.clip_closed,
    "DeficitRealised": _Story.deficit,
    "CollateralSold": _Story.collateral_sold,
    "ClaimUncovered": _Story.uncovered,
    "PositionDeleveraged": _Story.deleveraged,
    "LossSocialised": _Story.socialised,
    "CapacityRefused": _Story.refused,
    "FundPaid": _Story.fund_paid,
    "FundReceived": _Story.fund_received,
    "FeeCharged": _Story.fee,
    "MoneyMoved": _Story.moved,
    "FundingPaid": _Story.funding,
    "InventorySold": _Story.inventory_sold,
}
