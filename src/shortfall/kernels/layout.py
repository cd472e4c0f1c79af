"""Columns of the state: flat int64 arrays of fixed-width rows, where an id is a row number.

Problem: a simulated path touches a few thousand of 100,000 accounts, millions of times. Observation: what costs time there is
cache lines and reference counts, not arithmetic. Therefore every row is eight words (one cache line) or a multiple, every
column is a named offset, and everything is a signed int64: no kernel mixes widths, and the same source runs as plain Python
over lists, where a value that leaves int64 is caught instead of wrapping.

Units: prices in ticks, sizes in lots (signed, long positive), money in the smallest unit of the settlement asset (signed, owed
by the venue to the holder), rates in parts per million, times in microseconds.
"""

from __future__ import annotations

from typing import Final

ROW: Final = 3  # shift of an 8-word row
INF: Final = 1 << 62
WORD_BITS: Final = 32  # bits used per word of a bitmap
PAGE: Final = 10  # shift of a page of price levels
LEVEL: Final = 2  # shift of a price level: head, tail, lots, spare

# -- account row --------------------------------------------------------------------------------------------------------
A_BALANCE, A_POSITION, A_COUNT, A_ORDER, A_EPOCH, A_KIND, A_QUEUE, A_COLLATERAL = range(8)
KIND_ASSET: Final = 3  # A_KIND = kind | asset << KIND_ASSET
TRADER, MAKER, HOLDER, HOUSE = range(4)

# -- position row: P_KEY = account << MARKET_BITS | market ----------------------------------------------------------------
P_SIZE, P_COST, P_KEY, P_NEXT, P_TRIGGER, P_BUY, P_SELL, P_RATE = range(8)
MARKET_BITS: Final = 8
MARKET_MASK: Final = 255

# -- stake row: account -1 for the total of a fund ----------------------------------------------------------------------------
K_FUND, K_ACCOUNT, K_SHARES, K_ASKED, K_ASKED_VALUE, K_ASKED_TIME, K_COST, K_BASE = range(8)

# -- collateral row (4 words): C_KEY = account << MARKET_BITS | asset -------------------------------------------------------
COLLATERAL: Final = 2
C_AMOUNT, C_KEY, C_NEXT, C_SPARE = range(4)

# -- asset row ----------------------------------------------------------------------------------------------------------
# a holding is worth amount * S_PRICE // S_SCALE settlement units before the haircut
S_PRICE, S_SCALE, S_HAIRCUT, S_OUTSIDE, S_DUST, S_FEES, S_CONVERTER, S_SPARE = range(8)

# -- resting order row: N_KEY = account << 12 | reduce-only << 9 | market << 1 | side --------------------------------------
N_LOTS, N_PRICE, N_NEXT, N_PREVIOUS, N_KEY, N_ACCOUNT_NEXT, N_ACCOUNT_PREVIOUS, N_ID = range(8)
N_REDUCE: Final = 1 << 9
N_ACCOUNT: Final = 12

