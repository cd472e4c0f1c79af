"""The `adl` slot. Auto-deleveraging: when, who is cut, at what price."""

from __future__ import annotations

from dataclasses import dataclass

from shortfall.kernels import layout as at
from shortfall.rules.record import choice, entry, rule

MILLION = 1_000_000
HOUR_US = 3_600_000_000

STEPS = "down, in steps of 2**-20; ties go to the lower account id"
SHARE = "profit share = (value at mark - entry cost) / abs(entry cost)"


@dataclass(frozen=True, slots=True)
class Deleveraging:
    """Auto-deleveraging: when, who is cut, at what price."""

    rank: str = choice(
        at.R_ADL_RANK, "profit-leverage", "order of winners (ties: lowest account id)",
        profit_leverage=entry(
            at.RANK_PROFIT_LEVERAGE, "profit share x notional / equity",
            f"{SHARE}; key = profit share * abs(value at mark) / equity of the account",
            sign="positive: in profit; zero or below: behind all winners", rounding=STEPS,
            sources=("Binance: FAQ 360033525471, ADL", "OKX: ADL", "BitMEX: ADL"), venues=("Binance", "OKX", "BitMEX", "Bybit"),
        ),
        profit=entry(
            at.RANK_PROFIT, "profit share", f"{SHARE}; key = profit share", sign="positive: in profit", rounding=STEPS,
            sources=("KuCoin: ADL in cross margin",), venues=("KuCoin",),
        ),
        profit_maintenance=entry(
            at.RANK_PROFIT_MAINTENANCE, "profit share x maintenance / equity",
            f"{SHARE}; key = profit share * maintenance / equity of the account",
            sign="positive: in profit", rounding=STEPS, sources=("Bitget: ADL (ROI x MMR)", "Gate: ADL"), venues=("Bitget", "Gate"),
        ),
        largest=entry(
            at.RANK_LARGEST, "largest notional", "key = abs(value at mark) of those in profit", sign="positive: in profit",
            sources=("assumed: for comparison",),
        ),
        wallet_profit=entry(
            at.RANK_WALLET, "profit over wallet balance",
            "key = (value at mark - entry cost) / max(adl.wallet_floor, balance of the account)",
            sign="positive: in profit", rounding=STEPS,
            sources=("Binance: developer forum 17801, quantile (older formula, without its margin ratio)",),
        ),
        wallet_margin=entry(
            at.RANK_WALLET_MARGIN, "profit over wallet balance x margin ratio",
            "key = profit / max(adl.wallet_floor, balance) * maintenance / equity of the account; behind all winners without equity",
            sign="positive: in profit", rounding=STEPS,
            sources=("Binance: developer forum 17801, quantile (older formula)", "Aster: docs, ADL", "Aevo: docs, ADL"),
            venues=("Aster", "Aevo"),
        ),
        price_leverage=entry(
            at.RANK_PRICE_LEVERAGE, "mark / entry x notional / equity",
            "key = mark / entry * abs(value at mark) / equity of the account; entry / mark for a short",
            sign="positive; zero for those without profit unless adl.eligible=all", rounding=STEPS,
            sources=("Hyperliquid: docs, Auto-deleveraging (assumed: the ratio is turned over for shorts)",), venues=("Hyperliquid",),
        ),
        pro_rata=entry(
            at.RANK_PRO_RATA, "everybody in the same proportion, those in profit before the others",
            "cut of winner i = floor(need * lots up to i / all lots) less the same up to i - 1, by account id",
            rounding="exact in sum, within one lot of pro rata", sources=("assumed: the neutral rule to compare rank orders with",),
        ),
        position_leverage=entry(
            at.RANK_POSITION_LEVERAGE, "profit share x leverage of the position alone",
            f"{SHARE}; key = profit share * abs(value at mark) / equity beside the position (close.cross_price)",
            sign="positive: in profit", rounding=STEPS,
            sources=("BitMEX: ADL (leverage = mark value / (mark value - bankrupt value))", "Satori: docs, ADL", "Astros: docs, ADL"),
            venues=("BitMEX",),
        ),
        return_on_margin=entry(
            at.RANK_RETURN, "profit over initial margin",
            "key = profit / initial margin at mark, at the tier's rate or that of the chosen leverage",
            sign="positive: in profit", rounding=STEPS, sources=("assumed: leveraged return as Bybit's pages name it",),
        ),
        random_start=entry(
            at.RANK_RANDOM_START, "by account id, in a round that begins at adl.start_account",
            "key = accounts - ((account - start) mod accounts); with a profit rule those without profit have key 0",
            sources=("dYdX v4: x/clob/keeper/deleveraging.go (pseudo-random start)",), venues=("dYdX v4",),
        ),
    )  # fmt: skip
    start_account: int = rule(
        at.R_ADL_START, "count", 0, "account at which adl.rank=random-start begins; whoever draws it sets it",
        "taken modulo the number of accounts", sources=("dYdX v4: x/clob/keeper/deleveraging.go",), venues=("dYdX v4",),
    )  # fmt: skip
    batch: str = choice(
        at.R_ADL_BATCH, "instant", "how clips and winners meet",
        instant=entry(
            at.BATCH_INSTANT, "all clips of an instant net and are closed in one batch; what nobody takes stays with clearing",
            "see waterfall=adl", sources=("Hyperliquid: docs, Auto-deleveraging",), venues=("Hyperliquid",),
        ),
        direct=entry(
            at.BATCH_DIRECT, "each account's lots against one opposite position after another; what nobody takes stays with the account",
            "price of each pair = bankruptcy price as of now; layers named behind adl are not offered positions",
            sign="positive transfer: given up by the counterparty", rounding="the price as the bankruptcy price",
            sources=("dYdX v4: x/clob/keeper/deleveraging.go",), venues=("dYdX v4",),
        ),
    )  # fmt: skip
    price: str = choice(
        at.R_ADL_PRICE, "bankruptcy", "price of the close",
        bankruptcy=entry(
            at.ADL_AT_BANKRUPTCY, "bankruptcy price of the liquidated position", "see close.style=bankruptcy",
            sign="adl_transfer = side x (mark - price) x size; positive is given up by the winner",
            rounding="as the bankruptcy price; the amount is exact",
            sources=("Binance: FAQ 360033525471, ADL", "BitMEX: ADL", "dYdX v4: deleveraging.go"),
            venues=("Binance", "Bybit", "BitMEX", "dYdX v4"),
        ),
        mark=entry(
            at.ADL_AT_MARK, "mark; the difference is asked of the layers behind", "price = mark at the instant",
            sign="adl_transfer is 0; what the account owes at mark is asked of the later layers",
            sources=("OKX: ADL (mark price unless the fund is nearly empty)", "Aevo: docs, ADL"), venues=("OKX",),
        ),
        previous_mark=entry(
            at.ADL_AT_PREVIOUS_MARK, "mark of the previous update", "price = the mark before the latest one",
            sign="clearing keeps or owes (previous mark - bankruptcy price) x size: surplus, or asked of the later layers",
            sources=("Hyperliquid: docs, Auto-deleveraging",), venues=("Hyperliquid",),
        ),
        index=entry(
            at.ADL_AT_INDEX, "index", "price = index; mark before the first index price",
            sources=("Hyperliquid: docs, Auto-deleveraging (older copy: previous oracle price)", "dYdX v4: final settlement"),
        ),
        bankruptcy_unless_far=entry(
            at.ADL_UNLESS_FAR, "bankruptcy price, but mark where the two are too far apart",
            "price = mark if abs(bankruptcy price - mark) > mark * adl.far, else bankruptcy price",
            sign="a difference to the bankruptcy price is asked of the later layers", rounding="the allowed distance floors to a tick",
            sources=("Bybit: help, ADL (third-party rewrite: 5 %)",), venues=("Bybit",),
        ),
        reference_spread=entry(
            at.ADL_AT_SPREAD, "mark with a spread in the winner's favour",
            "price = mark - mark * adl.spread for a winner who buys, + for one who sells",
            sign="the spread and the difference to the bankruptcy price are asked of the later layers",
            rounding="the spread floors to a tick", sources=("Deribit: docs, LSP API guide",), venues=("Deribit",),
        ),
        mark_while_funded=entry(
            at.ADL_MARK_WHILE_FUNDED, "mark as long as the layers' cash bears the difference, else bankruptcy price",
            "price = mark if (bankruptcy price - mark) x size <= cash of fund, pool and equity less what clearing owes already",
            sources=("OKX: ADL (mark price, bankruptcy price when the fund is nearly depleted)",), venues=("OKX",),
        ),
    )  # fmt: skip
    eligible: str = choice(
        at.R_ADL_ELIGIBLE, "profitable-first", "who may be cut",
        profitable_first=entry(
            at.ELIGIBLE_PROFITABLE_FIRST, "those in profit by rank, then the other holders of that side",
            "all opposite positions; rank 0 for those without profit", sources=("Deribit: ADL (any opposite position)",),
            venues=("Deribit",),
        ),
        profitable_only=entry(
            at.ELIGIBLE_PROFITABLE_ONLY, "only those in profit", "value at mark > entry cost",
            sources=("Ethereal: docs, Auto-deleveraging (assumed elsewhere: most venues speak of profitable positions only)",),
        ),
        overlap=entry(
            at.ELIGIBLE_OVERLAP, "who meets initial margin after the pair, or is not riskier than before (adl.batch=direct)",
            "equity' >= initial', or maintenance' <= maintenance and equity' / maintenance' >= equity / maintenance; flat: equity rises",
            sign="equity may be negative", rounding="exact: no quotient is rounded",
            sources=("dYdX v4: x/subaccounts (valid state transition of an undercollateralised subaccount)",), venues=("dYdX v4",),
        ),
        all=entry(
            at.ELIGIBLE_ALL, "everybody on the other side by rank, in profit or not",
            "all opposite positions; only adl.rank=price-leverage ranks those without profit",
            sources=("Hyperliquid: docs, Auto-deleveraging",), venues=("Hyperliquid",),
        ),
    )  # fmt: skip
    far: int = rule(
        at.R_ADL_FAR, "ppm", 50_000, "distance from mark beyond which bankruptcy-unless-far takes mark", high=MILLION
    )
    spread: int = rule(
        at.R_ADL_SPREAD, "ppm", 1_000, "spread of reference-spread, in the winner's favour", high=MILLION // 2
    )
    netting: bool = rule(
        at.R_ADL_NETTING, "switch", default=False, meaning="opposite inventory of the market's holders is closed before winners",
        formula="lots netted = min(clip, inventory, what the holder's cash bears), at the clip's own price",
        sources=("assumed: Hyperliquid's vaults get no special treatment, Vega's network netted first",),
    )  # fmt: skip
    pairing: str = choice(
        at.R_ADL_PAIRING, "in-order", "which winner meets which clip",
        in_order=entry(
            at.PAIR_IN_ORDER, "clips in the order in which they came, winners in rank order, each pair at the clip's price",
            "pair k closes min(lots left of clip, lots left of winner)", sources=("Binance: FAQ 360033525471, ADL",),
            venues=("Binance", "BitMEX"),
        ),
        average=entry(
            at.PAIR_AVERAGE, "all clips of a batch close at their mean price", "price = sum(lots * price) / sum(lots)",
            rounding="up for sold longs, down for bought shorts; the rest is surplus of clearing",
            sources=("assumed: Hyperliquid batches one price per asset and instant",),
        ),
    )  # fmt: skip
    fee: int = rule(
        at.R_ADL_FEE, "ppm", 0, "fee of a deleveraged winner, to the venue", "fee = min(amount * rate, equity after the close)",
        high=50_000, rounding="up", sources=("Bybit: help 900000031623 (maker fee to the winner)", "BingX: ADL"),
        venues=("BingX",),
    )  # fmt: skip
    wallet_floor: object = rule(
        at.R_WALLET_FLOOR, "money", 1, "least wallet balance that profit is divided by", high=1 << 57,
        sources=("Binance: developer forum 17801 (max(1, wallet balance))",),
    )  # fmt: skip
    trigger: str = choice(
        at.R_ADL_TRIGGER, "exhausted", "when winners stand before the watched holder",
        exhausted=entry(
            at.TRIGGER_EXHAUSTED, "only when it is their turn: every layer before has refused",
            "as capacity rules say", sources=("Binance: FAQ 360033525471, ADL", "BitMEX: ADL"), venues=("Binance", "BitMEX"),
        ),
        drawdown=entry(
            at.TRIGGER_DRAWDOWN, "the contract's loss against the holder's peak over a window",
            "on when peak result - result >= peak equity * adl.start, or equity <= 0; off when below adl.stop; what would exceed "
            "the start is given up by winners, and inventory beyond it goes to them at the price that holds the loss there",
            sign="result: what the holder gained in this contract, cash and inventory at mark", rounding="the level ceils",
            sources=("Bybit: API documentation v5, ADL alert", "Binance: Insurance Fund, oldest text (7.5 % in 8 h)"),
            venues=("Bybit",),
        ),
        peak_drop=entry(
            at.TRIGGER_PEAK_DROP, "the holder's equity has fallen from its peak over a window",
            "on when peak - equity >= peak * adl.start, or equity <= 0; off when below adl.stop", rounding="the level ceils",
            sources=("OKX: ADL, 2020 to April 2024 (30 % in 8 h)", "Bitget: ADL (older)"), venues=("OKX",),
        ),
        threshold=entry(
            at.TRIGGER_THRESHOLD, "the holder's equity is below its mean over a window less a share or an amount",
            "on when equity < mean - max(mean * adl.start, adl.start_amount); off at the same with stop",
            rounding="mean and share floor", sources=("OKX: ADL, text of about March 2025 (30 % or 50,000 USD)",), venues=("OKX",),
        ),
        floor=entry(
            at.TRIGGER_FLOOR, "the holder's equity is at or below a floor",
            "on when equity <= adl.start_amount, off when >= adl.stop_amount; inventory goes to winners at mark",
            sources=("OKX: API v5, ADL warning (adlBal, adlRecBal)", "Hyperliquid: statement after March 2025"),
            venues=("OKX", "Hyperliquid"),
        ),
        inventory=entry(
            at.TRIGGER_INVENTORY, "the holder's inventory in the contract is worth more than a cap",
            "on when notional > adl.start_amount, or cash * adl.start where that is 0; what is above stop goes to winners at mark",
            rounding="what is kept floors to a lot", sources=("Binance: Insurance Fund (net notional up to 100 % of the fund)",),
        ),
        unfilled=entry(
            at.TRIGGER_UNFILLED, "winners are asked only for orders that stood unfilled for a time",
            "asked when time since the trigger >= adl.unfilled_after",
            sources=("OKX: ADL, pre-market contracts (outstanding orders beyond time limits)",), venues=("OKX",),
        ),
    )  # fmt: skip
    watches: str = choice(
        at.R_ADL_WATCHES, "fund", "whose state the trigger looks at",
        fund=entry(at.WATCH_FUND, "the contract's fund", sources=("OKX: ADL",), venues=("OKX",)),
        pool=entry(at.WATCH_POOL, "the pool shared by several contracts", sources=("Bybit: API v5, insurance pools",), venues=("Bybit",)),
        backstop=entry(
            at.WATCH_BACKSTOP, "the backstop", sources=("Hyperliquid: docs, Liquidations",), venues=("Hyperliquid",),
        ),
    )  # fmt: skip
    start: int = rule(at.R_ADL_START_SHARE, "ppm", 300_000, "share at which the trigger starts", high=10 * MILLION)
    stop: int = rule(at.R_ADL_STOP, "ppm", 250_000, "share at which it stops", high=10 * MILLION)
    window: int = rule(
        at.R_ADL_WINDOW_US,
        "duration",
        8 * HOUR_US,
        "window of peak and mean, kept in 64 parts",
        low=at.PARTS,
        high=1 << 45,
    )
    start_amount: object = rule(at.R_ADL_START_AMOUNT, "money", 0, "amount at which the trigger starts", high=1 << 57)
    stop_amount: object = rule(at.R_ADL_STOP_AMOUNT, "money", 0, "amount at which it stops", high=1 << 57)
    unfilled_after: int = rule(at.R_ADL_UNFILLED_US, "duration", 0, "how long an order stands before winners are asked")
