"""Commands: what may be asked of the engine, as records that pack into one row of eight integers."""

from __future__ import annotations

from dataclasses import dataclass

from shortfall.kernels import layout as at
from shortfall.model.history import HolderHistory
from shortfall.model.row import Row
from shortfall.model.stakes import CancelUnstake, RequestUnstake, Stake, Unstake


@dataclass(frozen=True, slots=True)
class OpenAccount:
    """Open an account; the result is its id. `kind` is trader, maker, holder or house."""

    asset: int = 0
    kind: int = at.TRADER

    def row(self) -> Row:
        """Pack."""
        return Row(at.OP_ACCOUNT, market=self.asset, flags=self.kind)


@dataclass(frozen=True, slots=True)
class Deposit:
    """Bring money from the outside world. `amount` in settlement units, positive."""

    account: int
    amount: int

    def row(self) -> Row:
        """Pack."""
        return Row(at.OP_DEPOSIT, self.account, lots=self.amount)


@dataclass(frozen=True, slots=True)
class Withdraw:
    """Send money to the outside world, if the margin left allows it."""

    account: int
    amount: int

    def row(self) -> Row:
        """Pack."""
        return Row(at.OP_WITHDRAW, self.account, lots=self.amount)


@dataclass(frozen=True, slots=True)
class Transfer:
    """Move money to an account (a fund, an isolated position) from another one."""

    payee: int
    payer: int
    amount: int

    def row(self) -> Row:
        """Pack."""
        return Row(at.OP_TRANSFER, self.payee, lots=self.amount, reference=self.payer)


@dataclass(frozen=True, slots=True)
class Order:
    """Place an order. `lots` signed, positive buys; `price` None for a market order.

    `kind` is gtc, ioc or fok; `order` is an id of the caller's for a later cancel, 0 for none.
    """

    account: int
    market: int
    lots: int
    price: int | None = None
    kind: str = "gtc"
    post_only: bool = False
    reduce_only: bool = False
    order: int = 0

    def row(self) -> Row:
        """Pack."""
        flags = at.SELL if self.lots < 0 else 0
        flags |= {"gtc": 0, "ioc": at.IOC, "fok": at.FOK}[self.kind]
        flags |= at.POST_ONLY if self.post_only else 0
        flags |= at.REDUCE_ONLY if self.reduce_only else 0
        flags |= at.MARKET_ORDER if self.price is None else 0
        price = 1 if self.price is None else self.price
        return Row(at.OP_ORDER, self.account, self.market, flags, price, abs(self.lots), self.order)


@dataclass(frozen=True, slots=True)
class Cancel:
    """Cancel one order by its id."""

    account: int
    order: int

    def row(self) -> Row:
        """Pack."""
        return Row(at.OP_CANCEL, self.account, reference=self.order)


@dataclass(frozen=True, slots=True)
class CancelAll:
    """Cancel all orders of an account in a market, or everywhere with market -1."""

    account: int
    market: int = -1

    def row(self) -> Row:
        """Pack."""
        return Row(at.OP_CANCEL_ALL, self.account, self.market)


@dataclass(frozen=True, slots=True)
class IndexTick:
    """A price of one index source, with its own time."""

    market: int
    price: int
    time_us: int
    source: int = 0

    def row(self) -> Row:
        """Pack."""
        return Row(at.OP_INDEX, market=self.market, flags=self.source, price=self.price, time_us=self.time_us)


@dataclass(frozen=True, slots=True)
class SourceWeight:
    """Set the weight of an index source, in ppm; 0 removes it."""

    market: int
    source: int
    weight_ppm: int

    def row(self) -> Row:
        """Pack."""
        return Row(at.OP_SOURCE, market=self.market, flags=self.source, lots=self.weight_ppm)


@dataclass(frozen=True, slots=True)
class MarkTick:
    """An imposed mark price (for a recorded tape)."""

    market: int
    price: int
    time_us: int = 0

    def row(self) -> Row:
        """Pack."""
        return Row(at.OP_MARK, market=self.market, price=self.price, time_us=self.time_us)


@dataclass(frozen=True, slots=True)
class OutsidePrice:
    """What other venues' perpetuals of the same asset say, as one price in ticks; 0 where they say nothing any more."""

    market: int
    price: int
    time_us: int = 0

    def row(self) -> Row:
        """Pack."""
        return Row(at.OP_OUTSIDE, market=self.market, price=self.price, time_us=self.time_us)