# -- market row (128 words) ------------------------------------------------------------------------------------------------
MARKET: Final = 7
(
    M_TABLE, M_PAGES, M_BID, M_ASK, M_LAST, M_INDEX, M_MARK, M_PREVIOUS_MARK, M_MULTIPLIER, M_INVERSE,
    M_RULES, M_ASSET, M_SETTLEMENT, M_OPEN_INTEREST, M_MAX_LOTS, M_MAX_OPEN_INTEREST, M_MAX_PRICE,
    M_FUND, M_POOL, M_BACKSTOP, M_CLEARING,
    M_RUN_LONG, M_RUN_LONG_COUNT, M_RUN_LONG_CURSOR, M_RUN_SHORT, M_RUN_SHORT_COUNT, M_RUN_SHORT_CURSOR,
    M_HEAP_LONG, M_HEAP_LONG_COUNT, M_HEAP_SHORT, M_HEAP_SHORT_COUNT, M_HEAP_CAPACITY,
    M_BASIS_SUM, M_BASIS_COUNT, M_BASIS_NEXT, M_BASIS_TIME, M_EMA_SCALED, M_MARK_TIME, M_INDEX_TIME,
    M_ADL_FLOOR_LONG, M_ADL_FLOOR_SHORT, M_HALTED, M_PREMIUM_SUM, M_PREMIUM_COUNT, M_FUNDING_RATE,
    M_FRESH, M_TAPE, M_UNWIND_TIME, M_UNWIND_CARRY, M_FUNDING_TIME, M_BUDGET_TIME, M_BUDGET_TOKENS,
    M_LONG_FIRST, M_LONG_END, M_SHORT_FIRST, M_SHORT_END, M_CLAIMED,
) = range(57)  # fmt: skip
# sums of socialised loss per lot, what one event liquidated
M_SHARED_LONG, M_SHARED_SHORT, M_EVENT_NOTIONAL, M_EVENT_OF = range(92, 96)
M_FUND_PAID, M_FUND_WINDOW_START, M_FUND_WINDOW_PAID, M_FUND_WINDOW_CASH = range(96, 100)
# publication of the index, prices of other venues, moving average of the touch (scaled), last price when the mark was made,
# announced rules (row + 1) and when they begin
M_INDEX_NEXT, M_INDEX_WAITS, M_OUTSIDE, M_TOUCH_SCALED, M_LAST_SEEN, M_RULES_NEXT, M_RULES_TIME = range(67, 74)
# settlement of marks: when the next one is due, when inventory is next sold, what funding stands at per lot
M_SETTLE_TIME, M_DISPOSAL_TIME, M_FUNDING_INDEX = range(114, 117)
# the liquidity pool, whether ADL is on for longs and for shorts
M_LIQUIDITY, M_POOL_ADL_LONG, M_POOL_ADL_SHORT = range(102, 105)
# deleveraging by trigger: whether it is on, what the watched holder gained in this market, whether its past was given
M_ADL_ON, M_FLOW, M_HISTORY = range(80, 83)
M_ID: Final = 127
HALT_NONE, HALT_REDUCE_ONLY, HALT_ALL = range(3)

# -- index source row (4 words), eight sources a market ---------------------------------------------------------------------
SOURCE: Final = 2
SOURCES: Final = 8
X_PRICE, X_WEIGHT, X_TIME, X_OUT = range(4)

# -- ring of basis samples, words a market ----------------------------------------------------------------------------------
RING: Final = 512

# -- rolling past of the watched holder, words a market: highest equity, highest result, last equity of each part of the window
PARTS: Final = 64
PAST: Final = 256
PAST_EQUITY, PAST_RESULT, PAST_LAST, PAST_PART, PAST_KNOWN, PAST_RESULT_LAST = 0, 64, 128, 192, 193, 194

