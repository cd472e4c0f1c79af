"""Gather the events of a world by liquidation: one record with everything that happened to one account."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from shortfall.kernels import layout as at

if TYPE_CHECKING:
    from collections.abc import Callable

    from shortfall.model.events import Event
    from shortfall.sim.world_running import WorldRun

FORCED: Final = 1  # purpose of a liquidation order in TakerFilled
BY_LIQUIDATION: Final = 1  # purpose of a trade with a liquidity pool


@dataclass(slots=True)
class Clip:
    """One clip of a position: what the book took, at which limit, and what stood beside it.

    Parameters
    ----------
    held_lots : int
        Signed size before the clip.
    book_lots, book_quote : int
        Lots the book took (unsigned) and their amount.
    last_price_ticks : int
        Last fill, 0 for none.
    bankruptcy_price_ticks, mark_price_ticks : int
        Where the equity allocated to the position is used up, and the mark at which it was allocated.
    equity_quote, retained_quote : int
        Equity after the account's own fills with the rest at mark, and what it kept when the clip was done.
    """

    market: int
    held_lots: int
    book_lots: int = 0
    book_quote: int = 0
    last_price_ticks: int = 0
    bankruptcy_price_ticks: int = 0
    mark_price_ticks: int = 0
    equity_quote: int = 0
    retained_quote: int = 0


@dataclass(frozen=True, slots=True)
class Handover:
    """A position, or a part, that left its owner without the book: to a holder, or to a winner by ADL."""

    market: int
    lots: int
    price_ticks: int
    to: int
    mark_price_ticks: int
    rank: int = 0


@dataclass(slots=True)
class Liquidation:
    """The story of one account below maintenance, from trigger to end.

    Parameters
    ----------
    number : int
        Reference in the events.
    step : int
        Step of the trigger.
    trigger_mark_ticks, equity_quote, maintenance_quote, lots : int
        State at the trigger.
    takeovers, deleveraged : list of Handover
        Who inherited, and which winners were cut for it.
    fees_quote, surplus_quote, taker_fees_quote : int
        What went to the fund, and to the venue's fee account.
    cash_deficit_quote, uncovered_quote : int
        Cash that the flat account was short, and what of it nobody covered.
    paid : list of (account, amount)
        Funds that paid.
    socialised : list of (account, amount)
        Those in profit who were charged.
    refused : list of (layer, bound, lots)
        Layers that did not take lots, and the rule that bound.
    sold_collateral : list of (asset, amount, quote)
        Collateral sold before any layer was asked.
    end_equity_quote : int or None
        Equity at the end; None while it is not finished.
    """

    number: int
    account: int
    market: int
    step: int
    time_us: int
    trigger_mark_ticks: int
    equity_quote: int
    maintenance_quote: int
    lots: int
    clips: list[Clip] = field(default_factory=list)
    takeovers: list[Handover] = field(default_factory=list)
    deleveraged: list[Handover] = field(default_factory=list)
    fees_quote: int = 0
    surplus_quote: int = 0
    taker_fees_quote: int = 0
    cash_deficit_quote: int = 0
    uncovered_quote: int = 0
    paid: list[tuple[int, int]] = field(default_factory=list)
    socialised: list[tuple[int, int]] = field(default_factory=list)
    refused: list[tuple[int, int, int]] = field(default_factory=list)
    sold_collateral: list[tuple[int, int, int]] = field(default_factory=list)
    end_equity_quote: int | None = None
    withdrawn: bool = False

    @property
    def deficit_quote(self) -> int:
        """Return what the account was short at mark as its positions left it; debt that a clip kept counts once."""
        return sum(max(0, -clip.equity_quote) - max(0, -clip.retained_quote) for clip in self.clips)


def liquidations_of(run: WorldRun) -> list[Liquidation]:
    """Return the liquidations of a run in the order of their triggers."""
    return _Gatherer(run).gather()


class _Gatherer:
    """One pass over the events of a run."""

    def __init__(self, run: WorldRun) -> None:
        self.run = run
        self.sizes = {(a, m): lots for a, holding in enumerate(run.before) for m, lots, _ in holding.positions}
        self.marks = {m: prices.mark for m, prices in enumerate(run.steps[0].prices)}
        self.cases: dict[int, Liquidation] = {}
        self.fills: dict[tuple[int, int], tuple[int, int, int]] = {}
        self.handed: dict[int, int] = {}

    def gather(self) -> list[Liquidation]:
        for step in self.run.steps[1:]:
            for event in step.events:
                if event.name == "LiquidationTriggered":
                    self._triggered(event, step.number, step.time_us)
                elif event.name in HANDLERS:
                    HANDLERS[event.name](self, event)
        return list(self.cases.values())

    # -- positions, as the events tell them ---------------------------------------------------------------------------

    def add(self, account: int, market: int, lots: int) -> None:
        """Add signed lots to a position."""
        self.sizes[account, market] = self.sizes.get((account, market), 0) + lots

    def marked(self, event: Event) -> None:
        self.marks[event.market] = event["mark_price_ticks"]

    def filled(self, event: Event) -> None:
        self.add(event.account, event.market, event["lots"])

    def taker_filled(self, event: Event) -> None:
        self.add(event.account, event.market, event["lots"])
        if event.reference == FORCED:
            self._note_fill(event, abs(event["lots"]), event["amount_quote"], event["last_price_ticks"])

    def imposed(self, event: Event) -> None:
        self.add(event.account, event.market, event["lots"])
        self.add(event.reference, event.market, -event["lots"])
        if event["by_command"] == 0:
            self._note_fill(event, abs(event["lots"]), abs(event["amount_quote"]), event["price_ticks"])

    def pool_filled(self, event: Event) -> None:
        self.add(event.account, event.market, event["lots"])
        self.add(event.reference, event.market, -event["lots"])
        if event["purpose"] == BY_LIQUIDATION:
            self._note_fill(event, abs(event["lots"]), abs(event["amount_quote"]), event["price_ticks"])

    def _note_fill(self, event: Event, lots: int, amount: int, price: int) -> None:
        self.fills[event.account, event.market] = (lots, amount, price)

    # -- one liquidation ----------------------------------------------------------------------------------------------

    def _triggered(self, event: Event, step: int, time_us: int) -> None:
        self.cases[event.reference] = Liquidation(
            number=event.reference, account=event.account, market=event.market, step=step, time_us=time_us,
            trigger_mark_ticks=event["mark_price_ticks"], equity_quote=event["equity_quote"],
            maintenance_quote=event["maintenance_margin_quote"], lots=event["lots"],
        )  # fmt: skip

    def taken(self, event: Event) -> None:
        self.add(event.account, event.market, -event["lots"])
        self.add(event["holder"], event.market, event["lots"])
        case = self.cases.get(event.reference)
        if case is not None:
            price, mark = event["takeover_price_ticks"], self.marks[event.market]
            case.takeovers.append(Handover(event.market, event["lots"], price, event["holder"], mark))

    def deleveraged(self, event: Event) -> None:
        self.add(event.account, event.market, event["lots"])
        self.add(self.run.exchange.holder(event.market, at.M_CLEARING), event.market, -event["lots"])
        case = self.cases.get(event.reference)
        if case is not None:
            price, mark = event["adl_price_ticks"], self.marks[event.market]
            case.deleveraged.append(
                Handover(event.market, event["lots"], price, event.account, mark, event["adl_rank"])
            )

    def clipped(self, event: Event) -> None:
        case = self.cases[event.reference]
        lots, amount, last = self.fills.pop((event.account, event.market), (0, 0, 0))
        gone = sum(row.lots for row in case.takeovers[self.handed.get(event.reference, 0) :])
        self.handed[event.reference] = len(case.takeovers)
        held = self.sizes.get((event.account, event.market), 0) + event["lots"] + gone
        case.clips.append(
            Clip(
                event.market, held, lots, amount, last, event["bankruptcy_price_ticks"], self.marks[event.market],
                event["equity_quote"], event["retained_quote"],
            )
        )  # fmt: skip

    def deficit(self, event: Event) -> None:
        if event.reference in self.cases:
            self.cases[event.reference].cash_deficit_quote += event["deficit_quote"]

    def fund_paid(self, event: Event) -> None:
        if event.reference in self.cases:
            self.cases[event.reference].paid.append((event.account, event["amount_quote"]))

    def fund_received(self, event: Event) -> None:
        if event.reference in self.cases:
            case = self.cases[event.reference]
            if event["cause"] == at.CAUSE_LIQUIDATION_FEE:
                case.fees_quote += event["amount_quote"]
            else:
                case.surplus_quote += event["amount_quote"]

    def socialised(self, event: Event) -> None:
        if event.reference in self.cases:
            self.cases[event.reference].socialised.append((event.account, event["socialised_loss_quote"]))

    def uncovered(self, event: Event) -> None:
        if event.reference in self.cases:
            self.cases[event.reference].uncovered_quote += event["amount_quote"]

    def refused(self, event: Event) -> None:
        if event.reference in self.cases:
            self.cases[event.reference].refused.append((event["layer"], event["bound"], event["lots"]))

    def collateral_sold(self, event: Event) -> None:
        if event.reference in self.cases:
            row = (event["asset"], event["amount"], event["amount_quote"])
            self.cases[event.reference].sold_collateral.append(row)

    def fee_charged(self, event: Event) -> None:
        case = self.cases.get(event.reference)
        if case is not None and case.account == event.account:
            case.taker_fees_quote += event["fee_quote"]

    def ended(self, event: Event) -> None:
        self.cases[event.reference].end_equity_quote = event["equity_quote"]

    def withdrawn(self, event: Event) -> None:
        self.cases[event.reference].withdrawn = True
        self.cases[event.reference].end_equity_quote = event["equity_quote"]


HANDLERS: Final[dict[str, Callable[[_Gatherer, Event], None]]] = {
    "MarkUpdated": _Gatherer.marked,
    "OrderFilled": _Gatherer.filled,
    "TakerFilled": _Gatherer.taker_filled,
    "FillImposed": _Gatherer.imposed,
    "PoolFilled": _Gatherer.pool_filled,
    "PositionTakenOver": _Gatherer.taken,
    "PositionDeleveraged": _Gatherer.deleveraged,
    "ClipClosed": _Gatherer.clipped,
    "DeficitRealised": _Gatherer.deficit,
    "FundPaid": _Gatherer.fund_paid,
    "LiquidityAbsorbed": _Gatherer.fund_paid,
    "FundReceived": _Gatherer.fund_received,
    "LossSocialised": _Gatherer.socialised,
    "ClaimUncovered": _Gatherer.uncovered,
    "CapacityRefused": _Gatherer.refused,
    "CollateralSold": _Gatherer.collateral_sold,
    "FeeCharged": _Gatherer.fee_charged,
    "LiquidationEnded": _Gatherer.ended,
    "LiquidationWithdrawn": _Gatherer.withdrawn,
}