@dataclass(frozen=True, slots=True)
class TapePrice:
    """The recorded price at which forced orders of a tape fill; 0 for the mark."""

    market: int
    price: int

    def row(self) -> Row:
        """Pack."""
        return Row(at.OP_TAPE, market=self.market, price=self.price)


@dataclass(frozen=True, slots=True)
class Clock:
    """Advance time: marks, unwinding, liquidations whose time has come."""

    time_us: int

    def row(self) -> Row:
        """Pack."""
        return Row(at.OP_CLOCK, time_us=self.time_us)


@dataclass(frozen=True, slots=True)
class SettleFunding:
    """Settle funding, at a given rate in parts per billion or at the one the premium implies."""

    market: int
    rate_ppb: int | None = None

    def row(self) -> Row:
        """Pack."""
        given = self.rate_ppb is not None
        return Row(at.OP_FUNDING, market=self.market, flags=int(given), lots=self.rate_ppb or 0)


@dataclass(frozen=True, slots=True)
class SetRule:
    """Write one column of a row of rules (see `Exchange.change_rules`, which packs a whole rule set)."""

    rules_row: int
    column: int
    number: int

    def row(self) -> Row:
        """Pack."""
        return Row(at.OP_RULE, market=self.rules_row, flags=self.column, lots=self.number)


@dataclass(frozen=True, slots=True)
class UseRules:
    """Switch a market to a row of rules: now, or with notice, from a time to come on. Open positions are judged by the new rules."""

    market: int
    rules_row: int
    from_us: int = 0

    def row(self) -> Row:
        """Pack."""
        return Row(at.OP_USE_RULES, market=self.market, flags=self.rules_row, time_us=self.from_us)


@dataclass(frozen=True, slots=True)
class Halt:
    """Halt a market (2), allow only reducing orders (1), or resume it (0)."""

    market: int
    state: int = at.HALT_ALL

    def row(self) -> Row:
        """Pack."""
        return Row(at.OP_HALT, market=self.market, flags=self.state)


@dataclass(frozen=True, slots=True)
class ImposedFill:
    """A forced trade that a tape reports: signed lots of `account` against `counterparty`; only accounted for.

    `reduce_only` refuses it unless both sides close what they hold: deleveraging that somebody else decided.
    """

    account: int
    market: int
    lots: int
    price: int
    counterparty: int
    reduce_only: bool = False

    def row(self) -> Row:
        """Pack."""
        flags = at.SELL if self.lots < 0 else 0
        flags |= at.REDUCE_ONLY if self.reduce_only else 0
        return Row(at.OP_IMPOSED, self.account, self.market, flags, self.price, abs(self.lots), self.counterparty)


@dataclass(frozen=True, slots=True)
class MoveCollateral:
    """Bring (positive) or take out (negative) collateral in another asset, in that asset's units."""

    account: int
    asset: int
    amount: int

    def row(self) -> Row:
        """Pack."""
        return Row(at.OP_COLLATERAL, self.account, self.asset, lots=self.amount)


@dataclass(frozen=True, slots=True)
class AssetPrice:
    """A new price of a collateral asset, in the steps in which it was declared."""

    asset: int
    price: int

    def row(self) -> Row:
        """Pack."""
        return Row(at.OP_ASSET_PRICE, market=self.asset, price=self.price)


@dataclass(frozen=True, slots=True)
class SetLeverage:
    """Choose an initial margin rate (1 / leverage) in ppm for a market."""

    account: int
    market: int
    rate_ppm: int

    def row(self) -> Row:
        """Pack."""
        return Row(at.OP_LEVERAGE, self.account, self.market, lots=self.rate_ppm)


@dataclass(frozen=True, slots=True)
class DeleverageWithPool:
    """Close lots of an account that somebody chose with the liquidity pool, while ADL of its side is on. `lots` positive."""

    account: int
    market: int
    lots: int

    def row(self) -> Row:
        """Pack."""
        return Row(at.OP_POOL_DELEVERAGE, self.account, self.market, lots=self.lots)


@dataclass(frozen=True, slots=True)
class Liquidate:
    """Liquidate an account in a market as an outside liquidator: take at most `lots` over at mark, or send them to the book.

    `limit` is the worst price at which the caller takes over, his fee counted; None for any.
    """

    caller: int
    account: int
    market: int
    lots: int
    limit: int | None = None

    def row(self) -> Row:
        """Pack."""
        return Row(at.OP_LIQUIDATE, self.caller, self.market, 0, self.limit or 0, self.lots, self.account)