# -- rules row (512 words) --------------------------------------------------------------------------------------------------
RULES: Final = 9
(
    R_TIERS, R_UPNL_LIQUIDATION, R_UPNL_OPENING, R_UPNL_WITHDRAWAL, R_TAKER_FEE, R_MAKER_FEE,
    R_BAND_USER, R_BAND_MAKER, R_BAND_LIQUIDATION, R_BAND_UNWIND, R_SELF_TRADE,
    R_INDEX, R_INDEX_CLAMP, R_INDEX_STALE_US, R_INDEX_MIN_SOURCES,
    R_MARK, R_BASIS_INTERVAL_US, R_BASIS_SAMPLES, R_BASIS_CLAMP, R_IMPACT_NOTIONAL,
    R_FUNDING_INTERVAL_US, R_FUNDING_CLAMP, R_FUNDING_CAP, R_FUNDING_INTEREST,
    R_DELAY_US, R_PER_SECOND, R_QUEUE_ORDER, R_CANCEL, R_AMOUNT, R_SHARE, R_PAUSE_US, R_MIN_LOTS,
    R_CLOSE, R_LIQUIDATION_TAKER_FEE, R_LIQUIDATION_FEE, R_BANKRUPTCY_FEE, R_SURPLUS, R_CROSS_ORDER, R_CROSS_PRICE,
    R_BACKSTOP_TAKES, R_BACKSTOP_CAPACITY, R_FUND_TAKES, R_FUND_CAPACITY, R_POOL_TAKES, R_POOL_CAPACITY,
    R_EVENT_CAPACITY,
    R_UNWIND, R_UNWIND_SHARE, R_UNWIND_DEPTH_BAND,
    R_ADL_RANK, R_ADL_PRICE, R_ADL_ELIGIBLE, R_OBSERVED, R_FRESH_TICKS, R_LIMIT_STALE_US,
) = range(55)  # fmt: skip
# socialised loss, fund rules, stakers, external liquidators
(
    R_SHARED_BASE, R_SHARED_SIDES, R_SHARED_INDEX_SCALE, R_SHARED_MOST, R_SHARED_SECOND_BASE, R_SHARED_WITHDRAWAL,
    R_LIQUIDATOR, R_LIQUIDATOR_FEE, R_LIQUIDATOR_FEE_MOST, R_LIQUIDATOR_FEE_WAIT_US, R_LIQUIDATOR_FEE_STEP_US, R_FEE_LIMIT,
    R_CALLER_SHARE, R_HEAL_BUFFER, R_RAMP_INITIAL, R_RAMP_DURATION_US, R_RAMP_SMALL, R_SMALL_POSITION,
    R_ORDERS_COUNT, R_UNSTAKE_US, R_FUND_KEEPS, R_FUND_PER_MARKET, R_FUND_PER_EVENT, R_FUND_WINDOW_US, R_FUND_PER_WINDOW,
) = range(130, 155)  # fmt: skip
# margin, prices, trigger. Derived: R_MARGIN_SPECIAL says whether a requirement is more than a tier's rate x notional at mark -
# amount, R_SCANS whether the test is another than equity at mark against it, so that every position is looked at
(
    R_MARGIN_TIERS, R_MARGIN_SPECIAL, R_MARGIN_BASIS, R_CLOSING_FEE, R_GROWTH, R_GROWTH_LOTS, R_INTEREST_LOW, R_INTEREST_HIGH,
    R_AMOUNT_TIERS,
    R_INDEX_EXCLUDE, R_INDEX_READMIT, R_INDEX_READMIT_US, R_INDEX_INTERVAL_US, R_INDEX_JUMP, R_MARK_MAX_MOVE, R_WITHOUT_INDEX,
    R_TRIGGER, R_TAKEOVER_BELOW, R_SCANS, R_PROFIT_HAIRCUT, R_PROFIT_FLOOR,
    R_BAND_BINDS, R_BAND_AROUND, R_CLIP_NOTIONAL,
) = range(75, 99)  # fmt: skip
# when profit becomes cash, who gets the last unit; inventory sold by schedule, sold on with a discount; funding's last unit
(
    R_REALISATION, R_CUT_REMAINDER, R_SETTLE_EVERY_US, R_DISPOSAL_STEP_US, R_DISPOSAL_SHARE, R_DISPOSAL_FULL, R_DISPOSAL_DEPTH,
    R_UNWIND_FEE, R_FUNDING_REMAINDER, R_CLAIM_DISCOUNT,
) = range(190, 200)  # fmt: skip
# a liquidity pool as the counterparty of every trade
(
    R_COUNTERPARTY, R_POOL_SPREAD, R_MIN_COLLATERAL, R_SETTLES_IN, R_LONG_BACKING, R_SHORT_BACKING, R_POOL_RESERVE,
    R_PROFIT_CAP, R_POOL_ADL, R_POOL_ADL_START, R_POOL_ADL_STOP,
) = range(160, 171)  # fmt: skip
# closing at a moving limit fill by fill, caps of an account in one block, and ADL in direct pairs
(
    R_FILLABLE_SPREAD, R_BANKRUPTCY_ADJUSTMENT, R_FILL_SETTLEMENT, R_REST, R_MIN_NOTIONAL, R_BLOCK_US, R_ONCE,
    R_BLOCK_NOTIONAL, R_BLOCK_LOSS, R_ADL_START, R_ADL_BATCH,
) = range(55, 66)  # fmt: skip
# health weights, and what an external liquidator of an account under them is paid
(
    R_HEALTH, R_INITIAL_ASSET, R_INITIAL_LIABILITY, R_MAINTENANCE_ASSET, R_MAINTENANCE_LIABILITY, R_PROFIT_WEIGHT,
    R_CASH_ASSET, R_CASH_LIABILITY, R_BASE_FEE, R_PLATFORM_FEE, R_PROFIT_FEE, R_SETTLE_LIMIT,
) = range(171, 183)  # fmt: skip
# takeover, funds and deleveraging of living venues
(
    R_ADL_TRIGGER, R_ADL_WATCHES, R_ADL_START_SHARE, R_ADL_STOP, R_ADL_WINDOW_US, R_ADL_START_AMOUNT, R_ADL_STOP_AMOUNT,
    R_ADL_UNFILLED_US, R_ADL_FAR, R_ADL_SPREAD, R_ADL_NETTING, R_ADL_PAIRING, R_ADL_FEE, R_WALLET_FLOOR, R_TAKEOVER_PRICE,
    R_TAKEOVER_LEVERAGE, R_UNWIND_TIME_US, R_UNWIND_STOP, R_FUND_NEGATIVE, R_SURPLUS_SHARE, R_FEE_SHARE, R_SETTLES,
) = range(100, 122)  # fmt: skip
R_LAYER: Final = 240
LAYERS: Final = 16
R_TIER: Final = 256
TIER: Final = 6
TIER_TOP, TIER_INITIAL, TIER_MAINTENANCE, TIER_AMOUNT, TIER_SPARE, TIER_SPARE_TOO = range(6)
MAX_TIERS: Final = 40

