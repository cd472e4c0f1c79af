"""Events: one record per fact, named in the field's words."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from shortfall.kernels import layout as at

if TYPE_CHECKING:
    from collections.abc import Mapping

# for each kind: name, name of the reference, names of the four amounts ("" where there is none)
EVENT_KINDS: Final[Mapping[int, tuple[str, str, tuple[str, str, str, str]]]] = {
    at.E_ACCOUNT_OPENED: ("AccountOpened", "", ("kind", "asset", "", "")),
    at.E_ORDER_ACCEPTED: ("OrderAccepted", "order", ("price_ticks", "lots", "filled_lots", "resting_lots")),
    at.E_ORDER_FILLED: ("OrderFilled", "order", ("lots", "price_ticks", "taker", "amount_quote")),
    at.E_TAKER_FILLED: ("TakerFilled", "purpose", ("lots", "last_price_ticks", "amount_quote", "stopped")),
    at.E_ORDER_CANCELLED: ("OrderCancelled", "order", ("lots", "price_ticks", "side", "by_match")),
    at.E_COMMAND_REJECTED: ("CommandRejected", "reference", ("reason", "op", "price_ticks", "lots")),
    at.E_MARK_UPDATED: ("MarkUpdated", "middle_ticks", ("index_price_ticks", "mark_price_ticks", "last_price_ticks", "time_us")),
    at.E_PRICE_REFUSED: ("PriceRefused", "is_asset", ("price_ticks", "reason", "time_us", "kept_price_ticks")),
    at.E_LIQUIDATION_TRIGGERED: (
        "LiquidationTriggered", "liquidation", ("mark_price_ticks", "equity_quote", "maintenance_margin_quote", "lots"),
    ),
    at.E_LIQUIDATION_WITHDRAWN: ("LiquidationWithdrawn", "liquidation", ("equity_quote", "maintenance_margin_quote", "", "")),
    at.E_CLIP_CLOSED: ("ClipClosed", "liquidation", ("lots", "bankruptcy_price_ticks", "equity_quote", "retained_quote")),
    at.E_LIQUIDATION_ENDED: (
        "LiquidationEnded", "liquidation", ("equity_quote", "maintenance_margin_quote", "open_positions", ""),
    ),
    at.E_POSITION_TAKEN_OVER: ("PositionTakenOver", "liquidation", ("lots", "takeover_price_ticks", "holder", "amount_quote")),
    at.E_CAPACITY_REFUSED: ("CapacityRefused", "liquidation", ("lots", "bound", "layer", "holder")),
    at.E_DEFICIT_REALISED: ("DeficitRealised", "liquidation", ("deficit_quote", "mark_price_ticks", "", "")),
    at.E_FUND_PAID: ("FundPaid", "liquidation", ("amount_quote", "cause", "payee", "fund_cash_quote")),
    at.E_FUND_RECEIVED: ("FundReceived", "liquidation", ("amount_quote", "cause", "payer", "fund_cash_quote")),
    at.E_POSITION_DELEVERAGED: ("PositionDeleveraged", "liquidation", ("lots", "adl_price_ticks", "adl_rank", "amount_quote")),
    at.E_LOSS_SOCIALISED: (
        "LossSocialised", "liquidation", ("socialised_loss_quote", "base_quote", "total_base_quote", "debtor"),
    ),
    at.E_CLAIM_UNCOVERED: ("ClaimUncovered", "liquidation", ("amount_quote", "", "", "")),
    at.E_INVENTORY_SOLD: ("InventorySold", "cause", ("lots", "last_price_ticks", "amount_quote", "inventory_pnl_quote")),
    at.E_MONEY_MOVED: ("MoneyMoved", "is_collateral", ("amount", "cause", "payer", "")),
    at.E_FUNDING_SETTLED: ("FundingSettled", "", ("funding_rate_ppb", "mark_price_ticks", "", "")),
    at.E_FUNDING_PAID: ("FundingPaid", "owner", ("amount_quote", "notional_quote", "funding_rate_ppb", "dust")),
    at.E_RULES_CHANGED: ("RulesChanged", "", ("rules_row", "", "", "")),
    at.E_MARKET_HALTED: ("MarketHalted", "", ("state", "", "", "")),
    at.E_FILL_IMPOSED: ("FillImposed", "counterparty", ("lots", "price_ticks", "amount_quote", "by_command")),
    at.E_COLLATERAL_SOLD: ("CollateralSold", "liquidation", ("amount", "asset", "amount_quote", "haircut_ppm")),
    at.E_LAYER_SKIPPED: ("LayerSkipped", "liquidation", ("layer", "bound", "amount_quote", "holder")),
    at.E_FEE_CHARGED: ("FeeCharged", "reference", ("fee_quote", "", "", "")),
    at.E_ADL_STARTED: ("AdlStarted", "", ("lots", "eligible_lots", "eligible_accounts", "clips")),
    at.E_ADL_ENDED: ("AdlEnded", "", ("closed_lots", "left_lots", "winners", "")),
    at.E_FUND_EQUITY_NEGATIVE: ("FundEquityNegative", "", ("fund_cash_quote", "inventory_pnl_quote", "inventory_lots", "")),
    at.E_RULES_ANNOUNCED: ("RulesAnnounced", "", ("rules_row", "time_us", "", "")),
    at.E_SOURCE_EXCLUDED: ("SourceExcluded", "source", ("price_ticks", "median_ticks", "live_sources", "time_us")),
    at.E_SOURCE_READMITTED: ("SourceReadmitted", "source", ("price_ticks", "median_ticks", "live_sources", "time_us")),
    at.E_SHARING_STARTED: ("SharingStarted", "liquidation", ("loss_quote", "base", "index_delta", "layer")),
    at.E_SHARE_ROUNDED: ("ShareRounded", "liquidation", ("amount_quote", "base_quote", "total_base_quote", "debtor")),
    at.E_WITHDRAWAL_CUT: ("WithdrawalCut", "fund", ("withheld_quote", "asked_quote", "gap_quote", "total_quote")),
    at.E_SETTLEMENT_PAID: ("SettlementPaid", "", ("due_quote", "amount_quote", "mark_price_ticks", "lots")),
    at.E_SETTLEMENT_COVERED: ("SettlementCovered", "debtor", ("amount_quote", "layer", "missing_quote", "fund_cash_quote")),
    at.E_SETTLEMENT_ENDED: ("SettlementEnded", "", ("gains_quote", "paid_out_quote", "dust_quote", "carried_quote")),
    at.E_RESULT_REALISED: ("ResultRealised", "", ("amount_quote", "", "", "")),
    at.E_QUOTE_MOVED: ("QuoteMoved", "payer", ("amount_quote", "from_cost", "to_cost", "is_funding")),
    at.E_POSITION_INHERITED: ("PositionInherited", "holder", ("lots", "amount_quote", "", "")),
    at.E_POOL_FILLED: ("PoolFilled", "pool", ("lots", "price_ticks", "amount_quote", "purpose")),
    at.E_PROFIT_CAPPED: ("ProfitCapped", "pool", ("amount_quote", "profit_quote", "paid_at_most_quote", "side_profit_quote")),
    at.E_COLLATERAL_SWAPPED: ("CollateralSwapped", "pool", ("amount", "asset", "amount_quote", "")),
    at.E_POOL_ADL_SWITCHED: ("PoolAdlSwitched", "start_ppm", ("side", "is_on", "side_profit_quote", "backing_quote")),
    at.E_BASE_TAKEN: ("BaseTaken", "liquidator", ("lots", "mark_price_ticks", "cost_quote", "liquidator_cost_quote")),
    at.E_RESULT_MOVED: ("ResultMoved", "liquidator", ("result_quote", "cash_quote", "what", "")),
    at.E_LIQUIDITY_ABSORBED: ("LiquidityAbsorbed", "liquidation", ("amount_quote", "gain_quote", "debtor", "pool_cash_quote")),
    at.E_LIQUIDATOR_TOOK: ("LiquidatorTook", "liquidation", ("lots", "mark_price_ticks", "liquidator", "amount_quote")),
    at.E_FUND_STAKED: ("FundStaked", "fund", ("amount_quote", "shares", "total_shares", "fund_cash_quote")),
    at.E_UNSTAKE_ASKED: ("UnstakeAsked", "fund", ("shares", "amount_quote", "lost_shares", "total_shares")),
    at.E_FUND_REBASED: ("FundRebased", "", ("divisor", "decimals", "total_shares", "fund_cash_quote")),
    at.E_LIQUIDATOR_PAID: ("LiquidatorPaid", "liquidation", ("fee_quote", "rate_ppm", "liquidator", "amount_quote")),
    at.E_CLOSE_LIMITED: ("CloseLimited", "liquidation", ("lots", "limit_price_ticks", "bankruptcy_price_ticks", "")),
    at.E_FILL_SETTLED: ("FillSettled", "liquidation", ("amount_quote", "price_ticks", "lots", "")),
    at.E_FILL_REFUSED: ("FillRefused", "liquidation", ("lots", "price_ticks", "bound", "amount_quote")),
    at.E_PAIRS_STARTED: ("PairsStarted", "liquidation", ("lots", "eligible_lots", "eligible_accounts", "by_command")),
    at.E_PAIRS_ENDED: ("PairsEnded", "liquidation", ("closed_lots", "left_lots", "", "by_command")),
    at.E_ADL_TRIGGERED: ("AdlTriggered", "past_is_known", ("equity_quote", "peak_quote", "lost_quote", "average_quote")),
    at.E_ADL_RELEASED: ("AdlReleased", "past_is_known", ("equity_quote", "peak_quote", "lost_quote", "average_quote")),
    at.E_HISTORY_GIVEN: ("HistoryGiven", "", ("peak_quote", "average_quote", "lost_quote", "result_quote")),
}  # fmt: skip
KIND_OF_NAME: Final = {name: kind for kind, (name, _, _) in EVENT_KINDS.items()}

REASONS: Final = {
    at.BAD_VALUE: "a value outside its bounds",
    at.BAD_ACCOUNT: "no such account, or another asset",
    at.BAD_MARKET: "no such market or asset",
    at.OUTSIDE_BAND: "price outside the band",
    at.NOTHING_TO_REDUCE: "nothing to reduce",
    at.NO_MARGIN: "not enough margin",
    at.WOULD_TAKE: "post-only order would take",
    at.NO_ROOM: "no room: a capacity is full",
    at.UNKNOWN_ORDER: "no such order",
    at.HALTED: "market halted",
    at.NOT_FILLABLE: "fill-or-kill order cannot be filled",
    at.OVER_POSITION_LIMIT: "over the position limit",
    at.OVER_OPEN_INTEREST: "over the open-interest limit",
    at.IN_LIQUIDATION: "account is being liquidated",
    at.OUT_OF_SEQUENCE: "time runs back",
    at.NO_BALANCE: "more than may leave the account",
    at.DUPLICATE_ID: "order id in use",
    at.NOT_OWNED: "order of another account",
    at.NO_MARK: "no mark price yet",
    at.ADL_NOT_ENABLED: "ADL of this side is not on",
    at.ADL_OVERCORRECTS: "the factor would not fall, or would fall below where ADL stops",
    at.INSOLVENT_CLOSE: "the close would leave a debt: only a liquidation may do that",
    at.OVER_POOL_RESERVE: "over what the liquidity pool reserves for this side",
    at.BEYOND_LIMIT: "the liquidation's price is beyond the caller's limit",
    at.ENOUGH_MARGIN: "account is not below maintenance",
    at.NOT_A_HOLDER: "not a holder of inventory, or not an account that one takes over",
    at.NOT_SETTLED: "the market realises by trades: there is nothing to settle",
    at.LARGER_THAN_HELD: "more than one side of the pair holds",
    at.WORSE_OFF: "the pair would leave an account worse off than it may be",
    at.COOLDOWN: "shares are still waiting",
    at.NO_STAKE: "no stake, or nothing asked back",
}
BOUNDS: Final = {
    at.BOUND_NONE: "nothing",
    at.BOUND_DISABLED: "it takes no positions by rule",
    at.BOUND_NOTIONAL: "its notional capacity",
    at.BOUND_CASH: "its cash",
    at.BOUND_EVENT: "its cap per event",
    at.BOUND_SIZE: "the position limit",
    at.BOUND_ROOM: "nobody eligible is left",
    at.BOUND_ONCE: "once a block",
    at.BOUND_BLOCK_NOTIONAL: "notional of the account in this block",
    at.BOUND_BLOCK_LOSS: "loss of the layers for the account in this block",
    at.BOUND_TRIGGER: "winners stand before it by the ADL trigger",
    at.BOUND_TIME: "the order has not stood unfilled for long enough",
    at.BOUND_LEVERAGE: "its leverage on equity",
}
LAYER_NAMES: Final = {
    at.LAYER_BACKSTOP: "backstop",
    at.LAYER_FUND: "fund",
    at.LAYER_POOL: "pool",
    at.LAYER_ADL: "adl",
    at.LAYER_SOCIALISE: "socialise",
    at.LAYER_HAIRCUT: "haircut",
    at.LAYER_LIQUIDITY: "liquidity",
    at.LAYER_BOOK: "book",
    at.LAYER_EQUITY: "equity",
}
CAUSES: Final = {
    at.CAUSE_SURPLUS: "surplus",
    at.CAUSE_LIQUIDATION_FEE: "liquidation fee",
    at.CAUSE_DEFICIT: "deficit",
    at.CAUSE_INVENTORY: "inventory",
    at.CAUSE_DEPOSIT: "deposit",
    at.CAUSE_CLEARING: "clearing",
    at.CAUSE_TRANSFER: "transfer",
    at.CAUSE_WITHDRAWAL: "withdrawal",
    at.CAUSE_FUNDING_REMAINDER: "remainder of funding",
    at.CAUSE_ACCOUNT_TAKEN_OVER: "account taken over",
}


@dataclass(frozen=True, slots=True)
class Event:
    """One fact.

    Parameters
    ----------
    sequence : int
        Position in the stream, from 0.
    name : str
        What happened, in the past tense.
    market, account : int
        Where and to whom; account -1 for nobody.
    cause : int
        Number of the command that led to it, from 1.
    reference : int
        What it refers to; for the waterfall, the liquidation.
    amounts : mapping
        Named integers; money in settlement units, prices in ticks, sizes in lots.
    """

    sequence: int
    name: str
    market: int
    account: int
    cause: int
    reference: int
    amounts: Mapping[str, int]

    def __getitem__(self, name: str) -> int:
        """Return a named amount."""
        return self.amounts[name]


def decode(sequence: int, words: tuple[int, ...]) -> Event:
    """Read one event row. An unknown kind keeps its number as its name."""
    kind = words[at.V_KIND] >> 8
    name, _, labels = EVENT_KINDS.get(kind, (f"Unknown{kind}", "", ("a", "b", "c", "d")))
    amounts = {label: words[at.V_A + k] for k, label in enumerate(labels) if label}
    return Event(
        sequence,
        name,
        words[at.V_KIND] & at.MARKET_MASK,
        words[at.V_ACCOUNT],
        words[at.V_CAUSE],
        words[at.V_REFERENCE],
        amounts,
    )