@dataclass(frozen=True, slots=True)
class ImposedFee:
    """A fee that somebody else decided, between two accounts in a market. `amount` in settlement units, positive."""

    payer: int
    market: int
    amount: int
    payee: int

    def row(self) -> Row:
        """Pack."""
        return Row(at.OP_IMPOSED_FEE, self.payer, self.market, lots=self.amount, reference=self.payee)


@dataclass(frozen=True, slots=True)
class TakeAccount:
    """Let a holder (fund, backstop) take an account over as it stands: positions at their own cost, cash, collateral."""

    account: int
    holder: int

    def row(self) -> Row:
        """Pack."""
        return Row(at.OP_TAKE_ACCOUNT, self.account, reference=self.holder)


@dataclass(frozen=True, slots=True)
class ClaimInventory:
    """Buy lots (signed like the inventory) out of a holder's inventory at mark; the holder pays the discount by rule."""

    account: int
    market: int
    lots: int
    holder: int

    def row(self) -> Row:
        """Pack."""
        flags = at.SELL if self.lots < 0 else 0
        return Row(at.OP_CLAIM, self.account, self.market, flags, 0, abs(self.lots), self.holder)


@dataclass(frozen=True, slots=True)
class SettleMarks:
    """Settle a market's positions at the mark now: the end of a session (not where trades realise)."""

    market: int

    def row(self) -> Row:
        """Pack."""
        return Row(at.OP_SETTLE, market=self.market)


@dataclass(frozen=True, slots=True)
class FundingIndex:
    """Move the cumulative funding index of a market to `index`, in billionths of a settlement unit per lot."""

    market: int
    index: int

    def row(self) -> Row:
        """Pack."""
        return Row(at.OP_FUNDING, market=self.market, flags=at.FUNDING_BY_INDEX, lots=self.index)


@dataclass(frozen=True, slots=True)
class Pair:
    """Deleverage signed lots of `account` (negative closes a long) against a named counterparty, at its bankruptcy price or at mark.

    For tapes that say who was paired with whom, and for venues whose own draw decides it.
    """

    account: int
    market: int
    lots: int
    counterparty: int
    at_mark: bool = False

    def row(self) -> Row:
        """Pack."""
        flags = (at.SELL if self.lots < 0 else 0) | (at.AT_MARK if self.at_mark else 0)
        return Row(at.OP_PAIR, self.account, self.market, flags, 0, abs(self.lots), self.counterparty)


@dataclass(frozen=True, slots=True)
class FinalSettlement:
    """Close a market for good: the bankrupt at their bankruptcy price, all others in pairs at mark; then it is halted."""

    market: int

    def row(self) -> Row:
        """Pack."""
        return Row(at.OP_FINAL, market=self.market)


@dataclass(frozen=True, slots=True)
class TakeBase:
    """Take base of an account under health weights over at mark, as far as it needs it, and settle its profit.

    `lots` and `profit` (settlement units) bound what is taken and settled.
    """

    taker: int
    account: int
    market: int
    lots: int
    profit: int = at.INF

    def row(self) -> Row:
        """Pack."""
        return Row(at.OP_TAKE_BASE, self.account, self.market, 0, self.profit, self.lots, self.taker)


@dataclass(frozen=True, slots=True)
class TakeLoss:
    """Take the loss of an account without base over: against its cash, paid by the fund, the rest shared. `most` bounds it."""

    taker: int
    account: int
    market: int
    most: int = at.INF

    def row(self) -> Row:
        """Pack."""
        return Row(at.OP_TAKE_LOSS, self.account, self.market, lots=self.most, reference=self.taker)


Command = (
    OpenAccount
    | Deposit
    | Withdraw
    | Transfer
    | Order
    | Cancel
    | CancelAll
    | IndexTick
    | SourceWeight
    | MarkTick
    | OutsidePrice
    | TapePrice
    | Clock
    | SettleFunding
    | SetRule
    | UseRules
    | Halt
    | ImposedFill
    | MoveCollateral
    | AssetPrice
    | SetLeverage
    | DeleverageWithPool
    | TakeBase
    | TakeLoss
    | Liquidate
    | ImposedFee
    | TakeAccount
    | ClaimInventory
    | SettleMarks
    | FundingIndex
    | Pair
    | FinalSettlement
    | Stake
    | RequestUnstake
    | CancelUnstake
    | Unstake
    | HolderHistory
)