# entries of the slots, one small code each
SELF_TRADE_CANCEL_RESTING, SELF_TRADE_CANCEL_TAKER = range(2)
INDEX_MEAN, INDEX_MEDIAN, INDEX_WEIGHTED_MEDIAN = range(3)
MARK_MEDIAN, MARK_BASIS_MEAN, MARK_BASIS_EMA, MARK_INDEX, MARK_LAST, MARK_IMPOSED = range(6)
MARK_FUNDING_BASIS, MARK_IMPACT, MARK_VENUES = range(6, 9)
WITHOUT_KEEPS, WITHOUT_LAST, WITHOUT_MIDDLE = range(3)
QUEUE_WORST_FIRST, QUEUE_LARGEST_FIRST, QUEUE_ACCOUNT, QUEUE_LIMIT_DISTANCE = range(4)
CANCEL_ALL, CANCEL_MARKET, CANCEL_NONE = range(3)
AMOUNT_WHOLE, AMOUNT_TIER, AMOUNT_SHARE, AMOUNT_HEAL, AMOUNT_PORTION = range(5)
AMOUNT_EQUAL_SHARE: Final = 8
CLOSE_MARKET, CLOSE_BANKRUPTCY, CLOSE_TAPE, CLOSE_FILLABLE = range(4)
CLOSE_LIQUIDATOR: Final = 8
LIQUIDATOR_OUTSIDE, LIQUIDATOR_CALLER = range(2)
FEE_OF_EQUITY, FEE_OF_SPARE = range(2)
SETTLE_WHEN_FLAT, SETTLE_EACH_FILL = range(2)
REST_PLACED, REST_WAITS = range(2)
ORDERS_IGNORED, ORDERS_COUNTED = range(2)
SURPLUS_FUND, SURPLUS_TRADER = range(2)
CROSS_REQUIREMENT, CROSS_NOTIONAL, CROSS_LOSS, CROSS_MARKET = range(4)
CROSS_PRICE_RATIO, CROSS_PRICE_ALL = range(2)
UNWIND_HOLD, UNWIND_AT_ONCE, UNWIND_SHARE = range(3)
RANK_PROFIT_LEVERAGE, RANK_PROFIT, RANK_PROFIT_MAINTENANCE, RANK_LARGEST, RANK_RANDOM_START = range(5)
ADL_AT_BANKRUPTCY, ADL_AT_MARK = range(2)
ELIGIBLE_PROFITABLE_FIRST, ELIGIBLE_PROFITABLE_ONLY, ELIGIBLE_OVERLAP = range(3)
BATCH_INSTANT, BATCH_DIRECT = range(2)
LAYER_END, LAYER_BACKSTOP, LAYER_FUND, LAYER_POOL, LAYER_ADL, LAYER_SOCIALISE = range(6)
LAYER_HAIRCUT: Final = 9
PROFIT_IGNORED, PROFIT_COUNTS, PROFIT_HAIRCUT = range(3)
TRIGGER_MARK, TRIGGER_LAST, TRIGGER_BOTH = range(3)
SHARED_BY_PROFIT, SHARED_BY_POSITION, SHARED_BY_EQUITY, SHARED_BY_DEPOSIT = range(4)
SIDES_BOTH, SIDES_LONG, SIDES_SHORT = range(3)
WITHDRAWAL_WHOLE, WITHDRAWAL_CUT = range(2)
BAND_TAKES_OVER, BAND_RETRIES, BAND_RESTS = range(3)
AROUND_MARK, AROUND_INDEX = range(2)
TIERS_MARGINAL, TIERS_WHOLE = range(2)
BASIS_MARK, BASIS_ENTRY = range(2)
LAYER_LIQUIDITY: Final = 16
COUNTERPARTY_BOOK, COUNTERPARTY_POOL = range(2)
SETTLES_IN_CASH, SETTLES_IN_KIND = range(2)
POOL_ADL_CHOSEN, POOL_ADL_RANKED = range(2)
HEALTH_TIERS, HEALTH_WEIGHTS = range(2)
# codes of the entries that living venues added begin at 10, so that slots can grow side by side
RANK_WALLET, RANK_WALLET_MARGIN, RANK_PRICE_LEVERAGE, RANK_PRO_RATA, RANK_POSITION_LEVERAGE, RANK_RETURN = range(10, 16)
ADL_AT_PREVIOUS_MARK, ADL_AT_INDEX, ADL_UNLESS_FAR, ADL_AT_SPREAD, ADL_MARK_WHILE_FUNDED = range(10, 15)
ELIGIBLE_ALL: Final = 10
(
    TRIGGER_EXHAUSTED, TRIGGER_DRAWDOWN, TRIGGER_THRESHOLD, TRIGGER_FLOOR, TRIGGER_INVENTORY, TRIGGER_UNFILLED,
    TRIGGER_PEAK_DROP,
) = range(7)  # fmt: skip
WATCH_FUND, WATCH_POOL, WATCH_BACKSTOP = range(3)
PAIR_IN_ORDER, PAIR_AVERAGE = range(2)
TAKEOVER_AT_BANKRUPTCY, TAKEOVER_AT_MARK = range(2)
SETTLES_IN_ORDER, SETTLES_SURPLUS_FIRST = range(2)
LAYER_BOOK, LAYER_EQUITY = range(10, 12)

