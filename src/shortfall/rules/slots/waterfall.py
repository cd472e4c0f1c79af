"""The layers of the waterfall, asked in the order in which a rule set names them."""

from __future__ import annotations

from typing import Final

from shortfall.kernels import layout as at
from shortfall.rules.record import Entry, entry

CASH = "paid = min(missing, cash of the holder)"
SIGN = "positive in paid_by: the layer paid; negative: it received"

LAYER_ENTRIES: Final[dict[str, Entry]] = {
    "backstop": entry(
        at.LAYER_BACKSTOP, "a liquidation provider takes positions over and pays with its own capital",
        "takes the clip at the bankruptcy price within its capacity; never pays for another account's fills", sign=SIGN,
        rounding="lots round down to capacity",
        sources=("Hyperliquid: docs, Liquidations (liquidator vault)", "Deribit: LSP", "Kraken Futures: position assignment system"),
        venues=("Hyperliquid", "Deribit", "Kraken Futures", "Lighter"),
    ),
    "fund": entry(
        at.LAYER_FUND, "the insurance fund of the contract takes positions over and pays what is missing", CASH, sign=SIGN,
        rounding="exact: money only moves",
        sources=("Binance: FAQ 360033525371, Insurance fund", "BitMEX: Insurance fund", "dYdX v4: insurance-fund module account"),
        venues=("Binance", "BitMEX", "OKX", "dYdX v4"),
    ),
    "pool": entry(
        at.LAYER_POOL, "a fund shared by several contracts takes positions over and pays what is missing", CASH, sign=SIGN,
        rounding="exact: money only moves",
        sources=("Bybit: Insurance fund (pools and groups)", "Binance: insuranceBalance (groups of symbols)"), venues=("Bybit", "Binance"),
    ),
    "liquidity": entry(
        at.LAYER_LIQUIDITY,
        "the liquidity pool goes without what an account cannot pay: its providers bear it",
        "paid = min(debt, what the pool gained from this liquidation, pool cash)",
        sign="positive is lost by the pool's providers",
        sources=(
            "GMX: gmx-io/gmx-synthetics@a5c0c88 test/guardian/testLiquidation.ts (a pool receives no more than the collateral)",
            "Jupiter: https://docs.jup.ag/user-docs/trade/perps-and-jlp/liquidation",
        ),
        venues=("GMX", "Jupiter", "Synthetix v3"),
    ),
    "adl": entry(
        at.LAYER_ADL, "opposite positions are closed in rank order",
        "all clips of an instant in one batch per contract; winners by adl.rank until the clips are closed",
        sign="adl_transfer = side x (mark - price) x size; positive is given up by the winner",
        rounding="lots are whole; the last winner is cut in part",
        sources=("Binance: FAQ 360033525471, ADL", "BitMEX: ADL", "Hyperliquid: docs, Auto-deleveraging"),
        venues=("Binance", "Bybit", "OKX", "BitMEX", "Hyperliquid", "dYdX v4"),
    ),
    "socialise": entry(
        at.LAYER_SOCIALISE, "what is missing is shared on the base that `socialise.base` names",
        "each pays missing * own base / sum of bases; a position that nobody takes is closed at mark, and the deficit is shared",
        sign="positive: a winner pays",
        rounding="by cumulated bases in order of account id: exact in sum, each part within one unit of pro rata and never above its base",
        sources=(
            "OKX: clawback, before it was replaced by ADL", "Vega: 0012-POSR", "Drift v2: controller/liquidation.rs",
            "Mango v4: socialize_loss", "percolator: crisis waterfall",
        ),
        venues=("Vega", "Drift v2", "Mango v4", "Vertex", "percolator"),
    ),
    "haircut": entry(
        at.LAYER_HAIRCUT, "what is still missing is shared a second time, on the base that `socialise.second_base` names",
        "as `socialise`, on another base: profits first, then the fund, then everybody's equity, in the order that is named",
        sign="positive: a holder of equity pays",
        rounding="by cumulated bases in order of account id: exact in sum, each part within one unit of pro rata and never above its base",
        sources=("percolator: crisis waterfall",), venues=("percolator",),
    ),
    "book": entry(
        at.LAYER_BOOK, "the order book stands at this place instead of before all layers",
        "layers named before it are offered the clip first; the closing order then meets the book, and so do clips without a winner",
        sign="a fill's difference to mark is nobody's payment", rounding="exact",
        sources=("Deribit: LSP API guide (provider, ADL, engine)",), venues=("Deribit",),
    ),
    "equity": entry(
        at.LAYER_EQUITY, "the venue's own money (its fee account) pays what is missing; it takes no positions",
        "paid = min(missing, balance of the venue's fee account)", sign=SIGN, rounding="exact: money only moves",
        sources=("assumed: no venue promises it; Binance paid compensation in October 2025", "CME: own contribution"),
    ),
}  # fmt: skip
