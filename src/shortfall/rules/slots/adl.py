"""The `adl` slot. Auto-deleveraging: who is cut, at what price."""

from __future__ import annotations

from dataclasses import dataclass

from shortfall.kernels import layout as at
from shortfall.rules.record import choice, entry, rule

STEPS = "down, in steps of 2**-20; ties go to the lower account id"
SHARE = "profit share = (value at mark - entry cost) / abs(entry cost)"


@dataclass(frozen=True, slots=True)
class Deleveraging:
    """Auto-deleveraging: who is cut, at what price."""

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
    )  # fmt: skip