REALISED_BY_TRADES, REALISED_AT_MARKS, REALISED_ON_COMMAND = range(3)
REMAINDER_DUST, REMAINDER_LAST_WINNER = range(2)
FUNDING_TO_DUST, FUNDING_TO_FUND = range(2)
FUNDING_BY_INDEX: Final = 2  # flags of a funding command
CLOSE_HANDOVER: Final = 20
UNWIND_SCHEDULE: Final = 20

# -- commands: op, account, market, flags, price, lots or amount, reference, time ----------------------------------------------
(
    OP_NONE, OP_ORDER, OP_CANCEL, OP_CANCEL_ALL, OP_DEPOSIT, OP_WITHDRAW, OP_TRANSFER, OP_INDEX, OP_CLOCK, OP_FUNDING,
    OP_RULE, OP_USE_RULES, OP_HALT, OP_IMPOSED, OP_OPEN, OP_COLLATERAL, OP_ASSET_PRICE, OP_LEVERAGE, OP_MARK, OP_TAPE,
    OP_SOURCE, OP_ACCOUNT,
) = range(22)  # fmt: skip
OP_OUTSIDE: Final = 25
OP_SETTLE, OP_TAKE_ACCOUNT, OP_CLAIM, OP_IMPOSED_FEE = range(45, 49)
OP_POOL_DELEVERAGE, OP_TAKE_BASE, OP_TAKE_LOSS = range(39, 42)
OP_LIQUIDATE, OP_STAKE, OP_REQUEST_UNSTAKE, OP_CANCEL_UNSTAKE, OP_UNSTAKE = range(33, 38)
OP_HISTORY: Final = 28  # what the watched holder of a market had before the first command
O_OP, O_ACCOUNT, O_MARKET, O_FLAGS, O_PRICE, O_LOTS, O_REFERENCE, O_TIME = range(8)
SELL, IOC, FOK, POST_ONLY, REDUCE_ONLY, MARKET_ORDER = 1, 2, 4, 8, 16, 32
OP_PAIR, OP_FINAL = range(22, 24)
AT_MARK: Final = 64  # a pair closes at mark instead of at the bankruptcy price

