"""The `realisation` slot. When profit and loss become cash, and what winners get when losers cannot pay."""

from __future__ import annotations

from dataclasses import dataclass

from shortfall.kernels import layout as at
from shortfall.rules.record import choice, entry, rule


@dataclass(frozen=True, slots=True)
class Realisation:
    """When profit and loss become cash, and what winners get when losers cannot pay."""

    method: str = choice(
        at.R_REALISATION, "average-entry", "when profit and loss become cash",
        average_entry=entry(
            at.REALISED_BY_TRADES, "a reducing trade realises against the average entry",
            "realised = -amount - floor(cost * closed / held); the settlement account is the other side",
            sign="positive is a profit, owed to the account",
            rounding="the closed share of cost floors, the rest stays in the position",
            sources=("Binance: /fapi/v2/positionRisk entryPrice", "assumed: the accounting of most venues"),
            venues=("Binance", "Bybit", "OKX"),
        ),
        mark_to_market=entry(
            at.REALISED_AT_MARKS,
            "all positions are settled at the mark, at every mark or at the end of a session: losers pay what they have, then "
            "the layers with cash pay, then the gains of this settlement are cut pro rata",
            "due = size * mark - cost, then cost = size * mark; a winner gets floor(due * pot / gains), "
            "pot = gains - what nobody paid",
            sign="due is positive for a winner",
            rounding="shares floor, the remainder by realisation.remainder",
            sources=(
                "Vega: protocol/0012-POSR-position_resolution.md and 0002-STTL-settlement.md, core/collateral at a50750cc",
                "assumed: a session settlement (Deribit daily, old OKEx with its clawback) is the same entry with an interval",
            ),
            venues=("Vega",),
        ),
        quote_balance=entry(
            at.REALISED_ON_COMMAND,
            "trading realises nothing: results, funding and imposed fees stay in the position's cost until it is settled by command",
            "cost += amount; profit = size * mark - cost",
            sign="cost is positive where the position paid more than it received",
            sources=("Orderly: contract-evm src/LedgerImplA.sol at 425cad49",),
            venues=("Orderly",),
        ),
    )  # fmt: skip
    remainder: str = choice(
        at.R_CUT_REMAINDER, "dust", "who gets the units that rounding leaves when gains are cut",
        dust=entry(
            at.REMAINDER_DUST, "the dust account", "remainder = pot - sum of floors",
            rounding="less than one unit a winner", sources=("assumed: the ledger's own rule for remainders",),
        ),
        last_winner=entry(
            at.REMAINDER_LAST_WINNER,
            "the last winner in the order in which positions were first opened, or a holder of inventory that won; it can get more "
            "than it was due",
            "last share = pot - sum of the other floors",
            rounding="all to one",
            sources=("Vega: core/collateral/engine_test.go TestMTMLossSocializationUnderflow at a50750cc",),
            venues=("Vega",),
        ),
    )  # fmt: skip
    interval: int = rule(
        at.R_SETTLE_EVERY_US, "duration", 0, "time between settlements of marks, 0 for every mark",
        "the first clock or price at or after the end of a session settles; sessions start with the first mark",
        sources=("Vega: network.markPriceUpdateMaximumFrequency 0s", "Deribit: daily settlement at 8:00 UTC"),
        venues=("Vega", "Deribit"),
    )  # fmt: skip
