"""The `close` slot. How the closing order meets the book, and what it costs."""

from __future__ import annotations

from dataclasses import dataclass

from shortfall.kernels import layout as at
from shortfall.rules.record import choice, entry, rule

MILLION = 1_000_000
BANKRUPTCY = "bankruptcy price = (value at mark - equity beside it) / size; a long's price times (1 - fee) pays for it, a short's (1 + fee)"


@dataclass(frozen=True, slots=True)
class Close:
    """How the closing order meets the book, and what it costs."""

    style: str = choice(
        at.R_CLOSE, "bankruptcy", "the closing order",
        market=entry(
            at.CLOSE_MARKET, "market order: walks the book, may fill below bankruptcy, as far as fund cash can bear",
            "fills price by price; where ADL stands behind, lots stop where the loss below bankruptcy reaches the cash of the layers",
            sign="a fill below bankruptcy leaves the account's equity negative: its deficit",
            rounding="the lots that cash can bear round down",
            sources=("Hyperliquid: docs, Liquidations (market orders to the book)", "Deribit: liquidation"),
            venues=("Hyperliquid", "Deribit"),
        ),
        bankruptcy=entry(
            at.CLOSE_BANKRUPTCY, "limited at bankruptcy, immediate or cancel; the rest is taken over", BANKRUPTCY,
            sign="never fills worse than the price at which equity is zero",
            rounding="a long's price rounds up, a short's down: closing there leaves nothing owed",
            sources=("Binance: FAQ 360033525271", "Bybit: Liquidation process", "Lighter: circuit/src/liquidation.rs (zero price)"),
            venues=("Binance", "Bybit", "BitMEX", "Lighter"),
        ),
        handover=entry(
            at.CLOSE_HANDOVER,
            "no order: the layers take the position over at mark at once, and what is left of the account's cash with it",
            "takeover price = mark; surplus = balance once the account is flat",
            sources=(
                "Vega: protocol/0012-POSR-position_resolution.md (the network takes a distressed position at mark)",
                "Orderly: staging-docs.orderly.network insurance-fund-and-adl (the fund takes the account)",
            ),
            venues=("Vega", "Orderly"),
        ),
        liquidator=entry(
            at.CLOSE_LIQUIDATOR, "no order: an external liquidator takes the clip over at mark, for `liquidator.fee`",
            "position moves at mark; the account pays floor(notional x liquidator.fee), and the fund's fee on the same notional",
            sign="the liquidator receives; the account may end with negative equity, which the layers are asked for",
            rounding="fees round down, for the account",
            sources=("Drift v2: controller/liquidation.rs (liquidate_perp)", "Mango v4: perp_liq_base_or_positive_pnl"),
            venues=("Drift v2", "Mango v4", "Vertex", "Orderly"),
        ),
        tape=entry(
            at.CLOSE_TAPE, "fills at the recorded price and moves nothing", "amount = lots * recorded price, against the outside world",
            sources=("assumed: replay of an observed path, no venue's rule",),
        ),
        fillable=entry(
            at.CLOSE_FILLABLE, "limited at a price that moves away from mark with the account's distress, immediate or cancel",
            "limit = (value at mark - spread * distress * maintenance of the position) / size, "
            "distress = min(1, adjustment * (1 - equity / maintenance of the account)) from 0",
            sign="the closer to bankruptcy, the farther from mark; may lie beyond the bankruptcy price",
            rounding="the spread down, the price towards mark",
            sources=("dYdX v4: x/clob/keeper/liquidations.go", "dYdX: help.dydx.trade articles/166973"), venues=("dYdX v4",),
        ),
    )  # fmt: skip
    fillable_spread: int = rule(
        at.R_FILLABLE_SPREAD, "ppm", 100_000, "widest distance of a fillable limit from mark, as share of the maintenance rate",
        "see close.style=fillable", high=10 * MILLION, rounding="see close.style=fillable",
        sources=("dYdX v4: spread_to_maintenance_margin_ratio_ppm (0.1 in the repository)",), venues=("dYdX v4",),
    )  # fmt: skip
    bankruptcy_adjustment: int = rule(
        at.R_BANKRUPTCY_ADJUSTMENT, "ppm", MILLION, "how fast a fillable limit widens as equity falls below maintenance",
        "see close.style=fillable", high=100 * MILLION, sources=("dYdX v4: bankruptcy_adjustment_ppm (1 by default)",), venues=("dYdX v4",),
    )  # fmt: skip
    settlement: str = choice(
        at.R_FILL_SETTLEMENT, "when-flat", "when the layers settle what fills differ from the bankruptcy price",
        when_flat=entry(
            at.SETTLE_WHEN_FLAT, "once the account is flat: its negative balance is what is asked", "owed = -balance of the flat account",
            sign="positive: owed to the account", sources=("assumed: venues state the bankrupt account, not the fill",),
        ),
        each_fill=entry(
            at.SETTLE_EACH_FILL, "each resting order at once, whole or not at all; one that cash or cap cannot pay for ends the order",
            "over = fill amount - bankruptcy amount of its lots as of now; over > 0: fee = min(over, amount * liquidation_fee / 10**6); "
            "over < 0: the layers pay -over, if their cash and amount.loss_per_block reach",
            sign="over is positive above the bankruptcy price", rounding="the bankruptcy amount up, for the account; the fee down",
            sources=("dYdX v4: x/clob/keeper/liquidations.go (insurance fund delta of a fill)",), venues=("dYdX v4",),
        ),
    )  # fmt: skip
    rest: str = choice(
        at.R_REST, "placed", "what becomes of lots that the book did not take",
        placed=entry(
            at.REST_PLACED, "offered to the layers at once, in the order of the waterfall", "while the account is below maintenance",
            sources=("Binance: FAQ 360033525271", "Bybit: Liquidation process"), venues=("Binance", "Bybit"),
        ),
        waits=entry(
            at.REST_WAITS, "waits for the next try, unless nothing filled and equity at mark is negative: then it is offered",
            "offered where filled lots = 0 and equity < 0", sign="equity at mark, after the fills",
            sources=("dYdX v4: x/clob/abci.go (deleverages accounts with negative collateral whose order got nothing)",),
            venues=("dYdX v4",),
        ),
    )  # fmt: skip
    taker_fee: int = rule(
        at.R_LIQUIDATION_TAKER_FEE, "ppm", 0, "taker fee of liquidation orders", "fee = ceil(amount * taker_fee / 10**6)", high=50_000,
        sign="the account pays", rounding="up, against the account", sources=("dYdX v4: no taker fee in a liquidation",),
    )  # fmt: skip
    liquidation_fee: int = rule(
        at.R_LIQUIDATION_FEE, "ppm", 0, "liquidation fee to the fund, junior to everything",
        "fee = min(floor(amount * liquidation_fee / 10**6), equity left beside the rest at its bankruptcy price)", high=MILLION,
        sign="the account pays, the fund receives", rounding="down; never more than the equity left",
        sources=("Binance: exchangeInfo, liquidationFee", "dYdX v4: max_liquidation_fee_ppm"), venues=("Binance", "dYdX v4"),
    )  # fmt: skip
    bankruptcy_fee: int = rule(
        at.R_BANKRUPTCY_FEE, "ppm", 0, "closing fee contained in the bankruptcy price", BANKRUPTCY, high=100_000,
        rounding="as the bankruptcy price", sources=("Bybit: Bankruptcy price (closing fee inside)",), venues=("Bybit",),
    )  # fmt: skip
    surplus: str = choice(
        at.R_SURPLUS, "fund", "what is left after a whole close",
        fund=entry(
            at.SURPLUS_FUND, "goes to the fund", "fund receives the balance of the flat account", sign="positive: the fund receives",
            sources=("Bybit: Insurance fund", "OKX: Security fund", "BitMEX: Insurance fund"), venues=("Bybit", "OKX", "BitMEX", "Gate"),
        ),
        trader=entry(
            at.SURPLUS_TRADER, "stays with the trader", "the balance of the flat account is untouched",
            sources=("Kraken Futures: Equity protection process", "Deribit: liquidation", "Hyperliquid: docs, Liquidations"),
            venues=("Kraken Futures", "Deribit", "Hyperliquid"),
        ),
    )  # fmt: skip
    cross_order: str = choice(
        at.R_CROSS_ORDER, "requirement", "which position of a cross account is closed first",
        requirement=entry(
            at.CROSS_REQUIREMENT, "largest maintenance requirement", "key = maintenance(notional), descending; ties: lower market",
            rounding="maintenance rounds up", sources=("assumed: most venues do not publish the order",),
        ),
        notional=entry(
            at.CROSS_NOTIONAL, "largest notional", "key = notional at mark, descending; ties: lower market",
            sources=("assumed: most venues do not publish the order",),
        ),
        loss=entry(
            at.CROSS_LOSS, "largest loss", "key = entry cost - value at mark, descending; ties: lower market", sign="positive: a loss",
            sources=("OKX: cross-margin liquidation (modelled)",), venues=("OKX",),
        ),
        market=entry(at.CROSS_MARKET, "order of markets", "key = -market number", sources=("assumed: for adapters and tests",)),
    )  # fmt: skip
    cross_price: str = choice(
        at.R_CROSS_PRICE, "ratio", "bankruptcy price of one position of a cross account",
        ratio=entry(
            at.CROSS_PRICE_RATIO, "equity is allocated by maintenance requirement",
            "equity beside it = floor(equity * maintenance of the position / maintenance of the account)",
            sign="signed like the account's equity", rounding="down: the parts never exceed the whole",
            sources=("dYdX v4: x/clob/keeper/liquidations.go", "Lighter: zero price", "StarkEx: deleverage.cairo (ratio rule)"),
            venues=("dYdX v4", "Lighter"),
        ),
        all=entry(
            at.CROSS_PRICE_ALL, "all equity stands beside this position", "equity beside it = equity of the account",
            sign="signed like the account's equity", sources=("Bybit: Bankruptcy price used for ADL (cross margin)",), venues=("Bybit",),
        ),
    )  # fmt: skip