# -- events: kind << 8 | market, account, cause (command number), reference, four amounts --------------------------------------
(
    E_NONE, E_ORDER_ACCEPTED, E_ORDER_FILLED, E_ORDER_CANCELLED, E_COMMAND_REJECTED, E_MARK_UPDATED, E_PRICE_REFUSED,
    E_LIQUIDATION_TRIGGERED, E_LIQUIDATION_WITHDRAWN, E_CLIP_CLOSED, E_LIQUIDATION_ENDED, E_POSITION_TAKEN_OVER,
    E_CAPACITY_REFUSED, E_DEFICIT_REALISED, E_FUND_PAID, E_FUND_RECEIVED, E_POSITION_DELEVERAGED, E_LOSS_SOCIALISED,
    E_CLAIM_UNCOVERED, E_INVENTORY_SOLD, E_MONEY_MOVED, E_FUNDING_SETTLED, E_FUNDING_PAID, E_RULES_CHANGED, E_MARKET_HALTED,
    E_FILL_IMPOSED, E_COLLATERAL_SOLD, E_LAYER_SKIPPED, E_FEE_CHARGED, E_ADL_STARTED, E_ADL_ENDED, E_FUND_EQUITY_NEGATIVE,
    E_TAKER_FILLED, E_ACCOUNT_OPENED,
) = range(34)  # fmt: skip
E_SOURCE_EXCLUDED, E_SOURCE_READMITTED, E_RULES_ANNOUNCED = range(39, 42)
(
    E_SETTLEMENT_PAID, E_SETTLEMENT_COVERED, E_SETTLEMENT_ENDED, E_RESULT_REALISED, E_QUOTE_MOVED, E_POSITION_INHERITED,
) = range(66, 72)  # fmt: skip
E_SHARING_STARTED, E_SHARE_ROUNDED, E_WITHDRAWAL_CUT, E_LIQUIDATOR_TOOK, E_LIQUIDATOR_PAID = range(51, 56)
E_CLOSE_LIMITED, E_FILL_SETTLED, E_FILL_REFUSED, E_PAIRS_STARTED, E_PAIRS_ENDED = range(34, 39)
(
    E_POOL_FILLED,
    E_PROFIT_CAPPED,
    E_COLLATERAL_SWAPPED,
    E_POOL_ADL_SWITCHED,
    E_LIQUIDITY_ABSORBED,
    E_BASE_TAKEN,
    E_RESULT_MOVED,
) = range(59, 66)
E_FUND_STAKED, E_UNSTAKE_ASKED, E_FUND_REBASED = range(56, 59)
E_ADL_TRIGGERED, E_ADL_RELEASED, E_HISTORY_GIVEN = range(44, 47)
V_KIND, V_ACCOUNT, V_CAUSE, V_REFERENCE, V_A, V_B, V_C, V_D = range(8)

# why a command was refused (amount a of E_COMMAND_REJECTED), why a capacity bound (amount b of E_CAPACITY_REFUSED)
(
    OK, BAD_VALUE, BAD_ACCOUNT, BAD_MARKET, OUTSIDE_BAND, NOTHING_TO_REDUCE, NO_MARGIN, WOULD_TAKE, NO_ROOM, UNKNOWN_ORDER,
    HALTED, NOT_FILLABLE, OVER_POSITION_LIMIT, OVER_OPEN_INTEREST, IN_LIQUIDATION, OUT_OF_SEQUENCE, NO_BALANCE, DUPLICATE_ID,
    NOT_OWNED, NO_MARK,
) = range(20)  # fmt: skip
ADL_NOT_ENABLED, ADL_OVERCORRECTS, INSOLVENT_CLOSE, OVER_POOL_RESERVE = range(34, 38)
BEYOND_LIMIT, ENOUGH_MARGIN, COOLDOWN, NO_STAKE = range(30, 34)
NOT_A_HOLDER, NOT_SETTLED = range(38, 40)
LARGER_THAN_HELD, WORSE_OFF = range(20, 22)
BOUND_NONE, BOUND_DISABLED, BOUND_NOTIONAL, BOUND_CASH, BOUND_EVENT, BOUND_SIZE, BOUND_ROOM = range(7)
BOUND_ONCE, BOUND_BLOCK_NOTIONAL, BOUND_BLOCK_LOSS = range(20, 23)
BOUND_TRIGGER, BOUND_TIME, BOUND_LEVERAGE = range(10, 13)
(
    CAUSE_SURPLUS, CAUSE_LIQUIDATION_FEE, CAUSE_DEFICIT, CAUSE_INVENTORY, CAUSE_DEPOSIT, CAUSE_CLEARING, CAUSE_TRANSFER,
    CAUSE_WITHDRAWAL,
) = range(8)  # fmt: skip
CAUSE_FUNDING_REMAINDER, CAUSE_ACCOUNT_TAKEN_OVER = range(20, 22)

# -- results of a market since the last reset (128 words) ------------------------------------------------------------------------
STATS: Final = 7
(
    T_LIQUIDATIONS, T_ACCOUNTS, T_LIQUIDATED_LOTS, T_LIQUIDATED_NOTIONAL, T_BOOK_LOTS, T_BOOK_NOTIONAL, T_ABOVE_LOTS,
    T_BELOW_LOTS, T_TAKEN_LOTS, T_TAKEN_NOTIONAL, T_TAKEN_RESULT_BACKSTOP, T_TAKEN_RESULT_FUND, T_TAKEN_RESULT_POOL,
    T_SURPLUS, T_FEES, T_DEFICIT, T_EQUITY, T_RETAINED, T_CASH_BACKSTOP, T_CASH_FUND, T_CASH_POOL, T_ADL_LOTS,
    T_ADL_NOTIONAL, T_ADL_CLOSES, T_ADL_TRANSFER, T_ADL_TRANSFER_INDEX, T_ADL_BY_CAPACITY, T_ADL_BY_LOSS, T_SOCIALISED,
    T_CARRIED, T_INVENTORY_REALISED, T_INVENTORY_SOLD_LOTS, T_INVENTORY_PEAK_NOTIONAL, T_EXTRAPOLATED_LOTS,
    T_EXTRAPOLATED_NOTIONAL, T_FILLS, T_REJECTED, T_PARTIAL, T_WITHDRAWN, T_REFUSED_LOTS, T_TRIGGER_CHECKS,
    T_FIRST_ADL_TIME, T_FIRST_PAID_TIME, T_FIRST_EXHAUSTED_TIME, T_ADL_BATCHES,
    T_INVENTORY_LOW, T_FUND_LOW, T_FUND_LOW_TIME, T_EQUITY_LOW, T_ADL_PRICE_NOTIONAL, T_REFUSED_CAPACITY, T_REFUSED_CASH,
    T_ADL_SIGNED_LOTS, T_ADL_AMOUNT,
) = range(54)  # fmt: skip
T_LIQUIDATOR_LOTS, T_LIQUIDATOR_NOTIONAL, T_LIQUIDATOR_FEES = range(80, 83)
# value book of what clearing holds: handed on by a holder, moved while it waited or was sold, still open; equity that paid
T_HANDED_ON, T_WAITED, T_PENDING, T_CASH_EQUITY, T_ADL_FEES = range(68, 73)

T_SETTLEMENTS, T_GAINS_CUT, T_SETTLEMENT_COVERED = range(104, 107)
T_LIQUIDITY_PAID, T_POOL_LOTS, T_POOL_ADL_LOTS, T_PROFIT_CAPPED = range(92, 96)

# -- header (64 words) ------------------------------------------------------------------------------------------------------
(
    H_EVENTS, H_EVENT_MASK, H_ACCOUNTS, H_POSITIONS, H_NODES, H_FREE_NODE, H_PAGES, H_FREE_PAGE, H_MARKETS, H_EPOCH,
    H_TOUCHED, H_ORDER_MASK, H_NOW, H_COMMANDS, H_LIQUIDATIONS, H_FULL, H_QUEUE_HEAD, H_QUEUE_TAIL, H_ASSETS, H_COLLATERALS,
    H_CLIPS, H_RULES, H_EVENTS_READ, H_LINEAR_EVENTS, H_ORDERS, H_STALE,
    H_RESERVED, H_LATENT, H_MATCH_AMOUNT, H_QUEUE_DIRTY,
    H_LATENT_PEAK, H_FOLDS,
) = range(32)  # fmt: skip
# the liquidation at hand: since when it waits, what of its shortage was freed
H_SINCE, H_FREED, H_STAKES = range(56, 59)
# of a clip: what the layers paid less what they received while its fills were settled one by one; the closing order's limit, 0: none
H_SETTLED, H_LIMIT = range(48, 50)
# what was full (bits of H_FULL): the facade refuses to go on
(
    FULL_POSITIONS, FULL_NODES, FULL_PAGES, FULL_HEAP, FULL_EVENTS, FULL_QUEUE, FULL_CLIPS, FULL_ORDERS, FULL_ROUNDS,
    FULL_UNITS,
) = (1 << k for k in range(10))  # fmt: skip

# -- liquidation queue row (8 words) and ADL clip row (8 words) ------------------------------------------------------------------
QUEUE: Final = 3
Q_DUE, Q_ACCOUNT, Q_SINCE, Q_RANK, Q_FREED = range(5)
CLIP: Final = 3
L_LOTS, L_PRICE, L_ACCOUNT, L_REFERENCE, L_MARKET, L_CAUSE, L_SPARE, L_SPARE_TOO = range(8)
MAX_CLIPS: Final = 1 << 14

# -- what a position made at average entry, where profit does not become cash by trading: a row a position (4 words) ------------------
STATEMENT: Final = 2
Z_ENTRY_COST, Z_REALISED, Z_ENTRY_SPARE, Z_ENTRY_SPARE_TOO = range(4)
# -- what a position was liquidated for in one block (4 words): U_BLOCK is the number of the block and one; what a liquidity
# pool gained from the position since its account stands in line (signed) ------------------------------------------------------
USE: Final = 2
U_BLOCK, U_NOTIONAL, U_LOST, U_POOL_GAIN = range(4)

# -- what bounds the rank of a position (a word each): 0 unknown, the epoch in which its account was touched, BOUND_UNFIT, or
# side * (entry price << 32 | price at which the account's equity is zero + 2^31), both in ticks ---------------------------------
BOUND_UNFIT: Final = -1
BOUND_PRICE: Final = 32
BOUND_ZERO: Final = 1 << 31

STATE_FIELDS: Final = (
    "header", "accounts", "positions", "markets", "rules", "table", "bits", "levels", "nodes", "orders", "heap", "run",
    "events", "touched", "scratch", "units", "assets", "collaterals", "sources", "ring", "stats", "queue", "clips",
    "statements", "uses", "stakes", "past", "bounds",
)  # fmt: skip

NO_PRICE: Final = 1 << 30  # exclusive bound of every price, and the best ask of an empty side
PAGE_WORDS: Final = 33  # 32 words of 32 levels, one summary word
PAGE_LEVELS: Final = 1 << PAGE
SIZE_BOUND: Final = 1 << 40
POSITION_BOUND: Final = 1 << 57  # value of one position at the highest price
MONEY_BOUND: Final = 1 << 60  # balance of one account, deposits of one asset


def table_words(pages_log2: int) -> int:
    """Return the words of one market's page directory and the bitmap levels above it."""
    words = 1 << pages_log2
    level = words
    while level > 1:
        level = max(1, level >> 5)
        words += level
    return words
